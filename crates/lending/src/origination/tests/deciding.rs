//! Review by one or two people, and the other ends of an application.

use kernel::id::{ApplicationId, MemberId};

use super::super::{
    State, WithdrawError, decisions, disclosure_of, lapse, past_approval, withdraw,
};
use super::{applied, decide, find, line, no, opened, yes};
use crate::tests::kit::{Bench, On, START, on_both, refusal, yuan};
use crate::tests::lender::by_days;

on_both! {
    what_stands_against_a_review_is_told_in_order
    two_steps_are_taken_by_two_people
    each_step_may_take_off_and_none_gives_back
    a_refusal_at_any_step_gives_the_limit_back
    an_approval_lapses_after_its_days
    customers_take_back_what_was_not_paid_out
}

fn take_back(bench: &Bench, member: MemberId, id: ApplicationId) -> Result<State, WithdrawError> {
    bench.write(move |tx| withdraw(tx, member, id)).map(|application| application.state)
}

fn what_stands_against_a_review_is_told_in_order(on: On) {
    let bench = on.open();
    let (_, _, id) = applied(&bench, 2);
    let unknown = ApplicationId::from_number(99);
    assert_eq!(refusal(decide(&bench, 1, unknown, yes(9999, 99))), "NoSuchApplication");
    decide(&bench, 1, id, yes(3000, 14)).unwrap();
    assert_eq!(refusal(decide(&bench, 1, id, yes(9999, 99))), "SamePerson");
    assert_eq!(refusal(decide(&bench, 1, id, no())), "SamePerson");
    assert_eq!(refusal(decide(&bench, 2, id, yes(3001, 99))), "TooMuch");
    assert_eq!(refusal(decide(&bench, 2, id, yes(3000, 99))), "NotOffered(NotOffered(Tenor))");
    assert_eq!(refusal(decide(&bench, 2, id, yes(499, 14))), "NotOffered(NotOffered(Amount))");
    assert_eq!(bench.read(move |tx| decisions(tx, id)).len(), 1, "refusals leave no step");
    decide(&bench, 2, id, yes(3000, 14)).unwrap();
    assert_eq!(refusal(decide(&bench, 3, id, yes(9999, 99))), "NotReviewing");
}

fn two_steps_are_taken_by_two_people(on: On) {
    let bench = on.open();
    let (member, _, id) = applied(&bench, 2);
    let first = decide(&bench, 1, id, yes(3000, 14)).unwrap();
    assert_eq!((first.state, first.steps_passed, first.decided_at), (State::Reviewing, 1, None));
    bench.core.clock().set(START.plus_days(1));
    let second = decide(&bench, 2, id, yes(3000, 14)).unwrap();
    assert_eq!((second.state, second.steps_passed), (State::Approved, 2));
    assert_eq!(second.decided_at, Some(START.plus_days(1)));
    assert_eq!(second.lapses_at, Some(START.plus_days(8)));
    let kept = bench.read(move |tx| decisions(tx, id));
    let kept: Vec<_> = kept
        .iter()
        .map(|decision| (decision.step, decision.operator.unwrap().number(), decision.at))
        .collect();
    assert_eq!(kept, [(1, 1, START), (2, 2, START.plus_days(1))]);
    assert_eq!(line(&bench, member), (3000, 2000));
    let disclosed = bench.read(move |tx| disclosure_of(tx, id)).unwrap();
    assert_eq!(disclosed.document.confirmed_at, Some(START), "nothing else was offered");
}

fn each_step_may_take_off_and_none_gives_back(on: On) {
    let bench = on.open();
    let (member, _, id) = applied(&bench, 2);
    let first = decide(&bench, 1, id, yes(2500, 7)).unwrap();
    assert_eq!((first.offer().amount, first.offer().tenor), (yuan(2500), 7));
    assert_eq!(first.request, by_days(3000, 14), "what was asked for stays");
    assert_eq!(line(&bench, member), (2500, 2500));
    let disclosed = bench.read(move |tx| disclosure_of(tx, id)).unwrap();
    assert_eq!(disclosed.amount, yuan(3000), "not shown before it is final");
    assert_eq!(refusal(decide(&bench, 2, id, yes(2501, 7))), "TooMuch");
    let second = decide(&bench, 2, id, yes(2000, 14)).unwrap();
    assert_eq!((second.offer().amount, second.offer().tenor), (yuan(2000), 14));
    assert_eq!(line(&bench, member), (2000, 3000));
    let disclosed = bench.read(move |tx| disclosure_of(tx, id)).unwrap();
    assert_eq!((disclosed.amount, disclosed.tenor), (yuan(2000), 14));
    // 2000 x 0.18 x 14 / 360 = 14.00.
    assert_eq!((disclosed.interest, disclosed.document.confirmed_at), (yuan(14), None));
}

fn a_refusal_at_any_step_gives_the_limit_back(on: On) {
    let bench = on.open();
    let (member, product, id) = applied(&bench, 2);
    let refused = decide(&bench, 1, id, no()).unwrap();
    assert_eq!((refused.state, refused.refusal.as_deref()), (State::Refused, Some("收入不足")));
    assert_eq!(line(&bench, member), (0, 5000));
    let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
    decide(&bench, 1, id, yes(2000, 14)).unwrap();
    decide(&bench, 2, id, no()).unwrap();
    assert_eq!(line(&bench, member), (0, 5000), "exactly what was still frozen");
    assert_eq!(refusal(bench.confirm(member, id)), "TooLate");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM message WHERE topic = 'refused'"), 2);
}

fn an_approval_lapses_after_its_days(on: On) {
    let bench = on.open();
    let (member, product, id) = applied(&bench, 1);
    decide(&bench, 1, id, yes(2000, 14)).unwrap();
    bench.core.clock().set(START.plus_days(7).plus_millis(-1));
    assert!(!bench.write(move |tx| lapse(tx, id)).unwrap());
    assert!(bench.read(|tx| past_approval(tx, 10)).is_empty());
    bench.core.clock().set(START.plus_days(7));
    assert_eq!(bench.read(|tx| past_approval(tx, 10)), [id]);
    assert!(bench.write(move |tx| lapse(tx, id)).unwrap());
    assert!(!bench.write(move |tx| lapse(tx, id)).unwrap(), "once");
    assert_eq!(find(&bench, id).state, State::Lapsed);
    assert_eq!(line(&bench, member), (0, 5000));
    bench.apply(member, product, by_days(5000, 14)).unwrap();
}

fn customers_take_back_what_was_not_paid_out(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 1);
    let other = bench.borrower(2);
    let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
    assert_eq!(refusal(take_back(&bench, other, id)), "NoSuchApplication");
    assert_eq!(take_back(&bench, member, id).unwrap(), State::Withdrawn);
    assert_eq!(refusal(take_back(&bench, member, id)), "TooLate");
    assert_eq!(line(&bench, member), (0, 5000));
    let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
    decide(&bench, 1, id, yes(1000, 14)).unwrap();
    assert_eq!(take_back(&bench, member, id).unwrap(), State::Withdrawn);
    assert_eq!(line(&bench, member), (0, 5000));
    let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
    bench.approve(id);
    bench.order_payout(id);
    assert_eq!(refusal(take_back(&bench, member, id)), "TooLate");
    assert_eq!(line(&bench, member), (3000, 2000));
}
