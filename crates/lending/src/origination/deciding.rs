//! Review by people (审核), and the other ends that an application can come to.

use kernel::Money;
use kernel::id::{ApplicationId, MemberId, OperatorId};
use store::Fault;

use super::disclosing::disclose_again;
use super::quoting::{Quote, QuoteError, quote_for};
use super::{Application, Approved, State, drawing, sql};
use crate::audit::{self, Actor, Subject};
use crate::catalog::Product;
use crate::notices::{self, Notice, Topic};
use crate::operators::Right;
use crate::ports::FundingKind;
use crate::{Tx, catalog, credit, funding};

/// What a reviewer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes: for this amount and tenor, no more than what was asked for.
    Approve(Approved),
    /// No, and what the customer is told.
    Refuse(String),
}

/// One step of review.
#[derive(Clone, Debug)]
pub struct Review {
    /// Who decides.
    pub operator: OperatorId,
    /// About which application.
    pub application: ApplicationId,
    /// How.
    pub verdict: Verdict,
    /// Why, for the file.
    pub note: String,
}

/// Why a review was not taken. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such application.
    #[error("no such application")]
    NoSuchApplication,
    /// It does not wait for review.
    #[error("not waiting for review")]
    NotReviewing,
    /// The funding partner decides about it.
    #[error("the funding partner decides")]
    WithPartner,
    /// The same person took an earlier step.
    #[error("the steps of a review are taken by different people")]
    SamePerson,
    /// More than was asked for, or than an earlier step has approved.
    #[error("more than was asked for")]
    TooMuch,
    /// The product does not offer what was approved.
    #[error(transparent)]
    NotOffered(QuoteError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The right that a step of review needs: the last step's yes, and any word after the first step,
/// are for who decides finally (终审); everything else is for the first step (初审). `None` where
/// there is no such application.
pub fn right_to_review(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
    verdict: &Verdict,
) -> Result<Option<Right>, Fault> {
    let Some(application) = sql::application(tx, id)? else { return Ok(None) };
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let step = application.steps_passed.saturating_add(1);
    let is_final = match verdict {
        Verdict::Approve(_) => step >= product.version.review_steps,
        Verdict::Refuse(_) => step > 1,
    };
    Ok(Some(if is_final { Right::ReviewFinal } else { Right::ReviewApplications }))
}

/// Takes one step of review. The last one approves; any step can refuse. Where what is approved
/// is not what was asked for, the customer has to confirm it before it is paid out.
pub fn review(tx: &mut Tx<'_, '_>, command: &Review) -> Result<Application, DecideError> {
    let application = sql::lock_application(tx, command.application)?;
    let application = application.ok_or(DecideError::NoSuchApplication)?;
    if application.state != State::Reviewing {
        return Err(DecideError::NotReviewing);
    }
    if funding::is_deciding(tx, application.id, FundingKind::Apply)? {
        return Err(DecideError::WithPartner);
    }
    if sql::has_decided(tx, application.id, command.operator)? {
        return Err(DecideError::SamePerson);
    }
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let quote = priced(tx, &application, &product, &command.verdict)?;
    sql::keep_review(tx, &application, command)?;
    let step = application.steps_passed.saturating_add(1);
    let (actor, verdict) = (Actor::Operator(command.operator), &command.verdict);
    let is_final = step >= product.version.review_steps;
    take(tx, &application, &product, Decided { actor, verdict, quote, is_final })?;
    let application = sql::application(tx, application.id)?;
    Ok(application.ok_or(Fault::Corrupt("application".into()))?)
}

/// What an approval comes to, if there is such an offer; nothing of a refusal.
pub(super) fn priced(
    tx: &Tx<'_, '_>,
    application: &Application,
    product: &Product,
    verdict: &Verdict,
) -> Result<Option<Quote>, DecideError> {
    let Verdict::Approve(approved) = *verdict else { return Ok(None) };
    // A later step may take off more, and not give back what an earlier one has taken off.
    if approved.amount > application.offer().amount {
        return Err(DecideError::TooMuch);
    }
    let offer = Application { approved: Some(approved), ..application.clone() };
    match quote_for(product.clone(), &offer.offer(), tx.at.business.date()) {
        Ok(quote) => Ok(Some(quote)),
        Err(QuoteError::Fault(fault)) => Err(fault.into()),
        Err(
            refusal @ (QuoteError::NoSuchProduct
            | QuoteError::NotOffered(_)
            | QuoteError::Unpriceable(_)),
        ) => Err(DecideError::NotOffered(refusal)),
    }
}

/// A decision that may be taken.
pub(super) struct Decided<'d> {
    /// Whose it is.
    pub(super) actor: Actor,
    pub(super) verdict: &'d Verdict,
    /// What an approval comes to.
    pub(super) quote: Option<Quote>,
    /// Whether a yes is the last word.
    pub(super) is_final: bool,
}

