//! What operators do about loans and money: payouts again, write-offs, recoveries, reversals,
//! refunds.

use channel_kit::route::Method;
use kernel::Money;
use kernel::id::{LoanId, MemberId, RepaymentId};
use lending::audit::Subject;
use lending::operators::approvals::{Action, Asked};
use lending::operators::{Operator, Right};
use lending::servicing::{self, LoanState, RecoverError, RefundError, ReverseError, WriteOffError};
use lending::{Route as Home, Tx, customers};
use serde::Deserialize;
use serde_json::json;

use crate::applications::not_paid_out;
use crate::call::{Call, Route, route};
use crate::failure::{
    CREDIT_TOO_SMALL, EXCESS_USED, Failure, LATER_FIRST, LOAN_CLOSED, NO_CARD, NO_SUCH_CUSTOMER,
    NO_SUCH_LOAN, NO_SUCH_REPAYMENT, NOT_OVERDUE, NOT_PAYABLE, NOT_WRITTEN_OFF, REVERSED,
    UNDER_WAY,
};
use crate::loans::{self, LOAN, id, load};
use crate::operation::{APPROVAL, Access, ID, Operation, body, optional};
use crate::reply::Reply;
use crate::values::{self, note_reason};
use crate::{Console, second};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&RETRY, retry),
        route(&ABANDON, abandon),
        route(&WRITE_OFF, write_off),
        route(&RECOVER, recover),
        route(&REVERSE, reverse),
        route(&REFUND, refund),
    ]
}

