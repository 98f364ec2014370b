//! What the partner says, in answers and by itself: taken once, in its order, and where it does not
//! fit what we know, left to people.

use kernel::id::{FundingOrderId, PaymentId};
use store::Fault;

use super::rules::{self, Audited, Withdrawn};
use super::{Order, OrderState, issues, sql};
use crate::Tx;
use crate::audit::{self, Subject};
use crate::origination::{self, Application, DecideError, Grant};
use crate::ports::{FundingAnswer, FundingKind, FundingNews, FundingStatus, MoneyOutcome};
use crate::servicing::{self, LoanState, PayOutError, payments};

/// Why nothing is lent, where the partner does not say.
const REFUSED: &str = "资金方审批未通过";
/// Why nothing was paid out, where the partner does not say.
const NOT_PAID: &str = "资金方放款失败";

/// What became of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It has done what it does, or had done so before, or was overtaken: it need not come again.
    Taken,
    /// It does not fit what we know: people look at it. It need not come again.
    Noted,
    /// There is no such order.
    Strange,
}

/// Takes what the partner says by itself.
pub fn hear(tx: &mut Tx<'_, '_>, news: &FundingNews) -> Result<Heard, Fault> {
    match sql::by_number(tx, news.kind, &news.number)? {
        Some(order) => take(tx, &order, news),
        None => Ok(Heard::Strange),
    }
}

/// Takes what the partner answers to a step.
pub fn answered(
    tx: &mut Tx<'_, '_>,
    id: FundingOrderId,
    answer: &FundingAnswer,
) -> Result<(), Fault> {
    let order = sql::order(tx, id)?.ok_or(Fault::Corrupt("funding_order".into()))?;
    match answer {
        FundingAnswer::Says(news) if (news.kind, &news.number) == (order.kind, &order.number) => {
            take(tx, &order, news).map(|_| ())
        }
        FundingAnswer::Taken if !has_statuses(order.kind) => {
            sql::end(tx, id, OrderState::Settled, None)
        }
        FundingAnswer::Refused(reason) => refuse(tx, &order, reason),
        FundingAnswer::NoRecord => leave(tx, &order, OrderState::Requested),
        // An answer to something else says nothing.
        FundingAnswer::Says(_) | FundingAnswer::Taken | FundingAnswer::Unknown => {
            let heard = order.heard.is_some();
            leave(tx, &order, if heard { OrderState::Accepted } else { OrderState::Unknown })
        }
    }
}

/// Whether the partner says where such an order stands, and not only that it has it.
const fn has_statuses(kind: FundingKind) -> bool {
    match kind {
        FundingKind::Apply | FundingKind::Withdraw => true,
        FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => false,
    }
}

/// Leaves an order alone for a while.
fn leave(tx: &mut Tx<'_, '_>, order: &Order, state: OrderState) -> Result<(), Fault> {
    let at = tx.at.wall.plus_millis(rules::wait_ms(order.attempts));
    sql::postpone(tx, order.id, state, at)
}

/// Everything that a word is about, locked: the loan first, as every other call does.
fn lock(tx: &mut Tx<'_, '_>, order: &Order) -> Result<(Application, Order), Fault> {
    let known = origination::application(tx, order.application)?;
    if let Some(loan) = known.and_then(|application| application.loan) {
        servicing::lock_loan(tx, loan)?;
    }
    let application = origination::lock_application(tx, order.application)?;
    let order = sql::lock(tx, order.id)?;
    let both = application.zip(order);
    both.ok_or(Fault::Corrupt("funding_order".into()))
}

