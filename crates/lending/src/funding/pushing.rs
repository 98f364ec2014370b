//! What the partner is to be told, written down; and who has a say while it decides.

use kernel::id::{ApplicationId, FundingOrderId, OperatorId, PaymentId, RepaymentId};
use store::Fault;

use super::{Order, OrderState, Partner, sql};
use crate::audit::{self, Actor, Subject};
use crate::origination::{self, Application, Drawdown, State};
use crate::ports::{FundingKind, FundingStatus};
use crate::{Tx, customers};

/// An order that is to be told as soon as possible.
fn new(tx: &Tx<'_, '_>, kind: FundingKind, number: String, application: ApplicationId) -> Order {
    Order {
        id: FundingOrderId::from_number(tx.ids.take(tx.at.wall, 1)),
        kind,
        number,
        application,
        drawdown: None,
        card: None,
        payment: None,
        repayment: None,
        state: OrderState::Requested,
        heard: None,
        heard_place: 0,
        reason: None,
        attempt_at: tx.at.wall,
        attempts: 0,
        requested_at: tx.at.business,
        settled_at: None,
    }
}

fn insert(tx: &mut Tx<'_, '_>, order: &Order) -> Result<(), Fault> {
    if !sql::insert(tx, order)? {
        return Err(Fault::Corrupt(format!("funding_order {}", order.number)));
    }
    let subject = Subject::Application(order.application);
    let detail = format!("{} {}", order.kind.word(), order.number);
    audit::note(tx, Actor::Platform, "funding.requested", subject, &detail)
}

/// An application for a limit, which our rules have not refused: the partner decides.
pub(crate) fn push_application(
    tx: &mut Tx<'_, '_>,
    application: &Application,
) -> Result<(), Fault> {
    let order = new(tx, FundingKind::Apply, application.code.clone(), application.id);
    insert(tx, &order)
}

/// A drawdown that our rules have not refused: the partner decides, and pays out to the card that
/// the customer has now.
pub(crate) fn push_withdrawal(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    drawdown: &Drawdown,
) -> Result<(), Fault> {
    let card = customers::payout_card(tx, application.member)?;
    let card = card.ok_or(Fault::Corrupt("card".into()))?;
    let order = new(tx, FundingKind::Withdraw, drawdown.withdraw_no.clone(), application.id);
    insert(tx, &Order { drawdown: Some(drawdown.id), card: Some(card.id), ..order })
}

/// A payout that the partner could not make is ordered once more, under another number of the same
/// withdrawal.
pub(crate) fn push_withdrawal_again(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    payment: PaymentId,
    card: kernel::id::CardId,
) -> Result<(), Fault> {
    let drawdown = origination::newest_drawdown(tx, application.id)?;
    let drawdown = drawdown.ok_or(Fault::Corrupt("drawdown".into()))?;
    let orders = sql::orders_of(tx, application.id)?;
    let before = orders.iter().filter(|order| order.kind == FundingKind::Withdraw).count();
    let number = format!("{}-{}", drawdown.withdraw_no, before.saturating_add(1));
    let order = new(tx, FundingKind::Withdraw, number, application.id);
    let (drawdown, card, payment) = (Some(drawdown.id), Some(card), Some(payment));
    insert(tx, &Order { drawdown, card, payment, ..order })
}

/// The plan of a loan that the partner has paid out.
pub(crate) fn push_plan(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<(), Fault> {
    let application = origination::application(tx, id)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    let order = new(tx, FundingKind::Plan, application.code, id);
    insert(tx, &order)
}

/// A repayment of a loan that the partner has paid out; of any other, nothing.
pub(crate) fn push_repayment(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    repayment: RepaymentId,
) -> Result<(), Fault> {
    report(tx, FundingKind::Repay, application, repayment)
}

/// A repayment that was taken back, of a loan that the partner has paid out.
pub(crate) fn push_reversal(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    repayment: RepaymentId,
) -> Result<(), Fault> {
    report(tx, FundingKind::Reversal, application, repayment)
}

fn report(
    tx: &mut Tx<'_, '_>,
    kind: FundingKind,
    application: ApplicationId,
    repayment: RepaymentId,
) -> Result<(), Fault> {
    let orders = sql::orders_of(tx, application)?;
    if !orders.iter().any(|order| order.kind == FundingKind::Plan) {
        return Ok(());
    }
    let order = new(tx, kind, repayment.number().to_string(), application);
    insert(tx, &Order { repayment: Some(repayment), ..order })
}

/// Whether the partner is deciding about an application, or a drawdown on it: then people do not.
pub(crate) fn is_deciding(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
    kind: FundingKind,
) -> Result<bool, Fault> {
    let orders = sql::orders_of(tx, id)?;
    Ok(orders.iter().any(|order| order.kind == kind && order.state.is_open()))
}

/// Whether drawdowns on a limit are the partner's to decide: it has approved the limit, and it is
/// still whom we ask.
pub(crate) fn decides_drawdowns(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<bool, Fault> {
    if tx.policy.funding == Partner::Off {
        return Ok(false);
    }
    let orders = sql::orders_of(tx, id)?;
    let approved = |order: &Order| {
        let said = matches!(order.heard, Some(FundingStatus::Approved | FundingStatus::Frozen));
        order.kind == FundingKind::Apply && order.state == OrderState::Settled && said
    };
    Ok(orders.iter().any(approved))
}

/// Takes back what the partner was to be told about an application, where it has not been told yet;
/// false where a withdrawal is its business already: then it alone can end it.
pub(crate) fn let_go(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<bool, Fault> {
    let orders = sql::orders_of(tx, id)?;
    let mut is_free = true;
    for order in orders.iter().filter(|order| order.state.is_open()) {
        let is_dropped = match order.kind {
            FundingKind::Apply | FundingKind::Withdraw => sql::drop_untold(tx, order.id)?,
            FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => true,
        };
        is_free &= is_dropped || order.kind == FundingKind::Apply;
    }
    Ok(is_free)
}

/// Why something was not told again. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum AgainError {
    /// There is no such order.
    #[error("no such order")]
    NoSuchOrder,
    /// The partner did not take it for a mistake, or it is over otherwise.
    #[error("not to be told again")]
    NotRefused,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Tells the partner again what it took for a mistake: a plan, a report, or an application that
/// nobody has decided since. Withdrawals are not: they were refused with it.
pub fn tell_again(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    id: FundingOrderId,
) -> Result<Order, AgainError> {
    let order = sql::order(tx, id)?.ok_or(AgainError::NoSuchOrder)?;
    let application = origination::lock_application(tx, order.application)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    let order = sql::lock(tx, id)?.ok_or(AgainError::NoSuchOrder)?;
    let may = match order.kind {
        FundingKind::Apply => {
            application.state == State::Reviewing && application.steps_passed == 0
        }
        FundingKind::Withdraw => false,
        FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => true,
    };
    if order.state != OrderState::Refused || !may {
        return Err(AgainError::NotRefused);
    }
    sql::begin_again(tx, id)?;
    let subject = Subject::Application(order.application);
    let detail = format!("{} {}", order.kind.word(), order.number);
    audit::note(tx, Actor::Operator(operator), "funding.again", subject, &detail)?;
    Ok(sql::order(tx, id)?.ok_or(Fault::Corrupt("funding_order".into()))?)
}
