//! The rows of day-ends, and the set-based booking of loans that run as agreed.

use kernel::Date;
use kernel::id::{LoanId, PlanRowId};
use store::{Fault, Row, params};

use super::{Failure, Phase, Progress};
use crate::{Page, Tx};

macro_rules! select_days {
    ($which:literal) => {
        concat!(
            "SELECT business_day, phase, loans, through_id, worked, failed FROM day_end ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> Result<Progress, Fault> {
    let phase = Phase::parse(&row.text("phase")?).ok_or(Fault::Corrupt("phase".into()))?;
    Ok(Progress {
        day: row.day("business_day")?,
        phase,
        loans: row.i64("loans")?,
        through: row.i64("through_id")?,
        worked: row.i64("worked")?,
        failed: row.i64("failed")?,
    })
}

/// The last day that was begun, locked against other nodes.
pub(super) fn last_day(tx: &mut Tx<'_, '_>) -> Result<Option<Progress>, Fault> {
    tx.row(select_days!("ORDER BY business_day DESC LIMIT 1 FOR UPDATE"), params![], read)
}

pub(super) fn look_at_last_day(tx: &mut Tx<'_, '_>) -> Result<Option<Progress>, Fault> {
    tx.row(select_days!("ORDER BY business_day DESC LIMIT 1"), params![], read)
}

pub(super) fn days(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Progress>, Fault> {
    let select = select_days!("ORDER BY business_day DESC LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read)
}

/// The day after the first loan was paid out: the first that any has something to book on.
pub(super) fn first_day(tx: &mut Tx<'_, '_>) -> Result<Option<Date>, Fault> {
    let select = "SELECT MIN(start_day) AS first_day FROM loan";
    Ok(tx.row(select, params![], |row| row.opt_day("first_day"))?.flatten())
}

pub(super) fn begin_day(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    let insert = "INSERT INTO day_end (business_day, phase, loans, through_id, worked, failed,
            started_at)
        SELECT CAST(?1 AS BIGINT), 'accrue',
            (SELECT COUNT(*) FROM loan WHERE state = 'repaying'), 0, 0, 0, CAST(?2 AS BIGINT)
        WHERE 1 = 1
        ON CONFLICT (business_day) DO NOTHING";
    tx.execute(insert, params![day, tx.at.wall]).map(|_| ())
}

pub(super) fn keep_progress(tx: &mut Tx<'_, '_>, progress: &Progress) -> Result<(), Fault> {
    let update = "UPDATE day_end SET phase = ?2, through_id = ?3, worked = ?4, failed = ?5,
        finished_at = ?6 WHERE business_day = ?1";
    let finished = (progress.phase == Phase::Done).then_some(tx.at.wall);
    let Progress { day, phase, through, worked, failed, .. } = *progress;
    tx.execute(update, params![day, phase.word(), through, worked, failed, finished]).map(|_| ())
}

pub(super) fn next_loan(tx: &mut Tx<'_, '_>, after: i64) -> Result<Option<i64>, Fault> {
    let select = "SELECT loan_id FROM loan WHERE loan_id > ?1 ORDER BY loan_id LIMIT 1";
    tx.row(select, params![after], |row| row.i64("loan_id"))
}

pub(super) fn keep_failure(
    tx: &mut Tx<'_, '_>,
    progress: &Progress,
    loan: i64,
    reason: &str,
) -> Result<(), Fault> {
    let insert = "INSERT INTO day_end_failure (business_day, loan_id, phase, reason, failed_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let phase = progress.phase.word();
    tx.execute(insert, params![progress.day, loan, phase, reason, tx.at.wall]).map(|_| ())
}

pub(super) fn failures(tx: &mut Tx<'_, '_>, day: Date) -> Result<Vec<Failure>, Fault> {
    let select = "SELECT loan_id, phase, reason FROM day_end_failure WHERE business_day = ?1
        ORDER BY loan_id, phase";
    tx.rows(select, params![day], |row| {
        let phase = Phase::parse(&row.text("phase")?).ok_or(Fault::Corrupt("phase".into()))?;
        let loan = LoanId::from_number(row.i64("loan_id")?);
        Ok(Failure { loan, phase, reason: row.text("reason")? })
    })
}

/// The last of the next loans, running or not.
pub(super) fn last_of_next(
    tx: &mut Tx<'_, '_>,
    after: i64,
    most: u32,
) -> Result<Option<i64>, Fault> {
    let select = "SELECT MAX(loan_id) AS last_id FROM
        (SELECT loan_id FROM loan WHERE loan_id > ?1 ORDER BY loan_id LIMIT ?2) n";
    Ok(tx.row(select, params![after, most], |row| row.opt_i64("last_id"))?.flatten())
}

/// Locks the running loans of a span, in order, so that no payment comes in between.
pub(super) fn lock_loans(tx: &mut Tx<'_, '_>, (after, last): (i64, i64)) -> Result<(), Fault> {
    let select = "SELECT loan_id FROM loan WHERE loan_id > ?1 AND loan_id <= ?2
        AND state = 'repaying' ORDER BY loan_id FOR UPDATE";
    tx.rows(select, params![after, last], |_| Ok(())).map(|_| ())
}

/// Running loans that a set cannot book: something is due on the day or late, or a new row of the
/// plan begins.
pub(super) fn loans_for_themselves(
    tx: &mut Tx<'_, '_>,
    (after, last): (i64, i64),
    day: Date,
) -> Result<Vec<LoanId>, Fault> {
    let select = "SELECT l.loan_id FROM loan l
        JOIN plan_row r ON r.plan_row_id = l.loan_id * 10000 + l.current_row
        WHERE l.loan_id > ?1 AND l.loan_id <= ?2 AND l.state = 'repaying'
            AND (l.next_due_day <= ?3 OR r.due_day <= ?3) ORDER BY l.loan_id";
    tx.rows(select, params![after, last, day], |row| row.i64("loan_id").map(LoanId::from_number))
}

/// Books the day of the running loans of a span of which nothing is due or late: the interest of
/// the row that runs, by the share of its days that are over, as in
/// [`earned`](crate::servicing::earned). How many loans there were.
pub(super) fn accrue_as_agreed(
    tx: &mut Tx<'_, '_>,
    (after, last): (i64, i64),
    day: Date,
) -> Result<i64, Fault> {
    // Rounded half up: (2 x interest x days over + days) / (2 x days). What was paid in advance
    // is booked already, and leaves nothing to add.
    let gather = "INSERT INTO day_end_work (loan_id, place, earned_fen)
        SELECT w.loan_id, ROW_NUMBER() OVER (ORDER BY w.loan_id), w.target - w.booked FROM (
            SELECT l.loan_id, l.interest_paid_fen - a.balance_fen AS booked,
                r.interest_before_fen + (2 * r.interest_fen * (?3 - r.from_day)
                    + (r.due_day - r.from_day)) / (2 * (r.due_day - r.from_day)) AS target
            FROM loan l
            JOIN plan_row r ON r.plan_row_id = l.loan_id * 10000 + l.current_row
            JOIN account a ON a.account_id = l.loan_id * 100 + 12
            WHERE l.loan_id > ?1 AND l.loan_id <= ?2 AND l.state = 'repaying'
                AND l.next_due_day > ?3 AND r.from_day < ?3 AND r.due_day > ?3) w
        WHERE w.target > w.booked";
    let earning = tx.execute(gather, params![after, last, day])?;
    let earning = i64::try_from(earning).map_err(|_| Fault::Corrupt("day_end_work".into()))?;
    if earning > 0 {
        post_work(tx, earning)?;
    }
    Ok(earning)
}

/// One transfer of two lines for each loan: what it owes more, and the income. The ids of a
/// transfer and of its lines follow each other, as in [`crate::ledger::post`].
fn post_work(tx: &mut Tx<'_, '_>, earning: i64) -> Result<(), Fault> {
    const IDS: i64 = 3;
    let first = tx.ids.take(tx.at.wall, earning.saturating_mul(IDS));
    let transfers = "INSERT INTO transfer (transfer_id, kind, subject_id, lines, posted_at)
        SELECT ?1 + (w.place - 1) * 3, 'accrual', w.loan_id, 2, CAST(?2 AS BIGINT)
        FROM day_end_work w ORDER BY w.loan_id";
    tx.execute(transfers, params![first, tx.at.business])?;
    let income = "INSERT INTO posting (posting_id, transfer_id, account_id, amount_fen)
        SELECT ?1 + (w.place - 1) * 3 + 1, ?1 + (w.place - 1) * 3, 61, w.earned_fen
        FROM day_end_work w ORDER BY w.loan_id";
    tx.execute(income, params![first])?;
    let owed = "INSERT INTO posting (posting_id, transfer_id, account_id, amount_fen, balance_fen,
            previous_posting_id)
        SELECT ?1 + (w.place - 1) * 3 + 2, ?1 + (w.place - 1) * 3, a.account_id, -w.earned_fen,
            a.balance_fen - w.earned_fen, a.last_posting_id
        FROM day_end_work w JOIN account a ON a.account_id = w.loan_id * 100 + 12
        ORDER BY w.loan_id";
    tx.execute(owed, params![first])?;
    let accounts = "UPDATE account SET balance_fen = account.balance_fen - w.earned_fen,
            previous_posting_id = account.last_posting_id,
            last_posting_id = ?1 + (w.place - 1) * 3 + 2
        FROM day_end_work w WHERE account.account_id = w.loan_id * 100 + 12";
    tx.execute(accounts, params![first])?;
    tx.execute("DELETE FROM day_end_work", params![]).map(|_| ())
}

/// Running loans of which something is due by a day, with that due date.
pub(super) fn loans_due_by(
    tx: &mut Tx<'_, '_>,
    after: i64,
    day: Date,
    most: u32,
) -> Result<Vec<(i64, Date)>, Fault> {
    let select = "SELECT loan_id, next_due_day FROM loan
        WHERE state = 'repaying' AND next_due_day <= ?2 AND loan_id > ?1
        ORDER BY loan_id LIMIT ?3";
    tx.rows(select, params![after, day, most], |row| {
        Ok((row.i64("loan_id")?, row.day("next_due_day")?))
    })
}

/// Notes a reminder; false if there was one about the row on the same day.
pub(super) fn note_reminder(tx: &mut Tx<'_, '_>, row: PlanRowId, day: Date) -> Result<bool, Fault> {
    let insert = "INSERT INTO reminder (plan_row_id, on_day) VALUES (?1, ?2)
        ON CONFLICT DO NOTHING";
    Ok(tx.execute(insert, params![row, day])? == 1)
}
