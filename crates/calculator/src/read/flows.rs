//! Flows of money in words and lists: `12 x 1120.00`, `270.00 after 31 and 61 days`,
//! `40 x 385.00, advance 1978-05-23, first 1978-10-01 (t=1,f=39/90)`.

use kernel::{Date, Money};
use pricing::Problem;
use pricing::calendar::Frequency;
use pricing::cost::YearFraction;
use pricing::cost::reg_z::At;
use serde_json::Value;

use super::fields::{Fields, amount_of, count_of, date_of, malformed, parse_amount};
use super::terms::frequency;

/// The most payments of one request.
const MOST: usize = pricing::cost::MAX_FLOWS - 1;

/// When a payment is made, from the day on which the money is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// At the end of this period.
    Period(u32),
    /// After a part of a year, or more.
    Years(YearFraction),
    /// On a day.
    On(Date),
}

/// A payment and when it is made.
pub(crate) type Payment = (When, Money);

fn wrong(field: &str) -> Problem {
    malformed(
        field,
        "like \"12 x 1120.00\", \"510.00 after 5 days\" or a list of [date, amount]",
        "形如 \"12 x 1120.00\"、\"510.00 after 5 days\" 或 [日期, 金额] 的列表",
    )
}

/// Payments in the making, and the number of the last period.
#[derive(Default)]
struct Series {
    payments: Vec<Payment>,
    period: u32,
}

impl Series {
    /// Adds payments of later periods, or of one time that is given.
    fn add(
        &mut self,
        field: &str,
        (count, amount): (u32, Money),
        when: Option<When>,
    ) -> Result<(), Problem> {
        let room = MOST.saturating_sub(self.payments.len());
        if count == 0 || usize::try_from(count).is_ok_and(|count| count > room) {
            return Err(Problem::range(field.to_owned(), "1", MOST.to_string()));
        }
        for _ in 0..count {
            self.period = self.period.saturating_add(1);
            self.payments.push((when.unwrap_or(When::Period(self.period)), amount));
        }
        Ok(())
    }
}

/// The payments of a field, in words or as a list.
pub(crate) fn payments(
    fields: &Fields<'_>,
    field: &'static str,
    unit: Option<Frequency>,
) -> Result<Vec<Payment>, Problem> {
    let name = fields.name(field);
    match fields.needed(field, fields.value(field))? {
        Value::Array(_) => listed(fields, field),
        Value::String(_) => worded(&name, &fields.needed(field, fields.text(field)?)?, unit),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(wrong(&name)),
    }
}

/// Flows of a field that all have their dates.
pub(crate) fn dated(
    fields: &Fields<'_>,
    field: &'static str,
) -> Result<Vec<(Date, Money)>, Problem> {
    let name = fields.name(field);
    let with_dates = payments(fields, field, None)?.into_iter().map(|(when, amount)| match when {
        When::On(date) => Ok((date, amount)),
        When::Period(_) | When::Years(_) => {
            Err(malformed(&name, "a list of [date, amount]", "[日期, 金额] 的列表"))
        }
    });
    with_dates.collect()
}

/// `[date, amount]`, a bare amount for the next period, or an object.
fn listed(fields: &Fields<'_>, field: &'static str) -> Result<Vec<Payment>, Problem> {
    let mut series = Series::default();
    let list = fields.needed(field, fields.list(field)?)?;
    for (index, value) in list.iter().enumerate() {
        let field = format!("{}[{index}]", fields.name(field));
        let (count, amount, when) = match value {
            Value::Array(pair) => {
                let [on, amount] = pair.as_slice() else { return Err(wrong(&field)) };
                (1, amount_of(&field, amount)?, Some(When::On(date_of(&field, on)?)))
            }
            Value::Object(_) => {
                let own = fields.object_at(&field, value)?;
                let amount = own.needed("amount", own.amount("amount")?)?;
                let (count, when) = (own.count("count")?, when(&own)?);
                if count.is_some() && when.is_some() {
                    // All of them at one time is hardly meant.
                    return Err(Problem::contradiction(own.name("count"), "on"));
                }
                (count.unwrap_or(1), amount, when)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                (1, amount_of(&field, value)?, None)
            }
        };
        series.add(&field, (count, amount), when)?;
    }
    Ok(series.payments)
}

/// The time of an object: `on`, `after_days`, `after_weeks`, `after_months` or `after_years`, one
/// of them; or the next period.
fn when(own: &Fields<'_>) -> Result<Option<When>, Problem> {
    let years = |length: fn(u32) -> YearFraction| move |count| When::Years(length(count));
    let given = [
        ("on", own.date("on")?.map(When::On)),
        ("after_days", own.count("after_days")?.map(years(YearFraction::days))),
        ("after_weeks", own.count("after_weeks")?.map(years(YearFraction::weeks))),
        ("after_months", own.count("after_months")?.map(years(YearFraction::months))),
        ("after_years", own.count("after_years")?.map(years(YearFraction::years))),
    ];
    let mut given = given.into_iter().filter_map(|(name, when)| Some((name, when?)));
    let first = given.next();
    match (first, given.next()) {
        (Some((name, _)), Some((other, _))) => Err(Problem::contradiction(own.name(other), name)),
        _ => Ok(first.map(|(_, when)| when)),
    }
}

