//! The oracle's days, rates, day counts and interest.

use super::super::civil::{Day, is_leap};
use super::super::ratio::Ratio;
use crate::Terms;
use crate::calendar::{Frequency, MAX_PERIODS};
use crate::daycount::DayCount;
use crate::fees::FeeTime;
use crate::rounding::Per;
use crate::terms::{InterestFree, LevelBasis, Method, Size};

/// So late that every change of the rate is known.
pub(super) const EVER: Day = Day(i64::MAX);

pub(super) struct Loan<'a> {
    pub(super) terms: &'a Terms,
    often: Frequency,
    pub(super) periods: Vec<(Day, Day)>,
    /// What flows out, with fees that are added and without the down payment.
    pub(super) advances: Vec<(Day, i64)>,
    pub(super) requested: i64,
    pub(super) whole: i64,
    pub(super) down: i64,
    changes: Vec<(Day, Ratio)>,
    rate: Ratio,
}

impl<'a> Loan<'a> {
    pub(super) fn new(terms: &'a Terms) -> Self {
        let (often, count) = often(terms);
        let periods = periods(terms, often, count);
        let mut advances: Vec<_> =
            terms.advances.iter().map(|(date, amount)| (Day::of(*date), amount.fen())).collect();
        advances.sort_by_key(|(day, _)| *day);
        let requested = advances.iter().map(|(_, amount)| amount).sum::<i64>();
        let size = |size| match size {
            Size::Amount(amount) => amount.fen(),
            Size::Share(share) => {
                let exact = Ratio::percent(share).times(&Ratio::whole(requested));
                exact.rounded(terms.rounding.interest).unwrap()
            }
        };
        let added = terms.fees.iter().filter(|fee| fee.time == FeeTime::Added);
        let added: i64 = added.map(|fee| size(fee.size)).sum();
        let down = terms.down_payment.map_or(0, size);
        advances[0].1 += added - down;
        let mut changes: Vec<_> = terms.rate_changes.iter().collect();
        changes.sort_by_key(|(date, _)| *date);
        let from_night = |date| {
            let day = Day::of(date);
            let is_due = periods.iter().any(|(_, due)| *due == day);
            if is_due { day } else { day.plus(-1) }
        };
        let changes = changes
            .into_iter()
            .map(|(date, rate)| (from_night(*date), Ratio::percent(*rate)))
            .collect();
        let rate = Ratio::percent(terms.rate);
        let whole = requested + added;
        Self { terms, often, periods, advances, requested, whole, down, changes, rate }
    }

    /// Whether the calendar ends before the periods do.
    pub(super) fn is_cut_off(&self) -> bool {
        let count = usize::try_from(often(self.terms).1).unwrap();
        self.terms.periods.is_some() && self.periods.len() < count
    }

    pub(super) fn last(&self) -> usize {
        self.periods.len() - 1
    }

    pub(super) fn grace(&self) -> usize {
        usize::try_from(self.terms.grace.principal).unwrap()
    }

    pub(super) fn is_free(&self, index: usize) -> bool {
        let grace = self.terms.grace;
        grace.free_rule == InterestFree::Waive && index < usize::try_from(grace.free).unwrap()
    }

    /// What flows out within a period, as it is known before a day; what flows on a due date
    /// belongs to the period after it.
    pub(super) fn inflows(&self, index: usize, known: Day) -> Vec<(Day, i64)> {
        let (from, due) = self.periods[index];
        let end = due.min(known);
        self.advances.iter().copied().filter(|(day, _)| from <= *day && *day < end).collect()
    }

    /// The rate of the night that begins on a day, as it is known before another day.
    fn rate(&self, night: Day, known: Day) -> &Ratio {
        let mut begun = self.changes.iter().filter(|(from, _)| *from <= night && *from < known);
        begun.next_back().map_or(&self.rate, |(_, rate)| rate)
    }

    fn turns(&self, day: Day, known: Day) -> bool {
        let (old, new) = (self.rate(day.plus(-1), known), self.rate(day, known));
        !new.plus(&old.times(&Ratio::whole(-1))).is_zero()
    }

    /// Whether the rate of a night of the period is not that of the night before.
    pub(super) fn turns_within(&self, index: usize) -> bool {
        let (from, due) = self.periods[index];
        let inside = self.changes.iter().filter(|(day, _)| from <= *day && *day < due);
        inside.map(|(day, _)| *day).any(|day| self.turns(day, EVER))
    }

