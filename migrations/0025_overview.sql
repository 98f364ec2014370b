-- What the overview counts is answered from these, however many loans there have been.
CREATE INDEX loan_by_start ON loan (start_day, product_id, principal_fen) WHERE start_day IS NOT NULL;
CREATE INDEX loan_open ON loan (state, principal_fen, principal_paid_fen)
    WHERE state IN ('payout_failed', 'repaying');
CREATE INDEX loan_overdue_since ON loan
    (overdue_since_day, state, principal_fen, principal_paid_fen)
    WHERE overdue_since_day IS NOT NULL;
CREATE INDEX repayment_by_day ON repayment (on_day, amount_fen) WHERE reversed_by_id IS NULL;
CREATE INDEX application_decided ON application (decided_at, state) WHERE decided_at IS NOT NULL;
