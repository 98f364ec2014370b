//! The answers' outer shape: `{"code", "message", "info"}`; nothing to show is an empty text.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use crate::texts::{Answer, BUSY, FAILURE, Failure, SUCCESS};
use crate::{CHANNEL, Settings};

/// The code, for log and metrics; it does not leave the platform.
const ANSWER_CODE: HeaderName = HeaderName::from_static("x-answer-code");

/// What a handler answers when all went well.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Instead of the text that the call usually says.
    message: Option<Cow<'static, str>>,
    /// JSON of `info`.
    info: Option<String>,
}

impl Reply {
    /// Nothing to say but that it was done.
    pub(crate) fn done() -> Self {
        Self { message: None, info: None }
    }

    /// Something to show.
    pub(crate) fn show(info: &impl Serialize) -> Result<Self, Failure> {
        let info = serde_json::to_string(info).map_err(|_| Failure::from(BUSY))?;
        Ok(Self { info: Some(info), ..Self::done() })
    }

    /// The same with another text.
    pub(crate) fn saying(self, answer: Answer) -> Self {
        Self { message: Some(Cow::Borrowed(answer.msg)), ..self }
    }
}

#[derive(Serialize)]
struct Envelope<'e> {
    code: u16,
    message: &'e str,
    info: &'e serde_json::value::RawValue,
}

/// The answer to a call; a fault is logged here, once.
pub(crate) fn respond(
    settings: &Settings,
    success: Answer,
    result: &Result<Reply, Failure>,
) -> Response {
    let nothing = "\"\"";
    let (status, code, message, info) = match result {
        Ok(reply) => {
            let code = if settings.uniform_codes { SUCCESS } else { success.code };
            let message = reply.message.as_deref().unwrap_or(success.msg);
            (StatusCode::OK, code, message, reply.info.as_deref().unwrap_or(nothing))
        }
        Err(failure) => {
            if let Some(fault) = &failure.fault {
                channel_kit::app::log_fault(CHANNEL.word(), fault);
            }
            (failure.status, FAILURE, &*failure.message, nothing)
        }
    };
    let info: Option<&serde_json::value::RawValue> = serde_json::from_str(info).ok();
    let body = info.map(|info| serde_json::to_string(&Envelope { code, message, info }));
    let body = body.and_then(Result::ok).unwrap_or_default();
    let json = HeaderValue::from_static("application/json; charset=UTF-8");
    // For the log, a success is one whatever its sample prints.
    let told = if result.is_ok() { SUCCESS } else { FAILURE };
    let headers = [(header::CONTENT_TYPE, json), (ANSWER_CODE, HeaderValue::from(told))];
    (status, headers, body).into_response()
}
