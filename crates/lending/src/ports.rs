//! What the core asks of providers, as traits: the adapters and the sandbox are elsewhere.
//!
//! Nothing of this is called inside a transaction. A request is written down first, then made, and
//! its answer comes back as another command.

mod data;
mod faces;
mod funding;
mod pages;
mod statements;

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Mobile, Money, RealName};

pub use data::{
    AccountLogin, Data, DataAnswer, DataKind, DataOrder, DataReport, DataResult, Facts,
    MailboxLogin, MobileLogin,
};
pub use faces::{FaceOutcome, Faces};
pub use funding::{
    BadNews, Funding, FundingAnswer, FundingApplication, FundingKind, FundingNews, FundingOrder,
    FundingRepayment, FundingRow, FundingStatus, FundingWithdrawal, SignedCall,
};
pub use pages::{BinOutcome, CardHolder, News, Pages, PayPage};
pub use statements::{Flow, StatementLine, StatementOutcome, Statements};

/// An order to move money, in or out.
#[derive(Clone, Debug)]
pub struct MoneyOrder {
    /// What the provider knows the order by: the same number is the same order.
    pub order_no: String,
    /// How much.
    pub amount: Money,
    /// The card that it goes to or comes from.
    pub card: BankCardNo,
    /// Whose card it is.
    pub name: RealName,
    /// The mobile number that the bank knows.
    pub mobile: Mobile,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoneyOutcome {
    /// The money has moved.
    Done,
    /// It has not, and will not; why.
    Declined(String),
    /// Nobody can say yet, or the answer was lost: ask later, never send again.
    Unknown,
    /// The provider has never heard of the order: only an answer to a query. It may be sent again.
    NoRecord,
}

/// A provider that moves money.
pub trait Payments: Send + Sync {
    /// Pays out to a card (放款, 代付).
    fn pay_out(&self, order: &MoneyOrder) -> MoneyOutcome;
    /// Takes from a card that its owner has signed for (扣款).
    fn debit(&self, order: &MoneyOrder) -> MoneyOutcome;
    /// What became of an order, by its number.
    fn query(&self, order_no: &str) -> MoneyOutcome;
    /// What became of an order of which all is known: a provider that names the amount must name
    /// this one, or nobody can say.
    fn query_order(&self, order: &MoneyOrder) -> MoneyOutcome {
        self.query(&order.order_no)
    }
}

/// A provider that sends SMS.
pub trait Sms: Send + Sync {
    /// Sends one text; whether it was accepted. By the reference it can be found later.
    fn send(&self, to: &Mobile, text: &str, reference: &str) -> SmsOutcome;
    /// What became of a text that was sent on a day, by its reference.
    fn find(&self, to: &Mobile, reference: &str, called_on: Date) -> SmsOutcome {
        let _ = (to, reference, called_on);
        SmsOutcome::Unknown
    }
}

/// What became of an SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmsOutcome {
    /// Accepted.
    Accepted,
    /// Refused; why.
    Refused(String),
    /// Nobody can say.
    Unknown,
    /// The provider has never heard of it: only an answer to a look.
    NoRecord,
}

/// An answer to a question about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The elements belong together.
    Match,
    /// They do not; why, in words for the customer.
    Mismatch(String),
    /// Nobody can say; the customer may try later.
    Unknown,
}

/// A provider that knows whether data of a person belong together.
pub trait Checks: Send + Sync {
    /// Name and id number (二要素).
    fn real_name(&self, name: &RealName, id: &IdCardNo) -> CheckOutcome;
    /// Name, id number, card and the mobile number that the bank knows (四要素).
    fn bank_card(
        &self,
        name: &RealName,
        id: &IdCardNo,
        card: &BankCardNo,
        mobile: &Mobile,
    ) -> CheckOutcome;
    /// Whether a card is bound only with a code that its bank's mobile number is sent (短信鉴权).
    fn wants_code(&self, card: &BankCardNo, mobile: &Mobile) -> bool {
        let _ = (card, mobile);
        false
    }
    /// Name, id number and the mobile number's owner (运营商三要素).
    fn mobile(&self, name: &RealName, id: &IdCardNo, mobile: &Mobile) -> CheckOutcome;
}
