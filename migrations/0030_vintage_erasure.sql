-- Vintage curves (账龄曲线): kept by the day-end, so that they are read without the loans.

-- What was paid out on a day.
CREATE TABLE vintage_day (
    start_day BIGKEY CONSTRAINT vintage_day_pk PRIMARY KEY,
    loans BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL
);

INSERT INTO vintage_day (start_day, loans, principal_fen)
    SELECT start_day, COUNT(*), CAST(SUM(principal_fen) AS BIGINT) FROM loan
    WHERE start_day IS NOT NULL GROUP BY start_day;

-- Loans that have ever been more than thirty days late, and since which day.
CREATE TABLE vintage_late (
    loan_id BIGKEY CONSTRAINT vintage_late_pk PRIMARY KEY,
    start_day BIGINT NOT NULL,
    late_day BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL,
    CONSTRAINT vintage_late_of FOREIGN KEY (loan_id) REFERENCES loan (loan_id)
);

CREATE INDEX vintage_late_by_start ON vintage_late (start_day, late_day, principal_fen);

-- Since when what is known of a customer is erased (删除个人信息), as far as it may be.
ALTER TABLE customer ADD COLUMN erased_at BIGINT;
-- And what was kept, in words with blanks between them: the answer to whoever asks again.
ALTER TABLE customer ADD COLUMN erased_kept TEXT;
