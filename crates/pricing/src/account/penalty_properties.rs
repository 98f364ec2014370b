//! What holds for all penalties.
#![expect(clippy::arithmetic_side_effects, reason = "small figures in tests")]

use kernel::Date;
use proptest::prelude::*;

use super::cases::{date, day_of, events, fen, is_payment, loan, penalty};
use super::*;
use crate::Percent;
use crate::terms::{Method, Terms};

/// Daily, on overdue principal, without grace or caps.
const PLAIN: Penalty = Penalty {
    rate: Percent::ZERO,
    base: PenaltyBase::OverduePrincipal,
    time: PenaltyTime::Daily,
    grace_days: 0,
    grace_count: GraceCount::FromDue,
    cap_days: None,
    cap_amount: None,
    cap_rate: None,
    compounds: false,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn penalties_stay_below_their_caps((checked, _, thrown) in loan()) {
        let mut dice = thrown.throw();
        let rule = penalty(&mut dice);
        let events = events(&mut dice, &checked, 6);
        let payments: Vec<_> = events.into_iter().filter(is_payment).collect();
        let (one, other) = (day_of(&mut dice, &checked), day_of(&mut dice, &checked));
        let charged = |rule: Penalty, on: Date| {
            let rules = Rules { penalty: Some(rule), ..Rules::default() };
            let standing = checked.standing(&rules, &payments, on).unwrap();
            standing.rows.iter().map(|row| row.penalties.fen()).sum::<i64>()
        };
        let (first, last) = (one.min(other), one.max(other));
        prop_assert!(charged(rule, first) <= charged(rule, last));
        let free = Penalty { cap_amount: None, cap_days: None, cap_rate: None, ..rule };
        if !rule.compounds {
            prop_assert!(charged(rule, last) <= charged(free, last));
        }
        if let Some(cap) = rule.cap_amount {
            prop_assert!(charged(rule, last) <= cap.fen());
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
        (base, penalty, line, rate, days) in
            (1_i64..50_000_000, 0_u32..100, 0_u32..40, 0_u32..40, 1_u32..800)
    ) {
        let percent = |text: String| Percent::parse(&text).unwrap();
        let terms = Terms {
            method: Method::OneOff,
            day_count: crate::daycount::DayCount::Act365,
            ..Terms::new(fen(base), percent(rate.to_string()), date("2022-12-31"), 1)
        };
        let rule = Penalty {
            rate: percent(format!("0.{penalty:02}")),
            cap_rate: Some(percent(line.to_string())),
            ..PLAIN
        };
        let recalculation = Recalculation::Daily;
        let rules = Rules { penalty: Some(rule), recalculation, ..Rules::default() };
        let (checked, due) = (terms.check().unwrap(), date("2023-01-31"));
        let at = |on: Date| checked.standing(&rules, &[], on).unwrap().settlement;
        let (then, now) = (at(due), at(due.plus_days(days).unwrap()));
        let late = now.interest.fen() - then.interest.fen() + now.penalties.fen();
        let most = i128::from(base) * i128::from(line.max(rate)) * i128::from(days) / 36_500;
        // Interest is rounded by month, the penalty down.
        prop_assert!(i128::from(late) <= most + i128::from(days / 28) + 2);
    }
}
