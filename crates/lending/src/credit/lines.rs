//! Credit lines (额度): frozen by an application, used by a loan, given back by repayments.

use kernel::id::MemberId;
use kernel::{Instant, Money};
use store::Fault;

use super::sql;
use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};

/// Whether new money can be drawn on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStatus {
    /// It can.
    Open,
    /// It cannot; what is frozen or used stays so until it is given back.
    Suspended,
}

/// A customer's line. `frozen` and `used` together are never more than `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose it is.
    pub member: MemberId,
    /// What may be owed at once.
    pub limit: Money,
    /// Kept for applications that are open.
    pub frozen: Money,
    /// Lent and not yet repaid.
    pub used: Money,
    /// Whether it can be drawn on.
    pub status: LineStatus,
}

impl Line {
    /// What can still be drawn, apart from the status.
    pub fn available(&self) -> Money {
        let rest = self.limit.minus(self.frozen).and_then(|rest| rest.minus(self.used));
        rest.unwrap_or(Money::ZERO)
    }
}

/// How a limit came to be what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChange {
    /// The limit before; `None` for the opening of the line.
    pub before: Option<Money>,
    /// The limit after.
    pub after: Money,
    /// Who changed it, where somebody in the back office did.
    pub operator: Option<kernel::id::OperatorId>,
    /// Why.
    pub reason: String,
    /// When.
    pub changed_at: Instant,
}

/// Opens a customer's line with the limit of the product that they first ask for. Where there is
/// one, it stays as it is.
pub fn open_line(tx: &mut Tx<'_, '_>, member: MemberId, limit: Money) -> Result<Line, Fault> {
    if sql::insert_line(tx, member, limit)? {
        sql::insert_change(tx, member, (None, limit), (None, "first application"))?;
    }
    line(tx, member)?.ok_or_else(|| Fault::Corrupt("credit_line".into()))
}

/// A customer's line, if it has been opened.
pub fn line(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Line>, Fault> {
    sql::line(tx, member)
}

/// Why nothing was frozen. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    /// The customer has no line.
    #[error("no credit line")]
    NoLine,
    /// The line is suspended.
    #[error("credit line suspended")]
    Suspended,
    /// There is not so much left.
    #[error("credit line exhausted")]
    Insufficient {
        /// What is left.
        available: Money,
    },
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Freezes a part of a line for an application. Of two calls for the last money one gets it.
pub fn freeze(tx: &mut Tx<'_, '_>, member: MemberId, amount: Money) -> Result<(), FreezeError> {
    if sql::freeze(tx, member, amount)? {
        return Ok(());
    }
    let line = sql::line(tx, member)?.ok_or(FreezeError::NoLine)?;
    match line.status {
        LineStatus::Suspended => Err(FreezeError::Suspended),
        LineStatus::Open => Err(FreezeError::Insufficient { available: line.available() }),
    }
}

/// Gives back what was frozen for an application that comes to nothing. More than is frozen is a
/// fault: the books of the caller are wrong.
pub fn unfreeze(tx: &mut Tx<'_, '_>, member: MemberId, amount: Money) -> Result<(), Fault> {
    use_frozen(tx, member, amount, Money::ZERO)
}

/// Turns what was frozen into a loan: `used` of it, which may be less, and the rest is free again.
pub fn use_frozen(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    frozen: Money,
    used: Money,
) -> Result<(), Fault> {
    if used > frozen || !sql::use_frozen(tx, member, frozen, used)? {
        return Err(Fault::Corrupt("credit_line.frozen_fen".into()));
    }
    Ok(())
}

/// Gives back what a loan used: principal that was repaid, or a payout that failed for good.
pub fn give_back(tx: &mut Tx<'_, '_>, member: MemberId, amount: Money) -> Result<(), Fault> {
    if !sql::give_back(tx, member, amount)? {
        return Err(Fault::Corrupt("credit_line.used_fen".into()));
    }
    Ok(())
}

/// Uses again what a repayment had given back that was taken back itself: owed is owed, also above
/// the limit.
pub fn use_again(tx: &mut Tx<'_, '_>, member: MemberId, amount: Money) -> Result<(), Fault> {
    if !sql::use_again(tx, member, amount)? {
        return Err(Fault::Corrupt("credit_line".into()));
    }
    Ok(())
}

/// Why a limit was not changed. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No reason was given, or one of more than 200 characters.
    #[error("a reason of 1 to 200 characters is needed")]
    NoReason,
    /// The customer has no line.
    #[error("no credit line")]
    NoLine,
    /// So much is frozen and used; a line can be suspended where nothing new is to be drawn.
    #[error("more than that is in use")]
    BelowUse {
        /// What is frozen and used.
        least: Money,
    },
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Changes the limit of a line, for a reason.
pub fn change_limit(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    member: MemberId,
    limit: Money,
    reason: &str,
) -> Result<Line, ChangeError> {
    if reason.trim().is_empty() || reason.chars().count() > 200 {
        return Err(ChangeError::NoReason);
    }
    let before = sql::lock_line(tx, member)?.ok_or(ChangeError::NoLine)?;
    let in_use = before.frozen.plus(before.used).unwrap_or(Money::MAX);
    if limit < in_use {
        return Err(ChangeError::BelowUse { least: in_use });
    }
    sql::set_limit(tx, member, limit)?;
    let operator = match actor {
        Actor::Operator(operator) => Some(operator),
        Actor::Platform | Actor::Customer(_) | Actor::Provider(_) => None,
    };
    sql::insert_change(tx, member, (Some(before.limit), limit), (operator, reason))?;
    audit::note(tx, actor, "credit_line.limit_changed", Subject::Member(member), "")?;
    Ok(Line { limit, ..before })
}

/// Suspends a line or opens it again. Whether there is one.
pub fn set_line_status(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    member: MemberId,
    status: LineStatus,
) -> Result<bool, Fault> {
    if !sql::set_line_status(tx, member, status)? {
        return Ok(false);
    }
    let action = match status {
        LineStatus::Open => "credit_line.opened",
        LineStatus::Suspended => "credit_line.suspended",
    };
    audit::note(tx, actor, action, Subject::Member(member), "")?;
    Ok(true)
}

/// How a customer's limit came to be what it is, the newest change first.
pub fn changes(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<LineChange>, Fault> {
    sql::changes(tx, member, page)
}
