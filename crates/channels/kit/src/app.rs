//! Where async meets the core.

use std::sync::Arc;

use lending::{Fault, Lending, Route, Tx};
use tokio::sync::oneshot;

use crate::password::PasswordLane;

/// What every channel holds: the core, and the lane for slow hashes.
#[derive(Clone)]
pub struct App {
    lending: Lending,
    passwords: Arc<PasswordLane>,
}

impl App {
    /// Puts the parts together; clones share them.
    pub fn new(lending: Lending, passwords: Arc<PasswordLane>) -> Self {
        Self { lending, passwords }
    }

    /// The core, for its clock and policy.
    pub fn lending(&self) -> &Lending {
        &self.lending
    }

    /// The lane in which passwords are hashed and checked.
    pub fn passwords(&self) -> &PasswordLane {
        &self.passwords
    }

    /// Runs a use case; the answer comes after its commit.
    ///
    /// `work` may run more than once, each time from scratch.
    pub async fn write<T, E>(
        &self,
        route: Route,
        work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.lending.write(route, work, move |answer| {
            let _ = sender.send(answer); // the client has gone; the effect stays
        });
        receiver.await.unwrap_or_else(|_| Err(Fault::Closed.into()))
    }

    /// Runs a query on a snapshot.
    pub async fn read<T, E>(
        &self,
        work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.lending.read(work, move |answer| {
            let _ = sender.send(answer); // the client has gone
        });
        receiver.await.unwrap_or_else(|_| Err(Fault::Closed.into()))
    }
}

/// Logs a fault, once, where it becomes a channel's busy answer. Full queues are a state of the
/// load and show in the metrics; they do not flood the log.
pub fn log_fault(channel: &'static str, fault: &Fault) {
    match fault {
        Fault::Busy | Fault::Expired | Fault::Closed => {
            tracing::debug!(channel, %fault, "call turned away");
        }
        Fault::Conflict(_)
        | Fault::CommitUnknown(_)
        | Fault::Constraint(_)
        | Fault::Engine(_)
        | Fault::Broken
        | Fault::Panicked
        | Fault::Corrupt(_)
        | Fault::Sealed(_) => tracing::error!(channel, %fault, "the platform failed a call"),
    }
}
