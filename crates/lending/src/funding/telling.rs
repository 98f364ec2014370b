//! The partner is told, and asked: each step is claimed, put to it after the commit, and answered.

use kernel::Instant;
use kernel::id::FundingOrderId;
use store::Fault;

use super::{Order, OrderState, sql};
use crate::catalog::Choice;
use crate::ports::{
    Funding, FundingAnswer, FundingApplication, FundingKind, FundingOrder, FundingRepayment,
    FundingRow, FundingWithdrawal,
};
use crate::{Tx, catalog, customers, origination, servicing};

/// What the partner is to be told or asked.
#[derive(Clone, Debug)]
pub enum Step {
    /// It is told, for the first time or because it has no record of it.
    Tell(Box<FundingOrder>),
    /// It is asked what became of something.
    Query {
        /// What.
        kind: FundingKind,
        /// By its number.
        number: String,
    },
}

impl Step {
    /// Puts it to the partner.
    pub fn put(&self, partner: &dyn Funding) -> FundingAnswer {
        match self {
            // Only a query can say that: what was just told may still be under way.
            Self::Tell(order) => match partner.tell(order) {
                FundingAnswer::NoRecord => FundingAnswer::Unknown,
                answer @ (FundingAnswer::Says(_)
                | FundingAnswer::Taken
                | FundingAnswer::Refused(_)
                | FundingAnswer::Unknown) => answer,
            },
            Self::Query { kind, number } => partner.query(*kind, number),
        }
    }
}

/// A step that the caller has to put to the partner, and nobody else.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The order.
    pub id: FundingOrderId,
    /// The step.
    pub step: Step,
}

/// Whether there is something to tell or to ask.
pub fn has_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    sql::has_due(tx)
}

/// Takes orders whose next attempt is due. Each is somebody else's again when the time for an
/// answer is over, and is then asked for, not told.
///
/// What this returns is committed before the partner is called: a crash in between leaves an order
/// that is asked for.
pub fn claim_due(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Claimed>, Fault> {
    let mut claimed = Vec::new();
    for order in sql::due(tx, most)? {
        let state = match order.state {
            OrderState::Requested => OrderState::Sent,
            OrderState::Sent | OrderState::Unknown => OrderState::Unknown,
            OrderState::Accepted => OrderState::Accepted,
            OrderState::Settled | OrderState::Refused | OrderState::Dropped => continue,
        };
        let until = until(tx);
        if !sql::claim(tx, &order, state, until)? {
            continue;
        }
        let step = if order.state == OrderState::Requested {
            Step::Tell(Box::new(told(tx, &order)?))
        } else {
            Step::Query { kind: order.kind, number: order.number.clone() }
        };
        claimed.push(Claimed { id: order.id, step });
    }
    Ok(claimed)
}

/// Until when an answer is waited for.
fn until(tx: &Tx<'_, '_>) -> Instant {
    let seconds = i64::from(tx.policy.servicing.answer_seconds);
    tx.at.wall.plus_millis(seconds.saturating_mul(1000))
}

/// What the partner is told, from what we know now. Nothing of it changes between two attempts but
/// what the customer calls themselves.
fn told(tx: &mut Tx<'_, '_>, order: &Order) -> Result<FundingOrder, Fault> {
    match order.kind {
        FundingKind::Apply => told_application(tx, order),
        FundingKind::Withdraw => told_withdrawal(tx, order),
        FundingKind::Plan => told_plan(tx, order),
        FundingKind::Repay => told_repayment(tx, order).map(FundingOrder::Repay),
        FundingKind::Reversal => told_repayment(tx, order).map(FundingOrder::Reversal),
    }
}

fn missing(what: &str) -> Fault {
    Fault::Corrupt(what.to_owned())
}

fn told_application(tx: &mut Tx<'_, '_>, order: &Order) -> Result<FundingOrder, Fault> {
    let application = origination::application(tx, order.application)?;
    let application = application.ok_or(missing("application"))?;
    let product = catalog::version(tx, application.product, application.version)?;
    let version = product.ok_or(missing("product_version"))?.version;
    let customer = customers::customer(tx, application.member)?.ok_or(missing("customer"))?;
    let identity = customer.identity.ok_or(missing("customer.person_id"))?;
    let tenors = match version.months {
        Choice::List(months) => months,
        Choice::Range { least, most } => (least..=most).collect(),
    };
    Ok(FundingOrder::Apply(Box::new(FundingApplication {
        order_no: order.number.clone(),
        product: version.name,
        amount: application.request.amount,
        tenors,
        rate_ppm: application.request.rate.ppm(),
        name: identity.name,
        id_no: identity.id_no,
        mobile: customer.mobile,
        applied_at: application.applied_at,
    })))
}

fn told_withdrawal(tx: &mut Tx<'_, '_>, order: &Order) -> Result<FundingOrder, Fault> {
    let application = origination::application(tx, order.application)?;
    let application = application.ok_or(missing("application"))?;
    let drawdown = order.drawdown.ok_or(missing("drawdown_id"))?;
    let drawdown = origination::drawdown(tx, drawdown)?.ok_or(missing("drawdown"))?;
    let card = customers::card(tx, order.card.ok_or(missing("card_id"))?)?;
    let card = card.ok_or(missing("card"))?;
    Ok(FundingOrder::Withdraw(Box::new(FundingWithdrawal {
        order_no: application.code,
        withdraw_no: order.number.clone(),
        amount: drawdown.amount,
        tenor: drawdown.tenor,
        name: card.name,
        card: card.number,
        mobile: card.mobile,
    })))
}

fn told_plan(tx: &mut Tx<'_, '_>, order: &Order) -> Result<FundingOrder, Fault> {
    let loan = servicing::loan_of_application(tx, order.application)?.ok_or(missing("loan"))?;
    let rows = servicing::plan(tx, loan.id)?;
    let rows = rows.iter().map(|row| FundingRow {
        number: row.number,
        due: row.due,
        principal: row.principal,
        interest: row.interest,
        fee: row.fee,
    });
    Ok(FundingOrder::Plan { order_no: order.number.clone(), rows: rows.collect() })
}

fn told_repayment(tx: &mut Tx<'_, '_>, order: &Order) -> Result<FundingRepayment, Fault> {
    let application = origination::application(tx, order.application)?;
    let application = application.ok_or(missing("application"))?;
    let repayment = servicing::repayment(tx, order.repayment.ok_or(missing("repayment_id"))?)?;
    let repayment = repayment.ok_or(missing("repayment"))?;
    Ok(FundingRepayment {
        order_no: application.code,
        repay_no: order.number.clone(),
        on: repayment.on,
        principal: repayment.parts.principal,
        interest: repayment.parts.interest,
        fee: repayment.parts.fee,
        penalty: repayment.parts.penalty,
    })
}
