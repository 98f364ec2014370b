//! What customers tell in an app's own form (用户信息): fields by the app's own names, kept as they
//! were told and decided by nobody. Document 000 asks so.

use std::collections::BTreeMap;

use kernel::id::MemberId;
use store::Fault;

use super::Line;
use super::sql::{self, sheet as rows};
use crate::Tx;

/// Fields of a form at most; the document's has 31.
pub const MOST_FIELDS: usize = 64;

/// Between the fields of a text, and between name and value: a line holds neither.
const FIELD: char = '\u{1e}';
const VALUE: char = '\u{1f}';

/// Why nothing was kept. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// More than [`MOST_FIELDS`] fields would be kept.
    #[error("more than {MOST_FIELDS} fields")]
    TooMany,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps fields beside those that were told before; one that is told again takes the old one's
/// place. The names are the channel's own.
pub fn tell(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    fields: &[(&'static str, Line)],
) -> Result<(), SheetError> {
    sql::lock(tx, member)?.ok_or(SheetError::NoSuchCustomer)?;
    let mut all = told(tx, member)?;
    for (name, value) in fields {
        all.insert((*name).to_owned(), value.clone());
    }
    if all.len() > MOST_FIELDS {
        return Err(SheetError::TooMany);
    }
    let mut text = String::new();
    for (name, value) in &all {
        if !text.is_empty() {
            text.push(FIELD);
        }
        text.push_str(name);
        text.push(VALUE);
        text.push_str(value.expose());
    }
    Ok(rows::put(tx, member, &text)?)
}

/// Everything that a customer has told so.
pub fn told(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<BTreeMap<String, Line>, Fault> {
    let broken = || Fault::Corrupt("customer_sheet".into());
    let Some(text) = rows::text(tx, member)? else { return Ok(BTreeMap::new()) };
    let mut all = BTreeMap::new();
    for field in text.split(FIELD).filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once(VALUE).ok_or_else(broken)?;
        all.insert(name.to_owned(), Line::parse(value).ok_or_else(broken)?);
    }
    Ok(all)
}
