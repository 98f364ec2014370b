//! The answers' outer shape, HTTP 200: `{"sucessed", "message"?, "errorMessage"?}` as the document
//! spells it, and `{"success", "errorMessage"?}` for codes.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::CHANNEL;
use crate::texts::{Answer, BUSY, Failure};

/// Whether the call succeeded, for log and metrics; it does not leave the platform.
const ANSWER_CODE: HeaderName = HeaderName::from_static("x-answer-code");

/// How a call's envelope says that it succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `success`: 发送验证码接口.
    Success,
    /// `sucessed`: every other call.
    Sucessed,
}

/// What a handler answers.
#[derive(Debug)]
pub(crate) struct Reply {
    body: Body,
    cookie: Option<HeaderValue>,
}

#[derive(Debug)]
enum Body {
    /// It was done, and the call says what it usually does.
    Done,
    /// The same, with something to show, in JSON, and how many there are of it.
    Shown(Box<RawValue>, Option<i64>),
    /// It was not, and something stays of it all the same.
    Refused(Answer),
    /// A bare value.
    Plain(String),
}

impl Reply {
    /// Nothing to say but that it was done.
    pub(crate) fn done() -> Self {
        Self { body: Body::Done, cookie: None }
    }

    /// Something to show.
    pub(crate) fn shown(data: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self { body: Body::Shown(raw(data)?, None), cookie: None })
    }

    /// A part of a list, and how many there are.
    pub(crate) fn part(data: &[impl Serialize], total: i64) -> Result<Self, Failure> {
        Ok(Self { body: Body::Shown(raw(&data)?, Some(total)), cookie: None })
    }

    /// A refusal of which something stays: a session, a count.
    pub(crate) fn refused(answer: Answer) -> Self {
        Self { body: Body::Refused(answer), cookie: None }
    }

    /// A value without an envelope.
    pub(crate) fn plain(value: String) -> Self {
        Self { body: Body::Plain(value), cookie: None }
    }

    /// The same with a cookie to keep.
    pub(crate) fn with_cookie(self, cookie: Option<HeaderValue>) -> Self {
        Self { cookie, ..self }
    }
}

fn raw(data: &impl Serialize) -> Result<Box<RawValue>, Failure> {
    serde_json::value::to_raw_value(data).map_err(|_| BUSY.into())
}

#[derive(Default, Serialize)]
struct Envelope<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sucessed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'e str>,
    #[serde(rename = "errorMessage", skip_serializing_if = "Option::is_none")]
    error_message: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'e RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
}

impl Envelope<'_> {
    fn new(spelling: Spelling, good: bool) -> Self {
        match spelling {
            Spelling::Success => Self { success: Some(good), ..Self::default() },
            Spelling::Sucessed => Self { sucessed: Some(good), ..Self::default() },
        }
    }
}

/// The answer to a call; a fault is logged here, once.
pub(crate) fn respond(
    spelling: Spelling,
    success: Answer,
    result: &Result<Reply, Failure>,
) -> Response {
    let json = "application/json; charset=UTF-8";
    let (good, kind, body, cookie) = match result {
        Ok(Reply { body: Body::Plain(text), .. }) => {
            (true, "text/plain; charset=UTF-8", text.clone(), None)
        }
        Ok(Reply { body: Body::Refused(answer), cookie }) => {
            (false, json, refusal(spelling, answer.msg), cookie.clone())
        }
        Ok(Reply { body, cookie }) => {
            let mut envelope = Envelope::new(spelling, true);
            envelope.message = Some(success.msg).filter(|text| !text.is_empty());
            if let Body::Shown(data, total) = body {
                envelope.data = Some(data);
                envelope.total = *total;
            }
            let body = serde_json::to_string(&envelope).unwrap_or_default();
            (true, json, body, cookie.clone())
        }
        Err(failure) => {
            if let Some(fault) = &failure.fault {
                channel_kit::app::log_fault(CHANNEL.word(), fault);
            }
            (false, json, refusal(spelling, &failure.message), None)
        }
    };
    let code = if good { "true" } else { "false" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (ANSWER_CODE, HeaderValue::from_static(code)),
    ];
    let mut response = (headers, body).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn refusal(spelling: Spelling, message: &str) -> String {
    let envelope = Envelope { error_message: Some(message), ..Envelope::new(spelling, false) };
    serde_json::to_string(&envelope).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_spelled_as_the_document_does() {
        let text = |envelope: &Envelope<'_>| serde_json::to_string(envelope).unwrap();
        assert_eq!(text(&Envelope::new(Spelling::Success, true)), r#"{"success":true}"#);
        assert_eq!(text(&Envelope::new(Spelling::Sucessed, true)), r#"{"sucessed":true}"#);
        assert_eq!(
            refusal(Spelling::Success, "send message failed"),
            r#"{"success":false,"errorMessage":"send message failed"}"#
        );
        assert_eq!(refusal(Spelling::Sucessed, ""), r#"{"sucessed":false,"errorMessage":""}"#);
    }
}
