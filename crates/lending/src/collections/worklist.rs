//! The work list (催收工作台): late loans, in the order in which they are to be worked on.
//!
//! First what has something to do today or before, such as a promise whose day is over; then what
//! nobody has looked at; then the rest; people who may not be contacted come last. Within each, what
//! is late the longest comes first.

use kernel::id::{LoanId, OperatorId};
use kernel::{Channel, Date, Money};
use store::Fault;

use super::{Kept, Progress, Promise, contacts, sql};
use crate::servicing::{self, Loan};
use crate::{Page, Tx};

/// Whose loans a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holder {
    /// Anybody's and nobody's.
    #[default]
    Any,
    /// Nobody's.
    Nobody,
    /// One operator's.
    Of(OperatorId),
}

/// What a list is narrowed down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A promise whose day has come.
    Promise,
    /// A next step whose day has come.
    Action,
    /// No contact yet.
    NoContact,
}

/// Which late loans a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A bucket: 1 for M1.
    pub bucket: Option<u32>,
    /// A channel.
    pub channel: Option<Channel>,
    /// Whose.
    pub holder: Holder,
    /// With what to do.
    pub due: Option<Due>,
}

/// A row of the work list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The loan.
    pub loan: Loan,
    /// Where it was borrowed.
    pub channel: Channel,
    /// Days since the oldest row was due that is not paid.
    pub days_late: u32,
    /// What is late of it today, penalties included.
    pub late: Money,
    /// Who works on it, and what comes next.
    pub progress: Progress,
    /// What came of the newest contact: its word.
    pub last_outcome: Option<String>,
    /// The newest promise, and what became of it.
    pub promise: Option<(Promise, Kept)>,
    /// Whether its owner is not to be contacted.
    pub is_stopped: bool,
}

/// What a row of the list says beside the loan itself.
pub(super) struct Listed {
    pub(super) loan: LoanId,
    pub(super) channel: Channel,
    pub(super) progress: Progress,
    pub(super) last_outcome: Option<String>,
    pub(super) is_stopped: bool,
}

/// Late loans in the order in which they are to be worked on.
pub fn work_list(tx: &mut Tx<'_, '_>, filter: Filter, page: Page) -> Result<Vec<Item>, Fault> {
    let today = tx.at.business.date();
    let mut items = Vec::new();
    for listed in sql::work_list(tx, (filter, span(filter.bucket, today)), page)? {
        let loan = servicing::loan(tx, listed.loan)?;
        let loan = loan.ok_or_else(|| Fault::Corrupt("loan_id".into()))?;
        let promise = match listed.progress.promise {
            Some(made) => Some((made.0, contacts::kept(tx, loan.id, made)?)),
            None => None,
        };
        let since = loan.overdue_since.unwrap_or(today);
        items.push(Item {
            days_late: u32::try_from(since.days_until(today)).unwrap_or(0),
            late: late(tx, &loan)?,
            channel: listed.channel,
            progress: listed.progress,
            last_outcome: listed.last_outcome,
            promise,
            is_stopped: listed.is_stopped,
            loan,
        });
    }
    Ok(items)
}

/// What is late of a loan today, penalties included.
pub(super) fn late(tx: &mut Tx<'_, '_>, loan: &Loan) -> Result<Money, Fault> {
    let Some((rows, _)) = servicing::standing_today(tx, loan)? else { return Ok(Money::ZERO) };
    let late = rows.iter().filter(|row| row.overdue_days > 0).map(|row| row.outstanding);
    let mut late = late;
    late.try_fold(Money::ZERO, Money::plus).ok_or_else(|| Fault::Corrupt("overdue".into()))
}

/// Since when loans of a bucket are late, as days since 1970: M1 is 1 to 30 days late, M2 31 to
/// 60, and so on.
fn span(bucket: Option<u32>, today: Date) -> (i64, i64) {
    const DAYS: i64 = 30;
    let today = today.day_number();
    // What a day-end that is ahead of its day has marked counts as late by a day.
    let ahead = today.saturating_add(DAYS);
    let back = |days: i64| today.saturating_sub(days);
    match bucket.map(i64::from) {
        None => (0, ahead),
        Some(bucket @ ..=1) => (back(bucket.saturating_mul(DAYS)), ahead),
        Some(bucket) => {
            let first = bucket.saturating_sub(1).saturating_mul(DAYS).saturating_add(1);
            (back(bucket.saturating_mul(DAYS)), back(first))
        }
    }
}
