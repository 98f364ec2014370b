//! The day-end (日终): what a new business day brings to every loan, in steps of many loans.
//!
//! A step is one transaction; how far the day has come stands in the database, so that a kill at
//! any point loses nothing and any node can go on. What is booked is the difference to what is
//! booked already: a day that is worked through twice changes nothing.

mod accruing;
mod driver;
mod sql;
mod telling;
mod versions;

use kernel::Date;
use store::Fault;

pub use driver::{Run, run};

use crate::{Tx, credit, origination, vintage};

/// The parts of a day-end, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The day's interest, fees and penalties are booked, and what is late is marked.
    Accrue,
    /// Approvals whose days are over lapse.
    Lapse,
    /// Coupons whose days are over expire.
    Expire,
    /// What is due is debited, where the rules say so.
    Debit,
    /// Customers are reminded, within the contact hours.
    Remind,
    /// Finished.
    Done,
}

impl Phase {
    const ALL: &[Self] =
        &[Self::Accrue, Self::Lapse, Self::Expire, Self::Debit, Self::Remind, Self::Done];

    /// The word in the database and on the screen.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accrue => "accrue",
            Self::Lapse => "lapse",
            Self::Expire => "expire",
            Self::Debit => "debit",
            Self::Remind => "remind",
            Self::Done => "done",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|phase| phase.word() == word)
    }

    const fn next(self) -> Self {
        match self {
            Self::Accrue => Self::Lapse,
            Self::Lapse => Self::Expire,
            Self::Expire => Self::Debit,
            Self::Debit => Self::Remind,
            Self::Remind | Self::Done => Self::Done,
        }
    }
}

/// How far a day-end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The business day.
    pub day: Date,
    /// The part that it is in.
    pub phase: Phase,
    /// Running loans when it began.
    pub loans: i64,
    /// The last loan that the part has worked through.
    pub through: i64,
    /// Loans whose day has been booked.
    pub worked: i64,
    /// Loans that it could not work through.
    pub failed: i64,
}

/// What a step has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has worked; there may be more to do.
    Worked(Progress),
    /// Nothing can be done before the contact hours.
    Waiting(Progress),
    /// Every day up to today is finished.
    UpToDate,
}

/// Works on the oldest day that is not finished, on so many loans at most.
pub fn step(tx: &mut Tx<'_, '_>, most: u32) -> Result<Step, Fault> {
    let today = tx.at.business.date();
    let Some(progress) = open_day(tx, today)? else { return Ok(Step::UpToDate) };
    // In the books it happens on the day that it is for, also where that is caught up with later.
    let now = tx.at;
    if progress.day < today {
        tx.at.business = progress.day.start();
    }
    let stepped = work(tx, progress, (today, most));
    tx.at = now;
    stepped
}

fn work(
    tx: &mut Tx<'_, '_>,
    progress: Progress,
    (today, most): (Date, u32),
) -> Result<Step, Fault> {
    let is_today = progress.day == today;
    // `None` where the part is finished.
    let through = match progress.phase {
        Phase::Accrue => {
            let through = accruing::accrue(tx, &progress, most)?;
            if through.is_none() {
                vintage::keep(tx, progress.day)?;
            }
            through
        }
        Phase::Lapse => {
            let lapsing = origination::past_approval(tx, most)?;
            for application in &lapsing {
                origination::lapse(tx, *application)?;
            }
            (!lapsing.is_empty()).then_some((0, 0))
        }
        Phase::Expire => {
            let expired = credit::expire_due(tx, progress.day, most)?;
            (expired > 0).then_some((0, 0))
        }
        // A debit or a reminder for a day that is over helps nobody.
        Phase::Debit if is_today => telling::debit(tx, &progress, most)?,
        Phase::Remind if is_today => {
            if !telling::may_contact(tx) {
                return Ok(Step::Waiting(progress));
            }
            telling::remind(tx, &progress, most)?
        }
        Phase::Debit | Phase::Remind | Phase::Done => None,
    };
    let after = match through {
        Some((through, worked)) => {
            Progress { through, worked: progress.worked.saturating_add(worked), ..progress }
        }
        None => Progress { phase: progress.phase.next(), through: 0, ..progress },
    };
    sql::keep_progress(tx, &after)?;
    Ok(Step::Worked(after))
}

/// Passes over the next loan of the part that is being worked on: it fails, and the others shall
/// not wait for it.
pub fn pass_over(tx: &mut Tx<'_, '_>, reason: &str) -> Result<(), Fault> {
    let today = tx.at.business.date();
    let Some(progress) = open_day(tx, today)? else { return Ok(()) };
    let Some(loan) = sql::next_loan(tx, progress.through)? else { return Ok(()) };
    sql::keep_failure(tx, &progress, loan, reason)?;
    let failed = progress.failed.saturating_add(1);
    sql::keep_progress(tx, &Progress { through: loan, failed, ..progress })
}

/// The oldest day that is not finished, locked against other nodes; it is begun where it has to be.
fn open_day(tx: &mut Tx<'_, '_>, today: Date) -> Result<Option<Progress>, Fault> {
    let last = sql::last_day(tx)?;
    if let Some(progress) = last.filter(|progress| progress.phase != Phase::Done) {
        return Ok(Some(progress));
    }
    let next = match last {
        Some(done) => done.day.plus_days(1),
        None => Some(sql::first_day(tx)?.unwrap_or(today)),
    };
    let Some(day) = next.filter(|day| *day <= today) else { return Ok(None) };
    sql::begin_day(tx, day)?;
    sql::last_day(tx)
}

/// Whether there is a day to be worked on, on a snapshot.
pub fn is_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let today = tx.at.business.date();
    let last = sql::look_at_last_day(tx)?;
    Ok(last.is_none_or(|last| last.day < today || last.phase != Phase::Done))
}

/// The last days, newest first, for the console.
pub fn days(tx: &mut Tx<'_, '_>, page: crate::Page) -> Result<Vec<Progress>, Fault> {
    sql::days(tx, page)
}

/// What a day-end could not work through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The loan.
    pub loan: kernel::id::LoanId,
    /// In which part.
    pub phase: Phase,
    /// Why.
    pub reason: String,
}

/// Loans that a day-end has passed over.
pub fn failures(tx: &mut Tx<'_, '_>, day: Date) -> Result<Vec<Failure>, Fault> {
    sql::failures(tx, day)
}
