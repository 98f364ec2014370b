//! Orders to the payment provider: written down, sent once, asked for where an answer was lost.
//!
//! requested → sent → succeeded | failed, or unknown → asked for until it is one of them. Only an
//! order that the provider has never heard of is sent again, under the same number.

use kernel::id::{CardId, CouponId, LoanId, MemberId, PaymentId, PlanRowId, TransferId};
use kernel::{Instant, Money};
use store::Fault;

use super::repaying::{Received, receive};
use super::{LoanState, Source, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::credit::{self, NotReserved};
use crate::customers;
use crate::funding::PARTNER;
use crate::ledger::{Account, Kind, Transfer};
use crate::ports::{MoneyOrder, MoneyOutcome, News};

/// The longest wait between two questions about an order whose answer was lost.
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// Between two questions about an order that a customer pays on a page: the provider's news come
/// first, mostly.
const PAGE_WAIT_MS: i64 = 60_000;
/// How long an order can be paid on a page, in minutes. Source: contract page of 002.
pub const PAGE_MINUTES: u32 = 120;

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the customer's card: a loan (放款).
    Payout,
    /// From the customer's card (扣款).
    Debit,
    /// To the customer's card: their credit (退款).
    Refund,
}

impl Direction {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payout => "payout",
            Self::Debit => "debit",
            Self::Refund => "refund",
        }
    }
}

/// What an order is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The payout of a loan.
    Payout,
    /// One row of a plan.
    Instalment,
    /// The rest of a loan.
    Settlement,
    /// What is due, as far as the amount goes.
    Amount,
    /// A customer's credit.
    Refund,
}

impl Purpose {
    const ALL: &[Self] =
        &[Self::Payout, Self::Instalment, Self::Settlement, Self::Amount, Self::Refund];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payout => "payout",
            Self::Instalment => "instalment",
            Self::Settlement => "settlement",
            Self::Amount => "amount",
            Self::Refund => "refund",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.word() == word)
    }

    /// Which way its money goes.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Payout => Direction::Payout,
            Self::Refund => Direction::Refund,
            Self::Instalment | Self::Settlement | Self::Amount => Direction::Debit,
        }
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Written down, not sent.
    Requested,
    /// Sent, and not answered yet.
    Sent,
    /// Its answer was lost, or said nothing: it is being asked for (在途).
    Unknown,
    /// The money has moved.
    Succeeded,
    /// It has not, and will not.
    Failed,
}

impl PaymentState {
    const ALL: &[Self] =
        &[Self::Requested, Self::Sent, Self::Unknown, Self::Succeeded, Self::Failed];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }

    /// Whether it is decided.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// An order (支付订单).
#[derive(Clone, Debug)]
pub struct Payment {
    /// Its number.
    pub id: PaymentId,
    /// What the provider knows it by.
    pub order_no: String,
    /// What it is meant for.
    pub purpose: Purpose,
    /// Whose money it is.
    pub member: MemberId,
    /// The loan, unless it is a refund.
    pub loan: Option<LoanId>,
    /// The row, where it is meant for one.
    pub row: Option<PlanRowId>,
    /// The coupon that pays a part beside it.
    pub coupon: Option<CouponId>,
    /// The card.
    pub card: CardId,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: PaymentState,
    /// Why it was declined.
    pub reason: Option<String>,
    /// When the next attempt is due.
    pub attempt_at: Instant,
    /// How many attempts there were: to send it, and to ask for it.
    pub attempts: i64,
    /// When it was written down.
    pub requested_at: Instant,
    /// When it was decided.
    pub settled_at: Option<Instant>,
    /// Whether the customer pays it on a page of the provider: it is asked for, never sent.
    pub by_page: bool,
    /// Whether the funding partner pays it out: its withdrawal drives it, and no payment provider
    /// ever hears of it.
    pub by_partner: bool,
}

/// An order that is to be written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) purpose: Purpose,
    pub(super) member: MemberId,
    pub(super) loan: LoanId,
    pub(super) row: Option<PlanRowId>,
    pub(super) card: CardId,
    pub(super) amount: Money,
    pub(super) coupon: Option<CouponId>,
    pub(super) by_page: bool,
    pub(super) by_partner: bool,
}

