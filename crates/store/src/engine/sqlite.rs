//! SQLite: the embedded engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection as Raw, ErrorCode, Statement, types};

use super::{Connection, Mode, Uncommitted};
use crate::tx::Append;
use crate::{Fault, Param, Row};

/// How long to wait for another process (a command line tool) that is writing.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// How long to wait before the next try where SQLite does not wait by itself.
const PAUSE: Duration = Duration::from_millis(5);
/// Prepared statements kept per connection; above the number of statements there are.
const STATEMENTS: usize = 512;
/// Virtual machine steps between two looks at the clock: well under a millisecond.
const STEPS_PER_LOOK: i32 = 20_000;

/// One SQLite connection.
pub(crate) struct Sqlite {
    raw: Raw,
    deadline: Arc<Mutex<Option<Instant>>>,
    appends: BTreeMap<&'static str, String>,
}

fn fault(error: &rusqlite::Error) -> Fault {
    if let rusqlite::Error::SqliteFailure(code, message) = error {
        let text = message.clone().unwrap_or_else(|| code.to_string());
        if code.code == ErrorCode::ConstraintViolation {
            return Fault::Constraint(text);
        }
        if code.code == ErrorCode::OperationInterrupted {
            return Fault::Expired;
        }
        if matches!(code.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
            return Fault::Conflict(text);
        }
        return Fault::Engine(text);
    }
    Fault::Engine(error.to_string())
}

fn map<T>(result: rusqlite::Result<T>) -> Result<T, Fault> {
    result.map_err(|error| fault(&error))
}

fn bind(statement: &mut Statement<'_>, params: &[Param<'_>]) -> Result<(), Fault> {
    let (wanted, given) = (statement.parameter_count(), params.len());
    if wanted != given {
        // SQLite itself would take the missing ones for NULL.
        return Err(Fault::Engine(format!("{wanted} parameters wanted, {given} given")));
    }
    for (index, param) in params.iter().enumerate() {
        let value = match *param {
            Param::Null => types::ToSqlOutput::Owned(types::Value::Null),
            Param::I64(value) => types::ToSqlOutput::Owned(types::Value::Integer(value)),
            Param::Text(text) => types::ToSqlOutput::Borrowed(text.into()),
            Param::Blob(bytes) => types::ToSqlOutput::Borrowed(bytes.into()),
        };
        map(statement.raw_bind_parameter(index.saturating_add(1), value))?;
    }
    Ok(())
}

/// SQLite locks the whole database for a writer; rows need no lock.
fn without_row_lock(sql: &str) -> &str {
    sql.trim_end().strip_suffix("FOR UPDATE").unwrap_or(sql)
}

/// Has the file write ahead. Where several open a new file at once, SQLite tells all but one at
/// once that it is busy, as waiting for each other would be a deadlock: they try again.
#[expect(clippy::disallowed_methods, reason = "the store's own threads may wait for the file")]
fn write_ahead(raw: &Raw) -> Result<(), Fault> {
    let since = Instant::now();
    loop {
        match map(raw.execute_batch("PRAGMA journal_mode = WAL")) {
            Err(Fault::Conflict(_)) if since.elapsed() < BUSY_WAIT => std::thread::sleep(PAUSE),
            answer => return answer,
        }
    }
}

impl Sqlite {
    /// Opens or creates the file. Readers refuse to write.
    pub(crate) fn open(path: &Path, mode: Mode, cache_mib: u32) -> Result<Self, Fault> {
        let mut raw = map(Raw::open(path))?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS);
        map(raw.busy_timeout(BUSY_WAIT))?;
        let kib = i64::from(cache_mib).saturating_mul(1024);
        let pragmas = format!(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{kib}; PRAGMA mmap_size = 0;
             PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 67108864;
             PRAGMA case_sensitive_like = ON; PRAGMA trusted_schema = OFF;
             PRAGMA query_only = {};",
            if mode == Mode::Read { "ON" } else { "OFF" },
        );
        write_ahead(&raw)?;
        map(raw.execute_batch(&pragmas))?;
        // Without the planner's stability guarantee SQLite compiles a statement again for each
        // new value of a parameter that its statistics might make something of.
        map(raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true))?;
        let deadline = Arc::new(Mutex::new(None::<Instant>));
        let watched = Arc::clone(&deadline);
        map(raw.progress_handler(
            STEPS_PER_LOOK,
            Some(move || {
                let deadline = *watched.lock().unwrap_or_else(PoisonError::into_inner);
                deadline.is_some_and(|deadline| Instant::now() > deadline)
            }),
        ))?;
        Ok(Self { raw, deadline, appends: BTreeMap::new() })
    }

    fn control(&self, sql: &str) -> Result<(), Fault> {
        map(self.raw_control(sql))
    }

    fn raw_control(&self, sql: &str) -> rusqlite::Result<()> {
        self.raw.prepare_cached(sql)?.raw_execute().map(|_| ())
    }
}

