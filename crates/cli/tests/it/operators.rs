//! The back office from the wire: who is let in, what they may do, and what is noted of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Store, both, pause};

/// Makes two tests of each rule, one on each store.
macro_rules! on_both {
    ($($rule:ident)*) => {
        mod sqlite { $(#[test] fn $rule() { super::$rule(crate::bench::Store::Sqlite); })* }
        mod postgres { $(#[test] fn $rule() { super::$rule(crate::bench::Store::Postgres); })* }
    };
}

pub(crate) use on_both;

on_both! {
    operators_are_managed_over_the_wire
    refusals_come_in_the_order_of_the_way_in
    wrong_passwords_lock_the_door
    a_key_is_carried_out_once
    the_trail_is_sealed_and_proved
    the_command_line_manages_operators
}

const OFFICE: &str = "/console/api";

#[track_caller]
pub(crate) fn add(bench: &Bench, login: &str, roles: &str) {
    let output = bench.cli_with_input(&["operator", "add", login, "--role", roles], "password1\n");
    assert!(output.status.success(), "{}", both(&output));
}

/// A call of the back office; the answer is JSON, whatever it says.
#[track_caller]
pub(crate) fn call(
    bench: &Bench,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> (u16, Value) {
    let answer = keyed(bench, method, path, token, (body, None));
    (answer.status, answer.json())
}

#[track_caller]
pub(crate) fn keyed(
    bench: &Bench,
    method: &str,
    path: &str,
    token: &str,
    (body, key): (&Value, Option<&str>),
) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("content-type", "application/json")];
    if !token.is_empty() {
        headers.push(("authorization", &bearer));
    }
    if let Some(key) = key {
        headers.push(("idempotency-key", key));
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = bench.request(method, &format!("{OFFICE}{path}"), &headers, body.as_bytes());
    assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    answer
}

#[track_caller]
pub(crate) fn log_in(bench: &Bench, login: &str, password: &str) -> String {
    let body = json!({ "login": login, "password": password });
    let (status, answer) = call(bench, "POST", "/login", "", &body);
    assert_eq!(status, 200, "{answer}");
    answer["token"].as_str().unwrap().to_owned()
}

/// Status and code of a refusal.
#[track_caller]
pub(crate) fn refused(
    bench: &Bench,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> (u16, String) {
    let (status, answer) = call(bench, method, path, token, body);
    let code = answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(answer["error"]["message"].as_str().is_some_and(|text| !text.contains("{}")));
    (status, code.to_owned())
}

fn operators_are_managed_over_the_wire(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "boss", "administrator");
    let boss = log_in(&bench, "boss", "password1");
    let (_, me) = call(&bench, "GET", "/me", &boss, &Value::Null);
    assert_eq!(me["operator"]["login"], "boss");
    assert_eq!(
        me["rights"],
        json!([
            "see_records",
            "run_day_end",
            "see_audit",
            "erase_personal_data",
            "manage_operators"
        ])
    );

    let anna = json!({ "login": "anna", "name": "安娜", "roles": ["cashier"],
                       "password": "password2" });
    let (status, added) = call(&bench, "POST", "/operators", &boss, &anna);
    assert_eq!((status, &added["operator"]["id"]), (201, &json!(2)), "{added}");
    assert_eq!(refused(&bench, "POST", "/operators", &boss, &anna).1, "login_taken");
    let (_, list) = call(&bench, "GET", "/operators", &boss, &Value::Null);
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|o| &o["login"]).collect();
    assert_eq!(names, ["boss", "anna"]);
    let (_, page) = call(&bench, "GET", "/operators?page=2&size=1", &boss, &Value::Null);
    assert_eq!(page["items"][0]["name"], "安娜");

    // Roles count at once, a block ends everything, a reset brings in again.
    let token = log_in(&bench, "Anna", "password2");
    assert_eq!(refused(&bench, "GET", "/audit", &token, &Value::Null), (403, "no_right".into()));
    let roles = json!({ "roles": ["auditor", "cashier"] });
    let (status, changed) = call(&bench, "POST", "/operators/2/roles", &boss, &roles);
    assert_eq!((status, &changed["operator"]["roles"]), (200, &json!(["cashier", "auditor"])));
    assert_eq!(call(&bench, "GET", "/audit", &token, &Value::Null).0, 200);
    let (_, blocked) = call(&bench, "POST", "/operators/2/block", &boss, &Value::Null);
    assert_eq!(blocked["operator"]["blocked"], true);
    let not_in = (401, "not_logged_in".to_owned());
    assert_eq!(refused(&bench, "GET", "/me", &token, &Value::Null), not_in);
    let body = json!({ "login": "anna", "password": "password2" });
    assert_eq!(refused(&bench, "POST", "/login", "", &body).1, "log_in_refused");
    call(&bench, "POST", "/operators/2/unblock", &boss, &Value::Null);
    let password = json!({ "password": "password3" });
    assert_eq!(call(&bench, "POST", "/operators/2/password", &boss, &password).0, 200);
    let token = log_in(&bench, "anna", "password3");

    // Nobody raises themselves; a password of one's own is changed with the old one.
    for path in ["/operators/1/roles", "/operators/1/block", "/operators/1/password"] {
        let body = match path.rsplit('/').next() {
            Some("roles") => json!({ "roles": ["cashier"] }),
            Some("password") => json!({ "password": "password9" }),
            _ => Value::Null,
        };
        assert_eq!(refused(&bench, "POST", path, &boss, &body), (409, "yourself".into()), "{path}");
    }
    let wrong = json!({ "old": "password2", "new": "password4" });
    assert_eq!(refused(&bench, "POST", "/me/password", &token, &wrong).1, "old_password_wrong");
    let right = json!({ "old": "password3", "new": "password4" });
    assert_eq!(call(&bench, "POST", "/me/password", &token, &right).0, 200);
    assert_eq!(refused(&bench, "GET", "/me", &token, &Value::Null), not_in);
    let token = log_in(&bench, "anna", "password4");
    assert_eq!(call(&bench, "POST", "/logout", &token, &Value::Null).0, 200);
    assert_eq!(refused(&bench, "GET", "/me", &token, &Value::Null), not_in);
    log_in(&bench, "anna", "password4");
    let (_, revoked) = call(&bench, "POST", "/operators/2/revoke-tokens", &boss, &Value::Null);
    assert_eq!(revoked, json!({ "revoked": 1 }));
    bench.verify();
}

/// Method, path, token and body of a call, and the status and code of its refusal.
type Case<'c> = (&'c str, &'c str, &'c str, &'c Value, (u16, &'c str));

fn refusals_come_in_the_order_of_the_way_in(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "boss", "administrator");
    add(&bench, "anna", "cashier");
    let (boss, anna) = (log_in(&bench, "boss", "password1"), log_in(&bench, "anna", "password1"));
    let forged = format!("jho_{}", "0".repeat(64));
    let odd = json!({ "nonsense": 1 });
    let table: &[Case<'_>] = &[
        ("GET", "/nothing", &boss, &Value::Null, (404, "no_such_call")),
        ("DELETE", "/operators", &boss, &Value::Null, (405, "wrong_method")),
        ("POST", "/operators", "", &odd, (401, "not_logged_in")),
        ("POST", "/operators", &forged, &odd, (401, "not_logged_in")),
        ("POST", "/operators", "x", &odd, (401, "not_logged_in")),
        ("POST", "/operators", &anna, &odd, (403, "no_right")),
        ("POST", "/operators", &boss, &odd, (400, "body_malformed")),
        ("POST", "/operators", &boss, &json!([]), (400, "body_malformed")),
        ("POST", "/operators/9/block", &boss, &Value::Null, (404, "no_such_operator")),
        ("POST", "/operators/x/block", &boss, &Value::Null, (404, "no_such_operator")),
        ("POST", "/operators/2/roles", &boss, &json!({"roles": []}), (422, "field_wrong")),
        ("POST", "/operators/2/roles", &boss, &json!({"roles": ["king"]}), (422, "field_wrong")),
        (
            "POST",
            "/operators/2/password",
            &boss,
            &json!({"password": "short"}),
            (422, "field_wrong"),
        ),
        ("GET", "/operators?page=0", &boss, &Value::Null, (422, "field_wrong")),
        ("GET", "/operators?size=-1", &boss, &Value::Null, (422, "field_wrong")),
        ("GET", "/audit?subject=planet", &boss, &Value::Null, (422, "field_wrong")),
        ("GET", "/audit?subject=loan", &boss, &Value::Null, (422, "field_wrong")),
        ("GET", "/approvals?which=some", &boss, &Value::Null, (422, "field_wrong")),
        ("GET", "/approvals/1", &boss, &Value::Null, (404, "no_such_approval")),
        ("POST", "/approvals/1/approve", &anna, &Value::Null, (404, "no_such_approval")),
        (
            "POST",
            "/approvals/99999999999999999999/reject",
            &anna,
            &Value::Null,
            (404, "no_such_approval"),
        ),
    ];
    for (method, path, token, body, (status, code)) in table {
        let got = refused(&bench, method, path, token, body);
        assert_eq!(got, (*status, (*code).to_owned()), "{method} {path}");
    }
    for wrong in [
        json!({ "login": "a", "name": "A", "roles": ["cashier"], "password": "password1" }),
        json!({ "login": "abc", "name": "", "roles": ["cashier"], "password": "password1" }),
        json!({ "login": "abc", "name": "A\u{0}", "roles": ["cashier"], "password": "password1" }),
        json!({ "login": "abcdefgh", "name": "A", "roles": ["cashier"], "password": "abcdefgh" }),
    ] {
        assert_eq!(
            refused(&bench, "POST", "/operators", &boss, &wrong).1,
            "field_wrong",
            "{wrong}"
        );
    }
    let large = json!({ "login": "x".repeat(300 * 1024), "password": "" });
    assert_eq!(refused(&bench, "POST", "/login", "", &large), (413, "body_too_large".into()));
    let (_, open) = call(&bench, "GET", "/approvals", &anna, &Value::Null);
    assert_eq!(open["items"], json!([]));
}

