//! Garbage within the types: an error that names a field, or a schedule that adds up; never a
//! panic, never a long wait.

use std::time::{Duration, Instant};

use kernel::{Date, Money};
use proptest::prelude::*;

use super::super::draw::{self, Dice, fen};
use crate::calendar::{Frequency, MAX_PERIODS};
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::rounding::{Absorb, Mode, Round};
use crate::terms::{Grace, MAX_ENTRIES, Method, Size, Terms};
use crate::{Percent, Problem};

/// Longer than any terms take in an unoptimised build on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

fn date(dice: &mut Dice) -> Date {
    let year = match dice.between(0, 9) {
        0 => dice.between(-9998, 9998),
        1 => dice.pick(&[1899, 1900, 2200, 2201]),
        _ => dice.between(1890, 2210),
    };
    let day = dice.between(1, 31).try_into().unwrap();
    let (year, month) = (year.try_into().unwrap(), dice.between(1, 12).try_into().unwrap());
    Date::from_ymd(year, month, day).unwrap_or(Date::from_ymd(year, month, 28).unwrap())
}

fn count(dice: &mut Dice) -> u32 {
    match dice.between(0, 9) {
        0 => dice.pick(&[0, 1, MAX_PERIODS, MAX_PERIODS + 1, 100_000, u32::MAX]),
        1 => dice.count(0, MAX_PERIODS),
        _ => dice.count(0, 50),
    }
}

fn amount(dice: &mut Dice) -> Money {
    match dice.between(0, 4) {
        0 => dice.pick(&[Money::ZERO, fen(1), Money::MAX]),
        _ => draw::principal(dice),
    }
}

fn rate(dice: &mut Dice) -> Percent {
    if dice.once_in(6) { Percent::MAX } else { draw::rate(dice) }
}

fn size(dice: &mut Dice) -> Size {
    if dice.once_in(2) { Size::Share(rate(dice)) } else { Size::Amount(amount(dice)) }
}

fn fee(dice: &mut Dice) -> Fee {
    let on = FeeTime::On(date(dice));
    let time = dice.pick(&[FeeTime::KeptBack, FeeTime::Added, FeeTime::EachPeriod, on]);
    let base = dice.pick(&[FeeBase::Loan, FeeBase::Interest, FeeBase::Outstanding]);
    let name = "费".repeat(usize::try_from(dice.between(0, 120)).unwrap());
    Fee { name, time, size: size(dice), base }
}

fn garbage(dice: &mut Dice) -> Terms {
    let mut terms = draw::terms(dice);
    let often = [Frequency::Days, Frequency::Weeks, Frequency::Months];
    for _ in 0..dice.between(1, 5) {
        match dice.between(0, 14) {
            0 => terms.start = date(dice),
            1 => terms.first_due = Some(date(dice)),
            2 => terms.periods = Some(count(dice)),
            3 => terms.frequency = dice.pick(&often)(count(dice)),
            4 => terms.advances[0] = (date(dice), amount(dice)),
            5 => terms.advances.push((date(dice), amount(dice))),
            6 => terms.rate = rate(dice),
            7 => terms.rate_changes.push((date(dice), rate(dice))),
            8 => terms.grace = Grace { principal: count(dice), ..terms.grace },
            9 => terms.grace = Grace { interest: count(dice), free: count(dice), ..terms.grace },
            10 => terms.instalment = Some(amount(dice)),
            11 => terms.down_payment = Some(size(dice)),
            12 => terms.fees.push(fee(dice)),
            13 => terms.method = dice.pick(&draw::METHODS),
            _ => terms.periods = None,
        }
    }
    terms
}

/// Terms are priced or refused, soon; whose schedule adds up.
fn outcome(terms: Terms) -> Result<usize, Problem> {
    let begun = Instant::now();
    let priced = terms.check().and_then(|checked| Ok((checked.principal(), checked.explained()?)));
    assert!(begun.elapsed() < PATIENCE, "took {:?}", begun.elapsed());
    let (principal, (schedule, _)) = priced?;
    assert_eq!(schedule.principal, principal);
    assert_eq!(schedule.rows.last().map(|row| row.balance), Some(Money::ZERO));
    assert!(schedule.flows().is_ok());
    Ok(schedule.rows.len())
}

fn is_named(problem: &Problem) -> bool {
    const FIELDS: [&str; 14] = [
        "start",
        "first",
        "disbursements",
        "principal",
        "n",
        "freq",
        "rate_changes",
        "rounding",
        "grace_principal",
        "grace_interest",
        "interest_free",
        "instalment",
        "down_payment",
        "fees",
    ];
    let name = problem.field.split('[').next().unwrap_or_default();
    FIELDS.contains(&name) && !problem.en().is_empty() && !problem.zh().is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_is_priced_or_refused_by_name(seed: u64) {
        if let Err(problem) = outcome(garbage(&mut Dice::new(seed))) {
            prop_assert!(is_named(&problem), "{problem}");
        }
    }
}

/// As many rows, disbursements and rate changes as there may be, each of which moves the level.
#[test]
fn the_largest_terms_take_bounded_time() {
    let start = Date::from_ymd(1950, 1, 31).unwrap();
    // Smoothing looks ahead up to four times for each level: a few are enough here.
    for (absorb, entries) in [(Absorb::Last, MAX_ENTRIES), (Absorb::Smooth, MAX_ENTRIES / 20)] {
        let mut terms = Terms::new(fen(1_000_000), Percent::MAX, start, MAX_PERIODS);
        terms.frequency = Frequency::Days(1);
        terms.rounding.absorb = absorb;
        for number in 1..u32::try_from(entries).unwrap() {
            let rate = Percent::parse(&(number % 12).to_string()).unwrap();
            terms.rate_changes.push((start.plus_days(number * 9).unwrap(), rate));
            terms.advances.push((start.plus_days(number * 9 + 4).unwrap(), fen(1000)));
        }
        assert!(outcome(terms).is_ok_and(|rows| rows > 3000), "{absorb:?}");
    }
}

/// Interest that no instalment covers for hundreds of rows.
#[test]
fn instalments_below_the_interest_take_bounded_time() {
    let start = Date::from_ymd(1950, 1, 31).unwrap();
    let mut terms = Terms::new(fen(100_000), Percent::MAX, start, MAX_PERIODS);
    terms.frequency = Frequency::Days(1);
    terms.rounding.interest = Round::new(Mode::Up, 1).unwrap();
    terms.rounding.instalment = Round::new(Mode::Down, 1).unwrap();
    for absorb in [Absorb::Last, Absorb::First, Absorb::Smooth] {
        terms.rounding.absorb = absorb;
        assert!(outcome(terms.clone()).is_ok(), "{absorb:?}");
    }
    terms.method = Method::OneOff;
    assert!(outcome(terms).is_ok());
}
