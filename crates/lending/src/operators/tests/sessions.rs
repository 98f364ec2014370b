//! The second factor of log-ins, and the list of sessions.

use super::*;
use crate::operators::second_factor::{self, FactorError, GivenUp};
use crate::operators::{Code, FACTOR_BYTES, FactorSecret, Session};

on_both! {
    a_second_factor_is_asked_for_once_it_is_confirmed
    a_code_is_good_for_one_log_in
    who_lost_their_authenticator_is_helped_by_another
    who_gives_it_up_needs_a_code
    sessions_are_listed_and_ended_one_by_one
}

fn secret() -> FactorSecret {
    FactorSecret::from_random(&[9; FACTOR_BYTES])
}

/// The code that an authenticator shows so many seconds after the start.
fn code(seconds: i64) -> Code {
    Code::parse(&secret().code(START.plus_millis(seconds * 1000)).unwrap()).unwrap()
}

fn wrong_code() -> Code {
    let right = secret().code(START).unwrap();
    Code::parse(if right == "000000" { "111111" } else { "000000" }).unwrap()
}

fn enter_with(bench: &Bench, code: Option<Code>, token: u8) -> &'static str {
    let outcome = bench.write(move |tx| {
        let known = super::super::find(tx, &login("anna"))?.map(|known| known.id);
        let command = LogIn {
            login: login("anna"),
            address: "192.0.2.1".into(),
            agent: operators::parse_agent("Browser/1.0\r\nX: y"),
            code,
            proven: known,
            token: digest(token),
        };
        super::super::log_in(tx, &command)
    });
    match outcome.unwrap() {
        LogInOutcome::In(..) => "in",
        LogInOutcome::Refused => "refused",
        LogInOutcome::Locked => "locked",
    }
}

/// An operator whose second factor was confirmed at the start.
fn with_factor(bench: &Bench) -> Operator {
    let anna = added(bench, "anna", &[Role::Cashier]);
    let who = anna.clone();
    bench.write(move |tx| second_factor::set_up(tx, &who, &secret())).unwrap();
    let who = anna.clone();
    bench.write(move |tx| second_factor::confirm(tx, &who, code(0))).unwrap();
    anna
}

fn a_second_factor_is_asked_for_once_it_is_confirmed(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]);
    let who = anna.clone();
    let early = bench.write(move |tx| second_factor::confirm(tx, &who, code(0)));
    assert!(matches!(early, Err(FactorError::NotOn)));
    let who = anna.clone();
    bench.write(move |tx| second_factor::set_up(tx, &who, &secret())).unwrap();
    assert_eq!(enter_with(&bench, None, 1), "in");
    let who = anna.clone();
    let wrong = bench.write(move |tx| second_factor::confirm(tx, &who, wrong_code()));
    assert!(matches!(wrong, Err(FactorError::WrongCode)));
    let who = anna.clone();
    bench.write(move |tx| second_factor::confirm(tx, &who, code(0))).unwrap();
    let id = anna.id;
    assert!(bench.read(move |tx| super::super::operator(tx, id)).unwrap().second_factor);
    let who = anna.clone();
    let again = bench.write(move |tx| second_factor::set_up(tx, &who, &secret()));
    assert!(matches!(again, Err(FactorError::On)));
    later(&bench, 60);
    assert_eq!(enter_with(&bench, None, 2), "refused");
    assert_eq!(enter_with(&bench, Some(wrong_code()), 3), "refused");
    assert_eq!(enter_with(&bench, Some(code(60)), 4), "in");
    assert!(holder(&bench, 1).is_ok() && holder(&bench, 4).is_ok());
    assert!(holder(&bench, 2).is_err() && holder(&bench, 3).is_err());
    let raw = bench.raw_bytes();
    let secret = secret();
    let secret = secret.expose().as_bytes();
    assert!(!raw.windows(secret.len()).any(|window| window == secret));
}

