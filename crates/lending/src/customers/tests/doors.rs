//! SMS codes, captchas and sessions: what opens, how long, how often.

use kernel::id::MemberId;
use kernel::{Channel, Secret};

use super::{HERE, at_second, join, line};
use crate::customers::captcha;
use crate::customers::codes::{
    CheckCode, Purpose, RequestCode, RequestError, Verdict, check, last_code, request, take_proof,
};
use crate::customers::prune;
use crate::customers::sessions::{
    Device, DeviceKind, OpenSession, SessionKey, close, close_all, find, open, touch,
};
use crate::identity::{Limit, set_blocked};
use crate::tests::kit::{Bench, On, START, all_at_once, mobile, on_both, refusal};
use crate::{Fault, Route};

on_both! {
    a_code_is_good_once_and_for_its_purpose_only
    a_newer_code_replaces_the_older
    codes_expire
    five_wrong_guesses_end_a_code
    parallel_guesses_get_no_more_than_five
    of_many_right_guesses_at_once_one_counts
    a_proof_is_used_once_and_not_late
    codes_to_one_number_are_limited
    codes_from_one_address_are_limited
    bursts_get_no_more_codes_than_the_limit
    codes_are_shown_on_benches_only
    a_captcha_is_good_once_at_its_address
    captchas_are_limited
    a_second_log_in_ends_the_first_session
    sessions_end_unused_and_in_the_end
    a_session_is_closed_by_its_owner_only
    devices_are_remembered_up_to_a_number
    what_guards_no_more_is_pruned
}

fn ask_at(bench: &Bench, n: u32, code: &str, address: &str) -> Result<(), RequestError> {
    let command = RequestCode {
        channel: HERE,
        mobile: mobile(n),
        purpose: Purpose::Registration,
        code: Secret::new(code.into()),
        address: address.into(),
    };
    bench.write(move |tx| request(tx, &command)).map(|_| ())
}

#[track_caller]
fn ask(bench: &Bench, n: u32, code: &str) {
    ask_at(bench, n, code, "a").unwrap();
}

fn guess_command(n: u32, code: &str) -> CheckCode {
    let (purpose, code) = (Purpose::Registration, Secret::new(code.into()));
    CheckCode { channel: HERE, mobile: mobile(n), purpose, code }
}

fn guess(bench: &Bench, n: u32, code: &str) -> Verdict {
    let command = guess_command(n, code);
    bench.write(move |tx| check(tx, &command)).unwrap()
}

fn proven(bench: &Bench, n: u32) -> bool {
    let take =
        move |tx: &mut crate::Tx<'_, '_>| take_proof(tx, HERE, &mobile(n), Purpose::Registration);
    bench.write(take).unwrap()
}

fn a_code_is_good_once_and_for_its_purpose_only(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    let try_as = |change: &dyn Fn(&mut CheckCode)| {
        let mut command = guess_command(1, "123456");
        change(&mut command);
        bench.write(move |tx| check(tx, &command)).unwrap()
    };
    assert_eq!(try_as(&|command| command.mobile = mobile(2)), Verdict::Wrong);
    assert_eq!(try_as(&|command| command.channel = Channel::Futureloan), Verdict::Wrong);
    assert_eq!(try_as(&|command| command.purpose = Purpose::PasswordReset), Verdict::Wrong);
    let long = "1".repeat(100_000);
    for code in ["", "123457", "12345", "1234567", " 123456", "１２３４５６", &long] {
        let verdict = guess(&bench, 3, code);
        assert_eq!(verdict, Verdict::Wrong, "{code:.20}");
    }
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Right);
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Wrong, "used");
    assert!(!proven(&bench, 2) && proven(&bench, 1));
}

fn a_newer_code_replaces_the_older(on: On) {
    let bench = on.open();
    ask(&bench, 1, "111111");
    for _ in 0..4 {
        assert_eq!(guess(&bench, 1, "000000"), Verdict::Wrong);
    }
    at_second(&bench, 60);
    ask(&bench, 1, "222222");
    assert_eq!(guess(&bench, 1, "111111"), Verdict::Wrong);
    assert_eq!(guess(&bench, 1, "222222"), Verdict::Right);
}

fn codes_expire(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    ask(&bench, 2, "123456");
    at_second(&bench, 15 * 60 - 1);
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Right);
    at_second(&bench, 15 * 60);
    assert_eq!(guess(&bench, 2, "123456"), Verdict::Expired);
    assert!(!proven(&bench, 2));
}

fn five_wrong_guesses_end_a_code(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    for _ in 0..5 {
        assert_eq!(guess(&bench, 1, "000000"), Verdict::Wrong);
    }
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Expired);
    assert!(!proven(&bench, 1));
}

