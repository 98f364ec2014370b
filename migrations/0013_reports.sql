-- Tasks at data providers about customers (数据采集任务), and the reports that they bring.

-- A task. Each step is claimed before the provider is called, so one whose caller died is found.
CREATE TABLE report_task (
    task_id BIGKEY CONSTRAINT report_task_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT report_task_kind CHECK (kind IN ('mobile', 'mobile_report', 'jd',
        'taobao', 'education', 'bill', 'ebank')),
    -- What the customer's app calls it: our own, for the provider's may come late.
    token TEXT NOT NULL CONSTRAINT report_task_once UNIQUE,
    state TEXT NOT NULL CONSTRAINT report_task_state CHECK (state IN ('started', 'waiting_input',
        'running', 'succeeded', 'failed', 'timed_out')),
    -- What the provider is to be asked next.
    step TEXT NOT NULL
        CONSTRAINT report_task_step CHECK (step IN ('start', 'status', 'input', 'fetch', 'none')),
    -- The provider's last code that says something; empty before there is one.
    code TEXT NOT NULL,
    -- Its words, which may name the customer.
    message_sealed BYTEA,
    -- The picture that the customer is to look at: a captcha, a QR code.
    image_sealed BYTEA,
    -- Account and password, until the provider has them.
    login_sealed BYTEA,
    -- What the customer has entered, until the provider has it.
    input_sealed BYTEA,
    -- What the provider calls the task.
    handle_sealed BYTEA,
    handle_index BYTEA,
    -- How often it was claimed; an answer to a claim that was given up counts for nothing.
    claims BIGINT NOT NULL,
    -- Calls in a row that were not answered.
    failures BIGINT NOT NULL,
    -- 1: somebody is calling the provider, until next_at at the latest.
    leased BIGINT NOT NULL CONSTRAINT report_task_leased CHECK (leased IN (0, 1)),
    next_at BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    finished_at BIGINT,
    finished_day BIGINT,
    CONSTRAINT report_task_of FOREIGN KEY (member_id) REFERENCES customer (member_id),
    -- Passwords and codes are gone once they are of no use.
    CONSTRAINT report_task_login CHECK (login_sealed IS NULL OR step = 'start'),
    CONSTRAINT report_task_input CHECK (input_sealed IS NULL OR step = 'input'),
    CONSTRAINT report_task_over CHECK ((step = 'none') = (finished_at IS NOT NULL))
);

CREATE INDEX report_task_by_member ON report_task (member_id, kind, task_id);
CREATE INDEX report_task_due ON report_task (next_at) WHERE step <> 'none';
CREATE INDEX report_task_by_handle ON report_task (handle_index) WHERE step <> 'none';
-- One task of a kind at a time.
CREATE UNIQUE INDEX report_task_open_once ON report_task (member_id, kind) WHERE step <> 'none';

-- What a task has brought: the whole of it sealed, and what underwriting looks at.
CREATE TABLE provider_report (
    task_id BIGKEY CONSTRAINT provider_report_pk PRIMARY KEY,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- NULL once it is older than it may be kept.
    body_sealed BYTEA,
    -- 1: the operator knows the customer by this id number and name. NULL: it does not say.
    id_matches BIGINT CONSTRAINT provider_report_id CHECK (id_matches IN (0, 1)),
    name_matches BIGINT CONSTRAINT provider_report_name CHECK (name_matches IN (0, 1)),
    risk_lists BIGINT,
    overdue_loans BIGINT,
    multi_lending BIGINT,
    risk_calls BIGINT,
    contacts BIGINT,
    mutual_contacts BIGINT,
    contact_area_sealed BYTEA,
    average_calls BIGINT,
    average_call_seconds BIGINT,
    silent_days BIGINT,
    night_calls BIGINT,
    night_call_seconds BIGINT,
    average_fee_fen BIGINT CONSTRAINT provider_report_fee CHECK (average_fee_fen >= 0),
    received_at BIGINT NOT NULL,
    received_day BIGINT NOT NULL,
    CONSTRAINT provider_report_of FOREIGN KEY (task_id) REFERENCES report_task (task_id)
);

CREATE INDEX provider_report_by_member ON provider_report (member_id, kind, task_id);
CREATE INDEX provider_report_age ON provider_report (received_at) WHERE body_sealed IS NOT NULL;
