//! The rows of messages, templates, SMS, feedback and app versions.

use kernel::id::{FeedbackId, MemberId, MessageId, SmsId};
use kernel::{Channel, Instant, Mobile};
use store::{Append, ColumnType, Fault, Row, params};

use super::sms::NewSms;
use super::{
    AppVersion, DueSms, Feedback, LeaveFeedback, Message, Notice, Publish, PublishVersion,
    SetTemplate, SmsEntry, SmsPurpose, SmsState, SystemKind, SystemMessage, Template, Topic,
};
use crate::ids::IdSource;
use crate::{Page, Tx};

/// Where each personal text is sealed; part of what binds it to its place.
const MESSAGE_CONTENT: &str = "message.content";
const SMS_MOBILE: &str = "sms.mobile";
const SMS_TEXT: &str = "sms.text";
const FEEDBACK_MOBILE: &str = "feedback.mobile";
const FEEDBACK_SUGGESTION: &str = "feedback.suggestion";

/// Operators who write the same template in the same moment, at most.
const RIVALS: u32 = 16;

const MESSAGE: Append = Append {
    table: "message",
    columns: &[
        ("message_id", ColumnType::I64),
        ("member_id", ColumnType::I64),
        ("topic", ColumnType::Text),
        ("title", ColumnType::Text),
        ("content_sealed", ColumnType::Blob),
        ("sent_at", ColumnType::I64),
    ],
};

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

/// A query for messages to everybody; all of them read the same columns.
macro_rules! select_system_messages {
    ($which:literal) => {
        concat!(
            "SELECT message_id, channel, kind, title, content, event_url, published_at, ",
            "withdrawn_at FROM system_message ",
            $which
        )
    };
}

