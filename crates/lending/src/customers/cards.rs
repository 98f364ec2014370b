//! The bank cards (银行卡) of customers that have been verified.

use kernel::id::{CardId, MemberId};
use kernel::identity::BankCardNo;
use kernel::{Instant, Mobile, RealName};
use store::Fault;

use super::sql::checks as sql;
use crate::Tx;

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
