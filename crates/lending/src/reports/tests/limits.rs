//! What is refused, limited, forgotten, or about somebody else.

use super::*;

on_both! {
    failures_keep_the_providers_words
    what_succeeded_today_is_not_done_again
    one_task_of_a_kind_is_open_at_a_time
    tasks_are_limited_by_the_day
    what_cannot_be_begun_is_refused
    every_kind_is_ordered_as_it_was_begun
    callbacks_are_hints
    a_number_of_somebody_else_proves_nothing
    reports_go_stale_and_their_bodies_are_forgotten
    a_bench_that_is_emptied_forgets_its_tasks
}

fn failures_keep_the_providers_words(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    for (n, code) in [(1, "1102"), (2, "1107"), (3, "1012")] {
        let task = start(&bench, member, Login::Jd(account("a", "b")), n);
        let claimed = claim(&bench);
        let words = ProviderAnswer::Said(said(code, "密码错误，请重新输入"));
        assert!(bring(&bench, claimed.claim, words));
        stands(&bench, &task, TaskState::Failed, code);
        assert_eq!(look(&bench, &task).message, "密码错误，请重新输入");
        at(&bench, i64::from(n) * MINUTE);
    }
    assert_eq!(proofs(&bench, member).of(DataKind::Jd), Progress::Missing);
    // Endless words are cut.
    let task = start(&bench, member, Login::Taobao, 9);
    let claimed = claim(&bench);
    bring(&bench, claimed.claim, ProviderAnswer::Said(said(&"9".repeat(99), &"长".repeat(999))));
    let cut = look(&bench, &task);
    assert_eq!((cut.code.len(), cut.message.chars().count()), (16, 500));
}

fn what_succeeded_today_is_not_done_again(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let login = || Login::Jd(account("a", "b"));
    succeed(&bench, member, login(), 1);
    assert_eq!(refusal(try_begin(&bench, member, login(), 2)), "AlreadyDone");
    // Another kind, and the next business day: 8:00 + 16 hours is midnight.
    succeed(&bench, member, Login::Taobao, 3);
    at(&bench, 16 * 60 * MINUTE - 1);
    assert_eq!(refusal(try_begin(&bench, member, login(), 4)), "AlreadyDone");
    at(&bench, 16 * 60 * MINUTE);
    start(&bench, member, login(), 5);
    // What was proven stays proven meanwhile.
    assert_eq!(proofs(&bench, member).of(DataKind::Jd), Progress::Done);
}

fn one_task_of_a_kind_is_open_at_a_time(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let first = start(&bench, member, Login::Taobao, 1);
    let Err(BeginError::UnderWay(open)) = try_begin(&bench, member, Login::Taobao, 2) else {
        panic!("two at a time")
    };
    assert_eq!((open.id, open.token), (first.id, first.token));
    start(&bench, member, Login::Jd(account("a", "b")), 3);
    // Of several at once one begins.
    let member = join(&bench, 2);
    let begun = all_at_once(4, |n| {
        let n = u8::try_from(10 + n).unwrap();
        try_begin(&bench, member, Login::Taobao, n).is_ok()
    });
    assert_eq!(begun.into_iter().filter(|ok| *ok).count(), 1);
}

fn tasks_are_limited_by_the_day(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    for n in 1..=5 {
        start(&bench, member, Login::Taobao, n);
        answer(&bench, "1102");
    }
    assert_eq!(refusal(try_begin(&bench, member, Login::Taobao, 6)), "TooManyAttempts");
    at(&bench, DAY);
    start(&bench, member, Login::Taobao, 7);
}

fn what_cannot_be_begun_is_refused(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let nobody = MemberId::from_number(99);
    assert_eq!(refusal(try_begin(&bench, nobody, Login::Taobao, 1)), "NoSuchCustomer");
    assert_eq!(refusal(try_begin(&bench, member, service_code(), 1)), "RealNameFirst");
    let login = Login::Jd(account("a", ""));
    assert_eq!(refusal(try_begin(&bench, member, login, 1)), "BadLogin");
    let login = Login::Bill(account("a@example.com", "b"));
    assert_eq!(refusal(try_begin(&bench, member, login, 1)), "UnknownMailbox");
    let login = Login::Ebank { login: account("a", "b"), bank: "12345678".into() };
    assert_eq!(refusal(try_begin(&bench, member, login, 1)), "UnknownBank");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM report_task"), 0);
}