fn wrong_passwords_lock_the_door(store: Store) {
    let settings = [("JIEHUAN_LIMITS_LOGIN_FAILURES", "3")];
    let bench = Bench::start_with(store, &settings);
    add(&bench, "anna", "cashier");
    let wrong = json!({ "login": "anna", "password": "password9" });
    for _ in 0..3 {
        let got = refused(&bench, "POST", "/login", "", &wrong);
        assert_eq!(got, (401, "log_in_refused".into()));
    }
    let right = json!({ "login": "anna", "password": "password1" });
    assert_eq!(refused(&bench, "POST", "/login", "", &right), (429, "locked".into()));
    // Unknown names are counted the same way, so that they are not told apart.
    let nobody = json!({ "login": "nobody", "password": "password1" });
    for _ in 0..3 {
        let got = refused(&bench, "POST", "/login", "", &nobody);
        assert_eq!(got, (401, "log_in_refused".into()));
    }
    assert_eq!(refused(&bench, "POST", "/login", "", &nobody), (429, "locked".into()));
    let reset = bench.cli_with_input(&["operator", "reset-password", "anna"], "password2");
    assert!(reset.status.success(), "{}", both(&reset));
    log_in(&bench, "anna", "password2");
    assert!(!bench.log().contains("password"), "nothing secret in the log");
}

