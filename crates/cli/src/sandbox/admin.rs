//! The sandbox's page, and the interface by which suites order faults.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use providers::sandbox::http::{Entry, Fault, FaultKind, Faults, Way};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Serving;

/// Entries that the interface gives at most.
const ENTRIES: usize = 500;

/// A fault, as the interface has it.
#[derive(Serialize, Deserialize)]
struct WireFault {
    call: String,
    kind: String,
    times: u32,
}

/// All of them; what is missing is empty.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireFaults {
    #[serde(default)]
    ordered: Vec<WireFault>,
    #[serde(default)]
    per_mille: u64,
    #[serde(default)]
    seed: u64,
}

pub(super) fn routes() -> Router<Serving> {
    Router::new()
        .route("/sandbox", get(page))
        .route("/sandbox/trace", get(trace))
        .route("/sandbox/faults", get(faults).post(set_faults))
}

async fn page(State(serving): State<Serving>) -> Html<String> {
    Html(serving.world.page())
}

async fn trace(State(serving): State<Serving>) -> Response {
    let entry = |entry: &Entry| {
        let way = match entry.way {
            Way::In => "in",
            Way::Out => "out",
        };
        json!({
            "at": entry.at.millis(), "way": way, "call": entry.call,
            "fault": entry.fault.map(FaultKind::word), "asked": entry.asked, "said": entry.said,
        })
    };
    let entries: Vec<_> = serving.world.trace(ENTRIES).iter().map(entry).collect();
    axum_json(&json!({ "entries": entries, "callbacks_waiting": serving.world.waiting() }))
}

async fn faults(State(serving): State<Serving>) -> Response {
    let Faults { ordered, per_mille, seed } = serving.world.faults();
    let wire = |Fault { call, kind, times }| WireFault { call, kind: kind.word().into(), times };
    let ordered = ordered.into_iter().map(wire).collect();
    match serde_json::to_value(WireFaults { ordered, per_mille, seed }) {
        Ok(value) => axum_json(&value),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// JSON takes the place of what was ordered; the form of the page adds one.
async fn set_faults(State(serving): State<Serving>, headers: HeaderMap, body: String) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return match add(&serving, &body) {
            Some(()) => Redirect::to("/sandbox").into_response(),
            None => StatusCode::BAD_REQUEST.into_response(),
        };
    }
    let Ok(wire) = serde_json::from_str::<WireFaults>(&body) else {
        return (StatusCode::BAD_REQUEST, "no faults").into_response();
    };
    let read = |fault: WireFault| {
        let kind = FaultKind::parse(&fault.kind)?;
        Some(Fault { call: fault.call, kind, times: fault.times })
    };
    let Some(ordered) = wire.ordered.into_iter().map(read).collect() else {
        return (StatusCode::BAD_REQUEST, "no such kind of fault").into_response();
    };
    let (per_mille, seed) = (wire.per_mille, wire.seed);
    serving.world.set_faults(Faults { ordered, per_mille, seed });
    StatusCode::NO_CONTENT.into_response()
}

fn add(serving: &Serving, body: &str) -> Option<()> {
    let field = |name: &str| {
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let call = field("call")?.replace("%2A", "*");
    let kind = FaultKind::parse(field("kind")?)?;
    let mut faults = serving.world.faults();
    faults.ordered.push(Fault { call, kind, times: field("times")?.parse().ok()? });
    serving.world.set_faults(faults);
    Some(())
}

fn axum_json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
