//! How long a schedule and its annual rate take: `cargo bench -p pricing`.
//!
//! Targets on one core: 20 µs for 360 rows, 50 µs for their effective rate.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up has nothing to measure"
)]

use divan::{Bencher, black_box};
use kernel::{Date, Money};
use pricing::account::{Event, Recalculation, Rules, What};
use pricing::cost;
use pricing::daycount::DayCount;
use pricing::{CheckedTerms, Method, Percent, Terms};

fn main() {
    divan::main();
}

/// A million yuan at 4.9 % over 30 years.
fn terms(method: Method, day_count: DayCount) -> Terms {
    let principal = Money::from_yuan(1_000_000).expect("an amount");
    let rate = Percent::parse("4.9").expect("a rate");
    let start = Date::parse("2026-01-15").expect("a date");
    Terms { method, day_count, ..Terms::new(principal, rate, start, 360) }
}

fn checked(method: Method, day_count: DayCount) -> CheckedTerms {
    terms(method, day_count).check().expect("terms")
}

const CASES: [(Method, DayCount); 6] = [
    (Method::EqualInstalment, DayCount::Thirty360),
    (Method::EqualInstalment, DayCount::Act365),
    (Method::EqualInstalment, DayCount::ActAct),
    (Method::EqualPrincipal, DayCount::Thirty360),
    (Method::Flat, DayCount::Thirty360),
    (Method::InterestOnly, DayCount::Act360),
];

/// From terms to 360 rows: the check, the dates, the level instalment and the rows.
#[divan::bench(args = CASES.map(|(method, days)| format!("{method:?} {days:?}")))]
fn schedule_360(bencher: Bencher<'_, '_>, case: &str) {
    let found = CASES.iter().find(|(method, days)| format!("{method:?} {days:?}") == case);
    let (method, days) = *found.expect("a case");
    bencher
        .with_inputs(|| terms(method, days))
        .bench_values(|terms| terms.check().expect("terms").schedule().expect("a schedule"));
}

/// The effective rate of the dated flows of 360 rows.
#[divan::bench]
fn effective_rate_360(bencher: Bencher<'_, '_>) {
    let schedule = checked(Method::EqualInstalment, DayCount::Act365).schedule().expect("rows");
    let flows = schedule.flows().expect("flows");
    bencher.bench(|| cost::effective_by_days(black_box(&flows)));
}

/// The rate of a period, of 360 equal ones.
#[divan::bench]
fn period_rate_360(bencher: Bencher<'_, '_>) {
    let schedule = checked(Method::EqualInstalment, DayCount::Thirty360).schedule().expect("rows");
    let flows = schedule.flows().expect("flows");
    let flows: Vec<_> = (0_u32..).zip(flows).map(|(place, (_, change))| (place, change)).collect();
    bencher.bench(|| cost::period_rate(black_box(&flows)));
}

/// How a loan of 360 rows stands after 60 payments.
#[divan::bench(args = [false, true])]
fn standing_after_60(bencher: Bencher<'_, '_>, daily: bool) {
    let checked = checked(Method::EqualInstalment, DayCount::Act365);
    let rows = checked.schedule().expect("rows").rows;
    let paid = |row: &pricing::Row| Event {
        on: row.due,
        what: What::Paid(row.instalment().expect("an amount")),
    };
    let events: Vec<_> = rows.iter().take(60).map(paid).collect();
    let on = rows[60].from.plus_days(10).expect("a date");
    let recalculation = if daily { Recalculation::Daily } else { Recalculation::None };
    let rules = Rules { recalculation, ..Rules::default() };
    bencher.bench(|| checked.standing(black_box(&rules), &events, on));
}
