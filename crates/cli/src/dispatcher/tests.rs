//! What the dispatcher promises: at once, bounded, over panics and time-outs, and never twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use kernel::id::PaymentId;
use kernel::identity::BankCardNo;
use kernel::{Channel, Mobile, Money, RealName};
use lending::identity::{Limit, Limits};
use lending::ports::{MoneyOrder, MoneyOutcome};
use lending::{Clock, Lending, Policy, Route, customers, notices, operators, servicing};
use providers::sandbox;
use store::{Db, Engine, Options};

use super::*;

mod reports;

/// Longer than any test waits: what comes sooner was woken.
const NEVER: Duration = Duration::from_hours(1);
/// How long a test waits for what must come.
const SOON: Duration = Duration::from_secs(20);

/// A lane over a queue in memory; what its calls do is up to the test.
struct Fake {
    queue: Mutex<VecDeque<u32>>,
    claims: Mutex<VecDeque<Fault>>,
    records: Mutex<VecDeque<Fault>>,
    call: Box<dyn Fn(u32) -> i64 + Send + Sync>,
    recorded: Mutex<Sender<(u32, i64)>>,
}

/// The outcome of a call that nobody can say anything of.
const UNKNOWN: i64 = -1;

fn fake(
    tasks: &[u32],
    call: impl Fn(u32) -> i64 + Send + Sync + 'static,
) -> (Arc<Fake>, Receiver<(u32, i64)>) {
    let (recorded, outcomes) = mpsc::channel();
    let fake = Fake {
        queue: Mutex::new(tasks.iter().copied().collect()),
        claims: Mutex::default(),
        records: Mutex::default(),
        call: Box::new(call),
        recorded: Mutex::new(recorded),
    };
    (Arc::new(fake), outcomes)
}

impl Lane for Arc<Fake> {
    type Task = u32;
    type Outcome = i64;

    fn claim(&self, limit: u32) -> Result<Vec<u32>, Fault> {
        if let Some(fault) = self.claims.lock().unwrap().pop_front() {
            return Err(fault);
        }
        let mut queue = self.queue.lock().unwrap();
        let count = queue.len().min(usize::try_from(limit).unwrap());
        Ok(queue.drain(..count).collect())
    }

    fn call(&self, task: &u32) -> i64 {
        (self.call)(*task)
    }

    fn unknown(&self) -> i64 {
        UNKNOWN
    }

    fn record(&self, task: &u32, outcome: &i64) -> Result<(), Fault> {
        if let Some(fault) = self.records.lock().unwrap().pop_front() {
            return Err(fault);
        }
        self.recorded.lock().unwrap().send((*task, *outcome)).unwrap();
        Ok(())
    }
}

fn start(lane: impl Lane, options: LaneOptions) -> Dispatcher {
    let mut dispatcher = Dispatcher::default();
    dispatcher.start("test", lane, options).unwrap();
    dispatcher
}

fn options(parallel: usize, period: Duration) -> LaneOptions {
    LaneOptions { parallel, period, call_limit: NEVER }
}

#[track_caller]
fn next(outcomes: &Receiver<(u32, i64)>) -> (u32, i64) {
    outcomes.recv_timeout(SOON).unwrap()
}

/// So many outcomes, in the order of the tasks.
#[track_caller]
fn take(outcomes: &Receiver<(u32, i64)>, count: usize) -> Vec<(u32, i64)> {
    let mut all: Vec<_> = (0..count).map(|_| next(outcomes)).collect();
    all.sort_unstable();
    all
}

#[test]
fn more_tasks_than_callers_are_done_without_waiting_for_the_period() {
    let tasks: Vec<u32> = (0..100).collect();
    let (lane, outcomes) = fake(&tasks, |task| i64::from(task) * 2);
    let dispatcher = start(lane, options(3, NEVER));
    let expected: Vec<_> = tasks.iter().map(|task| (*task, i64::from(*task) * 2)).collect();
    assert_eq!(take(&outcomes, 100), expected);
    dispatcher.stop();
}

