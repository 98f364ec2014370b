//! What holds for all running loans, and that no story does harm.
#![expect(clippy::arithmetic_side_effects, reason = "small figures in tests")]

use kernel::{Date, Money};
use proptest::prelude::*;

use super::cases::*;
use super::*;
use crate::Percent;
use crate::rounding::{Absorb, Rounding};
use crate::terms::{LevelBasis, Method, Terms};

fn outstanding(standing: &Standing) -> i64 {
    standing.rows.iter().map(|row| row.outstanding.fen()).sum()
}

fn interest(standing: &Standing) -> i64 {
    standing.rows.iter().map(|row| row.row.interest.fen()).sum()
}

fn parts(applied: &Applied) -> i64 {
    [applied.principal, applied.interest, applied.fees, applied.penalties]
        .map(Money::fen)
        .iter()
        .sum()
}

/// Events on days of their own: the order in which they are told cannot matter.
fn one_a_day(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.on);
    events.dedup_by_key(|event| event.on);
    events
}

/// A loan by days to the fen, without fees and penalties: what early and late payments do to its
/// interest can be foreseen.
fn plain(checked: &CheckedTerms, rules: &Rules) -> Option<(CheckedTerms, Rules)> {
    let mut terms =
        Terms { fees: Vec::new(), level_basis: LevelBasis::Dates, ..checked.terms.clone() };
    terms.rounding = Rounding::default();
    terms.down_payment = None;
    if terms.method == Method::Flat {
        terms.method = Method::EqualInstalment;
    }
    let recalculation = Recalculation::Daily;
    let settlement = Settlement::default();
    let rules = Rules { recalculation, settlement, penalty: None, ..*rules };
    let checked = terms.check().ok()?;
    checked.standing(&rules, &[], checked.terms.start).ok()?;
    Some((checked, rules))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn payments_are_spread_without_loss((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let (on, events) = (day_of(&mut dice, &checked), events(&mut dice, &checked, 12));
        let standing = checked.standing(&rules, &events, on).unwrap();
        let mut excess = 0;
        for applied in &standing.payments {
            prop_assert_eq!(parts(applied) + applied.excess.fen(), applied.amount.fen());
            excess += applied.excess.fen();
        }
        prop_assert_eq!(excess, standing.excess.fen());
        let made = events.iter().filter(|event| is_payment(event) && event.on <= on).count();
        prop_assert_eq!(standing.payments.len(), made);
        let used: i64 = standing.payments.iter().map(parts).sum();
        let paid: i64 = standing.rows.iter().map(|row| row.paid.fen()).sum();
        prop_assert_eq!(used, paid);
        for row in &standing.rows {
            let whole = [row.row.principal, row.row.interest, row.row.fees, row.penalties];
            let whole: i64 = whole.map(Money::fen).iter().sum();
            prop_assert_eq!(row.paid.fen() + row.outstanding.fen(), whole);
        }
        prop_assert!(standing.overdue <= standing.due);
        prop_assert!(standing.due.fen() <= outstanding(&standing));
    }

    #[test]
    fn principal_outstanding_is_what_was_disbursed_less_what_was_repaid(
        (checked, rules, thrown) in loan()
    ) {
        let mut dice = thrown.throw();
        let (on, mut events) = (day_of(&mut dice, &checked), events(&mut dice, &checked, 12));
        events.retain(|event| !matches!(event.what, What::Settled(_)));
        let standing = checked.standing(&rules, &events, on).unwrap();
        let advances = checked.terms.advances.iter().filter(|(date, _)| *date <= on);
        let advanced: i64 = advances.map(|(_, amount)| amount.fen()).sum();
        let repaid: i64 = standing.payments.iter().map(|applied| applied.principal.fen()).sum();
        prop_assert_eq!(standing.settlement.principal.fen(), advanced - repaid);
    }

    #[test]
    fn nothing_is_credit_while_something_is_due((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let mut events = events(&mut dice, &checked, 8);
        events.retain(|event| event.on < on || !is_payment(event));
        let before = checked.standing(&rules, &events, on).unwrap().excess;
        events.push(Event { on, what: What::Paid(fen(i64::from(dice.below(9_000_000)))) });
        let after = checked.standing(&rules, &events, on).unwrap();
        if after.excess > before {
            prop_assert_eq!(after.due, Money::ZERO);
        }
    }

    #[test]
    fn events_of_different_days_are_told_in_any_order((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let mut events = one_a_day(events(&mut dice, &checked, 12));
        let in_order = checked.standing(&rules, &events, on).unwrap();
        for place in (1..events.len()).rev() {
            let other = dice.below(u32::try_from(place + 1).unwrap());
            events.swap(place, usize::try_from(other).unwrap());
        }
        prop_assert_eq!(checked.standing(&rules, &events, on).unwrap(), in_order);
    }

    #[test]
    fn what_is_told_late_counts_from_its_day((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let events = one_a_day(events(&mut dice, &checked, 10));
        for place in 0..events.len() {
            // Known from the beginning, or told after all the others.
            let mut late = events.clone();
            let told = late.remove(place);
            late.push(told);
            prop_assert_eq!(
                checked.standing(&rules, &late, on).unwrap(),
                checked.standing(&rules, &events, on).unwrap()
            );
        }
    }

    #[test]
    fn later_payments_change_nothing((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let (on, events) = (day_of(&mut dice, &checked), events(&mut dice, &checked, 12));
        let known: Vec<_> =
            events.iter().copied().filter(|event| event.on <= on || !is_payment(event)).collect();
        prop_assert_eq!(
            checked.standing(&rules, &events, on).unwrap(),
            checked.standing(&rules, &known, on).unwrap()
        );
    }

    #[test]
    fn history_is_not_rewritten_as_time_goes_by((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let (one, other) = (day_of(&mut dice, &checked), day_of(&mut dice, &checked));
        let events = events(&mut dice, &checked, 12);
        let then = checked.standing(&rules, &events, one.min(other)).unwrap();
        let now = checked.standing(&rules, &events, one.max(other)).unwrap();
        prop_assert_eq!(&then.payments[..], &now.payments[..then.payments.len()]);
    }

    #[test]
    fn payments_of_nothing_change_nothing((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let (on, mut events) = (day_of(&mut dice, &checked), events(&mut dice, &checked, 10));
        // A cap of all penalties is used up in the order in which rows are charged, so when they
        // are looked at may move a fen from one row to another. And a legal line is kept over all
        // days up to the one that is looked at: what it left room for by then is not taken back
        // when dearer days follow.
        let penalty = rules.penalty.map(|penalty| Penalty {
            cap_amount: None,
            cap_rate: None,
            ..penalty
        });
        let rules = Rules { penalty, ..rules };
        let before = checked.standing(&rules, &events, on).unwrap();
        events.push(Event { on: day_of(&mut dice, &checked), what: What::Paid(Money::ZERO) });
        let mut after = checked.standing(&rules, &events, on).unwrap();
        after.payments.clone_from(&before.payments);
        prop_assert_eq!(after, before);
    }

    #[test]
    fn whoever_pays_on_time_has_the_schedule_that_was_agreed((checked, rules, _) in loan()) {
        let schedule = checked.schedule().unwrap();
        let events = on_time(&checked);
        let last = schedule.rows.last().unwrap().due;
        let standing = checked.standing(&rules, &events, last).unwrap();
        let rows: Vec<_> = standing.rows.iter().map(|row| row.row.clone()).collect();
        prop_assert_eq!(rows, schedule.rows);
        prop_assert_eq!(outstanding(&standing), 0);
        prop_assert_eq!(standing.excess, Money::ZERO);
        prop_assert_eq!(standing.rows.last().unwrap().row.balance, Money::ZERO);
    }

    #[test]
    fn before_anything_happens_the_schedule_is_as_agreed((checked, rules, _) in loan()) {
        let standing = checked.standing(&rules, &[], checked.terms.start).unwrap();
        let rows: Vec<_> = standing.rows.iter().map(|row| row.row.clone()).collect();
        prop_assert_eq!(rows, checked.schedule().unwrap().rows);
    }

    #[test]
    fn paying_the_quote_settles((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let mut events = events(&mut dice, &checked, 6);
        events.retain(|event| event.on <= on);
        let before = checked.standing(&rules, &events, on).unwrap();
        if checked.terms.advances[0].0 <= on {
            events.push(Event { on, what: What::Settled(before.settlement.total) });
            for later in [on, on.plus_days(dice.below(300)).unwrap()] {
                let after = checked.standing(&rules, &events, later).unwrap();
                prop_assert_eq!(outstanding(&after), 0);
                prop_assert_eq!(after.settlement.total, Money::ZERO);
                prop_assert_eq!(after.excess, before.excess);
                prop_assert_eq!((after.due, after.overdue), (Money::ZERO, Money::ZERO));
                prop_assert!(after.rows.iter().all(|row| row.overdue_days == 0));
            }
            let after = checked.standing(&rules, &events, on).unwrap();
            let used = after.payments.last().unwrap();
            let quote = before.settlement;
            prop_assert_eq!(
                [used.principal, used.interest, used.fees, used.penalties],
                [quote.principal, quote.interest, quote.fees, quote.penalties]
            );
        }
    }

    #[test]
    fn a_fen_less_than_the_quote_does_not_settle((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let mut events = events(&mut dice, &checked, 6);
        events.retain(|event| event.on <= on);
        let before = checked.standing(&rules, &events, on).unwrap();
        let total = before.settlement.total.fen();
        // Where interest stands as scheduled, all instalments in advance may cost less than a
        // settlement with its fee.
        let is_daily = rules.recalculation == Recalculation::Daily;
        if total > 0 && (is_daily || rules.settlement.fee.is_none()) {
            events.push(Event { on, what: What::Settled(fen(total - 1)) });
            let after = checked.standing(&rules, &events, on).unwrap();
            prop_assert!(outstanding(&after) > 0);
        }
    }

    #[test]
    fn settling_later_never_costs_less((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let (one, other) = (day_of(&mut dice, &checked), day_of(&mut dice, &checked));
        let rules = Rules { penalty: None, ..rules };
        let cost = |on: Date| {
            let quote = checked.standing(&rules, &[], on).unwrap().settlement;
            quote.principal.fen() + quote.interest.fen()
        };
        prop_assert!(cost(one.min(other)) <= cost(one.max(other)));
    }

    #[test]
    fn a_payment_takes_itself_off_the_quote((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let recalculation = Recalculation::Daily;
        let rules = Rules { recalculation, settlement: Settlement::default(), ..rules };
        let mut events = events(&mut dice, &checked, 6);
        events.retain(|event| event.on <= on);
        if let Ok(before) = checked.standing(&rules, &events, on) {
            let amount = fen(i64::from(dice.below(30_000_000)));
            events.push(Event { on, what: What::Paid(amount) });
            let after = checked.standing(&rules, &events, on).unwrap();
            let used = amount.minus(after.payments.last().unwrap().excess).unwrap();
            prop_assert_eq!(before.settlement.total.minus(used), Some(after.settlement.total));
        }
    }

    #[test]
    fn more_paid_is_never_more_owed((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        if let Some((checked, rules)) = plain(&checked, &rules) {
            // As scheduled, an instalment in advance may carry interest of money that is to come.
            let is_daily = checked.terms.advances.len() > 1 || dice.once_in(2);
            let recalculation =
                if is_daily { Recalculation::Daily } else { Recalculation::None };
            let rules = Rules { recalculation, ..rules };
            let on = day_of(&mut dice, &checked);
            let mut events = events(&mut dice, &checked, 8);
            events.retain(|event| matches!(event.what, What::Paid(_)));
            let before = checked.standing(&rules, &events, on).unwrap().settlement.total.fen();
            let day = day_of(&mut dice, &checked);
            events.push(Event { on: day, what: What::Paid(fen(i64::from(dice.below(5_000_000)))) });
            let after = checked.standing(&rules, &events, on).unwrap().settlement.total.fen();
            // Each row and each payment may round its stretch of interest up.
            let slack = i64::try_from(2 * (checked.periods.len() + events.len() + 4)).unwrap();
            prop_assert!(after <= before + slack, "{before} {after}");
        }
    }

    #[test]
    fn early_payments_never_raise_the_interest((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        if let Some((checked, rules)) = plain(&checked, &rules) {
            let on = day_of(&mut dice, &checked);
            let mut events = on_time(&checked);
            let agreed = checked.schedule().unwrap().interest.fen();
            events.retain(|event| event.on <= on);
            events.push(Event { on, what: What::Paid(fen(i64::from(dice.below(9_000_000)))) });
            let standing = checked.standing(&rules, &events, on).unwrap();
            let slack = i64::try_from(2 * checked.periods.len() + 8).unwrap();
            prop_assert!(interest(&standing) <= agreed + slack);
        }
    }

    #[test]
    fn late_payments_never_lower_the_interest((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        if let Some((checked, rules)) = plain(&checked, &rules) {
            let mut events = on_time(&checked);
            let agreed = checked.schedule().unwrap().interest.fen();
            for event in &mut events {
                event.on = event.on.plus_days(dice.below(50)).unwrap();
            }
            let on = day_of(&mut dice, &checked);
            let standing = checked.standing(&rules, &events, on).unwrap();
            let slack = i64::try_from(2 * checked.periods.len() + 8).unwrap();
            prop_assert!(interest(&standing) >= agreed - slack);
        }
    }

    #[test]
    fn every_strategy_repays_what_was_disbursed((checked, rules, thrown) in loan()) {
        let mut dice = thrown.throw();
        let on = day_of(&mut dice, &checked);
        let mut events = events(&mut dice, &checked, 6);
        events.retain(|event| !matches!(event.what, What::Settled(_)));
        let standing = checked.standing(&rules, &events, on).unwrap();
        let principal: i64 = standing.rows.iter().map(|row| row.row.principal.fen()).sum();
        prop_assert_eq!(principal, checked.whole.fen());
        prop_assert_eq!(standing.rows.last().unwrap().row.balance, Money::ZERO);
    }

    #[test]
    fn fewer_periods_are_never_more_and_smaller_instalments_never_larger(
        (checked, rules, thrown) in loan()
    ) {
        let mut dice = thrown.throw();
        let terms = Terms {
            advances: vec![checked.terms.advances[0]],
            rate_changes: Vec::new(),
            method: dice.pick(&[Method::EqualInstalment, Method::EqualPrincipal]),
            down_payment: None,
            ..checked.terms.clone()
        };
        let absorb = Absorb::Last;
        let terms = Terms { rounding: Rounding { absorb, ..terms.rounding }, ..terms };
        if let Ok(checked) = terms.check() {
            let on = day_of(&mut dice, &checked);
            let mut events = on_time(&checked);
            events.retain(|event| event.on <= on);
            events.push(Event { on, what: What::Paid(fen(i64::from(dice.below(3_000_000)))) });
            let recalculation = Recalculation::Daily;
            let run = |prepayment: Prepayment| {
                let rules = Rules { recalculation, prepayment, ..rules };
                checked.standing(&rules, &events, on)
            };
            if let (Ok(fewer), Ok(smaller)) =
                (run(Prepayment::FewerPeriods), run(Prepayment::SmallerInstalments))
            {
                let rows = checked.schedule().unwrap().rows;
                prop_assert!(fewer.rows.len() <= rows.len());
                let level = |row: &Row| match checked.terms.method {
                    Method::EqualPrincipal => row.principal.fen(),
                    Method::OneOff | Method::InterestOnly | Method::EqualInstalment | Method::Flat => {
                        row.principal.fen() + row.interest.fen()
                    }
                };
                // The last row takes what rounding leaves; interest may exceed any instalment.
                let most = rows.iter().map(level).max().unwrap();
                let most_interest = smaller.rows.iter().map(|row| row.row.interest.fen()).max();
                for row in smaller.rows.iter().rev().skip(1).filter(|row| row.row.from >= on && row.row.number > 1) {
                    if level(&row.row) > 0 {
                        prop_assert!(level(&row.row) <= most.max(most_interest.unwrap()));
                    }
                }
            }
        }
    }
}

proptest! {
    // The longest loans take a while; `PROPTEST_CASES` does not reach this one.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_story_does_harm(thrown in dice(), large in any::<bool>()) {
        let mut dice = thrown.throw();
        let (rules, mut terms) = (rules(&mut dice), terms(&mut dice));
        if large {
            terms.advances[0].1 = fen(Money::MAX.fen() - i64::from(dice.below(1000)));
            terms.rate = dice.pick(&[Percent::MAX, Percent::ZERO, terms.rate]);
            let methods = [Method::EqualPrincipal, Method::InterestOnly, Method::Flat];
            // Ten years of days, but not of levels that are computed anew for every row.
            (terms.periods, terms.method) = match dice.below(4) {
                0 => (Some(3650), dice.pick(&methods)),
                _ => (Some(dice.pick(&[1, 2, 360])), terms.method),
            };
            terms.start = dice.pick(&[date("1900-01-01"), date("2190-01-01"), terms.start]);
        }
        if dice.once_in(4) {
            terms.method = Method::EqualInstalment;
            terms.instalment = Some(fen(i64::from(dice.below(2_000_000)) + 1));
            terms.periods = dice.pick(&[None, terms.periods]);
        }
        if let Ok(checked) = terms.check() {
            let mut stories = Vec::new();
            if checked.schedule().is_ok() {
                stories = events(&mut dice, &checked, 40);
            }
            for on in [checked.terms.start, date("2022-02-28"), date("2200-12-31")] {
                if let Err(problem) = checked.standing(&rules, &stories, on) {
                    prop_assert!(!problem.field.is_empty());
                }
            }
        }
    }
}
