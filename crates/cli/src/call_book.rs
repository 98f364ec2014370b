//! Keeps what adapters record of their calls: a line in the log at once, and a row for operators a
//! moment later, many at a time, so that no call waits for the database.
//!
//! A process that is killed loses the rows of its last moment, never money: what a call was about
//! stands in the core.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use lending::provider_calls::{self, NewCall};
use lending::{Lending, Route};
use providers::client::{Outcome, Record, Recorder};

/// Records that wait at most; more are dropped, which is said once.
const WAITING: usize = 10_000;
/// Rows of one write.
const AT_ONCE: usize = 500;
/// How long a record waits for others.
const PAUSE: Duration = Duration::from_millis(200);

/// The writing end, which adapters hold.
struct Book {
    lending: Lending,
    records: SyncSender<NewCall>,
    /// Whether that was said already.
    has_dropped: AtomicBool,
}

/// A book that is being kept.
pub struct CallBook {
    book: Arc<Book>,
    stopping: Arc<AtomicBool>,
    writer: JoinHandle<()>,
}

impl CallBook {
    /// Begins to keep the calls of a core's providers.
    pub fn start(lending: &Lending) -> std::io::Result<Self> {
        let (records, kept) = sync_channel(WAITING);
        let book = Book { lending: lending.clone(), records, has_dropped: AtomicBool::new(false) };
        let (core, stopping) = (lending.clone(), Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&stopping);
        let writer =
            Builder::new().name("calls".into()).spawn(move || write(&core, &kept, &stop))?;
        Ok(Self { book: Arc::new(book), stopping, writer })
    }

    /// What adapters are given.
    pub fn recorder(&self) -> Arc<dyn Recorder> {
        Arc::clone(&self.book) as Arc<dyn Recorder>
    }

    /// Writes what still waits, and ends. To be called when nothing is called any more; whoever
    /// still holds a recorder loses what they record.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::Release);
        let _ = self.writer.join();
    }
}

impl Recorder for Book {
    fn record(&self, record: &Record) {
        let (provider, call) = (record.provider, record.call);
        let latency_ms = u64::try_from(record.latency.as_millis()).unwrap_or(u64::MAX);
        let error = match record.outcome {
            Outcome::Answered => {
                tracing::info!(provider, call, latency_ms, answer = record.answer, "called");
                None
            }
            Outcome::Failed(error) => {
                let request = &record.request;
                tracing::warn!(provider, call, latency_ms, %error, request, "called in vain");
                Some(error.to_string())
            }
        };
        let row = NewCall {
            provider,
            call,
            error,
            latency_ms: i64::try_from(latency_ms).unwrap_or(i64::MAX),
            cost: record.cost,
            request: record.request.clone(),
            answer: record.answer.clone(),
            at: self.lending.clock().now().wall,
        };
        if self.records.try_send(row).is_err() && !self.has_dropped.swap(true, Ordering::Relaxed) {
            tracing::error!("calls to providers are not kept: too many wait to be written");
        }
    }
}

/// Writes until it is to stop and nothing waits.
fn write(lending: &Lending, kept: &Receiver<NewCall>, stopping: &AtomicBool) {
    let mut rows = Vec::new();
    loop {
        match kept.recv_timeout(PAUSE) {
            Ok(row) => rows.push(row),
            Err(RecvTimeoutError::Timeout) if stopping.load(Ordering::Acquire) => return,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while rows.len() < AT_ONCE {
            let Ok(row) = kept.try_recv() else { break };
            rows.push(row);
        }
        flush(lending, &mut rows);
    }
}

/// Rows that cannot be written are left out: what they tell of is in the log.
fn flush(lending: &Lending, rows: &mut Vec<NewCall>) {
    if rows.is_empty() {
        return;
    }
    let batch = std::mem::take(rows);
    let write = move |tx: &mut lending::Tx<'_, '_>| provider_calls::keep(tx, &batch);
    if let Err(fault) = lending.write_and_wait(Route::home(0), write) {
        tracing::warn!(%fault, "calls to providers cannot be kept");
    }
}
