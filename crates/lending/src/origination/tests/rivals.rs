//! Many at once: a double submit is one application, and of two decisions one counts.

use super::super::{Review, State, review, submit, withdraw};
use super::{applied, command, find, line, opened, operator, yes};
use crate::Route;
use crate::servicing::request_payout;
use crate::tests::kit::{On, all_at_once, on_both};
use crate::tests::lender::by_days;

on_both! {
    a_double_submit_is_one_application
    of_two_reviews_at_once_one_is_a_step
    a_review_and_a_withdrawal_do_not_both_win
    a_payout_and_a_withdrawal_do_not_both_win
}

fn route(number: usize) -> Route {
    Route::home(i64::try_from(number).unwrap())
}

fn a_double_submit_is_one_application(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 1);
    let other = bench.another_core();
    let cores = [&bench.core, &other];
    let answers = all_at_once(8, |number| {
        let asked = command(member, product, by_days(1000, 14));
        let core = cores[number % 2];
        match core.write_and_wait(route(number), move |tx| submit(tx, &asked)) {
            Ok(_) => "taken".to_owned(),
            Err(error) => format!("{error:?}"),
        }
    });
    let taken = answers.iter().filter(|answer| *answer == "taken").count();
    let again = answers.iter().filter(|answer| *answer == "AlreadySubmitted").count();
    assert_eq!((taken, again), (1, 7), "{answers:?}");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM application"), 1);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM document"), 1);
    assert_eq!(line(&bench, member), (1000, 4000));
    other.close();
}

fn of_two_reviews_at_once_one_is_a_step(on: On) {
    let bench = on.open();
    let (member, _, id) = applied(&bench, 1);
    let answers = all_at_once(8, |number| {
        let who = operator(i64::try_from(number).unwrap() + 1);
        let note = "seen".to_owned();
        let step = Review { operator: who, application: id, verdict: yes(2000, 14), note };
        bench.core.write_and_wait(route(number), move |tx| review(tx, &step)).is_ok()
    });
    assert_eq!(answers.iter().filter(|taken| **taken).count(), 1);
    let decided = "SELECT COUNT(*) AS n FROM application_decision WHERE step > 0";
    assert_eq!(bench.number(decided), 1);
    assert_eq!(line(&bench, member), (2000, 3000), "taken off once");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM document"), 2);
}

fn a_review_and_a_withdrawal_do_not_both_win(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 1);
    for _ in 0..10 {
        let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
        let answers = all_at_once(2, |number| {
            if number == 0 {
                let (operator, verdict, note) = (operator(1), yes(2000, 14), String::new());
                let step = Review { operator, application: id, verdict, note };
                bench.core.write_and_wait(route(number), move |tx| review(tx, &step)).is_ok()
            } else {
                bench.core.write_and_wait(route(number), move |tx| withdraw(tx, member, id)).is_ok()
            }
        });
        // Whoever comes first, the customer has taken it back in the end.
        assert!(answers[1], "{answers:?}");
        let application = find(&bench, id);
        assert_eq!(application.state, State::Withdrawn);
        assert_eq!(application.steps_passed, u32::from(answers[0]));
        assert_eq!(line(&bench, member), (0, 5000));
    }
}

fn a_payout_and_a_withdrawal_do_not_both_win(on: On) {
    let bench = on.open();
    let (member, product) = opened(&bench, 1);
    for round in 0..10 {
        let id = bench.apply(member, product, by_days(3000, 14)).unwrap();
        bench.approve(id);
        let answers = all_at_once(2, |number| {
            if number == 0 {
                let actor = crate::audit::Actor::Platform;
                let ordered = move |tx: &mut crate::Tx<'_, '_>| request_payout(tx, actor, id);
                bench.core.write_and_wait(route(number), ordered).is_ok()
            } else {
                bench.core.write_and_wait(route(number), move |tx| withdraw(tx, member, id)).is_ok()
            }
        });
        assert_eq!(answers.iter().filter(|won| **won).count(), 1, "{answers:?}");
        let lent = find(&bench, id).state == State::Lent;
        assert_eq!(lent, answers[0]);
        if lent {
            assert_eq!(line(&bench, member), (3000, 2000), "round {round}");
            break;
        }
        assert_eq!(line(&bench, member), (0, 5000));
    }
}
