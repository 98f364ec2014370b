//! What holds for all flows, and that no flows do harm.

use kernel::{Change, Date};
use proptest::prelude::*;

use super::reg_z::{At, apr, apr_by_dates};
use super::{CostProblem, YearFraction, effective_by_days, effective_by_years, period_rate, tvm};

fn change(fen: i64) -> Change {
    Change::from_fen(fen).unwrap()
}

fn date(days: u32) -> Date {
    Date::parse("1900-01-01").unwrap().plus_days(days).unwrap()
}

/// An ordinary loan: received at 0, then payments 1 to 90 days apart, not all of them zero.
fn loan() -> impl Strategy<Value = Vec<(u32, i64)>> {
    let payments = proptest::collection::vec((1_u32..90, 0_i64..1_000_000), 1..120);
    (1_i64..100_000_000, payments, 1_i64..1_000_000).prop_map(|(received, payments, last)| {
        let mut at = 0;
        let mut flows = vec![(0, received)];
        for (gap, paid) in payments {
            at += gap;
            flows.push((at, -paid));
        }
        flows.push((at + 1, -last));
        flows
    })
}

fn by_periods(flows: &[(u32, i64)]) -> Vec<(u32, Change)> {
    flows.iter().map(|(at, fen)| (*at, change(*fen))).collect()
}

fn by_days(flows: &[(u32, i64)], from: u32) -> Vec<(Date, Change)> {
    flows.iter().map(|(at, fen)| (date(from + at), change(*fen))).collect()
}

