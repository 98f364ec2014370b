//! What collectors do: take a late loan, call, write contacts down, stop contacts.

use channel_kit::route::Method;
use kernel::id::OperatorId;
use kernel::{Date, Instant};
use lending::collections::{
    self, AssignError, Breach, CallError, ContactError, LogContact, Outcome, Promise, ReleaseError,
    StopContact, StopError, StopKind, Way,
};
use lending::customers::Line;
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Route, route};
use crate::collections::{CASE, contact, shown, stop};
use crate::customers;
use crate::failure::{
    CASE_TAKEN, CONTACT_STOPPED, Failure, NO_IDENTITY, NO_SUCH_CUSTOMER, NO_SUCH_LOAN, NOT_OVERDUE,
    NOT_STOPPED, NOT_YOUR_CASE, OUTSIDE_HOURS, TOO_MANY_CONTACTS,
};
use crate::operation::{Access, ID, Operation, body, optional};
use crate::reply::Reply;
use crate::values::{self, Sight};
use crate::{Console, loans};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&ASSIGN, assign),
        route(&RELEASE, release),
        route(&CALL, show_number),
        route(&CONTACT, log_contact),
        route(&STOP, stop_contact),
        route(&RESUME, resume_contact),
    ]
}

static ASSIGN: Operation = Operation {
    method: Method::Post,
    path: "/console/api/collections/{id}/assign",
    summary: "Take a late loan 领取, or hand on one's own to another collector 转派",
    access: Access::With(Right::Collect),
    fields: &[ID, optional("operator", "integer", "the collector's number; oneself if not said")],
    refusals: &[NO_SUCH_LOAN, NOT_OVERDUE, CASE_TAKEN],
    success: (200, CASE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignBody {
    operator: Option<i64>,
}

impl From<AssignError> for Failure {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::NotFound => NO_SUCH_LOAN.into(),
            AssignError::NotOverdue => NOT_OVERDUE.into(),
            AssignError::Taken => CASE_TAKEN.into(),
            AssignError::NoCollector => Self::field("operator"),
            AssignError::Fault(fault) => fault.into(),
        }
    }
}

async fn assign(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let message: AssignBody = call.message()?;
    let assign = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let to = message.operator.map_or(operator.id, OperatorId::from_number);
        collections::assign(tx, (operator.id, to), id)?;
        Ok(Reply::ok(&shown(tx, (id, Sight::Masked), operator)?))
    };
    call.write(&console, Home::home(id.number()), assign).await
}

static RELEASE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/collections/{id}/release",
    summary: "Let a loan go that one has taken 退回",
    access: Access::With(Right::Collect),
    fields: &[ID],
    refusals: &[NO_SUCH_LOAN, NOT_YOUR_CASE],
    success: (200, CASE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl From<ReleaseError> for Failure {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::NotFound => NO_SUCH_LOAN.into(),
            ReleaseError::NotTheirs => NOT_YOUR_CASE.into(),
            ReleaseError::Fault(fault) => fault.into(),
        }
    }
}

async fn release(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let Nothing {} = call.message()?;
    let release = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        collections::release(tx, operator.id, id)?;
        Ok(Reply::ok(&shown(tx, (id, Sight::Masked), operator)?))
    };
    call.write(&console, Home::home(id.number()), release).await
}

