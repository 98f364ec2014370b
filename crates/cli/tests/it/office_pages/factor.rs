//! The second factor and the list of sessions, from the wire.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use super::browser::Browser;
use crate::bench::{Bench, Store};
use crate::operators::{add, call, log_in, on_both};

on_both! {
    a_log_in_needs_a_code_once_it_is_confirmed
    codes_are_guessed_nowhere
    sessions_are_seen_and_ended
}

/// The code that an authenticator shows so many seconds from now.
fn code(secret: &str, later: u64) -> String {
    let bits: String = secret
        .bytes()
        .map(|sign| match sign {
            b'A'..=b'Z' => format!("{:05b}", sign - b'A'),
            digit => format!("{:05b}", digit - b'2' + 26),
        })
        .collect();
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    #[expect(clippy::disallowed_methods, reason = "an authenticator has a clock of its own")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&((now + later) / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest[19] & 15);
    let four = u32::from_be_bytes(digest[start..start + 4].try_into().unwrap());
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}

/// The secret that the page shows in groups of four.
fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("<p class=\"code spaced\">").unwrap();
    rest.split('<').next().unwrap().replace(' ', "")
}

fn a_log_in_needs_a_code_once_it_is_confirmed(store: Store) {
    let bench = Bench::start(store);
    let mut browser = Browser::of(&bench, "anna", "cashier");
    let mut boss = Browser::of(&bench, "boss", "administrator");
    let set_up = "/console/do/me/second-factor";
    browser.get("/console/me").has(set_up);
    let proof = browser.proof();
    browser.post(set_up, &[("_proof", &proof), ("password", "wrong-one")]).is(403);
    let page = browser.post(set_up, &[("_proof", &proof), ("password", "password1")]);
    page.is(200);
    page.has("<svg class=\"qr\"");
    assert_eq!(page.header("cache-control"), "no-store");
    let secret = secret(&page.text);
    assert_eq!(secret.len(), 32);

    // Until it is confirmed, nothing asks for it.
    let mut other = Browser::open(&bench);
    other.log_in("anna", "password1").is(303);
    let confirm = "/console/do/me/second-factor/confirm";
    browser.post(confirm, &[("_proof", &proof), ("code", "12345")]).is(403);
    let now = code(&secret, 0);
    browser.post(confirm, &[("_proof", &proof), ("code", &now)]).is(303);
    let me = browser.get("/console/me");
    me.has("/console/do/me/second-factor/off");
    assert!(!me.text.contains(&format!("\"{set_up}\"")), "it is on already");
    browser.post(set_up, &[("_proof", &proof), ("password", "password1")]).is(409);

    let mut door = Browser::open(&bench);
    let bare = door.log_in("anna", "password1");
    bare.is(401);
    bare.has("动态码");
    let with = |code: &str| {
        [("login", "anna"), ("password", "password1"), ("code", code)]
            .map(|(n, v)| (n, v.to_owned()))
    };
    let mut enter = |code: &str| {
        let fields = with(code);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        door.post("/console/login", &fields)
    };
    enter(&now).is(401);
    let next = code(&secret, 30);
    enter(&next).is(303);
    enter(&next).is(401);

    boss.get("/console/operators").has("/console/do/operators/1/second-factor/off");
    boss.fill("/console/do/operators/1/second-factor/off", &[]).is(303);
    assert_eq!(browser.get("/console/me").status, 303, "every session has ended");
    Browser::open(&bench).log_in("anna", "password1").is(303);
    boss.fill("/console/do/operators/2/second-factor/off", &[]).is(409);
    boss.fill("/console/do/operators/99/second-factor/off", &[]).is(404);
}

