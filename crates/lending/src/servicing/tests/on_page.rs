//! Orders that customers pay on a page of the provider. 1000.00 for 14 days costs 7.00.

use kernel::Money;
use kernel::id::{CouponId, LoanId, MemberId};

use crate::audit::Actor;
use crate::credit::{self, ReserveError};
use crate::ports::{MoneyOutcome, News};
use crate::servicing::payments::{self, Heard, Payment, PaymentState, Step};
use crate::servicing::{self, BeginError, BeginPage, LoanState, OnPage, PageBegun};
use crate::tests::kit::{Bench, On, on_both, yuan};
use crate::tests::lender::{by_days, shipped};

on_both! {
    an_order_on_a_page_is_asked_for_and_never_sent
    an_order_that_waits_is_used_again_with_what_is_to_be_paid
    news_book_an_order_once_and_only_as_it_stands
    what_is_paid_after_its_order_was_given_up_is_booked
    pages_are_for_the_owner_of_a_running_loan
}

const MINUTE: i64 = 60_000;

fn borrowed(on: On) -> (Bench, MemberId, LoanId) {
    let bench = on.open_with(|_, policy| policy.servicing.auto_debit = false);
    let member = bench.borrower(1);
    let product = bench.sell("D", shipped("DAYS-RANGE"));
    let loan = bench.lend(member, product, by_days(1000, 14));
    (bench, member, loan)
}

#[track_caller]
fn deduction(bench: &Bench, member: MemberId, amount: i64) -> CouponId {
    let issue = credit::Issue {
        actor: Actor::Platform,
        member,
        kind: credit::CouponKind::Deduction,
        amount: yuan(amount),
        min_repayment: yuan(500),
        min_withdrawal: Money::ZERO,
        last_day: bench.core.clock().now().business.date().plus_days(30).unwrap(),
    };
    bench.write(move |tx| credit::issue(tx, &issue)).unwrap().id
}

fn try_begin(
    bench: &Bench,
    member: MemberId,
    loan: LoanId,
    coupon: Option<CouponId>,
) -> Result<PageBegun, BeginError> {
    bench.write(move |tx| servicing::begin_on_page(tx, &BeginPage { member, loan, coupon }))
}

#[track_caller]
fn begin(bench: &Bench, member: MemberId, loan: LoanId, coupon: Option<CouponId>) -> OnPage {
    match try_begin(bench, member, loan, coupon).unwrap() {
        PageBegun::Ordered(order) => *order,
        PageBegun::Paid => panic!("paid without an order"),
    }
}

fn look(bench: &Bench, order: &OnPage) -> Payment {
    let id = order.payment;
    bench.read(move |tx| payments::payment(tx, id)).unwrap()
}

fn pass(bench: &Bench, minutes: i64) {
    let clock = bench.core.clock();
    clock.set(clock.now().wall.plus_millis(minutes * MINUTE));
}

fn hear(bench: &Bench, order: &OnPage, amount: Money, outcome: MoneyOutcome) -> Heard {
    let news = News { order_no: order.order_no.clone(), amount, outcome };
    bench.write(move |tx| payments::hear(tx, &news)).unwrap()
}

/// How often the coupon can be kept: not while it is, and not once it is used.
fn coupon_state(bench: &Bench, member: MemberId, coupon: CouponId) -> credit::CouponState {
    let page = crate::Page::from_offset(0, 10).unwrap();
    let coupons = bench.read(move |tx| credit::coupons(tx, member, page));
    coupons.into_iter().find(|one| one.id == coupon).unwrap().state
}

fn an_order_on_a_page_is_asked_for_and_never_sent(on: On) {
    let (bench, member, loan) = borrowed(on);
    let coupon = deduction(&bench, member, 20);
    let order = begin(&bench, member, loan, Some(coupon));
    assert_eq!(order.amount, yuan(987));
    assert_eq!(bench.answer(&MoneyOutcome::NoRecord), []);
    // Every minute somebody asks; before two hours are over it may still be paid.
    for _ in 0..3 {
        pass(&bench, 2);
        let [asked] = bench.answer(&MoneyOutcome::NoRecord)[..] else { panic!("not asked for") };
        assert_eq!(asked, (order.payment, Step::Query, PaymentState::Unknown));
    }
    assert_eq!(coupon_state(&bench, member, coupon), credit::CouponState::Reserved);
    pass(&bench, 115);
    let [asked] = bench.answer(&MoneyOutcome::NoRecord)[..] else { panic!("not asked for") };
    assert_eq!(asked, (order.payment, Step::Query, PaymentState::Failed));
    assert_eq!(look(&bench, &order).reason.as_deref(), Some("未在支付页面完成付款"));
    assert_eq!(coupon_state(&bench, member, coupon), credit::CouponState::Issued);
    // A query that finds it paid books it.
    let order = begin(&bench, member, loan, Some(coupon));
    pass(&bench, 2);
    bench.answer(&MoneyOutcome::Done);
    assert_eq!(look(&bench, &order).state, PaymentState::Succeeded);
    assert_eq!(coupon_state(&bench, member, coupon), credit::CouponState::Used);
    let settled = bench.loan(loan);
    assert_eq!((settled.state, settled.paid.total()), (LoanState::Settled, Some(yuan(1007))));
    bench.verify();
}

