//! The rows of the outbox of SMS.

use kernel::Instant;
use kernel::id::SmsId;
use store::{Append, ColumnType, Fault, params};

use super::sms::{Called, NewSms};
use super::sql::{channel, corrupt, mobile, next_id};
use super::{DueSms, SmsEntry, SmsPurpose, SmsState, SmsStep};
use crate::ids::IdSource;
use crate::{Page, Tx};

/// Where each personal text is sealed; part of what binds it to its place.
const SMS_MOBILE: &str = "sms.mobile";
const SMS_TEXT: &str = "sms.text";

const SMS: Append = Append {
    table: "sms",
    columns: &[
        ("sms_id", ColumnType::I64),
        ("channel", ColumnType::Text),
        ("mobile_sealed", ColumnType::Blob),
        ("text_sealed", ColumnType::Blob),
        ("purpose", ColumnType::Text),
        ("state", ColumnType::Text),
        ("attempts", ColumnType::I64),
        ("next_at", ColumnType::I64),
        ("good_until", ColumnType::I64),
        ("written_at", ColumnType::I64),
    ],
};

pub(super) fn append_sms(tx: &mut Tx<'_, '_>, sms: &NewSms<'_>) -> Result<SmsId, Fault> {
    let id = next_id(tx);
    let mobile = tx.vault.seal(SMS_MOBILE, id, sms.mobile.expose())?;
    let text = tx.vault.seal(SMS_TEXT, id, sms.text)?;
    let now = tx.at.wall;
    let (channel, purpose, state) =
        (sms.channel.word(), sms.purpose.word(), SmsState::Queued.word());
    let (next, until) = (sms.next_at, sms.good_until);
    let row = params![id, channel, &mobile, &text, purpose, state, 0_i64, next, until, now];
    tx.append(&SMS, row)?;
    Ok(SmsId::from_number(id))
}

pub(super) fn has_due_sms(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let select = "SELECT sms_id FROM sms
        WHERE state IN ('queued', 'sending') AND next_at <= ?1 LIMIT 1";
    if tx.row(select, params![tx.at.wall], |row| row.i64("sms_id"))?.is_some() {
        return Ok(true);
    }
    let select = "SELECT sms_id FROM sms WHERE state = 'unknown' AND look_at <= ?1 LIMIT 1";
    Ok(tx.row(select, params![tx.at.wall], |row| row.i64("sms_id"))?.is_some())
}

/// Rows whose sender has been silent for too long: nobody knows whether they went out.
pub(super) fn give_up_senders(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let update = "UPDATE sms SET state = 'unknown', finished_at = ?1, look_at = ?1
        WHERE state IN ('queued', 'sending') AND state = 'sending' AND next_at <= ?1";
    tx.execute(update, params![tx.at.wall])
}

/// Rows that nobody could send while they were worth it.
pub(super) fn lapse_sms(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let update = "UPDATE sms SET state = 'lapsed', finished_at = ?1
        WHERE state IN ('queued', 'sending') AND state = 'queued' AND next_at <= ?1
            AND good_until <= ?1";
    tx.execute(update, params![tx.at.wall])
}

pub(super) fn claim_sms(
    tx: &mut Tx<'_, '_>,
    limit: u32,
    lease_until: Instant,
) -> Result<Vec<DueSms>, Fault> {
    let vault = tx.vault;
    // The state stands outside too: of two nodes that want a row, the later one sees it taken.
    let update = "UPDATE sms SET state = 'sending', attempts = attempts + 1, next_at = ?3
        WHERE state = 'queued' AND sms_id IN (SELECT sms_id FROM sms
            WHERE state IN ('queued', 'sending') AND state = 'queued' AND next_at <= ?1
            ORDER BY next_at, sms_id LIMIT ?2)
        RETURNING sms_id, channel, mobile_sealed, text_sealed";
    let mut claimed = tx.rows(update, params![tx.at.wall, limit, lease_until], |row| {
        let id = row.i64("sms_id")?;
        Ok(DueSms {
            id: SmsId::from_number(id),
            channel: channel(row)?,
            mobile: mobile(&vault.open(SMS_MOBILE, id, &row.blob("mobile_sealed")?)?)?,
            text: vault.open(SMS_TEXT, id, &row.blob("text_sealed")?)?,
            step: SmsStep::Send,
        })
    })?;
    claimed.sort_by_key(|sms| sms.id);
    Ok(claimed)
}