fn take(tx: &mut Tx<'_, '_>, order: &Order, news: &FundingNews) -> Result<Heard, Fault> {
    let (application, order) = lock(tx, order)?;
    let place = i64::from(news.place);
    if place < order.heard_place {
        return Ok(Heard::Taken);
    }
    if place == order.heard_place {
        if order.heard == Some(news.status) {
            leave(tx, &order, OrderState::Accepted)?;
            return Ok(Heard::Taken);
        }
        return note(tx, &order, news, "said differently before, in the same place");
    }
    let taken = match order.kind {
        FundingKind::Apply => audited(tx, &application, &order, news)?,
        FundingKind::Withdraw => withdrawn(tx, &application, &order, news)?,
        FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => {
            Err("nothing is said of it".to_owned())
        }
    };
    if let Err(why) = taken {
        return note(tx, &order, news, &why);
    }
    sql::note_heard(tx, order.id, news.status, news.place)?;
    let subject = Subject::Application(order.application);
    let detail = format!("{} {}: {}", order.kind.word(), order.number, news.status.code());
    audit::note(tx, super::PARTNER, "funding.heard", subject, &detail)?;
    if rules::is_last(news.status) {
        sql::end(tx, order.id, OrderState::Settled, news.reason.as_deref())?;
    } else {
        leave(tx, &order, OrderState::Accepted)?;
    }
    Ok(Heard::Taken)
}

/// Leaves a word to people; the order stays as it is, and is asked for again.
fn note(tx: &mut Tx<'_, '_>, order: &Order, news: &FundingNews, why: &str) -> Result<Heard, Fault> {
    let detail = format!("{}: {why}", news.status.code());
    issues::note(tx, order, Some(news.status), &detail)?;
    if order.state.is_open() {
        leave(tx, order, OrderState::Accepted)?;
    }
    Ok(Heard::Noted)
}

/// The partner takes an order for a mistake. An application is for people then; a withdrawal is
/// refused, for nothing is paid out upon it.
fn refuse(tx: &mut Tx<'_, '_>, order: &Order, reason: &str) -> Result<(), Fault> {
    let (_, order) = lock(tx, order)?;
    if !order.state.is_open() || order.heard.is_some() {
        return issues::note(tx, &order, None, "taken for a mistake after it was taken");
    }
    if order.kind == FundingKind::Withdraw {
        not_drawn(tx, &order, reason)?;
        sql::note_heard(tx, order.id, FundingStatus::DrawRefused, 0)?;
    }
    sql::end(tx, order.id, OrderState::Refused, Some(reason))?;
    issues::note(tx, &order, None, "taken for a mistake by the partner")
}

type Taken = Result<(), String>;

fn audited(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    order: &Order,
    news: &FundingNews,
) -> Result<Taken, Fault> {
    match rules::audited(application.state, news.status) {
        Audited::Nothing => {}
        Audited::Contradicts => {
            return Ok(Err(format!("the application is {}", application.state.word())));
        }
        Audited::Approve => {
            let grant = Grant { amount: news.amount, tenors: news.tenors.as_deref() };
            match origination::approve_by_partner(tx, application, &grant) {
                Ok(()) => {}
                Err(DecideError::Fault(fault)) => return Err(fault),
                Err(
                    why @ (DecideError::NoSuchApplication
                    | DecideError::NotReviewing
                    | DecideError::WithPartner
                    | DecideError::SamePerson
                    | DecideError::TooMuch
                    | DecideError::NotOffered(_)),
                ) => {
                    // People decide what the partner may not.
                    sql::end(tx, order.id, OrderState::Refused, None)?;
                    return Ok(Err(why.to_string()));
                }
            }
        }
        Audited::Refuse => {
            let reason = news.reason.as_deref().unwrap_or(REFUSED);
            origination::refuse_by_partner(tx, application, reason)?;
        }
        Audited::Hold => origination::hold(tx, application)?,
        Audited::Release => origination::release(tx, application)?,
    }
    Ok(Ok(()))
}

