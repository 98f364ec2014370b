//! The rows of loans, their plans, and what was paid on them.

use kernel::id::{
    ApplicationId, LoanId, MemberId, PaymentId, PersonId, PlanRowId, ProductId, RepaymentId,
    TransferId,
};
use kernel::{Channel, Money, Rate};
use store::{Append, ColumnType, Fault, Row, params};

use super::{Listed, Loan, LoanState, Order, Paid, PlanRow, ROWS_PER_LOAN, Repayment, Source};
use crate::catalog::{Request, Word as _};
use crate::words::{small, word};
use crate::{Page, Tx};

pub(super) use super::payment_sql::*;

const SERIES: &str = "loan";

/// A query for loans; all of them read the same columns.
macro_rules! select_loans {
    ($($which:literal),+) => {
        concat!(
            "SELECT l.loan_id, l.application_id, a.code, l.member_id, l.person_id, l.product_id, ",
            "l.version, l.principal_fen, l.received_fen, l.tenor, l.tenor_unit, ",
            "l.interval_count, l.interval_unit, l.method, l.rate_ppm, l.state, l.created_at, ",
            "l.paid_out_at, l.start_day, l.current_row, l.next_due_day, l.overdue_since_day, ",
            "l.principal_paid_fen, l.interest_paid_fen, l.fee_paid_fen, l.penalty_paid_fen, ",
            "l.closed_at FROM loan l JOIN application a ON a.application_id = l.application_id ",
            $($which),+
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn read_loan(row: &Row<'_>) -> Result<Loan, Fault> {
    Ok(Loan {
        id: LoanId::from_number(row.i64("loan_id")?),
        application: ApplicationId::from_number(row.i64("application_id")?),
        code: row.text("code")?,
        member: MemberId::from_number(row.i64("member_id")?),
        person: PersonId::from_number(row.i64("person_id")?),
        product: ProductId::from_number(row.i64("product_id")?),
        version: small(row, "version")?,
        terms: Request {
            amount: row.money("principal_fen")?,
            rate: Rate::from_ppm(small(row, "rate_ppm")?).ok_or_else(|| corrupt("rate_ppm"))?,
            tenor: small(row, "tenor")?,
            tenor_unit: word(row, "tenor_unit")?,
            interval_count: small(row, "interval_count")?,
            interval_unit: word(row, "interval_unit")?,
            method: word(row, "method")?,
        },
        received: row.money("received_fen")?,
        state: LoanState::parse(&row.text("state")?).ok_or_else(|| corrupt("state"))?,
        created_at: row.instant("created_at")?,
        paid_out_at: row.opt_instant("paid_out_at")?,
        start: row.opt_day("start_day")?,
        current_row: small(row, "current_row")?,
        next_due: row.opt_day("next_due_day")?,
        overdue_since: row.opt_day("overdue_since_day")?,
        paid: Paid {
            principal: row.money("principal_paid_fen")?,
            interest: row.money("interest_paid_fen")?,
            fee: row.money("fee_paid_fen")?,
            penalty: row.money("penalty_paid_fen")?,
        },
        closed_at: row.opt_instant("closed_at")?,
    })
}

pub(super) fn loan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Option<Loan>, Fault> {
    tx.row(select_loans!("WHERE l.loan_id = ?1"), params![id], read_loan)
}

/// The loan, locked against other calls until this one is committed.
pub(crate) fn lock_loan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Option<Loan>, Fault> {
    let lock = "SELECT loan_id FROM loan WHERE loan_id = ?1 FOR UPDATE";
    tx.rows(lock, params![id], |_| Ok(()))?;
    loan(tx, id)
}

pub(super) fn loan_of_application(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
) -> Result<Option<Loan>, Fault> {
    tx.row(select_loans!("WHERE l.application_id = ?1"), params![id], read_loan)
}

pub(super) fn loans_of(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Loan>, Fault> {
    let select =
        select_loans!("WHERE l.member_id = ?1 AND l.start_day IS NOT NULL ORDER BY l.loan_id");
    tx.rows(select, params![member], read_loan)
}

/// The lists that people sort; what has no index for its order is sorted as a whole.
macro_rules! sorted_loans {
    ($which:literal, $order:expr) => {
        match $order {
            Order::Oldest => listed_loans!($which, "l.loan_id"),
            Order::Newest => listed_loans!($which, "l.loan_id DESC"),
            Order::Largest => listed_loans!($which, "l.principal_fen DESC, l.loan_id"),
            Order::NextDue => {
                listed_loans!($which, "l.next_due_day IS NULL, l.next_due_day, l.loan_id")
            }
            Order::LongestOverdue => {
                listed_loans!($which, "l.overdue_since_day IS NULL, l.overdue_since_day, l.loan_id")
            }
        }
    };
}

macro_rules! listed_loans {
    ($which:literal, $order:literal) => {
        select_loans!(
            "JOIN product p ON p.product_id = l.product_id WHERE ",
            $which,
            " AND l.state = ?1 AND (CAST(?2 AS TEXT) IS NULL OR p.channel = ?2) ORDER BY ",
            $order,
            " LIMIT ?3 OFFSET ?4"
        )
    };
}

pub(super) fn loans_in_order(
    tx: &mut Tx<'_, '_>,
    (which, channel): (Listed, Option<Channel>),
    order: Order,
    page: Page,
) -> Result<Vec<Loan>, Fault> {
    let (state, select) = match which {
        Listed::In(state) => (state, sorted_loans!("1 = 1", order)),
        Listed::Overdue => {
            (LoanState::Repaying, sorted_loans!("l.overdue_since_day IS NOT NULL", order))
        }
    };
    let channel = channel.map(Channel::word);
    tx.rows(select, params![state.word(), channel, page.size(), page.offset()], read_loan)
}

pub(super) fn next_loan(tx: &mut Tx<'_, '_>) -> Result<LoanId, Fault> {
    tx.store.next_number(SERIES).map(LoanId::from_number)
}

pub(super) fn insert_loan(tx: &mut Tx<'_, '_>, loan: &Loan) -> Result<(), Fault> {
    let insert = "INSERT INTO loan (loan_id, application_id, member_id, person_id, product_id,
            version, principal_fen, received_fen, tenor, tenor_unit, interval_count,
            interval_unit, method, rate_ppm, state, created_at, current_row,
            principal_paid_fen, interest_paid_fen, fee_paid_fen, penalty_paid_fen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 1,
            0, 0, 0, 0)";
    let terms = &loan.terms;
    tx.execute(
        insert,
        params![
            loan.id,
            loan.application,
            loan.member,
            loan.person,
            loan.product,
            loan.version,
            terms.amount,
            loan.received,
            terms.tenor,
            terms.tenor_unit.word(),
            terms.interval_count,
            terms.interval_unit.word(),
            terms.method.word(),
            terms.rate.ppm(),
            loan.state.word(),
            loan.created_at
        ],
    )
    .map(|_| ())
}

/// Writes what changes in the course of a loan.
pub(super) fn update_loan(tx: &mut Tx<'_, '_>, loan: &Loan) -> Result<(), Fault> {
    let update = "UPDATE loan SET state = ?2, paid_out_at = ?3, start_day = ?4, current_row = ?5,
            next_due_day = ?6, overdue_since_day = ?7, principal_paid_fen = ?8,
            interest_paid_fen = ?9, fee_paid_fen = ?10, penalty_paid_fen = ?11, closed_at = ?12
        WHERE loan_id = ?1";
    let paid = &loan.paid;
    tx.execute(
        update,
        params![
            loan.id,
            loan.state.word(),
            loan.paid_out_at,
            loan.start,
            loan.current_row,
            loan.next_due,
            loan.overdue_since,
            paid.principal,
            paid.interest,
            paid.fee,
            paid.penalty,
            loan.closed_at
        ],
    )
    .map(|_| ())
}

static PLAN_ROW: Append = Append {
    table: "plan_row",
    columns: &[
        ("plan_row_id", ColumnType::I64),
        ("loan_id", ColumnType::I64),
        ("number", ColumnType::I64),
        ("from_day", ColumnType::I64),
        ("due_day", ColumnType::I64),
        ("principal_fen", ColumnType::I64),
        ("interest_fen", ColumnType::I64),
        ("fee_fen", ColumnType::I64),
        ("interest_before_fen", ColumnType::I64),
    ],
};

pub(super) fn insert_plan_row(tx: &mut Tx<'_, '_>, row: &PlanRow) -> Result<(), Fault> {
    tx.append(
        &PLAN_ROW,
        params![
            row.id,
            row.loan,
            row.number,
            row.from,
            row.due,
            row.principal,
            row.interest,
            row.fee,
            row.interest_before
        ],
    )
}

pub(super) fn plan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Vec<PlanRow>, Fault> {
    let select = "SELECT plan_row_id, loan_id, number, from_day, due_day, principal_fen,
            interest_fen, fee_fen, interest_before_fen
        FROM plan_row WHERE plan_row_id > ?1 AND plan_row_id < ?2 ORDER BY plan_row_id";
    let first = id.number().saturating_mul(ROWS_PER_LOAN);
    tx.rows(select, params![first, first.saturating_add(ROWS_PER_LOAN)], |row| {
        Ok(PlanRow {
            id: PlanRowId::from_number(row.i64("plan_row_id")?),
            loan: LoanId::from_number(row.i64("loan_id")?),
            number: small(row, "number")?,
            from: row.day("from_day")?,
            due: row.day("due_day")?,
            principal: row.money("principal_fen")?,
            interest: row.money("interest_fen")?,
            fee: row.money("fee_fen")?,
            interest_before: row.money("interest_before_fen")?,
        })
    })
}

/// A query for repayments; all of them read the same columns.
macro_rules! select_repayments {
    ($which:literal) => {
        concat!(
            "SELECT repayment_id, loan_id, settles, source, on_day, amount_fen, principal_fen, ",
            "interest_fen, fee_fen, penalty_fen, excess_fen, coupon_fen, payment_id, ",
            "reversed_by_id, made_at ",
            "FROM repayment ",
            $which
        )
    };
}

fn read_repayment(row: &Row<'_>) -> Result<Repayment, Fault> {
    Ok(Repayment {
        id: RepaymentId::from_number(row.i64("repayment_id")?),
        loan: LoanId::from_number(row.i64("loan_id")?),
        settles: row.i64("settles")? != 0,
        source: Source::parse(&row.text("source")?).ok_or_else(|| corrupt("source"))?,
        on: row.day("on_day")?,
        amount: row.money("amount_fen")?,
        parts: Paid {
            principal: row.money("principal_fen")?,
            interest: row.money("interest_fen")?,
            fee: row.money("fee_fen")?,
            penalty: row.money("penalty_fen")?,
        },
        excess: row.money("excess_fen")?,
        coupon: row.money("coupon_fen")?,
        payment: row.opt_i64("payment_id")?.map(PaymentId::from_number),
        reversed: row.opt_i64("reversed_by_id")?.is_some(),
        at: row.instant("made_at")?,
    })
}

/// Repayments in the order in which they were used: by day, and within a day as they came.
pub(super) fn repayments(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Vec<Repayment>, Fault> {
    let select = select_repayments!("WHERE loan_id = ?1 ORDER BY on_day, place");
    tx.rows(select, params![id], read_repayment)
}

pub(super) fn repayment(tx: &mut Tx<'_, '_>, id: RepaymentId) -> Result<Option<Repayment>, Fault> {
    tx.row(select_repayments!("WHERE repayment_id = ?1"), params![id], read_repayment)
}

pub(super) fn insert_repayment(
    tx: &mut Tx<'_, '_>,
    repayment: &Repayment,
    transfer: TransferId,
) -> Result<(), Fault> {
    let insert = "INSERT INTO repayment (repayment_id, loan_id, place, settles, source, on_day,
            amount_fen, principal_fen, interest_fen, fee_fen, penalty_fen, excess_fen,
            coupon_fen, payment_id, transfer_id, made_at)
        VALUES (?1, ?2, (SELECT COALESCE(MAX(r.place), 0) + 1 FROM repayment r
            WHERE r.loan_id = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let parts = &repayment.parts;
    tx.execute(
        insert,
        params![
            repayment.id,
            repayment.loan,
            i64::from(repayment.settles),
            repayment.source.word(),
            repayment.on,
            repayment.amount,
            parts.principal,
            parts.interest,
            parts.fee,
            parts.penalty,
            repayment.excess,
            repayment.coupon,
            repayment.payment,
            transfer,
            repayment.at
        ],
    )
    .map(|_| ())
}

pub(super) fn transfer_of_repayment(
    tx: &mut Tx<'_, '_>,
    id: RepaymentId,
) -> Result<TransferId, Fault> {
    let select = "SELECT transfer_id FROM repayment WHERE repayment_id = ?1";
    let found = tx.row(select, params![id], |row| row.i64("transfer_id"))?;
    found.map(TransferId::from_number).ok_or_else(|| corrupt("transfer_id"))
}

pub(super) fn mark_reversed(
    tx: &mut Tx<'_, '_>,
    id: RepaymentId,
    by: TransferId,
) -> Result<(), Fault> {
    let update = "UPDATE repayment SET reversed_by_id = ?2 WHERE repayment_id = ?1";
    tx.execute(update, params![id, by]).map(|_| ())
}

/// What was lent to a customer and was not taken back before it was paid out (成功借款总额).
pub(super) fn lent_to(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Money, Fault> {
    let select = "SELECT CAST(COALESCE(SUM(principal_fen), 0) AS BIGINT) AS total FROM loan
        WHERE member_id = ?1 AND start_day IS NOT NULL";
    let total = tx.row(select, params![member], |row| row.money("total"))?;
    Ok(total.unwrap_or(Money::ZERO))
}
