//! Day-ends and the business clock.

use channel_kit::route::Method;
use kernel::Date;
use lending::audit::{self, Subject};
use lending::clock::MOST_ADVANCE_MS;
use lending::operators::{Operator, Right};
use lending::servicing::day_end::{self, Progress};
use lending::{Fault, Lending, Route as Home, Tx, platform};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{CLOCK_FIXED, Failure};
use crate::operation::{Access, Operation, PAGE, SIZE, optional};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&FAILURES, failures),
        route(&RUN, run),
        route(&CLOCK, clock),
        route(&ADVANCE, advance),
    ]
}

/// How long one call works on day-ends, by the wall: well within the time of a request. What is
/// left is for the next call, or for the server's own jobs.
const RUN_MS: i64 = 5_000;
/// Loans of one step: few enough for the time to be looked at often.
const LOANS_PER_STEP: u32 = 1_000;

/// What the answers show of a day-end.
pub(crate) fn shown(progress: &Progress) -> Value {
    json!({
        "day": progress.day.to_string(),
        "phase": progress.phase.word(),
        "loans": progress.loans,
        "worked": progress.worked,
        "failed": progress.failed,
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/day-ends",
    summary: "Day-ends 日终, the newest first, and how far they have come",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"day":"2026-11-25","phase":"done","loans":12,"worked":12,"failed":0}],"size":20}"#,
    ),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let days = day_end::days(tx, page)?;
        Ok(Reply::list(&days.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static FAILURES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/day-ends/{day}/failures",
    summary: "Loans that a day-end has passed over, and why",
    access: Access::With(Right::SeeRecords),
    fields: &[channel_kit::route::Field {
        name: "day",
        place: channel_kit::route::Place::Path,
        kind: "string",
        required: true,
        about: "YYYY-MM-DD",
    }],
    refusals: &[],
    success: (200, r#"{"items":[{"loan_id":7,"phase":"accrue","reason":"…"}]}"#),
};

async fn failures(console: Console, call: Call) -> Result<Reply, Failure> {
    let day = call.path("day").and_then(Date::parse).ok_or_else(|| Failure::field("day"))?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let failures = day_end::failures(tx, day)?;
        let items = failures.iter().map(|failure| {
            json!({
                "loan_id": failure.loan.number(),
                "phase": failure.phase.word(),
                "reason": failure.reason,
            })
        });
        Ok(Reply::ok(&json!({ "items": items.collect::<Vec<_>>() })))
    };
    call.read(&console, read).await
}

static RUN: Operation = Operation {
    method: Method::Post,
    path: "/console/api/day-ends/run",
    summary: "Work on the day-ends that are due, for a few seconds at most",
    access: Access::With(Right::RunDayEnd),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"up_to_date":true,"waiting":false,"steps":6,"failed":0,"last":{"day":"2026-11-25","phase":"done","loans":12,"worked":12,"failed":0}}"#,
    ),
};

async fn run(console: Console, call: Call) -> Result<Reply, Failure> {
    let note = |tx: &mut Tx<'_, '_>, operator: &Operator| {
        audit::note(tx, operator.actor(), "day_end.asked_for", Subject::Platform, "")?;
        Ok(Reply::ok(&json!({})))
    };
    call.write_unkeyed(&console, Home::home(0), note).await?;
    Ok(console.app.apart(work).await?)
}

/// Works until nothing is due or the time is up, and says how far it came.
fn work(lending: &Lending) -> Result<Reply, Fault> {
    let until = lending.clock().now().wall.plus_millis(RUN_MS);
    let mut last = None;
    let run = day_end::run(lending, Some(LOANS_PER_STEP), |progress| {
        last = Some(*progress);
        lending.clock().now().wall < until
    })?;
    let due = lending.read_and_wait(day_end::is_due)?;
    Ok(Reply::ok(&json!({
        "up_to_date": !due,
        "waiting": run.waiting,
        "steps": run.steps,
        "failed": run.failed,
        "last": last.as_ref().map(shown),
    })))
}

static CLOCK: Operation = Operation {
    method: Method::Get,
    path: "/console/api/clock",
    summary: "The business clock 业务时钟 and the wall clock",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"business":"2026-11-25T10:00:00+08:00","business_day":"2026-11-25","wall":"2026-11-25T10:00:00+08:00","movable":false}"#,
    ),
};

async fn clock(console: Console, call: Call) -> Result<Reply, Failure> {
    let movable = console.settings.movable_clock;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let at = tx.at();
        Ok(Reply::ok(&json!({
            "business": time(at.business),
            "business_day": at.business.date().to_string(),
            "wall": time(at.wall),
            "movable": movable,
        })))
    };
    call.read(&console, read).await
}

static ADVANCE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/clock/advance",
    summary: "Move the business clock of a bench forward, by 400 days at most",
    access: Access::With(Right::RunDayEnd),
    fields: &[
        optional("days", "integer", "so many days"),
        optional("hours", "integer", "and so many hours"),
        optional("minutes", "integer", "and so many minutes"),
    ],
    refusals: &[CLOCK_FIXED],
    success: (
        200,
        r#"{"business":"2026-12-25T10:00:00+08:00","business_day":"2026-12-25","wall":"2026-11-25T10:00:00+08:00"}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceBody {
    #[serde(default)]
    days: u32,
    #[serde(default)]
    hours: u32,
    #[serde(default)]
    minutes: u32,
}

impl AdvanceBody {
    fn millis(&self) -> Option<u64> {
        let minutes = u64::from(self.days)
            .checked_mul(1440)?
            .checked_add(u64::from(self.hours).checked_mul(60)?)?
            .checked_add(u64::from(self.minutes))?;
        let millis = minutes.checked_mul(60_000)?;
        (1..=MOST_ADVANCE_MS).contains(&millis).then_some(millis)
    }
}

async fn advance(console: Console, call: Call) -> Result<Reply, Failure> {
    if !console.settings.movable_clock {
        return Err(CLOCK_FIXED.into());
    }
    let message: AdvanceBody = call.message()?;
    let millis = message.millis().ok_or_else(|| Failure::field("days"))?;
    let by = i64::try_from(millis).map_err(|_| Failure::field("days"))?;
    let advance = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        platform::advance_clock(tx, operator.actor(), millis)?;
        let business = tx.at().business.plus_millis(by);
        Ok(Reply::ok(&json!({
            "business": time(business),
            "business_day": business.date().to_string(),
            "wall": time(tx.at().wall),
        })))
    };
    let answer = call.write(&console, Home::home(0), advance).await;
    console.app.apart(Lending::follow_clock).await?;
    answer
}
