//! How the figures of an instalment came about (明细推导): for people who ask, never for booking.

use kernel::id::LoanId;
use kernel::{Date, Money};
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::fees::FeeCharge;
use pricing::fraction::Fraction;
use pricing::schedule::Stretch;
use store::Fault;

use super::{Book, DueRow, sql};
use crate::Tx;
use crate::catalog::Version;

/// An instalment with where its figures come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The instalment as agreed, and as it stands today or stood on the last day of the loan.
    pub row: DueRow,
    /// Principal that is outstanding before it, and after it, as agreed.
    pub balances: (Money, Money),
    /// The stretches of its interest as agreed. Their sum can differ from the interest by a fen
    /// for each, where the row is rounded as a whole; 等本等息 has none.
    pub interest: Vec<Stretch>,
    /// Charges of fees on its day.
    pub fees: Vec<FeeCharge>,
    /// What being late has cost so far, from payment to payment.
    pub penalties: Vec<Lateness>,
    /// The version that the loan was made under.
    pub version: Version,
}

impl Explained {
    /// The part of a year of a stretch as people write it: over the days of the year by the
    /// product's day count, where it is a part of that.
    pub fn year_part(&self, stretch: &Stretch) -> String {
        year_part(stretch.years, self.version.day_count)
    }
}

fn year_part(years: Fraction, count: DayCount) -> String {
    let (num, den) = (years.num(), years.den());
    let basis: u128 = count.basis().parse().unwrap_or(den);
    match basis.checked_div(den) {
        Some(times) if times.checked_mul(den) == Some(basis) => {
            format!("{}/{basis}", num.saturating_mul(times))
        }
        Some(_) | None => format!("{num}/{den}"),
    }
}

/// A stretch of days in which an instalment was late and nothing was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// The due date, or the day of a payment.
    pub from: Date,
    /// The day up to which it is counted.
    pub to: Date,
    /// What the daily rate is taken of; nothing where that is the whole loan.
    pub base: Option<Money>,
    /// What was charged for the stretch: less than base x rate x days where a cap holds.
    pub charged: Money,
}

/// Why there is nothing to explain. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// It has no such instalment, or was not paid out.
    #[error("no such instalment")]
    NoSuchRow,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Explains the figures of an instalment by its number, the first being 1.
pub fn explain(tx: &mut Tx<'_, '_>, id: LoanId, number: u32) -> Result<Explained, ExplainError> {
    let loan = sql::loan(tx, id)?.ok_or(ExplainError::NotFound)?;
    if loan.start.is_none() {
        return Err(ExplainError::NoSuchRow);
    }
    let today = tx.at.business.date();
    let last = loan.closed_at.map_or(today, |closed| closed.date().min(today));
    let book = Book::open(tx, loan)?;
    let corrupt = |what: &str| Fault::Corrupt(format!("loan {}: {what}", id.number()));
    let (schedule, stretches) = book.explained()?;
    let rows = book.due_rows(last)?;
    let row = rows.into_iter().find(|row| row.row.number == number);
    let row = row.ok_or(ExplainError::NoSuchRow)?;
    let planned = schedule.rows.iter().find(|planned| planned.number == number);
    let planned = planned.ok_or_else(|| corrupt("schedule"))?;
    let before = planned.balance.plus(planned.principal).ok_or_else(|| corrupt("balance"))?;
    Ok(Explained {
        balances: (before, planned.balance),
        interest: stretches.into_iter().filter(|stretch| stretch.row == number).collect(),
        fees: schedule
            .fees
            .into_iter()
            .filter(|fee| fee.on == row.row.due && !fee.is_upfront())
            .collect(),
        penalties: lateness(&book, &row, last)?,
        version: book.product.version.clone(),
        row,
    })
}

/// From the due date to the last day, cut at each payment.
fn lateness(book: &Book, row: &DueRow, last: Date) -> Result<Vec<Lateness>, Fault> {
    let due = row.row.due;
    let mut cuts: Vec<Date> = book.repayments.iter().map(|repayment| repayment.on).collect();
    cuts.retain(|day| *day > due && *day < last);
    cuts.push(last);
    cuts.dedup();
    let mut all = Vec::new();
    let (mut from, mut before) = (due, Money::ZERO);
    for to in cuts {
        let stood = row_on(book, row.row.number, from)?;
        let stands = row_on(book, row.row.number, to)?;
        let charged = stands.penalty.minus(before).unwrap_or(Money::ZERO);
        if charged > Money::ZERO {
            all.push(Lateness { from, to, base: base(book, &stood), charged });
            before = stands.penalty;
        }
        from = to;
    }
    Ok(all)
}

fn row_on(book: &Book, number: u32, on: Date) -> Result<DueRow, Fault> {
    let rows = book.due_rows(on)?;
    let row = rows.into_iter().find(|row| row.row.number == number);
    row.ok_or_else(|| Fault::Corrupt(format!("loan {}: rows", book.loan.id.number())))
}

/// What the daily rate is taken of at the beginning of a stretch. Payments are used for the
/// principal last, so that what is open is principal first.
fn base(book: &Book, row: &DueRow) -> Option<Money> {
    let whole = match book.product.version.late.base {
        PenaltyBase::OverduePrincipal => row.principal,
        PenaltyBase::OverduePrincipalAndInterest => row.principal.plus(row.interest)?,
        PenaltyBase::OverdueAmount => row.principal.plus(row.interest)?.plus(row.fee)?,
        PenaltyBase::Outstanding => return None,
    };
    Some(whole.min(row.outstanding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_year_are_written_over_its_days() {
        for (num, den, count, text) in [
            (7, 180, DayCount::Act360, "14/360"),
            (1, 12, DayCount::Thirty360, "30/360"),
            (31, 365, DayCount::Act365, "31/365"),
            (1, 12, DayCount::ActAct, "1/12"),
            (31, 366, DayCount::Act365, "31/366"),
        ] {
            assert_eq!(year_part(Fraction::new(num, den).unwrap(), count), text);
        }
    }
}
