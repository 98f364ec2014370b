//! Bearer tokens: random, kept as a digest only.

use std::fmt::Write as _;

use kernel::Secret;
use sha2::{Digest as _, Sha256};

/// What every token begins with, so that one that leaked is recognised by scanners.
const PREFIX: &str = "jho_";
/// Random bytes of a token.
pub const TOKEN_BYTES: usize = 32;

/// A token as its holder shows it.
#[derive(Debug)]
pub struct Token(Secret);

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenDigest(Vec<u8>);

impl Token {
    /// A token of so many random bytes.
    pub fn from_random(bytes: &[u8; TOKEN_BYTES]) -> Self {
        let mut text = String::from(PREFIX);
        for byte in bytes {
            let _ = write!(text, "{byte:02x}"); // a String takes everything
        }
        Self(Secret::new(text))
    }

    /// Reads what a caller shows; `None` if it has not the shape of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let whole = digits.len() == 2 * TOKEN_BYTES
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        whole.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The whole token, for its holder.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it. It is found by this digest, so that nothing is compared byte by byte
    /// with what a caller has chosen.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.expose().as_bytes()).to_vec())
    }
}

impl TokenDigest {
    pub(super) fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_one_shape_and_hide_themselves() {
        let token = Token::from_random(&[171; 32]);
        assert_eq!(token.expose(), format!("jho_{}", "ab".repeat(32)));
        let again = Token::parse(token.expose()).unwrap();
        assert_eq!(again.digest(), token.digest());
        assert!(!format!("{token:?}").contains("abab"));
        for wrong in ["", "jho_", "abababab", &token.expose().to_uppercase()] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
        // By `printf jho_abab… | sha256sum`.
        let sum = "557df069af3ec8f46c011c05d598c6541f8bfa824c02913332da1badd73a0141";
        let mut hex = String::new();
        for byte in token.digest().bytes() {
            write!(hex, "{byte:02x}").unwrap();
        }
        assert_eq!(hex, sum);
    }
}
