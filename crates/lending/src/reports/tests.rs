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

mod flow;
mod limits;

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
