//! Coupons: their limits, their last day, and that each is used once.

use kernel::Money;
use kernel::id::{CouponId, MemberId};

use super::super::{
    Coupon, CouponKind, CouponState, Issue, Purpose, Reserve, coupons, expire_due, issue, release,
    reserve, use_reserved,
};
use crate::audit::Actor;
use crate::tests::kit::{Bench, On, START, all_at_once, fen, on_both, refusal, yuan};
use crate::{Page, Route};

on_both! {
    coupons_are_given_and_listed
    a_coupon_is_used_once
    a_coupon_that_was_not_needed_comes_back
    reservations_are_refused_in_order
    limits_are_those_of_the_kind
    coupons_expire_after_their_last_day
    of_many_reservations_at_once_one_gets_it
}

/// 10 yuan off a repayment of 400 or more, or on a withdrawal of 1200 or more, for three days.
fn command(member: MemberId, kind: CouponKind) -> Issue {
    Issue {
        actor: Actor::Platform,
        member,
        kind,
        amount: yuan(10),
        min_repayment: yuan(400),
        min_withdrawal: yuan(1200),
        last_day: START.date().plus_days(2).unwrap(),
    }
}

#[track_caller]
fn given(bench: &Bench, member: MemberId, kind: CouponKind) -> CouponId {
    bench.write(move |tx| issue(tx, &command(member, kind))).unwrap().id
}

fn repaying(member: MemberId, coupon: CouponId, amount: Money) -> Reserve {
    Reserve { member, coupon, purpose: Purpose::Repayment(amount) }
}

fn all(bench: &Bench, member: MemberId) -> Vec<Coupon> {
    bench.read(move |tx| coupons(tx, member, Page::new(1, 100).unwrap()))
}

fn coupons_are_given_and_listed(on: On) {
    let bench = on.open();
    let (member, other) = (bench.member(1, 0), bench.member(2, 0));
    let refused = |command: Issue| refusal(bench.write(move |tx| issue(tx, &command)));
    let good = command(member, CouponKind::Cash);
    let yesterday = START.date().minus_days(1).unwrap();
    let mut wrong = Issue { amount: Money::ZERO, last_day: yesterday, ..good.clone() };
    wrong.member = MemberId::from_number(99);
    assert_eq!(refused(wrong.clone()), "Worthless");
    wrong.amount = yuan(1);
    assert_eq!(refused(wrong.clone()), "Expired");
    wrong.last_day = START.date();
    assert_eq!(refused(wrong), "NoSuchMember");
    let first = bench.write(move |tx| issue(tx, &good)).unwrap();
    let second = given(&bench, member, CouponKind::Deduction);
    let listed = all(&bench, member);
    assert_eq!(listed.iter().map(|coupon| coupon.id).collect::<Vec<_>>(), [second, first.id]);
    assert_eq!(listed[1], first);
    assert_eq!(all(&bench, other), []);
}

fn a_coupon_is_used_once(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    let coupon = given(&bench, member, CouponKind::Deduction);
    let reserve_it =
        move |tx: &mut crate::Tx<'_, '_>| reserve(tx, &repaying(member, coupon, yuan(400)));
    let use_it = move |tx: &mut crate::Tx<'_, '_>| use_reserved(tx, member, coupon);
    assert_eq!(refusal(bench.write(use_it)), "NotReserved");
    assert_eq!(bench.write(reserve_it).unwrap(), yuan(10));
    assert_eq!(refusal(bench.write(reserve_it)), "Reserved");
    assert_eq!(bench.write(use_it).unwrap(), yuan(10));
    assert_eq!(refusal(bench.write(use_it)), "NotReserved");
    assert_eq!(refusal(bench.write(reserve_it)), "Used");
    assert_eq!(refusal(bench.write(move |tx| release(tx, member, coupon))), "NotReserved");
    let used = all(&bench, member).pop().unwrap();
    assert_eq!((used.state, used.worth), (CouponState::Used, Some(yuan(10))));
}

