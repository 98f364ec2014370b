//! The schedule (还款计划): which row is due when, and what it consists of.

mod engine;
mod fees;
mod interest;
mod level;
mod parts;
#[cfg(test)]
mod tests;

use kernel::{Change, Date, Money};

use crate::fees::FeeCharge;
use crate::fraction::Fraction;
use crate::percent::Percent;
use crate::problem::{Fault, Problem};
use crate::terms::CheckedTerms;

pub(crate) use engine::Engine;
pub(crate) use fees::each_period;
pub(crate) use interest::Movement;

/// One row of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub number: u32,
    /// The first day of its period.
    pub from: Date,
    /// When it is due.
    pub due: Date,
    /// The part of principal.
    pub principal: Money,
    /// The interest.
    pub interest: Money,
    /// Fees that fall into its period.
    pub fees: Money,
    /// What is outstanding of the principal after it is paid.
    pub balance: Money,
}

impl Row {
    /// Principal, interest and fees together (本期应还).
    pub fn instalment(&self) -> Option<Money> {
        self.principal.plus(self.interest)?.plus(self.fees)
    }

    /// How many days its period has.
    pub fn days(&self) -> i32 {
        self.from.days_until(self.due)
    }
}

/// A schedule with its totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The rows, in the order of their due dates. A loan that is repaid early, by a rounding step
    /// or a given instalment, has none after that.
    pub rows: Vec<Row>,
    /// Every charge of every fee, in the order of their days.
    pub fees: Vec<FeeCharge>,
    /// Disbursements as they were received: fees kept back are gone, fees added are not in them.
    pub received: Vec<(Date, Money)>,
    /// Principal of all rows together: what is owed.
    pub principal: Money,
    /// Interest of all rows together.
    pub interest: Money,
    /// All fees together, those kept back and added too.
    pub fee_total: Money,
}

/// How the interest of a stretch of unchanged balance and rate came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The row that charges it.
    pub row: u32,
    /// Its first day.
    pub from: Date,
    /// The day after its last night.
    pub to: Date,
    /// The balance that bears interest.
    pub balance: Money,
    /// The yearly rate.
    pub rate: Percent,
    /// What part of a year it is.
    pub years: Fraction,
    /// The interest, rounded. Where a row is rounded as a whole, its interest may differ from the
    /// sum of these by a fen for each stretch.
    pub interest: Money,
}

impl CheckedTerms {
    /// The schedule as it is agreed.
    ///
    /// # Errors
    /// A fixed instalment that never repays the loan or is below a row's interest; a rounding step
    /// that makes rows repay nothing; interest deferred beyond the last row; figures too large to
    /// be money; fees kept back that eat up the whole disbursement.
    pub fn schedule(&self) -> Result<Schedule, Problem> {
        let mut engine = Engine::new(self);
        let rows = engine.rows()?;
        fees::complete(self, rows)
    }

    /// The schedule with every stretch of interest, for an explanation.
    pub fn explained(&self) -> Result<(Schedule, Vec<Stretch>), Problem> {
        let mut engine = Engine::tracing(self);
        let rows = engine.rows()?;
        let last = rows.last().map_or(0, |row| row.number);
        let mut stretches = engine.into_trace();
        // Nothing runs any more after the loan is repaid.
        stretches.retain(|stretch| stretch.row <= last);
        Ok((fees::complete(self, rows)?, stretches))
    }
}

impl Schedule {
    /// Everything that is paid, by rows and on the fees' own days, and everything received, from
    /// the borrower's side, in the order of the days: what annual rates are computed from.
    pub fn flows(&self) -> Result<Vec<(Date, Change)>, Problem> {
        let received = self.received.iter().map(|(date, amount)| (*date, amount.credit()));
        let mut flows: Vec<_> = received.collect();
        let fees = self.fees.iter().filter(|fee| !fee.is_upfront());
        flows.extend(fees.map(|fee| (fee.on, fee.amount.debit())));
        for row in &self.rows {
            let paid = row.principal.plus(row.interest).ok_or_else(too_large)?;
            flows.push((row.due, paid.debit()));
        }
        flows.sort_by_key(|(date, _)| *date);
        let mut merged: Vec<(Date, Change)> = Vec::with_capacity(flows.len());
        for (date, change) in flows {
            match merged.last_mut() {
                Some(last) if last.0 == date => {
                    last.1 = last.1.plus(change).ok_or_else(too_large)?;
                }
                _ => merged.push((date, change)),
            }
        }
        Ok(merged)
    }
}

/// Figures that are no amounts of money any more.
pub(crate) fn too_large() -> Problem {
    Problem::new("principal", Fault::TooLarge)
}

/// A step of rounding for which the loan is too small.
pub(crate) fn too_coarse() -> Problem {
    Problem::contradiction("rounding", "principal")
}
