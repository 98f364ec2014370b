//! More of one thing is more, or not less, of another.

use kernel::Money;
use proptest::prelude::*;

use super::super::draw::{self, Dice, fen};
use super::{any, float, grown_fen, plain, price, regular, to_the_fen};
use crate::daycount::DayCount;
use crate::rounding::Absorb;
use crate::terms::{Grace, InterestFree, Method, Terms};
use crate::{Percent, Schedule};

/// How far the interest of a loan with level instalments may be from the exact one.
///
/// Each row's interest is off by one fen at most, and by the interest of the balance's error;
/// that grows by two fen a period, one for the instalment and one for the interest. Together no
/// more than twice what one fen each period grows to, and one more for the last row.
fn slack(terms: &Terms) -> f64 {
    let periods = usize::try_from(terms.periods.unwrap()).unwrap();
    2.0 * grown_fen(terms.rate, 1.0 / 12.0, periods) + 1.0
}

fn interest(terms: &Terms, method: Method) -> Option<f64> {
    let priced: Schedule = price(&Terms { method, ..terms.clone() })?;
    Some(float(priced.interest))
}

fn higher(rate: Percent, by: u32) -> Percent {
    let more: f64 = by.into();
    Percent::parse(&format!("{:.4}", super::percent(rate) + more / 100.0)).unwrap()
}

/// Methods whose balances do not depend on the interest: no rounding disturbs the order.
const RIGID: [Method; 4] =
    [Method::EqualPrincipal, Method::Flat, Method::InterestOnly, Method::OneOff];

