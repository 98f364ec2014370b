//! The provider's statements (对账单) and what differs from our orders: the work list.

use channel_kit::route::{Field, Method, Place};
use kernel::id::{DifferenceId, OperatorId, PaymentId};
use kernel::{Date, Money};
use lending::audit::Actor;
use lending::operators::{Operator, Right};
use lending::ports::StatementLine;
use lending::reconciliation::{
    self, Difference, DifferenceState, LINES_AT_ONCE, SettleError, Statement, Totals, WantError,
};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_DIFFERENCE, NO_SUCH_STATEMENT, NOT_BEGUN, STATEMENT_UNFIT};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, body, query};
use crate::reply::{Reply, time};
use crate::values::{self, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&ONE, one),
        route(&ASK, ask),
        route(&HAND_IN, hand_in),
        route(&DIFFERENCES, differences),
        route(&SETTLE, settle),
    ]
}

impl From<WantError> for Failure {
    fn from(error: WantError) -> Self {
        match error {
            WantError::NotBegun => NOT_BEGUN.into(),
            WantError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SettleError> for Failure {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::NotOpen => NO_SUCH_DIFFERENCE.into(),
            SettleError::Fault(fault) => fault.into(),
        }
    }
}

fn totals(totals: &Totals) -> Value {
    json!({
        "orders": totals.count,
        "in": totals.money_in.to_string(),
        "out": totals.money_out.to_string(),
    })
}

fn shown(statement: &Statement) -> Value {
    json!({
        "day": statement.day.to_string(),
        "state": statement.state.word(),
        "attempts": statement.attempts,
        "theirs": totals(&statement.theirs),
        "ours": totals(&statement.ours),
        "open_differences": statement.open,
        "compared_at": opt_time(statement.compared_at),
    })
}

fn shown_difference(difference: &Difference) -> Value {
    let money = |amount: Option<Money>| amount.map(|amount| amount.to_string());
    json!({
        "id": difference.id.number().to_string(),
        "day": difference.day.to_string(),
        "kind": difference.kind.word(),
        "order_no": difference.order_no,
        "payment_id": difference.payment.map(|id: PaymentId| id.number().to_string()),
        "ours": money(difference.ours),
        "theirs": money(difference.theirs),
        "state": difference.state.word(),
        "reason": difference.reason,
        "operator_id": difference.operator.map(OperatorId::number),
        "found_at": time(difference.found_at),
        "ended_at": opt_time(difference.ended_at),
    })
}

const STATEMENT: &str = r#"{"statement":{"day":"2026-11-25","state":"compared","attempts":1,"theirs":{"orders":3,"in":"1000.00","out":"2000.00"},"ours":{"orders":3,"in":"1000.00","out":"2000.00"},"open_differences":0,"compared_at":"2026-11-26T01:00:01+08:00"}}"#;

const DAY: Field = Field {
    name: "day",
    place: Place::Path,
    kind: "string",
    required: true,
    about: "the day, as 2026-11-25",
};

fn day_of(call: &Call) -> Result<Date, Failure> {
    call.path("day").and_then(Date::parse).ok_or_else(|| Failure::field("day"))
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/statements",
    summary: "The payment provider's statements 对账单, the latest day first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let statements = reconciliation::statements(tx, page)?;
        Ok(Reply::list(&statements.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/statements/{day}",
    summary: "A day's statement against our orders of the day 对账结果",
    access: Access::With(Right::SeeRecords),
    fields: &[DAY],
    refusals: &[NO_SUCH_STATEMENT],
    success: (200, STATEMENT),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let day = day_of(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let statement = reconciliation::statement(tx, day)?.ok_or(NO_SUCH_STATEMENT)?;
        Ok(Reply::ok(&json!({ "statement": shown(&statement) })))
    };
    call.read(&console, read).await
}

static ASK: Operation = Operation {
    method: Method::Post,
    path: "/console/api/statements/{day}/ask",
    summary: "Ask the provider for a day's statement, again where there is one, and compare it",
    access: Access::With(Right::PayOut),
    fields: &[DAY],
    refusals: &[NOT_BEGUN],
    success: (202, STATEMENT),
};

async fn ask(console: Console, call: Call) -> Result<Reply, Failure> {
    let day = day_of(&call)?;
    let write = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        reconciliation::want(tx, Actor::Operator(operator.id), day)?;
        let statement = reconciliation::statement(tx, day)?.ok_or(NO_SUCH_STATEMENT)?;
        Ok(Reply::awaited(&json!({ "statement": shown(&statement) })))
    };
    call.write(&console, Home::home(0), write).await
}

static HAND_IN: Operation = Operation {
    method: Method::Put,
    path: "/console/api/statements/{day}",
    summary: "Hand in a day's statement that came as a file, and compare it",
    access: Access::With(Right::PayOut),
    fields: &[
        DAY,
        body("csv", "string", "a line for each order: order_no,in|out,yuan,provider_no"),
    ],
    refusals: &[NOT_BEGUN, STATEMENT_UNFIT],
    success: (200, STATEMENT),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandInBody {
    csv: String,
}

async fn hand_in(console: Console, call: Call) -> Result<Reply, Failure> {
    let day = day_of(&call)?;
    let message: HandInBody = call.message()?;
    let lines = read_csv(&message.csv)?;
    let write = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let actor = Actor::Operator(operator.id);
        reconciliation::want(tx, actor, day)?;
        reconciliation::begin(tx, day)?;
        for (chunk, first) in lines.chunks(LINES_AT_ONCE).zip((0..).step_by(LINES_AT_ONCE)) {
            reconciliation::load(tx, day, first, chunk)?;
        }
        let statement = reconciliation::compare(tx, actor, day)?;
        Ok(Reply::ok(&json!({ "statement": shown(&statement) })))
    };
    call.write(&console, Home::home(0), write).await
}

/// The lines of a file; a first line that names the columns is passed over.
fn read_csv(text: &str) -> Result<Vec<StatementLine>, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let is_head = place == 0 && line.starts_with("order_no");
        if line.trim().is_empty() || is_head {
            continue;
        }
        let read = StatementLine::parse(line);
        let number = place.saturating_add(1);
        lines.push(read.ok_or_else(|| Failure::with(STATEMENT_UNFIT, &number.to_string()))?);
    }
    Ok(lines)
}

