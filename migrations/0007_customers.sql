-- Customers of lending channels: who they are, what of it is proven, what they told, and what
-- guards their doors. Personal columns are sealed with the key in `personal.key`.

-- A natural person, known across channels by the blind index of the id number.
CREATE TABLE person (
    person_id BIGKEY CONSTRAINT person_pk PRIMARY KEY,
    id_no_sealed BYTEA NOT NULL,
    id_no_index BYTEA NOT NULL CONSTRAINT person_once UNIQUE,
    name_sealed BYTEA NOT NULL,
    -- As the id number tells them.
    born_day BIGINT NOT NULL,
    sex TEXT NOT NULL CONSTRAINT person_sex CHECK (sex IN ('female', 'male')),
    region TEXT NOT NULL CONSTRAINT person_region CHECK (length(region) = 6),
    known_at BIGINT NOT NULL
);

-- People whom the operators will not lend to (黑名单), whether they have an account or not.
CREATE TABLE blacklist (
    blacklist_id BIGKEY CONSTRAINT blacklist_pk PRIMARY KEY,
    id_no_index BYTEA NOT NULL CONSTRAINT blacklist_once UNIQUE,
    reason_sealed BYTEA NOT NULL,
    listed_at BIGINT NOT NULL
);

-- A member of a lending channel. Verified is who is bound to a person.
CREATE TABLE customer (
    member_id BIGKEY CONSTRAINT customer_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    person_id BIGINT,
    real_name_at BIGINT,
    mobile_at BIGINT,
    -- Why the account is blacklisted; once the person is known, it is the person who is.
    blacklist_reason_sealed BYTEA,
    -- Why the customer is thought risky (风险客户).
    risk_note_sealed BYTEA,
    registered_at BIGINT NOT NULL,
    CONSTRAINT customer_of FOREIGN KEY (member_id) REFERENCES member (member_id),
    CONSTRAINT customer_person FOREIGN KEY (person_id) REFERENCES person (person_id),
    CONSTRAINT customer_verified CHECK ((person_id IS NULL) = (real_name_at IS NULL)),
    -- One id number, one account per channel.
    CONSTRAINT customer_person_once UNIQUE (channel, person_id)
);

CREATE INDEX customer_by_person ON customer (person_id);

