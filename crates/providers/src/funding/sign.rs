//! The signature of the funding partner's interface: HMAC-SHA256 over what is sent, when, and a text
//! that is never used twice.

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::hex;

/// Who signs.
pub const KEY: &str = "x-funding-key";
/// When, in milliseconds since 1970.
pub const TIMESTAMP: &str = "x-funding-timestamp";
/// A text that is never used twice.
pub const NONCE: &str = "x-funding-nonce";
/// The signature, of calls and of answers.
pub const SIGNATURE: &str = "x-funding-signature";

/// How far the clocks of both sides may be apart, in milliseconds.
pub const WINDOW_MS: i64 = 300_000;

/// What stands in the first line of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A call, by either side.
    Call,
    /// The answer to one: with the timestamp and the nonce of the call.
    Answer,
}

/// What is signed beside the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'h> {
    pub(crate) path: &'h str,
    pub(crate) timestamp: &'h str,
    pub(crate) nonce: &'h str,
}

/// `hex(HMAC-SHA256(secret, "POST" or "ANSWER" ⏎ path ⏎ timestamp ⏎ nonce ⏎ hex(SHA-256(body))))`.
pub(crate) fn sign(secret: &Secret, what: What, head: Head<'_>, body: &[u8]) -> String {
    let method = match what {
        What::Call => "POST",
        What::Answer => "ANSWER",
    };
    let digest = hex::lower(&Sha256::digest(body));
    let text = [method, head.path, head.timestamp, head.nonce, &digest].join("\n");
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    hex::lower(&mac.finalize().into_bytes())
}

/// Whether a signature is the right one.
pub(crate) fn is_signed(
    secret: &Secret,
    what: What,
    head: Head<'_>,
    (body, signature): (&[u8], &str),
) -> bool {
    let own = sign(secret, what, head, body);
    !own.is_empty() && bool::from(own.as_bytes().ct_eq(signature.as_bytes()))
}

/// The path of an address, as it is signed.
pub(crate) fn path_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind.find('/').and_then(|at| behind.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the page's rule and `openssl`: see docs/funding.md.
    #[test]
    fn the_signature_is_what_openssl_says() {
        let secret = Secret::new("a secret of the test".to_owned());
        let head =
            Head { path: "/funding/apply", timestamp: "1772323200000", nonce: "0123456789abcdef" };
        let signed = sign(&secret, What::Call, head, br#"{"orderNo":"1"}"#);
        assert_eq!(signed, VECTOR);
        assert!(is_signed(&secret, What::Call, head, (br#"{"orderNo":"1"}"#, VECTOR)));
        for (what, head, body) in [
            (What::Answer, head, br#"{"orderNo":"1"}"#.as_slice()),
            (What::Call, Head { path: "/funding/withdraw", ..head }, br#"{"orderNo":"1"}"#),
            (What::Call, Head { timestamp: "1772323200001", ..head }, br#"{"orderNo":"1"}"#),
            (What::Call, Head { nonce: "0123456789abcdee", ..head }, br#"{"orderNo":"1"}"#),
            (What::Call, head, br#"{"orderNo":"2"}"#),
        ] {
            assert!(!is_signed(&secret, what, head, (body, VECTOR)));
        }
        assert!(!is_signed(&secret, What::Call, head, (br#"{"orderNo":"1"}"#, "")));
    }

    const VECTOR: &str = "898c09ad2e66e9fffcd27fceae22b588a15d7db3929570d9487379ca4766da29";

    #[test]
    fn the_path_is_what_follows_the_host() {
        for (url, path) in [
            ("https://partner.example/funding/apply", "/funding/apply"),
            ("http://127.0.0.1:80/a?b=c", "/a"),
            ("https://partner.example", "/"),
            ("sandbox/funding/apply", "/funding/apply"),
        ] {
            assert_eq!(path_of(url), path);
        }
    }
}