/// A series of payments in words, which may say how often it is paid. What follows a semicolon is
/// a remark.
fn worded(field: &str, text: &str, unit: Option<Frequency>) -> Result<Vec<Payment>, Problem> {
    let text = text.split(';').next().unwrap_or(text).trim();
    if let Some((amount, times)) = text.split_once(" after ") {
        return after(field, amount, times);
    }
    if has_thousands(text) {
        return Err(wrong(field));
    }
    let mut series = Series::default();
    let plain = text.replace(" then ", ", ");
    let pieces = plain.split(" + ").flat_map(|piece| piece.split(','));
    for piece in pieces.map(str::trim).filter(|piece| !piece.is_empty()) {
        if let Some((amount, number)) = piece.split_once(" at instalment ") {
            let number = number.trim().parse().map_err(|_| wrong(field))?;
            series.payments.push((When::Period(number), parse_amount(field, amount.trim())?));
            continue;
        }
        let (count, amount) = match piece.split_once('x') {
            Some((count, amount)) => (count.trim().parse().map_err(|_| wrong(field))?, amount),
            None => (1, piece),
        };
        let (amount, remark) = amount.trim().split_once(' ').unwrap_or((amount.trim(), ""));
        if !remark.is_empty() {
            let said = frequency(field, remark).map_err(|_| wrong(field))?;
            if unit.is_some_and(|unit| unit != said) {
                return Err(Problem::contradiction(field.to_owned(), "freq"));
            }
        }
        series.add(field, (count, parse_amount(field, amount)?), None)?;
    }
    Ok(series.payments)
}

/// Whether a comma parts thousands, as in `1,120.00`: between payments it would be read as two.
fn has_thousands(text: &str) -> bool {
    let mut pieces = text.split(',');
    let mut before = pieces.next().unwrap_or_default();
    for piece in pieces {
        let digits = piece.chars().take_while(char::is_ascii_digit).count();
        let is_group = digits == 3 && !piece.contains('x');
        if is_group && before.ends_with(|c: char| c.is_ascii_digit()) {
            return true;
        }
        before = piece;
    }
    false
}

/// `31 and 61 days`, `1.5 years`.
fn after(field: &str, amount: &str, times: &str) -> Result<Vec<Payment>, Problem> {
    let amount = parse_amount(field, amount.trim())?;
    let (numbers, unit) = times.trim().rsplit_once(' ').ok_or_else(|| wrong(field))?;
    let mut payments = Vec::new();
    for number in numbers.split(" and ").flat_map(|part| part.split(',')) {
        let number = number.trim();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        if decimals.len() > 4 {
            return Err(wrong(field));
        }
        let scale = 10_u32.pow(u32::try_from(decimals.len()).unwrap_or_default());
        let count: u32 = format!("{whole}{decimals}").parse().map_err(|_| wrong(field))?;
        let unit = match unit {
            "day" | "days" => 365,
            "week" | "weeks" => 52,
            "month" | "months" => 12,
            "year" | "years" => 1,
            _ => return Err(wrong(field)),
        };
        let years = YearFraction::new(count, scale.saturating_mul(unit));
        payments.push((When::Years(years.ok_or_else(|| wrong(field))?), amount));
    }
    Ok(payments)
}

/// The payments of `payments` in unit periods and odd parts of one, for Regulation Z; `t` and `f`
/// of the first are given in the text (`t=1,f=19/30`, `t=4 f=5/7`), in fields of their own (`t`,
/// `f`), or it is due after one whole period.
pub(crate) fn unit_payments(fields: &Fields<'_>) -> Result<Vec<(At, Money)>, Problem> {
    let name = fields.name("payments");
    let value = fields.needed("payments", fields.value("payments"))?;
    let mut text = String::new();
    let series = if value.is_array() {
        listed(fields, "payments")?
    } else {
        text = fields.needed("payments", fields.text("payments")?)?;
        let marks = ["(", ";", ", advance", ", first", " after "];
        let bare = marks.iter().fold(text.as_str(), |bare, mark| {
            bare.split_once(mark).map_or(bare, |(before, _)| before)
        });
        worded(&name, bare.trim(), None)?
    };
    let odd_field = || malformed("f", "a fraction like 19/30", "形如 19/30 的分数");
    let whole = match (fields.value("t"), told(&text, "t=")) {
        (Some(value), _) => Some(count_of("t", value)?),
        (None, Some(text)) => Some(count_of("payments", &text.into())?),
        (None, None) => None,
    };
    let odd = fields.text("f")?.or_else(|| told(&text, "f=").map(str::to_owned));
    let (part, of) = match odd {
        None => (0, 1),
        Some(odd) => {
            let fraction = odd
                .split_once('/')
                .and_then(|(part, of)| Some((part.trim().parse().ok()?, of.trim().parse().ok()?)));
            fraction.ok_or_else(odd_field)?
        }
    };
    let first = whole.unwrap_or(u32::from(part == 0));
    let placed = series.into_iter().map(|(when, amount)| {
        let When::Period(number) = when else { return Err(wrong(&name)) };
        let at = At::new(first.saturating_add(number.saturating_sub(1)), part, of);
        Ok((at.ok_or_else(odd_field)?, amount))
    });
    placed.collect()
}

/// What follows a mark up to the next comma, space or bracket.
fn told<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(mark)?;
    rest.split([',', ' ', ')', ';']).next()
}

/// The length of a period as a part of a year.
pub(crate) const fn length(frequency: Frequency) -> YearFraction {
    match frequency {
        Frequency::Days(days) => YearFraction::days(days),
        Frequency::Weeks(weeks) => YearFraction::weeks(weeks),
        Frequency::Months(months) => YearFraction::months(months),
    }
}
