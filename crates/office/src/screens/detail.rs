//! The page of one thing.

use console::Operation;
use serde_json::Value;

use super::{View, headed, reason_form};
use crate::blocks::{Block, Form};
use crate::pages::Page;
use crate::query::Pairs;
use crate::texts::Language;
use crate::visit::Visit;
use crate::{Office, cells, shape};

/// The page of an answer that is no list.
pub(crate) async fn page(_office: &Office, view: &View<'_>) -> Page {
    let mut page = headed(view);
    general(view, &mut page);
    page
}

/// Everything that the answer holds, as it comes.
fn general(view: &View<'_>, page: &mut Page) {
    let Some(object) = view.answer.as_object() else { return };
    for value in object.values() {
        if let Some(state) = value["state"].as_str() {
            page.badges.push(cells::badge(view.language(), "state", state));
            break;
        }
    }
    let is_masked = view.asked.iter().all(|(name, _)| name != "reason");
    if view.operation.shows_people() && is_masked && view.visit.may(Some("see_personal_data")) {
        page.blocks.push(Block::Form(Form { ..reason_form(view, None) }));
    }
    page.blocks.extend(shape::sections(view.visit, view.say("details"), object));
}

/// What stands above a command's form: what it is about.
pub(crate) async fn context(
    _office: &Office,
    _visit: &Visit,
    _operation: &Operation,
    _parts: &Pairs,
) -> Vec<Block> {
    Vec::new()
}

/// What a form is filled in with beside what the address says.
pub(crate) async fn prefill(
    _office: &Office,
    _visit: &Visit,
    _operation: &Operation,
    (_parts, typed): (&Pairs, Pairs),
) -> Pairs {
    typed
}

/// Where one gets after a command, if not to the page that it was on.
pub(crate) fn after(operation: &Operation, answer: &Value) -> Option<String> {
    match operation.place() {
        "/applications/{id}/payout" => {
            answer["loan_id"].as_i64().map(|id| format!("/console/loans/{id}"))
        }
        "/me/password" => Some("/console/login".to_owned()),
        _ => None,
    }
}

/// What is said of a command that is done, beside that it is.
pub(crate) fn outcome(_language: Language, operation: &Operation, answer: &Value) -> String {
    match operation.place() {
        "/operators/{id}/revoke-tokens" => format!(" ({})", answer["revoked"]),
        _ => String::new(),
    }
}
