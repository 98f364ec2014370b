//! The arithmetic of the second factor (动态码): codes that an authenticator makes from a shared
//! secret and the time, by RFC 6238 as every authenticator has it: SHA-1, six digits, 30 seconds.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Instant, Secret};
use sha1::Sha1;

use super::LoginName;

/// Random bytes of a secret: as many as the digest has. Source: RFC 4226 §4, R6.
pub const FACTOR_BYTES: usize = 20;
/// How long a code is good for, in milliseconds. Source: RFC 6238 §5.2.
const STEP_MILLIS: i64 = 30_000;
/// How many steps a clock may be wrong by. Source: RFC 6238 §5.2 allows for one.
const DRIFT: i64 = 1;

/// The secret that an authenticator shares with us.
#[derive(Debug)]
pub struct FactorSecret(Secret);

impl FactorSecret {
    /// A secret of so many random bytes.
    pub fn from_random(bytes: &[u8; FACTOR_BYTES]) -> Self {
        Self(Secret::new(base32(bytes)))
    }

    /// A secret as it is kept.
    pub(super) fn from_stored(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// Its base 32 (RFC 4648), for the operator and their authenticator.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The address that authenticators read from a picture.
    pub fn address(&self, login: &LoginName) -> Secret {
        let (secret, login) = (self.expose(), login.text());
        Secret::new(format!("otpauth://totp/Jiehuan:{login}?secret={secret}&issuer=Jiehuan"))
    }

    /// The step whose code this is, around now and after `last`; `None` for a wrong code and for
    /// one that was used.
    pub(super) fn step_of(&self, code: Code, now: Instant, last: i64) -> Option<i64> {
        let key = from_base32(self.expose())?;
        let here = now.millis().checked_div(STEP_MILLIS)?;
        let near = here.saturating_sub(DRIFT)..=here.saturating_add(DRIFT);
        near.filter(|step| *step > last).find(|step| code_at(&key, *step) == Some(code.0))
    }

    /// The code of a moment, as an authenticator shows it.
    pub fn code(&self, now: Instant) -> Option<String> {
        let step = now.millis().checked_div(STEP_MILLIS)?;
        Some(format!("{:06}", code_at(&from_base32(self.expose())?, step)?))
    }
}

/// Six digits that somebody has typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(u32);

impl Code {
    /// Reads six digits; blanks between them are how some authenticators show them.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|char| *char != ' ').collect();
        let good = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| digits.parse().ok().map(Self))?
    }
}

/// Hides its digits: a code is good for a minute.
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The code of a step. Source: RFC 4226 §5.3, RFC 6238 §4.
fn code_at(key: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest.last()? & 0x0f);
    let four = digest.get(start..start.checked_add(4)?)?.try_into().ok()?;
    (u32::from_be_bytes(four) & 0x7fff_ffff).checked_rem(1_000_000)
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bits five by five: twenty bytes need no padding.
fn base32(bytes: &[u8; FACTOR_BYTES]) -> String {
    let mut bits = String::new();
    for byte in bytes {
        let _ = write!(bits, "{byte:08b}"); // a String takes everything
    }
    let fives = bits.as_bytes().chunks(5).filter_map(|five| str::from_utf8(five).ok());
    let signs = fives.filter_map(|five| usize::from_str_radix(five, 2).ok());
    signs.filter_map(|sign| ALPHABET.get(sign)).map(|sign| char::from(*sign)).collect()
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bits = String::new();
    for sign in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == sign)?;
        let _ = write!(bits, "{value:05b}"); // a String takes everything
    }
    let eights = bits.as_bytes().chunks_exact(8).map(|eight| str::from_utf8(eight).ok());
    eights.map(|eight| u8::from_str_radix(eight?, 2).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B, and its codes, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = FactorSecret::from_random(b"12345678901234567890");
        assert_eq!(secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let at = Instant::from_millis(seconds * 1000);
            assert_eq!(secret.code(at).as_deref(), Some(code), "{seconds}");
            let read = Code::parse(code).unwrap();
            assert_eq!(secret.step_of(read, at, 0), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a_code_counts_half_a_minute_early_and_late_and_once() {
        let secret = FactorSecret::from_random(&[7; FACTOR_BYTES]);
        let at = |seconds: i64| Instant::from_millis(seconds * 1000);
        let code = Code::parse(&secret.code(at(900)).unwrap()).unwrap();
        let good = [(899, true), (870, true), (959, true), (869, false), (960, false)];
        for (seconds, is_good) in good {
            assert_eq!(secret.step_of(code, at(seconds), 0).is_some(), is_good, "{seconds}");
        }
        assert_eq!(secret.step_of(code, at(900), 29), Some(30));
        assert_eq!(secret.step_of(code, at(900), 30), None);
    }

    #[test]
    fn codes_are_six_digits_and_hide_themselves() {
        for good in ["123456", "123 456", "000000"] {
            assert!(Code::parse(good).is_some(), "{good}");
        }
        for wrong in ["", "12345", "1234567", "12345x", "-12345", "+12345", "１２３４５６"] {
            assert!(Code::parse(wrong).is_none(), "{wrong}");
        }
        let secret = FactorSecret::from_random(&[7; FACTOR_BYTES]);
        let shown = format!("{:?} {:?}", Code::parse("123456"), secret);
        assert!(!shown.contains("123456") && !shown.contains(secret.expose()));
        let login = LoginName::parse("anna").unwrap();
        let address = secret.address(&login);
        assert!(address.expose().starts_with("otpauth://totp/Jiehuan:anna?secret=A4DQOBYH"));
    }
}
