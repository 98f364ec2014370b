//! The lane of statements: asked of the payment provider, written down, compared.

use std::sync::Arc;

use kernel::Date;
use lending::audit::Actor;
use lending::ports::{StatementOutcome, Statements};
use lending::reconciliation::{self, LINES_AT_ONCE, MOST_LINES};
use lending::{Fault, Lending, Route};

use super::Lane;

/// Who a statement is from, in the audit trail.
const PROVIDER: Actor = Actor::Provider("payment");

/// Asks a provider for statements, and has them compared.
pub struct StatementLane {
    lending: Lending,
    provider: Arc<dyn Statements>,
}

impl StatementLane {
    /// Compares what a core has ordered with what a provider says.
    pub fn new(lending: Lending, provider: Arc<dyn Statements>) -> Self {
        Self { lending, provider }
    }
}

impl Lane for StatementLane {
    type Task = Date;
    type Outcome = StatementOutcome;

    fn claim(&self, limit: u32) -> Result<Vec<Date>, Fault> {
        // A look costs no turn of the writer's.
        if !self.lending.read_and_wait(reconciliation::has_due)? {
            return Ok(Vec::new());
        }
        self.lending.write_and_wait(Route::home(0), move |tx| reconciliation::due(tx, limit))
    }

    fn call(&self, day: &Date) -> StatementOutcome {
        match self.provider.statement(*day) {
            StatementOutcome::Lines(lines) if lines.len() > MOST_LINES => {
                tracing::error!(%day, lines = lines.len(), "the statement is too long");
                StatementOutcome::Unknown
            }
            outcome @ (StatementOutcome::Lines(_)
            | StatementOutcome::NotYet
            | StatementOutcome::Unknown) => outcome,
        }
    }

    fn unknown(&self) -> StatementOutcome {
        StatementOutcome::Unknown
    }

    fn record(&self, day: &Date, outcome: &StatementOutcome) -> Result<(), Fault> {
        let (lending, day) = (&self.lending, *day);
        let StatementOutcome::Lines(lines) = outcome else {
            let write = move |tx: &mut lending::Tx<'_, '_>| reconciliation::not_given(tx, day);
            return lending.write_and_wait(Route::home(0), write);
        };
        lending.write_and_wait(Route::home(0), move |tx| reconciliation::begin(tx, day))?;
        let mut first = 0;
        for chunk in lines.chunks(LINES_AT_ONCE) {
            let chunk = chunk.to_vec();
            let count = chunk.len();
            let load =
                move |tx: &mut lending::Tx<'_, '_>| reconciliation::load(tx, day, first, &chunk);
            lending.write_and_wait(Route::home(0), load)?;
            first = first.saturating_add(count);
        }
        let compare =
            move |tx: &mut lending::Tx<'_, '_>| reconciliation::compare(tx, PROVIDER, day);
        let statement = lending.write_and_wait(Route::home(0), compare)?;
        if statement.open > 0 {
            tracing::warn!(%day, open = statement.open, "the provider's statement differs");
        }
        Ok(())
    }
}
