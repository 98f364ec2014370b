//! Claiming a lead, working it, and bringing it to an end; the fee that goes with it.

use kernel::Money;
use kernel::id::{LeadId, MemberId};
use store::Fault;

use super::rules::{Step, next};
use super::{EventKind, Lead, State, hold_officer, sql, within};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::customers::Line;
use crate::ledger::{self, Account, Kind, PostError, Transfer};

/// Why a lead could not be claimed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// There is no such officer.
    #[error("no such officer")]
    NoSuchOfficer,
    /// There is no such lead.
    #[error("no such lead")]
    NoSuchLead,
    /// It is the officer's own.
    #[error("the officer's own lead")]
    Own,
    /// Somebody else was quicker, or it is over.
    #[error("not open")]
    NotOpen,
    /// The officer holds or has claimed enough.
    #[error("too many leads")]
    Limited,
    /// The wallet does not hold the fee.
    #[error("insufficient balance")]
    Insufficient {
        /// The fee.
        fee: Money,
    },
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Claims a lead (接单): one officer alone can, and its fee is held in their wallet.
pub fn claim(tx: &mut Tx<'_, '_>, officer: MemberId, id: LeadId) -> Result<Lead, ClaimError> {
    if !hold_officer(tx, officer)? {
        return Err(ClaimError::NoSuchOfficer);
    }
    let lead = sql::lock(tx, id)?.ok_or(ClaimError::NoSuchLead)?;
    if lead.owner == officer {
        return Err(ClaimError::Own);
    }
    let state = next(lead.state, Step::Claim).ok_or(ClaimError::NotOpen)?;
    let rules = &tx.policy.customers.leads;
    let (most, limits) = (i64::from(rules.held_at_once), rules.claimed);
    if sql::held_by(tx, officer)? >= most || !within(tx, "rate.lead_claimed", officer, &limits)? {
        return Err(ClaimError::Limited);
    }
    let hold = hold_fee(tx, &lead, officer)?;
    let at = Some(tx.at.business);
    let lead = Lead { state, claimer: Some(officer), claimed_at: at, hold, ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, id, EventKind::Claimed, Some(officer), None)?;
    audit::note(tx, Actor::Customer(officer), "lead.claimed", Subject::Lead(id), "")?;
    Ok(lead)
}

fn hold_fee(
    tx: &mut Tx<'_, '_>,
    lead: &Lead,
    officer: MemberId,
) -> Result<Option<kernel::id::TransferId>, ClaimError> {
    let fee = lead.fee;
    if fee == Money::ZERO {
        return Ok(None);
    }
    let lines = [(Account::Wallet(officer), fee.debit()), (Account::Frozen(officer), fee.credit())];
    let subject = lead.id.number();
    let transfer = Transfer { kind: Kind::LeadHold, subject, reverses: None, lines: &lines };
    match ledger::post(tx, &transfer) {
        Ok(posted) => Ok(Some(posted.id)),
        Err(PostError::Insufficient(_)) => Err(ClaimError::Insufficient { fee }),
        Err(error) => Err(unexpected(error).into()),
    }
}

/// A refusal of the ledger that cannot come about here.
fn unexpected(error: PostError) -> Fault {
    match error {
        PostError::Fault(fault) => fault,
        PostError::Insufficient(account) | PostError::TooLarge(account) => {
            Fault::Corrupt(format!("account {}", account.number().number()))
        }
        PostError::AlreadyReversed => Fault::Corrupt("already reversed".into()),
    }
}

/// Gives a held fee back by a contra entry.
pub(super) fn give_back(tx: &mut Tx<'_, '_>, lead: &Lead) -> Result<(), Fault> {
    let Some(hold) = lead.hold else { return Ok(()) };
    ledger::reverse(tx, Kind::LeadReturn, lead.id.number(), hold).map_err(unexpected)?;
    Ok(())
}

/// Pays a held fee to the lead's owner.
fn pay(tx: &mut Tx<'_, '_>, lead: &Lead, claimer: MemberId) -> Result<(), Fault> {
    if lead.hold.is_none() {
        return Ok(());
    }
    let lines = [
        (Account::Frozen(claimer), lead.fee.debit()),
        (Account::Wallet(lead.owner), lead.fee.credit()),
    ];
    let subject = lead.id.number();
    let transfer = Transfer { kind: Kind::LeadFee, subject, reverses: None, lines: &lines };
    ledger::post(tx, &transfer).map_err(unexpected)?;
    Ok(())
}

