//! Coupons (代金券): given to a customer, reserved for one payment, used once. What one is worth
//! is booked by whoever books the payment.

use kernel::id::{CouponId, MemberId};
use kernel::{Date, Instant, Money};
use store::Fault;

use super::sql;
use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};

/// What a coupon is for. The numbers are those of document 002.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponKind {
    /// 1: takes from a repayment (还款抵扣券).
    Deduction,
    /// 2: adds to a withdrawal (现金券).
    Cash,
}

impl CouponKind {
    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Deduction => "deduction",
            Self::Cash => "cash",
        }
    }
}

/// Where a coupon is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CouponState {
    /// It can be used.
    Issued,
    /// A payment under way wants it.
    Reserved,
    /// It has been used.
    Used,
    /// Its last day is over.
    Expired,
}

impl CouponState {
    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Reserved => "reserved",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// A coupon of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupon {
    /// Its number.
    pub id: CouponId,
    /// Whose it is.
    pub member: MemberId,
    /// What it is for.
    pub kind: CouponKind,
    /// What it is worth at most.
    pub amount: Money,
    /// The least repayment that it can be used with.
    pub min_repayment: Money,
    /// The least withdrawal that it can be used with.
    pub min_withdrawal: Money,
    /// The last day on which it can be used.
    pub last_day: Date,
    /// Where it is in its life.
    pub state: CouponState,
    /// What it comes to where it is reserved or used.
    pub worth: Option<Money>,
    /// When it was given.
    pub issued_at: Instant,
}

/// Gives a coupon to a customer.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Who gives it.
    pub actor: Actor,
    /// To whom.
    pub member: MemberId,
    /// What for.
    pub kind: CouponKind,
    /// What it is worth at most.
    pub amount: Money,
    /// The least repayment that it can be used with.
    pub min_repayment: Money,
    /// The least withdrawal that it can be used with.
    pub min_withdrawal: Money,
    /// The last day on which it can be used.
    pub last_day: Date,
}

/// Why a coupon was not given. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// It would be worth nothing.
    #[error("worth nothing")]
    Worthless,
    /// Its last day is over already.
    #[error("already expired")]
    Expired,
    /// There is no such customer.
    #[error("no such member")]
    NoSuchMember,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Gives a coupon to a customer.
pub fn issue(tx: &mut Tx<'_, '_>, command: &Issue) -> Result<Coupon, IssueError> {
    if command.amount == Money::ZERO {
        return Err(IssueError::Worthless);
    }
    if command.last_day < tx.at.business.date() {
        return Err(IssueError::Expired);
    }
    if !sql::has_member(tx, command.member)? {
        return Err(IssueError::NoSuchMember);
    }
    let coupon = Coupon {
        id: CouponId::from_number(tx.ids.take(tx.at.wall, 1)),
        member: command.member,
        kind: command.kind,
        amount: command.amount,
        min_repayment: command.min_repayment,
        min_withdrawal: command.min_withdrawal,
        last_day: command.last_day,
        state: CouponState::Issued,
        worth: None,
        issued_at: tx.at.business,
    };
    sql::insert_coupon(tx, &coupon)?;
    let detail = format!("coupon {}", coupon.id.number());
    audit::note(tx, command.actor, "coupon.issued", Subject::Member(command.member), &detail)?;
    Ok(coupon)
}

/// A customer's coupons, the newest first.
pub fn coupons(tx: &mut Tx<'_, '_>, member: MemberId, page: Page) -> Result<Vec<Coupon>, Fault> {
    sql::coupons(tx, member, page)
}

/// How many coupons a customer was ever given.
pub fn coupon_count(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<i64, Fault> {
    sql::coupon_count(tx, member)
}

/// What a coupon is to be used with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A repayment of so much, before the coupon.
    Repayment(Money),
    /// A withdrawal of so much, before the coupon.
    Withdrawal(Money),
}

/// Keeps a coupon for one payment.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    /// Whose it is.
    pub member: MemberId,
    /// Which.
    pub coupon: CouponId,
    /// What for.
    pub purpose: Purpose,
}

