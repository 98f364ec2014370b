//! What talks to providers: claims what is due, calls them outside of any transaction, and brings
//! their answers back as commands.
//!
//! A claim is committed before the provider is called, so whoever dies in between leaves a trace,
//! and nothing is sent twice. Every node runs one.

mod funding;
mod lanes;
mod reports;
mod statements;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use lending::Fault;

pub use funding::FundingLane;
pub use lanes::{MoneyLane, MoneyStep, MoneyTask, SmsLane};
pub use reports::ReportLane;
pub use statements::StatementLane;

/// How long running calls may go on after the stop.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// How often an answer is brought back before its task is left to its lease.
const RECORD_ATTEMPTS: u32 = 5;
/// The pause after the first failure to bring an answer back; each later one is twice as long.
const RECORD_PAUSE: Duration = Duration::from_millis(100);

/// One kind of work: where it comes from, who does it, and where its outcome goes.
pub trait Lane: Send + Sync + 'static {
    /// What is claimed.
    type Task: Clone + Send + 'static;
    /// What became of it.
    type Outcome: Send;

    /// Claims up to so many tasks and commits that, or finds that there are none.
    fn claim(&self, limit: u32) -> Result<Vec<Self::Task>, Fault>;
    /// Calls the provider. It may take its time, and it may panic.
    fn call(&self, task: &Self::Task) -> Self::Outcome;
    /// The outcome of a call that took too long or panicked: nobody can say.
    fn unknown(&self) -> Self::Outcome;
    /// Brings an outcome back.
    fn record(&self, task: &Self::Task, outcome: &Self::Outcome) -> Result<(), Fault>;
}

/// How a lane works.
#[derive(Clone, Copy, Debug)]
pub struct LaneOptions {
    /// How many calls to the provider run at once.
    pub parallel: usize,
    /// How often it looks for work that nobody has told it of.
    pub period: Duration,
    /// How long a call may take before its outcome counts as unknown. Adapters have limits of their
    /// own, below this one.
    pub call_limit: Duration,
}

impl Default for LaneOptions {
    fn default() -> Self {
        let (period, call_limit) = (Duration::from_millis(500), Duration::from_mins(1));
        Self { parallel: 8, period, call_limit }
    }
}

/// Tells the lanes that there is work; to be called after the commit that wrote it.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The lanes that run.
#[derive(Default)]
pub struct Dispatcher {
    lanes: Vec<Running>,
}

struct Running {
    wake: Waker,
    stop: Box<dyn FnOnce() + Send>,
}

impl Dispatcher {
    /// Starts a lane.
    pub fn start(
        &mut self,
        name: &'static str,
        lane: impl Lane,
        options: LaneOptions,
    ) -> std::io::Result<()> {
        let shared = Arc::new(Shared::new(name, lane, options));
        let (waking, stopping, working) = (Arc::clone(&shared), Arc::clone(&shared), shared);
        let control = Builder::new().name(name.into()).spawn(move || Shared::run(&working))?;
        let wake: Waker = Arc::new(move || waking.wake());
        self.lanes.push(Running { wake, stop: Box::new(move || stopping.stop(control)) });
        Ok(())
    }

    /// Tells every lane that there is work.
    pub fn wake(&self) {
        for lane in &self.lanes {
            (lane.wake)();
        }
    }

    /// [`Dispatcher::wake`] of the lanes that run now, for those who write the work.
    pub fn waker(&self) -> Waker {
        let lanes: Vec<Waker> = self.lanes.iter().map(|lane| Arc::clone(&lane.wake)).collect();
        Arc::new(move || {
            for wake in &lanes {
                wake();
            }
        })
    }

    /// Claims nothing more, lets the running calls end and brings their answers back; of a call that
    /// does not end in 20 seconds, the next start finds the trace.
    pub fn stop(self) {
        for lane in self.lanes {
            (lane.stop)();
        }
    }
}

/// A lane with its threads: one that claims and watches, and the callers.
struct Shared<L: Lane> {
    name: &'static str,
    lane: L,
    options: LaneOptions,
    state: Mutex<State<L::Task>>,
    changed: Condvar,
}

struct State<T> {
    /// Claimed, and not yet taken by a caller.
    waiting: VecDeque<T>,
    /// Being called or recorded, by a number of their own.
    running: BTreeMap<u64, Call<T>>,
    next_call: u64,
    /// Callers that have not been given up.
    callers: usize,
    /// Callers that were given up and are still stuck in a provider.
    stuck: usize,
    /// Whether somebody has told us of work since the last claim.
    woken: bool,
    stopping: bool,
}

struct Call<T> {
    task: T,
    /// When the call began; nothing once it is over and being recorded.
    since: Option<Instant>,
}

impl<L: Lane> Shared<L> {
    fn new(name: &'static str, lane: L, options: LaneOptions) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            running: BTreeMap::new(),
            next_call: 0,
            callers: 0,
            stuck: 0,
            woken: true,
            stopping: false,
        };
        Self { name, lane, options, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<L::Task>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }

    fn stop(&self, control: JoinHandle<()>) {
        self.lock().stopping = true;
        self.changed.notify_all();
        let _ = control.join();
        let state = self.lock();
        let busy = |state: &mut State<L::Task>| state.callers > 0;
        let ended = self.changed.wait_timeout_while(state, STOP_LIMIT, busy);
        let (state, _) = ended.unwrap_or_else(PoisonError::into_inner);
        if state.callers > 0 || state.stuck > 0 {
            let (lane, running) = (self.name, state.running.len());
            tracing::warn!(lane, running, "stopped with calls to a provider under way");
        }
    }