fn a_coupon_that_was_not_needed_comes_back(on: On) {
    let bench = on.open();
    let (member, other) = (bench.member(1, 0), bench.member(2, 0));
    let coupon = given(&bench, member, CouponKind::Deduction);
    let reserve_it =
        move |tx: &mut crate::Tx<'_, '_>| reserve(tx, &repaying(member, coupon, yuan(400)));
    bench.write(reserve_it).unwrap();
    assert_eq!(refusal(bench.write(move |tx| release(tx, other, coupon))), "NotReserved");
    bench.write(move |tx| release(tx, member, coupon)).unwrap();
    let back = all(&bench, member).pop().unwrap();
    assert_eq!((back.state, back.worth), (CouponState::Issued, None));
    assert_eq!(bench.write(reserve_it).unwrap(), yuan(10));
}

fn reservations_are_refused_in_order(on: On) {
    let bench = on.open();
    let (member, other) = (bench.member(1, 0), bench.member(2, 0));
    let coupon = given(&bench, member, CouponKind::Cash);
    let refused = |command: Reserve| refusal(bench.write(move |tx| reserve(tx, &command)));
    let wrong = repaying(other, coupon, Money::ZERO);
    assert_eq!(refused(wrong), "NoSuchCoupon");
    let wrong = Reserve { member, ..wrong };
    bench.core.clock().set(START.plus_days(3));
    assert_eq!(refused(wrong), "Expired");
    // The whole last day is still good.
    bench.core.clock().set(START.plus_days(2));
    assert_eq!(refused(wrong), "OtherKind");
    let little = Reserve { purpose: Purpose::Withdrawal(Money::ZERO), ..wrong };
    assert_eq!(refused(little), "TooSmall { least: 1200.00 }");
}

fn limits_are_those_of_the_kind(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    let deduction = given(&bench, member, CouponKind::Deduction);
    let cash = given(&bench, member, CouponKind::Cash);
    let little = repaying(member, deduction, fen(39_999));
    let refused = refusal(bench.write(move |tx| reserve(tx, &little)));
    assert_eq!(refused, "TooSmall { least: 400.00 }");
    let withdrawal = |amount| {
        let command = Reserve { member, coupon: cash, purpose: Purpose::Withdrawal(amount) };
        bench.write(move |tx| reserve(tx, &command))
    };
    assert_eq!(refusal(withdrawal(fen(119_999))), "TooSmall { least: 1200.00 }");
    assert_eq!(withdrawal(yuan(1200)).unwrap(), yuan(10));
    // No more is taken from a repayment than there is of it.
    let free = Issue { min_repayment: Money::ZERO, ..command(member, CouponKind::Deduction) };
    let free = bench.write(move |tx| issue(tx, &free)).unwrap().id;
    let command = repaying(member, free, fen(799));
    assert_eq!(bench.write(move |tx| reserve(tx, &command)).unwrap(), fen(799));
    let nothing = repaying(member, deduction, Money::ZERO);
    assert!(bench.write(move |tx| reserve(tx, &nothing)).is_err());
}

fn coupons_expire_after_their_last_day(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    let ids: Vec<_> = (0..4).map(|_| given(&bench, member, CouponKind::Deduction)).collect();
    let kept = ids[0];
    let reserve_it = repaying(member, kept, yuan(400));
    bench.write(move |tx| reserve(tx, &reserve_it)).unwrap();
    let expire = |days, limit| {
        let day = START.plus_days(days).date();
        bench.write(move |tx| expire_due(tx, day, limit)).unwrap()
    };
    assert_eq!(expire(2, 100), 0, "on the last day itself");
    assert_eq!((expire(3, 2), expire(3, 2), expire(3, 2)), (2, 1, 0));
    let states: Vec<_> = all(&bench, member).iter().map(|coupon| coupon.state).collect();
    let (expired, reserved) = (CouponState::Expired, CouponState::Reserved);
    assert_eq!(states, [expired, expired, expired, reserved]);
    // The one that a payment waits for is good for it, however late its answer comes.
    bench.core.clock().set(START.plus_days(5));
    assert_eq!(bench.write(move |tx| use_reserved(tx, member, kept)).unwrap(), yuan(10));
}

fn of_many_reservations_at_once_one_gets_it(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    let coupon = given(&bench, member, CouponKind::Deduction);
    let cores = [bench.another_core(), bench.another_core()];
    let answers = all_at_once(10, |n| {
        let route = Route::home(i64::try_from(n).unwrap());
        let command = repaying(member, coupon, yuan(500));
        cores[n % 2].write_and_wait(route, move |tx| reserve(tx, &command))
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for core in cores {
        core.close();
    }
}
