//! Penalties by hand: what no vector covers.

use super::hand::{by, flat, percent, stand};
use super::tests::{date, monthly, paid, yuan};
use super::*;
use crate::Percent;
use crate::calendar::Frequency;
use crate::daycount::DayCount;
use crate::terms::{Method, Terms};

/// A thousandth a day.
fn penalty(base: PenaltyBase) -> Penalty {
    Penalty::new(percent("0.1"), base, PenaltyTime::Daily)
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

#[test]
fn the_legal_line_counts_the_interest_that_really_runs() {
    let rule = |line: &str| Penalty {
        cap_rate: Some(percent(line)),
        ..penalty(PenaltyBase::OverduePrincipal)
    };
    let charged = |terms: &Terms, line: &str, on: &str| {
        let rules = Rules { penalty: Some(rule(line)), ..by(Recalculation::Daily) };
        stand(terms, &rules, &[], on).rows[0].penalties
    };
    let act = Terms {
        method: Method::OneOff,
        frequency: Frequency::Days(30),
        day_count: DayCount::Act360,
        ..monthly("100000", "23.9", "2023-01-01", 1)
    };
    // Due on 31 January, 365 days late: 100000 x 23.9 % x 365/360 = 24231.9444 of interest is more
    // than 100000 x 24 % x 365/365 = 24000.00.
    assert_eq!(charged(&act, "24", "2024-01-31"), yuan("0"));
    // 36000.00 - 24231.9444 = 11768.0555, rounded down; a thousandth a day would be 36500.00.
    assert_eq!(charged(&act, "36", "2024-01-31"), yuan("11768.05"));
    let months = Terms {
        method: Method::OneOff,
        day_count: DayCount::Thirty360,
        ..monthly("1000", "12", "2023-01-01", 1)
    };
    // Due on 1 February. 28 days: 1000 x 24 % x 28/365 = 18.4109, less a month of 10.00.
    assert_eq!(charged(&months, "24", "2023-03-01"), yuan("8.41"));
    // 43 days: 28.2739, less a month and 15 of 31 days: 10.00 + 4.8387.
    assert_eq!(charged(&months, "24", "2023-03-16"), yuan("13.43"));
    // It is the same however often it is looked at.
    let looks = [paid("2023-02-09", "0"), paid("2023-03-01", "0"), paid("2023-03-07", "0")];
    let rules = Rules { penalty: Some(rule("24")), ..by(Recalculation::Daily) };
    assert_eq!(stand(&months, &rules, &looks, "2023-03-16").rows[0].penalties, yuan("13.43"));
}

#[test]
fn penalties_that_are_told_leave_less_room_below_the_cap() {
    let capped = |cap: &str| Penalty {
        cap_amount: Some(yuan(cap)),
        ..penalty(PenaltyBase::OverduePrincipal)
    };
    let told = |amount: &str| Event { on: date("2023-02-11"), what: What::Penalty(yuan(amount)) };
    // A yuan a day since 1 February: 27 days by the 28th, but 50 - 30 = 20. What was told in
    // February is with the row of 1 March.
    assert_eq!(charged(capped("50"), &[told("30")], "2023-02-20"), "19.00 30.00 0.00");
    assert_eq!(charged(capped("50"), &[told("30")], "2023-02-28"), "20.00 30.00 0.00");
    // By the evening of 10 February 9 were charged; afterwards 50 - 45 - 9 leaves nothing. What is
    // told is never cut, and what was charged before it stays.
    assert_eq!(charged(capped("50"), &[told("45")], "2023-02-28"), "9.00 45.00 0.00");
    assert_eq!(charged(capped("50"), &[told("100")], "2023-02-28"), "9.00 100.00 0.00");
    let looked = [paid("2023-02-10", "0"), told("45"), paid("2023-02-11", "0")];
    assert_eq!(charged(capped("50"), &looked, "2023-02-28"), "9.00 45.00 0.00");
    // A penalty that is charged once, a thousandth of 1000, after all but 0.40 was told.
    let early = Event { on: date("2023-01-15"), what: What::Penalty(yuan("0.60")) };
    let once = Penalty { time: PenaltyTime::Once, ..capped("1") };
    assert_eq!(charged(once, &[early], "2023-02-28"), "1.00 0.00 0.00");
    // Compounded: 10 days of about a yuan each, of which 5 have room.
    let compounded = Penalty { compounds: true, ..capped("50") };
    let first = Event { on: date("2023-02-01"), what: What::Penalty(yuan("45")) };
    assert_eq!(charged(compounded, &[first], "2023-02-11"), "50.00 0.00 0.00");
}

#[test]
fn compounding_that_leads_too_far_is_named() {
    let compounded = Penalty { compounds: true, ..penalty(PenaltyBase::OverduePrincipal) };
    let told = |terms: Terms, rate: &str, on: &str| {
        let rules = Rules {
            penalty: Some(Penalty { rate: percent(rate), ..compounded }),
            ..Rules::default()
        };
        terms.check().unwrap().standing(&rules, &[], date(on)).map(|_| ())
    };
    let want = Err(Problem::new("penalty.compounds", Fault::TooLarge));
    // 1000 x 1.01 ^ 3600 is 3.6 x 10 ^ 18.
    assert_eq!(told(flat(), "1", "2033-02-01"), want);
    // 3650 rows of 10000.00, each growing by a fen a day: 3650 x 3650 / 2 days by the last row.
    let terms = Terms {
        method: Method::EqualPrincipal,
        frequency: Frequency::Days(1),
        ..monthly("36500000", "0", "2023-01-01", 3650)
    };
    assert_eq!(told(terms, "0.0001", "2032-12-29"), want);
}
