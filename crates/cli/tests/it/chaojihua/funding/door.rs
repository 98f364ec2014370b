//! The door at which the partner calls back: what it lets in, and that a word counts once.

use kernel::{Instant, Secret};
use lending::origination::{self, State};
use lending::{Clock, Fault, Lending, funding};
use providers::sandbox::Amounts;
use providers::sandbox::funding::{KEY_ID, Signature, Twin};
use serde_json::{Value, json};

use super::super::{App, first, write};
use super::{Way, draw, issues, known, lender, ready};
use crate::bench::{Answer, Bench, Store};

const PATH: &str = "/providers/funding/notify";

/// Somebody who signs as the partner does, or nearly.
struct Caller<'b> {
    bench: &'b Bench,
    twin: Twin,
}

impl<'b> Caller<'b> {
    fn new(bench: &'b Bench) -> Self {
        let path = bench.folder().join("data/sandbox/keys/funding.key");
        Self::with(bench, std::fs::read_to_string(path).unwrap().trim())
    }

    fn with(bench: &'b Bench, secret: &str) -> Self {
        let secret = Secret::new(secret.to_owned());
        Self { bench, twin: Twin::open(None, secret, (Amounts::Plain, 0)).unwrap() }
    }

    fn now() -> Instant {
        Clock::real().now().wall
    }

    fn sign(&self, body: &str, at: Instant) -> Signature {
        self.twin.sign(&format!("http://here{PATH}"), body, at)
    }

    #[track_caller]
    fn send(&self, signature: &Signature, body: &str) -> Answer {
        let headers = [
            ("content-type", "application/json"),
            ("x-funding-key", signature.key_id.as_str()),
            ("x-funding-timestamp", &signature.timestamp),
            ("x-funding-nonce", &signature.nonce),
            ("x-funding-signature", &signature.signature),
        ];
        self.bench.request("POST", PATH, &headers, body.as_bytes())
    }

    /// Calls back as the partner does; the status and the code of the answer.
    #[track_caller]
    fn call(&self, body: &Value) -> (u16, String) {
        let body = body.to_string();
        said(&self.send(&self.sign(&body, Self::now()), &body))
    }
}

