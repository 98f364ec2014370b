//! What stands around every channel: request ids, the customer's address, the time limit, one
//! log line and the metrics of each request; and the pages that belong to no channel.
//!
//! No rule and no word of a protocol is here: a channel brings its own answer for "busy".

mod address;
mod visit;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tracing::Instrument as _;

use crate::metrics::{self, Metrics};
use visit::Visit;

/// The id of a request, theirs or ours: in the request, in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The channel's own code of an answer, for log and metrics. It does not leave the platform.
pub const ANSWER_CODE: HeaderName = HeaderName::from_static("x-answer-code");

/// The longest request id that is taken over from a client.
const LONGEST_ID: usize = 64;

/// The name under which requests outside all doors are logged and counted.
const NO_CHANNEL: &str = "none";

/// Whether the platform can serve, asked anew each time.
pub type Ready = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// The answer of a channel when the platform cannot answer.
pub type Busy = Arc<dyn Fn() -> Response + Send + Sync>;

/// A channel with its place: its routes carry their full paths.
pub struct Door {
    /// The channel's word, for log and metrics.
    pub name: &'static str,
    /// Its routes. Its fallback is not used: a channel that answers unknown paths under its
    /// prefix has a wildcard route for them.
    pub router: Router,
    /// Its answer when a request takes too long or a handler panics.
    pub busy: Busy,
}

/// What [`compose`] needs to know. Clones share metrics and readiness, for a second port.
#[derive(Clone)]
pub struct Edge {
    /// Where requests are counted.
    pub metrics: Metrics,
    /// What `/readyz` asks.
    pub ready: Ready,
    /// How long a request may take.
    pub request_limit: Duration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// The addresses on the front page: path, and what is there.
    pub index: Vec<(String, String)>,
}

/// What the middleware of one door knows.
struct Guard {
    channel: &'static str,
    busy: Busy,
    edge: Arc<Edge>,
}

/// One router of all doors and the pages of the platform: `/`, `/healthz`, `/readyz`, `/metrics`.
///
/// Each request carries an extension [`IpAddr`](std::net::IpAddr), the customer's address, and a
/// header `x-request-id`. Doors whose paths collide are a mistake in the program: it panics.
pub fn compose(doors: Vec<Door>, edge: Edge) -> Router {
    let edge = Arc::new(edge);
    let guarded = |channel, busy, router: Router| {
        let guard = Arc::new(Guard { channel, busy, edge: Arc::clone(&edge) });
        router.layer(from_fn_with_state(guard, pass))
    };
    let mut all = guarded(NO_CHANNEL, Arc::new(unavailable), pages(&edge));
    for door in doors {
        all = all.merge(guarded(door.name, door.busy, door.router.reset_fallback()));
    }
    all
}

fn pages(edge: &Arc<Edge>) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .fallback(async || (StatusCode::NOT_FOUND, "there is nothing here\n"))
        .with_state(Arc::clone(edge))
}

fn unavailable() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "busy\n").into_response()
}

async fn front(State(edge): State<Arc<Edge>>) -> String {
    let width = edge.index.iter().map(|(path, _)| path.len()).max().unwrap_or_default();
    let line = |(path, what): &(String, String)| format!("{path:width$}  {what}\n");
    format!("借还 Jiehuan\n\n{}", edge.index.iter().map(line).collect::<String>())
}

async fn ready(State(edge): State<Arc<Edge>>) -> Response {
    if (edge.ready)().await {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response()
    }
}

async fn figures(State(edge): State<Arc<Edge>>) -> Response {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], edge.metrics.text()).into_response()
}

/// Takes a request through its door and the answer back out.
async fn pass(
    State(guard): State<Arc<Guard>>,
    route: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers());
    let customer = address::of_customer(&request, &guard.edge.trusted_proxies);
    request.extensions_mut().insert(customer);
    request.headers_mut().insert(REQUEST_ID, id.clone());

    let mut visit = Visit::begin(&guard, &request, route.as_ref(), &id);
    let span = tracing::error_span!("request", request_id = id.to_str().unwrap_or_default());
    let answer = run(&guard, next, request).instrument(span).await;
    let mut response = answer.unwrap_or_else(|| (guard.busy)());

    let code = response.headers_mut().remove(ANSWER_CODE);
    visit.answered(response.status(), code.as_ref());
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The handler's answer, unless it panics or takes too long.
async fn run(guard: &Guard, next: Next, request: Request) -> Option<Response> {
    let mut handler = pin!(next.run(request));
    // A panic ends this request alone: the handler is dropped, never polled again, and what it
    // shares with others is behind locks and queues that stand it. The panic hook logs it.
    let unwound = std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context))) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        }
    });
    let Ok(answer) = tokio::time::timeout(guard.edge.request_limit, unwound).await else {
        tracing::warn!("request took too long");
        return None;
    };
    answer
}

/// The client's own id if it is harmless, otherwise a random one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let theirs = headers.get(REQUEST_ID).filter(|id| {
        (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().copied().all(harmless)
    });
    theirs.cloned().unwrap_or_else(|| {
        let random = getrandom::u64().unwrap_or_default();
        HeaderValue::try_from(format!("{random:016x}"))
            .unwrap_or_else(|_| HeaderValue::from_static("none"))
    })
}

#[cfg(test)]
mod tests;
