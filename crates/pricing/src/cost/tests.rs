//! Published figures for the rates, each with its source or its vector id.

use kernel::{Change, Date, Money};

use super::china::{irr_rates, irr_rates_by_days, simple_rate};
use super::reg_z::apr_by_dates;
use super::{CostProblem, YearFraction, effective_by_days, effective_by_years, period_rate};

fn yuan(text: &str) -> Change {
    match text.strip_prefix('-') {
        Some(paid) => Money::parse_yuan(paid).unwrap().debit(),
        None => Money::parse_yuan(text).unwrap().credit(),
    }
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// An advance at zero and payments at 1, 2, …: (how many, each).
fn periodic(advance: &str, payments: &[(u32, &str)]) -> Vec<(u32, Change)> {
    let mut flows = vec![(0, yuan(advance))];
    let mut at = 0;
    for (count, each) in payments {
        for _ in 0..*count {
            at += 1;
            flows.push((at, yuan(each)));
        }
    }
    flows
}

#[track_caller]
fn check_days(advance: &str, payments: &[(u32, &str)], decimals: usize, want: &str) {
    let start = date("2012-10-10");
    let mut flows = vec![(start, yuan(advance))];
    flows.extend(payments.iter().map(|(days, each)| (start.plus_days(*days).unwrap(), yuan(each))));
    assert_eq!(effective_by_days(&flows).unwrap().percent_text(decimals), want);
}

#[test]
fn european_rates_by_days_are_as_published() {
    //          received, (days, paid)                     decimals, percent
    check_days("1000", &[(546, "-1200")], 2, "12.96"); // eu98-1
    check_days("950", &[(546, "-1200")], 2, "16.90"); // eu98-2
    check_days("500", &[(5, "-510")], 3, "324.436"); // uk-1
    check_days("500", &[(31, "-270"), (61, "-270")], 2, "84.63"); // uk-2
}

#[track_caller]
fn check_years(flows: &[(YearFraction, &str)], decimals: usize, want: &str) {
    let flows: Vec<_> = flows.iter().map(|(at, amount)| (*at, yuan(amount))).collect();
    assert_eq!(effective_by_years(&flows).unwrap().percent_text(decimals), want);
}

fn monthly<'a>(advance: &'a str, count: u32, each: &'a str) -> Vec<(YearFraction, &'a str)> {
    let mut flows = vec![(YearFraction::ZERO, advance)];
    flows.extend((1..=count).map(|month| (YearFraction::months(month), each)));
    flows
}

#[test]
fn european_rates_by_equal_months_and_years_are_as_published() {
    let years = YearFraction::years;
    let half = |halves| YearFraction::new(halves, 2).unwrap();
    check_years(&[(years(0), "1000"), (half(3), "-1200")], 2, "12.92"); // eu98-1b
    check_years(&[(years(0), "1000"), (years(1), "-600"), (years(2), "-600")], 2, "13.07"); // eu98-3
    let mut curo = monthly("10000", 6, "-1707");
    curo.push((YearFraction::months(1), "-50"));
    check_years(&curo, 5, "10.44749"); // curo-eu-2: published 10.447489, exact 10.4474895…
    // uk-2 with twelfths of a year, from the vector's note.
    check_years(&monthly("500", 2, "-270"), 2, "85.59");
    // COM(2002) 443, Annex: a loan of 6000 in yearly and in monthly instalments, with and
    // without charges; recalled, and confirmed by the equation.
    let yearly: Vec<_> = std::iter::once((years(0), "6000"))
        .chain((1..=4).map(|year| (years(year), "-1852")))
        .collect();
    check_years(&yearly, 1, "9.0");
    check_years(&monthly("6000", 48, "-149.31"), 2, "9.38");
    check_years(&monthly("5940", 48, "-149.31"), 2, "9.95");
    check_years(&monthly("6000", 48, "-150.56"), 2, "9.86");
}

#[test]
fn weeks_months_and_days_of_a_year_compare_by_value() {
    assert_eq!(YearFraction::months(6), YearFraction::weeks(26));
    assert!(YearFraction::days(182) < YearFraction::months(6));
    assert_eq!(YearFraction::new(1, 0), None);
    let mixed = [(YearFraction::ZERO, yuan("100")), (YearFraction::weeks(26), yuan("-60"))];
    let mixed = [&mixed[..], &[(YearFraction::months(6), yuan("-50"))]].concat();
    assert_eq!(effective_by_years(&mixed).unwrap().percent_text(2), "21.00");
}

