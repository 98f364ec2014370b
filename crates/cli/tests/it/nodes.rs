//! Two servers on one PostgreSQL: they are one platform, and one of them may die at any moment.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::bench::{Answer, Bench, PASSWORD, Store, pause};
use crate::crash::{Book, Tally, rounds, seed, signal, some_time};
use crate::tokens;

/// Both nodes; the second uses the database of the first, and the folder of keys that all share.
struct Nodes {
    second: Bench, // dropped before the database is
    first: Bench,
}

/// Settings of a node on a database that another bench has made.
fn beside<'s>(url: &'s str, settings: &[(&'s str, &'s str)]) -> Vec<(&'s str, &'s str)> {
    let mut all = settings.to_vec();
    all.push(("JIEHUAN_DATABASE", url));
    all
}

fn url(first: &Bench) -> String {
    let server = std::env::var("JIEHUAN_TEST_POSTGRES").expect("the first bench has needed it");
    let (server, _) = server.rsplit_once('/').expect("the address ends in a database");
    format!("{server}/{}", first.sql("SELECT current_database()"))
}

impl Nodes {
    /// Both start at the same moment on an empty database: both want to make its tables.
    fn start(settings: &[(&str, &str)]) -> Self {
        let mut first = Bench::prepare(Store::Postgres, settings);
        let url = url(&first);
        let mut second = Bench::prepare(Store::Sqlite, &beside(&url, settings));
        std::thread::scope(|scope| {
            scope.spawn(|| first.serve());
            scope.spawn(|| second.serve());
        });
        Self { second, first }
    }

    fn both(&self) -> [&Bench; 2] {
        [&self.first, &self.second]
    }
}

/// A call with an idempotency key.
fn keyed(node: &Bench, path: &str, token: &str, key: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("x-lemonban-media-type", "lemonban.v2"),
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
        ("idempotency-key", key),
    ];
    node.request("POST", path, &headers, body.as_bytes())
}

/// Runs the same work for both nodes at the same moment.
fn on_both(nodes: &Nodes, work: impl Fn(&Bench) -> Answer + Sync) -> [Answer; 2] {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let run = |node| {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                work(node)
            })
        };
        let threads = nodes.both().map(run);
        threads.map(|thread| thread.join().unwrap())
    })
}

#[test]
fn a_node_that_dies_takes_nothing_with_it() {
    let what = "one of two nodes killed";
    let seed = seed(what);
    let mut nodes = Nodes::start(&[("JIEHUAN_FUTURELOAN_TOKEN_MINUTES", "1440")]);
    let mut book = Book::open(&nodes.first, seed);
    let (since, mut sum) = (Instant::now(), Tally::default());
    for round in 1..=rounds() {
        book.round(&nodes.both(), |progress, dice| {
            some_time(progress, dice);
            signal(&nodes.second, "-KILL");
            // Those who had not their answer yet are done then; what comes now is the other's.
            progress.wait_for(100);
            assert!(progress.all_at_work(), "clients of the dead node have moved");
        });
        nodes.second.kill9(); // reaps it
        nodes.first.verify();
        let tally = book.settle(&nodes.first);
        eprintln!("{what}, round {round}: {tally:?}");
        sum.add(tally);
        nodes.second.serve();
    }
    eprintln!("{what}, seed {seed}, {} rounds, {:.1?}: {sum:?}", rounds(), since.elapsed());
    let bids = book.bids();
    let distinct: BTreeSet<_> = bids.iter().collect();
    assert_eq!(bids.len(), distinct.len(), "no number is given twice");
}

