//! Flags that operators set: the blacklist (黑名单), which is about persons, and risk (风险客户).

use kernel::id::MemberId;
use kernel::identity::IdCardNo;
use store::Fault;

use super::{Line, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// What an operator says of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Nothing is lent to them; why. Where the person is known, on no channel.
    Blacklisted(Line),
    /// They are off the blacklist, person and account.
    NotBlacklisted,
    /// They are to be looked at with care; why.
    Risky(Line),
    /// They are like anybody.
    NotRisky,
}

/// Why a flag was not set.
#[derive(Debug, thiserror::Error)]
pub enum FlagError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Sets a flag; the reason is kept sealed, and no part of it goes into the audit trail.
pub fn set_flag(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    member: MemberId,
    flag: &Flag,
) -> Result<(), FlagError> {
    let held = sql::lock(tx, member)?.ok_or(FlagError::NoSuchCustomer)?;
    let person = held.person.map(|person| sql::identity_of(tx, person)).transpose()?;
    let action = match flag {
        Flag::Blacklisted(reason) => {
            match &person {
                Some(person) => sql::list(tx, &person.id_no, reason)?,
                None => sql::set_listed(tx, member, Some(reason))?,
            }
            "customer.blacklisted"
        }
        Flag::NotBlacklisted => {
            if let Some(person) = &person {
                sql::unlist(tx, &person.id_no)?;
            }
            sql::set_listed(tx, member, None)?;
            "customer.unlisted"
        }
        Flag::Risky(note) => {
            sql::set_risk(tx, member, Some(note))?;
            "customer.risky"
        }
        Flag::NotRisky => {
            sql::set_risk(tx, member, None)?;
            "customer.not_risky"
        }
    };
    audit::note(tx, actor, action, Subject::Member(member), "")?;
    Ok(())
}

/// Puts a person on the blacklist by their id number, whether they have an account or not.
pub fn blacklist_person(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    id_no: &IdCardNo,
    reason: &Line,
) -> Result<(), Fault> {
    sql::list(tx, id_no, reason)?;
    note_of(tx, actor, "person.blacklisted", id_no)
}

/// Takes a person off the blacklist; whether they were on it.
pub fn unlist_person(tx: &mut Tx<'_, '_>, actor: Actor, id_no: &IdCardNo) -> Result<bool, Fault> {
    let was = sql::unlist(tx, id_no)?;
    if was {
        note_of(tx, actor, "person.unlisted", id_no)?;
    }
    Ok(was)
}

/// Notes what was done to a person: by their number, if they have one.
fn note_of(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    action: &'static str,
    id_no: &IdCardNo,
) -> Result<(), Fault> {
    let person = sql::find_person(tx, id_no)?;
    let detail = person.map_or("no account".to_owned(), |id| format!("person {}", id.number()));
    audit::note(tx, actor, action, Subject::Platform, &detail)
}
