//! Signed calls (`lemonban.v3`): the client encrypts `token[..50] + timestamp` with our public
//! key; we decrypt and compare.
//!
//! The protocol asks for decryption with PKCS#1 v1.5. Nothing secret is ever encrypted with this
//! key (the plain text is known to who sends it), so that a decryption oracle would reveal
//! nothing; every failure gets the same answer all the same. See docs/decisions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use getrandom::SysRng;
use kernel::{Instant, Secret};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::rand_core::UnwrapErr;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

/// Characters of the token that are signed.
const TOKEN_CHARACTERS: usize = 50;
/// Longest signature that is looked at: 4096 bits in base64, with room to spare.
const MOST_CHARACTERS: usize = 1024;

/// The private key of the signed calls.
pub(crate) struct SignKey(RsaPrivateKey);

/// The private key could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignKeyError(String);

impl std::fmt::Display for SignKeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the key for signed calls cannot be read: {}", self.0)
    }
}

impl std::error::Error for SignKeyError {}

impl SignKey {
    pub(crate) fn read(pem: &Secret) -> Result<Self, SignKeyError> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem.expose());
        key.map(Self).map_err(|error| SignKeyError(error.to_string()))
    }

    /// Whether `sign` is the encryption of the token's beginning and the timestamp.
    /// A millisecond of arithmetic: call it off the async threads.
    pub(crate) fn is_genuine(&self, sign: &str, token: &str, timestamp: &str) -> bool {
        if sign.len() > MOST_CHARACTERS {
            return false;
        }
        // In a query a plus sign that was not escaped arrives as a blank.
        let Ok(sign) = BASE64.decode(sign.replace(' ', "+")) else { return false };
        let blinding = &mut UnwrapErr(SysRng);
        let Ok(plain) = self.0.decrypt_blinded(blinding, Pkcs1v15Encrypt, &sign) else {
            return false;
        };
        let start: String = token.chars().take(TOKEN_CHARACTERS).collect();
        plain == format!("{start}{timestamp}").as_bytes()
    }
}

/// Whether a timestamp in seconds is close enough to now.
pub(crate) fn in_window(timestamp: &str, now: Instant, window_seconds: u32) -> bool {
    let Ok(seconds) = timestamp.parse::<i64>() else { return false };
    now.seconds().abs_diff(seconds) <= u64::from(window_seconds)
}
