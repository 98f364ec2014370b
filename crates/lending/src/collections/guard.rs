//! The guard over contacts: hours, how often a day, and people who may not be contacted. Pure but
//! for [`guard_of`], which gathers what it looks at.

use kernel::Instant;
use kernel::id::PersonId;
use store::Fault;

use super::{Breach, Rules, Way, sql, stops};
use crate::Tx;

/// What one person has been contacted with on a business day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// Numbers that were shown for a call.
    pub(super) opened: i64,
    /// Calls that were written down.
    pub(super) calls: i64,
    /// Visits and SMS.
    pub(super) others: i64,
}

impl Used {
    /// How many contacts that makes: a number that was shown and the call that was made with it
    /// are one.
    pub(super) fn count(self) -> i64 {
        self.opened.max(self.calls).saturating_add(self.others)
    }

    /// The same with one more.
    pub(super) fn with(self, way: Way) -> Self {
        match way {
            Way::Call => Self { calls: self.calls.saturating_add(1), ..self },
            Way::Sms | Way::Visit => Self { others: self.others.saturating_add(1), ..self },
            Way::Letter | Way::Incoming => self,
        }
    }
}

/// Whether an instant is in the hours in which people may be contacted.
pub(super) fn is_in_hours(rules: Rules, at: Instant) -> bool {
    const HOUR: i64 = 3_600_000;
    let since = at.millis().saturating_sub(at.date().start().millis());
    let hour = u8::try_from(since.div_euclid(HOUR)).unwrap_or(u8::MAX);
    (rules.from..rules.until).contains(&hour)
}

/// Which rule a contact breaks that was made at an instant; `after` counts it in.
pub(super) fn judge(
    rules: Rules,
    (way, at): (Way, Instant),
    is_stopped: bool,
    after: Used,
) -> Option<Breach> {
    match way {
        Way::Incoming => return None,
        Way::Letter => return is_stopped.then_some(Breach::Stopped),
        Way::Call | Way::Sms | Way::Visit => {}
    }
    if is_stopped {
        Some(Breach::Stopped)
    } else if !is_in_hours(rules, at) {
        Some(Breach::OutsideHours)
    } else if after.count() > i64::from(rules.per_day) {
        Some(Breach::TooMany)
    } else {
        None
    }
}

/// Whether a person may be called now, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// What forbids it.
    pub breach: Option<Breach>,
    /// Contacts of today.
    pub used: i64,
    /// The rules that say so.
    pub rules: Rules,
}

/// Looks whether a person may be called now.
pub fn guard_of(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Guard, Fault> {
    let (rules, now) = (tx.policy.servicing.collections, tx.at.business);
    let used = sql::used(tx, person, now.date())?;
    let after = Used { opened: used.opened.saturating_add(1), ..used };
    let is_stopped = stops::is_stopped(tx, person, now.date())?;
    let breach = judge(rules, (Way::Call, now), is_stopped, after);
    Ok(Guard { breach, used: used.count(), rules })
}
