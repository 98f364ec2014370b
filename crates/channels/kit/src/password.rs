//! The lane for password hashes: a few at a time, on threads of their own, with a bounded queue.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::Secret;
use lending::Fault;
use lending::identity::password::{Cost, PasswordHash};
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Hashes and checks passwords so that log-ins never starve calls about money.
///
/// The threads are the lane's own: a hash takes 19 MiB, and a pool of many threads would keep
/// that much for each of them.
#[derive(Debug)]
pub struct PasswordLane {
    cost: Cost,
    queue: SyncSender<Work>,
    /// Checked where there is no account, so that the time taken tells nothing.
    decoy: PasswordHash,
}

fn fault(error: &impl ToString) -> Fault {
    Fault::Engine(error.to_string())
}

impl PasswordLane {
    /// A lane of `concurrent` hashes at once, with `most_waiting` callers in its queue.
    ///
    /// Makes one hash, so that a cost that does not work is an error at start. The threads end
    /// when the lane is dropped.
    pub fn new(cost: Cost, concurrent: usize, most_waiting: usize) -> Result<Self, Fault> {
        let decoy = PasswordHash::make(&Secret::new("no such account".into()), cost);
        let decoy = decoy.map_err(|error| fault(&error))?;
        let (queue, waiting) = sync_channel(most_waiting);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..concurrent.max(1) {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name("password".into());
            thread.spawn(move || work(&waiting)).map_err(|error| fault(&error))?;
        }
        Ok(Self { cost, queue, decoy })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            let _ = sender.send(work()); // the client has gone
        };
        self.queue.try_send(Box::new(work)).map_err(|_| Fault::Busy)?;
        receiver.await.map_err(|_| Fault::Panicked)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: Secret) -> Result<PasswordHash, Fault> {
        let cost = self.cost;
        let made = self.run(move || PasswordHash::make(&password, cost)).await?;
        made.map_err(|error| fault(&error))
    }

    /// Checks a password against a hash, or against nothing in the same time.
    pub async fn check(&self, password: Secret, hash: Option<PasswordHash>) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        Ok(self.run(move || hash.is_of(&password)).await? && known)
    }
}

/// One thread of the lane: one hash after the other, until the lane is gone.
fn work(waiting: &Mutex<Receiver<Work>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}
