//! Lines, rules and coupons, each on both engines.

mod coupons;
mod decisions;
mod judging;
mod lines;
