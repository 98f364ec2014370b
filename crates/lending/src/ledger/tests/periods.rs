//! Closing of periods: when, in which order, what it keeps, and that nothing comes in behind it.

use kernel::Instant;
use kernel::id::OperatorId;

use super::super::periods::{self, CloseError, Closing, Period, PeriodState};
use super::super::verify::book_check_names;
use super::super::{Difference, add_totals, take_platform_balances, verify};
use super::corruption::{change_rows, each_is_found};
use crate::audit::Actor;
use crate::identity::Caller;
use crate::operators::{self, LoginName, Role, Roles};
use crate::servicing::day_end;
use crate::tests::kit::{Bench, On, START, on_both, password, refusal, yuan};
use crate::wallet::{Move, MoveError, recharge};
use crate::{Fault, Page, Route, market};

on_both! {
    periods_are_closed_in_order_when_they_are_over
    nothing_is_posted_into_a_closed_period
    two_who_close_at_once_close_once
    two_nodes_add_every_movement_once
    every_corruption_of_the_books_is_found_by_its_check
    every_check_of_the_books_is_in_the_table
}

fn accountant(bench: &Bench) -> OperatorId {
    let command = operators::Add {
        login: LoginName::parse("anna").unwrap(),
        name: "anna".into(),
        roles: Roles::new([Role::Accountant]).unwrap(),
        password: password(),
    };
    bench.write(move |tx| operators::add(tx, Actor::Platform, &command)).unwrap().id
}

fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

fn close(bench: &Bench, by: OperatorId, text: &str) -> Result<Closing, CloseError> {
    let period = period(text);
    bench.write(move |tx| periods::close(tx, by, period))
}

fn set(bench: &Bench, instant: Instant) {
    bench.core.clock().set(instant);
}

/// Runs every day-end that is due.
fn end_days(bench: &Bench) {
    day_end::run(&bench.core, None, |_| true).unwrap();
}

/// Midnight at the end of March, in Shanghai: 30 days and 16 hours after the start at eight.
const APRIL: Instant = START.plus_days(30).plus_millis(16 * 3_600_000);
const MINUTE: i64 = 60_000;

