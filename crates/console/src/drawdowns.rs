//! Limits that are drawn on later: applying for one in a customer's name, and drawdowns that the
//! rules leave to people.

use channel_kit::route::Method;
use kernel::id::{ApplicationId, DrawdownId, OperatorId, ProductId};
use lending::operators::{Operator, Right};
use lending::origination::{
    self, DecideDrawdown, Drawdown, DrawdownError, DrawdownState, PlaceOrder, QuoteError,
    SubmitError,
};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::customers::{id as customer_id, load};
use crate::failure::{
    CUSTOMER_REFUSED, Failure, LINE_TOO_SMALL, NO_IDENTITY, NO_SUCH_CUSTOMER, NO_SUCH_DRAWDOWN,
    NOT_OFFERED, NOT_REVIEWING, OPEN_APPLICATION, WITH_PARTNER,
};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, body, optional, query};
use crate::reply::{Reply, time};
use crate::values::{self, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&APPLY, apply), route(&LIST, list), route(&REVIEW, review)]
}

/// Characters of what a customer is told.
const TOLD: std::ops::RangeInclusive<usize> = 1..=200;

const DRAWDOWN: &str = r#"{"drawdown":{"id":1001,"withdraw_no":"1234567890123456","application_id":1,"amount":"1000.00","tenor":3,"state":"approved","reason":null,"operator_id":2,"requested_at":"2026-11-25T10:00:00+08:00","decided_at":"2026-11-25T10:05:00+08:00"}}"#;

/// What the answers show of a drawdown.
fn shown(drawdown: &Drawdown) -> Value {
    json!({
        "id": drawdown.id.number(),
        "withdraw_no": drawdown.withdraw_no,
        "application_id": drawdown.application.number(),
        "amount": drawdown.amount.to_string(),
        "tenor": drawdown.tenor,
        "state": drawdown.state.word(),
        "reason": drawdown.reason,
        "operator_id": drawdown.operator.map(OperatorId::number),
        "requested_at": time(drawdown.requested_at),
        "decided_at": opt_time(drawdown.decided_at),
    })
}

static APPLY: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/limit-application",
    summary: "Apply for a limit 授信 in a customer's name, on a channel whose limits are drawn later",
    access: Access::With(Right::ReviewApplications),
    fields: &[
        ID,
        optional("amount", "string", "yuan, in hundreds; as much as there can be if not said"),
        optional("product_id", "integer", "the first on sale if not said"),
    ],
    refusals: &[
        NO_SUCH_CUSTOMER,
        CUSTOMER_REFUSED,
        NOT_OFFERED,
        NO_IDENTITY,
        OPEN_APPLICATION,
        LINE_TOO_SMALL,
    ],
    success: (
        201,
        r#"{"application":{"id":1,"code":"202611251400165897932384","state":"reviewing"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplyBody {
    amount: Option<String>,
    product_id: Option<i64>,
}

async fn apply(console: Console, call: Call) -> Result<Reply, Failure> {
    let member = customer_id(&call)?;
    let message: ApplyBody = call.message()?;
    let amount = message.amount.as_deref().map(|text| values::positive("amount", text));
    let amount = amount.transpose()?;
    let product = message.product_id.map(ProductId::from_number);
    let apply = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let channel = load(tx, member)?.channel;
        let order = PlaceOrder { actor: operator.actor(), member, channel, product, amount };
        let placed = origination::place_order(tx, &order).map_err(refused)?;
        Ok(Reply::created(&json!({
            "application": crate::applications::shown(&placed.application),
        })))
    };
    call.write(&console, Home::home(member.number()), apply).await
}

fn refused(error: SubmitError) -> Failure {
    match error {
        SubmitError::NoSuchCustomer => NO_SUCH_CUSTOMER.into(),
        SubmitError::Blocked | SubmitError::Blacklisted => CUSTOMER_REFUSED.into(),
        SubmitError::Quote(QuoteError::Fault(fault)) | SubmitError::Fault(fault) => fault.into(),
        SubmitError::Quote(refused) => Failure::with(NOT_OFFERED, &refused.to_string()),
        SubmitError::Incomplete => NO_IDENTITY.into(),
        SubmitError::AlreadySubmitted => OPEN_APPLICATION.into(),
        SubmitError::LineTooSmall => LINE_TOO_SMALL.into(),
    }
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/drawdowns",
    summary: "Drawdowns 提现 in a state, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("state", "string", "reviewing (the default), approved, refused or cancelled"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let state = match call.query("state") {
        None => DrawdownState::Reviewing,
        Some(word) => DrawdownState::parse(word).ok_or_else(|| Failure::field("state"))?,
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = origination::drawdowns_in(tx, state, page)?;
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static REVIEW: Operation = Operation {
    method: Method::Post,
    path: "/console/api/drawdowns/{id}/review",
    summary: "Decide a drawdown 提现审批 that the rules referred to people",
    access: Access::With(Right::ReviewFinal),
    fields: &[
        ID,
        body("verdict", "string", "approve or refuse"),
        optional("reason", "string", "what the customer is told; needed with refuse"),
    ],
    refusals: &[NO_SUCH_DRAWDOWN, NOT_REVIEWING, WITH_PARTNER],
    success: (200, DRAWDOWN),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    verdict: String,
    reason: Option<String>,
}

async fn review(console: Console, call: Call) -> Result<Reply, Failure> {
    let drawdown = DrawdownId::from_number(call.id().ok_or(NO_SUCH_DRAWDOWN)?);
    let message: ReviewBody = call.message()?;
    let refusal = match (message.verdict.as_str(), &message.reason) {
        ("approve", None) => None,
        ("refuse", Some(reason)) => Some(values::line("reason", reason, TOLD)?),
        ("approve", Some(_)) | ("refuse", None) => return Err(Failure::field("reason")),
        (_, _) => return Err(Failure::field("verdict")),
    };
    let review = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let command = DecideDrawdown { operator: operator.id, drawdown, refusal: refusal.clone() };
        let decided = origination::decide_drawdown(tx, &command).map_err(|error| match error {
            DrawdownError::NoSuchDrawdown => NO_SUCH_DRAWDOWN.into(),
            DrawdownError::TooLate => NOT_REVIEWING.into(),
            DrawdownError::WithPartner => WITH_PARTNER.into(),
            DrawdownError::Fault(fault) => Failure::from(fault),
        })?;
        Ok(Reply::ok(&json!({ "drawdown": shown(&decided) })))
    };
    // Calls about an application and its drawdowns meet in the same writer.
    let home = ApplicationId::from_number(drawdown.number().div_euclid(1000));
    call.write(&console, Home::home(home.number()), review).await
}
