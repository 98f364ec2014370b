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
use kernel::id::PaymentId;
use lending::ports::MoneyOutcome;
use lending::servicing::payments;
use lending::{Fault, Lending, Route};
use providers::lianlian::{LianLian, Notice, acknowledgement, refusal};

use crate::dispatcher::Waker;
use crate::edge::Door;

/// Where news come in.
pub const PATH: &str = "/providers/lianlian/notify";
/// The name in logs and metrics.
pub const NAME: &str = "lianlian";
/// Digits of the time, behind which an order number holds the id of the order.
const TIME_DIGITS: usize = 14;

/// What became of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Booked, or booked before, or nothing new: it need not come again.
    Taken,
    /// We have no such order, or not about this amount: a person has to look.
    Strange,
}

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
        let Some(notice) = listening.lianlian.read_notice(&body) else {
            tracing::warn!("a notification that LianLian has not signed");
            return None;
        };
        let heard = take(&listening.lending, &notice);
        (listening.wake)();
        match heard {
            Ok(Heard::Taken) => Some(()),
            Ok(Heard::Strange) => {
                let order_no = notice.order_no;
                tracing::error!(order_no, "a notification about an order that we do not know so");
                None
            }
            Err(fault) => {
                tracing::warn!(%fault, "a notification could not be booked; it will come again");
                None
            }
        }
    });
    match heard.await {
        Ok(Some(())) => said(StatusCode::OK, acknowledgement()),
        Ok(None) | Err(_) => said(StatusCode::OK, refusal()),
    }
}

fn said(status: StatusCode, text: &'static str) -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(CONTENT_TYPE, kind)], text).into_response()
}

/// Books news about an order. Those that come twice, too late or before the answer change nothing
/// that is decided; those that say nothing yet change nothing at all.
pub fn take(lending: &Lending, notice: &Notice) -> Result<Heard, Fault> {
    let number = notice.order_no.get(TIME_DIGITS..).and_then(|id| id.parse().ok());
    let Some(number) = number else { return Ok(Heard::Strange) };
    let id = PaymentId::from_number(number);
    let notice = notice.clone();
    let write = move |tx: &mut lending::Tx<'_, '_>| {
        let Some(payment) = payments::payment(tx, id)? else { return Ok(Heard::Strange) };
        if payment.order_no != notice.order_no || payment.amount != notice.amount {
            return Ok(Heard::Strange);
        }
        match notice.outcome {
            // An order that is under way is the dispatcher's: a claim must not be taken from it.
            MoneyOutcome::Unknown | MoneyOutcome::NoRecord => {}
            MoneyOutcome::Done | MoneyOutcome::Declined(_) => {
                payments::finish(tx, id, &notice.outcome)?;
            }
        }
        Ok::<_, Fault>(Heard::Taken)
    };
    lending.write_and_wait(Route::home(number), write)
}
