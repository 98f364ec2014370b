//! The ways of a task, over answers that are lost and restarts.

use super::*;

on_both! {
    a_task_runs_from_its_start_to_its_report
    passwords_and_codes_are_wiped_once_they_are_sent
    a_task_survives_a_restart_in_every_state
    a_start_that_nobody_answers_is_tried_three_times
    answers_to_claims_that_were_given_up_change_nothing
    a_step_is_claimed_by_one_caller
    an_input_is_taken_once_and_from_its_owner
    an_input_whose_answer_is_lost_is_asked_for_again
    an_input_outweighs_a_status_that_is_under_way
    customers_who_do_not_answer_are_timed_out
    a_task_that_never_ends_is_timed_out
}

fn a_task_runs_from_its_start_to_its_report(on: On) {
    let bench = on.open();
    let member = verified(&bench, 1);
    let task = start(&bench, member, service_code(), 0xA5);
    assert_eq!(task.token, "a5".repeat(16));
    stands(&bench, &task, TaskState::Started, "");
    let phone = |bench: &Bench| proofs(bench, member).phone;
    assert_eq!(
        (proofs(&bench, member).identity, phone(&bench)),
        (Progress::Done, Progress::UnderWay)
    );
    assert!(bench.read(has_due));
    let Step::Start(DataOrder::MobileReport(order)) = answer(&bench, "0010") else { panic!() };
    assert_eq!((order.mobile, order.service_code.expose()), (mobile(1), "741852"));
    assert_eq!(order.name.expose(), "示例人");
    stands(&bench, &task, TaskState::Running, "0010");
    // The pause before a look.
    at(&bench, 5 * SECOND - 1);
    nothing_due(&bench);
    at(&bench, 5 * SECOND);
    // A code that says nothing leaves the last one that did.
    assert!(matches!(answer(&bench, ""), Step::Status { handle, .. } if handle == HANDLE));
    stands(&bench, &task, TaskState::Running, "0010");
    at(&bench, 10 * SECOND);
    let asked = claim(&bench);
    let image = Some(PICTURE.to_owned());
    let (code, message) = ("0006".to_owned(), "请输入图片验证码".to_owned());
    let wants = DataAnswer::Said { code, message, handle: None, image };
    assert!(bring(&bench, asked.claim, ProviderAnswer::Said(wants)));
    let waiting = look(&bench, &task);
    assert_eq!(waiting.state, TaskState::WaitingInput);
    assert_eq!(waiting.image.as_deref(), Some(PICTURE));
    assert_eq!(waiting.message, "请输入图片验证码");
    // It is looked at while it waits; the picture stays.
    at(&bench, 15 * SECOND);
    answer(&bench, "0006");
    assert!(look(&bench, &task).image.is_some());
    give(&bench, member, &task.token, "8k3f").unwrap();
    let step = answer(&bench, "0009");
    assert!(matches!(step, Step::Input { input, .. } if input.expose() == "8k3f"));
    stands(&bench, &task, TaskState::Running, "0009");
    assert!(look(&bench, &task).image.is_none());
    at(&bench, 20 * SECOND);
    answer(&bench, "0100");
    stands(&bench, &task, TaskState::Running, "0100");
    assert_eq!(phone(&bench), Progress::UnderWay);
    at(&bench, 25 * SECOND);
    answer(&bench, "0000");
    // What is ready is fetched at once.
    let step = fetch(&bench, good_facts());
    assert!(matches!(step, Step::Fetch { kind: DataKind::MobileReport, .. }));
    stands(&bench, &task, TaskState::Succeeded, "0000");
    nothing_due(&bench);
    assert_eq!(phone(&bench), Progress::Done);
    assert_eq!(proofs(&bench, member).of(DataKind::MobileReport), Progress::Done);
    assert_eq!(proofs(&bench, member).of(DataKind::Jd), Progress::Missing);
    assert_eq!(bench.read(move |tx| facts(tx, member)), Some(good_facts()));
    // 600 - 100 - 40 - 30 + 40 + 40
    assert_eq!(bench.read(move |tx| report_score(tx, member)), Some(510));
    let body = bench.write(move |tx| open_report(tx, Actor::Platform, task.id)).unwrap();
    assert_eq!(body, "{\"all\":\"of it\"}");
}

