//! Messages as customers read them: their own, and those to everybody (系统消息).

use kernel::id::{MemberId, MessageId};
use kernel::{Channel, Instant};
use store::Fault;

use super::{Topic, sql, templates};
use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};

/// Characters of a title at most.
const TITLE_MOST: usize = 60;
/// Characters of a message to everybody at most.
const CONTENT_MOST: usize = 4000;
/// Characters of an address at most; browsers and proxies take 2,000.
pub(super) const URL_MOST: usize = 2000;

/// A message to one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// About what.
    pub topic: Topic,
    /// One line.
    pub title: String,
    /// What it says.
    pub content: String,
    /// When it was written, by the business clock.
    pub sent_at: Instant,
    /// When it was read, if it was.
    pub read_at: Option<Instant>,
}

/// A page of a customer's messages, the newest first, and how many there are.
pub fn messages_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<(Vec<Message>, i64), Fault> {
    Ok((sql::messages_of(tx, member, page)?, sql::count_messages_of(tx, member)?))
}

/// Notes that a customer has read a message of theirs; false if they have no such message.
pub fn mark_read(tx: &mut Tx<'_, '_>, member: MemberId, message: MessageId) -> Result<bool, Fault> {
    sql::mark_read(tx, member, message)
}

/// What a message to everybody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemKind {
    /// 0: something to take part in (活动消息).
    Activity,
    /// 1: something to know (公告消息).
    Announcement,
}

impl SystemKind {
    /// The word in the database and for operators.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Announcement => "announcement",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Activity, Self::Announcement].into_iter().find(|kind| kind.word() == word)
    }
}

/// A message to everybody on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemMessage {
    /// Its number.
    pub id: MessageId,
    /// Where it is shown.
    pub channel: Channel,
    /// What it is.
    pub kind: SystemKind,
    /// One line.
    pub title: String,
    /// What it says.
    pub content: String,
    /// Where a click leads; empty if nowhere.
    pub event_url: String,
    /// When it was published, by the business clock.
    pub published_at: Instant,
    /// When it was taken back, if it was.
    pub withdrawn_at: Option<Instant>,
}

/// A message to be shown to everybody on a channel.
#[derive(Clone, Debug)]
pub struct Publish {
    /// Who publishes it.
    pub by: Actor,
    /// Where it is shown.
    pub channel: Channel,
    /// What it is.
    pub kind: SystemKind,
    /// One line.
    pub title: String,
    /// What it says.
    pub content: String,
    /// Where a click leads; empty if nowhere.
    pub event_url: String,
}

/// Why a message was not published. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The title is empty or too long.
    #[error("the title has 1 to {most} characters")]
    Title {
        /// Characters at most.
        most: usize,
    },
    /// The content is empty or too long.
    #[error("the content has 1 to {most} characters")]
    Content {
        /// Characters at most.
        most: usize,
    },
    /// The address is no web address.
    #[error("the address begins with http:// or https:// and has no blanks")]
    Url,
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Shows a message to everybody on a channel; its number.
pub fn publish(tx: &mut Tx<'_, '_>, command: &Publish) -> Result<MessageId, PublishError> {
    if !templates::is_within(&command.title, TITLE_MOST) {
        return Err(PublishError::Title { most: TITLE_MOST });
    }
    if !templates::is_within(&command.content, CONTENT_MOST) {
        return Err(PublishError::Content { most: CONTENT_MOST });
    }
    if !command.event_url.is_empty() && !is_web_address(&command.event_url) {
        return Err(PublishError::Url);
    }
    let id = sql::insert_system_message(tx, command)?;
    let detail = format!("{} message {}", command.channel.word(), id.number());
    audit::note(tx, command.by, "system_message.published", Subject::Platform, &detail)?;
    Ok(id)
}

/// Takes a message back, so that it is shown no more; false if it is not shown.
pub fn withdraw(tx: &mut Tx<'_, '_>, by: Actor, id: MessageId) -> Result<bool, Fault> {
    let withdrawn = sql::withdraw(tx, id)?;
    if withdrawn {
        let detail = format!("message {}", id.number());
        audit::note(tx, by, "system_message.withdrawn", Subject::Platform, &detail)?;
    }
    Ok(withdrawn)
}

/// A page of what is shown to everybody on a channel, the newest first, and how many there are.
pub fn system_messages(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<(Vec<SystemMessage>, i64), Fault> {
    let shown = sql::system_messages(tx, channel, page)?;
    Ok((shown, sql::count_system_messages(tx, channel)?))
}

/// A page of all messages to everybody, those that were taken back too, for operators.
pub fn all_system_messages(
    tx: &mut Tx<'_, '_>,
    page: Page,
) -> Result<(Vec<SystemMessage>, i64), Fault> {
    Ok((sql::all_system_messages(tx, page)?, sql::count_all_system_messages(tx)?))
}

/// Whether a text can stand behind a link.
pub(super) fn is_web_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |sign: char| !sign.is_whitespace() && !sign.is_control();
    text.len() <= URL_MOST
        && host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_told_from_other_texts() {
        for (text, is_one) in [
            ("https://example.cn/a?b=1", true),
            ("http://example.cn", true),
            ("www.example.cn", false),
            ("javascript:alert(1)", false),
            ("https://", false),
            ("https:///a", false),
            ("https://example.cn/a b", false),
            ("https://example.cn/\n", false),
        ] {
            assert_eq!(is_web_address(text), is_one, "{text}");
        }
        assert!(!is_web_address(&format!("https://{}", "a".repeat(URL_MOST))));
    }
}
