//! The power goes out in the middle of the work: what was answered is kept, what was not is whole.
//!
//! docs/campaigns.md says how to run this for longer, and what came of it.

mod rows;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::bench::{Answer, Bench, PASSWORD, Store, fen, pause};
use rows::Rows;

/// Clients that work at once; each has a member of its own, 11 and up.
const CLIENTS: u32 = 8;
/// The member whom every client moves money for.
pub(crate) const HOT: u32 = 1;
const BORROWER: u32 = 2;
/// Projects that are opened for each round; all clients bid on one after the other.
const PROJECTS: u32 = 40;
/// Opening balances of the fixture are larger, the amounts of the clients smaller.
const OPENING_FEN: i64 = 100_000_000;
/// First answers that are asked for again after each round.
const REPEATS: usize = 25;
/// How often a client asks again with its key where the platform was busy.
const TRIES: u32 = 50;

/// Random numbers that a seed repeats (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut dice = Self(seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `most`.
    pub(crate) fn below(&mut self, most: u32) -> u32 {
        u32::try_from(self.next() % u64::from(most)).unwrap()
    }
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// So many fen in, or out where negative. No two wishes move the same number of fen.
    Move { member: u32, fen: i64 },
    /// A bid in whole yuan.
    Bid { member: u32, loan: u32, yuan: i64 },
    /// The next term of a loan.
    Repay { loan: u32 },
    /// A new member.
    Register { mobile: String },
}

/// What a client knows about its wish.
#[derive(Clone, Debug)]
enum Fate {
    /// Granted: the answer, and the figure in it: balance, bid or member.
    Granted(String, i64),
    /// Refused, or found not to be there: it has no effect.
    Refused(String),
    /// Sent, and no answer came, or one that says nothing (1005).
    Unknown,
}

/// A wish, the key it was sent with, and its fate.
#[derive(Clone, Debug)]
struct Entry {
    wish: Wish,
    key: Option<String>,
    fate: Fate,
}

/// Everything that clients have ever asked of one database, and what they were told.
pub(crate) struct Book {
    tokens: BTreeMap<u32, String>,
    entries: Vec<Entry>,
    /// Wishes of the rounds before, whose fate is known.
    settled: usize,
    serial: AtomicI64,
    opened: u32,
    seed: u64,
    round: u32,
}

/// Clients at work, as the one who disturbs them sees it.
pub(crate) struct Progress {
    answered: AtomicU32,
    at_work: AtomicU32,
    stop: AtomicBool,
    /// The project that takes bids now.
    bidding: AtomicU32,
    last: u32,
}

/// Counts of a round, for the line that it prints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    granted: usize,
    refused: usize,
    unknown: usize,
    /// How many of the unanswered had an effect, before anybody asked again.
    found: usize,
}

impl Progress {
    /// Requests that were answered with anything but "busy".
    pub(crate) fn answered(&self) -> u32 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more requests have been answered.
    #[track_caller]
    pub(crate) fn wait_for(&self, more: u32) {
        let (since, goal) = (Instant::now(), self.answered() + more);
        while self.answered() < goal {
            assert!(since.elapsed() < Duration::from_secs(30), "{more} answers did not come");
            pause(1);
        }
    }

    /// Whether no client has gone home.
    pub(crate) fn all_at_work(&self) -> bool {
        self.at_work.load(Ordering::Relaxed) == CLIENTS
    }

    /// Waits until every client has lost its last node.
    #[track_caller]
    fn wait_for_silence(&self) {
        let since = Instant::now();
        while self.at_work.load(Ordering::Relaxed) > 0 {
            assert!(since.elapsed() < Duration::from_secs(30), "the server still answers");
            pause(1);
        }
    }
}

