//! The market: projects with bids and plans, their audit, and members with their money.

use channel_kit::route::Method;
use kernel::id::{MemberId, ProjectId};
use lending::audit::Subject;
use lending::identity::Caller;
use lending::ledger::Account;
use lending::market::{self, Audit, Bid, DecideError, Instalment, Investor, Project, Status, Term};
use lending::operators::{Operator, Right};
use lending::{Page, Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_MEMBER, NO_SUCH_PROJECT, NOT_AUDITING};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, WHY, body, query};
use crate::reply::{Reply, time};
use crate::values::{self, Sight, opt_time, percent};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&ONE, one),
        route(&BIDS, bids),
        route(&INSTALMENTS, instalments),
        route(&AUDIT, audit),
        route(&MEMBERS, members),
        route(&MEMBER, member),
    ]
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NoSuchProject => NO_SUCH_PROJECT.into(),
            DecideError::NotAuditing => NOT_AUDITING.into(),
            DecideError::Fault(fault) => fault.into(),
        }
    }
}

fn shown(project: &Project) -> Value {
    json!({
        "id": project.id.number(),
        "title": project.title,
        "borrower_id": project.borrower.number(),
        "amount": project.amount.to_string(),
        "raised": project.raised.to_string(),
        "rest": project.rest().to_string(),
        "rate": percent(project.rate),
        "tenor": project.tenor,
        "tenor_unit": project.tenor_unit.word(),
        "bidding_days": project.bidding_days,
        "state": project.status.word(),
        "terms_repaid": project.terms_repaid,
        "terms_all": project.terms(),
        "created_at": time(project.created_at),
        "bidding_started_at": opt_time(project.bidding_started_at),
        "bidding_ends_at": opt_time(project.bidding_ends_at),
        "full_at": opt_time(project.full_at),
    })
}

fn shown_bid(bid: &Bid) -> Value {
    json!({
        "id": bid.id.number(),
        "project_id": bid.project.number(),
        "investor_id": bid.member.number(),
        "amount": bid.amount.to_string(),
        "state": bid.state.word(),
        "bid_at": time(bid.made_at),
    })
}

fn shown_term(term: &Term) -> Value {
    json!({
        "number": term.number,
        "due": term.due.to_string(),
        "principal": term.principal.to_string(),
        "interest": term.interest.to_string(),
        "instalments": term.instalments,
        "paid_at": opt_time(term.paid_at),
    })
}

fn shown_instalment(instalment: &Instalment) -> Value {
    json!({
        "number": instalment.term,
        "bid_id": instalment.bid.number(),
        "due": instalment.due.to_string(),
        "principal": instalment.principal.to_string(),
        "interest": instalment.interest.to_string(),
        "paid_at": opt_time(instalment.paid_at),
    })
}

fn id(call: &Call) -> Result<ProjectId, Failure> {
    Ok(call.id().map(ProjectId::from_number).ok_or(NO_SUCH_PROJECT)?)
}

