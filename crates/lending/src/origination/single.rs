//! One loan at a time (借款确认, 提交借款确认): apps that show one product let a customer choose an
//! amount and days of it, and ask again after a refusal only when a day has passed.

use kernel::id::MemberId;
use kernel::{Channel, Instant, Money};
use store::Fault;

use super::quoting::{Quote, QuoteError, quote_for};
use super::submitting::{Submit, SubmitError, Submitted, submit};
use super::{State, sql};
use crate::catalog::{self, Choice, Product, Request, TenorUnit};
use crate::customers::{self, Card, Customer};
use crate::servicing::{self, LoanState};
use crate::{Page, Tx, credit};

/// How long nobody may apply again who was refused (冻结状态). Source: contract of document 002.
const FROZEN_HOURS: i64 = 24;

/// What a customer asks for; what was typed may be no amount and no number of days.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Who asks.
    pub member: MemberId,
    /// Through which door.
    pub channel: Channel,
    /// How much.
    pub amount: Option<Money>,
    /// For how many days.
    pub days: Option<u32>,
}

/// Why there is nothing to confirm or to submit. Checked, and reported, in this order; the last
/// two only where the loan is submitted.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such customer, or nothing is lent to them.
    #[error("nothing is lent to this customer")]
    Blocked,
    /// Identity, profile, card or mobile number are missing.
    #[error("not all that has to be proven is proven")]
    Incomplete,
    /// The amount or the days cannot be read.
    #[error("no amount, or no number of days")]
    Malformed,
    /// More than what is left of the limit.
    #[error("more than what is left of the limit")]
    OverLimit,
    /// The channel sells nothing, or something that cannot be priced.
    #[error("no product")]
    NoProduct,
    /// The amount or the days are outside what the product offers.
    #[error("outside what the product offers")]
    Outside(Outside),
    /// No card is chosen that the money could go to.
    #[error("no card")]
    NoCard,
    /// Refused less than a day ago.
    #[error("refused lately")]
    Frozen,
    /// There is a loan or an application that is not over.
    #[error("another loan is not over")]
    Unfinished,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Which bound of a product was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Less than the least amount.
    AmountBelow,
    /// More than the most.
    AmountAbove,
    /// Fewer days than the fewest, or none that is offered.
    DaysBelow,
    /// More than the most.
    DaysAbove,
}

/// A loan as it would be booked, and where the money would go.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// What it would cost.
    pub quote: Quote,
    /// The card.
    pub card: Card,
}

