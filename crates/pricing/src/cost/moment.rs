//! When a flow happens, in the units of each convention.

use std::cmp::Ordering;

/// A point in time that flows can be ordered and netted by.
pub(super) trait Moment: Ord + Copy {
    /// The time until a later moment, in the unit of the equation (years, periods).
    fn until(self, later: Self) -> f64;

    /// The odd part of a unit period that is discounted by simple interest; only Reg Z has it.
    fn fraction(self) -> f64 {
        0.0
    }
}

/// The number of a period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period(pub u32);

impl Moment for Period {
    fn until(self, later: Self) -> f64 {
        f64::from(later.0.saturating_sub(self.0))
    }
}

/// A length of time as an exact fraction of a year: a month is 1/12, a week 1/52, a day 1/365.
///
/// Equality and order are by value: 1/12 is 2/24.
#[derive(Clone, Copy, Debug)]
pub struct YearFraction {
    numerator: u32,
    denominator: u32,
}

impl YearFraction {
    /// No time: the date of the first advance.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// So many parts of a year, unless the denominator is zero.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if denominator == 0 { None } else { Some(Self { numerator, denominator }) }
    }

    /// So many equal months (等长月), each 1/12 of a year.
    pub const fn months(months: u32) -> Self {
        Self { numerator: months, denominator: 12 }
    }

    /// So many weeks, each 1/52 of a year.
    pub const fn weeks(weeks: u32) -> Self {
        Self { numerator: weeks, denominator: 52 }
    }

    /// So many days, each 1/365 of a year.
    pub const fn days(days: u32) -> Self {
        Self { numerator: days, denominator: 365 }
    }

    /// So many years.
    pub const fn years(years: u32) -> Self {
        Self { numerator: years, denominator: 1 }
    }

    /// Half of it, unless the parts become too many to count.
    pub(super) const fn halved(self) -> Self {
        Self { numerator: self.numerator, denominator: self.denominator.saturating_mul(2) }
    }

    /// The parts.
    pub const fn numerator(self) -> u32 {
        self.numerator
    }

    /// How many parts make a year.
    pub const fn denominator(self) -> u32 {
        self.denominator
    }

    /// How often this length fits into a year, if it is not zero.
    pub(super) fn per_year(self) -> Option<f64> {
        (self.numerator > 0).then(|| f64::from(self.denominator) / f64::from(self.numerator))
    }

    fn crossed(self, other: Self) -> (u64, u64) {
        let product = |left: u32, right: u32| u64::from(left).saturating_mul(u64::from(right));
        (product(self.numerator, other.denominator), product(other.numerator, self.denominator))
    }
}

impl Ord for YearFraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = self.crossed(*other);
        left.cmp(&right)
    }
}

impl PartialOrd for YearFraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for YearFraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for YearFraction {}

impl Moment for YearFraction {
    fn until(self, later: Self) -> f64 {
        if self.denominator == later.denominator {
            let parts = later.numerator.saturating_sub(self.numerator);
            return f64::from(parts) / f64::from(self.denominator);
        }
        let (earlier, later_parts) = self.crossed(later);
        let parts = later_parts.saturating_sub(earlier);
        super::equation::float(i64::try_from(parts).unwrap_or(i64::MAX))
            / (f64::from(self.denominator) * f64::from(later.denominator))
    }
}
