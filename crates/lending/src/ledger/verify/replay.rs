//! Every loan played again from its terms and its payments, by the pricing engine.

use kernel::id::LoanId;
use store::{Fault, params};

use crate::Tx;
use crate::servicing;

pub(super) const NAME: &str =
    "every loan's plan and the use of its payments are what its terms say";

/// Loans that are looked at between two statements.
const AT_ONCE: i64 = 1000;

/// Plays every loan that was paid out: how many there were, or the first that is not as its rows
/// say.
pub(super) fn loans(tx: &mut Tx<'_, '_>) -> Result<Result<i64, i64>, Fault> {
    let (mut after, mut played) = (0_i64, 0_i64);
    loop {
        let select = "SELECT loan_id FROM loan WHERE loan_id > ?1 AND start_day IS NOT NULL
            ORDER BY loan_id LIMIT ?2";
        let loans = tx.rows(select, params![after, AT_ONCE], |row| row.i64("loan_id"))?;
        let Some(last) = loans.last() else { return Ok(Ok(played)) };
        after = *last;
        for loan in loans {
            if !servicing::stands_as_booked(tx, LoanId::from_number(loan))? {
                return Ok(Err(loan));
            }
            played = played.saturating_add(1);
        }
    }
}
