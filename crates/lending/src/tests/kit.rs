//! What the tests share: the core over an empty database of either engine, with a standing clock.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kernel::id::{MemberId, ProjectId};
use kernel::{Channel, Instant, Mobile, Money, Rate, Secret};
use store::{Db, Engine, Isolation, Options, params};

use crate::customers;
use crate::identity::password::{Cost, PasswordHash};
use crate::identity::{self, Caller, Limit, Limits, Member, Register, Role};
use crate::ledger::{self, Account};
use crate::market::{self, Audit, ListProject, PlaceBid, Project, TenorUnit};
use crate::wallet::{self, Move};
use crate::{Clock, Fault, Lending, Policy, Route, Tx, operators};

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
pub(crate) use on_both;

/// Where the clock stands at first: 2026-03-01 08:00:00 in Shanghai.
pub(crate) const START: Instant = Instant::from_millis(1_772_323_200_000);
/// A day of the business clock.
pub(crate) const DAY_MS: u64 = 86_400_000;
/// The key that the tests seal with.
pub(crate) const KEY: &[u8; 32] = &[7; 32];
/// The cheapest hash there is.
pub(crate) const COST: Cost = Cost { memory_kib: 64, passes: 1 };

/// The engine of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Postgres,
}

/// An open core; dropping it removes its database.
pub(crate) struct Bench {
    pub(crate) core: Lending,
    /// The same store, for statements behind the core's back.
    pub(crate) db: Db,
    pub(crate) options: Options,
    pub(crate) policy: Policy,
    place: Place,
}

enum Place {
    Folder(PathBuf),
    Database(String),
}

impl On {
    pub(crate) fn open(self) -> Bench {
        self.open_with(|_, _| ())
    }

    pub(crate) fn open_with(self, tune: impl FnOnce(&mut Options, &mut Policy)) -> Bench {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lending_{}_{count}", std::process::id());
        let (place, engine) = match self {
            Self::Sqlite => {
                let folder = std::env::temp_dir().join(name);
                std::fs::create_dir_all(&folder).unwrap();
                let engine = Engine::Sqlite { path: folder.join("test.db"), cache_mib: 8 };
                (Place::Folder(folder), engine)
            }
            Self::Postgres => {
                let server = std::env::var("JIEHUAN_TEST_POSTGRES");
                let server = server.expect("run ./test: it starts a PostgreSQL of its own");
                // template0 can be copied by several tests at once.
                psql(&server, &format!("CREATE DATABASE {name} TEMPLATE template0"));
                let (before, _) = server.rsplit_once('/').expect("the address ends in a database");
                let url = Secret::new(format!("{before}/{name}"));
                let isolation = Isolation::ReadCommitted;
                (Place::Database(name), Engine::Postgres { url, writers: 4, isolation })
            }
        };
        let call_limit = Duration::from_mins(2);
        let mut options = Options { engine, group: 64, queue: 1000, readers: 1, call_limit };
        let within = |attempts, window_seconds| Limit { attempts, window_seconds };
        let limits = Limits {
            account_failures: within(3, 60),
            address_failures: within(10, 60),
            registrations: within(1000, 60),
        };
        let minimum_project = yuan(1000);
        let mut policy = Policy {
            limits,
            minimum_project,
            plain_mobiles: false,
            kept_answer_hours: 24,
            customers: customers::Rules::default(),
            funding: crate::funding::Partner::Off,
            servicing: crate::servicing::Rules::default(),
            operators: operators::Rules::default(),
            lender: crate::documents::Lender::default(),
        };
        tune(&mut options, &mut policy);
        let db = Db::open(options.clone()).unwrap();
        let clock = Clock::standing_at(START);
        let (core, _) = Lending::open(db.clone(), clock, KEY, policy.clone()).unwrap();
        Bench { core, db, options, policy, place }
    }
}

