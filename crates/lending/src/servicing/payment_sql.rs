//! The rows of orders to the payment provider.

use kernel::id::{CardId, CouponId, LoanId, MemberId, PaymentId, PlanRowId, TransferId};
use kernel::{Instant, Money};
use store::{Fault, Row, params};

use super::payments::{Order, Payment, PaymentState, Purpose};
use crate::{Page, Tx};

/// A query for orders; all of them read the same columns.
macro_rules! select_payments {
    ($which:literal) => {
        concat!(
            "SELECT payment_id, order_no, purpose, member_id, loan_id, plan_row_id, coupon_id, ",
            "card_id, ",
            "amount_fen, state, reason, attempt_at, attempts, requested_at, settled_at, by_page, ",
            "by_partner ",
            "FROM payment ",
            $which
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn read(row: &Row<'_>) -> Result<Payment, Fault> {
    Ok(Payment {
        id: PaymentId::from_number(row.i64("payment_id")?),
        order_no: row.text("order_no")?,
        purpose: Purpose::parse(&row.text("purpose")?).ok_or_else(|| corrupt("purpose"))?,
        member: MemberId::from_number(row.i64("member_id")?),
        loan: row.opt_i64("loan_id")?.map(LoanId::from_number),
        row: row.opt_i64("plan_row_id")?.map(PlanRowId::from_number),
        coupon: row.opt_i64("coupon_id")?.map(CouponId::from_number),
        card: CardId::from_number(row.i64("card_id")?),
        amount: row.money("amount_fen")?,
        state: PaymentState::parse(&row.text("state")?).ok_or_else(|| corrupt("state"))?,
        reason: row.opt_text("reason")?,
        attempt_at: row.instant("attempt_at")?,
        attempts: row.i64("attempts")?,
        requested_at: row.instant("requested_at")?,
        settled_at: row.opt_instant("settled_at")?,
        by_page: row.i64("by_page")? == 1,
        by_partner: row.i64("by_partner")? == 1,
    })
}

pub(super) fn payment(tx: &mut Tx<'_, '_>, id: PaymentId) -> Result<Option<Payment>, Fault> {
    tx.row(select_payments!("WHERE payment_id = ?1"), params![id], read)
}

/// The order, locked against other calls until this one is committed.
pub(super) fn lock_payment(tx: &mut Tx<'_, '_>, id: PaymentId) -> Result<Option<Payment>, Fault> {
    tx.row(select_payments!("WHERE payment_id = ?1 FOR UPDATE"), params![id], read)
}

pub(super) fn payments_of(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Vec<Payment>, Fault> {
    let select = select_payments!("WHERE loan_id = ?1 ORDER BY payment_id DESC");
    tx.rows(select, params![loan], read)
}

pub(super) fn open_payments(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Payment>, Fault> {
    // Sorted by a sum, so that the few open orders are read from their index, not all orders in
    // the order of the key.
    let select = select_payments!(
        "WHERE state IN ('requested', 'sent', 'unknown') ORDER BY payment_id + 0 \
         LIMIT ?1 OFFSET ?2"
    );
    tx.rows(select, params![page.size(), page.offset()], read)
}

pub(super) fn due_payments(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Payment>, Fault> {
    let select = select_payments!(
        "WHERE state IN ('requested', 'sent', 'unknown') AND attempt_at <= ?1 \
         AND by_partner = 0 ORDER BY attempt_at, payment_id LIMIT ?2"
    );
    tx.rows(select, params![tx.at.wall, most], read)
}

pub(super) fn has_open_payment(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<bool, Fault> {
    let select = "SELECT COUNT(*) AS n FROM payment
        WHERE loan_id = ?1 AND state IN ('requested', 'sent', 'unknown')";
    Ok(tx.row(select, params![loan], |row| row.i64("n"))? != Some(0))
}

/// Inserts an order; false if another one about the loan is under way.
pub(super) fn insert_payment(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    order_no: &str,
    order: &Order,
    (state, attempt_at): (PaymentState, Instant),
) -> Result<bool, Fault> {
    let insert = "INSERT INTO payment (payment_id, order_no, direction, member_id, loan_id,
            card_id, amount_fen, purpose, plan_row_id, coupon_id, state, attempt_at, attempts,
            requested_at, by_page, by_partner)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?12, ?13, ?10, 0, ?11, ?14, ?15)
        ON CONFLICT DO NOTHING";
    let purpose = order.purpose;
    let inserted = tx.execute(
        insert,
        params![
            id,
            order_no,
            purpose.direction().word(),
            order.member,
            order.loan,
            order.card,
            order.amount,
            purpose.word(),
            order.row,
            attempt_at,
            tx.at.business,
            order.coupon,
            state.word(),
            i64::from(order.by_page),
            i64::from(order.by_partner)
        ],
    )?;
    Ok(inserted == 1)
}

/// Inserts a refund, which is about no loan and whose money has moved in the books already.
pub(super) fn insert_refund(
    tx: &mut Tx<'_, '_>,
    (id, order_no): (PaymentId, &str),
    (member, card): (MemberId, CardId),
    amount: Money,
    transfer: TransferId,
) -> Result<(), Fault> {
    let insert = "INSERT INTO payment (payment_id, order_no, direction, member_id, card_id,
            amount_fen, purpose, state, attempt_at, attempts, requested_at, transfer_id)
        VALUES (?1, ?2, 'refund', ?3, ?4, ?5, 'refund', 'requested', ?6, 0, ?7, ?8)";
    let (wall, at) = (tx.at.wall, tx.at.business);
    tx.execute(insert, params![id, order_no, member, card, amount, wall, at, transfer]).map(|_| ())
}

/// Takes an order, unless somebody else was quicker.
pub(super) fn claim_payment(
    tx: &mut Tx<'_, '_>,
    payment: &Payment,
    state: PaymentState,
    until: Instant,
) -> Result<bool, Fault> {
    let update = "UPDATE payment SET state = ?2, attempt_at = ?3, attempts = attempts + 1
        WHERE payment_id = ?1 AND state = ?4 AND attempts = ?5";
    let (was, attempts) = (payment.state.word(), payment.attempts);
    Ok(tx.execute(update, params![payment.id, state.word(), until, was, attempts])? == 1)
}

pub(super) fn settle_payment(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    state: PaymentState,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let update = "UPDATE payment SET state = ?2, reason = ?3, settled_at = ?4
        WHERE payment_id = ?1";
    tx.execute(update, params![id, state.word(), reason, tx.at.business]).map(|_| ())
}

pub(super) fn postpone_payment(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    state: PaymentState,
    until: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE payment SET state = ?2, attempt_at = ?3 WHERE payment_id = ?1";
    tx.execute(update, params![id, state.word(), until]).map(|_| ())
}

/// Another amount and coupon for an order that the customer has not paid yet.
pub(super) fn change_payment(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    amount: Money,
    coupon: Option<CouponId>,
) -> Result<(), Fault> {
    let update = "UPDATE payment SET amount_fen = ?2, coupon_id = ?3 WHERE payment_id = ?1";
    tx.execute(update, params![id, amount, coupon]).map(|_| ())
}

/// Which transfer has moved the money of an order that no repayment stands for.
pub(super) fn note_transfer(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    transfer: TransferId,
) -> Result<(), Fault> {
    let update = "UPDATE payment SET transfer_id = ?2 WHERE payment_id = ?1";
    tx.execute(update, params![id, transfer]).map(|_| ())
}

pub(super) fn transfer_of_payment(tx: &mut Tx<'_, '_>, id: PaymentId) -> Result<TransferId, Fault> {
    let select = "SELECT transfer_id FROM payment WHERE payment_id = ?1";
    let found = tx.row(select, params![id], |row| row.i64("transfer_id"))?;
    found.map(TransferId::from_number).ok_or_else(|| corrupt("transfer_id"))
}
