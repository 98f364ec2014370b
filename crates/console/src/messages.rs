//! Messages to everybody on a channel, and what customers think.

use channel_kit::route::Method;
use kernel::id::{MemberId, MessageId};
use lending::audit::Subject;
use lending::notices::{self, Feedback, Publish, PublishError, SystemKind, SystemMessage};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_MESSAGE, TEXT_UNFIT};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, WHY, body, optional};
use crate::reply::{Reply, time};
use crate::values::{self, Sight, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&PUBLISH, publish),
        route(&WITHDRAW, withdraw),
        route(&FEEDBACK, feedback),
    ]
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Title { .. } | PublishError::Content { .. } | PublishError::Url => {
                Self::with(TEXT_UNFIT, &error.to_string())
            }
            PublishError::Fault(fault) => fault.into(),
        }
    }
}

fn shown(message: &SystemMessage) -> Value {
    json!({
        "id": message.id.number().to_string(),
        "channel": message.channel.word(),
        "kind": message.kind.word(),
        "title": message.title,
        "content": message.content,
        "event_url": message.event_url,
        "published_at": time(message.published_at),
        "withdrawn_at": opt_time(message.withdrawn_at),
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/messages",
    summary: "Messages to everybody 系统消息, also those that were taken back, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20,"total":0}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let (all, total) = notices::all_system_messages(tx, page)?;
        let items: Vec<_> = all.iter().map(shown).collect();
        Ok(Reply::ok(&json!({ "items": items, "size": page.size(), "total": total })))
    };
    call.read(&console, read).await
}

static PUBLISH: Operation = Operation {
    method: Method::Post,
    path: "/console/api/messages",
    summary: "Show a message to everybody on a channel 发布系统消息",
    access: Access::With(Right::ManageMessages),
    fields: &[
        body("channel", "string", "the channel"),
        body("kind", "string", "activity or announcement"),
        body("title", "string", "one line"),
        body("content", "string", "what it says"),
        optional("event_url", "string", "where a click leads"),
    ],
    refusals: &[TEXT_UNFIT],
    success: (201, r#"{"id":"1"}"#),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishBody {
    channel: String,
    kind: String,
    title: String,
    content: String,
    #[serde(default)]
    event_url: String,
}

async fn publish(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: PublishBody = call.message()?;
    let channel = values::channel(&message.channel)?;
    let kind = SystemKind::parse(&message.kind).ok_or_else(|| Failure::field("kind"))?;
    for (field, text) in [("title", &message.title), ("content", &message.content)] {
        values::storable(field, text)?;
    }
    let publish = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let command = Publish {
            by: operator.actor(),
            channel,
            kind,
            title: message.title.clone(),
            content: message.content.clone(),
            event_url: message.event_url.clone(),
        };
        let id = notices::publish(tx, &command)?;
        Ok(Reply::created(&json!({ "id": id.number().to_string() })))
    };
    call.write(&console, Home::home(0), publish).await
}

static WITHDRAW: Operation = Operation {
    method: Method::Post,
    path: "/console/api/messages/{id}/withdraw",
    summary: "Take a message to everybody back 撤回",
    access: Access::With(Right::ManageMessages),
    fields: &[ID],
    refusals: &[NO_SUCH_MESSAGE],
    success: (200, "{}"),
};

async fn withdraw(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(MessageId::from_number).ok_or(NO_SUCH_MESSAGE)?;
    let withdraw = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        if !notices::withdraw(tx, operator.actor(), id)? {
            return Err(NO_SUCH_MESSAGE.into());
        }
        Ok(Reply::ok(&json!({})))
    };
    call.write(&console, Home::home(0), withdraw).await
}

fn said(feedback: &Feedback, sight: Sight) -> Value {
    json!({
        "id": feedback.id.number().to_string(),
        "channel": feedback.channel.word(),
        "customer_id": feedback.member.map(MemberId::number),
        "mobile_phone": match sight {
            Sight::Masked => feedback.mobile.masked(),
            Sight::Full => feedback.mobile.expose().to_owned(),
        },
        "suggestion": feedback.suggestion,
        "source": feedback.source,
        "left_at": time(feedback.left_at),
    })
}

static FEEDBACK: Operation = Operation {
    method: Method::Get,
    path: "/console/api/feedback",
    summary: "What customers and visitors think 意见反馈, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE, WHY],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20,"total":0}"#),
};

async fn feedback(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let what = format!("feedback, page {} of {}", page.number(), page.size());
        let seen = (what.as_str(), reason.as_deref());
        let sight = values::sight(tx, operator, Subject::Platform, seen)?;
        let (all, total) = notices::feedback(tx, page)?;
        let items: Vec<_> = all.iter().map(|feedback| said(feedback, sight)).collect();
        Ok(Reply::ok(&json!({ "items": items, "size": page.size(), "total": total })))
    };
    call.show(&console, read).await
}