#[test]
fn periodic_rates_have_a_nominal_and_an_effective_form() {
    // cn-flat-1pct
    let flat = irr_rates(&periodic("12000", &[(12, "-1120")]), 12).unwrap();
    let monthly = period_rate(&periodic("12000", &[(12, "-1120")])).unwrap();
    assert_eq!(monthly.percent_text(6), "1.788099");
    assert_eq!(flat.nominal.percent_text(4), "21.4572");
    assert_eq!(flat.effective.percent_text(4), "23.6984");
    // curo-stepped: published 6.999217, exact 6.9992175…: within one unit of the last digit.
    let stepped = periodic("10000", &[(4, "-1288.89"), (4, "-773.33"), (4, "-515.56")]);
    let nominal = period_rate(&stepped).unwrap().nominal(12);
    assert!((nominal.percent() - 6.999_217).abs() < 1e-6, "{nominal:?}");
}

#[test]
fn simple_rate_is_over_the_money_received() {
    // seed-001-kantou: 5000 on paper, 4500 received, 5010.42 repaid after 5 days.
    let received = Money::parse_yuan("4500").unwrap();
    let cost = Money::parse_yuan("510.42").unwrap();
    let rate = simple_rate(cost, &[(received, 5)]).unwrap();
    assert_eq!(rate.percent_text(2), "828.01");
    assert_eq!(rate.annual().percent_text(2), "828.01");
    assert_eq!(rate.percent_text(0), "828");
    // The same flows by the compound method.
    let flows = [(date("2026-01-01"), yuan("4500")), (date("2026-01-06"), yuan("-5010.42"))];
    let compound = irr_rates_by_days(&flows, YearFraction::days(5)).unwrap();
    assert_eq!(compound.effective.percent_text(0), "254758");
    // A loan that is paid once has no interest on interest within its own length.
    assert_eq!(compound.nominal.percent_text(2), "828.01");
}

#[test]
fn simple_rate_counts_the_rest_after_each_repayment() {
    // By hand: 120 for 1200 over 30 and 600 over 30 days: 120 × 365 / 54000 = 81.111… %.
    let money = |text| Money::parse_yuan(text).unwrap();
    let rate = simple_rate(money("120"), &[(money("1200"), 30), (money("600"), 30)]).unwrap();
    assert_eq!(rate.percent_text(4), "81.1111");
    assert_eq!(simple_rate(Money::ZERO, &[(money("1"), 1)]).unwrap().percent_text(2), "0.00");
    assert_eq!(simple_rate(money("1"), &[]), Err(CostProblem::NoTimePasses));
    assert_eq!(simple_rate(money("1"), &[(money("1"), 0)]), Err(CostProblem::NoTimePasses));
    // Half up, exactly: 1 fen over 365 days on 800 yuan is 0.00125 %.
    let small = simple_rate(money("0.01"), &[(money("800"), 365)]).unwrap();
    assert_eq!(small.percent_text(4), "0.0013");
}

/// loanpro-15000.
#[test]
fn the_calculator_example_of_loanpro() {
    let start = date("2020-08-17");
    let mut flows = vec![(start, yuan("15000"))];
    for month in 0..59 {
        flows.push((date("2020-09-01").plus_months(month).unwrap(), yuan("-281.01")));
    }
    flows.push((date("2020-09-01").plus_months(59).unwrap(), yuan("-280.45")));
    // Published as 4.698. The figure that comes nearest is the nominal rate by whole months, as
    // if the first period, 15 days long, were a month: 4.69857, cut off after three decimals.
    let mut whole = periodic("15000", &[(59, "-281.01")]);
    whole.push((60, yuan("-280.45")));
    let by_months = period_rate(&whole).unwrap().nominal(12);
    assert_eq!(by_months.percent_text(5), "4.69857");
    // With the short first period the loan is dearer.
    assert_eq!(apr_by_dates(&flows).unwrap().apr.percent_text(5), "4.78017");
}

#[test]
fn rates_run_from_minus_to_very_large() {
    //          received, (days, paid)                 decimals, percent
    check_days("1000", &[(365, "-1000")], 2, "0.00");
    check_days("1000", &[(365, "-900")], 2, "-10.00");
    check_days("10000", &[(365, "-1")], 2, "-99.99");
    check_days("100", &[(365, "-1000100")], 2, "1000000.00");
    check_days("700", &[(7, "-1000")], 0, "11940726941"); // 714高炮: (10/7)^(365/7) − 1
    check_days("1", &[(365, "-10000000000")], 0, "999999999900");
    let days = |received, days, paid| {
        let start = date("2026-01-01");
        effective_by_days(&[(start, yuan(received)), (start.plus_days(days).unwrap(), yuan(paid))])
    };
    assert_eq!(days("10001", 365, "-1"), Err(CostProblem::RateOutOfRange));
    assert_eq!(days("100", 1, "-200"), Err(CostProblem::RateOutOfRange)); // 2^365
    assert_eq!(days("100", 1, "-0.01"), Err(CostProblem::RateOutOfRange));
    // One fen of cost on ten billion keeps its digits.
    let small = days("9999999999.99", 365, "-10000000000").unwrap().fraction();
    assert!((small / 1.000_000_000_001e-12 - 1.0).abs() < 1e-11, "{small:e}");
}

