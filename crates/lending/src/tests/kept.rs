//! Idempotency keys.

use store::params;

use super::kit::{Bench, On, all_at_once, on_both, yuan};
use crate::identity::Caller;
use crate::kept::{self, Answer, Key};
use crate::wallet::{self, Move, MoveError};
use crate::{Fault, Route};
use kernel::id::MemberId;

on_both! {
    a_repeat_gets_the_first_answer_and_moves_nothing
    a_key_of_another_request_is_refused
    a_kept_refusal_leaves_no_effects
    a_fault_is_not_kept
    twenty_threads_with_one_key_have_one_effect
    old_answers_are_pruned
    answers_are_sealed
}

fn key(key: &str, request: &str) -> Key {
    Key { key: key.as_bytes().to_vec(), request: request.as_bytes().to_vec() }
}

/// Withdraws once per key, twice the same amount, so that the second half can be refused.
#[track_caller]
fn withdraw(bench: &Bench, key: Key, member: MemberId, amount: i64) -> Answer {
    let command = Move { caller: Caller::Anyone, member, amount: yuan(amount) };
    let answer = bench.core.write_and_wait(Route::home(member.number()), move |tx| {
        let work = |tx: &mut crate::Tx<'_, '_>| {
            wallet::withdraw(tx, &command)?;
            wallet::withdraw(tx, &command)
        };
        let answer = kept::once(tx, &key, work, |outcome| match outcome {
            Ok(member) => Ok(format!("left {}", member.wallet)),
            Err(MoveError::Fault(fault)) => Err(MoveError::Fault(fault)),
            Err(error) => Ok(format!("refused: {error}")),
        });
        answer.map_err(|error| match error {
            MoveError::Fault(fault) => fault,
            MoveError::Denied(_) | MoveError::Insufficient | MoveError::TooLarge => {
                unreachable!("a refusal is an answer")
            }
        })
    });
    answer.unwrap()
}

fn kept(text: &str) -> Answer {
    Answer::Kept(text.into())
}

fn a_repeat_gets_the_first_answer_and_moves_nothing(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
    assert_eq!(withdraw(&bench, key("other", "r"), member, 100), kept("left 600.00"));
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
    assert_eq!(bench.wallet(member), 60_000);
    bench.verify();
}

fn a_key_of_another_request_is_refused(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
    assert_eq!(withdraw(&bench, key("k", "s"), member, 200), Answer::OtherRequest);
    assert_eq!(bench.wallet(member), 80_000);
}

fn a_kept_refusal_leaves_no_effects(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    // The first 600 go out, the second are not there: both stay.
    let refused = kept("refused: insufficient balance");
    assert_eq!(withdraw(&bench, key("k", "r"), member, 600), refused);
    assert_eq!(bench.wallet(member), 100_000);
    bench.recharge(member, yuan(1000));
    assert_eq!(withdraw(&bench, key("k", "r"), member, 600), refused, "the first answer stays");
    assert_eq!(bench.wallet(member), 200_000);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM transfer"), 2);
    bench.verify();
}

fn a_fault_is_not_kept(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    let broken = bench.write(move |tx| {
        let work = |tx: &mut crate::Tx<'_, '_>| {
            wallet::withdraw(tx, &Move { caller: Caller::Anyone, member, amount: yuan(1) })?;
            tx.execute("INSERT INTO nowhere VALUES (1)", params![])?;
            Ok(())
        };
        kept::once(tx, &key("k", "r"), work, |outcome: Result<(), MoveError>| {
            outcome.map(|()| "done".to_owned())
        })
    });
    assert!(matches!(broken, Err(MoveError::Fault(Fault::Engine(_)))), "{broken:?}");
    // A fault of the core's own making, with the transaction in order, is no answer either.
    let broken = bench.write(move |tx| {
        let work = |tx: &mut crate::Tx<'_, '_>| {
            wallet::withdraw(tx, &Move { caller: Caller::Anyone, member, amount: yuan(1) })?;
            Err::<(), _>(MoveError::Fault(Fault::Corrupt("x".into())))
        };
        kept::once(tx, &key("k", "r"), work, |outcome| outcome.map(|()| "done".to_owned()))
    });
    assert!(matches!(broken, Err(MoveError::Fault(Fault::Corrupt(_)))), "{broken:?}");
    assert_eq!(bench.wallet(member), 100_000);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
}

fn twenty_threads_with_one_key_have_one_effect(on: On) {
    let bench = on.open();
    let member = bench.member(1, 10_000);
    // On PostgreSQL calls of other homes run in other writers.
    let answers = all_at_once(20, |number| {
        let home = i64::try_from(number).unwrap();
        bench.core.write_and_wait(Route::home(home), move |tx| {
            let command = Move { caller: Caller::Anyone, member, amount: yuan(100) };
            let work = |tx: &mut crate::Tx<'_, '_>| wallet::withdraw(tx, &command);
            kept::once(tx, &key("k", "r"), work, |outcome| {
                outcome.map(|member| format!("left {}", member.wallet))
            })
        })
    });
    for answer in answers {
        assert_eq!(answer.unwrap(), Answer::Kept("left 9900.00".into()));
    }
    assert_eq!(bench.wallet(member), 990_000);
    bench.verify();
}

fn old_answers_are_pruned(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
    let prune = |at| {
        bench.core.clock().set(at);
        bench.write(kept::prune).unwrap()
    };
    assert_eq!(prune(super::kit::START.plus_days(1)), 0, "24 hours are not over");
    assert_eq!(prune(super::kit::START.plus_days(1).plus_millis(1)), 1);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 600.00"));
}

fn answers_are_sealed(on: On) {
    let bench = on.open();
    let member = bench.member(1, 1000);
    assert_eq!(withdraw(&bench, key("k", "r"), member, 100), kept("left 800.00"));
    let raw = bench.raw_bytes();
    // As it is, and as PostgreSQL writes bytes.
    for clear in ["left 800", "6c65667420383030"] {
        assert!(!raw.windows(clear.len()).any(|window| window == clear.as_bytes()), "{clear}");
    }
}
