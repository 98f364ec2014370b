//! The lanes of the dispatcher: SMS from the outbox, and orders to the payment provider.

use std::sync::Arc;

use kernel::id::PaymentId;
use lending::notices::{self, DueSms, SmsStep};
use lending::ports::{MoneyOrder, MoneyOutcome, Payments, Sms, SmsOutcome};
use lending::{Fault, Lending, Route};

use super::Lane;

/// Sends the SMS of the outbox.
pub struct SmsLane {
    lending: Lending,
    provider: Arc<dyn Sms>,
}

impl SmsLane {
    /// Sends what a core writes by a provider.
    pub fn new(lending: Lending, provider: Arc<dyn Sms>) -> Self {
        Self { lending, provider }
    }
}

impl Lane for SmsLane {
    type Task = DueSms;
    type Outcome = SmsOutcome;

    fn claim(&self, limit: u32) -> Result<Vec<DueSms>, Fault> {
        // A look costs no turn of the writer's.
        if !self.lending.read_and_wait(notices::has_due_sms)? {
            return Ok(Vec::new());
        }
        self.lending.write_and_wait(Route::home(0), move |tx| notices::due_sms(tx, limit))
    }

    fn call(&self, task: &DueSms) -> SmsOutcome {
        let reference = task.id.number().to_string();
        match task.step {
            SmsStep::Send => match self.provider.send(&task.mobile, &task.text, &reference) {
                // Only a look can say that: what was just sent may still be under way.
                SmsOutcome::NoRecord => SmsOutcome::Unknown,
                answer @ (SmsOutcome::Accepted | SmsOutcome::Refused(_) | SmsOutcome::Unknown) => {
                    answer
                }
            },
            SmsStep::Look { called_on } => self.provider.find(&task.mobile, &reference, called_on),
        }
    }

    fn unknown(&self) -> SmsOutcome {
        SmsOutcome::Unknown
    }

    fn record(&self, task: &DueSms, outcome: &SmsOutcome) -> Result<(), Fault> {
        let (id, outcome) = (task.id, outcome.clone());
        let route = Route::home(id.number());
        self.lending.write_and_wait(route, move |tx| notices::finish_sms(tx, id, &outcome))
    }
}

/// What is to be done about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyStep {
    /// Pay it out, for the first time or because the provider has no record of it.
    PayOut,
    /// Debit it, likewise.
    Debit,
    /// Ask what became of it.
    Query,
}

/// An order that was claimed.
#[derive(Clone, Debug)]
pub struct MoneyTask {
    /// Its number in the core.
    pub id: PaymentId,
    /// What the provider is told.
    pub order: MoneyOrder,
    /// What is to be done.
    pub step: MoneyStep,
}

/// Drives the orders to a payment provider. `due` claims up to so many of them and commits that;
/// `finish` takes what became of one.
pub struct MoneyLane<D, F> {
    provider: Arc<dyn Payments>,
    due: D,
    finish: F,
}

impl<D, F> MoneyLane<D, F>
where
    D: Fn(u32) -> Result<Vec<MoneyTask>, Fault> + Send + Sync + 'static,
    F: Fn(PaymentId, MoneyOutcome) -> Result<(), Fault> + Send + Sync + 'static,
{
    /// Drives what `due` finds by a provider.
    pub fn new(provider: Arc<dyn Payments>, due: D, finish: F) -> Self {
        Self { provider, due, finish }
    }
}

impl<D, F> Lane for MoneyLane<D, F>
where
    D: Fn(u32) -> Result<Vec<MoneyTask>, Fault> + Send + Sync + 'static,
    F: Fn(PaymentId, MoneyOutcome) -> Result<(), Fault> + Send + Sync + 'static,
{
    type Task = MoneyTask;
    type Outcome = MoneyOutcome;

    fn claim(&self, limit: u32) -> Result<Vec<MoneyTask>, Fault> {
        (self.due)(limit)
    }

    fn call(&self, task: &MoneyTask) -> MoneyOutcome {
        let answer = match task.step {
            MoneyStep::PayOut => self.provider.pay_out(&task.order),
            MoneyStep::Debit => self.provider.debit(&task.order),
            MoneyStep::Query => return self.provider.query_order(&task.order),
        };
        match answer {
            // Only a query can say that: an order that was just sent may still be under way.
            MoneyOutcome::NoRecord => MoneyOutcome::Unknown,
            MoneyOutcome::Done | MoneyOutcome::Declined(_) | MoneyOutcome::Unknown => answer,
        }
    }

    fn unknown(&self) -> MoneyOutcome {
        MoneyOutcome::Unknown
    }

    fn record(&self, task: &MoneyTask, outcome: &MoneyOutcome) -> Result<(), Fault> {
        (self.finish)(task.id, outcome.clone())
    }
}
