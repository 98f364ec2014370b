//! Random terms, from a number that is printed when something fails.

use kernel::{Date, Money};

use super::civil::Day;
use super::oracle;
use crate::Percent;
use crate::calendar::{Frequency, MonthEnd};
use crate::daycount::DayCount;
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::rounding::{Absorb, Mode, Per, Round, Rounding};
use crate::terms::{Grace, InterestFree, InterestGrace, LevelBasis, Method, Size, Terms};

/// A small generator of pseudo-random numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers between two, both included.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let count = u64::try_from(most - least + 1).unwrap();
        least + i64::try_from(self.next() % count).unwrap()
    }

    pub(super) fn count(&mut self, least: u32, most: u32) -> u32 {
        u32::try_from(self.between(least.into(), most.into())).unwrap()
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let count = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.next() % count).unwrap()]
    }
}

pub(super) const METHODS: [Method; 5] = [
    Method::EqualInstalment,
    Method::EqualPrincipal,
    Method::Flat,
    Method::InterestOnly,
    Method::OneOff,
];
pub(super) const DAY_COUNTS: [DayCount; 7] = [
    DayCount::Thirty360,
    DayCount::ThirtyE360,
    DayCount::Act360,
    DayCount::Act365,
    DayCount::Act364,
    DayCount::ActAct,
    DayCount::ActActIsda,
];
pub(super) const MODES: [Mode; 4] = [Mode::HalfUp, Mode::HalfEven, Mode::Up, Mode::Down];
const BASES: [FeeBase; 5] = [
    FeeBase::Loan,
    FeeBase::Principal,
    FeeBase::Interest,
    FeeBase::PrincipalAndInterest,
    FeeBase::Outstanding,
];

pub(super) fn fen(amount: i64) -> Money {
    Money::from_fen(amount).unwrap()
}

/// Terms with everything that terms can have, in every combination that is not refused.
pub(super) fn terms(dice: &mut Dice) -> Terms {
    let mut terms = plain(dice);
    if dice.once_in(3) {
        terms.first_due = Some(first_due(dice, &terms));
    }
    if terms.method == Method::EqualInstalment && dice.once_in(6) {
        instalment(dice, &mut terms);
    }
    grace(dice, &mut terms);
    let days = Days::of(&terms);
    advances(dice, &mut terms, &days);
    if terms.advances.len() == 1 && dice.once_in(8) {
        terms.down_payment = Some(size(dice, &terms, 60));
    }
    if dice.once_in(4) {
        rate_changes(dice, &mut terms, &days);
    }
    if terms.rounding.absorb == Absorb::First
        && (terms.advances.len() > 1 || !terms.rate_changes.is_empty())
    {
        terms.rounding.absorb = dice.pick(&[Absorb::Last, Absorb::Smooth]);
    }
    if dice.once_in(3) {
        for number in 0..dice.between(1, 3) {
            let fee = fee(dice, &terms, &days, number);
            terms.fees.push(fee);
        }
    }
    terms
}

/// Terms without fees, grace, odd periods, later disbursements or rate changes.
pub(super) fn plain(dice: &mut Dice) -> Terms {
    let often = dice.pick(&[1, 1, 1, 2, 3, 4, 5, 6]);
    let frequency = match often {
        1 => Frequency::MONTHLY,
        2 => Frequency::Months(dice.count(2, 12)),
        3 => Frequency::Weeks(dice.count(1, 4)),
        4 => Frequency::Days(dice.count(1, 45)),
        5 => Frequency::Days(dice.pick(&[1, 7, 15, 30])),
        _ => Frequency::Months(dice.pick(&[1, 3, 6])),
    };
    let periods = match dice.between(0, 199) {
        0 => dice.count(61, 360),
        1..=19 => dice.count(25, 60),
        20..=90 => dice.count(7, 24),
        _ => dice.count(1, 12),
    };
    let month_end = dice.pick(&[MonthEnd::Clamp, MonthEnd::Clamp, MonthEnd::Roll]);
    Terms {
        method: dice.pick(&[&METHODS[..], &[Method::EqualInstalment; 5]].concat()),
        frequency,
        month_end,
        day_count: dice.pick(&DAY_COUNTS),
        rounding: rounding(dice),
        level_basis: dice.pick(&[LevelBasis::Dates, LevelBasis::Dates, LevelBasis::Nominal]),
        ..Terms::new(principal(dice), rate(dice), start(dice), periods)
    }
}