fn a_key_is_carried_out_once(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "boss", "administrator");
    add(&bench, "anna", "cashier");
    let boss = log_in(&bench, "boss", "password1");
    let roles = |words: &[&str]| json!({ "roles": words });
    let give = |body: &Value, key| {
        let answer = keyed(&bench, "POST", "/operators/2/roles", &boss, (body, Some(key)));
        (answer.status, answer.text)
    };
    let first = give(&roles(&["auditor"]), "k1");
    assert_eq!(first.0, 200);
    give(&roles(&["collector"]), "k2");
    assert_eq!(give(&roles(&["auditor"]), "k1"), first, "the first answer again");
    let (_, list) = call(&bench, "GET", "/operators", &boss, &Value::Null);
    assert_eq!(list["items"][1]["roles"], json!(["collector"]), "and nothing was done");
    let other = give(&roles(&["cashier"]), "k1");
    assert!(other.0 == 409 && other.1.contains("key_reused"), "{other:?}");
    assert_eq!(give(&roles(&["cashier"]), " ").0, 400);
    // A refusal is kept too.
    let own = |key| keyed(&bench, "POST", "/operators/1/block", &boss, (&Value::Null, Some(key)));
    let refused = own("k3");
    assert_eq!((refused.status, own("k3").text), (409, refused.text));
}

fn the_trail_is_sealed_and_proved(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "boss", "administrator");
    let boss = log_in(&bench, "boss", "password1");
    let (_, trail) =
        call(&bench, "GET", "/audit?subject=operator&subject_id=1", &boss, &Value::Null);
    let actions: Vec<_> = trail["items"].as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["operator.logged_in", "operator.added"]);
    assert_eq!(trail["items"][1]["detail"], "administrator");
    let (_, mine) = call(&bench, "GET", "/audit?operator=1", &boss, &Value::Null);
    assert_eq!(mine["items"][0]["action"], "operator.logged_in");
    // What the bench comes with is in the trail too. The job seals what is ten seconds old.
    let (_, all) = call(&bench, "GET", "/audit?size=100", &boss, &Value::Null);
    let entries = all["items"].as_array().unwrap().len();
    let since = Instant::now();
    let head = loop {
        let (_, head) = call(&bench, "GET", "/audit/head", &boss, &Value::Null);
        if head["head"]["sequence"] == entries {
            break head;
        }
        assert!(since.elapsed() < Duration::from_secs(40), "{head}");
        pause(200);
    };
    assert_eq!(head["head"]["sha256"].as_str().unwrap().len(), 64);
    let printed = bench.cli_ok(&["verify"]);
    let line = printed.lines().find(|line| line.contains("link of the audit chain")).unwrap();
    assert!(line.starts_with("ok") && line.contains(&format!(" {entries} ")), "{line}");
}