/// What a channel that shows one product shows: the first of those on sale.
pub fn active_product(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Option<Product>, Fault> {
    Ok(catalog::on_sale(tx, channel)?.into_iter().next())
}

/// What is left of a customer's limit; the product's first limit for who has none yet.
pub fn available(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    product: Option<&Product>,
) -> Result<Money, Fault> {
    let line = credit::line(tx, member)?;
    let first = product.map_or(Money::ZERO, |product| product.version.first_limit);
    Ok(line.map_or(first, |line| match line.status {
        credit::LineStatus::Open => line.available(),
        credit::LineStatus::Suspended => Money::ZERO,
    }))
}

/// Prices what the customer asks for, to the fen as [`submit_one`] books it on the same day.
pub fn confirm(tx: &mut Tx<'_, '_>, ask: &Ask) -> Result<Confirmed, AskError> {
    let customer = customers::customer(tx, ask.member)?;
    let customer = customer.filter(|customer| customer.channel == ask.channel);
    let customer = customer.ok_or(AskError::Blocked)?;
    if customer.blocked || customer.blacklisted {
        return Err(AskError::Blocked);
    }
    if !is_complete(tx, &customer)? {
        return Err(AskError::Incomplete);
    }
    let amount = ask.amount.filter(|amount| *amount > Money::ZERO).ok_or(AskError::Malformed)?;
    let days = ask.days.filter(|days| *days > 0).ok_or(AskError::Malformed)?;
    let product = active_product(tx, ask.channel)?;
    if amount > available(tx, ask.member, product.as_ref())? && product.is_some() {
        return Err(AskError::OverLimit);
    }
    let product = product.ok_or(AskError::NoProduct)?;
    let bound = |bound| Err(AskError::Outside(bound));
    match place(&product.version.amounts, amount) {
        Place::Within => {}
        Place::Below => return bound(Outside::AmountBelow),
        Place::Above => return bound(Outside::AmountAbove),
    }
    match place(&product.version.days, days) {
        Place::Within => {}
        Place::Below => return bound(Outside::DaysBelow),
        Place::Above => return bound(Outside::DaysAbove),
    }
    let card = customer.card.ok_or(AskError::NoCard)?;
    let request = request(&product, amount, days).ok_or(AskError::NoProduct)?;
    match quote_for(product, &request, tx.at.business.date()) {
        Ok(quote) => Ok(Confirmed { quote, card }),
        Err(QuoteError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(AskError::NoProduct),
    }
}

/// Takes the application in, if nothing else of the customer's is open.
pub fn submit_one(tx: &mut Tx<'_, '_>, ask: &Ask) -> Result<Submitted, AskError> {
    // Two calls of one customer come one after the other.
    sql::lock_member(tx, ask.member)?;
    let confirmed = confirm(tx, ask)?;
    if frozen_until(tx, ask.member)?.is_some() {
        return Err(AskError::Frozen);
    }
    if is_unfinished(tx, ask.member)? {
        return Err(AskError::Unfinished);
    }
    let command = Submit {
        member: ask.member,
        channel: ask.channel,
        product: confirmed.quote.product.id,
        request: confirmed.quote.request,
        purpose: String::new(),
        other_debts: String::new(),
        report_order: String::new(),
        place: String::new(),
    };
    submit(tx, &command).map_err(|error| match error {
        SubmitError::NoSuchCustomer | SubmitError::Blocked | SubmitError::Blacklisted => {
            AskError::Blocked
        }
        SubmitError::Quote(_) => AskError::NoProduct,
        SubmitError::Incomplete => AskError::Incomplete,
        SubmitError::AlreadySubmitted => AskError::Unfinished,
        SubmitError::LineTooSmall => AskError::OverLimit,
        SubmitError::Fault(fault) => fault.into(),
    })
}

/// Until when a customer may not apply again, who was refused lately.
pub fn frozen_until(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Instant>, Fault> {
    let Some(newest) = newest(tx, member)? else { return Ok(None) };
    let refused = newest.decided_at.filter(|_| newest.state == State::Refused);
    let until = refused.map(|at| at.plus_millis(FROZEN_HOURS.saturating_mul(3_600_000)));
    Ok(until.filter(|until| *until > tx.at.business))
}

fn newest(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<super::Application>, Fault> {
    let Some(first) = Page::new(1, 1) else { return Ok(None) };
    Ok(sql::applications_of(tx, member, first)?.0.into_iter().next())
}

/// Whether an application waits, can be paid out, or was lent and is not over. The newest one
/// says: there is no other while one is open.
fn is_unfinished(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<bool, Fault> {
    let Some(newest) = newest(tx, member)? else { return Ok(false) };
    match newest.state {
        State::Reviewing | State::Approved => Ok(true),
        State::Refused | State::Lapsed | State::Withdrawn => Ok(false),
        State::Lent => {
            let loan = servicing::loan_of_application(tx, newest.id)?;
            Ok(loan.is_some_and(|loan| match loan.state {
                LoanState::PayingOut | LoanState::Repaying | LoanState::WrittenOff => true,
                LoanState::PayoutFailed => loan.closed_at.is_none(),
                LoanState::Settled => false,
            }))
        }
    }
}

/// Whether everything is proven and told. Who has verified a card before and has none chosen now
/// is told so later.
fn is_complete(tx: &mut Tx<'_, '_>, customer: &Customer) -> Result<bool, Fault> {
    let has_card = customer.card.is_some() || !customers::cards(tx, customer.member)?.is_empty();
    Ok(customer.identity.is_some()
        && customer.mobile_verified
        && customer.profile_complete
        && has_card)
}

enum Place {
    Below,
    Within,
    Above,
}

/// Where a value is in a choice; between two of a list is below the next.
fn place<T: Ord + Copy>(choice: &Choice<T>, value: T) -> Place {
    if choice.offers(value) {
        return Place::Within;
    }
    match choice.least_and_most() {
        Some((_, most)) if value > most => Place::Above,
        Some(_) | None => Place::Below,
    }
}

/// The request that an amount and days come to; everything else is what the product offers first.
fn request(product: &Product, amount: Money, days: u32) -> Option<Request> {
    let version = &product.version;
    Some(Request {
        amount,
        rate: version.rate_default,
        tenor: days,
        tenor_unit: TenorUnit::Day,
        interval_count: version.interval_default,
        interval_unit: version.interval_unit_default,
        method: version.methods.first().copied()?,
    })
}
