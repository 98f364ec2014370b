//! What a lead tells about a person goes after a time, unless an application was made of it.

use kernel::id::LeadId;
use store::Fault;

use super::rules::{Step, next};
use super::{EventKind, Lead, sql, working};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// Leads that one call erases at most, so that it stays short.
const ERASED_AT_ONCE: i64 = 100;

/// Whether there is something to [`expire`].
pub fn has_expired(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let before = before(tx);
    sql::has_older(tx, before)
}

/// Erases what leads tell whose days are over, and ends those that nothing came of; how many. A fee
/// that is held comes back.
pub fn expire(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let before = before(tx);
    let mut erased = 0_u64;
    for lead in sql::lock_older(tx, before, ERASED_AT_ONCE)? {
        erase_one(tx, lead, Actor::Platform)?;
        erased = erased.saturating_add(1);
    }
    Ok(erased)
}

/// Why a lead was not erased. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such lead.
    #[error("no such lead")]
    NoSuchLead,
    /// An application was made of it, which keeps the person's data on grounds of its own.
    #[error("an application was made of it")]
    Applied,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Erases what one lead tells before its days are over, where the person asks for it (删除权, 个人信息保护法
/// 第四十七条). Erasing it again changes nothing.
pub fn erase(tx: &mut Tx<'_, '_>, by: Actor, id: LeadId) -> Result<Lead, EraseError> {
    let lead = sql::lock(tx, id)?.ok_or(EraseError::NoSuchLead)?;
    if lead.application.is_some() {
        return Err(EraseError::Applied);
    }
    if lead.erased_at.is_some() {
        return Ok(lead);
    }
    Ok(erase_one(tx, lead, by)?)
}

/// Erases what a lead tells of somebody who has become a customer, and asks for it there.
pub(crate) fn erase_of_customer(tx: &mut Tx<'_, '_>, by: Actor, id: LeadId) -> Result<(), Fault> {
    let lead = sql::lock(tx, id)?.ok_or_else(|| Fault::Corrupt("lead_id".into()))?;
    if lead.erased_at.is_none() {
        erase_one(tx, lead, by)?;
    }
    Ok(())
}

/// Ends a lead that is not at its end, and erases what it tells.
fn erase_one(tx: &mut Tx<'_, '_>, lead: Lead, by: Actor) -> Result<Lead, Fault> {
    let now = tx.at.business;
    let ended = match next(lead.state, Step::Expire) {
        Some(state) => {
            working::give_back(tx, &lead)?;
            Lead { state, closed_at: Some(now), hold: None, ..lead }
        }
        None => lead,
    };
    let lead = Lead { erased_at: Some(now), ..ended };
    sql::update(tx, &lead)?;
    sql::erase(tx, lead.id)?;
    sql::add_event(tx, lead.id, EventKind::Expired, None, None)?;
    audit::note(tx, by, "lead.erased", Subject::Lead(lead.id), "")?;
    Ok(lead)
}

fn before(tx: &Tx<'_, '_>) -> kernel::Instant {
    let days = i64::from(tx.policy.customers.leads.kept_days);
    tx.at.business.plus_days(days.saturating_neg())
}
