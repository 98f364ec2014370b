-- The funding partner (资金方) behind limits that are drawn on later: what it is told, what it has
-- said, and what people have to look at.

-- The tenors that the partner approved, in months, with commas between them; as the product offers
-- them, where nothing is said.
ALTER TABLE application ADD COLUMN tenors TEXT;
-- Since when the partner has frozen the limit (额度冻结).
ALTER TABLE application ADD COLUMN held_at BIGINT;
-- Whether the partner pays an order out: it is never sent to a payment provider.
ALTER TABLE payment ADD COLUMN by_partner BIGINT NOT NULL DEFAULT 0
    CONSTRAINT payment_by_partner CHECK (by_partner IN (0, 1) AND by_partner + by_page <= 1);

-- Something that the partner is told, under a number by which it is known there: an application, a
-- withdrawal, the plan of a loan, a repayment, or one that was taken back.
CREATE TABLE funding_order (
    funding_order_id BIGKEY CONSTRAINT funding_order_pk PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT funding_order_kind
        CHECK (kind IN ('apply', 'withdraw', 'plan', 'repay', 'reversal')),
    number TEXT NOT NULL,
    application_id BIGINT NOT NULL,
    -- Of a withdrawal: the drawdown, the card that it goes to, and the order that it pays out, once
    -- the partner has approved it.
    drawdown_id BIGINT,
    card_id BIGINT,
    payment_id BIGINT,
    -- Of a repayment, or one that was taken back.
    repayment_id BIGINT,
    state TEXT NOT NULL CONSTRAINT funding_order_state CHECK (state IN
        ('requested', 'sent', 'unknown', 'accepted', 'settled', 'refused', 'dropped')),
    -- What the partner has said last, and its place among all that it says of this order.
    heard BIGINT,
    heard_place BIGINT NOT NULL,
    -- Why it was refused.
    reason TEXT,
    attempt_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    settled_at BIGINT,
    CONSTRAINT funding_order_once UNIQUE (kind, number),
    CONSTRAINT funding_order_on FOREIGN KEY (application_id)
        REFERENCES application (application_id),
    CONSTRAINT funding_order_draws FOREIGN KEY (drawdown_id) REFERENCES drawdown (drawdown_id),
    CONSTRAINT funding_order_pays FOREIGN KEY (payment_id) REFERENCES payment (payment_id),
    CONSTRAINT funding_order_reports FOREIGN KEY (repayment_id)
        REFERENCES repayment (repayment_id),
    CONSTRAINT funding_order_about CHECK (
        (kind = 'withdraw') = (drawdown_id IS NOT NULL AND card_id IS NOT NULL)
        AND (payment_id IS NULL OR kind = 'withdraw')
        AND (kind IN ('repay', 'reversal')) = (repayment_id IS NOT NULL))
);

CREATE INDEX funding_order_due ON funding_order (attempt_at)
    WHERE state IN ('requested', 'sent', 'unknown', 'accepted');
CREATE INDEX funding_order_by_application ON funding_order (application_id);
CREATE INDEX funding_order_by_drawdown ON funding_order (drawdown_id)
    WHERE drawdown_id IS NOT NULL;
CREATE INDEX funding_order_by_repayment ON funding_order (repayment_id)
    WHERE repayment_id IS NOT NULL;
-- A payout is driven by one withdrawal.
CREATE UNIQUE INDEX funding_order_by_payment ON funding_order (payment_id)
    WHERE payment_id IS NOT NULL;
-- While one withdrawal of an application is under way there is no second.
CREATE UNIQUE INDEX funding_order_open_once ON funding_order (application_id)
    WHERE kind = 'withdraw' AND state IN ('requested', 'sent', 'unknown', 'accepted');

-- What the partner said that does not fit what we know: for a person to look at, and never a
-- change of money by itself.
CREATE TABLE funding_issue (
    funding_issue_id BIGKEY CONSTRAINT funding_issue_pk PRIMARY KEY,
    funding_order_id BIGINT NOT NULL,
    -- What was said; nothing where the partner took the order for a mistake.
    status BIGINT,
    detail TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    closed_at BIGINT,
    operator_id BIGINT,
    note TEXT,
    CONSTRAINT funding_issue_about FOREIGN KEY (funding_order_id)
        REFERENCES funding_order (funding_order_id),
    CONSTRAINT funding_issue_closed CHECK ((closed_at IS NULL) = (operator_id IS NULL)
        AND (closed_at IS NULL) = (note IS NULL))
);

CREATE INDEX funding_issue_by_order ON funding_issue (funding_order_id);
CREATE INDEX funding_issue_open ON funding_issue (funding_issue_id) WHERE closed_at IS NULL;
