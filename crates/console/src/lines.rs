//! Credit lines: how they stand, how they came to be so, and their changes.

use channel_kit::route::Method;
use kernel::Money;
use kernel::id::OperatorId;
use lending::audit::Subject;
use lending::credit::{self, ChangeError, Line, LineChange, LineStatus};
use lending::operators::approvals::{Action, Asked};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::customers::{id, load};
use crate::failure::{BELOW_USE, Failure, NO_LINE, NO_SUCH_CUSTOMER};
use crate::operation::{APPROVAL, Access, ID, Operation, PAGE, SIZE, body};
use crate::reply::{Reply, time};
use crate::values::{self, note_reason};
use crate::{Console, second};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&SHOW, show), route(&CHANGE, change), route(&SUSPEND, suspend)]
}

const LINE: &str = r#"{"line":{"customer_id":3,"limit":"5000.00","frozen":"0.00","used":"1000.00","available":"4000.00","suspended":false}}"#;

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NoReason => Self::field("reason"),
            ChangeError::NoLine => NO_LINE.into(),
            ChangeError::BelowUse { least } => Self::with(BELOW_USE, &least.to_string()),
            ChangeError::Fault(fault) => fault.into(),
        }
    }
}

/// What the answers show of a line.
pub(crate) fn shown(line: &Line) -> Value {
    json!({
        "customer_id": line.member.number(),
        "limit": line.limit.to_string(),
        "frozen": line.frozen.to_string(),
        "used": line.used.to_string(),
        "available": line.available().to_string(),
        "suspended": line.status == LineStatus::Suspended,
    })
}

fn changed(change: &LineChange) -> Value {
    json!({
        "before": change.before.map(|limit| limit.to_string()),
        "after": change.after.to_string(),
        "operator_id": change.operator.map(OperatorId::number),
        "reason": change.reason,
        "at": time(change.changed_at),
    })
}

static SHOW: Operation = Operation {
    method: Method::Get,
    path: "/console/api/customers/{id}/limit",
    summary: "A customer's credit line 额度 and its changes, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, PAGE, SIZE],
    refusals: &[NO_SUCH_CUSTOMER, NO_LINE],
    success: (200, LINE),
};

async fn show(console: Console, call: Call) -> Result<Reply, Failure> {
    let (id, page) = (id(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        load(tx, id)?;
        let line = credit::line(tx, id)?.ok_or(NO_LINE)?;
        let changes = credit::changes(tx, id, page)?;
        Ok(Reply::ok(&json!({
            "line": shown(&line),
            "changes": changes.iter().map(changed).collect::<Vec<_>>(),
        })))
    };
    call.read(&console, read).await
}

static CHANGE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/limit",
    summary: "Raise or lower a credit line 调额; the amount that is approved is the difference",
    access: Access::With(Right::ChangeLimit),
    fields: &[
        ID,
        body("limit", "string", "the new limit in yuan"),
        body("reason", "string", "why: 4 to 200 characters"),
        APPROVAL,
    ],
    refusals: &[
        NO_SUCH_CUSTOMER,
        NO_LINE,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        BELOW_USE,
    ],
    success: (200, LINE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitBody {
    limit: String,
    reason: String,
    approval: Option<String>,
}

async fn change(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: LimitBody = call.message()?;
    let limit = values::money("limit", &message.limit)?;
    let reason = values::reason(&message.reason)?;
    let approval = second::read(message.approval.as_deref())?;
    let change = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        load(tx, id)?;
        let before = credit::line(tx, id)?.ok_or(NO_LINE)?.limit;
        let difference = limit.minus(before).or_else(|| before.minus(limit));
        let asked = Asked {
            action: Action::LimitChange,
            subject: Subject::Member(id),
            amount: difference.unwrap_or(Money::MAX),
            parameters: format!("limit {limit}: {reason}"),
        };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let line = credit::change_limit(tx, operator.actor(), id, limit, &reason)?;
        Ok(Reply::ok(&json!({ "line": shown(&line) })))
    };
    call.write(&console, Home::home(id.number()), change).await
}

static SUSPEND: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/limit/status",
    summary: "Suspend a credit line 冻结额度, or open it again",
    access: Access::With(Right::ChangeLimit),
    fields: &[
        ID,
        body("suspended", "boolean", "whether nothing new can be drawn"),
        body("reason", "string", "why: 4 to 200 characters, noted in the audit trail"),
    ],
    refusals: &[NO_SUCH_CUSTOMER, NO_LINE],
    success: (200, LINE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusBody {
    suspended: bool,
    reason: String,
}

async fn suspend(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: StatusBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let status = if message.suspended { LineStatus::Suspended } else { LineStatus::Open };
    let suspend = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        load(tx, id)?;
        if !credit::set_line_status(tx, operator.actor(), id, status)? {
            return Err(NO_LINE.into());
        }
        note_reason(tx, operator, Subject::Member(id), ("credit_line", &reason))?;
        let line = credit::line(tx, id)?.ok_or(NO_LINE)?;
        Ok(Reply::ok(&json!({ "line": shown(&line) })))
    };
    call.write(&console, Home::home(id.number()), suspend).await
}
