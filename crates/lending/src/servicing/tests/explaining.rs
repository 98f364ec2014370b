//! Where the figures of an instalment come from; reckoned by hand beside each test.

use kernel::id::LoanId;
use pricing::Method;

use crate::ports::MoneyOutcome;
use crate::servicing::{self, BeginRepayment, ExplainError, Explained, Meant};
use crate::tests::kit::{Bench, On, fen, on_both, yuan};
use crate::tests::lender::{by_days, by_months, shipped};

on_both! {
    the_interest_of_an_instalment_is_told_by_nights
    a_penalty_is_told_from_payment_to_payment
    every_instalment_adds_up
    there_is_nothing_to_explain_of_nothing
}

fn open(on: On) -> Bench {
    on.open_with(|_, policy| policy.servicing.auto_debit = false)
}

fn explained(bench: &Bench, loan: LoanId, row: u32) -> Explained {
    bench.write(move |tx| servicing::explain(tx, loan, row)).unwrap()
}

/// 1000.00 at 18 % for 14 nights by ACT/360: 1000 x 18 % x 14 / 360 = 7.00.
fn the_interest_of_an_instalment_is_told_by_nights(on: On) {
    let bench = open(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    bench.days(3);
    let told = explained(&bench, loan, 1);
    assert_eq!(told.balances, (yuan(1000), yuan(0)));
    let [night] = told.interest.as_slice() else { panic!("{:?}", told.interest) };
    assert_eq!((night.balance, night.from.days_until(night.to)), (yuan(1000), 14));
    assert_eq!((night.rate.to_string().as_str(), night.interest), ("18", yuan(7)));
    // 14/360, in lowest terms or not.
    assert_eq!(night.years.num() * 360, night.years.den() * 14);
    assert_eq!((told.row.row.interest, told.penalties), (yuan(7), Vec::new()));
}

/// Late by 0.05 % a day of 1000.00, from the due date on: ten days are 5.00.
fn a_penalty_is_told_from_payment_to_payment(on: On) {
    let bench = open(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 7));
    bench.days(8);
    assert_eq!(explained(&bench, loan, 1).penalties, Vec::new(), "a day of grace");
    bench.days(9);
    let told = explained(&bench, loan, 1);
    let [late] = told.penalties.as_slice() else { panic!("{:?}", told.penalties) };
    assert_eq!((late.base, late.charged), (Some(yuan(1000)), fen(500)));
    assert_eq!((late.from, late.from.days_until(late.to)), (told.row.row.due, 10));
    // A loan that is over is told as it was on its last day.
    let row = told.row.row.id;
    let command = BeginRepayment { member, row, meant: Meant::Row, coupon: None };
    bench.write(move |tx| servicing::begin_repayment(tx, &command)).unwrap();
    bench.answer(&MoneyOutcome::Done);
    bench.days(5);
    let over = explained(&bench, loan, 1);
    assert_eq!(over.penalties, told.penalties);
    assert_eq!(over.row.outstanding, yuan(0));
}

/// What is outstanding before an instalment is what was after the one before; in a loan at flat
/// interest of 12 % over 3 months, 3000.00 are 1000.00 and 30.00 three times.
fn every_instalment_adds_up(on: On) {
    let bench = open(on);
    let member = bench.borrower(1);
    let flat = bench.sell("F", shipped("MONTHS-FLAT"));
    let loan = bench.lend(member, flat, by_months(3000, 3, 120_000, Method::Flat));
    let mut before = yuan(3000);
    for row in 1..=3 {
        let told = explained(&bench, loan, row);
        assert_eq!(told.balances.0, before, "{row}");
        assert_eq!((told.row.row.principal, told.row.row.interest), (yuan(1000), yuan(30)));
        before = told.balances.1;
    }
    assert_eq!(before, yuan(0));
}

fn there_is_nothing_to_explain_of_nothing(on: On) {
    let bench = open(on);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    for row in [0, 2, u32::MAX] {
        let told = bench.write(move |tx| servicing::explain(tx, loan, row));
        assert!(matches!(told, Err(ExplainError::NoSuchRow)), "{row}");
    }
    let nobody = LoanId::from_number(999);
    let told = bench.write(move |tx| servicing::explain(tx, nobody, 1));
    assert!(matches!(told, Err(ExplainError::NotFound)));
}