static CALL: Operation = Operation {
    method: Method::Post,
    path: "/console/api/collections/{id}/call",
    summary: "Show the customer's number for a call 拨打: within the hours, so many times a day",
    access: Access::With(Right::Collect),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters, noted in the audit trail")],
    refusals: &[
        NO_SUCH_LOAN,
        NOT_OVERDUE,
        NOT_YOUR_CASE,
        CONTACT_STOPPED,
        OUTSIDE_HOURS,
        TOO_MANY_CONTACTS,
    ],
    success: (200, r#"{"mobile_phone":"13800000001","used":1,"most":3}"#),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallBody {
    reason: String,
}

async fn show_number(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let message: CallBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let show = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let loan = loans::load(tx, id)?;
        let rules = collections::guard_of(tx, loan.person)?.rules;
        let mobile =
            collections::call(tx, operator, (id, &reason)).map_err(|error| match error {
                CallError::NotFound => NO_SUCH_LOAN.into(),
                CallError::NotOverdue => NOT_OVERDUE.into(),
                CallError::NotTheirs => NOT_YOUR_CASE.into(),
                CallError::Forbidden(Breach::Stopped) => CONTACT_STOPPED.into(),
                CallError::Forbidden(Breach::OutsideHours) => {
                    let hours = format!("{}:00-{}:00", rules.from, rules.until);
                    Failure::with(OUTSIDE_HOURS, &hours)
                }
                CallError::Forbidden(Breach::TooMany) => {
                    Failure::with(TOO_MANY_CONTACTS, &rules.per_day.to_string())
                }
                CallError::Shown(error) => error.into(),
                CallError::Fault(fault) => fault.into(),
            })?;
        let guard = collections::guard_of(tx, loan.person)?;
        Ok(Reply::ok(&json!({
            "mobile_phone": mobile.expose(),
            "used": guard.used,
            "most": guard.rules.per_day,
        })))
    };
    // An answer with a number in it is not kept for an idempotency key.
    call.write_unkeyed(&console, Home::home(id.number()), show).await
}

static CONTACT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/collections/{id}/contacts",
    summary: "Write a contact down 催收记录: how, what came of it, what is next; never changed later",
    access: Access::With(Right::Collect),
    fields: &[
        ID,
        body("way", "string", "call, sms, letter, visit, or incoming: the customer came to us"),
        body("outcome", "string", "what came of it"),
        optional("promise_amount", "string", "yuan; with promised, and only then"),
        optional("promise_day", "string", "YYYY-MM-DD, three months ahead at most; with promised"),
        optional("follow_up", "string", "YYYY-MM-DD: when to look at it again"),
        optional("happened_at", "string", "YYYY-MM-DD hh:mm, a week ago at most; now if not said"),
        optional("note", "string", "what else there is to say; kept sealed"),
    ],
    refusals: &[NO_SUCH_LOAN, NOT_YOUR_CASE],
    success: (
        201,
        r#"{"contact":{"id":"110","at":"2026-12-12T10:00:00+08:00","loan_id":7,"customer_id":3,"operator_id":2,"way":"call","outcome":"promised","promise":{"amount":"500.00","by":"2026-12-15","kept":"open"},"follow_up":null,"breach":null,"note":"发薪日后还款","has_note":true,"logged_at":"2026-12-12T10:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactBody {
    way: String,
    outcome: String,
    promise_amount: Option<String>,
    promise_day: Option<String>,
    follow_up: Option<String>,
    happened_at: Option<String>,
    note: Option<String>,
}

impl From<ContactError> for Failure {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NotFound => NO_SUCH_LOAN.into(),
            ContactError::NotTheirs => NOT_YOUR_CASE.into(),
            ContactError::BadTime => Self::field("happened_at"),
            ContactError::BadPromise => Self::field("promise_day"),
            ContactError::BadFollowUp => Self::field("follow_up"),
            ContactError::Fault(fault) => fault.into(),
        }
    }
}

/// A day that may be missing.
fn day(name: &'static str, text: Option<&str>) -> Result<Option<Date>, Failure> {
    text.map(|text| Date::parse(text.trim()).ok_or_else(|| Failure::field(name))).transpose()
}

/// `2026-11-25 10:00`, also with a `T`, seconds and the zone of Shanghai.
fn moment(text: &str) -> Option<Instant> {
    let text = text.trim();
    let text = text.strip_suffix("+08:00").unwrap_or(text);
    let (day, clock) = text.split_once(['T', ' '])?;
    let mut parts = clock.split(':').map(|part| {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i64>().ok()).flatten()
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        None => 0,
        Some(second) => second?,
    };
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second;
    Some(Date::parse(day)?.start().plus_millis(seconds * 1000))
}

/// What came of it, with the promise that belongs to it.
fn outcome(message: &ContactBody) -> Result<Outcome, Failure> {
    let by = day("promise_day", message.promise_day.as_deref())?;
    let amount = message.promise_amount.as_deref();
    let amount = amount.map(|text| values::positive("promise_amount", text)).transpose()?;
    let promise = match (amount, by) {
        (Some(amount), Some(by)) => Some(Promise { amount, by }),
        (None, None) => None,
        (Some(_), None) => return Err(Failure::field("promise_day")),
        (None, Some(_)) => return Err(Failure::field("promise_amount")),
    };
    if (message.outcome == "promised") != promise.is_some() {
        return Err(Failure::field("promise_amount"));
    }
    Outcome::parse(&message.outcome, promise).ok_or_else(|| Failure::field("outcome"))
}

