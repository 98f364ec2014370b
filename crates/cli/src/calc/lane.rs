//! The lane for arithmetic: a few requests at a time, off the async threads, with a bounded queue.

use std::num::NonZero;
use std::sync::{Arc, Weak};

use tokio::sync::Semaphore;

/// How many may wait for their turn. Ordinary requests take far less than a millisecond, the
/// heaviest up to five seconds; who waits longer than a request may take is told that we are busy.
const MOST_WAITING: usize = 64;
/// The most that are computed at once, however many processors there are.
const MOST_AT_ONCE: usize = 4;

/// Keeps calculators from starving calls about money.
pub(super) struct Lane {
    /// Places for those that are computed and those that wait.
    places: Arc<Semaphore>,
    /// Turns of those that are computed.
    turns: Arc<Semaphore>,
}

/// There is no place left, or the arithmetic broke off.
#[derive(Debug)]
pub(super) struct Busy;

/// Who asked, as the arithmetic sees it.
pub(super) struct Asker(Weak<()>);

impl Asker {
    /// Whether nobody waits for the answer any more.
    pub(super) fn has_left(&self) -> bool {
        self.0.strong_count() == 0
    }
}

impl Lane {
    /// A lane over half of the processors.
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
        let at_once = (processors / 2).clamp(1, MOST_AT_ONCE);
        Self {
            places: Arc::new(Semaphore::new(at_once.saturating_add(MOST_WAITING))),
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Runs the work when its turn comes.
    ///
    /// Place and turn are given back when the work ends, not when its client leaves: work that
    /// nobody waits for still takes a processor.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Asker) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Busy)?;
        let waiting = Arc::new(());
        let asker = Asker(Arc::downgrade(&waiting));
        let working = tokio::task::spawn_blocking(move || {
            let done = work(&asker);
            drop((turn, place));
            done
        });
        let done = working.await.map_err(|_| Busy);
        drop(waiting);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane() -> Arc<Lane> {
        Arc::new(Lane { places: Arc::new(Semaphore::new(2)), turns: Arc::new(Semaphore::new(1)) })
    }

    #[tokio::test]
    async fn beyond_the_queue_there_is_no_place() {
        let lane = lane();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let lane = Arc::clone(&lane);
            async move { lane.run(move |_| wait.recv().is_ok()).await }
        });
        while lane.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let lane = Arc::clone(&lane);
            async move { lane.run(|_| true).await }
        });
        while lane.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(lane.run(|_| true).await.is_err(), "the third finds no place");
        go.send(()).unwrap();
        assert!(first.await.unwrap().unwrap() && second.await.unwrap().unwrap());
        assert!(lane.run(|_| true).await.unwrap(), "places are given back");
    }

    #[tokio::test]
    async fn work_sees_that_its_client_left_and_gives_its_turn_back() {
        let lane = lane();
        let (sender, seen) = tokio::sync::oneshot::channel();
        let asked = tokio::spawn({
            let lane = Arc::clone(&lane);
            async move {
                let work = |asker: &Asker| {
                    while !asker.has_left() {
                        std::thread::yield_now();
                    }
                    let _ = sender.send(());
                };
                lane.run(work).await
            }
        });
        while lane.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        asked.abort();
        seen.await.unwrap();
        assert!(lane.run(|_| true).await.unwrap());
    }
}
