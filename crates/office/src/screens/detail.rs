//! The page of one thing: by hand for those that operators live in, from the answer for the others.

use console::Operation;
use serde_json::Value;

use super::{
    View, application, approval, books, collection, customer, filters, headed, loan, market, me,
    product, reason_form, row, vintage,
};
use crate::blocks::Block;
use crate::json::at;
use crate::labels::label;
use crate::pages::Page;
use crate::texts::Language;
use crate::{Office, cells, form, shape, words};

/// The page of an answer that is no list.
pub(super) async fn page(office: &Office, view: &View<'_>) -> Page {
    match view.operation.place() {
        "/applications/{id}" => application::page(office, view).await,
        "/approvals/{id}" => approval::page(view),
        "/collections/{id}" => collection::page(view),
        "/customers/{id}" => customer::page(view),
        "/ledger/periods/{id}" => books::period(view),
        "/ledger/transfers/{id}" => books::transfer(view),
        "/members/{id}" => market::member(view),
        "/projects/{id}" => market::project(view),
        "/loans/{id}" => loan::page(view),
        "/loans/{id}/rows/{number}" => row::page(view),
        "/loans/{id}/settlement" => loan::settlement(view),
        "/me" => me::page(view),
        "/products/{id}" => product::page(view),
        "/vintage" => vintage::page(view),
        _ => general(view),
    }
}

/// Everything that the answer holds, as it comes.
fn general(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let has_filters = view.operation.fields.iter().any(form::is_filter);
    if has_filters {
        page.blocks.push(Block::Filters(filters(view, None)));
    }
    let Some(object) = view.answer.as_object() else { return page };
    let states = object.values().filter_map(|value| value["state"].as_str());
    page.badges =
        states.take(1).map(|state| cells::badge(view.language(), "state", state)).collect();
    page.blocks.extend(shape::sections(view.visit, view.say("details"), object));
    masked(view, &mut page);
    page
}

/// The way to see people in full, at the end of a page that masks them.
pub(super) fn masked(view: &View<'_>, page: &mut Page) {
    let is_masked = view.asked.iter().all(|(name, _)| name != super::REASON);
    if view.operation.shows_people() && is_masked && view.visit.may(Some("see_personal_data")) {
        page.blocks.push(Block::Form(reason_form(view, None)));
    }
}

/// Where one gets after a command, if not to the page that it was on.
pub(crate) fn after(operation: &Operation, answer: &Value) -> Option<String> {
    match operation.place() {
        "/applications/{id}/payout" => {
            answer["loan_id"].as_i64().map(|id| format!("/console/loans/{id}"))
        }
        "/customers/{id}/limit-application" => {
            at(answer, "application.id").as_i64().map(|id| format!("/console/applications/{id}"))
        }
        "/products" => {
            at(answer, "product.id").as_i64().map(|id| format!("/console/products/{id}"))
        }
        "/repayments/{id}/reverse" => {
            at(answer, "repayment.loan_id").as_i64().map(|id| format!("/console/loans/{id}"))
        }
        "/me/password" => Some("/console/login".to_owned()),
        _ => None,
    }
}

/// What is said of a command that is done, beside that it is.
pub(crate) fn outcome(language: Language, operation: &Operation, answer: &Value) -> String {
    match operation.place() {
        "/operators/{id}/revoke-tokens" => format!(" ({})", answer["revoked"]),
        "/day-ends/run" => {
            let last = &answer["last"];
            let day = last["day"].as_str().unwrap_or_default();
            let word = if answer["up_to_date"] == true { "up_to_date" } else { "more_to_do" };
            format!(" · {day} {}", language.say(word))
        }
        "/customers/{id}/erase" => {
            let kept = answer["kept"].as_array().into_iter().flatten().map(|kept| {
                let why = words::read(language, "why", kept["why"].as_str().unwrap_or_default());
                match kept["until"].as_str() {
                    Some(day) => format!("{why} ({} {day})", label(language, "until")),
                    None => why.to_owned(),
                }
            });
            let between = language.choose("；", "; ");
            let kept = kept.collect::<Vec<_>>().join(between);
            language.say("erased_kept").replace("{}", &kept)
        }
        "/clock/advance" => {
            format!(" · {}", answer["business_day"].as_str().unwrap_or_default())
        }
        _ => String::new(),
    }
}
