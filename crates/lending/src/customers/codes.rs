//! SMS codes (短信验证码) and the proofs that they give, for every channel.
//!
//! A code is bound to channel, mobile number and purpose, good once, and only its digest is kept.

use kernel::{Channel, Instant, Mobile, Secret};
use store::Fault;

use super::sql::doors;
use super::windows;
use crate::Tx;
use crate::notices;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Registering.
    Registration,
    /// A new password for a forgotten one.
    PasswordReset,
    /// Logging in without a password.
    LogIn,
    /// Binding a card, to the mobile number that its bank knows.
    CardBinding,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::PasswordReset => "password_reset",
            Self::LogIn => "log_in",
            Self::CardBinding => "card_binding",
        }
    }

    /// The text of the SMS.
    pub(super) fn text(self, code: &Secret, minutes: u32) -> String {
        let what = match self {
            Self::Registration => "注册",
            Self::PasswordReset => "找回密码",
            Self::LogIn => "登录",
            Self::CardBinding => "绑卡",
        };
        let code = code.expose();
        format!("您的{what}验证码为{code}，{minutes}分钟内有效，请勿告知他人。")
    }
}

/// Asks for a code.
#[derive(Clone, Debug)]
pub struct RequestCode {
    /// The door.
    pub channel: Channel,
    /// Where to send it.
    pub mobile: Mobile,
    /// What for.
    pub purpose: Purpose,
    /// The code itself: random digits.
    pub code: Secret,
    /// Where the call came from.
    pub address: String,
}

/// Why no code was sent. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Too many codes for this mobile number.
    #[error("too many codes for this mobile number")]
    MobileLimited,
    /// Too many codes asked for from this address.
    #[error("too many codes for this address")]
    AddressLimited,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes a code that replaces an earlier one for the same, and has it sent; when it expires.
pub fn request(tx: &mut Tx<'_, '_>, command: &RequestCode) -> Result<Instant, RequestError> {
    let subject = subject(tx, command.channel, &command.mobile, command.purpose.word());
    let rules = &tx.policy.customers.codes;
    let text = command.purpose.text(&command.code, rules.life_seconds.div_ceil(60));
    let shown = rules.shown;
    let new = NewCode {
        subject: &subject,
        mobile: Some(&command.mobile),
        code: &command.code,
        shown,
        text: &text,
    };
    put(tx, command.channel, &command.address, &new)
}

/// A code that is to be kept under a subject, and sent where there is a number to send it to.
pub(crate) struct NewCode<'n> {
    /// A digest of what the code is bound to.
    pub(crate) subject: &'n [u8],
    /// Where to send it.
    pub(crate) mobile: Option<&'n Mobile>,
    /// The code itself.
    pub(crate) code: &'n Secret,
    /// Whether it is kept so that it can be shown.
    pub(crate) shown: bool,
    /// The text of the SMS.
    pub(crate) text: &'n str,
}

/// Keeps a code within the limits for its number and the address that asks, and has it sent; when
/// it expires.
pub(crate) fn put(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    address: &str,
    new: &NewCode<'_>,
) -> Result<Instant, RequestError> {
    let rules = tx.policy.customers.codes.clone();
    if let Some(mobile) = new.mobile {
        let mobile = tx.vault.blind_index("rate.mobile", mobile.expose());
        if !windows::count_all(tx, &mobile, &rules.per_mobile)? {
            return Err(RequestError::MobileLimited);
        }
    }
    let address = tx.vault.blind_index("rate.address", address);
    if !windows::count_all(tx, &address, &rules.per_address)? {
        return Err(RequestError::AddressLimited);
    }
    let expires = after(tx, rules.life_seconds);
    let digest = digest(tx, new.subject, new.code);
    doors::put_code(tx, new.subject, &digest, new.shown.then_some(new.code), expires)?;
    if let Some(mobile) = new.mobile {
        notices::send_code(tx, mobile, channel, new.text)?;
    }
    Ok(expires)
}

/// A guess.
#[derive(Clone, Debug)]
pub struct CheckCode {
    /// The door.
    pub channel: Channel,
    /// Whose code.
    pub mobile: Mobile,
    /// What it was asked for.
    pub purpose: Purpose,
    /// What was typed.
    pub code: Secret,
}