fn an_order_that_waits_is_used_again_with_what_is_to_be_paid(on: On) {
    let (bench, member, loan) = borrowed(on);
    let coupon = deduction(&bench, member, 20);
    let first = begin(&bench, member, loan, None);
    assert_eq!(first.amount, yuan(1007));
    pass(&bench, 119);
    let second = begin(&bench, member, loan, Some(coupon));
    assert_eq!((&second.order_no, second.amount), (&first.order_no, yuan(987)));
    // Twice the same coupon is once the coupon; and without it, it is free again.
    assert_eq!(begin(&bench, member, loan, Some(coupon)).amount, yuan(987));
    assert_eq!(begin(&bench, member, loan, None).amount, yuan(1007));
    assert_eq!(coupon_state(&bench, member, coupon), credit::CouponState::Issued);
    assert_eq!(look(&bench, &first).amount, yuan(1007));
    pass(&bench, 1);
    let third = begin(&bench, member, loan, None);
    assert_ne!(third.order_no, first.order_no);
    assert_eq!(look(&bench, &first).state, PaymentState::Failed);
    // A coupon that pays all of it leaves nothing to wait for.
    let all = deduction(&bench, member, 2000);
    assert!(matches!(try_begin(&bench, member, loan, Some(all)).unwrap(), PageBegun::Paid));
    assert_eq!(look(&bench, &third).state, PaymentState::Failed);
    assert_eq!(bench.loan(loan).state, LoanState::Settled);
    bench.verify();
}

fn news_book_an_order_once_and_only_as_it_stands(on: On) {
    let (bench, member, loan) = borrowed(on);
    let order = begin(&bench, member, loan, None);
    let tell = |amount, outcome| hear(&bench, &order, amount, outcome);
    assert_eq!(tell(yuan(1006), MoneyOutcome::Done), Heard::Strange);
    let nobody = OnPage { order_no: "202603010800007".into(), ..order.clone() };
    assert_eq!(hear(&bench, &nobody, yuan(1007), MoneyOutcome::Done), Heard::Strange);
    let broken = OnPage { order_no: "短".into(), ..order.clone() };
    assert_eq!(hear(&bench, &broken, yuan(1007), MoneyOutcome::Done), Heard::Strange);
    // The customer may try again on the page.
    assert_eq!(tell(yuan(1007), MoneyOutcome::Declined("no money".into())), Heard::Taken);
    assert_eq!(tell(yuan(1007), MoneyOutcome::Unknown), Heard::Taken);
    assert_eq!(look(&bench, &order).state, PaymentState::Sent);
    for _ in 0..2 {
        assert_eq!(tell(yuan(1007), MoneyOutcome::Done), Heard::Taken);
    }
    let settled = bench.loan(loan);
    assert_eq!((settled.state, settled.paid.total()), (LoanState::Settled, Some(yuan(1007))));
    assert_eq!(bench.wallet(member), 0);
    bench.verify();
}

fn what_is_paid_after_its_order_was_given_up_is_booked(on: On) {
    let (bench, member, loan) = borrowed(on);
    let coupon = deduction(&bench, member, 20);
    let order = begin(&bench, member, loan, Some(coupon));
    pass(&bench, 121);
    bench.answer(&MoneyOutcome::NoRecord);
    assert_eq!(look(&bench, &order).state, PaymentState::Failed);
    for _ in 0..2 {
        assert_eq!(hear(&bench, &order, yuan(987), MoneyOutcome::Done), Heard::Taken);
    }
    // The coupon had been given back: it has paid nothing.
    assert_eq!(look(&bench, &order).state, PaymentState::Succeeded);
    assert_eq!(coupon_state(&bench, member, coupon), credit::CouponState::Issued);
    let running = bench.loan(loan);
    assert_eq!((running.state, running.paid.total()), (LoanState::Repaying, Some(yuan(987))));
    // The rest by a second page; the first one again, and the money is the customer's.
    let rest = begin(&bench, member, loan, None);
    assert_eq!(rest.amount, yuan(20));
    assert_eq!(hear(&bench, &rest, yuan(20), MoneyOutcome::Done), Heard::Taken);
    assert_eq!(bench.loan(loan).state, LoanState::Settled);
    bench.verify();
}

fn pages_are_for_the_owner_of_a_running_loan(on: On) {
    let (bench, member, loan) = borrowed(on);
    let other = bench.borrower(2);
    let refusal = |member, loan, coupon| try_begin(&bench, member, loan, coupon).unwrap_err();
    assert!(matches!(refusal(other, loan, None), BeginError::NotYours));
    assert!(matches!(refusal(member, LoanId::from_number(7), None), BeginError::NoSuchRow));
    let foreign = deduction(&bench, other, 20);
    assert!(matches!(
        refusal(member, loan, Some(foreign)),
        BeginError::Coupon(ReserveError::NoSuchCoupon)
    ));
    // While the card is being debited there is no page.
    let row = kernel::id::PlanRowId::from_number(loan.number() * 10_000 + 1);
    let meant = servicing::Meant::Row;
    let debit = servicing::BeginRepayment { member, row, meant, coupon: None };
    bench.write(move |tx| servicing::begin_repayment(tx, &debit)).unwrap();
    assert!(matches!(refusal(member, loan, None), BeginError::UnderWay));
    bench.answer(&MoneyOutcome::Done);
    assert!(matches!(refusal(member, loan, None), BeginError::Settled));
    bench.verify();
}
