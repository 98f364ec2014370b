//! The files of the pages: style and script, embedded, each with the version of its content.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use channel_kit::digest;

use crate::json::hex;
use crate::{Office, pages};

/// An address that holds the version of its content never changes.
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";
/// Any other is asked for again each time.
const ASK_AGAIN: &str = "no-cache";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, media type and text of a file.
type Asset = (&'static str, &'static str, &'static str);

const ASSETS: &[Asset] = &[
    ("office.css", "text/css; charset=utf-8", include_str!("../static/office.css")),
    ("office.js", SCRIPT, include_str!("../static/office.js")),
    ("htmx.min.js", SCRIPT, include_str!("../static/htmx.min.js")),
    ("icon.svg", "image/svg+xml", include_str!("../static/icon.svg")),
];

static VERSIONS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let version = |text: &str| {
        let digest = digest::of(&[text.as_bytes()]);
        hex(digest.get(..6).unwrap_or(&digest))
    };
    ASSETS.iter().map(|(name, _, text)| (*name, version(text))).collect()
});

fn version(name: &str) -> &'static str {
    VERSIONS.get(name).map_or("", String::as_str)
}

/// The address of a file, with the version of its content.
pub(crate) fn address(name: &str) -> String {
    format!("/console/static/{name}?v={}", version(name))
}

/// `GET /console/static/{file}`.
pub(crate) async fn serve(
    State(office): State<Office>,
    Path(file): Path<String>,
    request: Request,
) -> Response {
    let Some((name, media, text)) = ASSETS.iter().find(|(name, _, _)| *name == file) else {
        return pages::nowhere(State(office), request).await;
    };
    let asked = request.uri().query().and_then(|query| query.strip_prefix("v="));
    let kept = if asked == Some(version(name)) { FOR_A_YEAR } else { ASK_AGAIN };
    ([(CONTENT_TYPE, *media), (CACHE_CONTROL, kept)], *text).into_response()
}
