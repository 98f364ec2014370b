//! Proof of the ledger, the market, the loans and the audit chain from the raw rows.

mod book_checks;
mod checks;
mod funding_checks;
mod lead_checks;
mod loan_checks;
mod replay;

use kernel::{Date, Instant};
use store::{Fault, Row, params};

use super::{TrialLine, periods};
use crate::Tx;
use crate::{audit, documents};
use book_checks::{BOOK_CHECKS, PERIODS};
use checks::CHECKS;
use funding_checks::FUNDING_CHECKS;
use lead_checks::LEAD_CHECKS;
use loan_checks::LOAN_CHECKS;

/// The first row that contradicts the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which check found it.
    pub check: &'static str,
    /// The number of the offending row: transfer, posting, account, member, project,
    /// bid or audit entry.
    pub row: i64,
}

/// What a clean run has checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The checks, each with the number of rows that it covered.
    pub checks: Vec<(&'static str, i64)>,
}

const DUE_DATES: &str = "every term is due so many months or days after its project was full";
const TRIAL_BALANCE: &str = "the trial balance sums to zero";

/// Runs every check on one snapshot; stops at the first difference.
pub fn verify(tx: &mut Tx<'_, '_>) -> Result<Result<Verified, Difference>, Fault> {
    let mut verified = Verified::default();
    let others = LOAN_CHECKS.iter().chain(LEAD_CHECKS).chain(FUNDING_CHECKS).chain(BOOK_CHECKS);
    for check in CHECKS.iter().chain(others) {
        let found = tx.row(check.differences, params![], |row| row.opt_i64("row_id"))?;
        if let Some(row) = found.flatten() {
            return Ok(Err(Difference { check: check.name, row }));
        }
        let covered = tx.row(check.count, params![], |row| row.i64("n"))?;
        verified.checks.push((check.name, covered.unwrap_or(0)));
    }
    let terms = due_dates(tx)?;
    if let Some(project) = terms.iter().find_map(|wrong| *wrong) {
        return Ok(Err(Difference { check: DUE_DATES, row: project }));
    }
    verified.checks.push((DUE_DATES, count(&terms)));
    match replay::loans(tx)? {
        Ok(loans) => verified.checks.push((replay::NAME, loans)),
        Err(loan) => return Ok(Err(Difference { check: replay::NAME, row: loan })),
    }
    match periods::verify(tx)? {
        Ok(closed) => verified.checks.push((PERIODS, closed)),
        Err(period) => return Ok(Err(Difference { check: PERIODS, row: period })),
    }
    match documents::verify(tx)? {
        Ok(documents) => verified.checks.extend(documents.checks),
        Err(difference) => return Ok(Err(difference)),
    }
    match audit::verify(tx)? {
        Ok(checks) => verified.checks.extend(checks),
        Err(broken) => return Ok(Err(Difference { check: broken.check, row: broken.row })),
    }
    let trial = super::trial_balance(tx)?;
    if !is_balanced(&trial) {
        return Ok(Err(Difference { check: TRIAL_BALANCE, row: 0 }));
    }
    verified.checks.push((TRIAL_BALANCE, count(&trial)));
    Ok(Ok(verified))
}

/// The checks of loans by name, for the table of what each of them finds.
#[cfg(test)]
pub(super) fn loan_check_names() -> Vec<&'static str> {
    LOAN_CHECKS.iter().map(|check| check.name).chain([replay::NAME]).collect()
}

/// The checks of leads by name, for the same.
#[cfg(test)]
pub(super) fn lead_check_names() -> Vec<&'static str> {
    LEAD_CHECKS.iter().map(|check| check.name).collect()
}

/// The checks of the funding partner by name, for the same.
#[cfg(test)]
pub(super) fn funding_check_names() -> Vec<&'static str> {
    FUNDING_CHECKS.iter().map(|check| check.name).collect()
}

/// The checks of totals and periods by name, for the same.
#[cfg(test)]
pub(super) fn book_check_names() -> Vec<&'static str> {
    BOOK_CHECKS.iter().map(|check| check.name).chain([PERIODS]).collect()
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}

/// For every due date of a project's terms: the project, where the date is wrong. The calendar is
/// no matter for SQL.
fn due_dates(tx: &mut Tx<'_, '_>) -> Result<Vec<Option<i64>>, Fault> {
    let select = "SELECT DISTINCT i.project_id, i.term, i.due_on, p.tenor, p.tenor_unit, p.full_at
        FROM instalment i JOIN project p ON p.project_id = i.project_id";
    tx.rows(select, params![], |row| {
        let project = row.i64("project_id")?;
        let right = due(row)?.is_some_and(|due| row.date("due_on") == Ok(due));
        Ok((!right).then_some(project))
    })
}

fn due(row: &Row<'_>) -> Result<Option<Date>, Fault> {
    let unit = row.text("tenor_unit")?;
    let count = row.i64(if unit == "day" { "tenor" } else { "term" })?;
    let full = row.opt_instant("full_at")?.map(Instant::date);
    let Some((full, count)) = full.zip(u32::try_from(count).ok()) else { return Ok(None) };
    Ok(if unit == "day" { full.plus_days(count) } else { full.plus_months(count) })
}

/// Whether a trial balance sums to zero. The last net: where no other check finds a difference it
/// does.
pub(super) fn is_balanced(trial: &[TrialLine]) -> bool {
    trial.iter().map(|line| i128::from(line.balance_fen)).sum::<i128>() == 0
}
