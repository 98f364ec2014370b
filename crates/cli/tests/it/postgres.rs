//! Databases on the private PostgreSQL that `./test` starts.

use std::path::PathBuf;
use std::process::Command;

/// A database of its own; dropping it removes it.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// Makes an empty database.
    #[track_caller]
    pub(crate) fn create(name: &str) -> Self {
        let server = std::env::var("JIEHUAN_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("JIEHUAN_TEST_POSTGRES is not set: run ./test, which starts a PostgreSQL")
        });
        // template0 can be copied by several tests at once; template1 may be in use.
        psql(&server, &format!("CREATE DATABASE {name} TEMPLATE template0"));
        Self { server, name: name.to_owned() }
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("the address ends in a database");
        format!("{server}/{}", self.name)
    }

    /// Runs a statement and gives its rows, columns separated by `|`.
    #[track_caller]
    pub(crate) fn psql(&self, statement: &str) -> String {
        psql(&self.url(), statement)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let _ = client().args([&self.server, "-qAtc", &statement]).output();
    }
}

#[track_caller]
fn psql(url: &str, statement: &str) -> String {
    let output = client().args([url, "-v", "ON_ERROR_STOP=1", "-qAtc", statement]).output();
    let output = output.expect("psql is installed: run ./test");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statement}: {problem}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

fn client() -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|entry| entry.path().join("bin/psql")).filter(|path| path.exists()).collect();
    found.sort();
    let mut command = Command::new(found.pop().unwrap_or_else(|| PathBuf::from("psql")));
    command.arg("-X").env_remove("PGSERVICE").env("PGCLIENTENCODING", "UTF8");
    command
}