fn start(dice: &mut Dice) -> Date {
    let year = if dice.once_in(4) { dice.between(1900, 2140) } else { dice.between(2015, 2035) };
    let january = Day::ymd(year, 1, 1);
    let day = match dice.between(0, 4) {
        // The ends of months, and of years.
        0 => january.plus_months(dice.between(0, 11), MonthEnd::Clamp).plus(dice.between(-3, 0)),
        1 => january.plus(dice.between(-2, 1)),
        _ => january.plus(dice.between(0, 364)),
    };
    day.max(Day::ymd(1900, 1, 1)).date()
}

pub(super) fn principal(dice: &mut Dice) -> Money {
    let fen_of = match dice.between(0, 19) {
        0 => dice.between(1, 200),
        1..=4 => dice.between(100, 99_999),
        5..=14 => dice.between(1, 5000) * 10_000,
        15..=18 => dice.between(1_000_000, 999_999_999),
        _ => dice.between(1_000_000_000, 900_000_000_000),
    };
    fen(fen_of)
}

pub(super) fn rate(dice: &mut Dice) -> Percent {
    let text = match dice.between(0, 29) {
        0 | 1 => "0".to_owned(),
        2..=12 => dice.between(1, 36).to_string(),
        13..=20 => format!("{}.{:04}", dice.between(0, 35), dice.between(0, 9999)),
        21..=27 => format!("{}.{:08}", dice.between(0, 35), dice.between(0, 99_999_999)),
        28 => dice.between(36, 400).to_string(),
        _ => dice.between(400, 10_000).to_string(),
    };
    Percent::parse(&text).unwrap()
}

fn rounding(dice: &mut Dice) -> Rounding {
    let round = |dice: &mut Dice, steps: &[i64]| {
        let step = if dice.once_in(3) { dice.pick(steps) } else { 1 };
        Round::new(dice.pick(&MODES), step).unwrap()
    };
    Rounding {
        interest: round(dice, &[1, 1, 5, 10, 100]),
        instalment: round(dice, &[5, 10, 100, 100, 1000, 10_000]),
        interest_per: dice.pick(&[Per::Row, Per::Row, Per::Stretch]),
        absorb: dice.pick(&[Absorb::Last, Absorb::Last, Absorb::First, Absorb::Smooth]),
    }
}

fn first_due(dice: &mut Dice, terms: &Terms) -> Date {
    let start = Day::of(terms.start);
    let regular = start.plus_periods(1, terms.frequency, terms.month_end);
    let longest = start.until(regular) * 5 / 2 + 2;
    let day = start.plus(dice.between(1, longest));
    let (year, month, _) = day.parts();
    let end = Day::ymd(year, month, 1).plus_months(1, MonthEnd::Clamp).plus(-1);
    match dice.between(0, 5) {
        0 => regular.date(),
        1 => end.date(),
        _ => day.date(),
    }
}

fn instalment(dice: &mut Dice, terms: &mut Terms) {
    let principal = terms.advances[0].1.fen();
    let periods = i64::from(terms.periods.unwrap());
    let part = (principal / periods).max(1);
    terms.instalment = Some(fen((part * dice.between(40, 300) / 100).clamp(1, 1_000_000_000)));
    if dice.once_in(2) {
        terms.periods = None;
    }
}

