//! The rows of what the partner is told, and of what people have to look at.

use kernel::Instant;
use kernel::id::{
    ApplicationId, CardId, DrawdownId, FundingIssueId, FundingOrderId, OperatorId, PaymentId,
    RepaymentId,
};
use store::{Fault, Row, params};

use super::issues::Issue;
use super::{Order, OrderState};
use crate::ports::{FundingKind, FundingStatus};
use crate::{Page, Tx};

/// A query for orders; all of them read the same columns.
macro_rules! select_orders {
    ($which:literal) => {
        concat!(
            "SELECT funding_order_id, kind, number, application_id, drawdown_id, card_id, ",
            "payment_id, repayment_id, state, heard, heard_place, reason, attempt_at, attempts, ",
            "requested_at, settled_at FROM funding_order ",
            $which
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn status(number: Option<i64>) -> Result<Option<FundingStatus>, Fault> {
    let Some(number) = number else { return Ok(None) };
    let status = u32::try_from(number).ok().and_then(FundingStatus::of_code);
    status.map(Some).ok_or_else(|| corrupt("heard"))
}

fn read(row: &Row<'_>) -> Result<Order, Fault> {
    Ok(Order {
        id: FundingOrderId::from_number(row.i64("funding_order_id")?),
        kind: FundingKind::parse(&row.text("kind")?).ok_or_else(|| corrupt("kind"))?,
        number: row.text("number")?,
        application: ApplicationId::from_number(row.i64("application_id")?),
        drawdown: row.opt_i64("drawdown_id")?.map(DrawdownId::from_number),
        card: row.opt_i64("card_id")?.map(CardId::from_number),
        payment: row.opt_i64("payment_id")?.map(PaymentId::from_number),
        repayment: row.opt_i64("repayment_id")?.map(RepaymentId::from_number),
        state: OrderState::parse(&row.text("state")?).ok_or_else(|| corrupt("state"))?,
        heard: status(row.opt_i64("heard")?)?,
        heard_place: row.i64("heard_place")?,
        reason: row.opt_text("reason")?,
        attempt_at: row.instant("attempt_at")?,
        attempts: row.i64("attempts")?,
        requested_at: row.instant("requested_at")?,
        settled_at: row.opt_instant("settled_at")?,
    })
}

/// Inserts an order; false where there is one with its number, or a withdrawal under way.
pub(super) fn insert(tx: &mut Tx<'_, '_>, order: &Order) -> Result<bool, Fault> {
    let insert = "INSERT INTO funding_order (funding_order_id, kind, number, application_id,
            drawdown_id, card_id, payment_id, repayment_id, state, heard_place, attempt_at,
            attempts, requested_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, 0, ?11) ON CONFLICT DO NOTHING";
    let values = params![
        order.id,
        order.kind.word(),
        &order.number,
        order.application,
        order.drawdown,
        order.card,
        order.payment,
        order.repayment,
        order.state.word(),
        order.attempt_at,
        order.requested_at
    ];
    Ok(tx.execute(insert, values)? == 1)
}

pub(super) fn order(tx: &mut Tx<'_, '_>, id: FundingOrderId) -> Result<Option<Order>, Fault> {
    tx.row(select_orders!("WHERE funding_order_id = ?1"), params![id], read)
}

pub(super) fn by_number(
    tx: &mut Tx<'_, '_>,
    kind: FundingKind,
    number: &str,
) -> Result<Option<Order>, Fault> {
    let select = select_orders!("WHERE kind = ?1 AND number = ?2");
    tx.row(select, params![kind.word(), number], read)
}

/// The order, locked against other calls until this one is committed.
pub(super) fn lock(tx: &mut Tx<'_, '_>, id: FundingOrderId) -> Result<Option<Order>, Fault> {
    tx.row(select_orders!("WHERE funding_order_id = ?1 FOR UPDATE"), params![id], read)
}

pub(super) fn orders_of(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Vec<Order>, Fault> {
    let select = select_orders!("WHERE application_id = ?1 ORDER BY funding_order_id");
    tx.rows(select, params![id], read)
}

pub(super) fn open_orders(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Order>, Fault> {
    let select = select_orders!(
        "WHERE state IN ('requested', 'sent', 'unknown', 'accepted') \
         ORDER BY funding_order_id LIMIT ?1 OFFSET ?2"
    );
    tx.rows(select, params![page.size(), page.offset()], read)
}

pub(super) fn has_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let select = "SELECT funding_order_id FROM funding_order
        WHERE state IN ('requested', 'sent', 'unknown', 'accepted') AND attempt_at <= ?1 LIMIT 1";
    Ok(tx.row(select, params![tx.at.wall], |row| row.i64("funding_order_id"))?.is_some())
}

pub(super) fn due(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Order>, Fault> {
    let select = select_orders!(
        "WHERE state IN ('requested', 'sent', 'unknown', 'accepted') AND attempt_at <= ?1 \
         ORDER BY attempt_at, funding_order_id LIMIT ?2"
    );
    tx.rows(select, params![tx.at.wall, most], read)
}

/// Whether the partner has not been told everything yet that happened to a loan.
pub(super) fn has_open_reports(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<bool, Fault> {
    let select = "SELECT COUNT(*) AS n FROM funding_order
        WHERE application_id = ?1 AND kind IN ('plan', 'repay', 'reversal')
            AND state IN ('requested', 'sent', 'unknown', 'accepted')";
    Ok(tx.row(select, params![id], |row| row.i64("n"))? != Some(0))
}

/// Takes an order, unless somebody else was quicker.
pub(super) fn claim(
    tx: &mut Tx<'_, '_>,
    order: &Order,
    state: OrderState,
    until: Instant,
) -> Result<bool, Fault> {
    let update = "UPDATE funding_order SET state = ?2, attempt_at = ?3, attempts = attempts + 1
        WHERE funding_order_id = ?1 AND state = ?4 AND attempts = ?5";
    let (was, attempts) = (order.state.word(), order.attempts);
    Ok(tx.execute(update, params![order.id, state.word(), until, was, attempts])? == 1)
}

/// Leaves an order that is open in another state until the next attempt.
pub(super) fn postpone(
    tx: &mut Tx<'_, '_>,
    id: FundingOrderId,
    state: OrderState,
    until: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE funding_order SET state = ?2, attempt_at = ?3
        WHERE funding_order_id = ?1 AND state IN ('requested', 'sent', 'unknown', 'accepted')";
    tx.execute(update, params![id, state.word(), until]).map(|_| ())
}

/// Ends an order.
pub(super) fn end(
    tx: &mut Tx<'_, '_>,
    id: FundingOrderId,
    state: OrderState,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let update = "UPDATE funding_order SET state = ?2, reason = ?3, settled_at = ?4
        WHERE funding_order_id = ?1 AND state IN ('requested', 'sent', 'unknown', 'accepted')";
    tx.execute(update, params![id, state.word(), reason, tx.at.business]).map(|_| ())
}

/// Drops an order that was never told; false if it was.
pub(super) fn drop_untold(tx: &mut Tx<'_, '_>, id: FundingOrderId) -> Result<bool, Fault> {
    let update = "UPDATE funding_order SET state = 'dropped', settled_at = ?2
        WHERE funding_order_id = ?1 AND state = 'requested' AND attempts = 0";
    Ok(tx.execute(update, params![id, tx.at.business])? == 1)
}

/// Tells an order again that the partner took for a mistake.
pub(super) fn begin_again(tx: &mut Tx<'_, '_>, id: FundingOrderId) -> Result<(), Fault> {
    let update = "UPDATE funding_order SET state = 'requested', reason = NULL, settled_at = NULL,
            attempts = 0, attempt_at = ?2
        WHERE funding_order_id = ?1 AND state = 'refused'";
    tx.execute(update, params![id, tx.at.wall]).map(|_| ())
}

/// Notes what was said last.
pub(super) fn note_heard(
    tx: &mut Tx<'_, '_>,
    id: FundingOrderId,
    status: FundingStatus,
    place: u32,
) -> Result<(), Fault> {
    let update = "UPDATE funding_order SET heard = ?2, heard_place = ?3
        WHERE funding_order_id = ?1";
    tx.execute(update, params![id, status.code(), place]).map(|_| ())
}

/// Which order a withdrawal pays out.
pub(super) fn note_payment(
    tx: &mut Tx<'_, '_>,
    id: FundingOrderId,
    payment: PaymentId,
) -> Result<(), Fault> {
    let update = "UPDATE funding_order SET payment_id = ?2 WHERE funding_order_id = ?1";
    tx.execute(update, params![id, payment]).map(|_| ())
}

/// Notes an issue; false if it was noted before and is still open.
pub(super) fn insert_issue(
    tx: &mut Tx<'_, '_>,
    order: FundingOrderId,
    status: Option<FundingStatus>,
    detail: &str,
) -> Result<bool, Fault> {
    let select = "SELECT COUNT(*) AS n FROM funding_issue
        WHERE funding_order_id = ?1 AND detail = ?2 AND closed_at IS NULL";
    if tx.row(select, params![order, detail], |row| row.i64("n"))? != Some(0) {
        return Ok(false);
    }
    let id = FundingIssueId::from_number(tx.ids.take(tx.at.wall, 1));
    let insert = "INSERT INTO funding_issue (funding_issue_id, funding_order_id, status, detail,
            noted_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let status = status.map(FundingStatus::code);
    tx.execute(insert, params![id, order, status, detail, tx.at.business]).map(|_| true)
}

fn read_issue(row: &Row<'_>) -> Result<Issue, Fault> {
    Ok(Issue {
        id: FundingIssueId::from_number(row.i64("funding_issue_id")?),
        order: FundingOrderId::from_number(row.i64("funding_order_id")?),
        status: status(row.opt_i64("status")?)?,
        detail: row.text("detail")?,
        noted_at: row.instant("noted_at")?,
        closed_at: row.opt_instant("closed_at")?,
        closed_by: row.opt_i64("operator_id")?.map(OperatorId::from_number),
        note: row.opt_text("note")?,
    })
}

pub(super) fn open_issues(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Issue>, Fault> {
    let select = "SELECT funding_issue_id, funding_order_id, status, detail, noted_at, closed_at,
            operator_id, note
        FROM funding_issue WHERE closed_at IS NULL
        ORDER BY funding_issue_id LIMIT ?1 OFFSET ?2";
    tx.rows(select, params![page.size(), page.offset()], read_issue)
}

pub(super) fn lock_issue(tx: &mut Tx<'_, '_>, id: FundingIssueId) -> Result<Option<Issue>, Fault> {
    let select = "SELECT funding_issue_id, funding_order_id, status, detail, noted_at, closed_at,
            operator_id, note
        FROM funding_issue WHERE funding_issue_id = ?1 FOR UPDATE";
    tx.row(select, params![id], read_issue)
}

pub(super) fn close_issue(
    tx: &mut Tx<'_, '_>,
    id: FundingIssueId,
    (operator, note): (OperatorId, &str),
) -> Result<(), Fault> {
    let update = "UPDATE funding_issue SET closed_at = ?2, operator_id = ?3, note = ?4
        WHERE funding_issue_id = ?1";
    tx.execute(update, params![id, tx.at.business, operator, note]).map(|_| ())
}

pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    for delete in ["DELETE FROM funding_issue", "DELETE FROM funding_order"] {
        tx.execute(delete, params![])?;
    }
    Ok(())
}
