//! The core as channels and commands hold it: the store, the clock, the keys and the policy.

use std::fmt::Write as _;
use std::sync::Arc;

use kernel::{Channel, Money};
use store::{Applied, Db, Fault, Key, MIGRATIONS, Stats, Vault, params};

use crate::audit::{self, Actor, Subject};
use crate::ids::IdSource;
use crate::ledger::periods;
use crate::{Clock, Route, Tx, catalog, customers, documents, identity, operators};

/// What operators decide about the core; the defaults of the profiles are in the binary.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How often a door may be tried.
    pub limits: identity::Limits,
    /// Smallest amount of a project on the market.
    pub minimum_project: Money,
    /// Keep mobile numbers in the clear for suites that look into the database: benches only.
    pub plain_mobiles: bool,
    /// Whether a funding partner decides about limits and pays drawdowns out.
    pub funding: crate::funding::Partner,
    /// How running loans are looked after.
    pub servicing: crate::servicing::Rules,
    /// How long first answers to idempotency keys are kept, in hours.
    pub kept_answer_hours: u32,
    /// Limits and lives around customers.
    pub customers: customers::Rules,
    /// Who may do what in the back office, and what needs a second operator.
    pub operators: operators::Rules,
    /// Who lends, as contracts and disclosures name them.
    pub lender: documents::Lender,
}

/// A handle on the lending core; clones share it.
#[derive(Clone)]
pub struct Lending {
    db: Db,
    clock: Arc<Clock>,
    ids: Arc<IdSource>,
    vault: Arc<Vault>,
    policy: Arc<Policy>,
}

/// Why the core could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database was sealed with another key.
    #[error("the database is sealed with another key: use the keys folder it was made with")]
    WrongKey,
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

const KEY_FACT: &str = "personal_key";
const CLOCK_FACT: &str = "clock_offset_ms";

impl Lending {
    /// Opens the core over a database: brings the schema up to date, checks that the key is the
    /// one that the database was sealed with, and takes a node number.
    pub fn open(
        db: Db,
        clock: Clock,
        key: &[u8; 32],
        policy: Policy,
    ) -> Result<(Self, Vec<Applied>), OpenError> {
        let applied = db.migrate(MIGRATIONS)?;
        let vault = Vault::new(key);
        let print = fingerprint(&vault);
        let plain_mobiles = policy.plain_mobiles;
        let (node, newest) = db.write_and_wait(0, move |tx| {
            let insert = "INSERT INTO platform_fact (name, value) VALUES (?1, ?2)
                          ON CONFLICT (name) DO NOTHING";
            tx.execute(insert, params![KEY_FACT, &print])?;
            let select = "SELECT value FROM platform_fact WHERE name = ?1";
            let known = tx.row(select, params![KEY_FACT], |row| row.text("value"))?;
            if known.as_deref() != Some(&print) {
                return Err(OpenError::WrongKey);
            }
            if !plain_mobiles {
                tx.execute("DELETE FROM member_plain_mobile", params![])?;
            }
            let newest = "SELECT COALESCE(MAX(transfer_id), 0) AS newest FROM transfer";
            let transfer = tx.row(newest, params![], |row| row.i64("newest"))?.unwrap_or(0);
            let newest = "SELECT COALESCE(MAX(entry_id), 0) AS newest FROM audit_entry";
            let entry = tx.row(newest, params![], |row| row.i64("newest"))?.unwrap_or(0);
            Ok((tx.next_number("node")?, transfer.max(entry)))
        })?;
        let (clock, ids) = (Arc::new(clock), Arc::new(IdSource::new(node, newest)));
        let lending = Self { db, clock, ids, vault: Arc::new(vault), policy: Arc::new(policy) };
        lending.follow_clock()?;
        Ok((lending, applied))
    }

    /// Runs a use case in a writing transaction; `done` gets its answer after the commit.
    ///
    /// `work` may run more than once, each time from scratch.
    pub fn write<T, E>(
        &self,
        route: Route,
        mut work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let core = self.clone();
        self.db.write(key(route), move |store| work(&mut core.tx(store)), done);
    }

    /// Runs a query on a snapshot; what it reads must not decide about money.
    pub fn read<T, E>(
        &self,
        mut work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
        done: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let core = self.clone();
        self.db.read(move |store| work(&mut core.tx(store)), done);
    }

