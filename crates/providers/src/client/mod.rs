//! How every provider is called: within a time, so many at once, not while it is down, and with a
//! record of each attempt.
//!
//! Nothing is sent twice here but what asks a question. Whether a call arrived is never guessed:
//! who gets an error other than [`CallError::NotSent`] knows nothing about it.

mod breaker;
mod record;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kernel::Money;

use crate::random;
use breaker::Breaker;
pub use record::{Kept, Outcome, Record, Recorder};

/// How a provider is called.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a call may take, from the name of the host to the last byte of the answer.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub answer_bytes: u64,
    /// How many calls run at once; more wait as long as a call may take.
    pub parallel: usize,
    /// So many failures in a row, and the provider counts as down.
    pub failures: u32,
    /// How long a provider that is down is left alone before one call tries it again.
    pub pause: Duration,
    /// How often a question is asked that got no answer.
    pub attempts: u32,
    /// The pause between two such attempts, on average; each later one is twice as long.
    pub between: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            answer_bytes: 1024 * 1024,
            parallel: 8,
            failures: 5,
            pause: Duration::from_secs(15),
            attempts: 3,
            between: Duration::from_millis(300),
        }
    }
}

/// Whether a call that got no answer may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// It asks a question, and changes nothing.
    Question,
    /// It does something.
    Never,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub enum Body<'c> {
    /// A POST of JSON.
    Json(&'c str),
    /// A POST of a form.
    Form(&'c str),
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Call<'c> {
    /// What it is called in records.
    pub name: &'static str,
    /// Where it goes.
    pub url: &'c str,
    /// What is sent.
    pub body: Body<'c>,
    /// What is sent, field by field, for the record, which masks it.
    pub fields: &'c [(&'c str, &'c str)],
    /// Whether it may be made again.
    pub resend: Resend,
    /// What the provider charges for it.
    pub cost: Money,
}

/// What stands in the headers of a call and of its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'s> {
    /// What is sent, beside what every call sends.
    pub(crate) headers: &'s [(&'s str, &'s str)],
    /// Which header of the answer is handed back.
    pub(crate) answer: &'s str,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Self { headers: &[], answer: "content-type" }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It was not sent: the provider is down, or too many calls run.
    #[error("not sent")]
    NotSent,
    /// Nobody knows whether it arrived.
    #[error("not answered")]
    NotAnswered,
    /// The server answered with an error of its own, which says nothing about the call.
    #[error("answered with status {0}")]
    Status(u16),
}

/// A client of one provider.
pub struct Client {
    provider: &'static str,
    agent: ureq::Agent,
    limits: Limits,
    recorder: Arc<dyn Recorder>,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug)]
struct State {
    running: usize,
    breaker: Breaker,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the provider with this name.
    pub fn new(provider: &'static str, limits: Limits, recorder: Arc<dyn Recorder>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(limits.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("jiehuan")
            // The environment does not decide where payments go.
            .proxy(None)
            .build();
        let breaker = Breaker::new(limits.failures, limits.pause);
        let state = Mutex::new(State { running: 0, breaker });
        Self { provider, agent: config.into(), limits, recorder, state, freed: Condvar::new() }
    }

    /// Whether the provider counts as down.
    pub fn is_down(&self) -> bool {
        self.lock().breaker.is_open()
    }

    /// Makes a call once, with more headers, and hands back one of the answer's beside its text;
    /// an answer without it has an empty one.
    pub(crate) fn call_signed(
        &self,
        call: &Call<'_>,
        signed: &Signed<'_>,
    ) -> Result<(String, String), CallError> {
        self.attempt(call, signed)
    }

    /// Makes a call; its answer is a text with status 200.
    pub fn call(&self, call: &Call<'_>) -> Result<String, CallError> {
        let most = match call.resend {
            Resend::Question => self.limits.attempts.max(1),
            Resend::Never => 1,
        };
        let mut between = self.limits.between;
        let mut answer = self.attempt(call, &Signed::default());
        for _ in 1..most {
            if answer.is_ok() {
                break;
            }
            Self::pause(between);
            between = between.saturating_mul(2);
            answer = self.attempt(call, &Signed::default());
        }
        answer.map(|(text, _)| text)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Half of the time to one and a half, so that those who failed together do not come together.
    fn pause(average: Duration) {
        let millis = u64::try_from(average.as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(random::below(millis.saturating_add(1)));
        let pause = (average / 2).saturating_add(jitter);
        // Nobody wakes this: it is only a time that passes.
        let unwoken = Condvar::new();
        let quiet = Mutex::new(());
        let guard = quiet.lock().unwrap_or_else(PoisonError::into_inner);
        drop(unwoken.wait_timeout_while(guard, pause, |()| true));
    }

    fn attempt(&self, call: &Call<'_>, signed: &Signed<'_>) -> Result<(String, String), CallError> {
        let began = Instant::now();
        let sent = self.admit();
        let answer = if sent { self.send(call, signed) } else { Err(CallError::NotSent) };
        if sent {
            // 4xx says that we are wrong, not that they are down.
            let is_failure = match answer {
                Ok(_) | Err(CallError::NotSent) => false,
                Err(CallError::NotAnswered) => true,
                Err(CallError::Status(status)) => status >= 500,
            };
            let mut state = self.lock();
            state.running = state.running.saturating_sub(1);
            state.breaker.note(is_failure, Instant::now());
            drop(state);
            self.freed.notify_one();
        }
        self.recorder.record(&Record {
            provider: self.provider,
            call: call.name,
            outcome: match &answer {
                Ok(_) => Outcome::Answered,
                Err(error) => Outcome::Failed(*error),
            },
            latency: began.elapsed(),
            cost: if answer.is_ok() { call.cost } else { Money::ZERO },
            request: record::masked_fields(call.fields),
            answer: answer.as_ref().map(|(text, _)| record::masked(text)).unwrap_or_default(),
        });
        answer
    }

    /// Waits for a place; false if the provider is down or there is none in time.
    fn admit(&self) -> bool {
        let full = |state: &mut State| state.running >= self.limits.parallel.max(1);
        let waited = self.freed.wait_timeout_while(self.lock(), self.limits.timeout, full);
        let (mut state, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        if timed_out.timed_out() || !state.breaker.admits(Instant::now()) {
            return false;
        }
        state.running = state.running.saturating_add(1);
        true
    }

    fn send(&self, call: &Call<'_>, signed: &Signed<'_>) -> Result<(String, String), CallError> {
        let (kind, body) = match call.body {
            Body::Json(body) => ("application/json; charset=utf-8", body),
            Body::Form(body) => ("application/x-www-form-urlencoded; charset=utf-8", body),
        };
        let mut request = self.agent.post(call.url).header("content-type", kind);
        for (name, value) in signed.headers {
            request = request.header(*name, *value);
        }
        let mut answer = request.send(body).map_err(|_| CallError::NotAnswered)?;
        let status = answer.status().as_u16();
        let header = answer.headers().get(signed.answer).and_then(|value| value.to_str().ok());
        let header = header.unwrap_or_default().to_owned();
        let limit = self.limits.answer_bytes;
        let text = answer.body_mut().with_config().limit(limit).read_to_string();
        if status != 200 {
            return Err(CallError::Status(status));
        }
        text.map(|text| (text, header)).map_err(|_| CallError::NotAnswered)
    }
}

#[cfg(test)]
mod tests;
