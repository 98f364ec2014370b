//! The guard and the judgement of promises by themselves, in tables.

use kernel::id::{LoanId, RepaymentId};
use kernel::{Date, Instant, Money};

use crate::collections::guard::{Used, is_in_hours, judge};
use crate::collections::{Breach, Kept, Promise, Rules, Way, promises};
use crate::servicing::{Paid, Repayment, Source};

fn at(text: &str) -> Instant {
    let (day, clock) = text.split_once(' ').unwrap();
    let (hour, minute) = clock.split_once(':').unwrap();
    let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
    Date::parse(day).unwrap().start().plus_millis(minutes * 60_000)
}

#[test]
fn hours_are_those_of_shanghai() {
    let rules = Rules::default();
    let table = [
        ("2026-03-01 00:00", false),
        ("2026-03-01 07:59", false),
        ("2026-03-01 08:00", true),
        ("2026-03-01 21:59", true),
        ("2026-03-01 22:00", false),
        ("2026-03-01 23:59", false),
    ];
    for (text, is_good) in table {
        assert_eq!(is_in_hours(rules, at(text)), is_good, "{text}");
    }
    let narrow = Rules { from: 9, until: 20, ..rules };
    assert!(!is_in_hours(narrow, at("2026-03-01 08:30")));
    assert!(!is_in_hours(narrow, at("2026-03-01 20:00")));
}

#[test]
fn the_first_rule_that_is_broken_is_told() {
    let (day, night) = (at("2026-03-01 10:00"), at("2026-03-01 23:00"));
    let used = |opened, calls, others| Used { opened, calls, others };
    // way, when, stopped, what it makes with this one: what it breaks
    let table = [
        (Way::Call, day, false, used(3, 3, 0), None),
        (Way::Call, day, false, used(1, 3, 0), None),
        (Way::Call, day, false, used(4, 1, 0), Some(Breach::TooMany)),
        (Way::Call, day, false, used(2, 2, 2), Some(Breach::TooMany)),
        (Way::Visit, day, false, used(0, 0, 3), None),
        (Way::Sms, night, false, used(0, 0, 9), Some(Breach::OutsideHours)),
        (Way::Call, night, true, used(9, 9, 9), Some(Breach::Stopped)),
        (Way::Letter, night, false, used(9, 9, 9), None),
        (Way::Letter, day, true, used(0, 0, 0), Some(Breach::Stopped)),
        (Way::Incoming, night, true, used(9, 9, 9), None),
    ];
    for (way, when, is_stopped, after, want) in table {
        let got = judge(Rules::default(), (way, when), is_stopped, after);
        assert_eq!(got, want, "{way:?} {when:?} {is_stopped} {after:?}");
    }
}

#[test]
fn a_promise_is_kept_by_what_is_paid_in_time() {
    let day = |text: &str| Date::parse(text).unwrap();
    let made_at = at("2026-03-10 10:00");
    let promise = Promise { amount: Money::from_yuan(500).unwrap(), by: day("2026-03-12") };
    let paid = |when: &str, yuan: i64, reversed: bool| Repayment {
        id: RepaymentId::from_number(1),
        loan: LoanId::from_number(1),
        settles: false,
        source: Source::Bank,
        on: at(when).date(),
        amount: Money::from_yuan(yuan).unwrap(),
        parts: Paid {
            principal: Money::ZERO,
            interest: Money::ZERO,
            fee: Money::ZERO,
            penalty: Money::ZERO,
        },
        excess: Money::ZERO,
        coupon: Money::ZERO,
        payment: None,
        reversed,
        at: at(when),
    };
    let none: &[Repayment] = &[];
    // what was paid, today: what became of it
    let table = [
        (none.to_vec(), "2026-03-12", Kept::Open),
        (none.to_vec(), "2026-03-13", Kept::Broken),
        (vec![paid("2026-03-12 23:59", 500, false)], "2026-03-12", Kept::Kept),
        (vec![paid("2026-03-13 00:00", 500, false)], "2026-03-13", Kept::Broken),
        (vec![paid("2026-03-10 09:59", 500, false)], "2026-03-11", Kept::Open),
        (vec![paid("2026-03-11 10:00", 500, true)], "2026-03-11", Kept::Open),
        (
            vec![paid("2026-03-10 10:00", 499, false), paid("2026-03-12 10:00", 1, false)],
            "2026-04-01",
            Kept::Kept,
        ),
    ];
    for (repayments, today, want) in table {
        assert_eq!(promises::judge((promise, made_at), &repayments, day(today)), want, "{today}");
    }
}
