//! Corrections by people: a repayment is taken back, a customer's credit goes back to their card.

use kernel::Money;
use kernel::id::{MemberId, PaymentId, RepaymentId};
use store::Fault;

use super::accrual::{Targets, bring_to};
use super::payments::{self, Payment};
use super::repaying::settle_rows;
use super::{Book, LoanState, Repayment, Source, sql};
use crate::audit::{self, Actor, Subject};
use crate::ledger::{self, Account, Kind, PostError, Transfer};
use crate::{Tx, credit, customers, funding, origination};

/// Why a repayment was not taken back. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum ReverseError {
    /// There is no such repayment.
    #[error("no such repayment")]
    NoSuchRepayment,
    /// It was taken back before.
    #[error("already reversed")]
    AlreadyReversed,
    /// The loan was written off, or the repayment is one that came in after that.
    #[error("the loan is closed")]
    Closed,
    /// A later repayment must be taken back first.
    #[error("a later repayment must be reversed first")]
    LaterFirst,
    /// The customer has used the credit that came of it.
    #[error("the excess has been used")]
    ExcessUsed,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes a repayment back by a contra entry (冲正): the loan stands as if it had never been made,
/// and is open again where it had been settled by it.
pub fn reverse_repayment(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    id: RepaymentId,
) -> Result<Repayment, ReverseError> {
    let repayment = sql::repayment(tx, id)?.ok_or(ReverseError::NoSuchRepayment)?;
    let loan = sql::lock_loan(tx, repayment.loan)?.ok_or(Fault::Corrupt("loan".into()))?;
    let repayment = sql::repayment(tx, id)?.ok_or(ReverseError::NoSuchRepayment)?;
    if repayment.reversed {
        return Err(ReverseError::AlreadyReversed);
    }
    let runs = matches!(loan.state, LoanState::Repaying | LoanState::Settled);
    if !runs || repayment.source == Source::Recovery {
        return Err(ReverseError::Closed);
    }
    let mut book = Book::open(tx, loan)?;
    // What later repayments were used for depends on this one.
    if book.repayments.last().is_none_or(|last| last.id != id) {
        return Err(ReverseError::LaterFirst);
    }
    let transfer = sql::transfer_of_repayment(tx, id)?;
    let kind = Kind::Reversal;
    let posted = match ledger::reverse(tx, kind, book.loan.id.number(), transfer) {
        Ok(posted) => posted,
        Err(PostError::AlreadyReversed) => return Err(ReverseError::AlreadyReversed),
        Err(PostError::Insufficient(Account::Wallet(_))) => return Err(ReverseError::ExcessUsed),
        Err(PostError::Fault(fault)) => return Err(fault.into()),
        Err(PostError::Insufficient(_) | PostError::TooLarge(_)) => {
            return Err(Fault::Corrupt("a reversal that does not fit".into()).into());
        }
    };
    sql::mark_reversed(tx, id, posted.id)?;
    book.repayments.retain(|kept| kept.id != id);
    let today = tx.at.business.date();
    let on = book.last_paid_on().map_or(today, |last| last.max(today));
    let standing = book.standing(on)?;
    settle_rows(tx, &mut book, &standing)?;
    let targets = Targets::of(&book, &standing)?;
    let paid = book.loan.paid;
    bring_to(tx, book.loan.id, &paid, &targets)?;
    credit::use_again(tx, book.loan.member, repayment.parts.principal)?;
    if origination::draws_later(book.product.channel) {
        funding::push_reversal(tx, book.loan.application, id)?;
    }
    let detail = format!("{} of {}", repayment.amount, repayment.on);
    audit::note(tx, actor, "loan.repayment_reversed", Subject::Loan(book.loan.id), &detail)?;
    Ok(Repayment { reversed: true, ..repayment })
}

/// Why a credit was not paid back. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// The customer has no card.
    #[error("no card")]
    NoCard,
    /// The credit is less than that.
    #[error("more than the credit")]
    TooMuch,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Orders a customer's credit to be paid back to their card (退款). It leaves the credit at once,
/// so that it cannot be spent twice, and returns if the provider declines.
pub fn refund(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    member: MemberId,
    amount: Money,
) -> Result<PaymentId, RefundError> {
    let card = customers::payout_card(tx, member)?.ok_or(RefundError::NoCard)?;
    let wallet = Account::Wallet(member);
    let lines = [(wallet, amount.debit()), (Account::ProviderClearing, amount.credit())];
    let (kind, subject) = (Kind::Refund, member.number());
    let transfer = Transfer { kind, subject, reverses: None, lines: &lines };
    let posted = match ledger::post(tx, &transfer) {
        Ok(posted) => posted,
        Err(PostError::Insufficient(_)) => return Err(RefundError::TooMuch),
        Err(PostError::Fault(fault)) => return Err(fault.into()),
        Err(PostError::TooLarge(_) | PostError::AlreadyReversed) => {
            return Err(Fault::Corrupt("refund".into()).into());
        }
    };
    let id = payments::request_refund(tx, (member, card.id), amount, posted.id)?;
    audit::note(tx, actor, "refund.requested", Subject::Member(member), &amount.to_string())?;
    Ok(id)
}

/// The provider has paid a credit back: it was booked with the order.
pub(super) fn refunded(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let subject = Subject::Member(payment.member);
    audit::note(tx, Actor::Platform, "refund.paid", subject, &payment.amount.to_string())
}

/// The provider has declined to pay a credit back: it is the customer's again.
pub(super) fn refund_failed(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let original = sql::transfer_of_payment(tx, payment.id)?;
    let subject = payment.member.number();
    ledger::reverse(tx, Kind::Reversal, subject, original).map(|_| ()).map_err(
        |error| match error {
            PostError::Fault(fault) => fault,
            PostError::AlreadyReversed | PostError::Insufficient(_) | PostError::TooLarge(_) => {
                Fault::Corrupt(format!("refund: {error}"))
            }
        },
    )
}