/// What a guess was. Wrong ones are counted and must stay, so none is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right: the code is used up, and the proof noted for [`take_proof`].
    Right,
    /// Wrong, or there is no code.
    Wrong,
    /// Too late, or after too many wrong guesses: a new code is needed.
    Expired,
}

/// Compares a guess with the newest code.
pub fn check(tx: &mut Tx<'_, '_>, command: &CheckCode) -> Result<Verdict, Fault> {
    let subject = subject(tx, command.channel, &command.mobile, command.purpose.word());
    let verdict = guess(tx, &subject, &command.code)?;
    if verdict == Verdict::Right {
        note(tx, &subject)?;
    }
    Ok(verdict)
}

/// Compares a guess with the code under a subject; a right one uses it up.
pub(crate) fn guess(tx: &mut Tx<'_, '_>, subject: &[u8], code: &Secret) -> Result<Verdict, Fault> {
    let Some(kept) = doors::lock_code(tx, subject)? else { return Ok(Verdict::Wrong) };
    let guesses = i64::from(tx.policy.customers.codes.guesses);
    if kept.expires <= tx.at.wall || kept.wrong_guesses >= guesses {
        return Ok(Verdict::Expired);
    }
    // Both are keyed digests: how long comparing them takes tells nothing of the code.
    if kept.digest != digest(tx, subject, code) {
        doors::count_wrong_guess(tx, subject)?;
        return Ok(Verdict::Wrong);
    }
    doors::drop_code(tx, subject)?;
    Ok(Verdict::Right)
}

/// Uses up the proof of a right code; whether there was one that is fresh enough.
pub fn take_proof(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<bool, Fault> {
    let subject = subject(tx, channel, mobile, purpose.word());
    doors::take_proof(tx, &subject)
}

/// The newest code that is still good, where the policy has codes shown: benches only.
pub fn last_code(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<Option<Secret>, Fault> {
    if !tx.policy.customers.codes.shown {
        return Ok(None);
    }
    let subject = subject(tx, channel, mobile, purpose.word());
    doors::shown_code(tx, &subject)
}

/// The code under a subject, as long as it is good and was kept so that it can be shown.
pub(crate) fn shown_under(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<Option<Secret>, Fault> {
    doors::shown_code(tx, subject)
}

/// Notes the proof that a right code gives, for [`take_proof`].
pub(super) fn note_proof(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<(), Fault> {
    let subject = subject(tx, channel, mobile, purpose.word());
    note(tx, &subject)
}

/// Notes that somebody has shown to be the person behind an account.
pub(super) fn note_identity(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<(), Fault> {
    let subject = subject(tx, channel, mobile, IDENTITY);
    note(tx, &subject)
}

/// Uses up the note of [`note_identity`]; whether there was one that is fresh enough.
pub(super) fn take_identity(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<bool, Fault> {
    let subject = subject(tx, channel, mobile, IDENTITY);
    doors::take_proof(tx, &subject)
}

/// The word for a proof of identity; no purpose of a code has it.
const IDENTITY: &str = "identity";

fn note(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<(), Fault> {
    let expires = after(tx, tx.policy.customers.codes.proof_seconds);
    doors::put_proof(tx, subject, expires)
}

fn subject(tx: &Tx<'_, '_>, channel: Channel, mobile: &Mobile, what: &str) -> Vec<u8> {
    let name = format!("{} {what} {}", channel.word(), mobile.expose());
    tx.vault.blind_index("sms_code.subject", &name)
}

/// A digest that only the holder of the platform's key can make, for this subject only.
fn digest(tx: &Tx<'_, '_>, subject: &[u8], code: &Secret) -> Vec<u8> {
    let mut text = String::new();
    for byte in subject {
        text.push(char::from(*byte));
    }
    text.push_str(code.expose());
    tx.vault.blind_index("sms_code.digest", &text)
}

fn after(tx: &Tx<'_, '_>, seconds: u32) -> Instant {
    tx.at.wall.plus_millis(i64::from(seconds).saturating_mul(1000))
}
