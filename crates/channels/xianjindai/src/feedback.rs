//! What the app itself asks for: opinions and versions (§16, §17).

use lending::Route;
use lending::notices::{self, FeedbackError, LeaveFeedback};

use crate::account::own_account;
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    ACCOUNT_UNKNOWN, FIELD_MISSING, Failure, MOBILE_WRONG, NO_RIGHT, NOT_SUGGESTED, SUGGESTED,
    VERSION_FOUND, VERSION_NOT_FOUND,
};
use crate::section::{section, text};
use crate::wire::answers::VersionData;
use crate::wire::{AppVersionBody, SuggestionBody, values};
use crate::{CHANNEL, Xianjindai};

section! {
    SUGGESTION: "/appApi/commitSuggestion", "意见反馈 (§16)", SESSION;
    fields: [text("suggestion", "意见"), text("source", "来源"), text("mobile", "手机号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, ACCOUNT_UNKNOWN, NO_RIGHT, NOT_SUGGESTED];
    success: SUGGESTED, Plain, r#""""#;
}

pub(crate) async fn suggestion(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: SuggestionBody<'_> = call.read()?;
    for (field, name) in
        [(body.suggestion(), "suggestion"), (body.source(), "source"), (body.mobile(), "mobile")]
    {
        if field.is_empty() {
            return Err(Failure::with(FIELD_MISSING, name));
        }
    }
    let mobile = values::mobile(&body.mobile())?;
    let member = own_account(&channel, &call, &mobile).await?;
    let text = |field: &channel_kit::Scalar<'_>| field.text().map(|text| text.trim().to_owned());
    let suggestion = text(&body.suggestion()).ok_or(NOT_SUGGESTED)?;
    let source = text(&body.source()).ok_or(NOT_SUGGESTED)?;
    let left = LeaveFeedback { channel: CHANNEL, member: Some(member), mobile, suggestion, source };
    let route = Route::home(member.number());
    let kept = channel.app.write(route, move |tx| notices::leave_feedback(tx, &left)).await;
    kept.map_err(|error| match error {
        FeedbackError::Suggestion { .. } | FeedbackError::Source { .. } => NOT_SUGGESTED.into(),
        FeedbackError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

section! {
    APP_VERSION: "/appApi/appVersionDetection", "版本检测 (§17)", OPEN;
    fields: [text("appType", "App类型 1 安卓 2 IOS 3 其他")];
    refusals: [FIELD_MISSING, VERSION_NOT_FOUND];
    success: VERSION_FOUND, Plain, r#"{"version":"2.1.0","url":"https://example.cn/app.apk","forced":"0","notes":"…"}"#;
}

/// The document's answer is an empty text. It stays so until an operator publishes a version;
/// then there is something to be told.
pub(crate) async fn app_version(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: AppVersionBody<'_> = call.read()?;
    if body.app_type().is_empty() {
        return Err(Failure::with(FIELD_MISSING, "appType"));
    }
    let kind = values::choice(&body.app_type()).filter(|kind| (1..=3).contains(kind));
    let kind = kind.ok_or(VERSION_NOT_FOUND)?.to_string();
    let latest = channel.app.read(move |tx| notices::latest(tx, CHANNEL, &kind)).await?;
    let Some(latest) = latest else { return Ok(Reply::done()) };
    Reply::of(&VersionData {
        version: latest.version,
        url: latest.url,
        forced: values::flag(latest.forced),
        notes: latest.notes,
    })
}
