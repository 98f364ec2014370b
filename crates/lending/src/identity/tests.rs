//! Members: registration, log-in and its guards, revocation, what is stored of them.

use kernel::id::MemberId;
use kernel::{Channel, Secret};
use store::params;

use super::{
    Caller, Credentials, Denied, Door, LogIn, LogInOutcome, Register, RegisterError, Role,
    acting_for, admit_registration, approach, find, is_registered, log_in, members, prune,
    register, rename, revoke_tokens, set_blocked, use_signature,
};
use crate::tests::kit::{
    Bench, KEY, On, START, all_at_once, bearer, mobile, on_both, refusal, registration,
};
use crate::{Clock, Fault, Lending, Page, Route};

on_both! {
    a_mobile_number_registers_once
    many_who_register_one_number_at_once_are_one
    chosen_ids_raise_the_series
    registrations_from_one_address_are_limited
    the_right_password_logs_in
    failures_lock_the_account_for_a_window
    a_right_password_clears_the_accounts_failures
    failures_from_one_address_lock_the_address
    parallel_guesses_get_no_more_than_the_limit
    parallel_failures_are_all_counted_on_the_address
    a_blocked_member_is_refused
    revoked_tokens_end_and_new_ones_work_at_once
    members_act_for_themselves
    members_are_renamed
    a_signature_is_good_once
    what_guards_no_more_is_pruned
    no_mobile_number_stands_in_the_clear
    mobile_numbers_stand_in_the_clear_where_the_policy_says_so
    another_key_does_not_open_the_database
    the_business_clock_is_advanced_by_everybody
}

fn attempt(
    n: u32,
    address: &str,
    right: bool,
) -> impl FnMut(&mut crate::Tx<'_, '_>) -> Outcome + use<> {
    let address = address.to_owned();
    move |tx| {
        let found = find(tx, Channel::Futureloan, &mobile(n))?;
        let command = LogIn {
            channel: Channel::Futureloan,
            mobile: mobile(n),
            address: address.clone(),
            proven: found.filter(|_| right),
            token_seconds: 300,
        };
        Ok(match log_in(tx, &command)? {
            LogInOutcome::In(member, expires) => {
                format!("in {} until +{}", member.id.number(), expires - START.seconds())
            }
            LogInOutcome::Refused => "refused".into(),
            LogInOutcome::Locked => "locked".into(),
        })
    }
}

type Outcome = Result<String, Fault>;

#[track_caller]
fn enter(bench: &Bench, n: u32, address: &str, right: bool) -> String {
    bench.write(attempt(n, address, right)).unwrap()
}

fn seconds_later(bench: &Bench, seconds: i64) {
    bench.core.clock().set(START.plus_millis(seconds * 1000));
}