#[test]
fn a_key_sent_to_both_nodes_has_one_effect() {
    let nodes = Nodes::start(&[]);
    nodes.first.load(
        r#"{"members":[
{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小借","leave_amount":1000},
{"id":2,"mobile_phone":"13800000002","pwd":"password1","type":1,"reg_name":"小贷","leave_amount":100000}],
"loans":[{"id":1,"member_id":1,"title":"双写","amount":2000,"loan_rate":12.0,"loan_term":12,"loan_date_type":1,"bidding_days":5,"status":2}]}"#,
    );
    let borrower = nodes.first.login("13800000001", PASSWORD);
    let investor = nodes.first.login("13800000002", PASSWORD);
    let twice = |path: &str, token: &str, key: &str, body: &str| {
        let [one, other] = on_both(&nodes, |node| keyed(node, path, token, key, body));
        assert_eq!(one.text, other.text, "{path} {key}: both get the first answer");
        one
    };
    for number in 0..10 {
        let body = r#"{"member_id":2,"amount":10.01}"#;
        twice("/futureloan/member/recharge", &investor, &format!("in {number}"), body).data();
        let body = r#"{"member_id":2,"amount":10}"#;
        twice("/futureloan/member/withdraw", &investor, &format!("out {number}"), body).data();
        let body = r#"{"member_id":2,"loan_id":1,"amount":200}"#;
        twice("/futureloan/member/invest", &investor, &format!("bid {number}"), body).data();
    }
    assert_eq!(nodes.second.balance(&borrower, 1), 300_000, "ten bids have filled the project");
    assert_eq!(nodes.second.balance(&investor, 2), 10_000_000 + 10 - 200_000);
    for number in 0..5 {
        twice("/futureloan/loan/1/repay", &borrower, &format!("term {number}"), "{}").data();
    }
    // Five months of 2,000 x 12 % / 12 = 20.00.
    assert_eq!(nodes.first.balance(&borrower, 1), 300_000 - 5 * 2_000);
    // A refusal is a first answer too.
    let body = r#"{"member_id":1,"amount":5000}"#;
    let refused = twice("/futureloan/member/withdraw", &borrower, "too much", body);
    assert_eq!(refused.code(), 1002, "{}", refused.text);
    nodes.first.verify();
}

