//! What holds for all penalties.
#![expect(clippy::arithmetic_side_effects, reason = "small figures in tests")]

use kernel::Date;
use proptest::prelude::*;

use super::cases::{date, day_of, events, fen, is_payment, loan, penalty};
use super::*;
use crate::Percent;
use crate::daycount::DayCount;
use crate::terms::{Method, Terms};

/// Daily, on overdue principal, without grace or caps.
const PLAIN: Penalty =
    Penalty::new(Percent::ZERO, PenaltyBase::OverduePrincipal, PenaltyTime::Daily);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn penalties_stay_below_their_caps((checked, _, thrown) in loan()) {
        let mut dice = thrown.throw();
        let rule = penalty(&mut dice);
        let events = events(&mut dice, &checked, 6);
        let payments: Vec<_> = events.into_iter().filter(is_payment).collect();
        let (one, other) = (day_of(&mut dice, &checked), day_of(&mut dice, &checked));
        let by_events = |rule: Penalty, events: &[Event], on: Date| {
            let rules = Rules { penalty: Some(rule), ..Rules::default() };
            let standing = checked.standing(&rules, events, on).unwrap();
            standing.rows.iter().map(|row| row.penalties.fen()).sum::<i64>()
        };
        let charged = |rule: Penalty, on: Date| by_events(rule, &payments, on);
        let (first, last) = (one.min(other), one.max(other));
        // Interest that runs faster than the line for a while takes room away again.
        if rule.cap_rate.is_none() || rule.base != PenaltyBase::Outstanding {
            prop_assert!(charged(rule, first) <= charged(rule, last));
        }
        let free = Penalty { cap_amount: None, cap_days: None, cap_rate: None, ..rule };
        if !rule.compounds {
            prop_assert!(charged(rule, last) <= charged(free, last));
        }
        if let Some(cap) = rule.cap_amount {
            prop_assert!(charged(rule, last) <= cap.fen());
            // What was told before anything was late takes room away, and is itself never cut.
            let told = i64::from(dice.below(6000)) + 1;
            let mut all = payments.clone();
            all.push(Event { on: checked.terms.start, what: What::Penalty(fen(told)) });
            let together = by_events(rule, &all, last);
            prop_assert!(told <= together && together <= told.max(cap.fen()));
        }
        let nothing = Penalty { rate: Percent::ZERO, ..rule };
        prop_assert_eq!(charged(nothing, last), 0);
    }

    #[test]
    fn penalties_of_one_late_payment_are_rounded_once(
        (base, hundredths, gaps) in (1_i64..50_000_000, 0_u32..200, proptest::collection::vec((1_u32..40, 0_i64..2_000_000), 0..12))
    ) {
        // One payment without interest, due on 31 January; then parts of it, late.
        let rate = Percent::parse(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).unwrap();
        let terms = Terms {
            method: Method::OneOff,
            ..Terms::new(fen(base), Percent::ZERO, date("2022-12-31"), 1)
        };
        let penalty = Penalty { rate, ..PLAIN };
        let principal_first = [Part::Principal, Part::Interest, Part::Fee, Part::Penalty];
        let allocation = Allocation { due: principal_first, ..Allocation::default() };
        let rules = Rules { penalty: Some(penalty), allocation, ..Rules::default() };
        let (mut on, mut owed, mut fen_days) = (date("2023-01-31"), base, 0_i128);
        let mut events = Vec::new();
        for (gap, paid) in gaps {
            on = on.plus_days(gap).unwrap();
            fen_days += i128::from(owed) * i128::from(gap);
            let paid = paid.min(owed);
            owed -= paid;
            events.push(Event { on, what: What::Paid(fen(paid)) });
        }
        let standing = terms.check().unwrap().standing(&rules, &events, on).unwrap();
        // In ten-thousandths of a fen: rate / 100 / 100, within half a fen.
        let exact = fen_days * i128::from(hundredths);
        let charged = i128::from(standing.rows[0].penalties.fen()) * 10_000;
        prop_assert!((charged - exact).abs() <= 5_000, "{charged} {exact}");
    }

    #[test]
    fn penalties_stay_below_the_legal_line(
        (base, penalty, line, rate, days, year) in (
            1_i64..500_000_000, 0_u32..100, 0_u32..40, 0_u32..400, 1_u32..800,
            proptest::sample::select(vec![(DayCount::Act360, 360), (DayCount::Act365, 365), (DayCount::Act364, 364)]),
        )
    ) {
        let percent = |text: String| Percent::parse(&text).unwrap();
        let rule = Penalty {
            rate: percent(format!("0.{penalty:02}")),
            cap_rate: Some(percent(line.to_string())),
            ..PLAIN
        };
        let rate_text = format!("{}.{}", rate / 10, rate % 10);
        let (_, charged) = late(base, percent(rate_text), year.0, rule, days);
        // In parts of a fen: principal x line x days/365 - principal x rate x days/year.
        let (base, days) = (i128::from(base), i128::from(days));
        let den = 1000 * 365 * year.1;
        let most = base * i128::from(line) * days * 10 * year.1;
        let room = (most - base * i128::from(rate) * days * 365).max(0) / den;
        let plain = (base * i128::from(penalty) * days + 5_000) / 10_000;
        // To the fen: neither more than the line allows, nor less.
        prop_assert_eq!(i128::from(charged), plain.min(room));
    }

    #[test]
    fn penalty_and_interest_stay_below_the_legal_line_by_every_day_count(
        (base, line, rate, days, day_count) in (
            1_i64..500_000_000, 0_u32..40, 0_u32..40, 1_u32..800,
            proptest::sample::select(vec![
                DayCount::Thirty360, DayCount::ThirtyE360, DayCount::Act360, DayCount::Act365,
                DayCount::Act364, DayCount::ActAct, DayCount::ActActIsda,
            ]),
        )
    ) {
        let percent = |part: u32| Percent::parse(&part.to_string()).unwrap();
        let rule = Penalty { rate: percent(1), cap_rate: Some(percent(line)), ..PLAIN };
        let (interest, charged) = late(base, percent(rate), day_count, rule, days);
        let most = i128::from(base) * i128::from(line) * i128::from(days) / 36_500;
        // Interest is rounded by month, each within half a fen.
        let slack = i128::from(days / 28) / 2 + 2;
        prop_assert!(charged == 0 || i128::from(interest + charged) <= most + slack);
        // A hundredth a day is far above all lines: what room there is, is used.
        prop_assert!(i128::from(interest + charged) + slack >= most);
    }
}

/// What a loan of one payment, due on 31 January 2023 and never paid, bears so many days later:
/// interest since it was due, and penalties.
fn late(base: i64, rate: Percent, day_count: DayCount, rule: Penalty, days: u32) -> (i64, i64) {
    let terms = Terms {
        method: Method::OneOff,
        day_count,
        ..Terms::new(fen(base), rate, date("2022-12-31"), 1)
    };
    let recalculation = Recalculation::Daily;
    let rules = Rules { penalty: Some(rule), recalculation, ..Rules::default() };
    let (checked, due) = (terms.check().unwrap(), date("2023-01-31"));
    let at = |on: Date| checked.standing(&rules, &[], on).unwrap().settlement;
    let (then, now) = (at(due), at(due.plus_days(days).unwrap()));
    (now.interest.fen() - then.interest.fen(), now.penalties.fen())
}
