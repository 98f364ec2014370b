//! A call of the operator API in this process, as its clients make it over the wire.

use std::net::IpAddr;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use console::{BASE, Operation};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::json::at;
use crate::{Office, query};

/// The longest answer that is read: a contract's PDF with its fonts is far smaller.
const ANSWER_BYTES: usize = 32 << 20;
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Who calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    /// The token; nothing for the log-in.
    pub(crate) token: String,
    /// Where they are.
    pub(crate) address: Option<IpAddr>,
    /// What their browser says it is, where it is kept: at a log-in.
    pub(crate) agent: String,
}

/// What the API said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The code and the sentence of a refusal.
    pub(crate) fn refusal(&self) -> Option<(String, String)> {
        if self.status.is_success() {
            return None;
        }
        let json = self.json();
        let error = |path| at(&json, path).as_str().unwrap_or_default().to_owned();
        Some((error("error.code"), error("error.message")))
    }

    /// The media type and the policy of a body that is no JSON: a document.
    pub(crate) fn document(&self) -> Option<(&str, &str)> {
        let text = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let media = text(CONTENT_TYPE).filter(|media| *media != "application/json")?;
        Some((media, text(CONTENT_SECURITY_POLICY).unwrap_or("default-src 'none'")))
    }
}

/// What is called: the path behind the API's base, with its parts filled in.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) place: &'a str,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: Option<&'a Value>,
    /// The key under which it is carried out once.
    pub(crate) key: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A query.
    pub(crate) fn get(place: &'a str, query: &'a [(String, String)]) -> Self {
        Self { method: Method::GET, place, query, body: None, key: None }
    }
}

impl Office {
    /// Calls the API and reads the answer; a call that cannot be made or read is busy.
    pub(crate) async fn call(&self, caller: &Caller, call: Call<'_>) -> Answer {
        let busy = || Answer {
            status: StatusCode::SERVICE_UNAVAILABLE,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        let Ok(request) = request(caller, &call) else { return busy() };
        let Ok(response) = self.inner.api.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, ANSWER_BYTES).await else { return busy() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A query of the API.
    pub(crate) async fn get(
        &self,
        caller: &Caller,
        place: &str,
        query: &[(String, String)],
    ) -> Answer {
        self.call(caller, Call::get(place, query)).await
    }
}

fn request(caller: &Caller, call: &Call<'_>) -> Result<Request<Body>, axum::http::Error> {
    let mut uri = format!("{BASE}{}", call.place);
    if !call.query.is_empty() {
        uri.push('?');
        uri.push_str(&query::written(call.query));
    }
    let mut request = Request::builder().method(call.method.clone()).uri(uri);
    if !caller.token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {}", caller.token));
    }
    if !caller.agent.is_empty() {
        request = request.header(USER_AGENT, &caller.agent);
    }
    if let Some(key) = call.key {
        request = request.header(KEY, key);
    }
    if let Some(address) = caller.address {
        request = request.extension(address);
    }
    let body = call.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.body(body)
}

/// The place of an operation with the parts of its path filled in, each escaped.
pub(crate) fn filled(operation: &Operation, parts: &[(String, String)]) -> String {
    let mut place = operation.place().to_owned();
    for (name, value) in parts {
        place = place.replace(&format!("{{{name}}}"), &query::escaped(value));
    }
    place
}
