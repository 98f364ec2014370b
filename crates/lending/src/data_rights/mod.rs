//! A person's rights over their data (个人信息保护法): a copy of everything that is held about them on an
//! account (第四十五条), and its deletion (第四十七条) as far as no law asks that it be kept.
//!
//! What is held stands in one table, [`holdings`], which both are made from; a test holds it against
//! the classes of all columns.

mod erasing;
pub mod exempt;
pub mod holdings;
mod sql;

#[cfg(test)]
mod tests;

use kernel::id::MemberId;
use kernel::{Date, Instant};
use store::Fault;

pub use erasing::{EraseError, Erased, Kept, Open, Why, erase};

use crate::audit::{self, Subject};
use crate::operators::{self, Operator, ShowError};
use crate::{Tx, customers};

/// Rows of one table that a copy holds at most; nobody comes near it.
pub const MOST_ROWS: i64 = 10_000;

/// Something that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    Nothing,
    /// A number.
    Number(i64),
    /// An amount in fen; below zero for what went out.
    Fen(i64),
    /// A text.
    Text(String),
    /// A business day.
    Day(Date),
    /// An instant.
    At(Instant),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
}

/// What one table holds about somebody.
#[derive(Clone, Debug)]
pub struct Section {
    /// The table.
    pub table: &'static str,
    /// Its rows, each with the names of its columns.
    pub rows: Vec<Vec<(&'static str, Held)>>,
    /// Whether there are more than [`MOST_ROWS`].
    pub is_cut: bool,
}

/// Why there is no copy. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The operator may not see personal data, or gives no reason.
    #[error(transparent)]
    Shown(ShowError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Everything that is held about somebody on an account, in full; noted with the reason.
pub fn export(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    (member, reason): (MemberId, &str),
) -> Result<Vec<Section>, ExportError> {
    customers::customer(tx, member)?.ok_or(ExportError::NoSuchCustomer)?;
    let subject = Subject::Member(member);
    operators::show_personal(tx, operator, subject, "export", reason)
        .map_err(ExportError::Shown)?;
    audit::note(tx, operator.actor(), "customer.exported", subject, "")?;
    Ok(held(tx, member)?)
}

/// What every table holds about somebody; tables without a row are left out.
fn held(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Section>, Fault> {
    let mut sections = Vec::new();
    for holding in holdings::all() {
        let section = sql::section(tx, holding, member)?;
        if !section.rows.is_empty() {
            sections.push(section);
        }
    }
    Ok(sections)
}
