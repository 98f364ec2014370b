-- Contracts and disclosures as customers saw and confirmed them.

-- The whole text is kept, so that no template is needed to read a paper later.
CREATE TABLE document (
    document_id BIGKEY CONSTRAINT document_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT document_kind CHECK (kind IN
        ('loan-contract', 'debit-authority', 'data-authority', 'registration-agreement',
         'repayment-help', 'cost-disclosure')),
    -- The version of the kind's template.
    version BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    application_id BIGINT,
    loan_id BIGINT,
    -- The canonical text, and its SHA-256.
    text_sealed BYTEA NOT NULL,
    text_sha256 BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    -- The document whose confirmation counts for this one too: the disclosure, for a contract.
    confirmed_with_id BIGINT,
    pdf TEXT NOT NULL CONSTRAINT document_pdf_state
        CHECK (pdf IN ('none', 'wanted', 'made', 'failed')),
    CONSTRAINT document_of_member FOREIGN KEY (member_id) REFERENCES member (member_id),
    CONSTRAINT document_of_application FOREIGN KEY (application_id)
        REFERENCES application (application_id),
    CONSTRAINT document_of_loan FOREIGN KEY (loan_id) REFERENCES loan (loan_id),
    CONSTRAINT document_confirmed_with FOREIGN KEY (confirmed_with_id)
        REFERENCES document (document_id)
);

CREATE INDEX document_by_member ON document (member_id);
CREATE INDEX document_by_application ON document (application_id);
CREATE INDEX document_by_loan ON document (loan_id);
CREATE INDEX document_by_confirmed_with ON document (confirmed_with_id);
CREATE INDEX document_wants_pdf ON document (document_id) WHERE pdf = 'wanted';

-- Apart from `document`, whose rows are read far more often.
CREATE TABLE document_pdf (
    document_id BIGKEY CONSTRAINT document_pdf_pk PRIMARY KEY,
    pdf_sealed BYTEA NOT NULL,
    pdf_sha256 BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT document_pdf_of FOREIGN KEY (document_id) REFERENCES document (document_id)
);

-- Addresses by which one document can be opened without a log-in, until they expire.
CREATE TABLE document_link (
    token_index BYTEA NOT NULL CONSTRAINT document_link_pk PRIMARY KEY,
    document_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT document_link_to FOREIGN KEY (document_id) REFERENCES document (document_id)
);

CREATE INDEX document_link_by_document ON document_link (document_id);
CREATE INDEX document_link_age ON document_link (expires_at);

-- Templates that operators have put in the place of the shipped ones. A version is never changed.
CREATE TABLE document_template (
    kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    text TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT document_template_pk PRIMARY KEY (kind, version)
);

-- The figures that a disclosure of an application tells, so that what is paid out can be held
-- against them without reading a text.
CREATE TABLE application_disclosure (
    document_id BIGKEY CONSTRAINT application_disclosure_pk PRIMARY KEY,
    application_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    tenor BIGINT NOT NULL,
    received_fen BIGINT NOT NULL,
    interest_fen BIGINT NOT NULL,
    -- Every fee, those kept back among them.
    fee_fen BIGINT NOT NULL,
    -- The day from which its plan supposes that interest runs.
    start_day BIGINT NOT NULL,
    CONSTRAINT application_disclosure_text FOREIGN KEY (document_id)
        REFERENCES document (document_id),
    CONSTRAINT application_disclosure_of FOREIGN KEY (application_id)
        REFERENCES application (application_id)
);

CREATE INDEX application_disclosure_by_application ON application_disclosure (application_id);
