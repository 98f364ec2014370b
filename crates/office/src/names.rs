//! Who did something, by name: answers tell operators by number.

use serde_json::Value;

use crate::Office;
use crate::json::all;
use crate::visit::Visit;

/// Fields that hold numbers of operators.
const FIELDS: &[&str] = &[
    "by",
    "closed_by",
    "collector",
    "decided_by",
    "holder_id",
    "operator_id",
    "requested_by",
    "used_by",
];

/// Writes names in the place of the numbers of operators, where an answer has any.
pub(crate) async fn told(office: &Office, visit: &Visit, answer: &mut Value) {
    if !tells(answer) {
        return;
    }
    let names = visit.get(office, "/operators/names", &[]).await.json();
    let name = |number: i64| {
        let known = all(&names, "items").iter().find(|known| known["id"] == number)?;
        known["name"].as_str().map(|name| format!("{name} #{number}"))
    };
    replace(answer, &name);
}

/// The number of an operator in an answer, named or not.
pub(crate) fn number(value: &Value) -> Option<i64> {
    let named = || value.as_str()?.rsplit_once(" #")?.1.parse().ok();
    value.as_i64().or_else(named)
}

fn tells(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            is_operator(value)
                || object.iter().any(|(field, value)| {
                    (FIELDS.contains(&field.as_str()) && value.is_i64()) || tells(value)
                })
        }
        Value::Array(all) => all.iter().any(tells),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether an actor of the audit trail is an operator.
fn is_operator(value: &Value) -> bool {
    value["kind"] == "operator" && value["id"].is_i64()
}

fn replace(value: &mut Value, name: &impl Fn(i64) -> Option<String>) {
    let actor = value["id"].as_i64().filter(|_| is_operator(value)).and_then(name);
    match value {
        Value::Object(object) => {
            if let Some(actor) = actor {
                object.insert("name".to_owned(), actor.into());
            }
            for (field, value) in object.iter_mut() {
                let named = value.as_i64().filter(|_| FIELDS.contains(&field.as_str()));
                match named.and_then(name) {
                    Some(named) => *value = named.into(),
                    None => replace(value, name),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|value| replace(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_of_operators_become_names_and_no_others() {
        let mut answer = json!({
            "items": [
                { "id": 2, "operator_id": 2, "customer_id": 2, "decided_by": null },
                { "actor": { "kind": "operator", "id": 2 }, "subject": { "kind": "loan", "id": 2 } },
                { "requested_by": 3 },
            ],
        });
        assert!(tells(&answer));
        replace(&mut answer, &|number| (number == 2).then(|| "王工 #2".to_owned()));
        let want = json!({
            "items": [
                { "id": 2, "operator_id": "王工 #2", "customer_id": 2, "decided_by": null },
                { "actor": { "kind": "operator", "id": 2, "name": "王工 #2" },
                  "subject": { "kind": "loan", "id": 2 } },
                { "requested_by": 3 },
            ],
        });
        assert_eq!(answer, want);
        assert_eq!(number(&answer["items"][0]["operator_id"]), Some(2));
        assert_eq!((number(&json!(3)), number(&json!(null))), (Some(3), None));
        assert!(!tells(&json!({ "loan": { "id": 1, "customer_id": 2 } })));
    }
}
