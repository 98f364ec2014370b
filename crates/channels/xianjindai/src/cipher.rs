//! Passwords as apps encrypt them: DES-CBC with PKCS5 padding, in base64 (§10).
//!
//! DES hides nothing from anybody today; TLS does. It is spoken because the apps speak it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use kernel::Secret;

/// With or without padding: clients differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes of a DES key. What an application key has beyond them is not used.
pub const KEY_BYTES: usize = 8;

/// The initial vector that the apps have built in. Source: contract page, proven by its vectors.
const VECTOR: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

/// The password in a field that may hold it encrypted or plain: what decrypts with valid padding
/// to printable text was encrypted, all else is taken as typed.
pub(crate) fn password(key: &Secret, typed: &str) -> Secret {
    decrypted(key, typed).unwrap_or_else(|| Secret::new(typed.to_owned()))
}

fn decrypted(key: &Secret, text: &str) -> Option<Secret> {
    let key = key.expose().as_bytes().get(..KEY_BYTES)?;
    let mut bytes = BASE64.decode(text).ok()?;
    let cipher = cbc::Decryptor::<des::Des>::new_from_slices(key, &VECTOR).ok()?;
    let plain = cipher.decrypt_padded::<Pkcs7>(&mut bytes).ok()?;
    let plain = str::from_utf8(plain).ok()?;
    let is_printable = !plain.is_empty() && !plain.chars().any(char::is_control);
    is_printable.then(|| Secret::new(plain.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(field: &str, want: &str) {
        let key = Secret::new("12345678".to_owned());
        assert_eq!(password(&key, field).expose(), want, "{field}");
    }

    #[test]
    fn passwords_come_encrypted_or_plain() {
        //    in the field                 the password
        // The contract page's vectors, the first from document 001 §15.2.
        check("t9xLwn19WXS+d7OVW9ocKw", "zhongkeborun");
        check("t9xLwn19WXS+d7OVW9ocKw==", "zhongkeborun");
        check("gNabvKievL8=", "111111");
        check("gNabvKievL8", "111111");
        // openssl enc -des-cbc -K 3132333435363738 -iv 0102030405060708
        check("LBSVFAICL3wjJMOzZC8tBg==", "goodpass1");
        check("9y/2QsP+Mj3SyfbYZXiCpNUr91l6oPlC", "密码很长的一个");
        // Encrypted, but a line feed and nothing at all are no passwords.
        check("wEK9l8zYygk=", "wEK9l8zYygk=");
        check("b6RZDpUyxSI=", "b6RZDpUyxSI=");
        check("", "");
        check("123456", "123456");
        check("12345678", "12345678");
        check("hunter22222=", "hunter22222=");
        check("密码123456", "密码123456");
        check("gNabvKievL8= ", "gNabvKievL8= ");
        check("gNabvKievL9=", "gNabvKievL9=");
    }
}
