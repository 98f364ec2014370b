//! Lines: frozen, used, given back, and never overdrawn.

use kernel::Money;
use kernel::id::{MemberId, OperatorId};

use super::super::{
    Line, LineStatus, change_limit, changes, freeze, give_back, line, open_line, set_line_status,
    unfreeze, use_frozen,
};
use crate::audit::Actor;
use crate::tests::kit::{Bench, On, all_at_once, on_both, refusal, yuan};
use crate::{Page, Route};

on_both! {
    a_line_is_opened_once
    money_goes_from_free_to_frozen_to_used_and_back
    freezes_are_refused_in_order
    more_than_there_is_cannot_be_given_back
    of_twenty_for_the_last_money_as_many_get_it_as_it_is_enough_for
    limits_are_changed_for_a_reason
    the_schema_lets_no_line_be_negative
}

#[track_caller]
fn opened(bench: &Bench, limit: i64) -> MemberId {
    let member = bench.member(1, 0);
    bench.write(move |tx| open_line(tx, member, yuan(limit))).unwrap();
    member
}

#[track_caller]
fn check(bench: &Bench, member: MemberId, frozen: i64, used: i64, available: i64) {
    let line = bench.read(move |tx| line(tx, member)).unwrap();
    assert_eq!((line.frozen, line.used), (yuan(frozen), yuan(used)));
    assert_eq!(line.available(), yuan(available));
}

fn page() -> Page {
    Page::new(1, 10).unwrap()
}

fn a_line_is_opened_once(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    assert_eq!(bench.read(move |tx| line(tx, member)), None);
    let first = bench.write(move |tx| open_line(tx, member, yuan(5000))).unwrap();
    let zero = Money::ZERO;
    let status = LineStatus::Open;
    assert_eq!(first, Line { member, limit: yuan(5000), frozen: zero, used: zero, status });
    // The next product has another limit; the line stays.
    assert_eq!(bench.write(move |tx| open_line(tx, member, yuan(9000))).unwrap(), first);
    assert_eq!(bench.read(move |tx| changes(tx, member, page())).len(), 1);
}

fn money_goes_from_free_to_frozen_to_used_and_back(on: On) {
    let bench = on.open();
    let member = opened(&bench, 5000);
    bench.write(move |tx| freeze(tx, member, yuan(3000))).unwrap();
    check(&bench, member, 3000, 0, 2000);
    // 2500 of the 3000 are approved and lent.
    bench.write(move |tx| use_frozen(tx, member, yuan(3000), yuan(2500))).unwrap();
    check(&bench, member, 0, 2500, 2500);
    bench.write(move |tx| freeze(tx, member, yuan(2500))).unwrap();
    bench.write(move |tx| unfreeze(tx, member, yuan(2500))).unwrap();
    check(&bench, member, 0, 2500, 2500);
    bench.write(move |tx| give_back(tx, member, yuan(1000))).unwrap();
    check(&bench, member, 0, 1500, 3500);
    bench.write(move |tx| give_back(tx, member, yuan(1500))).unwrap();
    check(&bench, member, 0, 0, 5000);
}

fn freezes_are_refused_in_order(on: On) {
    let bench = on.open();
    let member = bench.member(1, 0);
    let try_it = |amount| refusal(bench.write(move |tx| freeze(tx, member, yuan(amount))));
    assert_eq!(try_it(1), "NoLine");
    bench.write(move |tx| open_line(tx, member, yuan(100))).unwrap();
    let set = |status| {
        let set =
            move |tx: &mut crate::Tx<'_, '_>| set_line_status(tx, Actor::Platform, member, status);
        assert!(bench.write(set).unwrap());
    };
    set(LineStatus::Suspended);
    assert_eq!(try_it(101), "Suspended");
    set(LineStatus::Open);
    assert_eq!(try_it(101), "Insufficient { available: 100.00 }");
    bench.write(move |tx| freeze(tx, member, yuan(100))).unwrap();
    assert_eq!(try_it(1), "Insufficient { available: 0.00 }");
}

