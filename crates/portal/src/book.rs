//! An interface as the portal shows it, read from its OpenAPI description.

use serde_json::{Map, Value};

use crate::recorded::{self, Recorded};

/// How calls of an interface are signed, where the browser can do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// They are not.
    None,
    /// SHA-1 over key, timestamp, nonce and message. Source: 现金贷's contract page.
    Sha1OverMessage,
    /// v3 of 前程贷: the head of the token and the time, encrypted for the server by this public
    /// key (PEM, SPKI).
    EncryptedHead(String),
}

/// One interface.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its word in addresses.
    pub word: &'static str,
    /// Its OpenAPI description.
    pub description: Value,
    /// How its calls are signed.
    pub signing: Signing,
}

/// One call, read from a description.
pub(crate) struct Operation {
    /// In capitals.
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    /// What stands in the description besides the table of answers.
    pub(crate) note: String,
    pub(crate) is_protected: bool,
    pub(crate) fields: Vec<Field>,
    /// The media type of the body; empty where there is none.
    pub(crate) media: String,
    pub(crate) answers: Vec<(String, String)>,
    /// The example of the description.
    pub(crate) example: Option<Value>,
    pub(crate) recorded: Option<Recorded>,
}

/// One field of a request.
pub(crate) struct Field {
    pub(crate) name: String,
    /// `path`, `query`, `header` or `body`.
    pub(crate) place: String,
    pub(crate) kind: String,
    pub(crate) is_required: bool,
    pub(crate) about: String,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A code or text that may be any plain value.
fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

impl Book {
    /// What stands above the calls: `title`, `description`, `version`.
    pub(crate) fn info(&self, name: &str) -> String {
        self.description.get("info").map(|info| text(info, name)).unwrap_or_default()
    }

    /// Codes that any call can answer, and then those of protected calls.
    pub(crate) fn everywhere(&self, name: &str) -> Vec<(String, String)> {
        self.description.get(name).map(answers).unwrap_or_default()
    }

    /// How callers show who they are: type, name, where.
    pub(crate) fn scheme(&self) -> Option<(String, String, String)> {
        let schemes = self.description.pointer("/components/securitySchemes")?.as_object()?;
        let scheme = schemes.values().next()?;
        Some((text(scheme, "type"), text(scheme, "name"), text(scheme, "in")))
    }

    /// Every call, by path and method as described.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let paths = self.description.get("paths").and_then(Value::as_object);
        let mut all = Vec::new();
        for (path, methods) in paths.into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                all.push(read(path, method, operation));
            }
        }
        all
    }
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let method = method.to_uppercase();
    let mut fields: Vec<Field> = Vec::new();
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        fields.push(Field {
            name: text(parameter, "name"),
            place: text(parameter, "in"),
            kind: parameter.get("schema").map(kind).unwrap_or_default(),
            is_required: parameter.get("required") == Some(&Value::Bool(true)),
            about: text(parameter, "description"),
        });
    }
    let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
    let body = content.and_then(|content| content.iter().next());
    let media = body.map(|(media, _)| media.clone()).unwrap_or_default();
    if let Some(schema) = body.and_then(|(_, body)| body.get("schema")) {
        fields.extend(body_fields(schema));
    }
    let described = text(operation, "description");
    let is_table = described.starts_with('|');
    Operation {
        summary: text(operation, "summary"),
        note: if is_table { String::new() } else { described },
        is_protected: operation.get("security").is_some(),
        fields,
        media,
        answers: own_answers(operation),
        example: example(operation),
        recorded: recorded::of(&method, path),
        path: path.to_owned(),
        method,
    }
}

fn kind(schema: &Value) -> String {
    let values = schema.get("enum").and_then(Value::as_array);
    let values = values.map(|values| values.iter().map(|it| plain(Some(it))).collect::<Vec<_>>());
    match values {
        Some(values) => values.join(" | "),
        None => plain(schema.get("type")),
    }
}

fn body_fields(schema: &Value) -> Vec<Field> {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let field = |(name, property): (&String, &Value)| Field {
        name: name.clone(),
        place: "body".to_owned(),
        kind: kind(property),
        is_required: required.contains(&name.as_str()),
        about: text(property, "description"),
    };
    let mut fields: Vec<_> = properties.iter().map(field).collect();
    // What must be there comes first, in the order of the document.
    let place =
        |field: &Field| required.iter().position(|name| *name == field.name).unwrap_or(usize::MAX);
    fields.sort_by_key(place);
    fields
}

fn answers(list: &Value) -> Vec<(String, String)> {
    let answer = |answer: &Value| (plain(answer.get("code")), plain(answer.get("msg")));
    list.as_array().into_iter().flatten().map(answer).collect()
}

/// The answers of the call alone; where they are told by status, each status with its words.
fn own_answers(operation: &Value) -> Vec<(String, String)> {
    if let Some(own) = operation.get("x-answers") {
        return answers(own);
    }
    let responses = operation.get("responses").and_then(Value::as_object);
    let told =
        |(status, response): (&String, &Value)| (status.clone(), text(response, "description"));
    responses.into_iter().flatten().map(told).collect()
}

fn example(operation: &Value) -> Option<Value> {
    let responses = operation.get("responses")?.as_object()?;
    let success = responses.iter().find(|(status, _)| status.starts_with('2'))?.1;
    let content = success.get("content")?.as_object()?;
    content.values().find_map(|media| media.get("example").cloned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_description_is_read_whole() {
        let description = json!({
            "info": {"title": "T", "version": "1"},
            "paths": {"/a/{id}": {"post": {
                "summary": "S",
                "description": "| code |\n|---|\n",
                "security": [{"b": []}],
                "parameters": [{"name": "id", "in": "path", "required": true,
                    "schema": {"type": "integer"}, "description": "I"}],
                "requestBody": {"content": {"application/json": {"schema": {
                    "properties": {"a": {"type": "string"}, "z": {"enum": [1, "x"]}},
                    "required": ["z"]}}}},
                "responses": {"200": {"content": {"application/json": {"example": {"k": 1}}}}},
                "x-answers": [{"code": 0, "msg": "OK"}, {"code": "E", "msg": ""}]}}},
            "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}
        });
        let book = Book { word: "t", description, signing: Signing::None };
        let [operation] = &book.operations()[..] else { panic!("not one") };
        assert_eq!((operation.method.as_str(), operation.path.as_str()), ("POST", "/a/{id}"));
        assert!(operation.is_protected && operation.note.is_empty());
        let fields: Vec<_> = operation
            .fields
            .iter()
            .map(|field| (field.name.as_str(), field.place.as_str(), field.kind.as_str()))
            .collect();
        let expected = [("id", "path", "integer"), ("z", "body", "1 | x"), ("a", "body", "string")];
        assert_eq!(fields, expected);
        assert_eq!(operation.answers, [("0".into(), "OK".into()), ("E".into(), String::new())]);
        assert_eq!(operation.example, Some(json!({"k": 1})));
        assert_eq!(book.scheme(), Some(("http".into(), String::new(), String::new())));
    }
}
