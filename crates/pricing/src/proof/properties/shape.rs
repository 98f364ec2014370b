//! The shape of a schedule: parts that sum to the whole, rows that follow one another.

use kernel::Money;
use proptest::prelude::*;

use super::{any, grown_fen, plain, price, regular, rows};
use crate::fees::FeeTime;
use crate::rounding::{Absorb, Per, Round};
use crate::terms::{Method, Terms};

fn sum(amounts: impl IntoIterator<Item = Money>) -> i64 {
    amounts.into_iter().map(Money::fen).sum()
}

proptest! {
    #[test]
    fn parts_of_principal_sum_to_the_principal(seed: u64) {
        let Some((checked, schedule)) = any(seed) else { return Ok(()) };
        let owed = checked.principal();
        prop_assert_eq!(sum(schedule.rows.iter().map(|row| row.principal)), owed.fen());
        prop_assert_eq!(schedule.principal, owed);
    }

    #[test]
    fn balances_follow_one_another_down_to_zero(seed: u64) {
        let Some((checked, schedule)) = any(seed) else { return Ok(()) };
        let advances = &checked.terms().advances;
        let mut advances = advances.iter().peekable();
        let mut balance = 0;
        for row in &schedule.rows {
            let until = if row.from == row.due { row.due.plus_days(1).unwrap() } else { row.due };
            while let Some((_, more)) = advances.next_if(|(date, _)| *date < until) {
                balance += more.fen();
            }
            balance -= row.principal.fen();
            prop_assert_eq!(row.balance.fen(), balance, "row {}", row.number);
        }
        prop_assert_eq!(balance, 0);
        prop_assert!(advances.next().is_none());
    }

    #[test]
    fn due_dates_increase_and_periods_join(seed: u64) {
        let Some((checked, schedule)) = any(seed) else { return Ok(()) };
        let regular: Vec<_> = schedule.rows.iter().filter(|row| row.from < row.due).collect();
        prop_assert_eq!(regular[0].from, checked.terms().start);
        for pair in regular.windows(2) {
            prop_assert_eq!(pair[0].due, pair[1].from);
        }
        for (number, row) in (1_u32..).zip(&schedule.rows) {
            prop_assert_eq!(row.number, number);
        }
        prop_assert!(schedule.rows.windows(2).all(|pair| pair[0].due < pair[1].due));
    }

    #[test]
    fn no_row_comes_after_the_loan_is_repaid(seed: u64) {
        let Some((_, schedule)) = any(seed) else { return Ok(()) };
        let last = schedule.rows.last().unwrap();
        prop_assert!(last.principal > Money::ZERO || last.interest > Money::ZERO);
    }

    #[test]
    fn totals_are_the_sums_of_rows_and_charges(seed: u64) {
        let Some((checked, schedule)) = any(seed) else { return Ok(()) };
        let later = schedule.fees.iter().filter(|fee| !fee.is_upfront());
        let kept = schedule.fees.iter().filter(|fee| fee.time == FeeTime::KeptBack);
        prop_assert_eq!(sum(schedule.rows.iter().map(|row| row.interest)), schedule.interest.fen());
        prop_assert_eq!(sum(schedule.fees.iter().map(|fee| fee.amount)), schedule.fee_total.fen());
        prop_assert_eq!(
            sum(schedule.rows.iter().map(|row| row.fees)),
            sum(later.map(|fee| fee.amount))
        );
        let received = sum(schedule.received.iter().map(|(_, amount)| *amount));
        prop_assert_eq!(received + sum(kept.map(|fee| fee.amount)), checked.requested.fen());
    }

    #[test]
    fn everything_paid_less_everything_received_is_interest_and_fees(seed: u64) {
        let Some((_, schedule)) = any(seed) else { return Ok(()) };
        let flows = schedule.flows().unwrap();
        let net: i64 = flows.iter().map(|(_, change)| change.fen()).sum();
        prop_assert_eq!(-net, schedule.interest.fen() + schedule.fee_total.fen());
        prop_assert!(flows.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn an_explanation_is_of_the_same_schedule_and_sums_to_its_interest(seed: u64) {
        let Some((checked, schedule)) = any(seed) else { return Ok(()) };
        let (explained, stretches) = checked.explained().unwrap();
        prop_assert_eq!(&explained, &schedule);
        let round = checked.terms().rounding.interest;
        for row in &schedule.rows {
            let own = stretches.iter().filter(|stretch| stretch.row == row.number);
            // A row that is rounded as a whole differs by less than a step for each stretch.
            let slack = match checked.terms().rounding.interest_per {
                Per::Stretch => 0,
                Per::Row if own.clone().count() <= 1 => 0,
                Per::Row => i64::try_from(own.clone().count() + 1).unwrap() * round.step(),
            };
            let parts = sum(own.map(|stretch| stretch.interest));
            prop_assert!((parts - row.interest.fen()).abs() <= slack, "{row:?} {parts}");
        }
        for stretch in &stretches {
            let growth = stretch.rate.fraction().times(stretch.years).unwrap();
            prop_assert_eq!(growth.of(stretch.balance.fen(), round), Some(stretch.interest.fen()));
        }
    }

    // An instalment that is off by at most e, and interest that is off by at most f, have grown
    // to (e + f) x s at the end: s is what one fen each period grows to.
    #[test]
    fn the_last_instalment_differs_by_what_rounding_can_grow_to(
        seed: u64, step in 1_i64..200, mode in 0_usize..4,
    ) {
        let mode = super::draw::MODES[mode];
        let mut terms = Terms { method: Method::EqualInstalment, ..regular(seed, 36) };
        terms.rounding.instalment = Round::new(mode, step).unwrap();
        let Some(schedule) = price(&terms) else { return Ok(()) };
        let periods = usize::try_from(terms.periods.unwrap()).unwrap();
        let (first, last) = (&schedule.rows[0], schedule.rows.last().unwrap());
        // What rounding repays early, or lets stand, ends otherwise.
        if schedule.rows.len() == periods && first.principal > Money::ZERO {
            let level = first.instalment().unwrap().fen();
            let rest = (last.instalment().unwrap().fen() - level).abs();
            let each: f64 = (step + 1).to_string().parse().unwrap();
            let bound = each * grown_fen(terms.rate, 1.0 / 12.0, periods);
            prop_assert!(rest.to_string().parse::<f64>().unwrap() <= bound + 1e-6);
        }
    }

    #[test]
    fn other_rows_can_only_bring_the_last_one_nearer_to_the_level(seed: u64, is_first: bool) {
        let mut terms = Terms { method: Method::EqualInstalment, ..plain(seed) };
        terms.rounding.absorb = Absorb::Last;
        let absorb = if is_first { Absorb::First } else { Absorb::Smooth };
        let mut other = terms.clone();
        other.rounding.absorb = absorb;
        let (Some(plain), Some(moved)) = (price(&terms), price(&other)) else { return Ok(()) };
        // Where interest takes all of an instalment, the level is another one after it.
        let repays = |row: &crate::Row| row.principal > Money::ZERO;
        let is_level = |schedule: &crate::Schedule| schedule.rows.iter().all(repays);
        let is_alike = moved.rows.len() == plain.rows.len() && is_level(&moved) && is_level(&plain);
        if plain.rows.len() < 3 || !is_alike {
            return Ok(());
        }
        let gap = |schedule: &crate::Schedule| {
            let (second, last) = (&schedule.rows[1], schedule.rows.last().unwrap());
            (last.instalment().unwrap().fen() - second.instalment().unwrap().fen()).abs()
        };
        prop_assert!(gap(&moved) <= gap(&plain));
    }

    #[test]
    fn a_given_instalment_that_is_the_computed_one_gives_the_computed_rows(seed: u64) {
        let mut terms = Terms { method: Method::EqualInstalment, ..plain(seed) };
        terms.rounding.absorb = Absorb::Last;
        let Some(schedule) = price(&terms) else { return Ok(()) };
        if schedule.rows.len() < 2 || schedule.rows[0].principal == Money::ZERO {
            return Ok(());
        }
        let given = Terms { instalment: schedule.rows[0].instalment(), ..terms };
        // Interest that is more than the instalment is refused.
        let Some(given) = price(&given) else { return Ok(()) };
        prop_assert_eq!(rows(&given), rows(&schedule));
    }
}
