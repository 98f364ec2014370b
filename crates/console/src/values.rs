//! How values of the core look in answers, and how they are read from bodies and queries.

use kernel::{Channel, Date, Instant, Money, Rate};
use lending::Tx;
use lending::audit::{self, Subject};
use lending::catalog::{Percent, Request, Word as _};
use lending::operators::{self, Operator, Right, ShowError};
use serde_json::{Value, json};

use crate::call::Call;
use crate::failure::Failure;
use crate::reply::time;

/// Characters of a reason: enough to be one, and no more than a sentence.
const REASON: std::ops::RangeInclusive<usize> = 4..=200;

/// How much of people an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Numbers and names are masked.
    Masked,
    /// Everything: the operator may, and the reason is noted.
    Full,
}

impl From<ShowError> for Failure {
    fn from(error: ShowError) -> Self {
        match error {
            ShowError::NoRight => Self::no_right(Right::SeePersonalData),
            ShowError::NoReason => Self::field("reason"),
            ShowError::Fault(fault) => fault.into(),
        }
    }
}

/// Full sight for a reason, a masked one without.
pub(crate) fn sight(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    subject: Subject,
    (what, reason): (&str, Option<&str>),
) -> Result<Sight, Failure> {
    let Some(reason) = reason else { return Ok(Sight::Masked) };
    operators::show_personal(tx, operator, subject, what, reason)?;
    Ok(Sight::Full)
}

/// Notes why an operator does something, where the command itself keeps no reason.
pub(crate) fn note_reason(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    subject: Subject,
    (what, reason): (&str, &str),
) -> Result<(), Failure> {
    let detail = format!("{what}: {reason}");
    Ok(audit::note(tx, operator.actor(), "operator.reason", subject, &detail)?)
}

/// A reason in a body.
pub(crate) fn reason(text: &str) -> Result<String, Failure> {
    line("reason", text, REASON)
}

/// One line of text within bounds, in characters.
pub(crate) fn line(
    field: &str,
    text: &str,
    bounds: std::ops::RangeInclusive<usize>,
) -> Result<String, Failure> {
    let text = text.trim();
    let fits = bounds.contains(&text.chars().count()) && !text.contains(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Failure::field(field)) }
}

/// A text that both stores can hold: PostgreSQL takes no NUL.
pub(crate) fn storable(field: &str, text: &str) -> Result<(), Failure> {
    if text.contains('\0') { Err(Failure::field(field)) } else { Ok(()) }
}

/// An amount in yuan, as text.
pub(crate) fn money(field: &str, text: &str) -> Result<Money, Failure> {
    Money::parse_yuan(text).map_err(|_| Failure::field(field))
}

/// An amount above zero.
pub(crate) fn positive(field: &str, text: &str) -> Result<Money, Failure> {
    let amount = money(field, text)?;
    if amount > Money::ZERO { Ok(amount) } else { Err(Failure::field(field)) }
}

/// A yearly rate in percent, as text.
pub(crate) fn rate(field: &str, text: &str) -> Result<Rate, Failure> {
    Percent::parse(text).and_then(Percent::to_rate).ok_or_else(|| Failure::field(field))
}

/// A rate in percent.
pub(crate) fn percent(rate: Rate) -> String {
    Percent::from_rate(rate).to_string()
}

/// A channel by its word.
pub(crate) fn channel(word: &str) -> Result<Channel, Failure> {
    Channel::parse(word).ok_or_else(|| Failure::field("channel"))
}

/// The channel that a query asks for.
pub(crate) fn query_channel(call: &Call) -> Result<Channel, Failure> {
    call.query("channel").map_or_else(|| Err(Failure::field("channel")), channel)
}

/// An instant that may be missing.
pub(crate) fn opt_time(instant: Option<Instant>) -> Value {
    instant.map_or(Value::Null, |instant| time(instant).into())
}

/// A day that may be missing.
pub(crate) fn opt_day(day: Option<Date>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}

/// What is asked for, or was agreed.
pub(crate) fn terms(request: &Request) -> Value {
    json!({
        "amount": request.amount.to_string(),
        "rate": percent(request.rate),
        "tenor": request.tenor,
        "tenor_unit": request.tenor_unit.word(),
        "interval": request.interval_count,
        "interval_unit": request.interval_unit.word(),
        "method": request.method.word(),
    })
}
