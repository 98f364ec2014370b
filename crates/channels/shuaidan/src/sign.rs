//! Signatures of requests. The document does not verify them; an operator who shares a key with the
//! apps can have it done (docs/channels/shuaidan.md).

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::Secret;
use sha2::Sha256;

use crate::form::Form;

/// The field that holds the signature, and is not signed itself.
pub(crate) const SIGN: &str = "sign";

/// Whether a form is signed with the key: the HMAC-SHA256, in hexadecimal digits, of its fields
/// `name=value`, decoded, in the order of their names, with `&` between them.
pub(crate) fn is_good(key: &Secret, form: &Form) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()) else { return false };
    let fields = form.iter().filter(|(name, _)| *name != SIGN);
    for (place, (name, value)) in fields.enumerate() {
        if place > 0 {
            mac.update(b"&");
        }
        mac.update(name.as_bytes());
        mac.update(b"=");
        mac.update(value.as_bytes());
    }
    let sent = bytes(form.text(SIGN));
    sent.is_some_and(|sent| mac.verify_slice(&sent).is_ok())
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    };
    hex.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_over_every_other_field() {
        let key = Secret::new("0123456789abcdef".into());
        // printf 'format=json&key=regist_13800000001' | openssl dgst -sha256 -hmac 0123456789abcdef
        let sign = "444ed6a22bc2a3ed071da14025141b5e053fb134a39433a1e41e9fa4a75b3e58";
        let form = |sign: &str, name: &str| {
            Form::parse(&format!("sign={sign}&key={name}&format=json")).unwrap()
        };
        let name = "regist_13800000001";
        assert!(is_good(&key, &form(sign, name)));
        assert!(is_good(&key, &form(&sign.to_uppercase(), name)));
        assert!(!is_good(&key, &form(sign, "regist_13800000002")));
        for wrong in ["", "0", "zz", "1111111111", "签"] {
            assert!(!is_good(&key, &form(wrong, name)), "{wrong}");
        }
    }
}
