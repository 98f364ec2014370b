//! The rows of statements, their lines and what differs.

use kernel::id::{DifferenceId, OperatorId, PaymentId};
use kernel::{Date, Instant, Money};
use store::{Append, ColumnType, Fault, Row, params};

use super::{Difference, DifferenceKind, DifferenceState, Statement, StatementState, Totals};
use crate::ports::StatementLine;
use crate::{Page, Tx};

const LINES: Append = Append {
    table: "statement_line",
    columns: &[
        ("statement_day", ColumnType::I64),
        ("number", ColumnType::I64),
        ("order_no", ColumnType::Text),
        ("direction", ColumnType::Text),
        ("amount_fen", ColumnType::I64),
        ("provider_no", ColumnType::Text),
    ],
};

/// A query for statements; all of them read the same columns.
macro_rules! select_statements {
    ($which:literal) => {
        concat!(
            "SELECT s.statement_day, s.state, s.attempts, s.lines, s.in_fen, s.out_fen, ",
            "s.our_orders, s.our_in_fen, s.our_out_fen, s.compared_at, ",
            "(SELECT COUNT(*) FROM statement_difference d ",
            "WHERE d.statement_day = s.statement_day AND d.state = 'open') AS open_differences ",
            "FROM statement s ",
            $which
        )
    };
}

/// A query for differences; all of them read the same columns.
macro_rules! select_differences {
    ($which:literal) => {
        concat!(
            "SELECT difference_id, statement_day, kind, order_no, payment_id, ours_fen, ",
            "theirs_fen, state, reason, operator_id, found_at, ended_at ",
            "FROM statement_difference ",
            $which
        )
    };
}

