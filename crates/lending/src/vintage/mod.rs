//! Vintage curves (账龄曲线): of what was paid out in a month, the share that has ever been more than
//! thirty days late, by months on book.
//!
//! The share is one of principal as it was paid out, whatever has been repaid since. Months on book
//! are months of the calendar after that of the payout. A loan counts from the day on which it was
//! 31 days late (M2), or was written off, if that was earlier, and for ever; it is the day-end that
//! sees it, so that the curves are as of the last one.

mod sql;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kernel::id::LoanId;
use kernel::{Date, Money};
use store::Fault;

use crate::Tx;

/// Months of payout that are shown: the one that runs, and twelve before it.
pub const MONTHS: u32 = 13;
/// Months on book that are followed.
pub const ON_BOOK: u32 = 12;
/// Days late from which a loan counts: M2 begins with them.
const DAYS_LATE: i64 = 31;
/// Days back that a payout can still be booked for: two months are longer than any order is open.
const LATE_BOOKINGS: i64 = 62;

/// What was paid out in a month, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The first day of the month.
    pub month: Date,
    /// Loans that were paid out.
    pub loans: i64,
    /// Their principal.
    pub principal: Money,
    /// For each month on book from the first, up to the one that runs, the principal that had been
    /// more than thirty days late by its end.
    pub late: Vec<Money>,
}

impl Cohort {
    /// The shares of [`Cohort::late`], in hundredths of a percent, half up.
    pub fn shares(&self) -> Vec<i64> {
        let whole = i128::from(self.principal.fen());
        let share = |late: &Money| {
            let twice = i128::from(late.fen()).saturating_mul(20_000).saturating_add(whole);
            let share = twice.checked_div(whole.saturating_mul(2)).unwrap_or(0);
            i64::try_from(share).unwrap_or(0)
        };
        self.late.iter().map(share).collect()
    }
}

/// Keeps what the curves are read from, once the day-end of a day has marked what is late. Doing it
/// again for the same day changes nothing.
pub(crate) fn keep(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    let number = day.day_number();
    sql::keep_days(tx, number.saturating_sub(LATE_BOOKINGS))?;
    sql::keep_late(tx, number.saturating_sub(DAYS_LATE), DAYS_LATE)
}

/// Notes that a loan was given up, which counts as late from then on.
pub(crate) fn note_written_off(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<(), Fault> {
    let today = tx.at.business.date();
    sql::note_late(tx, loan, today)
}

/// The curves of the last [`MONTHS`], the oldest first; months without a payout are left out.
pub fn curves(tx: &mut Tx<'_, '_>) -> Result<Vec<Cohort>, Fault> {
    let today = tx.at.business.date();
    let first = month_of(today).minus_months(MONTHS.saturating_sub(1)).unwrap_or(today);
    let mut cohorts: BTreeMap<Date, Cohort> = BTreeMap::new();
    for (day, loans, principal) in sql::days(tx, first)? {
        let month = month_of(day);
        let empty = Cohort { month, loans: 0, principal: Money::ZERO, late: Vec::new() };
        let cohort = cohorts.entry(month).or_insert(empty);
        cohort.loans = cohort.loans.saturating_add(loans);
        cohort.principal = plus(cohort.principal, principal)?;
    }
    for cohort in cohorts.values_mut() {
        let months = months_between(cohort.month, today).min(i64::from(ON_BOOK));
        let months = usize::try_from(months).unwrap_or(0);
        cohort.late = vec![Money::ZERO; months];
    }
    for (start, late, principal) in sql::late(tx, first)? {
        let month = month_of(start);
        let Some(cohort) = cohorts.get_mut(&month) else { continue };
        // Somebody who is 31 days late in the month of the payout counts in the first after it.
        let since = months_between(month, late).saturating_sub(1).max(0);
        let since = usize::try_from(since).unwrap_or(usize::MAX);
        for sum in cohort.late.iter_mut().skip(since) {
            *sum = plus(*sum, principal)?;
        }
    }
    Ok(cohorts.into_values().collect())
}

fn plus(sum: Money, more: Money) -> Result<Money, Fault> {
    sum.plus(more).ok_or_else(|| Fault::Corrupt("vintage".into()))
}

fn month_of(day: Date) -> Date {
    Date::from_ymd(day.year(), day.month(), 1).unwrap_or(day)
}

/// Months of the calendar from one day's to another's; negative if it is earlier.
fn months_between(from: Date, to: Date) -> i64 {
    let month =
        |day: Date| i64::from(day.year()).saturating_mul(12).saturating_add(i64::from(day.month()));
    month(to).saturating_sub(month(from))
}