/// Lets the clients go home, also where a check fails in the middle.
struct StopAtEnd<'p>(&'p Progress);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Book {
    /// Fills an empty bench with members and logs them in.
    pub(crate) fn open(bench: &Bench, seed: u64) -> Self {
        let mut members = String::new();
        let own: Vec<u32> = [HOT, BORROWER].into_iter().chain(11..11 + CLIENTS).collect();
        for id in &own {
            let comma = if *id == HOT { "" } else { "," };
            let _ = write!(
                members,
                r#"{comma}{{"id":{id},"mobile_phone":"138{id:08}","pwd":"password1","type":1,"reg_name":"会员{id}","leave_amount":5000000}}"#
            );
        }
        bench.load(&format!(r#"{{"members":[{members}]}}"#));
        let login = |id: u32| (id, bench.login(&format!("138{id:08}"), PASSWORD));
        Self {
            tokens: own.into_iter().map(login).collect(),
            entries: Vec::new(),
            settled: 0,
            serial: AtomicI64::new(1),
            opened: 0,
            seed,
            round: 0,
        }
    }

    /// Has clients work on the nodes until `middle` is over, and writes down what they saw.
    /// A client whose node is gone moves to the next one; the last one gone sends it home.
    pub(crate) fn round<R>(
        &mut self,
        nodes: &[&Bench],
        middle: impl FnOnce(&Progress, &mut Dice) -> R,
    ) -> R {
        self.round += 1;
        let first = self.open_projects(nodes[0]);
        let progress = Progress {
            answered: AtomicU32::new(0),
            at_work: AtomicU32::new(CLIENTS),
            stop: AtomicBool::new(false),
            bidding: AtomicU32::new(first),
            last: self.opened,
        };
        let (this, seen) = (&*self, &progress);
        let (entries, result) = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|number| scope.spawn(move || this.client(nodes, number, seen)))
                .collect();
            let result = {
                let _stop = StopAtEnd(seen);
                middle(seen, &mut Dice::new(this.seed, u64::from(this.round) * 1000))
            };
            let entries = clients.into_iter().flat_map(|client| client.join().unwrap());
            (entries.collect::<Vec<_>>(), result)
        });
        self.entries.extend(entries);
        result
    }

    fn open_projects(&mut self, bench: &Bench) -> u32 {
        let first = self.opened + 1;
        self.opened += PROJECTS;
        let mut loans = String::new();
        for id in first..=self.opened {
            let comma = if id == first { "" } else { "," };
            let _ = write!(
                loans,
                r#"{comma}{{"id":{id},"member_id":{BORROWER},"title":"掉电","amount":2000,"loan_rate":12.0,"loan_term":3,"loan_date_type":1,"bidding_days":10,"status":2}}"#
            );
        }
        bench.load(&format!(r#"{{"loans":[{loans}]}}"#));
        first
    }

    fn client(&self, nodes: &[&Bench], number: u32, progress: &Progress) -> Vec<Entry> {
        let part = u64::from(self.round) * 1000 + u64::from(number) + 1;
        let mut dice = Dice::new(self.seed, part);
        let mut node = usize::try_from(number).unwrap() % nodes.len();
        let mut lost = 0;
        let mut entries: Vec<Entry> = Vec::new();
        let mut rest = None;
        while !progress.stop.load(Ordering::Relaxed) && lost < nodes.len() {
            let wish = self.wish(number, &mut dice, progress, rest.take());
            let keyed = !matches!(wish, Wish::Register { .. }) && dice.below(2) == 0;
            let key = format!("{}-{number}-{}", self.round, entries.len());
            let mut entry = Entry { wish, key: keyed.then_some(key), fate: Fate::Unknown };
            for _ in 0..TRIES {
                if let Ok(answer) = self.send(nodes[node], &entry) {
                    entry.fate = fate(&entry.wish, &answer);
                } else {
                    lost += 1;
                    node = (node + 1) % nodes.len();
                }
                let over = !matches!(entry.fate, Fate::Unknown) || lost == nodes.len();
                if over || entry.key.is_none() {
                    break;
                }
                pause(1); // the other node, or the database, comes back
            }
            if let Fate::Granted(..) | Fate::Refused(_) = &entry.fate {
                progress.answered.fetch_add(1, Ordering::Relaxed);
            }
            rest = look_at_project(&entry, progress);
            entries.push(entry);
        }
        progress.at_work.fetch_sub(1, Ordering::Relaxed);
        entries
    }

    /// What a client asks for next; `rest` is what the project still takes.
    fn wish(&self, number: u32, dice: &mut Dice, progress: &Progress, rest: Option<i64>) -> Wish {
        let own = 11 + number;
        let bidding = progress.bidding.load(Ordering::Relaxed).min(progress.last);
        if let Some(yuan) = rest {
            return Wish::Bid { member: own, loan: bidding, yuan };
        }
        match dice.below(100) {
            0..40 => {
                let fen = self.serial.fetch_add(1, Ordering::Relaxed);
                let member = if dice.below(2) == 0 { own } else { HOT };
                Wish::Move { member, fen: if dice.below(3) == 0 { -fen } else { fen } }
            }
            40..80 => {
                let member = if dice.below(4) == 0 { HOT } else { own };
                Wish::Bid { member, loan: bidding, yuan: 100 * i64::from(1 + dice.below(6)) }
            }
            80..95 => Wish::Repay { loan: 1 + dice.below(bidding) },
            _ => {
                let number = self.serial.fetch_add(1, Ordering::Relaxed);
                Wish::Register { mobile: format!("139{number:08}") }
            }
        }
    }

    /// Sends a wish; an error means that no answer came.
    fn send(&self, node: &Bench, entry: &Entry) -> Result<Answer, ureq::Error> {
        let (path, member, body) = match &entry.wish {
            Wish::Move { member, fen } => {
                let path = if *fen > 0 { "member/recharge" } else { "member/withdraw" };
                let (yuan, part) = (fen.abs() / 100, fen.abs() % 100);
                let body = format!(r#"{{"member_id":{member},"amount":{yuan}.{part:02}}}"#);
                (path.to_owned(), Some(member), body)
            }
            Wish::Bid { member, loan, yuan } => {
                let body = format!(r#"{{"member_id":{member},"loan_id":{loan},"amount":{yuan}}}"#);
                ("member/invest".to_owned(), Some(member), body)
            }
            Wish::Repay { loan } => {
                (format!("loan/{loan}/repay"), Some(&BORROWER), "{}".to_owned())
            }
            Wish::Register { mobile } => {
                let body = format!(r#"{{"mobile_phone":"{mobile}","pwd":"{PASSWORD}","type":1}}"#);
                ("member/register".to_owned(), None, body)
            }
        };
        let bearer = member.map(|member| format!("Bearer {}", self.tokens[member]));
        let mut headers =
            vec![("x-lemonban-media-type", "lemonban.v2"), ("content-type", "application/json")];
        headers.extend(bearer.iter().map(|bearer| ("authorization", bearer.as_str())));
        headers.extend(entry.key.iter().map(|key| ("idempotency-key", key.as_str())));
        node.try_request("POST", &format!("/futureloan/{path}"), &headers, body.as_bytes())
    }

    /// Compares the database with the book: what was granted is there, once and as answered; what
    /// was not answered is there or not; and there is nothing that nobody asked for. For each
    /// unanswered wish, in their order, the figure where it is there.
    #[track_caller]
    fn compare(&self, bench: &Bench) -> Vec<Option<i64>> {
        let mut rows = Rows::read(bench);
        for entry in &self.entries {
            if let Fate::Granted(_, figure) = &entry.fate {
                rows.take_granted(&entry.wish, *figure);
            }
        }
        let unknown = self.entries.iter().filter(|entry| matches!(entry.fate, Fate::Unknown));
        let found = unknown.map(|entry| rows.take_if_there(&entry.wish)).collect();
        rows.assert_empty();
        found
    }

    /// The whole check after a round, on a node that serves: compares, asks again with every key
    /// whose answer is missing, sees that first answers stay first answers, and proves the books.
    #[track_caller]
    pub(crate) fn settle(&mut self, bench: &Bench) -> Tally {
        let found = self.compare(bench);
        let mut tally = Tally::default();
        for entry in &self.entries[self.settled..] {
            match entry.fate {
                Fate::Granted(..) => tally.granted += 1,
                Fate::Refused(_) => tally.refused += 1,
                Fate::Unknown => tally.unknown += 1,
            }
        }
        tally.found = found.iter().flatten().count();
        self.ask_again(bench);
        // What had no key is what the database says; from now on that is as good as an answer.
        let mut found = self.compare(bench).into_iter();
        for entry in self.entries.iter_mut().filter(|e| matches!(e.fate, Fate::Unknown)) {
            entry.fate = match found.next().flatten() {
                Some(figure) => Fate::Granted(String::new(), figure),
                None => Fate::Refused(String::new()),
            };
        }
        self.settled = self.entries.len();
        self.repeat_some(bench);
        assert!(self.compare(bench).is_empty());
        for (member, token) in &self.tokens {
            let sql = format!("SELECT balance_fen FROM account WHERE account_id = {member}01");
            assert_eq!(bench.balance(token, *member).to_string(), bench.sql(&sql));
        }
        bench.verify();
        tally
    }

    fn ask_again(&mut self, bench: &Bench) {
        let mut entries = std::mem::take(&mut self.entries);
        for entry in &mut entries[self.settled..] {
            if !matches!(entry.fate, Fate::Unknown) {
                continue;
            }
            if entry.key.is_some() {
                let first = self.send(bench, entry).unwrap();
                let second = self.send(bench, entry).unwrap();
                assert_eq!(first.text, second.text, "{entry:?}");
                entry.fate = fate(&entry.wish, &first);
                assert!(!matches!(entry.fate, Fate::Unknown), "{entry:?}: {}", first.text);
            } else if let Wish::Register { mobile } = &entry.wish {
                // Registered with a password, or not at all.
                let again = self.send(bench, entry).unwrap();
                let taken = again.json()["msg"] == "账号已存在";
                assert!(again.code() == 0 || taken, "{}", again.text);
                bench.login(mobile, PASSWORD);
            }
        }
        self.entries = entries;
    }

    fn repeat_some(&self, bench: &Bench) {
        let answered = self.entries.iter().filter_map(|entry| match &entry.fate {
            Fate::Granted(text, _) | Fate::Refused(text) if entry.key.is_some() => {
                Some((entry, text))
            }
            Fate::Granted(..) | Fate::Refused(_) | Fate::Unknown => None,
        });
        let answered: Vec<_> = answered.collect();
        let step = (answered.len() / REPEATS).max(1);
        for (entry, text) in answered.iter().rev().step_by(step) {
            let again = self.send(bench, entry).unwrap();
            assert_eq!(again.text, **text, "the first answer stays: {entry:?}");
        }
    }

    /// The numbers of all bids that were granted.
    pub(crate) fn bids(&self) -> Vec<i64> {
        let ids = self.entries.iter().filter_map(|entry| match (&entry.wish, &entry.fate) {
            (Wish::Bid { .. }, Fate::Granted(_, id)) => Some(*id),
            (_, _) => None,
        });
        ids.collect()
    }
}

/// What an answer means for its wish.
#[track_caller]
fn fate(wish: &Wish, answer: &Answer) -> Fate {
    let text = answer.text.clone();
    match answer.code() {
        0 => {
            let data = answer.data();
            let figure = match wish {
                Wish::Move { .. } => fen(&data["leave_amount"]),
                Wish::Bid { .. } | Wish::Register { .. } => data["id"].as_i64().unwrap(),
                Wish::Repay { .. } => 0,
            };
            Fate::Granted(text, figure)
        }
        1005 => Fate::Unknown,
        2 | 1002 => Fate::Refused(text),
        _ => panic!("{wish:?}: {text}"),
    }
}

/// Goes on to the next project where this one is full; what it still takes where that was told.
fn look_at_project(entry: &Entry, progress: &Progress) -> Option<i64> {
    let (Wish::Bid { loan, .. }, Fate::Refused(text)) = (&entry.wish, &entry.fate) else {
        return None;
    };
    if let Some((_, rest)) = text.split_once("可投金额：") {
        return rest.split('.').next()?.parse().ok();
    }
    progress.bidding.fetch_max((loan + 1).min(progress.last), Ordering::Relaxed);
    None
}

/// The seed of this run: the one that is asked for, or another each time. It is printed.
pub(crate) fn seed(what: &str) -> u64 {
    let asked = std::env::var("JIEHUAN_CRASH_SEED").ok();
    let seed = asked.map_or_else(
        || u64::from(getrandom::u32().unwrap()),
        |text| text.parse().expect("JIEHUAN_CRASH_SEED is a number"),
    );
    eprintln!("{what}: JIEHUAN_CRASH_SEED={seed}");
    seed
}

/// How many rounds are run on one database.
pub(crate) fn rounds() -> u32 {
    let asked = std::env::var("JIEHUAN_CRASH_ROUNDS").ok();
    asked.map_or(3, |text| text.parse().expect("JIEHUAN_CRASH_ROUNDS is a number"))
}

/// Sends a signal to a server that clients still talk to.
pub(crate) fn signal(bench: &Bench, name: &str) {
    let pid = bench.pid().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Lets the clients work for a time that nobody has chosen.
#[expect(clippy::disallowed_methods, reason = "a blow falls at a moment, not on a condition")]
pub(crate) fn some_time(progress: &Progress, dice: &mut Dice) {
    progress.wait_for(60 + dice.below(400));
    std::thread::sleep(Duration::from_micros(u64::from(dice.below(30_000))));
}

/// What happens in the middle of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    /// SIGKILL.
    Kill,
    /// SIGTERM, as an operator stops it.
    Stop,
    /// The database ends its connections, again and again.
    Disconnect,
    /// An operator of the database cancels statements: most of those that begin a transaction.
    Cancel,
}

#[track_caller]
fn campaign(store: Store, blow: Blow) {
    let what = format!("{blow:?} on {store:?}");
    let seed = seed(&what);
    let mut bench = Bench::start_with(store, &[("JIEHUAN_FUTURELOAN_TOKEN_MINUTES", "1440")]);
    let mut book = Book::open(&bench, seed);
    let mut sum = Tally::default();
    let since = Instant::now();
    for round in 1..=rounds() {
        book.round(&[&bench], |progress, dice| {
            some_time(progress, dice);
            match blow {
                Blow::Kill => signal(&bench, "-KILL"),
                Blow::Stop => signal(&bench, "-TERM"),
                Blow::Disconnect => return disconnect(&bench, progress, dice),
                Blow::Cancel => return cancel(&bench, progress),
            }
            progress.wait_for_silence();
        });
        match blow {
            Blow::Kill => bench.kill9(), // reaps it
            Blow::Stop => bench.stop(),
            Blow::Disconnect | Blow::Cancel => assert!(bench.is_ready(), "it recovers by itself"),
        }
        if matches!(blow, Blow::Kill | Blow::Stop) {
            bench.verify(); // as the blow has left it
            bench.serve();
        }
        let tally = book.settle(&bench);
        eprintln!("{what}, round {round}: {tally:?}");
        if blow == Blow::Stop {
            assert_eq!(tally.found, 0, "a request that was cut off has no effect");
        }
        sum.add(tally);
    }
    eprintln!("{what}, seed {seed}, {} rounds, {:.1?}: {sum:?}", rounds(), since.elapsed());
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.granted += other.granted;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.found += other.found;
    }
}

/// Ends every connection of the server's database, several times; between them work goes on.
fn disconnect(bench: &Bench, progress: &Progress, dice: &mut Dice) {
    for _ in 0..3 {
        let ended = bench.sql(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert_ne!(ended, "0", "the server has connections");
        progress.wait_for(20 + dice.below(80));
    }
}

/// Cancels statements for a second or two; what they were part of must not happen in part.
fn cancel(bench: &Bench, progress: &Progress) {
    bench.sql(
        "DO $$ BEGIN FOR n IN 1..4000 LOOP
           PERFORM pg_stat_clear_snapshot();
           PERFORM pg_cancel_backend(pid) FROM pg_stat_get_activity(NULL)
           WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database())
             AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE 'BEGIN%';
         END LOOP; END $$",
    );
    progress.wait_for(100);
}

#[test]
fn answered_requests_survive_kills_on_sqlite() {
    campaign(Store::Sqlite, Blow::Kill);
}

#[test]
fn answered_requests_survive_kills_on_postgres() {
    campaign(Store::Postgres, Blow::Kill);
}

#[test]
fn a_stop_finishes_what_was_accepted_on_sqlite() {
    campaign(Store::Sqlite, Blow::Stop);
}

#[test]
fn a_stop_finishes_what_was_accepted_on_postgres() {
    campaign(Store::Postgres, Blow::Stop);
}

#[test]
fn lost_database_connections_lose_and_double_nothing() {
    campaign(Store::Postgres, Blow::Disconnect);
}

#[test]
fn cancelled_statements_lose_and_double_nothing() {
    campaign(Store::Postgres, Blow::Cancel);
}