fn periods_are_closed_in_order_when_they_are_over(on: On) {
    let bench = on.open();
    let by = accountant(&bench);
    assert_eq!(refusal(close(&bench, by, "2026-03")), "NothingPosted");
    let member = bench.member(1, 100);
    end_days(&bench);
    assert_eq!(refusal(close(&bench, by, "2026-02")), "NothingPosted");
    assert_eq!(refusal(close(&bench, by, "2026-04")), "EarlierOpen(Period(Date(2026-03-01)))");
    assert_eq!(refusal(close(&bench, by, "2026-03")), "NotOver");
    set(&bench, APRIL.plus_millis(-1));
    bench.recharge(member, yuan(5));
    set(&bench, APRIL.plus_millis(10 * MINUTE - 1));
    assert_eq!(refusal(close(&bench, by, "2026-03")), "NotOver");
    set(&bench, APRIL.plus_millis(10 * MINUTE));
    bench.recharge(member, yuan(1));
    let open = refusal(close(&bench, by, "2026-03"));
    assert!(open.starts_with("DayEndsOpen(Some(Date(2026-0"), "{open}");
    end_days(&bench);
    let march = close(&bench, by, "2026-03").unwrap();
    // By hand: printf '2026-03\n-\nbank_clearing 0 10500 0 -10500\nwallet 0 0 10500 10500\n'
    // | sha256sum.
    let digest = "01094fc1c8881964d6f4692bf30f8a7b33bec659a59ef1ba9ff9ac1b7bd3d67c";
    assert_eq!((march.digest.as_str(), march.by), (digest, by));
    assert_eq!(refusal(close(&bench, by, "2026-03")), "Closed");
    assert_eq!(refusal(close(&bench, by, "2026-02")), "NothingPosted");
    assert_eq!(refusal(close(&bench, by, "2026-04")), "NotOver");
    // A period with nothing in it goes on from the one before it.
    set(&bench, START.plus_days(92));
    end_days(&bench);
    assert_eq!(refusal(close(&bench, by, "2026-05")), "EarlierOpen(Period(Date(2026-04-01)))");
    close(&bench, by, "2026-04").unwrap();
    let may = close(&bench, by, "2026-05").unwrap();
    let page = Page::new(1, 3).unwrap();
    let list = bench.read(move |tx| periods::periods(tx, page));
    let states: Vec<_> = list.iter().map(|s| (s.period.to_string(), s.state)).collect();
    let closed = |text: &str| (text.to_owned(), PeriodState::Closed);
    let running = ("2026-06".to_owned(), PeriodState::Running);
    assert_eq!(states, [running, closed("2026-05"), closed("2026-04")]);
    assert_eq!(list[1].closing.as_ref(), Some(&may));
    assert_eq!(list.iter().map(|s| s.transfers).collect::<Vec<_>>(), [0, 0, 1]);
    let page = Page::new(2, 3).unwrap();
    assert_eq!(bench.read(move |tx| periods::periods(tx, page)).len(), 1);
    let page = Page::new(i64::MAX, 100).unwrap();
    assert_eq!(bench.read(move |tx| periods::periods(tx, page)).len(), 0);
    for (text, is_there) in [("2026-02", false), ("2026-03", true), ("2026-07", false)] {
        let period = period(text);
        let found = bench.read(move |tx| periods::period(tx, period));
        assert_eq!(found.is_some(), is_there, "{text}");
    }
    let kept = bench.read(move |tx| periods::kept_figures(tx, period("2026-04")));
    let kept: Vec<_> = kept.iter().map(|f| (f.class.word, f.opening_fen, f.credit_fen)).collect();
    assert_eq!(kept, [("bank_clearing", -10_500, 0), ("wallet", 10_500, 100)]);
    bench.verify();
}

fn pay_in(core: &crate::Lending) -> Result<(), MoveError> {
    let member = kernel::id::MemberId::from_number(1);
    let command = Move { caller: Caller::Anyone, member, amount: yuan(2) };
    core.write_and_wait(Route::home(0), move |tx| recharge(tx, &command)).map(|_| ())
}

fn nothing_is_posted_into_a_closed_period(on: On) {
    let bench = on.open();
    let by = accountant(&bench);
    bench.member(1, 100);
    set(&bench, APRIL.plus_days(1));
    end_days(&bench);
    // A node whose clock is a day behind, and that has looked before the period was closed.
    let late = bench.another_core();
    late.clock().set(APRIL.plus_millis(-1));
    close(&bench, by, "2026-03").unwrap();
    late.follow_clock().unwrap();
    let refused = pay_in(&late);
    assert!(matches!(&refused, Err(MoveError::Fault(Fault::Constraint(_)))), "{refused:?}");
    bench.verify();
    late.clock().set(APRIL);
    pay_in(&late).unwrap();
    late.close();
    bench.verify();
    // One that starts is told at once.
    let other = bench.another_core();
    assert!(pay_in(&other).is_err(), "its clock stands in March");
    other.close();
    // An emptied bench is open from the start.
    bench.write(market::wipe).unwrap();
    bench.core.follow_clock().unwrap();
    set(&bench, START);
    bench.member(2, 100);
    bench.verify();
}

fn two_who_close_at_once_close_once(on: On) {
    let bench = on.open();
    let by = accountant(&bench);
    bench.member(1, 100);
    set(&bench, APRIL.plus_days(1));
    end_days(&bench);
    let done = crate::tests::kit::all_at_once(6, |number| {
        let route = Route::home(i64::try_from(number).unwrap());
        let close = move |tx: &mut crate::Tx<'_, '_>| periods::close(tx, by, period("2026-03"));
        match bench.core.write_and_wait(route, close) {
            Ok(_) => "closed",
            Err(CloseError::Closed) => "was closed",
            Err(error) => panic!("{error}"),
        }
    });
    assert_eq!(done.iter().filter(|answer| **answer == "closed").count(), 1);
    bench.verify();
}

