//! What a browser is told about every page.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Everything comes from here; no inline script or style, no frame around it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(crate) async fn guarded(request: Request, next: Next) -> Response {
    protected(next.run(request).await)
}

/// Adds the headers; a document brings a policy of its own.
pub(crate) fn protected(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(fixed(POLICY));
    headers.entry(CACHE_CONTROL).or_insert(fixed("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
    headers.insert(REFERRER_POLICY, fixed("same-origin"));
    headers.insert(OPENER, fixed("same-origin"));
    headers.insert(RESOURCE, fixed("same-origin"));
    response
}

/// A file of JSON that a browser keeps rather than shows.
pub(crate) fn file(json: &serde_json::Value, name: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.json\"")),
    ];
    (StatusCode::OK, headers, format!("{json:#}")).into_response()
}

/// Sends a browser to another address of ours.
pub(crate) fn to(address: &str) -> Response {
    let address = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static(crate::PATH));
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}
