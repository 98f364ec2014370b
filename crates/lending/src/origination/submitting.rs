//! A customer applies (进件): priced, held against the rules, and put into the queue.

use kernel::Channel;
use kernel::id::{MemberId, ProductId};
use store::Fault;

use super::quoting::{Quote, QuoteError, quote};
use super::{Application, disclosing, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::catalog::{self, Request};
use crate::credit::{self, Applicant, Decision, FreezeError, Offer};
use crate::customers::{self, Customer, Facts};
use crate::funding::{self, Partner};
use crate::leads;
use crate::notices::{self, Notice, Topic};
use crate::reports;

/// An application as it comes in.
#[derive(Clone, Debug)]
pub struct Submit {
    /// Who applies.
    pub member: MemberId,
    /// Through which door.
    pub channel: Channel,
    /// For which product.
    pub product: ProductId,
    /// What is asked for.
    pub request: Request,
    /// What for, by the channel's table.
    pub purpose: String,
    /// What is owed elsewhere, by the channel's table.
    pub other_debts: String,
    /// The operator report's order number; empty without one.
    pub report_order: String,
    /// Where the customer was, as it was sent; empty if it was not.
    pub place: String,
}

/// Why an application was not taken in. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The account is closed to its owner.
    #[error("account closed")]
    Blocked,
    /// What was asked for is not on offer.
    #[error(transparent)]
    Quote(QuoteError),
    /// The customer is on the blacklist (黑名单客户).
    #[error("blacklisted")]
    Blacklisted,
    /// Identity, card or mobile number are not proven, or the profile is not complete (个人信息尚未完善).
    #[error("not all that has to be proven is proven")]
    Incomplete,
    /// There is one that is not decided, or was approved and not paid out (当前借贷申请已提交).
    #[error("already submitted")]
    AlreadySubmitted,
    /// The limit does not hold the amount (客户可申请额度不足).
    #[error("the limit does not hold the amount")]
    LineTooSmall,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<QuoteError> for SubmitError {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::Fault(fault) => Self::Fault(fault),
            refusal @ (QuoteError::NoSuchProduct
            | QuoteError::NotOffered(_)
            | QuoteError::Unpriceable(_)) => Self::Quote(refusal),
        }
    }
}

/// An application that was taken in.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The application; refused already, where a rule says so.
    pub application: Application,
    /// What it was priced at.
    pub quote: Quote,
}

/// Takes an application in. It books exactly what [`quote`] says on the same day; applying for it
/// confirms its disclosure.
pub fn submit(tx: &mut Tx<'_, '_>, command: &Submit) -> Result<Submitted, SubmitError> {
    take_in(tx, command, Gate::Loan)
}

/// What an application is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// A loan: everything is proven, and its cost is confirmed.
    Loan,
    /// A limit that is drawn on later: who it is for is proven, and who asks is the customer or an
    /// operator.
    Limit(Actor),
}

pub(super) fn take_in(
    tx: &mut Tx<'_, '_>,
    command: &Submit,
    gate: Gate,
) -> Result<Submitted, SubmitError> {
    let customer = customers::customer(tx, command.member)?;
    let customer = customer.filter(|customer| customer.channel == command.channel);
    let customer = customer.ok_or(SubmitError::NoSuchCustomer)?;
    if customer.blocked {
        return Err(SubmitError::Blocked);
    }
    let quote = quote(tx, command.channel, command.product, &command.request)?;
    if customer.blacklisted {
        return Err(SubmitError::Blacklisted);
    }
    let is_complete = match gate {
        Gate::Loan => is_complete(&customer),
        Gate::Limit(_) => customer.identity.is_some(),
    };
    let facts = customers::facts(tx, command.member)?.filter(|_| is_complete);
    let facts = facts.ok_or(SubmitError::Incomplete)?;
    let application = sql::insert_application(tx, command, &facts, &quote)?;
    let application = application.ok_or(SubmitError::AlreadySubmitted)?;
    credit::open_line(tx, command.member, quote.product.version.first_limit)?;
    match credit::freeze(tx, command.member, command.request.amount) {
        Ok(()) => {}
        Err(FreezeError::NoLine | FreezeError::Suspended | FreezeError::Insufficient { .. }) => {
            return Err(SubmitError::LineTooSmall);
        }
        Err(FreezeError::Fault(fault)) => return Err(fault.into()),
    }
    let subject = Subject::Application(application.id);
    let who = match gate {
        Gate::Loan => Actor::Customer(command.member),
        Gate::Limit(who) => who,
    };
    audit::note(tx, who, "application.submitted", subject, &application.code)?;
    leads::note_application(tx, application.member, application.id)?;
    if gate == Gate::Loan {
        // The customer has seen these figures (document 001, §22), and asks for a loan at them.
        let disclosed = disclosing::disclose(tx, &application, &quote)?;
        disclosing::confirm(tx, &disclosed)?;
    }
    let application = decide_by_rules(tx, &application, &facts, &quote)?;
    Ok(Submitted { application, quote })
}