fn passwords_and_codes_are_wiped_once_they_are_sent(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("buyer77", "pass-word-77")), 1);
    let count = |select: &'static str| bench.number(select);
    let logins = "SELECT COUNT(*) AS n FROM report_task WHERE login_sealed IS NOT NULL";
    let inputs = "SELECT COUNT(*) AS n FROM report_task WHERE input_sealed IS NOT NULL";
    assert_eq!(count(logins), 1);
    answer(&bench, "0006");
    assert_eq!(count(logins), 0);
    give(&bench, member, &task.token, "code-4711").unwrap();
    assert_eq!(count(inputs), 1);
    answer(&bench, "0009");
    assert_eq!(count(inputs), 0);
    // Also where the provider refuses, never answers, or the time is over.
    let other = join(&bench, 2);
    start(&bench, other, Login::Jd(account("buyer78", "pass-word-78")), 2);
    answer(&bench, "1102");
    assert_eq!(count(logins), 0);
    start(&bench, other, Login::Education(account("student1", "pass-word-79")), 3);
    at(&bench, 31 * MINUTE);
    assert!(claim_all(&bench).is_empty());
    assert_eq!(count(logins), 0);
    let raw = bench.raw_bytes();
    for text in ["buyer77", "pass-word-7", "code-4711", "student1", HANDLE] {
        assert!(!raw.windows(text.len()).any(|bytes| bytes == text.as_bytes()), "{text}");
    }
}

fn a_task_survives_a_restart_in_every_state(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    // Whoever claims dies; another node finds the claim when it is too old.
    let mut now = 0;
    let mut die = |bench: &Bench| {
        let dead = claim(bench);
        let node = bench.another_core();
        node.clock().set(START.plus_millis(now + 2 * MINUTE - 1));
        let claimed = node.write_and_wait::<_, Fault>(Route::home(0), |tx| claim_due(tx, 10));
        assert!(claimed.unwrap().is_empty(), "the claim still holds");
        node.close();
        now += 2 * MINUTE;
        at(bench, now);
        dead.step
    };
    assert!(matches!(die(&bench), Step::Start(_)));
    assert!(matches!(answer(&bench, "0010"), Step::Start(_)), "started again");
    at(&bench, 2 * MINUTE + 5 * SECOND);
    assert!(matches!(claim(&bench).step, Step::Status { .. }));
    at(&bench, 5 * MINUTE);
    assert!(matches!(answer(&bench, "0006"), Step::Status { .. }));
    give(&bench, member, &task.token, "123456").unwrap();
    assert!(matches!(claim(&bench).step, Step::Input { .. }));
    at(&bench, 8 * MINUTE);
    // Perhaps it was sent: it is not sent again.
    assert!(matches!(answer(&bench, "0000"), Step::Status { .. }));
    assert!(matches!(claim(&bench).step, Step::Fetch { .. }));
    at(&bench, 11 * MINUTE);
    assert!(matches!(fetch(&bench, Facts::default()), Step::Fetch { .. }));
    stands(&bench, &task, TaskState::Succeeded, "0000");
}

fn a_start_that_nobody_answers_is_tried_three_times(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Taobao, 1);
    assert!(matches!(lose(&bench), Step::Start(_)));
    nothing_due(&bench);
    at(&bench, 5 * SECOND);
    assert!(matches!(lose(&bench), Step::Start(_)));
    // The pause has doubled.
    at(&bench, 15 * SECOND - 1);
    nothing_due(&bench);
    at(&bench, 15 * SECOND);
    stands(&bench, &task, TaskState::Started, "");
    lose(&bench);
    stands(&bench, &task, TaskState::Failed, "");
    assert_eq!(look(&bench, &task).message, "数据服务暂时不可用，请稍后再试");
    // Also where every caller has died.
    let task = start(&bench, member, Login::Jd(account("a", "b")), 2);
    for n in 1..=3 {
        claim(&bench);
        at(&bench, 15 * SECOND + n * 2 * MINUTE);
    }
    assert!(claim_all(&bench).is_empty());
    stands(&bench, &task, TaskState::Failed, "");
}

fn answers_to_claims_that_were_given_up_change_nothing(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Taobao, 1);
    let slow = claim(&bench).claim;
    at(&bench, 2 * MINUTE);
    let second = claim(&bench).claim;
    let failed = ProviderAnswer::Said(said("1102", "密码错误"));
    assert!(!bring(&bench, slow, failed.clone()));
    stands(&bench, &task, TaskState::Started, "");
    assert!(bring(&bench, second, ProviderAnswer::Said(said("0010", ""))));
    // Twice the same answer, and one after the end.
    assert!(!bring(&bench, second, failed.clone()));
    stands(&bench, &task, TaskState::Running, "0010");
    at(&bench, 2 * MINUTE + 5 * SECOND);
    let third = claim(&bench).claim;
    assert!(bring(&bench, third, failed));
    assert!(!bring(&bench, third, report(good_facts())));
    stands(&bench, &task, TaskState::Failed, "1102");
}

