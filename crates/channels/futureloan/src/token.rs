//! Tokens: JWT with HS512 and the payload `{"member_id":…,"exp":…}`, in that order.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use channel_kit::route::Answer;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Instant;
use kernel::id::MemberId;
use serde::{Deserialize, Serialize};
use sha2::Sha512;

use crate::failure::{TOKEN_EXPIRED, TOKEN_UNREADABLE};

/// `{"alg":"HS512"}`; no other header is accepted.
const HEADER: &str = "eyJhbGciOiJIUzUxMiJ9";

#[derive(Serialize, Deserialize)]
struct Payload {
    member_id: i64,
    exp: i64,
}

fn mac(key: &[u8], signed: &str) -> Option<Hmac<Sha512>> {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

/// A token for a member that expires at a second.
pub(crate) fn issue(key: &[u8], member: MemberId, expires: i64) -> Option<String> {
    let payload = Payload { member_id: member.number(), exp: expires };
    let payload = BASE64.encode(serde_json::to_vec(&payload).ok()?);
    let signed = format!("{HEADER}.{payload}");
    let signature = BASE64.encode(mac(key, &signed)?.finalize().into_bytes());
    Some(format!("{signed}.{signature}"))
}

/// Whom a token was given to, and the second at which it expires.
pub(crate) fn check(key: &[u8], token: &str, now: Instant) -> Result<(MemberId, i64), Answer> {
    let payload = genuine(key, token).ok_or(TOKEN_UNREADABLE)?;
    if now.seconds() >= payload.exp {
        return Err(TOKEN_EXPIRED);
    }
    Ok((MemberId::from_number(payload.member_id), payload.exp))
}

fn genuine(key: &[u8], token: &str) -> Option<Payload> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, payload) = signed.split_once('.')?;
    let signature = BASE64.decode(signature).ok()?;
    mac(key, signed)?.verify_slice(&signature).ok()?;
    if header != HEADER {
        return None;
    }
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}
