//! Who works on a late loan: taking it, handing it on, letting it go.

use kernel::Money;
use kernel::id::{LoanId, OperatorId};
use store::Fault;

use super::{About, Contact, Guard, Progress, Stop, contacts, guard_of, sql, stops, worklist};
use crate::audit::{self, Actor, Subject};
use crate::operators::{self, Right};
use crate::servicing::{self, Loan, LoanState};
use crate::{Page, Tx};

/// A late loan as its collector sees it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The loan.
    pub loan: Loan,
    /// Whose it is.
    pub about: About,
    /// Who works on it, and what comes next.
    pub progress: Progress,
    /// What is late of it today, penalties included.
    pub late: Money,
    /// Whether its owner is not to be contacted.
    pub stop: Option<Stop>,
    /// Whether they may be called now.
    pub guard: Guard,
    /// Contacts about it, the newest first, a page of them at most.
    pub contacts: Vec<Contact>,
}

/// A loan as its collector sees it; `None` where there is none that was paid out.
pub fn case(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Option<Case>, Fault> {
    let Some(loan) = servicing::loan(tx, id)?.filter(|loan| loan.start.is_some()) else {
        return Ok(None);
    };
    let newest = Page::new(1, Page::MOST).ok_or_else(|| Fault::Corrupt("page".into()))?;
    let (person, progress) = (loan.person, sql::progress(tx, id)?.unwrap_or_default());
    Ok(Some(Case {
        about: About { person, channel: sql::channel_of(tx, id)? },
        progress,
        late: worklist::late(tx, &loan)?,
        stop: stops::stop_of(tx, person)?,
        guard: guard_of(tx, person)?,
        contacts: contacts::contacts_of_loan(tx, id, newest)?,
        loan,
    }))
}

/// Why a loan was not taken or handed on. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// Nothing of it is late.
    #[error("the loan is not overdue")]
    NotOverdue,
    /// Another operator works on it.
    #[error("another operator works on it")]
    Taken,
    /// Who it is for is no collector.
    #[error("no collector")]
    NoCollector,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Gives a late loan to a collector: what is nobody's to anybody, one's own to somebody else.
/// What somebody has who may not collect any more counts as nobody's.
pub fn assign(
    tx: &mut Tx<'_, '_>,
    (by, to): (OperatorId, OperatorId),
    id: LoanId,
) -> Result<Progress, AssignError> {
    let loan = servicing::lock_loan(tx, id)?.ok_or(AssignError::NotFound)?;
    if loan.state != LoanState::Repaying || loan.overdue_since.is_none() {
        return Err(AssignError::NotOverdue);
    }
    let before = sql::progress(tx, id)?.unwrap_or_default();
    if let Some(holder) = before.holder
        && holder != by
        && collects(tx, holder)?
    {
        return Err(AssignError::Taken);
    }
    if !collects(tx, to)? {
        return Err(AssignError::NoCollector);
    }
    if before.holder == Some(to) {
        return Ok(before);
    }
    let after = Progress { holder: Some(to), taken_at: Some(tx.at.business), ..before };
    sql::keep_holder(tx, id, &after)?;
    let detail = format!("to operator {}", to.number());
    let actor = Actor::Operator(by);
    audit::note(tx, actor, "collection.assigned", Subject::Loan(id), &detail)?;
    Ok(after)
}

/// Whether an operator is there and may collect.
fn collects(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<bool, Fault> {
    let found = operators::operator(tx, id)?;
    Ok(found.is_some_and(|found| !found.blocked && found.roles.give(Right::Collect)))
}

/// Why a loan was not let go. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// The operator does not have it.
    #[error("the operator has not taken it")]
    NotTheirs,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Lets a loan go that one works on.
pub fn release(tx: &mut Tx<'_, '_>, by: OperatorId, id: LoanId) -> Result<Progress, ReleaseError> {
    servicing::lock_loan(tx, id)?.ok_or(ReleaseError::NotFound)?;
    let before = sql::progress(tx, id)?.unwrap_or_default();
    if before.holder != Some(by) {
        return Err(ReleaseError::NotTheirs);
    }
    let after = Progress { holder: None, taken_at: None, ..before };
    sql::keep_holder(tx, id, &after)?;
    audit::note(tx, Actor::Operator(by), "collection.released", Subject::Loan(id), "")?;
    Ok(after)
}
