//! The rows of what customers tell in free words.

use kernel::id::MemberId;
use store::{Fault, params};

use crate::Tx;

const TEXT: &str = "customer_statement.text";

/// Puts a text in the place of an earlier one. The customer is locked by the caller.
pub(in crate::customers) fn put(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    section: &str,
    text: &str,
) -> Result<(), Fault> {
    let delete = "DELETE FROM customer_statement WHERE member_id = ?1 AND section = ?2";
    tx.execute(delete, params![member, section])?;
    let id = tx.ids.take(tx.at.wall, 1);
    let sealed = tx.vault.seal(TEXT, id, text)?;
    let insert = "INSERT INTO customer_statement (statement_id, member_id, section, text_sealed,
            saved_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(insert, params![id, member, section, &sealed, tx.at.business]).map(|_| ())
}

pub(in crate::customers) fn text(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    section: &str,
) -> Result<Option<String>, Fault> {
    let vault = tx.vault;
    let select = "SELECT statement_id, text_sealed FROM customer_statement
        WHERE member_id = ?1 AND section = ?2";
    tx.row(select, params![member, section], |row| {
        vault.open(TEXT, row.i64("statement_id")?, &row.blob("text_sealed")?)
    })
}
