//! Figures from public test suites and official examples, run from their data.
//!
//! `testdata/loan_vectors.json` has them with their sources; what a request needs beyond a
//! vector's own `inputs`, because the source has it in its prose, stands in
//! `testdata/vector_requests.json`. `docs/decisions` names those that are not met.

use serde_json::{Map, Value};

use super::ask;

const VECTORS: &str = include_str!("../../testdata/loan_vectors.json");
const REQUESTS: &str = include_str!("../../testdata/vector_requests.json");

/// Vectors that are not met, each with its reason in `docs/decisions`.
const UNMET: &[&str] = &["loanpro-15000", "fin-rp14-partial", "fin-rp15-late2m"];

#[test]
fn every_vector_is_met_or_listed() {
    let data: Value = serde_json::from_str(VECTORS).unwrap();
    let requests: Value = serde_json::from_str(REQUESTS).unwrap();
    let mut problems = Vec::new();
    let mut unmet = Vec::new();
    let mut figures = 0;
    let vectors = data["vectors"].as_array().unwrap();
    for vector in vectors {
        let id = vector["id"].as_str().unwrap();
        let mut found = Vec::new();
        figures += check(vector, &requests[id], &mut found);
        if UNMET.contains(&id) && !found.is_empty() {
            unmet.push(id);
        } else {
            problems.extend(found.into_iter().map(|problem| format!("{id}: {problem}")));
        }
    }
    println!("{} vectors, {figures} figures, {} not met", vectors.len(), unmet.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // A vector that is met after all leaves the list.
    assert_eq!((vectors.len(), unmet.len()), (94, UNMET.len()));
}

/// The request of a vector: its inputs, with what is changed for it.
fn request(vector: &Value, changes: &Value) -> Map<String, Value> {
    let mut request = vector["inputs"].as_object().unwrap().clone();
    for (field, value) in changes.as_object().into_iter().flatten() {
        request.insert(field.clone(), value.clone());
    }
    // Payments of the allocation vectors stand with what is expected of them.
    if let Some(payments) = vector["expected"]["repayments"].as_array() {
        let payments = payments.iter().map(|p| serde_json::json!([p["date"], p["amount"]]));
        request.insert("payments".to_owned(), payments.collect());
    }
    request.insert("explain".to_owned(), true.into());
    request
}

/// Compares everything that a vector expects; gives the number of figures compared.
fn check(vector: &Value, changes: &Value, found: &mut Vec<String>) -> usize {
    let request = request(vector, changes);
    let answer = ask(&Value::Object(request.clone()));
    let mut figures = 0;
    let mut compare = |name: &str, want: &Value, got: &Value| {
        figures += 1;
        if !fits(want, got) {
            found.push(format!("{name}: wanted {want}, got {got}"));
        }
    };
    let with = |field: &str, value: Value| {
        let mut other = request.clone();
        other.insert(field.to_owned(), value);
        ask(&Value::Object(other))
    };
    let column = |name: &str| -> Vec<Value> {
        answer["rows"].as_array().unwrap().iter().map(|row| row[name].clone()).collect()
    };
    let second = |name: &str| -> Vec<Value> {
        let stretches = answer["stretches"].as_array().unwrap().iter();
        stretches.filter(|stretch| stretch["n"] == 2).map(|s| s[name].clone()).collect()
    };
    for (name, want) in vector["expected"].as_object().unwrap() {
        match name.as_str() {
            "rows" => rows(want, &answer, &mut compare),
            "rows_rounded" => {
                for (place, want) in want.as_object().unwrap() {
                    let row = &answer["rows"][place.parse::<usize>().unwrap()];
                    for (cell, want) in
                        ["principal", "interest", "balance"].iter().zip(want.as_array().unwrap())
                    {
                        compare(&format!("row {place} {cell}"), want, &to_yuan(&row[*cell]));
                    }
                }
            }
            "total_interest_rounded" => compare(name, want, &to_yuan(&answer["total_interest"])),
            "interest" | "instalments" if want.is_array() => {
                let cell = if name == "interest" { "interest" } else { "instalment" };
                compare(name, want, &Value::Array(column(cell)));
            }
            "period2_interest_parts" => compare(name, want, &Value::Array(second("interest"))),
            "period2_rate_factors" => compare(name, want, &Value::Array(second("factor"))),
            "exact_instalment" => compare(name, want, &with("rounding", Value::Null)["instalment"]),
            "half_even_would_be" => {
                compare(name, want, &with("rounding", "half-even".into())["interest"]);
            }
            "act365" => compare(name, want, &with("daycount", "ACT/365".into())["interest"]),
            "right" => compare(name, want, &answer["interest"]),
            "wrong" => assert_ne!(want, &answer["interest"]),
            // How good the published figure is; the exact one is compared beside it.
            "tolerance" => {}
            "exact" => compare(name, want, &answer["nominal"]),
            "nominal" => {
                let published: f64 = want.as_str().unwrap().parse().unwrap();
                let ours: f64 = answer["nominal"].as_str().unwrap().parse().unwrap();
                assert!((published - ours).abs() < 1e-6);
            }
            "principal_parts" => {
                let parts = answer[name].as_array().unwrap();
                let first = &parts[..want.as_array().unwrap().len()];
                compare(name, want, &Value::Array(first.to_vec()));
            }
            "apr_percent" if answer.get("apr_percent").is_none() => {
                compare(name, want, &answer["cost"]["nominal_percent"]);
            }
            _ => compare(name, want, &answer[name.as_str()]),
        }
    }
    figures
}

/// Compares rows cell by cell; what has no number is no row but a disbursement.
fn rows(want: &Value, answer: &Value, compare: &mut impl FnMut(&str, &Value, &Value)) {
    for row in want.as_array().unwrap().iter().filter(|row| row.get("n").is_some()) {
        let place = usize::try_from(row["n"].as_u64().unwrap()).unwrap() - 1;
        for (cell, want) in row.as_object().unwrap() {
            let name = format!("row {} {cell}", row["n"]);
            compare(&name, want, &answer["rows"][place][cell]);
        }
    }
}

/// Whether a figure is the wanted one, to the last digit that is given: as money to the fen; as a
/// rate within one unit of that digit, because some sources cut off instead of rounding; as a
/// theoretical figure of many digits to thirteen of them.
fn fits(want: &Value, got: &Value) -> bool {
    match (want, got) {
        (Value::Array(want), Value::Array(got)) => {
            want.len() == got.len() && want.iter().zip(got).all(|(want, got)| fits(want, got))
        }
        (Value::Object(want), Value::Object(got)) => {
            want.iter().all(|(name, want)| fits(want, got.get(name).unwrap_or(&Value::Null)))
        }
        (Value::String(want), Value::String(got)) => want == got || is_near(want, got),
        _ => want == got,
    }
}

fn is_near(want: &str, got: &str) -> bool {
    let (Ok(wanted), Ok(given)) = (want.parse::<f64>(), got.parse::<f64>()) else { return false };
    let places = want.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if got.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2) && places <= 2 {
        // Money: the same amount, however many zeros it is written with.
        return (wanted - given).abs() < 1e-9;
    }
    let unit = 10_f64.powi(-i32::try_from(places).unwrap());
    let digits = want.chars().filter(char::is_ascii_digit).count();
    (wanted - given).abs() < unit * 1.000_001
        || (digits > 13 && ((wanted - given) / wanted).abs() < 1e-13)
}

/// An amount rounded to whole yuan.
fn to_yuan(amount: &Value) -> Value {
    let yuan: f64 = amount.as_str().unwrap().parse().unwrap();
    format!("{yuan:.0}").into()
}
