//! Loans, as they were agreed and as they stand today.

use channel_kit::route::Method;
use kernel::Date;
use kernel::id::{LoanId, PaymentId};
use lending::operators::{Operator, Right};
use lending::servicing::{
    self, DueRow, Listed, Loan, LoanState, Order, Paid, PlanRow, Repayment, SettlementError,
};
use lending::{Tx, documents};
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_LOAN, NOT_RUNNING};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};
use crate::values::{self, opt_day, opt_time};
use crate::{Console, collections, payments};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one), route(&SETTLEMENT, settlement)]
}

/// A loan as an example.
pub(crate) const LOAN: &str = r#"{"loan":{"id":7,"code":"cash20261125001","application_id":1,"customer_id":3,"product":{"id":1,"version":1},"terms":{"amount":"1000.00","rate":"18","tenor":14,"tenor_unit":"day","interval":14,"interval_unit":"day","method":"one_off"},"received":"1000.00","state":"repaying","bucket":null,"created_at":"2026-11-25T10:00:00+08:00","paid_out_at":"2026-11-25T10:00:01+08:00","start":"2026-11-25","next_due":"2026-12-09","overdue_since":null,"paid":{"principal":"0.00","interest":"0.00","fee":"0.00","penalty":"0.00"},"closed_at":null}}"#;

/// What the answers show of a loan; its bucket is that of `today`.
pub(crate) fn shown(loan: &Loan, today: Date) -> Value {
    json!({
        "id": loan.id.number(),
        "code": loan.code,
        "application_id": loan.application.number(),
        "customer_id": loan.member.number(),
        "product": { "id": loan.product.number(), "version": loan.version },
        "terms": values::terms(&loan.terms),
        "received": loan.received.to_string(),
        "state": loan.state.word(),
        "bucket": loan.bucket(today).map(|bucket| format!("M{bucket}")),
        "created_at": time(loan.created_at),
        "paid_out_at": opt_time(loan.paid_out_at),
        "start": opt_day(loan.start),
        "next_due": opt_day(loan.next_due),
        "overdue_since": opt_day(loan.overdue_since),
        "paid": parts(&loan.paid),
        "closed_at": opt_time(loan.closed_at),
    })
}

fn parts(paid: &Paid) -> Value {
    json!({
        "principal": paid.principal.to_string(),
        "interest": paid.interest.to_string(),
        "fee": paid.fee.to_string(),
        "penalty": paid.penalty.to_string(),
    })
}

pub(crate) fn planned(row: &PlanRow) -> Value {
    json!({
        "id": row.id.number(),
        "number": row.number,
        "from": row.from.to_string(),
        "due": row.due.to_string(),
        "principal": row.principal.to_string(),
        "interest": row.interest.to_string(),
        "fee": row.fee.to_string(),
    })
}

pub(crate) fn standing(row: &DueRow) -> Value {
    json!({
        "id": row.row.id.number(),
        "number": row.row.number,
        "due": row.row.due.to_string(),
        "principal": row.principal.to_string(),
        "interest": row.interest.to_string(),
        "fee": row.fee.to_string(),
        "penalty": row.penalty.to_string(),
        "outstanding": row.outstanding.to_string(),
        "overdue_days": row.overdue_days.max(0),
    })
}

/// What the answers show of a repayment.
pub(crate) fn repaid(repayment: &Repayment) -> Value {
    json!({
        "id": repayment.id.number().to_string(),
        "loan_id": repayment.loan.number(),
        "settles": repayment.settles,
        "source": repayment.source.word(),
        "on": repayment.on.to_string(),
        "amount": repayment.amount.to_string(),
        "parts": parts(&repayment.parts),
        "excess": repayment.excess.to_string(),
        "payment_id": repayment.payment.map(PaymentId::number).map(|id| id.to_string()),
        "reversed": repayment.reversed,
        "at": time(repayment.at),
    })
}

/// The loan of the path.
pub(crate) fn id(call: &Call) -> Result<LoanId, Failure> {
    Ok(call.id().map(LoanId::from_number).ok_or(NO_SUCH_LOAN)?)
}

