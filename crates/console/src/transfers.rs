//! Money that comes without an order to the provider: bank transfers that people have seen, and
//! coupons that customers are given.

use channel_kit::route::Method;
use kernel::Date;
use kernel::id::MemberId;
use lending::credit::{self, Coupon, CouponKind, Issue, IssueError};
use lending::operators::{Operator, Right};
use lending::servicing::{self, TransferError, Transferred};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{
    COUPON_EXPIRED, Failure, NO_SUCH_CUSTOMER, NO_SUCH_LOAN, NOT_RUNNING, UNDER_WAY,
};
use crate::loans::{self, id};
use crate::operation::{Access, ID, Operation, body, optional};
use crate::reply::Reply;
use crate::values;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&BOOK, book), route(&COUPONS, coupons), route(&ISSUE, issue)]
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::NoSuchLoan => NO_SUCH_LOAN.into(),
            TransferError::NotRunning => NOT_RUNNING.into(),
            TransferError::Nothing => Self::field("amount"),
            TransferError::UnderWay => UNDER_WAY.into(),
            TransferError::Fault(fault) => fault.into(),
        }
    }
}

static BOOK: Operation = Operation {
    method: Method::Post,
    path: "/console/api/loans/{id}/payments",
    summary: "Book a bank transfer on a loan 线下还款: what is due first, the rest is credit",
    access: Access::With(Right::Collect),
    fields: &[
        ID,
        body("amount", "string", "yuan, above zero"),
        body("reference", "string", "what the bank calls it"),
    ],
    refusals: &[NO_SUCH_LOAN, NOT_RUNNING, UNDER_WAY],
    success: (
        201,
        r#"{"repayment":{"id":"11012345678901234","loan_id":7,"settles":false,"source":"bank","on":"2026-11-25","amount":"100.00","parts":{"principal":"93.00","interest":"7.00","fee":"0.00","penalty":"0.00"},"excess":"0.00","payment_id":null,"reversed":false,"at":"2026-11-25T10:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    amount: String,
    reference: String,
}

async fn book(console: Console, call: Call) -> Result<Reply, Failure> {
    let loan = id(&call)?;
    let message: TransferBody = call.message()?;
    let amount = values::positive("amount", &message.amount)?;
    let reference = values::line("reference", &message.reference, 1..=100)?;
    let book = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let reference = reference.clone();
        let command = Transferred { actor: operator.actor(), loan, amount, reference };
        let repayment = servicing::receive_transfer(tx, &command)?;
        Ok(Reply::created(&json!({ "repayment": loans::repaid(&repayment) })))
    };
    call.write(&console, Home::home(loan.number()), book).await
}

impl From<IssueError> for Failure {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Worthless => Self::field("amount"),
            IssueError::Expired => COUPON_EXPIRED.into(),
            IssueError::NoSuchMember => NO_SUCH_CUSTOMER.into(),
            IssueError::Fault(fault) => fault.into(),
        }
    }
}

fn shown(coupon: &Coupon) -> Value {
    json!({
        "id": coupon.id.number().to_string(),
        "customer_id": coupon.member.number(),
        "kind": coupon.kind.word(),
        "amount": coupon.amount.to_string(),
        "min_repayment": coupon.min_repayment.to_string(),
        "min_withdrawal": coupon.min_withdrawal.to_string(),
        "last_day": coupon.last_day.to_string(),
        "state": coupon.state.word(),
    })
}

const EXAMPLE: &str = r#"{"id":"11012345678901234","customer_id":3,"kind":"deduction","amount":"20.00","min_repayment":"500.00","min_withdrawal":"0.00","last_day":"2026-12-31","state":"issued"}"#;

static COUPONS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/customers/{id}/coupons",
    summary: "A customer's coupons 代金券, newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[],
    success: (200, r#"{"items":[]}"#),
};

async fn coupons(console: Console, call: Call) -> Result<Reply, Failure> {
    let member = customer(&call)?;
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let coupons = credit::coupons(tx, member, page)?;
        let items: Vec<_> = coupons.iter().map(shown).collect();
        Ok(Reply::list(&items, page))
    };
    call.read(&console, read).await
}

static ISSUE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/coupons",
    summary: "Give a customer a coupon 发放代金券",
    access: Access::With(Right::ManageMessages),
    fields: &[
        ID,
        body("kind", "string", "deduction (还款抵扣) or cash (现金)"),
        body("amount", "string", "yuan, above zero"),
        body("last_day", "string", "the last day on which it is good"),
        optional("min_repayment", "string", "the least repayment, in yuan; 0 without it"),
        optional("min_withdrawal", "string", "the least withdrawal, in yuan; 0 without it"),
    ],
    refusals: &[COUPON_EXPIRED, NO_SUCH_CUSTOMER],
    success: (201, EXAMPLE),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CouponBody {
    kind: String,
    amount: String,
    last_day: String,
    #[serde(default = "nothing")]
    min_repayment: String,
    #[serde(default = "nothing")]
    min_withdrawal: String,
}

fn nothing() -> String {
    "0".to_owned()
}

async fn issue(console: Console, call: Call) -> Result<Reply, Failure> {
    let member = customer(&call)?;
    let message: CouponBody = call.message()?;
    let kind = match message.kind.as_str() {
        "deduction" => CouponKind::Deduction,
        "cash" => CouponKind::Cash,
        _ => return Err(Failure::field("kind")),
    };
    let amount = values::positive("amount", &message.amount)?;
    let min_repayment = values::money("min_repayment", &message.min_repayment)?;
    let min_withdrawal = values::money("min_withdrawal", &message.min_withdrawal)?;
    let last_day = Date::parse(&message.last_day).ok_or_else(|| Failure::field("last_day"))?;
    let issue = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let actor = operator.actor();
        let command =
            Issue { actor, member, kind, amount, min_repayment, min_withdrawal, last_day };
        Ok(Reply::created(&shown(&credit::issue(tx, &command)?)))
    };
    call.write(&console, Home::home(member.number()), issue).await
}

fn customer(call: &Call) -> Result<MemberId, Failure> {
    call.id().map(MemberId::from_number).ok_or_else(|| NO_SUCH_CUSTOMER.into())
}
