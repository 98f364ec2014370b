//! The database as the platform sees it: calls go in, answers come out.

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kernel::Secret;

use crate::engine::{Connection, Mode, Postgres, Sqlite, Target, checkpoint};
use crate::group::{Connect, Job, Jobs, Worker};
use crate::migrate::{self, Applied, Migration};
use crate::queue::{Queue, Refused};
use crate::stats::{Counters, Stats, count};
use crate::{Fault, Tx};

/// Reads that share one snapshot at most.
const READS_PER_SNAPSHOT: usize = 16;
/// PostgreSQL keeps so many savepoints of a transaction at hand; beyond them every other
/// connection has to look on disk which of them still run.
const SAVEPOINTS_OF_POSTGRES: usize = 60;
/// Time for a statement of a migration, or for another node's migrations, on PostgreSQL.
const MIGRATION_LIMIT: Duration = Duration::from_hours(1);

/// Where the data lies.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A file of the embedded engine, made when missing.
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// Page cache of each connection, in MiB.
        cache_mib: u32,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://user:password@host/database`.
        url: Secret,
        /// Writing connections; each takes the calls of its keys.
        writers: usize,
        /// Isolation of the writing transactions.
        isolation: Isolation,
    },
}

/// Isolation of writing transactions on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Guarded relative updates and row locks in a fixed order; what the platform is written for.
    ReadCommitted,
    /// The oracle of the tests: the same results must come out.
    Serializable,
}

/// How the store works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the data lies.
    pub engine: Engine,
    /// Calls that share one commit at most; 1 switches grouping off.
    pub group: usize,
    /// Calls that may wait for one writer, or for the readers, before new ones are turned away.
    pub queue: usize,
    /// Reading connections.
    pub readers: usize,
    /// Time from taking a call in until it must have been run.
    pub call_limit: Duration,
}

struct Inner {
    writers: Vec<Arc<Jobs>>,
    readers: Arc<Jobs>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Dropped to end the thread that carries SQLite's log over.
    checkpoints: Mutex<Option<Sender<()>>>,
    counters: Arc<Counters>,
    call_limit: Duration,
}

/// Which rows a call changes, so that calls on several connections do not wait for each other in
/// a circle: calls with the same `home` meet in the same writer, and the calls of one group run in
/// the rising `order` of the rows that calls with other homes change as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The first row that calls with other homes change as well.
    pub order: u64,
    /// What only calls with the same home change.
    pub home: u64,
}

impl From<u64> for Key {
    fn from(home: u64) -> Self {
        Self { order: home, home }
    }
}

/// A handle on the open store; clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
    options: Arc<Options>,
}

/// A closure, its answer once it has run, and where the answer goes.
struct Call<T, E, W, D> {
    key: Key,
    deadline: Instant,
    work: W,
    answer: Option<Result<T, E>>,
    done: D,
}

impl<T, E, W, D> Job for Call<T, E, W, D>
where
    T: Send,
    E: From<Fault> + Send,
    W: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    D: FnOnce(Result<T, E>) + Send,
{
    fn key(&self) -> Key {
        self.key
    }

    fn deadline(&self) -> Instant {
        self.deadline
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        self.answer.insert((self.work)(tx)).is_ok()
    }

    fn fail(&mut self, fault: Fault) {
        self.answer = Some(Err(fault.into()));
    }

    fn finish(self: Box<Self>) {
        (self.done)(self.answer.unwrap_or_else(|| Err(Fault::Broken.into())));
    }
}

impl Db {
    /// Opens the database and starts the threads that work on it. Migrations are another call.
    ///
    /// Both wait for the database: on a thread of async tasks they panic.
    pub fn open(options: Options) -> Result<Self, Fault> {
        let writing = match &options.engine {
            Engine::Sqlite { .. } => 1,
            Engine::Postgres { writers, .. } => (*writers).max(1),
        };
        let inner = Arc::new(Inner {
            writers: (0..writing).map(|_| Arc::new(Queue::new(options.queue))).collect(),
            readers: Arc::new(Queue::new(options.queue)),
            threads: Mutex::default(),
            checkpoints: Mutex::default(),
            counters: Arc::default(),
            call_limit: options.call_limit,
        });
        // Where one cannot be started, dropping `inner` ends those before it.
        let group = options.group.clamp(1, most_in_group(&options.engine));
        for queue in &inner.writers {
            inner.start(&options, Mode::Write, queue, group)?;
        }
        for _ in 0..options.readers.max(1) {
            inner.start(&options, Mode::Read, &inner.readers, READS_PER_SNAPSHOT)?;
        }
        if let Engine::Sqlite { path, .. } = &options.engine {
            let (stop, thread) = checkpoint::start(path)?;
            *inner.checkpoints.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
            inner.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(Self { inner, options: Arc::new(options) })
    }

    /// Brings the schema up to date on a connection of its own; what was applied.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<Vec<Applied>, Fault> {
        let mut options = Options::clone(&self.options);
        options.call_limit = MIGRATION_LIMIT;
        let sqlite = match &mut options.engine {
            Engine::Sqlite { .. } => true,
            Engine::Postgres { isolation, .. } => {
                // Having waited for another node, it must see what that one has done.
                *isolation = Isolation::ReadCommitted;
                false
            }
        };
        migrate::run(connect(&options, Mode::Write)?.as_mut(), migrations, sqlite)
    }

