//! A loan with everything that decides what is owed on it.

use std::sync::Arc;

use kernel::id::{LoanId, PlanRowId};
use kernel::{Date, Money};
use pricing::account::{Event, Rules, Standing, What};
use pricing::schedule::Stretch;
use pricing::{CheckedTerms, Schedule};
use store::Fault;

use super::{Loan, Paid, PlanRow, Repayment, sql};
use crate::Tx;
use crate::catalog::{self, Product};

/// A loan with its product's version, its plan and its repayments.
#[derive(Clone, Debug)]
pub struct Book {
    /// The loan.
    pub loan: Loan,
    /// The version that it was made under.
    pub product: Arc<Product>,
    /// Its plan as agreed.
    pub rows: Vec<PlanRow>,
    /// What was paid on it and not taken back, in order.
    pub repayments: Vec<Repayment>,
    terms: CheckedTerms,
    rules: Rules,
}

/// A row of a loan as it stands on a day, for lists of what is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRow {
    /// The row as agreed.
    pub row: PlanRow,
    /// Principal of it that is owed or was paid.
    pub principal: Money,
    /// Interest of it.
    pub interest: Money,
    /// Fees of it.
    pub fee: Money,
    /// Penalties for it so far.
    pub penalty: Money,
    /// What is unpaid of it, penalties included.
    pub outstanding: Money,
    /// How many days it is late.
    pub overdue_days: i32,
}

impl DueRow {
    /// Everything that is or was to be paid for it (应还总额).
    pub fn total(&self) -> Option<Money> {
        self.principal.plus(self.interest)?.plus(self.fee)?.plus(self.penalty)
    }
}

impl Book {
    /// Opens the book of a loan that was paid out.
    pub(crate) fn open(tx: &mut Tx<'_, '_>, loan: Loan) -> Result<Self, Fault> {
        let product = catalog::version(tx, loan.product, loan.version)?;
        let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
        Self::with(tx, loan, Arc::new(product))
    }

    /// Opens the book where the product is at hand.
    pub(super) fn with(
        tx: &mut Tx<'_, '_>,
        loan: Loan,
        product: Arc<Product>,
    ) -> Result<Self, Fault> {
        let broken = |what: &str| Fault::Corrupt(format!("loan {}: {what}", loan.id.number()));
        let start = loan.start.ok_or_else(|| broken("start_day"))?;
        let terms = catalog::terms(&product, &loan.terms, start);
        let terms = terms.map_err(|problem| broken(&problem.en()))?;
        let rules = catalog::rules(&product.version);
        let rows = sql::plan(tx, loan.id)?;
        let mut repayments = sql::repayments(tx, loan.id)?;
        repayments
            .retain(|repayment| !repayment.reversed && repayment.source != super::Source::Recovery);
        Ok(Self { loan, product, rows, repayments, terms, rules })
    }

    /// The schedule as agreed, with every stretch of its interest.
    pub(super) fn explained(&self) -> Result<(Schedule, Vec<Stretch>), Fault> {
        self.terms.explained().map_err(|problem| {
            Fault::Corrupt(format!("loan {}: {}", self.loan.id.number(), problem.en()))
        })
    }

    /// How the loan stands on a day.
    pub fn standing(&self, on: Date) -> Result<Standing, Fault> {
        let event = |repayment: &Repayment| Event {
            on: repayment.on,
            what: if repayment.settles {
                What::Settled(repayment.amount)
            } else {
                What::Paid(repayment.amount)
            },
        };
        let events: Vec<_> = self.repayments.iter().map(event).collect();
        let standing = self.terms.standing(&self.rules, &events, on);
        standing.map_err(|problem| {
            Fault::Corrupt(format!("loan {}: {}", self.loan.id.number(), problem.en()))
        })
    }

    /// The day of the last repayment, if there is one.
    pub(super) fn last_paid_on(&self) -> Option<Date> {
        self.repayments.iter().map(|repayment| repayment.on).max()
    }

