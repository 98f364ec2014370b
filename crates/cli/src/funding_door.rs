//! The door at which the funding partner tells what became of applications and withdrawals:
//! verified, heard once, and acknowledged.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use channel_kit::digest;
use lending::funding::{self, Heard};
use lending::ports::{BadNews, Funding, FundingNews, SignedCall};
use lending::{Fault, Lending, Route, identity};
use providers::funding::sign::{KEY, NONCE, SIGNATURE, TIMESTAMP};

use crate::dispatcher::Waker;
use crate::edge::Door;

/// Where callbacks come in.
pub const PATH: &str = "/providers/funding/notify";
/// The name in logs and metrics.
pub const NAME: &str = "funding";
/// Bytes of a callback at most; the longest that makes sense has a tenth of it.
const BODY_MOST: usize = 16 * 1024;

#[derive(Clone)]
struct Listening {
    partner: Arc<dyn Funding>,
    lending: Lending,
    wake: Waker,
}

/// The door.
pub fn door(partner: Arc<dyn Funding>, lending: Lending, wake: Waker) -> Door {
    let router = Router::new()
        .route(PATH, post(hear))
        .layer(DefaultBodyLimit::max(BODY_MOST))
        .with_state(Listening { partner, lending, wake });
    Door { name: NAME, router, busy: Arc::new(|| BUSY.response()) }
}

/// What a callback is answered.
#[derive(Clone, Copy, Debug)]
struct Said {
    status: StatusCode,
    text: &'static str,
}

const TAKEN: Said = Said { status: StatusCode::OK, text: r#"{"code":"0000","message":""}"# };
const BAD_SIGNATURE: Said =
    Said { status: StatusCode::UNAUTHORIZED, text: r#"{"code":"1001","message":"bad signature"}"# };
const STALE: Said = Said {
    status: StatusCode::UNAUTHORIZED,
    text: r#"{"code":"1002","message":"stale timestamp"}"#,
};
const REPLAYED: Said =
    Said { status: StatusCode::CONFLICT, text: r#"{"code":"1003","message":"nonce used before"}"# };
const MALFORMED: Said = Said {
    status: StatusCode::BAD_REQUEST,
    text: r#"{"code":"1004","message":"not a message of this interface"}"#,
};
const TOO_LARGE: Said = Said {
    status: StatusCode::PAYLOAD_TOO_LARGE,
    text: r#"{"code":"1005","message":"too large"}"#,
};
const UNKNOWN: Said =
    Said { status: StatusCode::NOT_FOUND, text: r#"{"code":"2001","message":"no record"}"# };
const BUSY: Said =
    Said { status: StatusCode::SERVICE_UNAVAILABLE, text: r#"{"code":"9999","message":"busy"}"# };

impl Said {
    fn response(self) -> Response {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        (self.status, [(CONTENT_TYPE, kind)], self.text).into_response()
    }
}

async fn hear(
    State(listening): State<Listening>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return TOO_LARGE.response();
        }
        Err(_) => return MALFORMED.response(),
    };
    let heard = tokio::task::spawn_blocking(move || listening.hear(&headers, &body));
    heard.await.unwrap_or(BUSY).response()
}

impl Listening {
    fn hear(&self, headers: &HeaderMap, body: &[u8]) -> Said {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let [key_id, timestamp, nonce, signature] =
            [KEY, TIMESTAMP, NONCE, SIGNATURE].map(|name| text(name).unwrap_or_default());
        let call = SignedCall { key_id, timestamp, nonce, signature, body };
        let news = match self.partner.news(&call) {
            Ok(news) => news,
            Err(bad) => {
                tracing::warn!(%bad, "a callback that the funding partner has not made");
                return match bad {
                    BadNews::Signature => BAD_SIGNATURE,
                    BadNews::Stale => STALE,
                    BadNews::Malformed => MALFORMED,
                };
            }
        };
        match self.take(nonce, &news) {
            Ok(said) => said,
            Err(fault) => {
                tracing::warn!(%fault, "a callback could not be kept; it will come again");
                BUSY
            }
        }
    }

    /// Takes a callback that the partner has made, unless it has come before just so.
    fn take(&self, nonce: &str, news: &FundingNews) -> Result<Said, Fault> {
        let print = digest::of(&[b"funding call", nonce.as_bytes()]);
        let home = print.iter().take(4).fold(0, |sum, byte| sum * 256 + i64::from(*byte));
        let until = self.lending.clock().now().wall.plus_millis(self.partner.nonce_life_ms());
        let used = move |tx: &mut lending::Tx<'_, '_>| identity::use_signature(tx, &print, until);
        if !self.lending.write_and_wait(Route::home(home), used)? {
            return Ok(REPLAYED);
        }
        let (number, status) = (news.number.clone(), news.status.code());
        let news = news.clone();
        let hear = move |tx: &mut lending::Tx<'_, '_>| funding::hear(tx, &news);
        let heard = self.lending.write_and_wait(Route::home(home), hear)?;
        (self.wake)();
        Ok(match heard {
            Heard::Taken => TAKEN,
            Heard::Noted => {
                tracing::error!(number, status, "the funding partner contradicts our books");
                TAKEN
            }
            Heard::Strange => {
                tracing::error!(number, status, "a callback about what we never told");
                UNKNOWN
            }
        })
    }
}
