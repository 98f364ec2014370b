//! Sessions (会话) of customers: one for each, named by a random text of which a digest is kept.

use std::fmt;
use std::fmt::Write as _;

use kernel::id::MemberId;
use kernel::{Channel, Instant, Secret};
use store::Fault;

use super::Line;
use super::sql::doors;
use crate::Tx;

/// How far the note of a session's last use may lag behind, so that not every call writes.
const LAG_MS: i64 = 60_000;
/// Devices that are kept of one customer: the newest.
const DEVICES: i64 = 20;

/// What a session is called on the wire: 32 upper-case hexadecimal digits.
#[derive(Clone)]
pub struct SessionKey(Secret);

impl SessionKey {
    /// A key from random bytes.
    pub fn from_random(random: [u8; 16]) -> Self {
        let mut text = String::new();
        for byte in random {
            let _ = write!(text, "{byte:02X}"); // a String takes everything
        }
        Self(Secret::new(text))
    }

    /// Reads 32 upper-case hexadecimal digits; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F');
        let shape = text.len() == 32 && text.bytes().all(hex);
        shape.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The key itself, for the wire.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[session]")
    }
}

/// What kind of device (终端类型) a customer uses. Source: document 001, § 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// 1: 安卓.
    Android,
    /// 2: IOS.
    Ios,
    /// 3: 其他.
    Other,
}

impl DeviceKind {
    /// The kind with this number of the document.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Android),
            2 => Some(Self::Ios),
            3 => Some(Self::Other),
            _ => None,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Other => "other",
        }
    }
}

/// A device that a customer logs in from.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its kind.
    pub kind: DeviceKind,
    /// What it is reached by (设备 token).
    pub token: Line,
}

/// Opens a session, after a log-in.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Whose.
    pub member: MemberId,
    /// What it shall be called.
    pub key: SessionKey,
    /// The device, if it said which.
    pub device: Option<Device>,
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Opens a customer's session; an earlier one of theirs ends.
pub fn open(tx: &mut Tx<'_, '_>, command: &OpenSession) -> Result<(), OpenError> {
    let member = command.member;
    super::sql::lock(tx, member)?.ok_or(OpenError::NoSuchCustomer)?;
    let digest = digest(tx, &command.key);
    doors::put_session(tx, member, &digest)?;
    if let Some(device) = &command.device {
        doors::put_device(tx, member, device, DEVICES)?;
    }
    Ok(())
}

/// A session that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub member: MemberId,
    /// Since when, by the wall.
    pub opened_at: Instant,
    /// Whether [`touch`] is due.
    pub touch_due: bool,
}

/// The session with this key on a channel, unless it has expired or its owner is shut out.
/// A snapshot will do.
pub fn find(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    key: &SessionKey,
) -> Result<Option<Session>, Fault> {
    let digest = digest(tx, key);
    let Some(kept) = doors::find_session(tx, channel, &digest)? else { return Ok(None) };
    let (now, rules) = (tx.at.wall, &tx.policy.customers.sessions);
    let ends =
        |from: Instant, seconds: u32| from.plus_millis(i64::from(seconds).saturating_mul(1000));
    let lasts = lasts_unused(channel);
    let idle = !lasts && now >= ends(kept.seen_at, rules.idle_seconds);
    let over = idle || now >= ends(kept.opened_at, rules.life_seconds);
    if over || kept.blocked {
        return Ok(None);
    }
    let touch_due = !lasts && now >= kept.seen_at.plus_millis(LAG_MS);
    Ok(Some(Session { member: kept.member, opened_at: kept.opened_at, touch_due }))
}

/// Whether sessions of a channel go on until the end of their life, used or not: document 002
/// tells its apps when a token will have expired, and for them, as for those of document 000, a
/// session is a token.
pub(super) const fn lasts_unused(channel: Channel) -> bool {
    match channel {
        Channel::Futureloan | Channel::Xianjindai | Channel::Shuaidan => false,
        Channel::Wukong | Channel::Chaojihua => true,
    }
}

/// When a session that is opened now will be over, however much it is used.
pub fn expiry(tx: &Tx<'_, '_>) -> Instant {
    let life = i64::from(tx.policy.customers.sessions.life_seconds).saturating_mul(1000);
    tx.at.wall.plus_millis(life)
}

/// Notes that a session is being used: the time until it ends unused begins anew.
pub fn touch(tx: &mut Tx<'_, '_>, key: &SessionKey) -> Result<(), Fault> {
    let digest = digest(tx, key);
    doors::touch_session(tx, &digest)
}

/// Ends a session, if it is the caller's own; whether it was.
pub fn close(tx: &mut Tx<'_, '_>, caller: MemberId, key: &SessionKey) -> Result<bool, Fault> {
    let digest = digest(tx, key);
    doors::drop_session(tx, caller, &digest)
}

/// Ends a customer's session, whichever it is; whether there was one.
pub fn close_all(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<bool, Fault> {
    doors::drop_sessions(tx, member)
}

fn digest(tx: &Tx<'_, '_>, key: &SessionKey) -> Vec<u8> {
    tx.vault.blind_index("customer_session.digest", key.expose())
}
