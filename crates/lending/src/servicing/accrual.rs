//! What a loan has earned by a day, and its posting: the difference to what is booked already.

use kernel::id::LoanId;
use kernel::{Change, Date, Money};
use pricing::account::Standing;
use store::Fault;

use super::book::Book;
use super::{Paid, PlanRow};
use crate::Tx;
use crate::ledger::{self, Account, Kind, PostError, Transfer};

/// The interest of a plan that is earned by a day: rows that are due in full, and of the row that
/// runs the part of its days that are over, rounded half up to the fen.
///
/// `None` where the figures do not fit.
pub fn earned(rows: &[PlanRow], on: Date) -> Option<Money> {
    let Some(row) = rows.iter().find(|row| on < row.due) else {
        let last = rows.last()?;
        return last.interest_before.plus(last.interest);
    };
    let days = i64::from(row.from.days_until(row.due));
    let over = i64::from(row.from.days_until(on)).max(0);
    row.interest_before.plus(row.interest.share(over, days.max(1))?)
}

/// What should be booked as income of a loan so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Targets {
    pub(super) interest: Money,
    pub(super) fee: Money,
    pub(super) penalty: Money,
}

impl Targets {
    /// What has been earned by a day, and at least what has been paid: interest that is paid in
    /// advance is not given back. Of a loan that is over, exactly what has been paid.
    pub(super) fn of(book: &Book, standing: &Standing) -> Result<Self, Fault> {
        let on = standing.on;
        let paid = book.paid_on(on)?;
        if book.is_over(&paid, standing) {
            return Ok(Self { interest: paid.interest, fee: paid.fee, penalty: paid.penalty });
        }
        let broken = || Fault::Corrupt(format!("loan {}: figures", book.loan.id.number()));
        let interest = earned(&book.rows, on).ok_or_else(broken)?;
        let mut fees = book.rows.iter().filter(|row| row.due <= on).map(|row| row.fee);
        let fee = fees.try_fold(Money::ZERO, Money::plus).ok_or_else(broken)?;
        let mut penalties = standing.rows.iter().map(|row| row.penalties);
        let penalty = penalties.try_fold(Money::ZERO, Money::plus).ok_or_else(broken)?;
        Ok(Self {
            interest: interest.max(paid.interest),
            fee: fee.max(paid.fee),
            penalty: penalty.max(paid.penalty),
        })
    }
}

/// Books the difference between what should be booked and what is: whether there was one.
///
/// `paid` is what has been paid so far by the ledger, that is before a payment of this call.
pub(super) fn bring_to(
    tx: &mut Tx<'_, '_>,
    loan: LoanId,
    paid: &Paid,
    targets: &Targets,
) -> Result<bool, Fault> {
    let mut lines = Vec::with_capacity(6);
    for (account, income, paid, target) in [
        (Account::LoanInterest(loan), Account::InterestIncome, paid.interest, targets.interest),
        (Account::LoanFee(loan), Account::FeeIncome, paid.fee, targets.fee),
        (Account::LoanPenalty(loan), Account::PenaltyIncome, paid.penalty, targets.penalty),
    ] {
        let owed = ledger::owed(tx, account)?.ok_or(Fault::Corrupt("account".into()))?;
        let booked = paid.plus(owed).ok_or(Fault::Corrupt("balance_fen".into()))?;
        let more = target.fen().saturating_sub(booked.fen());
        let more = Change::from_fen(more).ok_or(Fault::Corrupt("balance_fen".into()))?;
        if more != Change::ZERO {
            lines.push((account, more.reversed()));
            lines.push((income, more));
        }
    }
    if lines.is_empty() {
        return Ok(false);
    }
    let subject = loan.number();
    let transfer = Transfer { kind: Kind::Accrual, subject, reverses: None, lines: &lines };
    post(tx, &transfer).map(|_| true)
}

/// Posts what the core has computed itself: a refusal by the ledger is a contradiction.
pub(super) fn post(tx: &mut Tx<'_, '_>, transfer: &Transfer<'_>) -> Result<ledger::Posted, Fault> {
    ledger::post(tx, transfer).map_err(|error| match error {
        PostError::Fault(fault) => fault,
        PostError::Insufficient(account) | PostError::TooLarge(account) => {
            let number = account.number().number();
            Fault::Corrupt(format!("account {number} does not bear {}", transfer.kind.word()))
        }
        PostError::AlreadyReversed => Fault::Corrupt("already reversed".into()),
    })
}