/// The same guess on many threads of two nodes; the verdicts.
fn guess_at_once(bench: &Bench, digits: &'static str) -> Vec<Verdict> {
    let other = bench.another_core();
    let verdicts = all_at_once(20, |number| {
        let core = if number % 2 == 0 { &bench.core } else { &other };
        let route = Route::home(i64::try_from(number).unwrap());
        let command = guess_command(1, digits);
        core.write_and_wait(route, move |tx| check(tx, &command)).unwrap()
    });
    other.close();
    verdicts
}

fn parallel_guesses_get_no_more_than_five(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    let verdicts = guess_at_once(&bench, "000000");
    let wrong = verdicts.iter().filter(|verdict| **verdict == Verdict::Wrong).count();
    assert_eq!(wrong, 5, "the others are told that it has ended");
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Expired);
}

fn of_many_right_guesses_at_once_one_counts(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    let verdicts = guess_at_once(&bench, "123456");
    let right = verdicts.iter().filter(|verdict| **verdict == Verdict::Right).count();
    assert_eq!(right, 1);
}

fn a_proof_is_used_once_and_not_late(on: On) {
    let bench = on.open();
    ask(&bench, 1, "123456");
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Right);
    let taken = all_at_once(8, |number| {
        let route = Route::home(i64::try_from(number).unwrap());
        let take =
            |tx: &mut crate::Tx<'_, '_>| take_proof(tx, HERE, &mobile(1), Purpose::Registration);
        bench.core.write_and_wait(route, take).unwrap()
    });
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    for (n, wait, good) in [(2, 599, true), (3, 600, false)] {
        at_second(&bench, 0);
        ask(&bench, n, "123456");
        assert_eq!(guess(&bench, n, "123456"), Verdict::Right);
        at_second(&bench, wait);
        assert_eq!(proven(&bench, n), good, "{wait}");
    }
}

