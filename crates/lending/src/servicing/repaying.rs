//! Repayment (还款): what is due, what a customer pays, and what it is used for.

use kernel::Money;
use kernel::id::{CouponId, LoanId, MemberId, PaymentId, PlanRowId};
use pricing::account::Standing;
use store::Fault;

use super::accrual::{Targets, bring_to, post};
use super::payments::{self, Order, Purpose as OrderPurpose};
use super::{Book, DueRow};
use super::{Loan, LoanState, Paid, Repayment, Source, loan_of_row, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::credit::{Purpose, Reserve, ReserveError};
use crate::ledger::{self, Account, Kind, Transfer};
use crate::notices::{self, Notice, Topic};
use crate::{credit, customers, funding, origination};

/// Which rows a list of what is due shows. The numbers are those of document 001, §26.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Repaid (已还).
    Repaid,
    /// Not repaid and not late (未还).
    NotDue,
    /// Late (逾期).
    Overdue,
    /// What can be settled early (主动): one row of each loan that is running, its next one.
    Settleable,
}

/// A row of a customer's loans with the loan it belongs to.
#[derive(Clone, Debug)]
pub struct DueList {
    /// The loan.
    pub loan: Loan,
    /// What its product is called.
    pub product: String,
    /// The row.
    pub row: DueRow,
    /// What it takes to settle the whole loan today.
    pub settlement: Money,
}

/// The rows of a customer's loans as they stand today, by due date.
pub fn due_rows_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    which: Which,
) -> Result<Vec<DueList>, Fault> {
    let today = tx.at.business.date();
    let mut list = Vec::new();
    for loan in sql::loans_of(tx, member)? {
        let is_running = loan.state == LoanState::Repaying;
        let book = Book::open(tx, loan)?;
        let standing = book.standing(today)?;
        let settlement = standing.settlement.total;
        let mut rows = book.rows_in(&standing);
        rows.retain(|row| {
            let is_paid = row.outstanding == Money::ZERO || !is_running;
            match which {
                Which::All => true,
                Which::Repaid => is_paid,
                Which::NotDue => !is_paid && row.row.due >= today,
                Which::Overdue => !is_paid && row.row.due < today,
                Which::Settleable => !is_paid,
            }
        });
        if which == Which::Settleable {
            rows.truncate(1);
        }
        let (loan, product) = (book.loan, book.product.version.name.clone());
        list.extend(rows.into_iter().map(|row| DueList {
            loan: loan.clone(),
            product: product.clone(),
            row,
            settlement,
        }));
    }
    list.sort_by_key(|entry| (entry.row.row.due, entry.row.row.id));
    Ok(list)
}

/// What a repayment is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    /// One row of the plan: the oldest that is not paid (按期还款).
    Row,
    /// The whole loan (一次性还清).
    Settlement,
}

/// A customer wants to repay.
#[derive(Clone, Debug)]
pub struct BeginRepayment {
    /// Who.
    pub member: MemberId,
    /// The row, or any row of the loan that is to be settled.
    pub row: PlanRowId,
    /// What for.
    pub meant: Meant,
    /// A coupon that is to pay a part (代金券).
    pub coupon: Option<CouponId>,
}

/// What a repayment that was begun has come to.
#[derive(Clone, Debug)]
pub enum Begun {
    /// The customer's card is being debited; the order's outcome books the repayment.
    Ordered(PaymentId),
    /// A coupon has paid all of it.
    Paid(Box<Repayment>),
}

