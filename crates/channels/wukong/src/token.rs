//! Where a request carries its token: four ways, the app's own first.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const TOKEN: HeaderName = HeaderName::from_static("token");
/// What the app sends when it has none.
const UNDEFINED: &str = "undefined";

/// The token as it was sent: the whole of `Authorization` (the app), `Bearer`, the user name of
/// `Basic`, or the header `token`.
pub(crate) fn of(headers: &HeaderMap) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).map(HeaderValue::to_str)?.ok();
    let sent = text(header::AUTHORIZATION).and_then(from_authorization);
    let sent = sent.or_else(|| text(TOKEN).map(|token| token.trim().to_owned()));
    sent.filter(|token| !token.is_empty() && token != UNDEFINED)
}

fn from_authorization(value: &str) -> Option<String> {
    let value = value.trim();
    let Some((scheme, rest)) = value.split_once(' ') else {
        return (!value.is_empty() && value != UNDEFINED).then(|| value.to_owned());
    };
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(rest).ok()?).ok()?;
    Some(pair.split_once(':').map_or(&*pair, |(name, _)| name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], want: Option<&str>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        assert_eq!(of(&map).as_deref(), want, "{headers:?}");
    }

    #[test]
    fn a_token_is_found_in_four_places() {
        check(&[], None);
        check(&[("authorization", "abc")], Some("abc"));
        check(&[("authorization", "Bearer abc")], Some("abc"));
        check(&[("authorization", "bearer  abc ")], Some("abc"));
        // RFC 7617: base64 of `abc:` and of `abc`.
        check(&[("authorization", "Basic YWJjOg==")], Some("abc"));
        check(&[("authorization", "Basic YWJj")], Some("abc"));
        check(&[("authorization", "Basic !")], None);
        check(&[("authorization", "Digest abc")], None);
        check(&[("authorization", "undefined")], None);
        check(&[("authorization", "Bearer undefined")], None);
        check(&[("authorization", "")], None);
        check(&[("token", "abc")], Some("abc"));
        check(&[("authorization", "undefined"), ("token", "abc")], Some("abc"));
        check(&[("authorization", "abc"), ("token", "def")], Some("abc"));
    }
}
