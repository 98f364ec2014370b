//! The lane of the funding partner: what it is to be told or asked is claimed, put to it, and
//! answered.

use std::sync::Arc;

use lending::funding::{self, Claimed};
use lending::ports::{Funding, FundingAnswer};
use lending::{Fault, Lending, Route, Tx};

use super::Lane;

/// Drives what a core has to tell its funding partner.
pub struct FundingLane {
    lending: Lending,
    partner: Arc<dyn Funding>,
}

impl FundingLane {
    /// Tells a partner what a core has written down.
    pub fn new(lending: Lending, partner: Arc<dyn Funding>) -> Self {
        Self { lending, partner }
    }
}

impl Lane for FundingLane {
    type Task = Claimed;
    type Outcome = FundingAnswer;

    fn claim(&self, limit: u32) -> Result<Vec<Claimed>, Fault> {
        // A look costs no turn of the writer's.
        if !self.lending.read_and_wait(funding::has_due)? {
            return Ok(Vec::new());
        }
        self.lending.write_and_wait(Route::home(0), move |tx| funding::claim_due(tx, limit))
    }

    fn call(&self, task: &Claimed) -> FundingAnswer {
        task.step.put(&*self.partner)
    }

    fn unknown(&self) -> FundingAnswer {
        FundingAnswer::Unknown
    }

    fn record(&self, task: &Claimed, outcome: &FundingAnswer) -> Result<(), Fault> {
        let (id, answer) = (task.id, outcome.clone());
        let answered = move |tx: &mut Tx<'_, '_>| funding::answered(tx, id, &answer);
        self.lending.write_and_wait(Route::home(id.number()), answered)
    }
}