/// Why a repayment was not begun. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// There is no such row (还款计划不存在).
    #[error("no such row")]
    NoSuchRow,
    /// The loan is another customer's (不属于该用户的借贷还款).
    #[error("another customer's loan")]
    NotYours,
    /// Nothing is owed on the loan any more (借款已经全部还完).
    #[error("the loan is settled")]
    Settled,
    /// Nothing is owed on the row any more (当期已经还完).
    #[error("the row is paid")]
    RowPaid,
    /// An earlier row is not paid (前期还完才能还下一期).
    #[error("an earlier row is not paid")]
    EarlierFirst,
    /// There is no card to take the money from.
    #[error("no card")]
    NoCard,
    /// Another payment on the loan is under way.
    #[error("another payment is under way")]
    UnderWay,
    /// The coupon cannot be used for this.
    #[error(transparent)]
    Coupon(ReserveError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Writes the order to debit the customer's card; the dispatcher sends it, and its answer books
/// the repayment.
pub fn begin_repayment(tx: &mut Tx<'_, '_>, command: &BeginRepayment) -> Result<Begun, BeginError> {
    let loan = sql::lock_loan(tx, loan_of_row(command.row))?;
    let loan = loan.filter(|loan| loan.start.is_some()).ok_or(BeginError::NoSuchRow)?;
    if loan.member != command.member {
        return Err(BeginError::NotYours);
    }
    let today = tx.at.business.date();
    let book = Book::open(tx, loan)?;
    let standing = book.standing(today)?;
    let rows = book.rows_in(&standing);
    let place = rows.iter().position(|row| row.row.id == command.row);
    let place = place.ok_or(BeginError::NoSuchRow)?;
    if book.loan.state != LoanState::Repaying {
        return Err(BeginError::Settled);
    }
    let (amount, purpose) = match command.meant {
        Meant::Settlement => (standing.settlement.total, OrderPurpose::Settlement),
        Meant::Row => {
            let owed = rows.get(place).map_or(Money::ZERO, |row| row.outstanding);
            if owed == Money::ZERO {
                return Err(BeginError::RowPaid);
            }
            if rows.iter().take(place).any(|row| row.outstanding > Money::ZERO) {
                return Err(BeginError::EarlierFirst);
            }
            (owed, OrderPurpose::Instalment)
        }
    };
    let card = customers::payout_card(tx, command.member)?.ok_or(BeginError::NoCard)?;
    if payments::is_under_way(tx, book.loan.id)? {
        return Err(BeginError::UnderWay);
    }
    let deducted = match command.coupon {
        Some(coupon) => deduct(tx, command.member, coupon, amount)?,
        None => Money::ZERO,
    };
    let rest = amount.minus(deducted).unwrap_or(Money::ZERO);
    if let (Money::ZERO, Some(coupon)) = (rest, command.coupon) {
        return pay_by_coupon(tx, book.loan, coupon, command.meant).map(Begun::Paid);
    }
    let order = Order {
        purpose,
        member: command.member,
        loan: book.loan.id,
        row: Some(command.row),
        card: card.id,
        amount: rest,
        coupon: command.coupon,
        by_page: false,
        by_partner: false,
    };
    payments::request(tx, &order)?.map(Begun::Ordered).ok_or(BeginError::UnderWay)
}

/// Keeps the coupon for the repayment; what it pays of it.
pub(super) fn deduct(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: CouponId,
    amount: Money,
) -> Result<Money, BeginError> {
    let purpose = Purpose::Repayment(amount);
    credit::reserve(tx, &Reserve { member, coupon, purpose }).map_err(|error| match error {
        ReserveError::Fault(fault) => BeginError::Fault(fault),
        refusal @ (ReserveError::NoSuchCoupon
        | ReserveError::Used
        | ReserveError::Reserved
        | ReserveError::Expired
        | ReserveError::OtherKind
        | ReserveError::TooSmall { .. }) => BeginError::Coupon(refusal),
    })
}

pub(super) fn pay_by_coupon(
    tx: &mut Tx<'_, '_>,
    loan: Loan,
    coupon: CouponId,
    meant: Meant,
) -> Result<Box<Repayment>, BeginError> {
    let worth = payments::use_coupon(tx, loan.member, Some(coupon))?;
    let received = Received {
        amount: worth,
        settles: meant == Meant::Settlement,
        source: Source::Card,
        payment: None,
        coupon: worth,
    };
    Ok(Box::new(receive(tx, loan, received)?))
}

/// Money that has come in for a loan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub(super) amount: Money,
    pub(super) settles: bool,
    pub(super) source: Source,
    pub(super) payment: Option<PaymentId>,
    /// What of it a coupon pays.
    pub(super) coupon: Money,
}

/// Uses money that has come in for a running loan (冲账): what is owed is a function of the terms,
/// this and what came before; the ledger and the loan's row follow.
///
/// The loan must be locked by the caller.
pub(super) fn receive(
    tx: &mut Tx<'_, '_>,
    loan: Loan,
    received: Received,
) -> Result<Repayment, Fault> {
    let today = tx.at.business.date();
    let mut book = Book::open(tx, loan)?;
    // A clock that went back would put the payment before earlier ones.
    let on = book.last_paid_on().map_or(today, |last| last.max(today));
    let booked = book.loan.paid;
    let mut repayment = Repayment {
        id: kernel::id::RepaymentId::from_number(tx.ids.take(tx.at.wall, 1)),
        loan: book.loan.id,
        settles: received.settles,
        source: received.source,
        on,
        amount: received.amount,
        parts: Paid::NOTHING,
        excess: Money::ZERO,
        coupon: received.coupon,
        payment: received.payment,
        reversed: false,
        at: tx.at.business,
    };
    book.repayments.push(repayment.clone());
    let standing = book.standing(on)?;
    let applied = standing.payments.last().ok_or(Fault::Corrupt("repayment".into()))?;
    repayment.parts = Paid {
        principal: applied.principal,
        interest: applied.interest,
        fee: applied.fees,
        penalty: applied.penalties,
    };
    repayment.excess = applied.excess;
    if let Some(last) = book.repayments.last_mut() {
        *last = repayment.clone();
    }
    let targets = Targets::of(&book, &standing)?;
    bring_to(tx, book.loan.id, &booked, &targets)?;
    let transfer = post_repayment(tx, &book, &repayment)?;
    sql::insert_repayment(tx, &repayment, transfer)?;
    settle_rows(tx, &mut book, &standing)?;
    credit::give_back(tx, book.loan.member, repayment.parts.principal)?;
    tell(tx, &book, &repayment)?;
    if origination::draws_later(book.product.channel) {
        funding::push_repayment(tx, book.loan.application, repayment.id)?;
    }
    Ok(repayment)
}

