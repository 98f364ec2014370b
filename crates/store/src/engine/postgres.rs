//! PostgreSQL: the engine for more than one machine.
//!
//! What costs here is the round trip. Control statements (BEGIN, SAVEPOINT, RELEASE) are held
//! back and sent together with the next statement; rows of append-only tables are held back and
//! sent as arrays together with the COMMIT.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kernel::Secret;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};

use super::pending::{Mark, Pending};
use super::{Connection, Mode, Uncommitted};
use crate::tx::{Append, ColumnType};
use crate::{Fault, Isolation, Param, Row};

/// Added to a call's time limit before a silent server is given up.
const GRACE: Duration = Duration::from_secs(2);
/// Time in which a connection must be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// What a connection needs to be made.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) isolation: Isolation,
    pub(crate) call_limit: Duration,
}

impl Target {
    /// Reads `postgres://…`. With `sslmode=require` the server's certificate is checked against
    /// the public roots; otherwise the connection is in the clear, for a trusted network.
    pub(crate) fn parse(
        url: &Secret,
        isolation: Isolation,
        call_limit: Duration,
    ) -> Result<Self, Fault> {
        let mut config: tokio_postgres::Config = url
            .expose()
            .parse()
            .map_err(|_| Fault::Engine("the database address is not a postgres:// URL".into()))?;
        config.application_name("jiehuan").connect_timeout(CONNECT_LIMIT);
        let tls = if config.get_ssl_mode() == SslMode::Require {
            let mut roots = rustls::RootCertStore::empty();
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let client = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| Fault::Engine(error.to_string()))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Some(Arc::new(client))
        } else {
            config.ssl_mode(SslMode::Disable);
            None
        };
        Ok(Self { config, tls, isolation, call_limit })
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::I64(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Self::I64(value) if *ty == Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
            Self::I64(value) if *ty == Type::INT8 => value.to_sql(ty, out),
            Self::Text(text) if <&str as ToSql>::accepts(ty) => text.to_sql(ty, out),
            Self::Blob(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            Self::I64(_) | Self::Text(_) | Self::Blob(_) => {
                Err(format!("a parameter cannot be sent as {ty}").into())
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn fault(error: &tokio_postgres::Error) -> Fault {
    let Some(db) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        return Fault::Engine(format!("{error}{}", cause.unwrap_or_default()));
    };
    // The detail is left out: it may hold values of the row.
    let text = format!("{} {}", db.code().code(), db.message());
    let code = db.code();
    let conflicts = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ];
    let unknown =
        [SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN, SqlState::TRANSACTION_RESOLUTION_UNKNOWN];
    if conflicts.contains(code) {
        Fault::Conflict(text)
    } else if unknown.contains(code) {
        Fault::CommitUnknown(text)
    } else if *code == SqlState::QUERY_CANCELED {
        Fault::Expired
    } else if code.code().starts_with("23") {
        Fault::Constraint(db.constraint().unwrap_or(&text).to_owned())
    } else {
        Fault::Engine(text)
    }
}

/// Whether the server ends the connection with this error.
fn is_last(error: &DbError) -> bool {
    matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

/// One PostgreSQL connection with a small runtime of its own; it lives on one thread.
pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    statements: BTreeMap<(usize, usize), Statement>,
    append_statements: BTreeMap<&'static str, Statement>,
    /// Control statements that go out with the next statement.
    control: String,
    /// Rows appended in this transaction, by table.
    pending: Vec<Pending>,
    /// How things stood with them when each savepoint was set.
    marks: Vec<Vec<Mark>>,
    patience: Duration,
    deadline: Option<Instant>,
    isolation: Isolation,
    mode: Mode,
    /// A transaction has been begun, if only by holding its BEGIN back.
    open: bool,
    /// A row that had been held back was refused; it may be any call's.
    refused: bool,
    /// The connection is gone.
    lost: bool,
}

impl Postgres {
    /// Connects, and sets the session's limits.
    pub(crate) fn connect(target: &Target) -> Result<Self, Fault> {
        let engine = |error: std::io::Error| Fault::Engine(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(engine)?;
        let connecting = async {
            if let Some(tls) = &target.tls {
                let tls = tokio_postgres_rustls::MakeRustlsConnect::new((**tls).clone());
                let (client, connection) = target.config.connect(tls).await?;
                tokio::spawn(connection);
                Ok(client)
            } else {
                let (client, connection) = target.config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok::<_, tokio_postgres::Error>(client)
            }
        };
        let patience = target.call_limit.saturating_add(GRACE);
        let client = runtime
            .block_on(async { tokio::time::timeout(CONNECT_LIMIT, connecting).await })
            .map_err(|_| Fault::Engine("connecting to PostgreSQL took too long".into()))?
            .map_err(|error| fault(&error))?;
        // A statement that stands alone because its BEGIN was refused (an operator's
        // pg_cancel_backend at that moment) may not write: only our BEGIN allows it.
        let settings = format!(
            "SET statement_timeout = {limit}; SET lock_timeout = {lock};
             SET idle_in_transaction_session_timeout = 60000; SET client_min_messages = warning;
             SET TIME ZONE 'UTC'; SET default_transaction_read_only = on",
            limit = target.call_limit.as_millis(),
            // Two groups that wait for each other are told apart before the server looks for
            // deadlocks, which it does after a second; both are run again call by call.
            lock = target.call_limit.as_millis().div_euclid(20).max(100),
        );
        let mut connection = Self {
            runtime,
            client,
            statements: BTreeMap::new(),
            append_statements: BTreeMap::new(),
            control: String::new(),
            pending: Vec::new(),
            marks: Vec::new(),
            patience,
            deadline: None,
            isolation: target.isolation,
            mode: Mode::Read,
            open: false,
            refused: false,
            lost: false,
        };
        connection.batch(&settings)?;
        // A BEGIN that is refused must show here: later it goes out together with a statement,
        // which would then stand alone.
        for mode in [Mode::Read, Mode::Write] {
            connection.batch(connection.opening(mode))?;
            connection.batch("ROLLBACK")?;
        }
        Ok(connection)
    }

    /// Runs one exchange with the server under the time limit; notes a lost connection.
    fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Fault> {
        if self.lost {
            return Err(Fault::Engine("the connection is lost".into()));
        }
        let left = self.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let patience = left.map_or(self.patience, |left| left.saturating_add(GRACE));
        let client = &self.client;
        let answer =
            self.runtime.block_on(async { tokio::time::timeout(patience, work(client)).await });
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let last = error.as_db_error().is_some_and(is_last);
                self.lost = last || self.client.is_closed() || error.is_closed();
                Err(fault(&error))
            }
            Err(_) => {
                self.lost = true;
                Err(Fault::Expired)
            }
        }
    }

    /// The control statements go first: a text that is refused must be refused inside the
    /// savepoint of its own call.
    fn prepare(&mut self, text: &str) -> Result<Statement, Fault> {
        self.with_control(async |client| client.prepare(text).await)
    }

    /// Sends what `work` sends behind the control statements, in one round trip.
    fn with_control<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Fault> {
        let control = std::mem::take(&mut self.control);
        self.run(async |client| {
            if control.is_empty() {
                return work(client).await;
            }
            // Polled in this order, so sent in this order, and awaited together.
            let (before, answer) = tokio::join!(client.batch_execute(&control), work(client));
            before?;
            answer
        })
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        let key = (sql.as_ptr().addr(), sql.len());
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self.prepare(&sql.replace('?', "$"))?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }

    fn prepared_append(&mut self, table: &'static Append) -> Result<Statement, Fault> {
        if let Some(statement) = self.append_statements.get(table.table) {
            return Ok(statement.clone());
        }
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let casts: Vec<_> = (1..)
            .zip(table.columns)
            .map(|(n, (_, kind))| match kind {
                ColumnType::I64 => format!("${n}::BIGINT[]"),
                ColumnType::Text => format!("${n}::TEXT[]"),
                ColumnType::Blob => format!("${n}::BYTEA[]"),
            })
            .collect();
        let (names, casts) = (names.join(", "), casts.join(", "));
        let text = format!("INSERT INTO {} ({names}) SELECT * FROM UNNEST({casts})", table.table);
        let statement = self.prepare(&text)?;
        self.append_statements.insert(table.table, statement.clone());
        Ok(statement)
    }

    fn hold_back(&mut self, sql: &str) {
        if !self.control.is_empty() {
            self.control.push(';');
        }
        self.control.push_str(sql);
    }

    /// Sends the rows that wait behind the control statements, and `last` behind them, in one
    /// round trip.
    fn flush(&mut self, last: Option<&'static str>) -> Result<(), Uncommitted> {
        self.refused = true; // until they are taken
        let mut pending = std::mem::take(&mut self.pending);
        let mut inserts = Vec::new();
        for rows in pending.iter().filter(|rows| rows.waits()) {
            let statement = self.prepared_append(rows.table).map_err(Uncommitted::Row)?;
            inserts.push((statement, rows.waiting()));
        }
        let mut refused = true;
        let flushed = self.with_control(async |client| {
            let rows = join_all(inserts.iter().map(async |(statement, columns)| {
                let params: Vec<_> = columns.iter().map(|c| &**c as &(dyn ToSql + Sync)).collect();
                client.execute(statement, &params).await.map(|_| ())
            }));
            let after = async {
                match last {
                    Some(sql) => client.batch_execute(sql).await,
                    None => Ok(()),
                }
            };
            let (rows, after) = tokio::join!(rows, after);
            rows.into_iter().collect::<Result<(), _>>()?;
            refused = false;
            after
        });
        drop(inserts);
        let why = if refused { Uncommitted::Row } else { Uncommitted::Commit };
        flushed.map_err(why)?;
        pending.iter_mut().for_each(Pending::all_sent);
        self.pending = pending;
        self.refused = false;
        Ok(())
    }

    /// Reads must see what the same transaction has appended.
    fn flush_if_read(&mut self, sql: &str) -> Result<(), Fault> {
        if self.pending.iter().any(|rows| rows.waits() && rows.is_named_in(sql)) {
            self.flush(None)?;
        }
        Ok(())
    }

    /// Lets the connection's own task look at the socket: the server may have hung up meanwhile.
    fn look(&mut self) {
        self.runtime.block_on(async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        });
        self.lost = self.lost || self.client.is_closed();
    }

