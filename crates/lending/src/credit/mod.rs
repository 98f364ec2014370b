//! Credit lines (额度), rules and exposure: how much whom may be lent; coupons.
