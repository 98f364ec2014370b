//! Versions of products, each read once in a step.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use kernel::id::ProductId;
use store::Fault;

use crate::Tx;
use crate::catalog::{self, Product};
use crate::servicing::{Book, Loan};

/// Versions of products that a step has met.
#[derive(Default)]
pub(super) struct Versions(BTreeMap<(ProductId, u32), Arc<Product>>);

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

    /// Opens the book of a loan.
    pub(super) fn open(&mut self, tx: &mut Tx<'_, '_>, loan: Loan) -> Result<Book, Fault> {
        let product = self.get(tx, loan.product, loan.version)?;
        Book::with(tx, loan, product)
    }
}