#[test]
fn whoever_wakes_it_does_not_wait_for_the_period() {
    let (lane, outcomes) = fake(&[1], |_| 7);
    let dispatcher = start(Arc::clone(&lane), options(2, NEVER));
    let wake = dispatcher.waker();
    assert_eq!(next(&outcomes), (1, 7));
    for task in 2..50 {
        lane.queue.lock().unwrap().push_back(task);
        if task % 2 == 0 {
            wake();
        } else {
            dispatcher.wake();
        }
        assert_eq!(next(&outcomes), (task, 7));
    }
    dispatcher.stop();
}

#[test]
fn work_that_nobody_tells_of_is_found_within_the_period() {
    let (lane, outcomes) = fake(&[], |_| 7);
    let dispatcher = start(Arc::clone(&lane), options(2, Duration::from_millis(5)));
    lane.queue.lock().unwrap().push_back(1);
    assert_eq!(next(&outcomes), (1, 7));
    dispatcher.stop();
}

#[test]
fn no_more_calls_run_at_once_than_there_may() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let together = std::sync::Barrier::new(4);
    let tasks: Vec<u32> = (0..40).collect();
    let (lane, outcomes) = fake(&tasks, move |_| {
        let now = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(now, Ordering::SeqCst);
        together.wait(); // four do run at once, or this never ends
        RUNNING.fetch_sub(1, Ordering::SeqCst);
        0
    });
    let dispatcher = start(lane, options(4, NEVER));
    take(&outcomes, 40);
    assert_eq!(MOST.load(Ordering::SeqCst), 4);
    dispatcher.stop();
}

#[test]
fn a_panic_is_unknown_and_its_thread_works_on() {
    let (lane, outcomes) = fake(&[1, 2, 3], |task| {
        assert!(task != 2, "a provider's bug");
        7
    });
    let dispatcher = start(lane, options(1, NEVER));
    assert_eq!(take(&outcomes, 3), [(1, 7), (2, UNKNOWN), (3, 7)]);
    dispatcher.stop();
}

#[test]
fn a_call_that_takes_too_long_is_unknown_and_its_late_answer_is_dropped() {
    let (release, hold) = mpsc::channel::<()>();
    let hold = Mutex::new(hold);
    let (lane, outcomes) = fake(&[1, 2, 3], move |task| {
        if task == 1 {
            let _ = hold.lock().unwrap().recv();
        }
        7
    });
    let call_limit = Duration::from_millis(300);
    let period = Duration::from_millis(5);
    let dispatcher = start(lane, LaneOptions { parallel: 1, period, call_limit });
    // The only caller is stuck; another takes its place.
    assert_eq!(next(&outcomes), (1, UNKNOWN));
    assert_eq!([next(&outcomes), next(&outcomes)], [(2, 7), (3, 7)]);
    drop(release);
    dispatcher.stop();
    assert!(outcomes.recv().is_err(), "all threads are gone, and nothing more was recorded");
}

#[test]
fn a_provider_that_never_answers_gets_a_bounded_number_of_threads() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let (release, hold) = mpsc::channel::<()>();
    let hold = Arc::new(Mutex::new(hold));
    let tasks: Vec<u32> = (0..20).collect();
    let (lane, outcomes) = fake(&tasks, move |_| {
        CALLS.fetch_add(1, Ordering::SeqCst);
        let _ = hold.lock().unwrap().recv();
        0
    });
    let (period, call_limit) = (Duration::from_millis(2), Duration::from_millis(5));
    let queue = Arc::clone(&lane);
    let dispatcher = start(lane, LaneOptions { parallel: 2, period, call_limit });
    // Two callers, and replacements while no more than two are stuck.
    let given_up = take(&outcomes, 3);
    assert!(given_up.iter().all(|(_, outcome)| *outcome == UNKNOWN));
    while outcomes.recv_timeout(Duration::from_millis(100)).is_ok() {}
    assert!(CALLS.load(Ordering::SeqCst) <= 4, "{CALLS:?}");
    assert!(queue.queue.lock().unwrap().len() >= 16, "what cannot be called is not claimed");
    drop(release);
    dispatcher.stop();
}

#[test]
fn faults_of_the_store_are_tried_again() {
    let (lane, outcomes) = fake(&[1], |_| 7);
    lane.claims.lock().unwrap().extend([Fault::Busy, Fault::Closed]);
    lane.records.lock().unwrap().extend([Fault::Busy, Fault::Busy]);
    let dispatcher = start(Arc::clone(&lane), options(1, Duration::from_millis(5)));
    assert_eq!(next(&outcomes), (1, 7));
    dispatcher.stop();
    assert!(lane.claims.lock().unwrap().is_empty() && lane.records.lock().unwrap().is_empty());
}

