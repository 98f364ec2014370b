//! The two-person rule on the wire: what waits for a second operator, and what they say.

use channel_kit::route::Method;
use kernel::id::ApprovalId;
use lending::operators::approvals::{self, Approval, DecideError, Verdict, Which};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_RIGHT, NO_SUCH_APPROVAL, NOT_WAITING, OWN_REQUEST};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one), route(&APPROVE, approve), route(&REJECT, reject)]
}

pub(crate) const EXAMPLE: &str = r#"{"approval":{"id":"11012345678901234","action":"payout","subject":{"kind":"loan","id":7},"amount":"60000.00","parameters":"","reason":"signed","state":"requested","requested_by":1,"requested_at":"2026-03-01T08:00:00+08:00","expires_at":"2026-03-04T08:00:00+08:00","decided_by":null,"decided_at":null,"used_by":null,"used_at":null}}"#;

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NoSuchApproval => NO_SUCH_APPROVAL.into(),
            DecideError::NoRight(right) => Self::no_right(right),
            DecideError::NotWaiting(state) => Self::with(NOT_WAITING, state.word()),
            DecideError::Yourself => OWN_REQUEST.into(),
            DecideError::Fault(fault) => fault.into(),
        }
    }
}

/// What the answers show of an approval. Its id does not fit into a number of JavaScript.
pub(crate) fn shown(approval: &Approval) -> Value {
    json!({
        "id": approval.id.number().to_string(),
        "action": approval.action.word(),
        "subject": { "kind": approval.subject.kind, "id": approval.subject.number },
        "amount": approval.amount.to_string(),
        "parameters": approval.parameters,
        "reason": approval.reason,
        "state": approval.state.word(),
        "requested_by": approval.requested_by.number(),
        "requested_at": time(approval.requested_at),
        "expires_at": time(approval.expires_at),
        "decided_by": approval.decided_by.map(kernel::id::OperatorId::number),
        "decided_at": approval.decided_at.map(time),
        "used_by": approval.used_by.map(kernel::id::OperatorId::number),
        "used_at": approval.used_at.map(time),
    })
}

fn id(call: &Call) -> Result<ApprovalId, Failure> {
    Ok(call.id().map(ApprovalId::from_number).ok_or(NO_SUCH_APPROVAL)?)
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/approvals",
    summary: "Approvals 复核: what waits for a second operator, or everything",
    access: Access::With(Right::SeeRecords),
    fields: &[query("which", "string", "open (the default) or all"), PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let which = match call.query("which") {
        None | Some("open") => Which::Open,
        Some("all") => Which::All,
        Some(_) => return Err(Failure::field("which")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = approvals::approvals(tx, which, page)?;
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/approvals/{id}",
    summary: "One approval",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_APPROVAL],
    success: (200, EXAMPLE),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let approval = approvals::approval(tx, id)?.ok_or(NO_SUCH_APPROVAL)?;
        Ok(Reply::ok(&json!({ "approval": shown(&approval) })))
    };
    call.read(&console, read).await
}

static APPROVE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/approvals/{id}/approve",
    summary: "Consent 同意: needs the right of the action, and somebody else than who asked",
    access: Access::LoggedIn,
    fields: &[ID],
    refusals: &[NO_SUCH_APPROVAL, NO_RIGHT, NOT_WAITING, OWN_REQUEST],
    success: (200, EXAMPLE),
};

async fn approve(console: Console, call: Call) -> Result<Reply, Failure> {
    decide(console, call, Verdict::Approve).await
}

static REJECT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/approvals/{id}/reject",
    summary: "Refuse 拒绝, or take one's own request back 撤回",
    access: Access::LoggedIn,
    fields: &[ID],
    refusals: &[NO_SUCH_APPROVAL, NO_RIGHT, NOT_WAITING],
    success: (200, EXAMPLE),
};

async fn reject(console: Console, call: Call) -> Result<Reply, Failure> {
    decide(console, call, Verdict::Reject).await
}

async fn decide(console: Console, call: Call, verdict: Verdict) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let decide = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let approval = approvals::decide(tx, operator, id, verdict)?;
        Ok(Reply::ok(&json!({ "approval": shown(&approval) })))
    };
    call.write(&console, Home::home(id.number()), decide).await
}