fn a_step_is_claimed_by_one_caller(on: On) {
    let bench = on.open();
    for n in 1..=4 {
        let member = join(&bench, n);
        start(&bench, member, Login::Taobao, u8::try_from(n).unwrap());
    }
    let cores: Vec<_> = (0..4).map(|_| bench.another_core()).collect();
    let claimed = all_at_once(4, |n| {
        let route = Route::home(i64::try_from(n).unwrap());
        cores[n].write_and_wait::<_, Fault>(route, |tx| claim_due(tx, 10)).unwrap()
    });
    let mut tasks: Vec<_> =
        claimed.into_iter().flatten().map(|claimed| claimed.claim.task.number()).collect();
    tasks.sort_unstable();
    let count = tasks.len();
    tasks.dedup();
    assert_eq!((count, tasks.len()), (4, 4));
    cores.iter().for_each(crate::Lending::close);
}

fn an_input_is_taken_once_and_from_its_owner(on: On) {
    let bench = on.open();
    let (member, other) = (join(&bench, 1), join(&bench, 2));
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    let token = task.token.clone();
    assert_eq!(refusal(give(&bench, member, &token, "1")), "NotWaiting");
    answer(&bench, "0006");
    assert_eq!(refusal(give(&bench, member, "no such token", "1")), "NoSuchTask");
    assert_eq!(refusal(give(&bench, other, &token, "1")), "NotYours");
    assert_eq!(refusal(give(&bench, member, &token, "")), "BadInput");
    assert_eq!(refusal(give(&bench, member, &token, &"1".repeat(101))), "BadInput");
    give(&bench, member, &token, "111111").unwrap();
    assert_eq!(refusal(give(&bench, member, &token, "222222")), "AlreadyGiven");
    let step = answer(&bench, "0009");
    assert!(matches!(step, Step::Input { input, .. } if input.expose() == "111111"));
    assert_eq!(refusal(give(&bench, member, &token, "222222")), "AlreadyGiven");
    // The provider asks again, as after a wrong code: then another is taken.
    at(&bench, 5 * SECOND);
    answer(&bench, "0006");
    give(&bench, member, &token, "222222").unwrap();
    answer(&bench, "2008");
    assert!(refusal(give(&bench, member, &token, "3")).starts_with("Over"));
    // Nobody else sees it.
    let owned = token.clone();
    assert!(bench.read(move |tx| find(tx, member, &owned)).is_some());
    assert!(bench.read(move |tx| find(tx, other, &token)).is_none());
}

fn an_input_whose_answer_is_lost_is_asked_for_again(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    answer(&bench, "0006");
    give(&bench, member, &task.token, "111111").unwrap();
    assert!(matches!(lose(&bench), Step::Input { .. }));
    stands(&bench, &task, TaskState::Running, "0006");
    at(&bench, 5 * SECOND);
    assert!(matches!(answer(&bench, "0006"), Step::Status { .. }));
    give(&bench, member, &task.token, "222222").unwrap();
    answer(&bench, "0009");
    stands(&bench, &task, TaskState::Running, "0009");
}

fn an_input_outweighs_a_status_that_is_under_way(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    answer(&bench, "0006");
    at(&bench, 5 * SECOND);
    let status = claim(&bench);
    give(&bench, member, &task.token, "111111").unwrap();
    let input = claim(&bench);
    assert!(matches!(input.step, Step::Input { .. }));
    assert!(!bring(&bench, status.claim, ProviderAnswer::Said(said("0006", ""))));
    assert!(bring(&bench, input.claim, ProviderAnswer::Said(said("0009", ""))));
    stands(&bench, &task, TaskState::Running, "0009");
}

fn customers_who_do_not_answer_are_timed_out(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    answer(&bench, "0006");
    at(&bench, 5 * MINUTE - 1);
    // To be asked again is no new time to answer.
    answer(&bench, "0006");
    at(&bench, 5 * MINUTE + 5 * SECOND);
    assert!(claim_all(&bench).is_empty());
    stands(&bench, &task, TaskState::TimedOut, "0006");
    assert_eq!(look(&bench, &task).message, "认证超时，请重新认证");
    assert!(refusal(give(&bench, member, &task.token, "1")).starts_with("Over"));
    // The next one may begin.
    start(&bench, member, Login::Jd(account("a", "b")), 2);
}

fn a_task_that_never_ends_is_timed_out(on: On) {
    let bench = on.open();
    let member = join(&bench, 1);
    let task = start(&bench, member, Login::Jd(account("a", "b")), 1);
    answer(&bench, "0010");
    at(&bench, 30 * MINUTE - 1);
    answer(&bench, "");
    stands(&bench, &task, TaskState::Running, "0010");
    at(&bench, 30 * MINUTE + 5 * SECOND);
    assert!(claim_all(&bench).is_empty());
    stands(&bench, &task, TaskState::TimedOut, "0010");
}
