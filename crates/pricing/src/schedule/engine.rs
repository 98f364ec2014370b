//! From checked terms to rows of principal and interest, in whole fen.

use kernel::{Date, Money};

use super::interest::{Meter, Movement};
use super::{Row, Stretch, too_large};
use crate::calendar::Period;
use crate::problem::{Fault, Problem};
use crate::rounding::Absorb;
use crate::terms::{CheckedTerms, InterestFree, InterestGrace, Method};

/// A row in the making, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) interest: i64,
    pub(crate) principal: i64,
    pub(crate) balance: i64,
}

/// Makes the rows of one loan.
pub(crate) struct Engine<'a> {
    pub(crate) checked: &'a CheckedTerms,
    pub(crate) meter: Meter<'a>,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(checked: &'a CheckedTerms) -> Self {
        Self { checked, meter: Meter::new(checked, false) }
    }

    pub(crate) fn tracing(checked: &'a CheckedTerms) -> Self {
        Self { checked, meter: Meter::new(checked, true) }
    }

    /// The stretches of interest, each with the row that charges it.
    pub(crate) fn into_trace(self) -> Vec<Stretch> {
        let postponed = self.postponed_rows().map_or(0, |(rows, _)| rows);
        let least = if postponed == 0 { 0 } else { self.number(postponed) };
        let mut trace = self.meter.into_trace();
        for stretch in &mut trace {
            stretch.row = stretch.row.max(least);
        }
        trace
    }

    /// All rows, the down payment first where there is one.
    pub(crate) fn rows(&mut self) -> Result<Vec<Row>, Problem> {
        let drafts = self.drafts()?;
        self.finish(&drafts).ok_or_else(too_large)
    }

    fn drafts(&mut self) -> Result<Vec<Draft>, Problem> {
        let drafts = self.earned()?;
        let mut drafts = self.postponed(drafts)?;
        // A loan that rounding or a given instalment repays early has no rows after that.
        while drafts.pop_if(|draft| draft.principal == 0 && draft.interest == 0).is_some() {}
        Ok(drafts)
    }

    /// The rows before interest is postponed: each with the interest that is earned in it.
    pub(crate) fn earned(&mut self) -> Result<Vec<Draft>, Problem> {
        let terms = &self.checked.terms;
        match terms.method {
            Method::EqualInstalment if terms.instalment.is_some() => self.fixed(),
            Method::EqualInstalment => self.level_rows(),
            Method::EqualPrincipal => self.equal_principal(),
            Method::Flat => self.flat(),
            Method::InterestOnly | Method::OneOff => self.at_the_end().ok_or_else(too_large),
        }
    }

    /// What is outstanding when the first period begins: nothing, if it is disbursed later.
    pub(crate) fn opening(&self) -> Option<i64> {
        let down = self.checked.down_payment.unwrap_or(Money::ZERO);
        let start = self.checked.terms.start;
        let early = self.checked.terms.advances.iter().filter(|(date, _)| *date <= start);
        let opened = early.clone().map(|(_, amount)| amount.fen()).sum::<i64>();
        if early.count() == 0 { Some(0) } else { opened.checked_sub(down.fen()) }
    }

    /// The disbursements inside a period.
    pub(crate) fn inflows(&self, period: &Period) -> Vec<Movement> {
        let checked = self.checked;
        let start = checked.terms.start;
        if checked.terms.advances.last().is_some_and(|(date, _)| *date <= start) {
            return Vec::new();
        }
        let mut inside: Vec<Movement> = checked
            .terms
            .advances
            .iter()
            .filter(|(date, _)| *date > start && period.from <= *date && *date < period.due)
            .map(|(date, amount)| (*date, amount.fen()))
            .collect();
        let is_late = checked.terms.advances.first().is_some_and(|(date, _)| *date > start);
        if let (Some(down), Some(first)) = (checked.down_payment, inside.first_mut())
            && is_late
        {
            first.1 = first.1.saturating_sub(down.fen());
        }
        inside
    }

    pub(crate) fn is_free(&self, index: usize) -> bool {
        let grace = &self.checked.terms.grace;
        grace.free_rule == InterestFree::Waive && index < count(grace.free)
    }

    /// Interest of a whole period.
    pub(super) fn interest(
        &mut self,
        index: usize,
        balance: i64,
        moves: &[Movement],
    ) -> Option<i64> {
        if self.is_free(index) {
            return Some(0);
        }
        let checked = self.checked;
        let period = checked.periods.get(index)?;
        self.meter.interest(self.number(index), period, (balance, moves), period.due)
    }

    /// The number of the row of a period; a down payment is row 1.
    pub(crate) fn number(&self, index: usize) -> u32 {
        let before = u32::from(self.checked.down_payment.is_some());
        u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1).saturating_add(before)
    }

    /// Equal instalments, computed anew whenever money is added, the rate changes, or interest
    /// alone was more than the instalment, as it is after a long first period.
    fn level_rows(&mut self) -> Result<Vec<Draft>, Problem> {
        let checked = self.checked;
        let mut drafts = Vec::with_capacity(checked.periods.len());
        let (mut balance, mut level) = (self.opening().ok_or_else(too_large)?, None);
        for (index, period) in checked.periods.iter().enumerate() {
            let moves = self.inflows(period);
            let state = (balance, moves.as_slice());
            if index >= self.grace() {
                if level.is_none() || !moves.is_empty() || self.rate_changes_in(period) {
                    level = Some(self.new_level(index, state)?);
                }
                if let Some(level) = level
                    && checked.terms.rounding.absorb == Absorb::First
                    && let Some(rest) = self.first_absorbs(index, state, level)?
                {
                    drafts.extend(rest);
                    return Ok(drafts);
                }
            }
            let draft = self.level_row(index, state, level).ok_or_else(too_large)?;
            balance = draft.balance;
            level = level.filter(|level| *level >= draft.interest);
            drafts.push(draft);
        }
        Ok(drafts)
    }

    /// One row with a level instalment; before the level is known nothing is repaid, and without
    /// one in the last row everything is.
    pub(super) fn level_row(
        &mut self,
        index: usize,
        (opening, moves): (i64, &[Movement]),
        level: Option<i64>,
    ) -> Option<Draft> {
        let interest = self.interest(index, opening, moves)?;
        let added = moves.iter().try_fold(0_i64, |sum, (_, more)| sum.checked_add(*more))?;
        let before = opening.checked_add(added)?;
        let is_last = index.checked_add(1)? == self.checked.periods.len();
        let principal = match level {
            _ if is_last => before,
            Some(level) => level.checked_sub(interest)?.clamp(0, before),
            None => 0,
        };
        Some(Draft { interest, principal, balance: before.checked_sub(principal)? })
    }

    fn rate_changes_in(&self, period: &Period) -> bool {
        let inside = |date: Date| period.from <= date && date < period.due;
        self.checked.changes.iter().any(|(date, _)| inside(*date))
    }

    /// A given instalment, until everything is repaid or the periods are over.
    fn fixed(&mut self) -> Result<Vec<Draft>, Problem> {
        let checked = self.checked;
        let level = checked.terms.instalment.map(Money::fen);
        let is_open = checked.terms.periods.is_none();
        let mut drafts = Vec::new();
        let mut balance = self.opening().ok_or_else(too_large)?;
        for (index, period) in checked.periods.iter().enumerate() {
            let moves = self.inflows(period);
            let level = level.filter(|_| index >= self.grace());
            let draft = self.level_row(index, (balance, &moves), level).ok_or_else(too_large)?;
            let is_last = index.saturating_add(1) == checked.periods.len();
            let paid = draft.interest.saturating_add(draft.principal);
            if is_open && is_last && paid > level.unwrap_or_default() {
                return Err(Problem::new("instalment", Fault::NeverRepaid));
            }
            // The rest of the interest would have to be added to the principal.
            if !is_last && level.is_some_and(|level| level < draft.interest) {
                let least = Money::from_fen(draft.interest).ok_or_else(too_large)?;
                return Err(Problem::range(
                    "instalment",
                    least.to_string(),
                    Money::MAX.to_string(),
                ));
            }
            balance = draft.balance;
            drafts.push(draft);
            if is_open && balance == 0 {
                break;
            }
        }
        Ok(drafts)
    }

    pub(crate) fn grace(&self) -> usize {
        count(self.checked.terms.grace.principal)
    }

    /// How many rows leave their interest to the first row after them, and by which field.
    fn postponed_rows(&self) -> Option<(usize, &'static str)> {
        let grace = &self.checked.terms.grace;
        match (grace.free_rule, grace.interest_rule) {
            (InterestFree::Defer, _) if grace.free > 0 => {
                Some((count(grace.free), "interest_free"))
            }
            (_, InterestGrace::Deferred) => Some((count(grace.interest), "grace_interest")),
            (_, InterestGrace::Listed) => None,
        }
    }

    /// Moves interest that is deferred to the first row after.
    fn postponed(&self, mut drafts: Vec<Draft>) -> Result<Vec<Draft>, Problem> {
        let Some((rows, field)) = self.postponed_rows() else { return Ok(drafts) };
        let most = drafts.len().saturating_sub(1);
        if rows > most {
            // A given instalment has repaid the loan before its interest is due.
            return Err(Problem::range(field, "0", most.to_string()));
        }
        let mut moved = 0_i64;
        for draft in drafts.iter_mut().take(rows) {
            moved = moved.saturating_add(std::mem::take(&mut draft.interest));
        }
        if let Some(first) = drafts.get_mut(rows) {
            first.interest = first.interest.saturating_add(moved);
        }
        Ok(drafts)
    }

    /// Rows with their dates, and the down payment before them.
    fn finish(&self, drafts: &[Draft]) -> Option<Vec<Row>> {
        let checked = self.checked;
        let mut rows = Vec::with_capacity(drafts.len().saturating_add(1));
        if let Some(down) = checked.down_payment {
            let day = checked.terms.advances.first()?.0;
            rows.push(Row {
                number: 1,
                from: day,
                due: day,
                principal: down,
                interest: Money::ZERO,
                fees: Money::ZERO,
                balance: checked.whole.minus(down)?,
            });
        }
        for (index, (draft, period)) in drafts.iter().zip(&checked.periods).enumerate() {
            rows.push(Row {
                number: self.number(index),
                from: period.from,
                due: period.due,
                principal: Money::from_fen(draft.principal)?,
                interest: Money::from_fen(draft.interest)?,
                fees: Money::ZERO,
                balance: Money::from_fen(draft.balance)?,
            });
        }
        Some(rows)
    }
}

fn count(periods: u32) -> usize {
    usize::try_from(periods).unwrap_or(usize::MAX)
}
