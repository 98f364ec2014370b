//! Random terms, rules and events for the tests of running loans.
#![expect(clippy::arithmetic_side_effects, reason = "small figures in tests")]

use kernel::{Date, Money};
use proptest::prelude::*;

use super::*;
use crate::Percent;
use crate::calendar::{Frequency, MonthEnd};
use crate::daycount::DayCount;
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::rounding::{Absorb, Mode, Per, Round, Rounding};
use crate::terms::{Grace, InterestFree, InterestGrace, LevelBasis, Method, Size, Terms};

/// Numbers that decide, one after the other; zeros give the plainest case.
pub(super) struct Dice(Vec<u32>);

impl Dice {
    pub(super) fn below(&mut self, sides: u32) -> u32 {
        self.0.pop().unwrap_or(0) % sides
    }

    /// One time in so many.
    pub(super) fn once_in(&mut self, sides: u32) -> bool {
        self.below(sides) == sides - 1
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let place = self.below(u32::try_from(from.len()).unwrap());
        from[usize::try_from(place).unwrap()]
    }

    fn money(&mut self, most_fen: u32) -> Money {
        Money::from_fen(i64::from(self.below(most_fen)) + 1).unwrap()
    }

    /// Up to so many percent, in hundredths.
    fn percent(&mut self, most: u32) -> Percent {
        let hundredths = self.below(most * 100 + 1);
        Percent::parse(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).unwrap()
    }

    fn days_after(&mut self, day: Date, most: u32) -> Date {
        day.plus_days(self.below(most)).unwrap()
    }
}

pub(super) fn dice() -> impl Strategy<Value = Thrown> {
    proptest::collection::vec(any::<u32>(), 260).prop_map(Thrown)
}

/// Dice that have not been thrown, to be shown when a property fails.
#[derive(Clone)]
pub(super) struct Thrown(Vec<u32>);

impl std::fmt::Debug for Thrown {
    /// Hundreds of numbers say nothing; the terms and rules beside them do.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Thrown")
    }
}

impl Thrown {
    pub(super) fn throw(&self) -> Dice {
        Dice(self.0.clone())
    }
}

pub(super) fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(super) fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

/// Terms of all kinds, not all of which can be priced.
pub(super) fn terms(dice: &mut Dice) -> Terms {
    let methods = [
        Method::EqualInstalment,
        Method::EqualPrincipal,
        Method::InterestOnly,
        Method::OneOff,
        Method::Flat,
    ];
    let periods = 1 + dice.below(14);
    let start = dice.days_after(date("2019-11-20"), 800);
    let mut terms = Terms::new(dice.money(20_000_000), dice.percent(60), start, periods);
    terms.method = dice.pick(&methods);
    terms.frequency = match dice.below(6) {
        0..4 => Frequency::Months(1 + dice.below(3)),
        4 => Frequency::Weeks(1 + dice.below(3)),
        _ => Frequency::Days(1 + dice.below(40)),
    };
    terms.month_end = dice.pick(&[MonthEnd::Clamp, MonthEnd::Roll]);
    terms.day_count = dice.pick(&[
        DayCount::Thirty360,
        DayCount::Act365,
        DayCount::Act360,
        DayCount::Act364,
        DayCount::ThirtyE360,
        DayCount::ActAct,
        DayCount::ActActIsda,
    ]);
    if dice.once_in(4) {
        terms.first_due = Some(dice.days_after(start.plus_days(1).unwrap(), 70));
    }
    if dice.once_in(5) {
        terms.level_basis = LevelBasis::Nominal;
    }
    let modes = [Mode::HalfUp, Mode::HalfEven, Mode::Up, Mode::Down];
    if dice.once_in(3) {
        let absorb = dice.pick(&[Absorb::Last, Absorb::Smooth, Absorb::First]);
        let interest = Round::new(dice.pick(&modes), dice.pick(&[1, 1, 10])).unwrap();
        let instalment = Round::new(dice.pick(&modes), dice.pick(&[1, 10, 100])).unwrap();
        let interest_per = dice.pick(&[Per::Row, Per::Stretch]);
        terms.rounding = Rounding { interest, interest_per, instalment, absorb };
    }
    if dice.once_in(4) {
        terms.grace.principal = dice.below(periods);
    }
    grace(dice, &mut terms.grace, periods);
    let span = start.days_until(start.plus_months(12).unwrap()).unsigned_abs();
    for _ in 0..dice.below(6).saturating_sub(3) {
        let day = dice.days_after(start.plus_days(1).unwrap(), span);
        terms.rate_changes.push((day, dice.percent(40)));
    }
    for _ in 0..dice.below(8).saturating_sub(5) {
        let day = dice.days_after(start, span / 2);
        terms.advances.push((day, dice.money(5_000_000)));
    }
    if dice.once_in(8) {
        terms.advances[0].0 = dice.days_after(start, 20);
    }
    if dice.once_in(10) {
        terms.down_payment = Some(Size::Share(dice.percent(50)));
    }
    for _ in 0..dice.below(7).saturating_sub(4) {
        terms.fees.push(fee(dice, start));
    }
    terms
}

