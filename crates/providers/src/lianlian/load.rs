//! The envelope of LianLian's payouts (`pay_load`): a message that only the provider can open.
//!
//! `lianpay1_0_1$` RSA(hmac key) `$` RSA(aes key) `$` nonce `$` AES-256-CTR(message) `$` HMAC.

use aes::Aes256;
use base64::Engine as _;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _};
use getrandom::SysRng;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::Oaep;
use rsa::rand_core::UnwrapErr;
use sha1::Sha1;
use sha2::Sha256;

use super::sign::{BASE64, Signer, Verifier, decode};
use crate::random;

/// What an envelope begins with; the version of its make.
const VERSION: &str = "lianpay1_0_1";
/// Letters and digits of each of the two keys.
const KEY_LENGTH: usize = 32;
/// Letters and digits of the nonce.
const NONCE_LENGTH: usize = 8;
/// The largest envelope that is opened, in characters.
const LARGEST: usize = 64 * 1024;

/// Seals a message for the owner of the key. `None` if the system gives no random bytes, or the
/// key is too short.
pub(super) fn seal(message: &str, key: &Verifier) -> Option<String> {
    let hmac_key = random::letters(KEY_LENGTH)?;
    let aes_key = random::letters(KEY_LENGTH)?;
    let nonce = random::letters(NONCE_LENGTH)?;
    let wrap = |plain: &str| {
        let padding = Oaep::<Sha1>::new();
        let wrapped = key.key().encrypt(&mut UnwrapErr(SysRng), padding, plain.as_bytes());
        wrapped.ok().map(|bytes| BASE64.encode(bytes))
    };
    let cipher = BASE64.encode(apply(message.as_bytes(), &aes_key, &nonce)?);
    let nonce = BASE64.encode(&nonce);
    let proof = BASE64.encode(proof(&hmac_key, &nonce, &cipher)?.finalize().into_bytes());
    let [hmac_key, aes_key] = [wrap(&hmac_key)?, wrap(&aes_key)?];
    Some([VERSION, &hmac_key, &aes_key, &nonce, &cipher, &proof].join("$"))
}

/// Opens an envelope that was sealed for this key: for the sandbox, which stands on the other
/// side. `None` for whatever is not whole.
pub(crate) fn open(envelope: &str, key: &Signer) -> Option<String> {
    if envelope.len() > LARGEST {
        return None;
    }
    let parts: Vec<_> = envelope.split('$').collect();
    let [VERSION, hmac_key, aes_key, nonce, cipher, tag] = parts[..] else { return None };
    let unwrap = |wrapped: &str| {
        let padding = Oaep::<Sha1>::new();
        let blinding = &mut UnwrapErr(SysRng);
        let plain = key.key().decrypt_blinded(blinding, padding, &decode(wrapped)?).ok()?;
        String::from_utf8(plain).ok()
    };
    let (hmac_key, aes_key) = (unwrap(hmac_key)?, unwrap(aes_key)?);
    proof(&hmac_key, nonce, cipher)?.verify_slice(&decode(tag)?).ok()?;
    let nonce = String::from_utf8(decode(nonce)?).ok()?;
    String::from_utf8(apply(&decode(cipher)?, &aes_key, &nonce)?).ok()
}

fn proof(key: &str, nonce: &str, cipher: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(format!("{nonce}${cipher}").as_bytes());
    Some(mac)
}

/// AES-256-CTR, which is its own inverse; the counter starts at one behind the nonce.
fn apply(text: &[u8], key: &str, nonce: &str) -> Option<Vec<u8>> {
    let start = [nonce.as_bytes(), &[0, 0, 0, 0, 0, 0, 0, 1]].concat();
    let mut cipher = Ctr128BE::<Aes256>::new_from_slices(key.as_bytes(), &start).ok()?;
    let mut bytes = text.to_vec();
    cipher.apply_keystream(&mut bytes);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use kernel::Secret;

    use super::*;
    use crate::keys_of_tests::pair;

    /// `printf 'hello, lianlian pay' | openssl enc -aes-256-ctr -K <hex of key> -iv <nonce 0..01>`.
    #[test]
    fn the_cipher_is_openssls() {
        let (key, nonce) = ("abcdefghijklmnopqrstuvwxyz012345", "NONCE678");
        let cipher = apply(b"hello, lianlian pay", key, nonce).unwrap();
        assert_eq!(BASE64.encode(&cipher), "e0pntXbq7aG+fMxu41gswYzhww==");
        assert_eq!(apply(&cipher, key, nonce).unwrap(), b"hello, lianlian pay");
        assert_eq!(apply(b"", "short", nonce), None);
    }

    #[test]
    fn an_envelope_opens_for_its_key_alone_and_whole_alone() {
        let (private, public) = pair();
        let signer = Signer::read(&Secret::new(private)).unwrap();
        let message = r#"{"no_order":"20190827172830","acct_name":"周小满"}"#;
        let envelope = seal(message, &Verifier::read(&public).unwrap()).unwrap();
        assert!(envelope.starts_with("lianpay1_0_1$") && !envelope.contains("no_order"));
        assert_eq!(open(&envelope, &signer).as_deref(), Some(message));
        let parts: Vec<_> = envelope.split('$').collect();
        for place in 0..parts.len() {
            let mut changed = parts.clone();
            let other = format!("A{}", &parts[place][1..]);
            let other = if other == parts[place] { format!("B{}", &other[1..]) } else { other };
            changed[place] = &other;
            assert_eq!(open(&changed.join("$"), &signer), None, "part {place}");
            changed.remove(place);
            assert_eq!(open(&changed.join("$"), &signer), None, "part {place} is gone");
        }
    }
}
