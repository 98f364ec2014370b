//! Forms and queries of the web: `k=v&k=v` in the escapes of RFC 3986.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A text in escapes: letters, digits and `-_.~` stay, everything else is `%XX`.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}"); // a String takes everything
        }
    }
    escaped
}

/// `k=v&k=v`, sorted by name.
pub(crate) fn write(fields: &BTreeMap<String, String>) -> String {
    let pair = |(name, value): (&String, &String)| format!("{}={}", escape(name), escape(value));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Reads a form or a query; of a name that comes twice, the last counts.
pub(crate) fn read(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let read = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(name), unescape(value))
    };
    pairs.map(read).collect()
}

/// A plus is a blank; an escape that is none stays as it is.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut place = 0_usize;
    while let Some(byte) = bytes.get(place) {
        let digits = text.get(place.saturating_add(1)..place.saturating_add(3));
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, escaped) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                place = place.saturating_add(2);
            }
            (b'+', _) => plain.push(b' '),
            (byte, _) => plain.push(*byte),
        }
        place = place.saturating_add(1);
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(escape("a-_.~Z9 +*/&=%周"), "a-_.~Z9%20%2B%2A%2F%26%3D%25%E5%91%A8");
        let fields: BTreeMap<String, String> =
            [("二", "x y&z=+"), ("a", ""), ("b", "100%")].map(|(k, v)| (k.into(), v.into())).into();
        assert_eq!(read(&write(&fields)), fields);
        assert_eq!(read("a=1+2&b&c=%zz%2&a=3&"), read("c=%25zz%252&a=3&b="));
    }
}
