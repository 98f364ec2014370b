//! Which versions are refused: those that do not hang together, and those above a legal line.

use kernel::{Date, Rate};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use pricing::terms::Size;
use pricing::{Method, Percent};

use super::super::worst::{dearest, late, requests};
use super::super::{
    Choice, FeeTime, IntervalUnit, LateRule, ProductFee, SaveProduct, TenorUnit, Version, check,
    seeds,
};
use super::keep::command;
use super::offer::{anything, months};
use crate::tests::kit::{fen, yuan};

fn percent(text: &str) -> Percent {
    Percent::parse(text).unwrap()
}

fn ppm(ppm: u32) -> Rate {
    Rate::from_ppm(ppm).unwrap()
}

fn today() -> Date {
    Date::parse("2026-03-02").unwrap()
}

#[track_caller]
fn check_unfit(change: impl Fn(&mut SaveProduct), want: &str) {
    let mut changed = command("A", anything());
    check::check(&changed).unwrap();
    change(&mut changed);
    let problem = check::check(&changed).unwrap_err();
    assert_eq!(problem.en(), want);
    assert!(!problem.zh().is_empty());
}

#[test]
fn what_does_not_go_together_is_refused() {
    let code = "code must be 1 to 32 letters, digits, - or _";
    for bad in ["", "a,b", "中", &"A".repeat(33)] {
        check_unfit(|c| c.code = bad.to_owned(), code);
    }
    let line = |field| format!("{field} must be one line of 1 to 200 characters");
    check_unfit(|c| c.version.name = " ".into(), &line("name"));
    check_unfit(|c| c.version.description.push("a\nb".into()), &line("description"));
    check_unfit(
        |c| c.version.services.push("a,b".into()),
        "services must be codes of letters, digits, - or _",
    );
}

#[test]
fn choices_that_are_none_are_refused() {
    let amounts = "amounts must be between 0.01 and 10000000000.00";
    check_unfit(|c| c.version.amounts = Choice::Range { least: yuan(2), most: yuan(1) }, amounts);
    check_unfit(|c| c.version.amounts = Choice::List(vec![fen(0)]), amounts);
    check_unfit(|c| c.version.amounts = Choice::List(vec![]), "amounts must be 1 to 50 entries");
    check_unfit(
        |c| c.version.amounts = Choice::List(vec![yuan(1); 2]),
        "amounts must be a list without repeats",
    );
    check_unfit(
        |c| c.version.amount_default = yuan(99),
        "amount_default must be between 100.00 and 10000.00",
    );
    check_unfit(|c| c.version.rate_default = ppm(360_001), "rate_default must be between 0 and 36");
    check_unfit(
        |c| c.version.days = Choice::Range { least: 0, most: 3 },
        "days must be between 1 and 1095",
    );
    check_unfit(|c| c.version.days_default = 4, "days_default must be between 5 and 60");
    check_unfit(|c| c.version.months = Choice::List(vec![121]), "months must be between 1 and 120");
    check_unfit(|c| c.version.months_default = 2, "months_default must be between 1 and 12");
    check_unfit(|c| c.version.interval_default = 31, "interval_default must be between 1 and 30");
    check_unfit(|c| c.version.tenor_units.clear(), "tenor_units must be 1 to 50 entries");
    check_unfit(
        |c| c.version.methods = vec![Method::Flat; 2],
        "methods must be a list without repeats",
    );
    check_unfit(
        |c| c.version.interval_units = vec![IntervalUnit::Year],
        "interval_unit_default does not go with interval_units",
    );
}

#[test]
fn figures_beyond_reason_are_refused() {
    check_unfit(
        |c| c.version.late.daily = percent("10.0001"),
        "late.daily must be between 0 and 10",
    );
    check_unfit(
        |c| c.version.late.daily = percent("0.00001"),
        "late.daily must be percent with at most four decimals",
    );
    check_unfit(
        |c| c.version.late.cap_days = Some(3),
        "late.cap_days must be between 4 and 100000",
    );
    check_unfit(
        |c| c.version.settlement_fee = percent("11"),
        "settlement_fee must be between 0 and 10",
    );
    check_unfit(|c| c.version.review_steps = 3, "review_steps must be between 0 and 2");
    check_unfit(|c| c.version.approval_days = 0, "approval_days must be between 1 and 365");
    check_unfit(
        |c| c.version.first_limit = yuan(99),
        "first_limit must be between 100.00 and 10000000000.00",
    );
    let fee = |share| ProductFee {
        name: "fee".into(),
        collector: "lender".into(),
        time: FeeTime::KeptBack,
        size: Size::Share(percent(share)),
    };
    check_unfit(|c| c.version.fees = vec![fee("101")], "fees.size must be between 0 and 100");
    check_unfit(|c| c.version.fees = vec![fee("1"); 21], "fees must be between 0 and 20");
}

