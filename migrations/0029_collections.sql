-- Collections (催收): who works on a late loan, every contact about it, and whom nobody may contact.

-- Who has taken a loan, and what its newest contact came to: what the work list is sorted by.
CREATE TABLE collection_case (
    loan_id BIGKEY CONSTRAINT collection_case_pk PRIMARY KEY,
    -- NULL where nobody has it.
    operator_id BIGINT,
    taken_at BIGINT,
    last_contact_at BIGINT,
    last_outcome TEXT,
    next_action_day BIGINT,
    -- The newest promise (承诺还款).
    promised_at BIGINT,
    promise_day BIGINT,
    promise_fen BIGINT,
    CONSTRAINT collection_case_on FOREIGN KEY (loan_id) REFERENCES loan (loan_id),
    CONSTRAINT collection_case_of FOREIGN KEY (operator_id) REFERENCES operator (operator_id),
    CONSTRAINT collection_case_taken CHECK ((operator_id IS NULL) = (taken_at IS NULL))
);

CREATE INDEX collection_case_by_operator ON collection_case (operator_id)
    WHERE operator_id IS NOT NULL;

-- Contacts (催收记录); rows are only ever added.
CREATE TABLE collection_contact (
    contact_id BIGKEY CONSTRAINT collection_contact_pk PRIMARY KEY,
    loan_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    way TEXT NOT NULL CONSTRAINT collection_contact_way
        CHECK (way IN ('call', 'sms', 'letter', 'visit', 'incoming')),
    outcome TEXT NOT NULL CONSTRAINT collection_contact_outcome
        CHECK (outcome IN ('promised', 'unreachable', 'refused', 'wrong_number', 'disputed',
            'hardship', 'says_paid')),
    promise_day BIGINT,
    promise_fen BIGINT,
    note_sealed BYTEA,
    follow_up_day BIGINT,
    -- Which rule the contact broke, if it broke one: told as it was, and seen by auditors.
    breach TEXT CONSTRAINT collection_contact_breach
        CHECK (breach IN ('stopped', 'outside_hours', 'too_many')),
    happened_at BIGINT NOT NULL,
    logged_at BIGINT NOT NULL,
    CONSTRAINT collection_contact_on FOREIGN KEY (loan_id) REFERENCES loan (loan_id),
    CONSTRAINT collection_contact_by FOREIGN KEY (operator_id) REFERENCES operator (operator_id),
    CONSTRAINT collection_contact_promise CHECK ((outcome = 'promised') = (promise_day IS NOT NULL)
        AND (promise_day IS NULL) = (promise_fen IS NULL))
);

CREATE INDEX collection_contact_by_loan ON collection_contact (loan_id, happened_at);
CREATE INDEX collection_contact_by_member ON collection_contact (member_id, happened_at);
CREATE INDEX collection_contact_by_person ON collection_contact (person_id, happened_at);
CREATE INDEX collection_contact_by_operator ON collection_contact (operator_id);
CREATE INDEX collection_contact_breaches ON collection_contact (contact_id)
    WHERE breach IS NOT NULL;

-- Numbers that were shown for a call: each counts as a contact.
CREATE TABLE collection_call (
    call_id BIGKEY CONSTRAINT collection_call_pk PRIMARY KEY,
    loan_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    operator_id BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    CONSTRAINT collection_call_on FOREIGN KEY (loan_id) REFERENCES loan (loan_id),
    CONSTRAINT collection_call_by FOREIGN KEY (operator_id) REFERENCES operator (operator_id)
);

CREATE INDEX collection_call_by_loan ON collection_call (loan_id);
CREATE INDEX collection_call_by_person ON collection_call (person_id, opened_at);
CREATE INDEX collection_call_by_operator ON collection_call (operator_id);

-- People whom nobody may contact about what they owe (停催).
CREATE TABLE contact_stop (
    person_id BIGKEY CONSTRAINT contact_stop_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT contact_stop_kind
        CHECK (kind IN ('dispute', 'hardship', 'death', 'other')),
    reason_sealed BYTEA NOT NULL,
    -- The last day; NULL until it is lifted.
    until_day BIGINT,
    operator_id BIGINT NOT NULL,
    set_at BIGINT NOT NULL,
    CONSTRAINT contact_stop_of FOREIGN KEY (person_id) REFERENCES person (person_id),
    CONSTRAINT contact_stop_by FOREIGN KEY (operator_id) REFERENCES operator (operator_id)
);

CREATE INDEX contact_stop_by_operator ON contact_stop (operator_id);
