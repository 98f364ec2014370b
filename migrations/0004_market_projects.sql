-- The market: projects that ask for money, bids on them, and the investors' plans.

CREATE TABLE project (
    project_id BIGKEY CONSTRAINT project_pk PRIMARY KEY,
    borrower_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT project_amount CHECK (amount_fen > 0),
    raised_fen BIGINT NOT NULL
        CONSTRAINT project_never_over CHECK (raised_fen >= 0 AND raised_fen <= amount_fen),
    rate_ppm BIGINT NOT NULL CONSTRAINT project_rate CHECK (rate_ppm > 0),
    tenor BIGINT NOT NULL CONSTRAINT project_tenor CHECK (tenor > 0),
    tenor_unit TEXT NOT NULL CONSTRAINT project_tenor_unit CHECK (tenor_unit IN ('month', 'day')),
    bidding_days BIGINT NOT NULL,
    status TEXT NOT NULL CONSTRAINT project_status CHECK (status IN
        ('auditing', 'bidding', 'repaying', 'repaid', 'rejected', 'failed')),
    terms_repaid BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    bidding_started_at BIGINT,
    bidding_ends_at BIGINT,
    full_at BIGINT,
    -- The movement that paid the borrower out.
    payout_transfer_id BIGINT,
    closed_at BIGINT,
    CONSTRAINT project_borrower FOREIGN KEY (borrower_id) REFERENCES member (member_id)
);

CREATE INDEX project_by_borrower ON project (borrower_id);
CREATE INDEX project_bidding_ends ON project (bidding_ends_at) WHERE status = 'bidding';

CREATE TABLE bid (
    bid_id BIGKEY CONSTRAINT bid_pk PRIMARY KEY,
    project_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT bid_amount CHECK (amount_fen > 0),
    state TEXT NOT NULL CONSTRAINT bid_state CHECK (state IN ('held', 'lent', 'returned')),
    -- The movement of the money from the wallet to the frozen account.
    transfer_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT bid_on FOREIGN KEY (project_id) REFERENCES project (project_id),
    CONSTRAINT bid_by FOREIGN KEY (member_id) REFERENCES member (member_id)
);

CREATE INDEX bid_by_project ON bid (project_id);
CREATE INDEX bid_by_member ON bid (member_id);

-- One row of an investor's plan. Its number is the bid's with the term's two digits behind it.
CREATE TABLE instalment (
    instalment_id BIGKEY CONSTRAINT instalment_pk PRIMARY KEY,
    project_id BIGINT NOT NULL,
    bid_id BIGINT NOT NULL,
    term BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL CONSTRAINT instalment_principal CHECK (principal_fen >= 0),
    interest_fen BIGINT NOT NULL CONSTRAINT instalment_interest CHECK (interest_fen >= 0),
    due_on TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    paid_at BIGINT
);

CREATE INDEX instalment_by_project ON instalment (project_id, term);
