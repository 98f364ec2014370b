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
