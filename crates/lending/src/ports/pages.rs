//! Pages of a payment provider that a customer's browser is sent to: signing a card (签约), and
//! paying (认证支付).

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Instant, Mobile, Money, RealName};

use super::MoneyOutcome;

/// Whose card a page is about.
#[derive(Clone, Debug)]
pub struct CardHolder {
    /// The customer, as the platform calls them.
    pub customer: String,
    /// Their name.
    pub name: RealName,
    /// Their id number.
    pub id_no: IdCardNo,
    /// The card.
    pub card: BankCardNo,
    /// The customer's mobile number.
    pub mobile: Mobile,
    /// Since when they are a customer.
    pub registered_at: Instant,
}

/// What is to be paid on a page.
#[derive(Clone, Debug)]
pub struct PayPage {
    /// Whose card.
    pub holder: CardHolder,
    /// The platform's number of the order.
    pub order_no: String,
    /// How much.
    pub amount: Money,
    /// How long it can be paid, in minutes.
    pub valid_minutes: u32,
    /// Where the provider tells what became of it.
    pub notify_url: String,
    /// Where the browser goes afterwards.
    pub return_url: String,
}

/// News about an order, which the provider has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The platform's number of the order.
    pub order_no: String,
    /// How much.
    pub amount: Money,
    /// What became of it.
    pub outcome: MoneyOutcome,
}

/// What the beginning of a card's number says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BinOutcome {
    /// A debit card.
    Debit,
    /// A card that nothing can be taken from or paid to; why, in words for the customer.
    Refused(String),
    /// Nobody can say.
    Unknown,
}

/// A payment provider with pages of its own.
pub trait Pages: Send + Sync {
    /// Whom the provider's agreement about a card will name.
    fn holder(&self, card: &BankCardNo) -> String;
    /// The signed request that the browser takes to the page that signs a card: an object of JSON.
    fn sign(&self, holder: &CardHolder, return_url: &str) -> Option<String>;
    /// The signed request that the browser takes to the page where an order is paid.
    fn pay(&self, page: &PayPage) -> Option<String>;
    /// Whose card was signed, from what the browser brings back; nothing unless the provider has
    /// signed that it was.
    fn signed(&self, status: &str, result: &str) -> Option<String>;
    /// Reads news about an order; nothing unless the provider has signed it.
    fn news(&self, body: &str) -> Option<News>;
    /// What stops the provider from telling news again.
    fn acknowledgement(&self) -> &'static str;
    /// What makes news come again.
    fn refusal(&self) -> &'static str;
    /// What the beginning of a card's number says (卡BIN).
    fn bin(&self, card: &BankCardNo) -> BinOutcome;
}
