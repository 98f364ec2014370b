//! The provider's statement of a day against our orders, as the cashier works with it.

use kernel::id::ApplicationId;
use lending::audit::Actor;
use lending::servicing;
use serde_json::{Value, json};

use super::App;
use super::borrowing::{ID_NO, prove_card_and_phone, review, wait_for, write};
use super::outage::order_faults;
use super::pages::free_port;
use crate::bench::{Bench, PASSWORD, Store, pause};
use crate::operators::{add, call, log_in};

/// A bench with one loan of 1000.00 that was paid out today, over the sandbox's HTTP.
fn lent(store: Store) -> (Bench, u16) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let bench = Bench::start_with(
        store,
        &[
            ("JIEHUAN_PROVIDERS_MODE", "http"),
            ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &listen),
            ("JIEHUAN_PROVIDERS_COSTS", "lianlian=20"),
        ],
    );
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    app.prove("李小明", ID_NO);
    let core = bench.core();
    prove_card_and_phone(&core);
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let id: i64 = wait_for(&app, "auditing")["id"].as_str().unwrap().parse().unwrap();
    review(&core, 1, id, true);
    review(&core, 2, id, true);
    let application = ApplicationId::from_number(id);
    write(&core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    app.get("/home").one();
    wait_for(&app, "repaying");
    core.close();
    (bench, port)
}

/// Today and tomorrow, by the business clock.
fn days(bench: &Bench) -> (String, String) {
    let core = bench.core();
    let today = core.clock().now().business.date();
    core.close();
    (today.to_string(), today.plus_days(1).unwrap().to_string())
}

#[track_caller]
fn compared(bench: &Bench, token: &str, day: &str) -> Value {
    let found = (0..400).find_map(|_| {
        pause(50);
        let (status, answer) =
            call(bench, "GET", &format!("/statements/{day}"), token, &Value::Null);
        assert_eq!(status, 200, "{answer}");
        Some(answer["statement"].clone()).filter(|statement| statement["state"] == "compared")
    });
    found.unwrap_or_else(|| panic!("not compared\n{}", bench.log()))
}