#[track_caller]
fn said(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    (answer.status, answer.json()["code"].as_str().unwrap().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn word(kind: &str, number: &str, status: u32, seq: u32) -> Value {
    json!({"kind": kind, "number": number, "status": status, "seq": seq})
}

#[test]
fn nobody_but_the_partner_is_listened_to() {
    let bench = lender(Store::Sqlite, Way::Http);
    let caller = Caller::new(&bench);
    let body = word("apply", "202611251400165897932384", 300, 2).to_string();
    let now = Caller::now();
    let signed = caller.sign(&body, now);
    assert_eq!(said(&bench.request("POST", PATH, &[], body.as_bytes())), is(401, "1001"));
    let stranger = Caller::with(&bench, "another secret");
    assert_eq!(said(&caller.send(&stranger.sign(&body, now), &body)), is(401, "1001"));
    for wrong in [
        Signature { key_id: "somebody".into(), ..signed.clone() },
        Signature { nonce: "0".into(), ..signed.clone() },
        Signature { timestamp: (now.millis() + 1).to_string(), ..signed.clone() },
        Signature { signature: signed.signature.to_uppercase(), ..signed.clone() },
        Signature { signature: String::new(), ..signed.clone() },
        caller.twin.sign("http://here/providers/other", &body, now),
    ] {
        assert_eq!(said(&caller.send(&wrong, &body)), is(401, "1001"), "{wrong:?}");
    }
    let tampered = body.replace("300", "400");
    assert_eq!(said(&caller.send(&signed, &tampered)), is(401, "1001"));
    for minutes in [-6, 6] {
        let at = now.plus_millis(minutes * 60_000);
        assert_eq!(said(&caller.send(&caller.sign(&body, at), &body)), is(401, "1002"));
    }
    // An order that was never told; what is heard once is not heard again just so.
    assert_eq!(said(&caller.send(&signed, &body)), is(404, "2001"));
    assert_eq!(said(&caller.send(&signed, &body)), is(409, "1003"));
    assert_eq!(bench.request("GET", PATH, &[], b"").status, 405);
    let beyond = format!("{{\"kind\":\"{}\"}}", "a".repeat(20_000));
    assert_eq!(said(&caller.send(&caller.sign(&beyond, now), &beyond)), is(413, "1005"));
    assert_eq!(KEY_ID, signed.key_id);
}

#[test]
fn what_is_no_message_is_refused() {
    let bench = lender(Store::Sqlite, Way::Http);
    let caller = Caller::new(&bench);
    let good = word("apply", "1", 300, 2);
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    assert_eq!(caller.call(&good), is(404, "2001"));
    for bad in [
        json!(null),
        json!([]),
        json!("300"),
        json!({}),
        with("kind", json!("repay")),
        with("kind", json!(1)),
        with("number", json!("")),
        with("number", json!(1)),
        with("number", json!("1".repeat(65))),
        with("status", json!(4101)),
        with("status", json!(301)),
        with("status", json!("300")),
        with("status", json!(-300)),
        with("seq", json!(0)),
        with("seq", json!(-1)),
        with("seq", json!(1.5)),
        with("seq", json!(4_294_967_296_u64)),
        with("amount", json!(1000)),
        with("amount", json!("1e3")),
        with("amount", json!("-1.00")),
        with("amount", json!("99999999999999999999")),
        with("tenors", json!([])),
        with("tenors", json!([0])),
        with("tenors", json!(["3"])),
        with("tenors", json!(vec![3; 61])),
        with("reason", json!({"a": 1})),
    ] {
        assert_eq!(caller.call(&bad), is(400, "1004"), "{bad}");
    }
    let text = "not JSON";
    assert_eq!(said(&caller.send(&caller.sign(text, Caller::now()), text)), is(400, "1004"));
}

#[track_caller]
fn heard(core: &Lending, state: State) -> Vec<(u32, i64)> {
    let orders = write(core, move |tx| {
        let all = origination::applications_in(tx, state, first())?;
        funding::orders_of(tx, all[0].id)
    });
    let number = |one: &funding::Order| one.heard.map_or(0, lending::ports::FundingStatus::code);
    orders.iter().map(|one| (number(one), one.heard_place)).collect()
}

/// Late, repeated and reordered words take effect once, and nothing moves backwards.
#[track_caller]
fn check_words(store: Store) {
    let bench = lender(store, Way::Http);
    let core = bench.core();
    let caller = Caller::new(&bench);
    let app = known(&bench);
    // The twin says nothing more of this one: the test does.
    let order = app.apply(&json!({"amount": 10_200}));
    super::waits_for(&core, &order, 1);
    let mut approved = word("apply", &order, 300, 3);
    approved["amount"] = json!("9000.00");
    assert_eq!(caller.call(&approved), is(200, "0000"));
    let limit = |app: &App<'_>| app.order(&order)["audit_data"]["maxLoanAmt"].clone();
    assert_eq!(
        (app.order(&order)["order_status"].clone(), limit(&app)),
        (json!("300"), json!(9000))
    );
    // The same again, what it overtook, and something else in its place.
    for (status, seq) in [(300, 3), (200, 1), (500, 2), (400, 2)] {
        assert_eq!(caller.call(&word("apply", &order, status, seq)), is(200, "0000"));
        assert_eq!(app.order(&order)["order_status"], "300");
    }
    assert_eq!(issues(&core), Vec::<String>::new());
    assert_eq!(caller.call(&word("apply", &order, 400, 3)), is(200, "0000"));
    assert_eq!(issues(&core), ["400: said differently before, in the same place"]);
    // Frozen and free again; refused after all contradicts.
    for (status, seq, shown) in [(500, 4, "500"), (500, 5, "500"), (300, 6, "300"), (400, 7, "300")]
    {
        assert_eq!(caller.call(&word("apply", &order, status, seq)), is(200, "0000"));
        assert_eq!(app.order(&order)["order_status"], shown, "{status}");
    }
    assert_eq!(issues(&core).len(), 2);
    assert_eq!(heard(&core, State::Approved), [(300, 6)]);
    assert_eq!(limit(&app), json!(9000));
    // The twin has approved nothing, so the withdrawal is a mistake to it: refused, and for people
    // to look at.
    app.bind(&order);
    app.verify(&order);
    draw(&app, &order, 1000, 3);
    app.wait_for(&order, "4003");
    assert_eq!(issues(&core)[2], "taken for a mistake by the partner");
    core.close();
    bench.verify();
}

#[test]
fn words_count_once_and_in_their_order_on_sqlite() {
    check_words(Store::Sqlite);
}

#[test]
fn words_count_once_and_in_their_order_on_postgres() {
    check_words(Store::Postgres);
}

/// What people have to look at, but for the plan: the twin has not paid anything out yet where the
/// test says so, and takes the plan for a mistake.
#[track_caller]
fn contradictions(core: &Lending) -> Vec<String> {
    let all = issues(core).into_iter();
    all.filter(|detail| detail != "taken for a mistake by the partner").collect()
}

/// A payout is booked once, whoever says so how often, and also where 4101 comes before 4002.
#[track_caller]
fn check_payouts(store: Store) {
    let bench = lender(store, Way::Http);
    let core = bench.core();
    let caller = Caller::new(&bench);
    let app = known(&bench);
    let order = ready(&app);
    app.calculate(&order, 1400, 3).done();
    let drawn = app.submit(&order, 1400, 3);
    let number = drawn.said(1, "提现申请已提交")["withdrawId"].as_str().unwrap().to_owned();
    // Before the partner's own answer, perhaps.
    let mut other = word("withdraw", &number, 4101, 9);
    other["amount"] = json!("1500.00");
    assert_eq!(caller.call(&other), is(200, "0000"));
    assert_eq!(contradictions(&core), ["4101: another amount than was drawn"]);
    for _ in 0..3 {
        assert_eq!(caller.call(&word("withdraw", &number, 4101, 9)), is(200, "0000"));
    }
    assert_eq!(app.order(&order)["order_status"], "4101");
    for (status, seq) in [(4001, 1), (4002, 2), (4003, 3), (4102, 8)] {
        assert_eq!(caller.call(&word("withdraw", &number, status, seq)), is(200, "0000"));
        assert_eq!(app.order(&order)["order_status"], "4101", "{status}");
    }
    assert_eq!(contradictions(&core).len(), 1);
    let (orders, owed) = write(&core, |tx| {
        let lent = origination::applications_in(tx, State::Lent, first())?;
        let loan = lending::servicing::loan_of_application(tx, lent[0].id)?.unwrap();
        let orders = lending::servicing::payments::payments_of(tx, loan.id)?;
        let trial = lending::ledger::trial_balance(tx)?;
        let owed = trial.iter().find(|line| line.account == "funding_partner").unwrap().balance_fen;
        Ok::<_, Fault>((orders, owed))
    });
    assert_eq!(orders.len(), 1);
    assert_eq!(owed, 140_000);
    // The partner holds the same as we do, or people look at it.
    assert_eq!(caller.call(&word("withdraw", &number, 4201, 10)), is(200, "0000"));
    assert_eq!(contradictions(&core).len(), 1);
    assert_eq!(caller.call(&word("withdraw", &number, 4203, 11)), is(200, "0000"));
    assert_eq!(contradictions(&core)[1], "4203: the loan is repaying here");
    core.close();
    bench.verify();
}

#[test]
fn payouts_are_booked_once_on_sqlite() {
    check_payouts(Store::Sqlite);
}

#[test]
fn payouts_are_booked_once_on_postgres() {
    check_payouts(Store::Postgres);
}
