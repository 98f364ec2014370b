//! The pages of queries: those that operators live in are made by hand, the others from the answer.

mod application;
mod approval;
mod books;
pub(crate) mod collection;
mod customer;
mod detail;
pub(crate) mod home;
mod loan;
mod market;
mod me;
pub(crate) mod product;
mod row;
mod search;
mod statement;
mod vintage;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use channel_kit::route::Method;
use console::Operation;
use serde_json::Value;

use crate::blocks::{Block, Filters, Form, Input, Kind, Link};
use crate::call::{Answer, filled};
use crate::command::{self, parts};
use crate::json::all;
use crate::pages::Page;
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::visit::{PROOF, Visit};
use crate::words::Tone;
use crate::{Office, PATH, export, form, names, pages, places, refusals, respond, shape};

pub(crate) use detail::{after, outcome};
pub(crate) use me::to_confirm;

/// The field with the reason for which people are shown in full.
pub(crate) const REASON: &str = "reason";
/// Where things are found.
pub(crate) const SEARCH: &str = "/search";

/// What is shown: the query, its parts, and what it is narrowed down by.
pub(crate) struct View<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) operation: &'static Operation,
    pub(crate) parts: &'a Pairs,
    pub(crate) asked: &'a Pairs,
    /// The answer of the operator API.
    pub(crate) answer: &'a Value,
}

impl View<'_> {
    pub(crate) fn language(&self) -> Language {
        self.visit.language
    }

    pub(crate) fn say(&self, word: &'static str) -> &'static str {
        self.visit.language.say(word)
    }

    /// The place with its parts filled in.
    pub(crate) fn place(&self) -> String {
        filled(self.operation, self.parts)
    }
}

/// `GET /console/…`.
pub(crate) async fn show(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (visit, parts) = match command::enter(&office, request).await {
        Ok(entered) => entered,
        Err(response) => return *response,
    };
    if !visit.may(operation.right()) {
        return command::forbidden(&office, &visit);
    }
    // A reason is given in a form: an address would be kept by the browser.
    let asked = narrowed(operation, &query::of(&visit.uri));
    if is_document(operation) {
        return ask_reason(&office, &visit, (operation, &parts), (StatusCode::OK, None));
    }
    if lacks_choice(operation, &asked) {
        let view =
            View { visit: &visit, operation, parts: &parts, asked: &asked, answer: &Value::Null };
        return pages::shown(&office, &visit, StatusCode::OK, &to_choose(&view));
    }
    if operation.place() == SEARCH {
        let view =
            View { visit: &visit, operation, parts: &parts, asked: &asked, answer: &Value::Null };
        return pages::shown(&office, &visit, StatusCode::OK, &search::ask(&view, None));
    }
    let answer = visit.get(&office, &filled(operation, &parts), &asked).await;
    if !answer.status.is_success() {
        return not_shown(&office, &visit, (operation, &parts, &asked), &answer);
    }
    let mut json = answer.json();
    names::told(&office, &visit, &mut json).await;
    let view = View { visit: &visit, operation, parts: &parts, asked: &asked, answer: &json };
    let page = made(&office, &view).await;
    pages::shown(&office, &visit, StatusCode::OK, &page)
}