fn the_command_line_manages_operators(store: Store) {
    let bench = Bench::start(store);
    assert!(bench.cli_ok(&["operator", "list"]).contains("no operator yet"));
    add(&bench, "anna", "cashier,collector");
    let printed = bench.cli_ok(&["operator", "list"]);
    assert!(printed.contains("anna") && printed.contains("cashier collector"), "{printed}");
    for (arguments, input) in [
        (&["operator", "add", "anna", "--role", "cashier"][..], "password1"),
        (&["operator", "add", "bo", "--role", "king"], "password1"),
        (&["operator", "add", "bo", "--role", "cashier"], "short"),
        (&["operator", "add", "名", "--role", "cashier"], "password1"),
        (&["operator", "block", "nobody"], ""),
        (&["operator", "token", "anna", "--label", "x", "--days", "0"], ""),
    ] {
        let output = bench.cli_with_input(arguments, input);
        assert!(!output.status.success(), "{arguments:?}: {}", both(&output));
    }
    let token = bench.cli_ok(&["operator", "token", "anna", "--label", "night run"]);
    let token = token.trim();
    let (status, me) = call(&bench, "GET", "/me", token, &Value::Null);
    assert_eq!((status, &me["operator"]["login"]), (200, &json!("anna")));
    bench.cli_ok(&["operator", "roles", "anna", "--role", "auditor"]);
    assert_eq!(call(&bench, "GET", "/audit", token, &Value::Null).0, 200);
    assert!(bench.cli_ok(&["operator", "revoke-tokens", "anna"]).starts_with("1 "));
    assert_eq!(call(&bench, "GET", "/me", token, &Value::Null).0, 401);
    assert!(bench.cli_ok(&["operator", "block", "anna"]).contains("blocked"));
    assert!(bench.cli_ok(&["operator", "unblock", "anna"]).contains("active"));
    log_in(&bench, "anna", "password1");
    bench.verify();
}

#[test]
fn the_demo_has_operators_and_says_so() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_PROFILE", "demo")]);
    for login in ["demo-reviewer", "demo-cashier", "demo-admin"] {
        assert!(bench.log().contains(login), "{}", bench.log());
        log_in(&bench, login, "demo1234");
    }
}

#[test]
fn an_office_that_is_switched_off_is_gone() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_CONSOLE_ENABLED", "false")]);
    assert_eq!(bench.request("GET", "/console/api/me", &[], b"").status, 404);
    assert!(!bench.request("GET", "/", &[], b"").text.contains("/console"));
}

/// Every call that is described is there, is refused without a token, and tells that it can be.
#[test]
fn every_call_is_described_and_guarded() {
    let bench = Bench::start(Store::Sqlite);
    let served = bench.request("GET", "/console/api/openapi.json", &[], b"");
    let printed: Value = serde_json::from_str(&bench.cli_ok(&["openapi", "console"])).unwrap();
    assert_eq!(printed, served.json());
    let mut ids = BTreeSet::new();
    for (path, item) in printed["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            let success = operation["responses"].as_object().unwrap();
            let success = success.iter().find(|(status, _)| status.starts_with('2'));
            let content = success.unwrap().1["content"].as_object().unwrap();
            let is_page =
                content.contains_key("text/html") || content.contains_key("application/pdf");
            assert!(is_page || content["application/json"]["example"].is_object(), "{id}");
            let path = path.strip_prefix(OFFICE).unwrap().replace("{id}", "1");
            let path = path.replace("{day}", "2026-03-01");
            let (method, is_open) = (method.to_uppercase(), operation["security"].is_null());
            let (status, code) = refused(&bench, &method, &path, "", &json!({}));
            let wanted = if is_open { (400, "body_malformed") } else { (401, "not_logged_in") };
            assert_eq!((status, code.as_str()), wanted, "{method} {path}");
        }
    }
    assert!(ids.len() >= 55, "{}: {ids:?}", ids.len());
}