    /// [`Lending::write`] for threads that may wait: jobs and commands.
    pub fn write_and_wait<T, E>(
        &self,
        route: Route,
        mut work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let core = self.clone();
        self.db.write_and_wait(key(route), move |store| work(&mut core.tx(store)))
    }

    /// [`Lending::read`] for threads that may wait.
    pub fn read_and_wait<T, E>(
        &self,
        mut work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
    {
        let core = self.clone();
        self.db.read_and_wait(move |store| work(&mut core.tx(store)))
    }

    fn tx<'a, 'c>(&'a self, store: &'a mut store::Tx<'c>) -> Tx<'a, 'c> {
        let (at, open_from) = (self.clock.now(), self.clock.open_from());
        Tx { store, at, open_from, ids: &self.ids, vault: &self.vault, policy: &self.policy }
    }

    /// The clocks.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What operators have decided.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the store has done so far.
    pub fn stats(&self) -> Stats {
        self.db.stats()
    }

    /// Makes the products that a channel comes with, as far as it has none of them; how many were
    /// made. For the first run of a bench or a demonstration.
    pub fn seed_products(&self, channel: Channel) -> Result<u32, catalog::SaveError> {
        self.write_and_wait(Route::home(0), move |tx| catalog::seed(tx, channel))
    }

    /// Reads the business clock's offset from the database, where another process may have
    /// changed it, and how far the books are closed; the offset in milliseconds.
    pub fn follow_clock(&self) -> Result<i64, Fault> {
        let (offset, open_from) = self.db.read_and_wait(|tx| {
            let select = "SELECT value FROM platform_fact WHERE name = ?1";
            let offset = tx.row(select, params![CLOCK_FACT], |row| row.text("value"))?;
            Ok::<_, Fault>((offset, periods::open_from(tx)?))
        })?;
        self.clock.set_open_from(open_from);
        let offset = offset.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.clock.set_offset(offset);
        Ok(offset)
    }

    /// Moves the business clock on by `millis`; its offset after that. For benches; the caller
    /// sees to it.
    pub fn advance_clock(&self, millis: u64) -> Result<i64, Fault> {
        self.write_and_wait(Route::home(0), move |tx| advance_clock(tx, Actor::Platform, millis))?;
        self.follow_clock()
    }

    /// Takes no new calls, finishes what was accepted, and ends the store's threads.
    pub fn close(&self) {
        self.db.close();
    }
}

/// Moves the business clock on, for every node that [follows](Lending::follow_clock) it. Only
/// forwards: the past is booked. For benches; the caller sees to it.
pub fn advance_clock(tx: &mut Tx<'_, '_>, actor: Actor, millis: u64) -> Result<(), Fault> {
    let by = i64::try_from(millis).unwrap_or(i64::MAX);
    let insert = "INSERT INTO platform_fact (name, value) VALUES (?1, '0')
                  ON CONFLICT (name) DO NOTHING";
    tx.execute(insert, params![CLOCK_FACT])?;
    // Two who advance it at once both do.
    let select = "SELECT value FROM platform_fact WHERE name = ?1 FOR UPDATE";
    let offset = tx.row(select, params![CLOCK_FACT], |row| row.text("value"))?;
    let offset = offset.and_then(|text| text.parse().ok()).unwrap_or(0_i64);
    let update = "UPDATE platform_fact SET value = ?2 WHERE name = ?1";
    tx.execute(update, params![CLOCK_FACT, &offset.saturating_add(by).to_string()])?;
    let detail = format!("by {by} ms");
    audit::note(tx, actor, "clock.advanced", Subject::Platform, &detail)
}

/// Whether a database has been sealed with a key; false for one without a schema.
pub fn is_sealed(db: &Db) -> bool {
    let select = "SELECT value FROM platform_fact WHERE name = ?1";
    let print = db.read_and_wait(|tx| tx.row(select, params![KEY_FACT], |row| row.text("value")));
    matches!(print, Ok(Some(_)))
}

/// Answers if the database does.
pub fn ping(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    tx.row("SELECT CAST(1 AS BIGINT) AS one", params![], |row| row.i64("one")).map(|_| ())
}

/// What recognises the key that a database is sealed with, and tells nothing of it.
fn fingerprint(vault: &Vault) -> String {
    let mut print = String::new();
    for byte in vault.blind_index(KEY_FACT, "") {
        let _ = write!(print, "{byte:02x}"); // a String takes everything
    }
    print
}

fn key(route: Route) -> Key {
    Key { home: route.home.unsigned_abs(), order: route.order.unsigned_abs() }
}
