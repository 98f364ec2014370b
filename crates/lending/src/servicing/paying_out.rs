//! The payout (放款): from the approved application to the running loan, through the provider.

use kernel::Money;
use kernel::id::{ApplicationId, CardId, LoanId, PaymentId};
use pricing::legal::{Finding, Verdict};
use store::Fault;

use super::payments::{self, Order, Payment, Purpose};
use super::{BeyondLines, Loan, LoanState, Paid, PlanRow, agreeing, book::Book, sql};
use crate::audit::{self, Actor, Subject};
use crate::customers::Card;
use crate::funding::{self, PARTNER};
use crate::ledger::{self, Account, Kind, Transfer};
use crate::notices::{self, Notice, Topic};
use crate::origination::{self, Application, Disclosed, Quote, State, quote_for};
use crate::{Tx, catalog, credit, customers};

/// Why a payout was not ordered. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum PayOutError {
    /// There is no such application or loan.
    #[error("no such application")]
    NotFound,
    /// It is not approved, or the approval has lapsed, or nothing is drawn on the limit.
    #[error("not approved")]
    NotApproved,
    /// The customer has not confirmed what this loan costs: by the newest disclosure, for these
    /// terms.
    #[error("the costs of these terms are not confirmed")]
    NotDisclosed,
    /// The contract would be above a legal line in force today.
    #[error("above a legal line: {0}")]
    AboveLegalLine(Box<Finding<'static>>),
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

/// Makes the loan of an approved application, with its contract and the authority to debit, and
/// writes the order to pay it out.
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
    let quote = quote_today(tx, &application)?;
    if !origination::may_be_paid_out(quote.product.channel, &application) {
        return Err(PayOutError::NotApproved);
    }
    let (disclosed, excess) = checked(tx, &application, &quote)?;
    let card = customers::payout_card(tx, application.member)?.ok_or(PayOutError::NoCard)?;
    let ready = Ready { application, quote, disclosed, excess, card };
    let loan = make(tx, actor, &ready)?;
    let payment = order(tx, &loan, (ready.card.id, Payer::Provider))?;
    let detail = format!("{} to be paid out", loan.received);
    audit::note(tx, actor, "loan.payout_requested", Subject::Loan(loan.id), &detail)?;
    Ok((loan, payment))
}

/// Makes the loan of a drawdown that the funding partner approves, and writes down that it pays it
/// out, to the card that it was told. Whether the approval has lapsed is not looked at: the partner
/// pays.
pub(crate) fn pay_out_by_partner(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    card: CardId,
) -> Result<PaymentId, PayOutError> {
    if application.state != State::Approved || application.drawn.is_none() {
        return Err(PayOutError::NotApproved);
    }
    let quote = quote_today(tx, application)?;
    let (disclosed, excess) = checked(tx, application, &quote)?;
    let card = customers::card(tx, card)?.ok_or(PayOutError::NoCard)?;
    if !origination::approve_drawdown_by_partner(tx, application)? {
        return Err(PayOutError::NotApproved);
    }
    let ready = Ready { application: application.clone(), quote, disclosed, excess, card };
    let loan = make(tx, PARTNER, &ready)?;
    let payment = order(tx, &loan, (ready.card.id, Payer::Partner))?;
    let detail = format!("{} to be paid out by the funding partner", loan.received);
    audit::note(tx, PARTNER, "loan.payout_requested", Subject::Loan(loan.id), &detail)?;
    Ok(payment)
}

/// The confirmed disclosure of what is to be paid out, and the line that it passes where that is
/// allowed.
fn checked(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
) -> Result<(Disclosed, Option<Finding<'static>>), PayOutError> {
    let disclosed = origination::confirmed_disclosure(tx, application)?;
    let disclosed = disclosed.ok_or(PayOutError::NotDisclosed)?;
    let excess = above_lines(tx, quote)?;
    match excess {
        Some(excess) if !may_pass_lines(tx) => Err(PayOutError::AboveLegalLine(Box::new(excess))),
        excess => Ok((disclosed, excess)),
    }
}

/// An application of which a loan can be made now.
struct Ready {
    application: Application,
    quote: Quote,
    disclosed: Disclosed,
    excess: Option<Finding<'static>>,
    card: Card,
}

