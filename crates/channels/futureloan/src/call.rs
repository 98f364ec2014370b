//! One call as handlers get it, and the way from the router to them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::RequestPartsExt as _;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use channel_kit::body::BodyError;
use channel_kit::route::{Method, Operation};
use channel_kit::{body, digest};
use lending::identity::Caller;
use lending::{Page, kept};

use crate::auth::{self, Media, Proof};
use crate::envelope::Reply;
use crate::failure::{BAD_REQUEST, BODY_TOO_LARGE, Failure, KEY_MALFORMED, KEY_REUSED, NO_HANDLER};
use crate::{CHANNEL, Futureloan, Route};

/// Characters of an idempotency key at most.
const KEY_CHARACTERS: usize = 255;
/// Rows of a page when the client does not say.
const PAGE_SIZE: i64 = 10;

/// A call that has been let in.
pub(crate) struct Call {
    /// How it shows who makes it.
    pub(crate) media: Media,
    /// Who makes it. Open calls have no caller.
    pub(crate) caller: Caller,
    /// The body, as it came.
    pub(crate) body: Bytes,
    path: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    /// Where it came from.
    pub(crate) address: String,
    key: Option<String>,
}

/// Puts a handler behind the way in.
pub(crate) fn route<H, F>(operation: &'static Operation, handler: H) -> Route
where
    H: Fn(Futureloan, Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Failure>> + Send + 'static,
{
    let filter = match operation.method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Put => MethodFilter::PUT,
    };
    let handler: MethodRouter<Futureloan> =
        on(filter, move |State(channel): State<Futureloan>, request: Request| async move {
            let result = match Call::take(&channel, operation, request).await {
                Ok(call) => handler(channel.clone(), call).await,
                Err(failure) => Err(failure),
            };
            channel.respond(&result)
        });
    Route { operation, handler }
}

/// No such path, or not with this method (1004); no log-in is needed to learn that.
pub(crate) async fn no_handler(
    State(channel): State<Futureloan>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let place = format!("{} {}", request.method(), uri.path());
    channel.respond(&Err(Failure::with(NO_HANDLER, &place)))
}

impl Call {
    async fn take(
        channel: &Futureloan,
        operation: &'static Operation,
        request: Request,
    ) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let media = Media::of(channel, &parts.headers)?;
        let body = body::read(body, channel.settings.body_limit).await.map_err(|error| {
            Failure::from(match error {
                BodyError::TooLarge => BODY_TOO_LARGE,
                BodyError::Broken => BAD_REQUEST,
            })
        })?;
        let query = parts.extract::<Query<BTreeMap<String, String>>>().await;
        let caller = if operation.protected {
            let changes = operation.method != Method::Get;
            let signed = query.as_ref().ok().map(|Query(query)| {
                let get = |name| query.get(name).cloned().unwrap_or_default();
                (get("timestamp"), get("sign"))
            });
            let query = if changes { None } else { Some(signed.unwrap_or_default()) };
            let headers = &parts.headers;
            auth::caller(channel, Proof { media, headers, body: &body, query, changes }).await?
        } else {
            Caller::Anyone
        };
        let Query(query) = query.map_err(|_| BAD_REQUEST)?;
        let path = parts.extract::<Path<BTreeMap<String, String>>>().await;
        let Path(path) = path.map_err(|_| BAD_REQUEST)?;
        let address = parts.extensions.get::<IpAddr>().map(ToString::to_string);
        let key = key(&parts.headers)?;
        Ok(Self { media, caller, body, path, query, address: address.unwrap_or_default(), key })
    }

    /// The number in the path, if it is one: plain digits.
    pub(crate) fn id(&self) -> Option<i64> {
        let text = self.path.get("id")?;
        text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
    }

    /// The page that is asked for.
    pub(crate) fn page(&self) -> Result<Page, Failure> {
        let read = |name: &str, default: i64| match self.query.get(name).map(|text| text.trim()) {
            None | Some("") => Some(default),
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
                Some(text.parse().unwrap_or(i64::MAX)) // beyond 64 bits: past any end
            }
            Some(_) => None,
        };
        let page = read("pageIndex", 1).zip(read("pageSize", PAGE_SIZE));
        Ok(page.and_then(|(number, size)| Page::new(number, size)).ok_or(BAD_REQUEST)?)
    }

    /// The idempotency key, if the client gave one: bound to the caller, with what the request
    /// says.
    pub(crate) fn key(&self, said: &str) -> Option<kept::Key> {
        let member = match self.caller {
            Caller::Anyone => 0,
            Caller::Bearer { member, .. } => member.number(),
        };
        let scope = format!("{} {member}", CHANNEL.word());
        self.key.as_ref().map(|key| kept::Key {
            key: digest::of(&[scope.as_bytes(), key.as_bytes()]),
            request: digest::of(&[said.as_bytes()]),
        })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| KEY_MALFORMED)?.trim();
    let good = !text.is_empty() && text.len() <= KEY_CHARACTERS;
    if good { Ok(Some(text.to_owned())) } else { Err(KEY_MALFORMED.into()) }
}

/// Answers a kept answer.
pub(crate) fn kept(answer: kept::Answer) -> Result<Reply, Failure> {
    match answer {
        kept::Answer::Kept(body) => Ok(Reply::Body(body)),
        kept::Answer::OtherRequest => Err(KEY_REUSED.into()),
    }
}
