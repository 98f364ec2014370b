//! What a financial calculator answers: payment, parts of a payment, number of payments. These are
//! unrounded figures, in the signs of a spreadsheet, and never amounts that are booked.

use pricing::cost::tvm::{Annuity, When, apr, periods};
use pricing::{Fault, Problem};
use serde_json::{Value, json};

use crate::read::fields::{Fields, malformed, text_of};

/// The most periods, as of a schedule.
const MOST_PERIODS: u32 = pricing::calendar::MAX_PERIODS;

/// `nper`, `pv` with `rate` and, for the principal of one payment, `per`; or `pmt` with `pv` and
/// `fv`.
pub(crate) fn answer(fields: &Fields<'_>) -> Result<Value, Problem> {
    let given = |field| fields.value(field).map(|value| number(field, value)).transpose();
    let rate = fields.needed("rate", given("rate")?)?;
    let present = given("pv")?.unwrap_or_default();
    let future = given("fv")?.unwrap_or_default();
    let unsolved = || Problem::new("rate", Fault::NeverRepaid);
    if let Some(payment) = given("pmt")? {
        let count = periods(rate, payment, present, future, When::End).ok_or_else(unsolved)?;
        return Ok(json!({ "value": written(count) }));
    }
    let count = fields.needed("nper", fields.count("nper")?)?;
    if !(1..=MOST_PERIODS).contains(&count) {
        return Err(Problem::range("nper", "1", MOST_PERIODS.to_string()));
    }
    let annuity = Annuity::loan(rate, f64::from(count), present);
    let annuity = Annuity { future, ..annuity };
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
