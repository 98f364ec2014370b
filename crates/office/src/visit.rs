//! A visitor who has been let in: who they are, what they may do, and what their browser brought.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::header::{COOKIE, HOST, HeaderName, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use channel_kit::body;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::call::{Answer, Caller};
use crate::json::{all, at, hex};
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::{Office, PATH, pages, respond};

/// The cookie with the token; over TLS with the prefix that browsers hold to `Secure`.
const TOKEN: (&str, &str) = ("jiehuan_console", "__Secure-jiehuan_console");
/// The cookie with the language.
pub(crate) const LANGUAGE: &str = "jiehuan_language";
/// The cookie with what is to be said on the next page.
const FLASH: (&str, &str) = ("jiehuan_flash", "__Secure-jiehuan_flash");
/// How long that is kept, in seconds: until the next page.
const FLASH_SECONDS: u32 = 60;
/// The field of a form with its proof.
pub(crate) const PROOF: &str = "_proof";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// What htmx says of itself, and how it is told to leave the page.
const HTMX: HeaderName = HeaderName::from_static("hx-request");
const HTMX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// A visitor.
pub(crate) struct Visit {
    pub(crate) caller: Caller,
    pub(crate) language: Language,
    /// Their number, name and rights, as `/me` tells them.
    pub(crate) me: Value,
    pub(crate) uri: Uri,
    /// What is said of the last command, once.
    pub(crate) flash: Option<String>,
    /// Proves that a form was ours.
    pub(crate) proof: String,
}

impl Visit {
    /// Lets a visitor in, or gives the answer that they get instead.
    pub(crate) async fn open(office: &Office, parts: &Parts) -> Result<Self, Box<Response>> {
        let headers = &parts.headers;
        let language = language(headers);
        let caller = Caller {
            token: cookie(headers, office.cookie(TOKEN)).unwrap_or_default().to_owned(),
            address: parts.extensions.get::<IpAddr>().copied(),
            agent: String::new(),
        };
        let uri = parts.uri.clone();
        if !is_token(&caller.token) {
            return Err(Box::new(to_log_in(headers, &uri)));
        }
        let answer = office.get(&caller, "/me", &[]).await;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(Box::new(to_log_in(headers, &uri))),
            _ => return Err(Box::new(pages::busy(language))),
        }
        let proof = office.signed("proof", &[&caller.token]);
        let flash = cookie(headers, office.cookie(FLASH));
        let flash = flash.and_then(|value| office.flash(&caller.token, value));
        Ok(Self { me: answer.json(), caller, language, uri, flash, proof })
    }

    /// Lets a visitor in who sends a form: it must be ours, and come from a page of ours.
    pub(crate) async fn with_form(
        office: &Office,
        parts: &Parts,
        body: Body,
    ) -> Result<(Self, Pairs), Box<Response>> {
        let visit = Self::open(office, parts).await?;
        if !is_from_here(&parts.headers) {
            return Err(Box::new(pages::not_from_here(&visit)));
        }
        let form = read_form(office, body).await;
        let Some(form) = form else { return Err(Box::new(pages::unreadable(&visit))) };
        if !office.verifies("proof", &[&visit.caller.token], query::value(&form, PROOF)) {
            return Err(Box::new(pages::not_from_here(&visit)));
        }
        Ok((visit, form))
    }

    /// Whether one of their roles gives a right; what needs none, everybody may.
    pub(crate) fn may(&self, right: Option<&str>) -> bool {
        let Some(right) = right else { return true };
        let rights = all(&self.me, "rights");
        rights.iter().any(|known| known == right)
    }

    /// Their own number.
    pub(crate) fn id(&self) -> Option<i64> {
        at(&self.me, "operator.id").as_i64()
    }

    /// A query of the API in their name.
    pub(crate) async fn get(
        &self,
        office: &Office,
        place: &str,
        query: &[(String, String)],
    ) -> Answer {
        office.get(&self.caller, place, query).await
    }
}

/// The pairs of a form within the limit.
pub(crate) async fn read_form(office: &Office, body: Body) -> Option<Pairs> {
    let body = body::read(body, office.settings().body_limit).await.ok()?;
    Some(query::read(str::from_utf8(&body).ok()?))
}

