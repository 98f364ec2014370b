//! SQLite's log is carried over into the database file beside the writer, not by it.
//!
//! The writer itself still does it where the log grows past its own limit; by then little is left.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use crate::Fault;

/// How often the log is looked at.
const PERIOD: Duration = Duration::from_millis(20);
/// Pages in the log that are worth carrying over: 8 MiB.
const WORTHWHILE: i64 = 2_000;

/// Starts the thread; it ends when the sender is dropped.
pub(crate) fn start(path: &Path) -> Result<(Sender<()>, JoinHandle<()>), Fault> {
    let connection = Connection::open(path).map_err(|error| Fault::Engine(error.to_string()))?;
    let (stop, stopped) = channel();
    let thread = std::thread::Builder::new().name("store-checkpoint".into());
    let thread = thread.spawn(move || run(&connection, &stopped));
    Ok((stop, thread.map_err(|error| Fault::Engine(error.to_string()))?))
}

fn run(connection: &Connection, stopped: &Receiver<()>) {
    while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
        // Where it fails the log stays as it is: the writer carries it over, or says why not.
        if waiting(connection).is_ok_and(|pages| pages >= WORTHWHILE) {
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}

/// Pages in the log that are not in the database file yet.
fn waiting(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
        let (logged, carried): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(logged.saturating_sub(carried))
    })
}
