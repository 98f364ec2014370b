//! Lock-outs and rate limits, counted in the database so that every node sees them.

use kernel::Instant;
use store::{Fault, params};

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

/// Whom an attempt to log in is counted on: the account and the address that it comes from. Both
/// are digests that name nobody.
pub(crate) struct Doorway {
    account: Vec<u8>,
    address: Vec<u8>,
}

impl Doorway {
    /// `account` is a word for the kind of account, a blank, and its name; it need not exist.
    pub(crate) fn new(tx: &Tx<'_, '_>, account: &str, address: &str) -> Self {
        Self {
            account: tx.vault.blind_index("guard.account", account),
            address: tx.vault.blind_index("guard.address", address),
        }
    }
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
pub(crate) fn seems_locked(tx: &mut Tx<'_, '_>, doorway: &Doorway) -> Result<bool, Fault> {
    Ok(is_shut(tx, &doorway.account)? || is_shut(tx, &doorway.address)?)
}

fn is_shut(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<bool, Fault> {
    let select = "SELECT locked_until FROM attempt_guard WHERE subject = ?1";
    let until = tx.row(select, params![subject], |row| row.instant("locked_until"))?;
    Ok(until.is_some_and(|until| tx.at.wall < until))
}

/// Whether the account or the address is locked out. For the account now and for certain, until
/// the commit; the address is looked at only, so that those who share one need not queue for it.
pub(crate) fn is_locked(tx: &mut Tx<'_, '_>, doorway: &Doorway) -> Result<bool, Fault> {
    let known = counted(tx, &doorway.account)?;
    Ok(tx.at.wall < known.locked_until || is_shut(tx, &doorway.address)?)
}

/// Counts a failure on the account and on the address; whether both were still within their limit.
pub(crate) fn count_failure(tx: &mut Tx<'_, '_>, doorway: &Doorway) -> Result<bool, Fault> {
    let limits = tx.policy.limits;
    let account = count(tx, &doorway.account, limits.account_failures)?;
    let address = count(tx, &doorway.address, limits.address_failures)?;
    Ok(account && address)
}

/// A right password clears the account's failures; those of the address stay.
pub(crate) fn forget_failures(tx: &mut Tx<'_, '_>, doorway: &Doorway) -> Result<(), Fault> {
    let delete = "DELETE FROM attempt_guard WHERE subject = ?1";
    tx.execute(delete, params![&doorway.account]).map(|_| ())
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