/// Wrong codes count like wrong passwords, at the door and where the factor is given up.
fn codes_are_guessed_nowhere(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_LIMITS_LOGIN_FAILURES", "3")]);
    add(&bench, "anna", "cashier");
    let token = log_in(&bench, "anna", "password1");
    let (status, made) =
        call(&bench, "POST", "/me/second-factor", &token, &json!({ "password": "password1" }));
    assert_eq!(status, 201);
    let secret = made["secret"].as_str().unwrap().to_owned();
    let right = json!({ "code": code(&secret, 0) });
    for wrong in [json!({}), json!({ "code": 123_456 }), json!({ "code": null })] {
        assert_eq!(call(&bench, "POST", "/me/second-factor/confirm", &token, &wrong).0, 400);
    }
    for wrong in ["", "1", "abcdef", "0000000", "１２３４５６"] {
        let body = json!({ "code": wrong });
        assert_eq!(call(&bench, "POST", "/me/second-factor/confirm", &token, &body).0, 403);
    }
    assert_eq!(call(&bench, "POST", "/me/second-factor/confirm", &token, &right).0, 200);
    assert_eq!(call(&bench, "POST", "/me/second-factor/confirm", &token, &right).0, 409);
    let off = |code: &str| {
        let body = json!({ "password": "password1", "code": code });
        call(&bench, "POST", "/me/second-factor/off", &token, &body)
    };
    let wrong = if code(&secret, 0) == "000000" { "111111" } else { "000000" };
    let mut answers = Vec::new();
    for _ in 0..4 {
        let (status, answer) = off(wrong);
        answers.push((status, answer["error"]["code"].as_str().unwrap().to_owned()));
    }
    assert_eq!(answers[0], (403, "code_wrong".to_owned()));
    assert_eq!(*answers.last().unwrap(), (429, "locked".to_owned()), "{answers:?}");
    assert_eq!(off(&code(&secret, 30)).0, 429, "right codes are refused too");
}

fn sessions_are_seen_and_ended(store: Store) {
    let bench = Bench::start(store);
    let mut browser = Browser::of(&bench, "anna", "cashier");
    let other = log_in(&bench, "anna", "password1");
    let (status, mine) = call(&bench, "GET", "/me/sessions", &other, &Value::Null);
    assert_eq!((status, mine["items"].as_array().unwrap().len()), (200, 2));
    let current: Vec<_> = mine["items"].as_array().unwrap().iter().map(|s| &s["current"]).collect();
    assert_eq!(current.iter().filter(|current| **current == true).count(), 1);
    let page = browser.get("/console/me/sessions");
    page.is(200);
    page.has("127.0.0.1");
    page.has("ureq");
    let id = mine["items"].as_array().unwrap().iter().find(|s| s["current"] == true).unwrap();
    let id = id["id"].as_str().unwrap();
    page.has(&format!("/console/do/me/sessions/{id}/end"));
    let third = log_in(&bench, "anna", "password1");
    let (_, all) = call(&bench, "GET", "/me/sessions", &third, &Value::Null);
    let own = all["items"].as_array().unwrap().iter().find(|s| s["current"] == true).unwrap();
    let own = format!("/me/sessions/{}/end", own["id"].as_str().unwrap());
    assert_eq!(call(&bench, "POST", &own, &third, &Value::Null).0, 200);
    assert_eq!(call(&bench, "POST", &own, &third, &Value::Null).0, 401);
    // Nobody else ends it, whatever their roles.
    let mut boss = Browser::of(&bench, "boss", "administrator");
    boss.fill(&format!("/console/do/me/sessions/{id}/end"), &[]).is(404);
    boss.get("/console/operators/1/sessions").has("127.0.0.1");
    let bosses = log_in(&bench, "boss", "password1");
    let (_, seen) = call(&bench, "GET", "/operators/1/sessions", &bosses, &Value::Null);
    assert_eq!(seen["items"].as_array().unwrap().len(), 2);
    assert_eq!(call(&bench, "GET", "/operators/1/sessions", &other, &Value::Null).0, 403);
    browser.fill(&format!("/console/do/me/sessions/{id}/end"), &[]).is(303);
    assert_eq!(call(&bench, "GET", "/me", &other, &Value::Null).0, 401);
    browser.fill(&format!("/console/do/me/sessions/{id}/end"), &[]).is(404);
    browser.fill("/console/do/me/sessions/..%2F..%2Fx/end", &[]).is(404);
    browser.get("/console/me").is(200);
}
