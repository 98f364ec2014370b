//! The legal line: how much penalty it leaves room for, beside the interest that really runs.

use kernel::Date;

use crate::calendar::{Frequency, Period, Rhythm};
use crate::daycount::DayCount;
use crate::fraction::{Fraction, round_ratio};
use crate::percent::Percent;
use crate::rounding::{Mode, Round};
use crate::schedule::Engine;
use crate::terms::CheckedTerms;

/// Days of the year by which the legal line is counted.
const LINE_DAYS: u128 = 365;

/// What one clock has run through so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Principal x days.
    fen_days: u128,
    /// The whole fen of the interest that ran on it.
    interest: u128,
    /// The rest of that interest: less than one fen.
    rest: Fraction,
}

impl Room {
    pub(super) const EMPTY: Self = Self { fen_days: 0, interest: 0, rest: Fraction::ZERO };

    /// So many days more, in which one fen has grown by so much.
    pub(super) fn add(&mut self, principal: i64, days: u32, growth: Fraction) -> Option<()> {
        let principal = u128::try_from(principal).ok()?;
        let fen_days = principal.checked_mul(days.into())?;
        self.fen_days = self.fen_days.checked_add(fen_days)?;
        let (whole, rest) = parts(principal.checked_mul(growth.num())?, growth.den())?;
        let rest = self.rest.plus(Fraction::new(rest, growth.den())?)?;
        let (carried, left) = parts(rest.num(), rest.den())?;
        self.rest = Fraction::new(left, rest.den())?;
        self.interest = self.interest.checked_add(whole)?.checked_add(carried)?;
        Some(())
    }

    /// What a yearly line lets be charged beside the interest, rounded down; never negative.
    pub(super) fn below(&self, line: Percent, round: Round) -> Option<i64> {
        let line = line.fraction();
        let den = line.den().checked_mul(LINE_DAYS)?;
        let (whole, rest) = parts(self.fen_days.checked_mul(line.num())?, den)?;
        // Whole fen apart from their rests, so that the products fit.
        let is_less = rest.checked_mul(self.rest.den())? < self.rest.num().checked_mul(den)?;
        let taken = self.interest.checked_add(u128::from(is_less))?;
        round_ratio(whole.saturating_sub(taken), 1, round.to(Mode::Down))
    }
}

/// Quotient and rest.
fn parts(num: u128, den: u128) -> Option<(u128, u128)> {
    Some((num.checked_div(den)?, num.checked_rem(den)?))
}

/// By how much one fen grows between two days, at the rates and by the day count of the terms; in
/// the periods of the schedule, and afterwards in those that would have followed.
pub(super) fn running(checked: &CheckedTerms, from: Date, to: Date) -> Option<Fraction> {
    let mut sum = Fraction::ZERO;
    if to <= from {
        return Some(sum);
    }
    let engine = Engine::new(checked);
    let within = |period: &Period| {
        let (begin, end) = (from.max(period.from), to.min(period.due));
        if begin < end { engine.meter.growth(period, begin, end) } else { Some(Fraction::ZERO) }
    };
    let first = checked.periods.partition_point(|period| period.due <= from);
    for (index, period) in checked.periods.iter().enumerate().skip(first) {
        if to <= period.from {
            break;
        }
        if !engine.is_free(index) {
            sum = sum.plus(within(period)?)?;
        }
    }
    let terms = &checked.terms;
    let mut due = checked.periods.last()?.due;
    // Only this day count asks where the periods lie.
    let is_by_periods =
        terms.day_count == DayCount::Thirty360 && matches!(terms.frequency, Frequency::Months(_));
    if !is_by_periods {
        return sum.plus(within(&Period::regular(due, due.max(to)))?);
    }
    let rhythm = Rhythm {
        start: terms.start,
        first_due: terms.first_due,
        frequency: terms.frequency,
        month_end: terms.month_end,
    };
    let mut number = u32::try_from(checked.periods.len()).ok()?;
    while due < to {
        number = number.checked_add(1)?;
        let period = rhythm.period(number, due)?;
        sum = sum.plus(within(&period)?)?;
        due = period.due;
    }
    Some(sum)
}
