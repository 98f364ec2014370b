//! Fees of a loan, and sizes that are an amount or a share.

use pricing::Problem;
use pricing::fees::{Fee, FeeBase, FeeTime};
use pricing::terms::Size;
use serde_json::Value;

use super::fields::{Fields, list_of, malformed, parse_amount, parse_percent, word};

/// `fees`, a list of objects, and `fee`, one in words.
pub(crate) fn fees(fields: &Fields<'_>) -> Result<Vec<Fee>, Problem> {
    let mut fees = Vec::new();
    if let Some(value) = fields.value("fees") {
        for (index, value) in list_of(&fields.name("fees"), value)?.iter().enumerate() {
            let field = format!("fees[{index}]");
            fees.push(match value {
                Value::String(text) => worded_fee(&field, text)?,
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => fee(&fields.object_at(&field, value)?)?,
            });
        }
    }
    if let Some(text) = fields.text("fee")? {
        fees.push(worded_fee(&fields.name("fee"), &text)?);
    }
    if let Some(size) = size(fields, "upfront_fee")? {
        let (time, base) = (FeeTime::KeptBack, FeeBase::Loan);
        fees.push(Fee { name: "upfront fee".to_owned(), time, size, base });
    }
    Ok(fees)
}

/// A problem of a fee that stands in a field of its own, with the name of that field.
pub(crate) fn renamed(fields: &Fields<'_>, mut problem: Problem) -> Problem {
    let listed = fields.value("fees").and_then(Value::as_array).map_or(0, Vec::len);
    let alone = ["fee", "upfront_fee"].into_iter().filter(|field| fields.is_there(field));
    for (place, field) in (listed..).zip(alone) {
        if problem.field.starts_with(&format!("fees[{place}]")) {
            problem.field = field.into();
        }
    }
    problem
}

fn fee(own: &Fields<'_>) -> Result<Fee, Problem> {
    let on = own.date("on")?;
    let time = match (own.word("time")?.as_deref(), on) {
        (Some("upfront" | "kept-back" | "deducted"), None) => FeeTime::KeptBack,
        (Some("added" | "financed"), None) => FeeTime::Added,
        (None | Some("each-period" | "per-period" | "instalment" | "each-instalment"), None) => {
            FeeTime::EachPeriod
        }
        (None | Some("on" | "date"), Some(on)) => FeeTime::On(on),
        (Some(_), Some(_)) => return Err(Problem::contradiction(own.name("on"), "time")),
        (Some(_), None) => {
            let field = own.name("time");
            let expected = "kept-back, added or each-period, or a date as `on`";
            return Err(malformed(
                &field,
                expected,
                "kept-back、added、each-period，或以 on 给出日期",
            ));
        }
    };
    let amount = own.amount("amount")?.map(Size::Amount);
    let share = match own.percent("share")? {
        Some(share) => Some(share),
        None => own.percent("rate")?,
    };
    if amount.is_some() && share.is_some() {
        return Err(Problem::contradiction(own.name("share"), "amount"));
    }
    let size = own.needed("amount", amount.or(share.map(Size::Share)))?;
    let base = match own.text("base")? {
        Some(text) => fee_base(&own.name("base"), &text)?,
        None => FeeBase::Loan,
    };
    let name = own.text("name")?.unwrap_or_else(|| "fee".to_owned());
    Ok(Fee { name, time, size, base })
}

fn fee_base(field: &str, text: &str) -> Result<FeeBase, Problem> {
    let plain = word(text).replace("-+-", "+").replace("-and-", "+");
    Ok(match plain.as_str() {
        "loan" | "amount" | "贷款本金" => FeeBase::Loan,
        "principal" | "instalment-principal" | "本金" => FeeBase::Principal,
        "interest" | "instalment-interest" | "利息" => FeeBase::Interest,
        "principal+interest" | "instalment-principal+interest" | "instalment" | "both" => {
            FeeBase::PrincipalAndInterest
        }
        "outstanding" | "balance" | "剩余本金" => FeeBase::Outstanding,
        _ => {
            return Err(malformed(
                field,
                "loan, principal, interest, principal+interest or outstanding",
                "loan、principal、interest、principal+interest 或 outstanding",
            ));
        }
    })
}

/// `1.5% of instalment principal+interest`, charged with each instalment.
fn worded_fee(field: &str, text: &str) -> Result<Fee, Problem> {
    let (size, base) = match text.split_once(" of ") {
        Some((size, base)) => (size_of(field, size.trim())?, fee_base(field, base)?),
        None => (size_of(field, text.trim())?, FeeBase::Loan),
    };
    Ok(Fee { name: "fee".to_owned(), time: FeeTime::EachPeriod, size, base })
}

/// `25%` is a share, `250.00` an amount.
pub(crate) fn size(fields: &Fields<'_>, field: &'static str) -> Result<Option<Size>, Problem> {
    let Some(text) = fields.text(field)? else { return Ok(None) };
    size_of(&fields.name(field), &text).map(Some)
}

fn size_of(field: &str, text: &str) -> Result<Size, Problem> {
    if text.ends_with('%') {
        return parse_percent(field, text).map(Size::Share);
    }
    parse_amount(field, text).map(Size::Amount)
}
