//! The checks of loans: each loan's sub-ledger is what its plan and its payments say.
//!
//! Beside the digits of the chart of accounts, 10000 is how many rows a plan has numbers for.

use super::checks::Check;

pub(super) const LOAN_CHECKS: &[Check] = &[
    Check {
        name: "every loan has its four accounts, and owes nothing when it is closed",
        count: "SELECT COUNT(*) AS n FROM loan",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.loan_id AS row_id FROM loan l
            LEFT JOIN account p ON p.account_id = l.loan_id * 100 + 11
            LEFT JOIN account i ON i.account_id = l.loan_id * 100 + 12
            LEFT JOIN account f ON f.account_id = l.loan_id * 100 + 13
            LEFT JOIN account q ON q.account_id = l.loan_id * 100 + 14
            WHERE p.account_id IS NULL OR i.account_id IS NULL OR f.account_id IS NULL
                OR q.account_id IS NULL
                OR (l.state <> 'repaying' AND (p.balance_fen <> 0 OR i.balance_fen <> 0
                    OR f.balance_fen <> 0 OR q.balance_fen <> 0))) d",
    },
    Check {
        name: "every loan was paid out once, as it says, if it runs or has run",
        count: "SELECT COUNT(*) AS n FROM loan WHERE start_day IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.loan_id AS row_id FROM loan l
            LEFT JOIN (SELECT t.subject_id, COUNT(*) AS payouts,
                    CAST(SUM(o.amount_fen) AS BIGINT) AS owed,
                    CAST(SUM(c.amount_fen) AS BIGINT) AS sent,
                    MIN(c.account_id) AS source
                FROM transfer t
                JOIN posting o ON o.transfer_id = t.transfer_id
                    AND o.account_id = t.subject_id * 100 + 11
                JOIN posting c ON c.transfer_id = t.transfer_id AND c.account_id IN (52, 53)
                WHERE t.kind = 'loan_payout' GROUP BY t.subject_id) p
                ON p.subject_id = l.loan_id
            LEFT JOIN (SELECT loan_id, COUNT(*) AS orders,
                    CAST(SUM(amount_fen) AS BIGINT) AS total,
                    MIN(by_partner) AS by_partner
                FROM payment WHERE purpose = 'payout' AND state = 'succeeded'
                GROUP BY loan_id) o ON o.loan_id = l.loan_id
            WHERE COALESCE(p.payouts, 0) <> CASE WHEN l.start_day IS NULL THEN 0 ELSE 1 END
                OR COALESCE(o.orders, 0) <> COALESCE(p.payouts, 0)
                OR (l.start_day IS NOT NULL AND (p.owed <> -l.principal_fen
                    OR p.sent <> l.received_fen OR o.total <> l.received_fen
                    OR p.source <> 52 + o.by_partner))
                OR (l.start_day IS NULL) <> (l.state IN ('paying_out', 'payout_failed'))
            UNION ALL SELECT t.transfer_id FROM transfer t
            LEFT JOIN loan l ON l.loan_id = t.subject_id
            WHERE t.kind IN ('loan_payout', 'accrual', 'loan_repayment', 'write_off', 'recovery')
                AND l.loan_id IS NULL) d",
    },
    Check {
        name: "every loan that was paid out has a plan that repays it, and no other has one",
        count: "SELECT COUNT(*) AS n FROM plan_row",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.loan_id AS row_id FROM loan l
            LEFT JOIN (SELECT r.loan_id, COUNT(*) AS n, MIN(r.number) AS first_row,
                    MAX(r.number) AS last_row, MIN(r.from_day) AS first_day,
                    CAST(SUM(r.principal_fen) AS BIGINT) AS principal,
                    CAST(SUM(CASE WHEN r.plan_row_id = r.loan_id * 10000 + r.number
                        AND r.from_day < r.due_day AND (r.number = 1 AND r.interest_before_fen = 0
                            OR b.due_day = r.from_day AND r.interest_before_fen
                                = b.interest_before_fen + b.interest_fen)
                        THEN 0 ELSE 1 END) AS BIGINT) AS wrong
                FROM plan_row r
                LEFT JOIN plan_row b ON b.plan_row_id = r.plan_row_id - 1
                    AND b.loan_id = r.loan_id
                GROUP BY r.loan_id) p ON p.loan_id = l.loan_id
            WHERE (l.start_day IS NULL) <> (p.loan_id IS NULL)
                OR p.first_row <> 1 OR p.last_row <> p.n OR p.first_day <> l.start_day
                OR p.principal <> l.principal_fen OR p.wrong <> 0
            UNION ALL SELECT r.plan_row_id FROM plan_row r
            LEFT JOIN loan l ON l.loan_id = r.loan_id WHERE l.loan_id IS NULL) d",
    },
    Check {
        name: "every repayment is posted as it says, to the parts that it was used for",
        count: "SELECT COUNT(*) AS n FROM repayment WHERE source <> 'recovery'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT r.repayment_id AS row_id FROM repayment r
            LEFT JOIN transfer t ON t.transfer_id = r.transfer_id
                AND t.kind = 'loan_repayment' AND t.subject_id = r.loan_id
            LEFT JOIN (SELECT transfer_id, CAST(SUM(CASE account_id % 100 WHEN 11
                        THEN amount_fen ELSE 0 END) AS BIGINT) AS principal,
                    CAST(SUM(CASE account_id % 100 WHEN 12 THEN amount_fen ELSE 0 END)
                        AS BIGINT) AS interest,
                    CAST(SUM(CASE account_id % 100 WHEN 13 THEN amount_fen ELSE 0 END)
                        AS BIGINT) AS fee,
                    CAST(SUM(CASE account_id % 100 WHEN 14 THEN amount_fen ELSE 0 END)
                        AS BIGINT) AS penalty,
                    MIN(CASE WHEN account_id % 100 BETWEEN 11 AND 14 THEN account_id / 100 END)
                        AS one_loan,
                    MAX(CASE WHEN account_id % 100 BETWEEN 11 AND 14 THEN account_id / 100 END)
                        AS other_loan
                FROM posting GROUP BY transfer_id) p ON p.transfer_id = r.transfer_id
            WHERE r.source <> 'recovery' AND (t.transfer_id IS NULL OR p.transfer_id IS NULL
                OR p.principal <> r.principal_fen OR p.interest <> r.interest_fen
                OR p.fee <> r.fee_fen OR p.penalty <> r.penalty_fen
                OR COALESCE(p.one_loan, r.loan_id) <> r.loan_id
                OR COALESCE(p.other_loan, r.loan_id) <> r.loan_id)) d",
    },
    Check {
        name: "every repayment that was taken back has its contra entry, and no other",
        count: "SELECT COUNT(*) AS n FROM repayment WHERE reversed_by_id IS NOT NULL",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT r.repayment_id AS row_id FROM repayment r
            LEFT JOIN transfer t ON t.reverses_id = r.transfer_id
            WHERE COALESCE(r.reversed_by_id, 0) <> COALESCE(t.transfer_id, 0)) d",
    },
    Check {
        name: "what was paid on every loan is the sum of its repayments",
        count: "SELECT COUNT(*) AS n FROM loan",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.loan_id AS row_id FROM loan l
            LEFT JOIN (SELECT loan_id, CAST(SUM(principal_fen) AS BIGINT) AS principal,
                    CAST(SUM(interest_fen) AS BIGINT) AS interest,
                    CAST(SUM(fee_fen) AS BIGINT) AS fee,
                    CAST(SUM(penalty_fen) AS BIGINT) AS penalty
                FROM repayment WHERE reversed_by_id IS NULL AND source <> 'recovery'
                GROUP BY loan_id) r ON r.loan_id = l.loan_id
            WHERE l.principal_paid_fen <> COALESCE(r.principal, 0)
                OR l.interest_paid_fen <> COALESCE(r.interest, 0)
                OR l.fee_paid_fen <> COALESCE(r.fee, 0)
                OR l.penalty_paid_fen <> COALESCE(r.penalty, 0)
                OR (l.state = 'settled' AND l.principal_paid_fen <> l.principal_fen)) d",
    },
    Check {
        name: "what every running loan owes of its principal is what was lent and not repaid",
        count: "SELECT COUNT(*) AS n FROM loan WHERE state = 'repaying'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT l.loan_id AS row_id FROM loan l
            JOIN account p ON p.account_id = l.loan_id * 100 + 11
            WHERE l.state = 'repaying'
                AND p.balance_fen <> l.principal_paid_fen - l.principal_fen) d",
    },
    Check {
        name: "the interest that is booked on every running loan is what it has earned by the day, \
               or what was paid of it",
        count: "SELECT COUNT(*) AS n FROM loan WHERE state = 'repaying'",
        // The day is that of the last day-end that has come past the loan, or of a later payment.
        // Where a payment was taken back or a day-end has failed, more or less may be booked.
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT w.loan_id AS row_id FROM (
                SELECT l.loan_id, l.interest_paid_fen, l.interest_paid_fen - a.balance_fen AS booked,
                    CAST(SUM(CASE WHEN r.due_day <= e.by_day THEN r.interest_fen
                        WHEN r.from_day < e.by_day THEN (2 * r.interest_fen
                            * (e.by_day - r.from_day) + (r.due_day - r.from_day))
                            / (2 * (r.due_day - r.from_day))
                        ELSE 0 END) AS BIGINT) AS earned
                FROM loan l
                JOIN account a ON a.account_id = l.loan_id * 100 + 12
                JOIN plan_row r ON r.loan_id = l.loan_id
                JOIN (SELECT k.loan_id, MAX(k.by_day) AS by_day FROM (
                        SELECT loan_id, start_day AS by_day FROM loan WHERE state = 'repaying'
                        UNION ALL SELECT loan_id, on_day FROM repayment
                        UNION ALL SELECT o.loan_id, d.business_day FROM loan o
                        JOIN (SELECT business_day, CASE phase WHEN 'accrue' THEN through_id
                            ELSE 9000000000000000000 END AS through_id FROM day_end
                            ORDER BY business_day DESC LIMIT 2) d ON d.through_id >= o.loan_id
                        WHERE o.state = 'repaying' AND d.business_day >= o.start_day) k
                    GROUP BY k.loan_id) e ON e.loan_id = l.loan_id
                WHERE l.state = 'repaying'
                    AND l.loan_id NOT IN (SELECT loan_id FROM day_end_failure)
                    AND l.loan_id NOT IN
                        (SELECT loan_id FROM repayment WHERE reversed_by_id IS NOT NULL)
                GROUP BY l.loan_id, l.interest_paid_fen, a.balance_fen) w
            WHERE w.booked <> CASE WHEN w.earned > w.interest_paid_fen THEN w.earned
                ELSE w.interest_paid_fen END) d",
    },
    Check {
        name: "every accrual is between what a loan owes and the income of it",
        count: "SELECT COUNT(*) AS n FROM transfer WHERE kind = 'accrual'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT t.transfer_id AS row_id FROM transfer t
            JOIN (SELECT transfer_id, CAST(SUM(CASE WHEN account_id % 100 BETWEEN 12 AND 14
                        AND account_id > 99 THEN account_id % 100 - 12 + 10 ELSE 0 END)
                        AS BIGINT) AS owed,
                    CAST(SUM(CASE WHEN account_id BETWEEN 61 AND 63 THEN account_id - 61 + 10
                        ELSE 0 END) AS BIGINT) AS income,
                    SUM(CASE WHEN account_id BETWEEN 61 AND 63 THEN 1 ELSE 0 END) AS incomes,
                    MIN(CASE WHEN account_id > 99 THEN account_id / 100 END) AS one_loan,
                    MAX(CASE WHEN account_id > 99 THEN account_id / 100 END) AS other_loan
                FROM posting GROUP BY transfer_id) p ON p.transfer_id = t.transfer_id
            WHERE t.kind = 'accrual' AND (p.owed <> p.income OR p.incomes * 2 <> t.lines
                OR p.one_loan <> t.subject_id OR p.other_loan <> t.subject_id)) d",
    },
    Check {
        name: "every order that has succeeded has moved its money in the books once",
        count: "SELECT COUNT(*) AS n FROM payment WHERE state = 'succeeded'",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT p.payment_id AS row_id FROM payment p
            LEFT JOIN (SELECT payment_id, COUNT(*) AS n,
                    CAST(SUM(amount_fen - coupon_fen) AS BIGINT) AS total
                FROM repayment WHERE payment_id IS NOT NULL GROUP BY payment_id) r
                ON r.payment_id = p.payment_id
            LEFT JOIN loan l ON l.loan_id = p.loan_id
            LEFT JOIN posting c ON c.transfer_id = p.transfer_id AND c.account_id = 52
                AND r.payment_id IS NULL
            WHERE (p.state = 'succeeded' AND p.direction = 'debit'
                    AND (COALESCE(r.n, 0) > 1 OR COALESCE(r.total, -c.amount_fen, 0) <> p.amount_fen))
                OR (p.state <> 'succeeded' AND r.n IS NOT NULL)
                OR (p.purpose = 'payout' AND p.state = 'succeeded' AND l.start_day IS NULL)) d",
    },
    Check {
        name: "what every credit line has in use is what its loans have not repaid",
        count: "SELECT COUNT(*) AS n FROM credit_line",
        // What was written off stays in use: it was not repaid. A repayment that was taken back
        // counts as never made in both.
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT c.member_id AS row_id FROM credit_line c
            LEFT JOIN (SELECT member_id,
                    CAST(SUM(principal_fen - principal_paid_fen) AS BIGINT) AS used
                FROM loan WHERE state IN ('repaying', 'written_off') GROUP BY member_id) l
                ON l.member_id = c.member_id
            WHERE c.used_fen <> COALESCE(l.used, 0)
            UNION ALL SELECT l.loan_id FROM loan l
            LEFT JOIN credit_line c ON c.member_id = l.member_id WHERE c.member_id IS NULL) d",
    },
    Check {
        name: "what every credit line has frozen is what is applied for and not paid out",
        count: "SELECT COUNT(*) AS n FROM credit_line",
        differences: "SELECT MIN(row_id) AS row_id FROM (
            SELECT c.member_id AS row_id FROM credit_line c
            LEFT JOIN (SELECT o.member_id, CAST(SUM(o.frozen_fen) AS BIGINT) AS frozen FROM (
                    SELECT member_id, COALESCE(approved_amount_fen, amount_fen) AS frozen_fen
                    FROM application WHERE state IN ('reviewing', 'approved')
                    UNION ALL SELECT member_id, principal_fen FROM loan
                    WHERE state IN ('paying_out', 'payout_failed') AND closed_at IS NULL) o
                GROUP BY o.member_id) f ON f.member_id = c.member_id
            WHERE c.frozen_fen <> COALESCE(f.frozen, 0)) d",
    },
];
