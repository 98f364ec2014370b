//! One request from its arrival to its log line.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode};

use super::{Guard, NO_CHANNEL};
use crate::metrics::{InFlight, Metrics};

/// What stands in the log for a client that left before its answer; as in nginx.
const CLIENT_LEFT: u16 = 499;

/// The route of requests that match none. Never the path itself: it may hold anything.
const NO_ROUTE: &str = "none";

/// A request that is being served. It is logged and counted when it leaves scope, even if the
/// client left before the answer.
pub(super) struct Visit {
    channel: &'static str,
    route: Option<MatchedPath>,
    method: &'static str,
    request_id: HeaderValue,
    started: Instant,
    status: u16,
    code: Option<HeaderValue>,
    metrics: Metrics,
    _in_flight: InFlight,
}

impl Visit {
    pub(super) fn begin(
        guard: &Guard,
        request: &Request,
        route: Option<&MatchedPath>,
        id: &HeaderValue,
    ) -> Self {
        Self {
            channel: guard.channel,
            route: route.cloned(),
            method: word(request.method()),
            request_id: id.clone(),
            started: Instant::now(),
            status: CLIENT_LEFT,
            code: None,
            metrics: guard.edge.metrics.clone(),
            _in_flight: guard.edge.metrics.begin(),
        }
    }

    /// Notes the answer: its status, and the channel's own code where it has one.
    pub(super) fn answered(&mut self, status: StatusCode, code: Option<&HeaderValue>) {
        self.status = status.as_u16();
        self.code = code.cloned();
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let route = self.route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
        let status = self.status.to_string();
        let code = self.code.as_ref().and_then(|code| code.to_str().ok()).unwrap_or(&status);
        self.metrics.answered(self.channel, route, code, took);

        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        let duration_ms = f64::from(micros) / 1000.0;
        let id = self.request_id.to_str().unwrap_or_default();
        // Probes and scrapes come every few seconds and say nothing.
        if self.channel == NO_CHANNEL && self.route.is_some() {
            tracing::debug!(
                method = self.method,
                route,
                channel = self.channel,
                status = self.status,
                code,
                duration_ms,
                request_id = id,
                "request"
            );
        } else {
            tracing::info!(
                method = self.method,
                route,
                channel = self.channel,
                status = self.status,
                code,
                duration_ms,
                request_id = id,
                "request"
            );
        }
    }
}

/// The method as it may be logged: clients can make up others, of any length.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
