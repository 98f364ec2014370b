//! What the flows of a schedule cost, by a root finder of the tests' own.

use kernel::Money;
use proptest::prelude::*;

use super::super::draw::fen;
use super::{float, percent, price, regular};
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::terms::{Method, Size, Terms};
use crate::{Percent, Schedule};

/// The rate per period at which regular rows are worth what was received, by halving.
fn period_rate(schedule: &Schedule) -> f64 {
    let received = float(schedule.received[0].1);
    let paid: Vec<_> = schedule
        .rows
        .iter()
        .map(|row| float(row.principal) + float(row.interest) + float(row.fees))
        .collect();
    let worth = |rate: f64| paid.iter().rev().fold(0.0, |sum, paid| (sum + paid) / (1.0 + rate));
    let (mut low, mut high) = (-0.5, 10.0);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if worth(middle) > received { low = middle } else { high = middle }
    }
    low
}

fn fee(time: FeeTime, share: u32) -> Fee {
    let size = Size::Share(Percent::parse(&format!("{}.{:02}", share / 100, share % 100)).unwrap());
    Fee { name: String::new(), time, size, base: FeeBase::Loan }
}

proptest! {
    // Rounding moves each row by about a fen; on so much principal, that is so much of a rate.
    #[test]
    fn without_fees_the_cost_is_the_rate(
        seed: u64, of in 0_usize..3, fen_of in 1_000_000_i64..100_000_000,
    ) {
        let methods = [Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly];
        let mut terms = Terms { method: methods[of], ..regular(seed, 36) };
        terms.advances[0].1 = fen(fen_of);
        let schedule = price(&terms).unwrap();
        let yearly = period_rate(&schedule) * 12.0;
        let error = (yearly - percent(terms.rate) / 100.0).abs();
        prop_assert!(error < 40.0 / float(fen(fen_of)) + 1e-9, "{yearly} {}", terms.rate);
    }

    #[test]
    fn more_fee_never_lowers_the_cost(
        seed: u64, less in 0_u32..300, more in 0_u32..300, of in 0_usize..3,
    ) {
        let times = [FeeTime::KeptBack, FeeTime::Added, FeeTime::EachPeriod];
        let mut terms = Terms { method: Method::EqualInstalment, ..regular(seed, 36) };
        terms.advances[0].1 = fen(terms.advances[0].1.fen().max(1_000_000));
        let with = |share| price(&Terms { fees: vec![fee(times[of], share)], ..terms.clone() });
        let (Some(cheap), Some(dear)) = (with(less), with(less + more)) else { return Ok(()) };
        prop_assert!(cheap.fee_total <= dear.fee_total);
        // An added fee is paid with new instalments, whose rounding may fall the other way.
        let slack = if of == 1 { 40.0 / 12.0 / 1e6 } else { 1e-9 };
        prop_assert!(period_rate(&cheap) <= period_rate(&dear) + slack);
    }

    #[test]
    fn a_fee_on_its_own_day_is_paid_once(seed: u64, amount in 1_i64..100_000, after in 0_u32..300) {
        let terms = regular(seed, 36);
        let on = terms.start.plus_days(after).unwrap();
        let size = Size::Amount(fen(amount));
        let fee = Fee { name: String::new(), time: FeeTime::On(on), size, base: FeeBase::Loan };
        let Some(schedule) = price(&Terms { fees: vec![fee], ..terms }) else { return Ok(()) };
        let charged: Vec<_> = schedule.rows.iter().filter(|row| row.fees > Money::ZERO).collect();
        prop_assert_eq!(charged.len(), 1);
        prop_assert!(charged[0].from <= on && on <= charged[0].due);
        prop_assert_eq!(schedule.fee_total, fen(amount));
    }
}