#[test]
fn what_one_node_knows_of_a_caller_the_other_knows() {
    let nodes = Nodes::start(&[("JIEHUAN_LIMITS_LOGIN_FAILURES", "3")]);
    nodes.first.load(
        r#"{"members":[
{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小借","leave_amount":1000},
{"id":2,"mobile_phone":"13800000002","pwd":"password1","type":1,"reg_name":"小贷","leave_amount":0},
{"id":3,"mobile_phone":"13800000003","pwd":"password1","type":1,"reg_name":"小锁","leave_amount":0}]}"#,
    );
    let (first, second) = (&nodes.first, &nodes.second);
    let token = first.login("13800000001", PASSWORD);
    assert_eq!(second.balance(&token, 1), 100_000, "a token is good on every node");

    let signed = |node: &Bench, body: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("x-lemonban-media-type", "lemonban.v3"),
            ("content-type", "application/json"),
            ("authorization", bearer.as_str()),
        ];
        node.request("POST", "/futureloan/member/recharge", &headers, body.as_bytes())
    };
    let fresh = || {
        let (now, mut body) = (tokens::now(), String::new());
        let sign = tokens::sign(&token, now);
        write!(body, r#"{{"member_id":1,"amount":1,"timestamp":{now},"sign":"{sign}"}}"#).unwrap();
        body
    };
    let body = fresh();
    signed(first, &body).data();
    let replayed = signed(second, &body);
    let told = (replayed.code(), replayed.json()["msg"].clone());
    assert_eq!(told, (1003, "sign验证不通过".into()), "a signature is good once");
    for _ in 0..10 {
        let body = fresh();
        let codes = on_both(&nodes, |node| signed(node, &body)).map(|answer| answer.code());
        assert!(codes == [0, 1003] || codes == [1003, 0], "one of them: {codes:?}");
    }
    assert_eq!(first.balance(&token, 1), 100_000 + 11 * 100);

    // As many guesses as are allowed, then none anywhere, not even the right one.
    let login = |node: &Bench, password: &str| {
        let body = format!(r#"{{"mobile_phone":"13800000003","pwd":"{password}"}}"#);
        let answer = node.call("POST", "/futureloan/member/login", "", &body);
        assert_eq!(answer.code(), 1001, "{}", answer.text);
        answer.json()["msg"].as_str().unwrap().contains("锁定")
    };
    let locked: Vec<bool> =
        [first, second, first].iter().map(|node| login(node, "password9")).collect();
    assert_eq!(locked, [false, false, false]);
    assert!(login(first, PASSWORD) && login(second, PASSWORD), "locked on one, locked on all");

    first.cli_ok(&["member", "revoke", "--mobile", "13800000001"]);
    for node in nodes.both() {
        let info = node.call("GET", "/futureloan/member/1/info", &token, "");
        assert_eq!(info.code(), 1003, "a revoked token is worth nothing: {}", info.text);
    }
    let blocked = second.login("13800000002", PASSWORD);
    second.cli_ok(&["member", "block", "--mobile", "13800000002"]);
    for node in nodes.both() {
        let info = node.call("GET", "/futureloan/member/2/info", &blocked, "");
        assert_eq!(info.code(), 1003, "blocking ends all tokens: {}", info.text);
    }
    first.verify();
}

#[test]
fn a_failing_project_is_given_back_by_one_node_only() {
    const PROJECTS: usize = 40;
    let nodes = Nodes::start(&[("JIEHUAN_LOG_LEVEL", "info")]);
    let (mut loans, mut invests) = (String::new(), String::new());
    for id in 1..=PROJECTS {
        let comma = if id == 1 { "" } else { "," };
        let _ = write!(
            loans,
            r#"{comma}{{"id":{id},"member_id":1,"title":"流标","amount":2000,"loan_rate":12.0,"loan_term":1,"loan_date_type":1,"bidding_days":1,"status":2}}"#
        );
        for member in [2, 3, 2] {
            let comma = if invests.is_empty() { "" } else { "," };
            let _ =
                write!(invests, r#"{comma}{{"member_id":{member},"loan_id":{id},"amount":300}}"#);
        }
    }
    nodes.first.load(&format!(
        r#"{{"members":[
{{"id":1,"mobile_phone":"13800000001","pwd":"password1","type":1,"reg_name":"小借","leave_amount":0}},
{{"id":2,"mobile_phone":"13800000002","pwd":"password1","type":1,"reg_name":"小贷","leave_amount":500}},
{{"id":3,"mobile_phone":"13800000003","pwd":"password1","type":1,"reg_name":"小投","leave_amount":700}}],
"loans":[{loans}],"invests":[{invests}]}}"#
    ));
    nodes.second.cli_ok(&["clock", "advance", "2d"]);
    let since = Instant::now();
    let open = "SELECT COUNT(*) FROM project WHERE status <> 'failed'";
    while nodes.first.sql(open) != "0" {
        assert!(since.elapsed() < Duration::from_secs(30), "projects have not ended");
        pause(50);
    }
    // A node says so after the commit that the loop above has just seen.
    let told = || nodes.both().map(|node| node.log().matches("given back").count());
    while told().iter().sum::<usize>() < PROJECTS && since.elapsed() < Duration::from_secs(30) {
        pause(50);
    }
    let said = told();
    eprintln!("given back by each node: {said:?}");
    assert_eq!(said.iter().sum::<usize>(), PROJECTS, "each project by one node");
    let returns = "SELECT COUNT(*), COUNT(DISTINCT reverses_id), COUNT(DISTINCT subject_id)
        FROM transfer WHERE kind = 'bid_return'";
    assert_eq!(nodes.first.sql(returns), "120|120|120", "each bid once");
    let held = "SELECT COUNT(*) FROM bid WHERE state <> 'returned'";
    assert_eq!(nodes.first.sql(held), "0");
    let wallets = "SELECT balance_fen FROM account WHERE account_id IN (201, 301) ORDER BY 1";
    // 40 projects with 600 and 300 came from the wallets, and came back: beside 500 and 700.
    assert_eq!(nodes.first.sql(wallets), "1270000\n2450000");
    nodes.first.verify();
}
