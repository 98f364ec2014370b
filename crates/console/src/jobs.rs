//! What works by itself behind the doors.

use channel_kit::route::Method;
use lending::Tx;
use lending::operators::{Operator, Right};
use lending::overview;
use serde_json::json;

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation};
use crate::reply::Reply;
use crate::values::opt_time;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list)]
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/jobs",
    summary: "Background work 后台任务: what waits in each lane, and when the first of it is due",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (200, r#"{"items":[{"job":"payments","waiting":0,"next_at":null}],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = |tx: &mut Tx<'_, '_>, _: &Operator| {
        let lanes = overview::lanes(tx)?;
        let items: Vec<_> = lanes
            .iter()
            .map(|lane| {
                json!({
                    "job": lane.job,
                    "waiting": lane.waiting,
                    "next_at": opt_time(lane.next_at),
                })
            })
            .collect();
        Ok(Reply::ok(&json!({ "items": items, "size": 20 })))
    };
    call.read(&console, read).await
}
