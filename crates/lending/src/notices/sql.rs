//! The rows of messages, templates, SMS, feedback and app versions.

use kernel::id::{FeedbackId, MemberId, MessageId};
use kernel::{Channel, Instant, Mobile};
use store::{Append, ColumnType, Fault, Row, params};

use super::{
    AppVersion, Feedback, LeaveFeedback, Message, Notice, Publish, PublishVersion, SetTemplate,
    SystemKind, SystemMessage, Template, Topic,
};
use crate::{Page, Tx};

/// Where each personal text is sealed; part of what binds it to its place.
const MESSAGE_CONTENT: &str = "message.content";
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

pub(super) fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

pub(super) fn channel(row: &Row<'_>) -> Result<Channel, Fault> {
    Channel::parse(&row.text("channel")?).ok_or_else(|| corrupt("channel"))
}

pub(super) fn mobile(text: &str) -> Result<Mobile, Fault> {
    Mobile::parse(text).ok_or_else(|| corrupt("mobile_sealed"))
}

pub(super) fn next_id(tx: &Tx<'_, '_>) -> i64 {
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
