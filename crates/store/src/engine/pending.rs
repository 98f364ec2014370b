//! Rows of append-only tables that wait to be sent as arrays.

use tokio_postgres::types::ToSql;

use crate::tx::{Append, ColumnType};
use crate::{Fault, Param};

/// The rows that a transaction has appended to one table, column by column.
///
/// Rows that have been sent are kept too: a savepoint that is undone takes them back out of the
/// database, and those from before it must be sent again.
pub(crate) struct Pending {
    pub(crate) table: &'static Append,
    columns: Vec<Column>,
    /// How many rows, from the first on, have been sent.
    sent: usize,
}

/// How things stood with one table when a savepoint was set.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mark {
    rows: usize,
    sent: usize,
}

enum Column {
    I64(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
    Blob(Vec<Option<Vec<u8>>>),
}

impl Pending {
    pub(crate) fn new(table: &'static Append) -> Self {
        let column = |kind: &ColumnType| match kind {
            ColumnType::I64 => Column::I64(Vec::new()),
            ColumnType::Text => Column::Text(Vec::new()),
            ColumnType::Blob => Column::Blob(Vec::new()),
        };
        let columns = table.columns.iter().map(|(_, kind)| column(kind)).collect();
        Self { table, columns, sent: 0 }
    }

    pub(crate) fn push(&mut self, params: &[Param<'_>]) -> Result<(), Fault> {
        self.columns.iter_mut().zip(params).try_for_each(|(column, param)| column.push(*param))
    }

    /// Whether a statement names the table, as a word: `posting` is not in `last_posting_id`.
    pub(crate) fn is_named_in(&self, sql: &str) -> bool {
        let inside =
            |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        sql.match_indices(self.table.table).any(|(start, word)| {
            let end = start.saturating_add(word.len());
            let before = start.checked_sub(1).and_then(|index| sql.as_bytes().get(index).copied());
            !inside(before) && !inside(sql.as_bytes().get(end).copied())
        })
    }

    /// Whether there are rows that the database has not seen.
    pub(crate) fn waits(&self) -> bool {
        self.sent < self.rows()
    }

    /// The columns of the rows that wait, as arrays.
    pub(crate) fn waiting(&self) -> Vec<Box<dyn ToSql + Sync + '_>> {
        self.columns.iter().map(|column| column.after(self.sent)).collect()
    }

    pub(crate) fn all_sent(&mut self) {
        self.sent = self.rows();
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { rows: self.rows(), sent: self.sent }
    }

    /// Forgets the rows since the mark. Rows from before it that were sent after it wait again.
    pub(crate) fn undo(&mut self, to: Mark) {
        self.columns.iter_mut().for_each(|column| column.truncate(to.rows));
        self.sent = to.sent;
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }
}

impl Column {
    fn push(&mut self, param: Param<'_>) -> Result<(), Fault> {
        match (self, param) {
            (Self::I64(rows), Param::Null) => rows.push(None),
            (Self::I64(rows), Param::I64(value)) => rows.push(Some(value)),
            (Self::Text(rows), Param::Null) => rows.push(None),
            (Self::Text(rows), Param::Text(text)) => rows.push(Some(text.to_owned())),
            (Self::Blob(rows), Param::Null) => rows.push(None),
            (Self::Blob(rows), Param::Blob(bytes)) => rows.push(Some(bytes.to_vec())),
            (Self::I64(_) | Self::Text(_) | Self::Blob(_), _) => {
                return Err(Fault::Engine("an appended value has the wrong type".into()));
            }
        }
        Ok(())
    }

    fn truncate(&mut self, rows: usize) {
        match self {
            Self::I64(column) => column.truncate(rows),
            Self::Text(column) => column.truncate(rows),
            Self::Blob(column) => column.truncate(rows),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::I64(column) => column.len(),
            Self::Text(column) => column.len(),
            Self::Blob(column) => column.len(),
        }
    }

    fn after(&self, sent: usize) -> Box<dyn ToSql + Sync + '_> {
        match self {
            Self::I64(column) => Box::new(column.get(sent..).unwrap_or_default()),
            Self::Text(column) => Box::new(column.get(sent..).unwrap_or_default()),
            Self::Blob(column) => Box::new(column.get(sent..).unwrap_or_default()),
        }
    }
}
