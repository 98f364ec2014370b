//! The two engines behind one interface.

pub(crate) mod checkpoint;
mod pending;
mod postgres;
mod sqlite;

use std::time::Instant;

pub(crate) use postgres::{Postgres, Target};
pub(crate) use sqlite::Sqlite;

use crate::tx::Append;
use crate::{Fault, Param, Row};

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads a snapshot; writes are refused by the engine.
    Read,
    /// Reads and writes the present.
    Write,
}

/// Why a transaction was not committed.
pub(crate) enum Uncommitted {
    /// A row that had been held back was refused; the commit itself was not tried.
    Row(Fault),
    /// The commit itself failed.
    Commit(Fault),
}

impl From<Uncommitted> for Fault {
    fn from(why: Uncommitted) -> Self {
        match why {
            Uncommitted::Row(fault) | Uncommitted::Commit(fault) => fault,
        }
    }
}

/// One connection of one engine; used by one thread.
///
/// Statements carry `?1`, `?2`, … (and no other `?`) and may end in `FOR UPDATE`; the engine turns
/// them into its own dialect. After an error the caller asks [`Connection::intact`] before it goes
/// on.
pub(crate) trait Connection: Send {
    /// Opens a transaction.
    fn begin(&mut self, mode: Mode) -> Result<(), Fault>;
    /// Makes everything since `begin` durable, or rolls it back.
    fn commit(&mut self) -> Result<(), Uncommitted>;
    /// Gives everything since `begin` up; cannot fail in a way that matters.
    fn rollback(&mut self);
    /// Sets savepoint number `level`.
    fn savepoint(&mut self, level: u8) -> Result<(), Fault>;
    /// Forgets savepoint number `level` and keeps what came after it.
    fn release(&mut self, level: u8) -> Result<(), Fault>;
    /// Undoes what came after savepoint number `level`, and forgets it.
    fn undo(&mut self, level: u8) -> Result<(), Fault>;
    /// Runs a statement; the number of rows that it touched.
    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Fault>;
    /// Runs a statement and shows each row of its answer.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
    /// Adds a row to an append-only table, now or at the latest before the commit.
    fn append(&mut self, table: &'static Append, params: &[Param<'_>]) -> Result<(), Fault>;
    /// The next number of a series.
    fn next_number(&mut self, series: &'static str) -> Result<i64, Fault>;
    /// Lets a series go on above `number`; with 0 it starts again at 1.
    fn set_number(&mut self, series: &'static str, number: i64) -> Result<(), Fault>;
    /// Runs several statements without parameters, for migrations.
    fn batch(&mut self, sql: &str) -> Result<(), Fault>;
    /// After this instant a running statement is ended.
    fn set_deadline(&mut self, deadline: Option<Instant>);
    /// Whether the transaction is still there to be gone on with.
    fn intact(&self) -> bool;
    /// Whether the connection can be used for another transaction.
    fn usable(&self) -> bool;
}