/// The worth at a growth per period, and the sum of the sizes, by a sum as plain as can be.
fn worth(flows: &[(u32, i64)], rate: f64) -> (f64, f64) {
    let end = f64::from(flows.last().unwrap().0);
    flows.iter().fold((0.0, 0.0), |(sum, size), (at, fen)| {
        let fen: f64 = fen.to_string().parse().unwrap();
        // Discounted to whichever end keeps the factors small.
        let time = if rate < 0.0 { f64::from(*at) - end } else { f64::from(*at) };
        let worth = fen * (-time * rate.ln_1p()).exp();
        (sum + worth, size + worth.abs())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_flows_are_worth_nothing_at_their_rate(flows in loan()) {
        let rate = match period_rate(&by_periods(&flows)) {
            Ok(rate) => rate.fraction(),
            Err(problem) => {
                prop_assert_eq!(problem, CostProblem::RateOutOfRange);
                return Ok(());
            }
        };
        let (sum, size) = worth(&flows, rate);
        prop_assert!(sum.abs() <= 1e-12 * size, "{} of {} at {}", sum, size, rate);
    }

    #[test]
    fn scaling_all_amounts_leaves_the_rate(flows in loan(), factor in 2_i64..1000) {
        let scaled: Vec<_> = flows.iter().map(|(at, fen)| (*at, fen * factor)).collect();
        let plain = period_rate(&by_periods(&flows));
        match (plain, period_rate(&by_periods(&scaled))) {
            (Ok(plain), Ok(scaled)) => {
                let (plain, scaled) = (plain.fraction(), scaled.fraction());
                prop_assert!((plain - scaled).abs() <= 1e-12 * plain.abs(), "{} {}", plain, scaled);
            }
            (plain, scaled) => prop_assert_eq!(plain, scaled),
        }
    }

    #[test]
    fn more_cost_never_lowers_the_rate(flows in loan(), which in 0_usize..120, more in 1_i64..10_000) {
        let mut dearer = flows.clone();
        let which = which % flows.len();
        dearer[which].1 -= more;
        if dearer[0].1 <= 0 {
            return Ok(());
        }
        if let (Ok(before), Ok(after)) =
            (effective_by_days(&by_days(&flows, 40_000)), effective_by_days(&by_days(&dearer, 40_000)))
        {
            let slack = 1e-11 * before.fraction().abs();
            prop_assert!(after.fraction() >= before.fraction() - slack, "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn shifting_all_dates_leaves_the_effective_rate(flows in loan(), by in 0_u32..90_000) {
        prop_assert_eq!(effective_by_days(&by_days(&flows, by)), effective_by_days(&by_days(&flows, 36_524)));
    }

    #[test]
    fn days_and_fractions_of_a_year_agree(flows in loan()) {
        let fractions: Vec<_> =
            flows.iter().map(|(at, fen)| (YearFraction::days(*at), change(*fen))).collect();
        prop_assert_eq!(effective_by_years(&fractions), effective_by_days(&by_days(&flows, 36_524)));
    }

    #[test]
    fn a_loan_at_a_rate_gives_the_rate_back(
        per_mille in 0_u32..500, periods in 1_u32..40, principal in 1_i64..1_000,
    ) {
        // Interest only, then the principal: exact in fen if the principal is a multiple of 1000.
        let principal = principal * 1000;
        let interest = principal * i64::from(per_mille) / 1000;
        let mut flows = vec![(0, change(principal))];
        flows.extend((1..=periods).map(|at| (at, change(-interest))));
        flows.push((periods, change(-principal)));
        let want = f64::from(per_mille) / 1000.0;
        let found = period_rate(&flows).unwrap().fraction();
        prop_assert!((found - want).abs() <= 1e-14 + 1e-12 * want, "{} {}", found, want);
        let placed: Vec<_> = flows.iter().map(|(at, fen)| (At::whole(*at), *fen)).collect();
        let found = apr(&placed, YearFraction::months(1)).unwrap().fraction();
        prop_assert!((found - 12.0 * want).abs() <= 1e-13 + 1e-12 * want, "{} {}", found, want);
    }

    #[test]
    fn an_odd_first_period_gives_the_rate_back(
        rate in 1e-6_f64..2.0, whole in 0_u32..5, part in 0_u32..30, periods in 1_u32..60,
    ) {
        // Payments of 100 each, the advance rounded to the fen: half a fen of freedom.
        let first = f64::from(part) / 30.0;
        let factors = (0..periods).map(|at| (-f64::from(whole + at) * rate.ln_1p()).exp());
        let exact = factors.sum::<f64>() * 1e9 / (1.0 + first * rate);
        let Ok(advance) = format!("{exact:.0}").parse::<i64>() else { return Ok(()) };
        let mut flows = vec![(At::whole(0), advance)];
        flows.extend((0..periods).map(|at| (At::new(whole + at, part, 30).unwrap(), -1_000_000_000)));
        let flows: Vec<_> = flows.into_iter().map(|(at, fen)| (at, change(fen))).collect();
        if whole == 0 && part == 0 {
            return Ok(());
        }
        let found = apr(&flows, YearFraction::years(1)).unwrap().fraction();
        let time = f64::from(whole) + first;
        let slack = 1e-8 / exact.min(1e9) * 1e9 / time;
        prop_assert!((found - rate).abs() <= slack * (1.0 + rate), "{} {}", found, rate);
    }

    #[test]
    fn the_payment_of_an_annuity_gives_the_rate_back(rate in 1e-4_f64..1.0, periods in 1_u32..400) {
        let loan = tvm::Annuity::loan(rate, f64::from(periods), 10_000.0);
        let mut amounts = vec![10_000.0];
        amounts.extend((0..periods).map(|_| loan.payment().unwrap()));
        let found = tvm::irr(&amounts).unwrap();
        prop_assert!((found - rate).abs() <= 1e-11 * rate, "{} {}", found, rate);
        let parts: f64 = (1..=periods).map(|period| loan.principal(period).unwrap()).sum();
        prop_assert!((parts + 10_000.0).abs() < 1e-6, "{}", parts);
    }
}

fn hostile_amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0_i64),
        -100_i64..=100,
        -1_000_000_i64..=1_000_000,
        -1_000_000_000_000_i64..=1_000_000_000_000,
    ]
}

fn hostile(most: usize) -> impl Strategy<Value = Vec<(u32, i64)>> {
    // Days from 1900-01-01 to 2200-12-31; often the same ones.
    let day = prop_oneof![0_u32..=109_937, 40_000_u32..40_020];
    proptest::collection::vec((day, hostile_amount()), 0..most)
}

/// Whatever comes out is a number, or a problem with numbers in it.
fn sound(result: Result<f64, CostProblem>) -> bool {
    match result {
        Ok(rate) => rate.is_finite(),
        Err(CostProblem::SeveralRoots { roots }) => {
            roots.len() > 1
                && roots.iter().all(|root| root.is_finite())
                && roots.is_sorted_by(|one, next| one <= next)
        }
        Err(problem) => !problem.to_string().is_empty() && !problem.zh().is_empty(),
    }
}

fn check_hostile(flows: &[(u32, i64)]) -> bool {
    let dated = by_days(flows, 0);
    let fractions: Vec<_> =
        flows.iter().map(|(at, fen)| (YearFraction::new(*at, 7).unwrap(), change(*fen))).collect();
    let placed: Vec<_> = flows
        .iter()
        .map(|(at, fen)| (At::new(at / 100, at % 30, 30).unwrap(), change(*fen)))
        .collect();
    sound(effective_by_days(&dated).map(super::AnnualRate::fraction))
        && sound(period_rate(&by_periods(flows)).map(super::PeriodRate::fraction))
        && sound(effective_by_years(&fractions).map(super::AnnualRate::fraction))
        && sound(apr(&placed, YearFraction::months(1)).map(super::AnnualRate::fraction))
        && sound(apr_by_dates(&dated).map(|found| found.apr.fraction()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_flows_do_no_harm(flows in hostile(40)) {
        prop_assert!(check_hostile(&flows));
    }

    #[test]
    fn hostile_doubles_do_no_harm(amounts in proptest::collection::vec(any::<f64>(), 0..30)) {
        prop_assert!(sound(tvm::irr(&amounts)));
    }

    #[test]
    fn roots_that_are_built_in_are_found(one in 0_u32..1000, next in 0_u32..1000) {
        // (x − a)(x − b) with a and b in thousandths: two rates, or one that is touched.
        let (one, next) = (i64::from(one) + 1000, i64::from(next) + 1000);
        let flows = [(0, 1_000_000), (1, -1000 * (one + next)), (2, one * next)];
        let rate = |root: i64| f64::from(i32::try_from(root).unwrap()) / 1000.0 - 1.0;
        let found = period_rate(&by_periods(&flows));
        if one == next {
            prop_assert!((found.unwrap().fraction() - rate(one)).abs() < 1e-6);
        } else {
            let Err(CostProblem::SeveralRoots { roots }) = found else {
                return Err(TestCaseError::fail(format!("{found:?}")));
            };
            prop_assert_eq!(roots.len(), 2);
            let (low, high) = (one.min(next), one.max(next));
            prop_assert!((roots[0] - rate(low)).abs() < 1e-9, "{:?}", roots);
            prop_assert!((roots[1] - rate(high)).abs() < 1e-9, "{:?}", roots);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_thousand_hostile_flows_do_no_harm(flows in hostile(1000)) {
        prop_assert!(check_hostile(&flows));
    }
}
