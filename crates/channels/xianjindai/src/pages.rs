//! The pages for a phone's screen (§5, §6); their text comes from outside.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use channel_kit::route::{Method, Operation};

use crate::envelope::Manner;
use crate::failure::{Failure, NOT_SERVED};
use crate::section::page;
use crate::{Xianjindai, call};

/// Whole HTML documents, ready to be sent. They hold no script.
#[derive(Clone, Debug)]
pub struct Pages {
    /// 注册协议 (§5).
    pub registration_protocol: String,
    /// 还款帮助 (§6).
    pub loan_help: String,
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
pub(crate) fn route(text: fn(&Pages) -> &str) -> MethodRouter<Xianjindai> {
    let answer = async move |State(channel): State<Xianjindai>| match &channel.settings.pages {
        Some(pages) => shown(text(pages)),
        None => channel.respond(Manner::PLAIN, call::NOTHING, &Err(Failure::failed(NOT_SERVED))),
    };
    get(answer).post(answer)
}

fn shown(html: &str) -> Response {
    let mut response = html.to_owned().into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html;charset=UTF-8"),
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
    response
}
