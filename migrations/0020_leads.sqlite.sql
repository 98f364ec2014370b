-- Leads that loan officers exchange (document 003), and the movements of the fee for one. SQLite
-- changes no constraint in place: the table of movements is made anew with its rows.

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
         'recovery', 'refund', 'coupon', 'lead_hold', 'lead_return', 'lead_fee')),
    subject_id BIGINT NOT NULL,
    lines BIGINT NOT NULL CONSTRAINT transfer_lines CHECK (lines >= 2),
    reverses_id BIGINT,
    posted_at BIGINT NOT NULL
);
INSERT INTO transfer SELECT transfer_id, kind, subject_id, lines, reverses_id, posted_at
    FROM transfer_copy;
DROP TABLE transfer_copy;
CREATE UNIQUE INDEX transfer_reverses ON transfer (reverses_id) WHERE reverses_id IS NOT NULL;

-- A lead (甩单): somebody who wants a loan, as one loan officer tells the others. It is about a
-- person who is no user: everything personal stands in one sealed text, which is erased after a
-- time unless an application was made of it. The blind index finds what is told twice.
CREATE TABLE lead (
    lead_id INTEGER CONSTRAINT lead_pk PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT lead_state CHECK (state IN
        ('open', 'claimed', 'working', 'won', 'lost', 'withdrawn', 'expired')),
    amount_fen BIGINT NOT NULL CONSTRAINT lead_amount CHECK (amount_fen > 0),
    customer_kind TEXT NOT NULL
        CONSTRAINT lead_customer_kind CHECK (customer_kind IN ('employee', 'company')),
    loan_kind TEXT NOT NULL
        CONSTRAINT lead_loan_kind CHECK (loan_kind IN ('credit', 'car', 'house')),
    term TEXT NOT NULL CONSTRAINT lead_term CHECK (term IN
        ('3_months', '6_months', '1_year', '2_years', '3_years', '4_years', '5_years')),
    -- What whoever wins it pays its owner.
    fee_fen BIGINT NOT NULL CONSTRAINT lead_fee CHECK (fee_fen >= 0),
    id_no_index BYTEA,
    details_sealed BYTEA,
    submitted_at BIGINT NOT NULL,
    claimer_id BIGINT,
    claimed_at BIGINT,
    -- The movement that holds the fee, while it is held and after it was paid.
    hold_transfer_id BIGINT,
    closed_at BIGINT,
    -- Whose application it is to become: the account of the person at a lending channel.
    customer_id BIGINT,
    handed_over_at BIGINT,
    application_id BIGINT,
    applied_at BIGINT,
    erased_at BIGINT,
    CONSTRAINT lead_owner FOREIGN KEY (owner_id) REFERENCES customer (member_id),
    CONSTRAINT lead_claimer FOREIGN KEY (claimer_id) REFERENCES customer (member_id),
    CONSTRAINT lead_customer FOREIGN KEY (customer_id) REFERENCES customer (member_id),
    CONSTRAINT lead_application FOREIGN KEY (application_id)
        REFERENCES application (application_id),
    CONSTRAINT lead_claimed CHECK ((claimer_id IS NULL) = (claimed_at IS NULL)
        AND (claimer_id IS NOT NULL OR state NOT IN ('claimed', 'working', 'won', 'lost'))
        AND (claimer_id IS NULL OR state <> 'open')),
    CONSTRAINT lead_not_own CHECK (claimer_id IS NULL OR claimer_id <> owner_id),
    CONSTRAINT lead_held CHECK (
        (hold_transfer_id IS NOT NULL) = (fee_fen > 0 AND state IN ('claimed', 'working', 'won'))),
    CONSTRAINT lead_handed_over CHECK ((customer_id IS NULL) = (handed_over_at IS NULL)
        AND (application_id IS NULL) = (applied_at IS NULL)
        AND (application_id IS NULL OR customer_id IS NOT NULL)),
    CONSTRAINT lead_erased CHECK ((details_sealed IS NULL) = (erased_at IS NOT NULL)
        AND (id_no_index IS NULL) = (erased_at IS NOT NULL))
);

CREATE INDEX lead_by_state ON lead (state, lead_id);
CREATE INDEX lead_by_owner ON lead (owner_id, lead_id);
CREATE INDEX lead_by_claimer ON lead (claimer_id, lead_id) WHERE claimer_id IS NOT NULL;
CREATE INDEX lead_by_customer ON lead (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX lead_by_application ON lead (application_id) WHERE application_id IS NOT NULL;
CREATE INDEX lead_by_person ON lead (id_no_index) WHERE id_no_index IS NOT NULL;
CREATE INDEX lead_by_age ON lead (submitted_at)
    WHERE erased_at IS NULL AND application_id IS NULL;

-- What happened to a lead, by whom; notes are sealed, and erased with the lead.
CREATE TABLE lead_event (
    event_id INTEGER CONSTRAINT lead_event_pk PRIMARY KEY,
    lead_id BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT lead_event_kind CHECK (kind IN
        ('submitted', 'claimed', 'noted', 'released', 'won', 'lost', 'withdrawn',
         'consent_asked', 'handed_over', 'applied', 'expired')),
    -- The officer; nobody for what the platform does by itself.
    officer_id BIGINT,
    note_sealed BYTEA,
    happened_at BIGINT NOT NULL,
    CONSTRAINT lead_event_of FOREIGN KEY (lead_id) REFERENCES lead (lead_id),
    CONSTRAINT lead_event_by FOREIGN KEY (officer_id) REFERENCES customer (member_id)
);

CREATE INDEX lead_event_by_lead ON lead_event (lead_id, event_id);
CREATE INDEX lead_event_by_officer ON lead_event (officer_id) WHERE officer_id IS NOT NULL;
