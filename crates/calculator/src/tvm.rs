//! What a financial calculator answers: payment, parts of a payment, number of payments. These are
//! unrounded figures, in the signs of a spreadsheet, and never amounts that are booked.

use pricing::cost::tvm::{Annuity, When, apr, future_value, irr, periods, present_value};
use pricing::{Fault, Problem};
use serde_json::{Value, json};

use crate::read::fields::{Fields, malformed, text_of, word};

/// The most periods, as of a schedule.
const MOST_PERIODS: u32 = pricing::calendar::MAX_PERIODS;

/// Of `rate`, `nper`, `pmt`, `pv` and `fv` the one that is not given; with `per`, the parts of one
/// payment.
pub(crate) fn answer(fields: &Fields<'_>) -> Result<Value, Problem> {
    let given = |field| fields.value(field).map(|value| number(field, value)).transpose();
    let (rate, payment) = (given("rate")?, given("pmt")?);
    let (present, future) = (given("pv")?, given("fv")?);
    let when = when(fields)?;
    let count = match fields.count("nper")? {
        Some(count) if !(1..=MOST_PERIODS).contains(&count) => {
            return Err(Problem::range("nper", "1", MOST_PERIODS.to_string()));
        }
        count => count,
    };
    let unsolved = || Problem::new("rate", Fault::NeverRepaid);
    let one = |value: Option<f64>| {
        value.map(|value| json!({ "value": written(value) })).ok_or_else(unsolved)
    };
    match (rate, count, payment) {
        (Some(rate), Some(count), Some(payment)) => {
            let count = f64::from(count);
            match (present, future) {
                (Some(present), None) => one(future_value(rate, count, payment, present, when)),
                (None, future) => {
                    let future = future.unwrap_or_default();
                    one(present_value(rate, count, payment, future, when))
                }
                (Some(_), Some(_)) => Err(Problem::contradiction("pmt", "nper")),
            }
        }
        (Some(rate), None, Some(payment)) => {
            let (present, future) = (present.unwrap_or_default(), future.unwrap_or_default());
            one(periods(rate, payment, present, future, when))
        }
        (Some(rate), Some(count), None) => {
            let (present, future) = (present.unwrap_or_default(), future.unwrap_or_default());
            let periods = f64::from(count);
            parts(fields, &Annuity { rate, periods, present, future, when }, count)
        }
        (None, Some(count), Some(payment)) => {
            let (present, future) = (present.unwrap_or_default(), future.unwrap_or_default());
            let flows = flows_of(count, payment, (present, future), when);
            one(irr(&flows).ok())
        }
        (None, ..) => Err(Problem::missing("rate")),
        (Some(_), None, None) => Err(Problem::missing("nper")),
    }
}

/// Payments at the end of each period, or at its beginning.
fn when(fields: &Fields<'_>) -> Result<When, Problem> {
    match fields.text("when")?.map(|text| word(&text)).as_deref() {
        None | Some("end" | "0") => Ok(When::End),
        Some("begin" | "1") => Ok(When::Begin),
        Some(_) => Err(malformed("when", "end or begin", "end 或 begin")),
    }
}

/// A present value, payments and a future value as flows.
fn flows_of(count: u32, payment: f64, (present, future): (f64, f64), when: When) -> Vec<f64> {
    let last = usize::try_from(count).unwrap_or_default();
    let mut flows = vec![0.0; last.saturating_add(1)];
    let paid = match when {
        When::End => 1..=last,
        When::Begin => 0..=last.saturating_sub(1),
    };
    for flow in flows.get_mut(paid).unwrap_or_default() {
        *flow = payment;
    }
    if let Some(first) = flows.first_mut() {
        *first += present;
    }
    if let Some(end) = flows.last_mut() {
        *end += future;
    }
    flows
}

/// The payment, and the principal and interest of one of them or of all.
fn parts(fields: &Fields<'_>, annuity: &Annuity, count: u32) -> Result<Value, Problem> {
    let unsolved = || Problem::new("rate", Fault::NeverRepaid);
    let payment = annuity.payment().ok_or_else(unsolved)?;
    let Some(per) = fields.count("per")? else {
        // Seen from the borrower: parts of the debt, without a sign.
        let parts = (1..=count).map(|per| annuity.principal(per).map(|part| rounded(part.abs())));
        let parts: Option<Vec<Value>> = parts.collect();
        let parts = parts.ok_or_else(unsolved)?;
        let payment = written(payment);
        return Ok(json!({ "payment": payment, "value": payment, "principal_parts": parts }));
    };
    if !(1..=count).contains(&per) {
        return Err(Problem::range("per", "1", count.to_string()));
    }
    let principal = annuity.principal(per).ok_or_else(unsolved)?;
    let interest = annuity.interest(per).ok_or_else(unsolved)?;
    Ok(json!({
        "payment": written(payment),
        "value": written(principal),
        "interest": written(interest),
    }))
}

/// `principal`, `payment` and `n` months: the nominal yearly rate, as a fraction.
pub(crate) fn rate_of(fields: &Fields<'_>) -> Result<Value, Problem> {
    let positive = |field| {
        let value = fields.needed(field, fields.value(field))?;
        let number = number(field, value)?;
        let is_positive = number >= 0.01;
        is_positive
            .then_some(number)
            .ok_or_else(|| Problem::range(field, "0.01", "999999999999999"))
    };
    let (principal, payment) = (positive("principal")?, positive("payment")?);
    let months = fields.needed("n", fields.count("n")?)?;
    if !(1..=MOST_PERIODS).contains(&months) {
        return Err(Problem::range("n", "1", MOST_PERIODS.to_string()));
    }
    let rate = apr(principal, payment, months)
        .map_err(|_| Problem::contradiction("payment", "principal"))?;
    Ok(json!({
        "nominal": format!("{:.11}", rate.fraction()),
        "nominal_percent": rate.percent_text(6),
    }))
}

/// A number with a sign, or a quotient of two: `0.1/12`.
pub(crate) fn number(field: &str, value: &Value) -> Result<f64, Problem> {
    let text = text_of(field, value)?;
    let parse = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let number = match text.split_once('/') {
        Some((num, den)) => parse(num).zip(parse(den)).map(|(num, den)| num / den),
        None => parse(&text),
    };
    let number = number.filter(|number| number.is_finite() && number.abs() < 1e15);
    number.ok_or_else(|| {
        malformed(field, "a number like 0.08/12 or -2000", "形如 0.08/12 或 -2000 的数")
    })
}

/// A figure with all digits that it has.
pub(crate) fn written(figure: f64) -> Value {
    Value::String(format!("{figure}"))
}

fn rounded(figure: f64) -> Value {
    Value::String(format!("{figure:.8}"))
}
