//! The books and the market from the wire: figures by hand, who may do what, months that are closed,
//! and hostile input.

use serde_json::{Value, json};

use super::{FINE, Office};
use crate::bench::Store;
use crate::operators::{call, on_both, refused};

on_both! {
    the_books_are_told_by_hand
    a_project_is_audited_and_shown
    a_month_is_closed_once_and_stays_so
    hostile_looks_at_the_books_are_refused_in_words
}

/// A project of 1000.00 for two months at 12 % that member 3 has filled, and one that waits.
///
/// Member 3 recharges 1000.00, bids it, and recharges 1000.00 again; member 2 has the 1000.00 that
/// were collected and paid out.
fn open(store: Store) -> Office {
    let member = |id: u32, kind: u32, balance: u32| {
        json!({ "id": id, "mobile_phone": format!("1370000000{id}"), "pwd": "password1",
                "type": kind, "reg_name": format!("n{id}"), "leave_amount": balance })
    };
    let loan = |id: u32, title: &str, status: u32| {
        json!({ "id": id, "member_id": 2, "title": title, "amount": 1000, "loan_rate": 12.0,
                "loan_term": 2, "loan_date_type": 1, "bidding_days": 5, "status": status })
    };
    let fixture = json!({
        "members": [member(1, 0, 0), member(2, 1, 1000), member(3, 1, 1000)],
        "loans": [loan(1, "<b>装修</b>", 1), loan(2, "学费", 3)],
        "invests": [{ "member_id": 3, "loan_id": 2, "amount": 1000 }],
    });
    Office::open(store, &[], &fixture)
}

/// The lines of an answer with some of their fields, as text.
fn lines(answer: &Value, list: &str, fields: &[&str]) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    let line = |item: &Value| {
        let told: Vec<_> = fields.iter().map(|field| text(&item[*field])).collect();
        told.join(" ")
    };
    answer[list].as_array().unwrap().iter().map(line).collect()
}

fn the_books_are_told_by_hand(store: Store) {
    let office = open(store);
    let trial = office.get("accountant", "/ledger/trial-balance");
    // Into the wallets: 1000 + 1000 by recharge, 1000 by payout; out of them: the bid.
    let want = [
        "bank_clearing - - 2000.00 - 2000.00 -",
        "wallet - - 1000.00 3000.00 - 2000.00",
        "frozen - - 1000.00 1000.00 - -",
        "escrow - - 1000.00 1000.00 - -",
        "total 0.00 0.00 5000.00 5000.00 2000.00 2000.00",
    ];
    let fields = [
        "account",
        "opening_debit",
        "opening_credit",
        "debits",
        "credits",
        "closing_debit",
        "closing_credit",
    ];
    assert_eq!(lines(&trial, "items", &fields), want);
    assert_eq!(trial["balanced"], true);
    let sheet = office.get("accountant", "/ledger/balance-sheet");
    let told = lines(&sheet, "items", &["account", "amount"]);
    for line in [
        "bank_clearing 2000.00",
        "total_asset 2000.00",
        "wallet 2000.00",
        "total_liability 2000.00",
        "total_equity 0.00",
        "total_liability_and_equity 2000.00",
    ] {
        assert!(told.iter().any(|told| told == line), "{line}: {told:?}");
    }
    assert_eq!(sheet["balanced"], true);
    let income = office.get("accountant", "/ledger/income-statement");
    assert_eq!(lines(&income, "items", &["account", "amount"]).last().unwrap(), "profit 0.00");
    let members = office.get("auditor", "/ledger/accounts?owners=member&owner=3");
    let fields = ["id", "account", "side", "balance"];
    let want = ["301 wallet credit 1000.00", "302 frozen flat 0.00"];
    assert_eq!(lines(&members, "items", &fields), want);
    assert_eq!(members["items"][0]["owner"], json!({ "kind": "market_member", "id": 3 }));
    let platform = office.get("auditor", "/ledger/accounts");
    assert_eq!(lines(&platform, "items", &fields)[0], "51 bank_clearing debit 2000.00");
    let wallet = office.get("auditor", "/ledger/accounts/301");
    let fields = ["movement", "debits", "credits", "side", "balance"];
    let mut told = lines(&wallet, "items", &fields);
    told.reverse();
    let want = [
        "recharge - 1000.00 credit 1000.00",
        "bid 1000.00 - flat 0.00",
        "recharge - 1000.00 credit 1000.00",
    ];
    assert_eq!(told, want);
    assert_eq!(wallet["account"]["balance"], "1000.00");
    let bank = office.get("auditor", "/ledger/accounts/51");
    assert_eq!(lines(&bank, "items", &["movement", "debits"]), ["recharge 1000.00"; 2]);
    let transfers = office.get("auditor", "/ledger/transfers?size=2");
    assert_eq!(transfers["items"].as_array().unwrap().len(), 2);
    let all = office.get("auditor", "/ledger/transfers?movement=collection");
    assert_eq!(lines(&all, "items", &["movement", "amount"]), ["collection 1000.00"]);
    assert_eq!(all["items"][0]["subject"], json!({ "kind": "project", "id": 2 }));
    let id = all["items"][0]["id"].as_str().unwrap();
    let one = office.get("auditor", &format!("/ledger/transfers/{id}"));
    let fields = ["account_id", "debits", "credits", "balance"];
    let want = ["203 - 1000.00 1000.00", "302 1000.00 - 0.00"];
    assert_eq!(lines(&one, "postings", &fields), want);
    assert_eq!(one["transfer"]["reversed_by"], Value::Null);
    office.bench.verify();
}