fn a_mobile_number_registers_once(on: On) {
    let bench = on.open();
    let first = bench.register(1, Role::Administrator);
    assert_eq!(first.number(), 1);
    let again = registration(1, Role::Member);
    let again = bench.write(move |tx| register(tx, &again));
    assert!(matches!(again, Err(RegisterError::Taken)), "{again:?}");
    let second = bench.register(2, Role::Member);
    assert!(second > first);
    let page = Page::new(1, 10).unwrap();
    let all = bench.read(move |tx| members(tx, page));
    assert_eq!(all.iter().map(|m| m.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!((all[0].role, all[1].role), (Role::Administrator, Role::Member));
    assert_eq!(all[0].mobile, mobile(1));
    assert_eq!((all[0].nickname.as_str(), all[0].registered_at), ("n1", START));
    assert!(bench.read(|tx| is_registered(tx, Channel::Futureloan, &mobile(2))));
    assert!(!bench.read(|tx| is_registered(tx, Channel::Futureloan, &mobile(3))));
    bench.verify();
}

fn many_who_register_one_number_at_once_are_one(on: On) {
    let bench = on.open();
    let done = all_at_once(12, |number| {
        let command = registration(1, Role::Member);
        let route = Route::home(i64::try_from(number).unwrap());
        bench.core.write_and_wait(route, move |tx| register(tx, &command)).is_ok()
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM member"), 1);
    bench.verify();
}

fn chosen_ids_raise_the_series(on: On) {
    let bench = on.open();
    let choose = |n: u32, id: i64| {
        let id = Some(MemberId::from_number(id));
        let command = Register { id, ..registration(n, Role::Member) };
        bench.write(move |tx| register(tx, &command))
    };
    assert_eq!(choose(1, 40).unwrap().id.number(), 40);
    assert_eq!(choose(2, 7).unwrap().id.number(), 7);
    assert!(bench.register(3, Role::Member).number() > 40);
    assert!(matches!(choose(4, 40), Err(RegisterError::Taken)));
    for id in [0, -1] {
        assert!(matches!(choose(4, id), Err(RegisterError::Fault(_))), "{id}");
    }
    assert!(bench.register(5, Role::Member).number() > 41);
    bench.verify();
}

fn registrations_from_one_address_are_limited(on: On) {
    let bench = on.open_with(|_, policy| policy.limits.registrations.attempts = 2);
    let admit = |address: &'static str| bench.write(move |tx| admit_registration(tx, address));
    assert_eq!(["a", "a", "a", "b"].map(|a| admit(a).unwrap()), [true, true, false, true]);
    seconds_later(&bench, 59);
    assert!(!admit("a").unwrap(), "within the window");
    seconds_later(&bench, 60);
    assert!(admit("a").unwrap(), "the window is over");
}

fn the_right_password_logs_in(on: On) {
    let bench = on.open();
    let member = bench.register(1, Role::Member);
    let look = |n: u32| bench.read(move |tx| approach(tx, Channel::Futureloan, &mobile(n), "a"));
    let Door::Open(Credentials { member: whose, password }) = look(1) else { panic!() };
    assert_eq!(whose, member);
    assert!(password.is_of(&Secret::new("password1".into())));
    assert!(!password.is_of(&Secret::new("password2".into())));
    assert!(matches!(look(2), Door::Unknown));
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +300");
    assert_eq!(enter(&bench, 1, "a", false), "refused");
    assert_eq!(enter(&bench, 2, "a", true), "refused", "unknown");
}

fn failures_lock_the_account_for_a_window(on: On) {
    let bench = on.open();
    bench.register(1, Role::Member);
    bench.register(2, Role::Member);
    for second in [0, 10, 20] {
        seconds_later(&bench, second);
        assert_eq!(enter(&bench, 1, "a", false), "refused");
    }
    assert_eq!(enter(&bench, 1, "a", true), "locked", "even with the right password");
    assert_eq!(enter(&bench, 1, "b", true), "locked", "from anywhere");
    assert_eq!(enter(&bench, 2, "a", true), "in 2 until +320", "another account");
    let locked = bench.read(|tx| approach(tx, Channel::Futureloan, &mobile(1), "b"));
    assert!(matches!(locked, Door::Locked));
    // 60 seconds from the third failure, however often it is tried meanwhile.
    seconds_later(&bench, 79);
    assert_eq!(enter(&bench, 1, "a", false), "locked");
    seconds_later(&bench, 80);
    assert_eq!(enter(&bench, 1, "a", false), "refused");
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +380");
    // Failures that are farther apart than the window never lock.
    for n in 2..7 {
        seconds_later(&bench, n * 60);
        assert_eq!(enter(&bench, 1, "a", false), "refused");
    }
}

fn a_right_password_clears_the_accounts_failures(on: On) {
    let bench = on.open();
    bench.register(1, Role::Member);
    for _ in 0..4 {
        assert_eq!(enter(&bench, 1, "a", false), "refused");
        assert_eq!(enter(&bench, 1, "a", false), "refused");
        assert_eq!(enter(&bench, 1, "a", true), "in 1 until +300");
    }
    // Those of the address stay: 8 so far, 10 are let through.
    assert_eq!(enter(&bench, 2, "a", false), "refused");
    assert_eq!(enter(&bench, 3, "a", false), "refused");
    assert_eq!(enter(&bench, 1, "a", true), "locked");
}

fn failures_from_one_address_lock_the_address(on: On) {
    let bench = on.open();
    bench.register(50, Role::Member);
    for n in 0..10 {
        assert_eq!(enter(&bench, n, "a", false), "refused", "{n}");
    }
    assert_eq!(enter(&bench, 50, "a", true), "locked");
    assert_eq!(enter(&bench, 50, "b", true), "in 1 until +300", "from another address");
    seconds_later(&bench, 60);
    assert_eq!(enter(&bench, 50, "a", true), "in 1 until +360");
}

fn parallel_guesses_get_no_more_than_the_limit(on: On) {
    let bench = on.open();
    bench.register(1, Role::Member);
    // Each from an address of its own and, on PostgreSQL, on several writers of two nodes.
    let other = bench.another_core();
    let answers = all_at_once(30, |number| {
        let address = format!("a{number}");
        let core = if number % 2 == 0 { &bench.core } else { &other };
        let route = Route::home(i64::try_from(number).unwrap());
        core.write_and_wait(route, attempt(1, &address, false)).unwrap()
    });
    other.close();
    assert_eq!(answers.iter().filter(|answer| *answer == "refused").count(), 3);
    assert_eq!(answers.iter().filter(|answer| *answer == "locked").count(), 27);
    assert_eq!(enter(&bench, 1, "b", true), "locked");
}

fn parallel_failures_are_all_counted_on_the_address(on: On) {
    let bench = on.open();
    let answers = all_at_once(30, |number| {
        let n = u32::try_from(number).unwrap();
        let route = Route::home(i64::from(n));
        bench.core.write_and_wait(route, attempt(n, "a", false)).unwrap()
    });
    assert_eq!(answers.iter().filter(|answer| *answer == "refused").count(), 10);
}

fn a_blocked_member_is_refused(on: On) {
    let bench = on.open();
    let member = bench.register(1, Role::Member);
    let block = |blocked| bench.write(move |tx| set_blocked(tx, member, blocked)).unwrap();
    let act = |caller| bench.read(move |tx| Ok(acting_for(tx, caller, member).is_ok()));
    assert!(block(true));
    assert!(!act(bearer(member)) && !act(Caller::Anyone));
    assert_eq!(enter(&bench, 1, "a", true), "refused");
    assert!(block(false));
    assert!(act(bearer(member)) && act(Caller::Anyone));
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +300");
    let nobody = MemberId::from_number(99);
    assert!(!bench.write(move |tx| set_blocked(tx, nobody, true)).unwrap());
    assert!(!bench.write(move |tx| revoke_tokens(tx, nobody, 300)).unwrap());
}

fn revoked_tokens_end_and_new_ones_work_at_once(on: On) {
    let bench = on.open();
    let member = bench.register(1, Role::Member);
    let revoke = || assert!(bench.write(move |tx| revoke_tokens(tx, member, 300)).unwrap());
    let works = |plus: i64| {
        let caller = Caller::Bearer { member, expires: START.seconds() + plus };
        let may = move |tx: &mut crate::Tx<'_, '_>| match acting_for(tx, caller, member) {
            Ok(_) => Ok(true),
            Err(Denied::Revoked) => Ok(false),
            Err(error) => panic!("{error}"),
        };
        bench.read(may)
    };
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +300");
    assert!(works(300));
    // All within one second: each new token works, and the next revocation ends it.
    for life in [301, 302, 303] {
        revoke();
        assert!(!works(life - 1));
        assert_eq!(enter(&bench, 1, "a", true), format!("in 1 until +{life}"));
        assert!(works(life));
    }
    seconds_later(&bench, 2);
    revoke();
    assert!(!works(303));
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +304");
    seconds_later(&bench, 10);
    assert_eq!(enter(&bench, 1, "a", true), "in 1 until +310", "as long as any other again");
}

fn members_act_for_themselves(on: On) {
    let bench = on.open();
    let (first, second) = (bench.register(1, Role::Member), bench.register(2, Role::Administrator));
    let act = |caller, target| {
        let act =
            move |tx: &mut crate::Tx<'_, '_>| Ok(acting_for(tx, caller, target).map(|m| m.id));
        bench.read(act).map_err(|error| error.to_string())
    };
    let nobody = MemberId::from_number(99);
    assert_eq!(act(bearer(first), first), Ok(first));
    assert_eq!(act(Caller::Anyone, first), Ok(first));
    assert_eq!(act(bearer(first), second), Err("not the caller's own".into()));
    assert_eq!(act(bearer(second), first), Err("not the caller's own".into()));
    assert_eq!(act(bearer(first), nobody), Err("no such member".into()));
    for number in [0, -1, i64::MIN, i64::MAX] {
        let target = MemberId::from_number(number);
        assert_eq!(act(Caller::Anyone, target), Err("no such member".into()), "{number}");
    }
}

fn members_are_renamed(on: On) {
    let bench = on.open();
    let (first, second) = (bench.register(1, Role::Member), bench.register(2, Role::Member));
    let name = move |caller, target| {
        move |tx: &mut crate::Tx<'_, '_>| rename(tx, caller, target, "借还'; --")
    };
    assert_eq!(bench.write(name(bearer(first), first)).unwrap().nickname, "借还'; --");
    assert_eq!(refusal(bench.write(name(bearer(first), second))), "NotYours");
    let page = Page::new(1, 10).unwrap();
    let all = bench.read(move |tx| members(tx, page));
    assert_eq!([&*all[0].nickname, &*all[1].nickname], ["借还'; --", "n2"]);
}

fn a_signature_is_good_once(on: On) {
    let bench = on.open();
    let used = all_at_once(8, |number| {
        let route = Route::home(i64::try_from(number).unwrap());
        let until = START.plus_millis(1);
        bench.core.write_and_wait(route, move |tx| use_signature(tx, b"s", until)).unwrap()
    });
    assert_eq!(used.iter().filter(|first| **first).count(), 1);
    assert!(bench.write(|tx| use_signature(tx, b"t", START)).unwrap());
}

fn what_guards_no_more_is_pruned(on: On) {
    let bench = on.open();
    bench.write(|tx| use_signature(tx, b"s", START.plus_millis(1_000))).unwrap();
    enter(&bench, 1, "a", false);
    let prune = |second| {
        seconds_later(&bench, second);
        bench.write(prune).unwrap()
    };
    assert_eq!(prune(1), 0);
    assert_eq!(prune(2), 1, "the signature");
    assert_eq!(prune(120), 0, "two windows of 60 seconds");
    assert_eq!(prune(121), 2, "the account and the address");
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn no_mobile_number_stands_in_the_clear(on: On) {
    let bench = on.open();
    bench.register(12_345_678, Role::Member);
    enter(&bench, 12_345_678, "198.51.100.7", false);
    let raw = bench.raw_bytes();
    assert!(holds(&raw, "138****5678"), "the mask is there");
    // As PostgreSQL writes bytes.
    let hex = "3133383132333435363738";
    for secret in ["13812345678", hex, "password1", "198.51.100.7"] {
        assert!(!holds(&raw, secret), "{secret}");
    }
}

fn mobile_numbers_stand_in_the_clear_where_the_policy_says_so(on: On) {
    let bench = on.open_with(|_, policy| policy.plain_mobiles = true);
    bench.register(12_345_678, Role::Member);
    let rows = || bench.number("SELECT COUNT(*) AS n FROM member_plain_mobile");
    assert_eq!(rows(), 1);
    assert!(holds(&bench.raw_bytes(), "13812345678"));
    // The next start without the switch empties the table.
    let policy = crate::Policy { plain_mobiles: false, ..bench.policy.clone() };
    Lending::open(bench.db.clone(), Clock::standing_at(START), KEY, policy).unwrap();
    assert_eq!(rows(), 0);
}

fn another_key_does_not_open_the_database(on: On) {
    let bench = on.open();
    let open = |key| {
        let clock = Clock::standing_at(START);
        Lending::open(bench.db.clone(), clock, key, bench.policy.clone()).map(|_| ())
    };
    assert_eq!(refusal(open(&[8; 32])), "WrongKey");
    open(KEY).unwrap();
    let swap = bench.db.write_and_wait(0, |tx| {
        let update = "UPDATE platform_fact SET value = ?1 WHERE name = 'personal_key'";
        tx.execute(update, params!["0"])
    });
    assert_eq!(swap, Ok(1));
    assert_eq!(refusal(open(KEY)), "WrongKey");
}

fn the_business_clock_is_advanced_by_everybody(on: On) {
    let bench = on.open();
    let other = bench.another_core();
    all_at_once(6, |number| {
        let core = if number % 2 == 0 { &bench.core } else { &other };
        core.advance_clock(1_000).unwrap()
    });
    other.follow_clock().unwrap();
    assert_eq!(other.clock().now().business, START.plus_millis(6_000));
    assert_eq!(other.clock().now().wall, START);
    other.close();
    assert_eq!(bench.core.follow_clock(), Ok(6_000));
    bench.write(crate::market::wipe).unwrap();
    assert_eq!(bench.core.follow_clock(), Ok(0));
}
