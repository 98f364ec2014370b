-- What became of an SMS whose answer was lost is asked for. When next; NULL where nobody asks.
ALTER TABLE sms ADD COLUMN look_at BIGINT;
-- How often somebody has asked.
ALTER TABLE sms ADD COLUMN looks BIGINT NOT NULL DEFAULT 0;

CREATE INDEX sms_look ON sms (look_at) WHERE state = 'unknown' AND look_at IS NOT NULL;