fn codes_to_one_number_are_limited(on: On) {
    let bench = on.open();
    let mut count = 0;
    let mut ask = |second: i64| {
        at_second(&bench, second);
        count += 1;
        // Each from an address of its own.
        ask_at(&bench, 1, "123456", &format!("a{count}")).map_err(|error| format!("{error:?}"))
    };
    let limited = Err("MobileLimited".to_owned());
    // 1 in a minute, 5 in an hour, 10 in a day: what SMS providers let through.
    assert_eq!([0, 59].map(&mut ask), [Ok(()), limited.clone()]);
    assert_eq!([60, 120, 180, 240].map(&mut ask), [Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!([300, 3_599].map(&mut ask), [limited.clone(), limited.clone()]);
    let next = [3_600, 3_660, 3_720, 3_780, 3_840];
    assert_eq!(next.map(&mut ask), [Ok(()), Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!([7_300, 86_399].map(&mut ask), [limited.clone(), limited]);
    assert_eq!(ask(86_400), Ok(()));
    assert!(ask_at(&bench, 2, "123456", "a").is_ok(), "another number");
}

fn codes_from_one_address_are_limited(on: On) {
    let within = |attempts, window_seconds| Limit { attempts, window_seconds };
    let bench = on.open_with(|_, policy| {
        policy.customers.codes.per_address = [within(2, 60), within(3, 3_600), within(4, 86_400)];
    });
    let ask = |n: u32, second: i64| {
        at_second(&bench, second);
        ask_at(&bench, n, "123456", "a").map_err(|error| format!("{error:?}"))
    };
    let limited = || Err("AddressLimited".to_owned());
    assert_eq!([ask(1, 0), ask(2, 0), ask(3, 0)], [Ok(()), Ok(()), limited()]);
    // What was refused has not counted, neither for the address nor for the number.
    assert_eq!([ask(3, 60), ask(4, 61)], [Ok(()), limited()]);
    assert_eq!([ask(4, 3_600), ask(5, 3_601)], [Ok(()), limited()]);
    assert!(ask_at(&bench, 5, "123456", "b").is_ok());
}

fn bursts_get_no_more_codes_than_the_limit(on: On) {
    let bench = on.open();
    let sent = all_at_once(16, |number| {
        let command = RequestCode {
            channel: HERE,
            mobile: mobile(1),
            purpose: Purpose::Registration,
            code: Secret::new("123456".into()),
            address: format!("a{number}"),
        };
        let route = Route::home(i64::try_from(number).unwrap());
        bench.core.write_and_wait(route, move |tx| request(tx, &command)).is_ok()
    });
    assert_eq!(sent.iter().filter(|sent| **sent).count(), 1);
}

fn codes_are_shown_on_benches_only(on: On) {
    let show = |bench: &Bench, n: u32| {
        let last = bench.read(move |tx| last_code(tx, HERE, &mobile(n), Purpose::Registration));
        last.map(|code| code.expose().to_owned())
    };
    let bench = on.open_with(|_, policy| policy.customers = crate::customers::Rules::bench());
    assert_eq!(show(&bench, 1), None);
    ask(&bench, 1, "314159");
    ask(&bench, 1, "271828");
    assert_eq!(show(&bench, 1).as_deref(), Some("271828"));
    assert_eq!(show(&bench, 2), None);
    at_second(&bench, 15 * 60);
    assert_eq!(show(&bench, 1), None, "expired");
    let usual = on.open();
    ask(&usual, 1, "314159");
    assert_eq!(show(&usual, 1), None);
    assert_eq!(usual.number("SELECT COUNT(code_sealed) AS n FROM sms_code"), 0);
    for bench in [bench, usual] {
        let raw = bench.raw_bytes();
        let holds = |text: &str| raw.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds("314159") && !holds("271828"));
    }
}

fn draw(bench: &Bench, text: &'static str, address: &'static str) -> bool {
    bench.write(move |tx| captcha::make(tx, HERE, text, address)).is_ok()
}

fn solve(bench: &Bench, text: &'static str, address: &'static str) -> captcha::Verdict {
    bench.write(move |tx| captcha::take(tx, HERE, text, address)).unwrap()
}

fn a_captcha_is_good_once_at_its_address(on: On) {
    use captcha::Verdict::{Expired, Right, Wrong};
    let bench = on.open();
    assert!(draw(&bench, "aB3x", "a") && draw(&bench, "k9Zz", "a"));
    assert_eq!(solve(&bench, "ab3x", "b"), Wrong, "another address");
    let elsewhere =
        |tx: &mut crate::Tx<'_, '_>| captcha::take(tx, Channel::Futureloan, "ab3x", "a");
    assert_eq!(bench.write(elsewhere), Ok(Wrong), "another channel");
    assert_eq!(solve(&bench, "ab3", "a"), Wrong);
    assert_eq!(solve(&bench, "", "a"), Wrong);
    assert_eq!(solve(&bench, "AB3X", "a"), Right, "whatever its case");
    assert_eq!(solve(&bench, "AB3X", "a"), Wrong, "used");
    at_second(&bench, 120);
    assert_eq!(solve(&bench, "k9zz", "a"), Expired);
    assert!(draw(&bench, "q2w3", "a"));
    at_second(&bench, 239);
    assert_eq!(solve(&bench, "q2w3", "a"), Right);
}

fn captchas_are_limited(on: On) {
    use captcha::Verdict::{Limited, Right, Wrong};
    let within = |attempts| Limit { attempts, window_seconds: 60 };
    let bench = on.open_with(|_, policy| {
        policy.customers.captchas.made = within(2);
        policy.customers.captchas.missed = within(3);
    });
    assert_eq!(["a1", "a2", "a3"].map(|text| draw(&bench, text, "a")), [true, true, false]);
    assert!(draw(&bench, "b1", "b"));
    assert_eq!(["x", "y", "z"].map(|text| solve(&bench, text, "a")), [Wrong; 3]);
    assert_eq!(solve(&bench, "a1", "a"), Limited, "even a right one");
    assert_eq!(solve(&bench, "b1", "b"), Right, "another address");
    at_second(&bench, 60);
    assert_eq!(solve(&bench, "a1", "a"), Right, "the window is over");
}

fn key(n: u8) -> SessionKey {
    SessionKey::from_random([n; 16])
}

#[track_caller]
fn enter(bench: &Bench, member: MemberId, n: u8, device: Option<Device>) {
    let command = OpenSession { member, key: key(n), device };
    bench.write(move |tx| open(tx, &command)).unwrap();
}

fn whose(bench: &Bench, n: u8) -> Option<MemberId> {
    bench.read(move |tx| find(tx, HERE, &key(n))).map(|session| session.member)
}

fn a_second_log_in_ends_the_first_session(on: On) {
    let bench = on.open();
    let (first, second) = (join(&bench, 1), join(&bench, 2));
    enter(&bench, first, 1, None);
    enter(&bench, second, 2, None);
    assert_eq!(
        [whose(&bench, 1), whose(&bench, 2), whose(&bench, 3)],
        [Some(first), Some(second), None]
    );
    enter(&bench, first, 3, None);
    assert_eq!([whose(&bench, 1), whose(&bench, 3)], [None, Some(first)]);
    let elsewhere = bench.read(|tx| find(tx, Channel::Futureloan, &key(3)));
    assert_eq!(elsewhere, None);
    bench.write(move |tx| set_blocked(tx, first, true)).unwrap();
    assert_eq!(whose(&bench, 3), None, "shut out");
    let command = OpenSession { member: MemberId::from_number(99), key: key(9), device: None };
    assert_eq!(refusal(bench.write(move |tx| open(tx, &command))), "NoSuchCustomer");
    // What is kept of a key is no key.
    let text = key(0xAB).expose().to_owned();
    assert_eq!(text, "ABABABABABABABABABABABABABABABAB");
    assert!(SessionKey::parse(&text).is_some());
    for bad in ["", "ab", &text.to_lowercase(), &text[1..], &format!("{text}A"), "Ａ"] {
        assert!(SessionKey::parse(bad).is_none(), "{bad}");
    }
    enter(&bench, second, 0xAB, None);
    assert!(!bench.raw_bytes().windows(32).any(|window| window == text.as_bytes()));
}

fn sessions_end_unused_and_in_the_end(on: On) {
    // 30 days by default; a day here, so that few calls use it all the time.
    let bench = on.open_with(|_, policy| {
        assert_eq!(policy.customers.sessions.life_seconds, 30 * 86_400);
        policy.customers.sessions.life_seconds = 86_400;
    });
    let member = join(&bench, 1);
    enter(&bench, member, 1, None);
    let due = |second: i64| {
        at_second(&bench, second);
        bench.read(|tx| find(tx, HERE, &key(1))).map(|session| session.touch_due)
    };
    let touch = || bench.write(|tx| touch(tx, &key(1))).unwrap();
    assert_eq!(
        [due(0), due(59), due(60), due(1_799)].map(Option::unwrap),
        [false, false, true, true]
    );
    assert_eq!(due(1_800), None, "unused for 30 minutes");
    at_second(&bench, 1_799);
    touch();
    assert_eq!([due(1_800), due(3_598), due(3_599)], [Some(false), Some(true), None]);
    // Used all the time, it ends too.
    let life = 86_400;
    at_second(&bench, 0);
    enter(&bench, member, 1, None);
    for second in (0..life).step_by(1_500) {
        assert!(due(second).is_some(), "{second}");
        touch();
    }
    assert!(due(life - 1).is_some());
    assert_eq!(due(life), None);
}

fn a_session_is_closed_by_its_owner_only(on: On) {
    let bench = on.open();
    let (first, second) = (join(&bench, 1), join(&bench, 2));
    enter(&bench, first, 1, None);
    enter(&bench, second, 2, None);
    let end = |caller, n| bench.write(move |tx| close(tx, caller, &key(n))).unwrap();
    assert!(!end(second, 1) && !end(first, 3));
    assert_eq!(whose(&bench, 1), Some(first));
    assert!(end(first, 1));
    assert!(!end(first, 1));
    assert_eq!(whose(&bench, 1), None);
    assert!(bench.write(move |tx| close_all(tx, second)).unwrap());
    assert_eq!(whose(&bench, 2), None);
}

fn devices_are_remembered_up_to_a_number(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let from = |n: i64| {
        at_second(&bench, n);
        let token = line(&format!("token-{}", n % 30));
        enter(&bench, member, 1, Some(Device { kind: DeviceKind::Android, token }));
    };
    let devices = || bench.number("SELECT COUNT(*) AS n FROM customer_device");
    from(0);
    from(30);
    assert_eq!(devices(), 1, "the same one");
    for n in 31..60 {
        from(n);
    }
    assert_eq!(devices(), 20);
    let oldest = "SELECT MIN(last_seen_at) AS n FROM customer_device";
    assert_eq!(bench.number(oldest), START.plus_millis(40_000).millis());
    assert!(!bench.raw_bytes().windows(8).any(|window| window == b"token-29"));
    let kinds = [0, 1, 2, 3, 4].map(DeviceKind::from_number);
    let known = [DeviceKind::Android, DeviceKind::Ios, DeviceKind::Other].map(Some);
    assert_eq!(kinds, [None, known[0], known[1], known[2], None]);
}

fn what_guards_no_more_is_pruned(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    ask(&bench, 1, "123456");
    assert!(draw(&bench, "a1b2", "a"));
    enter(&bench, member, 1, None);
    let prune_at = |second: i64| -> u64 {
        at_second(&bench, second);
        bench.write(prune).unwrap()
    };
    assert_eq!(prune_at(1_799), 0);
    assert_eq!(prune_at(1_800), 1, "the session");
    // An hour after their end: the captcha, and the minutes of captcha, number and address.
    assert_eq!(prune_at(3_661), 3);
    assert_eq!(guess(&bench, 1, "123456"), Verdict::Expired, "still told apart");
    assert_eq!(prune_at(3_721), 1, "the captcha");
    assert_eq!(prune_at(4_501), 1, "the code");
    assert_eq!(prune_at(2 * 86_400), 4, "hours and days");
    let left = bench.write(|tx| -> Result<u64, Fault> { prune(tx) });
    assert_eq!(left, Ok(0));
}