/// A difference that was found just now.
pub(super) struct Found {
    pub(super) kind: DifferenceKind,
    pub(super) order_no: String,
    payment: Option<PaymentId>,
    ours: Option<Money>,
    theirs: Option<Money>,
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn day_of(row: &Row<'_>) -> Result<Date, Fault> {
    Date::from_day_number(row.i64("statement_day")?).ok_or_else(|| corrupt("statement_day"))
}

fn opt_money(row: &Row<'_>, column: &str) -> Result<Option<Money>, Fault> {
    let fen = row.opt_i64(column)?;
    fen.map(|fen| Money::from_fen(fen).ok_or_else(|| corrupt(column))).transpose()
}

fn kind_of(row: &Row<'_>) -> Result<DifferenceKind, Fault> {
    let word = row.text("kind")?;
    let found = DifferenceKind::ALL.iter().copied().find(|kind| kind.word() == word);
    found.ok_or_else(|| corrupt("kind"))
}

fn read_statement(row: &Row<'_>) -> Result<Statement, Fault> {
    let word = row.text("state")?;
    let state = StatementState::ALL.iter().copied().find(|state| state.word() == word);
    Ok(Statement {
        day: day_of(row)?,
        state: state.ok_or_else(|| corrupt("state"))?,
        attempts: row.i64("attempts")?,
        theirs: Totals {
            count: row.i64("lines")?,
            money_in: row.money("in_fen")?,
            money_out: row.money("out_fen")?,
        },
        ours: Totals {
            count: row.i64("our_orders")?,
            money_in: row.money("our_in_fen")?,
            money_out: row.money("our_out_fen")?,
        },
        open: row.i64("open_differences")?,
        compared_at: row.opt_instant("compared_at")?,
    })
}

fn read_difference(row: &Row<'_>) -> Result<Difference, Fault> {
    let state = DifferenceState::parse(&row.text("state")?).ok_or_else(|| corrupt("state"))?;
    Ok(Difference {
        id: DifferenceId::from_number(row.i64("difference_id")?),
        day: day_of(row)?,
        kind: kind_of(row)?,
        order_no: row.text("order_no")?,
        payment: row.opt_i64("payment_id")?.map(PaymentId::from_number),
        ours: opt_money(row, "ours_fen")?,
        theirs: opt_money(row, "theirs_fen")?,
        state,
        reason: row.opt_text("reason")?,
        operator: row.opt_i64("operator_id")?.map(OperatorId::from_number),
        found_at: row.instant("found_at")?,
        ended_at: row.opt_instant("ended_at")?,
    })
}

/// The numbers of a day's orders lie between these two.
fn order_numbers(day: Date) -> (String, String) {
    let digits = |day: Date| day.to_string().replace('-', "");
    let next = day.plus_days(1).map(digits);
    (digits(day), next.unwrap_or_else(|| "99999999".to_owned()))
}

pub(super) fn last_day(tx: &mut Tx<'_, '_>) -> Result<Option<Date>, Fault> {
    let select = "SELECT statement_day FROM statement ORDER BY statement_day DESC LIMIT 1";
    tx.row(select, params![], day_of)
}

/// Writes down that a day's statement is wanted; false if it was before.
pub(super) fn want(tx: &mut Tx<'_, '_>, day: Date) -> Result<bool, Fault> {
    let insert = "INSERT INTO statement (statement_day, state, attempt_at, attempts, lines, in_fen,
            out_fen, our_orders, our_in_fen, our_out_fen)
        VALUES (?1, 'wanted', ?2, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING";
    Ok(tx.execute(insert, params![day, tx.at.wall])? == 1)
}

pub(super) fn want_again(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    let update = "UPDATE statement SET state = 'wanted', attempt_at = ?2, attempts = 0
        WHERE statement_day = ?1";
    tx.execute(update, params![day, tx.at.wall]).map(|_| ())
}

pub(super) fn due(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Date>, Fault> {
    let select = "SELECT statement_day FROM statement
        WHERE state IN ('wanted', 'loading') AND attempt_at <= ?1
        ORDER BY attempt_at, statement_day LIMIT ?2";
    tx.rows(select, params![tx.at.wall, most], day_of)
}

pub(super) fn claim(tx: &mut Tx<'_, '_>, day: Date, until: Instant) -> Result<(), Fault> {
    let update = "UPDATE statement SET attempt_at = ?2, attempts = attempts + 1
        WHERE statement_day = ?1";
    tx.execute(update, params![day, until]).map(|_| ())
}

pub(super) fn postpone(
    tx: &mut Tx<'_, '_>,
    day: Date,
    state: StatementState,
    until: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE statement SET state = ?2, attempt_at = ?3
        WHERE statement_day = ?1 AND state = 'wanted'";
    tx.execute(update, params![day, state.word(), until]).map(|_| ())
}

pub(super) fn begin(tx: &mut Tx<'_, '_>, day: Date, until: Instant) -> Result<(), Fault> {
    tx.execute("DELETE FROM statement_line WHERE statement_day = ?1", params![day])?;
    let update = "UPDATE statement SET state = 'loading', attempt_at = ?2 WHERE statement_day = ?1";
    tx.execute(update, params![day, until]).map(|_| ())
}

pub(super) fn append_line(
    tx: &mut Tx<'_, '_>,
    day: Date,
    number: i64,
    line: &StatementLine,
) -> Result<(), Fault> {
    let (flow, amount) = (line.flow.word(), line.amount);
    tx.append(&LINES, params![day, number, &line.order_no, flow, amount, &line.provider_no])
}

/// What differs, by what stands in the tables now. What the funding partner pays out is none of the
/// payment provider's.
const DIFFERENCES: &str = "
    SELECT 'not_ours' AS kind, l.order_no, p.payment_id, p.amount_fen AS ours_fen,
        l.amount_fen AS theirs_fen
    FROM statement_line l LEFT JOIN payment p ON p.order_no = l.order_no AND p.by_partner = 0
    WHERE l.statement_day = ?1 AND p.payment_id IS NULL
    UNION
    SELECT CASE WHEN (p.direction = 'debit') <> (l.direction = 'in') THEN 'direction'
            WHEN p.amount_fen <> l.amount_fen THEN 'amount'
            WHEN p.state = 'failed' THEN 'failed_here'
            ELSE 'open_here' END,
        l.order_no, p.payment_id, p.amount_fen, l.amount_fen
    FROM statement_line l JOIN payment p ON p.order_no = l.order_no AND p.by_partner = 0
    WHERE l.statement_day = ?1 AND (p.state <> 'succeeded' OR p.amount_fen <> l.amount_fen
        OR (p.direction = 'debit') <> (l.direction = 'in'))
    UNION
    SELECT 'not_booked', l.order_no, p.payment_id, ABS(c.amount_fen), l.amount_fen
    FROM statement_line l
    JOIN payment p ON p.order_no = l.order_no AND p.by_partner = 0
    LEFT JOIN repayment r ON r.loan_id = p.loan_id AND r.payment_id = p.payment_id
    LEFT JOIN transfer t ON t.transfer_id = COALESCE(r.transfer_id, p.transfer_id)
    LEFT JOIN posting c ON c.posting_id > t.transfer_id
        AND c.posting_id <= t.transfer_id + t.lines AND c.account_id = 52
    WHERE l.statement_day = ?1 AND p.state = 'succeeded' AND p.direction = 'debit'
        AND (c.posting_id IS NULL OR c.amount_fen <> -l.amount_fen)
        AND p.amount_fen = l.amount_fen
    UNION
    SELECT 'twice', l.order_no, p.payment_id, p.amount_fen, l.amount_fen
    FROM statement_line l LEFT JOIN payment p ON p.order_no = l.order_no AND p.by_partner = 0
    WHERE l.statement_day = ?1 AND EXISTS (SELECT 1 FROM statement_line o
        WHERE o.order_no = l.order_no
            AND (o.statement_day < l.statement_day
                OR (o.statement_day = l.statement_day AND o.number < l.number)))
    UNION
    SELECT 'not_theirs', p.order_no, p.payment_id, p.amount_fen, NULL
    FROM payment p
    WHERE p.order_no >= ?2 AND p.order_no < ?3 AND p.state = 'succeeded'
        AND p.by_partner = 0 AND NOT EXISTS (SELECT 1 FROM statement_line l WHERE l.order_no = p.order_no)
    ORDER BY 2, 1";

pub(super) fn differences_now(tx: &mut Tx<'_, '_>, day: Date) -> Result<Vec<Found>, Fault> {
    let (from, to) = order_numbers(day);
    tx.rows(DIFFERENCES, params![day, &from, &to], |row| {
        Ok(Found {
            kind: kind_of(row)?,
            order_no: row.text("order_no")?,
            payment: row.opt_i64("payment_id")?.map(PaymentId::from_number),
            ours: opt_money(row, "ours_fen")?,
            theirs: opt_money(row, "theirs_fen")?,
        })
    })
}

/// The open differences of a statement.
pub(super) fn open_of(
    tx: &mut Tx<'_, '_>,
    day: Date,
) -> Result<Vec<(DifferenceKind, String, DifferenceId)>, Fault> {
    let select = "SELECT kind, order_no, difference_id FROM statement_difference
        WHERE statement_day = ?1 AND state = 'open'";
    tx.rows(select, params![day], |row| {
        let id = DifferenceId::from_number(row.i64("difference_id")?);
        Ok((kind_of(row)?, row.text("order_no")?, id))
    })
}

/// Writes a difference down. One that was settled stays settled; one that was gone is back.
pub(super) fn insert_difference(
    tx: &mut Tx<'_, '_>,
    day: Date,
    found: &Found,
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let insert = "INSERT INTO statement_difference (difference_id, statement_day, kind, order_no,
            payment_id, ours_fen, theirs_fen, state, found_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8)
        ON CONFLICT (statement_day, kind, order_no) DO UPDATE SET
            ours_fen = excluded.ours_fen, theirs_fen = excluded.theirs_fen,
            state = CASE WHEN statement_difference.state = 'settled' THEN 'settled' ELSE 'open' END,
            ended_at = CASE WHEN statement_difference.state = 'settled'
                THEN statement_difference.ended_at END";
    let (kind, order_no) = (found.kind.word(), &found.order_no);
    let payment = found.payment.map(PaymentId::number);
    let (ours, theirs) = (found.ours.map(Money::fen), found.theirs.map(Money::fen));
    let at = tx.at.business;
    tx.execute(insert, params![id, day, kind, order_no, payment, ours, theirs, at]).map(|_| ())
}

/// Ends a difference that is open; false if it is not.
pub(super) fn end_difference(
    tx: &mut Tx<'_, '_>,
    id: DifferenceId,
    state: DifferenceState,
    by: Option<(OperatorId, &str)>,
) -> Result<bool, Fault> {
    let update = "UPDATE statement_difference SET state = ?2, operator_id = ?3, reason = ?4,
            ended_at = ?5
        WHERE difference_id = ?1 AND state = 'open'";
    let (operator, reason) = (by.map(|(operator, _)| operator.number()), by.map(|(_, why)| why));
    let at = tx.at.business;
    Ok(tx.execute(update, params![id.number(), state.word(), operator, reason, at])? == 1)
}

/// An order that one statement lacked and another has is in order: the provider's day ended before
/// ours or after it.
pub(super) fn end_found_elsewhere(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    let update = "UPDATE statement_difference SET state = 'gone', ended_at = ?1
        WHERE state = 'open' AND kind = 'not_theirs'
            AND EXISTS (SELECT 1 FROM statement_line l
                WHERE l.order_no = statement_difference.order_no)";
    tx.execute(update, params![tx.at.business]).map(|_| ())
}

/// An order that was still asked for and has succeeded since is in order.
pub(super) fn end_decided(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    let update = "UPDATE statement_difference SET state = 'gone', ended_at = ?1
        WHERE state = 'open' AND kind IN ('open_here', 'failed_here')
            AND EXISTS (SELECT 1 FROM payment p
                WHERE p.payment_id = statement_difference.payment_id AND p.state = 'succeeded'
                    AND p.amount_fen = statement_difference.theirs_fen)";
    tx.execute(update, params![tx.at.business]).map(|_| ())
}

/// Marks a statement as compared, with what both sides come to.
pub(super) fn compared(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    let theirs = "SELECT COUNT(*) AS n,
            CAST(COALESCE(SUM(CASE WHEN direction = 'in' THEN amount_fen END), 0) AS BIGINT)
                AS in_fen,
            CAST(COALESCE(SUM(CASE WHEN direction = 'out' THEN amount_fen END), 0) AS BIGINT)
                AS out_fen
        FROM statement_line WHERE statement_day = ?1";
    let theirs = tx.row(theirs, params![day], read_totals)?.ok_or(corrupt("statement_line"))?;
    let (from, to) = order_numbers(day);
    let ours = "SELECT COUNT(*) AS n,
            CAST(COALESCE(SUM(CASE WHEN direction = 'debit' THEN amount_fen END), 0) AS BIGINT)
                AS in_fen,
            CAST(COALESCE(SUM(CASE WHEN direction <> 'debit' THEN amount_fen END), 0) AS BIGINT)
                AS out_fen
        FROM payment WHERE order_no >= ?1 AND order_no < ?2 AND state = 'succeeded'
            AND by_partner = 0";
    let ours = tx.row(ours, params![&from, &to], read_totals)?.ok_or(corrupt("payment"))?;
    let update = "UPDATE statement SET state = 'compared', lines = ?2, in_fen = ?3, out_fen = ?4,
            our_orders = ?5, our_in_fen = ?6, our_out_fen = ?7, compared_at = ?8
        WHERE statement_day = ?1";
    let at = tx.at.business;
    tx.execute(
        update,
        params![
            day,
            theirs.count,
            theirs.money_in,
            theirs.money_out,
            ours.count,
            ours.money_in,
            ours.money_out,
            at
        ],
    )
    .map(|_| ())
}

fn read_totals(row: &Row<'_>) -> Result<Totals, Fault> {
    Ok(Totals {
        count: row.i64("n")?,
        money_in: row.money("in_fen")?,
        money_out: row.money("out_fen")?,
    })
}

pub(super) fn statement(tx: &mut Tx<'_, '_>, day: Date) -> Result<Option<Statement>, Fault> {
    tx.row(select_statements!("WHERE s.statement_day = ?1"), params![day], read_statement)
}

pub(super) fn statements(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Statement>, Fault> {
    let select = select_statements!("ORDER BY s.statement_day DESC LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read_statement)
}

pub(super) fn differences(
    tx: &mut Tx<'_, '_>,
    state: DifferenceState,
    page: Page,
) -> Result<Vec<Difference>, Fault> {
    let select = select_differences!("WHERE state = ?1 ORDER BY difference_id LIMIT ?2 OFFSET ?3");
    tx.rows(select, params![state.word(), page.size(), page.offset()], read_difference)
}

pub(super) fn difference(
    tx: &mut Tx<'_, '_>,
    id: DifferenceId,
) -> Result<Option<Difference>, Fault> {
    tx.row(select_differences!("WHERE difference_id = ?1"), params![id.number()], read_difference)
}
