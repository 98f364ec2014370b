//! The description holds every field that the calculator reads and writes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use calculator::{Options, Tables};
use kernel::Date;
use serde_json::Value;

use super::describe;

/// All names of properties in a schema and below it.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                found.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| names(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| names(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_field_that_is_read_is_described() {
    let mut described = BTreeSet::new();
    names(&describe("0"), &mut described);
    // Remarks that mean nothing.
    let remarks = ["title", "note", "name", "group", "kind", "rule"];
    let readers = [
        "value", "text", "amount", "percent", "date", "count", "flag", "list", "object", "has",
        "size", "payments", "parts_of",
    ];
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../calculator/src"), &mut files);
    let mut count = 0;
    for file in files.iter().filter(|file| !file.to_string_lossy().contains("tests")) {
        let text = fs::read_to_string(file).unwrap();
        for reader in readers {
            for call in [
                format!(".{reader}(\""),
                format!("{reader}(fields, \""),
                format!("{reader}(&own, \""),
            ] {
                let found = text.split(&call).skip(1).filter_map(|rest| rest.split('"').next());
                for field in found.filter(|field| !remarks.contains(field)) {
                    count += 1;
                    assert!(described.contains(field), "{field}, read in {}", file.display());
                }
            }
        }
    }
    assert!(count > 80, "fields are read in another way than this test knows: {count}");
}

/// Asserts that every name in an answer stands among the properties of its schema.
#[track_caller]
fn check(answer: &Value, schema: &Value, place: &str) {
    match answer {
        Value::Object(map) => {
            for (name, value) in map {
                let own = &schema["properties"][name];
                assert!(own.is_object(), "{place}.{name} is not described");
                check(value, own, &format!("{place}.{name}"));
            }
        }
        Value::Array(list) => {
            assert_eq!(schema["type"], "array", "{place}");
            for value in list {
                check(value, &schema["items"], place);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_example_is_answered_and_every_field_of_a_loan_described() {
    let description = describe("0");
    let tables = Tables::shipped().unwrap().into();
    let options = Options { today: Date::parse("2026-11-23").unwrap(), explain: true, tables };
    let body = &description["paths"]["/calc"]["post"]["requestBody"]["content"];
    for (name, example) in body["application/json"]["examples"].as_object().unwrap() {
        let one = std::slice::from_ref(&example["value"]);
        let requests = example["value"].as_array().map_or(one, Vec::as_slice);
        for request in requests {
            let answer = calculator::answer(request, &options);
            let answer = answer.unwrap_or_else(|problem| panic!("{name}: {problem}"));
            if matches!(answer, calculator::Answer::Loan(_)) {
                let schema = &description["components"]["schemas"]["LoanAnswer"];
                check(&serde_json::to_value(answer).unwrap(), schema, name);
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let description = describe("0");
    let text = description.to_string();
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(description["components"]["schemas"][name].is_object(), "{name}");
    }
}
