//! Periods of the books, and closing them.

use channel_kit::route::Method;
use kernel::id::OperatorId;
use lending::ledger::periods::{self, CloseError, Period, PeriodState, Standing};
use lending::operators::{Operator, Right};
use lending::{Lending, Route as Home, Tx, ledger};
use serde_json::{Value, json};

use crate::Console;
use crate::books::trial_lines;
use crate::call::{Call, Route, route};
use crate::failure::{
    DAY_ENDS_OPEN, EARLIER_OPEN, Failure, NO_SUCH_PERIOD, PERIOD_CLOSED, PERIOD_NOT_OVER,
};
use crate::operation::{Access, ID, Operation, PAGE, SIZE};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&ONE, one), route(&CLOSE, close)]
}

impl From<CloseError> for Failure {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::NothingPosted => NO_SUCH_PERIOD.into(),
            CloseError::Closed => PERIOD_CLOSED.into(),
            CloseError::EarlierOpen(period) => Self::with(EARLIER_OPEN, &period.to_string()),
            CloseError::NotOver => PERIOD_NOT_OVER.into(),
            CloseError::DayEndsOpen(done) => {
                let done = done.map_or_else(|| "—".to_owned(), |day| day.to_string());
                Self::with(DAY_ENDS_OPEN, &done)
            }
            CloseError::Fault(fault) => fault.into(),
        }
    }
}

/// The period of the path.
fn period(call: &Call) -> Result<Period, Failure> {
    Ok(call.path("id").and_then(Period::parse).ok_or(NO_SUCH_PERIOD)?)
}

fn shown(standing: &Standing) -> Value {
    let closing = standing.closing.as_ref();
    json!({
        "id": standing.period.to_string(),
        "state": standing.state.word(),
        "transfers": standing.transfers,
        "closed_by": closing.map(|closing| OperatorId::number(closing.by)),
        "closed_at": closing.map(|closing| time(closing.at)),
        "digest": closing.map(|closing| closing.digest.clone()),
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/periods",
    summary: "Periods of the books 会计期间: months, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"id":"2026-11","state":"running","transfers":120,"closed_by":null,"closed_at":null,"digest":null}],"size":20}"#,
    ),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = periods::periods(tx, page)?;
        Ok(Reply::list(&found.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

/// A period with its trial balance: as it was kept, where it is closed.
fn with_lines(tx: &mut Tx<'_, '_>, period: Period) -> Result<Value, Failure> {
    let standing = periods::period(tx, period)?.ok_or(NO_SUCH_PERIOD)?;
    let figures = match standing.state {
        PeriodState::Closed => periods::kept_figures(tx, period)?,
        PeriodState::Running | PeriodState::Over => ledger::figures(tx, period.days())?,
    };
    let (lines, balanced) = trial_lines(&figures);
    Ok(json!({ "period": shown(&standing), "balanced": balanced, "trial_balance": lines }))
}

const PERIOD: &str = r#"{"period":{"id":"2026-10","state":"closed","transfers":120,"closed_by":4,"closed_at":"2026-11-02T10:00:00+08:00","digest":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},"balanced":true,"trial_balance":[]}"#;

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/periods/{id}",
    summary: "One period with its trial balance; of a closed one as it was kept",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_PERIOD],
    success: (200, PERIOD),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let period = period(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| Ok(Reply::ok(&with_lines(tx, period)?));
    call.read(&console, read).await
}

static CLOSE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/ledger/periods/{id}/close",
    summary: "Close a period 关账: its trial balance is kept, and nothing is posted into it any more",
    access: Access::With(Right::ClosePeriods),
    fields: &[ID],
    refusals: &[NO_SUCH_PERIOD, PERIOD_CLOSED, EARLIER_OPEN, PERIOD_NOT_OVER, DAY_ENDS_OPEN],
    success: (200, PERIOD),
};

async fn close(console: Console, call: Call) -> Result<Reply, Failure> {
    let period = period(&call)?;
    let write = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        periods::close(tx, operator.id, period)?;
        Ok(Reply::ok(&with_lines(tx, period)?))
    };
    let answer = call.write(&console, Home::home(0), write).await;
    console.app.apart(Lending::follow_clock).await?;
    answer
}
