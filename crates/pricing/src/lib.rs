//! Terms in, schedule and annual cost out: the arithmetic of lending, without a store, a clock,
//! a network or a float that touches money.
#![warn(clippy::as_conversions, clippy::arithmetic_side_effects)]

pub mod account;
pub mod calendar;
pub mod cost;
pub mod daycount;
pub mod fees;
mod fixed;
pub mod fraction;
pub mod legal;
pub mod percent;
pub mod problem;
#[cfg(test)]
mod proof;
pub mod rounding;
pub mod schedule;
pub mod terms;

pub use percent::Percent;
pub use problem::{Fault, Problem};
pub use schedule::{Row, Schedule};
pub use terms::{CheckedTerms, Method, Terms};
