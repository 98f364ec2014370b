-- What the payment provider says it moved on a day (对账单), against our orders. A day of a statement
-- is the day that an order's number begins with.
CREATE TABLE statement (
    statement_day BIGKEY CONSTRAINT statement_pk PRIMARY KEY,
    state TEXT NOT NULL CONSTRAINT statement_state
        CHECK (state IN ('wanted', 'loading', 'compared', 'given_up')),
    -- When the provider is asked for it next.
    attempt_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- What it holds; 0 until it is loaded.
    lines BIGINT NOT NULL,
    in_fen BIGINT NOT NULL,
    out_fen BIGINT NOT NULL,
    -- The same of our orders of the day that have succeeded.
    our_orders BIGINT NOT NULL,
    our_in_fen BIGINT NOT NULL,
    our_out_fen BIGINT NOT NULL,
    compared_at BIGINT
);

CREATE INDEX statement_due ON statement (attempt_at) WHERE state IN ('wanted', 'loading');

CREATE TABLE statement_line (
    statement_day BIGINT NOT NULL,
    number BIGINT NOT NULL,
    order_no TEXT NOT NULL,
    direction TEXT NOT NULL CONSTRAINT statement_line_direction CHECK (direction IN ('in', 'out')),
    amount_fen BIGINT NOT NULL CONSTRAINT statement_line_amount CHECK (amount_fen > 0),
    -- The provider's own number.
    provider_no TEXT NOT NULL,
    CONSTRAINT statement_line_pk PRIMARY KEY (statement_day, number)
);

CREATE INDEX statement_line_order ON statement_line (order_no);

-- Where the two differ: the work list.
CREATE TABLE statement_difference (
    difference_id BIGKEY CONSTRAINT statement_difference_pk PRIMARY KEY,
    statement_day BIGINT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT statement_difference_kind CHECK (kind IN
        ('not_ours', 'amount', 'direction', 'failed_here', 'open_here', 'not_booked', 'twice',
         'not_theirs')),
    order_no TEXT NOT NULL,
    payment_id BIGINT,
    ours_fen BIGINT,
    theirs_fen BIGINT,
    state TEXT NOT NULL CONSTRAINT statement_difference_state
        CHECK (state IN ('open', 'settled', 'gone')),
    -- Why a person has settled it.
    reason TEXT,
    operator_id BIGINT,
    found_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT statement_difference_once UNIQUE (statement_day, kind, order_no)
);

CREATE INDEX statement_difference_open ON statement_difference (difference_id)
    WHERE state = 'open';
