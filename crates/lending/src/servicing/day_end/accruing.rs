//! The day's income of every loan: of those that run as agreed in sets, of the others one by one.

use kernel::Date;
use kernel::id::LoanId;
use store::Fault;

use super::versions::Versions;
use super::{Progress, sql};
use crate::Tx;
use crate::servicing::accrual::{Targets, bring_to};
use crate::servicing::repaying::settle_rows;
use crate::servicing::{LoanState, lock_loan};

/// Books a day for the next loans; the last of them and how many, or `None` where there are none.
pub(super) fn accrue(
    tx: &mut Tx<'_, '_>,
    progress: &Progress,
    most: u32,
) -> Result<Option<(i64, i64)>, Fault> {
    let Some(last) = sql::last_of_next(tx, progress.through, most)? else { return Ok(None) };
    let span = (progress.through, last);
    sql::lock_loans(tx, span)?;
    let single = sql::loans_for_themselves(tx, span, progress.day)?;
    let mut worked = sql::accrue_as_agreed(tx, span, progress.day)?;
    let mut versions = Versions::default();
    for loan in single {
        touch(tx, loan, progress.day, &mut versions)?;
        worked = worked.saturating_add(1);
    }
    Ok(Some((last, worked)))
}

/// Brings one loan to a day: what is late is marked, and the difference of its income is booked.
fn touch(tx: &mut Tx<'_, '_>, id: LoanId, day: Date, versions: &mut Versions) -> Result<(), Fault> {
    let Some(loan) = lock_loan(tx, id)? else { return Ok(()) };
    if loan.state != LoanState::Repaying {
        return Ok(());
    }
    let mut book = versions.open(tx, loan)?;
    // A payment of a later day has brought the loan further already.
    let on = book.last_paid_on().map_or(day, |last| last.max(day));
    let standing = book.standing(on)?;
    let targets = Targets::of(&book, &standing)?;
    let paid = book.loan.paid;
    bring_to(tx, id, &paid, &targets)?;
    settle_rows(tx, &mut book, &standing)
}
