//! Queries and forms as pairs of texts, and back.

use std::fmt::Write as _;

use axum::http::Uri;
use channel_kit::form::decoded;

/// Names and values in their order.
pub(crate) type Pairs = Vec<(String, String)>;

/// Pairs of a query or a form; those that cannot be read are left out.
pub(crate) fn read(text: &str) -> Pairs {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?.into_owned(), decoded(value)?.into_owned()))
        })
        .collect()
}

/// The pairs of an address.
pub(crate) fn of(uri: &Uri) -> Pairs {
    uri.query().map(read).unwrap_or_default()
}

/// The first value with a name.
pub(crate) fn value<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// Pairs as a query.
pub(crate) fn written(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Text as it can stand in a path or a query.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}"); // a String takes everything
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_back_as_they_were_written() {
        let pairs =
            vec![("a".to_owned(), "x&y=z/%+ 借".to_owned()), (String::new(), String::new())];
        assert_eq!(read(&written(&pairs)), pairs);
        assert_eq!(written(&pairs), "a=x%26y%3Dz%2F%25%2B%20%E5%80%9F&=");
        assert_eq!(value(&read("a=1&b=2&a=3"), "a"), "1");
        assert_eq!(value(&read("a=%zz"), "a"), "");
    }
}
