//! Interest of a balance through the stretches of a period, and the growth of a whole period.

use kernel::{Date, Money};

use super::Stretch;
use crate::calendar::{Frequency, Period};
use crate::fixed::Discount;
use crate::fraction::Fraction;
use crate::percent::Percent;
use crate::rounding::Per;
use crate::terms::{CheckedTerms, LevelBasis};

/// How much a balance grows in a period, and the discount factor that undoes it.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// Days, likeness of the day count, rate.
    key: (i32, u16, Percent),
    growth: Fraction,
    discount: Discount,
}

/// Computes growth and interest, and remembers what it computed: a schedule has few different
/// lengths of periods.
#[derive(Clone, Debug)]
pub(crate) struct Meter<'a> {
    checked: &'a CheckedTerms,
    known: Vec<Known>,
    trace: Option<Vec<Stretch>>,
    /// From this day on, changes of the rate are not known yet.
    unknown_from: Option<Date>,
}

/// A change of the balance on a day.
pub(crate) type Movement = (Date, i64);

impl<'a> Meter<'a> {
    pub(crate) fn new(checked: &'a CheckedTerms, tracing: bool) -> Self {
        Self { checked, known: Vec::new(), trace: tracing.then(Vec::new), unknown_from: None }
    }

    pub(crate) fn into_trace(self) -> Vec<Stretch> {
        self.trace.unwrap_or_default()
    }

    /// Changes of the rate that run from this day or later are not foreseen.
    pub(crate) fn forget_changes_from(&mut self, day: Date) {
        self.unknown_from = Some(day);
    }

    /// The rate for the night that begins on a day.
    pub(crate) fn rate_on(&self, day: Date) -> Percent {
        let is_known = |from: Date| self.unknown_from.is_none_or(|unknown| from < unknown);
        let changes = &self.checked.changes;
        let before = changes.partition_point(|(from, _)| *from <= day && is_known(*from));
        let change = before.checked_sub(1).and_then(|index| changes.get(index));
        change.map_or(self.checked.terms.rate, |(_, rate)| *rate)
    }

    /// The growth of one fen from a day of a period to another, at the rates of those days.
    pub(crate) fn growth(&self, period: &Period, from: Date, to: Date) -> Option<Fraction> {
        let mut sum = Fraction::ZERO;
        let mut begin = from;
        for end in self.rate_cuts(from, to) {
            let years = self.years(period, (begin, end))?;
            sum = sum.plus(self.rate_on(begin).fraction().times(years)?)?;
            begin = end;
        }
        Some(sum)
    }

    /// Where rates change between two days, and the last day.
    fn rate_cuts(&self, from: Date, to: Date) -> impl Iterator<Item = Date> + use<'_, 'a> {
        let changes = &self.checked.changes;
        let to_known = self.unknown_from.map_or(to, |unknown| unknown.min(to));
        let first = changes.partition_point(|(date, _)| *date <= from);
        let inside = changes.iter().skip(first).map(|(date, _)| *date);
        inside.take_while(move |date| *date < to_known).chain(std::iter::once(to))
    }

    fn years(&self, period: &Period, days: (Date, Date)) -> Option<Fraction> {
        let terms = &self.checked.terms;
        terms.day_count.years(period, terms.frequency, days)
    }

    /// Growth and discount of a whole period at one rate, from memory where its length is known.
    fn whole(&mut self, period: &Period, rate: Percent) -> Option<Known> {
        let days = period.days();
        let likeness = self.checked.terms.day_count.likeness(period);
        let key = (days, likeness.unwrap_or_default(), rate);
        let found = self.known.iter().find(|known| known.key == key);
        if let Some(known) = found.filter(|_| likeness.is_some()) {
            return Some(*known);
        }
        let years = self.years(period, (period.from, period.due))?;
        let growth = rate.fraction().times(years)?;
        let known = Known { key, growth, discount: Discount::of(growth)? };
        if likeness.is_some() && self.known.len() < 16 {
            self.known.push(known);
        }
        Some(known)
    }

    /// The discount over a whole period, for the level instalment.
    ///
    /// Only rates of nights before `until` are foreseen.
    pub(crate) fn discount(&mut self, period: &Period, until: Date) -> Option<Discount> {
        if self.checked.changes.is_empty() && self.checked.terms.level_basis == LevelBasis::Dates {
            return Some(self.whole(period, self.checked.terms.rate)?.discount);
        }
        let night = if period.due <= until { period.from } else { until.minus_days(1)? };
        let rate = self.rate_on(night);
        if self.checked.terms.level_basis == LevelBasis::Nominal
            && let Frequency::Months(months) = self.checked.terms.frequency
        {
            let years = self.checked.terms.day_count.nominal_years(months)?;
            return Discount::of(rate.fraction().times(years)?);
        }
        let is_split = self.rate_cuts(period.from, period.due.min(until)).count() > 1;
        if is_split {
            return Discount::of(self.growth(period, period.from, period.due)?);
        }
        Some(self.whole(period, rate)?.discount)
    }

    /// The interest of a balance from the beginning of a period to a day in it, cut wherever the
    /// balance moves or the rate changes; rounded as the terms say.
    pub(crate) fn interest(
        &mut self,
        row: u32,
        period: &Period,
        (balance, moves): (i64, &[Movement]),
        to: Date,
    ) -> Option<i64> {
        let rounding = self.checked.terms.rounding;
        let is_plain = self.trace.is_none()
            && moves.is_empty()
            && to == period.due
            && (self.checked.changes.is_empty() || self.rate_cuts(period.from, to).count() == 1);
        if is_plain {
            let growth = self.whole(period, self.rate_on(period.from))?.growth;
            return growth.of(balance, rounding.interest);
        }
        let (mut balance, mut begin) = (balance, period.from);
        let (mut exact, mut rounded) = (Fraction::ZERO, 0_i64);
        let mut moves = moves.iter().filter(|(date, _)| *date < to).peekable();
        loop {
            while let Some((_, change)) = moves.next_if(|(date, _)| *date <= begin) {
                balance = balance.checked_add(*change)?;
            }
            let end = moves.peek().map_or(to, |(date, _)| *date);
            for end in self.rate_cuts(begin, end).collect::<Vec<_>>() {
                let stretch = self.stretch(row, period, balance, (begin, end))?;
                exact = exact.plus(stretch)?;
                rounded = rounded.checked_add(stretch.whole(rounding.interest)?)?;
                begin = end;
            }
            if begin >= to {
                return match rounding.interest_per {
                    Per::Row => exact.whole(rounding.interest),
                    Per::Stretch => Some(rounded),
                };
            }
        }
    }

    /// The exact interest of a stretch of unchanged balance and rate.
    fn stretch(
        &mut self,
        row: u32,
        period: &Period,
        balance: i64,
        (from, to): (Date, Date),
    ) -> Option<Fraction> {
        let (rate, years) = (self.rate_on(from), self.years(period, (from, to))?);
        let amount = Fraction::new(u128::try_from(balance).ok()?, 1)?;
        let exact = amount.times(rate.fraction().times(years)?)?;
        if let Some(trace) = &mut self.trace
            && from < to
        {
            let interest = exact.whole(self.checked.terms.rounding.interest)?;
            let (balance, interest) = (Money::from_fen(balance)?, Money::from_fen(interest)?);
            trace.push(Stretch { row, from, to, balance, rate, years, interest });
        }
        Some(exact)
    }
}
