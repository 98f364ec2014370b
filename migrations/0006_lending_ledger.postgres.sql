-- Accounts of loans and of the lender beside those of the market, and the kinds of movements on
-- them; see the file of the same number for SQLite. Series of numbers for what owns accounts or is
-- known by its number.
ALTER TABLE account DROP CONSTRAINT account_kind;
ALTER TABLE account DROP CONSTRAINT account_not_negative;
ALTER TABLE account ADD CONSTRAINT account_kind CHECK (kind IN ('wallet', 'frozen', 'escrow',
    'loan_principal', 'loan_interest', 'loan_fee', 'loan_penalty'));
ALTER TABLE account ADD CONSTRAINT account_side CHECK (
    CASE WHEN kind LIKE 'loan%' THEN balance_fen <= 0 ELSE balance_fen >= 0 END);
ALTER TABLE transfer DROP CONSTRAINT transfer_kind;
ALTER TABLE transfer ADD CONSTRAINT transfer_kind CHECK (kind IN
    ('recharge', 'withdrawal', 'bid', 'bid_return', 'collection', 'payout', 'repayment',
     'distribution', 'reversal', 'loan_payout', 'accrual', 'loan_repayment', 'write_off',
     'recovery', 'refund', 'coupon'));
CREATE SEQUENCE number_person;
CREATE SEQUENCE number_product;
CREATE SEQUENCE number_application;
CREATE SEQUENCE number_loan;
CREATE SEQUENCE number_operator;
