//! The cookie that carries a session: of nobody yet, or of an officer.

use axum::http::{HeaderMap, HeaderValue};
use channel_kit::cookie;
use lending::customers::sessions::SessionKey;

/// The cookie's name; another than that of 现金贷, which stands on the same port.
const NAME: &str = "SDSESSION";

/// The session's key in a request. Whoever sends back the whole of `Set-Cookie` is understood.
pub(crate) fn key(headers: &HeaderMap) -> Option<SessionKey> {
    cookie::key(NAME, headers)
}

/// The value of `Set-Cookie` for a session; `None` if the key cannot stand in a header.
pub(crate) fn cookie(key: &SessionKey, secure: bool) -> Option<HeaderValue> {
    cookie::set(NAME, key, secure)
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    const ID: &str = "0123456789ABCDEF0123456789ABCDEF";

    #[track_caller]
    fn check(cookie: &str, found: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::try_from(cookie).unwrap());
        assert_eq!(key(&headers).as_ref().map(SessionKey::expose), found.then_some(ID), "{cookie}");
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        check(&format!("SDSESSION={ID}"), true);
        check(&format!("JSESSIONID=x; SDSESSION=\"{ID}\"; c=d"), true);
        let set = cookie(&SessionKey::parse(ID).unwrap(), true).unwrap();
        assert!(set.is_sensitive());
        check(set.to_str().unwrap(), true);
        check(&format!("XSDSESSION={ID}"), false);
        check("SDSESSION=", false);
        check(&format!("SDSESSION={ID}0"), false);
    }
}
