//! The day's income of every loan: of those that run as agreed in sets, of the others one by one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use kernel::Date;
use kernel::id::{LoanId, ProductId};
use store::Fault;

use super::{Progress, sql};
use crate::Tx;
use crate::catalog::{self, Product};
use crate::servicing::accrual::{Targets, bring_to};
use crate::servicing::repaying::settle_rows;
use crate::servicing::{Book, LoanState, lock_loan};

/// Versions of products that a step has met.
#[derive(Default)]
struct Versions(BTreeMap<(ProductId, u32), Arc<Product>>);

impl Versions {
    fn get(
        &mut self,
        tx: &mut Tx<'_, '_>,
        product: ProductId,
        version: u32,
    ) -> Result<Arc<Product>, Fault> {
        match self.0.entry((product, version)) {
            Entry::Occupied(known) => Ok(Arc::clone(known.get())),
            Entry::Vacant(place) => {
                let product = catalog::version(tx, product, version)?;
                let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
                Ok(Arc::clone(place.insert(Arc::new(product))))
            }
        }
    }
}

/// Books a day for the next loans; the last of them and how many, or `None` where there are none.
pub(super) fn accrue(
    tx: &mut Tx<'_, '_>,
    progress: &Progress,
    most: u32,
) -> Result<Option<(i64, i64)>, Fault> {
    let Some(last) = sql::last_of_next(tx, progress.through, most)? else { return Ok(None) };
    let span = (progress.through, last);
    sql::lock_loans(tx, span)?;
    let single = sql::loans_for_themselves(tx, span, progress.day)?;
    let mut worked = sql::accrue_as_agreed(tx, span, progress.day)?;
    let mut versions = Versions::default();
    for loan in single {
        touch(tx, loan, progress.day, &mut versions)?;
        worked = worked.saturating_add(1);
    }
    Ok(Some((last, worked)))
}

/// Brings one loan to a day: what is late is marked, and the difference of its income is booked.
fn touch(tx: &mut Tx<'_, '_>, id: LoanId, day: Date, versions: &mut Versions) -> Result<(), Fault> {
    let Some(loan) = lock_loan(tx, id)? else { return Ok(()) };
    if loan.state != LoanState::Repaying {
        return Ok(());
    }
    let product = versions.get(tx, loan.product, loan.version)?;
    let mut book = Book::with(tx, loan, product)?;
    // A payment of a later day has brought the loan further already.
    let on = book.last_paid_on().map_or(day, |last| last.max(day));
    let standing = book.standing(on)?;
    let targets = Targets::of(&book, &standing)?;
    let paid = book.loan.paid;
    bring_to(tx, id, &paid, &targets)?;
    settle_rows(tx, &mut book, &standing)
}
