//! Products (产品): what a channel lends on which terms, in versions that are never changed.

mod offer;

#[cfg(test)]
mod tests;

use kernel::id::ProductId;
use kernel::{Channel, Money, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::terms::Size;
use pricing::{Method, Percent};

pub use offer::{NotOffered, Request, heaviest_month, offers, rules, terms};

/// What may be chosen: anything in a range, or one of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// From `least` to `most`, both included.
    Range {
        /// The least.
        least: T,
        /// The most.
        most: T,
    },
    /// One of these; never empty.
    List(Vec<T>),
}

impl<T: Ord + Copy> Choice<T> {
    /// Whether a value may be chosen.
    pub fn offers(&self, value: T) -> bool {
        match self {
            Self::Range { least, most } => *least <= value && value <= *most,
            Self::List(values) => values.contains(&value),
        }
    }
}

/// What a tenor (借款期限) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenorUnit {
    /// Days.
    Day,
    /// Months.
    Month,
}

/// What the interval between two payments (还款间隔) counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalUnit {
    /// Days.
    Day,
    /// Months.
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

/// When a fee of a product is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeTime {
    /// Kept back from the payout (预扣).
    KeptBack,
    /// With each row of the plan.
    EachPeriod,
}

/// A fee of a product: a share of the principal, or an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFee {
    /// What it is called.
    pub name: String,
    /// Who gets it (收取方).
    pub collector: String,
    /// When.
    pub time: FeeTime,
    /// How much.
    pub size: Size,
}

/// What being late costs (罚息).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateRule {
    /// The rate for each day.
    pub daily: Percent,
    /// Of what.
    pub base: PenaltyBase,
    /// Days after the due date in which nothing is charged if it is paid within them.
    pub grace_days: u32,
    /// At most so many days are counted for each row.
    pub cap_days: Option<u32>,
    /// Interest and penalty together stay below this yearly rate.
    pub cap_rate: Option<Percent>,
}

/// Everything that a version of a product says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// What customers know it by.
    pub name: String,
    /// Sentences for the customer.
    pub description: Vec<String>,
    /// Codes of services of third parties that the app is to run.
    pub services: Vec<String>,
    /// Amounts.
    pub amounts: Choice<Money>,
    /// The amount that is offered first.
    pub amount_default: Money,
    /// Interest a year.
    pub rates: Choice<Rate>,
    /// The rate that is offered first.
    pub rate_default: Rate,
    /// Units of the tenor, at least one.
    pub tenor_units: Vec<TenorUnit>,
    /// Tenors in days.
    pub days: Choice<u32>,
    /// The tenor in days that is offered first.
    pub days_default: u32,
    /// Tenors in months.
    pub months: Choice<u32>,
    /// The tenor in months that is offered first.
    pub months_default: u32,
    /// Methods of repayment, at least one.
    pub methods: Vec<Method>,
    /// Units of the interval between payments, at least one.
    pub interval_units: Vec<IntervalUnit>,
    /// Counts of that unit.
    pub intervals: Choice<u32>,
    /// The count that is offered first.
    pub interval_default: u32,
    /// The unit that is offered first.
    pub interval_unit_default: IntervalUnit,
    /// How days become parts of a year.
    pub day_count: DayCount,
    /// What being late costs.
    pub late: LateRule,
    /// A fee for settling early, as a share of the principal that is not due yet.
    pub settlement_fee: Percent,
    /// Fees.
    pub fees: Vec<ProductFee>,
    /// Who lends, for the legal lines.
    pub lender: Lender,
    /// Steps of review by people after the automatic rules, 0 to 2.
    pub review_steps: u32,
    /// Days after which an approval that was not paid out lapses.
    pub approval_days: u32,
    /// The limit that a new customer of the product is given.
    pub first_limit: Money,
}

/// A product as it is offered now, or the version that a loan was made under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its number.
    pub id: ProductId,
    /// Where it is sold.
    pub channel: Channel,
    /// The operators' own short name.
    pub code: String,
    /// The version.
    pub number: u32,
    /// Whether it can be applied for.
    pub on_sale: bool,
    /// What the version says.
    pub version: Version,
}
