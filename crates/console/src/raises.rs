//! Customers' requests for a higher limit (提额申请).

use channel_kit::route::Method;
use kernel::Money;
use kernel::id::{OperatorId, RaiseId};
use lending::audit::Subject;
use lending::credit::{self, DecideRaise, DecideRaiseError, Raise, RaiseState};
use lending::operators::approvals::{Action, Asked};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_RAISE, NOT_HIGHER};
use crate::operation::{APPROVAL, Access, ID, Operation, PAGE, SIZE, body};
use crate::reply::{Reply, time};
use crate::{Console, second, values};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&DECIDE, decide)]
}

impl From<DecideRaiseError> for Failure {
    fn from(error: DecideRaiseError) -> Self {
        match error {
            DecideRaiseError::NotWaiting => NO_SUCH_RAISE.into(),
            DecideRaiseError::NotHigher => NOT_HIGHER.into(),
            DecideRaiseError::Change(change) => change.into(),
            DecideRaiseError::Fault(fault) => fault.into(),
        }
    }
}

fn shown(raise: &Raise) -> Value {
    json!({
        "id": raise.id.number(),
        "customer_id": raise.member.number(),
        "state": raise.state.word(),
        "before": raise.before.to_string(),
        "after": raise.after.map(|limit| limit.to_string()),
        "operator_id": raise.operator.map(OperatorId::number),
        "reason": raise.reason,
        "requested_at": time(raise.requested_at),
        "decided_at": raise.decided_at.map(time),
    })
}

const RAISE: &str = r#"{"raise":{"id":72057594037927937,"customer_id":3,"state":"granted","before":"2000.00","after":"3000.00","operator_id":2,"reason":"资料齐全","requested_at":"2026-11-25 10:00:00","decided_at":"2026-11-25 11:00:00"}}"#;

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/raises",
    summary: "Requests for a higher limit 提额申请 that wait, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[]}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let waiting = credit::waiting_raises(tx, page)?;
        Ok(Reply::ok(&json!({ "items": waiting.iter().map(shown).collect::<Vec<_>>() })))
    };
    call.read(&console, read).await
}

static DECIDE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/raises/{id}/decide",
    summary: "Grant a request for a higher limit, or refuse it; the amount that is approved is the \
        difference",
    access: Access::With(Right::ChangeLimit),
    fields: &[
        ID,
        body("limit", "string", "the new limit in yuan; without it, the request is refused"),
        body("reason", "string", "why: 4 to 200 characters"),
        APPROVAL,
    ],
    refusals: &[
        NO_SUCH_RAISE,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        NOT_HIGHER,
    ],
    success: (200, RAISE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecideBody {
    limit: Option<String>,
    reason: String,
    approval: Option<String>,
}

async fn decide(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(RaiseId::from_number).ok_or(NO_SUCH_RAISE)?;
    let message: DecideBody = call.message()?;
    let limit = message.limit.as_deref();
    let limit = limit.map(|limit| values::money("limit", limit)).transpose()?;
    let reason = values::reason(&message.reason)?;
    let approval = second::read(message.approval.as_deref())?;
    let decide = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let raise = credit::raise(tx, id)?.filter(|raise| raise.state == RaiseState::Requested);
        let raise = raise.ok_or(NO_SUCH_RAISE)?;
        if let Some(limit) = limit {
            let asked = Asked {
                action: Action::LimitChange,
                subject: Subject::Member(raise.member),
                amount: limit.minus(raise.before).unwrap_or(Money::ZERO),
                parameters: format!("raise {} to {limit}: {reason}", id.number()),
            };
            if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
                return Ok(awaited);
            }
        }
        let command =
            DecideRaise { operator: operator.id, raise: id, limit, reason: reason.clone() };
        let decided = credit::decide_raise(tx, &command)?;
        Ok(Reply::ok(&json!({ "raise": shown(&decided) })))
    };
    call.write(&console, Home::home(id.number()), decide).await
}
