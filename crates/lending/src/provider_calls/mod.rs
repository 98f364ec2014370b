//! Calls to providers, as they were recorded: for operators who ask how a provider does, what was
//! said, and what it cost. What stands here was masked by whoever made the call.

mod sql;
#[cfg(test)]
mod tests;

use kernel::id::ProviderCallId;
use kernel::{Instant, Money};
use store::Fault;

use crate::{Page, Tx};

/// Rows that one call deletes at most, so that it stays short.
const PRUNED_AT_ONCE: i64 = 1000;
/// How far back the figures of [`health`] look, in days of the wall clock.
const HEALTH_DAYS: i64 = 1;
/// And its costs.
const COST_DAYS: i64 = 30;

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// Whom: the provider's name in records.
    pub provider: &'static str,
    /// Which of its calls.
    pub call: &'static str,
    /// Why there was no answer; `None` where there was one.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// What it cost.
    pub cost: Money,
    /// What was sent, masked.
    pub request: String,
    /// What came back, masked.
    pub answer: String,
    /// When it was over, by the wall clock.
    pub at: Instant,
}

/// A call as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCall {
    /// Its number.
    pub id: ProviderCallId,
    /// Whom.
    pub provider: String,
    /// Which of its calls.
    pub call: String,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// What it cost.
    pub cost: Money,
    /// What was sent, masked.
    pub request: String,
    /// What came back, masked.
    pub answer: String,
    /// When.
    pub at: Instant,
}

/// Which calls to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of them.
    All,
    /// Those without an answer.
    Failed,
}

/// How a provider does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whom.
    pub provider: String,
    /// Calls of the last day.
    pub calls: i64,
    /// Those of them without an answer.
    pub failed: i64,
    /// How long they took, on average and at most, in milliseconds.
    pub mean_ms: i64,
    /// The slowest.
    pub slowest_ms: i64,
    /// What all calls of the last 30 days cost.
    pub cost: Money,
    /// The last that was answered, and the last that was not, within 30 days.
    pub answered_at: Option<Instant>,
    /// The last that was not.
    pub failed_at: Option<Instant>,
}

impl Health {
    /// Whether the last call had no answer.
    pub fn is_failing(&self) -> bool {
        self.failed_at > self.answered_at
    }
}

/// Keeps calls, as many as were made since the last time.
pub fn keep(tx: &mut Tx<'_, '_>, calls: &[NewCall]) -> Result<(), Fault> {
    for call in calls {
        sql::append(tx, call)?;
    }
    Ok(())
}

/// A page of the calls of a provider, or of all of them, the newest first.
pub fn calls(
    tx: &mut Tx<'_, '_>,
    provider: Option<&str>,
    which: Kept,
    page: Page,
) -> Result<Vec<ProviderCall>, Fault> {
    sql::calls(tx, provider.unwrap_or_default(), which, page)
}

/// How every provider does that was called within 30 days, by name.
pub fn health(tx: &mut Tx<'_, '_>) -> Result<Vec<Health>, Fault> {
    let now = tx.at.wall;
    sql::health(tx, now.plus_days(-HEALTH_DAYS), now.plus_days(-COST_DAYS))
}

/// Forgets calls that are older than so many days, at least one; how many, a bounded number in one
/// call.
pub fn prune(tx: &mut Tx<'_, '_>, days: u32) -> Result<u64, Fault> {
    let before = tx.at.wall.plus_days(i64::from(days.max(1)).saturating_neg());
    sql::delete(tx, before, PRUNED_AT_ONCE)
}
