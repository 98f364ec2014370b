//! What becomes of magic amounts.
