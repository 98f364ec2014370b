//! The bank cards (银行卡) of customers that have been verified.

use kernel::id::{CardId, MemberId};
use kernel::identity::BankCardNo;
use kernel::{Instant, Mobile, RealName};
use store::Fault;

use super::sql::checks as sql;
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// A card whose owner, number and mobile number belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its number in orders to payment providers.
    pub id: CardId,
    /// Whose.
    pub member: MemberId,
    /// The card number.
    pub number: BankCardNo,
    /// The mobile number that the bank knows (银行预留手机号).
    pub mobile: Mobile,
    /// The name of its owner.
    pub name: RealName,
    /// The bank's abbreviation, such as `ICBC`.
    pub bank_code: String,
    /// The bank's name.
    pub bank_name: String,
    /// When it was verified, by the business clock.
    pub verified_at: Instant,
    /// When another one took its place.
    pub replaced_at: Option<Instant>,
}

/// The card that money goes to and comes from.
pub fn payout_card(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Card>, Fault> {
    sql::active_card(tx, member)
}

/// A card by its number in orders, also one that was replaced.
pub fn card(tx: &mut Tx<'_, '_>, id: CardId) -> Result<Option<Card>, Fault> {
    sql::card(tx, id)
}

/// The customer's cards in the order in which they were verified, each number once: the newest
/// row of it. The places of a customer's cards never change but at the end.
pub fn cards(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Card>, Fault> {
    let mut cards: Vec<Card> = Vec::new();
    for card in sql::cards(tx, member)? {
        match cards.iter_mut().find(|known| known.number == card.number) {
            Some(known) => *known = card,
            None => cards.push(card),
        }
    }
    Ok(cards)
}

/// Why another card was not made the one that money goes to and comes from. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum DefaultCardError {
    /// The customer has no such card.
    #[error("no such card")]
    NoSuchCard,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes one of the customer's verified cards the one that money goes to and comes from
/// (设置默认银行卡).
pub fn set_default_card(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    id: CardId,
) -> Result<(), DefaultCardError> {
    super::sql::lock(tx, member)?.ok_or(DefaultCardError::NoSuchCard)?;
    let card = sql::card(tx, id)?.filter(|card| card.member == member);
    let card = card.ok_or(DefaultCardError::NoSuchCard)?;
    if card.replaced_at.is_none() {
        return Ok(());
    }
    sql::activate_card(tx, member, id)?;
    let detail = format!("card {}", id.number());
    audit::note(tx, Actor::Customer(member), "card.default", Subject::Member(member), &detail)?;
    Ok(())
}
