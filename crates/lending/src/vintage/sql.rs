//! The rows that vintage curves are read from, kept by sets.

use kernel::id::LoanId;
use kernel::{Date, Money};
use store::{Fault, params};

use crate::Tx;

/// Sums what was paid out on each day from one on, over what stood there.
pub(super) fn keep_days(tx: &mut Tx<'_, '_>, since: i64) -> Result<(), Fault> {
    let insert = "INSERT INTO vintage_day (start_day, loans, principal_fen)
        SELECT l.start_day, COUNT(*), CAST(SUM(l.principal_fen) AS BIGINT) FROM loan l
        WHERE l.start_day >= ?1 GROUP BY l.start_day
        ON CONFLICT (start_day) DO UPDATE
        SET loans = excluded.loans, principal_fen = excluded.principal_fen";
    tx.execute(insert, params![since]).map(|_| ())
}

/// Notes the loans that are late since a day or longer and are not noted yet, as late from so many
/// days after the day that they missed.
pub(super) fn keep_late(tx: &mut Tx<'_, '_>, since: i64, days: i64) -> Result<(), Fault> {
    let insert = "INSERT INTO vintage_late (loan_id, start_day, late_day, principal_fen)
        SELECT l.loan_id, l.start_day, l.overdue_since_day + CAST(?2 AS BIGINT), l.principal_fen
        FROM loan l
        WHERE l.overdue_since_day IS NOT NULL AND l.overdue_since_day <= ?1
            AND l.state = 'repaying'
            AND NOT EXISTS (SELECT v.loan_id FROM vintage_late v WHERE v.loan_id = l.loan_id)
        ON CONFLICT (loan_id) DO NOTHING";
    tx.execute(insert, params![since, days]).map(|_| ())
}

/// Notes one loan as late from a day on, if it is not noted yet.
pub(super) fn note_late(tx: &mut Tx<'_, '_>, loan: LoanId, day: Date) -> Result<(), Fault> {
    let insert = "INSERT INTO vintage_late (loan_id, start_day, late_day, principal_fen)
        SELECT l.loan_id, l.start_day, CAST(?2 AS BIGINT), l.principal_fen FROM loan l
        WHERE l.loan_id = ?1 AND l.start_day IS NOT NULL
        ON CONFLICT (loan_id) DO NOTHING";
    tx.execute(insert, params![loan, day]).map(|_| ())
}

/// What was paid out on each day from one on: loans and principal.
pub(super) fn days(tx: &mut Tx<'_, '_>, since: Date) -> Result<Vec<(Date, i64, Money)>, Fault> {
    let select = "SELECT start_day, loans, principal_fen FROM vintage_day
        WHERE start_day >= ?1 ORDER BY start_day";
    tx.rows(select, params![since], |row| {
        Ok((row.day("start_day")?, row.i64("loans")?, row.money("principal_fen")?))
    })
}

/// Principal of loans that were paid out from a day on and have been late, by the day of the
/// payout and the one from which they count.
pub(super) fn late(tx: &mut Tx<'_, '_>, since: Date) -> Result<Vec<(Date, Date, Money)>, Fault> {
    let select = "SELECT start_day, late_day, CAST(SUM(principal_fen) AS BIGINT) AS sum_fen
        FROM vintage_late WHERE start_day >= ?1 GROUP BY start_day, late_day";
    tx.rows(select, params![since], |row| {
        Ok((row.day("start_day")?, row.day("late_day")?, row.money("sum_fen")?))
    })
}
