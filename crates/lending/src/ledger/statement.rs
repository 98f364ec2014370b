//! Statements: an account's postings from the newest backwards.

use kernel::id::{PostingId, TransferId};
use kernel::{Change, Instant, Money};
use store::{Fault, params};

use super::{Account, Kind};
use crate::{Page, Tx};

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The posting.
    pub posting: PostingId,
    /// The movement it belongs to.
    pub transfer: TransferId,
    /// Why the money moved.
    pub kind: Kind,
    /// The number of what it was about.
    pub subject: i64,
    /// When, by the business clock.
    pub at: Instant,
    /// How much came in or went out.
    pub change: Change,
    /// The balance after it.
    pub balance: Money,
}

/// Walks the chain of an account's postings; lazily, so a page costs what stands before it.
const CHAIN: &str = "WITH RECURSIVE chain (posting_id, transfer_id, amount_fen, balance_fen,
        previous_posting_id, place) AS (
    SELECT p.posting_id, p.transfer_id, p.amount_fen, p.balance_fen, p.previous_posting_id, CAST(1 AS BIGINT)
    FROM account a JOIN posting p ON p.posting_id = a.last_posting_id WHERE a.account_id = ?1
    UNION ALL
    SELECT p.posting_id, p.transfer_id, p.amount_fen, p.balance_fen, p.previous_posting_id,
        c.place + 1
    FROM chain c JOIN posting p ON p.posting_id = c.previous_posting_id
    WHERE c.place < CAST(?2 AS BIGINT) + CAST(?3 AS BIGINT)
)
SELECT c.posting_id, c.transfer_id, c.amount_fen, c.balance_fen, t.kind, t.subject_id, t.posted_at
FROM chain c JOIN transfer t ON t.transfer_id = c.transfer_id
WHERE c.place > CAST(?3 AS BIGINT) ORDER BY c.place";

/// One page of an account's statement, newest first. Platform accounts have none.
pub fn statement(tx: &mut Tx<'_, '_>, account: Account, page: Page) -> Result<Vec<Line>, Fault> {
    tx.rows(CHAIN, params![account.number(), page.size(), page.offset()], |row| {
        let change = Change::from_fen(row.i64("amount_fen")?);
        let kind = Kind::parse(&row.text("kind")?);
        let (change, kind) = change.zip(kind).ok_or(Fault::Corrupt("posting".into()))?;
        Ok(Line {
            posting: PostingId::from_number(row.i64("posting_id")?),
            transfer: TransferId::from_number(row.i64("transfer_id")?),
            kind,
            subject: row.i64("subject_id")?,
            at: row.instant("posted_at")?,
            change,
            balance: row.money("balance_fen")?,
        })
    })
}
