//! Changes of the terms that change nothing, or all in proportion.

use kernel::Money;
use proptest::prelude::*;

use super::super::draw::{self, Dice, fen};
use super::{plain, price, rows};
use crate::Percent;
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::rounding::{Absorb, Round};
use crate::terms::{Grace, InterestFree, InterestGrace, Method, Size, Terms};

fn with(method: Method, terms: Terms) -> Terms {
    Terms { method, ..terms }
}

fn not_first(mut terms: Terms) -> Terms {
    if terms.rounding.absorb == Absorb::First {
        terms.rounding.absorb = Absorb::Smooth;
    }
    terms
}

/// A day in the first part of the schedule.
fn day(terms: &Terms, after: u32) -> kernel::Date {
    terms.start.plus_days(after).unwrap()
}

proptest! {
    #[test]
    fn one_disbursement_in_two_parts_on_a_day_is_one(seed: u64, part in 1_i64..100, late: bool) {
        let methods = [Method::EqualInstalment, Method::InterestOnly, Method::OneOff];
        let mut dice = Dice::new(seed);
        let mut terms = with(dice.pick(&methods), not_first(draw::plain(&mut dice)));
        let (on, whole) = (day(&terms, u32::from(late)), terms.advances[0].1.fen());
        terms.advances = vec![(on, fen(whole))];
        if whole > part {
            let two = vec![(on, fen(part)), (on, fen(whole - part))];
            let split = Terms { advances: two, ..terms.clone() };
            prop_assert_eq!(price(&terms).map(|s| rows(&s)), price(&split).map(|s| rows(&s)));
        }
    }

    #[test]
    fn a_change_to_the_same_rate_is_none(seed: u64, after in 1_u32..400) {
        let terms = not_first(plain(seed));
        let rate_changes = vec![(day(&terms, after), terms.rate)];
        prop_assert_eq!(price(&terms), price(&Terms { rate_changes, ..terms }));
    }

    #[test]
    fn a_change_of_the_rate_moves_no_row_before_it(
        seed: u64, after in 1_u32..400, to in 0_u32..40,
    ) {
        let terms = not_first(plain(seed));
        let on = day(&terms, after);
        let rate = Percent::parse(&to.to_string()).unwrap();
        let changed = Terms { rate_changes: vec![(on, rate)], ..terms.clone() };
        let (Some(old), Some(new)) = (price(&terms), price(&changed)) else { return Ok(()) };
        for (old, new) in old.rows.iter().zip(&new.rows) {
            if old.due < on {
                prop_assert_eq!(old, new);
            }
        }
    }

    #[test]
    fn the_order_in_which_things_are_listed_does_not_matter(seed: u64) {
        let terms = draw::terms(&mut Dice::new(seed));
        let mut days: Vec<_> = terms.advances.iter().map(|(date, _)| *date).collect();
        days.sort();
        days.dedup();
        let mut other = terms.clone();
        other.rate_changes.reverse();
        if days.len() == terms.advances.len() {
            other.advances.reverse();
        }
        prop_assert_eq!(price(&terms), price(&other));
    }

    #[test]
    fn a_hundred_times_the_principal_in_steps_of_a_hundred_is_the_same(seed: u64) {
        let mut terms = plain(seed);
        terms.rounding.absorb = Absorb::Last;
        let whole = terms.advances[0].1.fen() % 1_000_000_000 + 1;
        terms.advances[0].1 = fen(whole);
        let mut large = terms.clone();
        large.advances[0].1 = fen(whole * 100);
        let coarse = |round: Round| Round::new(round.mode, round.step() * 100).unwrap();
        large.rounding.interest = coarse(terms.rounding.interest);
        large.rounding.instalment = coarse(terms.rounding.instalment);
        // A step above the fen may be too coarse for a small loan.
        let (Some(small), Some(large)) = (price(&terms), price(&large)) else { return Ok(()) };
        let times = |(principal, interest, balance): (Money, Money, Money)| {
            (fen(principal.fen() * 100), fen(interest.fen() * 100), fen(balance.fen() * 100))
        };
        let scaled: Vec<_> = rows(&small).into_iter().map(times).collect();
        prop_assert_eq!(scaled, rows(&large));
    }

    #[test]
    fn a_fee_that_is_kept_back_leaves_the_rows_alone(seed: u64, percent in 0_u32..50) {
        let terms = plain(seed);
        let size = Size::Share(Percent::parse(&percent.to_string()).unwrap());
        let fee = Fee { name: String::new(), time: FeeTime::KeptBack, size, base: FeeBase::Loan };
        let Some(free) = price(&terms) else { return Ok(()) };
        let Some(kept) = price(&Terms { fees: vec![fee], ..terms }) else { return Ok(()) };
        prop_assert_eq!(&kept.rows, &free.rows);
        let received = free.received[0].1.minus(kept.fee_total).unwrap();
        prop_assert_eq!(kept.received[0].1, received);
    }

    #[test]
    fn deferral_conserves_interest_and_leaves_principal_alone(
        seed: u64, of in 1_u32..12, is_free: bool,
    ) {
        let terms = plain(seed);
        let grace = if is_free {
            Grace { free: of, free_rule: InterestFree::Defer, ..Grace::default() }
        } else {
            Grace { interest: of, interest_rule: InterestGrace::Deferred, ..Grace::default() }
        };
        let Some(plain) = price(&terms) else { return Ok(()) };
        let Some(deferred) = price(&Terms { grace, ..terms }) else { return Ok(()) };
        prop_assert_eq!(deferred.interest, plain.interest);
        for (index, row) in deferred.rows.iter().enumerate() {
            let old = plain.rows.get(index).map_or(Money::ZERO, |row| row.principal);
            prop_assert_eq!(row.principal, old);
            let before = usize::try_from(of).unwrap();
            prop_assert!(index >= before || row.interest == Money::ZERO);
        }
    }

    #[test]
    fn a_grace_that_is_only_listed_changes_nothing(seed: u64, interest in 0_u32..12) {
        let terms = plain(seed);
        let grace = Grace { interest, ..Grace::default() };
        let Some(listed) = price(&Terms { grace, ..terms.clone() }) else { return Ok(()) };
        prop_assert_eq!(Some(listed), price(&terms));
    }

    #[test]
    fn after_a_down_payment_the_rest_is_a_loan_of_its_own(seed: u64, percent in 1_u32..99) {
        let mut dice = Dice::new(seed);
        let methods = [
            Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly, Method::OneOff,
        ];
        let terms = with(dice.pick(&methods), draw::plain(&mut dice));
        let down = Some(Size::Share(Percent::parse(&percent.to_string()).unwrap()));
        let paid_down = Terms { down_payment: down, ..terms.clone() };
        let Some(whole) = price(&paid_down) else { return Ok(()) };
        // A share of nearly nothing is nothing.
        if whole.rows[0].from == whole.rows[0].due {
            let rest = terms.advances[0].1.minus(whole.rows[0].principal).unwrap();
            let rest = Terms { advances: vec![(terms.start, rest)], ..terms };
            prop_assert_eq!(rows(&whole)[1..].to_vec(), rows(&price(&rest).unwrap()));
        }
    }
}
