//! The circuit breaker: after so many failures in a row nobody calls for a while, then one tries.

use std::time::{Duration, Instant};

/// Whether a provider is worth calling.
#[derive(Debug)]
pub(super) struct Breaker {
    most: u32,
    pause: Duration,
    failures: u32,
    /// Since when it is open, or somebody has tried.
    open: Option<Instant>,
}

impl Breaker {
    pub(super) const fn new(most: u32, pause: Duration) -> Self {
        Self { most, pause, failures: 0, open: None }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether a call may be made now. Who is let through while it is open is the only one, and
    /// the next one is let through after another pause even if nobody hears of the first again.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        let Some(since) = self.open else { return true };
        let rested = now.saturating_duration_since(since) >= self.pause;
        if rested {
            self.open = Some(now);
        }
        rested
    }

    /// Takes note of how a call went.
    pub(super) fn note(&mut self, is_failure: bool, now: Instant) {
        if !is_failure {
            self.failures = 0;
            self.open = None;
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.most.max(1) {
            self.open = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_try_after_a_pause() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut breaker = Breaker::new(3, Duration::from_secs(10));
        for failure in [true, true, false, true, true] {
            breaker.note(failure, at(0));
            assert!(breaker.admits(at(0)), "a success begins the count anew");
        }
        breaker.note(true, at(1));
        assert!(breaker.is_open() && !breaker.admits(at(10)));
        assert!(breaker.admits(at(11)), "one tries");
        assert!(!breaker.admits(at(12)), "and only one");
        breaker.note(true, at(13));
        assert!(!breaker.admits(at(22)));
        assert!(breaker.admits(at(23)));
        assert!(breaker.admits(at(33)), "nobody heard of that one");
        breaker.note(false, at(34));
        assert!(!breaker.is_open() && breaker.admits(at(34)) && breaker.admits(at(34)));
    }
}
