//! The pages for a phone's screen (§5, §6), by the templates in use.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use channel_kit::route::{Method, Operation};
use lending::documents::{self, Facts, Kind, MakeError};

use crate::envelope::Manner;
use crate::failure::{Failure, NOT_SERVED};
use crate::section::page;
use crate::{Xianjindai, call};

/// What the pages say about the lender.
#[derive(Clone, Debug)]
pub struct About {
    /// What customers know the app by.
    pub platform_name: String,
    /// The firm that runs it.
    pub operator_name: String,
    /// Whom customers call.
    pub service_phone: String,
    /// When.
    pub service_hours: String,
    /// The day from which the texts hold, as it is printed.
    pub effective_on: String,
}

impl About {
    fn facts(&self) -> Facts {
        Facts::new()
            .with("platform_name", &self.platform_name)
            .with("operator_name", &self.operator_name)
            .with("service_phone", &self.service_phone)
            .with("service_hours", &self.service_hours)
            .with("effective_on", &self.effective_on)
    }
}

pub(crate) static PROTOCOL: [Operation<&'static str>; 2] = [
    page(Method::Get, "/xianjindai/open/registrationProtocol", "注册协议，H5页面 (§5)"),
    page(Method::Post, "/xianjindai/open/registrationProtocol", "注册协议，H5页面 (§5)"),
];

pub(crate) static HELP: [Operation<&'static str>; 2] = [
    page(Method::Get, "/xianjindai/open/loanHelp", "还款帮助，H5页面 (§6)"),
    page(Method::Post, "/xianjindai/open/loanHelp", "还款帮助，H5页面 (§6)"),
];

/// Answers GET and POST alike; what a request says beside its address does not matter.
pub(crate) fn route(kind: Kind) -> MethodRouter<Xianjindai> {
    let answer = async move |State(channel): State<Xianjindai>| match made(&channel, kind).await {
        Ok(html) => shown(html),
        Err(failure) => channel.respond(Manner::PLAIN, call::NOTHING, &Err(failure)),
    };
    get(answer).post(answer)
}

/// The page by the template in use, whichever of the facts it wants.
async fn made(channel: &Xianjindai, kind: Kind) -> Result<String, Failure> {
    let facts = channel.settings.about.facts();
    let html = channel.app.read(move |tx| documents::page(tx, kind, &facts)).await;
    html.map_err(|error| match error {
        MakeError::Contradiction(_) | MakeError::Unfilled(_) => Failure::failed(NOT_SERVED),
        MakeError::Fault(fault) => fault.into(),
    })
}

/// A whole HTML document; it holds no script.
pub(crate) fn shown(html: String) -> Response {
    let mut response = html.into_response();
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html;charset=UTF-8");
    headers.insert(header::CONTENT_TYPE, html);
    guard(headers);
    response
}

/// What keeps a page from doing, or giving away, more than it shows.
pub(crate) fn guard(headers: &mut HeaderMap) {
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-answer-code", HeaderValue::from_static("0000"));
}