/// Whether an order about a loan is under way.
pub(super) fn is_under_way(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<bool, Fault> {
    sql::has_open_payment(tx, loan)
}

/// Uses up the coupon that was kept for a payment; what it pays.
pub(super) fn use_coupon(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    coupon: Option<CouponId>,
) -> Result<Money, Fault> {
    let Some(coupon) = coupon else { return Ok(Money::ZERO) };
    credit::use_reserved(tx, member, coupon).map_err(kept)
}

fn kept(error: NotReserved) -> Fault {
    match error {
        NotReserved::Fault(fault) => fault,
        NotReserved::NotReserved => Fault::Corrupt("coupon.state".into()),
    }
}

pub(super) fn release_coupon(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let Some(coupon) = payment.coupon else { return Ok(()) };
    credit::release(tx, payment.member, coupon).map_err(kept)
}

/// Writes an order down; `None` where another one about the loan is under way.
pub(super) fn request(tx: &mut Tx<'_, '_>, order: &Order) -> Result<Option<PaymentId>, Fault> {
    let id = PaymentId::from_number(tx.ids.take(tx.at.wall, 1));
    let order_no = order_no(tx, id);
    let begins = if order.by_page || order.by_partner {
        (PaymentState::Sent, tx.at.wall.plus_millis(PAGE_WAIT_MS))
    } else {
        (PaymentState::Requested, tx.at.wall)
    };
    Ok(sql::insert_payment(tx, id, &order_no, order, begins)?.then_some(id))
}

/// Writes the order for a refund down, whose money has left the customer's credit already.
pub(super) fn request_refund(
    tx: &mut Tx<'_, '_>,
    (member, card): (MemberId, CardId),
    amount: Money,
    transfer: TransferId,
) -> Result<PaymentId, Fault> {
    let id = PaymentId::from_number(tx.ids.take(tx.at.wall, 1));
    let order_no = order_no(tx, id);
    sql::insert_refund(tx, (id, &order_no), (member, card), amount, transfer)?;
    Ok(id)
}

/// Digits of the time, behind which an order number holds the id of the order.
const TIME_DIGITS: usize = 14;

/// 14 digits of the time and all of the id: unique, and sorted by people as they expect.
fn order_no(tx: &Tx<'_, '_>, id: PaymentId) -> String {
    let at = tx.at.business.shanghai_text();
    let at: String = at.chars().filter(char::is_ascii_digit).collect();
    format!("{at}{}", id.number())
}

/// What the dispatcher has to do about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send it.
    Send(Direction),
    /// Ask what became of it.
    Query,
}

/// An order that is this dispatcher's to work on, until its time is over.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The order.
    pub id: PaymentId,
    /// What to do.
    pub step: Step,
    /// What the provider is told.
    pub order: MoneyOrder,
}