/// A query for app versions; all of them read the same columns.
macro_rules! select_versions {
    ($which:literal) => {
        concat!(
            "SELECT channel, app_type, version, url, forced, notes, published_at ",
            "FROM app_version ",
            $which
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn channel(row: &Row<'_>) -> Result<Channel, Fault> {
    Channel::parse(&row.text("channel")?).ok_or_else(|| corrupt("channel"))
}

fn mobile(text: &str) -> Result<Mobile, Fault> {
    Mobile::parse(text).ok_or_else(|| corrupt("mobile_sealed"))
}

fn next_id(tx: &Tx<'_, '_>) -> i64 {
    tx.ids.take(tx.at.wall, 1)
}

fn count(
    tx: &mut Tx<'_, '_>,
    select: &'static str,
    params: &[store::Param<'_>],
) -> Result<i64, Fault> {
    Ok(tx.row(select, params, |row| row.i64("n"))?.unwrap_or(0))
}

pub(super) fn append_message(
    tx: &mut Tx<'_, '_>,
    notice: &Notice<'_>,
    title: &str,
    content: &str,
) -> Result<(), Fault> {
    let id = next_id(tx);
    let sealed = tx.vault.seal(MESSAGE_CONTENT, id, content)?;
    let (member, topic, at) = (notice.member, notice.topic.word(), tx.at.business);
    tx.append(&MESSAGE, params![id, member, topic, title, &sealed, at])
}

/// How many messages on a topic a customer has been sent since an instant.
pub(super) fn told_since(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    topic: Topic,
    since: Instant,
) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM message
        WHERE member_id = ?1 AND topic = ?2 AND sent_at >= ?3";
    count(tx, select, params![member, topic.word(), since])
}

pub(super) fn messages_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Message>, Fault> {
    let vault = tx.vault;
    let select = "SELECT message_id, topic, title, content_sealed, sent_at, read_at FROM message
        WHERE member_id = ?1 ORDER BY message_id DESC LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![member, page.size(), page.offset()], |row| {
        let id = row.i64("message_id")?;
        Ok(Message {
            id: MessageId::from_number(id),
            topic: Topic::parse(&row.text("topic")?).ok_or_else(|| corrupt("topic"))?,
            title: row.text("title")?,
            content: vault.open(MESSAGE_CONTENT, id, &row.blob("content_sealed")?)?,
            sent_at: row.instant("sent_at")?,
            read_at: row.opt_instant("read_at")?,
        })
    })
}

pub(super) fn count_messages_of(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<i64, Fault> {
    count(tx, "SELECT COUNT(*) AS n FROM message WHERE member_id = ?1", params![member])
}

pub(super) fn mark_read(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    message: MessageId,
) -> Result<bool, Fault> {
    let update = "UPDATE message SET read_at = COALESCE(read_at, ?3)
        WHERE message_id = ?1 AND member_id = ?2";
    Ok(tx.execute(update, params![message, member, tx.at.business])? == 1)
}

pub(super) fn insert_template(tx: &mut Tx<'_, '_>, command: &SetTemplate) -> Result<i64, Fault> {
    let insert = "INSERT INTO notice_template
            (channel, topic, version, title, text, sms_text, saved_at)
        SELECT CAST(?1 AS TEXT), CAST(?2 AS TEXT), COALESCE(MAX(version), 0) + 1,
            CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS BIGINT)
        FROM notice_template WHERE channel = ?1 AND topic = ?2
        ON CONFLICT DO NOTHING RETURNING version";
    let sms_text = command.sms_text.as_ref();
    let values = params![
        command.channel.word(),
        command.topic.word(),
        &command.title,
        &command.text,
        sms_text,
        tx.at.wall
    ];
    // Of those who write at once each meets every other at most once.
    for _ in 0..RIVALS {
        if let Some(version) = tx.row(insert, values, |row| row.i64("version"))? {
            return Ok(version);
        }
    }
    Err(Fault::Conflict("notice_template".into()))
}

pub(super) fn newest_template(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    topic: Topic,
) -> Result<Option<Template>, Fault> {
    let select = "SELECT version, title, text, sms_text FROM notice_template
        WHERE channel = ?1 AND topic = ?2 ORDER BY version DESC LIMIT 1";
    tx.row(select, params![channel.word(), topic.word()], |row| {
        Ok(Template {
            topic,
            version: row.i64("version")?,
            title: row.text("title")?,
            text: row.text("text")?,
            sms_text: row.opt_text("sms_text")?,
        })
    })
}

pub(super) fn insert_system_message(
    tx: &mut Tx<'_, '_>,
    command: &Publish,
) -> Result<MessageId, Fault> {
    let id = MessageId::from_number(next_id(tx));
    let insert = "INSERT INTO system_message
            (message_id, channel, kind, title, content, event_url, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.execute(
        insert,
        params![
            id,
            command.channel.word(),
            command.kind.word(),
            &command.title,
            &command.content,
            &command.event_url,
            tx.at.business
        ],
    )?;
    Ok(id)
}

pub(super) fn withdraw(tx: &mut Tx<'_, '_>, id: MessageId) -> Result<bool, Fault> {
    let update = "UPDATE system_message SET withdrawn_at = ?2
        WHERE message_id = ?1 AND withdrawn_at IS NULL";
    Ok(tx.execute(update, params![id, tx.at.business])? == 1)
}

fn read_system_message(row: &Row<'_>) -> Result<SystemMessage, Fault> {
    Ok(SystemMessage {
        id: MessageId::from_number(row.i64("message_id")?),
        channel: channel(row)?,
        kind: SystemKind::parse(&row.text("kind")?).ok_or_else(|| corrupt("kind"))?,
        title: row.text("title")?,
        content: row.text("content")?,
        event_url: row.text("event_url")?,
        published_at: row.instant("published_at")?,
        withdrawn_at: row.opt_instant("withdrawn_at")?,
    })
}

pub(super) fn system_messages(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<Vec<SystemMessage>, Fault> {
    let select = select_system_messages!(
        "WHERE channel = ?1 AND withdrawn_at IS NULL
        ORDER BY message_id DESC LIMIT ?2 OFFSET ?3"
    );
    tx.rows(select, params![channel.word(), page.size(), page.offset()], read_system_message)
}

pub(super) fn count_system_messages(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM system_message
        WHERE channel = ?1 AND withdrawn_at IS NULL";
    count(tx, select, params![channel.word()])
}

pub(super) fn all_system_messages(
    tx: &mut Tx<'_, '_>,
    page: Page,
) -> Result<Vec<SystemMessage>, Fault> {
    let select = select_system_messages!("ORDER BY message_id DESC LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read_system_message)
}

pub(super) fn count_all_system_messages(tx: &mut Tx<'_, '_>) -> Result<i64, Fault> {
    count(tx, "SELECT COUNT(*) AS n FROM system_message", params![])
}

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
    Ok(tx.row(select, params![tx.at.wall], |row| row.i64("sms_id"))?.is_some())
}

/// Rows whose sender has been silent for too long: nobody knows whether they went out.
pub(super) fn give_up_senders(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let update = "UPDATE sms SET state = 'unknown', finished_at = ?1
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
        })
    })?;
    claimed.sort_by_key(|sms| sms.id);
    Ok(claimed)
}

