//! Tokens and signatures as a client, or an attacker with a stolen key, would make them.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};
use sha2::Sha512;

/// The header that every token of the document's sample carries.
pub(crate) const HS512: &str = r#"{"alg":"HS512"}"#;

/// A file in the folder of keys that all benches of this run share.
fn key_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("jiehuan-it-keys").join(name)
}

/// A JWT with this header and payload, signed by HMAC-SHA512 with the server's own key.
pub(crate) fn signed(header: &str, payload: &str) -> String {
    let text = fs::read_to_string(key_file("tokens.key")).expect("the server has made its keys");
    let key = STANDARD.decode(text.trim()).expect("tokens.key is base64");
    assert_eq!(key.len(), 64, "tokens.key holds 64 bytes");
    let head = format!("{}.{}", encode(header), encode(payload));
    let mut mac = Hmac::<Sha512>::new_from_slice(&key).unwrap();
    mac.update(head.as_bytes());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A JWT without a signature.
pub(crate) fn unsigned(header: &str, payload: &str) -> String {
    format!("{}.{}.", encode(header), encode(payload))
}

/// A genuine token of a member that ended an hour ago.
pub(crate) fn expired(member: &str) -> String {
    signed(HS512, &format!(r#"{{"member_id":{member},"exp":{}}}"#, now() - 3600))
}

/// The token with another member in its payload and its signature kept.
pub(crate) fn forged(token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let [header, _, signature] = parts[..] else { panic!("not a token: {token}") };
    let payload = format!(r#"{{"member_id":1000001,"exp":{}}}"#, now() + 300);
    format!("{header}.{}.{signature}", encode(&payload))
}

/// The sign of `lemonban.v3`: the first fifty characters of the token and the timestamp, encrypted.
pub(crate) fn sign(token: &str, timestamp: u64) -> String {
    let text = fs::read_to_string(key_file("futureloan_sign.pub.pem")).expect("a public key");
    let key = RsaPublicKey::from_public_key_pem(&text).expect("SPKI in PEM");
    let plain = format!("{}{timestamp}", token.get(..50).expect("a whole token"));
    let mut random = rsa::rand_core::UnwrapErr(getrandom::SysRng);
    let sealed = key.encrypt(&mut random, Pkcs1v15Encrypt, plain.as_bytes()).unwrap();
    STANDARD.encode(sealed)
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the client of a test has a clock of its own")]
pub(crate) fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("a clock after 1970").as_secs()
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}