/// Why a coupon was not reserved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    /// The customer has no such coupon.
    #[error("no such coupon")]
    NoSuchCoupon,
    /// It has been used.
    #[error("coupon used")]
    Used,
    /// Another payment under way wants it.
    #[error("coupon reserved")]
    Reserved,
    /// Its last day is over.
    #[error("coupon expired")]
    Expired,
    /// It is for the other kind of payment.
    #[error("coupon of another kind")]
    OtherKind,
    /// The payment is too small for it.
    #[error("payment too small for the coupon")]
    TooSmall {
        /// The least that is not.
        least: Money,
    },
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps a coupon for one payment; what it is worth in it. A deduction is never worth more than
/// what is repaid.
pub fn reserve(tx: &mut Tx<'_, '_>, command: &Reserve) -> Result<Money, ReserveError> {
    let coupon = sql::lock_coupon(tx, command.member, command.coupon)?;
    let coupon = coupon.ok_or(ReserveError::NoSuchCoupon)?;
    match coupon.state {
        CouponState::Used => return Err(ReserveError::Used),
        CouponState::Reserved => return Err(ReserveError::Reserved),
        CouponState::Expired => return Err(ReserveError::Expired),
        CouponState::Issued if coupon.last_day < tx.at.business.date() => {
            return Err(ReserveError::Expired);
        }
        CouponState::Issued => {}
    }
    let worth = worth(&coupon, command.purpose)?;
    sql::set_coupon(tx, coupon.id, CouponState::Reserved, Some(worth))?;
    Ok(worth)
}

fn worth(coupon: &Coupon, purpose: Purpose) -> Result<Money, ReserveError> {
    let (amount, least, worth) = match (coupon.kind, purpose) {
        (CouponKind::Deduction, Purpose::Repayment(amount)) => {
            (amount, coupon.min_repayment, coupon.amount.min(amount))
        }
        (CouponKind::Cash, Purpose::Withdrawal(amount)) => {
            (amount, coupon.min_withdrawal, coupon.amount)
        }
        (CouponKind::Deduction, Purpose::Withdrawal(_))
        | (CouponKind::Cash, Purpose::Repayment(_)) => return Err(ReserveError::OtherKind),
    };
    if amount < least || amount == Money::ZERO {
        return Err(ReserveError::TooSmall { least });
    }
    Ok(worth)
}

/// Why a reservation could not be ended.
#[derive(Debug, thiserror::Error)]
pub enum NotReserved {
    /// The customer has no such coupon that is reserved: it was used or released before.
    #[error("coupon not reserved")]
    NotReserved,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Uses a reserved coupon for good, also after its last day; what it is worth.
pub fn use_reserved(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: CouponId,
) -> Result<Money, NotReserved> {
    let reserved = reserved(tx, member, coupon)?;
    let worth = reserved.worth.ok_or_else(|| Fault::Corrupt("coupon.worth_fen".into()))?;
    sql::set_coupon(tx, coupon, CouponState::Used, Some(worth))?;
    Ok(worth)
}

/// Gives a reserved coupon back to its customer: the payment came to nothing.
pub fn release(tx: &mut Tx<'_, '_>, member: MemberId, coupon: CouponId) -> Result<(), NotReserved> {
    reserved(tx, member, coupon)?;
    Ok(sql::set_coupon(tx, coupon, CouponState::Issued, None)?)
}

fn reserved(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: CouponId,
) -> Result<Coupon, NotReserved> {
    let coupon = sql::lock_coupon(tx, member, coupon)?;
    let reserved = coupon.filter(|coupon| coupon.state == CouponState::Reserved);
    reserved.ok_or(NotReserved::NotReserved)
}

/// Marks coupons as expired whose last day is before `day`, at most so many; how many there were.
/// A reserved one waits for its payment.
pub fn expire_due(tx: &mut Tx<'_, '_>, day: Date, limit: u32) -> Result<u64, Fault> {
    sql::expire_coupons(tx, day, limit)
}