impl From<WriteOffError> for Failure {
    fn from(error: WriteOffError) -> Self {
        match error {
            WriteOffError::NoSuchLoan => NO_SUCH_LOAN.into(),
            WriteOffError::NotOverdue => NOT_OVERDUE.into(),
            WriteOffError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RecoverError> for Failure {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::NoSuchLoan => NO_SUCH_LOAN.into(),
            RecoverError::NotWrittenOff => NOT_WRITTEN_OFF.into(),
            RecoverError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ReverseError> for Failure {
    fn from(error: ReverseError) -> Self {
        match error {
            ReverseError::NoSuchRepayment => NO_SUCH_REPAYMENT.into(),
            ReverseError::AlreadyReversed => REVERSED.into(),
            ReverseError::Closed => LOAN_CLOSED.into(),
            ReverseError::LaterFirst => LATER_FIRST.into(),
            ReverseError::ExcessUsed => EXCESS_USED.into(),
            ReverseError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RefundError> for Failure {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::NoCard => NO_CARD.into(),
            RefundError::TooMuch => CREDIT_TOO_SMALL.into(),
            RefundError::Fault(fault) => fault.into(),
        }
    }
}

const REASON: channel_kit::route::Field =
    body("reason", "string", "why: 4 to 200 characters, noted in the audit trail");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    reason: String,
    approval: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

static RETRY: Operation = Operation {
    method: Method::Post,
    path: "/console/api/loans/{id}/payout/retry",
    summary: "Order a payout again that the provider has declined 重新放款",
    access: Access::With(Right::PayOut),
    fields: &[ID, optional("reason", "string", "for the second operator"), APPROVAL],
    refusals: &[
        NO_SUCH_LOAN,
        NOT_PAYABLE,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        NO_CARD,
        UNDER_WAY,
    ],
    success: (201, r#"{"loan_id":7,"payment_id":"11012345678901234"}"#),
};

async fn retry(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: crate::applications::ApprovedBody = call.message()?;
    let reason = values::line("reason", &message.reason, 0..=200)?;
    let approval = second::read(message.approval.as_deref())?;
    let retry = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let loan = load(tx, id)?;
        if loan.state != LoanState::PayoutFailed || loan.closed_at.is_some() {
            return Err(NOT_PAYABLE.into());
        }
        let asked = Asked {
            action: Action::Payout,
            subject: Subject::Loan(id),
            amount: loan.terms.amount,
            parameters: "again".to_owned(),
        };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let ordered = servicing::retry_payout(tx, operator.actor(), id);
        let payment = ordered.map_err(|error| not_paid_out(error, NO_SUCH_LOAN))?;
        Ok(Reply::created(&json!({
            "loan_id": id.number(),
            "payment_id": payment.number().to_string(),
        })))
    };
    let answer = call.write(&console, Home::home(id.number()), retry).await;
    console.app.wake();
    answer
}

static ABANDON: Operation = Operation {
    method: Method::Post,
    path: "/console/api/loans/{id}/payout/abandon",
    summary: "Give a payout up that the provider has declined: the customer may apply again",
    access: Access::With(Right::PayOut),
    fields: &[ID],
    refusals: &[NO_SUCH_LOAN, NOT_PAYABLE],
    success: (200, LOAN),
};

async fn abandon(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let NoBody {} = call.message()?;
    let abandon = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let done = servicing::abandon_payout(tx, operator.actor(), id);
        done.map_err(|error| not_paid_out(error, NO_SUCH_LOAN))?;
        told(tx, id)
    };
    call.write(&console, Home::home(id.number()), abandon).await
}

/// The loan as it stands after a command.
fn told(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Reply, Failure> {
    let today = tx.at().business.date();
    Ok(Reply::ok(&json!({ "loan": loans::shown(&load(tx, id)?, today) })))
}

static WRITE_OFF: Operation = Operation {
    method: Method::Post,
    path: "/console/api/loans/{id}/write-off",
    summary: "Write an overdue loan off 核销; the amount that is approved is its open principal",
    access: Access::With(Right::WriteOff),
    fields: &[ID, REASON, APPROVAL],
    refusals: &[
        NO_SUCH_LOAN,
        NOT_OVERDUE,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
    ],
    success: (200, r#"{"loan_id":7,"lost":"1012.50"}"#),
};

async fn write_off(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: ReasonBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let approval = second::read(message.approval.as_deref())?;
    let write_off = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let loan = load(tx, id)?;
        let today = tx.at().business.date();
        let late = loan.next_due.is_some_and(|due| due < today);
        if loan.state != LoanState::Repaying || !late {
            return Err(NOT_OVERDUE.into());
        }
        // Interest grows from day to day; the principal changes only when something is paid.
        let open = loan.terms.amount.minus(loan.paid.principal).unwrap_or(Money::ZERO);
        let asked = Asked {
            action: Action::WriteOff,
            subject: Subject::Loan(id),
            amount: open,
            parameters: reason.clone(),
        };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let lost = servicing::write_off(tx, operator.actor(), id)?;
        note_reason(tx, operator, Subject::Loan(id), ("write_off", &reason))?;
        Ok(Reply::ok(&json!({ "loan_id": id.number(), "lost": lost.to_string() })))
    };
    call.write(&console, Home::home(id.number()), write_off).await
}

static RECOVER: Operation = Operation {
    method: Method::Post,
    path: "/console/api/loans/{id}/recoveries",
    summary: "Book what came in on a loan that was written off 核销收回",
    access: Access::With(Right::Collect),
    fields: &[ID, body("amount", "string", "yuan, above zero")],
    refusals: &[NO_SUCH_LOAN, NOT_WRITTEN_OFF],
    success: (
        201,
        r#"{"repayment":{"id":"11012345678901234","loan_id":7,"settles":false,"source":"recovery","on":"2026-11-25","amount":"100.00","parts":{"principal":"0.00","interest":"0.00","fee":"0.00","penalty":"0.00"},"excess":"100.00","payment_id":null,"reversed":false,"at":"2026-11-25T10:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountBody {
    amount: String,
    #[serde(default)]
    reason: String,
    approval: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveryBody {
    amount: String,
}

async fn recover(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: RecoveryBody = call.message()?;
    let amount = values::positive("amount", &message.amount)?;
    let recover = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let repayment = servicing::recover(tx, operator.actor(), id, amount)?;
        Ok(Reply::created(&json!({ "repayment": loans::repaid(&repayment) })))
    };
    call.write(&console, Home::home(id.number()), recover).await
}

static REVERSE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/repayments/{id}/reverse",
    summary: "Take a repayment back by a contra entry 冲正",
    access: Access::With(Right::Reverse),
    fields: &[ID, REASON, APPROVAL],
    refusals: &[
        NO_SUCH_REPAYMENT,
        REVERSED,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        LOAN_CLOSED,
        LATER_FIRST,
        EXCESS_USED,
    ],
    success: (
        200,
        r#"{"repayment":{"id":"11012345678901234","loan_id":7,"settles":false,"source":"card","on":"2026-11-25","amount":"507.00","parts":{"principal":"500.00","interest":"7.00","fee":"0.00","penalty":"0.00"},"excess":"0.00","payment_id":"11012345678901235","reversed":true,"at":"2026-11-25T10:00:00+08:00"}}"#,
    ),
};

async fn reverse(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(RepaymentId::from_number).ok_or(NO_SUCH_REPAYMENT)?;
    let message: ReasonBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let approval = second::read(message.approval.as_deref())?;
    let reverse = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let repayment = servicing::repayment(tx, id)?.ok_or(NO_SUCH_REPAYMENT)?;
        if repayment.reversed {
            return Err(REVERSED.into());
        }
        let subject = Subject::Loan(repayment.loan);
        let asked = Asked {
            action: Action::Reversal,
            subject,
            amount: repayment.amount,
            parameters: format!("repayment {}: {reason}", id.number()),
        };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let reversed = servicing::reverse_repayment(tx, operator.actor(), id)?;
        note_reason(tx, operator, subject, ("reversal", &reason))?;
        Ok(Reply::ok(&json!({ "repayment": loans::repaid(&reversed) })))
    };
    call.write(&console, Home::home(id.number()), reverse).await
}

static REFUND: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/refund",
    summary: "Pay a customer's credit back to their card 退款",
    access: Access::With(Right::Reverse),
    fields: &[
        ID,
        body("amount", "string", "yuan, above zero"),
        optional("reason", "string", "for the second operator"),
        APPROVAL,
    ],
    refusals: &[
        NO_SUCH_CUSTOMER,
        second::REFUSALS[0],
        second::REFUSALS[1],
        second::REFUSALS[2],
        NO_CARD,
        CREDIT_TOO_SMALL,
    ],
    success: (201, r#"{"payment_id":"11012345678901234"}"#),
};

async fn refund(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(MemberId::from_number).ok_or(NO_SUCH_CUSTOMER)?;
    let message: AmountBody = call.message()?;
    let amount = values::positive("amount", &message.amount)?;
    let reason = values::line("reason", &message.reason, 0..=200)?;
    let approval = second::read(message.approval.as_deref())?;
    let refund = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        customers::customer(tx, id)?.ok_or(NO_SUCH_CUSTOMER)?;
        let (action, subject) = (Action::Refund, Subject::Member(id));
        let asked = Asked { action, subject, amount, parameters: String::new() };
        if let Some(awaited) = second::ask(tx, operator, &asked, approval, &reason)? {
            return Ok(awaited);
        }
        let payment = servicing::refund(tx, operator.actor(), id, amount)?;
        Ok(Reply::created(&json!({ "payment_id": payment.number().to_string() })))
    };
    let answer = call.write(&console, Home::home(id.number()), refund).await;
    console.app.wake();
    answer
}
