//! Terms and rules of a product, with figures from document 001.

use kernel::id::ProductId;
use kernel::{Channel, Date, Rate};
use pricing::account::{Allocation, Part, PenaltyBase, Recalculation, SettlementInterest};
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::terms::Size;
use pricing::{Method, Percent, Schedule};

use super::super::{
    Choice, FeeTime, IntervalUnit, LateRule, NotOffered, Product, ProductFee, Request, TenorUnit,
    Version, heaviest_month, offers, rules, terms,
};
use crate::tests::kit::{fen, yuan};

fn percent(text: &str) -> Percent {
    Percent::parse(text).unwrap()
}

fn ppm(ppm: u32) -> Rate {
    Rate::from_ppm(ppm).unwrap()
}

/// Anything from 100 to 10,000 yuan at up to 36 %, by days or months, in every method.
pub(crate) fn anything() -> Version {
    Version {
        name: "any".into(),
        description: vec!["one".into(), "two".into()],
        services: vec![],
        amounts: Choice::Range { least: yuan(100), most: yuan(10_000) },
        amount_default: yuan(1000),
        rates: Choice::Range { least: ppm(0), most: ppm(360_000) },
        rate_default: ppm(200_000),
        tenor_units: vec![TenorUnit::Day, TenorUnit::Month],
        days: Choice::Range { least: 5, most: 60 },
        days_default: 14,
        months: Choice::List(vec![1, 3, 6, 12]),
        months_default: 3,
        methods: vec![
            Method::OneOff,
            Method::InterestOnly,
            Method::EqualInstalment,
            Method::Flat,
            Method::EqualPrincipal,
        ],
        interval_units: vec![
            IntervalUnit::Day,
            IntervalUnit::Month,
            IntervalUnit::Quarter,
            IntervalUnit::Year,
        ],
        intervals: Choice::Range { least: 1, most: 30 },
        interval_default: 1,
        interval_unit_default: IntervalUnit::Month,
        day_count: DayCount::Act360,
        late: LateRule {
            daily: percent("0.05"),
            base: PenaltyBase::OverduePrincipal,
            grace_days: 3,
            cap_days: Some(90),
            cap_rate: Some(percent("24")),
        },
        settlement_fee: Percent::ZERO,
        fees: vec![],
        lender: Lender::Institution,
        review_steps: 1,
        approval_days: 7,
        first_limit: yuan(5000),
    }
}

/// By twelfths of a year instead of days.
fn by_months() -> Version {
    Version { day_count: DayCount::Thirty360, ..anything() }
}

fn product(version: Version) -> Product {
    let id = ProductId::from_number(1);
    let (channel, code) = (Channel::Xianjindai, "P1".to_owned());
    Product { id, channel, code, number: 1, on_sale: true, version }
}

/// So many yuan at so many ppm, by months paid monthly.
pub(crate) fn months(amount: i64, rate: u32, tenor: u32, method: Method) -> Request {
    Request {
        amount: yuan(amount),
        rate: ppm(rate),
        tenor,
        tenor_unit: TenorUnit::Month,
        interval_count: 1,
        interval_unit: IntervalUnit::Month,
        method,
    }
}

/// The same by days, paid every so many days.
fn days(amount: i64, rate: u32, (tenor, every): (u32, u32), method: Method) -> Request {
    Request {
        tenor,
        tenor_unit: TenorUnit::Day,
        interval_count: every,
        interval_unit: IntervalUnit::Day,
        ..months(amount, rate, 1, method)
    }
}

#[track_caller]
fn schedule(version: Version, request: &Request) -> Schedule {
    let start = Date::parse("2026-03-02").unwrap();
    terms(&product(version), request, start).unwrap().schedule().unwrap()
}

