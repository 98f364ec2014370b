//! Log-in, log-out and the choice of a language.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::call::{Call, Caller};
use crate::json::at;
use crate::query;
use crate::texts::Language;
use crate::visit::{self, Visit, is_from_here, read_form};
use crate::{Office, PATH, pages, respond};

/// How long a choice of language is kept, in seconds: a year.
const LANGUAGE_SECONDS: u32 = 31_536_000;

/// `GET /console/`.
pub(crate) async fn to_home() -> Response {
    respond::to(PATH)
}

/// `GET /console/login`.
pub(crate) async fn page(State(office): State<Office>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if Visit::open(&office, &parts).await.is_ok() {
        return respond::to(PATH);
    }
    let pairs = query::of(&parts.uri);
    let next = query::value(&pairs, "next");
    let language = visit::language(&parts.headers);
    pages::log_in(&office, language, &pages::Tried { next, ..pages::Tried::default() })
}

/// `POST /console/login`: a new token each time, whatever the browser had before.
pub(crate) async fn log_in(State(office): State<Office>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let language = visit::language(&parts.headers);
    if !is_from_here(&parts.headers) {
        return pages::foreign(&office, language);
    }
    let address = parts.extensions.get::<IpAddr>().copied();
    let Some(form) = read_form(&office, body).await else {
        return pages::foreign(&office, language);
    };
    let (login, next) = (query::value(&form, "login"), query::value(&form, "next"));
    let body = json!({
        "login": login,
        "password": query::value(&form, "password"),
        "code": query::value(&form, "code"),
    });
    let agent = visit::agent(&parts.headers);
    let caller = Caller { token: String::new(), address, agent };
    let call = Call { method: Method::POST, body: Some(&body), ..Call::get("/login", &[]) };
    let answer = office.call(&caller, call).await;
    if let Some((code, _)) = answer.refusal() {
        let tried = pages::Tried { login, next, refused: Some((answer.status, code)) };
        return pages::log_in(&office, language, &tried);
    }
    let token = at(&answer.json(), "token").as_str().unwrap_or_default().to_owned();
    let mut response = respond::to(if is_ours(next) { next } else { PATH });
    if let Some(cookie) = office.token_cookie(&token) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Whether a browser may be sent there: pages of ours alone, and none that does something.
fn is_ours(address: &str) -> bool {
    let behind = address.strip_prefix(PATH);
    let is_below = behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    is_below && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// `POST /console/logout`.
pub(crate) async fn log_out(State(office): State<Office>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let visit = match Visit::with_form(&office, &parts, body).await {
        Ok((visit, _)) => visit,
        Err(response) => return *response,
    };
    let call = Call { method: Method::POST, ..Call::get("/logout", &[]) };
    let answer = office.call(&visit.caller, call).await;
    if answer.status == StatusCode::SERVICE_UNAVAILABLE {
        return pages::busy(visit.language);
    }
    let mut response = respond::to("/console/login");
    if let Some(cookie) = office.token_cookie("") {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// `POST /console/language`: keeps the choice and goes back to the page. It changes nothing else,
/// so that it needs no log-in.
pub(crate) async fn language(State(office): State<Office>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let before = visit::language(&parts.headers);
    if !is_from_here(&parts.headers) {
        return pages::foreign(&office, before);
    }
    let Some(form) = read_form(&office, body).await else {
        return pages::foreign(&office, before);
    };
    let chosen = match query::value(&form, "language") {
        "en" => Language::English,
        _ => Language::Chinese,
    };
    let back = query::value(&form, "back");
    let mut response = respond::to(if is_ours(back) { back } else { PATH });
    let (name, word) = (visit::LANGUAGE, chosen.word());
    let cookie = format!("{name}={word}; Path={PATH}; SameSite=Strict; Max-Age={LANGUAGE_SECONDS}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for ours in ["/console", "/console/loans?page=2", "/console?x=1"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "",
            "/",
            "//evil.example/console",
            "https://evil.example",
            "/consolex",
            "/console/\\x",
            "/console/a\r\nb",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
