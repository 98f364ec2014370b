//! Log-in, log-out, and forms that others have made.

use serde_json::{Value, json};

use super::browser::{Browser, encoded};
use crate::bench::{Bench, Store};
use crate::operators::{add, call, on_both};

on_both! {
    the_door_opens_and_closes
    a_session_cannot_be_fixed
    forms_of_others_change_nothing
    wrong_passwords_lock_the_pages_too
    languages_are_switched
}

const TOKEN: &str = "jiehuan_console";

fn the_door_opens_and_closes(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "anna", "cashier");
    let mut browser = Browser::open(&bench);
    let sent_away = browser.get("/console/loans?state=overdue");
    sent_away.is(303);
    let login = "/console/login?next=%2Fconsole%2Floans%3Fstate%3Doverdue";
    assert_eq!(sent_away.header("location"), login);
    let page = browser.get(login);
    page.is(200);
    page.has("登录后台");
    assert!(!page.text.contains("demo-admin"), "only a demo tells who can log in");

    let wrong = browser.log_in("anna\"><b>", "wrong-password");
    wrong.is(401);
    wrong.has("登录名或密码错误");
    wrong.has("anna&#34;&#62;&#60;b&#62;");
    assert!(!wrong.text.contains("wrong-password") && browser.cookies.is_empty());

    let fields =
        [("login", "anna"), ("password", "password1"), ("next", "/console/loans?state=overdue")];
    let done = browser.post("/console/login", &fields);
    done.is(303);
    assert_eq!(done.header("location"), "/console/loans?state=overdue");
    let cookie = done.cookies().remove(0).to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
        assert!(cookie.split("; ").any(|known| known == part), "{cookie}");
    }
    browser.get("/console").is(200);
    assert_eq!(browser.get("/console/login").status, 303, "who is in need not log in");
    for elsewhere in ["https://evil.example/", "//evil.example", "/console/\\evil"] {
        let fields = [("login", "anna"), ("password", "password1"), ("next", elsewhere)];
        assert_eq!(browser.post("/console/login", &fields).header("location"), "/console");
    }

    let token = browser.cookies[TOKEN].clone();
    let proof = browser.proof();
    browser.post("/console/logout", &[("_proof", "00")]).is(403);
    assert_eq!(call(&bench, "GET", "/me", &token, &Value::Null).0, 200);
    browser.post("/console/logout", &[("_proof", &proof)]).is(303);
    assert!(!browser.cookies.contains_key(TOKEN));
    assert_eq!(call(&bench, "GET", "/me", &token, &Value::Null).0, 401, "the token itself is dead");
    browser.get("/console").is(303);
}

/// Whatever a browser was made to carry before, the log-in gives another token.
fn a_session_cannot_be_fixed(store: Store) {
    let bench = Bench::start(store);
    add(&bench, "anna", "cashier");
    let mallory = Browser::of(&bench, "mallory", "auditor");
    let mut browser = Browser::open(&bench);
    let planted = mallory.cookies[TOKEN].clone();
    browser.cookies.insert(TOKEN.to_owned(), planted.clone());
    browser.log_in("anna", "password1").is(303);
    let own = browser.cookies[TOKEN].clone();
    assert_ne!(own, planted);
    let who = |token: &str| {
        call(&bench, "GET", "/me", token, &Value::Null).1["operator"]["login"].clone()
    };
    assert_eq!((who(&own), who(&planted)), (json!("anna"), json!("mallory")));
    browser.log_in("anna", "password1").is(303);
    assert_ne!(browser.cookies[TOKEN], own, "and another one each time");
    for odd in ["", "jho_", "x; y", "jho_%00", "\u{501f}"] {
        let mut browser = Browser::open(&bench);
        browser.cookies.insert(TOKEN.to_owned(), odd.to_owned());
        browser.get("/console").is(303);
    }
}

fn forms_of_others_change_nothing(store: Store) {
    let bench = Bench::start(store);
    let mut boss = Browser::of(&bench, "boss", "administrator");
    let mut other = Browser::of(&bench, "other", "administrator");
    add(&bench, "anna", "cashier");
    let path = "/console/do/operators/3/block";
    let (proof, theirs) = (boss.proof(), other.proof());
    assert_ne!(proof, theirs);
    let mut refused = |headers: &[(&str, &str)], fields: &[(&str, &str)]| {
        let page = boss.request("POST", path, headers, &encoded(fields));
        page.is(403);
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    };
    let ours = [("sec-fetch-site", "same-origin")];
    refused(&ours, &[]);
    refused(&ours, &[("_proof", "")]);
    refused(&ours, &[("_proof", &theirs)]);
    refused(&ours, &[("_proof", &proof[1..])]);
    refused(&ours, &[("proof", &proof)]);
    let good = [("_proof", proof.as_str())];
    refused(&[("sec-fetch-site", "cross-site")], &good);
    refused(&[("sec-fetch-site", "same-site")], &good);
    refused(&[("origin", "https://evil.example")], &good);
    refused(&[("origin", "null")], &good);
    let token = boss.cookies[TOKEN].clone();
    let list = call(&bench, "GET", "/operators", &token, &Value::Null).1;
    assert_eq!(list["items"][2]["blocked"], false, "nothing has happened");
    let mut stranger = Browser::open(&bench);
    let login = encoded(&[("login", "boss"), ("password", "password1")]);
    let foreign = [("sec-fetch-site", "cross-site")];
    stranger.request("POST", "/console/login", &foreign, &login).is(403);
    assert!(stranger.cookies.is_empty(), "nobody is logged in by another site");
    stranger.request("POST", path, &ours, &encoded(&good)).is(303);

    // A browser that says where the form stood, and one that says nothing, with the proof.
    let own = [("origin", bench.address())];
    let own = own.each_ref().map(|(name, value)| (*name, value.as_str()));
    boss.request("POST", path, &own, &encoded(&good)).is(303);
    boss.request("POST", "/console/do/operators/3/unblock", &[], &encoded(&good)).is(303);
    let large = "x".repeat(3 << 20);
    boss.post(path, &[("_proof", &proof), ("more", &large)]).is(400);
}

fn wrong_passwords_lock_the_pages_too(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_LIMITS_LOGIN_FAILURES", "3")]);
    add(&bench, "anna", "cashier");
    let mut browser = Browser::open(&bench);
    for _ in 0..3 {
        browser.log_in("anna", "wrong-password").is(401);
    }
    let locked = browser.log_in("anna", "password1");
    locked.is(429);
    locked.has("密码错误次数过多");
}

fn languages_are_switched(store: Store) {
    let bench = Bench::start(store);
    let mut browser = Browser::of(&bench, "anna", "cashier");
    browser.get("/console/loans").has("<html lang=\"zh-CN\">");
    let fields = [("language", "en"), ("back", "/console/loans?state=overdue")];
    let switched = browser.post("/console/language", &fields);
    assert_eq!(switched.header("location"), "/console/loans?state=overdue");
    let page = browser.get("/console/loans");
    page.has("<html lang=\"en\">");
    page.has("Nothing matches at the moment.");
    page.has("Overdue");
    let fields = [("language", "zh"), ("back", "https://evil.example")];
    assert_eq!(browser.post("/console/language", &fields).header("location"), "/console");
    browser.get("/console/loans").has("当前条件下没有记录");
}
