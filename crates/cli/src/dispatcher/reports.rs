//! The lane of tasks at data providers: each step is claimed, put to the provider, and answered.

use std::sync::Arc;

use lending::ports::{Data, DataAnswer};
use lending::reports::{self, Claimed, ProviderAnswer};
use lending::{Fault, Lending, Route};

use super::Lane;

/// Drives the tasks of a core by a provider.
pub struct ReportLane {
    lending: Lending,
    provider: Arc<dyn Data>,
}

impl ReportLane {
    /// Drives what a core has begun.
    pub fn new(lending: Lending, provider: Arc<dyn Data>) -> Self {
        Self { lending, provider }
    }
}

impl Lane for ReportLane {
    type Task = Claimed;
    type Outcome = ProviderAnswer;

    fn claim(&self, limit: u32) -> Result<Vec<Claimed>, Fault> {
        // A look costs no turn of the writer's.
        if !self.lending.read_and_wait(reports::has_due)? {
            return Ok(Vec::new());
        }
        self.lending.write_and_wait(Route::home(0), move |tx| reports::claim_due(tx, limit))
    }

    fn call(&self, task: &Claimed) -> ProviderAnswer {
        task.step.ask(&*self.provider)
    }

    fn unknown(&self) -> ProviderAnswer {
        ProviderAnswer::Said(DataAnswer::Unknown)
    }

    fn record(&self, task: &Claimed, outcome: &ProviderAnswer) -> Result<(), Fault> {
        let (claim, answer) = (task.claim, outcome.clone());
        let route = Route::home(claim.task.number());
        let advance =
            move |tx: &mut lending::Tx<'_, '_>| reports::advance(tx, claim, &answer).map(|_| ());
        self.lending.write_and_wait(route, advance)
    }
}
