//! Schedules by hand and by vector.

use kernel::{Date, Money};

use crate::calendar::Frequency;
use crate::daycount::DayCount;
use crate::rounding::{Absorb, Mode, Round, Rounding};
use crate::terms::{Grace, LevelBasis, Method, Terms};
use crate::{Percent, Schedule};

fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn terms(principal: &str, rate: &str, start: &str, periods: u32) -> Terms {
    Terms::new(yuan(principal), Percent::parse(rate).unwrap(), date(start), periods)
}

/// `principal+interest` of every row.
fn text(schedule: &Schedule) -> String {
    let rows: Vec<_> =
        schedule.rows.iter().map(|row| format!("{}+{}", row.principal, row.interest)).collect();
    rows.join(" ")
}

#[track_caller]
fn check(terms: Terms, want: &str) {
    let schedule = terms.check().unwrap().schedule().unwrap();
    assert_eq!(text(&schedule), want);
    assert_eq!(schedule.rows.last().unwrap().balance, Money::ZERO);
}

#[test]
fn smoothing_moves_the_level_and_takes_bad_moves_back() {
    let smooth = Rounding { absorb: Absorb::Smooth, ..Rounding::default() };
    // Vector fin-331.77-smoothing.
    check(
        Terms {
            day_count: DayCount::ActAct,
            rounding: smooth,
            ..terms("331.77", "10.65", "2023-12-12", 5)
        },
        "65.14+3.00 65.73+2.41 66.44+1.70 66.93+1.21 67.53+0.59",
    );
    // Vector fin-ut-15.678-act365.
    check(
        Terms {
            day_count: DayCount::Act365,
            rounding: smooth,
            ..terms("100", "15.678", "2024-01-01", 6)
        },
        "16.10+1.33 16.38+1.05 16.53+0.90 16.77+0.66 16.97+0.46 17.25+0.22",
    );
}

#[test]
fn the_first_row_may_absorb() {
    let first = Rounding { absorb: Absorb::First, ..Rounding::default() };
    for method in [Method::EqualInstalment, Method::EqualPrincipal, Method::Flat] {
        let terms = Terms { rounding: first, method, ..terms("1000", "12", "2024-01-01", 3) };
        let schedule = terms.check().unwrap().schedule().unwrap();
        println!("{}", text(&schedule));
    }
}

#[test]
fn disbursements_within_a_period_move_the_level() {
    let advances = vec![
        (date("2024-01-05"), yuan("100")),
        (date("2024-01-08"), yuan("50")),
        (date("2024-01-08"), yuan("25")),
    ];
    // Vector fin-ut-3-disb.
    check(
        Terms { advances, ..terms("100", "9.4822", "2024-01-01", 6) },
        "28.79+1.15 28.78+1.16 29.01+0.93 29.24+0.70 29.47+0.47 29.71+0.23",
    );
    // Vector fin-ut-2nd-disb-midperiod.
    let advances = vec![(date("2024-01-01"), yuan("100")), (date("2024-02-15"), yuan("100"))];
    check(
        Terms { advances, ..terms("100", "9.4822", "2024-01-01", 6) },
        "16.34+0.79 36.46+1.07 36.37+1.16 36.65+0.88 36.94+0.59 37.24+0.29",
    );
}

#[test]
fn equal_parts_grow_with_money_that_comes_later() {
    // 600 over 6 months are 100 each; with 250 more on 1 March 400 + 250 are left over four: 162.50.
    let advances = vec![(date("2024-01-01"), yuan("600")), (date("2024-03-01"), yuan("250"))];
    check(
        Terms { method: Method::EqualPrincipal, advances, ..terms("600", "12", "2024-01-01", 6) },
        "100.00+6.00 100.00+5.00 162.50+6.50 162.50+4.88 162.50+3.25 162.50+1.63",
    );
}

#[test]
fn a_new_rate_takes_in_the_night_before() {
    // Vector fin-ut-ratechange-0215.
    let rate_changes = vec![(date("2024-02-15"), Percent::parse("4").unwrap())];
    check(
        Terms { rate_changes, ..terms("100", "7", "2024-01-01", 6) },
        "16.43+0.58 16.53+0.37 16.68+0.22 16.73+0.17 16.79+0.11 16.84+0.06",
    );
}

#[test]
fn nominal_levels_leave_the_rest_to_the_last_row() {
    let rounding =
        Rounding { instalment: Round::new(Mode::HalfUp, 100).unwrap(), ..Rounding::default() };
    let terms = Terms {
        rounding,
        day_count: DayCount::Act365,
        level_basis: LevelBasis::Nominal,
        ..terms("5000", "12", "2022-11-01", 6)
    };
    let schedule = terms.check().unwrap().schedule().unwrap();
    assert_eq!(schedule.rows[0].instalment(), Some(yuan("862")));
}

#[test]
fn grace_leaves_interest_only() {
    let rounding =
        Rounding { instalment: Round::new(Mode::HalfUp, 100).unwrap(), ..Rounding::default() };
    let grace = Grace { principal: 3, ..Grace::default() };
    let terms = Terms { rounding, grace, ..terms("5000", "12", "2022-11-01", 18) };
    let schedule = terms.check().unwrap().schedule().unwrap();
    // Vector fin-rs05-grace-principal.
    assert!(
        text(&schedule).starts_with("0.00+50.00 0.00+50.00 0.00+50.00 311.00+50.00 314.11+46.89"),
        "{}",
        text(&schedule)
    );
}

#[test]
fn odd_first_periods_take_part_of_a_month() {
    // Vector fin-lsg-192.22: the schedule begins before the disbursement.
    let advances = vec![(date("2024-01-15"), yuan("192.22"))];
    let want = "31.97+0.88 31.52+1.33 31.78+1.07 32.04+0.81 32.31+0.54 32.60+0.27";
    check(Terms { advances, ..terms("192.22", "9.99", "2024-01-01", 6) }, want);
    // The same with a first due date of its own.
    let first_due = Some(date("2024-02-01"));
    check(Terms { first_due, ..terms("192.22", "9.99", "2024-01-15", 6) }, want);
    let _ = Frequency::MONTHLY;
}