#[test]
fn what_nobody_could_use_is_refused() {
    let only_days = |version: &mut Version, methods: &[Method]| {
        version.tenor_units = vec![TenorUnit::Day];
        version.methods = methods.to_vec();
    };
    // 20004015 of document 001: no equal instalments by days.
    let level =
        |c: &mut SaveProduct| only_days(&mut c.version, &[Method::OneOff, Method::EqualInstalment]);
    check_unfit(level, "methods does not go with tenor_units");
    // Seven days are no whole number of intervals of two.
    let odd = |c: &mut SaveProduct| {
        only_days(&mut c.version, &[Method::OneOff, Method::Flat]);
        c.version.days = Choice::List(vec![7]);
        c.version.days_default = 7;
        c.version.intervals = Choice::List(vec![2]);
        c.version.interval_default = 2;
    };
    check_unfit(odd, "methods does not go with intervals");
    // 20004012 of document 001: months are not paid by days.
    let by_days = |c: &mut SaveProduct| {
        c.version.interval_units = vec![IntervalUnit::Day];
        c.version.interval_unit_default = IntervalUnit::Day;
    };
    check_unfit(by_days, "tenor_units does not go with intervals");
    let many = "intervals must be so few that 2000 loans with 100000 rows cover all combinations";
    let months = |c: &mut SaveProduct| c.version.months = Choice::Range { least: 1, most: 120 };
    check_unfit(
        |c| {
            months(c);
            c.version.days = Choice::Range { least: 5, most: 1095 };
        },
        many,
    );
    // By hand: 50 tenors of 1046 to 1095 days paid daily are 53,525 rows, twice for two amounts.
    check_unfit(
        |c| {
            only_days(&mut c.version, &[Method::Flat]);
            c.version.days = Choice::List((1046..=1095).collect());
            c.version.days_default = 1046;
            c.version.intervals = Choice::List(vec![1]);
        },
        many,
    );
}

/// 1000 to 5000 yuan at this rate by this method, for months.
fn priced(rate: u32, method: Method) -> Version {
    Version {
        amounts: Choice::Range { least: yuan(1000), most: yuan(5000) },
        rates: Choice::List(vec![ppm(rate)]),
        rate_default: ppm(rate),
        tenor_units: vec![TenorUnit::Month],
        methods: vec![method],
        interval_units: vec![IntervalUnit::Month],
        intervals: Choice::List(vec![1]),
        day_count: DayCount::Thirty360,
        ..anything()
    }
}

/// The dearest loan above a line, as percent a year with the line's name.
#[track_caller]
fn check_line(version: &Version, want: Option<&str>) {
    let excess = dearest(version, today()).unwrap();
    let told = excess.map(|excess| {
        let figure = excess.finding.figure.percent_text(2);
        format!("{figure} {} {}", excess.finding.in_force.line.id, excess.request.tenor)
    });
    assert_eq!(told.as_deref(), want);
}

#[test]
fn the_dearest_loan_is_held_against_the_lines() {
    // The rate of a loan without fees that pays interest on what is outstanding is its figure.
    check_line(&priced(240_000, Method::InterestOnly), None);
    check_line(&priced(240_100, Method::InterestOnly), Some("24.01 institution-24 1"));
    // By hand: flat 13 % over n months; n = 1 is 13 %, n = 12 about 23.4 %: 1000 / 12 + 10.8333
    // = 94.1667 a month; at 1.95 % a month the annuity of 12 is 10.608, 94.1667 × 10.608 = 998.9.
    check_line(&priced(130_000, Method::Flat), None);
    let private = Version { lender: Lender::Private, ..priced(130_000, Method::Flat) };
    // Four times the LPR of 3 %: 12 %.
    let told = dearest(&private, today()).unwrap().unwrap();
    assert_eq!(told.finding.in_force.line.id, "private-lpr4-2021");
    assert_eq!(told.request.tenor, 12);
    let platform =
        Version { lender: Lender::InstitutionByPlatform, ..priced(300_000, Method::OneOff) };
    // 30 % by 12 months of 30/360, once a year: 30 % it is.
    check_line(&platform, Some("30.00 institution-24 1"));
}