    fn opening(&self, mode: Mode) -> &'static str {
        match (mode, self.isolation) {
            (Mode::Read, _) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            (Mode::Write, Isolation::ReadCommitted) => {
                "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
            }
            (Mode::Write, Isolation::Serializable) => {
                "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
            }
        }
    }

    fn forget(&mut self) {
        self.control.clear();
        self.pending.clear();
        self.open = false;
        self.refused = false;
        self.deadline = None;
    }
}

impl Connection for Postgres {
    fn begin(&mut self, mode: Mode) -> Result<(), Fault> {
        self.look();
        if self.lost {
            return Err(Fault::Engine("the connection is lost".into()));
        }
        self.forget();
        self.mode = mode;
        self.open = true;
        self.hold_back(self.opening(mode));
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Uncommitted> {
        self.deadline = None;
        let Err(why) = self.flush(Some("COMMIT")) else {
            self.forget();
            return Ok(());
        };
        let lost = self.lost;
        self.rollback();
        if lost {
            // The answer got lost, or the server is going: it may have come so far, or not.
            return Err(Uncommitted::Commit(Fault::CommitUnknown(Fault::from(why).to_string())));
        }
        Err(why)
    }

    fn rollback(&mut self) {
        let begun = self.open && !self.control.starts_with("BEGIN");
        self.forget();
        if begun && !self.lost && self.run(async |c| c.batch_execute("ROLLBACK").await).is_err() {
            self.lost = true;
        }
    }

    fn savepoint(&mut self, level: u8) -> Result<(), Fault> {
        // Savepoints are set one inside the other, so those above this one are gone.
        self.marks.truncate(usize::from(level.saturating_sub(1)));
        self.marks.push(self.pending.iter().map(Pending::mark).collect());
        self.hold_back(&format!("SAVEPOINT level{level}"));
        Ok(())
    }

    fn release(&mut self, level: u8) -> Result<(), Fault> {
        self.hold_back(&format!("RELEASE level{level}"));
        Ok(())
    }

    fn undo(&mut self, level: u8) -> Result<(), Fault> {
        let marks = self.marks.get(usize::from(level.saturating_sub(1))).into_iter().flatten();
        // A table that came after the savepoint has no mark, and no row that stays.
        let marks = marks.copied().chain(std::iter::repeat(Mark::default()));
        self.pending.iter_mut().zip(marks).for_each(|(rows, mark)| rows.undo(mark));
        self.hold_back(&format!("ROLLBACK TO level{level}"));
        self.release(level)
    }

    fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, Fault> {
        self.flush_if_read(sql)?;
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        self.with_control(async |client| client.execute(&statement, &params).await)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.flush_if_read(sql)?;
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as _).collect();
        let rows = self.with_control(async |client| client.query(&statement, &params).await)?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    fn append(&mut self, table: &'static Append, params: &[Param<'_>]) -> Result<(), Fault> {
        if self.mode == Mode::Read {
            return Err(Fault::Engine(format!("a reader cannot write to {}", table.table)));
        }
        if let Some(rows) = self.pending.iter_mut().find(|rows| rows.table.table == table.table) {
            return rows.push(params);
        }
        let mut rows = Pending::new(table);
        rows.push(params)?;
        self.pending.push(rows);
        Ok(())
    }

