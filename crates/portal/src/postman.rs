//! Postman collections (format 2.1), one for each interface.

use channel_kit::form::decoded;
use serde_json::{Map, Value, json};

use crate::book::{Book, Field, Operation, Signing};

/// The format that Postman reads.
const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// The collection of an interface. `{{base}}` and `{{token}}` are its variables.
pub(crate) fn collection(book: &Book) -> Value {
    let items: Vec<_> = book.operations().iter().map(|operation| item(book, operation)).collect();
    let signs = book.signing == Signing::Sha1OverMessage;
    let script = json!({"type": "text/javascript", "exec": SIGN.lines().collect::<Vec<_>>()});
    let event = json!({"listen": "prerequest", "script": script});
    json!({
        "info": {
            "name": book.info("title"),
            "description": book.info("description"),
            "schema": SCHEMA,
        },
        "item": items,
        "event": if signs { vec![event] } else { Vec::new() },
        "variable": [
            {"key": "base", "value": "http://127.0.0.1:8080"},
            {"key": "token", "value": ""},
            {"key": "app_key", "value": ""},
        ],
    })
}

/// Signs the body before it is sent, by the variable `app_key`.
const SIGN: &str = r#"const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).filter((key) => value[key] !== null).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
};
if (pm.request.body && pm.request.body.mode === "raw") {
  const message = JSON.parse(pm.variables.replaceIn(pm.request.body.raw) || "{}");
  message.timestamp = String(Date.now());
  message.nonce = String(Math.floor(Math.random() * 1e8)).padStart(8, "0");
  delete message.sign;
  const key = pm.variables.get("app_key");
  const text = key + message.timestamp + message.nonce + JSON.stringify(sorted(message));
  message.sign = CryptoJS.SHA1(text).toString();
  pm.request.body.update(JSON.stringify(message));
}"#;

fn item(book: &Book, operation: &Operation) -> Value {
    let mut request = Map::new();
    request.insert("method".to_owned(), json!(operation.method));
    request.insert("header".to_owned(), json!(headers(book, operation)));
    request.insert("url".to_owned(), url(operation));
    request.insert("description".to_owned(), json!(operation.note));
    let body = match operation.media.as_str() {
        "" => None,
        "application/x-www-form-urlencoded" => {
            let pair = |field: &Field| {
                json!({"key": field.name, "value": "", "description": field.about,
                    "disabled": !field.is_required})
            };
            let pairs: Vec<_> = body_fields(operation).map(pair).collect();
            Some(json!({"mode": "urlencoded", "urlencoded": pairs}))
        }
        _ => {
            let language = json!({"raw": {"language": "json"}});
            Some(json!({"mode": "raw", "raw": example_body(operation), "options": language}))
        }
    };
    request.extend(body.map(|body| ("body".to_owned(), body)));
    json!({
        "name": format!("{} {}", operation.summary, operation.path),
        "request": request,
        "response": [],
    })
}

fn headers(book: &Book, operation: &Operation) -> Vec<Value> {
    let mut headers: Vec<_> = operation
        .fields
        .iter()
        .filter(|field| field.place == "header")
        .map(|field| {
            let values: Vec<_> = field.kind.split(" | ").collect();
            // The last before the signed one: what most suites use.
            let value = values.get(1).or_else(|| values.first()).copied().unwrap_or_default();
            json!({"key": field.name, "value": value})
        })
        .collect();
    let is_cookie = book.scheme().is_some_and(|(_, _, place)| place == "cookie");
    if operation.is_protected && !is_cookie {
        headers.push(json!({"key": "Authorization", "value": "Bearer {{token}}"}));
    }
    if operation.media == "application/json" {
        headers.push(json!({"key": "Content-Type", "value": "application/json"}));
    }
    headers
}

fn url(operation: &Operation) -> Value {
    let path: Vec<_> = operation
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => format!(":{name}"),
            None => part.to_owned(),
        })
        .collect();
    let of = |place: &'static str| operation.fields.iter().filter(move |it| it.place == place);
    let query: Vec<_> = of("query")
        .map(|field| {
            json!({"key": field.name, "value": "", "description": field.about,
            "disabled": !field.is_required})
        })
        .collect();
    let variables: Vec<_> = of("path")
        .map(|field| json!({"key": field.name, "value": "", "description": field.about}))
        .collect();
    let raw = format!("{{{{base}}}}/{}", path.join("/"));
    json!({"raw": raw, "host": ["{{base}}"], "path": path, "query": query, "variable": variables})
}

fn body_fields(operation: &Operation) -> impl Iterator<Item = &Field> {
    operation.fields.iter().filter(|field| field.place == "body")
}

/// The fields of a form.
fn form(text: &str) -> Option<Value> {
    let mut fields = Map::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (decoded(name)?, decoded(value)?);
        fields.insert(name.into_owned(), Value::from(value.into_owned()));
    }
    Some(Value::Object(fields))
}

/// A body to begin with: what a test has sent, or every field with nothing in it.
pub(crate) fn example_body(operation: &Operation) -> String {
    let sent = operation.recorded.as_ref().map(|recorded| recorded.request.as_str());
    let sent = sent.and_then(|text| serde_json::from_str(text).ok().or_else(|| form(text)));
    if let Some(mut sent) = sent {
        // Whoever sends it signs it anew.
        if let Some(object) = sent.as_object_mut() {
            for name in ["sign", "timestamp", "nonce"] {
                object.remove(name);
            }
        }
        return serde_json::to_string_pretty(&sent).unwrap_or_default();
    }
    let is_signed = |name: &str| ["sign", "timestamp", "nonce"].contains(&name);
    let fields = body_fields(operation).filter(|field| !is_signed(&field.name));
    let empty = |field: &Field| {
        let value = match field.kind.as_str() {
            "integer" | "number" => json!(0),
            "boolean" => json!(false),
            "array" => json!([]),
            "object" => json!({}),
            _ => json!(""),
        };
        (field.name.clone(), value)
    };
    let object = Value::Object(fields.map(empty).collect());
    if operation.media.is_empty() {
        return String::new();
    }
    serde_json::to_string_pretty(&object).unwrap_or_default()
}
