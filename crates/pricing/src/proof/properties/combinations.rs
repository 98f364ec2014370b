//! Combinations that look odd, and what becomes of each: a schedule that a lender would expect, or
//! the field that is refused.

use kernel::{Date, Money};

use super::super::draw::fen;
use crate::calendar::Frequency;
use crate::daycount::DayCount;
use crate::fees::{Fee, FeeBase, FeeTime};
use crate::rounding::{Absorb, Mode, Round};
use crate::terms::{Grace, InterestFree, InterestGrace, Method, Size, Terms};
use crate::{Percent, Schedule};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn percent(text: &str) -> Percent {
    Percent::parse(text).unwrap()
}

fn terms() -> Terms {
    Terms::new(fen(100_000), percent("12"), date("2024-01-01"), 6)
}

/// `principal+interest` of every row in fen, or the field that is refused.
fn text(terms: Terms) -> String {
    match terms.check().and_then(|checked| checked.schedule()) {
        Ok(schedule) => rows(&schedule),
        Err(problem) => problem.field.to_string(),
    }
}

fn rows(schedule: &Schedule) -> String {
    let row = |row: &crate::Row| format!("{}+{}", row.principal.fen(), row.interest.fen());
    schedule.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(terms: Terms, want: &str) {
    assert_eq!(text(terms), want);
}

#[test]
fn nothing_is_due_before_the_first_disbursement() {
    let late = |on| Terms { advances: vec![(date(on), fen(100_000))], periods: Some(2), ..terms() };
    // A day is left of the first month: 100,000 x 1 % / 31 = 32, and 100,032.26 / (1 + 1/1.01).
    check(late("2024-01-31"), "50233+32 49767+498");
    check(late("2024-02-01"), "disbursements");
    check(late("2024-02-15"), "disbursements");
    check(late("2023-12-31"), "disbursements");
}

#[test]
fn a_late_disbursement_goes_with_a_first_row_that_absorbs_and_with_a_down_payment() {
    let mut late = terms();
    late.advances[0].0 = date("2024-01-16");
    late.rounding.absorb = Absorb::First;
    late.periods = Some(3);
    let schedule = late.clone().check().unwrap().schedule().unwrap();
    assert_eq!(schedule.principal, fen(100_000));
    let last = schedule.rows.last().unwrap();
    assert_eq!(last.instalment(), schedule.rows[1].instalment());
    let down = Terms { down_payment: Some(Size::Share(percent("25"))), ..late };
    let schedule = down.check().unwrap().schedule().unwrap();
    let due: Vec<_> = schedule.rows.iter().map(|row| row.due.to_string()).collect();
    assert_eq!(due, ["2024-01-16", "2024-02-01", "2024-03-01", "2024-04-01"]);
    assert_eq!(schedule.rows[0].balance, fen(75_000));
}

#[test]
fn a_disbursement_on_a_due_date_bears_interest_from_the_next_period() {
    let advances = vec![(date("2024-01-01"), fen(100_000)), (date("2024-02-01"), fen(100_000))];
    let terms = Terms { method: Method::InterestOnly, advances, periods: Some(3), ..terms() };
    check(terms, "0+1000 0+2000 200000+2000");
}

#[test]
fn a_first_period_whose_interest_is_above_the_instalment_takes_interest_only() {
    // 13 months of 2 % are 26,000: 100,000 x 1.26 / (1 + 1/1.02 + 1/1.02²) = 42,834 covers them.
    let long = Terms {
        first_due: Some(date("2025-02-01")),
        periods: Some(3),
        rate: percent("24"),
        ..terms()
    };
    check(long.clone(), "16834+26000 41171+1663 41995+840");
    // 36 months are 72,000; the rest is a loan of two rows: 100,000 / (1/1.02 + 1/1.02²) = 51,505.
    let longer = Terms { first_due: Some(date("2027-01-01")), ..long.clone() };
    check(longer, "0+72000 49505+2000 50495+1010");
    let fixed = Terms { instalment: Some(fen(20_000)), ..long };
    check(fixed, "instalment");
}

#[test]
fn a_given_instalment_covers_the_interest_and_ends_when_the_loan_does() {
    let given = |fen_of, periods| Terms { instalment: Some(fen(fen_of)), periods, ..terms() };
    check(given(999, Some(6)), "instalment");
    check(given(999, None), "instalment");
    check(given(1000, None), "instalment");
    check(given(1000, Some(3)), "0+1000 0+1000 100000+1000");
    check(given(60_000, None), "59000+1000 41000+410");
    check(given(60_000, Some(6)), "59000+1000 41000+410");
    let grace = Grace { principal: 2, ..Grace::default() };
    check(Terms { grace, ..given(60_000, None) }, "0+1000 0+1000 59000+1000 41000+410");
}

#[test]
fn interest_is_deferred_only_to_a_row_that_there_is() {
    let free = |free, free_rule| Terms {
        grace: Grace { free, free_rule, ..Grace::default() },
        instalment: Some(fen(60_000)),
        periods: None,
        ..terms()
    };
    check(free(1, InterestFree::Defer), "59000+0 41000+1410");
    check(free(2, InterestFree::Defer), "interest_free");
    check(free(2, InterestFree::Waive), "60000+0 40000+0");
    let interest =
        Grace { interest: 2, interest_rule: InterestGrace::Deferred, ..Grace::default() };
    check(Terms { grace: interest, ..free(0, InterestFree::Waive) }, "grace_interest");
    let all = Grace { free: 6, free_rule: InterestFree::Defer, ..Grace::default() };
    check(Terms { grace: all, ..terms() }, "interest_free");
    let most = Grace { free: 2, free_rule: InterestFree::Defer, ..Grace::default() };
    let at_end = Terms { method: Method::InterestOnly, periods: Some(3), ..terms() };
    check(Terms { grace: most, ..at_end }, "0+0 0+0 100000+3000");
}

#[test]
fn money_that_comes_in_a_free_period_bears_no_interest_in_it() {
    let advances = vec![(date("2024-01-01"), fen(50_000)), (date("2024-01-16"), fen(50_000))];
    let grace = Grace { free: 2, ..Grace::default() };
    check(Terms { advances, grace, periods: Some(2), ..terms() }, "50000+0 50000+0");
}

#[test]
fn a_new_rate_from_a_due_date_is_not_foreseen_before_it() {
    let rate_changes = vec![(date("2024-02-01"), percent("24"))];
    let changed = Terms { rate_changes, periods: Some(3), ..terms() };
    let (old, new) = (text(Terms { periods: Some(3), ..terms() }), text(changed));
    assert_eq!(old.split(' ').next(), new.split(' ').next());
    check(Terms { periods: Some(3), ..terms() }, "33002+1000 33332+670 33666+337");
}

#[test]
fn smoothing_foresees_no_rates_either() {
    let mut smooth = Terms { rate_changes: vec![(date("2024-05-15"), percent("0"))], ..terms() };
    smooth.rounding.absorb = Absorb::Smooth;
    let unchanged = Terms { rate_changes: Vec::new(), ..smooth.clone() };
    let first = |terms| text(terms).split(' ').take(3).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(first(smooth), first(unchanged));
}

#[test]
fn coarse_steps_end_a_loan_early_or_are_refused() {
    let by = |mode, step| {
        let mut terms = terms();
        terms.rounding.instalment = Round::new(mode, step).unwrap();
        terms
    };
    // 17,254.84 fen a month; nothing comes after the loan is repaid.
    check(by(Mode::Up, 100_000), "99000+1000 1000+10");
    check(by(Mode::Down, 100_000), "rounding");
    check(Terms { method: Method::EqualPrincipal, ..by(Mode::HalfUp, 100_000) }, "rounding");
    check(Terms { method: Method::Flat, ..by(Mode::HalfUp, 100_000) }, "rounding");
    let mut tiny = Terms { rate: Percent::ZERO, ..terms() };
    tiny.advances[0].1 = fen(2);
    check(tiny, "0+0 0+0 0+0 0+0 0+0 2+0");
    let mut first = by(Mode::HalfUp, 100);
    first.rounding.absorb = Absorb::First;
    check(first, "16036+1000 16460+840 16625+675 16791+509 16959+341 17129+171");
}

#[test]
fn fees_on_what_is_outstanding_know_what_was_disbursed() {
    let share = Size::Share(percent("1"));
    let on = |on| Fee {
        name: String::new(),
        time: FeeTime::On(date(on)),
        size: share,
        base: FeeBase::Outstanding,
    };
    let advances = vec![(date("2024-01-11"), fen(100_000)), (date("2024-03-11"), fen(100_000))];
    let fees = ["2024-01-10", "2024-01-11", "2024-03-01", "2024-03-10", "2024-03-11", "2024-07-01"];
    let fees = fees.map(on).to_vec();
    let terms = Terms { method: Method::InterestOnly, advances, fees, ..terms() };
    let schedule = terms.check().unwrap().schedule().unwrap();
    let charged: Vec<_> = schedule.fees.iter().map(|fee| fee.amount.fen()).collect();
    assert_eq!(charged, [0, 1000, 1000, 1000, 2000, 2000]);
}

#[test]
fn upfront_fees_that_leave_nothing_are_refused_by_their_own_name() {
    let fee = |time, size| Fee { name: String::new(), time, size, base: FeeBase::Loan };
    let added = fee(FeeTime::Added, Size::Amount(fen(50_000)));
    let kept = fee(FeeTime::KeptBack, Size::Share(percent("100")));
    check(Terms { fees: vec![kept, added], ..terms() }, "fees[0]");
}

#[test]
fn calendars_that_do_not_hold_the_periods_name_what_does_not_fit() {
    let often = |frequency| Terms { frequency, ..terms() };
    check(often(Frequency::Months(12 * 200)), "freq");
    check(often(Frequency::Months(12 * 100)), "n");
    let given = Terms { instalment: Some(fen(60_000)), periods: None, ..terms() };
    check(Terms { frequency: Frequency::Months(12 * 200), ..given }, "freq");
    let first_due = Some(date("2099-01-01"));
    check(Terms { first_due, frequency: Frequency::Days(1), ..terms() }, "first");
    let one_off = Terms { method: Method::OneOff, periods: Some(3000), ..terms() };
    check(Terms { day_count: DayCount::Act365, ..one_off }, "n");
    assert_eq!(Money::MAX.to_string(), "10000000000.00");
}
