//! Messages to a customer and to everybody (§24, §25).

use lending::Page;
use lending::notices::{self, Message, SystemKind, SystemMessage, Topic};

use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{FIELD_WRONG, Failure, MESSAGES_FOUND, SYSTEM_MESSAGES_FOUND};
use crate::ids::{self, Kind};
use crate::section::{PAGE_NUM, PAGE_SIZE, section};
use crate::wire::answers::{MessageData, SystemMessageData};
use crate::wire::{PageBody, values};
use crate::{CHANNEL, Xianjindai};

/// The page that a message asks for.
pub(crate) fn page(call: &Call) -> Result<Page, Failure> {
    let body: PageBody<'_> = call.read()?;
    values::page(&body.page_num(), &body.page_size())
}

section! {
    OWN: "/appCommonApi/getCustomMessage", "获取客户消息 (§24)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: MESSAGES_FOUND, Sorted, r#"[{"id":"00000000-0000-8000-8000-000000000000","messageContent":"…","messageTitle":"…","messageType":"14","sendDate":"2026-11-09 01:03:14"}]"#;
}

pub(crate) async fn own(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, page) = (call.member()?, page(&call)?);
    let (rows, total) = channel.app.read(move |tx| notices::messages_of(tx, member, page)).await?;
    let shown = |message: Message| MessageData {
        id: ids::text(Kind::Message, message.id.number()),
        message_content: message.content,
        message_title: message.title,
        message_type: topic(message.topic),
        send_date: message.sent_at.shanghai_text(),
    };
    let rows: Vec<_> = rows.into_iter().map(shown).collect();
    Reply::page(&rows, page, total)
}

/// Source: document 001 §24.3.
const fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Submitted => "11",
        Topic::Approved => "12",
        Topic::Refused => "13",
        Topic::PaidOut => "14",
        Topic::DueSoon => "15",
        Topic::Repaid => "16",
        Topic::Overdue => "17",
        Topic::Other => "99",
    }
}

section! {
    SYSTEM: "/openCommonApi/getSystemMessage", "获取系统消息 (§25)", OPEN;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: SYSTEM_MESSAGES_FOUND, Sorted, r#"[{"eventUrl":"","id":"00000000-0000-8000-8000-000000000000","messageContent":"…","messageTitle":"…","messageType":"1","sendDate":"2026-11-27 02:37:57"}]"#;
}

pub(crate) async fn system(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let page = page(&call)?;
    let (rows, total) =
        channel.app.read(move |tx| notices::system_messages(tx, CHANNEL, page)).await?;
    let shown = |message: SystemMessage| SystemMessageData {
        event_url: message.event_url,
        id: ids::text(Kind::SystemMessage, message.id.number()),
        message_content: message.content,
        message_title: message.title,
        // The table has 0 and 1; the sample prints 01.
        message_type: match message.kind {
            SystemKind::Activity => "0",
            SystemKind::Announcement => "1",
        },
        send_date: message.published_at.shanghai_text(),
    };
    let rows: Vec<_> = rows.into_iter().map(shown).collect();
    Reply::page(&rows, page, total)
}
