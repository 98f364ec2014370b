//! OpenAPI 3.1 descriptions from the tables of the channels.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use crate::route::{Answer, Field, Operation, Place};

/// What stands above the calls, and what a channel has its own way for.
#[derive(Clone, Copy, Debug)]
pub struct About<C: 'static = u16> {
    /// Title of the description.
    pub title: &'static str,
    /// What a reader has to know first.
    pub description: &'static str,
    /// Header fields that every call needs: name, allowed values, meaning.
    pub headers: &'static [(&'static str, &'static [&'static str], &'static str)],
    /// Codes that any call can answer, in the order in which they are checked.
    pub everywhere: &'static [Answer<C>],
    /// Codes that only protected calls answer, before their own.
    pub protected: &'static [Answer<C>],
    /// Name and JSON of the scheme by which callers of protected calls show who they are.
    pub scheme: (&'static str, &'static str),
    /// How bodies are written: the media types that are read, the usual one first.
    pub media: &'static [&'static str],
    /// JSON schema of every answer.
    pub envelope: &'static str,
    /// A success with this data, as it is sent.
    pub sent: fn(Answer<C>, &Value) -> Value,
    /// The names of code and text.
    pub names: [&'static str; 2],
}

/// The description of a channel, from its calls with the code and text of their success.
pub fn describe<C: Copy + fmt::Display + Into<Value>>(
    about: &About<C>,
    version: &str,
    calls: &[(&Operation<C>, Answer<C>)],
) -> Value {
    let mut paths = Map::new();
    for (operation, success) in calls {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.word().into(), call(about, operation, *success));
        }
    }
    let (scheme, scheme_json) = about.scheme;
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "description": about.description,
            "version": version,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "x-answers-everywhere": told(about.everywhere),
        "x-answers-protected": told(about.protected),
        "paths": paths,
        "components": {
            "securitySchemes": { scheme: ready(scheme_json) },
            "schemas": { "Envelope": ready(about.envelope) }
        }
    })
}

/// Codes and texts, for tests that count which of them have been seen.
fn told<C: Copy + Into<Value>>(answers: &[Answer<C>]) -> Vec<Value> {
    answers.iter().map(|a| json!({ "code": a.code.into(), "msg": a.msg })).collect()
}

/// JSON that stands in the program.
fn ready(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or(Value::Null)
}

fn call<C: Copy + fmt::Display + Into<Value>>(
    about: &About<C>,
    operation: &Operation<C>,
    success: Answer<C>,
) -> Value {
    let mut own = vec![success];
    own.extend_from_slice(operation.refusals);
    let protected = if operation.protected { about.protected } else { &[] };
    let mut table = String::new();
    for answer in about.everywhere.iter().chain(protected).chain(&own) {
        let _ = writeln!(table, "| {} | {} |", answer.code, answer.msg);
    }
    let mut parameters: Vec<_> = about
        .headers
        .iter()
        .map(|(name, values, meaning)| {
            json!({ "name": name, "in": "header", "required": true, "description": meaning,
                    "schema": { "type": "string", "enum": values } })
        })
        .collect();
    parameters
        .extend(operation.fields.iter().filter(|field| field.place != Place::Body).map(parameter));
    let example = (about.sent)(success, &ready(operation.example));
    let [code, msg] = about.names;
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(operation),
        "description": format!("| {code} | {msg} |\n|---|---|\n{table}"),
        "parameters": parameters,
        "responses": { "200": {
            "description": "Every answer, success or not, is HTTP 200.",
            "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/Envelope" },
                "example": example
            } }
        } },
        "x-answers": told(&own)
    });
    if let Some(described) = described.as_object_mut() {
        if operation.protected {
            described.insert("security".into(), json!([{ about.scheme.0: [] }]));
        }
        if let Some(body) = body(operation.fields, about.media) {
            described.insert("requestBody".into(), body);
        }
    }
    described
}

fn operation_id<C>(operation: &Operation<C>) -> String {
    let words = operation.path.split(['/', '{', '}']).filter(|word| !word.is_empty());
    std::iter::once(operation.method.word()).chain(words).collect::<Vec<_>>().join("_")
}

fn parameter(field: &Field) -> Value {
    let place = if field.place == Place::Path { "path" } else { "query" };
    json!({ "name": field.name, "in": place, "required": field.required,
            "description": field.about, "schema": { "type": field.kind } })
}

fn body(fields: &[Field], media: &[&str]) -> Option<Value> {
    let fields: Vec<_> = fields.iter().filter(|field| field.place == Place::Body).collect();
    if fields.is_empty() {
        return None;
    }
    let properties: Map<String, Value> = fields
        .iter()
        .map(|f| (f.name.into(), json!({ "type": f.kind, "description": f.about })))
        .collect();
    let required: Vec<_> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    let content: Map<String, Value> =
        media.iter().map(|media| ((*media).to_owned(), json!({ "schema": schema }))).collect();
    Some(json!({ "required": !required.is_empty(), "content": content }))
}
