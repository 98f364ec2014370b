//! What the tests share: an empty database on either engine, and ways to put calls in its way.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use kernel::Secret;

use crate::{
    Append, ColumnType, Db, Engine, Fault, Isolation, Migration, Options, Param, Text, Tx,
};

/// Makes two tests of each rule, one on each engine.
macro_rules! on_both {
    ($($rule:ident)*) => {
        mod sqlite {
            $(#[test] fn $rule() { super::$rule(crate::tests::kit::On::Sqlite); })*
        }
        mod postgres {
            $(#[test] fn $rule() { super::$rule(crate::tests::kit::On::Postgres); })*
        }
    };
}
pub(super) use on_both;

/// Tables of the tests: one that is changed, one that is appended to, and a pair whose key is
/// looked at by the commit only.
const SCHEMA: &[Migration] = &[
    Migration {
        number: 1,
        name: "tables",
        text: Text::Both(
            "CREATE TABLE item (
                item_id BIGKEY CONSTRAINT item_pk PRIMARY KEY,
                n BIGINT CONSTRAINT item_n CHECK (n >= 0),
                t TEXT,
                b BYTEA
            );
            CREATE TABLE line (
                line_id BIGKEY CONSTRAINT line_pk PRIMARY KEY,
                n BIGINT CONSTRAINT line_n CHECK (n >= 0),
                t TEXT,
                b BYTEA
            );
            CREATE TABLE parent (parent_id BIGKEY CONSTRAINT parent_pk PRIMARY KEY);
            CREATE TABLE child (
                child_id BIGKEY CONSTRAINT child_pk PRIMARY KEY,
                parent_id BIGINT NOT NULL,
                CONSTRAINT child_of FOREIGN KEY (parent_id) REFERENCES parent (parent_id)
                    DEFERRABLE INITIALLY DEFERRED
            );",
        ),
    },
    Migration {
        number: 2,
        name: "numbers",
        text: Text::Each {
            sqlite: "CREATE TABLE number_series (
                series TEXT NOT NULL CONSTRAINT number_series_pk PRIMARY KEY,
                last_number BIGINT NOT NULL
            );",
            postgres: "CREATE SEQUENCE number_test; CREATE SEQUENCE number_other;",
        },
    },
];

/// The appended table.
pub(super) static LINE: Append = Append {
    table: "line",
    columns: &[
        ("line_id", ColumnType::I64),
        ("n", ColumnType::I64),
        ("t", ColumnType::Text),
        ("b", ColumnType::Blob),
    ],
};

/// Why a call of a test was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The call itself refused.
    Refused,
    /// The store failed.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What a call of a test answers.
pub(super) type Answer<T = ()> = Result<T, Stop>;

/// The engine of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Sqlite,
    Postgres,
}

/// An open database with the tables of the tests; dropping it removes it.
pub(super) struct Bench {
    pub(super) db: Db,
    pub(super) options: Options,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Database(String),
}

impl On {
    /// An empty place for a database, and options for it, with one writer.
    fn place(self) -> (Place, Engine) {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("store_{}_{count}", std::process::id());
        match self {
            Self::Sqlite => {
                let folder = std::env::temp_dir().join(name);
                std::fs::create_dir_all(&folder).unwrap();
                let engine = Engine::Sqlite { path: folder.join("test.db"), cache_mib: 8 };
                (Place::Folder(folder), engine)
            }
            Self::Postgres => {
                let server = server();
                // template0 can be copied by several tests at once.
                admin(&server, &format!("CREATE DATABASE {name} TEMPLATE template0"));
                let url = Secret::new(in_database(&server, &name));
                let isolation = Isolation::ReadCommitted;
                (Place::Database(name), Engine::Postgres { url, writers: 1, isolation })
            }
        }
    }

    /// Opens an empty database without any table.
    pub(super) fn open_empty(self, tune: impl FnOnce(&mut Options)) -> Bench {
        let (place, engine) = self.place();
        let call_limit = Duration::from_secs(20);
        let mut options = Options { engine, group: 64, queue: 1000, readers: 2, call_limit };
        tune(&mut options);
        let db = Db::open(options.clone()).unwrap();
        Bench { db, options, place }
    }

