//! The door at which LianLian tells what became of orders: verified, matched with our order, booked
//! once, and acknowledged.
//!
//! News that cannot be matched is not acknowledged: it comes again, and stands in the log.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use lending::Lending;
use providers::lianlian::{LianLian, refusal};

use crate::dispatcher::Waker;
use crate::edge::Door;

/// Where news come in.
pub const PATH: &str = "/providers/lianlian/notify";
/// The name in logs and metrics.
pub const NAME: &str = "lianlian";

#[derive(Clone)]
struct Listening {
    lianlian: Arc<LianLian>,
    lending: Lending,
    wake: Waker,
}

/// The door.
pub fn door(lianlian: Arc<LianLian>, lending: Lending, wake: Waker) -> Door {
    let router =
        Router::new().route(PATH, post(hear)).with_state(Listening { lianlian, lending, wake });
    let busy = || said(StatusCode::SERVICE_UNAVAILABLE, refusal());
    Door { name: NAME, router, busy: Arc::new(busy) }
}

async fn hear(State(listening): State<Listening>, body: String) -> Response {
    let heard = tokio::task::spawn_blocking(move || {
        let said = channel_kit::news::hear(&listening.lending, &*listening.lianlian, &body);
        (listening.wake)();
        said
    });
    said(StatusCode::OK, heard.await.unwrap_or(refusal()))
}

fn said(status: StatusCode, text: &'static str) -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, kind)], text).into_response()
}
