//! The rows of approvals.

use kernel::Instant;
use kernel::id::{ApprovalId, OperatorId};
use store::{Fault, Row, params};

use super::{Action, Approval, State, Which};
use crate::audit::NotedSubject;
use crate::{Page, Tx};

/// A query for approvals; all of them read the same columns.
macro_rules! select_approvals {
    ($which:literal) => {
        concat!(
            "SELECT approval_id, action, subject_kind, subject_id, amount_fen, parameters, ",
            "reason, requested_by, requested_at, expires_at, state, decided_by, decided_at, ",
            "used_by, used_at FROM approval ",
            $which
        )
    };
}

/// What is still open when its time is up has expired; nothing has to be written for that.
fn state(word: &str, expires_at: Instant, now: Instant) -> Result<State, Fault> {
    match word {
        "requested" | "approved" if now >= expires_at => Ok(State::Expired),
        "requested" => Ok(State::Requested),
        "approved" => Ok(State::Approved),
        "rejected" => Ok(State::Rejected),
        "used" => Ok(State::Used),
        _ => Err(Fault::Corrupt("approval.state".into())),
    }
}

fn read(row: &Row<'_>, now: Instant) -> Result<Approval, Fault> {
    let action = Action::parse(&row.text("action")?);
    let expires_at = row.instant("expires_at")?;
    let operator = |id: Option<i64>| id.map(OperatorId::from_number);
    Ok(Approval {
        id: ApprovalId::from_number(row.i64("approval_id")?),
        action: action.ok_or_else(|| Fault::Corrupt("approval.action".into()))?,
        subject: NotedSubject {
            kind: row.text("subject_kind")?,
            number: row.opt_i64("subject_id")?,
        },
        amount: row.money("amount_fen")?,
        parameters: row.text("parameters")?,
        reason: row.text("reason")?,
        requested_by: OperatorId::from_number(row.i64("requested_by")?),
        requested_at: row.instant("requested_at")?,
        expires_at,
        state: state(&row.text("state")?, expires_at, now)?,
        decided_by: operator(row.opt_i64("decided_by")?),
        decided_at: row.opt_instant("decided_at")?,
        used_by: operator(row.opt_i64("used_by")?),
        used_at: row.opt_instant("used_at")?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_, '_>, approval: &Approval) -> Result<(), Fault> {
    let insert = "INSERT INTO approval (approval_id, action, subject_kind, subject_id, amount_fen,
            parameters, reason, requested_by, requested_at, expires_at, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'requested')";
    let values = params![
        approval.id,
        approval.action.word(),
        &approval.subject.kind,
        approval.subject.number,
        approval.amount,
        &approval.parameters,
        &approval.reason,
        approval.requested_by,
        approval.requested_at,
        approval.expires_at
    ];
    tx.execute(insert, values).map(|_| ())
}

pub(super) fn approval(tx: &mut Tx<'_, '_>, id: ApprovalId) -> Result<Option<Approval>, Fault> {
    let now = tx.at.wall;
    tx.row(select_approvals!("WHERE approval_id = ?1"), params![id], |row| read(row, now))
}

pub(super) fn approval_locked(
    tx: &mut Tx<'_, '_>,
    id: ApprovalId,
) -> Result<Option<Approval>, Fault> {
    let now = tx.at.wall;
    let select = select_approvals!("WHERE approval_id = ?1 FOR UPDATE");
    tx.row(select, params![id], |row| read(row, now))
}

pub(super) fn approvals(
    tx: &mut Tx<'_, '_>,
    which: Which,
    page: Page,
) -> Result<Vec<Approval>, Fault> {
    let (now, size, offset) = (tx.at.wall, page.size(), page.offset());
    match which {
        Which::All => {
            let select = select_approvals!("ORDER BY approval_id DESC LIMIT ?1 OFFSET ?2");
            tx.rows(select, params![size, offset], |row| read(row, now))
        }
        Which::Open => {
            let select = select_approvals!(
                "WHERE state IN ('requested', 'approved') AND expires_at > ?1
                ORDER BY approval_id LIMIT ?2 OFFSET ?3"
            );
            tx.rows(select, params![now, size, offset], |row| read(row, now))
        }
    }
}

pub(super) fn decide(
    tx: &mut Tx<'_, '_>,
    id: ApprovalId,
    state: State,
    by: OperatorId,
) -> Result<(), Fault> {
    let update = "UPDATE approval SET state = ?2, decided_by = ?3, decided_at = ?4
        WHERE approval_id = ?1 AND state = 'requested'";
    let changed = tx.execute(update, params![id, state.word(), by, tx.at.wall])?;
    once(changed)
}

pub(super) fn consume(tx: &mut Tx<'_, '_>, id: ApprovalId, by: OperatorId) -> Result<(), Fault> {
    let update = "UPDATE approval SET state = 'used', used_by = ?2, used_at = ?3
        WHERE approval_id = ?1 AND state = 'approved'";
    let changed = tx.execute(update, params![id, by, tx.at.wall])?;
    once(changed)
}

/// The row was locked and looked at before: no rival can have been quicker.
fn once(changed: u64) -> Result<(), Fault> {
    if changed == 1 { Ok(()) } else { Err(Fault::Corrupt("approval.state".into())) }
}