#[test]
fn days_by_360_cost_more_than_they_say() {
    let by_days = |rate| Version {
        tenor_units: vec![TenorUnit::Day],
        days: Choice::List(vec![30]),
        days_default: 30,
        day_count: DayCount::Act360,
        ..priced(rate, Method::OneOff)
    };
    // By hand: 24 % × 365 / 360 = 24.33 % of real days; 23.6 % is 23.93 %.
    check_line(&by_days(240_000), Some("24.33 institution-24 30"));
    check_line(&by_days(236_000), None);
}

#[test]
fn fees_count_on_what_is_received() {
    let fee = |time, size| ProductFee { name: "f".into(), collector: "l".into(), time, size };
    // Document 001 §22: 5000 at 15 % for 5 days with 10 % kept back is 510.42 on 4500 in 5 days:
    // 510.42 / 4500 × 365 / 5 = 828.01 % a year.
    let kept = Version {
        amounts: Choice::List(vec![yuan(5000)]),
        amount_default: yuan(5000),
        tenor_units: vec![TenorUnit::Day],
        days: Choice::Range { least: 5, most: 60 },
        day_count: DayCount::Act360,
        fees: vec![fee(FeeTime::KeptBack, Size::Share(percent("10")))],
        ..priced(150_000, Method::OneOff)
    };
    check_line(&kept, Some("828.01 institution-24 5"));
    // By hand: 12 % a year of interest and 1 % of the loan a month are 24 % while nothing is
    // repaid; an amount of 10.01 on 1000 is a hundredth of a fen's share above it.
    let monthly = |size| Version {
        fees: vec![fee(FeeTime::EachPeriod, size)],
        ..priced(120_000, Method::InterestOnly)
    };
    check_line(&monthly(Size::Share(percent("1"))), None);
    check_line(&monthly(Size::Amount(fen(1000))), None);
    check_line(&monthly(Size::Amount(fen(1001))), Some("24.01 institution-24 1"));
}

#[track_caller]
fn check_late(rate: u32, rule: LateRule, want: Option<&str>) {
    let version = Version { late: rule, ..priced(rate, Method::InterestOnly) };
    let excess = late(&version, today()).unwrap();
    let told = excess.map(|excess| match excess.figure {
        Some(figure) => format!("{figure} above {}", Percent::from_rate(excess.limit)),
        None => format!("nothing caps it at {}", Percent::from_rate(excess.limit)),
    });
    assert_eq!(told.as_deref(), want);
}

#[test]
fn interest_and_penalty_together_are_held_against_the_lines() {
    let rule = LateRule {
        daily: percent("0.0246"),
        base: PenaltyBase::OverduePrincipal,
        grace_days: 0,
        cap_days: None,
        cap_rate: None,
    };
    // By hand: 15 % + 365 × 0.0246 % = 15 % + 8.979 % = 23.979 %.
    check_late(150_000, rule, None);
    check_late(150_210, rule, None);
    check_late(150_211, rule, Some("24.0001 above 24"));
    check_late(240_000, LateRule { daily: Percent::ZERO, ..rule }, None);
    let capped = |cap| LateRule { cap_rate: Some(percent(cap)), ..rule };
    check_late(240_000, capped("24"), None);
    check_late(150_000, capped("24.0001"), Some("24.0001 above 24"));
    // A penalty on more than the principal has no figure of its own.
    let on_all = LateRule { base: PenaltyBase::OverdueAmount, ..rule };
    check_late(10_000, on_all, Some("nothing caps it at 24"));
    check_late(10_000, LateRule { cap_rate: Some(percent("24")), ..on_all }, None);
}

#[test]
fn the_products_that_come_with_channels_are_sound_and_legal() {
    for channel in kernel::Channel::ALL {
        for seed in seeds(*channel) {
            check::check(&seed).unwrap();
            let excess = dearest(&seed.version, today()).unwrap();
            assert_eq!(excess, None, "{}", seed.code);
            assert_eq!(late(&seed.version, today()).unwrap(), None, "{}", seed.code);
        }
    }
}

#[test]
fn a_range_of_months_is_priced_month_by_month() {
    let version =
        Version { months: Choice::Range { least: 1, most: 24 }, ..priced(120_000, Method::Flat) };
    let tenors: Vec<_> = requests(&version).unwrap().iter().map(|request| request.tenor).collect();
    assert_eq!(tenors.len(), 48, "each with the least and the most amount");
    let first = months(1000, 120_000, 1, Method::Flat);
    assert_eq!(requests(&version).unwrap().first(), Some(&first));
}
