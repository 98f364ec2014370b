//! Lock-outs and rate limits, counted in the database so that every node sees them.

use kernel::{Channel, Instant, Mobile};
use store::{Fault, params};

use super::LogIn;
use crate::Tx;

/// So many attempts in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Attempts that are let through.
    pub attempts: u32,
    /// Length of the window in seconds; also how long the door stays shut.
    pub window_seconds: u32,
}

/// How often each door may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Failed log-ins of one account before it is locked.
    pub account_failures: Limit,
    /// Failed log-ins from one address, whatever the account.
    pub address_failures: Limit,
    /// Registrations from one address.
    pub registrations: Limit,
}

/// Counted attempts on one subject.
struct Counted {
    attempts: i64,
    window_started: Instant,
    locked_until: Instant,
}

fn account(tx: &Tx<'_, '_>, channel: Channel, mobile: &Mobile) -> Vec<u8> {
    let name = format!("{} {}", channel.word(), mobile.expose());
    tx.vault.blind_index("guard.account", &name)
}

fn address(tx: &Tx<'_, '_>, address: &str) -> Vec<u8> {
    tx.vault.blind_index("guard.address", address)
}

/// The attempts on a subject, whose row is made where it is missing: the row is locked until the
/// commit, and a rival waits for it even where it is the first.
fn counted(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<Counted, Fault> {
    let upsert = "INSERT INTO attempt_guard (subject, attempts, window_started_at, locked_until)
        VALUES (?1, 0, ?2, 0) ON CONFLICT (subject) DO UPDATE SET attempts = attempt_guard.attempts
        RETURNING attempts, window_started_at, locked_until";
    let counted = tx.row(upsert, params![subject, tx.at.wall], |row| {
        Ok(Counted {
            attempts: row.i64("attempts")?,
            window_started: row.instant("window_started_at")?,
            locked_until: row.instant("locked_until")?,
        })
    })?;
    counted.ok_or(Fault::Corrupt("attempt_guard".into()))
}

/// Counts one attempt; whether it was still within the limit.
fn count(tx: &mut Tx<'_, '_>, subject: &[u8], limit: Limit) -> Result<bool, Fault> {
    let now = tx.at.wall;
    let window = i64::from(limit.window_seconds).saturating_mul(1000);
    let known = counted(tx, subject)?;
    let running = now < known.window_started.plus_millis(window);
    let (started, before) = if running { (known.window_started, known.attempts) } else { (now, 0) };
    let attempts = before.saturating_add(1);
    let most = i64::from(limit.attempts);
    let locked = if attempts >= most { now.plus_millis(window) } else { Instant::from_millis(0) };
    let update = "UPDATE attempt_guard SET attempts = ?2, window_started_at = ?3, locked_until = ?4
        WHERE subject = ?1";
    tx.execute(update, params![subject, attempts, started, locked])?;
    Ok(attempts <= most)
}

/// Whether the account or the address is locked out, on a snapshot.
pub(super) fn seems_locked(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    from: &str,
) -> Result<bool, Fault> {
    let (account, address) = (account(tx, channel, mobile), address(tx, from));
    Ok(is_shut(tx, &account)? || is_shut(tx, &address)?)
}

fn is_shut(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<bool, Fault> {
    let select = "SELECT locked_until FROM attempt_guard WHERE subject = ?1";
    let until = tx.row(select, params![subject], |row| row.instant("locked_until"))?;
    Ok(until.is_some_and(|until| tx.at.wall < until))
}

/// Whether the account or the address is locked out. For the account now and for certain, until
/// the commit; the address is looked at only, so that those who share one need not queue for it.
pub(super) fn is_locked(tx: &mut Tx<'_, '_>, command: &LogIn) -> Result<bool, Fault> {
    let account = account(tx, command.channel, &command.mobile);
    let known = counted(tx, &account)?;
    let address = address(tx, &command.address);
    Ok(tx.at.wall < known.locked_until || is_shut(tx, &address)?)
}

/// Counts a failure on the account and on the address; whether both were still within their limit.
pub(super) fn count_failure(tx: &mut Tx<'_, '_>, command: &LogIn) -> Result<bool, Fault> {
    let limits = tx.policy.limits;
    let account = account(tx, command.channel, &command.mobile);
    let address = address(tx, &command.address);
    let account = count(tx, &account, limits.account_failures)?;
    let address = count(tx, &address, limits.address_failures)?;
    Ok(account && address)
}

/// A right password clears the account's failures; those of the address stay.
pub(super) fn forget_failures(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<(), Fault> {
    let subject = account(tx, channel, mobile);
    tx.execute("DELETE FROM attempt_guard WHERE subject = ?1", params![&subject]).map(|_| ())
}

pub(super) fn within_registrations(tx: &mut Tx<'_, '_>, address: &str) -> Result<bool, Fault> {
    let subject = tx.vault.blind_index("guard.registration", address);
    let limit = tx.policy.limits.registrations;
    count(tx, &subject, limit)
}

pub(super) fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let limits = tx.policy.limits;
    let windows = [limits.account_failures, limits.address_failures, limits.registrations];
    let longest = windows.iter().map(|limit| limit.window_seconds).max().unwrap_or(0);
    let before = tx.at.wall.plus_millis(i64::from(longest).saturating_mul(-2_000));
    let delete = "DELETE FROM attempt_guard WHERE window_started_at < ?1 AND locked_until < ?1";
    tx.execute(delete, params![before])
}
