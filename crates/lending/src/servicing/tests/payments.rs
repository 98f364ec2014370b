//! Orders whose answers are late, lost, or come twice: nothing is paid or taken twice.

use kernel::id::MemberId;

use crate::ledger::{self, Account};
use crate::ports::MoneyOutcome;
use crate::servicing::payments::{self, Direction, PaymentState, Step};
use crate::servicing::{self, LoanState, Meant, PayOutError};
use crate::tests::kit::{Bench, On, all_at_once, on_both};
use crate::tests::lender::{by_days, shipped};

on_both! {
    a_lost_answer_is_asked_for_and_never_sent_again
    an_order_that_never_arrived_is_sent_again_under_its_number
    a_declined_payout_lends_nothing_and_can_be_tried_again
    an_answer_that_comes_twice_books_once
    two_dispatchers_never_take_the_same_order
    many_repayments_at_once_are_one
}

fn later(bench: &Bench, seconds: i64) {
    bench.core.clock().set(bench.core.clock().now().wall.plus_millis(seconds * 1000));
}

fn approved(bench: &Bench) -> (MemberId, kernel::id::ApplicationId) {
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let application = bench.apply(member, product, by_days(1000, 14)).unwrap();
    bench.approve(application);
    (member, application)
}

fn a_lost_answer_is_asked_for_and_never_sent_again(on: On) {
    let bench = on.open();
    let (_, application) = approved(&bench);
    let (loan, order) = bench.order_payout(application);
    let sent = bench.answer(&MoneyOutcome::Unknown);
    let wanted = [(order, Step::Send(Direction::Payout), PaymentState::Unknown)];
    assert_eq!(sent, wanted);
    assert_eq!(bench.loan(loan.id).state, LoanState::PayingOut);
    assert!(bench.answer(&MoneyOutcome::Done).is_empty(), "not before its time");
    later(&bench, 3);
    let asked = bench.answer(&MoneyOutcome::Unknown);
    assert_eq!(asked, [(order, Step::Query, PaymentState::Unknown)]);
    later(&bench, 60);
    let asked = bench.answer(&MoneyOutcome::Done);
    assert_eq!(asked, [(order, Step::Query, PaymentState::Succeeded)]);
    assert_eq!(bench.loan(loan.id).state, LoanState::Repaying);
    later(&bench, 36_000);
    assert!(bench.answer(&MoneyOutcome::Done).is_empty());
    bench.verify();
}

/// Sent, and the process died before the answer: the order is asked for, and the provider has
/// never heard of it.
fn an_order_that_never_arrived_is_sent_again_under_its_number(on: On) {
    let bench = on.open();
    let (_, application) = approved(&bench);
    let (loan, order) = bench.order_payout(application);
    let first = bench.write(|tx| payments::due(tx, 10)).unwrap();
    assert_eq!(first.len(), 1);
    later(&bench, 61);
    let second = bench.write(|tx| payments::due(tx, 10)).unwrap();
    assert_eq!(second[0].step, Step::Query);
    assert_eq!(second[0].order.order_no, first[0].order.order_no);
    let finish = |outcome: MoneyOutcome| {
        bench.write(move |tx| payments::finish(tx, order, &outcome)).unwrap()
    };
    assert_eq!(finish(MoneyOutcome::NoRecord), PaymentState::Requested);
    later(&bench, 61);
    let third = bench.write(|tx| payments::due(tx, 10)).unwrap();
    assert_eq!(third[0].step, Step::Send(Direction::Payout));
    assert_eq!(third[0].order.order_no, first[0].order.order_no);
    assert_eq!(finish(MoneyOutcome::Done), PaymentState::Succeeded);
    assert_eq!(bench.loan(loan.id).state, LoanState::Repaying);
    bench.verify();
}

fn a_declined_payout_lends_nothing_and_can_be_tried_again(on: On) {
    let bench = on.open();
    let (_, application) = approved(&bench);
    let (loan, _) = bench.order_payout(application);
    bench.answer(&MoneyOutcome::Declined("account closed".into()));
    let failed = bench.loan(loan.id);
    assert_eq!((failed.state, failed.start), (LoanState::PayoutFailed, None));
    bench.verify();
    let actor = crate::audit::Actor::Platform;
    let twice = bench.write(move |tx| servicing::request_payout(tx, actor, application));
    assert!(matches!(twice, Err(PayOutError::NotApproved)));
    bench.write(move |tx| servicing::retry_payout(tx, actor, loan.id)).unwrap();
    bench.answer(&MoneyOutcome::Done);
    assert_eq!(bench.loan(loan.id).state, LoanState::Repaying);
    let orders = bench.read(move |tx| payments::payments_of(tx, loan.id));
    assert_eq!(orders.len(), 2);
    assert_ne!(orders[0].order_no, orders[1].order_no);
    bench.verify();
}

fn an_answer_that_comes_twice_books_once(on: On) {
    let bench = on.open();
    let (_, application) = approved(&bench);
    let (loan, order) = bench.order_payout(application);
    bench.write(|tx| payments::due(tx, 10)).unwrap();
    for outcome in [MoneyOutcome::Done, MoneyOutcome::Done, MoneyOutcome::Declined("late".into())] {
        let state = bench.write(move |tx| payments::finish(tx, order, &outcome)).unwrap();
        assert_eq!(state, PaymentState::Succeeded);
    }
    let owed = bench.read(move |tx| ledger::owed(tx, Account::LoanPrincipal(loan.id)));
    assert_eq!(owed.unwrap().fen(), 100_000);
    bench.verify();
}

fn two_dispatchers_never_take_the_same_order(on: On) {
    let bench = on.open();
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    for n in 1..=10 {
        let member = bench.borrower(n);
        let application = bench.apply(member, product, by_days(1000, 14)).unwrap();
        bench.approve(application);
        bench.order_payout(application);
    }
    let other = bench.another_core();
    let taken = all_at_once(4, |number| {
        let core = if number % 2 == 0 { &bench.core } else { &other };
        let route = crate::Route::home(i64::try_from(number).unwrap());
        core.write_and_wait(route, |tx| payments::due(tx, 10)).unwrap()
    });
    let mut orders: Vec<_> = taken.into_iter().flatten().map(|claimed| claimed.id).collect();
    assert_eq!(orders.len(), 10);
    orders.sort_unstable();
    orders.dedup();
    assert_eq!(orders.len(), 10);
    other.close();
}

fn many_repayments_at_once_are_one(on: On) {
    let bench = on.open();
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    let answers = all_at_once(8, |number| {
        let row = kernel::id::PlanRowId::from_number(loan.number() * 10_000 + 1);
        let meant = if number % 2 == 0 { Meant::Row } else { Meant::Settlement };
        let command = servicing::BeginRepayment { member, row, meant, coupon: None };
        let route = crate::Route::home(i64::try_from(number).unwrap());
        bench.core.write_and_wait(route, move |tx| servicing::begin_repayment(tx, &command)).is_ok()
    });
    assert_eq!(answers.iter().filter(|begun| **begun).count(), 1);
    bench.answer(&MoneyOutcome::Done);
    assert_eq!(bench.loan(loan).state, LoanState::Settled);
    let paid = bench.read(move |tx| servicing::repayments(tx, loan));
    assert_eq!(paid.len(), 1);
    bench.verify();
}
