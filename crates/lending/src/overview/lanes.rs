//! What works by itself behind the doors (后台任务), and what waits for it.

use kernel::Instant;
use store::{Fault, params};

use crate::Tx;

/// A lane: a queue in the database that the platform works off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What it is called.
    pub job: &'static str,
    /// What waits in it.
    pub waiting: i64,
    /// When the first of it is due, where it waits for a time.
    pub next_at: Option<Instant>,
}

/// Each lane, and the query that counts it from an index.
const LANES: &[(&str, &str)] = &[
    (
        "payments",
        "SELECT COUNT(*) AS n, MIN(attempt_at) AS next_at FROM payment
            WHERE state IN ('requested', 'sent', 'unknown')",
    ),
    (
        "sms",
        "SELECT COUNT(*) AS n, MIN(next_at) AS next_at FROM sms
            WHERE state IN ('queued', 'sending')",
    ),
    (
        "reports",
        "SELECT COUNT(*) AS n, MIN(next_at) AS next_at FROM report_task WHERE step <> 'none'",
    ),
    (
        "funding",
        "SELECT COUNT(*) AS n, MIN(attempt_at) AS next_at FROM funding_order
            WHERE state IN ('requested', 'sent', 'unknown', 'accepted')",
    ),
    (
        "statements",
        "SELECT COUNT(*) AS n, MIN(attempt_at) AS next_at FROM statement
            WHERE state IN ('wanted', 'loading')",
    ),
    (
        "audit_seals",
        "SELECT COUNT(*) AS n, MIN(noted_at) AS next_at FROM audit_entry
            WHERE entry_id > COALESCE((SELECT MAX(s.entry_id) FROM audit_seal s), 0)",
    ),
    (
        "ledger_totals",
        "SELECT COUNT(*) AS n, MIN(posted_at) AS next_at FROM transfer
            WHERE transfer_id > (SELECT t.through_id FROM ledger_through t WHERE t.book = 1)",
    ),
];

/// Every lane as it is now.
pub fn lanes(tx: &mut Tx<'_, '_>) -> Result<Vec<Lane>, Fault> {
    let mut lanes = Vec::new();
    for (job, select) in LANES {
        let read = |row: &store::Row<'_>| Ok((row.i64("n")?, row.opt_instant("next_at")?));
        let (waiting, next_at) = tx.row(select, params![], read)?.unwrap_or((0, None));
        lanes.push(Lane { job, waiting, next_at });
    }
    Ok(lanes)
}