proptest! {
    #[test]
    fn interest_grows_with_the_principal(seed: u64, more in 1_i64..1_000_000) {
        let terms = Terms { method: Method::EqualInstalment, ..regular(seed, 36) };
        let mut larger = terms.clone();
        larger.advances[0].1 = fen(terms.advances[0].1.fen() + more);
        let (Some(less), Some(more)) = (price(&terms), price(&larger)) else { return Ok(()) };
        prop_assert!(float(less.interest) <= float(more.interest) + 2.0 * slack(&terms));
    }

    #[test]
    fn rigid_interest_grows_with_the_principal(
        seed: u64, more in 1_i64..1_000_000, method in 0_usize..4,
    ) {
        // The level part of principal may jump by a step for a fen more of principal, and then
        // repays sooner: only what is repaid at the end, or borne flat, is without exception.
        let method = RIGID[method];
        let mut terms = Terms { method, ..plain(seed) };
        terms.rounding = to_the_fen(terms.rounding);
        let mut larger = terms.clone();
        larger.advances[0].1 = fen(terms.advances[0].1.fen() + more);
        let (Some(less), Some(more)) = (price(&terms), price(&larger)) else { return Ok(()) };
        let periods: f64 = terms.periods.unwrap().into();
        let slack = if method == Method::EqualPrincipal {
            let longest = less.rows.iter().map(crate::Row::days).max().unwrap_or(0);
            let years = f64::from(longest) / 360.0;
            // Each balance is short by a fen for each row before it.
            periods * periods * super::percent(terms.rate) / 100.0 * years + periods
        } else {
            0.0
        };
        prop_assert!(float(less.interest) <= float(more.interest) + slack);
    }

    #[test]
    fn interest_grows_with_the_rate(seed: u64, by in 1_u32..1000) {
        let terms = Terms { method: Method::EqualInstalment, ..regular(seed, 36) };
        let dearer = Terms { rate: higher(terms.rate, by), ..terms.clone() };
        let (Some(less), Some(more)) = (price(&terms), price(&dearer)) else { return Ok(()) };
        prop_assert!(float(less.interest) <= float(more.interest) + 2.0 * slack(&dearer));
    }

    #[test]
    fn rigid_interest_never_falls_with_a_higher_rate(
        seed: u64, by in 1_u32..1000, method in 0_usize..4,
    ) {
        let mut terms = Terms { method: RIGID[method], ..plain(seed) };
        terms.rounding = to_the_fen(terms.rounding);
        if super::percent(terms.rate) > 5000.0 {
            return Ok(());
        }
        let dearer = Terms { rate: higher(terms.rate, by), ..terms.clone() };
        let (Some(less), Some(more)) = (price(&terms), price(&dearer)) else { return Ok(()) };
        prop_assert!(less.interest <= more.interest);
    }

    #[test]
    fn no_rate_is_no_interest(seed: u64) {
        let mut terms = draw::terms(&mut Dice::new(seed));
        terms.rate = Percent::ZERO;
        terms.rate_changes.clear();
        let Some(schedule) = price(&terms) else { return Ok(()) };
        prop_assert_eq!(schedule.interest, Money::ZERO);
    }

    #[test]
    fn interest_that_is_waived_throughout_is_none(seed: u64) {
        let mut terms = plain(seed);
        let free = if terms.method == Method::OneOff { 1 } else { terms.periods.unwrap() };
        terms.grace = Grace { free, free_rule: InterestFree::Waive, ..Grace::default() };
        let Some(schedule) = price(&terms) else { return Ok(()) };
        prop_assert_eq!(schedule.interest, Money::ZERO);
    }

    #[test]
    fn flat_interest_is_so_many_times_the_same(seed: u64) {
        let terms = Terms { method: Method::Flat, ..regular(seed, 36) };
        let Some(schedule) = price(&terms) else { return Ok(()) };
        let one = schedule.rows[0].interest.fen();
        prop_assert!(schedule.rows.iter().all(|row| row.interest.fen() == one));
        let rows = i64::try_from(schedule.rows.len()).unwrap();
        prop_assert_eq!(schedule.interest.fen(), one * rows);
    }

    #[test]
    fn interest_on_what_is_left_is_never_above_flat_interest(seed: u64, level: bool) {
        let method = if level { Method::EqualInstalment } else { Method::EqualPrincipal };
        let terms = plain(seed);
        let own = price(&Terms { method, ..terms.clone() });
        let (Some(own), Some(flat)) = (own, price(&Terms { method: Method::Flat, ..terms })) else {
            return Ok(());
        };
        for (own, flat) in own.rows.iter().zip(&flat.rows) {
            prop_assert!(own.interest <= flat.interest);
        }
        prop_assert!(own.interest <= flat.interest);
    }

    // From the dearest to the cheapest: at the end, by level instalments, by level parts.
    #[test]
    fn who_repays_later_pays_more_interest(seed: u64) {
        let terms = regular(seed, 36);
        let of = |method| interest(&terms, method);
        let (at_end, level) = (of(Method::InterestOnly), of(Method::EqualInstalment));
        let (flat, parts) = (of(Method::Flat), of(Method::EqualPrincipal));
        let (Some(at_end), Some(level)) = (at_end, level) else { return Ok(()) };
        let (Some(flat), Some(parts)) = (flat, parts) else { return Ok(()) };
        prop_assert!((flat - at_end).abs() < 0.5);
        prop_assert!(at_end >= level);
        prop_assert!(level + slack(&terms) + f64::from(terms.periods.unwrap()) >= parts);
    }

    #[test]
    fn waiving_never_costs_more_than_deferring(seed: u64, free in 1_u32..12, is_level: bool) {
        let method = if is_level { Method::EqualInstalment } else { Method::EqualPrincipal };
        let terms = Terms { method, ..regular(seed, 36) };
        let with = |free_rule| {
            let grace = Grace { free, free_rule, ..Grace::default() };
            price(&Terms { grace, ..terms.clone() })
        };
        let (Some(waived), Some(deferred)) = (with(InterestFree::Waive), with(InterestFree::Defer))
        else {
            return Ok(());
        };
        prop_assert!(float(waived.interest) <= float(deferred.interest) + 2.0 * slack(&terms));
        if method == Method::EqualPrincipal {
            prop_assert!(waived.interest <= deferred.interest);
        }
    }

    #[test]
    fn a_shorter_year_is_a_dearer_one(seed: u64, method in 0_usize..4) {
        let mut terms = plain(seed);
        terms.method = RIGID[method];
        terms.rounding.absorb = Absorb::Last;
        let by = |day_count| price(&Terms { day_count, ..terms.clone() });
        let Some(of_360) = by(DayCount::Act360) else { return Ok(()) };
        let Some(of_364) = by(DayCount::Act364) else { return Ok(()) };
        let Some(of_365) = by(DayCount::Act365) else { return Ok(()) };
        prop_assert!(of_360.interest >= of_364.interest);
        prop_assert!(of_364.interest >= of_365.interest);
    }

    // 1,461 days; a 29 February has another four years later.
    #[test]
    fn a_whole_leap_cycle_is_four_years_by_real_days(seed: u64) {
        let Some((checked, _)) = any(seed) else { return Ok(()) };
        let from = checked.terms().start;
        if !(1901..2096).contains(&from.year()) {
            return Ok(());
        }
        let period = checked.periods[0].clone();
        let often = checked.terms().frequency;
        let to = from.plus_months(48).unwrap();
        let four = [
            (DayCount::ThirtyE360, 4, 1),
            (DayCount::Act360, 1461, 360),
            (DayCount::Act364, 1461, 364),
            (DayCount::Act365, 1461, 365),
        ];
        for (day_count, num, den) in four {
            let years = day_count.years(&period, often, (from, to));
            prop_assert_eq!(years, crate::fraction::Fraction::new(num, den));
        }
    }
}