fn grace(dice: &mut Dice, grace: &mut Grace, periods: u32) {
    match dice.below(8) {
        6 => {
            grace.interest = dice.below(periods);
            grace.interest_rule = dice.pick(&[InterestGrace::Listed, InterestGrace::Deferred]);
        }
        7 => {
            grace.free = dice.below(periods);
            grace.free_rule = dice.pick(&[InterestFree::Waive, InterestFree::Defer]);
        }
        _ => {}
    }
}

fn fee(dice: &mut Dice, start: Date) -> Fee {
    let on = FeeTime::On(dice.days_after(start, 200));
    let bases = [
        FeeBase::Loan,
        FeeBase::Principal,
        FeeBase::Interest,
        FeeBase::PrincipalAndInterest,
        FeeBase::Outstanding,
    ];
    Fee {
        name: "service".into(),
        time: dice.pick(&[FeeTime::EachPeriod, on, FeeTime::KeptBack, FeeTime::Added]),
        size: if dice.once_in(2) {
            Size::Share(dice.percent(3))
        } else {
            Size::Amount(dice.money(5000))
        },
        base: dice.pick(&bases),
    }
}

pub(super) fn rules(dice: &mut Dice) -> Rules {
    let parts = [Part::Penalty, Part::Fee, Part::Interest, Part::Principal];
    let order = |dice: &mut Dice| {
        let mut order = parts;
        order.rotate_left(usize::try_from(dice.below(4)).unwrap());
        if dice.once_in(2) {
            order.swap(0, 1);
        }
        order
    };
    Rules {
        allocation: Allocation {
            due: order(dice),
            in_advance: order(dice),
            across: dice.pick(&[Across::Instalments, Across::Parts]),
            sequence: dice.pick(&[Sequence::OldestFirst, Sequence::NewestFirst]),
        },
        recalculation: dice.pick(&[Recalculation::Daily, Recalculation::None]),
        prepayment: dice.pick(&[
            Prepayment::NextInstalments,
            Prepayment::SmallerInstalments,
            Prepayment::FewerPeriods,
        ]),
        settlement: Settlement {
            interest: dice.pick(&[SettlementInterest::ToDay, SettlementInterest::ToPeriodEnd]),
            fee: dice.once_in(3).then(|| dice.percent(5)),
        },
        penalty: dice.once_in(2).then(|| penalty(dice)),
    }
}