fn post_repayment(
    tx: &mut Tx<'_, '_>,
    book: &Book,
    repayment: &Repayment,
) -> Result<kernel::id::TransferId, Fault> {
    let (loan, parts) = (book.loan.id, &repayment.parts);
    let wallet = Account::Wallet(book.loan.member);
    let from = match repayment.source {
        Source::Wallet => wallet,
        Source::Bank => Account::BankClearing,
        Source::Card | Source::Recovery => Account::ProviderClearing,
    };
    let credits = [
        (Account::LoanPrincipal(loan), parts.principal),
        (Account::LoanInterest(loan), parts.interest),
        (Account::LoanFee(loan), parts.fee),
        (Account::LoanPenalty(loan), parts.penalty),
    ];
    let paid = credits.into_iter().filter(|(_, amount)| *amount > Money::ZERO);
    let mut lines: Vec<_> = paid.map(|(account, amount)| (account, amount.credit())).collect();
    // What the wallet paid too much stays in the wallet.
    let (amount, excess) = match repayment.source {
        Source::Wallet => {
            let used = repayment.amount.minus(repayment.excess);
            (used.ok_or(Fault::Corrupt("excess_fen".into()))?, Money::ZERO)
        }
        Source::Card | Source::Bank | Source::Recovery => (repayment.amount, repayment.excess),
    };
    let own = amount.minus(repayment.coupon).ok_or(Fault::Corrupt("coupon_fen".into()))?;
    for (account, part) in [(from, own), (Account::CouponExpense, repayment.coupon)] {
        if part > Money::ZERO {
            lines.push((account, part.debit()));
        }
    }
    if excess > Money::ZERO {
        lines.push((wallet, excess.credit()));
    }
    let (kind, subject) = (Kind::LoanRepayment, loan.number());
    Ok(post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })?.id)
}

/// Writes into the loan's row what follows from its book.
pub(super) fn settle_rows(
    tx: &mut Tx<'_, '_>,
    book: &mut Book,
    standing: &Standing,
) -> Result<(), Fault> {
    let on = standing.on;
    let rows = standing.rows.iter().zip(&book.rows);
    let unpaid = rows.filter(|(stands, _)| stands.outstanding > Money::ZERO);
    let unpaid = unpaid.map(|(_, row)| row.due).next();
    let paid = book.paid_on(on)?;
    let is_over = book.is_over(&paid, standing);
    let was_over = book.loan.state == LoanState::Settled;
    let due = book.rows.iter().filter(|row| row.due <= on).count();
    let last = book.rows.len().max(1);
    let current = due.saturating_add(1).min(last);
    book.loan.paid = paid;
    book.loan.next_due = unpaid;
    book.loan.overdue_since = unpaid.filter(|due| *due < on);
    book.loan.current_row = u32::try_from(current).unwrap_or(u32::MAX);
    book.loan.state = if is_over { LoanState::Settled } else { LoanState::Repaying };
    book.loan.closed_at = if is_over { book.loan.closed_at.or(Some(tx.at.business)) } else { None };
    sql::update_loan(tx, &book.loan)?;
    if is_over && !was_over {
        audit::note(tx, Actor::Platform, "loan.settled", Subject::Loan(book.loan.id), "")?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_, '_>, book: &Book, repayment: &Repayment) -> Result<(), Fault> {
    let facts = [
        ("product", book.product.version.name.clone()),
        ("amount", repayment.amount.to_string()),
        ("code", book.loan.code.clone()),
    ];
    let (member, topic) = (book.loan.member, Topic::Repaid);
    notices::tell(tx, &Notice { member, topic, facts: &facts })?;
    let subject = Subject::Loan(book.loan.id);
    let detail = format!("{} by {}", repayment.amount, repayment.source.word());
    audit::note(tx, Actor::Platform, "loan.repaid", subject, &detail)
}

/// Pays what is due on a loan today from the customer's credit, as far as that goes; what was
/// paid.
pub fn pay_by_wallet(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Money, Fault> {
    let Some(loan) = sql::lock_loan(tx, id)? else { return Ok(Money::ZERO) };
    if loan.state != LoanState::Repaying {
        return Ok(Money::ZERO);
    }
    let today = tx.at.business.date();
    let credit = ledger::balance(tx, Account::Wallet(loan.member))?.unwrap_or(Money::ZERO);
    if credit == Money::ZERO {
        return Ok(Money::ZERO);
    }
    let book = Book::open(tx, loan)?;
    let amount = book.standing(today)?.due.min(credit);
    if amount == Money::ZERO {
        return Ok(Money::ZERO);
    }
    let source = Source::Wallet;
    let (settles, payment, coupon) = (false, None, Money::ZERO);
    receive(tx, book.loan, Received { amount, settles, source, payment, coupon })?;
    Ok(amount)
}
