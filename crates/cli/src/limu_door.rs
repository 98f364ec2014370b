//! The door at which Limu says that a task has something new. Its callbacks are not signed, so all
//! that is believed is which task to look at; what it has come to is asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Router, http::HeaderValue, http::header::CONTENT_TYPE};
use lending::{Lending, Route, reports};
use providers::limu::{ACKNOWLEDGED, called_back};

use crate::dispatcher::Waker;
use crate::edge::Door;

/// Where callbacks come in.
pub const PATH: &str = "/providers/limu/callback";
/// The name in logs and metrics.
pub const NAME: &str = "limu";

#[derive(Clone)]
struct Listening {
    lending: Lending,
    wake: Waker,
}

/// The door.
pub fn door(lending: Lending, wake: Waker) -> Door {
    let router = Router::new().route(PATH, post(hear)).with_state(Listening { lending, wake });
    let busy = || (StatusCode::SERVICE_UNAVAILABLE, "busy").into_response();
    Door { name: NAME, router, busy: Arc::new(busy) }
}

/// Whoever calls learns nothing: a task that is not known is heard like any other.
async fn hear(State(listening): State<Listening>, body: String) -> Response {
    let Some(handle) = called_back(&body) else {
        return (StatusCode::BAD_REQUEST, "no token").into_response();
    };
    let heard = tokio::task::spawn_blocking(move || {
        let hint =
            listening.lending.write_and_wait(Route::home(0), move |tx| reports::hint(tx, &handle));
        if matches!(hint, Ok(true)) {
            (listening.wake)();
        }
        hint.is_ok()
    });
    if heard.await.unwrap_or(false) {
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        ([(CONTENT_TYPE, kind)], ACKNOWLEDGED).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "busy").into_response()
    }
}