/// Takes orders whose next attempt is due. Each is somebody else's again when the time for an
/// answer is over, and is then asked for, not sent.
///
/// What this returns is committed before the provider is called: a crash in between leaves an
/// order that is asked for.
pub fn due(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Claimed>, Fault> {
    let mut claimed = Vec::new();
    let wait = i64::from(tx.policy.servicing.answer_seconds).saturating_mul(1000);
    for payment in sql::due_payments(tx, most)? {
        let (state, step) = match payment.state {
            PaymentState::Requested => {
                (PaymentState::Sent, Step::Send(payment.purpose.direction()))
            }
            PaymentState::Sent | PaymentState::Unknown => (PaymentState::Unknown, Step::Query),
            PaymentState::Succeeded | PaymentState::Failed => continue,
        };
        // Nobody else has taken it in the meantime.
        if !sql::claim_payment(tx, &payment, state, tx.at.wall.plus_millis(wait))? {
            continue;
        }
        let card = customers::card(tx, payment.card)?.ok_or(Fault::Corrupt("card".into()))?;
        let order = MoneyOrder {
            order_no: payment.order_no,
            amount: payment.amount,
            card: card.number,
            name: card.name,
            mobile: card.mobile,
        };
        claimed.push(Claimed { id: payment.id, step, order });
    }
    Ok(claimed)
}

/// Books what became of an order. An answer that comes twice, or after a query, changes nothing
/// any more. Where the order stands afterwards.
pub fn finish(
    tx: &mut Tx<'_, '_>,
    id: PaymentId,
    outcome: &MoneyOutcome,
) -> Result<PaymentState, Fault> {
    let payment = sql::payment(tx, id)?.ok_or(Fault::Corrupt("payment".into()))?;
    // The loan first, as every other call does, so that nobody waits in a circle.
    if let Some(loan) = payment.loan {
        sql::lock_loan(tx, loan)?;
    }
    let payment = sql::lock_payment(tx, id)?.ok_or(Fault::Corrupt("payment".into()))?;
    let is_late = is_paid_late(&payment, outcome);
    if payment.state.is_final() && !is_late {
        return Ok(payment.state);
    }
    let payment = if is_late { without_coupon(tx, payment)? } else { payment };
    let state = match outcome {
        MoneyOutcome::Done => {
            sql::settle_payment(tx, id, PaymentState::Succeeded, None)?;
            succeed(tx, &payment)?;
            PaymentState::Succeeded
        }
        MoneyOutcome::Declined(reason) => {
            sql::settle_payment(tx, id, PaymentState::Failed, Some(reason))?;
            fail(tx, &payment, reason)?;
            PaymentState::Failed
        }
        MoneyOutcome::NoRecord if payment.by_page && is_page_over(tx, &payment) => {
            give_up(tx, &payment)?;
            PaymentState::Failed
        }
        MoneyOutcome::Unknown | MoneyOutcome::NoRecord if payment.by_page => {
            let at = tx.at.wall.plus_millis(PAGE_WAIT_MS);
            sql::postpone_payment(tx, id, PaymentState::Unknown, at)?;
            PaymentState::Unknown
        }
        MoneyOutcome::Unknown => {
            sql::postpone_payment(tx, id, PaymentState::Unknown, wait(tx, payment.attempts))?;
            PaymentState::Unknown
        }
        MoneyOutcome::NoRecord => {
            let at = wait(tx, payment.attempts);
            sql::postpone_payment(tx, id, PaymentState::Requested, at)?;
            PaymentState::Requested
        }
    };
    let detail = format!("{} {}", payment.purpose.word(), state.word());
    let who = if payment.by_partner { PARTNER } else { Actor::Provider("payment") };
    audit::note(tx, who, "payment.answered", Subject::Payment(id), &detail)?;
    Ok(state)
}

/// Why an order ends that nobody paid on its page.
const NOT_PAID: &str = "未在支付页面完成付款";

/// Ends an order that nobody has paid on its page.
pub(super) fn give_up(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    sql::settle_payment(tx, payment.id, PaymentState::Failed, Some(NOT_PAID))?;
    fail(tx, payment, NOT_PAID)
}

/// Whether the time to pay an order on its page is over.
pub(super) fn is_page_over(tx: &Tx<'_, '_>, payment: &Payment) -> bool {
    let minutes = i64::from(PAGE_MINUTES).saturating_mul(60_000);
    payment.requested_at.plus_millis(minutes) <= tx.at.business
}

/// A page can be left open and paid after its order was given up: the money has moved all the
/// same.
fn is_paid_late(payment: &Payment, outcome: &MoneyOutcome) -> bool {
    payment.by_page && payment.state == PaymentState::Failed && *outcome == MoneyOutcome::Done
}

/// The same order after its coupon was given back.
fn without_coupon(tx: &mut Tx<'_, '_>, payment: Payment) -> Result<Payment, Fault> {
    sql::change_payment(tx, payment.id, payment.amount, None)?;
    Ok(Payment { coupon: None, ..payment })
}

/// What became of news about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Booked, or booked before, or nothing new: it need not come again.
    Taken,
    /// There is no such order, or not about this amount: a person has to look.
    Strange,
}

/// The order that a number at a provider belongs to, if it is one of ours.
pub fn id_of(order_no: &str) -> Option<PaymentId> {
    let number = order_no.get(TIME_DIGITS..)?.parse().ok()?;
    Some(PaymentId::from_number(number))
}