/// Claims rows of which nobody knows whether they went out.
pub(super) fn claim_looks(
    tx: &mut Tx<'_, '_>,
    limit: u32,
    lease_until: Instant,
) -> Result<Vec<DueSms>, Fault> {
    let vault = tx.vault;
    let update = "UPDATE sms SET looks = looks + 1, look_at = ?3
        WHERE state = 'unknown' AND look_at <= ?1 AND sms_id IN (SELECT sms_id FROM sms
            WHERE state = 'unknown' AND look_at <= ?1 ORDER BY look_at, sms_id LIMIT ?2)
        RETURNING sms_id, channel, mobile_sealed, finished_at";
    tx.rows(update, params![tx.at.wall, limit, lease_until], |row| {
        let id = row.i64("sms_id")?;
        let called_on = row.instant("finished_at")?.date();
        Ok(DueSms {
            id: SmsId::from_number(id),
            channel: channel(row)?,
            mobile: mobile(&vault.open(SMS_MOBILE, id, &row.blob("mobile_sealed")?)?)?,
            text: String::new(),
            step: SmsStep::Look { called_on },
        })
    })
}

/// What is known of an SMS whose provider was called and has not answered yet.
pub(super) fn lock_called_sms(tx: &mut Tx<'_, '_>, id: SmsId) -> Result<Option<Called>, Fault> {
    let select = "SELECT purpose, attempts, good_until, looks FROM sms
        WHERE sms_id = ?1 AND state IN ('sending', 'unknown') FOR UPDATE";
    tx.row(select, params![id], |row| {
        let purpose = match row.text("purpose")?.as_str() {
            "code" => SmsPurpose::Code,
            "notice" => SmsPurpose::Notice,
            _ => return Err(corrupt("purpose")),
        };
        Ok(Called {
            purpose,
            attempts: row.i64("attempts")?,
            good_until: row.instant("good_until")?,
            looks: row.i64("looks")?,
        })
    })
}

pub(super) fn queue_again(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
    reason: &str,
    next: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE sms SET state = 'queued', reason = ?2, next_at = ?3, finished_at = NULL,
            look_at = NULL, looks = 0
        WHERE sms_id = ?1";
    tx.execute(update, params![id, reason, next]).map(|_| ())
}

pub(super) fn end_sms(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
    state: SmsState,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let update = "UPDATE sms SET state = ?2, reason = ?3, finished_at = ?4, look_at = NULL
        WHERE sms_id = ?1";
    tx.execute(update, params![id, state.word(), reason, tx.at.wall]).map(|_| ())
}

/// Nobody knows whether it went out; when somebody looks next, if anybody does. The day of the call
/// stays what it was.
pub(super) fn leave_unknown(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
    look_at: Option<Instant>,
) -> Result<(), Fault> {
    let update = "UPDATE sms SET state = 'unknown', finished_at = COALESCE(finished_at, ?2),
            look_at = ?3
        WHERE sms_id = ?1";
    let look_at = look_at.map(Instant::millis);
    tx.execute(update, params![id, tx.at.wall, look_at]).map(|_| ())
}

/// Deletes what was ordered before an instant; such rows are at the low end of the key.
pub(super) fn delete_sms(tx: &mut Tx<'_, '_>, before: Instant, limit: i64) -> Result<u64, Fault> {
    let delete = "DELETE FROM sms WHERE sms_id IN
        (SELECT sms_id FROM sms WHERE sms_id < ?1 ORDER BY sms_id LIMIT ?2)";
    tx.execute(delete, params![IdSource::floor(before), limit])
}

pub(super) fn sms_log(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<SmsEntry>, Fault> {
    let vault = tx.vault;
    let select = "SELECT sms_id, channel, mobile_sealed, state, reason, attempts, written_at,
            finished_at FROM sms ORDER BY sms_id DESC LIMIT ?1 OFFSET ?2";
    tx.rows(select, params![page.size(), page.offset()], |row| {
        let id = row.i64("sms_id")?;
        let word = row.text("state")?;
        let state = SmsState::ALL.iter().copied().find(|state| state.word() == word);
        Ok(SmsEntry {
            id: SmsId::from_number(id),
            channel: channel(row)?,
            mobile: mobile(&vault.open(SMS_MOBILE, id, &row.blob("mobile_sealed")?)?)?.masked(),
            state: state.ok_or_else(|| corrupt("state"))?,
            reason: row.opt_text("reason")?,
            attempts: row.i64("attempts")?,
            written_at: row.instant("written_at")?,
            finished_at: row.opt_instant("finished_at")?,
        })
    })
}
