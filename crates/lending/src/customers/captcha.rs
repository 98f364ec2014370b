//! Captchas (图形验证码): the text is made and drawn outside; here is what has been shown to whom.
//!
//! Document 001 has no id for a captcha: one is known by channel, text and address.

use kernel::Channel;
use store::Fault;

use super::sql::doors;
use super::windows;
use crate::Tx;

/// Why no captcha was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// Too many captchas for this address.
    #[error("too many captchas for this address")]
    Limited,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Notes that a captcha with this text is shown to an address.
pub fn make(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    text: &str,
    address: &str,
) -> Result<(), MakeError> {
    let rules = tx.policy.customers.captchas.clone();
    let subject = tx.vault.blind_index("rate.captcha", address);
    if !windows::count(tx, &subject, rules.made)? {
        return Err(MakeError::Limited);
    }
    let digest = digest(tx, channel, text, address);
    let life = i64::from(rules.life_seconds).saturating_mul(1000);
    let expires = tx.at.wall.plus_millis(life);
    doors::put_captcha(tx, &digest, expires)?;
    Ok(())
}

/// What a captcha's text was. Wrong ones are counted and must stay, so none is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right, and used up.
    Right,
    /// No captcha with this text was shown there, or it has been used.
    Wrong,
    /// Right, but too late.
    Expired,
    /// Too many wrong texts from this address; this one was not looked at.
    Limited,
}

/// Takes a captcha's text, whatever its case. A call of its own, before what it guards: what is
/// refused later must not give the captcha back.
pub fn take(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    text: &str,
    address: &str,
) -> Result<Verdict, Fault> {
    let limit = tx.policy.customers.captchas.missed;
    let subject = tx.vault.blind_index("rate.captcha_missed", address);
    if doors::counted(tx, &subject, limit.window_seconds)? >= i64::from(limit.attempts) {
        return Ok(Verdict::Limited);
    }
    let digest = digest(tx, channel, text, address);
    match doors::take_captcha(tx, &digest)? {
        Some(expires) if tx.at.wall < expires => Ok(Verdict::Right),
        Some(_) => Ok(Verdict::Expired),
        None if windows::count(tx, &subject, limit)? => Ok(Verdict::Wrong),
        None => Ok(Verdict::Limited),
    }
}

fn digest(tx: &Tx<'_, '_>, channel: Channel, text: &str, address: &str) -> Vec<u8> {
    // The address has no blank, so that no two captchas share a name.
    let name = format!("{} {address} {}", channel.word(), text.to_lowercase());
    tx.vault.blind_index("captcha.digest", &name)
}
