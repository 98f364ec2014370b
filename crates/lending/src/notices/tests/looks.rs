//! What becomes of an SMS whose answer was lost.

use kernel::id::SmsId;

use super::{HOUR, MINUTE, X, finish, later, states, text};
use crate::Fault;
use crate::notices::{SmsState, SmsStep, due_sms, send_code};
use crate::ports::SmsOutcome;
use crate::tests::kit::{Bench, On, START, mobile, on_both};

on_both! {
    what_went_out_is_found_and_not_sent_again
    what_never_arrived_is_sent_again_once_that_is_certain
    a_code_that_never_arrived_lapses
    nobody_looks_for_ever
}

/// Claims what is due, which is one or nothing.
#[track_caller]
fn due(bench: &Bench) -> Option<(SmsId, SmsStep)> {
    let mut claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 10)).unwrap();
    assert!(claimed.len() <= 1, "{claimed:?}");
    claimed.pop().map(|sms| (sms.id, sms.step))
}

/// All tests begin and look on this day.
fn look() -> SmsStep {
    SmsStep::Look { called_on: START.date() }
}

fn what_went_out_is_found_and_not_sent_again(on: On) {
    let bench = on.open();
    let id = text(&bench, 1, "一");
    assert_eq!(due(&bench), Some((id, SmsStep::Send)));
    finish(&bench, id, &SmsOutcome::Unknown);
    later(&bench, MINUTE - 1);
    assert_eq!(due(&bench), None, "reports lag behind");
    later(&bench, MINUTE);
    assert_eq!(due(&bench), Some((id, look())));
    assert_eq!(due(&bench), None, "somebody looks already");
    finish(&bench, id, &SmsOutcome::Accepted);
    assert_eq!(states(&bench), [SmsState::Sent]);
    later(&bench, 48 * HOUR);
    assert_eq!(due(&bench), None);
}

fn what_never_arrived_is_sent_again_once_that_is_certain(on: On) {
    let bench = on.open();
    let id = text(&bench, 1, "一");
    due(&bench).unwrap();
    finish(&bench, id, &SmsOutcome::Unknown);
    // A minute after the call, and then 5 and 10 minutes after each look.
    for at in [1, 6, 16] {
        later(&bench, at * MINUTE - 1);
        assert_eq!(due(&bench), None, "{at}");
        later(&bench, at * MINUTE);
        assert_eq!(due(&bench), Some((id, look())), "{at}");
        finish(&bench, id, &SmsOutcome::NoRecord);
    }
    assert_eq!(states(&bench), [SmsState::Queued]);
    // 20 minutes after the first attempt that came to nothing.
    later(&bench, 36 * MINUTE);
    assert_eq!(due(&bench), Some((id, SmsStep::Send)));
    finish(&bench, id, &SmsOutcome::Accepted);
    assert_eq!(states(&bench), [SmsState::Sent]);
}

fn a_code_that_never_arrived_lapses(on: On) {
    let bench = on.open();
    let id = bench.write::<_, Fault>(|tx| send_code(tx, &mobile(1), X, "123456")).unwrap();
    due(&bench).unwrap();
    finish(&bench, id, &SmsOutcome::Unknown);
    for at in [1, 6, 16] {
        later(&bench, at * MINUTE);
        assert_eq!(due(&bench), Some((id, look())), "{at}");
        finish(&bench, id, &SmsOutcome::NoRecord);
    }
    assert_eq!(states(&bench), [SmsState::Lapsed]);
}

fn nobody_looks_for_ever(on: On) {
    let bench = on.open();
    let id = text(&bench, 1, "一");
    due(&bench).unwrap();
    // Whoever sent it has died: five minutes later somebody looks at once.
    let mut at = 5 * MINUTE;
    let mut looks = 0;
    while at < 4 * HOUR {
        later(&bench, at);
        if due(&bench) == Some((id, look())) {
            looks += 1;
            finish(&bench, id, &SmsOutcome::Unknown);
        }
        at += MINUTE;
    }
    assert_eq!(looks, 6);
    assert_eq!(states(&bench), [SmsState::Unknown]);
}
