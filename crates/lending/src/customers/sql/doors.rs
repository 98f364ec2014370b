//! The rows that guard doors: windows, codes, proofs, captchas, sessions, devices.

use kernel::id::MemberId;
use kernel::{Channel, Instant, Secret};
use store::{Fault, params};

use crate::Tx;
use crate::customers::sessions::{Device, lasts_unused};

const CODE: &str = "sms_code.code";
const DEVICE: &str = "customer_device.token";

/// So many seconds before an instant.
fn before(instant: Instant, seconds: u32) -> Instant {
    instant.plus_millis(i64::from(seconds).saturating_mul(-1000))
}

/// Counts one more in the window that runs, or begins one; the count.
pub(in crate::customers) fn count(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
    seconds: u32,
) -> Result<i64, Fault> {
    let now = tx.at.wall;
    let ends = now.plus_millis(i64::from(seconds).saturating_mul(1000));
    let over = before(now, seconds);
    let upsert = "INSERT INTO rate_window (subject, window_seconds, started_at, counted, ends_at)
        VALUES (?1, ?2, ?3, 1, ?4) ON CONFLICT (subject, window_seconds) DO UPDATE SET
        counted = CASE WHEN rate_window.started_at <= ?5 THEN 1 ELSE rate_window.counted + 1 END,
        ends_at = CASE WHEN rate_window.started_at <= ?5 THEN excluded.ends_at
            ELSE rate_window.ends_at END,
        started_at = CASE WHEN rate_window.started_at <= ?5 THEN excluded.started_at
            ELSE rate_window.started_at END
        RETURNING counted";
    let counted =
        tx.row(upsert, params![subject, seconds, now, ends, over], |row| row.i64("counted"))?;
    counted.ok_or(Fault::Corrupt("rate_window".into()))
}

/// The count of the window that runs.
pub(in crate::customers) fn counted(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
    seconds: u32,
) -> Result<i64, Fault> {
    let select = "SELECT counted FROM rate_window
        WHERE subject = ?1 AND window_seconds = ?2 AND started_at > ?3";
    let over = before(tx.at.wall, seconds);
    let counted = tx.row(select, params![subject, seconds, over], |row| row.i64("counted"))?;
    Ok(counted.unwrap_or(0))
}