    /// Claims and watches until the stop.
    fn run(shared: &Arc<Self>) {
        let mut failing = false;
        loop {
            shared.give_up_stuck_calls();
            shared.hire();
            let Some(free) = shared.free() else { return };
            let claimed = if free == 0 { Ok(Vec::new()) } else { shared.claim(free) };
            let is_full = match claimed {
                Ok(tasks) => {
                    if failing {
                        tracing::info!(lane = shared.name, "the dispatcher works again");
                    }
                    failing = false;
                    let found = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
                    shared.lock().waiting.extend(tasks);
                    shared.changed.notify_all();
                    found >= free // perhaps there is more: with the next free caller
                }
                Err(fault) => {
                    if !failing {
                        let lane = shared.name;
                        tracing::error!(lane, %fault, "the dispatcher cannot work; it goes on trying");
                    }
                    failing = true;
                    false
                }
            };
            shared.wait(is_full);
        }
    }

    /// A claim that panics is a fault like another.
    fn claim(&self, free: u32) -> Result<Vec<L::Task>, Fault> {
        let claim = AssertUnwindSafe(|| self.lane.claim(free));
        catch_unwind(claim).unwrap_or(Err(Fault::Panicked))
    }

    /// How many callers have nothing to do; `None` after the stop.
    fn free(&self) -> Option<u32> {
        let mut state = self.lock();
        state.woken = false;
        let taken = state.waiting.len().saturating_add(state.running.len());
        let free = u32::try_from(state.callers.saturating_sub(taken)).unwrap_or(u32::MAX);
        (!state.stopping).then_some(free)
    }

    /// Until somebody wakes us, a caller is free for what is left, or the period is over.
    fn wait(&self, is_more: bool) {
        let idle = |state: &mut State<L::Task>| {
            let taken = state.waiting.len().saturating_add(state.running.len());
            let goes_on = (state.woken || is_more) && taken < state.callers;
            !state.stopping && !goes_on
        };
        let waited = self.changed.wait_timeout_while(self.lock(), self.options.period, idle);
        drop(waited);
    }

    /// Keeps as many callers as there are to be. For a stuck one another comes, but not without end:
    /// a provider that never answers would fill the process with threads.
    fn hire(self: &Arc<Self>) {
        let most = self.options.parallel;
        loop {
            let mut state = self.lock();
            if state.callers >= most || state.stuck > most || state.stopping {
                return;
            }
            state.callers = state.callers.saturating_add(1);
            drop(state);
            let caller = Arc::clone(self);
            let hired = Builder::new().name(self.name.into()).spawn(move || caller.call_all());
            if let Err(error) = hired {
                let mut state = self.lock();
                state.callers = state.callers.saturating_sub(1);
                tracing::error!(lane = self.name, %error, "no thread for a call to a provider");
                return;
            }
        }
    }

    /// Calls that take too long count as unknown, and their callers as stuck.
    fn give_up_stuck_calls(&self) {
        let mut state = self.lock();
        let limit = self.options.call_limit;
        let too_long = |call: &Call<L::Task>| call.since.is_some_and(|at| at.elapsed() > limit);
        let stuck: Vec<u64> =
            state.running.iter().filter(|(_, call)| too_long(call)).map(|(n, _)| *n).collect();
        let given_up: Vec<_> =
            stuck.iter().filter_map(|number| state.running.remove(number)).collect();
        state.callers = state.callers.saturating_sub(given_up.len());
        state.stuck = state.stuck.saturating_add(given_up.len());
        drop(state);
        for call in given_up {
            tracing::warn!(lane = self.name, "a provider does not answer: unknown");
            self.record(&call.task, &self.lane.unknown());
        }
    }

    /// A caller: takes what waits, until the stop and nothing waits any more.
    fn call_all(&self) {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.waiting.pop_front() {
                let number = state.next_call;
                state.next_call = number.wrapping_add(1);
                let call = Call { task: task.clone(), since: Some(Instant::now()) };
                state.running.insert(number, call);
                drop(state);
                if !self.call(number, &task) {
                    return;
                }
                state = self.lock();
                state.running.remove(&number);
                self.changed.notify_all();
            } else if state.stopping {
                state.callers = state.callers.saturating_sub(1);
                self.changed.notify_all();
                return;
            } else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Makes one call and brings its outcome back; false if the caller has been given up, and its
    /// answer comes too late.
    fn call(&self, number: u64, task: &L::Task) -> bool {
        let called = catch_unwind(AssertUnwindSafe(|| self.lane.call(task)));
        let outcome = called.unwrap_or_else(|_| {
            tracing::error!(lane = self.name, "a call to a provider panicked: unknown");
            self.lane.unknown()
        });
        let mut state = self.lock();
        let Some(call) = state.running.get_mut(&number) else {
            state.stuck = state.stuck.saturating_sub(1);
            self.changed.notify_all();
            return false;
        };
        call.since = None;
        drop(state);
        self.record(task, &outcome);
        true
    }

    fn record(&self, task: &L::Task, outcome: &L::Outcome) {
        let mut pause = RECORD_PAUSE;
        for _ in 0..RECORD_ATTEMPTS {
            let record = AssertUnwindSafe(|| self.lane.record(task, outcome));
            let fault = match catch_unwind(record).unwrap_or(Err(Fault::Panicked)) {
                Ok(()) => return,
                Err(fault) => fault,
            };
            tracing::warn!(lane = self.name, %fault, "an answer could not be kept");
            let waits = |state: &mut State<L::Task>| !state.stopping;
            drop(self.changed.wait_timeout_while(self.lock(), pause, waits));
            pause = pause.saturating_mul(2);
        }
        tracing::error!(lane = self.name, "an answer is lost: it counts as unknown");
    }
}
