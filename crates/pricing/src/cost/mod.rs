//! Annual cost of a loan (贷款年化成本): from what was received and what is paid to one rate.
//!
//! Flows are seen from the borrower: positive is received, negative is paid; the lender's view
//! gives the same rate. Amounts are exact fen until they enter an equation. A rate is a double
//! (`f64`), good to ten significant digits and more; nothing here rounds money, and no figure
//! from here is ever booked.
//!
//! Every function is bounded: at most [`MAX_FLOWS`] flows, a fixed number of steps, and a typed
//! [`CostProblem`] where there is no rate, more than one, or one beyond all measure. Docs:
//! `docs/annual-cost.md`.

mod calendar;
pub mod china;
mod equation;
pub mod loan;
mod moment;
mod problem;
mod rate;
pub mod reg_z;
mod root;
pub mod tvm;

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may count without checks")]
mod properties;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may count without checks")]
mod tests;

use kernel::{Change, Date};

use equation::{Equation, netted};
use moment::Period;
pub use moment::YearFraction;
pub use problem::CostProblem;
pub use rate::{AnnualRate, PeriodRate};

/// The most flows that one equation takes: daily flows over 27 years.
pub const MAX_FLOWS: usize = 10_000;

/// The rate per period at which the flows are worth nothing (内部收益率, IRR).
///
/// Each flow stands at the number of a period; what stands at the same number is netted, the
/// order does not matter, and only differences of the numbers count.
/// Solves `Σ amount / (1 + i)^period = 0` for `i` between −99.99 % and 10^17 %.
pub fn period_rate(flows: &[(u32, Change)]) -> Result<PeriodRate, CostProblem> {
    let flows: Vec<_> = flows.iter().map(|(at, amount)| (Period(*at), *amount)).collect();
    let growth = root::solve(&Equation::new(&netted(&flows)?)?)?;
    rate::fraction_of(growth).map(PeriodRate::new)
}

/// The effective rate a year of dated flows: EU 2008/48/EC, Annex I, days over 365.
///
/// Solves `Σ amount / (1 + X)^(days / 365) = 0`; days are counted from date to date, and a year
/// is always 365 of them. The same figure is known as XIRR.
pub fn effective_by_days(flows: &[(Date, Change)]) -> Result<AnnualRate, CostProblem> {
    let flows: Vec<_> =
        flows.iter().map(|(at, amount)| (calendar::Day::of(*at), *amount)).collect();
    let growth = root::solve(&Equation::new(&netted(&flows)?)?)?;
    rate::fraction_of(growth).map(AnnualRate::new)
}

/// The effective rate a year of flows at exact fractions of a year.
///
/// EU 2008/48/EC, Annex I, remark (c): a year has 12 equal months or 52 weeks; a loan that is
/// paid by the month is computed with twelfths, not with the days of the calendar.
pub fn effective_by_years(flows: &[(YearFraction, Change)]) -> Result<AnnualRate, CostProblem> {
    let growth = root::solve(&Equation::new(&netted(flows)?)?)?;
    rate::fraction_of(growth).map(AnnualRate::new)
}
