-- From the application to the settled loan. Columns `*_day` hold business days as days since 1970,
-- so that both engines can reckon with them in one text.

CREATE TABLE application (
    application_id BIGKEY CONSTRAINT application_pk PRIMARY KEY,
    -- The number that people call it by.
    code TEXT NOT NULL CONSTRAINT application_code_once UNIQUE,
    member_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT application_amount CHECK (amount_fen > 0),
    tenor BIGINT NOT NULL,
    tenor_unit TEXT NOT NULL,
    interval_count BIGINT NOT NULL,
    interval_unit TEXT NOT NULL,
    method TEXT NOT NULL,
    rate_ppm BIGINT NOT NULL,
    -- What for, and what is owed elsewhere, in the words of the channel's tables.
    purpose TEXT NOT NULL,
    other_debts TEXT NOT NULL,
    -- The operator report's order number, where the app had one made.
    report_order TEXT NOT NULL,
    -- Where the customer was: longitude and latitude as they were sent.
    place_sealed BYTEA,
    state TEXT NOT NULL CONSTRAINT application_state CHECK (state IN
        ('reviewing', 'approved', 'refused', 'lapsed', 'withdrawn', 'lent')),
    -- How many steps of review by people it has passed.
    steps_passed BIGINT NOT NULL,
    -- What was approved; set with the last step.
    approved_amount_fen BIGINT,
    approved_tenor BIGINT,
    refusal TEXT,
    applied_at BIGINT NOT NULL,
    decided_at BIGINT,
    lapses_at BIGINT,
    CONSTRAINT application_by FOREIGN KEY (member_id) REFERENCES member (member_id),
    CONSTRAINT application_version FOREIGN KEY (product_id, version)
        REFERENCES product_version (product_id, version)
);

CREATE INDEX application_by_member ON application (member_id);
CREATE INDEX application_by_person ON application (person_id);
CREATE INDEX application_open_by_state ON application (state, application_id)
    WHERE state IN ('reviewing', 'approved');
-- A double submit is one application.
CREATE UNIQUE INDEX application_open_once ON application (member_id, product_id)
    WHERE state IN ('reviewing', 'approved');

-- What a rule or a person decided about an application, with the reason.
CREATE TABLE application_decision (
    decision_id BIGKEY CONSTRAINT application_decision_pk PRIMARY KEY,
    application_id BIGINT NOT NULL,
    -- 0 for the automatic rules, then the steps of review.
    step BIGINT NOT NULL,
    verdict TEXT NOT NULL CONSTRAINT application_decision_verdict
        CHECK (verdict IN ('pass', 'refer', 'refuse')),
    -- Which rule, or NULL for a person's decision.
    rule TEXT,
    reason TEXT NOT NULL,
    operator_id BIGINT,
    decided_at BIGINT NOT NULL,
    CONSTRAINT application_decision_on FOREIGN KEY (application_id)
        REFERENCES application (application_id)
);

CREATE INDEX application_decision_by_application ON application_decision (application_id);

CREATE TABLE loan (
    loan_id BIGKEY CONSTRAINT loan_pk PRIMARY KEY,
    application_id BIGINT NOT NULL CONSTRAINT loan_once UNIQUE,
    member_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL CONSTRAINT loan_principal CHECK (principal_fen > 0),
    -- Principal less what is kept back: what the customer receives.
    received_fen BIGINT NOT NULL,
    tenor BIGINT NOT NULL,
    tenor_unit TEXT NOT NULL,
    interval_count BIGINT NOT NULL,
    interval_unit TEXT NOT NULL,
    method TEXT NOT NULL,
    rate_ppm BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT loan_state CHECK (state IN
        ('paying_out', 'payout_failed', 'repaying', 'settled', 'written_off')),
    created_at BIGINT NOT NULL,
    paid_out_at BIGINT,
    -- The day from which interest runs.
    start_day BIGINT,
    -- The row of the plan whose period the last day-end was in.
    current_row BIGINT NOT NULL,
    -- The due day of the oldest row that is not paid; NULL when nothing is to come.
    next_due_day BIGINT,
    -- The due day of the oldest overdue row, where the last day-end or payment has found one.
    overdue_since_day BIGINT,
    -- Sums over all payments that have not been reversed.
    principal_paid_fen BIGINT NOT NULL,
    interest_paid_fen BIGINT NOT NULL,
    fee_paid_fen BIGINT NOT NULL,
    penalty_paid_fen BIGINT NOT NULL,
    closed_at BIGINT,
    CONSTRAINT loan_of FOREIGN KEY (application_id) REFERENCES application (application_id),
    CONSTRAINT loan_by FOREIGN KEY (member_id) REFERENCES member (member_id),
    CONSTRAINT loan_paid_within CHECK (principal_paid_fen >= 0
        AND principal_paid_fen <= principal_fen AND interest_paid_fen >= 0
        AND fee_paid_fen >= 0 AND penalty_paid_fen >= 0)
);

CREATE INDEX loan_by_member ON loan (member_id);
CREATE INDEX loan_by_person ON loan (person_id);
CREATE INDEX loan_next_due ON loan (next_due_day) WHERE state = 'repaying';
CREATE INDEX loan_overdue ON loan (loan_id) WHERE overdue_since_day IS NOT NULL;