/// A number to bind a sealed code to its subject by.
fn row_of(subject: &[u8]) -> i64 {
    subject.first_chunk::<8>().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

pub(in crate::customers) fn put_code(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
    digest: &[u8],
    shown: Option<&Secret>,
    expires: Instant,
) -> Result<(), Fault> {
    let seal = |code: &Secret| tx.vault.seal(CODE, row_of(subject), code.expose());
    let sealed = shown.map(seal).transpose()?;
    let upsert = "INSERT INTO sms_code (subject, digest, code_sealed, wrong_guesses, expires_at)
        VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (subject) DO UPDATE SET digest = excluded.digest,
        code_sealed = excluded.code_sealed, wrong_guesses = 0, expires_at = excluded.expires_at";
    tx.execute(upsert, params![subject, digest, sealed.as_ref(), expires]).map(|_| ())
}

/// A code as it is kept.
pub(in crate::customers) struct KeptCode {
    pub(in crate::customers) digest: Vec<u8>,
    pub(in crate::customers) wrong_guesses: i64,
    pub(in crate::customers) expires: Instant,
}

pub(in crate::customers) fn lock_code(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
) -> Result<Option<KeptCode>, Fault> {
    let select = "SELECT digest, wrong_guesses, expires_at FROM sms_code WHERE subject = ?1
        FOR UPDATE";
    tx.row(select, params![subject], |row| {
        Ok(KeptCode {
            digest: row.blob("digest")?,
            wrong_guesses: row.i64("wrong_guesses")?,
            expires: row.instant("expires_at")?,
        })
    })
}

pub(in crate::customers) fn count_wrong_guess(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
) -> Result<(), Fault> {
    let update = "UPDATE sms_code SET wrong_guesses = wrong_guesses + 1 WHERE subject = ?1";
    tx.execute(update, params![subject]).map(|_| ())
}

pub(in crate::customers) fn drop_code(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<(), Fault> {
    tx.execute("DELETE FROM sms_code WHERE subject = ?1", params![subject]).map(|_| ())
}

pub(in crate::customers) fn shown_code(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
) -> Result<Option<Secret>, Fault> {
    let (vault, now) = (tx.vault, tx.at.wall);
    let select = "SELECT code_sealed FROM sms_code
        WHERE subject = ?1 AND expires_at > ?2 AND code_sealed IS NOT NULL";
    tx.row(select, params![subject, now], |row| {
        vault.open(CODE, row_of(subject), &row.blob("code_sealed")?).map(Secret::new)
    })
}

pub(in crate::customers) fn put_proof(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
    expires: Instant,
) -> Result<(), Fault> {
    let upsert = "INSERT INTO door_proof (subject, expires_at) VALUES (?1, ?2)
        ON CONFLICT (subject) DO UPDATE SET expires_at = excluded.expires_at";
    tx.execute(upsert, params![subject, expires]).map(|_| ())
}

/// Uses a proof up; whether there was one that is fresh enough.
pub(in crate::customers) fn take_proof(tx: &mut Tx<'_, '_>, subject: &[u8]) -> Result<bool, Fault> {
    let delete = "DELETE FROM door_proof WHERE subject = ?1 AND expires_at > ?2";
    Ok(tx.execute(delete, params![subject, tx.at.wall])? == 1)
}

pub(in crate::customers) fn put_captcha(
    tx: &mut Tx<'_, '_>,
    digest: &[u8],
    expires: Instant,
) -> Result<(), Fault> {
    let upsert = "INSERT INTO captcha (digest, expires_at) VALUES (?1, ?2)
        ON CONFLICT (digest) DO UPDATE SET expires_at = excluded.expires_at";
    tx.execute(upsert, params![digest, expires]).map(|_| ())
}

/// Uses a captcha up; when it expires or has expired.
pub(in crate::customers) fn take_captcha(
    tx: &mut Tx<'_, '_>,
    digest: &[u8],
) -> Result<Option<Instant>, Fault> {
    let delete = "DELETE FROM captcha WHERE digest = ?1 RETURNING expires_at";
    tx.row(delete, params![digest], |row| row.instant("expires_at"))
}

pub(in crate::customers) fn put_session(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    digest: &[u8],
) -> Result<(), Fault> {
    let upsert = "INSERT INTO customer_session (member_id, digest, opened_at, seen_at)
        VALUES (?1, ?2, ?3, ?3) ON CONFLICT (member_id) DO UPDATE SET digest = excluded.digest,
        opened_at = excluded.opened_at, seen_at = excluded.seen_at";
    tx.execute(upsert, params![member, digest, tx.at.wall]).map(|_| ())
}

/// A session as it is kept.
pub(in crate::customers) struct KeptSession {
    pub(in crate::customers) member: MemberId,
    pub(in crate::customers) opened_at: Instant,
    pub(in crate::customers) seen_at: Instant,
    pub(in crate::customers) blocked: bool,
}

pub(in crate::customers) fn find_session(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    digest: &[u8],
) -> Result<Option<KeptSession>, Fault> {
    let select = "SELECT s.member_id, s.opened_at, s.seen_at, m.status FROM customer_session s
        JOIN member m ON m.member_id = s.member_id WHERE s.digest = ?1 AND m.channel = ?2";
    tx.row(select, params![digest, channel.word()], |row| {
        Ok(KeptSession {
            member: MemberId::from_number(row.i64("member_id")?),
            opened_at: row.instant("opened_at")?,
            seen_at: row.instant("seen_at")?,
            blocked: row.text("status")? != "active",
        })
    })
}

pub(in crate::customers) fn touch_session(tx: &mut Tx<'_, '_>, digest: &[u8]) -> Result<(), Fault> {
    let update = "UPDATE customer_session SET seen_at = ?2 WHERE digest = ?1 AND seen_at < ?2";
    tx.execute(update, params![digest, tx.at.wall]).map(|_| ())
}

pub(in crate::customers) fn drop_session(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    digest: &[u8],
) -> Result<bool, Fault> {
    let delete = "DELETE FROM customer_session WHERE digest = ?2 AND member_id = ?1";
    Ok(tx.execute(delete, params![member, digest])? == 1)
}

pub(in crate::customers) fn drop_sessions(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<bool, Fault> {
    let delete = "DELETE FROM customer_session WHERE member_id = ?1";
    Ok(tx.execute(delete, params![member])? == 1)
}

/// Notes a device, and forgets the oldest beyond so many.
pub(in crate::customers) fn put_device(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    device: &Device,
    keep: i64,
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let token = device.token.expose();
    let (sealed, index) = (tx.vault.seal(DEVICE, id, token)?, tx.vault.blind_index(DEVICE, token));
    let upsert = "INSERT INTO customer_device (device_id, member_id, kind, token_sealed,
            token_index, first_seen_at, last_seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
        ON CONFLICT (member_id, token_index) DO UPDATE SET kind = excluded.kind,
        last_seen_at = excluded.last_seen_at";
    let kind = device.kind.word();
    tx.execute(upsert, params![id, member, kind, &sealed, &index, tx.at.wall])?;
    let delete = "DELETE FROM customer_device WHERE member_id = ?1 AND device_id NOT IN
        (SELECT device_id FROM customer_device WHERE member_id = ?1
         ORDER BY last_seen_at DESC, device_id DESC LIMIT ?2)";
    tx.execute(delete, params![member, keep]).map(|_| ())
}

/// Forgets what guards nothing any more; how much.
pub(in crate::customers) fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let now = tx.at.wall;
    // What is lately over is still told apart from what never was.
    let lately = before(now, 3_600);
    let mut pruned = 0_u64;
    for delete in [
        "DELETE FROM rate_window WHERE ends_at < ?1",
        "DELETE FROM sms_code WHERE expires_at < ?1",
        "DELETE FROM door_proof WHERE expires_at < ?1",
        "DELETE FROM captcha WHERE expires_at < ?1",
    ] {
        pruned = pruned.saturating_add(tx.execute(delete, params![lately])?);
    }
    let rules = &tx.policy.customers.sessions;
    let idle = before(now, rules.idle_seconds);
    let old = before(now, rules.life_seconds);
    let delete = "DELETE FROM customer_session WHERE opened_at <= ?1";
    pruned = pruned.saturating_add(tx.execute(delete, params![old])?);
    for channel in Channel::ALL.iter().copied().filter(|channel| !lasts_unused(*channel)) {
        let delete = "DELETE FROM customer_session WHERE seen_at <= ?1
            AND member_id IN (SELECT member_id FROM customer WHERE channel = ?2)";
        pruned = pruned.saturating_add(tx.execute(delete, params![idle, channel.word()])?);
    }
    Ok(pruned)
}
