//! How calls come in: tokens, methods, bodies, and the numbers of other people's things.

use kernel::{Channel, Mobile};
use lending::customers::sessions::{self, OpenSession, SessionKey};
use lending::{Clock, identity};
use serde_json::{Value, json};

use super::borrowing::{issue_coupons, prove_card_and_phone, wait_for};
use super::{App, FORM, JSON, NO_TOKEN};
use crate::bench::{Bench, Store};
use crate::lender::write;
use crate::operators::on_both;
use crate::people::ID_NO;

on_both! {
    a_call_may_be_written_in_many_ways
    only_a_good_token_lets_anybody_in
    other_peoples_things_are_none_of_ours
}

const ALICE: &str = "13800000001";
const BOB: &str = "13800000002";

/// Every call that needs a token: method and path, by the channel's own table.
#[track_caller]
fn protected(bench: &Bench) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&bench.cli_ok(&["openapi", "wukong"])).unwrap();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation.get("security").is_some() {
                let path = path.strip_prefix("/wukong").unwrap();
                calls.push((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    assert!(calls.len() > 35, "{calls:?}");
    calls
}

/// The token of somebody who has logged in so many milliseconds ago.
#[track_caller]
fn opened_ago(bench: &Bench, millis: i64) -> String {
    let then = Clock::real().now().wall.plus_millis(-millis);
    let core = bench.core_with(Clock::standing_at(then));
    let key = SessionKey::from_random(millis.to_be_bytes().repeat(2).try_into().unwrap());
    let opened = key.clone();
    write(&core, move |tx| {
        let member = identity::find(tx, Channel::Wukong, &Mobile::parse(ALICE).unwrap())?;
        let member = member.expect("Alice has signed up");
        sessions::open(tx, &OpenSession { member, key: opened.clone(), device: None })
    });
    core.close();
    key.expose().to_owned()
}

pub(super) fn only_a_good_token_lets_anybody_in(store: Store) {
    let bench = Bench::start(store);
    let calls = protected(&bench);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    let good = app.token.clone();
    app.post("/login", &format!("mobile={ALICE}&password=secret99")).one()["token"]
        .as_str()
        .unwrap()
        .clone_into(&mut app.token);
    let check = |app: &App<'_>, why: &str| {
        for (method, path) in &calls {
            let answer = app.send(method, path, &[FORM], "");
            assert_eq!(answer.said(), NO_TOKEN, "{why}: {method} {path}");
            assert_eq!(answer.0.as_object().unwrap().len(), 2, "{path} shows something");
        }
    };
    check(&App::new(&bench), "missing");
    for (why, token) in [("none", "undefined"), ("wrong", &*"a".repeat(32)), ("replaced", &*good)] {
        check(&App { bench: &bench, token: token.to_owned() }, why);
    }
    // Good for 30 days, and no longer.
    app.get("/user-auth-state").one();
    let month = 30 * 86_400_000;
    app.token = opened_ago(&bench, month - 60_000);
    app.get("/user-auth-state").one();
    app.token = opened_ago(&bench, month + 1);
    check(&app, "expired");
    // Whoever has none is a visitor.
    assert_eq!(app.get("/home").one()["mobile"], "");
    bench.verify();
}

/// Loans, cards, coupons and tasks are found by their owners alone.
pub(super) fn other_peoples_things_are_none_of_ours(store: Store) {
    let bench = Bench::start(store);
    let mut alice = App::new(&bench);
    alice.sign_up(ALICE, "secret99");
    alice.prove("李小明", ID_NO);
    let core = bench.core();
    prove_card_and_phone(&core);
    issue_coupons(&core);
    core.close();
    alice.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let loan = wait_for(&alice, "auditing")["id"].as_str().unwrap().to_owned();
    let task = alice.post("/lm-jd", "username=a&password=b");
    let task = task.0["results"][0]["token"].as_str().unwrap().to_owned();
    let mut bob = App::new(&bench);
    bob.sign_up(BOB, "secret99");
    // Each is there for Alice, and as if it were not for Bob.
    let detail = format!("/loan-record-detail?loan_id={loan}");
    alice.get(&detail).one();
    assert_eq!(bob.get(&detail).refused(), "借款记录不存在");
    assert_eq!(bob.get("/loan-record-detail?loan_id=999999").refused(), "借款记录不存在");
    for path in ["/loan-record", "/repayments-record", "/auth-bankcard-get", "/cash-coupon-get"] {
        assert_eq!(*bob.get(path).done(""), json!([]), "{path}");
    }
    alice.put("/set-bankcard-default", "id=1").done("设置成功");
    assert_eq!(bob.put("/set-bankcard-default", "id=1").refused(), "银行卡不存在");
    let form = format!("token={task}&smscode=123456");
    for path in ["/lm-jd-continue", "/lm-jd-input", "/lm-mobile-input", "/lm-mobile-continue"] {
        assert_eq!(bob.post(path, &form).refused(), "认证任务不存在", "{path}");
    }
    assert_eq!(bob.get("/home").one().get("id"), None);
    assert_eq!(bob.get("/lm-get-identity").one()["real_name"], "");
    assert_eq!(bob.get("/user-work").one()["company_name"], "");
    assert_ne!(*alice.post("/lm-jd-continue", &form).said().1, *"认证任务不存在");
    bench.verify();
}

pub(super) fn a_call_may_be_written_in_many_ways(store: Store) {
    let bench = Bench::start(store);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    let token = std::mem::take(&mut app.token);
    // Nobody without a token, wrong, or of another shape.
    for path in ["/user-auth-state", "/loan-record", "/1/user-work", "/quota-apply"] {
        assert_eq!(app.get(path).said(), NO_TOKEN, "{path}");
    }
    assert_eq!(app.post("/feedback", "type=info&content=x").said(), NO_TOKEN);
    let with = |name: &str, value: &str| {
        app.send("GET", "/user-auth-state", &[(name, value)], "").said().0.to_owned()
    };
    let basic = {
        use base64::Engine as _;
        base64::prelude::BASE64_STANDARD.encode(format!("{token}:"))
    };
    for (name, value, status) in [
        ("authorization", token.clone(), "SUCCESS"),
        ("authorization", format!("Bearer {token}"), "SUCCESS"),
        ("authorization", format!("Basic {basic}"), "SUCCESS"),
        ("token", token.clone(), "SUCCESS"),
        ("authorization", "undefined".to_owned(), "TOKEN_ERROR"),
        ("authorization", "0".repeat(32), "TOKEN_ERROR"),
        ("authorization", token.to_lowercase(), "TOKEN_ERROR"),
        ("authorization", format!("{token}0"), "TOKEN_ERROR"),
    ] {
        assert_eq!(with(name, &value), status, "{name}: {value}");
    }
    app.token = token;
    // PUT, or a POST that says so.
    let form = "old_password=secret99&new_password=secret98&repeat_password=secret98";
    let overridden = [FORM, ("x-http-method-override", "PUT")];
    app.send("POST", "/1/password", &overridden, form).done("密码修改成功");
    let refused = app.post("/password", form);
    assert_eq!(refused.refused(), "请求方式不支持：POST");
    assert_eq!(app.send("DELETE", "/home", &[], "").refused(), "请求方式不支持：DELETE");
    // JSON, a form, lists in brackets; a body that says nothing of itself.
    let json =
        json!({"old_password": "secret98", "new_password": "123456", "repeat_password": 123_456});
    let put = app.send("PUT", "/password", &[JSON], &json.to_string());
    put.done("密码修改成功");
    app.tell();
    let shown = app.get("/user-profile").one().clone();
    assert_eq!(
        shown,
        json!({"live_area": ["福建省", "厦门市"], "live_addr": "某路1号", "live_time": ["2年以上"],
            "is_work_auth": 1, "is_relation_auth": 1})
    );
    for body in ["{", "[]", "a=%zz", r#"{"live_area":{}}"#] {
        let kind = if body.starts_with(['{', '[']) { JSON } else { FORM };
        let refused = app.send("POST", "/user-save-profile", &[kind], body);
        assert_eq!(refused.refused(), "参数错误", "{body}");
    }
    // Unknown addresses, and the document's own slip.
    assert_eq!(app.get("/nothing").refused(), "请求地址不存在：/wukong/nothing");
    assert_eq!(app.get("").refused(), "请求地址不存在：/wukong");
    assert_eq!(app.post("//lm-bill-continue", "token=x").refused(), "认证任务不存在");
    // 意见反馈.
    app.post("/feedback", "type=info&content=很好").done("提交反馈成功");
    let long = format!("type=info&content={}", "长".repeat(1001));
    for form in ["type=&content=x", "type=info&content=", &long] {
        assert_eq!(app.post("/feedback", form).refused(), "参数错误");
    }
    let long = format!("type={}&content=x", "a".repeat(31));
    assert_eq!(app.post("/feedback", &long).refused(), "参数错误");
}