-- Cards (银行卡) that have been verified: the newest is the customer's, the others are history.
CREATE TABLE customer_card (
    card_id BIGKEY CONSTRAINT customer_card_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    number_sealed BYTEA NOT NULL,
    number_index BYTEA NOT NULL,
    -- The mobile number that the bank knows (银行预留手机号).
    mobile_sealed BYTEA NOT NULL,
    bank_code TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    replaced_at BIGINT,
    CONSTRAINT customer_card_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

CREATE INDEX customer_card_by_member ON customer_card (member_id);
CREATE UNIQUE INDEX customer_card_active_once ON customer_card (member_id)
    WHERE replaced_at IS NULL;

-- Every question that was asked about a customer, with its answer: the evidence.
CREATE TABLE customer_check (
    check_id BIGKEY CONSTRAINT customer_check_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT customer_check_kind
        CHECK (kind IN ('real_name', 'bank_card', 'mobile')),
    asked_sealed BYTEA NOT NULL,
    -- The card's blind index, where the question is about a card.
    card_index BYTEA,
    outcome TEXT NOT NULL CONSTRAINT customer_check_outcome
        CHECK (outcome IN ('asked', 'match', 'mismatch', 'unknown', 'taken', 'late')),
    reason_sealed BYTEA,
    begun_at BIGINT NOT NULL,
    finished_at BIGINT,
    CONSTRAINT customer_check_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

CREATE INDEX customer_check_by_member ON customer_check (member_id, begun_at);
CREATE INDEX customer_check_by_card ON customer_check (card_index, begun_at)
    WHERE card_index IS NOT NULL;

-- Mismatches in a row about one card, whoever named it.
CREATE TABLE card_guard (
    card_index BYTEA NOT NULL CONSTRAINT card_guard_pk PRIMARY KEY,
    mismatches BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

-- What happened how often in a window of time. The subject is a digest: it names nobody.
CREATE TABLE rate_window (
    subject BYTEA NOT NULL,
    window_seconds BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CONSTRAINT rate_window_pk PRIMARY KEY (subject, window_seconds)
);

CREATE INDEX rate_window_age ON rate_window (ends_at);

-- The newest SMS code for a channel, mobile number and purpose. The subject is their digest.
CREATE TABLE sms_code (
    subject BYTEA NOT NULL CONSTRAINT sms_code_pk PRIMARY KEY,
    digest BYTEA NOT NULL,
    -- On benches that show codes.
    code_sealed BYTEA,
    wrong_guesses BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sms_code_age ON sms_code (expires_at);

-- That somebody has shown to hold a mobile number, or to be the person behind an account; used
-- up by what needs it.
CREATE TABLE door_proof (
    subject BYTEA NOT NULL CONSTRAINT door_proof_pk PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX door_proof_age ON door_proof (expires_at);

-- Captchas by the digest of channel, text and address: the wire has no id for them.
CREATE TABLE captcha (
    digest BYTEA NOT NULL CONSTRAINT captcha_pk PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX captcha_age ON captcha (expires_at);

-- One session for each customer.
CREATE TABLE customer_session (
    member_id BIGKEY CONSTRAINT customer_session_pk PRIMARY KEY,
    digest BYTEA NOT NULL CONSTRAINT customer_session_once UNIQUE,
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT customer_session_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- Devices that customers have logged in from.
CREATE TABLE customer_device (
    device_id BIGKEY CONSTRAINT customer_device_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT customer_device_kind
        CHECK (kind IN ('android', 'ios', 'other')),
    token_sealed BYTEA NOT NULL,
    token_index BYTEA NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    CONSTRAINT customer_device_once UNIQUE (member_id, token_index),
    CONSTRAINT customer_device_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- What a customer told about home and work (完善信息).
CREATE TABLE customer_profile (
    member_id BIGKEY CONSTRAINT customer_profile_pk PRIMARY KEY,
    education TEXT NOT NULL,
    marital_status TEXT NOT NULL,
    registry_province TEXT NOT NULL,
    registry_city TEXT NOT NULL,
    registry_detail_sealed BYTEA NOT NULL,
    home_province TEXT NOT NULL,
    home_city TEXT NOT NULL,
    home_county TEXT NOT NULL,
    home_detail_sealed BYTEA NOT NULL,
    residence TEXT NOT NULL,
    industry TEXT NOT NULL,
    work_province TEXT NOT NULL,
    work_city TEXT NOT NULL,
    work_county TEXT NOT NULL,
    work_detail_sealed BYTEA NOT NULL,
    working_time TEXT NOT NULL,
    employer_sealed BYTEA NOT NULL,
    position_sealed BYTEA NOT NULL,
    monthly_income_fen BIGINT NOT NULL
        CONSTRAINT customer_profile_income CHECK (monthly_income_fen >= 0),
    payroll_day BIGINT NOT NULL
        CONSTRAINT customer_profile_payroll CHECK (payroll_day >= 1 AND payroll_day <= 31),
    saved_at BIGINT NOT NULL,
    CONSTRAINT customer_profile_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- People whom a customer named (联系人).
CREATE TABLE customer_contact (
    contact_id BIGKEY CONSTRAINT customer_contact_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    relation TEXT NOT NULL,
    name_sealed BYTEA NOT NULL,
    phone_sealed BYTEA NOT NULL,
    phone_index BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT customer_contact_once UNIQUE (member_id, phone_index),
    CONSTRAINT customer_contact_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- A customer's phone book (通讯录), in parts of some hundred entries.
CREATE TABLE phone_book_part (
    part_id BIGKEY CONSTRAINT phone_book_part_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    part_sealed BYTEA NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT phone_book_part_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

CREATE INDEX phone_book_part_by_member ON phone_book_part (member_id);

-- What a customer agreed to (授权), in which version of the text, from when until when.
CREATE TABLE consent (
    consent_id BIGKEY CONSTRAINT consent_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    purpose TEXT NOT NULL CONSTRAINT consent_purpose CHECK (purpose IN
        ('registration', 'personal_data', 'credit_enquiry', 'disclosure', 'phone_book',
         'hand_over')),
    text_version TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    CONSTRAINT consent_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

CREATE INDEX consent_by_member ON consent (member_id);
CREATE UNIQUE INDEX consent_in_force_once ON consent (member_id, purpose, text_version)
    WHERE withdrawn_at IS NULL;