/// Whether everything is proven and told that a loan needs.
fn is_complete(customer: &Customer) -> bool {
    customer.identity.is_some()
        && customer.card.is_some()
        && customer.mobile_verified
        && customer.profile_complete
}

/// What the automatic rules (自动审批) say to an application, or to what is drawn on it; it is kept.
pub(super) fn judge(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    facts: &Facts,
    quote: &Quote,
) -> Result<Decision, Fault> {
    let applicant = Applicant {
        member: application.member,
        person: facts.person,
        born: facts.born,
        region: facts.region.clone(),
        monthly_income: facts.monthly_income,
        blacklisted: facts.blacklisted,
        risky: facts.risky,
        report_score: reports::report_score(tx, application.member)?,
    };
    let heaviest = catalog::heaviest_month(&quote.schedule);
    let offer = Offer {
        application: Some(application.id),
        channel: quote.product.channel,
        product: quote.product.id,
        amount: quote.request.amount,
        heaviest_month: heaviest.unwrap_or(quote.repaid),
    };
    let verdicts = credit::decide(tx, &applicant, &offer)?;
    for verdict in &verdicts {
        sql::keep_rule_verdict(tx, application.id, verdict)?;
    }
    Ok(credit::outcome(&verdicts))
}

/// Refuses, refers to people, or passes, as the rules say.
fn decide_by_rules(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    facts: &Facts,
    quote: &Quote,
) -> Result<Application, Fault> {
    let (member, product) = (application.member, quote.product.version.name.clone());
    let amount = quote.request.amount;
    let steps = quote.product.version.review_steps;
    let to_partner = tx.policy.funding == Partner::On && super::draws_later(quote.product.channel);
    let topic = match judge(tx, application, facts, quote)? {
        Decision::Refuse => {
            sql::refuse(tx, application.id, REFUSED_BY_RULES)?;
            credit::unfreeze(tx, member, amount)?;
            let subject = Subject::Application(application.id);
            audit::note(tx, Actor::Platform, "application.refused", subject, "by rules")?;
            Topic::Refused
        }
        Decision::Pass | Decision::Refer if to_partner => {
            funding::push_application(tx, application)?;
            Topic::Submitted
        }
        Decision::Pass if steps == 0 => {
            super::deciding::approve(tx, application, quote.product.version.approval_days)?;
            let subject = Subject::Application(application.id);
            audit::note(tx, Actor::Platform, "application.approved", subject, "by rules")?;
            Topic::Approved
        }
        Decision::Pass | Decision::Refer => Topic::Submitted,
    };
    let facts = [
        ("product", product),
        ("amount", amount.to_string()),
        ("reason", REFUSED_BY_RULES.to_owned()),
    ];
    notices::tell(tx, &Notice { member, topic, facts: &facts })?;
    sql::application(tx, application.id)?.ok_or(Fault::Corrupt("application".into()))
}

/// What a customer is told whom a rule refuses: which one it was is for the operators.
pub(super) const REFUSED_BY_RULES: &str = "综合评分不足";
