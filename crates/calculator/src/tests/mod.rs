//! Vectors from outside, facts of the documents, and requests that cannot be answered.

mod any_value;
mod documented;
mod facts;
mod hostile;
mod vectors;

use std::sync::Arc;

use kernel::Date;
use serde_json::Value;

use crate::{Options, Tables, answer};

/// Loans that do not say when they begin, begin here.
fn options() -> Options {
    let tables = Arc::new(Tables::shipped().unwrap());
    Options { today: Date::parse("2026-01-31").unwrap(), explain: false, tables }
}

/// The answer to a request, as a client reads it.
#[track_caller]
fn ask(request: &Value) -> Value {
    match answer(request, &options()) {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(problem) => panic!("{request}: {problem}"),
    }
}