    /// Opens a database with the tables of the tests.
    pub(super) fn open_with(self, tune: impl FnOnce(&mut Options)) -> Bench {
        let bench = self.open_empty(tune);
        assert_eq!(bench.db.migrate(SCHEMA).unwrap().len(), 2);
        bench
    }

    /// Opens a database with the tables of the tests and usual options.
    pub(super) fn open(self) -> Bench {
        self.open_with(|_| ())
    }
}

impl Bench {
    /// Runs a call and waits.
    #[track_caller]
    pub(super) fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        self.db.write_and_wait(0, work)
    }

    /// Puts a call into the queue; its answer comes through the channel.
    pub(super) fn queue<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Answer<T> + Send + 'static,
    ) -> Receiver<Answer<T>> {
        let (sender, receiver) = channel();
        self.db.write(0, work, move |answer| {
            let _ = sender.send(answer); // the test has seen enough
        });
        receiver
    }

    /// Holds the writer up until the gate is dropped: what is queued meanwhile is one group.
    pub(super) fn hold(&self) -> Gate {
        let (gate, wait) = channel();
        let (started, has_started) = channel();
        let _answer = self.queue(move |_| {
            let _ = started.send(());
            let _ = wait.recv(); // ends when the gate is dropped
            Ok(())
        });
        has_started.recv().unwrap();
        Gate { _gate: gate }
    }

    /// The ids in `item`, in order.
    #[track_caller]
    pub(super) fn items(&self) -> Vec<i64> {
        self.ids("SELECT item_id AS id FROM item ORDER BY item_id")
    }

    /// The ids in `line`, in order.
    #[track_caller]
    pub(super) fn lines(&self) -> Vec<i64> {
        self.ids("SELECT line_id AS id FROM line ORDER BY line_id")
    }

    #[track_caller]
    fn ids(&self, sql: &'static str) -> Vec<i64> {
        let read = self.db.read_and_wait(move |tx| tx.rows(sql, &[], |row| row.i64("id")));
        read.unwrap()
    }

    /// Runs a statement on PostgreSQL from outside, on a connection of its own.
    #[track_caller]
    pub(super) fn admin(&self, sql: &str) {
        admin(&self.url(), sql);
    }

    /// The address of this bench's database on PostgreSQL.
    pub(super) fn url(&self) -> String {
        let Place::Database(name) = &self.place else { panic!("only on PostgreSQL") };
        in_database(&server(), name)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.db.close();
        match &self.place {
            Place::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Place::Database(name) => {
                admin(&server(), &format!("DROP DATABASE {name} WITH (FORCE)"));
            }
        }
    }
}

/// Holds the writer up while it lives.
pub(super) struct Gate {
    _gate: Sender<()>,
}

/// Puts a row into `item`.
pub(super) fn insert(tx: &mut Tx<'_>, id: i64) -> Result<(), Fault> {
    let sql = "INSERT INTO item (item_id, n) VALUES (?1, 0)";
    tx.execute(sql, &[Param::I64(id)]).map(|_| ())
}

/// Appends a row to `line`.
pub(super) fn append(tx: &mut Tx<'_>, id: i64) -> Result<(), Fault> {
    tx.append(&LINE, &[Param::I64(id), Param::I64(0), Param::Null, Param::Null])
}

/// The number of rows in `line`, as a call sees it.
pub(super) fn count_lines(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let rows = tx.row("SELECT COUNT(*) AS rows FROM line", &[], |row| row.i64("rows"))?;
    Ok(rows.unwrap_or(0))
}

/// The fault of an answer.
#[track_caller]
pub(super) fn fault<T: std::fmt::Debug>(answer: Answer<T>) -> Fault {
    match answer {
        Err(Stop::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

fn server() -> String {
    let url = std::env::var("JIEHUAN_TEST_POSTGRES");
    url.expect("run ./test: it starts a PostgreSQL of its own")
}

/// The address of another database of the same server.
fn in_database(server: &str, name: &str) -> String {
    let (before, _) = server.rsplit_once('/').expect("the address ends in a database");
    format!("{before}/{name}")
}

#[track_caller]
fn admin(url: &str, sql: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
    });
}