    /// Runs `work` in a writing transaction and gives its answer to `done` after the commit.
    ///
    /// `work` may run more than once, each time from scratch: it owns its inputs and touches
    /// nothing outside its transaction.
    /// `done` runs on the writer's thread and must be quick.
    pub fn write<T, E>(
        &self,
        key: impl Into<Key>,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let writers = u64::try_from(self.inner.writers.len()).unwrap_or(1);
        let key = key.into();
        let index = usize::try_from(key.home.checked_rem(writers).unwrap_or(0)).unwrap_or(0);
        if let Some(queue) = self.inner.writers.get(index) {
            self.submit(queue, key, work, done);
        }
    }

    /// Runs `work` on a snapshot. What it reads must not decide about money.
    pub fn read<T, E>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        self.submit(&self.inner.readers, Key::from(0), work, done);
    }

    fn submit<T, E>(
        &self,
        queue: &Jobs,
        key: Key,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let now = Instant::now();
        let deadline = now.checked_add(self.inner.call_limit).unwrap_or(now);
        let call = Call { key, deadline, work, answer: None, done };
        if let Err((mut job, refused)) = queue.push(Box::new(call) as Box<dyn Job>) {
            count(&self.inner.counters.turned_away);
            job.fail(match refused {
                Refused::Full => Fault::Busy,
                Refused::Closed => Fault::Closed,
            });
            job.finish();
        }
    }

    /// [`Db::write`] for threads that may wait: start-up, the command line, tests.
    pub fn write_and_wait<T, E>(
        &self,
        key: impl Into<Key>,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.write(key, work, move |answer| {
            let _ = sender.send(answer); // nobody waits any more
        });
        receiver.recv().unwrap_or_else(|_| Err(Fault::Closed.into()))
    }

    /// [`Db::read`] for threads that may wait.
    pub fn read_and_wait<T, E>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        self.read(work, move |answer| {
            let _ = sender.send(answer); // nobody waits any more
        });
        receiver.recv().unwrap_or_else(|_| Err(Fault::Closed.into()))
    }

    /// What the store has done so far.
    pub fn stats(&self) -> Stats {
        let waiting: usize = self.inner.writers.iter().map(|queue| queue.len()).sum();
        self.inner.counters.snapshot(u64::try_from(waiting).unwrap_or(u64::MAX))
    }

    /// Takes no new calls, finishes what was accepted, and ends the threads.
    pub fn close(&self) {
        self.inner.close();
        let mut threads = self.inner.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            let _ = thread.join(); // a worker that panicked has nothing left to do
        }
    }
}

impl Inner {
    fn start(
        &self,
        options: &Options,
        mode: Mode,
        queue: &Arc<Jobs>,
        group: usize,
    ) -> Result<(), Fault> {
        // The first connection is made here, so that a wrong address is an error at start.
        let connection = Some(connect(options, mode)?);
        let again = options.clone();
        let connect: Connect = Box::new(move || connect(&again, mode));
        let (queue, counters) = (Arc::clone(queue), Arc::clone(&self.counters));
        let worker = Worker { mode, connect, connection, queue, group, counters };
        let name = if mode == Mode::Read { "store-reader" } else { "store-writer" };
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || worker.run());
        let thread = thread.map_err(|error| Fault::Engine(error.to_string()))?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    fn close(&self) {
        for queue in &self.writers {
            queue.close();
        }
        self.readers.close();
        *self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

const fn most_in_group(engine: &Engine) -> usize {
    match engine {
        Engine::Sqlite { .. } => usize::MAX,
        Engine::Postgres { .. } => SAVEPOINTS_OF_POSTGRES,
    }
}

fn connect(options: &Options, mode: Mode) -> Result<Box<dyn Connection>, Fault> {
    match &options.engine {
        Engine::Sqlite { path, cache_mib } => Ok(Box::new(Sqlite::open(path, mode, *cache_mib)?)),
        Engine::Postgres { url, isolation, .. } => {
            let target = Target::parse(url, *isolation, options.call_limit)?;
            Ok(Box::new(Postgres::connect(&target)?))
        }
    }
}
