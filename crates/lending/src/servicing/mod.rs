//! From the payout to the settled loan: repayment, overdue, day-end, write-off.
