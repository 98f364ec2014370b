//! Fees: when they are charged, of what, and how much.

use std::borrow::Cow;

use kernel::{Date, Money};

use crate::problem::Problem;
use crate::terms::Size;

/// When a fee is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeTime {
    /// At the first disbursement, kept back from it (砍头息, 预扣): less is received, and by
    /// Article 670 of the Civil Code what was received is the principal.
    KeptBack,
    /// At the first disbursement, added to the principal (计入本金).
    Added,
    /// With each instalment.
    EachPeriod,
    /// Once, on a day of its own within the schedule.
    On(Date),
}

/// What a fee is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeBase {
    /// The loan's principal: what is asked for, for a fee at disbursement; with the fees that were
    /// added to it, for a later one.
    Loan,
    /// Principal: of the row, for a fee each period; of the loan, otherwise.
    Principal,
    /// Interest: of the row, for a fee each period; of the whole schedule, otherwise.
    Interest,
    /// Principal and interest together.
    PrincipalAndInterest,
    /// What of the principal is outstanding: in the period before its row is paid, what is
    /// disbursed within it included; or on the fee's day, before what is due on it is paid and
    /// with what is disbursed on it.
    Outstanding,
}

/// A fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// What it is called, for the list of costs.
    pub name: String,
    /// When it is charged.
    pub time: FeeTime,
    /// How much.
    pub size: Size,
    /// What a share is a share of.
    pub base: FeeBase,
}

impl FeeCharge {
    /// Whether it is settled with the disbursement instead of being paid.
    pub fn is_upfront(&self) -> bool {
        matches!(self.time, FeeTime::KeptBack | FeeTime::Added)
    }
}

/// One charge of a fee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeCharge {
    /// The fee's name.
    pub name: String,
    /// When the fee is charged.
    pub time: FeeTime,
    /// The day on which it is paid.
    pub on: Date,
    /// How much.
    pub amount: Money,
}

impl Fee {
    /// A fee at disbursement cannot be a share of what is not known before there is a schedule.
    pub(crate) fn check(&self, index: usize) -> Result<(), Problem> {
        let field = |name: &str| Cow::Owned(format!("fees[{index}].{name}"));
        let at_start = matches!(self.time, FeeTime::KeptBack | FeeTime::Added);
        let on_principal = matches!(self.base, FeeBase::Loan | FeeBase::Principal);
        if at_start && matches!(self.size, Size::Share(_)) && !on_principal {
            let is_added = self.time == FeeTime::Added;
            if is_added || self.base == FeeBase::Outstanding {
                return Err(Problem::contradiction(field("base"), "time"));
            }
        }
        if self.name.chars().count() > 100 {
            return Err(Problem::range(field("name"), "0", "100"));
        }
        Ok(())
    }
}