fn two_nodes_add_every_movement_once(on: On) {
    let bench = on.open();
    let member = bench.member(1, 100);
    for _ in 0..30 {
        bench.recharge(member, yuan(1));
    }
    set(&bench, START.plus_days(1));
    let added = crate::tests::kit::all_at_once(4, |_| {
        let mut added = 0;
        for _ in 0..40 {
            added += add_totals(&bench.core, 3).unwrap();
        }
        added
    });
    assert_eq!(added.iter().sum::<i64>(), 31);
    assert_eq!(add_totals(&bench.core, 3), Ok(0));
    bench.verify();
}

const TOTALS: &str =
    "the totals of every day are what was posted on it, and its movements lie where it says";
const CLOSED: &str = "every closed period is as it was closed";

const CORRUPTIONS: &[(&str, &str)] = &[
    (TOTALS, "UPDATE ledger_total SET debit_fen = debit_fen + 1 WHERE class = 51"),
    (TOTALS, "UPDATE ledger_total SET credit_fen = credit_fen + 1 WHERE class = 1"),
    (TOTALS, "UPDATE ledger_total SET postings = postings + 1 WHERE class = 1"),
    (TOTALS, "DELETE FROM ledger_total WHERE class = 51"),
    (TOTALS, "UPDATE ledger_total SET business_day = business_day + 7"),
    (TOTALS, "UPDATE ledger_day SET transfers = transfers + 1"),
    (TOTALS, "UPDATE ledger_day SET first_id = first_id + 1"),
    (TOTALS, "UPDATE ledger_day SET last_id = last_id - 1"),
    (TOTALS, "DELETE FROM ledger_day"),
    (TOTALS, "UPDATE ledger_through SET through_id = 0"),
    (TOTALS, "UPDATE transfer SET posted_at = posted_at + 86400000 WHERE kind = 'recharge'"),
    (CLOSED, "UPDATE ledger_period_line SET credit_fen = credit_fen + 1 WHERE class = 1"),
    (CLOSED, "UPDATE ledger_period_line SET opening_fen = opening_fen + 1 WHERE class = 51"),
    (CLOSED, "DELETE FROM ledger_period_line WHERE class = 51"),
    (CLOSED, "UPDATE ledger_period_line SET class = 2 WHERE class = 1 AND period = 202604"),
    (
        CLOSED,
        "UPDATE ledger_period SET digest = (SELECT digest FROM ledger_period
        WHERE period = 202603) WHERE period = 202604",
    ),
];

/// Books with three closed periods, the last of them empty.
fn books(on: On) -> Bench {
    let bench = on.open();
    let by = accountant(&bench);
    let member = bench.member(1, 100);
    set(&bench, APRIL);
    bench.recharge(member, yuan(3));
    set(&bench, START.plus_days(93));
    end_days(&bench);
    bench.write(take_platform_balances).unwrap();
    add_totals(&bench.core, 100).unwrap();
    for month in ["2026-03", "2026-04", "2026-05"] {
        close(&bench, by, month).unwrap();
    }
    bench
}

pub(super) fn checks() -> Vec<&'static str> {
    book_check_names()
}

fn every_corruption_of_the_books_is_found_by_its_check(on: On) {
    each_is_found(&books(on), CORRUPTIONS, change_rows);
}

fn every_check_of_the_books_is_in_the_table(on: On) {
    let verified: Result<_, Difference> = books(on).read(verify);
    let verified = verified.unwrap();
    for check in checks() {
        assert!(CORRUPTIONS.iter().any(|(name, _)| *name == check), "{check}");
        let rows = verified.checks.iter().find(|(name, _)| *name == check).unwrap().1;
        assert!(rows > 0, "nothing to look at: {check}");
    }
}
