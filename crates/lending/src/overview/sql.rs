//! The sums of the overview; each is answered from an index.

use std::collections::BTreeMap;

use kernel::{Channel, Date, Money};
use store::{Fault, Row, params};

use super::{Decided, Orders, Queues, Standing};
use crate::Tx;

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

/// One number of a query that always has a row.
fn count(tx: &mut Tx<'_, '_>, select: &'static str) -> Result<i64, Fault> {
    Ok(tx.row(select, params![], |row| row.i64("n"))?.unwrap_or(0))
}

pub(super) fn queues(tx: &mut Tx<'_, '_>) -> Result<Queues, Fault> {
    let mut queues = Queues {
        drawdowns: count(tx, "SELECT COUNT(*) AS n FROM drawdown WHERE state = 'reviewing'")?,
        raises: count(tx, "SELECT COUNT(*) AS n FROM credit_raise WHERE state = 'requested'")?,
        ..Queues::default()
    };
    let select = "SELECT state, COUNT(*) AS n FROM application
        WHERE state IN ('reviewing', 'approved') GROUP BY state";
    for (state, n) in tx.rows(select, params![], counted)? {
        match state.as_str() {
            "reviewing" => queues.to_review = n,
            _ => queues.to_pay_out = n,
        }
    }
    let select = "SELECT state, COUNT(*) AS n FROM approval
        WHERE state IN ('requested', 'approved') AND expires_at > ?1 GROUP BY state";
    for (state, n) in tx.rows(select, params![tx.at.wall], counted)? {
        match state.as_str() {
            "requested" => queues.approvals = n,
            _ => queues.consents = n,
        }
    }
    Ok(queues)
}

fn counted(row: &Row<'_>) -> Result<(String, i64), Fault> {
    Ok((row.text("state")?, row.i64("n")?))
}

pub(super) fn orders(tx: &mut Tx<'_, '_>) -> Result<Orders, Fault> {
    let select = "SELECT state, COUNT(*) AS n, MIN(requested_at) AS oldest FROM payment
        WHERE state IN ('requested', 'sent', 'unknown') GROUP BY state";
    let read = |row: &Row<'_>| Ok((row.text("state")?, row.i64("n")?, row.opt_instant("oldest")?));
    let mut orders = Orders::default();
    for (state, n, oldest) in tx.rows(select, params![], read)? {
        match state.as_str() {
            "requested" => orders.requested = n,
            "sent" => orders.sent = n,
            _ => orders.unknown = n,
        }
        orders.oldest = orders.oldest.into_iter().chain(oldest).min();
    }
    Ok(orders)
}

/// Loans that are not over.
pub(super) struct Standings {
    pub(super) running: Standing,
    pub(super) failed_payouts: i64,
}

fn standing(row: &Row<'_>) -> Result<Standing, Fault> {
    Ok(Standing { loans: row.i64("n")?, principal: row.money("open_fen")? })
}

pub(super) fn standings(tx: &mut Tx<'_, '_>) -> Result<Standings, Fault> {
    let select = "SELECT state, COUNT(*) AS n,
            CAST(SUM(principal_fen - principal_paid_fen) AS BIGINT) AS open_fen FROM loan
        WHERE state IN ('payout_failed', 'repaying') GROUP BY state";
    let mut standings = Standings { running: Standing::NOTHING, failed_payouts: 0 };
    for (state, sum) in
        tx.rows(select, params![], |row| Ok((row.text("state")?, standing(row)?)))?
    {
        match state.as_str() {
            "repaying" => standings.running = sum,
            _ => standings.failed_payouts = sum.loans,
        }
    }
    Ok(standings)
}

pub(super) fn overdue(tx: &mut Tx<'_, '_>) -> Result<Vec<(Date, Standing)>, Fault> {
    let select = "SELECT overdue_since_day, COUNT(*) AS n,
            CAST(SUM(principal_fen - principal_paid_fen) AS BIGINT) AS open_fen FROM loan
        WHERE overdue_since_day IS NOT NULL AND state = 'repaying' GROUP BY overdue_since_day";
    tx.rows(select, params![], |row| Ok((row.day("overdue_since_day")?, standing(row)?)))
}

/// What was paid out on a day of a product.
pub(super) struct PaidOut {
    pub(super) day: Date,
    pub(super) product: i64,
    pub(super) standing: Standing,
}

/// One walk over the index answers both the days and the channels.
pub(super) fn paid_out(tx: &mut Tx<'_, '_>, since: Date) -> Result<Vec<PaidOut>, Fault> {
    let select = "SELECT start_day, product_id, COUNT(*) AS n,
            CAST(SUM(principal_fen) AS BIGINT) AS open_fen
        FROM loan WHERE start_day >= ?1 GROUP BY start_day, product_id
        ORDER BY start_day, product_id";
    tx.rows(select, params![since.day_number()], |row| {
        let (day, product) = (row.day("start_day")?, row.i64("product_id")?);
        Ok(PaidOut { day, product, standing: standing(row)? })
    })
}

/// The channel of each product.
pub(super) fn products(tx: &mut Tx<'_, '_>) -> Result<BTreeMap<i64, Channel>, Fault> {
    let select = "SELECT product_id, channel FROM product";
    let all = tx.rows(select, params![], |row| {
        let channel = Channel::parse(&row.text("channel")?);
        Ok((row.i64("product_id")?, channel.ok_or_else(|| corrupt("product.channel"))?))
    })?;
    Ok(all.into_iter().collect())
}

pub(super) fn repaid(tx: &mut Tx<'_, '_>, since: Date) -> Result<Vec<(Date, Money)>, Fault> {
    let select = "SELECT on_day, CAST(SUM(amount_fen) AS BIGINT) AS sum_fen FROM repayment
        WHERE on_day >= ?1 AND reversed_by_id IS NULL GROUP BY on_day";
    let read = |row: &Row<'_>| Ok((row.day("on_day")?, row.money("sum_fen")?));
    tx.rows(select, params![since.day_number()], read)
}

pub(super) fn decided(tx: &mut Tx<'_, '_>, since: Date) -> Result<Decided, Fault> {
    let select = "SELECT state, COUNT(*) AS n FROM application
        WHERE decided_at >= ?1 GROUP BY state";
    let mut decided = Decided::default();
    for (state, n) in tx.rows(select, params![since.start()], counted)? {
        match state.as_str() {
            "refused" => decided.refused = n,
            "approved" | "lapsed" | "lent" => decided.approved = decided.approved.saturating_add(n),
            // Withdrawn before or after a decision; the row does not say which.
            _ => {}
        }
    }
    Ok(decided)
}
