//! The OpenAPI 3.1 description of the back office, from its table of calls.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use channel_kit::route::{Field, Place};
use serde_json::{Map, Value, json};

use crate::failure::{
    BODY_BROKEN, BODY_MALFORMED, BODY_TOO_LARGE, BUSY, FIELD_WRONG, KEY_MALFORMED, KEY_REUSED,
    NO_RIGHT, NOT_LOGGED_IN, QUERY_MALFORMED,
};
use crate::operation::{APPROVAL, Access, Operation, Refusal};
use crate::{Console, approvals, routes};

/// What any call can answer.
const EVERYWHERE: &[Refusal] = &[
    BODY_TOO_LARGE,
    BODY_BROKEN,
    BODY_MALFORMED,
    QUERY_MALFORMED,
    KEY_MALFORMED,
    FIELD_WRONG,
    BUSY,
];
/// What only calls of operators answer, before their own.
const PROTECTED: &[Refusal] = &[NOT_LOGGED_IN, NO_RIGHT, KEY_REUSED];

/// The description.
pub fn openapi(version: &str) -> Value {
    let mut paths = Map::new();
    for route in routes() {
        let item = paths.entry(route.operation.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(route.operation.method.word().into(), call(route.operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Jiehuan back office",
            "description": "For operators and scripts. Amounts are yuan as text, rates percent as text, \
                            instants RFC 3339, business days YYYY-MM-DD. \
                            A changing call may carry an Idempotency-Key: its first answer is kept \
                            and given again; \
                            not where the body holds a password.",
            "version": version,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "paths": paths,
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Error": {
                "type": "object",
                "required": ["error"],
                "properties": { "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {
                        "code": { "type": "string", "description": "a word for programs" },
                        "message": { "type": "string", "description": "a sentence for people" }
                    }
                } }
            } }
        }
    })
}

/// Serves the description.
pub(crate) async fn serve(State(console): State<Console>) -> Response {
    let description = openapi(console.settings.version).to_string();
    ([(CONTENT_TYPE, "application/json")], description).into_response()
}

/// Every way in which a call can be refused.
pub fn refusals(operation: &Operation) -> Vec<Refusal> {
    let protected = operation.access != Access::Open;
    let mut refusals: Vec<_> = if protected { PROTECTED.to_vec() } else { Vec::new() };
    refusals.extend_from_slice(EVERYWHERE);
    refusals.extend_from_slice(operation.refusals);
    refusals
}

fn call(operation: &Operation) -> Value {
    let protected = operation.access != Access::Open;
    let refusals = refusals(operation);
    let right = match operation.access {
        Access::Open => "Needs no log-in.".to_owned(),
        Access::LoggedIn => "Needs a log-in.".to_owned(),
        Access::With(right) => format!("Needs the right `{}`.", right.word()),
    };
    let mut responses = succeed(operation);
    for refusal in &refusals {
        refuse(&mut responses, refusal);
    }
    let parameters = operation.fields.iter().filter(|field| field.place != Place::Body);
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "description": right,
        "parameters": parameters.map(parameter).collect::<Vec<_>>(),
        "responses": responses,
    });
    if let Some(described) = described.as_object_mut() {
        if protected {
            described.insert("security".into(), json!([{ "bearer": [] }]));
        }
        if let Some(body) = body(operation.fields) {
            described.insert("requestBody".into(), body);
        }
    }
    described
}

/// The answers that are no refusals.
fn succeed(operation: &Operation) -> Map<String, Value> {
    let (status, example) = operation.success;
    let content = match serde_json::from_str::<Value>(example) {
        Ok(example) => json!({ "application/json": { "example": example } }),
        Err(_) => json!({ example: {} }),
    };
    let success = json!({ "description": "Success.", "content": content });
    let mut responses = Map::new();
    responses.insert(status.to_string(), success);
    if operation.fields.contains(&APPROVAL) {
        let example: Value = serde_json::from_str(approvals::EXAMPLE).unwrap_or(Value::Null);
        let awaited = json!({
            "description": "Nothing is done yet: a second operator has been asked. Once they have \
                            approved, the call is repeated with the approval's id.",
            "content": { "application/json": { "example": example } },
        });
        responses.insert("202".into(), awaited);
    }
    responses
}

/// Adds a refusal to the answers of its status.
fn refuse(responses: &mut Map<String, Value>, refusal: &Refusal) {
    let line = format!("`{}`: {}.", refusal.code, refusal.message);
    let status = refusal.status.to_string();
    let known = responses.get(&status).and_then(|answer| answer["description"].as_str());
    let description = match known {
        Some(known) if known.contains(&line) => known.to_owned(),
        Some(known) => format!("{known} {line}"),
        None => line,
    };
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    let content = json!({ "application/json": { "schema": schema } });
    responses.insert(status, json!({ "description": description, "content": content }));
}

fn operation_id(operation: &Operation) -> String {
    let path = operation.path.strip_prefix("/console/api").unwrap_or(operation.path);
    let words = path.split(['/', '{', '}', '-', '.']).filter(|word| !word.is_empty());
    std::iter::once(operation.method.word()).chain(words).collect::<Vec<_>>().join("_")
}

fn parameter(field: &Field) -> Value {
    let place = if field.place == Place::Path { "path" } else { "query" };
    json!({ "name": field.name, "in": place, "required": field.required,
            "description": field.about, "schema": { "type": field.kind } })
}

fn body(fields: &[Field]) -> Option<Value> {
    let fields: Vec<_> = fields.iter().filter(|field| field.place == Place::Body).collect();
    if fields.is_empty() {
        return None;
    }
    let properties: Map<String, Value> = fields
        .iter()
        .map(|f| (f.name.into(), json!({ "type": f.kind, "description": f.about })))
        .collect();
    let required: Vec<_> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required,
                         "additionalProperties": false });
    Some(json!({ "required": !required.is_empty(),
                 "content": { "application/json": { "schema": schema } } }))
}
