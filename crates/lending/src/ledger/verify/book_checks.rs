//! The checks of what is added up from the ledger: totals of days, and closed periods.

use super::checks::Check;

/// The closed periods, whose digests are computed anew.
pub(super) const PERIODS: &str = "every closed period is as it was closed";

pub(super) const BOOK_CHECKS: &[Check] = &[Check {
    name: "the totals of every day are what was posted on it, and its movements lie where it says",
    count: "SELECT COUNT(*) AS n FROM ledger_total",
    differences: "SELECT MIN(row_id) AS row_id FROM (
        SELECT business_day AS row_id FROM (
            SELECT business_day, class, debit_fen, credit_fen, postings FROM ledger_total
            UNION ALL SELECT (t.posted_at + 28800000) / 86400000, p.account_id % 100,
                -CAST(SUM(CASE WHEN p.amount_fen < 0 THEN -p.amount_fen ELSE 0 END) AS BIGINT),
                -CAST(SUM(CASE WHEN p.amount_fen > 0 THEN p.amount_fen ELSE 0 END) AS BIGINT),
                -COUNT(*)
            FROM posting p JOIN transfer t ON t.transfer_id = p.transfer_id
            WHERE p.posting_id <= (SELECT through_id FROM ledger_through) GROUP BY 1, 2) d
        GROUP BY business_day, class
        HAVING SUM(debit_fen) <> 0 OR SUM(credit_fen) <> 0 OR SUM(postings) <> 0
        UNION ALL SELECT business_day FROM (
            SELECT business_day, first_id, last_id, transfers FROM ledger_day
            UNION ALL SELECT (posted_at + 28800000) / 86400000, -MIN(transfer_id),
                -MAX(transfer_id + lines), -COUNT(*)
            FROM transfer WHERE transfer_id <= (SELECT through_id FROM ledger_through)
            GROUP BY 1) d
        GROUP BY business_day
        HAVING SUM(first_id) <> 0 OR SUM(last_id) <> 0 OR SUM(transfers) <> 0) w",
}];
