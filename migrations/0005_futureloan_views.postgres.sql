-- The tables that suites of 前程贷 look into, read-only, in a schema of their own.
-- Amounts are yuan with two decimals; times are timestamps in Asia/Shanghai (UTC+8).
CREATE SCHEMA futureloan;

CREATE VIEW futureloan.member AS
SELECT m.member_id AS id, m.nickname AS reg_name, '********' AS pwd,
    COALESCE(p.mobile, m.mobile_masked) AS mobile_phone,
    CASE m.role WHEN 'administrator' THEN 0 ELSE 1 END AS type,
    CAST(w.balance_fen / 100.0 AS NUMERIC(20, 2)) AS leave_amount,
    to_timestamp(m.registered_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS reg_time
FROM member m
JOIN account w ON w.account_id = m.member_id * 100 + 1
LEFT JOIN member_plain_mobile p ON p.member_id = m.member_id
WHERE m.channel = 'futureloan';

CREATE VIEW futureloan.loan AS
SELECT project_id AS id, borrower_id AS member_id, title, CAST(amount_fen / 100.0 AS NUMERIC(20, 2)) AS amount,
    CAST(rate_ppm / 10000.0 AS NUMERIC(6, 1)) AS loan_rate, tenor AS loan_term,
    CASE tenor_unit WHEN 'month' THEN 1 ELSE 2 END AS loan_date_type, bidding_days,
    to_timestamp(created_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS create_time,
    to_timestamp(bidding_started_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS bidding_start_time,
    to_timestamp(full_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS full_time,
    CASE status WHEN 'auditing' THEN 1 WHEN 'bidding' THEN 2 WHEN 'repaying' THEN 3
        WHEN 'repaid' THEN 4 ELSE 5 END AS status
FROM project;

CREATE VIEW futureloan.invest AS
SELECT bid_id AS id, member_id, project_id AS loan_id, CAST(amount_fen / 100.0 AS NUMERIC(20, 2)) AS amount,
    to_timestamp(made_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS create_time,
    CASE state WHEN 'returned' THEN 0 ELSE 1 END AS is_valid
FROM bid;

CREATE VIEW futureloan.repayment AS
SELECT instalment_id AS id, bid_id AS invest_id,
    to_timestamp(planned_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS create_time, term AS terms,
    CAST(CASE WHEN paid_at IS NULL THEN principal_fen ELSE 0 END / 100.0 AS NUMERIC(20, 2)) AS unfinished_principal,
    CAST(CASE WHEN paid_at IS NULL THEN interest_fen ELSE 0 END / 100.0 AS NUMERIC(20, 2)) AS unfinished_interest,
    due_on::DATE AS repayment_date,
    (to_timestamp(paid_at / 1000) AT TIME ZONE 'Asia/Shanghai')::DATE AS actual_repayment_date,
    CASE WHEN paid_at IS NULL THEN 0 ELSE 2 END AS status
FROM instalment;

-- One row per movement that a member sees. Of a bid, the borrower's balance is the one after the
-- payout; as long as nothing has been paid out, the one they have now. Of a repaid term, the
-- borrower's balance is the one after they paid it.
CREATE VIEW futureloan.financelog AS
SELECT e.posting_id AS id, to_timestamp(t.posted_at / 1000) AT TIME ZONE 'Asia/Shanghai' AS create_time,
    CASE t.kind WHEN 'recharge' THEN NULL WHEN 'distribution' THEN p.borrower_id
        ELSE a.owner_id END AS pay_member_id,
    CASE t.kind WHEN 'withdrawal' THEN NULL WHEN 'bid' THEN p.borrower_id
        ELSE a.owner_id END AS income_member_id,
    CAST(abs(e.amount_fen) / 100.0 AS NUMERIC(20, 2)) AS amount,
    CAST(CASE t.kind WHEN 'withdrawal' THEN NULL WHEN 'bid' THEN COALESCE((
        SELECT o.balance_fen FROM posting o WHERE o.posting_id > p.payout_transfer_id
            AND o.posting_id <= p.payout_transfer_id + 2 AND o.account_id = w.account_id),
        w.balance_fen) ELSE e.balance_fen END / 100.0 AS NUMERIC(20, 2))
        AS income_member_money,
    CAST(CASE t.kind WHEN 'recharge' THEN NULL WHEN 'distribution' THEN (
        SELECT o.balance_fen FROM posting o JOIN transfer r ON r.transfer_id = o.transfer_id
        WHERE o.posting_id < t.transfer_id AND o.account_id = w.account_id
            AND r.kind = 'repayment' AND r.subject_id = t.subject_id
        ORDER BY o.posting_id DESC LIMIT 1)
        ELSE e.balance_fen END / 100.0 AS NUMERIC(20, 2))
        AS pay_member_money,
    CASE i.state WHEN 'held' THEN 0 WHEN 'returned' THEN 2 ELSE 1 END AS status
FROM posting e
JOIN transfer t ON t.transfer_id = e.transfer_id
JOIN account a ON a.account_id = e.account_id AND a.kind = 'wallet'
LEFT JOIN bid i ON i.bid_id = CASE t.kind WHEN 'bid' THEN t.subject_id END
LEFT JOIN project p ON p.project_id =
    CASE t.kind WHEN 'bid' THEN i.project_id WHEN 'distribution' THEN t.subject_id END
LEFT JOIN account w ON w.account_id = p.borrower_id * 100 + 1
WHERE t.kind IN ('recharge', 'withdrawal', 'bid', 'distribution');
