//! Lists as people sort and narrow them down, and what stands around every page.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::bench::{Bench, Store, pause};
use crate::office::{borrower, mobile};
use crate::operators::{call, log_in, on_both};

on_both! {
    lists_are_sorted_and_narrowed_down
    who_did_something_is_told_by_name
    settings_are_shown_and_passwords_are_not
}

fn asking(n: u32, amount: &str) -> Value {
    json!({ "mobile_phone": mobile(n), "product": "DAYS-RANGE", "amount": amount })
}

/// Three applications: the first for 1000.00, the second for 3000.00, the third for 2000.00.
fn lender(store: Store) -> Bench {
    let bench = Bench::start(store);
    let fixture = json!({
        "borrowers": [borrower(1, 1), borrower(2, 2), borrower(3, 3)],
        "applications": [asking(1, "1000.00"), asking(2, "3000.00"), asking(3, "2000.00")],
    });
    bench.load(&fixture.to_string());
    bench
}

/// The numbers of a list in its order.
fn order(bench: &Bench, token: &str, path: &str) -> Vec<i64> {
    let (status, list) = call(bench, "GET", path, token, &Value::Null);
    assert_eq!(status, 200, "{path}: {list}");
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

fn lists_are_sorted_and_narrowed_down(store: Store) {
    let bench = lender(store);
    let mut browser = Browser::of(&bench, "anna", "cashier,senior-reviewer");
    let token = log_in(&bench, "anna", "password1");
    for (asked, want) in [
        ("", vec![1, 2, 3]),
        ("?order=oldest", vec![1, 2, 3]),
        ("?order=newest", vec![3, 2, 1]),
        ("?order=largest", vec![2, 3, 1]),
        ("?order=largest&size=2&page=2", vec![1]),
        ("?channel=xianjindai&order=newest", vec![3, 2, 1]),
        ("?channel=wukong", vec![]),
    ] {
        assert_eq!(order(&bench, &token, &format!("/applications{asked}")), want, "{asked}");
    }
    for wrong in ["order=", "order=amount_fen;DROP", "order=next_due", "channel=bank"] {
        let (status, _) =
            call(&bench, "GET", &format!("/applications?{wrong}"), &token, &Value::Null);
        assert_eq!(status, if wrong == "order=" { 200 } else { 422 }, "{wrong}");
    }
    for id in [1, 2, 3] {
        let body = json!({ "verdict": "approve" });
        let path = format!("/applications/{id}/review");
        assert_eq!(call(&bench, "POST", &path, &token, &body).0, 200);
        let path = format!("/applications/{id}/payout");
        assert_eq!(call(&bench, "POST", &path, &token, &Value::Null).0, 201);
    }
    while order(&bench, &token, "/loans").len() < 3 {
        pause(50);
    }
    for (asked, want) in [
        ("", vec![1, 2, 3]),
        ("?order=newest", vec![3, 2, 1]),
        ("?order=largest", vec![2, 3, 1]),
        // All are due on one day, and none is overdue.
        ("?order=next_due", vec![1, 2, 3]),
        ("?order=longest_overdue&channel=xianjindai", vec![1, 2, 3]),
        ("?state=overdue&order=longest_overdue", vec![]),
        ("?channel=chaojihua", vec![]),
    ] {
        assert_eq!(order(&bench, &token, &format!("/loans{asked}")), want, "{asked}");
    }
    // By hand: 1000.00 x 18 % x 14 / 360 = 7.00.
    let (status, told) = call(&bench, "GET", "/loans/1/rows/1", &token, &Value::Null);
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["interest"][0]["year_part"], "14/360");
    assert_eq!(told["interest"][0]["amount"], "7.00");
    assert_eq!((&told["before"], &told["after"]), (&json!("1000.00"), &json!("0.00")));
    let (_, lanes) = call(&bench, "GET", "/jobs", &token, &Value::Null);
    let lanes = lanes["items"].as_array().unwrap();
    assert_eq!(lanes[0], json!({ "job": "payments", "waiting": 0, "next_at": null }));
    let totals = lanes.iter().find(|lane| lane["job"] == "ledger_totals").unwrap();
    // Three payouts, not ten minutes old.
    assert_eq!(totals["waiting"], 3);
    let page = browser.get("/console/loans?state=repaying&page=1");
    page.has("href=\"/console/loans?state=repaying&#38;order=largest\"");
    let sorted = browser.get("/console/loans?state=repaying&order=largest");
    sorted.has("aria-sort=\"other\"");
    sorted.has("/console/export/loans?state=repaying&#38;order=largest");
    sorted.has("<option value=\"largest\" selected>");
    let rows: Vec<_> = ["/loans/2\"", "/loans/3\"", "/loans/1\""]
        .iter()
        .map(|row| sorted.text.find(row).unwrap())
        .collect();
    assert!(rows.is_sorted(), "{rows:?}");
}

fn who_did_something_is_told_by_name(store: Store) {
    let bench = lender(store);
    let mut senior = Browser::of(&bench, "senior", "senior-reviewer");
    let mut auditor = Browser::of(&bench, "auditor", "auditor");
    senior.done("/console/do/applications/1/review", &[("verdict", "approve")]);
    senior.get("/console/applications/1").has("senior #1");
    let trail = auditor.get("/console/audit");
    trail.has("senior #1");
    let names = call(
        &bench,
        "GET",
        "/operators/names",
        &log_in(&bench, "auditor", "password1"),
        &Value::Null,
    );
    assert_eq!(names.1["items"][1], json!({ "id": 2, "name": "auditor" }));
}

fn settings_are_shown_and_passwords_are_not(store: Store) {
    let key = "a-key-that-nobody-may-see-0123456789";
    let set = [("JIEHUAN_XIANJINDAI_APP_KEY", key), ("JIEHUAN_LIMITS_LOGIN_FAILURES", "7")];
    let bench = Bench::start_with(store, &set);
    let mut auditor = Browser::of(&bench, "auditor", "auditor");
    let page = auditor.get("/console/settings");
    page.is(200);
    page.has("xianjindai.app_key");
    page.has("limits.login_failures");
    assert!(!page.text.contains(key));
    let token = log_in(&bench, "auditor", "password1");
    let (_, told) = call(&bench, "GET", "/settings?which=changed", &token, &Value::Null);
    assert!(told["items"].as_array().unwrap().iter().all(|setting| setting["changed"] == true));
    let changed = auditor.get("/console/settings?which=changed");
    changed.has("JIEHUAN_LIMITS_LOGIN_FAILURES");
    assert!(!changed.text.contains("http.body_kib"), "nobody has set that");
    auditor.get("/console/settings?which=switches").has("bench.movable_clock");
    auditor.get("/console/settings?which=none").is(422);
    Browser::of(&bench, "anna", "cashier").get("/console/settings").is(403);
    // The bench's providers are those of the sandbox, and the page leads there.
    let providers = call(&bench, "GET", "/providers", &token, &Value::Null).1;
    let page = auditor.get("/console/providers");
    match providers["sandbox"].as_str() {
        Some(sandbox) => page.has(&format!("<a href=\"{sandbox}\"")),
        None => assert!(!page.text.contains("服务商沙箱")),
    }
    // The business day stands on every page, and says so when it is not today.
    let mut admin = Browser::of(&bench, "admin", "administrator");
    assert!(!admin.get("/console/me").text.contains("时钟已拨动"));
    admin.done("/console/do/clock/advance", &[("days", "2")]);
    admin.get("/console/me").has("时钟已拨动");
}
