//! Running loans by vector and by hand.

use kernel::{Date, Money};

use super::*;
use crate::daycount::DayCount;
use crate::rounding::{Mode, Per, Round, Rounding};
use crate::terms::{LevelBasis, Method, Terms};
use crate::{CheckedTerms, Percent};

pub(super) fn yuan(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

pub(super) fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(super) fn paid(on: &str, amount: &str) -> Event {
    Event { on: date(on), what: What::Paid(yuan(amount)) }
}

pub(super) fn monthly(principal: &str, rate: &str, start: &str, periods: u32) -> Terms {
    Terms::new(yuan(principal), Percent::parse(rate).unwrap(), date(start), periods)
}

/// 5000 at 12 % by days, instalments in whole yuan: the loan of the vectors `fin-rp…`.
fn by_days() -> CheckedTerms {
    let rounding =
        Rounding { instalment: Round::new(Mode::HalfUp, 100).unwrap(), ..Rounding::default() };
    let rounding = Rounding { interest_per: Per::Stretch, ..rounding };
    let day_count = DayCount::Act365;
    let level_basis = LevelBasis::Nominal;
    let terms =
        Terms { day_count, rounding, level_basis, ..monthly("5000", "12", "2022-11-01", 6) };
    terms.check().unwrap()
}

fn rules(prepayment: Prepayment) -> Rules {
    Rules { recalculation: Recalculation::Daily, prepayment, ..Rules::default() }
}

/// `principal+interest` of every row.
#[track_caller]
fn check(
    checked: &CheckedTerms,
    rules: &Rules,
    events: &[Event],
    on: &str,
    want: &str,
) -> Standing {
    let standing = checked.standing(rules, events, date(on)).unwrap();
    let rows =
        standing.rows.iter().map(|row| format!("{}+{}", row.row.principal, row.row.interest));
    assert_eq!(rows.collect::<Vec<_>>().join(" "), want);
    standing
}

#[test]
fn early_and_exact_payments_recalculate_the_rest() {
    let smaller = rules(Prepayment::SmallerInstalments);
    // Vector fin-rp02-ontime.
    check(
        &by_days(),
        &smaller,
        &[paid("2022-12-01", "863")],
        "2022-12-01",
        "813.68+49.32 819.33+42.67 827.68+34.32 838.62+23.38 844.67+17.33 856.02+8.44",
    );
    // Vector fin-rp03-early.
    let standing = check(
        &by_days(),
        &smaller,
        &[paid("2022-11-27", "863")],
        "2022-11-27",
        "863.00+48.18 809.84+42.16 818.09+33.91 828.90+23.10 834.88+17.12 845.29+8.34",
    );
    assert_eq!(standing.rows[0].paid, yuan("863"));
    assert_eq!(standing.rows[0].outstanding, yuan("48.18"));
    // Vector fin-rp12-reduce-emi.
    check(
        &by_days(),
        &smaller,
        &[paid("2022-12-01", "1000"), paid("2023-01-01", "2000")],
        "2023-01-01",
        "950.68+49.32 1958.73+41.27 514.69+21.31 521.49+14.51 525.25+10.75 529.16+5.22",
    );
}

#[test]
fn late_principal_goes_on_bearing_interest() {
    // Vector fin-rp10-late-excess.
    let standing = check(
        &by_days(),
        &rules(Prepayment::SmallerInstalments),
        &[paid("2022-12-05", "1500")],
        "2022-12-05",
        "812.68+49.32 823.91+38.09 827.72+34.28 838.66+23.34 844.70+17.30 852.33+8.41",
    );
    assert_eq!(standing.rows[1].paid, yuan("638"));
    assert_eq!(standing.rows[1].outstanding, yuan("224"));
}

#[test]
fn prepayments_may_count_towards_the_next_rows() {
    // Vector fin-rp13-reschedule-next.
    check(
        &by_days(),
        &rules(Prepayment::NextInstalments),
        &[paid("2022-12-01", "1000"), paid("2023-01-01", "2000")],
        "2023-01-01",
        "950.68+49.32 1958.73+41.27 0.00+21.31 407.45+19.24 844.85+17.15 838.29+8.27",
    );
}

#[test]
fn unpaid_rows_bear_interest_up_to_the_day() {
    let terms = monthly("100", "7", "2024-01-01", 6).check().unwrap();
    let daily = rules(Prepayment::default());
    // Vectors fin-overdue-recalc-S2 and -S3.
    check(
        &terms,
        &daily,
        &[],
        "2024-03-10",
        "16.43+0.58 16.43+0.58 16.56+0.45 16.71+0.30 16.81+0.20 17.06+0.10",
    );
    check(
        &terms,
        &daily,
        &[paid("2024-02-01", "17.01")],
        "2024-03-10",
        "16.43+0.58 16.52+0.49 16.59+0.42 16.72+0.29 16.81+0.20 16.93+0.10",
    );
}

#[test]
fn settlement_takes_interest_for_the_days_used() {
    let terms = monthly("100", "7", "2024-01-01", 6).check().unwrap();
    let to_end = Settlement { interest: SettlementInterest::ToPeriodEnd, fee: None };
    for recalculation in [Recalculation::None, Recalculation::Daily] {
        let rules = Rules { recalculation, ..Rules::default() };
        let quote = |rules: Rules| {
            let events = [paid("2024-02-01", "17.01")];
            terms.standing(&rules, &events, date("2024-02-15")).unwrap().settlement
        };
        // Vectors fin-payoff-preclose and fin-payoff-rest.
        let to_day = quote(rules);
        assert_eq!((to_day.principal, to_day.interest), (yuan("83.57"), yuan("0.24")));
        let whole = quote(Rules { settlement: to_end, ..rules });
        assert_eq!((whole.interest, whole.total), (yuan("0.49"), yuan("84.06")));
    }
}

#[test]
fn settling_ends_the_loan_for_what_was_quoted() {
    let terms = monthly("100", "7", "2024-01-01", 6).check().unwrap();
    for recalculation in [Recalculation::None, Recalculation::Daily] {
        let rules = Rules { recalculation, ..Rules::default() };
        let settled = Event { on: date("2024-02-15"), what: What::Settled(yuan("83.81")) };
        let events = [paid("2024-02-01", "17.01"), settled];
        let standing = terms.standing(&rules, &events, date("2024-06-01")).unwrap();
        let owed = standing.rows.iter().map(|row| row.outstanding.fen()).sum::<i64>();
        assert_eq!(
            (owed, standing.settlement.total, standing.excess),
            (0, Money::ZERO, Money::ZERO)
        );
    }
}

#[test]
fn penalties_run_for_overdue_rows() {
    // Vector fin-fee05-penalty-prin-int: 1.5 % of 1030, once for each row.
    let terms = Terms { method: Method::Flat, ..monthly("3000", "12", "2023-01-01", 3) };
    let share = Percent::parse("1.5").unwrap();
    let base = PenaltyBase::OverduePrincipalAndInterest;
    let penalty = Penalty::new(share, base, PenaltyTime::Once);
    let rules = Rules { penalty: Some(penalty), ..Rules::default() };
    let standing = terms.check().unwrap().standing(&rules, &[], date("2023-04-02")).unwrap();
    for row in &standing.rows {
        assert_eq!(row.penalties, yuan("15.45"));
    }
    // Document 002: 12 yuan at 10 % a day for 33 days are 39.60.
    let terms = Terms { method: Method::OneOff, ..monthly("12", "0", "2023-01-01", 1) };
    let daily = Penalty {
        rate: Percent::parse("10").unwrap(),
        base: PenaltyBase::OverduePrincipal,
        time: PenaltyTime::Daily,
        ..penalty
    };
    let on = |penalty: Penalty, day: &str| {
        let rules = Rules { penalty: Some(penalty), ..Rules::default() };
        let checked = terms.clone().check().unwrap();
        checked.standing(&rules, &[], date(day)).unwrap().rows[0].penalties
    };
    assert_eq!(on(daily, "2023-03-06"), yuan("39.60"));
    assert_eq!(on(Penalty { cap_days: Some(10), ..daily }, "2023-03-06"), yuan("12"));
    assert_eq!(on(Penalty { cap_amount: Some(yuan("5")), ..daily }, "2023-03-06"), yuan("5"));
    assert_eq!(on(Penalty { grace_days: 33, ..daily }, "2023-03-06"), Money::ZERO);
    assert_eq!(on(Penalty { grace_days: 32, ..daily }, "2023-03-06"), yuan("39.60"));
    let late = Penalty { grace_days: 30, grace_count: GraceCount::FromGraceEnd, ..daily };
    assert_eq!(on(late, "2023-03-06"), yuan("3.60"));
    // 12 x 36.5 % x 33/365 = 0.396, rounded down.
    let line = Percent::parse("36.5");
    assert_eq!(on(Penalty { cap_rate: line, ..daily }, "2023-03-06"), yuan("0.39"));
    // 12 x 1.1^2 - 12 = 2.52.
    assert_eq!(on(Penalty { compounds: true, ..daily }, "2023-02-03"), yuan("2.52"));
}

/// Flat loan from 2023-01-01: principal, rate, rows; charges; payments with their parts
/// (principal, interest, fees, penalties) and the principal balance afterwards.
#[track_caller]
fn check_spread((principal, rate, rows): (&str, &str, u32), charges: &str, want: &[&str]) {
    let terms = Terms { method: Method::Flat, ..monthly(principal, rate, "2023-01-01", rows) };
    let mut events = Vec::new();
    for charge in charges.split(", ") {
        let words: Vec<_> = charge.split(' ').collect();
        let what = if words[0] == "fee" { What::Fee } else { What::Penalty };
        events.push(Event { on: date(words[1]), what: what(yuan(words[2])) });
    }
    for line in want {
        let words: Vec<_> = line.split(' ').collect();
        events.push(paid(words[0], words[1]));
    }
    let allocation = Allocation {
        in_advance: [Part::Principal, Part::Penalty, Part::Fee, Part::Interest],
        ..Allocation::default()
    };
    let rules = Rules { allocation, ..Rules::default() };
    let standing = terms.check().unwrap().standing(&rules, &events, date("2023-03-15")).unwrap();
    let got = standing.payments.iter().map(|used| {
        let Applied { on, amount, principal, interest, fees, penalties, .. } = used;
        let balance = used.principal_balance;
        format!("{on} {amount} = {principal} {interest} {fees} {penalties}, {balance}")
    });
    assert_eq!(got.collect::<Vec<_>>(), want);
}

#[test]
fn payments_are_spread_in_the_order_of_the_rules() {
    // Figures from the vectors of these names.
    // fin-alloc-1555
    check_spread(
        ("3000.00", "0", 3),
        "penalty 2023-01-15 50.00, penalty 2023-01-20 50.00, fee 2023-01-20 50.00",
        &["2023-01-15 1150.00 = 1000.00 0.00 50.00 100.00, 2000.00"],
    );
    // fin-alloc-1448
    check_spread(
        ("3000.00", "0", 3),
        "penalty 2023-02-01 50.00, fee 2023-02-01 50.00",
        &["2023-02-01 500.00 = 400.00 0.00 50.00 50.00, 2600.00"],
    );
    // fin-alloc-1475
    check_spread(
        ("3000.00", "0", 3),
        "penalty 2023-01-15 50.00",
        &["2023-01-15 500.00 = 450.00 0.00 0.00 50.00, 2550.00"],
    );
    // fin-alloc-1780
    check_spread(
        ("3000.00", "12", 3),
        "penalty 2023-01-15 50.00, penalty 2023-01-20 50.00, fee 2023-01-20 50.00",
        &["2023-01-15 1180.00 = 1000.00 30.00 50.00 100.00, 2000.00"],
    );
    // fin-alloc-1371
    check_spread(
        ("3000.00", "0", 3),
        "penalty 2023-02-01 50.00",
        &["2023-02-01 500.00 = 450.00 0.00 0.00 50.00, 2550.00"],
    );
    // fin-alloc-1228
    check_spread(
        ("1000.00", "0", 1),
        "penalty 2023-01-20 50.00, penalty 2023-01-23 10.00",
        &[
            "2023-01-10 500.00 = 500.00 0.00 0.00 0.00, 500.00",
            "2023-01-17 100.00 = 100.00 0.00 0.00 0.00, 400.00",
            "2023-01-20 100.00 = 50.00 0.00 0.00 50.00, 350.00",
        ],
    );
    // fin-alloc-1265
    check_spread(
        ("1000.00", "0", 1),
        "penalty 2023-01-20 50.00",
        &[
            "2023-01-10 500.00 = 500.00 0.00 0.00 0.00, 500.00",
            "2023-01-17 550.00 = 500.00 0.00 0.00 50.00, 0.00",
        ],
    );
    // fin-alloc-1528
    check_spread(
        ("3000.00", "0", 3),
        "penalty 2023-01-15 50.00, penalty 2023-01-20 50.00",
        &["2023-01-15 1100.00 = 1000.00 0.00 0.00 100.00, 2000.00"],
    );
    // fin-alloc-1194
    check_spread(
        ("1000.00", "0", 1),
        "penalty 2023-01-20 50.00",
        &[
            "2023-01-10 500.00 = 500.00 0.00 0.00 0.00, 500.00",
            "2023-01-17 450.00 = 450.00 0.00 0.00 0.00, 50.00",
            "2023-01-21 50.00 = 0.00 0.00 0.00 50.00, 50.00",
        ],
    );
}
