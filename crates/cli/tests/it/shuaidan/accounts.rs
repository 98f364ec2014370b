//! Codes in sessions, registering and logging in: the document's samples, and what it leaves open.

use super::{App, PASSWORD, refusal};
use crate::bench::{Bench, Store};
use crate::operators::on_both;

on_both! {
    officers_register_and_log_in
    without_the_viewer_nobody_looks_into_a_session
    a_shared_key_has_signatures_verified
}

const ALICE: &str = "13800000001";
const BOB: &str = "13800000002";
const DONE: &str = r#"{"sucessed":true,"message":"LoanOfficeUser exist, allows to Login"}"#;
const CAPTCHA: &str = r#"{"sucessed":false,"errorMessage":"captcha is not avalible."}"#;
const NOT_SENT: &str = r#"{"success":false,"errorMessage":"send message failed"}"#;

fn registration(code: &str, telephone: &str, password: &str, again: &str) -> String {
    format!("securityCode={code}&telephone={telephone}&password={password}&confirmPassword={again}")
}

pub(super) fn officers_register_and_log_in(store: Store) {
    let bench = Bench::start(store);
    assert!(bench.log().contains("WARNING bench.session_viewer is on"), "it says so loudly");
    let mut app = App::new(&bench);
    // The document's samples: a code is kept under any key; the number of the sample is none.
    assert_eq!(app.get("/checkmessage?key=1"), r#"{"success":true}"#);
    let sample = registration("188719", "1111111111111", "123456", "123456");
    assert_eq!(app.post("/register", &sample), CAPTCHA);
    let refused = r#"{"sucessed":false,"errorMessage":""}"#;
    assert_eq!(app.post("/login", "telephone=1111111111111&password=123456"), refused);

    let code = app.code(ALICE);
    let good = registration(&code, ALICE, PASSWORD, PASSWORD);
    // The code belongs to this session, this number, and is good once.
    assert_eq!(App::new(&bench).post("/register", &good), CAPTCHA);
    let mut other = App::new(&bench);
    assert_eq!(other.get(&format!("/checkmessage?key=regist_{BOB}")), r#"{"success":true}"#);
    assert_eq!(other.post("/register", &good), CAPTCHA);
    assert_eq!(app.post("/register", &registration(&code, BOB, PASSWORD, PASSWORD)), CAPTCHA);
    let wrong = if code == "100000" { "100001" } else { "100000" };
    assert_eq!(app.post("/register", &registration(wrong, ALICE, PASSWORD, PASSWORD)), CAPTCHA);
    let with = |password: &str, again: &str| registration(&code, ALICE, password, again);
    for (form, text) in [
        (with("12345", "12345"), "password is not available."),
        (with("123456", "123457"), "confirmPassword is not the same as password."),
        (with("", "1"), "password is required."),
        (with("123456", ""), "confirmPassword is required."),
        (registration("", ALICE, "1", "1"), "securityCode is required."),
        (registration("1", "", "1", "1"), "telephone is required."),
    ] {
        assert_eq!(refusal(&app.post("/register", &form)), text, "{form}");
    }
    assert_eq!(app.post("/register", &good), DONE);
    assert_eq!(app.post("/register", &good), CAPTCHA);
    let again = registration(&app.code(ALICE), ALICE, PASSWORD, PASSWORD);
    assert_eq!(refusal(&app.post("/register", &again)), "telephone is already registered.");

    // Registering logs nobody in.
    assert_eq!(app.refused("GET", "/leads", ""), "please login first.");
    let guest = app.cookie.clone();
    assert_eq!(app.log_in(ALICE, "654321"), refused);
    assert_eq!(app.log_in(BOB, PASSWORD), refused);
    assert_eq!(app.log_in(ALICE, PASSWORD), DONE);
    assert_ne!(app.cookie, guest, "a log-in has a session of its own");
    app.shown("GET", "/leads", "");
    // A new log-in ends the old session.
    let mut elsewhere = App::new(&bench);
    assert_eq!(elsewhere.log_in(ALICE, PASSWORD), DONE);
    assert_eq!(app.refused("GET", "/leads", ""), "please login first.");
    ways_in(&bench);
    bench.verify();
}

/// Addresses, methods and what every call must carry.
fn ways_in(bench: &Bench) {
    let mut app = App::new(bench);
    let form = "telephone=13800000001&password=123456";
    for path in ["/login", "/login/", "//login", "//login/"] {
        assert_eq!(app.post(path, form), DONE, "{path}");
    }
    let bare = |app: &mut App<'_>, manner: &str| {
        app.send("POST", "/login", &format!("{form}&{manner}")).text
    };
    for (manner, text) in [
        ("", "format is required."),
        ("sign=1", "format is required."),
        ("format=json", "sign is required."),
        ("format=json&sign=", "sign is required."),
        ("format=xml&sign=1", "format is not available."),
        ("format=json&sign=%", "request is not a form in UTF-8."),
    ] {
        assert_eq!(refusal(&bare(&mut app, manner)), text, "{manner}");
    }
    assert_eq!(bare(&mut app, "format=JSON&sign=x"), DONE);
    let asked = app.send("POST", "/login?format=json&sign=1", form).text;
    assert_eq!(asked, DONE, "what stands in the query counts");
    assert_eq!(app.refused("GET", "/login", ""), "method is not supported: GET");
    assert_eq!(app.refused("PUT", "/register", ""), "method is not supported: PUT");
    assert_eq!(app.refused("POST", "/leads", ""), "method is not supported: POST");
    assert_eq!(app.refused("GET", "/nothing", ""), "no such address: /shuaidan/nothing");
    assert_eq!(app.refused("GET", "", ""), "no such address: /shuaidan");
    let missing = r#"{"success":false,"errorMessage":"key is required."}"#;
    assert_eq!(app.get("/checkmessage"), missing);
    assert_eq!(app.send("GET", "/session", "").text, missing);
    let long = format!("/checkmessage?key={}", "k".repeat(65));
    let wrong = r#"{"success":false,"errorMessage":"key is not available."}"#;
    assert_eq!(app.get(&long), wrong);
    assert_eq!(app.send("GET", "/session?key=regist_13800000001", "").text, wrong);
    let large = format!("telephone={}", "1".repeat(300_000));
    assert_eq!(app.refused("POST", "/login", &large), "request is too large.");
}

pub(super) fn without_the_viewer_nobody_looks_into_a_session(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_BENCH_SESSION_VIEWER", "false")]);
    assert!(!bench.log().contains("session_viewer"));
    let mut app = App::new(&bench);
    // The code is kept, and nobody is told of it.
    assert_eq!(app.get("/checkmessage?key=1"), NOT_SENT);
    assert!(!app.cookie.is_empty());
    let gone = r#"{"success":false,"errorMessage":"no such address: /session"}"#;
    assert_eq!(app.send("GET", "/session?key=1", "").text, gone);
    // An SMS goes out all the same where there is a number.
    assert_eq!(app.get(&format!("/checkmessage?key=regist_{ALICE}")), r#"{"success":true}"#);
    assert_eq!(app.send("GET", &format!("/session?key=regist_{ALICE}"), "").text, gone);
    assert_eq!(bench.sql("SELECT COUNT(*) FROM sms_code WHERE code_sealed IS NOT NULL"), "0");
}

pub(super) fn a_shared_key_has_signatures_verified(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_SHUAIDAN_SIGN_KEY", "0123456789abcdef")]);
    let mut app = App::new(&bench);
    let call = |app: &mut App<'_>, sign: &str| {
        let path = format!("/checkmessage?key=regist_{ALICE}&format=json&sign={sign}");
        app.send("GET", &path, "").text
    };
    // printf 'format=json&key=regist_13800000001' | openssl dgst -sha256 -hmac 0123456789abcdef
    let good = "444ed6a22bc2a3ed071da14025141b5e053fb134a39433a1e41e9fa4a75b3e58";
    assert_eq!(call(&mut app, good), r#"{"success":true}"#);
    let wrong = r#"{"success":false,"errorMessage":"sign is not correct."}"#;
    assert_eq!(call(&mut app, "1111111111"), wrong);
}
