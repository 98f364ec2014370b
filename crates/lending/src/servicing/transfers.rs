//! Money that comes without an order to the provider: bank transfers that people have booked, and
//! coupons for cash.

use kernel::Money;
use kernel::id::{CouponId, LoanId, MemberId};
use store::Fault;

use super::accrual::post;
use super::repaying::{Received, receive};
use super::{LoanState, Repayment, Source, payments, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::credit::{self, Purpose, Reserve, ReserveError};
use crate::ledger::{Account, Kind, Transfer};

/// A transfer to the platform's bank that somebody has seen there (线下还款).
#[derive(Clone, Debug)]
pub struct Transferred {
    /// Who books it.
    pub actor: Actor,
    /// For which loan.
    pub loan: LoanId,
    /// How much.
    pub amount: Money,
    /// What the bank calls it.
    pub reference: String,
}

/// Why a transfer was not booked. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// There is no such loan.
    #[error("no such loan")]
    NoSuchLoan,
    /// It takes no payments: not paid out, settled, or given up.
    #[error("the loan takes no payments")]
    NotRunning,
    /// A transfer of nothing.
    #[error("a transfer of nothing")]
    Nothing,
    /// A payment by card is under way, and may pay the same.
    #[error("another payment is under way")]
    UnderWay,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Books a bank transfer: it pays what is due as far as it goes, then the next rows, and what is
/// left is the customer's credit.
pub fn receive_transfer(
    tx: &mut Tx<'_, '_>,
    command: &Transferred,
) -> Result<Repayment, TransferError> {
    let loan = sql::lock_loan(tx, command.loan)?.ok_or(TransferError::NoSuchLoan)?;
    if loan.state != LoanState::Repaying {
        return Err(TransferError::NotRunning);
    }
    if command.amount == Money::ZERO {
        return Err(TransferError::Nothing);
    }
    if payments::is_under_way(tx, loan.id)? {
        return Err(TransferError::UnderWay);
    }
    let received = Received {
        amount: command.amount,
        settles: false,
        source: Source::Bank,
        payment: None,
        coupon: Money::ZERO,
    };
    let repayment = receive(tx, loan, received)?;
    let (subject, detail) = (Subject::Loan(command.loan), command.reference.as_str());
    audit::note(tx, command.actor, "loan.transfer_booked", subject, detail)?;
    Ok(repayment)
}

/// Why a coupon was not redeemed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum RedeemError {
    /// There is no such loan of the customer, or it was not paid out.
    #[error("no such loan")]
    NoSuchLoan,
    /// The coupon cannot be used for this.
    #[error(transparent)]
    Coupon(#[from] ReserveError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Redeems a coupon for cash (现金券) that goes with the payout of a loan: it becomes the
/// customer's credit, at the platform's expense.
pub fn redeem_cash_coupon(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: CouponId,
    loan: LoanId,
) -> Result<Money, RedeemError> {
    let loan = sql::lock_loan(tx, loan)?.filter(|loan| loan.member == member);
    let loan = loan.filter(|loan| loan.start.is_some()).ok_or(RedeemError::NoSuchLoan)?;
    let purpose = Purpose::Withdrawal(loan.received);
    let worth = credit::reserve(tx, &Reserve { member, coupon, purpose })?;
    payments::use_coupon(tx, member, Some(coupon))?;
    let lines =
        [(Account::CouponExpense, worth.debit()), (Account::Wallet(member), worth.credit())];
    let (kind, subject) = (Kind::Coupon, member.number());
    post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })?;
    let subject = Subject::Loan(loan.id);
    audit::note(tx, Actor::Customer(member), "coupon.redeemed", subject, &worth.to_string())?;
    Ok(worth)
}
