//! Time-ordered ids for rows that are added by many nodes at once.

use std::sync::{Mutex, PoisonError};

use kernel::Instant;
use store::Fault;

/// 2026-01-01 00:00:00 UTC, in seconds: ids count from here.
const EPOCH_SECONDS: i64 = 1_767_225_600;
const SEQUENCE_BITS: u32 = 18;
const NODE_BITS: u32 = 13;
/// Node numbers wrap around here: so many nodes can be started (and commands run, each is one)
/// while one keeps running.
const NODES: i64 = 1 << NODE_BITS;
/// Ids that one node can make in a second before it borrows from the next.
const PER_SECOND: i64 = 1 << SEQUENCE_BITS;

/// Makes 63-bit ids: seconds (32 bits), node (13), sequence (18).
///
/// Ids of one node rise strictly; ids of several nodes rise with the clock. That keeps B-trees
/// growing at their end only.
#[derive(Debug)]
pub(crate) struct IdSource {
    node: i64,
    last: Mutex<(i64, i64)>,
}

impl IdSource {
    /// `node` comes from a series in the database, a fresh number at each start. Its ids are above
    /// `newest`, the newest there is, even where the clock has been set back since.
    pub(crate) fn new(node: i64, newest: i64) -> Self {
        let second = newest >> (SEQUENCE_BITS + NODE_BITS);
        Self { node: node.rem_euclid(NODES), last: Mutex::new((second, PER_SECOND)) }
    }

    /// No id that was made before `instant` is larger, none made after it is smaller (but for
    /// seconds borrowed under a load beyond 262,144 ids a second).
    pub(crate) fn floor(instant: Instant) -> i64 {
        let seconds = instant.seconds().saturating_sub(EPOCH_SECONDS).max(0);
        seconds << (SEQUENCE_BITS + NODE_BITS)
    }

    /// When an id was made, to the second.
    pub(crate) fn made_at(id: i64) -> Instant {
        let seconds = (id >> (SEQUENCE_BITS + NODE_BITS)).saturating_add(EPOCH_SECONDS);
        Instant::from_millis(seconds.saturating_mul(1000))
    }

    /// Reserves `count` consecutive ids; the first of them.
    pub(crate) fn take(&self, now: Instant, count: i64) -> i64 {
        let count = count.clamp(1, PER_SECOND);
        let seconds = now.seconds().saturating_sub(EPOCH_SECONDS).max(0);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut second, mut next) = *last;
        if seconds > second {
            (second, next) = (seconds, 0);
        }
        if next.saturating_add(count) > PER_SECOND {
            (second, next) = (second.saturating_add(1), 0);
        }
        *last = (second, next.saturating_add(count));
        (second << (SEQUENCE_BITS + NODE_BITS)) | (self.node << SEQUENCE_BITS) | next
    }
}

/// Numbers that are chosen by hand start at 1, as those of a series do.
pub(crate) fn check_chosen(number: i64) -> Result<(), Fault> {
    if number >= 1 { Ok(()) } else { Err(Fault::Corrupt(format!("chosen number {number}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_blocks_do_not_overlap() {
        let ids = IdSource::new(8193, 0);
        let now = Instant::from_millis(1_767_225_600_000);
        let first = ids.take(now, 3);
        let second = ids.take(now, PER_SECOND);
        let third = ids.take(now.plus_millis(-5_000), 1);
        assert!(first + 3 <= second, "blocks overlap");
        assert!(second + PER_SECOND <= third, "the clock going back repeats ids");
        assert_eq!(first >> SEQUENCE_BITS & (NODES - 1), 1, "node 8193 is node 1 of 8192");
        let day = now.plus_days(1);
        assert_eq!(IdSource::made_at(IdSource::floor(day)), day);
        let late = IdSource::new(0, third).take(now.plus_millis(-60_000), 1);
        assert!(late > third, "a clock that was set back");
    }
}
