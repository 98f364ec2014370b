//! People whom nobody may contact about what they owe (停催): with a reason, and an end.

use kernel::id::{MemberId, OperatorId, PersonId};
use kernel::{Date, Instant};
use store::Fault;

use super::sql;
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::customers::{self, Line};

/// Why somebody is not contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopKind {
    /// A dispute is open (争议).
    Dispute,
    /// Hardship (困难).
    Hardship,
    /// The customer has died (死亡).
    Death,
    /// Something else.
    Other,
}

impl StopKind {
    const ALL: &[Self] = &[Self::Dispute, Self::Hardship, Self::Death, Self::Other];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dispute => "dispute",
            Self::Hardship => "hardship",
            Self::Death => "death",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// That a person is not to be contacted.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Why.
    pub kind: StopKind,
    /// Why, in words.
    pub reason: Line,
    /// The last day; until it is lifted, if there is none.
    pub until: Option<Date>,
    /// Who said so.
    pub operator: OperatorId,
    /// When, by the business clock.
    pub set_at: Instant,
}

/// Who is not to be contacted any more.
#[derive(Clone, Debug)]
pub struct StopContact {
    /// Who says so.
    pub operator: OperatorId,
    /// The customer; it holds for the person, on every channel.
    pub member: MemberId,
    /// Why.
    pub kind: StopKind,
    /// Why, in words.
    pub reason: Line,
    /// The last day.
    pub until: Option<Date>,
}

/// Why contacts were not stopped or allowed. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// Who the customer is is not known: they owe nothing.
    #[error("who the customer is is not proven")]
    NoIdentity,
    /// The last day is before today.
    #[error("the day is over")]
    Over,
    /// There is nothing to lift.
    #[error("contacts are not stopped")]
    NotStopped,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Stops contacts to a person, or changes the reason and the end.
pub fn stop(tx: &mut Tx<'_, '_>, command: &StopContact) -> Result<Stop, StopError> {
    let person = person(tx, command.member)?;
    if command.until.is_some_and(|day| day < tx.at.business.date()) {
        return Err(StopError::Over);
    }
    let stop = Stop {
        kind: command.kind,
        reason: command.reason.clone(),
        until: command.until,
        operator: command.operator,
        set_at: tx.at.business,
    };
    sql::set_stop(tx, person, &stop)?;
    let until = stop.until.map_or("lifted".to_owned(), |day| day.to_string());
    let detail = format!("{} until {until}", stop.kind.word());
    let actor = Actor::Operator(command.operator);
    audit::note(tx, actor, "collection.stopped", Subject::Member(command.member), &detail)?;
    Ok(stop)
}

/// Allows contacts to a person again.
pub fn resume(tx: &mut Tx<'_, '_>, by: OperatorId, member: MemberId) -> Result<(), StopError> {
    let person = person(tx, member)?;
    if !sql::lift_stop(tx, person)? {
        return Err(StopError::NotStopped);
    }
    let subject = Subject::Member(member);
    audit::note(tx, Actor::Operator(by), "collection.resumed", subject, "")?;
    Ok(())
}

/// Whether and why a person is not to be contacted today.
pub fn stop_of(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Option<Stop>, Fault> {
    let today = tx.at.business.date();
    let stop = sql::stop(tx, person)?;
    Ok(stop.filter(|stop| stop.until.is_none_or(|day| day >= today)))
}

/// Whether a person was not to be contacted on a day.
pub(super) fn is_stopped(tx: &mut Tx<'_, '_>, person: PersonId, on: Date) -> Result<bool, Fault> {
    let stop = sql::stop(tx, person)?;
    Ok(stop.is_some_and(|stop| stop.set_at.date() <= on && stop.until.is_none_or(|day| day >= on)))
}

fn person(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<PersonId, StopError> {
    let customer = customers::customer(tx, member)?.ok_or(StopError::NoSuchCustomer)?;
    Ok(customer.identity.ok_or(StopError::NoIdentity)?.person)
}