/// Makes the loan, with its contract and the authority to debit.
fn make(tx: &mut Tx<'_, '_>, actor: Actor, ready: &Ready) -> Result<Loan, PayOutError> {
    let Ready { application, quote, disclosed, excess, card } = ready;
    let loan = new_loan(tx, application, quote.received)?;
    sql::insert_loan(tx, &loan)?;
    for account in Account::of_loan(loan.id) {
        ledger::open_account(tx, account)?;
    }
    origination::lend(tx, application.id)?;
    // What of a limit is not drawn is free again.
    let rest = application.limit().minus(loan.terms.amount).unwrap_or(Money::ZERO);
    if rest > Money::ZERO {
        credit::unfreeze(tx, application.member, rest)?;
    }
    agreeing::agree(tx, application, (quote, card), &disclosed.document)?;
    if let Some(excess) = excess {
        let subject = Subject::Loan(loan.id);
        audit::note(tx, actor, "loan.beyond_lines", subject, &excess.to_string())?;
    }
    Ok(loan)
}

/// What an approved application comes to if it is paid out today.
fn quote_today(tx: &mut Tx<'_, '_>, application: &Application) -> Result<Quote, Fault> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let quote = quote_for(product, &application.offer(), tx.at.business.date());
    quote.map_err(|error| Fault::Corrupt(format!("approved: {error}")))
}

/// The legal line that a contract made today would be above, if there is one.
fn above_lines(tx: &Tx<'_, '_>, quote: &Quote) -> Result<Option<Finding<'static>>, Fault> {
    let (lender, today) = (quote.product.version.lender, tx.at.business.date());
    let findings = catalog::findings(&quote.terms, lender, today);
    let findings = findings.map_err(|error| Fault::Corrupt(format!("legal lines: {error}")))?;
    Ok(findings.into_iter().find(|finding| finding.verdict == Verdict::Exceeded))
}

fn may_pass_lines(tx: &Tx<'_, '_>) -> bool {
    tx.policy.servicing.beyond_lines == BeyondLines::PaidOut
}

fn new_loan(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    received: Money,
) -> Result<Loan, Fault> {
    Ok(Loan {
        id: sql::next_loan(tx)?,
        application: application.id,
        code: application.code.clone(),
        member: application.member,
        person: application.person,
        product: application.product,
        version: application.version,
        terms: application.offer(),
        received,
        state: LoanState::PayingOut,
        created_at: tx.at.business,
        paid_out_at: None,
        start: None,
        current_row: 1,
        next_due: None,
        overdue_since: None,
        paid: Paid::NOTHING,
        closed_at: None,
    })
}

/// Who pays a loan out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Payer {
    /// The payment provider.
    Provider,
    /// The funding partner.
    Partner,
}

fn order(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
    (card, payer): (CardId, Payer),
) -> Result<PaymentId, PayOutError> {
    let order = Order {
        purpose: Purpose::Payout,
        member: loan.member,
        loan: loan.id,
        row: None,
        card,
        amount: loan.received,
        coupon: None,
        by_page: false,
        by_partner: payer == Payer::Partner,
    };
    payments::request(tx, &order)?.ok_or(PayOutError::UnderWay)
}

/// Orders the payout of a loan again whose first order the provider has declined: to the card
/// that the customer has now. Where that is another one, contract and authority are made anew.
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
    let orders = payments::payments_of(tx, loan.id)?;
    let application = origination::lock_application(tx, loan.application)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    if orders.first().map(|order| order.card) != Some(card.id) {
        let disclosed = origination::confirmed_disclosure(tx, &application)?;
        let disclosed = disclosed.ok_or(PayOutError::NotDisclosed)?;
        let quote = quote_today(tx, &application)?;
        agreeing::agree(tx, &application, (&quote, &card), &disclosed.document)?;
    }
    // Who could not pay it out tries again.
    let by_partner = orders.first().is_some_and(|order| order.by_partner);
    let payer = if by_partner { Payer::Partner } else { Payer::Provider };
    let payment = order(tx, &loan, (card.id, payer))?;
    if payer == Payer::Partner {
        funding::push_withdrawal_again(tx, &application, payment, card.id)?;
    }
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
        (paid_from(payment), payment.amount.credit()),
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
    if payment.by_partner {
        funding::push_plan(tx, loan.application)?;
    }
    let facts = [
        ("product", product.version.name.clone()),
        ("amount", loan.received.to_string()),
        ("due", loan.next_due.map_or_else(String::new, |due| due.to_string())),
        ("code", loan.code.clone()),
    ];
    notices::tell(tx, &Notice { member: loan.member, topic: Topic::PaidOut, facts: &facts })
}

/// Whose money it was.
const fn paid_from(payment: &Payment) -> Account {
    if payment.by_partner { Account::FundingPartner } else { Account::ProviderClearing }
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
