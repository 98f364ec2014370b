//! Rows whose parts of principal do not depend on the interest: equal principal, flat, all at the
//! end.

use kernel::Money;

use super::engine::{Draft, Engine};
use super::{too_coarse, too_large};
use crate::fraction::round_ratio;
use crate::problem::Problem;
use crate::rounding::{Absorb, Mode};
use crate::terms::Method;

impl Engine<'_> {
    pub(super) fn equal_principal(&mut self) -> Result<Vec<Draft>, Problem> {
        if self.checked.terms.advances.len() > 1 {
            return self.growing_principal().ok_or_else(too_large);
        }
        let (whole, parts) = self.whole_and_parts().ok_or_else(too_large)?;
        let part = self.level_part(0).ok_or_else(too_large)?;
        self.check_part(self.grace(), part)?;
        let grace = self.grace();
        let drafts = self.amortise(|engine, index, balance, interest| {
            let others = part.checked_mul(parts.checked_sub(1)?)?;
            let is_first = index == grace && engine.checked.terms.rounding.absorb == Absorb::First;
            let part = if is_first { whole.checked_sub(others)?.max(0) } else { part };
            Some((interest, part.min(balance)))
        });
        drafts.ok_or_else(too_large)
    }

    /// Equal parts of what is there, computed anew over the rows that are left whenever money is
    /// added.
    fn growing_principal(&mut self) -> Option<Vec<Draft>> {
        let (rows, grace) = (self.checked.periods.len(), self.grace());
        let mut part = 0;
        self.amortise(|engine, index, balance, interest| {
            let comes = !engine.inflows(engine.checked.periods.get(index)?).is_empty();
            if index == grace || (comes && index > grace) {
                let left = u128::try_from(rows.checked_sub(index)?).ok()?;
                let round = engine.checked.terms.rounding.instalment;
                part = round_ratio(balance.try_into().ok()?, left, round)?;
            }
            Some((interest, part.min(balance)))
        })
    }

    /// The part of principal of a level row with so much interest.
    fn level_part(&self, interest: i64) -> Option<i64> {
        let (whole, parts) = self.whole_and_parts()?;
        let total = whole.checked_add(interest.checked_mul(parts)?)?;
        let round = self.checked.terms.rounding.instalment;
        let level = round_ratio(total.try_into().ok()?, parts.try_into().ok()?, round)?;
        Some(level.checked_sub(interest)?.max(0))
    }

    /// A coarse step must not make rows repay nothing.
    fn check_part(&self, index: usize, part: i64) -> Result<(), Problem> {
        let round = self.checked.terms.rounding.instalment;
        let is_last = index.saturating_add(1) == self.checked.periods.len();
        if part > 0 || round.step() == 1 || is_last || index < self.grace() {
            return Ok(());
        }
        let (whole, parts) = self.whole_and_parts().ok_or_else(too_large)?;
        let least = match round.mode {
            Mode::Down => parts,
            Mode::HalfUp => parts.saturating_add(1).div_euclid(2),
            Mode::HalfEven => parts.div_euclid(2).saturating_add(1),
            Mode::Up => 1,
        };
        if whole < least { Ok(()) } else { Err(too_coarse()) }
    }

    pub(super) fn flat(&mut self) -> Result<Vec<Draft>, Problem> {
        let (whole, _) = self.whole_and_parts().ok_or_else(too_large)?;
        let (grace, mut rows) = (self.grace(), Vec::with_capacity(self.checked.periods.len()));
        for index in 0..self.checked.periods.len() {
            let interest = self.flat_interest(index).ok_or_else(too_large)?;
            let part = self.level_part(interest).ok_or_else(too_large)?;
            self.check_part(index, part)?;
            rows.push((interest, part));
        }
        if self.checked.terms.rounding.absorb == Absorb::First {
            let later = rows.iter().skip(grace.saturating_add(1));
            let others = later.fold(0_i64, |sum, (_, part)| sum.saturating_add(*part));
            if let Some(first) = rows.get_mut(grace) {
                first.1 = whole.saturating_sub(others).max(0);
            }
        }
        let drafts = self.amortise(|_, index, balance, _| {
            let (interest, part) = *rows.get(index)?;
            Some((interest, part.min(balance)))
        });
        drafts.ok_or_else(too_large)
    }

    /// Interest on the whole amount, from the day it is there.
    fn flat_interest(&mut self, index: usize) -> Option<i64> {
        let (checked, whole) = (self.checked, self.checked.whole.fen());
        let moves = self.inflows(checked.periods.get(index)?);
        let opening = if moves.is_empty() { whole } else { 0 };
        let moves: Vec<_> = moves.iter().map(|(date, _)| (*date, whole)).collect();
        self.interest(index, opening, &moves)
    }

    /// What is to be repaid by the rows, without the down payment, and by how many.
    fn whole_and_parts(&self) -> Option<(i64, i64)> {
        let down = self.checked.down_payment.unwrap_or(Money::ZERO);
        let parts = self.checked.periods.len().checked_sub(self.grace())?;
        Some((self.checked.whole.fen().checked_sub(down.fen())?, i64::try_from(parts).ok()?))
    }

    /// Rows whose parts of principal do not depend on the interest.
    fn amortise(
        &mut self,
        mut part: impl FnMut(&mut Self, usize, i64, i64) -> Option<(i64, i64)>,
    ) -> Option<Vec<Draft>> {
        let checked = self.checked;
        let last = checked.periods.len().checked_sub(1)?;
        let is_flat = checked.terms.method == Method::Flat;
        let mut drafts = Vec::with_capacity(checked.periods.len());
        let mut balance = self.opening()?;
        for (index, period) in checked.periods.iter().enumerate() {
            let moves = self.inflows(period);
            let interest = if is_flat { 0 } else { self.interest(index, balance, &moves)? };
            let added = moves.iter().try_fold(0_i64, |sum, (_, more)| sum.checked_add(*more))?;
            balance = balance.checked_add(added)?;
            let (interest, part) = part(self, index, balance, interest)?;
            let principal = match index {
                index if index == last => balance,
                index if index < self.grace() => 0,
                _ => part,
            };
            balance = balance.checked_sub(principal)?;
            drafts.push(Draft { interest, principal, balance });
        }
        Some(drafts)
    }

    pub(super) fn at_the_end(&mut self) -> Option<Vec<Draft>> {
        self.amortise(|_, _, _, interest| Some((interest, 0)))
    }
}
