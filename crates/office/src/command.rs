//! Commands: a form for each call of the operator API that changes something.

use axum::RequestPartsExt as _;
use axum::extract::{RawPathParams, Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use console::Operation;
use serde_json::Value;

use crate::blocks::{Block, Form, Link};
use crate::call::{Answer, Call, filled};
use crate::form::{self as fields, Wrong};
use crate::json::{at, hex};
use crate::pages::Page;
use crate::query::{self, Pairs};
use crate::visit::{PROOF, Visit};
use crate::{Office, PATH, pages, places, refusals, respond, screens};

const GET: channel_kit::route::Method = channel_kit::route::Method::Get;
/// The part of a path that is a day.
const DAY: &str = "day";
/// The field with the key under which a form is carried out once.
const ONCE: &str = "_once";

/// The parts of a path that vary.
pub(crate) async fn parts(head: &mut Parts) -> Pairs {
    let parts = head.extract::<RawPathParams>().await;
    let parts = parts.as_ref().map(|parts| parts.iter()).into_iter().flatten();
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Lets in who asks for a page; the parts of its path that vary, or the answer that they get instead.
pub(crate) async fn enter(
    office: &Office,
    request: Request,
) -> Result<(Visit, Pairs), Box<Response>> {
    let (mut head, _) = request.into_parts();
    let parts = parts(&mut head).await;
    Ok((Visit::open(office, &head).await?, parts))
}

/// `GET /console/do/…`: the form, filled in with what the address says.
pub(crate) async fn show(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (visit, parts) = match enter(&office, request).await {
        Ok(entered) => entered,
        Err(response) => return *response,
    };
    if !visit.may(operation.right()) {
        return forbidden(&office, &visit);
    }
    let typed = query::of(&visit.uri);
    let typed = screens::product::prefill(&office, &visit, operation, typed).await;
    let ask = Ask { operation, parts: &parts, typed: &typed };
    page(&office, &visit, &ask, StatusCode::OK, (None, None))
}

/// What somebody is told whose roles do not give the right.
pub(crate) fn forbidden(office: &Office, visit: &Visit) -> Response {
    let say = |word| visit.language.say(word);
    let text = (say("forbidden_title"), say("forbidden"));
    pages::said(office, visit, StatusCode::FORBIDDEN, text)
}

/// What somebody wants done.
struct Ask<'a> {
    operation: &'static Operation,
    parts: &'a Pairs,
    typed: &'a Pairs,
}

/// The page with the form; with what is wrong with a field, or with all of it.
fn page(
    office: &Office,
    visit: &Visit,
    ask: &Ask<'_>,
    status: StatusCode,
    wrong: (Option<Wrong>, Option<String>),
) -> Response {
    let mut page = Page::new(places::title(visit.language, ask.operation));
    page.crumbs = screens::crumbs(visit.language, ask.operation, ask.parts);
    page.blocks.push(Block::Form(form(visit, ask, wrong)));
    pages::shown(office, visit, status, &page)
}

/// The empty form of a command, for a page that it stands on.
pub(crate) fn form_of(visit: &Visit, (place, parts): (&str, &Pairs)) -> Option<Form> {
    let mut all = console::operations().into_iter();
    let is_it = |known: &&Operation| known.method != GET && known.place() == place;
    let ask = Ask { operation: all.find(is_it)?, parts, typed: &Pairs::new() };
    let title = places::title(visit.language, ask.operation).to_owned();
    Some(Form { title, cancel: String::new(), ..form(visit, &ask, (None, None)) })
}

fn form(visit: &Visit, ask: &Ask<'_>, (wrong, error): (Option<Wrong>, Option<String>)) -> Form {
    let (language, operation) = (visit.language, ask.operation);
    let place = filled(operation, ask.parts);
    let mut inputs = fields::inputs(language, operation, ask.typed, wrong.as_ref());
    if let Some((name, day)) = ask.parts.iter().find(|(name, _)| name == DAY) {
        inputs.insert(0, fields::day(language, name, day));
    }
    let is_grave = places::is_grave(operation);
    let note = match (inputs.is_empty(), is_grave) {
        (_, true) => language.say("confirm_grave"),
        (true, false) => language.say("no_fields"),
        (false, false) => "",
    };
    let error = error.or_else(|| {
        // A field that is wrong and has no place in the form.
        let (name, text) = wrong.as_ref()?;
        let has_place = inputs.iter().any(|input| input.name == *name);
        (!has_place).then(|| format!("{name}: {text}"))
    });
    let other = match operation.place() {
        "/products" => Some("/products/preview"),
        "/products/preview" => Some("/products"),
        _ => None,
    };
    let other = other.and_then(|place| {
        let mut all = console::operations().into_iter();
        let found = all.find(|known| known.method != GET && known.place() == place)?;
        let title = places::title(language, found).to_owned();
        Some(Link::new(title, format!("{PATH}/do{place}")))
    });
    Form {
        title: String::new(),
        action: format!("{PATH}/do{place}"),
        hidden: vec![(PROOF.to_owned(), visit.proof.clone()), (ONCE.to_owned(), once())],
        inputs,
        note: note.to_owned(),
        error,
        send: places::title(language, operation).to_owned(),
        other,
        cancel: back(operation, ask.parts),
        is_grave,
    }
}

/// A key that no other form has.
fn once() -> String {
    let mut bytes = [0_u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        return String::new();
    }
    hex(&bytes)
}

/// The page that one came from.
fn back(operation: &Operation, parts: &Pairs) -> String {
    let parent = places::parent(operation).filter(|above| {
        let has_all = places::query_at(above).is_some_and(|query| {
            places::parts(query).all(|part| parts.iter().any(|(name, _)| name == part))
        });
        // A repayment's number is not its loan's.
        has_all && !matches!(operation.place(), "/repayments/{id}/reverse")
    });
    let place = parent.map(|place| {
        let mut place = place.to_owned();
        for (name, value) in parts {
            place = place.replace(&format!("{{{name}}}"), &query::escaped(value));
        }
        place
    });
    format!("{PATH}{}", place.unwrap_or_default())
}

/// `POST /console/do/…`.
pub(crate) async fn send(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (mut head, body) = request.into_parts();
    let parts = parts(&mut head).await;
    let (visit, typed) = match Visit::with_form(&office, &head, body).await {
        Ok(both) => both,
        Err(response) => return *response,
    };
    if !visit.may(operation.right()) {
        return forbidden(&office, &visit);
    }
    // A day of the path can be chosen in the form.
    let mut parts = parts;
    for (name, value) in parts.iter_mut().filter(|(name, _)| name == DAY) {
        let chosen = query::value(&typed, name).trim();
        if !chosen.is_empty() {
            chosen.clone_into(value);
        }
    }
    let ask = Ask { operation, parts: &parts, typed: &typed };
    let message = match fields::message(visit.language, operation, &typed) {
        Ok(message) => message,
        Err(wrong) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page(&office, &visit, &ask, status, (Some(wrong), None));
        }
    };
    let answer = carry_out(&office, &visit, &ask, &message).await;
    if answer.status.is_success() && operation.place() == "/products/preview" {
        return previewed(&office, &visit, &ask, &answer);
    }
    if answer.status.is_success() && operation.place() == "/customers/{id}/export" {
        let json = answer.json();
        // The number as the interface says it; what stood in the address is not repeated.
        return respond::file(&json, &format!("customer-{}", at(&json, "customer_id")));
    }
    if answer.status.is_success() && operation.place() == "/collections/{id}/call" {
        let json = answer.json();
        let page = screens::collection::called(&visit, (operation, &parts), &json);
        return pages::shown(&office, &visit, StatusCode::OK, &page);
    }
    if answer.status.is_success() && operation.place() == "/me/second-factor" {
        return pages::shown(
            &office,
            &visit,
            StatusCode::OK,
            &screens::to_confirm(&visit, &answer),
        );
    }
    if answer.status.is_success() {
        return done(&office, &visit, &ask, &answer);
    }
    let (code, message) = answer.refusal().unwrap_or_default();
    if code == "not_logged_in" {
        return respond::to("/console/login");
    }
    let text = refusals::read(visit.language, operation, (&code, &message));
    let status = answer.status;
    match refusals::field(operation, &code, &message) {
        Some(field) => {
            let is_product = operation.place().starts_with("/products");
            let part = crate::version::field_of(field).filter(|_| is_product);
            let field = part.unwrap_or_else(|| field.to_owned());
            page(&office, &visit, &ask, status, (Some((field, text)), None))
        }
        None => page(&office, &visit, &ask, status, (None, Some(text))),
    }
}