    fn next_number(&mut self, series: &'static str) -> Result<i64, Fault> {
        let mut number = 0;
        self.query(
            "SELECT nextval(('number_' || ?1)::regclass) AS number",
            &[Param::Text(series)],
            &mut |row| {
                number = row.i64("number")?;
                Ok(())
            },
        )?;
        Ok(number)
    }

    fn set_number(&mut self, series: &'static str, number: i64) -> Result<(), Fault> {
        let sql = if number == 0 {
            "SELECT setval(('number_' || ?1)::regclass, ?2 + 1, FALSE) AS number"
        } else {
            // Others draw at the same time: setting the sequence is safe only far ahead of them,
            // a small way is gone step by step.
            "SELECT CASE
               WHEN drawn.number >= ?2 THEN drawn.number
               WHEN ?2 - drawn.number < 1000 THEN
                 (SELECT MAX(nextval(('number_' || ?1)::regclass))
                  FROM generate_series(1, ?2 - drawn.number))
               ELSE setval(('number_' || ?1)::regclass, ?2) END AS number
             FROM (SELECT nextval(('number_' || ?1)::regclass) AS number) AS drawn"
        };
        self.query(sql, &[Param::Text(series), Param::I64(number)], &mut |_| Ok(()))
    }

    fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        self.flush(None)?;
        self.run(async |client| client.batch_execute(sql).await)
    }

    fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    fn intact(&self) -> bool {
        !self.lost && self.open && !self.refused
    }

    fn usable(&self) -> bool {
        !self.lost && !self.client.is_closed()
    }
}
