//! Group commit: a worker takes the calls that are waiting, runs each in a savepoint of one
//! transaction, commits once, and only then answers them all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::{Connection, Mode, Uncommitted};
use crate::queue::Queue;
use crate::stats::{Counters, count};
use crate::tx::End;
use crate::{Fault, Key, Tx};

/// Attempts of one transaction before its conflicts are reported: with full jitter, enough for
/// hundreds of rivals on one row.
const ATTEMPTS: u32 = 30;
/// The first back-off; it doubles up to 64 times this.
const BACK_OFF: Duration = Duration::from_millis(2);

/// A call that waits for its turn: the closure, and whoever waits for its answer.
pub(crate) trait Job: Send {
    /// Calls of one group run in the order of their keys.
    fn key(&self) -> Key;
    /// When the call may no longer be begun, and a statement of it is ended.
    fn deadline(&self) -> Instant;
    /// Runs the closure and keeps its answer; whether its effects are to be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Replaces the answer by a fault.
    fn fail(&mut self, fault: Fault);
    /// Gives the answer out.
    fn finish(self: Box<Self>);
}

pub(crate) type Jobs = Queue<Box<dyn Job>>;
pub(crate) type Connect = Box<dyn Fn() -> Result<Box<dyn Connection>, Fault> + Send>;

/// One thread with one connection.
pub(crate) struct Worker {
    pub(crate) mode: Mode,
    pub(crate) connect: Connect,
    pub(crate) connection: Option<Box<dyn Connection>>,
    pub(crate) queue: Arc<Jobs>,
    pub(crate) group: usize,
    pub(crate) counters: Arc<Counters>,
}

/// What became of one transaction.
enum Outcome {
    Done,
    /// Nothing happened; it may be tried again.
    Again(Fault),
    /// The call at this place took too long, and the transaction is lost with it.
    Overrun(usize),
    /// It failed, and trying again is no use or not safe.
    Failed(Fault),
}

