//! Counting in windows of time, for limits on what is sent and guessed.

use store::Fault;

use super::sql::doors;
use crate::Tx;
use crate::identity::Limit;

/// Counts one more on a subject; whether it is still within the limit. The subject's row is locked
/// until the commit, and a call that is then refused has not counted.
pub(crate) fn count(tx: &mut Tx<'_, '_>, subject: &[u8], limit: Limit) -> Result<bool, Fault> {
    let counted = doors::count(tx, subject, limit.window_seconds)?;
    Ok(counted <= i64::from(limit.attempts))
}

/// Counts in several windows; whether it is within all of them.
pub(crate) fn count_all(
    tx: &mut Tx<'_, '_>,
    subject: &[u8],
    limits: &[Limit],
) -> Result<bool, Fault> {
    let mut within = true;
    for limit in limits {
        within &= count(tx, subject, *limit)?;
    }
    Ok(within)
}
