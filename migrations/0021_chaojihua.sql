-- Limits that are drawn on later (document 000): drawdowns, faces, quotes that were told, and what
-- an app's own form asks.

-- A drawdown (提现) on an approved application of a channel whose customers choose amount and
-- tenor after the approval.
CREATE TABLE drawdown (
    drawdown_id BIGKEY CONSTRAINT drawdown_pk PRIMARY KEY,
    -- The number that people call it by: 16 digits.
    withdraw_no TEXT NOT NULL CONSTRAINT drawdown_no_once UNIQUE,
    application_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CONSTRAINT drawdown_amount CHECK (amount_fen > 0),
    tenor BIGINT NOT NULL CONSTRAINT drawdown_tenor CHECK (tenor > 0),
    state TEXT NOT NULL CONSTRAINT drawdown_state
        CHECK (state IN ('reviewing', 'approved', 'refused', 'cancelled')),
    -- Why it was refused or cancelled.
    reason TEXT,
    operator_id BIGINT,
    requested_at BIGINT NOT NULL,
    decided_at BIGINT,
    CONSTRAINT drawdown_on FOREIGN KEY (application_id) REFERENCES application (application_id),
    CONSTRAINT drawdown_decided CHECK ((state = 'reviewing') = (decided_at IS NULL))
);

CREATE INDEX drawdown_by_application ON drawdown (application_id);
CREATE INDEX drawdown_waiting ON drawdown (drawdown_id) WHERE state = 'reviewing';
-- Of two drawdowns at once there is one.
CREATE UNIQUE INDEX drawdown_open_once ON drawdown (application_id)
    WHERE state IN ('reviewing', 'approved');

-- A comparison of a face (活体校验). The photograph is not kept, only what recognises it.
CREATE TABLE face_check (
    face_check_id BIGKEY CONSTRAINT face_check_pk PRIMARY KEY,
    -- What people call it by: in the shape of a UUID.
    flow_no TEXT NOT NULL CONSTRAINT face_check_no_once UNIQUE,
    member_id BIGINT NOT NULL,
    application_id BIGINT NOT NULL,
    photo_digest BYTEA NOT NULL,
    result TEXT CONSTRAINT face_check_result
        CHECK (result IN ('same', 'different', 'refused', 'unknown')),
    -- The provider's word for why it cannot be compared.
    reason TEXT,
    -- The drawdown that it was good for.
    drawdown_id BIGINT,
    asked_at BIGINT NOT NULL,
    answered_at BIGINT,
    CONSTRAINT face_check_of FOREIGN KEY (member_id) REFERENCES customer (member_id),
    CONSTRAINT face_check_on FOREIGN KEY (application_id)
        REFERENCES application (application_id),
    CONSTRAINT face_check_used FOREIGN KEY (drawdown_id) REFERENCES drawdown (drawdown_id),
    CONSTRAINT face_check_answered CHECK ((result IS NULL) = (answered_at IS NULL))
);

CREATE INDEX face_check_by_application ON face_check (application_id);
CREATE INDEX face_check_by_member ON face_check (member_id);
CREATE UNIQUE INDEX face_check_by_drawdown ON face_check (drawdown_id)
    WHERE drawdown_id IS NOT NULL;

-- What a customer was told that a drawdown would cost (贷款试算); nothing is drawn that was not.
CREATE TABLE told_quote (
    application_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    tenor BIGINT NOT NULL,
    received_fen BIGINT NOT NULL,
    interest_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    CONSTRAINT told_quote_pk PRIMARY KEY (application_id, amount_fen, tenor),
    CONSTRAINT told_quote_on FOREIGN KEY (application_id)
        REFERENCES application (application_id)
);

-- What a customer told in an app's own form, field by field by the app's own names, as one text.
CREATE TABLE customer_sheet (
    member_id BIGKEY CONSTRAINT customer_sheet_pk PRIMARY KEY,
    text_sealed BYTEA NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT customer_sheet_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- Addresses by which papers of an application can be read as they would be (合同预览), until they
-- expire; what stands there is written when it is opened.
CREATE TABLE preview_link (
    token_index BYTEA NOT NULL CONSTRAINT preview_link_pk PRIMARY KEY,
    application_id BIGINT NOT NULL,
    paper TEXT NOT NULL CONSTRAINT preview_link_paper CHECK (paper IN
        ('debit-authority', 'service-agreement', 'loan-contract', 'data-authority')),
    expires_at BIGINT NOT NULL,
    CONSTRAINT preview_link_to FOREIGN KEY (application_id)
        REFERENCES application (application_id)
);

CREATE INDEX preview_link_by_application ON preview_link (application_id);
CREATE INDEX preview_link_age ON preview_link (expires_at);
