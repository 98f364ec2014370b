//! LianLian's signatures: the canonical string of a message, MD5withRSA over it, or MD5 with a key.
//!
//! The keys have 1024 bits and the digest is MD5 because the provider asks for them; ring refuses
//! both. Nothing rests on them alone: an answer also names our order and its amount.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use getrandom::SysRng;
use kernel::Secret;
use md5::{Digest as _, Md5};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::rand_core::UnwrapErr;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

/// Java peers omit or add padding.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The longest signature that is looked at: 4096 bits in base64, with room to spare.
const LONGEST_SIGN: usize = 1024;

/// A message: every value is text, sorted by its name.
pub type Fields = BTreeMap<String, String>;

/// A key cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {which} cannot be read: {why}")]
pub struct KeyError {
    /// Which key.
    pub which: &'static str,
    /// Why, without the key.
    pub why: String,
}

/// What is signed: `k=v&k=v`, sorted, raw values; without `sign`, and without what is empty.
pub fn canonical(fields: &Fields) -> String {
    let signed = fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    signed.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The fields of a JSON object that a signature is over: nested lists and objects are not part of
/// it, nor is what is null.
pub fn fields(object: &Map<String, Value>) -> Fields {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let all = object.iter();
    all.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

/// MD5 of the canonical string and `&key=`, lower-case hex.
pub fn md5_sign(fields: &Fields, key: &Secret) -> String {
    let digest = Md5::digest(format!("{}&key={}", canonical(fields), key.expose()));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the message carries that signature.
pub fn md5_is_genuine(fields: &Fields, key: &Secret) -> bool {
    let sign = fields.get("sign").map(String::as_bytes).unwrap_or_default();
    bool::from(md5_sign(fields, key).as_bytes().ct_eq(sign))
}

/// A private key that signs.
pub struct Signer(RsaPrivateKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer([secret])")
    }
}

impl Signer {
    /// Reads PKCS#8, as PEM or as LianLian hands it out: the base64 alone.
    pub fn read(text: &Secret) -> Result<Self, KeyError> {
        let failed = |why: String| KeyError { which: "private key", why };
        let key = if text.expose().contains("-----BEGIN") {
            RsaPrivateKey::from_pkcs8_pem(text.expose()).map_err(|error| failed(error.to_string()))
        } else {
            let der = decode(text.expose()).ok_or_else(|| failed("no base64".to_owned()))?;
            RsaPrivateKey::from_pkcs8_der(&der).map_err(|error| failed(error.to_string()))
        };
        key.map(Self)
    }

    /// MD5withRSA over the canonical string, base64; `None` if the key is too short for it.
    pub fn sign(&self, fields: &Fields) -> Option<String> {
        let digest = Md5::digest(canonical(fields));
        let scheme = Pkcs1v15Sign::new::<Md5>();
        let sign = self.0.sign_with_rng(&mut UnwrapErr(SysRng), scheme, &digest);
        sign.ok().map(|sign| BASE64.encode(sign))
    }

    /// The key itself, for those who decrypt with it.
    pub(crate) const fn key(&self) -> &RsaPrivateKey {
        &self.0
    }
}

/// A public key that verifies, and encrypts.
#[derive(Clone, Debug)]
pub struct Verifier(RsaPublicKey);

impl Verifier {
    /// Reads X.509, as PEM or as the base64 alone.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let failed = |why: String| KeyError { which: "public key", why };
        let key = if text.contains("-----BEGIN") {
            RsaPublicKey::from_public_key_pem(text).map_err(|error| failed(error.to_string()))
        } else {
            let der = decode(text).ok_or_else(|| failed("no base64".to_owned()))?;
            RsaPublicKey::from_public_key_der(&der).map_err(|error| failed(error.to_string()))
        };
        key.map(Self)
    }

    /// Whether the message carries a signature of the key's owner.
    pub fn is_genuine(&self, fields: &Fields) -> bool {
        let Some(sign) = fields.get("sign").filter(|sign| sign.len() <= LONGEST_SIGN) else {
            return false;
        };
        let Some(sign) = decode(sign) else { return false };
        let digest = Md5::digest(canonical(fields));
        self.0.verify(Pkcs1v15Sign::new::<Md5>(), &digest, &sign).is_ok()
    }

    /// The key itself, for those who encrypt to it.
    pub(crate) const fn key(&self) -> &RsaPublicKey {
        &self.0
    }
}

/// Base64 over several lines, as keys come in mails.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|sign| !sign.is_ascii_whitespace()).collect();
    BASE64.decode(plain).ok()
}

#[cfg(test)]
mod tests;
