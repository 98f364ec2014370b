//! US Regulation Z (12 CFR 1026), Appendix J: the annual percentage rate by the actuarial method.
//!
//! A flow stands `t` whole unit periods and an odd part `f` of one after the start; the equation
//! is `Σ amount / ((1 + f i)(1 + i)^t) = 0`, and the APR is `i` times the unit periods in a year
//! ((b)(1) and (b)(8)). It is a nominal rate.

mod unit_period;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may count without checks")]
mod tests;

use std::cmp::Ordering;

use kernel::{Change, Date};

use super::equation::{Equation, netted};
use super::moment::Moment;
use super::rate::fraction_of;
use super::{AnnualRate, CostProblem, PeriodRate, YearFraction, root};
pub use unit_period::UnitPeriod;

/// Whole unit periods `t` and the odd part `f` of one, from the start to a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    whole: u32,
    odd: YearFraction,
}

impl At {
    /// `whole` unit periods and `part / of` of one, unless `of` is zero.
    ///
    /// A part that makes a whole unit period is counted as one: 30/30 of a month is a month.
    pub fn new(whole: u32, part: u32, of: u32) -> Option<Self> {
        let whole = whole.saturating_add(part.checked_div(of)?);
        Some(Self { whole, odd: YearFraction::new(part.checked_rem(of)?, of)? })
    }

    /// A whole number of unit periods.
    pub const fn whole(whole: u32) -> Self {
        Self { whole, odd: YearFraction::ZERO }
    }

    /// The whole unit periods, `t` in Appendix J.
    pub const fn periods(self) -> u32 {
        self.whole
    }

    /// The odd part of a unit period, `f` in Appendix J, as numerator and denominator.
    pub const fn odd(self) -> (u32, u32) {
        (self.odd.numerator(), self.odd.denominator())
    }
}

impl Ord for At {
    fn cmp(&self, other: &Self) -> Ordering {
        self.whole.cmp(&other.whole).then(self.odd.cmp(&other.odd))
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Moment for At {
    fn until(self, later: Self) -> f64 {
        f64::from(later.whole.saturating_sub(self.whole))
    }

    fn fraction(self) -> f64 {
        f64::from(self.odd.numerator()) / f64::from(self.odd.denominator())
    }
}

/// The APR of flows whose place in unit periods is given, with the length of the unit period.
///
/// A month is `YearFraction::months(1)`; the term of 255 days of a single payment is
/// `YearFraction::days(255)`, with the payment at `At::whole(1)`.
pub fn apr(flows: &[(At, Change)], unit: YearFraction) -> Result<AnnualRate, CostProblem> {
    let per_year = unit.per_year().ok_or(CostProblem::BadArgument)?;
    unit_rate(flows).map(|rate| AnnualRate::new(rate.fraction() * per_year))
}

/// The rate per unit period, `i` in Appendix J.
pub fn unit_rate(flows: &[(At, Change)]) -> Result<PeriodRate, CostProblem> {
    let growth = root::solve(&Equation::new(&netted(flows)?)?)?;
    fraction_of(growth).map(PeriodRate::new)
}

/// The APR of dated flows, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct DatedApr {
    /// The annual percentage rate.
    pub apr: AnnualRate,
    /// The unit period that the dates have.
    pub unit: UnitPeriod,
    /// Each flow in order of its date, what falls on one date as one flow, with its place.
    pub placed: Vec<(At, Change)>,
}

/// The APR of dated flows: unit period by (b)(4), places by (b)(5).
///
/// The term begins on the date of the first flow. What is paid on the day of an advance (a
/// prepaid finance charge) reduces the advance.
pub fn apr_by_dates(flows: &[(Date, Change)]) -> Result<DatedApr, CostProblem> {
    let (unit, placed) = unit_period::placed(flows)?;
    let apr = apr(&placed, unit.length())?;
    Ok(DatedApr { apr, unit, placed })
}
