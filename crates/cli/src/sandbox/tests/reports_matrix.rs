//! Every fault at every call of a task at Limu, and at the checks of people: a task ends as on a day
//! without faults, or asks its customer again; a check that was not answered says nothing, and the
//! next one does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::Secret;
use kernel::id::MemberId;
use lending::ports::{AccountLogin, CheckOutcome, FaceOutcome, Faces as _};
use lending::reports::{self, Begin, GiveInput, Login, Task, TaskState};
use providers::sandbox::http::{Fault, FaultKind, Faults};

use super::lender::{Lender, On, card_no};
use super::stage::{Stage, person};
use crate::dispatcher::{LaneOptions, ReportLane};

/// How long a task may take with a fault on its way.
const SOON: Duration = Duration::from_secs(40);

/// How a task ended.
#[derive(Debug, PartialEq, Eq)]
struct End {
    state: TaskState,
    code: String,
    score: Option<i64>,
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A lender whose reports come from Limu over HTTP.
fn open(on: On, name: &str) -> Lender {
    let mut lender = Lender::open(on, name);
    let limu = Arc::new(lender.stage.limu());
    let lane = ReportLane::new(lender.core.clone(), limu as _);
    let period = Duration::from_millis(5);
    let options = LaneOptions { parallel: 4, period, call_limit: Duration::from_secs(20) };
    lender.dispatcher.as_mut().unwrap().start("reports", lane, options).unwrap();
    lender
}

fn latest(lender: &Lender, task: &Task) -> Task {
    let (member, kind) = (task.member, task.kind);
    lender.read(move |tx| reports::latest(tx, member, kind)).unwrap()
}

/// Drives a task to its end, entering the code whenever it is asked for; how often that was.
fn drive(lender: &Lender, task: &Task) -> (Task, u32) {
    let (began, mut asked, mut entered) = (Instant::now(), 0, false);
    loop {
        let now = latest(lender, task);
        if !now.state.is_open() {
            return (now, asked);
        }
        if now.state == TaskState::WaitingInput && !entered {
            let (member, token) = (now.member, now.token.clone());
            lender.write(move |tx| {
                let input = GiveInput { member, token: token.clone(), input: secret("123456") };
                Ok(reports::give_input(tx, &input).is_ok())
            });
            asked += 1;
        }
        entered = now.state == TaskState::WaitingInput;
        assert!(began.elapsed() < SOON, "{now:?}");
        let clock = lender.core.clock();
        clock.set(clock.now().wall.plus_millis(1000));
        lender.dispatcher.as_ref().unwrap().wake();
        std::thread::park_timeout(Duration::from_millis(15));
    }
}

/// A task of a customer of its own, with a fault at a call.
fn through(lender: &Lender, n: u8, login: Login, cell: Option<(&str, FaultKind)>) -> (End, u32) {
    let (member, _) = lender.approved(u32::from(n), &card_no(u32::from(n), 0));
    let world = &lender.stage.sandbox.world;
    let fault = |(call, kind): (&str, FaultKind)| Fault { call: call.to_owned(), kind, times: 1 };
    let ordered: Vec<_> = cell.into_iter().map(fault).collect();
    world.set_faults(Faults { ordered, ..Faults::default() });
    let task = begin(lender, member, login, n);
    let (task, asked) = drive(lender, &task);
    assert_eq!(world.faults().ordered, [], "{cell:?} has happened");
    let score = lender.read(move |tx| reports::report_score(tx, member));
    (End { state: task.state, code: task.code, score }, asked)
}

fn begin(lender: &Lender, member: MemberId, login: Login, n: u8) -> Task {
    let login = std::sync::Mutex::new(Some(login));
    lender.write(move |tx| {
        let login = login.lock().unwrap().take().expect("run once");
        let command = Begin { member, login, token: [n; 16] };
        reports::begin(tx, &command).map_err(|error| lending::Fault::Engine(error.to_string()))
    })
}

/// What can go wrong with a call. Limu signs nothing, and its callbacks have magic words of their own.
const KINDS: [FaultKind; 5] =
    [FaultKind::Delay, FaultKind::Lost, FaultKind::Silent, FaultKind::Refused, FaultKind::Broken];

/// The code that a customer is asked for may be asked for again where it was lost on its way.
fn matrix(on: On, name: &str, calls: &[(&str, bool)], login: fn() -> Login) {
    let lender = open(on, name);
    let (fine, once) = through(&lender, 1, login(), None);
    assert_eq!((fine.state, fine.code.as_str()), (TaskState::Succeeded, "0000"));
    let mut n = 1;
    for kind in KINDS {
        for (call, is_input) in calls {
            n += 1;
            let (end, asked) = through(&lender, n, login(), Some((call, kind)));
            assert_eq!(end, fine, "{call} {kind:?}");
            let is_lost = matches!(kind, FaultKind::Lost | FaultKind::Refused);
            let again = u32::from(*is_input && is_lost);
            assert_eq!(asked, once + again, "{call} {kind:?}");
        }
    }
    lender.close();
}

#[test]
fn no_fault_at_an_operators_report_changes_its_end() {
    let calls = [("task", false), ("status", false), ("input", true), ("report", false)];
    matrix(On::Sqlite, "reports", &calls, || Login::MobileReport(secret("741852")));
}

#[test]
fn no_fault_at_a_task_of_the_gateway_changes_its_end() {
    let calls = [
        ("api.jd.get", false),
        ("api.common.getStatus", false),
        ("api.common.input", true),
        ("api.common.getResult", false),
    ];
    let login = || {
        let (username, password) = (secret("someone"), secret("word-of-somebody"));
        Login::Jd(AccountLogin { username, password })
    };
    matrix(On::Postgres, "gateway", &calls, login);
}

/// Faults after which a check has said nothing; the signature of these answers is not looked at.
fn is_silent(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Lost | FaultKind::Silent | FaultKind::Refused | FaultKind::Broken)
}

#[test]
fn no_fault_at_a_check_of_a_person_says_anything_about_them() {
    let stage = Stage::open("http://127.0.0.1:9/notify", false);
    let (limu, faces) = (stage.limu(), stage.faces());
    let (name, id, _) = person();
    let photo = [0xFF, 0xD8, 0xFF, 0xE0, 0, 1];
    for kind in FaultKind::ALL {
        stage.fault("api.identity.idcheck", *kind, 1);
        let wanted = if is_silent(*kind) { CheckOutcome::Unknown } else { CheckOutcome::Match };
        assert_eq!(limu.real_name(&name, &id), wanted, "{kind:?}");
        assert_eq!(limu.real_name(&name, &id), CheckOutcome::Match, "{kind:?}");
        stage.fault("verify", *kind, 1);
        let wanted = if is_silent(*kind) { FaceOutcome::Unknown } else { FaceOutcome::Same };
        assert_eq!(faces.verify(&name, &id, &photo), wanted, "{kind:?}");
        assert_eq!(faces.verify(&name, &id, &photo), FaceOutcome::Same, "{kind:?}");
    }
    // What was answered is paid for: nine and five of each.
    let records = stage.records.last(1000);
    let paid = |provider: &str| -> i64 {
        records.iter().filter(|it| it.provider == provider).map(|it| it.cost.fen()).sum()
    };
    assert_eq!((paid("limu"), paid("faceid")), (14 * 150, 14 * 20));
    stage.sandbox.stop();
}
