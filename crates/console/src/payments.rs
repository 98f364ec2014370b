//! Orders to the payment provider, as far as operators look after them.

use channel_kit::route::Method;
use kernel::id::{LoanId, PaymentId, PlanRowId};
use lending::Tx;
use lending::operators::{Operator, Right};
use lending::servicing::payments::{self, Payment};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_PAYMENT};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};
use crate::values::opt_time;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one)]
}

/// What the answers show of an order.
pub(crate) fn shown(payment: &Payment) -> Value {
    json!({
        "id": payment.id.number().to_string(),
        "order_no": payment.order_no,
        "purpose": payment.purpose.word(),
        "direction": payment.purpose.direction().word(),
        "customer_id": payment.member.number(),
        "loan_id": payment.loan.map(LoanId::number),
        "row_id": payment.row.map(PlanRowId::number),
        "amount": payment.amount.to_string(),
        "state": payment.state.word(),
        "reason": payment.reason,
        "attempts": payment.attempts,
        "next_attempt_at": (!payment.state.is_final()).then(|| time(payment.attempt_at)),
        "requested_at": time(payment.requested_at),
        "settled_at": opt_time(payment.settled_at),
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/payments",
    summary: "Orders whose answers are awaited 在途, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[query("state", "string", "open (the default): no other list is kept"), PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    if call.query("state").is_some_and(|state| state != "open") {
        return Err(Failure::field("state"));
    }
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let open = payments::in_doubt(tx, page)?;
        Ok(Reply::list(&open.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/payments/{id}",
    summary: "One order to the payment provider 支付订单",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_PAYMENT],
    success: (
        200,
        r#"{"payment":{"id":"11012345678901234","order_no":"2026112510000011012345678901234","purpose":"payout","direction":"payout","customer_id":3,"loan_id":7,"row_id":null,"amount":"1000.00","state":"succeeded","reason":null,"attempts":1,"next_attempt_at":null,"requested_at":"2026-11-25T10:00:00+08:00","settled_at":"2026-11-25T10:00:01+08:00"}}"#,
    ),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(PaymentId::from_number).ok_or(NO_SUCH_PAYMENT)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let payment = payments::payment(tx, id)?.ok_or(NO_SUCH_PAYMENT)?;
        Ok(Reply::ok(&json!({ "payment": shown(&payment) })))
    };
    call.read(&console, read).await
}
