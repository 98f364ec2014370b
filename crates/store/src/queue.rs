//! A bounded queue from which a thread takes what is waiting, all at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Waiting items and whether more may come.
struct Waiting<T> {
    items: VecDeque<T>,
    open: bool,
}

/// Bounded, closable, any number of senders and takers.
pub(crate) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
    limit: usize,
}

/// Why an item was not taken in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(crate) fn new(limit: usize) -> Self {
        let waiting = Waiting { items: VecDeque::new(), open: true };
        Self { waiting: Mutex::new(waiting), arrived: Condvar::new(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        // The queue itself cannot be left half changed by a panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the item in, or gives it back with the reason.
    pub(crate) fn push(&self, item: T) -> Result<(), (T, Refused)> {
        let mut waiting = self.lock();
        if !waiting.open {
            return Err((item, Refused::Closed));
        }
        if waiting.items.len() >= self.limit {
            return Err((item, Refused::Full));
        }
        waiting.items.push_back(item);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for at least one item and takes up to `most`. `None` once closed and empty.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<T>> {
        let mut waiting = self.lock();
        while waiting.items.is_empty() {
            if !waiting.open {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let most = most.max(1).min(waiting.items.len());
        Some(waiting.items.drain(..most).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// Takes no more; what waits is still handed out.
    pub(crate) fn close(&self) {
        self.lock().open = false;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_closed_queues_refuse_and_the_rest_is_handed_out() {
        let queue = Queue::new(2);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err((3, Refused::Full)));
        assert_eq!(queue.take(1), Some(vec![1]));
        queue.close();
        assert_eq!(queue.push(4), Err((4, Refused::Closed)));
        assert_eq!(queue.take(9), Some(vec![2]));
        assert_eq!(queue.take(9), None);
    }
}
