//! The cookie that carries a session: of nobody yet, or of an officer.

use axum::http::{HeaderMap, HeaderValue, header};
use lending::customers::sessions::SessionKey;

/// The cookie's name; another than that of 现金贷, which stands on the same port.
const NAME: &str = "SDSESSION";

/// The session's key in a request. Whoever sends back the whole of `Set-Cookie` is understood.
pub(crate) fn key(headers: &HeaderMap) -> Option<SessionKey> {
    let fields = headers.get_all(header::COOKIE).iter();
    let mut pairs = fields.filter_map(|field| field.to_str().ok()).flat_map(|f| f.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        if name == NAME { SessionKey::parse(value.trim_matches('"')) } else { None }
    })
}

/// The value of `Set-Cookie` for a session; `None` if the key cannot stand in a header.
pub(crate) fn cookie(key: &SessionKey, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{NAME}={}; Path=/; HttpOnly; SameSite=Lax{secure}", key.expose());
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
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
