//! The rows of requests for a higher limit.

use kernel::Money;
use kernel::id::{MemberId, OperatorId, RaiseId};
use store::{Fault, Row, params};

use crate::credit::{Raise, RaiseState};
use crate::{Page, Tx};

/// A query for requests; all of them read the same columns.
macro_rules! select_raises {
    ($which:literal) => {
        concat!(
            "SELECT raise_id, member_id, state, before_fen, after_fen, operator_id, reason, ",
            "requested_at, decided_at FROM credit_raise ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> Result<Raise, Fault> {
    let corrupt = |column: &str| Fault::Corrupt(column.to_owned());
    let after = row.opt_i64("after_fen")?;
    let after = after.map(|fen| Money::from_fen(fen).ok_or_else(|| corrupt("after_fen")));
    Ok(Raise {
        id: RaiseId::from_number(row.i64("raise_id")?),
        member: MemberId::from_number(row.i64("member_id")?),
        state: match row.text("state")?.as_str() {
            "requested" => RaiseState::Requested,
            "granted" => RaiseState::Granted,
            "refused" => RaiseState::Refused,
            _ => return Err(corrupt("credit_raise.state")),
        },
        before: row.money("before_fen")?,
        after: after.transpose()?,
        operator: row.opt_i64("operator_id")?.map(OperatorId::from_number),
        reason: row.opt_text("reason")?,
        requested_at: row.instant("requested_at")?,
        decided_at: row.opt_instant("decided_at")?,
    })
}

/// Inserts a request; false if one of the customer waits already.
pub(in crate::credit) fn insert(tx: &mut Tx<'_, '_>, raise: &Raise) -> Result<bool, Fault> {
    let insert = "INSERT INTO credit_raise (raise_id, member_id, state, before_fen, requested_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let (state, at) = (raise.state.word(), raise.requested_at);
    Ok(tx.execute(insert, params![raise.id, raise.member, state, raise.before, at])? == 1)
}

pub(in crate::credit) fn lock(tx: &mut Tx<'_, '_>, id: RaiseId) -> Result<Option<Raise>, Fault> {
    tx.row(select_raises!("WHERE raise_id = ?1 FOR UPDATE"), params![id], read)
}

pub(in crate::credit) fn decide(tx: &mut Tx<'_, '_>, raise: &Raise) -> Result<(), Fault> {
    let update = "UPDATE credit_raise SET state = ?2, after_fen = ?3, operator_id = ?4,
            reason = ?5, decided_at = ?6
        WHERE raise_id = ?1";
    let (state, reason) = (raise.state.word(), raise.reason.as_deref());
    let (after, operator, at) = (raise.after, raise.operator, raise.decided_at);
    tx.execute(update, params![raise.id, state, after, operator, reason, at]).map(|_| ())
}

pub(in crate::credit) fn waiting(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Raise>, Fault> {
    let select = select_raises!("WHERE state = 'requested' ORDER BY raise_id LIMIT ?1 OFFSET ?2");
    tx.rows(select, params![page.size(), page.offset()], read)
}