static DIFFERENCES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/differences",
    summary: "Where statements and our orders differ 对账差异, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[query("state", "string", "open (the default), settled or gone"), PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn differences(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let state = match call.query("state") {
        None => DifferenceState::Open,
        Some(word) => DifferenceState::parse(word).ok_or_else(|| Failure::field("state"))?,
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = reconciliation::differences(tx, state, page)?;
        Ok(Reply::list(&found.iter().map(shown_difference).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static SETTLE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/differences/{id}/settle",
    summary: "Settle a difference: say why it is in order; no money moves by it",
    access: Access::With(Right::Reverse),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters")],
    refusals: &[NO_SUCH_DIFFERENCE],
    success: (
        200,
        r#"{"difference":{"id":"11012345678901234","day":"2026-11-25","kind":"not_theirs","order_no":"2026112510000011012345678901234","payment_id":"11012345678901234","ours":"1000.00","theirs":null,"state":"settled","reason":"次日入账","operator_id":3,"found_at":"2026-11-26T01:00:01+08:00","ended_at":"2026-11-26T09:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettleBody {
    reason: String,
}

async fn settle(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(DifferenceId::from_number).ok_or(NO_SUCH_DIFFERENCE)?;
    let message: SettleBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let write = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let settled = reconciliation::settle(tx, operator.id, id, &reason)?;
        Ok(Reply::ok(&json!({ "difference": shown_difference(&settled) })))
    };
    call.write(&console, Home::home(id.number()), write).await
}
