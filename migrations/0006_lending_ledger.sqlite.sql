-- Accounts of loans and of the lender beside those of the market, and the kinds of movements on
-- them. SQLite changes no constraint in place: the two tables are made anew with their rows.
-- The accounts of a loan hold what its borrower owes: assets, so their balance is never positive.

CREATE TABLE account_copy (
    account_id BIGINT,
    kind TEXT,
    owner_id BIGINT,
    balance_fen BIGINT,
    last_posting_id BIGINT,
    previous_posting_id BIGINT
);
INSERT INTO account_copy SELECT account_id, kind, owner_id, balance_fen, last_posting_id,
    previous_posting_id FROM account;
DROP TABLE account;
CREATE TABLE account (
    account_id INTEGER CONSTRAINT account_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT account_kind CHECK (kind IN ('wallet', 'frozen', 'escrow',
        'loan_principal', 'loan_interest', 'loan_fee', 'loan_penalty')),
    owner_id BIGINT NOT NULL,
    balance_fen BIGINT NOT NULL CONSTRAINT account_side CHECK (
        CASE WHEN kind LIKE 'loan%' THEN balance_fen <= 0 ELSE balance_fen >= 0 END),
    last_posting_id BIGINT,
    previous_posting_id BIGINT
);
INSERT INTO account SELECT account_id, kind, owner_id, balance_fen, last_posting_id,
    previous_posting_id FROM account_copy;
DROP TABLE account_copy;

CREATE TABLE transfer_copy (
    transfer_id BIGINT,
    kind TEXT,
    subject_id BIGINT,
    lines BIGINT,
    reverses_id BIGINT,
    posted_at BIGINT
);
INSERT INTO transfer_copy SELECT transfer_id, kind, subject_id, lines, reverses_id, posted_at
    FROM transfer;
DROP TABLE transfer;
CREATE TABLE transfer (
    transfer_id INTEGER CONSTRAINT transfer_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT transfer_kind CHECK (kind IN
        ('recharge', 'withdrawal', 'bid', 'bid_return', 'collection', 'payout', 'repayment',
         'distribution', 'reversal', 'loan_payout', 'accrual', 'loan_repayment', 'write_off',
         'recovery', 'refund', 'coupon')),
    subject_id BIGINT NOT NULL,
    lines BIGINT NOT NULL CONSTRAINT transfer_lines CHECK (lines >= 2),
    reverses_id BIGINT,
    posted_at BIGINT NOT NULL
);
INSERT INTO transfer SELECT transfer_id, kind, subject_id, lines, reverses_id, posted_at
    FROM transfer_copy;
DROP TABLE transfer_copy;
CREATE UNIQUE INDEX transfer_reverses ON transfer (reverses_id) WHERE reverses_id IS NOT NULL;
