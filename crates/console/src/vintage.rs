//! Vintage curves.

use channel_kit::route::Method;
use lending::Tx;
use lending::operators::{Operator, Right};
use lending::vintage::{self, Cohort};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation};
use crate::reply::Reply;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&CURVES, curves)]
}

static CURVES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/vintage",
    summary: "Vintage curves 账龄曲线: of the principal of each month, how much was ever 30+ days late",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"today":"2026-11-25","months":[{"month":"2026-09","loans":12,"principal":"36000.00","late":["0.00","4.17"]}]}"#,
    ),
};

fn shown(cohort: &Cohort) -> Value {
    let month = cohort.month.to_string();
    let shares = cohort.shares();
    let percents = shares.iter().map(|share| format!("{}.{:02}", share / 100, share % 100));
    json!({
        "month": month.get(..7).unwrap_or(&month),
        "loans": cohort.loans,
        "principal": cohort.principal.to_string(),
        "late": percents.collect::<Vec<_>>(),
    })
}

async fn curves(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = |tx: &mut Tx<'_, '_>, _: &Operator| {
        let today = tx.at().business.date();
        let all = vintage::curves(tx)?;
        Ok(Reply::ok(&json!({
            "today": today.to_string(),
            "months": all.iter().map(shown).collect::<Vec<_>>(),
        })))
    };
    call.read(&console, read).await
}
