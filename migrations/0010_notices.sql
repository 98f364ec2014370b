-- Messages to customers and to everybody, the outbox of SMS, templates, feedback, app versions.

-- A message (消息) to one customer, written by the template of its topic.
CREATE TABLE message (
    message_id BIGKEY CONSTRAINT message_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    topic TEXT NOT NULL CONSTRAINT message_topic CHECK (topic IN ('submitted', 'approved',
        'refused', 'paid_out', 'due_soon', 'repaid', 'overdue', 'other')),
    title TEXT NOT NULL,
    content_sealed BYTEA NOT NULL,
    sent_at BIGINT NOT NULL,
    read_at BIGINT
);

CREATE INDEX message_by_member ON message (member_id, message_id);

-- A template that operators have put in the place of a shipped one; the newest version counts.
CREATE TABLE notice_template (
    channel TEXT NOT NULL,
    topic TEXT NOT NULL CONSTRAINT notice_template_topic CHECK (topic IN ('submitted', 'approved',
        'refused', 'paid_out', 'due_soon', 'repaid', 'overdue', 'other')),
    version BIGINT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    -- NULL where the topic sends no SMS.
    sms_text TEXT,
    saved_at BIGINT NOT NULL,
    CONSTRAINT notice_template_pk PRIMARY KEY (channel, topic, version)
);

-- A message (系统消息) to everybody on a channel.
CREATE TABLE system_message (
    message_id BIGKEY CONSTRAINT system_message_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT system_message_kind CHECK (kind IN ('activity', 'announcement')),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    -- Where a click leads; empty if nowhere.
    event_url TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);

CREATE INDEX system_message_shown ON system_message (channel, message_id)
    WHERE withdrawn_at IS NULL;

-- The outbox of SMS. A row is `sending` before the provider is called, so one whose sender died is
-- found: nobody knows whether its text went out, and it is not sent again.
CREATE TABLE sms (
    sms_id BIGKEY CONSTRAINT sms_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    mobile_sealed BYTEA NOT NULL,
    text_sealed BYTEA NOT NULL,
    -- A code is worth nothing later: it is tried once.
    purpose TEXT NOT NULL CONSTRAINT sms_purpose CHECK (purpose IN ('code', 'notice')),
    state TEXT NOT NULL CONSTRAINT sms_state
        CHECK (state IN ('queued', 'sending', 'sent', 'refused', 'unknown', 'lapsed')),
    -- The provider's reason, where it refused.
    reason TEXT,
    attempts BIGINT NOT NULL,
    -- Of a queued row: when it is to be sent. Of one that is being sent: when its sender is given up.
    next_at BIGINT NOT NULL,
    -- After this it is not sent any more.
    good_until BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX sms_due ON sms (state, next_at) WHERE state IN ('queued', 'sending');

-- What customers think (意见反馈).
CREATE TABLE feedback (
    feedback_id BIGKEY CONSTRAINT feedback_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    member_id BIGINT,
    mobile_sealed BYTEA NOT NULL,
    suggestion_sealed BYTEA NOT NULL,
    source TEXT NOT NULL,
    left_at BIGINT NOT NULL
);

-- Versions of a channel's apps (版本检测).
CREATE TABLE app_version (
    app_version_id BIGKEY CONSTRAINT app_version_pk PRIMARY KEY,
    channel TEXT NOT NULL,
    app_type TEXT NOT NULL,
    version TEXT NOT NULL,
    url TEXT NOT NULL,
    -- 1: older versions must not go on.
    forced BIGINT NOT NULL CONSTRAINT app_version_forced CHECK (forced IN (0, 1)),
    notes TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    CONSTRAINT app_version_once UNIQUE (channel, app_type, version)
);