async fn carry_out(office: &Office, visit: &Visit, ask: &Ask<'_>, message: &Value) -> Answer {
    let once = query::value(ask.typed, ONCE);
    let method = Method::from_bytes(ask.operation.method.word().to_uppercase().as_bytes());
    let call = Call {
        method: method.unwrap_or(Method::POST),
        place: &filled(ask.operation, ask.parts),
        query: &[],
        body: Some(message),
        key: Some(once).filter(|once| !once.is_empty()),
    };
    office.call(&visit.caller, call).await
}

/// What a version of a product would be, and the form again.
fn previewed(office: &Office, visit: &Visit, ask: &Ask<'_>, answer: &Answer) -> Response {
    let mut page = Page::new(places::title(visit.language, ask.operation));
    page.crumbs = screens::crumbs(visit.language, ask.operation, ask.parts);
    page.blocks = screens::product::preview(visit, &answer.json());
    page.blocks.push(Block::Form(form(visit, ask, (None, None))));
    pages::shown(office, visit, StatusCode::OK, &page)
}

/// The page that shows what came of it, and what is said there.
fn done(office: &Office, visit: &Visit, ask: &Ask<'_>, answer: &Answer) -> Response {
    let language = visit.language;
    let json = answer.json();
    let awaited = at(&json, "approval.id").as_str();
    let (place, text) = if let (StatusCode::ACCEPTED, Some(id)) = (answer.status, awaited) {
        (format!("{PATH}/approvals/{}", query::escaped(id)), language.say("awaited").to_owned())
    } else {
        let title = places::title(language, ask.operation);
        let place = screens::after(ask.operation, &json).unwrap_or(back(ask.operation, ask.parts));
        let more = screens::outcome(language, ask.operation, &json);
        (place, format!("{}{more}", language.say("done").replace("{}", title)))
    };
    let mut response = respond::to(&place);
    if let Some(cookie) = office.flash_cookie(&visit.caller.token, &text) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
