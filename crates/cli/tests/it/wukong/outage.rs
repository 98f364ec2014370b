//! A provider that is down and comes back, as operators see it: docs/operations.md.

use kernel::id::ApplicationId;
use lending::audit::Actor;
use lending::servicing;
use serde_json::{Value, json};

use super::App;
use super::borrowing::{ID_NO, prove_card_and_phone, review, wait_for, write};
use super::pages::free_port;
use crate::bench::{Bench, PASSWORD, Store, pause};
use crate::operators::{add, call, log_in};

pub(super) fn order_faults(port: u16, faults: &Value) {
    let url = format!("http://127.0.0.1:{port}/sandbox/faults");
    let config = ureq::Agent::config_builder().proxy(None).build();
    let sent = ureq::Agent::from(config).post(url).send(faults.to_string()).unwrap();
    assert_eq!(sent.status().as_u16(), 204);
}

#[track_caller]
fn check(store: Store) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let bench = Bench::start_with(
        store,
        &[("JIEHUAN_PROVIDERS_MODE", "http"), ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &listen)],
    );
    add(&bench, "cashier", "cashier");
    let token = log_in(&bench, "cashier", PASSWORD);
    let open = || {
        let (status, answer) = call(&bench, "GET", "/payments?state=open", &token, &Value::Null);
        assert_eq!(status, 200, "{answer}");
        answer["items"].as_array().unwrap().clone()
    };
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    app.prove("李小明", ID_NO);
    let core = bench.core();
    prove_card_and_phone(&core);
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let id: i64 = wait_for(&app, "auditing")["id"].as_str().unwrap().parse().unwrap();
    review(&core, 1, id, true);
    review(&core, 2, id, true);
    assert_eq!(open(), Vec::<Value>::new());
    // Every call is answered with 503, and nothing is done.
    order_faults(port, &json!({"ordered": [{"call": "*", "kind": "refused", "times": 1000}]}));
    let application = ApplicationId::from_number(id);
    write(&core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    app.get("/home").one();
    let waiting = (0..200).find_map(|_| {
        pause(50);
        open().into_iter().find(|order| order["attempts"].as_i64() >= Some(2))
    });
    let waiting = waiting.expect("the order waits, and is asked for");
    assert_eq!(waiting["purpose"], "payout");
    assert!(["requested", "sent", "unknown"].contains(&waiting["state"].as_str().unwrap()));
    assert_eq!(app.get("/home").one()["state"], "granting");
    // The provider is back: nobody does anything, and it is paid out, once.
    order_faults(port, &json!({"ordered": []}));
    let page = (0..1200).find_map(|_| {
        pause(50);
        Some(app.get("/home").one().clone()).filter(|page| page["state"] == "repaying")
    });
    assert!(page.is_some(), "not paid out: {:?}\n{}", open(), bench.log());
    assert_eq!(open(), Vec::<Value>::new());
    core.close();
    bench.verify();
}

#[test]
fn a_payout_outlives_an_outage_on_sqlite() {
    check(Store::Sqlite);
}

#[test]
fn a_payout_outlives_an_outage_on_postgres() {
    check(Store::Postgres);
}
