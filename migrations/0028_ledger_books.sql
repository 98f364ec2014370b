-- What accountants read: totals by business day and class of account, which a job adds up behind
-- the postings, and the periods that were closed.

-- How far the totals have come: every posting up to this id is in them, none after it.
CREATE TABLE ledger_through (
    book BIGKEY CONSTRAINT ledger_through_pk PRIMARY KEY
        CONSTRAINT ledger_through_one CHECK (book = 1),
    through_id BIGINT NOT NULL
);
INSERT INTO ledger_through (book, through_id) VALUES (1, 0);

-- What was posted on a business day (in days since 1970) to the accounts of a class. The class is
-- the two digits of the kind at the end of an account's number, as in the chart of accounts.
CREATE TABLE ledger_total (
    business_day BIGINT NOT NULL,
    class BIGINT NOT NULL,
    debit_fen BIGINT NOT NULL CONSTRAINT ledger_total_debit CHECK (debit_fen >= 0),
    credit_fen BIGINT NOT NULL CONSTRAINT ledger_total_credit CHECK (credit_fen >= 0),
    postings BIGINT NOT NULL,
    CONSTRAINT ledger_total_pk PRIMARY KEY (business_day, class)
);

-- Where the transfers of a business day are found: their ids and those of their postings lie
-- between these, so that no index by day makes every movement dearer.
CREATE TABLE ledger_day (
    business_day BIGKEY CONSTRAINT ledger_day_pk PRIMARY KEY,
    first_id BIGINT NOT NULL,
    last_id BIGINT NOT NULL,
    transfers BIGINT NOT NULL
);

-- A closed period (期间): a month, as 202603. Its digest is over the lines below and the digest of
-- the period before it, so that the closed periods are a chain.
CREATE TABLE ledger_period (
    period BIGKEY CONSTRAINT ledger_period_pk PRIMARY KEY,
    digest BYTEA NOT NULL,
    closed_by BIGINT NOT NULL,
    -- By the wall clock.
    closed_at BIGINT NOT NULL,
    CONSTRAINT ledger_period_by FOREIGN KEY (closed_by) REFERENCES operator (operator_id)
);
CREATE INDEX ledger_period_closed_by ON ledger_period (closed_by);

-- The trial balance of a closed period, by class of account; credits positive.
CREATE TABLE ledger_period_line (
    period BIGINT NOT NULL,
    class BIGINT NOT NULL,
    opening_fen BIGINT NOT NULL,
    debit_fen BIGINT NOT NULL,
    credit_fen BIGINT NOT NULL,
    CONSTRAINT ledger_period_line_pk PRIMARY KEY (period, class),
    CONSTRAINT ledger_period_line_of FOREIGN KEY (period) REFERENCES ledger_period (period)
);

-- The queue of projects that wait for an audit, and the lists by state.
CREATE INDEX project_by_status ON project (status, project_id);
