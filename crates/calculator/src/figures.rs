//! Single figures: growth factors of periods, caps by the LPR, shares of investors.

use kernel::Money;
use pricing::calendar::{Frequency, Period};
use pricing::fraction::Fraction;
use pricing::rounding::{Mode, Round};
use pricing::{Fault, Percent, Problem};
use serde_json::{Value, json};

use crate::read::fields::{Fields, amount_of, date_of, malformed, percent_of};
use crate::read::terms::day_count;

/// Decimals of growth factors.
const FACTOR_PLACES: u32 = 12;

/// `rate`, `daycount` and `periods`, pairs of dates: what each period adds to one yuan.
pub(crate) fn rate_factors(fields: &Fields<'_>) -> Result<Value, Problem> {
    let rate = fields.needed("rate", fields.percent("rate")?)?;
    let count = fields.needed("daycount", fields.text("daycount")?)?;
    let (count, _) = day_count("daycount", &count)?;
    let mut factors = Vec::new();
    for (index, value) in fields.needed("periods", fields.list("periods")?)?.iter().enumerate() {
        let field = format!("periods[{index}]");
        let Some([from, to]) = value.as_array().map(Vec::as_slice) else {
            return Err(malformed(&field, "a pair of dates", "一对日期"));
        };
        let (from, due) = (date_of(&field, from)?, date_of(&field, to)?);
        if from >= due {
            return Err(malformed(&field, "a day and a later one", "一个日期与其后的日期"));
        }
        let period = Period::regular(from, due);
        let years = count.years_of(&period, Frequency::MONTHLY);
        let growth = years.and_then(|years| rate.fraction().times(years));
        factors.push(decimals(growth.ok_or_else(|| Problem::new(field, Fault::TooLarge))?));
    }
    Ok(json!({ "rate_factors": factors }))
}

/// A fraction in decimals, rounded half up.
pub(crate) fn decimals(fraction: Fraction) -> String {
    let scale = 10_i64.pow(FACTOR_PLACES);
    let round = Round::FEN.to(Mode::HalfUp);
    let units = fraction.of(scale, round).unwrap_or(i64::MAX);
    let (whole, rest) = (units.div_euclid(scale), units.rem_euclid(scale));
    format!("{whole}.{rest:012}")
}

/// `lpr`, one or several: four times each, or `times` as often.
pub(crate) fn lpr_caps(fields: &Fields<'_>) -> Result<Value, Problem> {
    let times = fields.count("times")?.unwrap_or(4);
    let value = fields.needed("lpr", fields.value("lpr"))?;
    let cap = |field: &str, value: &Value| {
        let cap = percent_of(field, value)?.times(times);
        let cap = cap.ok_or_else(|| Problem::range(field.to_owned(), "0", "10000"))?;
        Ok::<_, Problem>(two_decimals(cap))
    };
    if !value.is_array() {
        return Ok(json!({ "cap_percent": [cap("lpr", value)?] }));
    }
    let list = fields.needed("lpr", fields.list("lpr")?)?.iter().enumerate();
    let caps = list.map(|(index, value)| cap(&format!("lpr[{index}]"), value));
    Ok(json!({ "cap_percent": caps.collect::<Result<Vec<_>, _>>()? }))
}

/// `15.4` as `15.40`.
fn two_decimals(percent: Percent) -> String {
    let text = percent.to_string();
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, decimals)) if decimals.len() < 2 => format!("{text}0"),
        Some(_) => text,
    }
}

/// `total` and `shares`: parts by the largest remainder, ties to the earliest.
pub(crate) fn parts(fields: &Fields<'_>) -> Result<Value, Problem> {
    let total = fields.needed("total", fields.amount("total")?)?;
    let list = fields.needed("shares", fields.list("shares")?)?;
    let shares = list.iter().enumerate();
    let shares = shares.map(|(index, share)| amount_of(&format!("shares[{index}]"), share));
    let shares: Vec<Money> = shares.collect::<Result<_, _>>()?;
    let parts = total.split(&shares).ok_or_else(|| Problem::contradiction("shares", "total"))?;
    let text: Vec<_> = parts.iter().map(ToString::to_string).collect();
    let sum = parts.iter().try_fold(Money::ZERO, |sum, part| sum.plus(*part));
    let sum = sum.ok_or_else(|| Problem::new("total", Fault::TooLarge))?;
    Ok(json!({ "parts": text, "sum": sum.to_string() }))
}
