//! Which loans can run by days, how much principal each row of theirs is due, and what
//! prepayments do to it.

use super::rules::Prepayment;
use super::unfit;
use crate::fraction::round_ratio;
use crate::problem::Problem;
use crate::schedule::{Engine, Movement};
use crate::terms::{CheckedTerms, Method};

/// What cannot be recalculated by days.
pub(super) fn check(checked: &CheckedTerms) -> Result<(), Problem> {
    match checked.terms.bars_recalculation() {
        Some(field) => Err(unfit(field)),
        None => Ok(()),
    }
}

/// What the rows are made by.
pub(super) struct Plan {
    method: Method,
    /// Rows without principal.
    grace: usize,
    prepayment: Prepayment,
    /// The level instalment, or the level part of principal.
    level: Option<i64>,
    /// Principal that was paid beyond the plan, and counts towards the next rows.
    credit: i64,
    /// Whether anything was paid beyond the plan.
    is_ahead: bool,
    /// Whether the level is to be computed anew, because of what was prepaid.
    is_stale: bool,
    /// Whether the level did not cover the interest of its row, as it was agreed.
    is_short: bool,
    /// The index of the last row.
    last: usize,
}

impl Plan {
    pub(super) fn new(engine: &Engine<'_>, prepayment: Prepayment) -> Self {
        let checked = engine.checked;
        Self {
            method: checked.terms.method,
            grace: engine.grace(),
            prepayment,
            level: checked.terms.instalment.map(kernel::Money::fen),
            credit: 0,
            is_ahead: false,
            is_stale: false,
            is_short: false,
            last: checked.periods.len().saturating_sub(1),
        }
    }

    /// Computes the level before a row begins, where it has to be.
    pub(super) fn prepare(
        &mut self,
        engine: &mut Engine<'_>,
        index: usize,
        (planned, inflows): (i64, &[Movement]),
    ) -> Option<()> {
        let checked = engine.checked;
        let period = checked.periods.get(index)?;
        if index < self.grace || checked.terms.instalment.is_some() {
            return Some(());
        }
        let is_first = index == self.grace;
        let in_period = |day| period.from <= day && day < period.due;
        // Where the terms change, the schedule computes its level anew, and so is it here.
        let changes = !inflows.is_empty() || checked.changes.iter().any(|(day, _)| in_period(*day));
        if !(is_first || self.is_stale || self.is_short || changes) {
            return Some(());
        }
        if !inflows.is_empty() || index > self.last {
            // New money is repaid over the term that was agreed.
            self.last = checked.periods.len().checked_sub(1)?;
        } else if changes && self.is_ahead && self.prepayment == Prepayment::FewerPeriods {
            self.shorten(engine, index, planned)?;
        }
        // Who is ahead of the plan goes on with its instalments, so they are computed from it.
        let balance = planned.checked_add(self.credit)?;
        let added = inflows.iter().try_fold(0_i64, |sum, (_, more)| sum.checked_add(*more))?;
        let rows = self.last.checked_sub(index)?.checked_add(1)?;
        match self.method {
            Method::EqualInstalment => {
                let level = self.level_from(engine, index, (balance, inflows))?;
                // A prepayment alone never makes the instalment larger.
                let most =
                    self.level.filter(|_| !(is_first || self.is_short || changes)).unwrap_or(level);
                self.level = Some(level.min(most));
            }
            Method::EqualPrincipal if is_first || self.is_stale || !inflows.is_empty() => {
                let round = checked.terms.rounding.instalment;
                let whole = u128::try_from(balance.checked_add(added)?).ok()?;
                let level = round_ratio(whole, rows.try_into().ok()?, round)?;
                let grows = is_first || !inflows.is_empty();
                let most = self.level.filter(|_| !grows).unwrap_or(level);
                self.level = Some(level.min(most));
            }
            Method::EqualPrincipal | Method::InterestOnly | Method::OneOff | Method::Flat => {}
        }
        (self.is_stale, self.is_short) = (false, false);
        Some(())
    }

    /// The level instalment up to the last row.
    fn level_from(
        &self,
        engine: &mut Engine<'_>,
        index: usize,
        (balance, inflows): (i64, &[Movement]),
    ) -> Option<i64> {
        let checked = engine.checked;
        let rows = self.last.checked_add(1)?;
        if rows == checked.periods.len() {
            return engine.settled_level(index, balance, inflows);
        }
        let mut shorter = checked.clone();
        shorter.periods.truncate(rows);
        Engine::new(&shorter).settled_level(index, balance, inflows)
    }

    /// Before a new rate: the term that the prepayments have left.
    fn shorten(&mut self, engine: &Engine<'_>, index: usize, planned: i64) -> Option<()> {
        let level = self.level.filter(|_| self.method == Method::EqualInstalment && planned > 0);
        let Some(level) = level else { return Some(()) };
        let mut as_before = engine.checked.clone();
        let from = as_before.periods.get(index)?.from;
        as_before.changes.retain(|(day, _)| *day < from);
        let mut engine = Engine::new(&as_before);
        let mut balance = planned;
        for place in index..self.last {
            let period = as_before.periods.get(place)?;
            let interest = if engine.is_free(place) {
                0
            } else {
                engine.meter.interest(0, period, (balance, &[]), period.due)?
            };
            let principal = level.checked_sub(interest)?.clamp(0, balance);
            balance = balance.checked_sub(principal)?;
            if balance == 0 {
                self.last = place;
                break;
            }
        }
        Some(())
    }

    /// The principal that a row is due by plan, less what was paid beyond the plan before.
    pub(super) fn principal(
        &mut self,
        index: usize,
        (interest, is_late): (i64, bool),
        planned: i64,
    ) -> Option<i64> {
        if index >= self.last {
            return Some(planned);
        }
        if index < self.grace {
            return Some(0);
        }
        let agreed = match (self.method, self.level) {
            (Method::EqualInstalment, Some(level)) => {
                // Interest on what is late does not change the instalments.
                self.is_short = level < interest && !is_late;
                level.checked_sub(interest)?.max(0)
            }
            (_, Some(part)) => part,
            (_, None) => 0,
        };
        let agreed = agreed.min(planned.checked_add(self.credit)?);
        let credit = self.credit.min(agreed);
        self.credit = self.credit.checked_sub(credit)?;
        Some(agreed.checked_sub(credit)?.min(planned))
    }

    /// Principal that was paid beyond the plan of its row.
    pub(super) fn beyond(&mut self, extra: i64) -> Option<()> {
        if extra <= 0 {
            return Some(());
        }
        self.is_ahead = true;
        match self.prepayment {
            Prepayment::NextInstalments => self.credit = self.credit.checked_add(extra)?,
            Prepayment::SmallerInstalments => self.is_stale = true,
            Prepayment::FewerPeriods => {}
        }
        Some(())
    }
}
