//! What the sandbox received and sent last.

use std::collections::VecDeque;

use kernel::Instant;

use super::FaultKind;

/// Entries that are kept.
const KEPT: usize = 500;
/// Characters of a text that are kept.
const LONGEST: usize = 4_000;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A request that came in.
    In,
    /// A notification that went out.
    Out,
}

/// One exchange. Its people are invented; the sandbox shows everything.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Which way.
    pub way: Way,
    /// Which call, or where to.
    pub call: String,
    /// What was done wrong on purpose.
    pub fault: Option<FaultKind>,
    /// What was asked.
    pub asked: String,
    /// What was answered.
    pub said: String,
}

#[derive(Debug, Default)]
pub(super) struct Trace(VecDeque<Entry>);

impl Trace {
    pub(super) fn note(&mut self, mut entry: Entry) {
        entry.asked = entry.asked.chars().take(LONGEST).collect();
        entry.said = entry.said.chars().take(LONGEST).collect();
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(super) fn last(&self, most: usize) -> Vec<Entry> {
        self.0.iter().rev().take(most).cloned().collect()
    }
}
