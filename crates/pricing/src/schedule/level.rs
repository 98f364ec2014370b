//! The level instalment: from discount factors, moved for smoothing, or spared by the first row.

use super::engine::{Draft, Engine};
use super::interest::{Meter, Movement};
use super::{too_coarse, too_large};
use crate::fixed::{Annuity, Discount, PresentValue};
use crate::fraction::{Fraction, round_ratio};
use crate::problem::Problem;
use crate::rounding::{Absorb, Mode, Round};

/// After so many moves the level instalment stays; see [`Absorb::Smooth`].
const SMOOTHING_MOVES: u32 = 3;
/// Tries to let the first row take the rest; each halves what is left.
const FIRST_ROW_TRIES: u32 = 48;

impl Engine<'_> {
    /// The level instalment from a period on, for a balance at its beginning and what comes to it
    /// inside; rate changes after the period are not foreseen.
    fn level(
        &mut self,
        index: usize,
        balance: i64,
        moves: &[Movement],
        round: Round,
    ) -> Option<i64> {
        let checked = self.checked;
        let until = checked.periods.get(index)?.due;
        let mut discount = Discount::ONE;
        let mut annuity = Annuity::NONE;
        let mut value = PresentValue::of(balance)?;
        for (place, period) in checked.periods.iter().enumerate().skip(index) {
            if !self.is_free(place) {
                discount = discount.times(self.meter.discount(period, until)?)?;
            }
            annuity = annuity.plus(discount)?;
            if place == index {
                for (date, amount) in moves {
                    let added = if *date <= period.from {
                        PresentValue::of(*amount)?
                    } else if self.is_free(place) {
                        PresentValue::grown(*amount, Fraction::ZERO, discount)?
                    } else {
                        let growth = self.meter.growth(period, *date, period.due)?;
                        PresentValue::grown(*amount, growth, discount)?
                    };
                    value = value.plus(added)?;
                }
            }
        }
        value.level(annuity, round)
    }

    /// The level instalment, unless a coarse step makes it too small to repay anything.
    pub(super) fn new_level(
        &mut self,
        index: usize,
        state: (i64, &[Movement]),
    ) -> Result<i64, Problem> {
        let (balance, moves) = state;
        let level = self.settled_level(index, balance, moves).ok_or_else(too_large)?;
        let round = self.checked.terms.rounding.instalment;
        let is_last = index.saturating_add(1) == self.checked.periods.len();
        if round.step() == 1 || is_last {
            return Ok(level);
        }
        let draft = self.silently(|engine| engine.level_row(index, state, Some(level)));
        let draft = draft.ok_or_else(too_large)?;
        if draft.principal == 0 && draft.balance > 0 {
            let finest = Round::FEN.to(round.mode);
            let to_fen = self.level(index, balance, moves, finest).ok_or_else(too_large)?;
            if to_fen > draft.interest {
                return Err(too_coarse());
            }
        }
        Ok(level)
    }

    /// Does something without leaving a trace of it.
    fn silently<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let silent = Meter::new(self.checked, false);
        let traced = std::mem::replace(&mut self.meter, silent);
        let done = work(self);
        self.meter = traced;
        done
    }

    /// The level instalment, moved nearer to the last row where the terms ask for it.
    pub(crate) fn settled_level(
        &mut self,
        index: usize,
        balance: i64,
        moves: &[Movement],
    ) -> Option<i64> {
        let mut level =
            self.level(index, balance, moves, self.checked.terms.rounding.instalment)?;
        if self.checked.terms.rounding.absorb != Absorb::Smooth {
            return Some(level);
        }
        let rows = i64::try_from(self.checked.periods.len().checked_sub(index)?).ok()?;
        let mut gap = self.gap(index, (balance, moves), level)?;
        for _ in 0..SMOOTHING_MOVES {
            if gap.checked_abs()? <= rows.checked_div(2)? {
                break;
            }
            let round = self.checked.terms.rounding.instalment;
            let (size, parts) = (gap.checked_abs()?.try_into().ok()?, rows.try_into().ok()?);
            let step = round_ratio(size, parts, round.to(Mode::HalfUp))?;
            let nearer = level.checked_add(step.checked_mul(gap.signum())?)?;
            let new_gap = self.gap(index, (balance, moves), nearer)?;
            if step == 0 || new_gap.checked_abs()? >= gap.checked_abs()? {
                break;
            }
            (level, gap) = (nearer, new_gap);
        }
        Some(level)
    }

    /// By how much the last row would differ from the level, if nothing changed any more.
    fn gap(&mut self, index: usize, state: (i64, &[Movement]), level: i64) -> Option<i64> {
        let until = self.checked.periods.get(index)?.due;
        let last = self.silently(|engine| {
            engine.meter.forget_changes_from(until);
            engine.last_row(index, state, level)
        })?;
        last.interest.checked_add(last.principal)?.checked_sub(level)
    }

    fn last_row(
        &mut self,
        index: usize,
        (mut balance, moves): (i64, &[Movement]),
        level: i64,
    ) -> Option<Draft> {
        let mut moves = moves;
        let mut last = None;
        for place in index..self.checked.periods.len() {
            let draft = self.level_row(place, (balance, moves), Some(level))?;
            balance = draft.balance;
            moves = &[];
            last = Some(draft);
        }
        last
    }

    /// Lets the first row with a part of principal take what rounding leaves, so that the last
    /// one is level. `None` where interest alone is more than the level.
    pub(super) fn first_absorbs(
        &mut self,
        index: usize,
        state: (i64, &[Movement]),
        level: i64,
    ) -> Result<Option<Vec<Draft>>, Problem> {
        let first = self.silently(|engine| engine.level_row(index, state, Some(level)));
        if first.ok_or_else(too_large)?.interest > level {
            return Ok(None);
        }
        let extra = self.silently(|engine| engine.best_extra(index, state, level));
        let rows = extra.and_then(|extra| self.with_first(index, state, (level, extra)));
        rows.map(Some).ok_or_else(too_large)
    }

    fn best_extra(&mut self, index: usize, state: (i64, &[Movement]), level: i64) -> Option<i64> {
        let mut gap = |extra: i64| -> Option<i64> {
            let last = *self.with_first(index, state, (level, extra))?.last()?;
            last.interest.checked_add(last.principal)?.checked_sub(level)
        };
        // More in the first row is less in the last: halve the interval that has the sign change.
        let start = gap(0)?;
        let (mut low, mut high) = (0_i64, start);
        for _ in 0..FIRST_ROW_TRIES {
            let middle = low.checked_add(high)?.checked_div(2)?;
            if low.abs_diff(high) <= 1 {
                break;
            }
            let left = gap(middle)?;
            if left == 0 || left.signum() != start.signum() {
                high = middle;
            } else {
                low = middle;
            }
        }
        let by_low = (gap(low)?.checked_abs()?, low);
        let by_high = (gap(high)?.checked_abs()?, high);
        let best = if by_high.0 < by_low.0 { by_high } else { by_low };
        Some(if best.0 < start.checked_abs()? { best.1 } else { 0 })
    }

    /// The rows from the first amortising one, which pays so much more than the level.
    fn with_first(
        &mut self,
        index: usize,
        (mut balance, mut moves): (i64, &[Movement]),
        (level, extra): (i64, i64),
    ) -> Option<Vec<Draft>> {
        let mut drafts = Vec::new();
        for place in index..self.checked.periods.len() {
            let amount = if place == index { level.checked_add(extra)? } else { level };
            let draft = self.level_row(place, (balance, moves), Some(amount))?;
            (balance, moves) = (draft.balance, &[]);
            drafts.push(draft);
        }
        Some(drafts)
    }
}
