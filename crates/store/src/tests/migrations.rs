//! Migrations are applied once, in order, and never changed.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};

use super::kit::{Answer, Bench, On, insert, on_both};
use crate::{Applied, Db, Engine, Fault, Isolation, MIGRATIONS, Migration, Text};

on_both! {
    migrations_are_applied_once
    a_changed_migration_is_refused
    an_unknown_migration_is_refused
    a_failing_migration_changes_nothing
    two_nodes_may_migrate_at_once
    the_platform_s_migrations_apply
}

const ONE: Migration = Migration {
    number: 1,
    name: "one",
    text: Text::Both("CREATE TABLE one (id BIGKEY PRIMARY KEY)"),
};
const TWO: Migration = Migration {
    number: 2,
    name: "two",
    text: Text::Each {
        sqlite: "CREATE TABLE two (id BIGINT); CREATE INDEX two_id ON two (id);",
        postgres: "CREATE TABLE two (id BIGINT); CREATE INDEX two_id ON two (id);",
    },
};

fn applied(migration: &Migration) -> Applied {
    Applied { number: migration.number, name: migration.name }
}

#[track_caller]
fn refusal(answer: Result<Vec<Applied>, Fault>) -> String {
    let Err(Fault::Engine(text)) = answer else { panic!("{answer:?}") };
    text
}

fn migrations_are_applied_once(on: On) {
    let bench = on.open_empty(|_| ());
    assert_eq!(bench.db.migrate(&[ONE]), Ok(vec![applied(&ONE)]));
    assert_eq!(bench.db.migrate(&[ONE]), Ok(vec![]));
    assert_eq!(bench.db.migrate(&[ONE, TWO]), Ok(vec![applied(&TWO)]));
    assert_eq!(bench.db.migrate(&[ONE, TWO]), Ok(vec![]));
    let rows: Answer<_> = bench.write(|tx| {
        let insert = "INSERT INTO two (id) VALUES (1)";
        tx.execute(insert, &[])?;
        let sql = "SELECT number, name FROM migration WHERE number > 0 ORDER BY number";
        Ok(tx.rows(sql, &[], |row| Ok((row.i64("number")?, row.text("name")?)))?)
    });
    assert_eq!(rows, Ok(vec![(1, "one".to_owned()), (2, "two".to_owned())]));
}

fn a_changed_migration_is_refused(on: On) {
    let bench = on.open_empty(|_| ());
    bench.db.migrate(&[ONE]).unwrap();
    let changed = Migration { text: Text::Both("CREATE TABLE other (id BIGKEY)"), ..ONE };
    assert!(refusal(bench.db.migrate(&[changed, TWO])).contains("migration 1 differs"));
    assert_eq!(bench.db.migrate(&[ONE, TWO]), Ok(vec![applied(&TWO)]), "nothing came of it");
}

fn an_unknown_migration_is_refused(on: On) {
    let bench = on.open_empty(|_| ());
    bench.db.migrate(&[ONE, TWO]).unwrap();
    assert!(refusal(bench.db.migrate(&[ONE])).contains("migration 2"));
    assert_eq!(bench.db.migrate(&[ONE, TWO]), Ok(vec![]));
}

fn a_failing_migration_changes_nothing(on: On) {
    let bench = on.open_empty(|_| ());
    let bad = Migration {
        number: 2,
        name: "bad",
        text: Text::Both("CREATE TABLE two (id BIGINT); CREATE TABLE one (id BIGINT)"),
    };
    refusal(bench.db.migrate(&[ONE, bad]));
    assert_eq!(bench.db.migrate(&[ONE, TWO]), Ok(vec![applied(&ONE), applied(&TWO)]));
}

fn two_nodes_may_migrate_at_once(on: On) {
    let bench = on.open_empty(|_| ());
    let mut options = bench.options.clone();
    match &mut options.engine {
        // A file that is not there yet.
        Engine::Sqlite { path, .. } => path.set_file_name("fresh.db"),
        Engine::Postgres { isolation, .. } => *isolation = Isolation::Serializable,
    }
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (start, options) = (Arc::clone(&start), options.clone());
            std::thread::spawn(move || {
                start.wait();
                let db = Db::open(options).unwrap();
                let applied = db.migrate(MIGRATIONS);
                db.close();
                applied
            })
        })
        .collect();
    let mut counts: Vec<_> =
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap().len()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [0, 0, 0, MIGRATIONS.len()]);
}

fn the_platform_s_migrations_apply(on: On) {
    let bench = on.open_empty(|_| ());
    let all: Vec<_> = MIGRATIONS.iter().map(applied).collect();
    assert_eq!(bench.db.migrate(MIGRATIONS), Ok(all));
    assert_eq!(bench.db.migrate(MIGRATIONS), Ok(vec![]));
    let member: Answer<_> = bench.write(|tx| Ok(tx.next_number("member")?));
    assert_eq!(member, Ok(1));
}

#[test]
fn migration_numbers_ascend() {
    let numbers: Vec<_> = MIGRATIONS.iter().map(|migration| migration.number).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
}

/// Table, column, type, and whether it must have a value.
type Column = (String, String, String, i64);

fn columns(bench: &Bench, sql: &'static str) -> BTreeSet<Column> {
    bench.db.migrate(MIGRATIONS).unwrap();
    let read = bench.db.read_and_wait(move |tx| {
        tx.rows(sql, &[], |row| {
            Ok((row.text("t")?, row.text("c")?, row.text("kind")?, row.i64("must")?))
        })
    });
    read.unwrap().into_iter().filter(|(table, ..)| table != "number_series").collect()
}

#[test]
fn both_engines_have_the_same_tables_and_columns() {
    let sqlite = columns(
        &On::Sqlite.open_empty(|_| ()),
        "SELECT t.name AS t, c.name AS c, c.\"notnull\" = 1 OR c.pk > 0 AS must,
                REPLACE(LOWER(c.type), 'integer', 'bigint') AS kind
         FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'",
    );
    let postgres = columns(
        &On::Postgres.open_empty(|_| ()),
        "SELECT CAST(t.table_name AS TEXT) AS t, CAST(c.column_name AS TEXT) AS c,
                CAST(c.data_type AS TEXT) AS kind, c.is_nullable = 'NO' AS must
         FROM information_schema.tables AS t JOIN information_schema.columns AS c
           ON c.table_schema = t.table_schema AND c.table_name = t.table_name
         WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'",
    );
    assert!(sqlite.len() > 50);
    assert_eq!(sqlite.difference(&postgres).collect::<Vec<_>>(), Vec::<&Column>::new());
    assert_eq!(postgres.difference(&sqlite).collect::<Vec<_>>(), Vec::<&Column>::new());
}

/// Migrating while the writers are at work is how a node joins others.
#[test]
fn an_open_store_goes_on_after_a_migration() {
    let bench = On::Postgres.open();
    bench.write(|tx| Ok(insert(tx, 1)?)).unwrap();
    bench.admin("ALTER TABLE item ADD COLUMN more BIGINT");
    bench.write(|tx| Ok(insert(tx, 2)?)).unwrap();
    assert_eq!(bench.items(), [1, 2]);
}
