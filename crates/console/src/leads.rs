//! Leads of the exchange, the whole funnel, and the wallets of its loan officers.

use channel_kit::route::Method;
use kernel::id::{ApplicationId, LeadId, MemberId};
use kernel::identity::Sex;
use lending::audit::Subject;
use lending::leads::{
    self, BankTransfer, CompanyKind, Details, Direction, EraseError, Event, HouseKind, HouseStatus,
    Lead, PayKind, State, TransferError,
};
use lending::operators::approvals::{Action, Asked};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::failure::{
    Failure, LEAD_APPLIED, NO_SUCH_LEAD, NO_SUCH_OFFICER, WALLET_TOO_LARGE, WALLET_TOO_SMALL,
};
use crate::operation::{APPROVAL, Access, ID, Operation, PAGE, SIZE, WHY, body, query};
use crate::reply::{Reply, time};
use crate::values::{self, Sight, opt_time};
use crate::{Console, second};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&FUNNEL, funnel),
        route(&ONE, one),
        route(&ERASE, erase),
        route(&TRANSFER, transfer),
    ]
}

/// What the answers show of a lead.
fn shown(lead: &Lead, details: Option<&Details>, sight: Sight) -> Value {
    json!({
        "id": lead.id.number(),
        "state": lead.state.word(),
        "owner_id": lead.owner.number(),
        "claimer_id": lead.claimer.map(MemberId::number),
        "amount": lead.amount.to_string(),
        "customer_kind": lead.customer_kind.word(),
        "loan_kind": lead.loan_kind.word(),
        "term": lead.term.word(),
        "fee": lead.fee.to_string(),
        "submitted_at": time(lead.submitted_at),
        "claimed_at": opt_time(lead.claimed_at),
        "closed_at": opt_time(lead.closed_at),
        "customer_id": lead.customer.map(MemberId::number),
        "handed_over_at": opt_time(lead.handed_over_at),
        "application_id": lead.application.map(ApplicationId::number),
        "applied_at": opt_time(lead.applied_at),
        "erased_at": opt_time(lead.erased_at),
        "person": details.map(|details| match sight {
            Sight::Masked => masked(details),
            Sight::Full => full(details),
        }),
    })
}

fn masked(details: &Details) -> Value {
    let masked = details.masked();
    json!({
        "name": masked.name,
        "id_no": details.id_no.masked(),
        "mobile_phone": masked.telephone,
        "sex": sex(masked.sex),
        "company": masked.company_kind.map(CompanyKind::word),
        "monthly_income": masked.income.map(|income| income.to_string()),
        "owed_elsewhere": masked.owed_elsewhere.to_string(),
        "has_house": masked.has_house,
        "has_car": masked.has_car,
    })
}

fn full(details: &Details) -> Value {
    let line = |line: &Option<lending::customers::Line>| {
        line.as_ref().map(|line| line.expose().to_owned())
    };
    json!({
        "name": details.name.expose(),
        "id_no": details.id_no.expose(),
        "mobile_phone": details.telephone.as_ref().map(kernel::Mobile::expose),
        "sex": sex(details.sex),
        "company": details.company_kind.map(CompanyKind::word),
        "household": line(&details.house_hold),
        "monthly_income": details.income.map(|income| income.to_string()),
        "paid_by": details.pay_kind.map(PayKind::word),
        "has_insurance": details.has_insurance,
        "has_house_fund": details.has_house_fund,
        "card_limit": details.card_limit.map(|limit| limit.to_string()),
        "owed_elsewhere": details.owed_elsewhere.to_string(),
        "has_house": details.has_house,
        "house_location": line(&details.house_location),
        "houses": details.houses,
        "house_kind": details.house_kind.map(HouseKind::word),
        "house_status": details.house_status.map(HouseStatus::word),
        "has_house_loan": details.has_house_loan,
        "has_house_deed": details.has_house_deed,
        "takes_house_mortgage": details.takes_house_mortgage,
        "has_car": details.has_car,
        "car_plate": line(&details.car_plate),
        "cars": details.cars,
        "takes_car_mortgage": details.takes_car_mortgage,
        "lenders": line(&details.lenders),
        "remark": line(&details.remark),
    })
}

const fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

fn happened(event: &Event, sight: Sight) -> Value {
    // Notes are about a person.
    let note = event.note.as_ref().filter(|_| sight == Sight::Full);
    json!({
        "event": event.kind.word(),
        "officer_id": event.officer.map(MemberId::number),
        "note": note.map(lending::customers::Line::expose),
        "at": time(event.at),
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/leads",
    summary: "Leads 甩单 in a state, or all, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("state", "string", "open, claimed, working, won, lost, withdrawn or expired"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let state = |word| State::parse(word).ok_or_else(|| Failure::field("state"));
    let state = call.query("state").map(state).transpose()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = leads::leads(tx, state, page)?;
        let row = |(lead, details): &(Lead, Option<Details>)| {
            shown(lead, details.as_ref(), Sight::Masked)
        };
        Ok(Reply::list(&found.iter().map(row).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static FUNNEL: Operation = Operation {
    method: Method::Get,
    path: "/console/api/leads/funnel",
    summary: "How many leads got how far 漏斗, and their fees",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"submitted":6,"states":{"open":2,"claimed":1,"working":0,"won":1,"lost":1,"withdrawn":1,"expired":0},"handed_over":1,"applied":1,"lent":1,"erased":0,"fees_held":"20.00","fees_paid":"20.00"}"#,
    ),
};

async fn funnel(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = |tx: &mut Tx<'_, '_>, _: &Operator| {
        let funnel = leads::funnel(tx)?;
        let states: serde_json::Map<_, _> = funnel
            .states
            .iter()
            .map(|(state, count)| (state.word().to_owned(), json!(count)))
            .collect();
        Ok(Reply::ok(&json!({
            "submitted": funnel.submitted,
            "states": states,
            "handed_over": funnel.handed_over,
            "applied": funnel.applied,
            "lent": funnel.lent,
            "erased": funnel.erased,
            "fees_held": funnel.fees_held.to_string(),
            "fees_paid": funnel.fees_paid.to_string(),
        })))
    };
    call.read(&console, read).await
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/leads/{id}",
    summary: "One lead with its history, and other leads about the same person; in full for a reason",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_LEAD],
    success: (
        200,
        r#"{"lead":{"id":1,"state":"open","owner_id":7,"claimer_id":null,"amount":"1000.00","customer_kind":"employee","loan_kind":"credit","term":"1_year","fee":"20.00","submitted_at":"2026-11-25T10:00:00+08:00","claimed_at":null,"closed_at":null,"customer_id":null,"handed_over_at":null,"application_id":null,"applied_at":null,"erased_at":null,"person":{"name":"周**","id_no":"1101**********0011","mobile_phone":"139****0001","sex":"male","company":"listed","monthly_income":"600.00","owed_elsewhere":"0.00","has_house":true,"has_car":false}},"events":[],"others":[]}"#,
    ),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(LeadId::from_number).ok_or(NO_SUCH_LEAD)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let (lead, details) = leads::lead(tx, id)?.ok_or(NO_SUCH_LEAD)?;
        let subject = Subject::Lead(id);
        let sight = values::sight(tx, operator, subject, ("lead", reason.as_deref()))?;
        let events = leads::events(tx, id)?;
        let others = leads::others(tx, id)?;
        Ok(Reply::ok(&json!({
            "lead": shown(&lead, details.as_ref(), sight),
            "events": events.iter().map(|event| happened(event, sight)).collect::<Vec<_>>(),
            "others": others.into_iter().map(LeadId::number).collect::<Vec<_>>(),
        })))
    };
    call.show(&console, read).await
}

impl From<EraseError> for Failure {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::NoSuchLead => NO_SUCH_LEAD.into(),
            EraseError::Applied => LEAD_APPLIED.into(),
            EraseError::Fault(fault) => fault.into(),
        }
    }
}