impl Worker {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        while let Some(mut jobs) = self.queue.take(self.group) {
            jobs.sort_by_key(|job| job.key());
            let mut jobs: Vec<_> = jobs.into_iter().filter_map(|job| self.in_time(job)).collect();
            if jobs.len() > 1 {
                self.run_group(jobs);
            } else if let Some(job) = jobs.pop() {
                self.run_alone(job, false);
            }
        }
    }

    /// Runs the calls as one group, or one by one where the group as a whole came to nothing.
    fn run_group(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let excused = match self.transaction(&mut jobs, 1) {
            Outcome::Done => return jobs.into_iter().for_each(|job| self.answer(job)),
            Outcome::Failed(fault) => {
                return jobs.into_iter().for_each(|job| self.answer_failed(job, &fault));
            }
            Outcome::Again(_) => false,
            Outcome::Overrun(index) => {
                self.answer_failed(jobs.remove(index), &Fault::Expired);
                // The time that it used up is not held against the others.
                self.connected()
            }
        };
        count(&self.counters.regrouped);
        for job in jobs {
            self.run_alone(job, excused);
        }
    }

    /// Runs one call in a transaction of its own, as often as conflicts and time allow. Where it
    /// is `excused` it may be late at the first attempt.
    fn run_alone(&mut self, mut job: Box<dyn Job>, mut excused: bool) {
        for attempt in 0..ATTEMPTS {
            if !excused {
                let Some(timely) = self.in_time(job) else { return };
                job = timely;
            }
            excused = false;
            match self.transaction(std::slice::from_mut(&mut job), 0) {
                Outcome::Done => break,
                Outcome::Overrun(_) => return self.answer_failed(job, &Fault::Expired),
                Outcome::Failed(fault) => return self.answer_failed(job, &fault),
                Outcome::Again(fault) => {
                    job.fail(fault);
                    count(&self.counters.retries);
                    pause(attempt);
                }
            }
        }
        self.answer(job);
    }

    /// Answers a call whose time is up; gives back one that may be run.
    fn in_time(&self, job: Box<dyn Job>) -> Option<Box<dyn Job>> {
        if Instant::now() < job.deadline() {
            return Some(job);
        }
        count(&self.counters.expired);
        self.answer_failed(job, &Fault::Expired);
        None
    }

    fn answer_failed(&self, mut job: Box<dyn Job>, fault: &Fault) {
        job.fail(fault.clone());
        self.answer(job);
    }

    fn answer(&self, job: Box<dyn Job>) {
        count(match self.mode {
            Mode::Write => &self.counters.calls,
            Mode::Read => &self.counters.reads,
        });
        if catch_unwind(AssertUnwindSafe(|| job.finish())).is_err() {
            count(&self.counters.panics);
        }
    }

    /// Runs the calls in one transaction.
    fn transaction(&mut self, jobs: &mut [Box<dyn Job>], savepoints: u8) -> Outcome {
        let counters = Arc::clone(&self.counters);
        let mode = self.mode;
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(fault) => return Outcome::Again(fault),
        };
        if let Err(fault) = connection.begin(mode) {
            return Outcome::Again(fault);
        }
        let grouped = savepoints > 0;
        let mut keep_any = false;
        for (index, job) in jobs.iter_mut().enumerate() {
            match run_one(connection, job.as_mut(), savepoints, &counters) {
                Ok(keep) => keep_any = keep_any || keep,
                Err(fault) => {
                    connection.rollback();
                    if fault == Fault::Expired {
                        return Outcome::Overrun(index);
                    }
                    // The others may be free of it; a call alone would meet it again.
                    let again = grouped || is_conflict(&fault) || !connection.usable();
                    return if again { Outcome::Again(fault) } else { Outcome::Failed(fault) };
                }
            }
        }
        if mode == Mode::Read || !keep_any {
            connection.rollback();
            return Outcome::Done;
        }
        match connection.commit() {
            Ok(()) => {
                count(&counters.groups);
                Outcome::Done
            }
            // One call's row; nothing has been committed, so that the others can still be.
            Err(Uncommitted::Row(fault)) if grouped => Outcome::Again(fault),
            Err(why) => {
                let fault = Fault::from(why);
                if is_conflict(&fault) { Outcome::Again(fault) } else { Outcome::Failed(fault) }
            }
        }
    }

    fn connected(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.usable())
    }

    fn connection(&mut self) -> Result<&mut dyn Connection, Fault> {
        if !self.connected() {
            self.connection = None;
        }
        match &mut self.connection {
            Some(connection) => Ok(connection.as_mut()),
            empty => Ok(empty.insert((self.connect)()?).as_mut()),
        }
    }
}

fn is_conflict(fault: &Fault) -> bool {
    matches!(fault, Fault::Conflict(_))
}

/// Runs one call; whether it has effects to keep. An error means that the transaction is lost.
fn run_one(
    connection: &mut dyn Connection,
    job: &mut dyn Job,
    savepoints: u8,
    counters: &Counters,
) -> Result<bool, Fault> {
    let mut tx = Tx::new(connection, savepoints, job.deadline());
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
    let keep = ran.unwrap_or_else(|_| {
        count(&counters.panics);
        job.fail(Fault::Panicked);
        false
    });
    match tx.end(keep) {
        End::Fine => Ok(keep),
        End::Failed(fault) => {
            // Also where the closure passed over the error and returned something else.
            job.fail(fault);
            Ok(false)
        }
        End::Lost(fault) => Err(fault),
    }
}

/// Full jitter: a random time up to a bound that doubles with each attempt.
fn pause(attempt: u32) {
    let mut random = [0; 1];
    let drawn = getrandom::fill(&mut random).map_or(128, |()| u32::from(random[0]));
    let bound = BACK_OFF.saturating_mul(1 << attempt.min(6));
    let wait = bound.saturating_mul(drawn).checked_div(256).unwrap_or(bound);
    #[expect(clippy::disallowed_methods, reason = "backing off is waiting for time to pass")]
    std::thread::sleep(wait);
}