/// Books news from a provider about an order. Those that come twice, too late or before the answer
/// change nothing that is decided; those that say nothing yet change nothing at all.
pub fn hear(tx: &mut Tx<'_, '_>, news: &News) -> Result<Heard, Fault> {
    let Some(id) = id_of(&news.order_no) else { return Ok(Heard::Strange) };
    let Some(payment) = sql::payment(tx, id)? else { return Ok(Heard::Strange) };
    let is_other = payment.order_no != news.order_no || payment.amount != news.amount;
    if is_other || payment.by_partner {
        return Ok(Heard::Strange);
    }
    match news.outcome {
        // An order that is under way is the dispatcher's: a claim must not be taken from it. On a
        // page the customer may try again.
        MoneyOutcome::Unknown | MoneyOutcome::NoRecord => {}
        MoneyOutcome::Declined(_) if payment.by_page => {}
        MoneyOutcome::Done | MoneyOutcome::Declined(_) => {
            finish(tx, id, &news.outcome)?;
        }
    }
    Ok(Heard::Taken)
}

/// When an order is looked at again: a second, then twice as long each time, an hour at most.
fn wait(tx: &Tx<'_, '_>, attempts: i64) -> Instant {
    let doubled = 1000_i64.checked_shl(u32::try_from(attempts.clamp(0, 20)).unwrap_or(20));
    tx.at.wall.plus_millis(doubled.unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS))
}

fn succeed(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let settles = payment.purpose == Purpose::Settlement;
    match payment.purpose {
        Purpose::Payout => super::paying_out::paid_out(tx, payment),
        Purpose::Instalment | Purpose::Settlement | Purpose::Amount => {
            let loan = payment.loan.ok_or(Fault::Corrupt("loan_id".into()))?;
            let loan = sql::lock_loan(tx, loan)?.ok_or(Fault::Corrupt("loan".into()))?;
            if loan.state != LoanState::Repaying {
                // Settled or given up since it was sent: the money is the customer's.
                release_coupon(tx, payment)?;
                return credit_customer(tx, payment);
            }
            let coupon = use_coupon(tx, payment.member, payment.coupon)?;
            let amount = payment.amount.plus(coupon).ok_or(Fault::Corrupt("coupon".into()))?;
            let (source, id) = (Source::Card, Some(payment.id));
            let received = Received { amount, settles, source, payment: id, coupon };
            receive(tx, loan, received).map(|_| ())
        }
        Purpose::Refund => super::taking_back::refunded(tx, payment),
    }
}

/// Money for a loan that takes none any more becomes the customer's credit.
fn credit_customer(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let lines = [
        (Account::ProviderClearing, payment.amount.debit()),
        (Account::Wallet(payment.member), payment.amount.credit()),
    ];
    let subject = payment.loan.map_or(0, LoanId::number);
    let transfer = Transfer { kind: Kind::LoanRepayment, subject, reverses: None, lines: &lines };
    let posted = super::accrual::post(tx, &transfer)?;
    sql::note_transfer(tx, payment.id, posted.id)
}

fn fail(tx: &mut Tx<'_, '_>, payment: &Payment, reason: &str) -> Result<(), Fault> {
    match payment.purpose {
        Purpose::Payout => super::paying_out::payout_failed(tx, payment, reason),
        Purpose::Instalment | Purpose::Settlement | Purpose::Amount => release_coupon(tx, payment),
        Purpose::Refund => super::taking_back::refund_failed(tx, payment),
    }
}

/// An order by its number.
pub fn payment(tx: &mut Tx<'_, '_>, id: PaymentId) -> Result<Option<Payment>, Fault> {
    sql::payment(tx, id)
}

/// Orders about a loan, newest first.
pub fn payments_of(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Vec<Payment>, Fault> {
    sql::payments_of(tx, loan)
}

/// Orders whose answers are awaited, the oldest first: what an operator looks at when a provider
/// is silent.
pub fn in_doubt(tx: &mut Tx<'_, '_>, page: crate::Page) -> Result<Vec<Payment>, Fault> {
    sql::open_payments(tx, page)
}
