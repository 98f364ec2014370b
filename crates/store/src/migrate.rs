//! Numbered, embedded, forward-only migrations.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::engine::{Connection, Mode};
use crate::{Fault, Param};

/// The text of a migration.
#[derive(Clone, Copy, Debug)]
pub enum Text {
    /// One text for both engines. The word `BIGKEY` stands for the type of a 64-bit primary key:
    /// INTEGER on SQLite, where only that is the row's own key, and BIGINT on PostgreSQL.
    Both(&'static str),
    /// Where the engines have no common words: views, sequences.
    Each {
        /// For SQLite.
        sqlite: &'static str,
        /// For PostgreSQL.
        postgres: &'static str,
    },
}

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place in the order.
    pub number: u32,
    /// `context_what`, as in the file's name.
    pub name: &'static str,
    /// What it does.
    pub text: Text,
}

/// A migration that has just been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its place in the order.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
}

macro_rules! both {
    ($number:literal, $name:literal, $file:literal) => {
        Migration {
            number: $number,
            name: $name,
            text: Text::Both(include_str!(concat!("../../../migrations/", $file, ".sql"))),
        }
    };
}

macro_rules! each {
    ($number:literal, $name:literal, $file:literal) => {
        Migration {
            number: $number,
            name: $name,
            text: Text::Each {
                sqlite: include_str!(concat!("../../../migrations/", $file, ".sqlite.sql")),
                postgres: include_str!(concat!("../../../migrations/", $file, ".postgres.sql")),
            },
        }
    };
}

/// Every step of the schema, in order.
pub const MIGRATIONS: &[Migration] = &[
    each!(1, "store_numbers", "0001_store_numbers"),
    both!(2, "ledger_accounts", "0002_ledger_accounts"),
    both!(3, "identity_members", "0003_identity_members"),
    both!(4, "market_projects", "0004_market_projects"),
    each!(5, "futureloan_views", "0005_futureloan_views"),
    each!(6, "lending_ledger", "0006_lending_ledger"),
    both!(7, "customers", "0007_customers"),
    both!(8, "catalog", "0008_catalog"),
    both!(9, "loans", "0009_loans"),
    both!(10, "notices", "0010_notices"),
    both!(11, "operators", "0011_operators"),
    both!(12, "documents", "0012_documents"),
    both!(13, "reports", "0013_reports"),
    both!(14, "wukong", "0014_wukong"),
    each!(20, "leads", "0020_leads"),
    both!(21, "chaojihua", "0021_chaojihua"),
    both!(22, "funding", "0022_funding"),
    both!(23, "reconciliation", "0023_reconciliation"),
    both!(24, "provider_calls", "0024_provider_calls"),
    both!(25, "overview", "0025_overview"),
    both!(26, "sms_looks", "0026_sms_looks"),
    both!(27, "operator_sessions", "0027_operator_sessions"),
    both!(28, "ledger_books", "0028_ledger_books"),
    both!(29, "collections", "0029_collections"),
    both!(30, "vintage_erasure", "0030_vintage_erasure"),
];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS migration (
    number BIGINT CONSTRAINT migration_pk PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL
)";

/// Applies what is missing, in one transaction, while others wait.
pub(crate) fn run(
    connection: &mut dyn Connection,
    migrations: &[Migration],
    sqlite: bool,
) -> Result<Vec<Applied>, Fault> {
    open_book(connection)?;
    connection.begin(Mode::Write)?;
    let applied = apply(connection, migrations, sqlite);
    if applied.is_ok() {
        connection.commit()?;
    } else {
        connection.rollback();
    }
    applied
}

/// Makes the book and its row to lock; another node may be doing the same.
fn open_book(connection: &mut dyn Connection) -> Result<(), Fault> {
    let lock = "INSERT INTO migration (number, name, checksum) VALUES (0, 'lock', '')
                ON CONFLICT (number) DO NOTHING";
    let mut tried = Ok(());
    for _ in 0..3 {
        connection.begin(Mode::Write)?;
        tried = connection.batch(BOOK).and_then(|()| connection.batch(lock));
        tried = tried.and_then(|()| Ok(connection.commit()?));
        if tried.is_ok() {
            break;
        }
        connection.rollback();
    }
    tried
}

fn apply(
    connection: &mut dyn Connection,
    migrations: &[Migration],
    sqlite: bool,
) -> Result<Vec<Applied>, Fault> {
    // Two nodes may start at once: the loser waits for this row, and then finds nothing to do.
    connection.query(
        "SELECT number FROM migration WHERE number = 0 FOR UPDATE",
        &[],
        &mut |_| Ok(()),
    )?;
    let mut known = Vec::new();
    connection.query(
        "SELECT number, checksum FROM migration WHERE number > 0",
        &[],
        &mut |row| {
            known.push((row.i64("number")?, row.text("checksum")?));
            Ok(())
        },
    )?;
    if let Some((number, _)) =
        known.iter().find(|(number, _)| !migrations.iter().any(|m| i64::from(m.number) == *number))
    {
        let text = format!("the database knows migration {number}, this program does not");
        return Err(Fault::Engine(text));
    }
    let mut applied = Vec::new();
    for migration in migrations {
        let text = match migration.text {
            Text::Both(text) => text.replace("BIGKEY", if sqlite { "INTEGER" } else { "BIGINT" }),
            Text::Each { sqlite: text, .. } if sqlite => text.to_owned(),
            Text::Each { postgres: text, .. } => text.to_owned(),
        };
        let checksum = checksum(&text);
        let number = i64::from(migration.number);
        match known.iter().find(|(known, _)| *known == number) {
            Some((_, there)) if *there == checksum => {}
            Some(_) => {
                let text = format!("migration {number} differs from the one that was applied");
                return Err(Fault::Engine(text));
            }
            None => {
                connection.batch(&text)?;
                let params =
                    [Param::I64(number), Param::Text(migration.name), Param::Text(&checksum)];
                let sql = "INSERT INTO migration (number, name, checksum) VALUES (?1, ?2, ?3)";
                connection.execute(sql, &params)?;
                applied.push(Applied { number: migration.number, name: migration.name });
            }
        }
    }
    Ok(applied)
}

fn checksum(text: &str) -> String {
    let mut out = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(out, "{byte:02x}"); // a String takes everything
    }
    out
}
