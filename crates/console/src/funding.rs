//! The funding partner, as far as operators look after it: what it is still to answer, and what it
//! said that does not fit our books.

use channel_kit::route::Method;
use kernel::id::{ApplicationId, FundingIssueId, FundingOrderId, OperatorId};
use lending::funding::{self, AgainError, CloseIssueError, Issue, Order};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, ISSUE_CLOSED, NO_SUCH_FUNDING_ORDER, NO_SUCH_ISSUE, NOT_TOLD_AGAIN};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, body, query};
use crate::reply::{Reply, time};
use crate::values::{self, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&ORDERS, orders), route(&AGAIN, again), route(&ISSUES, issues), route(&CLOSE, close)]
}

/// Characters of what an operator writes about an issue.
const NOTE: std::ops::RangeInclusive<usize> = 1..=500;

const ORDER: &str = r#"{"order":{"id":"11012345678901234","kind":"repay","number":"11012345678901233","application_id":1,"state":"requested","heard":null,"reason":null,"attempts":0,"next_attempt_at":"2026-11-25T10:00:01+08:00","requested_at":"2026-11-25T10:00:00+08:00","settled_at":null}}"#;

const ISSUE: &str = r#"{"issue":{"id":"11012345678901235","order_id":"11012345678901234","status":4203,"detail":"4203: the loan is repaying here","noted_at":"2026-11-25T10:00:00+08:00","closed_at":"2026-11-25T11:00:00+08:00","closed_by":2,"note":"the partner has corrected it"}}"#;

/// What the answers show of an order.
fn shown(order: &Order) -> Value {
    json!({
        "id": order.id.number().to_string(),
        "kind": order.kind.word(),
        "number": order.number,
        "application_id": order.application.number(),
        "state": order.state.word(),
        "heard": order.heard.map(lending::ports::FundingStatus::code),
        "reason": order.reason,
        "attempts": order.attempts,
        "next_attempt_at": order.state.is_open().then(|| time(order.attempt_at)),
        "requested_at": time(order.requested_at),
        "settled_at": opt_time(order.settled_at),
    })
}

/// What the answers show of an issue.
fn shown_issue(issue: &Issue) -> Value {
    json!({
        "id": issue.id.number().to_string(),
        "order_id": issue.order.number().to_string(),
        "status": issue.status.map(lending::ports::FundingStatus::code),
        "detail": issue.detail,
        "noted_at": time(issue.noted_at),
        "closed_at": opt_time(issue.closed_at),
        "closed_by": issue.closed_by.map(OperatorId::number),
        "note": issue.note,
    })
}

static ORDERS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/funding/orders",
    summary: "What the funding partner 资金方 is still to answer, or all that it was told of an \
              application",
    access: Access::With(Right::SeeRecords),
    fields: &[query("application_id", "integer", "everything about this one"), PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn orders(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let application = match call.query("application_id") {
        None => None,
        Some(text) => {
            let number = text.parse().map_err(|_| Failure::field("application_id"))?;
            Some(ApplicationId::from_number(number))
        }
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = match application {
            Some(application) => funding::orders_of(tx, application)?,
            None => funding::open_orders(tx, page)?,
        };
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static AGAIN: Operation = Operation {
    method: Method::Post,
    path: "/console/api/funding/orders/{id}/again",
    summary: "Tell the funding partner again what it took for a mistake",
    access: Access::With(Right::ReviewFinal),
    fields: &[ID],
    refusals: &[NO_SUCH_FUNDING_ORDER, NOT_TOLD_AGAIN],
    success: (200, ORDER),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NothingMore {}

async fn again(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(FundingOrderId::from_number).ok_or(NO_SUCH_FUNDING_ORDER)?;
    let NothingMore {} = call.message()?;
    let again = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let order = funding::tell_again(tx, operator.id, id).map_err(|error| match error {
            AgainError::NoSuchOrder => NO_SUCH_FUNDING_ORDER.into(),
            AgainError::NotRefused => NOT_TOLD_AGAIN.into(),
            AgainError::Fault(fault) => Failure::from(fault),
        })?;
        Ok(Reply::ok(&json!({ "order": shown(&order) })))
    };
    let answer = call.write(&console, Home::home(id.number()), again).await;
    console.app.wake();
    answer
}

static ISSUES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/funding/issues",
    summary: "What the funding partner said that does not fit our books 待处理事项, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn issues(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let open = funding::open_issues(tx, page)?;
        Ok(Reply::list(&open.iter().map(shown_issue).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static CLOSE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/funding/issues/{id}/close",
    summary: "Close what was looked at; it changes nothing else",
    access: Access::With(Right::ReviewFinal),
    fields: &[ID, body("note", "string", "what came of it, 1 to 500 characters")],
    refusals: &[NO_SUCH_ISSUE, ISSUE_CLOSED],
    success: (200, ISSUE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseBody {
    note: String,
}

async fn close(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(FundingIssueId::from_number).ok_or(NO_SUCH_ISSUE)?;
    let message: CloseBody = call.message()?;
    let note = values::line("note", &message.note, NOTE)?;
    let close = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let closed = funding::close_issue(tx, operator.id, id, &note);
        let issue = closed.map_err(|error| match error {
            CloseIssueError::NoSuchIssue => NO_SUCH_ISSUE.into(),
            CloseIssueError::AlreadyClosed => ISSUE_CLOSED.into(),
            CloseIssueError::Fault(fault) => Failure::from(fault),
        })?;
        Ok(Reply::ok(&json!({ "issue": shown_issue(&issue) })))
    };
    call.write(&console, Home::home(id.number()), close).await
}