/// Due dates with what is due on them.
fn told(schedule: &Schedule) -> String {
    let told = schedule
        .rows
        .iter()
        .map(|row| format!("{} {}+{}+{}", row.due, row.principal, row.interest, row.fees));
    told.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(version: Version, request: &Request, want: &str) {
    assert_eq!(told(&schedule(version, request)), want);
}

#[test]
fn days_are_paid_at_the_end() {
    // Document 001 §26: 500.00 at 36 % for 14 days is 500 × 0.36 × 14 / 360 = 7.00.
    let request = days(500, 360_000, (14, 14), Method::OneOff);
    check(anything(), &request, "2026-03-16 500.00+7.00+0.00");
    // Document 001 §22: 5000 × 0.15 × 5 / 360 = 10.4166… → 10.42.
    check(
        anything(),
        &days(5000, 150_000, (5, 7), Method::OneOff),
        "2026-03-07 5000.00+10.42+0.00",
    );
}

#[test]
fn a_fee_is_kept_back_or_paid_with_each_row() {
    let fee =
        |time, size| ProductFee { name: "service".into(), collector: "lender".into(), time, size };
    let mut version = anything();
    version.fees = vec![fee(FeeTime::KeptBack, Size::Share(percent("10")))];
    // Document 001 §22: of 5000.00, 4500.00 is received, and 5010.42 paid back.
    let schedule = schedule(version, &days(5000, 150_000, (5, 7), Method::OneOff));
    assert_eq!(schedule.received, [(Date::parse("2026-03-02").unwrap(), yuan(4500))]);
    assert_eq!(told(&schedule), "2026-03-07 5000.00+10.42+0.00");
    // By hand: 1200 × 12 % / 12 = 12.00 a month, and 0.5 % of 1200 = 6.00 each time.
    let mut version = by_months();
    version.fees = vec![fee(FeeTime::EachPeriod, Size::Share(percent("0.5")))];
    check(
        version,
        &months(1200, 120_000, 3, Method::InterestOnly),
        "2026-04-02 0.00+12.00+6.00, 2026-05-02 0.00+12.00+6.00, 2026-06-02 1200.00+12.00+6.00",
    );
}

#[test]
fn months_are_paid_by_every_method() {
    // By hand: 990 / 3 = 330, 990 × 1.6 % = 15.84: 345.84 a month.
    check(
        by_months(),
        &months(990, 192_000, 3, Method::Flat),
        "2026-04-02 330.00+15.84+0.00, 2026-05-02 330.00+15.84+0.00, 2026-06-02 330.00+15.84+0.00",
    );
    // By hand: 300 × 1 % = 3.00, 200 × 1 % = 2.00, 100 × 1 % = 1.00.
    check(
        by_months(),
        &months(300, 120_000, 3, Method::EqualPrincipal),
        "2026-04-02 100.00+3.00+0.00, 2026-05-02 100.00+2.00+0.00, 2026-06-02 100.00+1.00+0.00",
    );
    // By hand: 1000 × 0.01 / (1 − 1.01^−3) = 340.0221… → 340.02; interest 10.00, then
    // 669.98 × 1 % = 6.70, then 336.66 × 1 % = 3.37 and the rest.
    check(
        by_months(),
        &months(1000, 120_000, 3, Method::EqualInstalment),
        "2026-04-02 330.02+10.00+0.00, 2026-05-02 333.32+6.70+0.00, 2026-06-02 336.66+3.37+0.00",
    );
    // By hand: 1000 × 12 % / 2 = 60.00 after six months at once.
    check(by_months(), &months(1000, 120_000, 6, Method::OneOff), "2026-09-02 1000.00+60.00+0.00");
}

#[test]
fn intervals_are_days_months_quarters_and_years() {
    // By hand: 1000 × 18 % × 10 / 360 = 5.00 every ten days.
    check(
        anything(),
        &days(1000, 180_000, (30, 10), Method::InterestOnly),
        "2026-03-12 0.00+5.00+0.00, 2026-03-22 0.00+5.00+0.00, 2026-04-01 1000.00+5.00+0.00",
    );
    let every = |count, unit, tenor| Request {
        interval_count: count,
        interval_unit: unit,
        ..months(1000, 120_000, tenor, Method::InterestOnly)
    };
    // By hand: a quarter of 12 % is 30.00, a year of it 120.00, two months of it 20.00.
    check(
        by_months(),
        &every(1, IntervalUnit::Quarter, 6),
        "2026-06-02 0.00+30.00+0.00, 2026-09-02 1000.00+30.00+0.00",
    );
    check(by_months(), &every(1, IntervalUnit::Year, 12), "2027-03-02 1000.00+120.00+0.00");
    check(by_months(), &every(2, IntervalUnit::Month, 2), "2026-05-02 1000.00+20.00+0.00");
    let start = Date::parse("2026-03-02").unwrap();
    let problem = |request: &Request| terms(&product(anything()), request, start).unwrap_err().en();
    let odd = problem(&every(2, IntervalUnit::Quarter, 9));
    assert_eq!(odd, "interval does not go with tenor");
    assert_eq!(problem(&every(0, IntervalUnit::Month, 3)), "interval does not go with tenor");
    assert_eq!(problem(&every(u32::MAX, IntervalUnit::Year, 3)), "interval does not go with tenor");
    let daily = problem(&every(30, IntervalUnit::Day, 3));
    assert_eq!(daily, "interval_unit does not go with tenor_unit");
    let level = problem(&days(1000, 1, (30, 10), Method::EqualInstalment));
    assert_eq!(level, "method does not go with tenor_unit");
}

#[test]
fn what_is_not_offered_is_told_in_order() {
    // Everything is wrong; one after the other is put right.
    let mut version = anything();
    version.tenor_units = vec![TenorUnit::Month];
    version.interval_units = vec![IntervalUnit::Month];
    version.methods = vec![Method::Flat];
    let mut request = days(10_001, 360_001, (99, 31), Method::EqualInstalment);
    let check = |version: &Version, request: &Request, want: Option<NotOffered>| {
        assert_eq!(offers(version, request).err(), want);
    };
    check(&version, &request, Some(NotOffered::Amount));
    request.amount = yuan(10_000);
    check(&version, &request, Some(NotOffered::Rate));
    request.rate = ppm(360_000);
    check(&version, &request, Some(NotOffered::TenorUnit));
    request.tenor_unit = TenorUnit::Month;
    check(&version, &request, Some(NotOffered::Tenor));
    request.tenor = 6;
    check(&version, &request, Some(NotOffered::IntervalUnit));
    version.interval_units.push(IntervalUnit::Day);
    check(&version, &request, Some(NotOffered::Interval));
    request.interval_count = 10;
    check(&version, &request, Some(NotOffered::MonthsByDays));
    version.tenor_units.push(TenorUnit::Day);
    (request.tenor_unit, request.tenor) = (TenorUnit::Day, 31);
    check(&version, &request, Some(NotOffered::Method));
    version.methods.push(Method::EqualInstalment);
    check(&version, &request, Some(NotOffered::DaysInEqualInstalments));
    request.method = Method::Flat;
    check(&version, &request, Some(NotOffered::IntervalDoesNotFit));
    request.tenor = 30;
    check(&version, &request, None);
}

#[test]
fn running_loans_follow_the_version() {
    let rules = rules(&anything());
    assert_eq!(rules.allocation, Allocation::default());
    let order = [Part::Penalty, Part::Fee, Part::Interest, Part::Principal];
    assert_eq!(rules.allocation.due, order);
    assert_eq!(rules.recalculation, Recalculation::None);
    assert_eq!(rules.settlement.interest, SettlementInterest::ToDay);
    assert_eq!(rules.settlement.fee, None);
    let penalty = rules.penalty.unwrap();
    assert_eq!((penalty.rate, penalty.grace_days), (percent("0.05"), 3));
    assert_eq!((penalty.cap_days, penalty.cap_rate), (Some(90), Some(percent("24"))));
    assert!(!penalty.compounds);
    let mut version = anything();
    version.late.daily = Percent::ZERO;
    version.settlement_fee = percent("1");
    let rules = super::super::rules(&version);
    assert_eq!((rules.penalty, rules.settlement.fee), (None, Some(percent("1"))));
}

#[test]
fn the_heaviest_month_is_what_falls_due_in_any() {
    // By hand: 5.00, 5.00 and 1005.00 fall due within a month.
    let by_days = schedule(anything(), &days(1000, 180_000, (30, 10), Method::InterestOnly));
    assert_eq!(heaviest_month(&by_days), Some(yuan(1015)));
    let by_months = schedule(by_months(), &months(990, 192_000, 3, Method::Flat));
    assert_eq!(heaviest_month(&by_months), Some(fen(34_584)));
}