-- The plan (还款计划) as agreed at the payout; never changed. Its number is the loan's with the
-- row's four digits behind it.
CREATE TABLE plan_row (
    plan_row_id BIGKEY CONSTRAINT plan_row_pk PRIMARY KEY,
    loan_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    from_day BIGINT NOT NULL,
    due_day BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL,
    interest_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    -- Interest of all rows before it, so that what has been earned is one look-up.
    interest_before_fen BIGINT NOT NULL
);

-- An order to the payment provider: money out to a customer, or in from one.
CREATE TABLE payment (
    payment_id BIGKEY CONSTRAINT payment_pk PRIMARY KEY,
    -- What the provider knows it by; never used twice.
    order_no TEXT NOT NULL CONSTRAINT payment_order_once UNIQUE,
    direction TEXT NOT NULL CONSTRAINT payment_direction
        CHECK (direction IN ('payout', 'debit', 'refund')),
    member_id BIGINT NOT NULL,
    loan_id BIGINT,
    card_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT payment_amount CHECK (amount_fen > 0),
    -- What a debit is meant for: one row, everything, or as far as it goes.
    purpose TEXT NOT NULL CONSTRAINT payment_purpose
        CHECK (purpose IN ('payout', 'instalment', 'settlement', 'amount', 'refund')),
    plan_row_id BIGINT,
    coupon_id BIGINT,
    state TEXT NOT NULL CONSTRAINT payment_state
        CHECK (state IN ('requested', 'sent', 'unknown', 'succeeded', 'failed')),
    -- The provider's reason, where it declined.
    reason TEXT,
    -- When the next attempt is due: sending it, or asking for it where its answer was lost.
    attempt_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    settled_at BIGINT,
    transfer_id BIGINT,
    CONSTRAINT payment_by FOREIGN KEY (member_id) REFERENCES member (member_id)
);

CREATE INDEX payment_due ON payment (attempt_at) WHERE state IN ('requested', 'sent', 'unknown');
CREATE INDEX payment_by_loan ON payment (loan_id);
-- While one order about a loan is under way there is no second: nothing is paid or taken twice.
CREATE UNIQUE INDEX payment_open_once ON payment (loan_id)
    WHERE loan_id IS NOT NULL AND state IN ('requested', 'sent', 'unknown');

-- What was paid on a loan and used for what. The loan is a function of its terms, these and a day.
CREATE TABLE repayment (
    repayment_id BIGKEY CONSTRAINT repayment_pk PRIMARY KEY,
    loan_id BIGINT NOT NULL,
    -- Whether it was meant to settle the loan.
    settles BIGINT NOT NULL,
    source TEXT NOT NULL CONSTRAINT repayment_source
        CHECK (source IN ('card', 'wallet', 'bank', 'recovery')),
    on_day BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT repayment_amount CHECK (amount_fen > 0),
    principal_fen BIGINT NOT NULL,
    interest_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    penalty_fen BIGINT NOT NULL,
    excess_fen BIGINT NOT NULL,
    -- What of the amount a coupon has paid.
    coupon_fen BIGINT NOT NULL CONSTRAINT repayment_coupon
        CHECK (coupon_fen >= 0 AND coupon_fen <= amount_fen),
    payment_id BIGINT,
    transfer_id BIGINT NOT NULL,
    -- The contra entry that took it back.
    reversed_by_id BIGINT,
    made_at BIGINT NOT NULL,
    CONSTRAINT repayment_on FOREIGN KEY (loan_id) REFERENCES loan (loan_id),
    CONSTRAINT repayment_adds_up CHECK
        (amount_fen = principal_fen + interest_fen + fee_fen + penalty_fen + excess_fen)
);

CREATE INDEX repayment_by_loan ON repayment (loan_id);

-- Day-ends: one row for each business day, with how far it has come.
CREATE TABLE day_end (
    business_day BIGKEY CONSTRAINT day_end_pk PRIMARY KEY,
    phase TEXT NOT NULL CONSTRAINT day_end_phase CHECK (phase IN
        ('accrue', 'lapse', 'expire', 'debit', 'remind', 'done')),
    -- Running loans when it began.
    loans BIGINT NOT NULL,
    -- The last number that the phase has worked through.
    through_id BIGINT NOT NULL,
    worked BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT
);

-- Loans that a day-end could not work through: the rest went on without them.
CREATE TABLE day_end_failure (
    business_day BIGINT NOT NULL,
    loan_id BIGINT NOT NULL,
    phase TEXT NOT NULL,
    reason TEXT NOT NULL,
    failed_at BIGINT NOT NULL,
    CONSTRAINT day_end_failure_pk PRIMARY KEY (business_day, loan_id, phase)
);

-- What a set of loans earns on the day that is being worked on; empty between transactions.
CREATE TABLE day_end_work (
    loan_id BIGKEY CONSTRAINT day_end_work_pk PRIMARY KEY,
    place BIGINT NOT NULL,
    earned_fen BIGINT NOT NULL
);

-- Reminders that were sent about a row, so that none is sent twice.
CREATE TABLE reminder (
    plan_row_id BIGINT NOT NULL,
    on_day BIGINT NOT NULL,
    CONSTRAINT reminder_pk PRIMARY KEY (plan_row_id, on_day)
);