#[test]
fn the_stop_lets_running_calls_end_and_claims_nothing_more() {
    let (entered, in_call) = mpsc::channel();
    let (release, hold) = mpsc::channel::<()>();
    let (entered, hold) = (Mutex::new(entered), Mutex::new(hold));
    let (lane, outcomes) = fake(&[1, 2], move |_| {
        entered.lock().unwrap().send(()).unwrap();
        hold.lock().unwrap().recv().unwrap();
        7
    });
    let dispatcher = start(Arc::clone(&lane), options(1, NEVER));
    in_call.recv_timeout(SOON).unwrap();
    let stopping = std::thread::spawn(move || dispatcher.stop());
    release.send(()).unwrap();
    // The second may have been claimed before the stop; then it is called too.
    let _ = release.send(());
    stopping.join().unwrap();
    let done: Vec<_> = outcomes.try_iter().map(|(task, _)| task).collect();
    let left: Vec<u32> = lane.queue.lock().unwrap().iter().copied().collect();
    assert_eq!([done, left].concat(), [1, 2]);
    assert_eq!(outcomes.try_recv().ok(), None);
}

/// A core over SQLite that is removed when it is dropped.
struct Core(Lending, std::path::PathBuf);

impl Core {
    fn open(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("dispatcher_{name}_{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let engine = Engine::Sqlite { path: folder.join("test.db"), cache_mib: 8 };
        let (group, queue, readers) = (64, 1000, 1);
        let db = Db::open(Options { engine, group, queue, readers, call_limit: SOON }).unwrap();
        let limit = Limit { attempts: 10, window_seconds: 60 };
        let limits =
            Limits { account_failures: limit, address_failures: limit, registrations: limit };
        let minimum_project = Money::from_yuan(1000).unwrap();
        let policy = Policy {
            limits,
            minimum_project,
            plain_mobiles: false,
            kept_answer_hours: 1,
            customers: customers::Rules {
                reports: lending::reports::Rules { poll_ms: 5, ..Default::default() },
                ..Default::default()
            },
            funding: lending::funding::Partner::Off,
            servicing: servicing::Rules::default(),
            operators: operators::Rules::default(),
            lender: lending::documents::Lender::default(),
        };
        let (core, _) = Lending::open(db, Clock::real(), &[7; 32], policy).unwrap();
        Self(core, folder)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.0.close();
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

/// What the provider has accepted, told to the test.
struct Told(sandbox::Sms, Mutex<Sender<String>>);

impl lending::ports::Sms for Told {
    fn send(&self, to: &Mobile, text: &str, reference: &str) -> lending::ports::SmsOutcome {
        let outcome = self.0.send(to, text, reference);
        self.1.lock().unwrap().send(text.to_owned()).unwrap();
        outcome
    }
}

#[test]
fn the_outbox_is_sent_once() {
    let core = Core::open("sms");
    let (told, texts) = mpsc::channel();
    let provider = Arc::new(Told(sandbox::Sms::in_memory(), Mutex::new(told)));
    let lane = || SmsLane::new(core.0.clone(), Arc::clone(&provider) as _);
    let mut dispatcher = start(lane(), options(4, NEVER));
    // A second lane over the same outbox stands for another node.
    dispatcher.start("other", lane(), options(4, NEVER)).unwrap();
    let write = |mobile: &'static str, text: String| {
        let mobile = Mobile::parse(mobile).unwrap();
        let write = move |tx: &mut lending::Tx<'_, '_>| {
            notices::send_code(tx, &mobile, Channel::Xianjindai, &text)
        };
        core.0.write_and_wait(Route::home(0), write).unwrap();
        dispatcher.wake();
    };
    for number in 0..30 {
        write("13800000001", format!("{number}"));
    }
    write("13800009901", "refused".into());
    write("13800009902", "unknown".into());
    let mut sent: Vec<_> = (0..32).map(|_| texts.recv_timeout(SOON).unwrap()).collect();
    sent.sort_unstable();
    sent.dedup();
    assert_eq!(sent.len(), 32);
    dispatcher.stop();
    assert!(texts.try_recv().is_err());
    let page = lending::Page::new(1, 100).unwrap();
    let log = core.0.read_and_wait::<_, Fault>(move |tx| notices::sms_log(tx, page)).unwrap();
    let mut states: Vec<_> = log.iter().map(|entry| entry.state.word()).collect();
    states.sort_unstable();
    let expected = [vec!["refused"], vec!["sent"; 30], vec!["unknown"]].concat();
    assert_eq!(states, expected);
}

/// A core's side of one order, as the states of a payment have it.
#[derive(Default)]
struct Ledger {
    /// Orders to send or to ask for; true if they have been sent.
    open: Vec<(MoneyTask, bool)>,
    ended: Vec<(i64, MoneyOutcome)>,
}

#[test]
fn payments_are_driven_to_their_end_and_acted_on_once() {
    let folder = std::env::temp_dir().join(format!("dispatcher_money_{}", std::process::id()));
    let path = folder.join("payments.journal");
    let _ = std::fs::remove_dir_all(&folder);
    let provider = Arc::new(sandbox::Payments::open(&path, sandbox::Amounts::Magic).unwrap());
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    // Plain, no funds, later, never, silent, lost.
    for (id, fen) in [(1, 50_000), (2, 50_091), (3, 50_092), (4, 50_093), (5, 50_094), (6, 50_095)]
    {
        let order = MoneyOrder {
            order_no: format!("P{id}"),
            amount: Money::from_fen(fen).unwrap(),
            card: BankCardNo::parse("6222020200000000012").unwrap(),
            name: RealName::parse("周小满").unwrap(),
            mobile: Mobile::parse("13800000001").unwrap(),
        };
        let step = if id % 2 == 0 { MoneyStep::Debit } else { MoneyStep::PayOut };
        let task = MoneyTask { id: PaymentId::from_number(id), order, step };
        ledger.lock().unwrap().open.push((task, false));
    }
    let under_way = Arc::new(Mutex::new(Vec::new()));
    let (all_ended, ends) = mpsc::channel();
    let due = {
        let (ledger, under_way) = (Arc::clone(&ledger), Arc::clone(&under_way));
        move |limit: u32| {
            let mut ledger = ledger.lock().unwrap();
            let count = ledger.open.len().min(usize::try_from(limit).unwrap());
            let claimed: Vec<_> = ledger.open.drain(..count).collect();
            under_way.lock().unwrap().extend(claimed.iter().map(|(task, _)| task.clone()));
            let step = |(task, sent): (MoneyTask, bool)| {
                let step = if sent { MoneyStep::Query } else { task.step };
                MoneyTask { step, ..task }
            };
            Ok(claimed.into_iter().map(step).collect())
        }
    };
    let finish = move |id: PaymentId, outcome: MoneyOutcome| {
        // The ledger first, as in `due`: the other way round the two could wait for each other.
        let mut ledger = ledger.lock().unwrap();
        let mut under_way = under_way.lock().unwrap();
        let place = under_way.iter().position(|task: &MoneyTask| task.id == id).unwrap();
        let task = under_way.remove(place);
        match outcome {
            MoneyOutcome::Unknown => ledger.open.push((task, true)),
            MoneyOutcome::NoRecord => ledger.open.push((task, false)),
            ended @ (MoneyOutcome::Done | MoneyOutcome::Declined(_)) => {
                ledger.ended.push((id.number(), ended));
                if ledger.ended.len() == 6 {
                    let mut ended = std::mem::take(&mut ledger.ended);
                    ended.sort_by_key(|(id, _)| *id);
                    all_ended.send(ended).unwrap();
                }
            }
        }
        Ok(())
    };
    let lane = MoneyLane::new(provider, due, finish);
    let dispatcher = start(lane, options(3, Duration::from_millis(2)));
    let ended = ends.recv_timeout(SOON).unwrap();
    dispatcher.stop();
    let done: Vec<_> = ended.iter().map(|(_, end)| *end == MoneyOutcome::Done).collect();
    assert_eq!(done, [true, false, true, false, true, true]);
    let entries = sandbox::read_journal(&path).unwrap();
    let acted: Vec<_> = entries.iter().map(|entry| (entry.received, entry.acted)).collect();
    assert_eq!(acted, [(1, 1), (1, 0), (1, 1), (1, 0), (1, 1), (1, 1)]);
    let _ = std::fs::remove_dir_all(&folder);
}