    /// What has been paid by a day.
    pub(super) fn paid_on(&self, on: Date) -> Result<Paid, Fault> {
        let until = self.repayments.iter().filter(|repayment| repayment.on <= on);
        until
            .map(|repayment| repayment.parts)
            .try_fold(Paid::NOTHING, |sum, more| sum.plus(&more))
            .ok_or_else(|| Fault::Corrupt(format!("loan {}: paid", self.loan.id.number())))
    }

    /// Every row as it stands on a day.
    pub fn due_rows(&self, on: Date) -> Result<Vec<DueRow>, Fault> {
        Ok(self.rows_in(&self.standing(on)?))
    }

    /// Every row as it is in a standing.
    pub(super) fn rows_in(&self, standing: &Standing) -> Vec<DueRow> {
        let rows = self.rows.iter().zip(&standing.rows);
        rows.map(|(row, stands)| DueRow {
            row: *row,
            principal: stands.row.principal,
            interest: stands.row.interest,
            fee: stands.row.fees,
            penalty: stands.penalties,
            outstanding: stands.outstanding,
            overdue_days: stands.overdue_days,
        })
        .collect()
    }

    /// Whether nothing is owed any more, by a standing.
    pub(super) fn is_over(&self, paid: &Paid, standing: &Standing) -> bool {
        let nothing_open = standing.rows.iter().all(|row| row.outstanding == Money::ZERO);
        nothing_open && paid.principal == self.loan.terms.amount
    }

    /// The number of the row with this place.
    pub(super) fn row_id(loan: LoanId, number: u32) -> PlanRowId {
        let first = loan.number().saturating_mul(super::ROWS_PER_LOAN);
        PlanRowId::from_number(first.saturating_add(i64::from(number)))
    }
}

/// Whether a loan's plan is what its terms say, and its payments were used as the pricing engine
/// uses them; what `verify` asks of each.
pub(crate) fn stands_as_booked(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<bool, Fault> {
    let loan = sql::loan(tx, id)?.ok_or(Fault::Corrupt("loan".into()))?;
    let Ok(book) = Book::open(tx, loan) else { return Ok(false) };
    let Ok(schedule) = book.terms.schedule() else { return Ok(false) };
    let planned = book.rows.len() == schedule.rows.len()
        && book.rows.iter().zip(&schedule.rows).all(|(row, planned)| {
            (row.number, row.from, row.due, row.principal, row.interest, row.fee)
                == (
                    planned.number,
                    planned.from,
                    planned.due,
                    planned.principal,
                    planned.interest,
                    planned.fees,
                )
        });
    let Some(last) = book.last_paid_on() else { return Ok(planned) };
    let Ok(standing) = book.standing(last) else { return Ok(false) };
    let used = book.repayments.len() == standing.payments.len()
        && book.repayments.iter().zip(&standing.payments).all(|(repayment, applied)| {
            (repayment.on, repayment.amount, repayment.excess)
                == (applied.on, applied.amount, applied.excess)
                && repayment.parts
                    == Paid {
                        principal: applied.principal,
                        interest: applied.interest,
                        fee: applied.fees,
                        penalty: applied.penalties,
                    }
        });
    Ok(planned && used)
}

impl Paid {
    /// Nothing.
    pub const NOTHING: Self = Self {
        principal: Money::ZERO,
        interest: Money::ZERO,
        fee: Money::ZERO,
        penalty: Money::ZERO,
    };

    /// Both together.
    pub(super) fn plus(self, more: &Self) -> Option<Self> {
        Some(Self {
            principal: self.principal.plus(more.principal)?,
            interest: self.interest.plus(more.interest)?,
            fee: self.fee.plus(more.fee)?,
            penalty: self.penalty.plus(more.penalty)?,
        })
    }

    /// All parts together.
    pub fn total(&self) -> Option<Money> {
        self.principal.plus(self.interest)?.plus(self.fee)?.plus(self.penalty)
    }
}
