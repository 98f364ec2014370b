//! The second factor (两步验证) of an operator: shared, confirmed by a code, asked for at each log-in.

use kernel::id::OperatorId;
use store::{Fault, params};

use super::factor::{Code, FactorSecret};
use super::{ChangeError, Operator, changing, count_wrong_password};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

const SECRET: &str = "operator_second_factor.secret_sealed";

/// What is kept of an operator's second factor.
struct Kept {
    secret: FactorSecret,
    is_confirmed: bool,
    last_step: i64,
}

fn kept(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<Option<Kept>, Fault> {
    let select = "SELECT secret_sealed, confirmed_at, last_step FROM operator_second_factor
        WHERE operator_id = ?1 FOR UPDATE";
    let vault = tx.vault;
    tx.row(select, params![id], |row| {
        let secret = vault.open(SECRET, id.number(), &row.blob("secret_sealed")?)?;
        Ok(Kept {
            secret: FactorSecret::from_stored(secret),
            is_confirmed: row.opt_i64("confirmed_at")?.is_some(),
            last_step: row.i64("last_step")?,
        })
    })
}

fn use_step(tx: &mut Tx<'_, '_>, id: OperatorId, step: i64) -> Result<(), Fault> {
    let update = "UPDATE operator_second_factor SET last_step = ?2 WHERE operator_id = ?1";
    tx.execute(update, params![id, step]).map(|_| ())
}

/// Why a second factor was not set up, confirmed or given up. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// It is on: it is given up before another one is set up.
    #[error("the second factor is on")]
    On,
    /// It is not on, or was not set up.
    #[error("the second factor is not on")]
    NotOn,
    /// The code is wrong, too old, or was used.
    #[error("the code is wrong")]
    WrongCode,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps a secret for an operator, who has proven their password; nothing asks for it before it
/// is confirmed. One that was not confirmed gives way to it.
pub fn set_up(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    secret: &FactorSecret,
) -> Result<(), FactorError> {
    if kept(tx, operator.id)?.is_some_and(|kept| kept.is_confirmed) {
        return Err(FactorError::On);
    }
    let sealed = tx.vault.seal(SECRET, operator.id.number(), secret.expose())?;
    let insert = "INSERT INTO operator_second_factor (operator_id, secret_sealed, last_step)
        VALUES (?1, ?2, 0)
        ON CONFLICT (operator_id) DO UPDATE SET secret_sealed = ?2, last_step = 0";
    tx.execute(insert, params![operator.id, &sealed])?;
    Ok(())
}

/// Turns the second factor on: a first code shows that the authenticator has the secret.
pub fn confirm(tx: &mut Tx<'_, '_>, operator: &Operator, code: Code) -> Result<(), FactorError> {
    let kept = kept(tx, operator.id)?.ok_or(FactorError::NotOn)?;
    if kept.is_confirmed {
        return Err(FactorError::On);
    }
    let step = kept.secret.step_of(code, tx.at.wall, kept.last_step);
    let step = step.ok_or(FactorError::WrongCode)?;
    let update = "UPDATE operator_second_factor SET confirmed_at = ?2, last_step = ?3
        WHERE operator_id = ?1";
    tx.execute(update, params![operator.id, tx.at.wall, step])?;
    let subject = Subject::Operator(operator.id);
    audit::note(tx, operator.actor(), "operator.second_factor_on", subject, "")?;
    Ok(())
}

/// What came of an operator's wish to do without. Both are outcomes: a wrong code is counted like
/// a wrong password and must stay counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// It is off.
    Off,
    /// The code was wrong.
    WrongCode,
}

/// Turns an operator's own second factor off; they have proven their password.
pub fn give_up(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    code: Code,
    address: &str,
) -> Result<GivenUp, FactorError> {
    let kept = kept(tx, operator.id)?.filter(|kept| kept.is_confirmed);
    let kept = kept.ok_or(FactorError::NotOn)?;
    if kept.secret.step_of(code, tx.at.wall, kept.last_step).is_none() {
        count_wrong_password(tx, operator, address)?;
        return Ok(GivenUp::WrongCode);
    }
    forget(tx, operator.id)?;
    let subject = Subject::Operator(operator.id);
    audit::note(tx, operator.actor(), "operator.second_factor_off", subject, "")?;
    Ok(GivenUp::Off)
}

/// Takes the second factor of somebody who has lost their authenticator away, and ends their
/// sessions.
pub fn take_away(tx: &mut Tx<'_, '_>, by: Actor, id: OperatorId) -> Result<Operator, ChangeError> {
    let operator = changing(tx, by, id)?;
    forget(tx, id)?;
    super::sql::revoke_all(tx, id)?;
    audit::note(tx, by, "operator.second_factor_reset", Subject::Operator(id), "")?;
    Ok(Operator { second_factor: false, ..operator })
}

fn forget(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<(), Fault> {
    let delete = "DELETE FROM operator_second_factor WHERE operator_id = ?1";
    tx.execute(delete, params![id]).map(|_| ())
}

/// Whether a log-in passes the second factor: where it is on, with a code that was not used.
pub(super) fn passes(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    code: Option<Code>,
) -> Result<bool, Fault> {
    let kept = kept(tx, operator.id)?.filter(|kept| kept.is_confirmed);
    let Some(kept) = kept else { return Ok(true) };
    let step = code.and_then(|code| kept.secret.step_of(code, tx.at.wall, kept.last_step));
    let Some(step) = step else { return Ok(false) };
    use_step(tx, operator.id, step)?;
    Ok(true)
}
