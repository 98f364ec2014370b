-- What apps ask for in free words, and requests for a higher limit; document 002 needs both.

-- What a customer told in free words (自述): where they live and work, whom they know, and
-- accounts that they name. One text for each section; a new one replaces it.
CREATE TABLE customer_statement (
    statement_id BIGKEY CONSTRAINT customer_statement_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    section TEXT NOT NULL CONSTRAINT customer_statement_section CHECK (section IN
        ('home', 'work', 'relations', 'qq', 'wechat', 'bankcard')),
    text_sealed BYTEA NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT customer_statement_once UNIQUE (member_id, section),
    CONSTRAINT customer_statement_of FOREIGN KEY (member_id) REFERENCES customer (member_id)
);

-- Requests of customers for a higher limit (提额申请), decided by operators.
CREATE TABLE credit_raise (
    raise_id BIGKEY CONSTRAINT credit_raise_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT credit_raise_state
        CHECK (state IN ('requested', 'granted', 'refused')),
    before_fen BIGINT NOT NULL,
    after_fen BIGINT,
    operator_id BIGINT,
    reason TEXT,
    requested_at BIGINT NOT NULL,
    decided_at BIGINT,
    CONSTRAINT credit_raise_of FOREIGN KEY (member_id) REFERENCES credit_line (member_id),
    CONSTRAINT credit_raise_decided CHECK ((state = 'requested') = (decided_at IS NULL))
);

CREATE INDEX credit_raise_by_member ON credit_raise (member_id);
CREATE UNIQUE INDEX credit_raise_open_once ON credit_raise (member_id) WHERE state = 'requested';

-- Whom a payment provider's page names when the card of this question is signed on it (签约).
ALTER TABLE customer_check ADD COLUMN holder TEXT;
CREATE INDEX customer_check_by_holder ON customer_check (holder) WHERE holder IS NOT NULL;

-- 1 for an order that the customer pays on a page of the provider: it is asked for, never sent.
ALTER TABLE payment ADD COLUMN by_page BIGINT NOT NULL DEFAULT 0
    CONSTRAINT payment_by_page CHECK (by_page IN (0, 1));
