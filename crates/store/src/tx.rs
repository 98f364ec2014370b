//! What a closure can do inside its transaction.

use std::time::Instant;

use crate::engine::Connection;
use crate::{Fault, Param, Row};

/// The target of log lines with the text of each statement, at the level `trace`; never its values.
pub const STATEMENTS: &str = "store::statement";

/// The type of a column of an append-only table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// BIGINT.
    I64,
    /// TEXT.
    Text,
    /// BYTEA.
    Blob,
}

/// A table to which rows are only ever added, under keys that cannot collide.
///
/// Its rows may be sent to the database as late as the commit, many at once. Statements that read
/// the table must name it (not a view over it), and no foreign key may point to it.
#[derive(Debug)]
pub struct Append {
    /// Name of the table.
    pub table: &'static str,
    /// Its columns, in the order in which [`Tx::append`] gets the values.
    pub columns: &'static [(&'static str, ColumnType)],
}

/// A transaction as one call sees it.
///
/// An `Err` from the call's closure undoes everything that the call did, and nothing of others.
pub struct Tx<'c> {
    connection: &'c mut dyn Connection,
    /// Savepoints asked for: 0 where the transaction is this call's alone.
    wanted: u8,
    /// Savepoints set so far; they are set when the first write comes.
    set: u8,
    trouble: Option<Fault>,
}

/// How a call left its transaction.
pub(crate) enum End {
    /// The transaction can go on; the call's effects are in it, or undone.
    Fine,
    /// The call failed in the store, its effects are undone, and the transaction can go on.
    Failed(Fault),
    /// The transaction is lost; everything in it must be run again.
    Lost(Fault),
}

impl<'c> Tx<'c> {
    pub(crate) fn new(
        connection: &'c mut dyn Connection,
        savepoints: u8,
        deadline: Instant,
    ) -> Self {
        connection.set_deadline(Some(deadline));
        Self { connection, wanted: savepoints, set: 0, trouble: None }
    }

    /// Closes this call's part: keeps or undoes what it did.
    pub(crate) fn end(self, keep: bool) -> End {
        // Tidying up takes the time it takes.
        self.connection.set_deadline(None);
        // A nested part that failed or panicked has left its savepoint; the first takes it along.
        let first = 1;
        if !self.connection.intact() {
            return End::Lost(self.trouble.unwrap_or(Fault::Broken));
        }
        let closed = match &self.trouble {
            None if self.set == 0 => Ok(()), // nothing written, or a transaction of its own
            None if keep => self.connection.release(first),
            None => self.connection.undo(first),
            Some(fault) => {
                if self.set == 0 || matches!(fault, Fault::Conflict(_)) {
                    return End::Lost(fault.clone());
                }
                self.connection.undo(first)
            }
        };
        match (closed, self.trouble) {
            (Err(fault), _) => End::Lost(fault),
            (Ok(()), Some(fault)) => End::Failed(fault),
            (Ok(()), None) => End::Fine,
        }
    }

    fn attempt<T>(
        &mut self,
        writes: bool,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.trouble.is_some() {
            return Err(Fault::Broken);
        }
        let result = self.set_savepoints(writes).and_then(|()| work(self.connection));
        result.inspect_err(|fault| self.trouble = Some(fault.clone()))
    }

    fn set_savepoints(&mut self, writes: bool) -> Result<(), Fault> {
        while writes && self.set < self.wanted {
            self.set = self.set.saturating_add(1);
            self.connection.savepoint(self.set)?;
        }
        Ok(())
    }

    /// Runs a statement that changes rows; how many it changed.
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Fault> {
        tracing::trace!(target: STATEMENTS, sql);
        self.attempt(true, |connection| connection.execute(sql, params))
    }

    /// Reads all rows of an answer. `read` may run on rows of a transaction that is later undone.
    pub fn rows<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        tracing::trace!(target: STATEMENTS, sql);
        let mut out = Vec::new();
        let writes = !sql.trim_start().starts_with("SELECT");
        self.attempt(writes, |connection| {
            connection.query(sql, params, &mut |row| {
                out.push(read(row)?);
                Ok(())
            })
        })?;
        Ok(out)
    }

    /// Reads the one row of an answer, if there is one. More than one is a fault.
    pub fn row<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut rows = self.rows(sql, params, read)?;
        let row = rows.pop();
        if rows.is_empty() {
            return Ok(row);
        }
        self.attempt(false, |_| Err(Fault::Corrupt("more than one row".into())))
    }

    /// Adds a row to an append-only table. It is visible to later reads of this transaction.
    pub fn append(&mut self, table: &'static Append, params: &[Param<'_>]) -> Result<(), Fault> {
        self.attempt(true, |connection| {
            let fits = |((_, kind), param): (&(_, ColumnType), &Param<'_>)| {
                matches!(
                    (kind, param),
                    (_, Param::Null)
                        | (ColumnType::I64, Param::I64(_))
                        | (ColumnType::Text, Param::Text(_))
                        | (ColumnType::Blob, Param::Blob(_))
                )
            };
            if table.columns.len() != params.len() || !table.columns.iter().zip(params).all(fits) {
                return Err(Fault::Engine(format!("values do not fit the table {}", table.table)));
            }
            connection.append(table, params)
        })
    }

    /// The next number of a series: 1, 2, 3, … A number may be lost, never given twice.
    pub fn next_number(&mut self, series: &'static str) -> Result<i64, Fault> {
        self.attempt(true, |connection| connection.next_number(series))
    }

    /// Lets a series go on above `number`, which was chosen by hand; 0 starts it again at 1.
    ///
    /// On PostgreSQL this is not undone with the call.
    pub fn set_number(&mut self, series: &'static str, number: i64) -> Result<(), Fault> {
        self.attempt(true, |connection| connection.set_number(series, number))
    }

    /// Runs a part of the call that is undone alone when it is refused. Parts may have parts.
    ///
    /// A fault inside is not contained: the whole call fails, whatever it makes of the answer.
    pub fn nested<T, E>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, Fault> {
        let outer = self.wanted;
        let level = outer.saturating_add(1);
        self.wanted = level;
        let result = part(self);
        self.wanted = outer;
        if self.trouble.is_none() && self.set == level {
            let keep = result.is_ok();
            self.set = outer;
            self.attempt(false, |connection| {
                if keep { connection.release(level) } else { connection.undo(level) }
            })?;
        }
        Ok(result)
    }
}