pub(super) fn penalty(dice: &mut Dice) -> Penalty {
    let time = dice.pick(&[PenaltyTime::Daily, PenaltyTime::Daily, PenaltyTime::Once]);
    let is_daily = time == PenaltyTime::Daily;
    let compounds = dice.once_in(6) && is_daily;
    // A hundredth a day, compounded for three years, is no amount of money any more.
    let rate = dice.percent(1);
    Penalty {
        rate: if compounds { Percent::parse("0.1").unwrap().min(rate) } else { rate },
        base: dice.pick(&[
            PenaltyBase::OverduePrincipal,
            PenaltyBase::OverduePrincipalAndInterest,
            PenaltyBase::OverdueAmount,
            PenaltyBase::Outstanding,
        ]),
        time,
        grace_days: dice.below(20).saturating_sub(10),
        grace_count: dice.pick(&[GraceCount::FromDue, GraceCount::FromGraceEnd]),
        cap_days: (dice.once_in(4) && is_daily).then(|| dice.below(60)),
        cap_amount: dice.once_in(4).then(|| dice.money(10_000)),
        cap_rate: (dice.once_in(4) && is_daily).then(|| dice.percent(40)),
        compounds,
    }
}

/// Terms that can be priced; by days too, where the rules ask for it.
pub(super) fn loan() -> impl Strategy<Value = (CheckedTerms, Rules, Thrown)> {
    dice().prop_filter_map("cannot be priced", |thrown| {
        let mut dice = thrown.throw();
        let (rules, mut terms) = (rules(&mut dice), terms(&mut dice));
        if terms.advances.len() > 1 && terms.down_payment.is_some() {
            terms.down_payment = None;
        }
        let checked = terms.check().ok()?;
        checked.standing(&rules, &[], checked.terms.start).ok()?;
        Some((checked, rules, Thrown(dice.0)))
    })
}

/// A day of the loan, or of the time after it.
pub(super) fn day_of(dice: &mut Dice, checked: &CheckedTerms) -> Date {
    let start = checked.terms.start;
    let last = checked.schedule().unwrap().rows.last().unwrap().due;
    let span = start.days_until(last).unsigned_abs();
    if dice.once_in(3) {
        // Due dates are where most can go wrong.
        let rows = checked.schedule().unwrap().rows;
        let place = dice.below(u32::try_from(rows.len()).unwrap());
        return rows[usize::try_from(place).unwrap()].due;
    }
    dice.days_after(start, span + span / 3 + 40)
}

/// Events of all kinds, up to so many.
pub(super) fn events(dice: &mut Dice, checked: &CheckedTerms, most: u32) -> Vec<Event> {
    let rows = u32::try_from(checked.periods.len()).unwrap_or(1).max(1);
    let share = u32::try_from(checked.whole.fen()).unwrap_or(u32::MAX / 4) / rows;
    let mut events = Vec::new();
    for _ in 0..dice.below(most + 1) {
        let on = day_of(dice, checked);
        let what = match dice.below(10) {
            0..7 => What::Paid(dice.money(share.saturating_mul(2) + 2)),
            7 => What::Settled(dice.money(share.saturating_mul(rows) + 2)),
            8 => What::Fee(dice.money(3000)),
            _ => What::Penalty(dice.money(3000)),
        };
        events.push(Event { on, what });
    }
    events
}

/// The events that move money.
pub(super) fn is_payment(event: &Event) -> bool {
    matches!(event.what, What::Paid(_) | What::Settled(_))
}

/// Payments of the schedule, row by row and fee by fee, on their days.
pub(super) fn on_time(checked: &CheckedTerms) -> Vec<Event> {
    let flows = checked.schedule().unwrap().flows().unwrap();
    let fees = checked.schedule().unwrap().fees;
    let rows = checked.schedule().unwrap().rows;
    let days: std::collections::BTreeSet<Date> = flows.iter().map(|(date, _)| *date).collect();
    let mut events = Vec::new();
    for day in days {
        let due = rows.iter().filter(|row| row.due == day);
        let due: i64 = due.map(|row| row.principal.fen() + row.interest.fen()).sum();
        let fees = fees.iter().filter(|fee| fee.on == day && !fee.is_upfront());
        let amount = due + fees.map(|fee| fee.amount.fen()).sum::<i64>();
        events.push(Event { on: day, what: What::Paid(fen(amount)) });
    }
    events
}
