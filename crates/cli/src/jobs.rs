//! What the server does by itself: ends projects whose bidding days are over, erases what old leads
//! tell, prunes, takes the daily balances, adds up totals, seals the audit trail, renders papers,
//! follows the business clock.
//!
//! Every node runs them; each step is idempotent and locks what it changes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use lending::audit::{self, Reach};
use lending::servicing::day_end::{self, Phase};
use lending::{
    Fault, Lending, Route, customers, documents, identity, kept, leads, ledger, market, notices,
    operators, provider_calls, reports,
};

/// How often the jobs look for work; a moved business clock is followed within this.
const PERIOD: Duration = Duration::from_millis(500);
/// How often what has expired is deleted.
const PRUNE_PERIOD: Duration = Duration::from_mins(10);
/// How often entries of the audit trail are looked for that came in late.
const LATE_PERIOD: Duration = Duration::from_mins(10);
/// Entries of the audit trail that are sealed in one transaction.
const SEALED_AT_ONCE: u32 = 1_000;
/// Such transactions between two looks at the clock.
const SEALS_IN_A_ROUND: u32 = 10;
/// How long the texts of SMS are kept: as long as somebody may ask whether one was sent.
const SMS_KEPT_DAYS: u32 = 30;
/// How long calls to providers are kept: longer than a bill of theirs can be questioned.
const CALLS_KEPT_DAYS: u32 = 90;
/// Projects that are ended between two looks at the clock.
const PROJECTS_AT_ONCE: u32 = 100;

/// How often movements are added to the totals of their days.
const TOTALS_PERIOD: Duration = Duration::from_secs(30);
/// Movements that are added to the totals at once.
const TOTALLED_AT_ONCE: u32 = 10_000;
/// How often in a row, between two looks at the clock.
const TOTALS_IN_A_ROUND: u32 = 10;

/// PDFs that are rendered between two looks at the clock: about a second's work.
const PDFS_IN_A_ROUND: u32 = 16;

