//! Pictures that the platform serves itself: a badge for each bank, and one for the product.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::Chaojihua;
use crate::cards::BANKS;
use crate::envelope::respond;
use crate::texts::{BUSY, Failure, NO_SUCH_ADDRESS};

/// What the product's picture is called.
pub(crate) const PRODUCT: &str = "product";

/// Where a picture is.
pub(crate) fn address(base: &str, name: &str) -> String {
    format!("{base}/cjh-open-api/icons/{name}.svg")
}

/// A picture by its file's name.
pub(crate) async fn picture(
    State(channel): State<Chaojihua>,
    Path(file): Path<String>,
) -> Response {
    let name = file.strip_suffix(".svg").unwrap_or_default();
    let bank = BANKS.iter().find(|(code, _)| *code == name).map(|(_, name)| *name);
    let Some(label) = bank.or_else(|| (name == PRODUCT).then_some("花")) else {
        let failure = Failure::with(NO_SUCH_ADDRESS, &file).status(StatusCode::NOT_FOUND);
        return respond(&channel.settings, BUSY, &Err(failure));
    };
    let sign: String = label.chars().take(1).collect();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, badge(&sign, label)).into_response()
}

fn badge(sign: &str, title: &str) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96"><title>{title}</title><circle cx="48" cy="48" r="46" fill="#1f5f8b"/><text x="48" y="63" font-size="44" text-anchor="middle" fill="#fff" font-family="sans-serif">{sign}</text></svg>"##
    )
}
