//! The calculator: requests and answers in JSON over the pure arithmetic of `pricing`.
//!
//! Stateless, without a clock: the day that stands in for a missing start comes in with the call.
//! `docs/calc.md` has the fields.
#![warn(clippy::as_conversions, clippy::arithmetic_side_effects)]

pub mod answer;
mod explain;
mod figures;
pub mod flows;
mod loan;
mod people;
mod print;
mod read;
mod tables;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may count without checks")]
mod tests;
mod tvm;

use std::sync::Arc;

use kernel::Date;
use pricing::Problem;
use serde::Serialize;
use serde_json::{Map, Value};

pub use answer::LoanAnswer;
pub use print::{csv, table};
use read::fields::{Fields, malformed};
pub use tables::{TableProblem, TableTexts, Tables};

/// What holds for a whole call.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where a loan begins if the request does not say it.
    pub today: Date,
    /// Whether every answer tells how its figures came about.
    pub explain: bool,
    /// Card prefixes, legal lines and the LPR.
    pub tables: Arc<Tables>,
}

/// The answer to one request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// A loan.
    Loan(Box<LoanAnswer>),
    /// Rates of flows.
    Flows(Box<flows::FlowsAnswer>),
    /// Anything else.
    Figures(Value),
}

/// The answer to one request, or why there is none: what every face of the calculator writes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// The answer.
    Answered(Answer),
    /// The first problem of the request.
    Refused {
        /// Which field, and why, in two languages.
        error: Refused,
    },
}

/// Why a request has no answer.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// The field that has the problem.
    pub field: String,
    /// The problem in English.
    pub en: String,
    /// The problem in Chinese.
    pub zh: String,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { en: problem.en(), zh: problem.zh(), field: problem.field.into_owned() }
    }
}

/// Answers one request, or says why not.
pub fn reply(request: &Value, options: &Options) -> Reply {
    match answer(request, options) {
        Ok(answer) => Reply::Answered(answer),
        Err(problem) => Reply::Refused { error: problem.into() },
    }
}

/// Answers one request.
///
/// # Errors
/// The first problem, with the field that has it, in two languages.
pub fn answer(request: &Value, options: &Options) -> Result<Answer, Problem> {
    let Some(map) = request.as_object() else {
        return Err(malformed("request", "an object", "一个对象"));
    };
    let map = in_our_words(map);
    let fields = Fields::of_request(&map);
    // Remarks that a collection of examples may carry.
    for remark in ["title", "note", "name", "group", "kind", "rule"] {
        fields.has(remark);
    }
    let mut answer = by_kind(&fields, options)?;
    answer.tell_ignored(fields.ignored());
    Ok(answer)
}

/// Names that others have for our fields.
const OTHER_NAMES: [(&str, &str); 23] = [
    ("amount", "principal"),
    ("loan_amount", "principal"),
    ("annual_rate", "rate"),
    ("interest_rate", "rate"),
    ("monthly_rate", "rate_per_month"),
    ("daily_rate", "rate_per_day"),
    ("months", "n"),
    ("instalments", "n"),
    ("installments", "n"),
    ("number_of_payments", "n"),
    ("start_date", "start"),
    ("first_due", "first"),
    ("first_payment", "first"),
    ("first_payment_date", "first"),
    ("frequency", "freq"),
    ("day_count", "daycount"),
    ("repayment_method", "method"),
    ("instalment_amount", "instalment"),
    ("as_of", "business_date"),
    ("card", "pan"),
    ("card_number", "pan"),
    ("id_number", "id"),
    ("phone", "mobile"),
];

/// The request with our names for its fields, where it has not both.
fn in_our_words(map: &Map<String, Value>) -> Map<String, Value> {
    let ours = |name: &String| {
        let known = OTHER_NAMES.iter().find(|(other, _)| other == name);
        let ours = known.map(|(_, ours)| (*ours).to_owned());
        ours.filter(|ours| !map.contains_key(ours)).unwrap_or_else(|| name.clone())
    };
    map.iter().map(|(name, value)| (ours(name), value.clone())).collect()
}

/// Which kind of request it is can be seen from one or two of its fields; the first in this order
/// counts.
fn by_kind(fields: &Fields<'_>, options: &Options) -> Result<Answer, Problem> {
    let has = |field| fields.is_there(field);
    let rates = |answer| Answer::Flows(Box::new(answer));
    match () {
        () if has("principal") && has("payment") => tvm::rate_of(fields).map(Answer::Figures),
        () if has("principal") || has("disbursements") => {
            loan::answer(fields, options).map(|loan| Answer::Loan(Box::new(loan)))
        }
        () if has("drawdowns") => flows::drawdowns(fields).map(rates),
        () if has("drawdown") => flows::drawdown(fields).map(rates),
        () if has("amount_financed") => flows::financed(fields).map(rates),
        () if has("received") => flows::upfront(fields).map(rates),
        () if has("flows") => flows::bare(fields).map(Answer::Figures),
        () if has("nper") || has("pmt") => tvm::answer(fields).map(Answer::Figures),
        () if has("periods") => figures::rate_factors(fields).map(Answer::Figures),
        () if has("lpr") => figures::lpr_caps(fields).map(Answer::Figures),
        () if has("total") || has("shares") => figures::parts(fields).map(Answer::Figures),
        () if has("pan") => people::card_number(fields, &options.tables).map(Answer::Figures),
        () if has("mobile") => people::mobile(fields).map(Answer::Figures),
        () if has("id") => people::id_number(fields).map(Answer::Figures),
        () => Err(Problem::missing("principal")),
    }
}

impl Answer {
    /// Lists fields of the request that mean nothing to it.
    fn tell_ignored(&mut self, ignored: Vec<String>) {
        match self {
            Self::Loan(loan) => loan.ignored = ignored,
            Self::Flows(flows) => flows.ignored = ignored,
            Self::Figures(figures) => {
                if let (Some(map), false) = (figures.as_object_mut(), ignored.is_empty()) {
                    map.insert("ignored".to_owned(), ignored.into());
                }
            }
        }
    }
}