/// Runs the jobs until the sender of `stop` is gone. A fault is logged; the next round tries
/// again.
pub fn run(lending: &Lending, stop: &Receiver<()>) {
    let mut pruned: Option<Instant> = None;
    let mut late_sealed: Option<Instant> = None;
    let mut balances_on = None;
    let mut totalled: Option<Instant> = None;
    let mut failing = false;
    while stop.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        // Each step stands for itself: where one fails, the others still do their work.
        let clock = lending.follow_clock().map(|_| ());
        let bidding = end_bidding(lending).map(|_| ());
        let erasing = expire_leads(lending).map(|_| ());
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
        let totals = add_totals(lending, &mut totalled);
        let sealing = seal(lending, &mut late_sealed);
        let day_end = end_day(lending, stop);
        let papers = render_papers(lending, stop).map(|_| ());
        let housekeeping = clock.and(pruning).and(balances).and(totals).and(sealing);
        failing = match housekeeping.and(bidding).and(erasing).and(day_end).and(papers) {
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

/// Works on day-ends that are due, until the stop is asked for.
fn end_day(lending: &Lending, stop: &Receiver<()>) -> Result<(), Fault> {
    if !lending.read_and_wait(day_end::is_due)? {
        return Ok(());
    }
    let run = day_end::run(lending, None, |progress| {
        if progress.phase == Phase::Done {
            let (day, loans, failed) = (progress.day, progress.worked, progress.failed);
            tracing::info!(%day, loans, failed, "day-end finished");
        }
        stop.try_recv() == Err(TryRecvError::Empty)
    })?;
    if run.failed > 0 {
        tracing::error!(loans = run.failed, "a day-end has passed over loans that it failed at");
    }
    Ok(())
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

/// Erases what leads tell whose days are over by the business clock; how many.
pub fn expire_leads(lending: &Lending) -> Result<u64, Fault> {
    if !lending.read_and_wait(leads::has_expired)? {
        return Ok(0);
    }
    let erased = lending.write_and_wait(Route::home(0), leads::expire)?;
    tracing::info!(leads = erased, "leads whose days are over: what they told is erased");
    Ok(erased)
}

/// Renders the next PDFs of papers that customers have confirmed, outside of transactions; how
/// many. One that cannot be rendered is marked, so that it holds up no other.
pub fn render_papers(lending: &Lending, stop: &Receiver<()>) -> Result<u32, Fault> {
    let mut rendered = 0_u32;
    let pending = |tx: &mut lending::Tx<'_, '_>| documents::pending_pdfs(tx, PDFS_IN_A_ROUND);
    for paper in lending.read_and_wait(pending)? {
        if stop.try_recv() != Err(TryRecvError::Empty) {
            break;
        }
        if render(lending, &paper)? {
            rendered = rendered.saturating_add(1);
        }
    }
    Ok(rendered)
}

/// Renders one PDF and keeps it; whether it is kept. False, too, if another node was quicker.
fn render(lending: &Lending, paper: &documents::PendingPdf) -> Result<bool, Fault> {
    let (id, document) = (paper.id, paper.id.number());
    match paper.render() {
        Ok(file) => {
            // Which ones is for those who may read the paper: they are likely of a name.
            let characters = paper.paper.unprintable().len();
            if characters > 0 {
                tracing::warn!(document, characters, "the font lacks characters of a paper");
            }
            lending.write_and_wait(Route::home(0), move |tx| documents::store_pdf(tx, id, &file))
        }
        Err(error) => {
            tracing::error!(document, %error, "a paper cannot be rendered");
            lending.write_and_wait(Route::home(0), move |tx| documents::fail_pdf(tx, id))?;
            Ok(false)
        }
    }
}

fn prune(lending: &Lending) -> Result<(), Fault> {
    lending.write_and_wait(Route::home(0), kept::prune)?;
    lending.write_and_wait(Route::home(0), identity::prune)?;
    lending.write_and_wait(Route::home(0), customers::prune)?;
    lending.write_and_wait(Route::home(0), operators::prune)?;
    lending.write_and_wait(Route::home(0), reports::prune)?;
    lending.write_and_wait(Route::home(0), documents::prune)?;
    lending.write_and_wait(Route::home(0), lending::servicing::prune_previews)?;
    lending.write_and_wait(Route::home(0), |tx| notices::prune_sms(tx, SMS_KEPT_DAYS))?;
    lending.write_and_wait(Route::home(0), |tx| provider_calls::prune(tx, CALLS_KEPT_DAYS))?;
    Ok(())
}

/// Adds movements that have settled to the totals of their days. A database that has none yet is
/// caught up with over many rounds.
fn add_totals(lending: &Lending, totalled: &mut Option<Instant>) -> Result<(), Fault> {
    if totalled.is_some_and(|at| at.elapsed() < TOTALS_PERIOD) {
        return Ok(());
    }
    for _ in 0..TOTALS_IN_A_ROUND {
        if ledger::add_totals(lending, TOTALLED_AT_ONCE)? < i64::from(TOTALLED_AT_ONCE) {
            *totalled = Some(Instant::now());
            break;
        }
    }
    Ok(())
}

/// Seals what has settled of the audit trail. What came in late is looked for first when the
/// server starts, and now and then after that.
fn seal(lending: &Lending, late_sealed: &mut Option<Instant>) -> Result<(), Fault> {
    let late = late_sealed.is_none_or(|at| at.elapsed() > LATE_PERIOD);
    if !late && !lending.read_and_wait(audit::has_settled)? {
        return Ok(());
    }
    let reach = if late { Reach::Late } else { Reach::New };
    for _ in 0..SEALS_IN_A_ROUND {
        let sealed = lending
            .write_and_wait(Route::home(0), move |tx| audit::seal(tx, reach, SEALED_AT_ONCE))?;
        if sealed < u64::from(SEALED_AT_ONCE) {
            // Only now everything that was late is sealed.
            *late_sealed = if late { Some(Instant::now()) } else { *late_sealed };
            break;
        }
    }
    Ok(())
}
