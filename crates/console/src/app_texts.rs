//! What the apps are told: their newest versions, and the templates of messages.

use channel_kit::route::Method;
use lending::notices::{
    self, AppVersion, PublishVersion, SetTemplate, Template, TemplateError, Topic, VersionError,
};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, TEXT_UNFIT, VERSION_TAKEN};
use crate::operation::{Access, Operation, PAGE, SIZE, body, optional, query};
use crate::reply::{Reply, time};
use crate::values;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&VERSIONS, versions),
        route(&PUBLISH, publish),
        route(&TEMPLATES, templates),
        route(&SET, set),
    ]
}

impl From<VersionError> for Failure {
    fn from(error: VersionError) -> Self {
        match error {
            VersionError::Type { .. }
            | VersionError::Version { .. }
            | VersionError::Url
            | VersionError::Notes { .. } => Self::with(TEXT_UNFIT, &error.to_string()),
            VersionError::Taken => VERSION_TAKEN.into(),
            VersionError::Fault(fault) => fault.into(),
        }
    }
}

impl From<TemplateError> for Failure {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Title { .. }
            | TemplateError::Text { .. }
            | TemplateError::Sms { .. }
            | TemplateError::UnknownFact(_) => Self::with(TEXT_UNFIT, &error.to_string()),
            TemplateError::Fault(fault) => fault.into(),
        }
    }
}

fn version(version: &AppVersion) -> Value {
    json!({
        "channel": version.channel.word(),
        "app_type": version.app_type,
        "version": version.version,
        "url": version.url,
        "forced": version.forced,
        "notes": version.notes,
        "published_at": time(version.published_at),
    })
}

static VERSIONS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/app-versions",
    summary: "Versions of the apps 版本, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn versions(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = notices::versions(tx, page)?;
        Ok(Reply::list(&all.iter().map(version).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static PUBLISH: Operation = Operation {
    method: Method::Post,
    path: "/console/api/app-versions",
    summary: "Offer a version of an app 发布版本: the newest from now on",
    access: Access::With(Right::ManageMessages),
    fields: &[
        body("channel", "string", "the channel"),
        body("app_type", "string", "which app, in its own word"),
        body("version", "string", "what it calls itself"),
        body("url", "string", "where it can be had"),
        body("forced", "boolean", "whether older ones must not go on"),
        optional("notes", "string", "what is new"),
    ],
    refusals: &[TEXT_UNFIT, VERSION_TAKEN],
    success: (201, "{}"),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionBody {
    channel: String,
    app_type: String,
    version: String,
    url: String,
    forced: bool,
    #[serde(default)]
    notes: String,
}

async fn publish(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: VersionBody = call.message()?;
    let channel = values::channel(&message.channel)?;
    for (field, text) in
        [("app_type", &message.app_type), ("version", &message.version), ("notes", &message.notes)]
    {
        values::storable(field, text)?;
    }
    let publish = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let command = PublishVersion {
            by: operator.actor(),
            channel,
            app_type: message.app_type.clone(),
            version: message.version.clone(),
            url: message.url.clone(),
            forced: message.forced,
            notes: message.notes.clone(),
        };
        notices::publish_version(tx, &command)?;
        Ok(Reply::created(&json!({})))
    };
    call.write(&console, Home::home(0), publish).await
}

fn template(template: &Template) -> Value {
    json!({
        "topic": template.topic.word(),
        "version": template.version,
        "title": template.title,
        "text": template.text,
        "sms_text": template.sms_text,
    })
}

static TEMPLATES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/templates",
    summary: "The templates of messages 消息模板 in force on a channel, one for each topic",
    access: Access::With(Right::SeeRecords),
    fields: &[query("channel", "string", "the channel; needed")],
    refusals: &[],
    success: (200, r#"{"items":[]}"#),
};

async fn templates(console: Console, call: Call) -> Result<Reply, Failure> {
    let channel = values::query_channel(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = notices::templates(tx, channel)?;
        Ok(Reply::ok(&json!({ "items": all.iter().map(template).collect::<Vec<_>>() })))
    };
    call.read(&console, read).await
}

static SET: Operation = Operation {
    method: Method::Post,
    path: "/console/api/templates",
    summary: "Put a template of a message in force",
    access: Access::With(Right::ManageMessages),
    fields: &[
        body("channel", "string", "the channel"),
        body(
            "topic",
            "string",
            "submitted, approved, refused, paid_out, due_soon, repaid, overdue or other",
        ),
        body("title", "string", "may hold {product}, {amount}, {due}, {days}, {reason}"),
        body("text", "string", "the message, with the same facts"),
        optional("sms_text", "string", "the SMS that goes with it"),
    ],
    refusals: &[TEXT_UNFIT],
    success: (201, r#"{"version":1}"#),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateBody {
    channel: String,
    topic: String,
    title: String,
    text: String,
    sms_text: Option<String>,
}

async fn set(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: TemplateBody = call.message()?;
    let channel = values::channel(&message.channel)?;
    let topic = Topic::parse(&message.topic).ok_or_else(|| Failure::field("topic"))?;
    let sms_text = message.sms_text.as_ref();
    values::storable("title", &message.title)?;
    values::storable("text", &message.text)?;
    sms_text.map_or(Ok(()), |text| values::storable("sms_text", text))?;
    let set = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let command = SetTemplate {
            by: operator.actor(),
            channel,
            topic,
            title: message.title.clone(),
            text: message.text.clone(),
            sms_text: message.sms_text.clone(),
        };
        let version = notices::set_template(tx, &command)?;
        Ok(Reply::created(&json!({ "version": version })))
    };
    call.write(&console, Home::home(0), set).await
}