/// The first rows of a list that stands on another thing's page.
fn first_rows() -> Result<Page, Failure> {
    Page::new(1, Page::MOST).ok_or_else(|| Failure::field("page"))
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/projects",
    summary: "Projects 项目 of the market in a state, or all; the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("state", "string", "auditing, bidding, repaying, repaid, rejected or failed"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let status = match call.query("state") {
        Some(word) => Some(Status::parse(word).ok_or_else(|| Failure::field("state"))?),
        None => None,
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = market::projects_in(tx, status, page)?;
        Ok(Reply::list(&found.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

const PROJECT: &str = r#"{"project":{"id":7,"title":"装修","borrower_id":3,"amount":"1000.00","raised":"300.00","rest":"700.00","rate":"12.8","tenor":1,"tenor_unit":"month","bidding_days":5,"state":"bidding","terms_repaid":0,"terms_all":1,"created_at":"2026-11-25T10:00:00+08:00","bidding_started_at":"2026-11-25T10:00:01+08:00","bidding_ends_at":"2026-11-30T10:00:01+08:00","full_at":null},"escrow_account_id":703,"terms":[],"bids":[]}"#;

fn whole(tx: &mut Tx<'_, '_>, project: &Project) -> Result<Value, Failure> {
    let terms = market::terms_of(tx, project.id)?;
    let bids = market::bids_on(tx, project.id, first_rows()?)?;
    Ok(json!({
        "project": shown(project),
        "escrow_account_id": Account::Escrow(project.id).number().number(),
        "terms": terms.iter().map(shown_term).collect::<Vec<_>>(),
        "bids": bids.iter().map(shown_bid).collect::<Vec<_>>(),
    }))
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/projects/{id}",
    summary: "One project with the borrower's plan and its first hundred bids",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_PROJECT],
    success: (200, PROJECT),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let project = market::project(tx, id)?.ok_or(NO_SUCH_PROJECT)?;
        Ok(Reply::ok(&whole(tx, &project)?))
    };
    call.read(&console, read).await
}

static BIDS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/projects/{id}/bids",
    summary: "Bids 投资 on a project, in their order",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, PAGE, SIZE],
    refusals: &[NO_SUCH_PROJECT],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn bids(console: Console, call: Call) -> Result<Reply, Failure> {
    let (id, page) = (id(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let project = market::project(tx, id)?.ok_or(NO_SUCH_PROJECT)?;
        let found = market::bids_on(tx, project.id, page)?;
        Ok(Reply::list(&found.iter().map(shown_bid).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static INSTALMENTS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/projects/{id}/instalments",
    summary: "Investors' plans 回款计划 of a project, term by term",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, PAGE, SIZE],
    refusals: &[NO_SUCH_PROJECT],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn instalments(console: Console, call: Call) -> Result<Reply, Failure> {
    let (id, page) = (id(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = market::instalments_of(tx, Caller::Anyone, id, page);
        let found = found.map_err(|denied| match denied {
            lending::identity::Denied::Fault(fault) => Failure::from(fault),
            lending::identity::Denied::NoSuchMember
            | lending::identity::Denied::NotYours
            | lending::identity::Denied::Revoked => NO_SUCH_PROJECT.into(),
        });
        let found = found?.ok_or(NO_SUCH_PROJECT)?;
        Ok(Reply::list(&found.iter().map(shown_instalment).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static AUDIT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/projects/{id}/audit",
    summary: "Let a project take bids 审核通过, or refuse it",
    access: Access::With(Right::ReviewFinal),
    fields: &[
        ID,
        body("verdict", "string", "approve or refuse"),
        body("reason", "string", "why: 4 to 200 characters, noted in the audit trail"),
    ],
    refusals: &[NO_SUCH_PROJECT, NOT_AUDITING],
    success: (200, PROJECT),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditBody {
    verdict: String,
    reason: String,
}

async fn audit(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: AuditBody = call.message()?;
    let verdict = match message.verdict.as_str() {
        "approve" => Audit::Approve,
        "refuse" => Audit::Reject,
        _ => return Err(Failure::field("verdict")),
    };
    let reason = values::reason(&message.reason)?;
    let write = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let project = market::decide(tx, operator.id, id, (verdict, &reason))?;
        Ok(Reply::ok(&whole(tx, &project)?))
    };
    call.write(&console, Home::project(id.number()), write).await
}

fn shown_member(investor: &Investor, sight: Sight) -> Value {
    let member = &investor.member;
    let (mobile, nickname) = match sight {
        Sight::Masked => (member.mobile.masked(), None),
        Sight::Full => (member.mobile.expose().to_owned(), Some(member.nickname.clone())),
    };
    json!({
        "id": member.id.number(),
        "mobile_phone": mobile,
        "nickname": nickname,
        "wallet": member.wallet.to_string(),
        "frozen_money": investor.frozen.to_string(),
        "wallet_account_id": Account::Wallet(member.id).number().number(),
        "frozen_account_id": Account::Frozen(member.id).number().number(),
        "blocked": member.blocked,
        "registered_at": time(member.registered_at),
    })
}

static MEMBERS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/members",
    summary: "Members of the market 会员 with their money, by number",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn members(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = market::investors(tx, page)?;
        let shown: Vec<_> = found.iter().map(|one| shown_member(one, Sight::Masked)).collect();
        Ok(Reply::list(&shown, page))
    };
    call.read(&console, read).await
}

static MEMBER: Operation = Operation {
    method: Method::Get,
    path: "/console/api/members/{id}",
    summary: "One member of the market with their money, bids and projects; in full for a reason",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_MEMBER],
    success: (
        200,
        r#"{"member":{"id":3,"mobile_phone":"138****0001","nickname":null,"wallet":"105.00","frozen_money":"0.00","wallet_account_id":301,"frozen_account_id":302,"blocked":false,"registered_at":"2026-11-25T10:00:00+08:00"},"bids":[],"projects":[]}"#,
    ),
};

async fn member(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(MemberId::from_number).ok_or(NO_SUCH_MEMBER)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let first = first_rows()?;
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let found = market::investor(tx, id)?.ok_or(NO_SUCH_MEMBER)?;
        let subject = Subject::Member(id);
        let sight = values::sight(tx, operator, subject, ("member", reason.as_deref()))?;
        let bids = market::bids_by(tx, id, first)?;
        let projects = market::projects_of(tx, id, first)?;
        Ok(Reply::ok(&json!({
            "member": shown_member(&found, sight),
            "bids": bids.iter().map(shown_bid).collect::<Vec<_>>(),
            "projects": projects.iter().map(shown).collect::<Vec<_>>(),
        })))
    };
    call.show(&console, read).await
}
