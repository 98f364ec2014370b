//! Applications, as those who decide them and pay them out see them.

use channel_kit::route::Method;
use kernel::Money;
use kernel::id::{ApplicationId, LoanId};
use lending::audit::Subject;
use lending::operators::approvals::{Action, Asked};
use lending::operators::{self, Operator, Right};
use lending::origination::{
    self, Application, Approved, DecideError, Decision, Order, Quote, Review, State, Verdict,
};
use lending::servicing::{self, PayOutError};
use lending::{Route as Home, Tx, catalog, customers, documents};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{
    ABOVE_TODAY, Failure, NO_CARD, NO_RIGHT, NO_SUCH_APPLICATION, NOT_DISCLOSED, NOT_OFFERED,
    NOT_PAYABLE, NOT_REVIEWING, SAME_REVIEWER, TOO_MUCH, UNDER_WAY, WITH_PARTNER,
};
use crate::operation::{
    APPROVAL, Access, ID, Operation, PAGE, Refusal, SIZE, WHY, body, optional, query,
};
use crate::reply::{Reply, time};
use crate::values::{self, opt_time};
use crate::{people, second};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one), route(&REVIEW, review), route(&PAY_OUT, pay_out)]
}

/// Characters of a note for the file.
const NOTE: std::ops::RangeInclusive<usize> = 0..=500;
/// Characters of what a customer is told.
const TOLD: std::ops::RangeInclusive<usize> = 1..=200;

const APPLICATION: &str = r#"{"application":{"id":1,"code":"cash20261125001","customer_id":3,"product":{"id":1,"version":1},"asked":{"amount":"1000.00","rate":"18","tenor":14,"tenor_unit":"day","interval":14,"interval_unit":"day","method":"one_off"},"approved":null,"state":"reviewing","steps_passed":0,"refusal":null,"purpose":"16","other_debts":"01","applied_at":"2026-11-25T10:00:00+08:00","decided_at":null,"lapses_at":null,"loan_id":null}}"#;

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NoSuchApplication => NO_SUCH_APPLICATION.into(),
            DecideError::NotReviewing => NOT_REVIEWING.into(),
            DecideError::WithPartner => WITH_PARTNER.into(),
            DecideError::SamePerson => SAME_REVIEWER.into(),
            DecideError::TooMuch => TOO_MUCH.into(),
            DecideError::NotOffered(refused) => Self::with(NOT_OFFERED, &refused.to_string()),
            DecideError::Fault(fault) => fault.into(),
        }
    }
}

/// Why a payout was refused, of an application or of a loan that is paid out again.
pub(crate) fn not_paid_out(error: PayOutError, nothing_there: Refusal) -> Failure {
    match error {
        PayOutError::NotFound => nothing_there.into(),
        PayOutError::NotApproved => NOT_PAYABLE.into(),
        PayOutError::NotDisclosed => NOT_DISCLOSED.into(),
        PayOutError::AboveLegalLine(finding) => Failure::with(ABOVE_TODAY, &finding.to_string()),
        PayOutError::NoCard => NO_CARD.into(),
        PayOutError::UnderWay => UNDER_WAY.into(),
        PayOutError::Fault(fault) => fault.into(),
    }
}

/// What the answers show of an application.
pub(crate) fn shown(application: &Application) -> Value {
    let approved = application
        .approved
        .map(|approved| json!({ "amount": approved.amount.to_string(), "tenor": approved.tenor }));
    json!({
        "id": application.id.number(),
        "code": application.code,
        "customer_id": application.member.number(),
        "product": { "id": application.product.number(), "version": application.version },
        "asked": values::terms(&application.request),
        "approved": approved,
        "state": application.state.word(),
        "steps_passed": application.steps_passed,
        "refusal": application.refusal,
        "purpose": application.purpose,
        "other_debts": application.other_debts,
        "applied_at": time(application.applied_at),
        "decided_at": opt_time(application.decided_at),
        "lapses_at": opt_time(application.lapses_at),
        "loan_id": application.loan.map(LoanId::number),
    })
}

