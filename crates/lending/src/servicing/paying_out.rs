//! The payout (放款): from the approved application to the running loan, through the provider.

use kernel::Money;
use kernel::id::{ApplicationId, LoanId, PaymentId};
use store::Fault;

use super::payments::{self, Order, Payment, Purpose};
use super::{Loan, LoanState, Paid, PlanRow, book::Book, sql};
use crate::audit::{self, Actor, Subject};
use crate::ledger::{self, Account, Kind, Transfer};
use crate::notices::{self, Notice, Topic};
use crate::origination::{self, State, quote_for};
use crate::{Tx, catalog, credit, customers};

/// Why a payout was not ordered. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum PayOutError {
    /// There is no such application or loan.
    #[error("no such application")]
    NotFound,
    /// It is not approved, or the approval has lapsed.
    #[error("not approved")]
    NotApproved,
    /// There is no card to pay out to.
    #[error("no card")]
    NoCard,
    /// Another payment on the loan is under way.
    #[error("another payment is under way")]
    UnderWay,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes the loan of an approved application and writes the order to pay it out.
pub fn request_payout(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    application: ApplicationId,
) -> Result<(Loan, PaymentId), PayOutError> {
    let application = origination::lock_application(tx, application)?;
    let application = application.ok_or(PayOutError::NotFound)?;
    let lapsed = application.lapses_at.is_some_and(|at| at <= tx.at.business);
    if application.state != State::Approved || lapsed {
        return Err(PayOutError::NotApproved);
    }
    let card = customers::payout_card(tx, application.member)?.ok_or(PayOutError::NoCard)?;
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let terms = application.offer();
    let quote = quote_for(product, &terms, tx.at.business.date());
    let quote = quote.map_err(|error| Fault::Corrupt(format!("approved: {error}")))?;
    let loan = Loan {
        id: sql::next_loan(tx)?,
        application: application.id,
        code: application.code.clone(),
        member: application.member,
        person: application.person,
        product: application.product,
        version: application.version,
        terms,
        received: quote.received,
        state: LoanState::PayingOut,
        created_at: tx.at.business,
        paid_out_at: None,
        start: None,
        current_row: 1,
        next_due: None,
        overdue_since: None,
        paid: Paid::NOTHING,
        closed_at: None,
    };
    sql::insert_loan(tx, &loan)?;
    for account in Account::of_loan(loan.id) {
        ledger::open_account(tx, account)?;
    }
    origination::lend(tx, application.id)?;
    let payment = order(tx, &loan, card.id)?;
    let detail = format!("{} to be paid out", loan.received);
    audit::note(tx, actor, "loan.payout_requested", Subject::Loan(loan.id), &detail)?;
    Ok((loan, payment))
}

fn order(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
    card: kernel::id::CardId,
) -> Result<PaymentId, PayOutError> {
    let order = Order {
        purpose: Purpose::Payout,
        member: loan.member,
        loan: loan.id,
        row: None,
        card,
        amount: loan.received,
        coupon: None,
    };
    payments::request(tx, &order)?.ok_or(PayOutError::UnderWay)
}

/// Orders the payout of a loan again whose first order the provider has declined: to the card
/// that the customer has now.
pub fn retry_payout(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    loan: LoanId,
) -> Result<PaymentId, PayOutError> {
    let loan = sql::lock_loan(tx, loan)?.ok_or(PayOutError::NotFound)?;
    if loan.state != LoanState::PayoutFailed {
        return Err(PayOutError::NotApproved);
    }
    let card = customers::payout_card(tx, loan.member)?.ok_or(PayOutError::NoCard)?;
    let payment = order(tx, &loan, card.id)?;
    let again = Loan { state: LoanState::PayingOut, ..loan };
    sql::update_loan(tx, &again)?;
    audit::note(tx, actor, "loan.payout_requested", Subject::Loan(again.id), "again")?;
    Ok(payment)
}

