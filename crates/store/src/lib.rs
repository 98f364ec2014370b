//! The store: one SQL text on SQLite and PostgreSQL, group commit, sealing of personal columns.
//!
//! It knows how to run closures in transactions, and nothing of what they mean.

mod db;
mod engine;
mod fault;
mod group;
mod migrate;
mod param;
mod queue;
mod row;
mod stats;
mod tx;
mod vault;

pub use db::{Db, Engine, Isolation, Key, Options};
pub use fault::Fault;
pub use migrate::{Applied, MIGRATIONS, Migration, Text};
pub use param::Param;
pub use row::Row;
pub use stats::Stats;
pub use tx::{Append, ColumnType, STATEMENTS, Tx};
pub use vault::Vault;

#[cfg(test)]
mod tests;