fn decision(decision: &Decision) -> Value {
    json!({
        "step": decision.step,
        "verdict": decision.verdict,
        "rule": decision.rule,
        "reason": decision.reason,
        "operator_id": decision.operator.map(kernel::id::OperatorId::number),
        "at": time(decision.at),
    })
}

/// What the loan would be if it were paid out today.
pub(crate) fn offer(quote: &Quote) -> Value {
    let rows = quote.schedule.rows.iter().map(|row| {
        json!({
            "number": row.number,
            "due": row.due.to_string(),
            "principal": row.principal.to_string(),
            "interest": row.interest.to_string(),
            "fee": row.fees.to_string(),
        })
    });
    json!({
        "product": quote.product.version.name,
        "terms": values::terms(&quote.request),
        "received": quote.received.to_string(),
        "repaid": quote.repaid.to_string(),
        "annual_cost": {
            "nominal_percent": quote.cost.nominal_percent,
            "effective_percent": quote.cost.effective_percent,
            "simple_percent": quote.cost.simple_percent,
        },
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn id(call: &Call) -> Result<ApplicationId, Failure> {
    Ok(call.id().map(ApplicationId::from_number).ok_or(NO_SUCH_APPLICATION)?)
}

fn load(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Application, Failure> {
    Ok(origination::application(tx, id)?.ok_or(NO_SUCH_APPLICATION)?)
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/applications",
    summary: "Applications 进件 in a state, the oldest first",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query(
            "state",
            "string",
            "reviewing (the default), approved, refused, lapsed, withdrawn or lent",
        ),
        query("channel", "string", "only those of this channel"),
        query("order", "string", "oldest (the default), newest or largest"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let state = match call.query("state") {
        None => State::Reviewing,
        Some(word) => State::parse(word).ok_or_else(|| Failure::field("state"))?,
    };
    let channel = call.query("channel").map(values::channel).transpose()?;
    let order = match call.query("order") {
        None | Some("oldest") => Order::Oldest,
        Some("newest") => Order::Newest,
        Some("largest") => Order::Largest,
        Some(_) => return Err(Failure::field("order")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = origination::applications_in_order(tx, (state, channel), order, page)?;
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/applications/{id}",
    summary: "One application with its decisions, customer, offer of today and documents",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_APPLICATION],
    success: (200, APPLICATION),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let application = load(tx, id)?;
        let subject = Subject::Member(application.member);
        let sight = values::sight(tx, operator, subject, ("customer", reason.as_deref()))?;
        let customer = customers::customer(tx, application.member)?;
        let customer = customer.map(|customer| people::shown(&customer, sight));
        let decisions = origination::decisions(tx, id)?;
        let product = catalog::version(tx, application.product, application.version)?;
        let day = tx.at().business.date();
        let quote =
            product.map(|product| origination::quote_for(product, &application.offer(), day).ok());
        let papers = documents::of_application(tx, id)?;
        Ok(Reply::ok(&json!({
            "application": shown(&application),
            "customer": customer,
            "decisions": decisions.iter().map(decision).collect::<Vec<_>>(),
            "offer": quote.flatten().map(|quote| offer(&quote)),
            "documents": papers.iter().map(crate::documents::shown).collect::<Vec<_>>(),
        })))
    };
    call.show(&console, read).await
}

static REVIEW: Operation = Operation {
    method: Method::Post,
    path: "/console/api/applications/{id}/review",
    summary: "Take a step of review 审核; the last step's yes needs the right review_final",
    access: Access::With(Right::ReviewApplications),
    fields: &[
        ID,
        body("verdict", "string", "approve or refuse"),
        optional("amount", "string", "yuan, if less than was asked for; only with approve"),
        optional("tenor", "integer", "if other than was asked for; only with approve"),
        optional("reason", "string", "what the customer is told; needed with refuse"),
        optional("note", "string", "for the file, at most 500 characters"),
    ],
    refusals: &[
        NO_SUCH_APPLICATION,
        NO_RIGHT,
        NOT_REVIEWING,
        WITH_PARTNER,
        SAME_REVIEWER,
        TOO_MUCH,
        NOT_OFFERED,
    ],
    success: (200, APPLICATION),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    verdict: String,
    amount: Option<String>,
    tenor: Option<u32>,
    reason: Option<String>,
    #[serde(default)]
    note: String,
}

/// A verdict whose amount and tenor are those of the offer where they are not said.
#[derive(Clone)]
enum Word {
    Approve { amount: Option<Money>, tenor: Option<u32> },
    Refuse(String),
}

impl ReviewBody {
    fn word(&self) -> Result<Word, Failure> {
        let says_terms = self.amount.is_some() || self.tenor.is_some();
        match (self.verdict.as_str(), &self.reason) {
            ("approve", None) => {
                let amount = self.amount.as_deref().map(|text| values::positive("amount", text));
                Ok(Word::Approve { amount: amount.transpose()?, tenor: self.tenor })
            }
            ("refuse", Some(_)) if says_terms => Err(Failure::field("amount")),
            ("refuse", Some(reason)) => Ok(Word::Refuse(values::line("reason", reason, TOLD)?)),
            ("approve", Some(_)) | ("refuse", None) => Err(Failure::field("reason")),
            (_, _) => Err(Failure::field("verdict")),
        }
    }
}

async fn review(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: ReviewBody = call.message()?;
    let word = message.word()?;
    let note = values::line("note", &message.note, NOTE)?;
    let review = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let offer = load(tx, id)?.offer();
        let verdict = match &word {
            Word::Approve { amount, tenor } => Verdict::Approve(Approved {
                amount: amount.unwrap_or(offer.amount),
                tenor: tenor.unwrap_or(offer.tenor),
            }),
            Word::Refuse(reason) => Verdict::Refuse(reason.clone()),
        };
        let right = origination::right_to_review(tx, id, &verdict)?.ok_or(NO_SUCH_APPLICATION)?;
        operators::require(operator, right)?;
        let (operator, note) = (operator.id, note.clone());
        let review = Review { operator, application: id, verdict, note };
        let application = origination::review(tx, &review)?;
        Ok(Reply::ok(&json!({ "application": shown(&application) })))
    };
    call.write(&console, Home::home(id.number()), review).await
}

static PAY_OUT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/applications/{id}/payout",
    summary: "Make the loan of an approved application and order its payout 放款",
    access: Access::With(Right::PayOut),
    fields: &[ID, optional("reason", "string", "for the second operator"), APPROVAL],
    refusals: &[
        NO_SUCH_APPLICATION,
        NOT_PAYABLE,
        NOT_DISCLOSED,
        ABOVE_TODAY,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        NO_CARD,
        UNDER_WAY,
    ],
    success: (201, r#"{"loan_id":7,"payment_id":"11012345678901234"}"#),
};

/// The body of a command that only needs an approval, and may tell the second operator why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovedBody {
    #[serde(default)]
    pub(crate) reason: String,
    pub(crate) approval: Option<String>,
}

async fn pay_out(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: ApprovedBody = call.message()?;
    let reason = values::line("reason", &message.reason, 0..=200)?;
    let approval = second::read(message.approval.as_deref())?;
    let pay_out = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let application = load(tx, id)?;
        // Nobody is asked for what cannot be done anyway.
        if application.state != State::Approved {
            return Err(NOT_PAYABLE.into());
        }
        let asked = Asked {
            action: Action::Payout,
            subject: Subject::Application(id),
            amount: application.offer().amount,
            parameters: format!("tenor {}", application.offer().tenor),
        };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let made = servicing::request_payout(tx, operator.actor(), id);
        let (loan, payment) = made.map_err(|error| not_paid_out(error, NO_SUCH_APPLICATION))?;
        Ok(Reply::created(&json!({
            "loan_id": loan.id.number(),
            "payment_id": payment.number().to_string(),
        })))
    };
    let answer = call.write(&console, Home::home(id.number()), pay_out).await;
    console.app.wake();
    answer
}
