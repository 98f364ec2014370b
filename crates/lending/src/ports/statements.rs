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

impl StatementLine {
    /// Reads `our number,in|out,yuan,the provider's number`, as statements and files have it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(',').map(str::trim);
        let (order_no, flow, amount, provider_no) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let amount = Money::parse_yuan(amount).ok().filter(|amount| *amount > Money::ZERO)?;
        let is_whole = parts.next().is_none() && !order_no.is_empty();
        let (order_no, provider_no) = (order_no.to_owned(), provider_no.to_owned());
        let flow = Flow::parse(flow)?;
        is_whole.then_some(Self { order_no, flow, amount, provider_no })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_whole_or_not_at_all() {
        let whole = StatementLine::parse("2026030108000042,in,1007.00,P2026030108000042").unwrap();
        assert_eq!((whole.flow, whole.amount.fen()), (Flow::In, 100_700));
        for broken in [
            "",
            "1,in,1.00",
            "1,in,1.00,2,3",
            ",in,1.00,2",
            "1,up,1.00,2",
            "1,in,0.00,2",
            "1,in,-1.00,2",
            "1,in,1.001,2",
            "1,in,99999999999999999999,2",
        ] {
            assert_eq!(StatementLine::parse(broken), None, "{broken}");
        }
    }
}
