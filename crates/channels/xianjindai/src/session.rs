//! The cookie that carries a session.

use axum::http::{HeaderMap, HeaderValue, header};
use kernel::Secret;

/// The cookie's name. Source: contract page; the document's sample reads it from `Set-Cookie`.
const NAME: &str = "JSESSIONID";
/// Characters of a session's id. Source: document 001 §4.3.
const ID_CHARACTERS: usize = 32;

/// The session's id in a request. The document's sample sends back the whole of `Set-Cookie`, its
/// attributes included, so that everything but the one pair is passed over.
pub(crate) fn id(headers: &HeaderMap) -> Option<Secret> {
    let fields = headers.get_all(header::COOKIE).iter();
    let mut pairs = fields.filter_map(|field| field.to_str().ok()).flat_map(|f| f.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        if name == NAME { read(value.trim_matches('"')) } else { None }
    })
}

/// A session's id, if the text has the shape of one.
pub(crate) fn read(text: &str) -> Option<Secret> {
    let shaped =
        text.len() == ID_CHARACTERS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    shaped.then(|| Secret::new(text.to_owned()))
}

/// The value of `Set-Cookie` for a new session; `None` if the id cannot stand in a header.
pub(crate) fn cookie(id: &Secret, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{NAME}={}; Path=/; HttpOnly; SameSite=Lax{secure}", id.expose());
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
        let id = id(&headers);
        assert_eq!(id.as_ref().map(Secret::expose), found.then_some(ID), "{cookie}");
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        check(&format!("JSESSIONID={ID}"), true);
        check(&format!("a=b; JSESSIONID={ID}; c=d"), true);
        check(&format!("JSESSIONID=\"{ID}\""), true);
        // §4.5: the sample returns what it was sent.
        let set = cookie(&Secret::new(ID.to_owned()), true).unwrap();
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