impl Bench {
    /// Runs a use case and waits.
    pub(crate) fn write<T: Send + 'static, E: From<Fault> + Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.core.write_and_wait(Route::home(0), work)
    }

    /// Runs a query and waits.
    #[track_caller]
    pub(crate) fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        self.core.read_and_wait(work).unwrap()
    }

    /// Reads the column `n` of one row.
    #[track_caller]
    pub(crate) fn number(&self, select: &'static str) -> i64 {
        let read = move |tx: &mut store::Tx<'_>| tx.row(select, params![], |row| row.i64("n"));
        self.db.read_and_wait(read).unwrap().unwrap()
    }

    /// Registers member `n`, whose mobile number ends in it.
    #[track_caller]
    pub(crate) fn register(&self, n: u32, role: Role) -> MemberId {
        let command = registration(n, role);
        self.write(move |tx| identity::register(tx, &command)).unwrap().id
    }

    /// Registers member `n` with so many yuan in the wallet.
    #[track_caller]
    pub(crate) fn member(&self, n: u32, balance: i64) -> MemberId {
        let member = self.register(n, Role::Member);
        if balance > 0 {
            self.recharge(member, yuan(balance));
        }
        member
    }

    #[track_caller]
    pub(crate) fn recharge(&self, member: MemberId, amount: Money) -> Member {
        let command = Move { caller: Caller::Anyone, member, amount };
        self.write(move |tx| wallet::recharge(tx, &command)).unwrap()
    }

    /// Lists a project and approves it.
    #[track_caller]
    pub(crate) fn project(&self, borrower: MemberId, amount: i64, months: u32) -> ProjectId {
        let command = listing(borrower, amount, months);
        self.write(move |tx| {
            let project = market::list(tx, &command).map_err(|error| fault(&error))?;
            let id = project.id;
            market::audit(tx, Caller::Anyone, id, Audit::Approve).map_err(|error| fault(&error))?;
            Ok::<_, Fault>(id)
        })
        .unwrap()
    }

    /// Bids so many yuan.
    pub(crate) fn bid(
        &self,
        member: MemberId,
        project: ProjectId,
        amount: i64,
    ) -> Result<market::Bidding, market::BidError> {
        let command = bidding(member, project, amount);
        let route = Route { home: project.number(), order: member.number() };
        self.core.write_and_wait(route, move |tx| market::bid(tx, &command)).map(|(_, done)| done)
    }

    #[track_caller]
    pub(crate) fn find_project(&self, id: ProjectId) -> Project {
        self.read(move |tx| market::project(tx, id)).unwrap()
    }

    /// The balance of an account in fen.
    #[track_caller]
    pub(crate) fn balance(&self, account: Account) -> i64 {
        self.read(move |tx| ledger::balance(tx, account)).unwrap().fen()
    }

    #[track_caller]
    pub(crate) fn wallet(&self, member: MemberId) -> i64 {
        self.balance(Account::Wallet(member))
    }

    /// Proves that the books are clean.
    #[track_caller]
    pub(crate) fn verify(&self) {
        self.read(ledger::verify).unwrap();
    }

    /// Opens a core of another node over the same database.
    #[track_caller]
    pub(crate) fn another_core(&self) -> Lending {
        let db = Db::open(self.options.clone()).unwrap();
        let clock = Clock::standing_at(START);
        Lending::open(db, clock, KEY, self.policy.clone()).unwrap().0
    }

    /// The raw bytes of everything stored, so that a text can be searched in them.
    pub(crate) fn raw_bytes(&self) -> Vec<u8> {
        match (&self.place, &self.options.engine) {
            (Place::Folder(folder), _) => {
                let files = std::fs::read_dir(folder).unwrap();
                files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
            }
            (_, Engine::Postgres { url, .. }) => {
                let dump = program("pg_dump").args([url.expose(), "--inserts"]).output().unwrap();
                assert!(dump.status.success());
                dump.stdout
            }
            (Place::Database(_), Engine::Sqlite { .. }) => unreachable!(),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.core.close();
        match &self.place {
            Place::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Place::Database(name) => {
                let server = std::env::var("JIEHUAN_TEST_POSTGRES").unwrap();
                psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)"));
            }
        }
    }
}

fn psql(url: &str, statement: &str) {
    let arguments = ["-X", url, "-v", "ON_ERROR_STOP=1", "-qc", statement];
    let output = program("psql").args(arguments).output().expect("psql is installed: run ./test");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statement}: {problem}");
}

/// A program of the newest installed PostgreSQL.
fn program(name: &str) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|entry| entry.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    Command::new(found.pop().unwrap_or_else(|| PathBuf::from(name)))
}

pub(crate) fn yuan(yuan: i64) -> Money {
    Money::from_yuan(yuan).unwrap()
}

pub(crate) fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

pub(crate) fn mobile(n: u32) -> Mobile {
    Mobile::parse(&format!("138{n:08}")).unwrap()
}

/// The holder of a token that is good for ever.
pub(crate) fn bearer(member: MemberId) -> Caller {
    Caller::Bearer { member, expires: i64::MAX }
}

/// Every member's password is `password1`; hashed once.
pub(crate) fn password() -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    let make = || PasswordHash::make(&Secret::new("password1".into()), COST).unwrap();
    HASH.get_or_init(make).clone()
}

pub(crate) fn registration(n: u32, role: Role) -> Register {
    Register {
        id: None,
        channel: Channel::Futureloan,
        mobile: mobile(n),
        nickname: format!("n{n}"),
        role,
        password: password(),
    }
}

/// A project at 12 % over so many months, with five bidding days.
pub(crate) fn listing(borrower: MemberId, amount: i64, months: u32) -> ListProject {
    ListProject {
        id: None,
        caller: Caller::Anyone,
        borrower,
        title: "tuition".into(),
        amount: Money::from_yuan(amount),
        rate: Rate::from_ppm(120_000),
        tenor_unit: Some(TenorUnit::Month),
        tenor: Some(months),
        bidding_days: Some(5),
    }
}

pub(crate) fn bidding(member: MemberId, project: ProjectId, amount: i64) -> PlaceBid {
    PlaceBid { caller: Caller::Anyone, member, project, amount: Money::from_yuan(amount) }
}

/// What went wrong in a test's own preparation.
pub(crate) fn fault(error: &dyn std::error::Error) -> Fault {
    Fault::Engine(error.to_string())
}

/// How a refusal is called in the code.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    format!("{:?}", result.unwrap_err())
}

/// Runs the same work on so many threads, all let go at once; the answers.
pub(crate) fn all_at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let (barrier, work) = (&barrier, &work);
        let start = |number| {
            scope.spawn(move || {
                barrier.wait();
                work(number)
            })
        };
        let running: Vec<_> = (0..threads).map(start).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Random numbers that a seed repeats: xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low + 1).unwrap();
        low + i64::try_from((self.next() >> 1) % span).unwrap()
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(crate) fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.between(0, i64::try_from(of.len()).unwrap() - 1)).unwrap()]
    }
}
