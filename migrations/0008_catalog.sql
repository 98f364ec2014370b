-- Products and their versions: what a channel lends on which terms. A version is never changed:
-- loans and applications keep the one that they were made under.

CREATE TABLE product (
    product_id BIGKEY CONSTRAINT product_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    -- The operators' own short name, such as PRODUCT20261125001.
    code TEXT NOT NULL,
    -- The version that is offered now.
    version BIGINT NOT NULL,
    status TEXT NOT NULL CONSTRAINT product_status CHECK (status IN ('on_sale', 'withdrawn')),
    created_at BIGINT NOT NULL,
    CONSTRAINT product_code_once UNIQUE (channel, code)
);

-- Lists are written with commas between their parts; a range has `least` and `most` instead.
-- Rates are ppm: a year for interest, a day for penalties.
CREATE TABLE product_version (
    product_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Sentences for the customer, one on each line.
    description TEXT NOT NULL,
    -- Codes of services of third parties that the app is to run, with commas.
    services TEXT NOT NULL,
    amount_least_fen BIGINT,
    amount_most_fen BIGINT,
    amount_list TEXT,
    amount_default_fen BIGINT NOT NULL,
    rate_least_ppm BIGINT,
    rate_most_ppm BIGINT,
    rate_list TEXT,
    rate_default_ppm BIGINT NOT NULL,
    tenor_units TEXT NOT NULL,
    days_least BIGINT,
    days_most BIGINT,
    days_list TEXT,
    days_default BIGINT NOT NULL,
    months_least BIGINT,
    months_most BIGINT,
    months_list TEXT,
    months_default BIGINT NOT NULL,
    methods TEXT NOT NULL,
    interval_units TEXT NOT NULL,
    interval_least BIGINT,
    interval_most BIGINT,
    interval_list TEXT,
    interval_default BIGINT NOT NULL,
    interval_unit_default TEXT NOT NULL,
    day_count TEXT NOT NULL,
    penalty_daily_ppm BIGINT NOT NULL,
    penalty_base TEXT NOT NULL,
    penalty_grace_days BIGINT NOT NULL,
    penalty_cap_days BIGINT,
    -- Interest and penalty together stay below this yearly rate.
    penalty_cap_ppm BIGINT,
    settlement_fee_ppm BIGINT NOT NULL,
    lender TEXT NOT NULL,
    review_steps BIGINT NOT NULL,
    approval_days BIGINT NOT NULL,
    -- The limit that a new customer of the product is given.
    first_limit_fen BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT product_version_pk PRIMARY KEY (product_id, version),
    CONSTRAINT product_version_of FOREIGN KEY (product_id) REFERENCES product (product_id)
);

CREATE TABLE product_fee (
    product_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Who gets it, for the disclosure.
    collector TEXT NOT NULL,
    time TEXT NOT NULL CONSTRAINT product_fee_time CHECK (time IN ('kept_back', 'each_period')),
    -- A share of the principal, or an amount.
    share_ppm BIGINT,
    amount_fen BIGINT,
    CONSTRAINT product_fee_pk PRIMARY KEY (product_id, version, position),
    CONSTRAINT product_fee_of FOREIGN KEY (product_id, version)
        REFERENCES product_version (product_id, version)
);

-- Credit lines (额度): what a customer may owe at once. An application that is open freezes its
-- part, a loan uses it, and what is repaid of the principal is given back.
CREATE TABLE credit_line (
    member_id BIGKEY CONSTRAINT credit_line_pk PRIMARY KEY,
    limit_fen BIGINT NOT NULL,
    frozen_fen BIGINT NOT NULL,
    used_fen BIGINT NOT NULL,
    status TEXT NOT NULL CONSTRAINT credit_line_status CHECK (status IN ('open', 'suspended')),
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT credit_line_of FOREIGN KEY (member_id) REFERENCES member (member_id),
    -- A repayment that is taken back can leave more used than the limit; nothing is frozen then.
    CONSTRAINT credit_line_not_negative CHECK
        (limit_fen >= 0 AND frozen_fen >= 0 AND used_fen >= 0)
);

-- How the limit of a line came to be what it is; rows are only added.
CREATE TABLE credit_line_change (
    change_id BIGKEY CONSTRAINT credit_line_change_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    -- NULL for the opening of the line.
    before_fen BIGINT,
    after_fen BIGINT NOT NULL,
    -- Who changed it, where somebody in the back office did.
    operator_id BIGINT,
    reason TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT credit_line_change_of FOREIGN KEY (member_id) REFERENCES credit_line (member_id)
);

CREATE INDEX credit_line_change_by_member ON credit_line_change (member_id);

-- Rules (规则) by which applications are decided before people see them.
CREATE TABLE decision_rule (
    rule_id BIGKEY CONSTRAINT decision_rule_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    -- The operators' own short name; decisions name it.
    code TEXT NOT NULL,
    -- NULL for all products of the channel.
    product_id BIGINT,
    kind TEXT NOT NULL CONSTRAINT decision_rule_kind CHECK (kind IN
        ('minimum_age', 'maximum_age', 'region', 'income_ratio', 'blacklist', 'risk_flag',
         'exposure', 'velocity', 'overdue', 'report_score')),
    -- Years, ppm of the income, fen, applications, loans or points: as the kind says.
    threshold BIGINT,
    -- Days that a velocity looks back.
    days BIGINT,
    -- How the codes of a region begin.
    region TEXT,
    outcome TEXT NOT NULL CONSTRAINT decision_rule_outcome CHECK (outcome IN ('refer', 'refuse')),
    status TEXT NOT NULL CONSTRAINT decision_rule_status
        CHECK (status IN ('enabled', 'disabled')),
    changed_at BIGINT NOT NULL,
    CONSTRAINT decision_rule_once UNIQUE (channel, code),
    CONSTRAINT decision_rule_of FOREIGN KEY (product_id) REFERENCES product (product_id)
);

CREATE INDEX decision_rule_by_product ON decision_rule (product_id);

-- One row for each person that was ever decided about: two decisions about one person wait for
-- each other here, so that neither overlooks the other's application.
CREATE TABLE decision_turn (
    person_id BIGKEY CONSTRAINT decision_turn_pk PRIMARY KEY,
    taken_at BIGINT NOT NULL
);

-- Coupons (代金券), each used once.
CREATE TABLE coupon (
    coupon_id BIGKEY CONSTRAINT coupon_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT coupon_kind CHECK (kind IN ('deduction', 'cash')),
    amount_fen BIGINT NOT NULL CONSTRAINT coupon_amount CHECK (amount_fen > 0),
    -- The least repayment and the least withdrawal that it can be used with.
    min_repayment_fen BIGINT NOT NULL,
    min_withdrawal_fen BIGINT NOT NULL,
    -- The last day on which it can be used.
    last_day BIGINT NOT NULL,
    state TEXT NOT NULL CONSTRAINT coupon_state
        CHECK (state IN ('issued', 'reserved', 'used', 'expired')),
    -- What it comes to in the payment that it is reserved for or was used in.
    worth_fen BIGINT,
    issued_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT coupon_of FOREIGN KEY (member_id) REFERENCES member (member_id),
    CONSTRAINT coupon_worth CHECK (worth_fen > 0 AND worth_fen <= amount_fen),
    CONSTRAINT coupon_in_use CHECK
        ((state IN ('reserved', 'used') AND worth_fen IS NOT NULL)
         OR (state IN ('issued', 'expired') AND worth_fen IS NULL))
);

CREATE INDEX coupon_by_member ON coupon (member_id);
CREATE INDEX coupon_to_expire ON coupon (last_day) WHERE state = 'issued';