impl Connection for Sqlite {
    fn begin(&mut self, mode: Mode) -> Result<(), Fault> {
        self.control(match mode {
            Mode::Read => "BEGIN",
            Mode::Write => "BEGIN IMMEDIATE",
        })
    }

    fn commit(&mut self) -> Result<(), Uncommitted> {
        self.set_deadline(None);
        let Err(error) = self.raw_control("COMMIT") else { return Ok(()) };
        self.rollback();
        let fault = fault(&error);
        // Where the disk fails, the commit may be in the log, to be found after a crash.
        let unknown = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
        let fault = if unknown { Fault::CommitUnknown(fault.to_string()) } else { fault };
        Err(Uncommitted::Commit(fault))
    }

    fn rollback(&mut self) {
        self.set_deadline(None);
        if self.intact() {
            // A failed rollback leaves the connection inside its transaction, which the next
            // `begin` reports.
            let _ = self.control("ROLLBACK");
        }
    }

    fn savepoint(&mut self, level: u8) -> Result<(), Fault> {
        self.control(&format!("SAVEPOINT level{level}"))
    }

    fn release(&mut self, level: u8) -> Result<(), Fault> {
        self.control(&format!("RELEASE level{level}"))
    }

    fn undo(&mut self, level: u8) -> Result<(), Fault> {
        self.control(&format!("ROLLBACK TO level{level}"))?;
        self.release(level)
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Fault> {
        let mut statement = map(self.raw.prepare_cached(without_row_lock(sql)))?;
        bind(&mut statement, params)?;
        let touched = map(statement.raw_execute())?;
        Ok(u64::try_from(touched).unwrap_or(u64::MAX))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = map(self.raw.prepare_cached(without_row_lock(sql)))?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = map(rows.next())? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn append(&mut self, table: &'static Append, params: &[Param<'_>]) -> Result<(), Fault> {
        let sql = self.appends.entry(table.table).or_insert_with(|| {
            let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
            let marks: Vec<_> = (1..=names.len()).map(|n| format!("?{n}")).collect();
            let (names, marks) = (names.join(", "), marks.join(", "));
            format!("INSERT INTO {} ({names}) VALUES ({marks})", table.table)
        });
        let mut statement = map(self.raw.prepare_cached(sql))?;
        bind(&mut statement, params)?;
        map(statement.raw_execute()).map(|_| ())
    }

    fn next_number(&mut self, series: &'static str) -> Result<i64, Fault> {
        let mut number = 0;
        self.query(
            "INSERT INTO number_series (series, last_number) VALUES (?1, 1)
             ON CONFLICT (series) DO UPDATE SET last_number = number_series.last_number + 1
             RETURNING last_number",
            &[Param::Text(series)],
            &mut |row| {
                number = row.i64("last_number")?;
                Ok(())
            },
        )?;
        Ok(number)
    }

    fn set_number(&mut self, series: &'static str, number: i64) -> Result<(), Fault> {
        self.execute(
            "INSERT INTO number_series (series, last_number) VALUES (?1, ?2)
             ON CONFLICT (series) DO UPDATE SET last_number =
               CASE WHEN ?2 = 0 OR number_series.last_number < ?2 THEN ?2
                    ELSE number_series.last_number END",
            &[Param::Text(series), Param::I64(number)],
        )?;
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        map(self.raw.execute_batch(sql))
    }

    fn set_deadline(&mut self, deadline: Option<Instant>) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    fn intact(&self) -> bool {
        // Some errors (full disk, an interrupted write) end the whole transaction in SQLite.
        !self.raw.is_autocommit()
    }

    fn usable(&self) -> bool {
        self.raw.is_autocommit()
    }
}
