//! Tasks at data providers on both engines: every way that one can take, over restarts.

use kernel::id::MemberId;
use kernel::identity::IdCardNo;
use kernel::{Channel, Money, RealName, Secret};

use super::{
    AuthState, Begin, BeginError, Claim, Claimed, GiveInput, InputError, Login, OpenReportError,
    Progress, ProviderAnswer, Step, Task, TaskState, advance, auth_state, begin, claim_due, facts,
    find, give_input, has_due, hint, latest, open_report, prune, report_score,
};
use crate::audit::Actor;
use crate::customers::{self, BeginRealName};
use crate::identity::{Register, Role};
use crate::ports::{
    AccountLogin, CheckOutcome, DataAnswer, DataKind, DataOrder, DataReport, DataResult, Facts,
};
use crate::tests::kit::{Bench, On, START, all_at_once, mobile, on_both, refusal, registration};
use crate::{Fault, Route};

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

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;
const HANDLE: &str = "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf";
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUg==";

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

fn account(username: &str, password: &str) -> AccountLogin {
    AccountLogin { username: secret(username), password: secret(password) }
}

/// A customer without a verified name.
#[track_caller]
fn join(bench: &Bench, n: u32) -> MemberId {
    let channel = Channel::Xianjindai;
    let command = Register { channel, ..registration(n, Role::Member) };
    bench.write(move |tx| customers::register_customer(tx, &command)).unwrap().id
}

/// A customer whose name is verified: an invented person of a region that does not exist.
#[track_caller]
fn verified(bench: &Bench, n: u32) -> MemberId {
    let member = join(bench, n);
    let mut numbers =
        "0123456789X".chars().filter_map(|x| IdCardNo::parse(&format!("99010119900101{n:03}{x}")));
    let id_no = numbers.find(|number| number.check().is_ok()).unwrap();
    let command = BeginRealName { member, name: RealName::parse("示例人").unwrap(), id_no };
    let check = bench.write(move |tx| customers::begin_real_name(tx, &command)).unwrap();
    bench.write(move |tx| customers::finish(tx, check.id, &CheckOutcome::Match)).unwrap();
    member
}

fn try_begin(bench: &Bench, member: MemberId, login: Login, n: u8) -> Result<Task, BeginError> {
    let command = Begin { member, login, token: [n; 16] };
    bench.write(move |tx| begin(tx, &command))
}

#[track_caller]
fn start(bench: &Bench, member: MemberId, login: Login, n: u8) -> Task {
    try_begin(bench, member, login, n).unwrap()
}

fn give(bench: &Bench, member: MemberId, token: &str, input: &str) -> Result<Task, InputError> {
    let command = GiveInput { member, token: token.into(), input: secret(input) };
    bench.write(move |tx| give_input(tx, &command))
}

fn at(bench: &Bench, ms: i64) {
    bench.core.clock().set(START.plus_millis(ms));
}

#[track_caller]
fn claim_all(bench: &Bench) -> Vec<Claimed> {
    bench.write::<_, Fault>(|tx| claim_due(tx, 10)).unwrap()
}

/// The one step that is due.
#[track_caller]
fn claim(bench: &Bench) -> Claimed {
    let mut claimed = claim_all(bench);
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    claimed.remove(0)
}

#[track_caller]
fn nothing_due(bench: &Bench) {
    assert!(!bench.read(has_due));
    assert!(claim_all(bench).is_empty());
}

fn said(code: &str, message: &str) -> DataAnswer {
    let (code, message) = (code.to_owned(), message.to_owned());
    DataAnswer::Said { code, message, handle: Some(HANDLE.into()), image: None }
}

#[track_caller]
fn bring(bench: &Bench, claim: Claim, answer: ProviderAnswer) -> bool {
    bench.write::<_, Fault>(move |tx| advance(tx, claim, &answer)).unwrap()
}

/// Claims the one step that is due and answers it with a code.
#[track_caller]
fn answer(bench: &Bench, code: &str) -> Step {
    let claimed = claim(bench);
    assert!(bring(bench, claimed.claim, ProviderAnswer::Said(said(code, ""))));
    claimed.step
}

#[track_caller]
fn lose(bench: &Bench) -> Step {
    let claimed = claim(bench);
    assert!(bring(bench, claimed.claim, ProviderAnswer::Said(DataAnswer::Unknown)));
    claimed.step
}

fn good_facts() -> Facts {
    Facts {
        id_matches: Some(true),
        name_matches: Some(true),
        risk_lists: Some(1),
        overdue_loans: Some(0),
        multi_lending: Some(2),
        risk_calls: Some(3),
        contacts: Some(60),
        mutual_contacts: Some(20),
        contact_area: Some("示例市".into()),
        average_calls: Some(100),
        average_call_seconds: Some(9_000),
        silent_days: Some(4),
        night_calls: Some(7),
        night_call_seconds: Some(300),
        average_fee: Money::from_fen(5_850),
    }
}

fn report(facts: Facts) -> ProviderAnswer {
    let report = DataReport { body: "{\"all\":\"of it\"}".into(), facts };
    ProviderAnswer::Result(DataResult::Got(Box::new(report)))
}

#[track_caller]
fn fetch(bench: &Bench, facts: Facts) -> Step {
    let claimed = claim(bench);
    assert!(bring(bench, claimed.claim, report(facts)));
    claimed.step
}

#[track_caller]
fn look(bench: &Bench, task: &Task) -> Task {
    let (member, kind) = (task.member, task.kind);
    bench.read(move |tx| latest(tx, member, kind)).unwrap()
}

#[track_caller]
fn stands(bench: &Bench, task: &Task, state: TaskState, code: &str) {
    let found = look(bench, task);
    assert_eq!((found.state, found.code.as_str()), (state, code));
}

/// Runs a new task through to its success.
#[track_caller]
fn succeed(bench: &Bench, member: MemberId, login: Login, n: u8) -> Task {
    let task = start(bench, member, login, n);
    answer(bench, "0010");
    bench.core.clock().set(bench.core.clock().now().wall.plus_millis(5 * SECOND));
    answer(bench, "0000");
    fetch(bench, Facts::default());
    stands(bench, &task, TaskState::Succeeded, "0000");
    task
}

fn service_code() -> Login {
    Login::MobileReport(secret("741852"))
}

fn proofs(bench: &Bench, member: MemberId) -> AuthState {
    bench.read(move |tx| auth_state(tx, member))
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
