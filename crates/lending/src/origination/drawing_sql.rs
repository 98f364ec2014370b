//! The rows of drawdowns, of faces that were compared, and of quotes that were told.

use kernel::Money;
use kernel::id::{ApplicationId, DrawdownId, FaceCheckId, MemberId, OperatorId};
use store::{Fault, Row, params};

use super::drawing::{Drawdown, DrawdownState};
use super::faces::{Face, FaceResult};
use super::quoting::Quote;
use crate::words::small;
use crate::{Page, Tx};

macro_rules! select_drawdowns {
    ($which:literal) => {
        concat!(
            "SELECT d.drawdown_id, d.withdraw_no, d.application_id, d.amount_fen, d.tenor, ",
            "d.state, d.reason, d.operator_id, d.requested_at, d.decided_at FROM drawdown d ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> Result<Drawdown, Fault> {
    let state = DrawdownState::parse(&row.text("state")?);
    Ok(Drawdown {
        id: DrawdownId::from_number(row.i64("drawdown_id")?),
        withdraw_no: row.text("withdraw_no")?,
        application: ApplicationId::from_number(row.i64("application_id")?),
        amount: row.money("amount_fen")?,
        tenor: small(row, "tenor")?,
        state: state.ok_or_else(|| Fault::Corrupt("drawdown.state".into()))?,
        reason: row.opt_text("reason")?,
        operator: row.opt_i64("operator_id")?.map(OperatorId::from_number),
        requested_at: row.instant("requested_at")?,
        decided_at: row.opt_instant("decided_at")?,
    })
}

/// The number of an application's next drawdown: its own with three digits behind it. `None` after
/// as many as that. The application is locked by the caller.
pub(super) fn next_drawdown(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<DrawdownId>, Fault> {
    let count = "SELECT COUNT(*) AS n FROM drawdown WHERE application_id = ?1";
    let next = tx.row(count, params![application], |row| row.i64("n"))?.unwrap_or(0);
    let number = application.number().checked_mul(PER_APPLICATION);
    let number = number.and_then(|first| first.checked_add(next)?.checked_add(1));
    Ok(number.filter(|_| next < MOST_DRAWDOWNS).map(DrawdownId::from_number))
}

/// Drawdowns of one application at most; far more than anybody has a face compared for.
const MOST_DRAWDOWNS: i64 = 999;
const PER_APPLICATION: i64 = 1000;

/// Inserts a drawdown that waits; false where there is an open one of the application.
pub(super) fn insert_drawdown(tx: &mut Tx<'_, '_>, new: &Drawdown) -> Result<bool, Fault> {
    let insert = "INSERT INTO drawdown (drawdown_id, withdraw_no, application_id, amount_fen,
            tenor, state, requested_at)
        VALUES (?1, ?2, ?3, ?4, ?5, 'reviewing', ?6) ON CONFLICT DO NOTHING";
    let Drawdown { id, application, amount, tenor, requested_at, .. } = *new;
    let inserted = tx
        .execute(insert, params![id, &new.withdraw_no, application, amount, tenor, requested_at])?;
    Ok(inserted > 0)
}

pub(super) fn drawdown(tx: &mut Tx<'_, '_>, id: DrawdownId) -> Result<Option<Drawdown>, Fault> {
    tx.row(select_drawdowns!("WHERE d.drawdown_id = ?1"), params![id], read)
}

pub(super) fn newest_drawdown(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Drawdown>, Fault> {
    let select =
        select_drawdowns!("WHERE d.application_id = ?1 ORDER BY d.drawdown_id DESC LIMIT 1");
    tx.row(select, params![application], read)
}

pub(super) fn drawdowns_in(
    tx: &mut Tx<'_, '_>,
    state: DrawdownState,
    page: Page,
) -> Result<Vec<Drawdown>, Fault> {
    let select = select_drawdowns!("WHERE d.state = ?1 ORDER BY d.drawdown_id LIMIT ?2 OFFSET ?3");
    tx.rows(select, params![state.word(), page.size(), page.offset()], read)
}

/// Decides a drawdown that waits, or cancels one that was approved.
pub(super) fn decide_drawdown(
    tx: &mut Tx<'_, '_>,
    id: DrawdownId,
    state: DrawdownState,
    (reason, operator): (Option<&str>, Option<OperatorId>),
) -> Result<(), Fault> {
    let update = "UPDATE drawdown SET state = ?2, reason = ?3, decided_at = ?5,
            operator_id = COALESCE(?4, operator_id)
        WHERE drawdown_id = ?1 AND state IN ('reviewing', 'approved')";
    let at = tx.at.business;
    tx.execute(update, params![id, state.word(), reason, operator, at]).map(|_| ())
}

/// An approval that is being drawn on lasts until the drawdown itself lapses.
pub(super) fn set_lapse(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    lapses: kernel::Instant,
) -> Result<(), Fault> {
    let update = "UPDATE application SET lapses_at = ?2 WHERE application_id = ?1";
    tx.execute(update, params![application, lapses]).map(|_| ())
}

pub(super) fn put_told(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    quote: &Quote,
) -> Result<(), Fault> {
    let put = "INSERT INTO told_quote (application_id, amount_fen, tenor, received_fen,
            interest_fen, fee_fen, told_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (application_id, amount_fen, tenor) DO UPDATE SET
            received_fen = EXCLUDED.received_fen, interest_fen = EXCLUDED.interest_fen,
            fee_fen = EXCLUDED.fee_fen, told_at = EXCLUDED.told_at";
    let (request, schedule) = (&quote.request, &quote.schedule);
    let (interest, fees) = (schedule.interest, schedule.fee_total);
    let at = tx.at.business;
    let params =
        params![application, request.amount, request.tenor, quote.received, interest, fees, at];
    tx.execute(put, params).map(|_| ())
}

/// What was told of an amount and a tenor: what is received, interest and fees.
pub(super) fn told(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    (amount, tenor): (Money, u32),
) -> Result<Option<(Money, Money, Money)>, Fault> {
    let select = "SELECT received_fen, interest_fen, fee_fen FROM told_quote
        WHERE application_id = ?1 AND amount_fen = ?2 AND tenor = ?3";
    tx.row(select, params![application, amount, tenor], |row| {
        Ok((row.money("received_fen")?, row.money("interest_fen")?, row.money("fee_fen")?))
    })
}

/// Amount and tenor of what was told last.
pub(super) fn last_told(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<(Money, u32)>, Fault> {
    let select = "SELECT amount_fen, tenor FROM told_quote WHERE application_id = ?1
        ORDER BY told_at DESC, amount_fen DESC, tenor DESC LIMIT 1";
    tx.row(select, params![application], |row| Ok((row.money("amount_fen")?, small(row, "tenor")?)))
}

pub(super) fn insert_face(
    tx: &mut Tx<'_, '_>,
    id: FaceCheckId,
    flow_no: &str,
    (member, application): (MemberId, ApplicationId),
    digest: &[u8],
) -> Result<(), Fault> {
    let insert = "INSERT INTO face_check (face_check_id, flow_no, member_id, application_id,
            photo_digest, asked_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let at = tx.at.wall;
    tx.execute(insert, params![id, flow_no, member, application, digest, at]).map(|_| ())
}

/// How often a customer's face was sent since an instant, by the wall.
pub(super) fn faces_since(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    since: kernel::Instant,
) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM face_check WHERE member_id = ?1 AND asked_at > ?2";
    Ok(tx.row(select, params![member, since], |row| row.i64("n"))?.unwrap_or(0))
}

fn read_face(row: &Row<'_>) -> Result<Face, Fault> {
    let result = row.opt_text("result")?.map(|word| {
        FaceResult::parse(&word).ok_or_else(|| Fault::Corrupt("face_check.result".into()))
    });
    Ok(Face {
        id: FaceCheckId::from_number(row.i64("face_check_id")?),
        flow_no: row.text("flow_no")?,
        result: result.transpose()?,
        reason: row.opt_text("reason")?,
        used_for: row.opt_i64("drawdown_id")?.map(DrawdownId::from_number),
    })
}

/// A comparison, locked until the commit, and whose it is.
pub(super) fn lock_face(
    tx: &mut Tx<'_, '_>,
    id: FaceCheckId,
) -> Result<Option<(Face, MemberId)>, Fault> {
    let select = "SELECT face_check_id, flow_no, result, reason, drawdown_id, member_id
        FROM face_check WHERE face_check_id = ?1 FOR UPDATE";
    tx.row(select, params![id], |row| {
        Ok((read_face(row)?, MemberId::from_number(row.i64("member_id")?)))
    })
}

pub(super) fn finish_face(
    tx: &mut Tx<'_, '_>,
    id: FaceCheckId,
    result: FaceResult,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let update = "UPDATE face_check SET result = ?2, reason = ?3, answered_at = ?4
        WHERE face_check_id = ?1 AND result IS NULL";
    tx.execute(update, params![id, result.word(), reason, tx.at.wall]).map(|_| ())
}

/// The newest comparison for an application.
pub(super) fn newest_face(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Face>, Fault> {
    let select = "SELECT face_check_id, flow_no, result, reason, drawdown_id FROM face_check
        WHERE application_id = ?1 ORDER BY face_check_id DESC LIMIT 1";
    tx.row(select, params![application], read_face)
}

/// The newest comparison for an application that says something about the face.
pub(super) fn decisive_face(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Face>, Fault> {
    let select = "SELECT face_check_id, flow_no, result, reason, drawdown_id FROM face_check
        WHERE application_id = ?1 AND result IN ('same', 'different', 'refused')
        ORDER BY face_check_id DESC LIMIT 1";
    tx.row(select, params![application], read_face)
}

pub(super) fn use_face(
    tx: &mut Tx<'_, '_>,
    id: FaceCheckId,
    drawdown: DrawdownId,
) -> Result<(), Fault> {
    let update = "UPDATE face_check SET drawdown_id = ?2
        WHERE face_check_id = ?1 AND drawdown_id IS NULL";
    if tx.execute(update, params![id, drawdown])? == 0 {
        return Err(Fault::Corrupt("face_check.drawdown_id".into()));
    }
    Ok(())
}
