//! Debits and reminders of a day: by the calendar of the rules, once a day, in the contact hours.

use kernel::id::LoanId;
use kernel::{Date, Money};
use store::Fault;

use super::versions::Versions;
use super::{Progress, sql};
use crate::Tx;
use crate::collections;
use crate::customers;
use crate::notices::{self, Notice, Topic};
use crate::servicing::payments::{self, Order, Purpose};
use crate::servicing::{LoanState, lock_loan, pay_by_wallet};

/// Loans of one step: each is looked at by itself, and others wait for their turn meanwhile.
const ALONE: u32 = 1_000;

/// Debits what is due, where the calendar says so: first from the customer's credit, then from
/// the card.
pub(super) fn debit(
    tx: &mut Tx<'_, '_>,
    progress: &Progress,
    most: u32,
) -> Result<Option<(i64, i64)>, Fault> {
    let loans = sql::loans_due_by(tx, progress.through, progress.day, most.min(ALONE))?;
    let Some((last, _)) = loans.last() else { return Ok(None) };
    let (last, rules) = (*last, tx.policy.servicing.clone());
    let mut versions = Versions::default();
    for (loan, due) in loans {
        let loan = LoanId::from_number(loan);
        pay_by_wallet(tx, loan)?;
        let late = u32::try_from(due.days_until(progress.day)).unwrap_or(0);
        if rules.auto_debit && rules.debit_days.contains(&late) {
            debit_card(tx, loan, progress.day, &mut versions)?;
        }
    }
    Ok(Some((last, 0)))
}

fn debit_card(
    tx: &mut Tx<'_, '_>,
    id: LoanId,
    day: Date,
    versions: &mut Versions,
) -> Result<(), Fault> {
    let Some(loan) = lock_loan(tx, id)? else { return Ok(()) };
    if loan.state != LoanState::Repaying {
        return Ok(());
    }
    let Some(card) = customers::payout_card(tx, loan.member)? else { return Ok(()) };
    let book = versions.open(tx, loan)?;
    let amount = book.standing(day)?.due;
    if amount == Money::ZERO {
        return Ok(());
    }
    let order = Order {
        purpose: Purpose::Amount,
        member: book.loan.member,
        loan: id,
        row: None,
        card: card.id,
        amount,
        coupon: None,
        by_page: false,
        by_partner: false,
    };
    // Where the customer is paying just now, there is nothing to do.
    payments::request(tx, &order).map(|_| ())
}

/// Whether customers may be contacted at this hour.
pub(super) fn may_contact(tx: &Tx<'_, '_>) -> bool {
    let text = tx.at.business.shanghai_text();
    let hour: Option<u8> = text.get(11..13).and_then(|hour| hour.parse().ok());
    let (from, to) = tx.policy.servicing.contact_hours;
    hour.is_some_and(|hour| (from..to).contains(&hour))
}

/// Reminds of what is due soon, today, or late.
pub(super) fn remind(
    tx: &mut Tx<'_, '_>,
    progress: &Progress,
    most: u32,
) -> Result<Option<(i64, i64)>, Fault> {
    let rules = tx.policy.servicing.clone();
    let ahead = rules.remind_before.iter().copied().max().unwrap_or(0);
    let until = progress.day.plus_days(ahead).unwrap_or(progress.day);
    let loans = sql::loans_due_by(tx, progress.through, until, most.min(ALONE))?;
    let Some((last, _)) = loans.last() else { return Ok(None) };
    let last = *last;
    let mut versions = Versions::default();
    for (loan, due) in loans {
        let days = due.days_until(progress.day);
        let (calendar, topic) = if days > 0 {
            (&rules.remind_after, Topic::Overdue)
        } else {
            (&rules.remind_before, Topic::DueSoon)
        };
        if calendar.contains(&days.unsigned_abs()) {
            remind_of(tx, LoanId::from_number(loan), (progress.day, topic), &mut versions)?;
        }
    }
    Ok(Some((last, 0)))
}

fn remind_of(
    tx: &mut Tx<'_, '_>,
    id: LoanId,
    (day, topic): (Date, Topic),
    versions: &mut Versions,
) -> Result<(), Fault> {
    let Some(loan) = lock_loan(tx, id)? else { return Ok(()) };
    // Whom collectors may not contact, nobody reminds.
    if collections::stop_of(tx, loan.person)?.is_some() {
        return Ok(());
    }
    let book = versions.open(tx, loan)?;
    let rows = book.due_rows(day)?;
    let Some(row) = rows.iter().find(|row| row.outstanding > Money::ZERO) else { return Ok(()) };
    if !sql::note_reminder(tx, row.row.id, day)? {
        return Ok(());
    }
    let mut late = rows.iter().filter(|row| row.row.due < day).map(|row| row.outstanding);
    let late = late.try_fold(Money::ZERO, Money::plus).unwrap_or(Money::ZERO);
    let amount = if topic == Topic::Overdue { late } else { row.outstanding };
    let facts = [
        ("product", book.product.version.name.clone()),
        ("amount", amount.to_string()),
        ("due", row.row.due.to_string()),
        ("days", row.overdue_days.to_string()),
        ("code", book.loan.code.clone()),
    ];
    notices::tell(tx, &Notice { member: book.loan.member, topic, facts: &facts })
}