fn every_kind_is_ordered_as_it_was_begun(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let pair = || account("user-1", "word-1");
    for (n, (login, wanted)) in [
        (Login::Mobile(secret("741852")), "Mobile 13800000001 741852"),
        (service_code(), "MobileReport 13800000001 741852"),
        (Login::Jd(pair()), "Jd user-1 word-1"),
        (Login::Taobao, "Taobao"),
        (Login::Education(pair()), "Education user-1 word-1"),
        (Login::Bill(account("a@163.com", "word-1")), "Bill a@163.com word-1"),
        (Login::Bill(account("a@qq.com", "word-1")), "Bill a@qq.com -"),
        (Login::Ebank { login: pair(), bank: "03080000".into() }, "Ebank user-1 word-1 03080000"),
    ]
    .into_iter()
    .enumerate()
    {
        start(&bench, member, login, u8::try_from(n).unwrap());
        let Step::Start(order) = answer(&bench, "1102") else { panic!("no start") };
        let pair = |login: &AccountLogin| {
            format!("{} {}", login.username.expose(), login.password.expose())
        };
        let told = match &order {
            DataOrder::Mobile(login) | DataOrder::MobileReport(login) => {
                format!("{} {}", login.mobile.expose(), login.service_code.expose())
            }
            DataOrder::Jd(login) | DataOrder::Education(login) => pair(login),
            DataOrder::Taobao => String::new(),
            DataOrder::Bill(login) => {
                let password = login.password.as_ref().map_or("-", Secret::expose);
                format!("{} {password}", login.address.expose())
            }
            DataOrder::Ebank { login, bank } => format!("{} {bank}", pair(login)),
        };
        assert_eq!(format!("{:?} {told}", order.kind()).trim_end(), wanted);
    }
}

fn callbacks_are_hints(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Taobao, 1);
    answer(&bench, "0010");
    let tell = |handle: &'static str| bench.write::<_, Fault>(move |tx| hint(tx, handle)).unwrap();
    nothing_due(&bench);
    assert!(!tell("of nobody"));
    assert!(tell(HANDLE));
    // It changes nothing by itself, and once is enough.
    stands(&bench, &task, TaskState::Running, "0010");
    assert!(!tell(HANDLE));
    let claimed = claim(&bench);
    assert!(!tell(HANDLE), "somebody is looking");
    assert!(bring(&bench, claimed.claim, ProviderAnswer::Said(said("0000", ""))));
    fetch(&bench, Facts::default());
    assert!(!tell(HANDLE), "after the end");
}

fn a_number_of_somebody_else_proves_nothing(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let task = start(&bench, member, service_code(), 1);
    answer(&bench, "0000");
    fetch(&bench, Facts { name_matches: Some(false), ..good_facts() });
    stands(&bench, &task, TaskState::Failed, "0000");
    assert_eq!(look(&bench, &task).message, "手机号码的实名信息与本人不一致");
    assert_eq!(proofs(&bench, member).phone, Progress::Missing);
    assert_eq!(bench.read(move |tx| report_score(tx, member)), Some(0));
}

fn reports_go_stale_and_their_bodies_are_forgotten(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let task = start(&bench, member, service_code(), 1);
    answer(&bench, "0000");
    fetch(&bench, good_facts());
    at(&bench, 30 * DAY);
    assert!(bench.read(move |tx| facts(tx, member)).is_some());
    at(&bench, 31 * DAY);
    assert_eq!(bench.read(move |tx| facts(tx, member)), None);
    assert_eq!(bench.read(move |tx| report_score(tx, member)), None);
    at(&bench, 180 * DAY);
    assert_eq!(bench.write::<_, Fault>(prune).unwrap(), 0);
    at(&bench, 180 * DAY + 1);
    assert_eq!(bench.write::<_, Fault>(prune).unwrap(), 1);
    let opened = bench.write(move |tx| open_report(tx, Actor::Platform, task.id));
    assert!(matches!(opened, Err(OpenReportError::Forgotten)));
    let nothing = kernel::id::ReportTaskId::from_number(1);
    let opened = bench.write(move |tx| open_report(tx, Actor::Platform, nothing));
    assert!(matches!(opened, Err(OpenReportError::NoSuchReport)));
}

fn a_bench_that_is_emptied_forgets_its_tasks(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    succeed(&bench, member, Login::Taobao, 1);
    bench.write(crate::market::wipe).unwrap();
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM report_task"), 0);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM provider_report"), 0);
}