/// Gives a payout up that the provider has declined: the customer has their limit back, and can
/// apply again.
pub fn abandon_payout(tx: &mut Tx<'_, '_>, actor: Actor, loan: LoanId) -> Result<(), PayOutError> {
    let loan = sql::lock_loan(tx, loan)?.ok_or(PayOutError::NotFound)?;
    if loan.state != LoanState::PayoutFailed || loan.closed_at.is_some() {
        return Err(PayOutError::NotApproved);
    }
    let application = origination::lock_application(tx, loan.application)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    origination::close(tx, &application, State::Withdrawn)?;
    let closed = Loan { closed_at: Some(tx.at.business), ..loan };
    sql::update_loan(tx, &closed)?;
    audit::note(tx, actor, "loan.payout_abandoned", Subject::Loan(closed.id), "")?;
    Ok(())
}

/// The provider has paid out: interest runs from today, and the plan stands.
pub(super) fn paid_out(tx: &mut Tx<'_, '_>, payment: &Payment) -> Result<(), Fault> {
    let loan = payment.loan.ok_or(Fault::Corrupt("loan_id".into()))?;
    let mut loan = sql::lock_loan(tx, loan)?.ok_or(Fault::Corrupt("loan".into()))?;
    let today = tx.at.business.date();
    let product = catalog::version(tx, loan.product, loan.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let broken = |what: &str| Fault::Corrupt(format!("loan {}: {what}", loan.id.number()));
    let terms = catalog::terms(&product, &loan.terms, today).map_err(|p| broken(&p.en()))?;
    let schedule = terms.schedule().map_err(|problem| broken(&problem.en()))?;
    let mut before = Money::ZERO;
    for row in &schedule.rows {
        let planned = PlanRow {
            id: Book::row_id(loan.id, row.number),
            loan: loan.id,
            number: row.number,
            from: row.from,
            due: row.due,
            principal: row.principal,
            interest: row.interest,
            fee: row.fees,
            interest_before: before,
        };
        before = before.plus(row.interest).ok_or_else(|| broken("interest"))?;
        sql::insert_plan_row(tx, &planned)?;
    }
    let kept_back = loan.terms.amount.minus(payment.amount);
    let kept_back = kept_back.ok_or_else(|| broken("received_fen"))?;
    let mut lines = vec![
        (Account::LoanPrincipal(loan.id), loan.terms.amount.debit()),
        (Account::ProviderClearing, payment.amount.credit()),
    ];
    if kept_back > Money::ZERO {
        lines.push((Account::FeeIncome, kept_back.credit()));
    }
    let (kind, subject) = (Kind::LoanPayout, loan.id.number());
    super::accrual::post(tx, &Transfer { kind, subject, reverses: None, lines: &lines })?;
    credit::use_frozen(tx, loan.member, loan.terms.amount, loan.terms.amount)?;
    loan.state = LoanState::Repaying;
    loan.paid_out_at = Some(tx.at.business);
    loan.start = Some(today);
    loan.next_due = schedule.rows.first().map(|row| row.due);
    sql::update_loan(tx, &loan)?;
    audit::note(tx, Actor::Platform, "loan.paid_out", Subject::Loan(loan.id), &loan.code)?;
    let facts = [
        ("product", product.version.name.clone()),
        ("amount", loan.received.to_string()),
        ("due", loan.next_due.map_or_else(String::new, |due| due.to_string())),
        ("code", loan.code.clone()),
    ];
    notices::tell(tx, &Notice { member: loan.member, topic: Topic::PaidOut, facts: &facts })
}

/// The provider has declined the payout: nothing was lent. Operators try again or give it up.
pub(super) fn payout_failed(
    tx: &mut Tx<'_, '_>,
    payment: &Payment,
    reason: &str,
) -> Result<(), Fault> {
    let loan = payment.loan.ok_or(Fault::Corrupt("loan_id".into()))?;
    let loan = sql::lock_loan(tx, loan)?.ok_or(Fault::Corrupt("loan".into()))?;
    let failed = Loan { state: LoanState::PayoutFailed, ..loan };
    sql::update_loan(tx, &failed)?;
    audit::note(tx, Actor::Platform, "loan.payout_failed", Subject::Loan(failed.id), reason)
}
