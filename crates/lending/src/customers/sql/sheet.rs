//! The rows of what customers tell in an app's own form.

use kernel::id::MemberId;
use store::{Fault, params};

use crate::Tx;

const TEXT: &str = "customer_sheet.text";

/// Puts a text in the place of an earlier one. The customer is locked by the caller.
pub(in crate::customers) fn put(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    text: &str,
) -> Result<(), Fault> {
    let sealed = tx.vault.seal(TEXT, member.number(), text)?;
    let put = "INSERT INTO customer_sheet (member_id, text_sealed, saved_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (member_id) DO UPDATE SET text_sealed = EXCLUDED.text_sealed,
            saved_at = EXCLUDED.saved_at";
    tx.execute(put, params![member, &sealed, tx.at.business]).map(|_| ())
}

pub(in crate::customers) fn text(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<String>, Fault> {
    let vault = tx.vault;
    let select = "SELECT text_sealed FROM customer_sheet WHERE member_id = ?1";
    tx.row(select, params![member], |row| {
        vault.open(TEXT, member.number(), &row.blob("text_sealed")?)
    })
}
