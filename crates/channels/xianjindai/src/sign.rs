//! Signatures of requests and answers (§3), proven against the document's own samples.

use std::fmt::Write as _;

use kernel::Secret;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

use crate::json::{Documented, Kept, canonical};

/// The key of the scheme of October 2017, which the document's older samples are signed with.
const OLD_KEY: &str = "123456";

/// The field that holds the signature, and is not signed itself.
const SIGN: &str = "sign";

/// By which scheme a message is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Over key, timestamp, nonce and the whole message.
    Whole,
    /// Over an old key, timestamp and nonce only (October 2017): proves nothing about the rest.
    Old,
}

/// What is signed beside the message itself.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'s> {
    /// Milliseconds since 1970, as text.
    pub(crate) timestamp: &'s str,
    /// Random digits.
    pub(crate) nonce: &'s str,
}

/// The signature of a message; `None` if the text is no JSON object.
pub(crate) fn make(key: &Secret, scheme: Scheme, stamp: Stamp<'_>, json: &str) -> Option<String> {
    match scheme {
        Scheme::Whole => Some(whole(key, stamp, &canonical(json, Kept::AllBut(SIGN))?)),
        Scheme::Old => Some(hex(&[OLD_KEY, stamp.timestamp, stamp.nonce])),
    }
}

/// What a signature is checked against.
pub(crate) struct Claim<'c> {
    /// The signature, as sent.
    pub(crate) sign: &'c str,
    /// What it is over beside the message.
    pub(crate) stamp: Stamp<'c>,
    /// The message, as sent.
    pub(crate) json: &'c str,
    /// What the document knows of such a message.
    pub(crate) documented: &'c Documented<'c>,
}

/// By which scheme the signature is good, if it is. It is tried over the message as it was sent,
/// then over its documented fields alone, as the original server did, then, if that is switched
/// on, by the old scheme.
pub(crate) fn check(key: &Secret, claim: &Claim<'_>, old_is_on: bool) -> Option<Scheme> {
    let is = |want: &str| {
        let given = claim.sign.to_ascii_lowercase();
        bool::from(want.as_bytes().ct_eq(given.as_bytes()))
    };
    let over = |kept| {
        let json = canonical(claim.json, kept)?;
        is(&whole(key, claim.stamp, &json)).then_some(Scheme::Whole)
    };
    over(Kept::AllBut(SIGN)).or_else(|| over(Kept::Documented(claim.documented))).or_else(|| {
        let old = hex(&[OLD_KEY, claim.stamp.timestamp, claim.stamp.nonce]);
        (old_is_on && is(&old)).then_some(Scheme::Old)
    })
}

fn whole(key: &Secret, stamp: Stamp<'_>, canonical: &str) -> String {
    hex(&[key.expose(), stamp.timestamp, stamp.nonce, canonical])
}

fn hex(parts: &[&str]) -> String {
    let mut hasher = Sha1::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().fold(String::with_capacity(40), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
        hex
    })
}

#[cfg(test)]
mod tests;