fn withdrawn(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    order: &Order,
    news: &FundingNews,
) -> Result<Taken, Fault> {
    let drawdown = order.drawdown.ok_or(Fault::Corrupt("drawdown_id".into()))?;
    let drawdown = origination::drawdown(tx, drawdown)?;
    let drawn = drawdown.ok_or(Fault::Corrupt("drawdown".into()))?.amount;
    if news.amount.is_some_and(|amount| amount != drawn) {
        return Ok(Err("another amount than was drawn".to_owned()));
    }
    let reason = news.reason.as_deref();
    match rules::withdrawn(order.heard, news.status) {
        Withdrawn::Nothing => Ok(Ok(())),
        Withdrawn::Contradicts => {
            let heard = order.heard.map_or(0, FundingStatus::code);
            Ok(Err(format!("it was {heard} before")))
        }
        Withdrawn::Approve => Ok(approved(tx, application, order)?.map(|_| ())),
        Withdrawn::Refuse => {
            let is_refused = not_drawn(tx, order, reason.unwrap_or(REFUSED))?;
            Ok(if is_refused { Ok(()) } else { Err("the drawdown does not wait".to_owned()) })
        }
        Withdrawn::PaidOut => settle(tx, application, order, &MoneyOutcome::Done),
        Withdrawn::PaidOutAndStands => match settle(tx, application, order, &MoneyOutcome::Done)? {
            Ok(()) => stands(tx, application, news.status),
            Err(why) => Ok(Err(why)),
        },
        Withdrawn::PayoutFailed => {
            let reason = reason.unwrap_or(NOT_PAID).to_owned();
            settle(tx, application, order, &MoneyOutcome::Declined(reason))
        }
        Withdrawn::Stands => stands(tx, application, news.status),
    }
}

/// The order that a withdrawal pays out, made of the loan now where there is none yet.
fn approved(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    order: &Order,
) -> Result<Result<PaymentId, String>, Fault> {
    if let Some(payment) = order.payment {
        return Ok(Ok(payment));
    }
    let card = order.card.ok_or(Fault::Corrupt("card_id".into()))?;
    match servicing::pay_out_by_partner(tx, application, card) {
        Ok(payment) => {
            sql::note_payment(tx, order.id, payment)?;
            Ok(Ok(payment))
        }
        Err(PayOutError::Fault(fault)) => Err(fault),
        Err(
            why @ (PayOutError::NotFound
            | PayOutError::NotApproved
            | PayOutError::NotDisclosed
            | PayOutError::AboveLegalLine(_)
            | PayOutError::NoCard
            | PayOutError::UnderWay),
        ) => Ok(Err(format!("the loan cannot be made: {why}"))),
    }
}

fn settle(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    order: &Order,
    outcome: &MoneyOutcome,
) -> Result<Taken, Fault> {
    match approved(tx, application, order)? {
        Ok(payment) => payments::finish(tx, payment, outcome).map(|_| Ok(())),
        Err(why) => Ok(Err(why)),
    }
}

/// Nothing is paid out upon a withdrawal; false where that is so already.
fn not_drawn(tx: &mut Tx<'_, '_>, order: &Order, reason: &str) -> Result<bool, Fault> {
    if let Some(payment) = order.payment {
        let declined = MoneyOutcome::Declined(reason.to_owned());
        return payments::finish(tx, payment, &declined).map(|_| true);
    }
    let drawdown = order.drawdown.ok_or(Fault::Corrupt("drawdown_id".into()))?;
    origination::refuse_drawdown_by_partner(tx, drawdown, reason)
}

/// Holds what the partner says of a running loan against our books. A partner that lags behind is
/// no contradiction: that it knows less than we do passes.
fn stands(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    said: FundingStatus,
) -> Result<Taken, Fault> {
    let loan = servicing::loan_of_application(tx, application.id)?;
    let loan = loan.ok_or(Fault::Corrupt("loan".into()))?;
    let lags = sql::has_open_reports(tx, application.id)?;
    let fits = match said {
        FundingStatus::Settled => loan.state == LoanState::Settled,
        FundingStatus::Overdue => {
            lags || loan.state != LoanState::Repaying || loan.overdue_since.is_some()
        }
        FundingStatus::Repaying
        | FundingStatus::Reviewing
        | FundingStatus::Approved
        | FundingStatus::Refused
        | FundingStatus::Frozen
        | FundingStatus::DrawReviewing
        | FundingStatus::DrawApproved
        | FundingStatus::DrawRefused
        | FundingStatus::PaidOut
        | FundingStatus::PayoutFailed => true,
    };
    Ok(if fits { Ok(()) } else { Err(format!("the loan is {} here", loan.state.word())) })
}
