//! The cookie that carries a session.

use axum::http::{HeaderMap, HeaderValue};
use channel_kit::cookie;
use lending::customers::sessions::SessionKey;

/// The cookie's name. Source: contract page; the document's sample reads it from `Set-Cookie`.
const NAME: &str = "JSESSIONID";
/// The session's key in a request. The document's sample sends back the whole of `Set-Cookie`, its
/// attributes included, so that everything but the one pair is passed over.
pub(crate) fn key(headers: &HeaderMap) -> Option<SessionKey> {
    cookie::key(NAME, headers)
}

/// The value of `Set-Cookie` for a new session; `None` if the key cannot stand in a header.
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
        let key = key(&headers);
        assert_eq!(key.as_ref().map(SessionKey::expose), found.then_some(ID), "{cookie}");
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        check(&format!("JSESSIONID={ID}"), true);
        check(&format!("a=b; JSESSIONID={ID}; c=d"), true);
        check(&format!("JSESSIONID=\"{ID}\""), true);
        // §4.5: the sample returns what it was sent.
        let set = cookie(&SessionKey::parse(ID).unwrap(), true).unwrap();
        let set = set.to_str().unwrap();
        assert_eq!(
            set,
            "JSESSIONID=0123456789ABCDEF0123456789ABCDEF; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        check(set, true);
        check("JSESSIONID=", false);
        check("JSESSIONID", false);
        check(&format!("XJSESSIONID={ID}"), false);
        check(&format!("jsessionid={ID}"), false);
        check(&format!("JSESSIONID={}", ID.to_ascii_lowercase()), false);
        check(&format!("JSESSIONID={ID}0"), false);
    }
}
