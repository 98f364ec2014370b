//! The review screen: all that a reviewer needs to decide, and the form to do it.

use serde_json::Value;

use super::{View, detail, headed};
use crate::blocks::{Block, Link};
use crate::command;
use crate::json::all;
use crate::pages::Page;
use crate::{Office, cells, shape};

/// The command that decides.
const REVIEW: &str = "/applications/{id}/review";

pub(super) async fn page(office: &Office, view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let (application, customer) = (&view.answer["application"], &view.answer["customer"]);
    let state = application["state"].as_str().unwrap_or_default();
    page.title = format!("{} {}", page.title, application["code"].as_str().unwrap_or_default());
    page.badges.push(cells::badge(language, "state", state));
    page.lead = cells::terms(language, &application["asked"]);
    page.actions.retain(|action| match state {
        "approved" => action.href.ends_with("/payout"),
        _ => false,
    });
    if let Some(action) = page.actions.first_mut() {
        action.class = "primary";
    }
    if let Some(id) = application["loan_id"].as_i64() {
        page.links.push(Link::new(view.say("to_loan"), format!("/console/loans/{id}")));
    }
    let id = application["customer_id"].as_i64();
    if let Some(id) = id {
        page.links.push(Link::new(view.say("to_customer"), format!("/console/customers/{id}")));
    }
    page.blocks.push(Block::Facts(shape::facts(
        visit,
        view.say("asked_title"),
        application,
        ASKED,
    )));
    page.blocks.push(Block::Facts(shape::facts(visit, view.say("person_title"), customer, PERSON)));
    price(view, &mut page);
    let account = match id {
        Some(id) => account(office, view, id).await,
        None => Value::Null,
    };
    line(view, &account, &mut page);
    plan(view, &mut page);
    page.blocks.push(Block::Table(shape::list(visit, "decisions", array(view, "decisions"))));
    exposure(view, &account, &mut page);
    page.blocks.push(Block::Table(shape::list(visit, "documents", array(view, "documents"))));
    let decides = state == "reviewing" && visit.may(Some("review_applications"));
    if decides && let Some(form) = command::form_of(visit, (REVIEW, view.parts)) {
        page.blocks.push(Block::Form(form));
    }
    detail::masked(view, &mut page);
    page
}

const ASKED: &[&str] = &[
    "code",
    "product",
    "asked",
    "approved",
    "steps_passed",
    "purpose",
    "other_debts",
    "applied_at",
    "decided_at",
    "lapses_at",
    "refusal",
    "loan_id",
];
const PERSON: &[&str] = &[
    "id",
    "channel",
    "identity.name",
    "identity.id_no",
    "mobile_phone",
    "card.bank",
    "card.number",
    "mobile_verified",
    "profile_complete",
    "blacklisted",
    "risky",
    "blocked",
    "registered_at",
];
pub(super) const OFFER: &[&str] = &[
    "product",
    "terms",
    "received",
    "repaid",
    "annual_cost.nominal_percent",
    "annual_cost.effective_percent",
    "annual_cost.simple_percent",
];

fn array<'v>(view: &'v View<'_>, field: &str) -> &'v [Value] {
    view.answer[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What the loan would cost today.
fn price(view: &View<'_>, page: &mut Page) {
    let offer = &view.answer["offer"];
    if !offer.is_null() {
        let title = view.say("offer_title");
        page.blocks.push(Block::Facts(shape::facts(view.visit, title, offer, OFFER)));
    }
}

/// What would be paid back when.
fn plan(view: &View<'_>, page: &mut Page) {
    let rows = all(view.answer, "offer.rows");
    if rows.is_empty() {
        return;
    }
    let mut table = shape::list(view.visit, "offer_rows", rows);
    view.say("plan_title").clone_into(&mut table.title);
    page.blocks.push(Block::Table(table));
}

/// The customer's own page, for what they owe.
async fn account(office: &Office, view: &View<'_>, customer: i64) -> Value {
    let answer = view.visit.get(office, &format!("/customers/{customer}"), &[]).await;
    if answer.status.is_success() { answer.json() } else { Value::Null }
}

fn line(view: &View<'_>, account: &Value, page: &mut Page) {
    if account["line"].is_object() {
        let title = view.say("line_title");
        let facts = shape::facts(view.visit, title, &account["line"], super::customer::LINE);
        page.blocks.push(Block::Facts(facts));
    }
}

/// What the same person owes here and on other channels.
fn exposure(view: &View<'_>, account: &Value, page: &mut Page) {
    let list = |field: &str| account[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut loans = shape::list(view.visit, "loans", list("loans"));
    view.say("exposure_title").clone_into(&mut loans.title);
    page.blocks.push(Block::Table(loans));
    page.blocks.push(Block::Table(shape::list(view.visit, "elsewhere", list("elsewhere"))));
}