async fn log_contact(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let message: ContactBody = call.message()?;
    let way = Way::parse(&message.way).ok_or_else(|| Failure::field("way"))?;
    let outcome = outcome(&message)?;
    let follow_up = day("follow_up", message.follow_up.as_deref())?;
    let happened_at = message.happened_at.as_deref();
    let happened_at =
        happened_at.map(|text| moment(text).ok_or_else(|| Failure::field("happened_at")));
    let happened_at = happened_at.transpose()?;
    let note = message.note.as_deref().filter(|note| !note.trim().is_empty());
    let note = note
        .map(|note| Line::parse(&note.replace('\n', " ")).ok_or_else(|| Failure::field("note")));
    let note = note.transpose()?;
    let log = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let command = LogContact {
            operator: operator.id,
            loan: id,
            way,
            outcome,
            note: note.clone(),
            follow_up,
            happened_at,
        };
        let made = collections::log_contact(tx, &command)?;
        Ok(Reply::created(&json!({ "contact": contact(&made, Sight::Masked) })))
    };
    call.write(&console, Home::home(id.number()), log).await
}

static STOP: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/stop-contact",
    summary: "Stop contacts to a person 停催: a dispute, hardship, a death; on every channel",
    access: Access::With(Right::Collect),
    fields: &[
        ID,
        body("kind", "string", "why"),
        body("reason", "string", "why: 4 to 200 characters, kept sealed"),
        optional("until", "string", "YYYY-MM-DD: the last day; until it is lifted if not said"),
    ],
    refusals: &[NO_SUCH_CUSTOMER, NO_IDENTITY],
    success: (
        200,
        r#"{"stop":{"kind":"dispute","reason":null,"until":"2026-12-31","operator_id":2,"set_at":"2026-12-12T10:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StopBody {
    kind: String,
    reason: String,
    until: Option<String>,
}

impl From<StopError> for Failure {
    fn from(error: StopError) -> Self {
        match error {
            StopError::NoSuchCustomer => NO_SUCH_CUSTOMER.into(),
            StopError::NoIdentity => NO_IDENTITY.into(),
            StopError::Over => Self::field("until"),
            StopError::NotStopped => NOT_STOPPED.into(),
            StopError::Fault(fault) => fault.into(),
        }
    }
}

async fn stop_contact(console: Console, call: Call) -> Result<Reply, Failure> {
    let member = customers::id(&call)?;
    let message: StopBody = call.message()?;
    let kind = StopKind::parse(&message.kind).ok_or_else(|| Failure::field("kind"))?;
    let reason = values::reason(&message.reason)?;
    let reason = Line::parse(&reason).ok_or_else(|| Failure::field("reason"))?;
    let until = day("until", message.until.as_deref())?;
    let set = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let reason = reason.clone();
        let command = StopContact { operator: operator.id, member, kind, reason, until };
        let made = collections::stop(tx, &command)?;
        Ok(Reply::ok(&json!({ "stop": stop(&made, Sight::Masked) })))
    };
    // The digest of the body would be one of what is kept sealed.
    call.write_unkeyed(&console, Home::home(member.number()), set).await
}

static RESUME: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/resume-contact",
    summary: "Allow contacts again 恢复催收; not for collectors, whom it would serve",
    access: Access::With(Right::ManageRisk),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters, noted in the audit trail")],
    refusals: &[NO_SUCH_CUSTOMER, NO_IDENTITY, NOT_STOPPED],
    success: (200, r#"{"stop":null}"#),
};

async fn resume_contact(console: Console, call: Call) -> Result<Reply, Failure> {
    let member = customers::id(&call)?;
    let message: CallBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let lift = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        collections::resume(tx, operator.id, member)?;
        let subject = lending::audit::Subject::Member(member);
        values::note_reason(tx, operator, subject, ("collection.resumed", &reason))?;
        Ok(Reply::ok(&json!({ "stop": null })))
    };
    call.write(&console, Home::home(member.number()), lift).await
}
