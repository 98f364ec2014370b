//! The port of who says afterwards what money has moved (对账单).

use kernel::{Date, Money};

/// Which way money moved, as the lender sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// To the lender: a debit.
    In,
    /// From the lender: a payout or a refund.
    Out,
}

impl Flow {
    /// The word in the database, on the wire and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::In, Self::Out].into_iter().find(|flow| flow.word() == word)
    }
}

/// One order whose money has moved, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// Our number of the order.
    pub order_no: String,
    /// Which way.
    pub flow: Flow,
    /// How much; more than nothing.
    pub amount: Money,
    /// The provider's own number.
    pub provider_no: String,
}

/// What the provider says of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementOutcome {
    /// Every order of the day whose money has moved.
    Lines(Vec<StatementLine>),
    /// There is no statement of the day yet.
    NotYet,
    /// Nobody can say.
    Unknown,
}

/// A provider that gives a statement of each day.
pub trait Statements: Send + Sync {
    /// The statement of a day.
    fn statement(&self, day: Date) -> StatementOutcome;
}
