//! Appendix J (c), examples, each by unit periods and by dates, and some more of the same kind.

use kernel::{Change, Date, Money};

use super::{At, UnitPeriod, apr, apr_by_dates};
use crate::cost::{CostProblem, YearFraction};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn money(text: &str) -> Money {
    Money::parse_yuan(text).unwrap()
}

const MONTH: UnitPeriod = UnitPeriod::Months(1);

/// A loan of Appendix J: payments of these amounts, one after the other.
struct Loan<'a> {
    unit: UnitPeriod,
    /// Of the first payment: t, f as numerator and denominator.
    first: (u32, u32, u32),
    advance: (&'a str, &'a str),
    first_on: &'a str,
    /// How many payments, each.
    payments: &'a [(usize, &'a str)],
}

impl Loan<'_> {
    fn amounts(&self) -> Vec<Change> {
        let each = |(count, amount): &(usize, &str)| vec![money(amount).debit(); *count];
        self.payments.iter().flat_map(each).collect()
    }

    fn payment_on(&self, number: u32) -> Date {
        let first = date(self.first_on);
        match self.unit {
            UnitPeriod::Days(days) => first.plus_days(number * days),
            UnitPeriod::Weeks(weeks) => first.plus_days(number * weeks * 7),
            UnitPeriod::Months(months) => first.plus_months(number * months),
            UnitPeriod::Year => first.plus_months(number * 12),
            UnitPeriod::Semimonth if number.is_multiple_of(2) => first.plus_months(number / 2),
            UnitPeriod::Semimonth => first.plus_days(15).unwrap().plus_months(number / 2),
        }
        .unwrap()
    }
}

#[track_caller]
fn check(loan: &Loan<'_>, want: &str) {
    let (t, part, of) = loan.first;
    let mut placed = vec![(At::whole(0), money(loan.advance.0).credit())];
    let mut dated = vec![(date(loan.advance.1), money(loan.advance.0).credit())];
    for (number, amount) in (0..).zip(loan.amounts()) {
        placed.push((At::new(t + number, part, of).unwrap(), amount));
        dated.push((loan.payment_on(number), amount));
    }
    assert_eq!(apr(&placed, loan.unit.length()).unwrap().percent_text(2), want);
    let by_dates = apr_by_dates(&dated).unwrap();
    assert_eq!(by_dates.unit, loan.unit);
    assert_eq!(by_dates.placed[1].0, placed[1].0);
    assert_eq!(by_dates.apr.percent_text(2), want);
}

#[test]
fn appendix_j_with_regular_payments() {
    let monthly = |payments| Loan {
        unit: MONTH,
        first: (1, 0, 30),
        advance: ("5000", "1978-01-10"),
        first_on: "1978-02-10",
        payments,
    };
    check(&monthly(&[(24, "230")]), "9.69"); // regz-c1i
    check(&monthly(&[(1, "250"), (23, "230")]), "10.08"); // regz-c2i
    check(&monthly(&[(23, "230"), (1, "280")]), "10.50"); // (c)(3)(i)
    check(&monthly(&[(1, "250"), (22, "230"), (1, "280")]), "10.90"); // (c)(4)(i)
}

#[test]
fn appendix_j_with_an_odd_first_period() {
    let loan = |unit, first, advance, first_on, payments| Loan {
        unit,
        first,
        advance,
        first_on,
        payments,
    };
    let quarter = UnitPeriod::Months(3);
    // regz-c1ii
    let monthly = loan(MONTH, (1, 19, 30), ("6000", "1978-02-10"), "1978-04-01", &[(36, "200")]);
    check(&monthly, "11.82");
    // (c)(1)(iii)
    let half = UnitPeriod::Semimonth;
    let halves = loan(half, (0, 6, 15), ("5000", "1978-02-23"), "1978-03-01", &[(24, "219.17")]);
    check(&halves, "10.34");
    // regz-c1iv, and shortened as in the test file that the vectors name
    let quarterly =
        loan(quarter, (1, 39, 90), ("10000", "1978-05-23"), "1978-10-01", &[(40, "385")]);
    check(&quarterly, "8.97");
    let shorter = loan(quarter, (1, 8, 90), ("10000", "1978-06-23"), "1978-10-01", &[(40, "385")]);
    check(&shorter, "9.15");
    let short = loan(quarter, (0, 69, 90), ("10000", "1978-07-23"), "1978-10-01", &[(40, "385")]);
    check(&short, "9.32");
    // regz-c1v
    let week = UnitPeriod::Weeks(1);
    let weekly = loan(week, (4, 4, 7), ("500", "1978-03-20"), "1978-04-21", &[(30, "17.60")]);
    check(&weekly, "14.96");
    // (c)(2)(ii)
    let four = UnitPeriod::Weeks(4);
    let fourths = [(1, "39.50"), (11, "38.31")];
    check(&loan(four, (1, 5, 28), ("400", "1978-03-18"), "1978-04-20", &fourths), "28.50");
    // regz-c3ii
    let two = UnitPeriod::Weeks(2);
    let seconds = [(19, "9.50"), (1, "30")];
    check(&loan(two, (0, 8, 14), ("200", "1978-04-03"), "1978-04-11", &seconds), "12.22");
    // regz-c4ii
    let twos = [(1, "449.36"), (18, "465"), (1, "200")];
    let months = UnitPeriod::Months(2);
    check(&loan(months, (0, 52, 60), ("8000", "1978-01-10"), "1978-03-01", &twos), "7.30");
}