/// What an SMS is for, how often it was tried and until when it may be, if the provider was called
/// and has not answered yet.
pub(super) fn lock_called_sms(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
) -> Result<Option<(SmsPurpose, i64, Instant)>, Fault> {
    let select = "SELECT purpose, attempts, good_until FROM sms
        WHERE sms_id = ?1 AND state IN ('sending', 'unknown') FOR UPDATE";
    tx.row(select, params![id], |row| {
        let purpose = match row.text("purpose")?.as_str() {
            "code" => SmsPurpose::Code,
            "notice" => SmsPurpose::Notice,
            _ => return Err(corrupt("purpose")),
        };
        Ok((purpose, row.i64("attempts")?, row.instant("good_until")?))
    })
}

pub(super) fn queue_again(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
    reason: &str,
    next: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE sms SET state = 'queued', reason = ?2, next_at = ?3, finished_at = NULL
        WHERE sms_id = ?1";
    tx.execute(update, params![id, reason, next]).map(|_| ())
}

pub(super) fn end_sms(
    tx: &mut Tx<'_, '_>,
    id: SmsId,
    state: SmsState,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let update = "UPDATE sms SET state = ?2, reason = ?3, finished_at = ?4 WHERE sms_id = ?1";
    tx.execute(update, params![id, state.word(), reason, tx.at.wall]).map(|_| ())
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

pub(super) fn insert_feedback(
    tx: &mut Tx<'_, '_>,
    command: &LeaveFeedback,
) -> Result<FeedbackId, Fault> {
    let id = next_id(tx);
    let mobile = tx.vault.seal(FEEDBACK_MOBILE, id, command.mobile.expose())?;
    let suggestion = tx.vault.seal(FEEDBACK_SUGGESTION, id, &command.suggestion)?;
    let insert = "INSERT INTO feedback
            (feedback_id, channel, member_id, mobile_sealed, suggestion_sealed, source, left_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.execute(
        insert,
        params![
            id,
            command.channel.word(),
            command.member,
            &mobile,
            &suggestion,
            &command.source,
            tx.at.business
        ],
    )?;
    Ok(FeedbackId::from_number(id))
}

pub(super) fn feedback(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Feedback>, Fault> {
    let vault = tx.vault;
    let select = "SELECT feedback_id, channel, member_id, mobile_sealed, suggestion_sealed, source,
            left_at FROM feedback ORDER BY feedback_id DESC LIMIT ?1 OFFSET ?2";
    tx.rows(select, params![page.size(), page.offset()], |row| {
        let id = row.i64("feedback_id")?;
        let said = row.blob("suggestion_sealed")?;
        Ok(Feedback {
            id: FeedbackId::from_number(id),
            channel: channel(row)?,
            member: row.opt_i64("member_id")?.map(MemberId::from_number),
            mobile: mobile(&vault.open(FEEDBACK_MOBILE, id, &row.blob("mobile_sealed")?)?)?,
            suggestion: vault.open(FEEDBACK_SUGGESTION, id, &said)?,
            source: row.text("source")?,
            left_at: row.instant("left_at")?,
        })
    })
}

pub(super) fn count_feedback(tx: &mut Tx<'_, '_>) -> Result<i64, Fault> {
    count(tx, "SELECT COUNT(*) AS n FROM feedback", params![])
}

/// Inserts the version; false if it was published before.
pub(super) fn insert_version(tx: &mut Tx<'_, '_>, command: &PublishVersion) -> Result<bool, Fault> {
    let insert = "INSERT INTO app_version
            (app_version_id, channel, app_type, version, url, forced, notes, published_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
    let inserted = tx.execute(
        insert,
        params![
            next_id(tx),
            command.channel.word(),
            &command.app_type,
            &command.version,
            &command.url,
            i64::from(command.forced),
            &command.notes,
            tx.at.business
        ],
    )?;
    Ok(inserted == 1)
}

fn read_version(row: &Row<'_>) -> Result<AppVersion, Fault> {
    Ok(AppVersion {
        channel: channel(row)?,
        app_type: row.text("app_type")?,
        version: row.text("version")?,
        url: row.text("url")?,
        forced: row.i64("forced")? == 1,
        notes: row.text("notes")?,
        published_at: row.instant("published_at")?,
    })
}

pub(super) fn latest_version(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    app_type: &str,
) -> Result<Option<AppVersion>, Fault> {
    let select = select_versions!(
        "WHERE channel = ?1 AND app_type = ?2
        ORDER BY app_version_id DESC LIMIT 1"
    );
    tx.row(select, params![channel.word(), app_type], read_version)
}

pub(super) fn versions(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<AppVersion>, Fault> {
    let select = select_versions!("ORDER BY app_version_id DESC LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read_version)
}

pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    for delete in ["DELETE FROM message", "DELETE FROM sms", "DELETE FROM feedback"] {
        tx.execute(delete, params![])?;
    }
    Ok(())
}
