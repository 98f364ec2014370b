//! The exchange below `/leads`: who sees, claims, works and pays what, and what operators see of it.

use serde_json::{Value, json};

use super::App;
use crate::bench::{Bench, Store};
use crate::operators::{add, call, log_in, on_both};

on_both! {
    a_lead_goes_from_one_officer_to_another
    a_hundred_officers_race_for_ten_leads
    operators_see_the_whole_funnel
}

const ALICE: &str = "13800000001";
const BOB: &str = "13800000002";
const CAROL: &str = "13800000003";

/// The number of an officer; only operators know it.
#[track_caller]
fn number(bench: &Bench, token: &str, telephone: &str) -> i64 {
    let path = format!("/customers?channel=shuaidan&mobile={telephone}");
    let (status, found) = call(bench, "GET", &path, token, &Value::Null);
    assert_eq!(status, 200, "{found}");
    found["items"][0]["id"].as_i64().unwrap()
}

/// A cashier books a bank transfer.
#[track_caller]
fn pay(
    bench: &Bench,
    cashier: &str,
    officer: i64,
    (direction, amount): (&str, &str),
) -> (u16, Value) {
    let path = format!("/officers/{officer}/transfers");
    let body = json!({"direction": direction, "amount": amount, "reference": "B-1"});
    call(bench, "POST", &path, cashier, &body)
}

pub(super) fn a_lead_goes_from_one_officer_to_another(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "cashier", "cashier");
    let cashier = log_in(&bench, "cashier", "password1");
    let [mut alice, mut bob, mut carol] =
        [ALICE, BOB, CAROL].map(|telephone| App::officer(&bench, telephone));
    let lead = alice.tell(1, "13900000001");
    let id = format!("id={lead}");
    // Others see what it is worth, and not whose it is.
    let open = bob.shown("GET", "/leads?loan_type=2", "");
    assert_eq!(open[0]["customer_info"]["name"], "周**");
    assert_eq!(open[0]["customer_info"]["telephone"], "139****0001");
    assert_eq!(open[0]["customer_info"].get("id_no"), None);
    assert_eq!(open[0]["fee"], "20.00");
    assert_eq!(bob.shown("GET", "/leads?loan_type=1", ""), json!([]));
    let masked = bob.shown("GET", &format!("/leads/detail?{id}"), "");
    assert_eq!((&masked["customer_info"]["masked"], &masked["events"]), (&json!(true), &json!([])));
    assert_eq!(bob.refused("GET", "/leads?loan_type=4", ""), "loan_type is not available.");
    // Without money for the fee nothing is claimed.
    assert_eq!(
        bob.refused("POST", "/leads/claim", &id),
        "balance is not enough, the fee is 20.00."
    );
    let officer = number(&bench, &cashier, BOB);
    let (status, paid) = pay(&bench, &cashier, officer, ("in", "100.00"));
    assert_eq!((status, &paid["balance"]), (201, &json!("100.00")));
    assert_eq!(alice.refused("POST", "/leads/claim", &id), "the lead is your own.");
    assert_eq!(bob.refused("POST", "/leads/claim", "id=99"), "no such lead.");
    assert_eq!(bob.refused("POST", "/leads/claim", ""), "id is required.");
    assert_eq!(bob.refused("POST", "/leads/claim", "id=x"), "id is not available.");
    assert_eq!(bob.shown("POST", "/leads/claim", &id)["state"], "claimed");
    assert_eq!(carol.refused("POST", "/leads/claim", &id), "the lead is not open.");
    assert_eq!(carol.refused("GET", &format!("/leads/detail?{id}"), ""), "no such lead.");
    assert_eq!(carol.shown("GET", "/leads", ""), json!([]));
    let full = bob.shown("GET", &format!("/leads/detail?{id}"), "");
    assert_eq!(full["customer_info"]["telephone"], "13900000001");
    // Only its holder works it, and only once it ends.
    let note = format!("{id}&note=已联系");
    assert_eq!(carol.refused("POST", "/leads/work", &note), "the lead is not yours.");
    assert_eq!(bob.refused("POST", "/leads/work", &id), "note is required.");
    assert_eq!(bob.shown("POST", "/leads/work", &note)["state"], "working");
    assert_eq!(alice.refused("POST", "/leads/withdraw", &id), "the lead is working.");
    assert_eq!(bob.shown("POST", "/leads/release", &id)["state"], "open");
    assert_eq!(bob.shown("POST", "/leads/claim", &id)["state"], "claimed");
    assert_eq!(
        bob.refused("POST", "/leads/close", &format!("{id}&result=x")),
        "result is not available."
    );
    assert_eq!(bob.shown("POST", "/leads/close", &format!("{id}&result=won"))["state"], "won");
    let again = bob.refused("POST", "/leads/close", &format!("{id}&result=lost"));
    assert_eq!(again, "the lead is won.");
    let purse = bob.shown("GET", "/leads/wallet", "");
    assert_eq!((&purse["balance"], &purse["held"]), (&json!("80.00"), &json!("0.00")));
    let kinds: Vec<_> =
        purse["movements"].as_array().unwrap().iter().map(|line| line["kind"].clone()).collect();
    assert_eq!(kinds, ["lead_hold", "lead_return", "lead_hold", "recharge"]);
    assert_eq!(purse["movements"][0]["amount"], "-20.00");
    assert_eq!(alice.shown("GET", "/leads/wallet", "")["balance"], "20.00");
    // What was earned is paid out.
    let owner = number(&bench, &cashier, ALICE);
    assert_eq!(pay(&bench, &cashier, owner, ("out", "20.01")).0, 409);
    assert_eq!(pay(&bench, &cashier, owner, ("out", "20.00")).0, 201);
    let mine = alice.tell(2, "13900000002");
    assert_eq!(alice.shown("POST", "/leads/withdraw", &format!("id={mine}"))["state"], "withdrawn");
    bench.verify();
}