#[track_caller]
fn open(bench: &Bench, token: &str) -> Vec<Value> {
    let (status, answer) = call(bench, "GET", "/differences", token, &Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer["items"].as_array().unwrap().clone()
}

#[track_caller]
fn check(store: Store) {
    let (bench, port) = lent(store);
    add(&bench, "cashier", "cashier");
    add(&bench, "auditor", "auditor");
    let token = log_in(&bench, "cashier", PASSWORD);
    let (today, tomorrow) = days(&bench);
    let path = format!("/statements/{today}");
    let (status, answer) = call(&bench, "GET", &path, &token, &Value::Null);
    assert_eq!((status, &answer["error"]["code"]), (404, &json!("no_such_statement")));

    // The first answer is lost; it is asked for again, and agrees with the one payout.
    order_faults(
        port,
        &json!({"ordered": [{"call": "statement.htm", "kind": "broken", "times": 1}]}),
    );
    let (status, answer) = call(&bench, "POST", &format!("{path}/ask"), &token, &json!({}));
    assert_eq!((status, &answer["statement"]["state"]), (202, &json!("wanted")));
    let statement = compared(&bench, &token, &today);
    let one = json!({"orders": 1, "in": "0.00", "out": "1000.00"});
    assert_eq!((&statement["theirs"], &statement["ours"]), (&one, &one));
    assert_eq!(open(&bench, &token), Vec::<Value>::new());

    // A file that says something else takes its place.
    let (_, answer) = call(&bench, "GET", "/payments?state=open", &token, &Value::Null);
    assert_eq!(answer["items"], json!([]));
    let core = bench.core();
    let order_no = order_no(&core);
    core.close();
    let csv = format!("order_no,direction,amount,provider_no\r\n{order_no},out,1001.00,P1\r\n\r\n");
    let (status, answer) = call(&bench, "PUT", &path, &token, &json!({ "csv": csv }));
    assert_eq!((status, &answer["statement"]["open_differences"]), (200, &json!(1)), "{answer}");
    let [difference] = &open(&bench, &token)[..] else { panic!("not one") };
    assert_eq!(difference["kind"], "amount");
    assert_eq!(
        (&difference["ours"], &difference["theirs"]),
        (&json!("1000.00"), &json!("1001.00"))
    );
    refusals(&bench, &token, (&path, &tomorrow));

    let settle = format!("/differences/{}/settle", difference["id"].as_str().unwrap());
    let reason = json!({"reason": "对方多记一元，已致电更正"});
    let auditor = log_in(&bench, "auditor", PASSWORD);
    assert_eq!(call(&bench, "POST", &settle, &auditor, &reason).0, 403);
    assert_eq!(call(&bench, "POST", &settle, &token, &json!({"reason": "x"})).0, 422);
    let (status, answer) = call(&bench, "POST", &settle, &token, &reason);
    assert_eq!((status, &answer["difference"]["state"]), (200, &json!("settled")));
    assert_eq!(call(&bench, "POST", &settle, &token, &reason).0, 404);
    assert_eq!(open(&bench, &auditor), Vec::<Value>::new());
    let (_, answer) = call(&bench, "GET", "/differences?state=settled", &auditor, &Value::Null);
    assert_eq!(answer["items"][0]["reason"], reason["reason"]);
    calls(&bench, &token);
    bench.verify();
}

/// Every call of the way stands in the book, with its cost, and nothing personal in it.
#[track_caller]
fn calls(bench: &Bench, token: &str) {
    let (status, health) = call(bench, "GET", "/providers", token, &Value::Null);
    let items = health["items"].as_array().unwrap();
    let lianlian = items.iter().find(|item| item["provider"] == "lianlian").unwrap();
    assert_eq!(
        (status, &lianlian["failing"], &lianlian["failed_today"]),
        (200, &json!(false), &json!(1))
    );
    // By hand: one payout at 20 fen; questions cost nothing.
    assert_eq!(lianlian["cost_30_days"], "0.20");
    let list = |query: &str| {
        let path = format!("/provider-calls?size=100{query}");
        let (status, answer) = call(bench, "GET", &path, token, &Value::Null);
        assert_eq!(status, 200, "{answer}");
        answer["items"].as_array().unwrap().clone()
    };
    let failed = list("&failed=true");
    assert_eq!((failed.len(), &failed[0]["call"]), (1, &json!("statement.htm")));
    assert_eq!(failed[0]["error"], "answered with status 502");
    let all = list("");
    let payout = all.iter().find(|call| call["call"] == "paymentapi/payment.htm").unwrap();
    assert!(payout["request"].as_str().unwrap().contains("money_order=1000.00"), "{payout}");
    assert!(list("&provider=lianlian").len() < all.len() && list("&provider=nobody").is_empty());
    let text = Value::from(all).to_string();
    for personal in ["13800000001", "李小明", ID_NO] {
        assert!(!text.contains(personal), "{personal}");
    }
    let (status, _) = call(bench, "GET", "/provider-calls?failed=perhaps", token, &Value::Null);
    assert_eq!(status, 422);
}

/// The number of the only order.
fn order_no(core: &lending::Lending) -> String {
    let read = |tx: &mut lending::Tx<'_, '_>| {
        let page = lending::Page::new(1, 10).unwrap();
        let loan =
            servicing::loans(tx, servicing::Listed::In(servicing::LoanState::Repaying), page)?;
        servicing::payments::payments_of(tx, loan[0].id)
    };
    core.read_and_wait(read).unwrap()[0].order_no.clone()
}

/// What is no statement changes nothing.
#[track_caller]
fn refusals(bench: &Bench, token: &str, (path, tomorrow): (&str, &str)) {
    let ahead = format!("/statements/{tomorrow}");
    for (method, path, body, status, code) in [
        ("PUT", path, json!({"csv": "1,up,1.00,2"}), 422, "statement_unfit"),
        ("PUT", path, json!({"csv": "\n1,in,1e3,2"}), 422, "statement_unfit"),
        ("PUT", path, json!({"csv": "1,in,-1.00,2"}), 422, "statement_unfit"),
        ("PUT", path, json!({"csv": 7}), 400, "body_malformed"),
        ("PUT", path, json!({}), 400, "body_malformed"),
        ("PUT", ahead.as_str(), json!({"csv": ""}), 422, "not_begun"),
        ("PUT", "/statements/2026-02-30", json!({"csv": ""}), 422, "field_wrong"),
        ("PUT", "/statements/'; --", json!({"csv": ""}), 422, "field_wrong"),
        ("GET", "/differences?state=any", Value::Null, 422, "field_wrong"),
        (
            "POST",
            "/differences/99/settle",
            json!({"reason": "nothing there"}),
            404,
            "no_such_difference",
        ),
    ] {
        let path = path.replace(' ', "%20");
        let (found, answer) = call(bench, method, &path, token, &body);
        assert_eq!((found, &answer["error"]["code"]), (status, &json!(code)), "{path} {body}");
    }
    assert_eq!(open(bench, token).len(), 1);
}

#[test]
fn statements_are_compared_on_sqlite() {
    check(Store::Sqlite);
}

#[test]
fn statements_are_compared_on_postgres() {
    check(Store::Postgres);
}
