//! The answers' outer shape, and how values look in it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use channel_kit::app::log_fault;
use kernel::Instant;
use lending::{Fault, Page};
use serde_json::{Value, json};

use crate::NAME;
use crate::failure::{BUSY, Failure};

/// Documents have a style of their own and nothing else.
const NO_SCRIPTS: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// What a call answers, as it is sent and as it is kept for an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    status: u16,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Json(String),
    Html(String),
    Pdf(Vec<u8>),
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(body: &Value) -> Self {
        Self { status: 200, body: Body::Json(body.to_string()) }
    }

    /// 201: something new stands in the body.
    pub(crate) fn created(body: &Value) -> Self {
        Self { status: 201, body: Body::Json(body.to_string()) }
    }

    /// 202: nothing is done yet; the body says what is waited for.
    pub(crate) fn awaited(body: &Value) -> Self {
        Self { status: 202, body: Body::Json(body.to_string()) }
    }

    /// 200 with a page for people.
    pub(crate) fn html(page: String) -> Self {
        Self { status: 200, body: Body::Html(page) }
    }

    /// 200 with a PDF.
    pub(crate) fn pdf(file: Vec<u8>) -> Self {
        Self { status: 200, body: Body::Pdf(file) }
    }

    /// A page of a list.
    pub(crate) fn list(items: &[Value], page: Page) -> Self {
        Self::ok(&json!({ "items": items, "size": page.size() }))
    }

    /// A refusal.
    fn refused(status: u16, code: &str, message: &str) -> Self {
        let body = json!({ "error": { "code": code, "message": message } });
        Self { status, body: Body::Json(body.to_string()) }
    }

    /// What is kept for an idempotency key: refusals are, faults are not.
    pub(crate) fn kept(outcome: Result<Self, Failure>) -> Result<String, Failure> {
        let reply = match outcome {
            Ok(reply) => reply,
            Err(Failure::Refused { refusal, message }) => {
                Self::refused(refusal.status, refusal.code, &message)
            }
            Err(Failure::Fault(fault)) => return Err(fault.into()),
        };
        match reply.body {
            Body::Json(body) => Ok(format!("{} {body}", reply.status)),
            // Calls that show these take no key.
            Body::Html(_) | Body::Pdf(_) => Err(Fault::Corrupt("kept_answer".into()).into()),
        }
    }

    /// What was kept.
    pub(crate) fn from_kept(text: &str) -> Result<Self, Fault> {
        let parts = text.split_once(' ');
        let read = parts.and_then(|(status, body)| Some((status.parse().ok()?, body.to_owned())));
        let (status, body) = read.ok_or_else(|| Fault::Corrupt("kept_answer".into()))?;
        Ok(Self { status, body: Body::Json(body) })
    }
}

/// The answer on the wire.
pub(crate) fn respond(result: Result<Reply, Failure>) -> Response {
    let reply = match result {
        Ok(reply) => reply,
        Err(Failure::Refused { refusal, message }) => {
            Reply::refused(refusal.status, refusal.code, &message)
        }
        Err(Failure::Fault(fault)) => {
            log_fault(NAME, &fault);
            Reply::refused(BUSY.status, BUSY.code, BUSY.message)
        }
    };
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (media, body) = match reply.body {
        Body::Json(body) => ("application/json", body.into_bytes()),
        Body::Html(page) => ("text/html;charset=UTF-8", page.into_bytes()),
        Body::Pdf(file) => ("application/pdf", file),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(NO_SCRIPTS));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// An instant as RFC 3339, in Shanghai.
pub(crate) fn time(instant: Instant) -> String {
    format!("{}+08:00", instant.shanghai_text().replace(' ', "T"))
}