pub(super) fn a_hundred_officers_race_for_ten_leads(store: Store) {
    const OFFICERS: u32 = 100;
    const LEADS: u32 = 10;
    let bench = Bench::start_with(store, &[("JIEHUAN_SHUAIDAN_LEAD_FEE_YUAN", "0")]);
    let mut owner = App::officer(&bench, ALICE);
    let leads: Vec<_> = (1..=LEADS).map(|n| owner.tell(n, &format!("139{n:08}"))).collect();
    let mut officers: Vec<_> =
        (1..=OFFICERS).map(|n| App::officer(&bench, &format!("137{n:08}"))).collect();
    let wins: Vec<usize> = std::thread::scope(|scope| {
        let claims: Vec<_> = officers
            .iter_mut()
            .zip(0..)
            .map(|(officer, n)| {
                let leads = &leads;
                scope.spawn(move || {
                    let mine = (0..leads.len()).map(|k| leads[(n + k) % leads.len()]);
                    let won = mine.filter(|lead| {
                        let answer = officer.send("POST", "/leads/claim", &format!("id={lead}"));
                        let answer = answer.json();
                        let lost = answer["errorMessage"] == "the lead is not open.";
                        assert!(answer["sucessed"] == true || lost, "{answer}");
                        !lost
                    });
                    won.count()
                })
            })
            .collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    assert_eq!(wins.iter().sum::<usize>(), leads.len(), "each lead has one winner");
    assert_eq!(owner.shown("GET", "/leads", ""), json!([]));
    bench.verify();
}

pub(super) fn operators_see_the_whole_funnel(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_SHUAIDAN_LEAD_FEE_YUAN", "0")]);
    let staff = ["auditor", "reviewer", "cashier", "risk-manager"];
    for role in staff {
        add(&bench, role, role);
    }
    let [clerk, reviewer, cashier, risk] = staff.map(|login| log_in(&bench, login, "password1"));
    let (mut alice, mut bob) = (App::officer(&bench, ALICE), App::officer(&bench, BOB));
    let first = alice.tell(1, "13900000001");
    let second = alice.tell(2, "13900000002");
    bob.tell(1, "13900000001");
    bob.shown("POST", "/leads/claim", &format!("id={first}"));
    bob.shown("POST", "/leads/work", &format!("id={first}&note=客户姓周"));
    let see = |token: &str, path: &str| {
        call(&bench, "GET", &format!("/leads{path}"), token, &Value::Null)
    };
    let (status, funnel) = see(&clerk, "/funnel");
    assert_eq!(status, 200);
    assert_eq!(
        funnel,
        json!({"submitted": 3, "states": {"open": 2, "claimed": 0, "working": 1, "won": 0, "lost": 0,
            "withdrawn": 0, "expired": 0}, "handed_over": 0, "applied": 0, "lent": 0, "erased": 0,
            "fees_held": "0.00", "fees_paid": "0.00"})
    );
    let (_, list) = see(&clerk, "?state=open");
    let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&json!(3), &json!(second)]);
    assert_eq!(list["items"][0]["person"]["name"], "周**");
    assert_eq!(see(&clerk, "?state=x").0, 422);
    assert_eq!(see(&clerk, "/99").0, 404);
    assert_eq!(see("", "").0, 401);
    // Masked without a reason; in full for one, by who may.
    let (_, one) = see(&clerk, &format!("/{first}"));
    assert_eq!(one["lead"]["person"]["mobile_phone"], "139****0001");
    assert_eq!(one["others"], json!([3]), "somebody else has told the same person");
    let kinds: Vec<_> =
        one["events"].as_array().unwrap().iter().map(|event| event["event"].clone()).collect();
    assert_eq!(kinds, ["submitted", "claimed", "noted"]);
    assert_eq!(one["events"][2]["note"], Value::Null);
    assert_eq!(see(&clerk, &format!("/{first}?reason=complaint")).0, 403);
    let (status, one) = see(&reviewer, &format!("/{first}?reason=complaint"));
    assert_eq!((status, &one["lead"]["person"]["mobile_phone"]), (200, &json!("13900000001")));
    assert_eq!(one["events"][2]["note"], "客户姓周");
    // Whoever asks for it is erased.
    let erase = |token: &str, lead: i64| {
        let body = json!({"reason": "asked by telephone"});
        call(&bench, "POST", &format!("/leads/{lead}/erase"), token, &body)
    };
    assert_eq!(erase(&clerk, first).0, 403);
    let (status, erased) = erase(&risk, first);
    assert_eq!(
        (status, &erased["lead"]["state"], &erased["lead"]["person"]),
        (200, &json!("expired"), &Value::Null)
    );
    assert_eq!(erase(&risk, 99).0, 404);
    assert_eq!(
        bob.shown("GET", &format!("/leads/detail?id={first}"), "")["customer_info"],
        Value::Null
    );
    // Money is for who may move it.
    let officer = number(&bench, &clerk, BOB);
    assert_eq!(pay(&bench, &clerk, officer, ("in", "1.00")).0, 403);
    assert_eq!(pay(&bench, &cashier, officer, ("aside", "1.00")).0, 422);
    assert_eq!(pay(&bench, &cashier, officer, ("in", "0")).0, 422);
    assert_eq!(pay(&bench, &cashier, 999_999, ("in", "1.00")).0, 404);
    assert_eq!(pay(&bench, &cashier, officer, ("out", "1.00")).0, 409);
    bench.verify();
}