fn a_project_is_audited_and_shown(store: Store) {
    let office = open(store);
    let waiting = office.get("senior", "/projects?state=auditing");
    assert_eq!(lines(&waiting, "items", &["id", "borrower_id", "amount"]), ["1 2 1000.00"]);
    assert_eq!(office.get("senior", "/projects")["items"].as_array().unwrap().len(), 2);
    let audit = "/projects/1/audit";
    let yes = json!({ "verdict": "approve", "reason": "资料齐全" });
    for who in ["cashier", "reviewer", "boss", "accountant"] {
        office.refused(who, audit, &yes, (403, "no_right"));
    }
    for body in [
        json!({ "verdict": "perhaps", "reason": "资料齐全" }),
        json!({ "verdict": "approve", "reason": "ok" }),
        json!({ "verdict": "approve", "reason": "a\u{0}bcd" }),
    ] {
        office.refused("senior", audit, &body, (422, "field_wrong"));
    }
    office.refused("senior", audit, &json!({ "verdict": "approve" }), (400, "body_malformed"));
    let approved = office.post("senior", audit, &yes, 200);
    assert_eq!(approved["project"]["state"], "bidding");
    office.refused("senior2", audit, &yes, (409, "not_auditing"));
    office.refused("senior", "/projects/9/audit", &yes, (404, "no_such_project"));
    let trail = office.get("boss", "/audit");
    let told = lines(&trail, "items", &["action", "detail"]);
    assert!(told.contains(&"project.approved 资料齐全".to_owned()), "{told:?}");
    // 1000.00 x 12 % / 12 = 10.00 a month.
    let one = office.get("auditor", "/projects/2");
    let fields = ["number", "principal", "interest", "instalments", "paid_at"];
    assert_eq!(lines(&one, "terms", &fields), ["1 0.00 10.00 1 -", "2 1000.00 10.00 1 -"]);
    let bids = ["1 3 1000.00 lent"];
    let fields = ["id", "investor_id", "amount", "state"];
    assert_eq!(lines(&one, "bids", &fields), bids);
    assert_eq!(lines(&office.get("auditor", "/projects/2/bids"), "items", &fields), bids);
    assert_eq!(one["escrow_account_id"], 203);
    let plan = office.get("auditor", "/projects/2/instalments");
    let want = ["1 1 0.00 10.00", "2 1 1000.00 10.00"];
    assert_eq!(lines(&plan, "items", &["number", "bid_id", "principal", "interest"]), want);
    let members = office.get("auditor", "/members");
    let fields = ["id", "mobile_phone", "wallet", "frozen_money", "nickname"];
    assert_eq!(lines(&members, "items", &fields)[2], "3 137****0003 1000.00 0.00 -");
    let one = office.get("auditor", "/members/3");
    assert_eq!(lines(&one, "bids", &["project_id", "state"]), ["2 lent"]);
    let full = "/members/3?reason=%E6%A0%B8%E5%AF%B9%E8%BA%AB%E4%BB%BD";
    let got = refused(&office.bench, "GET", full, office.token("auditor"), &FINE);
    assert_eq!(got, (403, "no_right".to_owned()));
    let full = office.get("senior", full);
    assert_eq!(full["member"]["mobile_phone"], "13700000003");
    assert_eq!(full["member"]["nickname"], "n3");
    office.bench.verify();
}

