//! Where async meets the core.

use std::sync::Arc;
use std::time::Duration;

use kernel::id::PaymentId;
use kernel::{Channel, Mobile, Secret};
use lending::customers::codes::{self, Purpose, RequestCode, RequestError};
use lending::ports::{CheckOutcome, Checks, FaceOutcome, Faces, Pages};
use lending::servicing::payments::{self, Payment};
use lending::{Fault, Lending, Route, Tx};
use tokio::sync::oneshot;

use crate::chance;
use crate::password::PasswordLane;

/// How long a call waits for a provider's answer to an order before it says that it is under way.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);
/// How often it looks.
const ANSWER_LOOK: Duration = Duration::from_millis(15);

/// The ways out of the platform, as far as channels take them themselves.
#[derive(Clone)]
pub struct Outside {
    /// Who knows whether data of a person belong together; without one nobody can say.
    pub checks: Option<Arc<dyn Checks>>,
    /// Whose pages customers sign cards and pay on; without them there are none.
    pub pages: Option<Arc<dyn Pages>>,
    /// Who compares faces; without one nobody can say.
    pub faces: Option<Arc<dyn Faces>>,
    /// Tells whoever talks to providers that an order was written down.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Outside {
    /// No way out.
    fn default() -> Self {
        Self { checks: None, faces: None, pages: None, wake: Arc::new(|| ()) }
    }
}

/// Codes there are: six digits.
const CODES: u64 = 1_000_000;

/// To whom a code is sent, and what for.
#[derive(Clone, Debug)]
pub struct CodeTo {
    /// Where it was asked for.
    pub channel: Channel,
    /// The number.
    pub mobile: Mobile,
    /// What it proves.
    pub purpose: Purpose,
    /// Whence it was asked for.
    pub address: String,
}

/// How often [`App::until`] looks.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What every channel holds: the core, the lane for slow hashes, and the ways out.
#[derive(Clone)]
pub struct App {
    lending: Lending,
    passwords: Arc<PasswordLane>,
    outside: Outside,
}

impl App {
    /// Puts the parts together; clones share them.
    pub fn new(lending: Lending, passwords: Arc<PasswordLane>) -> Self {
        Self { lending, passwords, outside: Outside::default() }
    }

    /// The same with ways out of the platform.
    #[must_use]
    pub fn with_outside(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// Tells whoever talks to providers that there is work; after the commit that wrote it.
    pub fn wake(&self) {
        (self.outside.wake)();
    }

    /// Sends a code to a mobile number, by the one store of codes and its limits.
    pub async fn send_code(&self, route: Route, to: CodeTo) -> Result<(), RequestError> {
        let number = chance::below(CODES)?;
        let CodeTo { channel, mobile, purpose, address } = to;
        let code = Secret::new(format!("{number:06}"));
        let command = RequestCode { channel, mobile, purpose, code, address };
        self.write(route, move |tx| codes::request(tx, &command)).await?;
        self.wake();
        Ok(())
    }

    /// Asks a provider about a person, on a thread that may wait. Without a provider nobody can
    /// say.
    pub async fn check(
        &self,
        ask: impl FnOnce(&dyn Checks) -> CheckOutcome + Send + 'static,
    ) -> Result<CheckOutcome, Fault> {
        let Some(checks) = self.outside.checks.clone() else { return Ok(CheckOutcome::Unknown) };
        let asked = tokio::task::spawn_blocking(move || ask(checks.as_ref())).await;
        asked.map_err(|_| Fault::Panicked)
    }

    /// Asks the provider with pages, on a thread that may wait; `None` without one.
    pub async fn page<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Pages) -> T + Send + 'static,
    ) -> Result<Option<T>, Fault> {
        let Some(pages) = self.outside.pages.clone() else { return Ok(None) };
        let asked = tokio::task::spawn_blocking(move || ask(pages.as_ref())).await;
        asked.map(Some).map_err(|_| Fault::Panicked)
    }

    /// Whether a provider binds a card only with a code in an SMS; without a provider, no.
    pub async fn wants_code(
        &self,
        ask: impl FnOnce(&dyn Checks) -> bool + Send + 'static,
    ) -> Result<bool, Fault> {
        let Some(checks) = self.outside.checks.clone() else { return Ok(false) };
        let asked = tokio::task::spawn_blocking(move || ask(checks.as_ref())).await;
        asked.map_err(|_| Fault::Panicked)
    }

    /// Asks a provider about a face, on a thread that may wait. Without a provider nobody can say.
    pub async fn face(
        &self,
        ask: impl FnOnce(&dyn Faces) -> FaceOutcome + Send + 'static,
    ) -> Result<FaceOutcome, Fault> {
        let Some(faces) = self.outside.faces.clone() else { return Ok(FaceOutcome::Unknown) };
        let asked = tokio::task::spawn_blocking(move || ask(faces.as_ref())).await;
        asked.map_err(|_| Fault::Panicked)
    }

    /// What became of an order to a payment provider, as far as it is decided within a few
    /// seconds.
    pub async fn settled(&self, id: PaymentId) -> Result<Payment, Fault> {
        self.wake();
        let wait = tokio::time::sleep(ANSWER_PATIENCE);
        tokio::pin!(wait);
        loop {
            let payment = self.read(move |tx| payments::payment(tx, id)).await?;
            let payment = payment.ok_or(Fault::Corrupt("payment".into()))?;
            if payment.state.is_final() {
                return Ok(payment);
            }
            tokio::select! {
                () = &mut wait => return Ok(payment),
                () = tokio::time::sleep(ANSWER_LOOK) => {}
            }
        }
    }

    /// Does something with the core that waits, on a thread that may.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Lending) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let lending = self.lending.clone();
        let done = tokio::task::spawn_blocking(move || work(&lending)).await;
        done.unwrap_or(Err(Fault::Panicked))
    }

    /// Looks until there is something to see, or the time is over.
    pub async fn until<T: Send + 'static>(
        &self,
        patience: Duration,
        look: impl FnMut(&mut Tx<'_, '_>) -> Result<Option<T>, Fault> + Clone + Send + 'static,
    ) -> Result<Option<T>, Fault> {
        let wait = tokio::time::sleep(patience);
        tokio::pin!(wait);
        loop {
            let seen = self.read(look.clone()).await?;
            if seen.is_some() {
                return Ok(seen);
            }
            tokio::select! {
                () = &mut wait => return Ok(None),
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
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
