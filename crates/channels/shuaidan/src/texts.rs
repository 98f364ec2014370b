//! Every text of the channel: those of document 003, with its spelling, and ours in its manner.

use std::borrow::Cow;

use lending::Fault;

/// Whether a call succeeded, and the text that says so.
pub(crate) type Answer = channel_kit::route::Answer<bool>;

/// A call that did not succeed, as the client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) message: Cow<'static, str>,
    /// What went wrong on our side, for the log.
    pub(crate) fault: Option<Fault>,
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self { message: Cow::Borrowed(answer.msg), fault: None }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..BUSY.into() }
    }
}

impl Failure {
    /// A text with a part that varies.
    pub(crate) fn with(answer: Answer, part: &str) -> Self {
        Self { message: Cow::Owned(answer.msg.replace("{}", part)), fault: None }
    }
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $success:literal $msg:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) const $name: Answer = Answer { code: $success, msg: $msg };
    )*};
}

answers! {
    // Document 003.
    /// Nothing is said but that it was done.
    DONE = true "";
    /// Registered, or logged in.
    MAY_LOG_IN = true "LoanOfficeUser exist, allows to Login";
    SEND_FAILED = false "send message failed";
    CAPTCHA = false "captcha is not avalible.";
    /// A log-in that is refused says nothing.
    REFUSED = false "";

    // The way in.
    NO_SUCH_ADDRESS = false "no such address: {}";
    OTHER_METHOD = false "method is not supported: {}";
    TOO_LARGE = false "request is too large.";
    MALFORMED = false "request is not a form in UTF-8.";
    MISSING = false "{} is required.";
    WRONG = false "{} is not available.";
    SIGN_WRONG = false "sign is not correct.";
    LOGIN_FIRST = false "please login first.";
    BUSY = false "system is busy, please try again later.";

    // Accounts.
    PASSWORDS_DIFFER = false "confirmPassword is not the same as password.";
    TAKEN = false "telephone is already registered.";
    TOO_OFTEN = false "too many requests, please try again later.";

    // The exchange.
    NO_SUCH_LEAD = false "no such lead.";
    OWN_LEAD = false "the lead is your own.";
    NOT_OPEN = false "the lead is not open.";
    LEADS_LIMITED = false "too many leads, please try again later.";
    INSUFFICIENT = false "balance is not enough, the fee is {}.";
    NOT_YOURS = false "the lead is not yours.";
    WRONG_STATE = false "the lead is {}.";
    HANDED_OVER = false "the lead has been handed over.";
    NO_LENDER = false "the channel does not lend.";
    NO_TELEPHONE = false "the customer has no telephone.";
    SOMEBODY_ELSE = false "the telephone belongs to another customer.";
}
