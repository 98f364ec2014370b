-- Who works in the back office, what needs a second one of them, and the audit trail.

CREATE TABLE operator (
    operator_id BIGKEY CONSTRAINT operator_pk PRIMARY KEY,
    login_name TEXT NOT NULL CONSTRAINT operator_login_once UNIQUE,
    display_name TEXT NOT NULL,
    -- The words of the roles, with blanks between them.
    roles TEXT NOT NULL,
    status TEXT NOT NULL CONSTRAINT operator_status CHECK (status IN ('active', 'blocked')),
    added_at BIGINT NOT NULL
);

-- Apart from `operator`, which every call reads.
CREATE TABLE operator_password (
    operator_id BIGKEY CONSTRAINT operator_password_pk PRIMARY KEY,
    argon2_hash TEXT NOT NULL,
    CONSTRAINT operator_password_of FOREIGN KEY (operator_id) REFERENCES operator (operator_id)
);

-- Bearer tokens: of a log-in, or made for a script and then with a label. Only their SHA-256 is
-- kept. A token that is revoked is deleted.
CREATE TABLE operator_token (
    token_digest BYTEA NOT NULL CONSTRAINT operator_token_pk PRIMARY KEY,
    operator_id BIGINT NOT NULL,
    label TEXT,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT operator_token_of FOREIGN KEY (operator_id) REFERENCES operator (operator_id)
);

CREATE INDEX operator_token_by_operator ON operator_token (operator_id, made_at);
CREATE INDEX operator_token_age ON operator_token (expires_at);

-- What one operator has asked for and another has to consent to. What has expired stays in the
-- state that it was in: whoever reads it looks at the time.
CREATE TABLE approval (
    approval_id BIGKEY CONSTRAINT approval_pk PRIMARY KEY,
    action TEXT NOT NULL CONSTRAINT approval_action CHECK (action IN
        ('payout', 'reversal', 'refund', 'write_off', 'limit_change')),
    subject_kind TEXT NOT NULL,
    subject_id BIGINT,
    amount_fen BIGINT NOT NULL CONSTRAINT approval_amount CHECK (amount_fen >= 0),
    -- The rest of the command, so that what is carried out is what was consented to.
    parameters TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT approval_state
        CHECK (state IN ('requested', 'approved', 'rejected', 'used')),
    decided_by BIGINT,
    decided_at BIGINT,
    used_by BIGINT,
    used_at BIGINT,
    CONSTRAINT approval_asked_by FOREIGN KEY (requested_by) REFERENCES operator (operator_id),
    CONSTRAINT approval_decided_by FOREIGN KEY (decided_by) REFERENCES operator (operator_id),
    CONSTRAINT approval_used_by FOREIGN KEY (used_by) REFERENCES operator (operator_id),
    -- The rule itself: nobody consents to what they have asked for. They may take it back.
    CONSTRAINT approval_by_two CHECK (state IN ('requested', 'rejected')
        OR (decided_by IS NOT NULL AND decided_by <> requested_by)),
    CONSTRAINT approval_used_whole CHECK ((state = 'used') = (used_by IS NOT NULL))
);

CREATE INDEX approval_open ON approval (state, approval_id)
    WHERE state IN ('requested', 'approved');
CREATE INDEX approval_asked ON approval (requested_by);
CREATE INDEX approval_decided ON approval (decided_by);
CREATE INDEX approval_used ON approval (used_by);

-- The audit trail: rows are only ever added, on the way of every command, so it has no index but
-- its key and a small one.
CREATE TABLE audit_entry (
    entry_id BIGKEY CONSTRAINT audit_entry_pk PRIMARY KEY,
    actor_kind TEXT NOT NULL CONSTRAINT audit_entry_actor
        CHECK (actor_kind IN ('platform', 'customer', 'operator', 'provider')),
    actor_id BIGINT,
    provider TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BIGINT,
    detail TEXT NOT NULL,
    -- By the wall clock, and by the business clock of a bench.
    noted_at BIGINT NOT NULL,
    business_at BIGINT NOT NULL
);

CREATE INDEX audit_entry_by_operator ON audit_entry (actor_id, entry_id)
    WHERE actor_kind = 'operator';

-- The chain over it, made a little later: each hash is that of the one before it and of its
-- entry. It also carries the index by subject, which would be too dear on the way of a command.
CREATE TABLE audit_seal (
    sequence BIGKEY CONSTRAINT audit_seal_pk PRIMARY KEY,
    entry_id BIGINT NOT NULL CONSTRAINT audit_seal_once UNIQUE,
    subject_kind TEXT NOT NULL,
    -- 0 where the subject has no number.
    subject_id BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

CREATE INDEX audit_seal_by_subject ON audit_seal (subject_kind, subject_id, entry_id);
