//! The power goes out while loans are paid out and day-ends run: afterwards the ledger is what it is
//! without, and the provider was asked for nothing twice.
//!
//! docs/campaigns.md says how to run this for longer, and what came of it.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use lending::Clock;
use providers::sandbox::{Direction, read_journal};

use crate::bench::{Bench, Store, both, pause};
use crate::crash::{Dice, seed};

/// Loans, each of a customer of its own.
const LOANS: u32 = 20;
/// How far the business clock is moved, and every day of it caught up with: loans by days are due
/// after 14 of them, the first instalments after a month.
const STEPS: &[(&str, i64)] =
    &[("13d", 13), ("1d", 1), ("1d", 1), ("15d", 15), ("1d", 1), ("2d", 2)];
/// How long a run may take to come to rest.
const PATIENCE: Duration = Duration::from_mins(3);

/// How often the server is killed in one run.
fn kills() -> u32 {
    let asked = std::env::var("JIEHUAN_CRASH_KILLS").ok();
    asked.map_or(4, |text| text.parse().expect("JIEHUAN_CRASH_KILLS is a number"))
}

/// A server with loans whose payouts are ordered, and how far its clock has been moved.
struct Run {
    bench: Bench,
    store: Store,
    moved: i64,
    /// Kills in the middle of something.
    hit: u32,
}

impl Run {
    fn start(store: Store) -> Self {
        let mut bench = Bench::prepare(store, &[("JIEHUAN_LENDING_AUTO_DEBIT", "true")]);
        bench.cli_ok(&["migrate"]);
        bench.cli_ok(&["bench-loans", &LOANS.to_string()]);
        bench.serve();
        Self { bench, store, moved: 0, hit: 0 }
    }

    /// Whether every order is decided, and the day-end of today has nothing to do but to wait for
    /// the hours in which people may be reminded.
    fn rests(&self) -> bool {
        let wall = Clock::real().now().wall;
        let today = wall.date().day_number() + self.moved;
        let open = "SELECT COUNT(*) FROM payment WHERE state IN ('requested', 'sent', 'unknown')";
        let done = format!(
            "SELECT COUNT(*) FROM day_end WHERE business_day = {today}
                AND phase IN ('remind', 'done')"
        );
        self.bench.sql(&done) == "1" && self.bench.sql(open) == "0"
    }

    #[track_caller]
    fn wait(&self) {
        let since = Instant::now();
        while !self.rests() {
            assert!(since.elapsed() < PATIENCE, "it does not come to rest:\n{}", self.bench.log());
            pause(50);
        }
    }

    /// Kills the server at a moment that nobody has chosen, and starts it again.
    #[expect(clippy::disallowed_methods, reason = "a blow falls at a moment, not on a condition")]
    fn kill(&mut self, dice: &mut Dice) {
        std::thread::sleep(Duration::from_millis(u64::from(dice.below(900))));
        self.hit += u32::from(!self.rests());
        self.bench.kill9();
        self.let_time_pass();
        self.bench.serve();
    }

    /// The time that a provider has for an answer is over: nobody waits a minute for it here. The
    /// server is down, so that nobody can be waiting for one.
    #[track_caller]
    fn let_time_pass(&self) {
        let update = "UPDATE payment SET attempt_at = 0 WHERE state IN ('sent', 'unknown')";
        match self.store {
            Store::Postgres => {
                self.bench.sql(update);
            }
            Store::Sqlite => {
                let path = self.bench.folder().join("data/jiehuan.db");
                let done = Command::new("sqlite3").arg(path).arg(update).output().unwrap();
                assert!(done.status.success(), "{}", both(&done));
            }
        }
    }

    /// Pays everything out and lives through the days, with so many kills on the way; the digest of
    /// what was booked.
    #[track_caller]
    fn live(&mut self, kills: u32, dice: &mut Dice) -> String {
        let phases = u32::try_from(STEPS.len()).unwrap() + 1;
        let mut left = kills;
        for phase in 0..phases {
            if let Some((by, days)) = phase.checked_sub(1).map(|step| STEPS[step as usize]) {
                self.bench.cli_ok(&["clock", "advance", by]);
                self.moved += days;
            }
            // The last phase takes what is left.
            let own = left.div_ceil(phases - phase);
            for _ in 0..own {
                self.kill(dice);
            }
            left -= own;
            self.wait();
        }
        self.bench.stop();
        let printed = self.bench.cli_ok(&["verify", "--digest"]);
        let digest = printed.lines().find_map(|line| line.strip_prefix("ledger digest "));
        digest.expect("verify prints the digest").to_owned()
    }

    /// What the provider has seen: every order once, and for every loan one payout.
    #[track_caller]
    fn check_provider(&self) {
        let path: PathBuf = self.bench.folder().join("data/sandbox/payments.journal");
        let journal = read_journal(&path).unwrap();
        let mut paid_out = 0;
        for entry in &journal {
            assert!(entry.acted <= 1 && entry.differed == 0, "{entry:?}");
            assert_eq!(entry.received, 1, "an order that had arrived was sent again: {entry:?}");
            if entry.direction == Direction::PayOut {
                paid_out += entry.acted;
            }
        }
        assert_eq!(paid_out, u64::from(LOANS), "payouts");
        let debits = journal.iter().filter(|entry| entry.direction == Direction::Debit);
        let taken: i64 = debits.filter(|entry| entry.acted == 1).map(|e| e.amount.fen()).sum();
        assert!(taken > 0, "something was debited");
        let booked = "SELECT SUM(amount_fen) FROM repayment WHERE source = 'card'";
        assert_eq!(self.bench.sql(booked), taken.to_string(), "what was taken is what was booked");
        let each = "SELECT COUNT(*) FROM transfer WHERE kind = 'loan_payout'";
        assert_eq!(self.bench.sql(each), LOANS.to_string());
    }
}

#[track_caller]
fn campaign(store: Store) {
    let what = format!("kills of the lender on {store:?}");
    let seed = seed(&what);
    let since = Instant::now();
    // At midnight codes and days are others: then both runs are made again.
    loop {
        let day = || Clock::real().now().wall.date();
        let begun = day();
        let mut undisturbed = Run::start(store);
        let wanted = undisturbed.live(0, &mut Dice::new(seed, 1));
        undisturbed.check_provider();
        let mut run = Run::start(store);
        let digest = run.live(kills(), &mut Dice::new(seed, 2));
        run.check_provider();
        if day() == begun {
            let (hit, kills) = (run.hit, kills());
            eprintln!(
                "{what}: {kills} kills, {hit} in the middle of work, {:.1?}",
                since.elapsed()
            );
            assert_eq!(digest, wanted, "the ledger is another: {what}, seed {seed}");
            return;
        }
    }
}

#[test]
fn a_lender_survives_kills_on_sqlite() {
    campaign(Store::Sqlite);
}

#[test]
fn a_lender_survives_kills_on_postgres() {
    campaign(Store::Postgres);
}
