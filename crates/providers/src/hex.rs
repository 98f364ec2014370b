//! Bytes as lower-case hex.

use std::fmt::Write as _;

/// Two digits for each byte.
pub(crate) fn lower(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::lower(&[0, 9, 10, 255]), "00090aff");
    }
}