/// `POST /console/…`: the same with people in full, for a reason that is noted.
pub(crate) async fn reveal(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (mut head, body) = request.into_parts();
    let parts = parts(&mut head).await;
    let (visit, form) = match Visit::with_form(&office, &head, body).await {
        Ok(both) => both,
        Err(response) => return *response,
    };
    let reason = query::value(&form, REASON).trim().to_owned();
    let mut asked = narrowed(operation, &query::of(&visit.uri));
    asked.push((REASON.to_owned(), reason.clone()));
    let answer = visit.get(&office, &filled(operation, &parts), &asked).await;
    let wrong = answer.refusal().is_some_and(|(code, _)| code == "field_wrong");
    if wrong || reason.is_empty() {
        let text = visit.language.say("unmask_hint").to_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return ask_reason(&office, &visit, (operation, &parts), (status, Some(text)));
    }
    if !answer.status.is_success() {
        return pages::refused(&office, &visit, operation, &answer);
    }
    if let Some((media, policy)) = answer.document() {
        let headers = [
            (CONTENT_TYPE, media.to_owned()),
            (CONTENT_SECURITY_POLICY, policy.to_owned()),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        return (StatusCode::OK, headers, answer.body).into_response();
    }
    let mut json = answer.json();
    names::told(&office, &visit, &mut json).await;
    let view = View { visit: &visit, operation, parts: &parts, asked: &asked, answer: &json };
    let mut page = made(&office, &view).await;
    let text = visit.language.say("unmasked").to_owned();
    page.blocks.insert(0, Block::Notice(Tone::Waiting, text));
    pages::shown(&office, &visit, StatusCode::OK, &page)
}

/// `POST /console/search`: what people look for stands in no address.
pub(crate) async fn find(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let (visit, form) = match Visit::with_form(&office, &head, body).await {
        Ok(both) => both,
        Err(response) => return *response,
    };
    let asked = vec![("q".to_owned(), query::value(&form, "q").trim().to_owned())];
    let answer = visit.get(&office, operation.place(), &asked).await;
    let (parts, json) = (Pairs::new(), answer.json());
    let view = View { visit: &visit, operation, parts: &parts, asked: &asked, answer: &json };
    if let Some((code, message)) = answer.refusal() {
        if refusals::field(operation, &code, &message).is_none() {
            return pages::refused(&office, &visit, operation, &answer);
        }
        let text = refusals::read(visit.language, operation, (&code, &message));
        return pages::shown(&office, &visit, answer.status, &search::ask(&view, Some(text)));
    }
    if let Some(only) = search::only(&json) {
        return respond::to(&only);
    }
    pages::shown(&office, &visit, StatusCode::OK, &search::page(&view))
}

/// The pairs that the query knows, without the empty ones and without a reason.
fn narrowed(operation: &Operation, pairs: &Pairs) -> Pairs {
    let known = |name: &str| {
        let mut fields = operation.fields.iter();
        fields.any(|field| field.name == name && (form::is_filter(field) || name == "page"))
    };
    let good = |(name, value): &&(String, String)| known(name) && !value.trim().is_empty();
    pairs.iter().filter(good).cloned().collect()
}

fn is_document(operation: &Operation) -> bool {
    serde_json::from_str::<Value>(operation.success.1).is_err()
}

/// Whether a list cannot be asked for before a channel is chosen.
fn lacks_choice(operation: &Operation, asked: &Pairs) -> bool {
    let needs = operation.fields.iter().any(|field| {
        field.name == "channel" && form::is_filter(field) && field.about.contains("needed")
    });
    needs && asked.iter().all(|(name, _)| name != "channel" && name != "id_no")
}

/// The page of a list before anything is chosen.
fn to_choose(view: &View<'_>) -> Page {
    let mut page = headed(view);
    page.blocks.push(Block::Filters(filters(view, None)));
    let hint = view.say("choose_filter_hint").to_owned();
    page.blocks.push(Block::Notice(Tone::Plain, hint));
    page
}

/// A query that was refused: at the filters where it is about one of them.
fn not_shown(
    office: &Office,
    visit: &Visit,
    (operation, parts, asked): (&'static Operation, &Pairs, &Pairs),
    answer: &Answer,
) -> Response {
    let (code, message) = answer.refusal().unwrap_or_default();
    let field = refusals::field(operation, &code, &message);
    let has_field = |field: &&str| {
        let mut fields = operation.fields.iter();
        fields.any(|known| known.name == *field && form::is_filter(known))
    };
    let Some(field) = field.filter(has_field) else {
        return pages::refused(office, visit, operation, answer);
    };
    let text = refusals::read(visit.language, operation, (&code, &message));
    let view = View { visit, operation, parts, asked, answer: &Value::Null };
    let wrong = (field.to_owned(), text);
    let mut page = headed(&view);
    page.blocks.push(Block::Filters(filters(&view, Some(&wrong))));
    pages::shown(office, visit, answer.status, &page)
}

/// The form in which a reason is given.
fn ask_reason(
    office: &Office,
    visit: &Visit,
    (operation, parts): (&'static Operation, &Pairs),
    (status, error): (StatusCode, Option<String>),
) -> Response {
    let view = View { visit, operation, parts, asked: &Pairs::new(), answer: &Value::Null };
    let mut page = headed(&view);
    page.actions.clear();
    page.blocks.push(Block::Form(reason_form(&view, error)));
    pages::shown(office, visit, status, &page)
}

/// The form that shows people in full.
pub(crate) fn reason_form(view: &View<'_>, error: Option<String>) -> Form {
    let title = if is_document(view.operation) { "document_title" } else { "mask_title" };
    let reason = Input {
        form: "unmask",
        name: REASON.to_owned(),
        label: view.say("unmask_reason").to_owned(),
        hint: view.say("unmask_hint").to_owned(),
        kind: Kind::Line,
        value: String::new(),
        choices: Vec::new(),
        is_required: true,
        error,
    };
    let pairs: Pairs = view.asked.iter().filter(|(name, _)| name != REASON).cloned().collect();
    let more =
        if pairs.is_empty() { String::new() } else { format!("?{}", query::written(&pairs)) };
    Form {
        title: view.say(title).to_owned(),
        action: format!("{PATH}{}{more}", view.place()),
        hidden: vec![(PROOF.to_owned(), view.visit.proof.clone())],
        inputs: vec![reason],
        send: view.say("unmask").to_owned(),
        ..Form::default()
    }
}

/// The page of an answer.
async fn made(office: &Office, view: &View<'_>) -> Page {
    if places::is_list(view.operation) {
        let mut page = listed(view);
        if view.operation.place() == "/statements" {
            page.actions.extend(statement::actions(office, view).await);
        }
        books::dress(view, &mut page);
        return page;
    }
    detail::page(office, view).await
}

/// The page of a list.
fn listed(view: &View<'_>) -> Page {
    let mut page = headed(view);
    page.blocks.push(Block::Filters(filters(view, None)));
    let both = (view.asked, view.answer);
    page.blocks.push(Block::Table(shape::page(view.visit, view.operation, &view.place(), both)));
    // Where providers are stood in for, their pages show what they were asked.
    if let Some(sandbox) = view.answer["sandbox"].as_str() {
        page.links.push(Link::new(view.say("to_sandbox"), sandbox));
    }
    detail::masked(view, &mut page);
    page.goes_on = goes_on(view);
    page
}

/// Whether a list changes by itself while one looks: day-ends and lanes that are at work.
fn goes_on(view: &View<'_>) -> bool {
    let mut items = all(view.answer, "items").iter();
    match view.operation.place() {
        "/day-ends" => items.any(|day| day["phase"] != "done"),
        "/jobs" => items.any(|job| job["waiting"] != 0),
        _ => false,
    }
}

/// The filters of a list, and the way to its file.
fn filters(view: &View<'_>, wrong: Option<&(String, String)>) -> Filters {
    let place = view.place();
    let is_wrong = wrong.is_some();
    let inputs = form::filters(view.language(), view.operation, view.asked, wrong);
    let asked: Pairs = view.asked.iter().filter(|(name, _)| form_keeps(name)).cloned().collect();
    let has_rows = !is_wrong && !lacks_choice(view.operation, view.asked);
    let is_list = has_rows && places::is_list(view.operation);
    let export = |(word, kind): (&'static str, &str)| {
        let mut pairs = asked.clone();
        if !kind.is_empty() {
            pairs.push((export::KIND.to_owned(), kind.to_owned()));
        }
        let query =
            if pairs.is_empty() { String::new() } else { format!("?{}", query::written(&pairs)) };
        Link::new(view.say(word), format!("{PATH}/export{place}{query}"))
    };
    let files = [("export_xlsx", export::XLSX), ("export", "")];
    Filters {
        action: format!("{PATH}{place}"),
        inputs,
        exports: if is_list { files.map(export).to_vec() } else { Vec::new() },
        send: view.say("filter").to_owned(),
        target: String::new(),
    }
}

fn form_keeps(name: &str) -> bool {
    name != "page" && name != REASON
}

/// A page with title, the way back, and what can be done from it.
pub(crate) fn headed(view: &View<'_>) -> Page {
    let (language, operation) = (view.language(), view.operation);
    let mut page = Page::new(places::title(language, operation));
    page.crumbs = crumbs(language, operation, view.parts);
    let id = view.parts.iter().map(|(_, value)| value.as_str()).next().unwrap_or_default();
    for child in places::children(operation.place()) {
        if !view.visit.may(child.right()) {
            continue;
        }
        let same_parts = places::parts(child).eq(places::parts(operation));
        let stands_with_rows =
            matches!(child.place(), "/repayments/{id}/reverse" | "/documents/{id}");
        if !same_parts || stands_with_rows {
            continue;
        }
        let link = shape::command_link(language, child, id);
        if child.method == Method::Get { page.links.push(link) } else { page.actions.push(link) }
    }
    page
}

/// The way to a page: the pages above it.
pub(crate) fn crumbs(language: Language, operation: &Operation, parts: &Pairs) -> Vec<Link> {
    let mut crumbs = Vec::new();
    let mut above = places::parent(operation);
    while let Some(query) = above.and_then(places::query_at) {
        let known = places::parts(query).all(|part| parts.iter().any(|(name, _)| name == part));
        // The number of a repayment or a document is not that of its loan.
        let is_another =
            query.place() == "/loans/{id}" && !operation.place().starts_with("/loans/");
        if known && !is_another {
            let mut title = places::title(language, query).to_owned();
            if let Some(id) = places::parts(query).next() {
                title = format!("{title} #{}", query::value(parts, id));
            }
            crumbs.push(Link::new(title, format!("{PATH}{}", filled(query, parts))));
        }
        above = places::parent(query);
    }
    crumbs.reverse();
    crumbs
}
