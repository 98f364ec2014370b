//! Vectors from outside, facts of the documents, and requests that cannot be answered.

mod any_value;
mod documented;
mod facts;
mod hostile;
mod vectors;

use kernel::Date;
use serde_json::Value;

use crate::{Options, answer};

/// Loans that do not say when they begin, begin here.
fn options() -> Options {
    Options { today: Date::parse("2026-01-31").unwrap(), explain: false }
}

/// The answer to a request, as a client reads it.
#[track_caller]
fn ask(request: &Value) -> Value {
    match answer(request, &options()) {
        Ok(answer) => serde_json::to_value(answer).unwrap(),
        Err(problem) => panic!("{request}: {problem}"),
    }
}
