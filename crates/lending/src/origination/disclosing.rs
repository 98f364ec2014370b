//! The cost disclosure (综合融资成本明示) of an application: made of its quote, confirmed by the
//! customer, and held against what is paid out.

use kernel::id::{ApplicationId, DocumentId, MemberId};
use kernel::{Date, Money};
use pricing::Percent;
use store::Fault;

use super::quoting::{Quote, quote_for};
use super::{Application, State, phrases, sql};
use crate::catalog::{FeeTime, ProductFee, Version};
use crate::customers::consents::{self, ConsentError, Purpose};
use crate::customers::{self, Customer};
use crate::documents::{
    self, ConfirmError, Contingent, Cost, CostKind, Disclosure, Document, Lender, MakeError, Offer,
    Parties, PlanLine,
};
use crate::notices::{self, Notice, Topic};
use crate::{Tx, catalog};

/// A disclosure with the figures that it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed {
    /// The paper.
    pub document: Document,
    /// The amount of the loan.
    pub amount: Money,
    /// Its tenor, in the unit that was asked for.
    pub tenor: u32,
    /// What the customer receives.
    pub received: Money,
    /// All interest.
    pub interest: Money,
    /// All fees, those kept back among them.
    pub fees: Money,
    /// The day from which its plan supposes that interest runs.
    pub start: Date,
}

impl Disclosed {
    /// Whether it tells what these terms cost, whatever the day.
    fn is_for(&self, application: &Application) -> bool {
        let offer = application.offer();
        (self.amount, self.tenor) == (offer.amount, offer.tenor)
    }

    fn tells(&self, quote: &Quote) -> bool {
        let schedule = &quote.schedule;
        (self.received, self.interest, self.fees)
            == (quote.received, schedule.interest, schedule.fee_total)
    }
}

/// The newest disclosure of an application: the one that counts.
pub fn disclosure_of(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Disclosed>, Fault> {
    let Some(figures) = sql::newest_disclosure(tx, application)? else { return Ok(None) };
    let document = documents::find(tx, figures.document)?;
    let document = document.ok_or(Fault::Corrupt("document".into()))?;
    Ok(Some(figures.of(document)))
}

/// The figures of a disclosure as they are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    pub(super) document: DocumentId,
    pub(super) amount: Money,
    pub(super) tenor: u32,
    pub(super) received: Money,
    pub(super) interest: Money,
    pub(super) fees: Money,
    pub(super) start: Date,
}

impl Figures {
    fn of(self, document: Document) -> Disclosed {
        let Self { amount, tenor, received, interest, fees, start, .. } = self;
        Disclosed { document, amount, tenor, received, interest, fees, start }
    }
}

/// The newest disclosure of an application, if the customer has confirmed it and it tells what is
/// about to be paid out, to the fen, for the day that it was made for.
pub(crate) fn confirmed_disclosure(
    tx: &mut Tx<'_, '_>,
    application: &Application,
) -> Result<Option<Disclosed>, Fault> {
    let Some(disclosed) = disclosure_of(tx, application.id)? else { return Ok(None) };
    if disclosed.document.confirmed_at.is_none() || !disclosed.is_for(application) {
        return Ok(None);
    }
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let quote = quote_for(product, &application.offer(), disclosed.start);
    let quote = quote.map_err(|error| Fault::Corrupt(format!("disclosed: {error}")))?;
    Ok(disclosed.tells(&quote).then_some(disclosed))
}

/// Why an offer was not confirmed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmOfferError {
    /// There is no such application, or it is another customer's.
    #[error("no such application")]
    NoSuchApplication,
    /// It is decided against, has lapsed, or was paid out.
    #[error("too late to be confirmed")]
    TooLate,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The customer confirms what they are offered, by the newest disclosure; a repeat changes nothing.
