//! Every example of `docs/calc.md` is run, so that the page cannot say what is not so.

use std::collections::BTreeSet;
use std::sync::Arc;

use kernel::Date;
use serde_json::Value;

use super::any_value::fields;
use crate::{Options, Tables, reply};

const PAGE: &str = include_str!("../../../../docs/calc.md");

/// The JSON of a block, without the fence that ends it.
fn json(block: &str) -> Value {
    let text = block.split("```").next().unwrap();
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Each request of the page with the answer that stands below it.
fn examples() -> Vec<(Value, Value)> {
    let blocks = PAGE.split("```json request\n").skip(1);
    let examples = blocks.map(|block| {
        let (request, rest) = block.split_once("```json answer\n").expect("an answer");
        (json(request), json(rest))
    });
    examples.collect()
}

fn answer(request: &Value) -> Value {
    let tables = Arc::new(Tables::shipped().unwrap());
    let options = Options { today: Date::parse("2026-11-23").unwrap(), explain: false, tables };
    serde_json::to_value(reply(request, &options)).unwrap()
}

/// Whether everything wanted is there: of objects the fields, of lists of objects those in their
/// order, of other lists everything.
fn has(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            want.iter().all(|(name, want)| got.get(name).is_some_and(|got| has(got, want)))
        }
        (Value::Array(got), Value::Array(want)) if want.iter().all(Value::is_object) => {
            let mut left = got.iter();
            want.iter().all(|want| left.any(|got| has(got, want)))
        }
        (Value::String(got), Value::String(want)) => got == want || are_alike(got, want),
        _ => got == want,
    }
}

/// Theoretical figures of many digits are the same on every machine but for the last of them.
fn are_alike(got: &str, want: &str) -> bool {
    let (Ok(one), Ok(other)) = (got.parse::<f64>(), want.parse::<f64>()) else { return false };
    want.len() > 14 && ((one - other) / other).abs() < 1e-12
}

#[test]
fn every_example_of_the_page_is_answered_as_it_says() {
    let examples = examples();
    for (request, want) in &examples {
        let got = answer(request);
        assert!(has(&got, want), "{request}\nsays {want}\nis {got}");
        assert_eq!(got.get("ignored"), None, "{request}");
    }
    assert!(examples.len() > 30, "{}", examples.len());
    assert_eq!(examples.len(), PAGE.matches("```json answer").count());
}

#[test]
fn every_field_of_requests_and_answers_stands_on_the_page() {
    fn names(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    found.insert(name.clone());
                    names(value, found);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| names(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found: BTreeSet<String> = fields().into_iter().map(str::to_owned).collect();
    for (mut request, _) in examples() {
        request["explain"] = true.into();
        names(&answer(&request), &mut found);
    }
    let words: BTreeSet<_> =
        PAGE.split('`').skip(1).step_by(2).flat_map(|code| code.split([',', ' ', '.'])).collect();
    let missing: Vec<_> = found.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
