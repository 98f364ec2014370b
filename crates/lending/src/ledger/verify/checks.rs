//! The checks of the books, each a query for the rows that contradict them.
//!
//! A check may lean on those before it: the run ends at the first difference. The digits 1, 2, 3
//! and 11 to 14, and the accounts below 100, are those of the chart of accounts.

/// One check.
pub(super) struct Check {
    pub(super) name: &'static str,
    /// How many rows it covers, as `n`.
    pub(super) count: &'static str,
    /// The least number of a row that contradicts the books, as `row_id`, or NULL. To find just any
    /// row PostgreSQL would take a plan that is quick where there is one, and slow where not.
    pub(super) differences: &'static str,
}

pub(super) const CHECKS: &[Check] = &[
    // The ledger by itself.
    Check {
        name: "every transfer has its lines, and they sum to zero",
        count: "SELECT COUNT(*) AS n FROM transfer",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT t.transfer_id AS row_id FROM transfer t LEFT JOIN (
                SELECT transfer_id, COUNT(*) AS lines, CAST(SUM(amount_fen) AS BIGINT) AS total,
                    MIN(posting_id) AS first_id, MAX(posting_id) AS last_id
                FROM posting GROUP BY transfer_id) p ON p.transfer_id = t.transfer_id
            WHERE p.lines IS NULL OR p.lines <> t.lines OR p.total <> 0
                OR p.first_id <> t.transfer_id + 1 OR p.last_id <> t.transfer_id + t.lines) d",
    },
    Check {
        name: "every posting belongs to a transfer and to an account",
        count: "SELECT COUNT(*) AS n FROM posting",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.posting_id AS row_id FROM posting p
            LEFT JOIN transfer t ON t.transfer_id = p.transfer_id
            LEFT JOIN account a ON a.account_id = p.account_id
            WHERE t.transfer_id IS NULL
                OR (p.account_id IN (51, 52, 53, 61, 62, 63, 64, 71, 72)
                    AND (p.balance_fen IS NOT NULL OR p.previous_posting_id IS NOT NULL))
                OR (p.account_id NOT IN (51, 52, 53, 61, 62, 63, 64, 71, 72)
                    AND (a.account_id IS NULL OR p.balance_fen IS NULL))) d",
    },
    Check {
        name: "every posting goes on from the one before it in its account",
        count: "SELECT COUNT(*) AS n FROM posting WHERE balance_fen IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.posting_id AS row_id FROM posting p
            LEFT JOIN posting q ON q.posting_id = p.previous_posting_id
            WHERE p.balance_fen IS NOT NULL AND (
                CASE WHEN p.account_id % 100 BETWEEN 11 AND 14 THEN p.balance_fen > 0
                    ELSE p.balance_fen < 0 END
                OR (p.previous_posting_id IS NULL AND p.balance_fen <> p.amount_fen)
                OR (p.previous_posting_id IS NOT NULL AND (q.posting_id IS NULL
                    OR q.account_id <> p.account_id
                    OR q.balance_fen + p.amount_fen <> p.balance_fen)))) d",
    },
    Check {
        name: "no two postings go on from the same one",
        count: "SELECT COUNT(*) AS n FROM posting WHERE balance_fen IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT account_id AS row_id FROM posting WHERE balance_fen IS NOT NULL
            GROUP BY account_id, COALESCE(previous_posting_id, 0) HAVING COUNT(*) > 1) d",
    },
    Check {
        name: "every stored balance is the sum of its postings and that of its last one",
        count: "SELECT COUNT(*) AS n FROM account",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT a.account_id AS row_id FROM account a
            LEFT JOIN (SELECT account_id, CAST(SUM(amount_fen) AS BIGINT) AS total
                FROM posting GROUP BY account_id) s ON s.account_id = a.account_id
            LEFT JOIN posting l ON l.posting_id = a.last_posting_id
            LEFT JOIN posting after ON after.previous_posting_id = a.last_posting_id
            WHERE a.balance_fen <> COALESCE(s.total, 0)
                OR a.balance_fen <> COALESCE(l.balance_fen, 0)
                OR (a.last_posting_id IS NULL AND s.total IS NOT NULL)
                OR (a.last_posting_id IS NOT NULL
                    AND (l.posting_id IS NULL OR l.account_id <> a.account_id))
                OR COALESCE(a.previous_posting_id, 0) <> COALESCE(l.previous_posting_id, 0)
                OR after.posting_id IS NOT NULL) d",
    },
    Check {
        name: "every account is what its number says and belongs to somebody",
        count: "SELECT COUNT(*) AS n FROM account",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT a.account_id AS row_id FROM account a
            LEFT JOIN member m ON m.member_id = a.owner_id AND a.kind IN ('wallet', 'frozen')
            LEFT JOIN project p ON p.project_id = a.owner_id AND a.kind = 'escrow'
            LEFT JOIN loan l ON l.loan_id = a.owner_id AND a.kind LIKE 'loan%'
            WHERE a.account_id <> a.owner_id * 100
                    + CASE a.kind WHEN 'wallet' THEN 1 WHEN 'frozen' THEN 2 WHEN 'escrow' THEN 3
                        WHEN 'loan_principal' THEN 11 WHEN 'loan_interest' THEN 12
                        WHEN 'loan_fee' THEN 13 ELSE 14 END
                OR (m.member_id IS NULL AND p.project_id IS NULL AND l.loan_id IS NULL)) d",
    },
    Check {
        name: "every contra entry takes back the whole of one transfer",
        count: "SELECT COUNT(*) AS n FROM transfer WHERE reverses_id IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT t.transfer_id AS row_id FROM transfer t
            LEFT JOIN transfer o ON o.transfer_id = t.reverses_id
            LEFT JOIN (SELECT r.transfer_id, COUNT(*) AS lines FROM transfer r
                JOIN transfer o ON o.transfer_id = r.reverses_id
                JOIN posting p ON p.transfer_id = r.transfer_id
                JOIN posting q ON q.transfer_id = o.transfer_id
                    AND q.account_id = p.account_id AND q.amount_fen = -p.amount_fen
                GROUP BY r.transfer_id) m ON m.transfer_id = t.transfer_id
            WHERE (t.reverses_id IS NULL) <> (t.kind NOT IN ('bid_return', 'lead_return', 'reversal'))
                OR (t.reverses_id IS NOT NULL AND (o.transfer_id IS NULL OR o.lines <> t.lines
                    OR COALESCE(m.lines, 0) <> t.lines))) d",
    },
    Check {
        name: "every snapshot of a platform account is the sum of its postings",
        count: "SELECT COUNT(*) AS n FROM platform_balance",
        // Each by what it adds to the one before it, so that no posting is read twice.
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT b.account_id AS row_id FROM (
                SELECT account_id, through_posting_id, balance_fen,
                    LAG(through_posting_id, 1, CAST(0 AS BIGINT)) OVER earlier AS since_posting_id,
                    LAG(balance_fen, 1, CAST(0 AS BIGINT)) OVER earlier AS before_fen
                FROM platform_balance
                WINDOW earlier AS (PARTITION BY account_id ORDER BY through_posting_id)) b
            WHERE b.balance_fen - b.before_fen
                <> (SELECT CAST(COALESCE(SUM(p.amount_fen), 0) AS BIGINT)
                    FROM posting p WHERE p.account_id = b.account_id
                        AND p.posting_id > b.since_posting_id
                        AND p.posting_id <= b.through_posting_id)) d",
    },
    // Members.
    Check {
        name: "every member has a wallet and a frozen account",
        count: "SELECT COUNT(*) AS n FROM member",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT m.member_id AS row_id FROM member m
            LEFT JOIN account w ON w.account_id = m.member_id * 100 + 1
            LEFT JOIN account f ON f.account_id = m.member_id * 100 + 2
            WHERE w.account_id IS NULL OR f.account_id IS NULL) d",
    },
    Check {
        name: "every recharge and withdrawal is between its member's wallet and the bank",
        count: "SELECT COUNT(*) AS n FROM transfer WHERE kind IN ('recharge', 'withdrawal')",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT t.transfer_id AS row_id FROM transfer t
            LEFT JOIN posting w ON w.transfer_id = t.transfer_id
                AND w.account_id = t.subject_id * 100 + 1
            LEFT JOIN posting b ON b.transfer_id = t.transfer_id AND b.account_id = 51
            WHERE t.kind IN ('recharge', 'withdrawal') AND (t.lines <> 2
                OR w.posting_id IS NULL OR b.posting_id IS NULL
                OR (w.amount_fen > 0) <> (t.kind = 'recharge'))) d",
    },
    // The market.
    Check {
        name: "what is frozen is what is held by bids and for leads",
        count: "SELECT COUNT(*) AS n FROM account WHERE kind = 'frozen'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT a.owner_id AS row_id FROM account a
            LEFT JOIN (SELECT member_id, CAST(SUM(amount_fen) AS BIGINT) AS held
                FROM bid WHERE state = 'held' GROUP BY member_id) b ON b.member_id = a.owner_id
            LEFT JOIN (SELECT claimer_id, CAST(SUM(fee_fen) AS BIGINT) AS held FROM lead
                WHERE state IN ('claimed', 'working') GROUP BY claimer_id) l
                ON l.claimer_id = a.owner_id
            WHERE a.kind = 'frozen'
                AND a.balance_fen <> COALESCE(b.held, 0) + COALESCE(l.held, 0)) d",
    },
    Check {
        name: "every bid has frozen its money, and has it back if it was returned",
        count: "SELECT COUNT(*) AS n FROM bid",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT b.bid_id AS row_id FROM bid b
            LEFT JOIN transfer t ON t.transfer_id = b.transfer_id AND t.kind = 'bid'
                AND t.subject_id = b.bid_id AND t.lines = 2
            LEFT JOIN posting w ON w.transfer_id = t.transfer_id
                AND w.account_id = b.member_id * 100 + 1
            LEFT JOIN posting f ON f.transfer_id = t.transfer_id
                AND f.account_id = b.member_id * 100 + 2
            LEFT JOIN transfer r ON r.reverses_id = b.transfer_id AND r.kind = 'bid_return'
            WHERE w.posting_id IS NULL OR f.posting_id IS NULL OR f.amount_fen <> b.amount_fen
                OR (r.transfer_id IS NOT NULL) <> (b.state = 'returned')
            UNION ALL SELECT t.transfer_id FROM transfer t
            LEFT JOIN bid b ON b.bid_id = t.subject_id AND b.transfer_id = t.transfer_id
            WHERE t.kind = 'bid' AND b.bid_id IS NULL) d",
    },
    Check {
        name: "every project stands where its bids say, and its escrow is empty",
        count: "SELECT COUNT(*) AS n FROM project",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.project_id AS row_id FROM project p
            LEFT JOIN account e ON e.account_id = p.project_id * 100 + 3
            LEFT JOIN (SELECT project_id,
                CAST(SUM(CASE WHEN state = 'held' THEN amount_fen ELSE 0 END) AS BIGINT) AS held,
                CAST(SUM(CASE WHEN state = 'lent' THEN amount_fen ELSE 0 END) AS BIGINT) AS lent
                FROM bid GROUP BY project_id) b ON b.project_id = p.project_id
            WHERE e.account_id IS NULL OR e.balance_fen <> 0
                OR p.raised_fen <> COALESCE(b.held, 0) + COALESCE(b.lent, 0)
                OR (p.status = 'bidding' AND p.raised_fen = p.amount_fen)
                OR (p.status IN ('repaying', 'repaid')
                    AND (p.raised_fen <> p.amount_fen OR COALESCE(b.held, 0) <> 0))
                OR (p.status NOT IN ('repaying', 'repaid') AND COALESCE(b.lent, 0) <> 0)
                OR (p.status NOT IN ('bidding', 'repaying', 'repaid') AND p.raised_fen <> 0)
                OR (p.closed_at IS NOT NULL) <> (p.status IN ('repaid', 'rejected', 'failed'))) d",
    },
    Check {
        name: "every full project was collected and paid out to its borrower",
        count: "SELECT COUNT(*) AS n FROM project WHERE status IN ('repaying', 'repaid')",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.project_id AS row_id FROM project p
            LEFT JOIN (SELECT t.subject_id, CAST(SUM(e.amount_fen) AS BIGINT) AS total
                FROM transfer t JOIN posting e ON e.transfer_id = t.transfer_id
                    AND e.account_id = t.subject_id * 100 + 3
                WHERE t.kind = 'collection' GROUP BY t.subject_id) c
                ON c.subject_id = p.project_id
            LEFT JOIN (SELECT t.subject_id, CAST(SUM(w.amount_fen) AS BIGINT) AS total
                FROM transfer t JOIN project o ON o.project_id = t.subject_id
                JOIN posting w ON w.transfer_id = t.transfer_id
                    AND w.account_id = o.borrower_id * 100 + 1
                WHERE t.kind = 'payout' GROUP BY t.subject_id) w ON w.subject_id = p.project_id
            WHERE (p.full_at IS NOT NULL) <> (p.status IN ('repaying', 'repaid'))
                OR COALESCE(c.total, 0)
                    <> CASE WHEN p.full_at IS NULL THEN 0 ELSE p.amount_fen END
                OR COALESCE(w.total, 0)
                    <> CASE WHEN p.full_at IS NULL THEN 0 ELSE p.amount_fen END) d",
    },
    Check {
        name: "every lent bid has a plan that repays it, and no other bid has one",
        count: "SELECT COUNT(*) AS n FROM bid",
        // Weighted with the term, the principal shows that all of it comes with the last.
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT b.bid_id AS row_id FROM bid b
            JOIN (SELECT project_id,
                CASE tenor_unit WHEN 'day' THEN 1 ELSE tenor END AS terms FROM project) p
                ON p.project_id = b.project_id
            LEFT JOIN (SELECT bid_id, COUNT(*) AS terms, MIN(term) AS first_term,
                MAX(term) AS last_term, MIN(project_id) AS one_project,
                MAX(project_id) AS other_project,
                CAST(SUM(CASE WHEN instalment_id = bid_id * 100 + term THEN 0 ELSE 1 END)
                    AS BIGINT) AS misnumbered,
                CAST(SUM(principal_fen) AS BIGINT) AS principal,
                CAST(SUM(principal_fen * term) AS BIGINT) AS weighted
                FROM instalment GROUP BY bid_id) i ON i.bid_id = b.bid_id
            WHERE (b.state = 'lent') <> (i.bid_id IS NOT NULL)
                OR i.terms <> p.terms OR i.first_term <> 1 OR i.last_term <> p.terms
                OR i.one_project <> b.project_id OR i.other_project <> b.project_id
                OR i.misnumbered <> 0 OR i.principal <> b.amount_fen
                OR i.weighted <> b.amount_fen * p.terms
            UNION ALL SELECT i.instalment_id FROM instalment i
            LEFT JOIN bid b ON b.bid_id = i.bid_id WHERE b.bid_id IS NULL) d",
    },
    Check {
        name: "every term bears the interest of its project's rate, and every bid its share",
        count: "SELECT COUNT(*) AS n FROM instalment",
        // By another formula than the plan's: in whole hundreds of yuan, so that it fits 64 bits.
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT i.instalment_id AS row_id FROM instalment i
            JOIN bid b ON b.bid_id = i.bid_id
            JOIN (SELECT project_id, amount_fen / 10000 AS hundreds, CASE tenor_unit
                WHEN 'day' THEN (amount_fen / 10000 * rate_ppm * tenor * 2 + 36000) / 72000
                ELSE (amount_fen / 10000 * rate_ppm * 2 + 1200) / 2400 END AS interest
                FROM project) p ON p.project_id = i.project_id
            JOIN (SELECT project_id, term, CAST(SUM(interest_fen) AS BIGINT) AS interest
                FROM instalment GROUP BY project_id, term) t
                ON t.project_id = i.project_id AND t.term = i.term
            WHERE t.interest <> p.interest
                OR i.interest_fen - p.interest * (b.amount_fen / 10000) / p.hundreds
                    NOT IN (0, 1)) d",
    },
    Check {
        name: "the terms that are repaid are those whose instalments are paid",
        count: "SELECT COUNT(*) AS n FROM project",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.project_id AS row_id FROM project p
            LEFT JOIN instalment i ON i.project_id = p.project_id
                AND (i.paid_at IS NOT NULL) <> (i.term <= p.terms_repaid)
            WHERE i.instalment_id IS NOT NULL OR (p.full_at IS NULL AND p.terms_repaid <> 0)
                OR p.terms_repaid > CASE p.tenor_unit WHEN 'day' THEN 1 ELSE p.tenor END
                OR (p.status = 'repaid') <> (p.terms_repaid
                    >= CASE p.tenor_unit WHEN 'day' THEN 1 ELSE p.tenor END)) d",
    },
    Check {
        name: "what every investor was given is what their paid instalments say",
        count: "SELECT COUNT(*) AS n FROM instalment WHERE paid_at IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT project_id AS row_id FROM (
                SELECT i.project_id, b.member_id, i.principal_fen + i.interest_fen AS fen
                FROM instalment i JOIN bid b ON b.bid_id = i.bid_id WHERE i.paid_at IS NOT NULL
                UNION ALL SELECT t.subject_id, e.account_id / 100, -e.amount_fen
                FROM transfer t JOIN posting e ON e.transfer_id = t.transfer_id
                    AND e.account_id % 100 = 1
                WHERE t.kind = 'distribution') g
            GROUP BY project_id, member_id HAVING SUM(fen) <> 0) d",
    },
    Check {
        name: "what every borrower has repaid is what the paid instalments say",
        count: "SELECT COUNT(*) AS n FROM project WHERE terms_repaid > 0",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.project_id AS row_id FROM project p
            LEFT JOIN (SELECT project_id,
                    CAST(SUM(principal_fen + interest_fen) AS BIGINT) AS total
                FROM instalment WHERE paid_at IS NOT NULL GROUP BY project_id) i
                ON i.project_id = p.project_id
            LEFT JOIN (SELECT t.subject_id, CAST(SUM(-w.amount_fen) AS BIGINT) AS total
                FROM transfer t JOIN project o ON o.project_id = t.subject_id
                JOIN posting w ON w.transfer_id = t.transfer_id
                    AND w.account_id = o.borrower_id * 100 + 1
                WHERE t.kind = 'repayment' GROUP BY t.subject_id) r
                ON r.subject_id = p.project_id
            WHERE COALESCE(i.total, 0) <> COALESCE(r.total, 0)) d",
    },
];