pub fn confirm_offer(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    application: ApplicationId,
) -> Result<Disclosed, ConfirmOfferError> {
    let application = sql::lock_application(tx, application)?;
    let application = application.filter(|own| own.member == member);
    let application = application.ok_or(ConfirmOfferError::NoSuchApplication)?;
    let lapsed = application.lapses_at.is_some_and(|at| at <= tx.at.business);
    if !matches!(application.state, State::Reviewing | State::Approved) || lapsed {
        return Err(ConfirmOfferError::TooLate);
    }
    let disclosed = disclosure_of(tx, application.id)?;
    let disclosed = disclosed.ok_or(Fault::Corrupt("application_disclosure".into()))?;
    let document = confirm(tx, &disclosed)?;
    Ok(Disclosed { document, ..disclosed })
}

/// Takes the customer's confirmation of a disclosure, and notes that they agree to it.
pub(super) fn confirm(tx: &mut Tx<'_, '_>, disclosed: &Disclosed) -> Result<Document, Fault> {
    let Document { id, member, version, .. } = disclosed.document;
    let document = documents::confirm(tx, member, id).map_err(|error| match error {
        ConfirmError::Fault(fault) => fault,
        ConfirmError::Unknown | ConfirmError::NotYours | ConfirmError::Superseded => {
            Fault::Corrupt(format!("document {}: {error}", id.number()))
        }
    })?;
    let text = format!("{} v{version} {}", documents::Kind::CostDisclosure.word(), id.number());
    consents::give(tx, member, Purpose::Disclosure, &text).map_err(|error| match error {
        ConsentError::Fault(fault) => fault,
        ConsentError::NoSuchCustomer => Fault::Corrupt("customer".into()),
    })?;
    Ok(document)
}

/// Makes the disclosure of what an application is offered now.
pub(super) fn disclose(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
) -> Result<Disclosed, Fault> {
    let parties = parties(tx, application.member)?;
    let offer = offer(tx, quote, &application.code)?;
    let start = offer.start;
    let what = Disclosure { application: application.id, parties, offer };
    let document = documents::disclose(tx, &what).map_err(unmade)?;
    let figures = Figures {
        document: document.id,
        amount: quote.request.amount,
        tenor: quote.request.tenor,
        received: quote.received,
        interest: quote.schedule.interest,
        fees: quote.schedule.fee_total,
        start,
    };
    sql::insert_disclosure(tx, application.id, &figures)?;
    Ok(figures.of(document))
}

/// After the last step of review: where the offer is another one than the customer has seen, they
/// are shown it, and told to confirm it.
pub(super) fn disclose_again(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
) -> Result<(), Fault> {
    let known = disclosure_of(tx, application.id)?;
    if known.is_some_and(|known| known.is_for(application)) {
        return Ok(());
    }
    disclose(tx, application, quote)?;
    let (amount, tenor) = (application.offer().amount, phrases::tenor(&application.offer()));
    let reason = format!(
        "您的申请（{}）获批的条件与申请时不同：借款金额 {amount} 元，期限 {tenor}。请查看并确认新的综合融资成本明示表，确认后放款。",
        application.code
    );
    let facts = [("reason", reason)];
    notices::tell(tx, &Notice { member: application.member, topic: Topic::Other, facts: &facts })
}

/// A paper that the platform's own figures and templates do not make is the platform's failure.
pub(crate) fn unmade(error: MakeError) -> Fault {
    match error {
        MakeError::Fault(fault) => fault,
        MakeError::Contradiction(_) | MakeError::Unfilled(_) => {
            Fault::Corrupt(format!("a paper: {error}"))
        }
    }
}