/// Takes a decision about an application that waits.
pub(super) fn take(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    product: &Product,
    decided: Decided<'_>,
) -> Result<(), Fault> {
    let (actor, subject) = (decided.actor, Subject::Application(application.id));
    let name = &product.version.name;
    match decided.verdict {
        Verdict::Refuse(reason) => {
            sql::refuse(tx, application.id, reason)?;
            credit::unfreeze(tx, application.member, application.offer().amount)?;
            audit::note(tx, actor, "application.refused", subject, &application.code)?;
            tell(tx, application, name, (Topic::Refused, reason))
        }
        Verdict::Approve(approved) => {
            let step = application.steps_passed.saturating_add(1);
            narrow(tx, application, *approved)?;
            audit::note(tx, actor, "application.passed", subject, &step.to_string())?;
            let Some(quote) = decided.quote.filter(|_| decided.is_final) else { return Ok(()) };
            let passed = Application { approved: Some(*approved), ..application.clone() };
            approve(tx, &passed, product.version.approval_days)?;
            audit::note(tx, actor, "application.approved", subject, &application.code)?;
            tell(tx, &passed, name, (Topic::Approved, ""))?;
            // A limit costs nothing until it is drawn on.
            if drawing::draws_later(product.channel) {
                return Ok(());
            }
            disclose_again(tx, &passed, &quote)
        }
    }
}

/// Keeps what one step has approved, and frees what it has taken off.
fn narrow(tx: &mut Tx<'_, '_>, application: &Application, approved: Approved) -> Result<(), Fault> {
    let frozen = application.offer().amount;
    sql::pass_step(tx, application.id, approved)?;
    match frozen.minus(approved.amount) {
        None | Some(Money::ZERO) => Ok(()),
        Some(less) => credit::unfreeze(tx, application.member, less),
    }
}

/// Approves what stands in the application.
pub(super) fn approve(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    days: u32,
) -> Result<(), Fault> {
    let offer = application.offer();
    let approved = Approved { amount: offer.amount, tenor: offer.tenor };
    let lapses = tx.at.business.plus_days(i64::from(days));
    sql::approve(tx, application.id, approved, lapses)
}

fn tell(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    product: &str,
    (topic, reason): (Topic, &str),
) -> Result<(), Fault> {
    let facts = [
        ("product", product.to_owned()),
        ("amount", application.offer().amount.to_string()),
        ("reason", reason.to_owned()),
    ];
    notices::tell(tx, &Notice { member: application.member, topic, facts: &facts })
}

/// Why an application was not withdrawn. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// There is no such application, or it is another customer's.
    #[error("no such application")]
    NoSuchApplication,
    /// It is decided, or paid out.
    #[error("too late to be withdrawn")]
    TooLate,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A customer takes an application back that has not been paid out (撤销申请).
pub fn withdraw(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    id: ApplicationId,
) -> Result<Application, WithdrawError> {
    let application = sql::lock_application(tx, id)?.filter(|own| own.member == member);
    let application = application.ok_or(WithdrawError::NoSuchApplication)?;
    let ends = matches!(application.state, State::Reviewing | State::Approved);
    if !ends || !funding::let_go(tx, id)? {
        return Err(WithdrawError::TooLate);
    }
    close(tx, &application, State::Withdrawn)?;
    let subject = Subject::Application(id);
    audit::note(tx, Actor::Customer(member), "application.withdrawn", subject, "")?;
    Ok(Application { state: State::Withdrawn, ..application })
}

/// Ends an approval whose days are over; whether there was one to end.
pub fn lapse(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<bool, Fault> {
    let Some(application) = sql::lock_application(tx, id)? else { return Ok(false) };
    let over = application.lapses_at.is_some_and(|at| at <= tx.at.business);
    if application.state != State::Approved || !over || !funding::let_go(tx, id)? {
        return Ok(false);
    }
    close(tx, &application, State::Lapsed)?;
    audit::note(tx, Actor::Platform, "application.lapsed", Subject::Application(id), "")?;
    Ok(true)
}

/// Approvals whose days are over, the oldest first.
pub fn past_approval(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<ApplicationId>, Fault> {
    sql::past_approval(tx, most)
}

/// Ends an application without a loan and gives its part of the limit back.
pub(crate) fn close(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    state: State,
) -> Result<(), Fault> {
    sql::close(tx, application.id, state)?;
    if application.state == State::Approved {
        drawing::end(tx, application)?;
    }
    credit::unfreeze(tx, application.member, application.frozen())
}
