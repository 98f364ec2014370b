//! The lending core: what a lender knows and does, as synchronous functions over a transaction.
//!
//! No async, no sockets, no JSON, no clock of its own: time, ids and randomness come in through
//! [`Tx`]. A use case is a function `verb(tx, command) -> Result<outcome, refusal>`.
#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_arithmetic)
)]

pub mod audit;
pub mod catalog;
pub mod clock;
pub mod collections;
pub mod credit;
pub mod customers;
pub mod data_rights;
pub mod documents;
pub mod funding;
pub mod identity;
mod ids;
pub mod kept;
pub mod leads;
pub mod ledger;
pub mod market;
pub mod notices;
pub mod operators;
pub mod origination;
pub mod overview;
mod page;
pub mod platform;
pub mod ports;
pub mod provider_calls;
pub mod reconciliation;
pub mod reports;
pub mod servicing;
mod tx;
pub mod vintage;
pub mod wallet;
mod words;

pub use clock::Clock;
pub use page::Page;
pub use platform::{Lending, Policy};
pub use store::Fault;
pub use tx::{Route, Tx};

#[cfg(test)]
mod tests;
