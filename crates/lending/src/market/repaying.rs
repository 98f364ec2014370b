//! Repayment: the borrower pays a term, the investors get their parts.

use kernel::Money;
use kernel::id::ProjectId;
use store::Fault;

use super::bidding::unexpected;
use super::{Project, Status, sql};
use crate::Tx;
use crate::identity::{self, Caller, Denied};
use crate::ledger::{self, Account, Kind, PostError, Transfer};

/// Why a term was not repaid. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum RepayError {
    /// There is no such project.
    #[error("no such project")]
    NoSuchProject,
    /// The caller is not the borrower, or their token is revoked.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The project is not being repaid.
    #[error("not being repaid")]
    NotRepaying,
    /// The borrower's wallet does not hold the term.
    #[error("insufficient balance")]
    Insufficient,
    /// An investor's wallet cannot take its part.
    #[error("balance too large")]
    TooLarge,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Repays the next open term of a project from its borrower's wallet and distributes it to the
/// investors. The last term closes the project.
pub fn repay(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    project: ProjectId,
) -> Result<Project, RepayError> {
    let mut project = sql::lock_project(tx, project)?.ok_or(RepayError::NoSuchProject)?;
    let borrower = identity::acting_for(tx, caller, project.borrower)?;
    if project.status != Status::Repaying {
        return Err(RepayError::NotRepaying);
    }
    sql::lock_accounts(tx, &project, borrower.id)?;
    let term = project.terms_repaid.saturating_add(1);
    let shares = sql::shares_of_term(tx, project.id, term)?;
    let total = shares.iter().try_fold(Money::ZERO, |sum, (_, share)| sum.plus(*share));
    let total = total.ok_or(Fault::Corrupt("instalment".into()))?;
    if total > Money::ZERO {
        let escrow = Account::Escrow(project.id);
        let subject = project.id.number();
        let lines = [(Account::Wallet(borrower.id), total.debit()), (escrow, total.credit())];
        let paid = Transfer { kind: Kind::Repayment, subject, reverses: None, lines: &lines };
        match ledger::post(tx, &paid) {
            Ok(_) => {}
            Err(PostError::Insufficient(_)) => return Err(RepayError::Insufficient),
            Err(error) => return Err(unexpected(error).into()),
        }
        let mut lines = vec![(escrow, total.debit())];
        let positive = shares.iter().filter(|(_, share)| *share > Money::ZERO);
        lines.extend(positive.map(|(member, share)| (Account::Wallet(*member), share.credit())));
        let given = Transfer { kind: Kind::Distribution, subject, reverses: None, lines: &lines };
        match ledger::post(tx, &given) {
            Ok(_) => {}
            Err(PostError::TooLarge(_)) => return Err(RepayError::TooLarge),
            Err(error) => return Err(unexpected(error).into()),
        }
    }
    project.terms_repaid = term;
    if term >= project.terms() {
        project.status = Status::Repaid;
    }
    sql::pay_term(tx, project.id, term, project.status)?;
    Ok(project)
}
