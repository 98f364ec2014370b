//! The bad ends: write-off (核销), and what still comes in afterwards.

use kernel::Money;
use kernel::id::LoanId;
use store::Fault;

use super::accrual::{Targets, bring_to, post};
use super::{Book, Loan, LoanState, Paid, Repayment, Source, sql};
use crate::audit::{self, Actor, Subject};
use crate::ledger::{self, Account, Kind, Transfer};
use crate::{Tx, vintage};

/// Why a loan was not written off. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum WriteOffError {
    /// There is no such loan.
    #[error("no such loan")]
    NoSuchLoan,
    /// It is not overdue.
    #[error("not overdue")]
    NotOverdue,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Gives up what is owed on an overdue loan: principal, interest, fees and penalties that are
/// booked become a loss. What was given up.
pub fn write_off(tx: &mut Tx<'_, '_>, actor: Actor, id: LoanId) -> Result<Money, WriteOffError> {
    let loan = sql::lock_loan(tx, id)?.ok_or(WriteOffError::NoSuchLoan)?;
    let today = tx.at.business.date();
    let late = loan.next_due.is_some_and(|due| due < today);
    if loan.state != LoanState::Repaying || !late {
        return Err(WriteOffError::NotOverdue);
    }
    let book = Book::open(tx, loan)?;
    let targets = Targets::of(&book, &book.standing(today)?)?;
    bring_to(tx, id, &book.loan.paid, &targets)?;
    let mut lines = Vec::with_capacity(5);
    let mut lost = Money::ZERO;
    for account in Account::of_loan(id) {
        let owed = ledger::owed(tx, account)?.ok_or(Fault::Corrupt("account".into()))?;
        if owed > Money::ZERO {
            lines.push((account, owed.credit()));
            lost = lost.plus(owed).ok_or(Fault::Corrupt("balance_fen".into()))?;
        }
    }
    lines.push((Account::WriteOffLoss, lost.debit()));
    let (kind, subject) = (Kind::WriteOff, id.number());
    post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })?;
    let written_off = Loan {
        state: LoanState::WrittenOff,
        closed_at: Some(tx.at.business),
        next_due: None,
        overdue_since: None,
        ..book.loan
    };
    sql::update_loan(tx, &written_off)?;
    vintage::note_written_off(tx, id)?;
    audit::note(tx, actor, "loan.written_off", Subject::Loan(id), &lost.to_string())?;
    Ok(lost)
}

/// Why a recovery was not booked. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// There is no such loan.
    #[error("no such loan")]
    NoSuchLoan,
    /// It was not written off.
    #[error("not written off")]
    NotWrittenOff,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Books money that came in on a loan after it was written off (核销收回): it is income.
pub fn recover(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    id: LoanId,
    amount: Money,
) -> Result<Repayment, RecoverError> {
    let loan = sql::lock_loan(tx, id)?.ok_or(RecoverError::NoSuchLoan)?;
    if loan.state != LoanState::WrittenOff {
        return Err(RecoverError::NotWrittenOff);
    }
    let lines =
        [(Account::ProviderClearing, amount.debit()), (Account::RecoveryIncome, amount.credit())];
    let (kind, subject) = (Kind::Recovery, id.number());
    let posted = post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })?;
    let repayment = Repayment {
        id: kernel::id::RepaymentId::from_number(tx.ids.take(tx.at.wall, 1)),
        loan: id,
        settles: false,
        source: Source::Recovery,
        on: tx.at.business.date(),
        amount,
        parts: Paid::NOTHING,
        excess: amount,
        coupon: Money::ZERO,
        payment: None,
        reversed: false,
        at: tx.at.business,
    };
    sql::insert_repayment(tx, &repayment, posted.id)?;
    audit::note(tx, actor, "loan.recovered", Subject::Loan(id), &amount.to_string())?;
    Ok(repayment)
}