fn grace(dice: &mut Dice, terms: &mut Terms) {
    let (_, count) = oracle::often(terms);
    let most = count.min(terms.periods.unwrap_or(12)) - 1;
    let amortises = !matches!(terms.method, Method::OneOff | Method::InterestOnly);
    if amortises && dice.once_in(4) {
        terms.grace.principal = dice.count(0, most);
    }
    terms.grace = Grace {
        interest_rule: dice.pick(&[InterestGrace::Listed, InterestGrace::Deferred]),
        free_rule: dice.pick(&[InterestFree::Waive, InterestFree::Defer]),
        ..terms.grace
    };
    match dice.between(0, 7) {
        0 => terms.grace.interest = dice.count(0, most),
        1 => {
            let whole = u32::from(terms.grace.free_rule == InterestFree::Waive);
            terms.grace.free = dice.count(0, most + whole);
        }
        _ => {}
    }
    if terms.method == Method::OneOff && terms.grace.free > 0 {
        // All of its periods, which are one.
        terms.grace.free = terms.periods.unwrap_or(1);
    }
}

/// The days of the schedule.
struct Days {
    start: Day,
    due: Vec<Day>,
}

impl Days {
    fn of(terms: &Terms) -> Self {
        let (often, count) = oracle::often(terms);
        // Of a loan without a count, the first hundred.
        let periods = oracle::periods(terms, often, count.min(400));
        let due = periods.into_iter().map(|(_, due)| due).collect();
        Self { start: Day::of(terms.start), due }
    }

    fn last(&self) -> Day {
        self.due.last().copied().unwrap_or(self.start)
    }

    /// Any day between two, the end not included; due dates and days next to them are likely.
    fn any(&self, dice: &mut Dice, from: Day, to: Day) -> Day {
        let day = match dice.between(0, 2) {
            0 if !self.due.is_empty() => dice.pick(&self.due).plus(dice.between(-1, 1)),
            _ => from.plus(dice.between(0, from.until(to).max(1) - 1)),
        };
        day.clamp(from, to.plus(-1).max(from))
    }
}

fn advances(dice: &mut Dice, terms: &mut Terms, days: &Days) {
    let Some(first_due) = days.due.first().copied() else { return };
    if dice.once_in(5) {
        terms.advances[0].0 = days.any(dice, days.start, first_due).date();
    }
    let is_drawn = terms.method != Method::Flat;
    if is_drawn && terms.instalment.is_none() && dice.once_in(4) {
        let first = Day::of(terms.advances[0].0);
        for _ in 0..dice.between(1, 3) {
            let amount = fen(principal(dice).fen() % 50_000_000 + 1);
            terms.advances.push((days.any(dice, first, days.last()).date(), amount));
        }
    }
}

fn rate_changes(dice: &mut Dice, terms: &mut Terms, days: &Days) {
    for _ in 0..dice.between(1, 4) {
        let day = days.any(dice, days.start.plus(1), days.last().plus(60)).date();
        let is_taken = terms.rate_changes.iter().any(|(taken, _)| *taken == day);
        if !is_taken && (1900..=2200).contains(&day.year()) {
            let same = dice.once_in(5);
            let rate = if same { terms.rate } else { rate(dice) };
            terms.rate_changes.push((day, rate));
        }
    }
}

/// An amount or a share of the loan, up to so many percent.
fn size(dice: &mut Dice, terms: &Terms, most: i64) -> Size {
    if dice.once_in(2) {
        let share = format!("{}.{:02}", dice.between(0, most - 1), dice.between(0, 99));
        Size::Share(Percent::parse(&share).unwrap())
    } else {
        let principal = terms.advances[0].1.fen();
        Size::Amount(fen(principal * dice.between(0, most) / 100))
    }
}

fn fee(dice: &mut Dice, terms: &Terms, days: &Days, number: i64) -> Fee {
    let on = days.any(dice, days.start, days.last().plus(1)).date();
    let time = dice.pick(&[
        FeeTime::KeptBack,
        FeeTime::Added,
        FeeTime::EachPeriod,
        FeeTime::EachPeriod,
        FeeTime::On(on),
    ]);
    let base = match time {
        FeeTime::Added => dice.pick(&BASES[..2]),
        FeeTime::KeptBack => dice.pick(&BASES[..4]),
        FeeTime::EachPeriod | FeeTime::On(_) => dice.pick(&BASES),
    };
    Fee { name: format!("fee {number}"), time, size: size(dice, terms, 8), base }
}