/// Lender and borrower, as papers name them.
pub(crate) fn parties(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Parties, Fault> {
    let customer = customers::customer(tx, member)?.ok_or(Fault::Corrupt("customer".into()))?;
    let Customer { identity, mobile, .. } = customer;
    let identity = identity.ok_or(Fault::Corrupt("customer.person_id".into()))?;
    let Lender { name, address, service_phone, .. } = tx.policy.lender.clone();
    Ok(Parties {
        lender_name: name,
        lender_address: address,
        service_phone,
        member,
        borrower: identity.name,
        id_card: identity.id_no,
        mobile,
    })
}

/// A quote as papers tell it, on the day of the call.
pub(crate) fn offer(tx: &Tx<'_, '_>, quote: &Quote, code: &str) -> Result<Offer, Fault> {
    let Quote { product, request, schedule, cost, .. } = quote;
    let lender = &tx.policy.lender.name;
    let line = |row: &pricing::Row| PlanLine {
        number: row.number,
        due: row.due,
        principal: row.principal,
        interest: row.interest,
        fee: row.fees,
    };
    Ok(Offer {
        code: code.to_owned(),
        product_name: product.version.name.clone(),
        day: tx.at.business.date(),
        start: quote.terms.terms().start,
        principal: request.amount,
        received: quote.received,
        tenor: phrases::tenor(request),
        repay_method: phrases::method(request),
        rate_percent: phrases::percent(request.rate),
        apr_percent: cost.nominal_percent.clone(),
        apr_method: format!(
            "内部收益率（IRR）折算的名义年利率；按单利法计算为 {}%，按复利法计算的实际年利率为 {}%",
            cost.simple_percent, cost.effective_percent
        ),
        plan: schedule.rows.iter().map(line).collect(),
        costs: costs(quote, lender)?,
        contingent: contingent(&product.version, lender),
    })
}

/// Interest, and each fee of the product with who gets it.
fn costs(quote: &Quote, lender: &str) -> Result<Vec<Cost>, Fault> {
    let too_large = || Fault::Corrupt("costs beyond every amount".into());
    let Quote { schedule, cost, .. } = quote;
    let total = schedule.interest.plus(schedule.fee_total).ok_or_else(too_large)?;
    let part = |amount| phrases::part_of(&cost.nominal_percent, amount, total);
    let mut costs = vec![Cost {
        kind: CostKind::Interest,
        name: "利息".into(),
        collector: lender.to_owned(),
        amount: schedule.interest,
        when: phrases::interest_time(quote.request.method).into(),
        annual_percent: part(schedule.interest),
    }];
    for (fee, collector) in distinct(&quote.product.version.fees) {
        let is_kept_back = fee.time == FeeTime::KeptBack;
        let own = schedule
            .fees
            .iter()
            .filter(|charge| charge.name == fee.name && charge.is_upfront() == is_kept_back);
        let amount = own.map(|charge| charge.amount).try_fold(Money::ZERO, Money::plus);
        let amount = amount.ok_or_else(too_large)?;
        costs.push(Cost {
            kind: CostKind::Fee,
            name: fee.name.clone(),
            collector,
            amount,
            when: phrases::fee_time(fee.time).into(),
            annual_percent: part(amount),
        });
    }
    Ok(costs)
}

/// Fees by what they are called and when they are charged, which is all that a charge tells; those
/// that share both are one cost of several collectors.
fn distinct(fees: &[ProductFee]) -> Vec<(&ProductFee, String)> {
    let mut distinct: Vec<(&ProductFee, String)> = Vec::new();
    for fee in fees {
        let same = |(known, _): &&mut (&ProductFee, String)| {
            (&known.name, known.time) == (&fee.name, fee.time)
        };
        match distinct.iter_mut().find(same) {
            None => distinct.push((fee, fee.collector.clone())),
            Some((_, collectors)) if !collectors.contains(&fee.collector) => {
                collectors.push('、');
                collectors.push_str(&fee.collector);
            }
            Some(_) => {}
        }
    }
    distinct
}

/// What a loan costs only if something happens (或有成本).
fn contingent(version: &Version, lender: &str) -> Vec<Contingent> {
    let mut contingent = Vec::new();
    let late = &version.late;
    if late.daily > Percent::ZERO {
        let cap = phrases::penalty_cap(late);
        let grace = phrases::grace(late);
        contingent.push(Contingent {
            name: "逾期罚息".into(),
            collector: lender.to_owned(),
            when: "未在还款日足额还款".into(),
            rule: format!("{}；上限：{cap}；宽限：{grace}", phrases::penalty(late)),
        });
    }
    if version.settlement_fee > Percent::ZERO {
        contingent.push(Contingent {
            name: "提前还清手续费".into(),
            collector: lender.to_owned(),
            when: "提前还清全部借款".into(),
            rule: phrases::settlement_fee(version),
        });
    }
    contingent
}
