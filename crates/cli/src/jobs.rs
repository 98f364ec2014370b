//! What the server does by itself: ends projects whose bidding days are over, prunes, takes the
//! daily balances, follows the business clock.
//!
//! Every node runs them; each step is idempotent and locks what it changes.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use lending::{Fault, Lending, Route, identity, kept, ledger, market, notices};

/// How often the jobs look for work; a moved business clock is followed within this.
const PERIOD: Duration = Duration::from_millis(500);
/// How often what has expired is deleted.
const PRUNE_PERIOD: Duration = Duration::from_mins(10);
/// How long the texts of SMS are kept: as long as somebody may ask whether one was sent.
const SMS_KEPT_DAYS: u32 = 30;
/// Projects that are ended between two looks at the clock.
const PROJECTS_AT_ONCE: u32 = 100;

/// Runs the jobs until the sender of `stop` is gone. A fault is logged; the next round tries
/// again.
pub fn run(lending: &Lending, stop: &Receiver<()>) {
    let mut pruned: Option<Instant> = None;
    let mut balances_on = None;
    let mut failing = false;
    while stop.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        // Each step stands for itself: where one fails, the others still do their work.
        let clock = lending.follow_clock().map(|_| ());
        let bidding = end_bidding(lending).map(|_| ());
        let mut pruning = Ok(());
        if pruned.is_none_or(|at| at.elapsed() > PRUNE_PERIOD) {
            pruning = prune(lending);
            pruned = pruning.is_ok().then(Instant::now);
        }
        let mut balances = Ok(());
        let today = Some(lending.clock().now().wall.date());
        if balances_on != today {
            balances = lending.write_and_wait(Route::home(0), ledger::take_platform_balances);
            balances_on = if balances.is_ok() { today } else { balances_on };
        }
        failing = match clock.and(bidding).and(pruning).and(balances) {
            Ok(()) => {
                if failing {
                    tracing::info!("the jobs work again");
                }
                false
            }
            Err(fault) => {
                if !failing {
                    tracing::error!(%fault, "the jobs cannot work; they go on trying");
                }
                true
            }
        };
    }
}

/// Ends the projects whose bidding days are over by the business clock; how many.
///
/// A project that cannot be given back (its books are damaged) does not stand in the way of the
/// others; of several such, the first fault is returned.
pub fn end_bidding(lending: &Lending) -> Result<u32, Fault> {
    let over = |tx: &mut lending::Tx<'_, '_>| market::projects_past_bidding(tx, PROJECTS_AT_ONCE);
    let mut ended = 0_u32;
    let mut first = None;
    for project in lending.read_and_wait(over)? {
        let route = Route::project(project.number());
        match lending.write_and_wait(route, move |tx| market::fail_project(tx, project)) {
            Ok(true) => {
                let project = project.number();
                tracing::info!(project, "not full in its bidding days: given back");
                ended = ended.saturating_add(1);
            }
            Ok(false) => {}
            Err(fault) => {
                tracing::debug!(project = project.number(), %fault, "cannot be given back");
                first = first.or(Some(fault));
            }
        }
    }
    first.map_or(Ok(ended), Err)
}

fn prune(lending: &Lending) -> Result<(), Fault> {
    lending.write_and_wait(Route::home(0), kept::prune)?;
    lending.write_and_wait(Route::home(0), identity::prune)?;
    lending.write_and_wait(Route::home(0), |tx| notices::prune_sms(tx, SMS_KEPT_DAYS))?;
    Ok(())
}
