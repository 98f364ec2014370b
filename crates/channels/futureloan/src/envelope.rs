//! The answers' outer shape, and how values look in it.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use kernel::{Instant, Money, Rate};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::failure::{BUSY, Failure};
use crate::{CHANNEL, Futureloan};

/// The rendered `data` of a success, or a whole body that was kept for an idempotency key.
pub(crate) enum Reply {
    /// JSON of the `data` key.
    Data(Box<RawValue>),
    /// A body as it was first sent.
    Body(String),
}

impl Reply {
    /// Renders the data of a success.
    pub(crate) fn of(data: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self::Data(serde_json::value::to_raw_value(data).map_err(|_| BUSY)?))
    }
}

/// What stands under `data`.
#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Json(&'a RawValue),
    Null,
    /// Answers of the authentication step have no such key.
    LeftOut,
}

impl Data<'_> {
    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut)
    }
}

/// The keys in the document's order.
#[derive(Serialize)]
struct Envelope<'a> {
    code: u16,
    msg: &'a str,
    #[serde(skip_serializing_if = "Data::is_left_out")]
    data: Data<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copyright: Option<&'a str>,
}

impl Futureloan {
    /// The body of an answer.
    pub(crate) fn body(&self, result: &Result<Reply, Failure>) -> String {
        let copyright = Some(self.settings.copyright.as_str());
        let envelope = match result {
            Ok(Reply::Body(body)) => return body.clone(),
            Ok(Reply::Data(data)) => {
                Envelope { code: 0, msg: "OK", data: Data::Json(data), copyright }
            }
            Err(failure) => {
                let data = if failure.is_bare() { Data::LeftOut } else { Data::Null };
                // An unknown path is answered before anything of the service is reached.
                let copyright = copyright.filter(|_| failure.code != 1004);
                Envelope { code: failure.code, msg: &failure.msg, data, copyright }
            }
        };
        // A struct of texts and ready JSON always serialises.
        serde_json::to_string(&envelope).unwrap_or_default()
    }

    /// The answer to a call; a fault is logged here, once.
    pub(crate) fn respond(&self, result: &Result<Reply, Failure>) -> Response {
        if let Err(Failure { fault: Some(fault), .. }) = result {
            channel_kit::app::log_fault(CHANNEL.word(), fault);
        }
        let code = match result {
            Ok(_) => 0,
            Err(failure) => failure.code,
        };
        let mut response = self.body(result).into_response();
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, json);
        // For the edge: log field and metric label; it is taken off before sending.
        headers.insert("x-answer-code", HeaderValue::from(code));
        response
    }
}

/// An amount in yuan in the style of a double: `0.0`, `6300.0`, `12.9`, `0.02`.
pub(crate) struct Yuan(pub(crate) Money);

impl Yuan {
    /// The figure as text.
    pub(crate) fn text(&self) -> String {
        let (yuan, fen) = (self.0.yuan_part(), self.0.fen_part());
        match fen.checked_rem(10) {
            Some(0) => format!("{yuan}.{}", fen / 10),
            Some(_) | None => format!("{yuan}.{fen:02}"),
        }
    }
}

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw(self.text(), serializer)
    }
}

/// A rate in percent a year with one decimal: `12.0`, `18.5`.
pub(crate) struct Percent(pub(crate) Rate);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tenths = self.0.ppm() / 1000;
        raw(format!("{}.{}", tenths / 10, tenths % 10), serializer)
    }
}

fn raw<S: Serializer>(text: String, serializer: S) -> Result<S::Ok, S::Error> {
    let raw = RawValue::from_string(text).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}

/// `2019-08-27 17:28:30.0`, as members and projects show their times.
pub(crate) fn time_with_tenths(instant: Instant) -> String {
    format!("{}.0", instant.shanghai_text())
}