fn a_code_is_good_for_one_log_in(on: On) {
    let bench = on.open();
    with_factor(&bench);
    // The code that confirmed it is used up.
    assert_eq!(enter_with(&bench, Some(code(0)), 1), "refused");
    later(&bench, 30);
    assert_eq!(enter_with(&bench, Some(code(30)), 2), "in");
    assert_eq!(enter_with(&bench, Some(code(30)), 3), "refused");
    later(&bench, 120);
    assert_eq!(enter_with(&bench, Some(code(60)), 4), "refused");
    assert_eq!(enter_with(&bench, Some(code(150)), 5), "in");
}

fn who_lost_their_authenticator_is_helped_by_another(on: On) {
    let bench = on.open();
    let anna = with_factor(&bench);
    let boss = added(&bench, "boss", &[Role::Administrator]);
    later(&bench, 60);
    assert_eq!(enter_with(&bench, Some(code(60)), 1), "in");
    let id = anna.id;
    let own = bench.write(move |tx| second_factor::take_away(tx, anna.actor(), id));
    assert!(matches!(own, Err(ChangeError::Yourself)));
    let by = boss.actor();
    let after = bench.write(move |tx| second_factor::take_away(tx, by, id)).unwrap();
    assert!(!after.second_factor && holder(&bench, 1).is_err());
    assert_eq!(enter_with(&bench, None, 2), "in");
    assert!(actions(&bench).contains(&"operator.second_factor_reset".to_owned()));
}

fn who_gives_it_up_needs_a_code(on: On) {
    let bench = on.open();
    let anna = with_factor(&bench);
    later(&bench, 60);
    let give_up = |code: Code| {
        let who = anna.clone();
        bench.write(move |tx| second_factor::give_up(tx, &who, code, "192.0.2.1")).unwrap()
    };
    assert_eq!(give_up(wrong_code()), GivenUp::WrongCode);
    assert!(actions(&bench).contains(&"operator.log_in_refused".to_owned()));
    assert_eq!(enter_with(&bench, None, 1), "refused");
    assert_eq!(give_up(code(60)), GivenUp::Off);
    assert_eq!(enter_with(&bench, None, 2), "in");
    let who = anna.clone();
    let again = bench.write(move |tx| second_factor::give_up(tx, &who, code(90), "192.0.2.1"));
    assert!(matches!(again, Err(FactorError::NotOn)));
}

fn sessions_are_listed_and_ended_one_by_one(on: On) {
    let bench = on.open();
    let anna = added(&bench, "anna", &[Role::Cashier]);
    let bo = added(&bench, "bo", &[Role::Cashier]);
    assert_eq!(enter_with(&bench, None, 1), "in");
    later(&bench, 60);
    assert_eq!(enter_with(&bench, None, 2), "in");
    let id = anna.id;
    let all = || -> Vec<Session> { bench.read(move |tx| operators::sessions(tx, id)) };
    let [second, first] = <[Session; 2]>::try_from(all()).unwrap();
    assert_eq!(first.address.as_deref(), Some("192.0.2.1"));
    assert_eq!(first.agent.as_deref(), Some("Browser/1.0X: y"));
    assert_eq!((first.made_at, second.digest == digest(2)), (START, true));
    // Nobody ends what is another's.
    let (who, session) = (bo, first.id.clone());
    let other = bench.write(move |tx| operators::end_session(tx, &who, &session));
    assert!(!other.unwrap() && holder(&bench, 1).is_ok());
    for (session, was_there) in [("", false), ("x", false), (first.id.as_str(), true)] {
        let (who, session) = (anna.clone(), session.to_owned());
        let ended = bench.write(move |tx| operators::end_session(tx, &who, &session));
        assert_eq!(ended.unwrap(), was_there);
    }
    assert!(holder(&bench, 1).is_err() && holder(&bench, 2).is_ok());
    assert_eq!(all().len(), 1);
}
