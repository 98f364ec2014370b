//! A lead comes in (提交甩单信息): checked, counted, and told once where it is told twice.

use kernel::Money;
use kernel::id::MemberId;
use store::Fault;

use super::details::{CustomerKind, Details, LoanKind, Term};
use super::{EventKind, Lead, hold_officer, sql, within};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// For how long the same lead from the same officer is one lead, in milliseconds. Source: contract
/// of document 003.
const SAME_MS: i64 = 24 * 3_600_000;

/// A lead as it comes in.
#[derive(Clone, Debug)]
pub struct Submit {
    /// The officer who tells it.
    pub owner: MemberId,
    /// 请求贷款金额; above zero.
    pub amount: Money,
    /// 用户类型.
    pub customer_kind: CustomerKind,
    /// 贷款类型.
    pub loan_kind: LoanKind,
    /// For how long.
    pub term: Term,
    /// What is told of the person.
    pub details: Details,
}

/// Why a lead was not taken in. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The amount is zero.
    #[error("no amount")]
    NoAmount,
    /// The id number cannot be true, or its holder is not born.
    #[error("impossible id number")]
    ImpossibleIdNo,
    /// There is no such officer.
    #[error("no such officer")]
    NoSuchOfficer,
    /// The officer has told enough for now.
    #[error("too many leads")]
    Limited,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What became of a lead that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It is new.
    New(kernel::id::LeadId),
    /// It was told within a day: the one that was.
    Known(kernel::id::LeadId),
}

/// Takes a lead in. The same officer's second telling of id number, amount, kind and term within a
/// day is the first one.
pub fn submit(tx: &mut Tx<'_, '_>, command: &Submit) -> Result<Submitted, SubmitError> {
    if command.amount == Money::ZERO {
        return Err(SubmitError::NoAmount);
    }
    let today = tx.at.business.date();
    let facts = command.details.id_no.check().map_err(|_| SubmitError::ImpossibleIdNo)?;
    facts.age_on(today).ok_or(SubmitError::ImpossibleIdNo)?;
    // Two tellings of one officer come one after the other.
    if !hold_officer(tx, command.owner)? {
        return Err(SubmitError::NoSuchOfficer);
    }
    let person = sql::person_index(tx, &command.details);
    let since = tx.at.business.plus_millis(SAME_MS.saturating_neg());
    if let Some(known) = sql::twin(tx, command, &person, since)? {
        return Ok(Submitted::Known(known));
    }
    let limits = tx.policy.customers.leads.submitted;
    if !within(tx, "rate.lead_submitted", command.owner, &limits)? {
        return Err(SubmitError::Limited);
    }
    let lead = Lead::new(tx, command)?;
    sql::insert(tx, &lead, &command.details, &person)?;
    sql::add_event(tx, lead.id, EventKind::Submitted, Some(lead.owner), None)?;
    let (who, what) = (Actor::Customer(lead.owner), Subject::Lead(lead.id));
    audit::note(tx, who, "lead.submitted", what, command.loan_kind.word())?;
    Ok(Submitted::New(lead.id))
}

impl Lead {
    fn new(tx: &mut Tx<'_, '_>, command: &Submit) -> Result<Self, Fault> {
        Ok(Self {
            id: sql::next_lead(tx)?,
            owner: command.owner,
            state: super::State::Open,
            amount: command.amount,
            customer_kind: command.customer_kind,
            loan_kind: command.loan_kind,
            term: command.term,
            fee: tx.policy.customers.leads.fee,
            submitted_at: tx.at.business,
            claimer: None,
            claimed_at: None,
            closed_at: None,
            customer: None,
            handed_over_at: None,
            application: None,
            applied_at: None,
            erased_at: None,
            hold: None,
        })
    }
}