#[test]
fn loans_with_several_advances_have_one_rate() {
    let flows = [
        (0, yuan("1000")),
        (1, yuan("-200")),
        (2, yuan("500")),
        (3, yuan("-700")),
        (4, yuan("-700")),
    ];
    let rate = period_rate(&flows).unwrap();
    let worth = |rate: f64| {
        let worth = |(at, amount): &(i32, f64)| amount / (1.0 + rate).powi(*at);
        let flows = [(0, 1000.0), (1, -200.0), (2, 500.0), (3, -700.0), (4, -700.0)];
        flows.iter().map(worth).sum::<f64>()
    };
    assert!(worth(rate.fraction()).abs() < 1e-9, "{rate:?}");
    // The lender's view, any order, parts of a flow, and another first number: the same rate.
    let mut seen: Vec<_> = flows.iter().map(|(at, flow)| (at + 7, flow.reversed())).collect();
    seen.reverse();
    seen.push((8, yuan("50")));
    seen.push((8, yuan("-50")));
    assert_eq!(period_rate(&seen).unwrap(), rate);
    // Cost-free with several advances.
    let even = [(0, yuan("1000")), (1, yuan("-500")), (2, yuan("500")), (3, yuan("-1000"))];
    assert_eq!(period_rate(&even).unwrap().fraction().to_bits(), 0.0_f64.to_bits());
}

#[track_caller]
fn check_problem(flows: &[(u32, &str)], want: &CostProblem) {
    let flows: Vec<_> = flows.iter().map(|(at, amount)| (*at, yuan(amount))).collect();
    assert_eq!(period_rate(&flows).as_ref(), Err(want));
}

#[test]
fn what_has_no_rate_says_why() {
    check_problem(&[], &CostProblem::NotEnoughFlows);
    check_problem(&[(0, "100")], &CostProblem::NotEnoughFlows);
    check_problem(&[(3, "100"), (3, "-100")], &CostProblem::NotEnoughFlows);
    check_problem(&[(3, "100"), (3, "-90")], &CostProblem::NotEnoughFlows);
    check_problem(&[(0, "100"), (1, "100")], &CostProblem::OneSided);
    check_problem(&[(0, "100"), (1, "-100"), (2, "100")], &CostProblem::NoRoot);
    let many = vec![(0, yuan("1")); super::MAX_FLOWS + 1];
    assert_eq!(period_rate(&many), Err(CostProblem::TooManyFlows));
    assert_eq!(CostProblem::NoRoot.to_string(), "no rate makes these flows even");
    assert_eq!(CostProblem::NoRoot.zh(), "没有任何利率能使这些现金流的净现值为零");
}

#[test]
fn several_rates_are_listed() {
    // (x − 1.1)(x − 1.3) with x = 1 + i: 10 % and 30 %.
    let flows = [(0, yuan("100")), (1, yuan("-240")), (2, yuan("143"))];
    let Err(CostProblem::SeveralRoots { roots }) = period_rate(&flows) else { panic!() };
    assert_eq!(roots.len(), 2);
    assert!((roots[0] - 0.1).abs() < 1e-12 && (roots[1] - 0.3).abs() < 1e-12, "{roots:?}");
    let problem = CostProblem::SeveralRoots { roots };
    let want = "several rates make these flows even: 10.000000, 30.000000";
    assert_eq!(problem.to_string(), want);
    assert_eq!(problem.zh(), "有多个利率使这些现金流的净现值为零：10.000000, 30.000000");
    // (x − 1.1)(x − 1.10001): two roots close together are both seen.
    let close = [(0, yuan("10000000")), (1, yuan("-22000100")), (2, yuan("12100110"))];
    assert!(
        matches!(period_rate(&close), Err(CostProblem::SeveralRoots { roots }) if roots.len() == 2)
    );
    // (x − 1.1)²: touched once.
    let touched = [(0, yuan("100")), (1, yuan("-220")), (2, yuan("121"))];
    assert_eq!(period_rate(&touched).unwrap().percent_text(4), "10.0000");
    // Zero is one root, 50 % the other: (x − 1)(x − 1.5).
    let zero = [(0, yuan("100")), (1, yuan("-250")), (2, yuan("150"))];
    let Err(CostProblem::SeveralRoots { roots }) = period_rate(&zero) else { panic!() };
    assert!(roots[0] == 0.0 && (roots[1] - 0.5).abs() < 1e-12, "{roots:?}");
}
