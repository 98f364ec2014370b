//! Contacts: a number that is shown for a call, and what came of each.

use kernel::id::{CollectionContactId, LoanId, MemberId, OperatorId};
use kernel::{Date, Instant, Mobile};
use store::Fault;

use super::guard::{self, Used};
use super::{Breach, Contact, Kept, Outcome, Progress, Promise, Way, promises, sql, stops};
use crate::audit::{self, Actor, Subject};
use crate::customers::Line;
use crate::operators::{self, Operator, ShowError};
use crate::servicing::{self, Loan, LoanState};
use crate::{Page, Tx, identity};

/// Days after which a contact cannot be written down any more: memory fades.
const LATEST_DAYS: i64 = 7;
/// Days ahead that a promise or a next step can lie: a quarter is further than anybody promises.
const AHEAD_DAYS: u32 = 92;

/// Why a number was not shown. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// Nothing of it is late.
    #[error("the loan is not overdue")]
    NotOverdue,
    /// The operator has not taken it.
    #[error("the operator has not taken it")]
    NotTheirs,
    /// The guard forbids it.
    #[error("the customer may not be called: {}", .0.word())]
    Forbidden(Breach),
    /// The operator may not see personal data, or gives no reason.
    #[error(transparent)]
    Shown(ShowError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Shows a customer's number in full for a call that the guard allows; it counts as a contact from
/// then on, and is noted with the reason.
pub fn call(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    (id, reason): (LoanId, &str),
) -> Result<Mobile, CallError> {
    let loan = servicing::lock_loan(tx, id)?.ok_or(CallError::NotFound)?;
    if loan.state != LoanState::Repaying || loan.overdue_since.is_none() {
        return Err(CallError::NotOverdue);
    }
    if sql::progress(tx, id)?.and_then(|progress| progress.holder) != Some(operator.id) {
        return Err(CallError::NotTheirs);
    }
    // Of two who ask about one person at once, the second sees what the first has used.
    sql::lock_person(tx, loan.person)?;
    if let Some(breach) = guard::guard_of(tx, loan.person)?.breach {
        return Err(CallError::Forbidden(breach));
    }
    let subject = Subject::Loan(id);
    operators::show_personal(tx, operator, subject, "call", reason).map_err(CallError::Shown)?;
    sql::insert_call(tx, &loan, operator.id)?;
    let member = identity::member(tx, loan.member)?;
    Ok(member.ok_or_else(|| Fault::Corrupt("loan.member_id".into()))?.mobile)
}

/// A contact as a collector writes it down.
#[derive(Clone, Debug)]
pub struct LogContact {
    /// Who.
    pub operator: OperatorId,
    /// About which loan.
    pub loan: LoanId,
    /// How.
    pub way: Way,
    /// What came of it.
    pub outcome: Outcome,
    /// What else there is to say.
    pub note: Option<Line>,
    /// When to look at it again.
    pub follow_up: Option<Date>,
    /// When it was, by the business clock; now, if it is not said.
    pub happened_at: Option<Instant>,
}

/// Why a contact was not written down. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// The operator has not taken it.
    #[error("the operator has not taken it")]
    NotTheirs,
    /// It lies ahead, before the loan, or more than a week back.
    #[error("the time is out of reach")]
    BadTime,
    /// The promise is for nothing, for a day before the contact, or too far ahead.
    #[error("the promise is out of reach")]
    BadPromise,
    /// The next step lies before today or too far ahead.
    #[error("the next step is out of reach")]
    BadFollowUp,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Writes a contact down as it was. One that breaks a rule is written down too, and marked: a log
/// that refuses the truth is one that nobody tells it.
pub fn log_contact(tx: &mut Tx<'_, '_>, command: &LogContact) -> Result<Contact, ContactError> {
    let loan = servicing::lock_loan(tx, command.loan)?.ok_or(ContactError::NotFound)?;
    let before = sql::progress(tx, loan.id)?.unwrap_or_default();
    if before.holder != Some(command.operator) {
        return Err(ContactError::NotTheirs);
    }
    let at = checked(tx, &loan, command)?;
    sql::lock_person(tx, loan.person)?;
    let after = sql::used(tx, loan.person, at.date())?.with(command.way);
    let breach = breach(tx, &loan, (command.way, at), after)?;
    let contact = Contact {
        id: CollectionContactId::from_number(tx.ids.take(tx.at.wall, 1)),
        loan: loan.id,
        member: loan.member,
        operator: command.operator,
        way: command.way,
        outcome: command.outcome,
        kept: None,
        note: command.note.clone(),
        follow_up: command.follow_up,
        breach,
        happened_at: at,
        logged_at: tx.at.business,
    };
    sql::insert_contact(tx, &loan, &contact)?;
    if before.last_contact_at.is_none_or(|last| last <= at) {
        sql::keep_contact(tx, &contact, &moved(&before, &contact))?;
    }
    let (actor, subject) = (Actor::Operator(command.operator), Subject::Loan(loan.id));
    let detail = format!("{} {}", contact.way.word(), contact.outcome.word());
    audit::note(tx, actor, "collection.contacted", subject, &detail)?;
    if let Some(breach) = contact.breach {
        audit::note(tx, actor, "collection.breach", subject, breach.word())?;
    }
    let contact = judged(tx, contact)?;
    Ok(contact)
}

/// The time of a contact, where it, the promise and the next step are within reach.
fn checked(tx: &Tx<'_, '_>, loan: &Loan, command: &LogContact) -> Result<Instant, ContactError> {
    let (now, today) = (tx.at.business, tx.at.business.date());
    let at = command.happened_at.unwrap_or(now);
    let oldest = now.plus_days(LATEST_DAYS.saturating_neg());
    if at > now || at < oldest || loan.start.is_none_or(|start| at.date() < start) {
        return Err(ContactError::BadTime);
    }
    let last = today.plus_days(AHEAD_DAYS).unwrap_or(today);
    if let Some(Promise { amount, by }) = command.outcome.promise()
        && (amount == kernel::Money::ZERO || by < at.date() || by > last)
    {
        return Err(ContactError::BadPromise);
    }
    if command.follow_up.is_some_and(|day| day < today || day > last) {
        return Err(ContactError::BadFollowUp);
    }
    Ok(at)
}

fn breach(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
    (way, at): (Way, Instant),
    after: Used,
) -> Result<Option<Breach>, Fault> {
    let is_stopped = stops::is_stopped(tx, loan.person, at.date())?;
    Ok(guard::judge(tx.policy.servicing.collections, (way, at), is_stopped, after))
}

/// A case after its newest contact. Without a day for the next step, a promise is looked at on the
/// day after its own.
fn moved(before: &Progress, contact: &Contact) -> Progress {
    let promise = contact.outcome.promise();
    let day_after = promise.and_then(|promise| promise.by.plus_days(1));
    Progress {
        last_contact_at: Some(contact.happened_at),
        next_action: contact.follow_up.or(day_after),
        promise: promise.map(|promise| (promise, contact.happened_at)).or(before.promise),
        ..*before
    }
}

/// Contacts about a loan, the newest first.
pub fn contacts_of_loan(
    tx: &mut Tx<'_, '_>,
    loan: LoanId,
    page: Page,
) -> Result<Vec<Contact>, Fault> {
    let contacts = sql::contacts_of_loan(tx, loan, page)?;
    all_judged(tx, contacts)
}

/// Contacts with a customer, the newest first.
pub fn contacts_of_customer(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Contact>, Fault> {
    let contacts = sql::contacts_of_member(tx, member, page)?;
    all_judged(tx, contacts)
}

/// Contacts that broke a rule, the newest first: for auditors.
pub fn breaches(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Contact>, Fault> {
    let contacts = sql::breaches(tx, page)?;
    all_judged(tx, contacts)
}

fn all_judged(tx: &mut Tx<'_, '_>, contacts: Vec<Contact>) -> Result<Vec<Contact>, Fault> {
    contacts.into_iter().map(|contact| judged(tx, contact)).collect()
}

fn judged(tx: &mut Tx<'_, '_>, contact: Contact) -> Result<Contact, Fault> {
    let kept = match contact.outcome.promise() {
        Some(promise) => Some(kept(tx, contact.loan, (promise, contact.happened_at))?),
        None => None,
    };
    Ok(Contact { kept, ..contact })
}

/// What became of a promise about a loan by today.
pub(super) fn kept(
    tx: &mut Tx<'_, '_>,
    loan: LoanId,
    made: (Promise, Instant),
) -> Result<Kept, Fault> {
    let repayments = servicing::repayments(tx, loan)?;
    Ok(promises::judge(made, &repayments, tx.at.business.date()))
}