    /// Two days and, in order, the days between at which rate or balance change.
    fn cuts(&self, index: usize, (from, to): (Day, Day), known: Day) -> Vec<Day> {
        let rates = self.changes.iter().map(|(day, _)| *day).filter(|day| self.turns(*day, known));
        let flows = self.inflows(index, known).into_iter().map(|(day, _)| day);
        let mut days: Vec<_> = rates.chain(flows).filter(|day| from < *day && *day < to).collect();
        days.extend([from, to]);
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Interest of a period in fen: the whole of it rounded, or each stretch of unchanged balance
    /// and rate.
    pub(super) fn interest(&self, index: usize, opening: i64, known: Day) -> Option<i64> {
        if self.is_free(index) {
            return Some(0);
        }
        let (start, due) = self.periods[index];
        let rounding = self.terms.rounding;
        let (inflows, mut sum, mut whole) = (self.inflows(index, known), 0, Ratio::whole(0));
        for stretch in self.cuts(index, (start, due), known).windows(2) {
            let (from, to) = (stretch[0], stretch[1]);
            let come = inflows.iter().filter(|(day, _)| *day <= from);
            let balance = if self.terms.method != Method::Flat {
                opening + come.map(|(_, amount)| amount).sum::<i64>()
            } else if self.advances[0].0 <= from {
                self.whole
            } else {
                0
            };
            let growth = self.rate(from, known).times(&self.years(index, from, to));
            let exact = growth.times(&Ratio::whole(balance));
            sum += exact.rounded(rounding.interest)?;
            whole = whole.plus(&exact).reduced();
        }
        match rounding.interest_per {
            Per::Row => whole.rounded(rounding.interest),
            Per::Stretch => Some(sum),
        }
    }

    /// By how much one fen grows from a day of a period to its end.
    pub(super) fn growth(&self, index: usize, from: Day, known: Day) -> Ratio {
        let due = self.periods[index].1;
        let mut sum = Ratio::whole(0);
        if self.is_free(index) {
            return sum;
        }
        for stretch in self.cuts(index, (from, due), known).windows(2) {
            let years = self.years(index, stretch[0], stretch[1]);
            sum = sum.plus(&self.rate(stretch[0], known).times(&years)).reduced();
        }
        sum
    }

    /// By how much one fen grows through a period, as the level instalment sees it.
    pub(super) fn level_growth(&self, index: usize, known: Day) -> Ratio {
        let from = self.periods[index].0;
        match (self.terms.level_basis, self.often) {
            (LevelBasis::Nominal, Frequency::Months(months)) if !self.is_free(index) => {
                let basis = match self.terms.day_count {
                    DayCount::Thirty360 | DayCount::ThirtyE360 | DayCount::Act360 => 360,
                    DayCount::Act364 => 364,
                    DayCount::Act365 | DayCount::ActAct | DayCount::ActActIsda => 365,
                };
                self.rate(from, known).times(&Ratio::new(i64::from(months) * 30, basis)).reduced()
            }
            _ => self.growth(index, from, known),
        }
    }

    /// What part of a year lies between two days of a period.
    fn years(&self, index: usize, from: Day, to: Day) -> Ratio {
        let days = from.until(to);
        match (self.terms.day_count, self.often) {
            (DayCount::Thirty360, Frequency::Months(months)) => {
                let pieces = self.regular_periods(index).into_iter().map(|(begin, end)| {
                    let inside = from.max(begin).until(to.min(end)).max(0);
                    Ratio::new(inside * i64::from(months), begin.until(end) * 12)
                });
                pieces.fold(Ratio::whole(0), |sum, piece| sum.plus(&piece)).reduced()
            }
            (DayCount::Thirty360 | DayCount::Act360, _) => Ratio::new(days, 360),
            (DayCount::ThirtyE360, _) => {
                let count = |day: Day| {
                    let (year, month, day) = day.parts();
                    360 * year + 30 * month + day.min(30)
                };
                Ratio::new(count(to) - count(from), 360)
            }
            (DayCount::Act365, _) => Ratio::new(days, 365),
            (DayCount::Act364, _) => Ratio::new(days, 364),
            // A night belongs to the year of the day after it, or of the day before it.
            (DayCount::ActAct, _) => nights(from.plus(1), to.plus(1)),
            (DayCount::ActActIsda, _) => nights(from, to),
        }
    }

    /// The regular periods that a period consists of: itself, but for the first one where that
    /// is longer or shorter than the rest.
    fn regular_periods(&self, index: usize) -> Vec<(Day, Day)> {
        let (start, due) = self.periods[index];
        let Some(first) = stub(self.terms, self.often).filter(|_| index == 0) else {
            return vec![(start, due)];
        };
        let back = |count: i64| first.plus_periods(-count, self.often, self.terms.month_end);
        let counts = (0..).take_while(|count| back(*count) > start);
        counts.map(|count| (back(count + 1), back(count))).collect()
    }
}

/// Days of each year over its length, each day counted in its own year.
fn nights(from: Day, to: Day) -> Ratio {
    let mut sum = Ratio::whole(0);
    for year in from.year()..=to.year() {
        let (begin, end) = (Day::ymd(year, 1, 1), Day::ymd(year + 1, 1, 1));
        let inside = from.max(begin).until(to.min(end)).max(0);
        sum = sum.plus(&Ratio::new(inside, if is_leap(year) { 366 } else { 365 }));
    }
    sum.reduced()
}

/// How often is paid, and how many times at most. A loan that is repaid once has one period.
pub(in super::super) fn often(terms: &Terms) -> (Frequency, u32) {
    let count = terms.periods.unwrap_or(MAX_PERIODS);
    match (terms.method, terms.frequency) {
        (Method::OneOff, often) if terms.first_due.is_some() => (often, 1),
        (Method::OneOff, Frequency::Days(days)) => (Frequency::Days(days * count), 1),
        (Method::OneOff, Frequency::Weeks(weeks)) => (Frequency::Weeks(weeks * count), 1),
        (Method::OneOff, Frequency::Months(months)) => (Frequency::Months(months * count), 1),
        (_, often) => (often, count),
    }
}

/// The first due date, where it is not one period after the start.
fn stub(terms: &Terms, often: Frequency) -> Option<Day> {
    let regular = Day::of(terms.start).plus_periods(1, often, terms.month_end);
    terms.first_due.map(Day::of).filter(|first| *first != regular)
}

/// All periods, up to the year 2200.
pub(in super::super) fn periods(terms: &Terms, often: Frequency, count: u32) -> Vec<(Day, Day)> {
    let start = Day::of(terms.start);
    let due = |number: i64| match stub(terms, often) {
        Some(first) => first.plus_periods(number - 1, often, terms.month_end),
        None => start.plus_periods(number, often, terms.month_end),
    };
    let end = Day::ymd(2201, 1, 1);
    let numbers = (1..=i64::from(count)).take_while(|number| due(*number) < end);
    numbers.map(|number| (if number == 1 { start } else { due(number - 1) }, due(number))).collect()
}
