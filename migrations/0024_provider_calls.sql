-- Every call to a provider: how it went, how long it took and what it cost, with what was said as
-- far as it says nothing about a person.
CREATE TABLE provider_call (
    provider_call_id BIGKEY CONSTRAINT provider_call_pk PRIMARY KEY,
    provider TEXT NOT NULL,
    call TEXT NOT NULL,
    -- 1: there was an answer, whatever it said.
    answered BIGINT NOT NULL CONSTRAINT provider_call_answered CHECK (answered IN (0, 1)),
    -- Why there was none; empty where there was.
    error TEXT NOT NULL,
    latency_ms BIGINT NOT NULL,
    cost_fen BIGINT NOT NULL,
    -- Masked: only fields that are known to be open are shown, of all others the length.
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    called_at BIGINT NOT NULL
);

CREATE INDEX provider_call_at ON provider_call (called_at);
