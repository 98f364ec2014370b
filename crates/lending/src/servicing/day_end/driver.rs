//! Runs the steps of day-ends one after the other, and finds the loan that a step fails at.

use store::Fault;

use super::{Progress, Step, pass_over, step};
use crate::{Lending, Route};

/// Loans that one step works on: enough for the sets to pay, few enough for other calls to get
/// their turn in between.
const LOANS_PER_STEP: u32 = 5_000;

/// What a run of day-ends has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Steps that worked.
    pub steps: u64,
    /// Loans that were passed over.
    pub failed: u64,
    /// Whether reminders wait for the contact hours.
    pub waiting: bool,
}

/// Works until every day up to today is finished, or `go_on` says no; it is told of each step.
///
/// A step that fails is tried again with half as many loans; a single loan that fails is written
/// down and passed over.
///
/// # Errors
/// The database is gone or busy: nothing is lost, and a later run goes on.
pub fn run(
    lending: &Lending,
    most: Option<u32>,
    mut go_on: impl FnMut(&Progress) -> bool,
) -> Result<Run, Fault> {
    let most = most.unwrap_or(LOANS_PER_STEP).max(1);
    let mut size = most;
    let mut done = Run::default();
    loop {
        match lending.write_and_wait(Route::home(0), move |tx| step(tx, size)) {
            Ok(Step::UpToDate) => return Ok(done),
            Ok(Step::Waiting(_)) => return Ok(Run { waiting: true, ..done }),
            Ok(Step::Worked(progress)) => {
                done.steps = done.steps.saturating_add(1);
                size = size.saturating_mul(2).min(most);
                if !go_on(&progress) {
                    return Ok(done);
                }
            }
            Err(fault) if is_passing(&fault) => return Err(fault),
            Err(fault) if size > 1 => {
                let _ = fault; // told when it is known which loan it is
                size = size.div_euclid(2);
            }
            Err(fault) => {
                let reason = fault.to_string();
                lending.write_and_wait(Route::home(0), move |tx| pass_over(tx, &reason))?;
                done.failed = done.failed.saturating_add(1);
            }
        }
    }
}

/// Whether a fault says nothing about the loans that were worked on.
fn is_passing(fault: &Fault) -> bool {
    match fault {
        Fault::Busy | Fault::Closed | Fault::Conflict(_) | Fault::CommitUnknown(_) => true,
        Fault::Expired
        | Fault::Constraint(_)
        | Fault::Engine(_)
        | Fault::Broken
        | Fault::Panicked
        | Fault::Corrupt(_)
        | Fault::Sealed(_) => false,
    }
}
