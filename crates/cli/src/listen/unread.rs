//! What a handler left unread of a request: read and thrown away before the answer leaves.
//!
//! Without this a client that is still sending would find its connection broken, or closed under
//! its next request, although the answer did not announce it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, EXPECT, HeaderValue};
use hyper::{Request, Response};
use tokio::time::timeout;

/// So much of a body is thrown away; then the connection is closed.
const DRAINED_BYTES: usize = 32 * 1024 * 1024;
/// How long the rest of a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that outlives the handler it is given to.
#[derive(Clone)]
struct Shared(Arc<Mutex<Incoming>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Incoming> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut *self.lock()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().size_hint()
    }
}

/// The rest of a request's body, if it had one.
pub(super) struct Unread {
    body: Option<Shared>,
    /// The client sends its body only when asked to, so it is not asked.
    awaits_leave: bool,
}

impl Unread {
    /// Gives the request to be handled, and keeps a hand on its body.
    pub(super) fn of(request: Request<Incoming>) -> (Request<Body>, Self) {
        let awaits_leave = request.headers().contains_key(EXPECT);
        let (head, body) = request.into_parts();
        if body.is_end_stream() {
            return (Request::from_parts(head, Body::empty()), Self { body: None, awaits_leave });
        }
        let body = Shared(Arc::new(Mutex::new(body)));
        let request = Request::from_parts(head, Body::new(body.clone()));
        (request, Self { body: Some(body), awaits_leave })
    }

    /// Reads what is left, within bounds; where something stays, the answer says that the
    /// connection ends.
    pub(super) async fn settle<B>(self, response: &mut Response<B>) {
        let Some(body) = self.body.filter(|body| !body.is_end_stream()) else { return };
        let is_drained =
            !self.awaits_leave && timeout(PATIENCE, drain(body)).await.unwrap_or(false);
        if !is_drained {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether the end of the body was reached.
async fn drain(mut body: Shared) -> bool {
    let mut drained = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        drained = drained.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if drained > DRAINED_BYTES {
            return false;
        }
    }
    true
}
