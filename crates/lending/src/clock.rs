//! The two clocks: the wall, and the business clock that a bench can move.

use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Instant, Moment};

/// Most that a bench's business clock is moved at once, in milliseconds: 400 days. A running bench
/// follows in steps of at most this.
pub const MOST_ADVANCE_MS: u64 = 400 * 86_400_000;

/// Where the time comes from.
///
/// The business clock is the wall clock plus an offset, which is kept in the database and is zero
/// everywhere but on a bench.
#[derive(Debug)]
pub struct Clock {
    offset_ms: AtomicI64,
    /// Zero for the real wall clock; otherwise the time that a test has set.
    set_ms: AtomicI64,
    /// The end of the last closed period of the books, as it was when this node last looked;
    /// in milliseconds since 1970.
    open_from: AtomicI64,
}

impl Clock {
    /// The real clock.
    pub const fn real() -> Self {
        Self {
            offset_ms: AtomicI64::new(0),
            set_ms: AtomicI64::new(0),
            open_from: AtomicI64::new(0),
        }
    }

    /// A clock that stands still until it is [`set`](Self::set) again, for tests and simulations.
    pub fn standing_at(instant: Instant) -> Self {
        let clock = Self::real();
        clock.set(instant);
        clock
    }

    /// Sets a standing clock.
    pub fn set(&self, instant: Instant) {
        self.set_ms.store(instant.millis().max(1), Ordering::Relaxed);
    }

    /// Both clocks now.
    pub fn now(&self) -> Moment {
        let set = self.set_ms.load(Ordering::Relaxed);
        let wall = if set == 0 { wall() } else { Instant::from_millis(set) };
        Moment { business: wall.plus_millis(self.offset_ms.load(Ordering::Relaxed)), wall }
    }

    /// Moves the business clock to `offset_ms` from the wall clock.
    pub(crate) fn set_offset(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// Lets nothing be posted before this business instant.
    pub(crate) fn set_open_from(&self, instant: Instant) {
        self.open_from.store(instant.millis(), Ordering::Relaxed);
    }

    /// The business instant before which nothing may be posted.
    pub(crate) fn open_from(&self) -> Instant {
        Instant::from_millis(self.open_from.load(Ordering::Relaxed))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn wall() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // Before 1970 or beyond the year 292 million there is no business.
    Instant::from_millis(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0)))
}
