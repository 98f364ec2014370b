//! The cookie that carries a session.

use axum::http::{HeaderMap, HeaderValue, header};
use lending::customers::sessions::SessionKey;

/// The session's key in a request, from the cookie with this name. Whoever sends back the whole of
/// `Set-Cookie`, its attributes included, is understood: everything but the one pair is passed over.
pub fn key(name: &str, headers: &HeaderMap) -> Option<SessionKey> {
    let fields = headers.get_all(header::COOKIE).iter();
    let mut pairs = fields.filter_map(|field| field.to_str().ok()).flat_map(|f| f.split(';'));
    pairs.find_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        if known == name { SessionKey::parse(value.trim_matches('"')) } else { None }
    })
}

/// The value of `Set-Cookie` for a session; `None` if the key cannot stand in a header.
pub fn set(name: &str, key: &SessionKey, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", key.expose());
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
