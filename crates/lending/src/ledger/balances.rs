//! Balances of the platform's own accounts, and the trial balance.

use store::{Fault, params};

use super::Account;
use crate::Tx;
use crate::ids::IdSource;

/// Postings younger than this may still be on their way into the database on another node; no
/// call lives as long. Snapshots stop before them.
pub(super) const SETTLED_AFTER_MS: i64 = 10 * 60 * 1000;

/// One line of the trial balance: a kind of account and the sum of its balances, in fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialLine {
    /// The word of the kind: `wallet`, `loan_principal`, `bank_clearing`, …
    pub account: String,
    /// Accounts of this kind.
    pub accounts: i64,
    /// Sum of their balances in fen, credits positive. All lines sum to zero.
    pub balance_fen: i64,
}

/// The balances by kind of account, empty ones of the lender left out. They sum to zero, or
/// `verify` says where they do not.
pub fn trial_balance(tx: &mut Tx<'_, '_>) -> Result<Vec<TrialLine>, Fault> {
    let select = "SELECT kind, COUNT(*) AS accounts, CAST(SUM(balance_fen) AS BIGINT) AS total
        FROM account GROUP BY kind ORDER BY kind";
    let mut lines = tx.rows(select, params![], |row| {
        Ok(TrialLine {
            account: row.text("kind")?,
            accounts: row.i64("accounts")?,
            balance_fen: row.i64("total")?,
        })
    })?;
    for account in Account::platform() {
        let balance_fen = platform_balance(tx, account, i64::MAX)?;
        // A market has no income of its own and a lender no bank: what is empty is left out.
        if balance_fen == 0 && account != Account::BankClearing {
            continue;
        }
        lines.push(TrialLine { account: account.word().into(), accounts: 1, balance_fen });
    }
    Ok(lines)
}

/// The last snapshot plus what was posted since, up to a posting; in fen.
pub(super) fn platform_balance(
    tx: &mut Tx<'_, '_>,
    account: Account,
    through: i64,
) -> Result<i64, Fault> {
    let select = "SELECT through_posting_id, balance_fen FROM platform_balance
        WHERE account_id = ?1 AND through_posting_id <= ?2
        ORDER BY through_posting_id DESC LIMIT 1";
    let number = account.number();
    let snapshot = tx.row(select, params![number, through], |row| {
        Ok((row.i64("through_posting_id")?, row.i64("balance_fen")?))
    })?;
    let (since, before) = snapshot.unwrap_or((0, 0));
    let select = "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS total FROM posting
        WHERE account_id = ?1 AND posting_id > ?2 AND posting_id <= ?3";
    let later = tx.row(select, params![number, since, through], |row| row.i64("total"))?;
    before
        .checked_add(later.unwrap_or(0))
        .ok_or_else(|| Fault::Corrupt("a platform balance beyond 64 bits".into()))
}

/// Takes a snapshot of each platform account, for the daily job.
pub fn take_platform_balances(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    let settled = IdSource::floor(tx.at.wall.plus_millis(-SETTLED_AFTER_MS));
    let select = "SELECT posting_id FROM posting WHERE posting_id <= ?1
        ORDER BY posting_id DESC LIMIT 1";
    let Some(through) = tx.row(select, params![settled], |row| row.i64("posting_id"))? else {
        return Ok(());
    };
    for account in Account::platform() {
        let balance = platform_balance(tx, account, through)?;
        let insert = "INSERT INTO platform_balance
            (account_id, through_posting_id, balance_fen, taken_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (account_id, through_posting_id) DO NOTHING";
        tx.execute(insert, params![account.number(), through, balance, tx.at.wall])?;
    }
    Ok(())
}
