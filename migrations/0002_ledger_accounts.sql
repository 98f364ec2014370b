-- The ledger. Amounts are fen (1/100 yuan); instants are milliseconds since 1970 in UTC.

-- Facts about the installation itself: which key seals it, how far its clock is moved.
CREATE TABLE platform_fact (
    name TEXT NOT NULL CONSTRAINT platform_fact_pk PRIMARY KEY,
    value TEXT NOT NULL
);

-- An account with a stored balance. Its number says what it is: the owner's number with the two
-- digits of the kind behind it (member 42: wallet 4201, frozen 4202; project 7: escrow 703), so
-- that no look-up stands before a movement. Platform accounts have no row: many calls move them
-- at once, and their balance is the sum of their postings.
CREATE TABLE account (
    account_id BIGKEY CONSTRAINT account_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT account_kind CHECK (kind IN ('wallet', 'frozen', 'escrow')),
    owner_id BIGINT NOT NULL,
    balance_fen BIGINT NOT NULL CONSTRAINT account_not_negative CHECK (balance_fen >= 0),
    -- The postings of an account are a chain from the newest backwards: statements walk it, and
    -- no index by account makes every movement dearer.
    last_posting_id BIGINT,
    previous_posting_id BIGINT
);

-- A movement of money: its postings are those with the next `lines` ids, and sum to zero.
CREATE TABLE transfer (
    transfer_id BIGKEY CONSTRAINT transfer_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT transfer_kind CHECK (kind IN
        ('recharge', 'withdrawal', 'bid', 'bid_return', 'collection', 'payout', 'repayment',
         'distribution', 'reversal')),
    -- What it is about: the member, bid or project, by kind.
    subject_id BIGINT NOT NULL,
    lines BIGINT NOT NULL CONSTRAINT transfer_lines CHECK (lines >= 2),
    -- The transfer that this one takes back, where it is a contra entry.
    reverses_id BIGINT,
    posted_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX transfer_reverses ON transfer (reverses_id) WHERE reverses_id IS NOT NULL;

-- One line of a transfer. No foreign key and no index by account: this is the hottest table, its
-- rows are only ever added, and `jiehuan verify` proves what a key would.
CREATE TABLE posting (
    posting_id BIGKEY CONSTRAINT posting_pk PRIMARY KEY,
    transfer_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT posting_moves CHECK (amount_fen <> 0),
    -- The account's balance after this line; NULL on platform accounts.
    balance_fen BIGINT,
    -- The account's posting before this one; NULL on its first and on platform accounts.
    previous_posting_id BIGINT
);

-- Balances of platform accounts up to a posting, so that nobody has to sum them from the start.
CREATE TABLE platform_balance (
    account_id BIGINT NOT NULL,
    through_posting_id BIGINT NOT NULL,
    balance_fen BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    CONSTRAINT platform_balance_pk PRIMARY KEY (account_id, through_posting_id)
);

-- The first answer to each idempotency key, kept for a time.
CREATE TABLE kept_answer (
    key_digest BYTEA NOT NULL CONSTRAINT kept_answer_pk PRIMARY KEY,
    request_digest BYTEA NOT NULL,
    -- Sealed: answers show their member's mobile number.
    answer_sealed BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
);

CREATE INDEX kept_answer_age ON kept_answer (kept_at);
