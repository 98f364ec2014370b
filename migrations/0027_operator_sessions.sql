-- Where an operator's log-ins came from, and their second factor.

-- Address and browser of a log-in.
ALTER TABLE operator_token ADD COLUMN origin_sealed BYTEA;

-- The secret that an operator's authenticator shares with us. Until it is confirmed by a code, it
-- is not asked for. A step of the clock counts once: the last one that was used.
CREATE TABLE operator_second_factor (
    operator_id BIGKEY CONSTRAINT operator_second_factor_pk PRIMARY KEY,
    secret_sealed BYTEA NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    CONSTRAINT operator_second_factor_of FOREIGN KEY (operator_id)
        REFERENCES operator (operator_id)
);

-- Operators turn the pages of a channel's customers by number.
CREATE INDEX customer_by_channel ON customer (channel, member_id);

-- And look people up by what they see of a number.
CREATE INDEX member_by_mask ON member (mobile_masked);