/// A loan that must be there.
pub(crate) fn load(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Loan, Failure> {
    Ok(servicing::loan(tx, id)?.ok_or(NO_SUCH_LOAN)?)
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/loans",
    summary: "Loans 借据 in a state, or the overdue ones 逾期",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query(
            "state",
            "string",
            "repaying (the default), overdue, paying_out, payout_failed, settled or written_off",
        ),
        query("channel", "string", "only those of this channel"),
        query(
            "order",
            "string",
            "oldest (the default), newest, largest, next_due or longest_overdue",
        ),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let which = match call.query("state") {
        None => Listed::In(LoanState::Repaying),
        Some("overdue") => Listed::Overdue,
        Some(word) => Listed::In(LoanState::parse(word).ok_or_else(|| Failure::field("state"))?),
    };
    let channel = call.query("channel").map(values::channel).transpose()?;
    let order = match call.query("order") {
        None | Some("oldest") => Order::Oldest,
        Some("newest") => Order::Newest,
        Some("largest") => Order::Largest,
        Some("next_due") => Order::NextDue,
        Some("longest_overdue") => Order::LongestOverdue,
        Some(_) => return Err(Failure::field("order")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let today = tx.at().business.date();
        let all = servicing::loans_in_order(tx, (which, channel), order, page)?;
        let all: Vec<_> = all.iter().map(|loan| shown(loan, today)).collect();
        Ok(Reply::list(&all, page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/loans/{id}",
    summary: "One loan with its plan, its rows as they stand today, payments and documents",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_LOAN],
    success: (200, LOAN),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let today = tx.at().business.date();
        let loan = load(tx, id)?;
        let plan = servicing::plan(tx, id)?;
        let (rows, settlement) = servicing::standing_today(tx, &loan)?.unzip();
        let runs = loan.state == LoanState::Repaying;
        let repayments = servicing::repayments(tx, id)?;
        let orders = servicing::payments::payments_of(tx, id)?;
        let papers = documents::of_loan(tx, id)?;
        Ok(Reply::ok(&json!({
            "loan": shown(&loan, today),
            "plan": plan.iter().map(planned).collect::<Vec<_>>(),
            "rows": rows.unwrap_or_default().iter().map(standing).collect::<Vec<_>>(),
            "settlement": settlement.filter(|_| runs).map(|amount| amount.to_string()),
            "repayments": repayments.iter().map(repaid).collect::<Vec<_>>(),
            "payments": orders.iter().map(payments::shown).collect::<Vec<_>>(),
            "collection": collections::of_loan(tx, id)?,
            "documents": papers.iter().map(crate::documents::shown).collect::<Vec<_>>(),
        })))
    };
    call.read(&console, read).await
}

impl From<SettlementError> for Failure {
    fn from(error: SettlementError) -> Self {
        match error {
            SettlementError::NotFound => NO_SUCH_LOAN.into(),
            SettlementError::NotRunning => NOT_RUNNING.into(),
            SettlementError::OutOfReach => Self::field("on"),
            SettlementError::Fault(fault) => fault.into(),
        }
    }
}

static SETTLEMENT: Operation = Operation {
    method: Method::Get,
    path: "/console/api/loans/{id}/settlement",
    summary: "What it takes to settle a loan on a day 结清试算, if nothing is paid until then",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, query("on", "string", "YYYY-MM-DD, from today on; today if not said")],
    refusals: &[NO_SUCH_LOAN, NOT_RUNNING],
    success: (
        200,
        r#"{"settlement":{"on":"2026-12-01","principal":"1000.00","interest":"3.00","fee":"0.00","penalty":"0.00","total":"1003.00"}}"#,
    ),
};

async fn settlement(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let on = call.query("on").map(|text| Date::parse(text).ok_or_else(|| Failure::field("on")));
    let on = on.transpose()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let on = on.unwrap_or_else(|| tx.at().business.date());
        let quote = servicing::settlement_on(tx, id, on)?;
        Ok(Reply::ok(&json!({ "settlement": {
            "on": on.to_string(),
            "principal": quote.principal.to_string(),
            "interest": quote.interest.to_string(),
            "fee": quote.fees.to_string(),
            "penalty": quote.penalties.to_string(),
            "total": quote.total.to_string(),
        } })))
    };
    call.read(&console, read).await
}
