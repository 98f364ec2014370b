//! Repayment on a page of the payment provider (主动还款，认证支付): the customer pays, and the order
//! waits for it.

use kernel::Money;
use kernel::id::{CouponId, LoanId, MemberId, PaymentId};

use super::payments::{self, Order, Payment, Purpose};
use super::repaying::{deduct, pay_by_coupon};
use super::{BeginError, Book, Loan, LoanState, Meant, sql};
use crate::Tx;
use crate::customers::{self, Card};

/// A customer wants to repay on a page.
#[derive(Clone, Copy, Debug)]
pub struct BeginPage {
    /// Who.
    pub member: MemberId,
    /// The loan; its oldest row that is not paid is meant.
    pub loan: LoanId,
    /// A coupon that is to pay a part (代金券).
    pub coupon: Option<CouponId>,
}

/// What is to be paid on a page.
#[derive(Clone, Debug)]
pub struct OnPage {
    /// The order.
    pub payment: PaymentId,
    /// What the provider knows it by.
    pub order_no: String,
    /// How much.
    pub amount: Money,
    /// The card.
    pub card: Card,
}

/// What a repayment on a page has come to.
#[derive(Clone, Debug)]
pub enum PageBegun {
    /// An order waits to be paid.
    Ordered(Box<OnPage>),
    /// A coupon has paid all of it.
    Paid,
}

/// Writes down the order that a customer pays on a page. While one waits that is less than two
/// hours old, it is that one, with what is to be paid today.
pub fn begin_on_page(tx: &mut Tx<'_, '_>, command: &BeginPage) -> Result<PageBegun, BeginError> {
    let loan = sql::lock_loan(tx, command.loan)?.filter(|loan| loan.start.is_some());
    let loan = loan.ok_or(BeginError::NoSuchRow)?;
    if loan.member != command.member {
        return Err(BeginError::NotYours);
    }
    if loan.state != LoanState::Repaying {
        return Err(BeginError::Settled);
    }
    let today = tx.at.business.date();
    let book = Book::open(tx, loan)?;
    let standing = book.standing(today)?;
    let mut rows = book.rows_in(&standing).into_iter();
    let row = rows.find(|row| row.outstanding > Money::ZERO).ok_or(BeginError::Settled)?;
    let card = customers::payout_card(tx, command.member)?.ok_or(BeginError::NoCard)?;
    let waiting = waiting(tx, &book.loan)?;
    let deducted = match command.coupon {
        Some(coupon) => deduct(tx, command.member, coupon, row.outstanding)?,
        None => Money::ZERO,
    };
    let amount = row.outstanding.minus(deducted).unwrap_or(Money::ZERO);
    if let (Money::ZERO, Some(coupon)) = (amount, command.coupon) {
        if let Some(order) = waiting {
            payments::give_up(tx, &order)?;
        }
        pay_by_coupon(tx, book.loan, coupon, Meant::Row)?;
        return Ok(PageBegun::Paid);
    }
    if let Some(order) = waiting {
        sql::change_payment(tx, order.id, amount, command.coupon)?;
        let (payment, order_no) = (order.id, order.order_no);
        return Ok(PageBegun::Ordered(Box::new(OnPage { payment, order_no, amount, card })));
    }
    let order = Order {
        purpose: Purpose::Instalment,
        member: command.member,
        loan: book.loan.id,
        row: Some(row.row.id),
        card: card.id,
        amount,
        coupon: command.coupon,
        by_page: true,
        by_partner: false,
    };
    let payment = payments::request(tx, &order)?.ok_or(BeginError::UnderWay)?;
    let order_no = payments::payment(tx, payment)?.map(|payment| payment.order_no);
    let order_no = order_no.ok_or(BeginError::UnderWay)?;
    Ok(PageBegun::Ordered(Box::new(OnPage { payment, order_no, amount, card })))
}

/// The order about the loan that waits on a page, without the coupon that was kept for it; one that
/// is too old ends here.
fn waiting(tx: &mut Tx<'_, '_>, loan: &Loan) -> Result<Option<Payment>, BeginError> {
    let orders = payments::payments_of(tx, loan.id)?;
    let Some(order) = orders.into_iter().find(|order| !order.state.is_final()) else {
        return Ok(None);
    };
    if !order.by_page {
        return Err(BeginError::UnderWay);
    }
    if payments::is_page_over(tx, &order) {
        payments::give_up(tx, &order)?;
        return Ok(None);
    }
    payments::release_coupon(tx, &order)?;
    Ok(Some(Payment { coupon: None, ..order }))
}
