//! The answers' outer shape: `{"status", "error_message", "results"?, "has_more"?}`, HTTP 200.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use crate::CHANNEL;
use crate::texts::{Answer, BUSY, Failure, SUCCESS};

/// The status, for log and metrics; it does not leave the platform.
const ANSWER_CODE: HeaderName = HeaderName::from_static("x-answer-code");

/// What a handler answers when all went well.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Instead of the text that the call usually says.
    message: Option<Cow<'static, str>>,
    /// JSON of `results`.
    results: Option<String>,
    has_more: Option<bool>,
}

impl Reply {
    /// Nothing to say but that it was done.
    pub(crate) fn done() -> Self {
        Self { message: None, results: None, has_more: None }
    }

    /// One thing, in a list of one.
    pub(crate) fn one(result: &impl Serialize) -> Result<Self, Failure> {
        Self::object(&[result])
    }

    /// One thing, bare, where the sample prints it so.
    pub(crate) fn object(result: &impl Serialize) -> Result<Self, Failure> {
        let results = serde_json::to_string(result).map_err(|_| Failure::from(BUSY))?;
        Ok(Self { results: Some(results), ..Self::done() })
    }

    /// A list that does not end with a page.
    pub(crate) fn list(rows: &[impl Serialize]) -> Result<Self, Failure> {
        Self::object(&rows)
    }

    /// A part of a list, and whether there is more.
    pub(crate) fn part(rows: &[impl Serialize], has_more: bool) -> Result<Self, Failure> {
        Ok(Self { has_more: Some(has_more), ..Self::object(&rows)? })
    }

    /// The same with another text.
    pub(crate) fn saying(self, answer: Answer) -> Self {
        Self { message: Some(Cow::Borrowed(answer.msg)), ..self }
    }
}

#[derive(Serialize)]
struct Envelope<'e> {
    status: &'static str,
    error_message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<&'e serde_json::value::RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    has_more: Option<bool>,
}

/// The answer to a call; a fault is logged here, once.
pub(crate) fn respond(success: Answer, result: &Result<Reply, Failure>) -> Response {
    let (envelope, status) = match result {
        Ok(reply) => {
            let results = reply.results.as_deref().and_then(|json| serde_json::from_str(json).ok());
            let error_message = reply.message.as_deref().unwrap_or(success.msg);
            (
                Envelope { status: SUCCESS, error_message, results, has_more: reply.has_more },
                SUCCESS,
            )
        }
        Err(failure) => {
            if let Some(fault) = &failure.fault {
                channel_kit::app::log_fault(CHANNEL.word(), fault);
            }
            let (status, error_message) = (failure.status, &*failure.message);
            (Envelope { status, error_message, results: None, has_more: None }, status)
        }
    };
    let body = serde_json::to_string(&envelope).unwrap_or_default();
    let json = HeaderValue::from_static("application/json; charset=UTF-8");
    let headers = [(header::CONTENT_TYPE, json), (ANSWER_CODE, HeaderValue::from_static(status))];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_raw_json() {
        let part: Option<&serde_json::value::RawValue> =
            serde_json::from_str(r#"[{"quota":12.310}]"#).ok();
        let envelope =
            Envelope { status: SUCCESS, error_message: "", results: part, has_more: Some(false) };
        assert_eq!(
            serde_json::to_string(&envelope).unwrap(),
            r#"{"status":"SUCCESS","error_message":"","results":[{"quota":12.310}],"has_more":false}"#
        );
    }
}