/// Whether a request was made by a page of ours. Browsers say so themselves; those that do not are
/// asked where the form stood, and what says neither is no browser and no other site's doing.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = text(FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    host.is_some_and(|(_, host)| Some(host) == text(HOST))
}

/// The log-in page, and back to where one wanted to go.
fn to_log_in(headers: &HeaderMap, uri: &Uri) -> Response {
    let wanted = uri.path_and_query().map_or(PATH, |place| place.as_str());
    let next = if wanted == PATH { String::new() } else { query::escaped(wanted) };
    let address = if next.is_empty() {
        "/console/login".to_owned()
    } else {
        format!("/console/login?next={next}")
    };
    let mut response = respond::to(&address);
    if headers.contains_key(HTMX) {
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Ok(address) = HeaderValue::try_from("/console/login") {
            response.headers_mut().insert(HTMX_REDIRECT, address);
        }
    }
    response
}

/// A value of a cookie; the first with the name.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut pairs = fields.flat_map(|field| field.split(';'));
    pairs.find_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        (known == name).then_some(value)
    })
}

/// What a browser says it is.
pub(crate) fn agent(headers: &HeaderMap) -> String {
    let field = headers.get(USER_AGENT).and_then(|field| field.to_str().ok());
    field.unwrap_or_default().to_owned()
}

/// Chinese, unless somebody chose English.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    if cookie(headers, LANGUAGE) == Some("en") { Language::English } else { Language::Chinese }
}

/// Whether a text can stand behind `Bearer`; whether it is a token, the API says.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Office {
    fn cookie(&self, (plain, secure): (&'static str, &'static str)) -> &'static str {
        if self.settings().secure { secure } else { plain }
    }

    /// The line that gives a browser its token; an empty one takes it away.
    pub(crate) fn token_cookie(&self, token: &str) -> Option<HeaderValue> {
        let end = if token.is_empty() { "; Max-Age=0" } else { "" };
        self.set_cookie(self.cookie(TOKEN), token, end)
    }

    /// The line that keeps what is to be said on the next page, for one visitor alone.
    pub(crate) fn flash_cookie(&self, token: &str, text: &str) -> Option<HeaderValue> {
        let name = self.cookie(FLASH);
        if text.is_empty() {
            return self.set_cookie(name, "", "; Max-Age=0");
        }
        let value = query::escaped(text);
        let value = format!("{value}.{}", self.signed("flash", &[token, &value]));
        self.set_cookie(name, &value, &format!("; Max-Age={FLASH_SECONDS}"))
    }

    fn flash(&self, token: &str, value: &str) -> Option<String> {
        let (text, proof) = value.rsplit_once('.')?;
        let is_ours = self.verifies("flash", &[token, text], proof);
        is_ours.then(|| channel_kit::form::decoded(text).map(std::borrow::Cow::into_owned))?
    }

    fn set_cookie(&self, name: &str, value: &str, more: &str) -> Option<HeaderValue> {
        let secure = if self.settings().secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={PATH}; HttpOnly; SameSite=Strict{more}{secure}");
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What only a holder of the server's key can write about the parts.
    fn signed(&self, what: &str, parts: &[&str]) -> String {
        let mac = self.mac(what, parts).map(|mac| mac.finalize().into_bytes());
        mac.map(|bytes| hex(&bytes)).unwrap_or_default()
    }

    fn verifies(&self, what: &str, parts: &[&str], proof: &str) -> bool {
        let digits = proof.as_bytes().chunks(2);
        let bytes = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        let Some(bytes) = bytes.collect::<Option<Vec<u8>>>() else { return false };
        self.mac(what, parts).is_some_and(|mac| mac.verify_slice(&bytes).is_ok())
    }

    fn mac(&self, what: &str, parts: &[&str]) -> Option<Hmac<Sha256>> {
        let mut own = Hmac::<Sha256>::new_from_slice(&self.settings().key).ok()?;
        own.update(b"jiehuan office pages");
        let mut mac = Hmac::<Sha256>::new_from_slice(&own.finalize().into_bytes()).ok()?;
        for part in [what].iter().chain(parts) {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        Some(mac)
    }
}