fn a_month_is_closed_once_and_stays_so(store: Store) {
    let office = open(store);
    let today = office.get("boss", "/clock")["business_day"].as_str().unwrap().to_owned();
    let month = &today[..7];
    let (one, close) =
        (format!("/ledger/periods/{month}"), format!("/ledger/periods/{month}/close"));
    assert_eq!(office.get("auditor", &one)["period"]["state"], "running");
    office.refused("accountant", &close, &json!({}), (409, "period_not_over"));
    for who in ["boss", "cashier", "auditor", "senior"] {
        office.refused(who, &close, &json!({}), (403, "no_right"));
    }
    let before = office.get("auditor", &one)["trial_balance"].clone();
    office.days(40);
    assert_eq!(office.get("auditor", &one)["period"]["state"], "over");
    let closed = office.post("accountant", &close, &json!({}), 200);
    assert_eq!(closed["period"]["state"], "closed");
    assert_eq!(closed["trial_balance"], before);
    assert_eq!(closed["balanced"], true);
    let digest = closed["period"]["digest"].as_str().unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    office.refused("accountant", &close, &json!({}), (409, "period_closed"));
    let list = office.get("auditor", "/ledger/periods");
    let told = lines(&list, "items", &["id", "state"]);
    assert_eq!(told.last().unwrap(), &format!("{month} closed"));
    let later = told[0].split(' ').next().unwrap().to_owned();
    let later = format!("/ledger/periods/{later}/close");
    // Forty days lead into the next month, or into the one after it.
    let code = if told.len() == 2 { "period_not_over" } else { "earlier_period_open" };
    office.refused("accountant", &later, &json!({}), (409, code));
    let trail = office.get("boss", "/audit");
    let told = lines(&trail, "items", &["action", "detail"]);
    let want = format!("period.closed {month}: {digest}");
    assert!(told.contains(&want), "{told:?}");
    office.bench.verify();
}