/// Why nothing could be done with a lead. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// There is no such lead.
    #[error("no such lead")]
    NoSuchLead,
    /// Somebody else's.
    #[error("somebody else's lead")]
    NotYours,
    /// It is not in a state for that.
    #[error("the lead is {}", .0.word())]
    WrongState(State),
    /// Its person has agreed to be handed over: it can only be won.
    #[error("handed over")]
    HandedOver,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The lead that an officer holds, locked.
pub(super) fn lock_held(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    id: LeadId,
) -> Result<Lead, HeldError> {
    let lead = sql::lock(tx, id)?.ok_or(HeldError::NoSuchLead)?;
    if lead.claimer == Some(officer) { Ok(lead) } else { Err(HeldError::NotYours) }
}

fn step(lead: &Lead, step: Step) -> Result<State, HeldError> {
    next(lead.state, step).ok_or(HeldError::WrongState(lead.state))
}

/// Notes what the holder has done about a lead (跟进).
pub fn work(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    id: LeadId,
    note: &Line,
) -> Result<Lead, HeldError> {
    let lead = lock_held(tx, officer, id)?;
    let lead = Lead { state: step(&lead, Step::Work)?, ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, id, EventKind::Noted, Some(officer), Some(note))?;
    Ok(lead)
}

/// Gives a lead up (退单): its fee comes back, and others may claim it again.
pub fn release(tx: &mut Tx<'_, '_>, officer: MemberId, id: LeadId) -> Result<Lead, HeldError> {
    let lead = lock_held(tx, officer, id)?;
    let state = step(&lead, Step::Release)?;
    if lead.customer.is_some() {
        return Err(HeldError::HandedOver);
    }
    give_back(tx, &lead)?;
    let lead = Lead { state, claimer: None, claimed_at: None, hold: None, ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, id, EventKind::Released, Some(officer), None)?;
    audit::note(tx, Actor::Customer(officer), "lead.released", Subject::Lead(id), "")?;
    Ok(lead)
}

/// How a lead ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came to a loan (成单).
    Won,
    /// It did not (失单).
    Lost,
}

/// Closes a lead: its fee is paid to its owner if it was won, and comes back if it was lost.
pub fn close(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    id: LeadId,
    ending: Ending,
) -> Result<Lead, HeldError> {
    let lead = lock_held(tx, officer, id)?;
    match ending {
        Ending::Won => {
            step(&lead, Step::Win)?;
            Ok(win(tx, lead, Actor::Customer(officer))?)
        }
        Ending::Lost => {
            let state = step(&lead, Step::Lose)?;
            if lead.customer.is_some() {
                return Err(HeldError::HandedOver);
            }
            give_back(tx, &lead)?;
            let lead = Lead { state, closed_at: Some(tx.at.business), hold: None, ..lead };
            sql::update(tx, &lead)?;
            sql::add_event(tx, id, EventKind::Lost, Some(officer), None)?;
            audit::note(tx, Actor::Customer(officer), "lead.lost", Subject::Lead(id), "")?;
            Ok(lead)
        }
    }
}

/// Wins a lead that is held: its fee goes to its owner. One that is won already stays as it is.
pub(super) fn win(tx: &mut Tx<'_, '_>, lead: Lead, by: Actor) -> Result<Lead, Fault> {
    let (Some(state), Some(claimer)) = (next(lead.state, Step::Win), lead.claimer) else {
        return Ok(lead);
    };
    pay(tx, &lead, claimer)?;
    let lead = Lead { state, closed_at: Some(tx.at.business), ..lead };
    sql::update(tx, &lead)?;
    let officer = match by {
        Actor::Customer(officer) => Some(officer),
        Actor::Platform | Actor::Operator(_) | Actor::Provider(_) => None,
    };
    sql::add_event(tx, lead.id, EventKind::Won, officer, None)?;
    let detail = format!("fee {}", lead.fee);
    audit::note(tx, by, "lead.won", Subject::Lead(lead.id), &detail)?;
    Ok(lead)
}

/// Takes a lead back that nobody has claimed (撤回); only its owner can.
pub fn withdraw(tx: &mut Tx<'_, '_>, officer: MemberId, id: LeadId) -> Result<Lead, HeldError> {
    let lead = sql::lock(tx, id)?.ok_or(HeldError::NoSuchLead)?;
    if lead.owner != officer {
        return Err(HeldError::NotYours);
    }
    let state = step(&lead, Step::Withdraw)?;
    let lead = Lead { state, closed_at: Some(tx.at.business), ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, id, EventKind::Withdrawn, Some(officer), None)?;
    audit::note(tx, Actor::Customer(officer), "lead.withdrawn", Subject::Lead(id), "")?;
    Ok(lead)
}
