//! Penalties by hand: what no vector covers.

use super::hand::{by, flat, percent, stand};
use super::tests::{date, monthly, paid, yuan};
use super::*;
use crate::Percent;
use crate::daycount::DayCount;
use crate::terms::{Method, Terms};

/// A thousandth a day.
fn penalty(base: PenaltyBase) -> Penalty {
    Penalty {
        rate: percent("0.1"),
        base,
        time: PenaltyTime::Daily,
        grace_days: 0,
        grace_count: GraceCount::FromDue,
        cap_days: None,
        cap_amount: None,
        cap_rate: None,
        compounds: false,
    }
}

/// The penalties of each row of 3 x 1000 without interest; payments are for principal first.
fn charged(penalty: Penalty, events: &[Event], on: &str) -> String {
    let due = [Part::Principal, Part::Interest, Part::Fee, Part::Penalty];
    let allocation = Allocation { due, ..Allocation::default() };
    let rules = Rules { allocation, penalty: Some(penalty), ..Rules::default() };
    let terms = Terms { rate: Percent::ZERO, ..flat() };
    let standing = stand(&terms, &rules, events, on);
    let rows = standing.rows.iter().map(|row| row.penalties.to_string());
    rows.collect::<Vec<_>>().join(" ")
}

#[test]
fn penalties_on_all_principal_have_one_clock() {
    let whole = penalty(PenaltyBase::Outstanding);
    // 10 days of 3000.
    assert_eq!(charged(whole, &[], "2023-02-11"), "30.00 0.00 0.00");
    // Then 1000 are paid; 10 days after 1 March, of 2000.
    let events = [paid("2023-02-11", "1000")];
    assert_eq!(charged(whole, &events, "2023-03-11"), "30.00 20.00 0.00");
    // Paid on 11 March: 38 days of 3000, then 10 days of 2000. Row 2 was late by then, but its
    // ten days are in the 38.
    let events = [paid("2023-03-11", "1000")];
    assert_eq!(charged(whole, &events, "2023-03-21"), "114.00 20.00 0.00");
    // Late interest sets the clock going too: 10 days of 3000, not of 30.
    let terms = Terms { method: Method::InterestOnly, ..flat() };
    let rules = Rules { penalty: Some(whole), ..Rules::default() };
    let standing = stand(&terms, &rules, &[], "2023-02-11");
    assert_eq!(standing.rows[0].penalties, yuan("30"));
    // Money that comes later bears none before: 5 days of 3000, 5 days of 4000.
    let mut terms = Terms { method: Method::InterestOnly, ..flat() };
    terms.advances.push((date("2023-02-06"), yuan("1000")));
    let standing = stand(&terms, &rules, &[], "2023-02-11");
    assert_eq!(standing.rows[0].penalties, yuan("35"));
}

#[test]
fn days_of_grace_spare_what_is_paid_within_them() {
    let from_due = Penalty { grace_days: 5, ..penalty(PenaltyBase::OverduePrincipal) };
    let from_end = Penalty { grace_count: GraceCount::FromGraceEnd, ..from_due };
    let events = [paid("2023-02-04", "600")];
    // 400 for 10 days since 1 February, or for 5 since the 6th.
    assert_eq!(charged(from_due, &events, "2023-02-11"), "4.00 0.00 0.00");
    assert_eq!(charged(from_end, &events, "2023-02-11"), "2.00 0.00 0.00");
    // The last day of grace is free, the next one is not: 1000 for 6 days, or for one.
    assert_eq!(charged(from_due, &[], "2023-02-06"), "0.00 0.00 0.00");
    assert_eq!(charged(from_due, &[], "2023-02-07"), "6.00 0.00 0.00");
    assert_eq!(charged(from_end, &[], "2023-02-07"), "1.00 0.00 0.00");
    // Caps of days begin where the counting begins: 3 days of 400.
    let capped = Penalty { cap_days: Some(3), ..from_end };
    assert_eq!(charged(capped, &events, "2023-02-28"), "1.20 0.00 0.00");
}

#[test]
fn each_day_on_which_something_is_due_has_its_own_clock() {
    // A fee of 100 due on 15 January: 27 days of it, and 10 days of 1000.
    let fee = [Event { on: date("2023-01-15"), what: What::Fee(yuan("100")) }];
    assert_eq!(charged(penalty(PenaltyBase::OverdueAmount), &fee, "2023-02-11"), "12.70 0.00 0.00");
    let once = Penalty { time: PenaltyTime::Once, ..penalty(PenaltyBase::OverdueAmount) };
    assert_eq!(charged(once, &fee, "2023-01-31"), "0.10 0.00 0.00");
    assert_eq!(charged(once, &fee, "2023-02-28"), "1.10 0.00 0.00");
}

#[test]
fn small_payments_do_not_round_a_penalty_up() {
    // A thousandth of 12.60 is 0.0126: ten days are 0.126, rounded once. Rounded every day it would
    // be 0.10.
    let terms = Terms { rate: Percent::ZERO, method: Method::OneOff, ..flat() };
    let mut terms = Terms { periods: Some(1), ..terms };
    terms.advances[0].1 = yuan("12.60");
    let nothing = |day: i8| paid(&format!("2023-02-{day:02}"), "0");
    let events: Vec<_> = (2..=10).map(nothing).collect();
    let rules = Rules { penalty: Some(penalty(PenaltyBase::OverduePrincipal)), ..Rules::default() };
    assert_eq!(stand(&terms, &rules, &events, "2023-02-11").rows[0].penalties, yuan("0.13"));
}

#[test]
fn the_legal_line_follows_the_running_rate() {
    let due = Terms {
        method: Method::OneOff,
        day_count: DayCount::Act365,
        rate_changes: vec![(date("2023-02-11"), percent("18"))],
        ..monthly("1000", "12", "2023-01-01", 1)
    };
    let rule = Penalty {
        rate: percent("1"),
        cap_rate: Some(percent("24")),
        ..penalty(PenaltyBase::OverduePrincipal)
    };
    let charged = |recalculation: Recalculation| {
        let rules = Rules { penalty: Some(rule), ..by(recalculation) };
        stand(&due, &rules, &[], "2023-02-21").rows[0].penalties
    };
    // 9 nights at 24 - 12 %, 11 nights at 24 - 18 %: 2.9589 + 1.8082, rounded down.
    assert_eq!(charged(Recalculation::Daily), yuan("4.76"));
    // Nothing runs besides the penalty: 20 days at 24 % are 13.15068.
    assert_eq!(charged(Recalculation::None), yuan("13.15"));
}

#[test]
fn penalties_that_are_charged_once_have_no_caps_by_days() {
    let once = Penalty { time: PenaltyTime::Once, ..penalty(PenaltyBase::OverdueAmount) };
    for (penalty, field) in [
        (Penalty { cap_days: Some(1), ..once }, "penalty.cap_days"),
        (Penalty { cap_rate: Some(Percent::ZERO), ..once }, "penalty.cap_rate"),
        (Penalty { compounds: true, ..once }, "penalty.compounds"),
    ] {
        let rules = Rules { penalty: Some(penalty), ..Rules::default() };
        let problem = flat().check().unwrap().standing(&rules, &[], date("2023-02-01"));
        assert_eq!(problem, Err(Problem::contradiction(field, "penalty.time")));
    }
}