/// Path, status, code.
const CASES: &[(&str, u16, &str)] = &[
    ("/ledger/trial-balance?from=x", 422, "field_wrong"),
    ("/ledger/trial-balance?from=2026-02-30", 422, "field_wrong"),
    ("/ledger/trial-balance?from=2026-02-02&to=2026-02-01", 422, "field_wrong"),
    ("/ledger/trial-balance?to=%00", 422, "field_wrong"),
    ("/ledger/income-statement?to=99999-01-01", 422, "field_wrong"),
    ("/ledger/balance-sheet?on='%20OR%201=1", 422, "field_wrong"),
    ("/ledger/accounts?owners=nobody", 422, "field_wrong"),
    ("/ledger/accounts?account=total", 422, "field_wrong"),
    ("/ledger/accounts?account=%00", 422, "field_wrong"),
    ("/ledger/accounts?owner=-1", 422, "field_wrong"),
    ("/ledger/accounts?owner=99999999999999999999", 422, "field_wrong"),
    ("/ledger/accounts?page=0", 422, "field_wrong"),
    ("/ledger/accounts?page=99999999999999999999", 422, "field_wrong"),
    ("/ledger/accounts/0", 404, "no_such_account"),
    ("/ledger/accounts/1", 404, "no_such_account"),
    ("/ledger/accounts/99", 404, "no_such_account"),
    ("/ledger/accounts/9223372036854775807", 404, "no_such_account"),
    ("/ledger/accounts/9223372036854775801", 404, "no_such_account"),
    ("/ledger/accounts/abc", 404, "no_such_account"),
    ("/ledger/accounts/51?from=2026-01-01&to=2026-02-01", 422, "too_many_days"),
    ("/ledger/accounts/301?from=2026-02-02&to=2026-02-01", 422, "field_wrong"),
    ("/ledger/transfers?movement=theft", 422, "field_wrong"),
    ("/ledger/transfers?subject=x", 422, "field_wrong"),
    ("/ledger/transfers?from=2026-01-01&to=2026-02-01", 422, "too_many_days"),
    ("/ledger/accounts/51?from=2000-01-01&to=9999-12-31", 422, "too_many_days"),
    ("/ledger/transfers/0", 404, "no_such_transfer"),
    ("/ledger/transfers/x", 404, "no_such_transfer"),
    ("/ledger/periods/2026-1", 404, "no_such_period"),
    ("/ledger/periods/9999-12", 404, "no_such_period"),
    ("/ledger/periods/1970-01", 404, "no_such_period"),
    ("/ledger/periods/%00%00%00%00-01", 404, "no_such_period"),
    ("/projects?state=sold", 422, "field_wrong"),
    ("/projects/0", 404, "no_such_project"),
    ("/projects/99/bids", 404, "no_such_project"),
    ("/projects/99/instalments", 404, "no_such_project"),
    ("/members/0", 404, "no_such_member"),
    ("/members/x", 404, "no_such_member"),
];

fn hostile_looks_at_the_books_are_refused_in_words(store: Store) {
    let office = open(store);
    let token = office.token("accountant");
    let most = i64::MAX;
    for (path, status, code) in CASES {
        let got = refused(&office.bench, "GET", path, token, &FINE);
        assert_eq!(got, (*status, (*code).to_owned()), "{path}");
    }
    for path in [
        format!("/ledger/accounts?owners=loan&owner={most}"),
        format!("/ledger/accounts?owners=member&page={most}&size=100"),
        format!("/ledger/accounts/301?page={most}&size={most}"),
        format!("/ledger/accounts/51?page={most}"),
        format!("/ledger/transfers?page={most}&subject={most}"),
        format!("/ledger/periods?page={most}"),
        format!("/projects?page={most}"),
        format!("/projects/2/bids?page={most}"),
        format!("/projects/2/instalments?page={most}"),
        format!("/members?page={most}"),
        "/ledger/transfers?from=2000-01-01".to_owned(),
        "/ledger/accounts/51?to=1969-01-01".to_owned(),
    ] {
        let (status, answer) = call(&office.bench, "GET", &path, token, &FINE);
        assert_eq!((status, &answer["items"]), (200, &json!([])), "{path}: {answer}");
    }
    for path in [
        "/ledger/trial-balance?from=0001-01-01&to=9999-12-31",
        "/ledger/income-statement?from=-009999-01-01&to=9999-12-31",
        "/ledger/balance-sheet?on=9999-12-31",
        "/ledger/balance-sheet?on=0001-01-01",
        "/ledger/accounts/301?from=0001-01-01&to=9999-12-31",
    ] {
        let (status, answer) = call(&office.bench, "GET", path, token, &FINE);
        assert_eq!(status, 200, "{path}: {answer}");
        assert_ne!(answer["balanced"], false, "{path}: {answer}");
    }
    let close = |id: &str| {
        let path = format!("/ledger/periods/{id}/close");
        refused(&office.bench, "POST", &path, token, &json!({}))
    };
    for id in ["0", "2026-13", "1970-01", "x", "2026-01-01"] {
        assert_eq!(close(id), (404, "no_such_period".to_owned()), "{id}");
    }
    assert_eq!(close("9999-12").0, 409);
    office.bench.verify();
}
