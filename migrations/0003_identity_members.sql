-- Members of the channels that have members, and what guards their doors.

CREATE TABLE member (
    member_id BIGKEY CONSTRAINT member_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    -- Sealed with the key in `personal.key`; found by the blind index, shown by the mask.
    mobile_sealed BYTEA NOT NULL,
    mobile_index BYTEA NOT NULL,
    mobile_masked TEXT NOT NULL,
    nickname TEXT NOT NULL,
    role TEXT NOT NULL CONSTRAINT member_role CHECK (role IN ('member', 'administrator')),
    status TEXT NOT NULL CONSTRAINT member_status CHECK (status IN ('active', 'blocked')),
    -- Tokens that expire at this second or before it are revoked.
    tokens_revoked_through BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    CONSTRAINT member_once_per_channel UNIQUE (channel, mobile_index)
);

-- Apart from `member`, which every call reads.
CREATE TABLE member_password (
    member_id BIGKEY CONSTRAINT member_password_pk PRIMARY KEY,
    argon2_hash TEXT NOT NULL,
    CONSTRAINT member_password_of FOREIGN KEY (member_id) REFERENCES member (member_id)
);

-- Mobile numbers in the clear, only on a bench and only while its switch is on: for suites that
-- look members up in the database. Emptied by every start without the switch.
CREATE TABLE member_plain_mobile (
    member_id BIGKEY CONSTRAINT member_plain_mobile_pk PRIMARY KEY,
    mobile TEXT NOT NULL,
    CONSTRAINT member_plain_mobile_of FOREIGN KEY (member_id) REFERENCES member (member_id)
);

-- Attempts counted in a window, for lock-outs and rate limits. The subject is a digest of the
-- account or the address: it names nobody.
CREATE TABLE attempt_guard (
    subject BYTEA NOT NULL CONSTRAINT attempt_guard_pk PRIMARY KEY,
    attempts BIGINT NOT NULL,
    window_started_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);

-- Signatures that have been used, until they would be too old anyway.
CREATE TABLE used_signature (
    digest BYTEA NOT NULL CONSTRAINT used_signature_pk PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_signature_age ON used_signature (expires_at);
