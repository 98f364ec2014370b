//! The borrower's app at `/h5`: one loan on the protocol of 悟空, in a telephone's browser, as living
//! documentation of a client. The files are all there is; everything else is asked of the channel.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde_json::json;

/// This door's name in log and metrics.
pub const NAME: &str = "h5";
/// Where the app is.
pub const PATH: &str = "/h5";

/// Nothing from elsewhere and nothing inline. Forms go where the payment provider's pages are, which
/// is a matter of configuration, so no rule is made about them.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../static/index.html");
const STYLE: &str = include_str!("../static/h5.css");
/// The client of the protocol, and the screens over it.
const CLIENT: &str = include_str!("../static/client.js");
const SCREENS: &str = include_str!("../static/screens.js");

/// What the app has to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who lends, on every screen.
    pub lender: String,
    /// Where the payment provider's pages begin; empty where there are none.
    pub pages_url: String,
    /// Where codes can be read on a bench; empty elsewhere.
    pub sandbox_url: String,
    /// Whether the portal is there to be linked to.
    pub has_docs: bool,
}

/// The router, with full paths.
pub fn router(settings: &Settings) -> Router {
    let told = json!({
        "lender": settings.lender,
        "pages": settings.pages_url,
        "sandbox": settings.sandbox_url,
        "docs": settings.has_docs,
    });
    Router::new()
        .route("/h5", get(|| async { file("text/html; charset=utf-8", PAGE) }))
        .route("/h5/", get(|| async { Redirect::permanent(PATH) }))
        .route("/h5/h5.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .route("/h5/client.js", get(|| async { file(SCRIPT, CLIENT) }))
        .route("/h5/screens.js", get(|| async { file(SCRIPT, SCREENS) }))
        .route("/h5/config.json", get(config))
        .with_state(Arc::new(told.to_string()))
}

const SCRIPT: &str = "text/javascript; charset=utf-8";

async fn config(State(told): State<Arc<String>>) -> Response {
    guarded(([(CONTENT_TYPE, "application/json")], told.to_string()).into_response())
}

/// The answer when the platform cannot answer.
pub fn busy() -> Response {
    let said = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "系统繁忙，请稍后再试");
    guarded(said.into_response())
}

fn file(kind: &'static str, text: &'static str) -> Response {
    guarded(([(CONTENT_TYPE, kind)], text).into_response())
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