#[test]
fn more_unit_periods() {
    let loan = |unit, first, granted, first_on, payments| Loan {
        unit,
        first,
        advance: ("1000", granted),
        first_on,
        payments,
    };
    let week = UnitPeriod::Weeks(1);
    // apr-x-weekly-long, apr-x-weekly, apr-x-weekly-short
    check(&loan(week, (4, 5, 7), "2023-10-28", "2023-11-30", &[(5, "250")]), "176.52");
    check(&loan(week, (1, 0, 7), "2023-11-23", "2023-11-30", &[(5, "250")]), "412.40");
    check(&loan(week, (0, 6, 7), "2023-11-24", "2023-11-30", &[(5, "250")]), "434.30");
    // "Daily payments" and "Yearly payments" of the same test file
    let day = UnitPeriod::Days(1);
    check(&loan(day, (35, 0, 1), "2023-10-26", "2023-11-30", &[(5, "220")]), "94.15");
    let year = UnitPeriod::Year;
    check(&loan(year, (0, 35, 365), "2023-10-26", "2023-11-30", &[(5, "500")]), "78.34");
}

#[track_caller]
fn check_single(advance: (&str, &str), payment: (&str, &str), unit: UnitPeriod, want: &str) {
    let flows =
        [(date(advance.1), money(advance.0).credit()), (date(payment.1), money(payment.0).debit())];
    let found = apr_by_dates(&flows).unwrap();
    assert_eq!((found.unit, found.apr.percent_text(2).as_str()), (unit, want));
}

#[test]
fn the_unit_period_of_a_single_payment_is_the_term() {
    // regz-c5i: 255 days; the APR is the rate of the term × 365 / 255
    let days = UnitPeriod::Days(255);
    check_single(("1000", "1978-01-03"), ("1080", "1978-09-15"), days, "11.45");
    let flows = [(At::whole(0), money("1000").credit()), (At::whole(1), money("1080").debit())];
    assert_eq!(apr(&flows, YearFraction::days(255)).unwrap().percent_text(2), "11.45");
    // (c)(5)(ii) and (iii) are of this kind: whole months, and more than a year. By hand:
    // 40/1000 × 12/6 = 8 %; (1 + i)^2 = 1.21; (1 + i)(1 + i/2) = 1.155.
    let half_year = UnitPeriod::Months(6);
    check_single(("1000", "1978-07-15"), ("1040", "1979-01-15"), half_year, "8.00");
    check_single(("1000", "1978-01-10"), ("1210", "1980-01-10"), UnitPeriod::Year, "10.00");
    check_single(("1000", "1978-01-10"), ("1155", "1979-07-10"), UnitPeriod::Year, "10.00");
    check_single(("1000", "1978-01-10"), ("1100", "1979-01-10"), UnitPeriod::Year, "10.00");
    // A year and 73 days: (1.1)(1 + 0.1/5) = 1.122.
    check_single(("1000", "1978-01-10"), ("1122", "1979-03-24"), UnitPeriod::Year, "10.00");
}

#[track_caller]
fn check_unit(dates: &[&str], want: UnitPeriod) {
    let mut flows = vec![(date(dates[0]), money("100").credit())];
    flows.extend(dates[1..].iter().map(|text| (date(text), money("60").debit())));
    assert_eq!(apr_by_dates(&flows).unwrap().unit, want);
}

#[test]
fn the_commonest_period_is_the_unit_period() {
    check_unit(&["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"], MONTH);
    check_unit(&["2024-01-30", "2024-02-29", "2024-03-30"], MONTH);
    check_unit(&["2024-07-01", "2024-08-01", "2024-09-01"], MONTH);
    check_unit(&["2025-02-01", "2025-03-01", "2025-03-29", "2025-04-26"], UnitPeriod::Weeks(4));
    // Two quarters, two months: the smaller.
    let tie = ["2024-01-15", "2024-02-15", "2024-03-15", "2024-06-15", "2024-09-15"];
    check_unit(&tie, MONTH);
    check_unit(&["2024-01-15", "2024-01-25", "2024-02-04", "2024-02-14"], UnitPeriod::Days(10));
    // None twice: the average of 28 and 32 days, of 10 and 12, of 400 and 500 at most a year.
    check_unit(&["2024-01-01", "2024-01-29", "2024-03-01"], MONTH);
    check_unit(&["2024-01-01", "2024-01-11", "2024-01-23"], UnitPeriod::Weeks(2));
    check_unit(&["2024-01-01", "2025-02-04", "2026-06-19"], UnitPeriod::Year);
}

#[test]
fn several_advances_are_placed_like_payments() {
    // By hand: 1000 at 0 and 1000 at 1, paid with 2310 at 2 at 10 % a year: 1210 + 1100.
    let flows = [
        (date("2024-01-01"), money("1000").credit()),
        (date("2025-01-01"), money("1000").credit()),
        (date("2026-01-01"), money("2310").debit()),
    ];
    let found = apr_by_dates(&flows).unwrap();
    assert_eq!((found.unit, found.apr.percent_text(4).as_str()), (UnitPeriod::Year, "10.0000"));
}

#[test]
fn dates_without_a_term_have_no_apr() {
    let flows = [(date("2024-01-01"), money("10").credit())];
    assert_eq!(apr_by_dates(&[]), Err(CostProblem::NotEnoughFlows));
    assert_eq!(apr_by_dates(&flows), Err(CostProblem::NotEnoughFlows));
    let same_day = [flows[0], (date("2024-01-01"), money("11").debit())];
    assert_eq!(apr_by_dates(&same_day), Err(CostProblem::NotEnoughFlows));
    assert_eq!(apr(&[], YearFraction::ZERO), Err(CostProblem::BadArgument));
    assert_eq!(At::new(1, 1, 0), None);
    assert_eq!(At::new(0, 45, 30), At::new(1, 15, 30));
}