static ERASE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/leads/{id}/erase",
    summary: "Erase what a lead tells of a person who asks for it 删除个人信息; a held fee comes back",
    access: Access::With(Right::ManageRisk),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters, noted in the audit trail")],
    refusals: &[NO_SUCH_LEAD, LEAD_APPLIED],
    success: (
        200,
        r#"{"lead":{"id":1,"state":"expired","owner_id":7,"claimer_id":null,"amount":"1000.00","customer_kind":"employee","loan_kind":"credit","term":"1_year","fee":"20.00","submitted_at":"2026-11-25T10:00:00+08:00","claimed_at":null,"closed_at":"2026-11-26T10:00:00+08:00","customer_id":null,"handed_over_at":null,"application_id":null,"applied_at":null,"erased_at":"2026-11-26T10:00:00+08:00","person":null}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EraseBody {
    reason: String,
}

async fn erase(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(LeadId::from_number).ok_or(NO_SUCH_LEAD)?;
    let message: EraseBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let erase = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let lead = leads::erase(tx, operator.actor(), id)?;
        values::note_reason(tx, operator, Subject::Lead(id), ("lead.erased", &reason))?;
        Ok(Reply::ok(&json!({ "lead": shown(&lead, None, Sight::Masked) })))
    };
    call.write(&console, Home::project(id.number()), erase).await
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Nothing => Self::field("amount"),
            TransferError::NoSuchOfficer => NO_SUCH_OFFICER.into(),
            TransferError::Insufficient => WALLET_TOO_SMALL.into(),
            TransferError::TooLarge => WALLET_TOO_LARGE.into(),
            TransferError::Fault(fault) => fault.into(),
        }
    }
}

static TRANSFER: Operation = Operation {
    method: Method::Post,
    path: "/console/api/officers/{id}/transfers",
    summary: "Book a bank transfer into or out of a loan officer's wallet 线下充值/提现",
    access: Access::With(Right::Reverse),
    fields: &[
        ID,
        body("direction", "string", "in: they have paid; out: they are paid"),
        body("amount", "string", "yuan, above zero"),
        body("reference", "string", "what the bank calls it"),
        APPROVAL,
    ],
    refusals: &[
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        NO_SUCH_OFFICER,
        WALLET_TOO_SMALL,
        WALLET_TOO_LARGE,
    ],
    success: (201, r#"{"officer_id":7,"balance":"100.00"}"#),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferBody {
    direction: String,
    amount: String,
    reference: String,
    approval: Option<String>,
}

async fn transfer(console: Console, call: Call) -> Result<Reply, Failure> {
    let officer = call.id().map(MemberId::from_number).ok_or(NO_SUCH_OFFICER)?;
    let message: TransferBody = call.message()?;
    let direction = match message.direction.as_str() {
        "in" => Direction::In,
        "out" => Direction::Out,
        _ => return Err(Failure::field("direction")),
    };
    let amount = values::positive("amount", &message.amount)?;
    let reference = values::line("reference", &message.reference, 1..=100)?;
    let approval = second::read(message.approval.as_deref())?;
    let book = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        if direction == Direction::Out {
            let asked = Asked {
                action: Action::Refund,
                subject: Subject::Member(officer),
                amount,
                parameters: format!("officer's wallet: {reference}"),
            };
            if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reference)? {
                return Ok(awaited);
            }
        }
        let actor = operator.actor();
        let reference = reference.clone();
        let command = BankTransfer { actor, officer, direction, amount, reference };
        let balance = leads::transfer(tx, &command)?;
        Ok(Reply::created(&json!({
            "officer_id": officer.number(),
            "balance": balance.to_string(),
        })))
    };
    call.write(&console, Home::home(officer.number()), book).await
}