fn more_than_there_is_cannot_be_given_back(on: On) {
    let bench = on.open();
    let member = opened(&bench, 100);
    bench.write(move |tx| freeze(tx, member, yuan(60))).unwrap();
    let frozen = "Corrupt(\"credit_line.frozen_fen\")";
    assert_eq!(refusal(bench.write(move |tx| unfreeze(tx, member, yuan(61)))), frozen);
    let more = bench.write(move |tx| use_frozen(tx, member, yuan(60), yuan(61)));
    assert_eq!(refusal(more), frozen);
    bench.write(move |tx| use_frozen(tx, member, yuan(60), yuan(60))).unwrap();
    let back = bench.write(move |tx| give_back(tx, member, yuan(61)));
    assert_eq!(refusal(back), "Corrupt(\"credit_line.used_fen\")");
    check(&bench, member, 0, 60, 40);
}

fn of_twenty_for_the_last_money_as_many_get_it_as_it_is_enough_for(on: On) {
    let bench = on.open();
    let member = opened(&bench, 1000);
    let cores = [bench.another_core(), bench.another_core()];
    let answers = all_at_once(20, |n| {
        let route = Route::home(i64::try_from(n).unwrap());
        cores[n % 2].write_and_wait(route, move |tx| freeze(tx, member, yuan(70)))
    });
    // By hand: 14 × 70 = 980, and 20 are left.
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 14);
    for answer in answers.into_iter().filter(Result::is_err) {
        let told = refusal(answer);
        assert!(told.starts_with("Insufficient"), "{told}");
    }
    check(&bench, member, 980, 0, 20);
    for core in cores {
        core.close();
    }
}

fn limits_are_changed_for_a_reason(on: On) {
    let bench = on.open();
    let member = opened(&bench, 1000);
    let actor = Actor::Operator(OperatorId::from_number(7));
    let change = |limit, reason: &'static str| {
        bench.write(move |tx| change_limit(tx, actor, member, yuan(limit), reason))
    };
    bench.write(move |tx| freeze(tx, member, yuan(400))).unwrap();
    bench.write(move |tx| use_frozen(tx, member, yuan(300), yuan(300))).unwrap();
    assert_eq!(refusal(change(399, " ")), "NoReason");
    assert_eq!(refusal(change(399, "less income")), "BelowUse { least: 400.00 }");
    let nobody = MemberId::from_number(99);
    let missing = bench.write(move |tx| change_limit(tx, actor, nobody, yuan(1), "why"));
    assert_eq!(refusal(missing), "NoLine");
    assert_eq!(change(400, "less income").unwrap().available(), Money::ZERO);
    assert_eq!(change(2000, "paid well").unwrap().available(), yuan(1600));
    check(&bench, member, 100, 300, 1600);
    let told: Vec<_> = bench
        .read(move |tx| changes(tx, member, page()))
        .into_iter()
        .map(|c| (c.before, c.after, c.operator.map(OperatorId::number), c.reason))
        .collect();
    let reason = |text: &str| text.to_owned();
    assert_eq!(
        told,
        [
            (Some(yuan(400)), yuan(2000), Some(7), reason("paid well")),
            (Some(yuan(1000)), yuan(400), Some(7), reason("less income")),
            (None, yuan(1000), None, reason("first application")),
        ]
    );
}

fn the_schema_lets_no_line_be_negative(on: On) {
    let bench = on.open();
    opened(&bench, 100);
    for update in [
        "UPDATE credit_line SET used_fen = -1",
        "UPDATE credit_line SET frozen_fen = -1",
        "UPDATE credit_line SET limit_fen = -1",
    ] {
        let done = bench.db.write_and_wait(0, move |tx| tx.execute(update, &[]));
        assert!(done.is_err(), "{update}");
    }
}
