//! Texts of forms and queries.

use std::borrow::Cow;

/// Plain text of a name or a value: `a+b%2Bc` is `a b+c`. `None` where an escape is broken or the
/// bytes are no UTF-8.
pub fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['+', '%']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let digits = str::from_utf8(&digits).ok()?;
                let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                is_hex.then(|| u8::from_str_radix(digits, 16).ok())??
            }
            other => other,
        });
    }
    String::from_utf8(plain).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_are_read_or_refused() {
        for (text, plain) in [("a", "a"), ("a+b%2Bc", "a b+c"), ("%E5%80%9F", "借"), ("", "")] {
            assert_eq!(decoded(text).as_deref(), Some(plain), "{text}");
        }
        for broken in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }
}
