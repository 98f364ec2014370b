//! Counters of the store, for the metrics page.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Transactions committed by the writers.
    pub groups: u64,
    /// Calls answered by the writers.
    pub calls: u64,
    /// Calls answered by the readers.
    pub reads: u64,
    /// Calls turned away because a queue was full.
    pub turned_away: u64,
    /// Calls whose time ran out before they were run.
    pub expired: u64,
    /// Groups that had to be run again call by call.
    pub regrouped: u64,
    /// Transactions tried again after a conflict with another.
    pub retries: u64,
    /// Closures that panicked.
    pub panics: u64,
    /// Calls waiting in the writers' queues now.
    pub waiting: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) groups: AtomicU64,
    pub(crate) calls: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) turned_away: AtomicU64,
    pub(crate) expired: AtomicU64,
    pub(crate) regrouped: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) panics: AtomicU64,
}

pub(crate) fn count(counter: &AtomicU64) {
    add(counter, 1);
}

pub(crate) fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

impl Counters {
    pub(crate) fn snapshot(&self, waiting: u64) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            groups: read(&self.groups),
            calls: read(&self.calls),
            reads: read(&self.reads),
            turned_away: read(&self.turned_away),
            expired: read(&self.expired),
            regrouped: read(&self.regrouped),
            retries: read(&self.retries),
            panics: read(&self.panics),
            waiting,
        }
    }
}
