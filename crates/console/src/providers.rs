//! How providers do: calls with latency and cost, and what was said, masked.

use channel_kit::route::Method;
use lending::Tx;
use lending::operators::{Operator, Right};
use lending::provider_calls::{self, Health, Kept, ProviderCall};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};
use crate::values::opt_time;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&HEALTH, health), route(&CALLS, calls)]
}

fn shown_health(health: &Health) -> Value {
    json!({
        "provider": health.provider,
        "failing": health.is_failing(),
        "calls_today": health.calls,
        "failed_today": health.failed,
        "mean_ms": health.mean_ms,
        "slowest_ms": health.slowest_ms,
        "cost_30_days": health.cost.to_string(),
        "answered_at": opt_time(health.answered_at),
        "failed_at": opt_time(health.failed_at),
    })
}

fn shown(call: &ProviderCall) -> Value {
    json!({
        "id": call.id.number().to_string(),
        "provider": call.provider,
        "call": call.call,
        "error": call.error,
        "latency_ms": call.latency_ms,
        "cost": call.cost.to_string(),
        "request": call.request,
        "answer": call.answer,
        "at": time(call.at),
    })
}

static HEALTH: Operation = Operation {
    method: Method::Get,
    path: "/console/api/providers",
    summary: "How each provider does: calls of the last 24 hours, cost of the last 30 days",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"provider":"lianlian","failing":false,"calls_today":12,"failed_today":0,"mean_ms":41,"slowest_ms":180,"cost_30_days":"2.40","answered_at":"2026-11-25T10:00:00+08:00","failed_at":null}],"sandbox":"http://127.0.0.1:8090/sandbox"}"#,
    ),
};

async fn health(console: Console, call: Call) -> Result<Reply, Failure> {
    let sandbox = console.settings.sandbox.clone();
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let items: Vec<_> = provider_calls::health(tx)?.iter().map(shown_health).collect();
        Ok(Reply::ok(&json!({ "items": items, "sandbox": sandbox })))
    };
    call.read(&console, read).await
}

static CALLS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/provider-calls",
    summary: "Calls to providers 外部调用, masked, the newest first; kept for 90 days",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("provider", "string", "only of this one, by its name"),
        query("failed", "boolean", "true: only those without an answer"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn calls(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let provider = call.query("provider").map(str::to_owned);
    let which = match call.query("failed") {
        None | Some("false") => Kept::All,
        Some("true") => Kept::Failed,
        Some(_) => return Err(Failure::field("failed")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = provider_calls::calls(tx, provider.as_deref(), which, page)?;
        Ok(Reply::list(&found.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}
