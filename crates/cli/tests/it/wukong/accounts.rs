//! Signing up, tokens, passwords, and the ways that a call may be written.

use lending::customers::codes::Purpose;
use serde_json::Value;

use super::{App, NO_TOKEN, sms_code};
use crate::bench::{Bench, PRODUCTION, Store};

const ALICE: &str = "13800000001";
const BOB: &str = "13800000002";

#[track_caller]
pub(super) fn check_accounts(store: Store) {
    let bench = Bench::start(store);
    let mut app = App::new(&bench);
    // 用户注册, in the order of the contract page.
    let sign_up = |form: &str| app.post("/signup", form).refused().to_owned();
    assert_eq!(sign_up(""), "请输入手机号");
    assert_eq!(sign_up("mobile=12"), "请输入可用的手机号码");
    assert_eq!(sign_up(&format!("mobile={ALICE}")), "请输入密码");
    let short = format!("mobile={ALICE}&password=12345");
    assert_eq!(sign_up(&short), "请使用6~15位数字、字母、特殊符号组合");
    let no_code = format!("mobile={ALICE}&password=secret99");
    assert_eq!(sign_up(&no_code), "请输入验证码");
    let wrong = "验证码不正确或已过期（有效期为15分钟）";
    assert_eq!(sign_up(&format!("{no_code}&code=000000")), wrong);
    app.sign_up(ALICE, "secret99");
    let first = app.token.clone();
    assert!(first.len() == 32 && first.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let again = format!("mobile={ALICE}&password=secret99&code=1");
    assert_eq!(app.post("/signup", &again).refused(), "该手机号码已注册");
    let code = |kind: &str, mobile: &str| {
        let path = format!("/send-mobile-code/{kind}");
        app.post(&path, &format!("mobile={mobile}")).said().1.to_owned()
    };
    assert_eq!(code("new-user", ALICE), "请输入可用的手机号码");
    assert_eq!(code("new-user", "x"), "请输入可用的手机号码");
    assert_eq!(code("forget-password", BOB), "请输入可用的手机号码");

    // 用户登录: a new token, and the old one ends.
    let log_in = |form: &str| App::new(&bench).post("/login", form);
    let wrong = "手机号或密码错误";
    for form in ["", "mobile=x&password=secret99", "mobile=13800000001&password=secret98"] {
        assert_eq!(log_in(form).refused(), wrong, "{form}");
    }
    assert_eq!(log_in("mobile=13800000009&password=secret99").refused(), wrong);
    let entered = log_in(&format!("mobile={ALICE}&password=secret99")).one().clone();
    let keys: Vec<_> = entered.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["expiry_timestamp", "mobile", "token"]);
    let expires = entered["expiry_timestamp"].as_i64().unwrap();
    let thirty_days = 30 * 86_400;
    let now = i64::try_from(crate::xianjindai::now() / 1000).unwrap();
    assert!((expires - now - thirty_days).abs() < 60, "{expires}");
    assert_eq!(app.get("/user-profile").said(), NO_TOKEN);
    entered["token"].as_str().unwrap().clone_into(&mut app.token);
    app.get("/user-profile").one();

    // 修改密码.
    let change = |old: &str, new: &str, again: &str| {
        let form = format!("old_password={old}&new_password={new}&repeat_password={again}");
        app.put("/password", &form).said().1.to_owned()
    };
    assert_eq!(change("", "", ""), "请填写当前密码");
    assert_eq!(change("secret99", "", ""), "请填写新密码");
    assert_eq!(change("secret99", "secret98", ""), "请填写确认密码");
    let shape = "请使用6~15位数字、字母、特殊符号组合";
    assert_eq!(change("secret99", "1234567890123456", "1234567890123456"), shape);
    assert_eq!(change("secret99", "密码密码密码", "密码密码密码"), shape);
    assert_eq!(change("secret99", "secret98", "secret97"), "新密码与确认密码不一致");
    assert_eq!(change("secret97", "secret98", "secret98"), "当前密码错误，请重试");
    assert_eq!(change("secret99", "secret98", "secret98"), "密码修改成功");

    forgotten(&bench);
    // 退出登录: always, and then the token is none.
    assert_eq!(*App::new(&bench).get("/logout").done("成功退出登入"), Value::Null);
    let entered = log_in(&format!("mobile={ALICE}&password=secret97")).one().clone();
    entered["token"].as_str().unwrap().clone_into(&mut app.token);
    app.get("/logout").done("成功退出登入");
    assert_eq!(app.get("/user-profile").said(), NO_TOKEN);
    app.get("/logout").done("成功退出登入");
    bench.verify();
}

/// 忘记密码, for somebody whose identity is verified.
#[track_caller]
fn forgotten(bench: &Bench) {
    let mut app = App::new(bench);
    let log_in = format!("mobile={ALICE}&password=secret98");
    app.post("/login", &log_in).one()["token"].as_str().unwrap().clone_into(&mut app.token);
    app.prove("李小明", crate::people::ID_NO);
    let guest = App::new(bench);
    let forgot = |form: &str| guest.put("/forget-password", form).said().1.to_owned();
    assert_eq!(forgot(""), "请输入手机号");
    assert_eq!(forgot(&format!("mobile={BOB}")), "请输入可用的手机号码");
    assert_eq!(forgot(&format!("mobile={ALICE}")), "请输入验证码");
    assert_eq!(forgot(&format!("mobile={ALICE}&code=1")), "请输入密码");
    let form = format!("mobile={ALICE}&password=secret97&code=");
    assert_eq!(forgot(&format!("{form}1")), "请填写身份证后六位");
    let wrong = "验证码不正确或已过期（有效期为15分钟）";
    assert_eq!(forgot(&format!("{form}000000&card_mantissa=000000")), wrong);
    let code = || {
        let sent = guest.post("/send-mobile-code/forget-password", &format!("mobile={ALICE}"));
        sent.done("发送短信成功，请查收");
        sms_code(bench, ALICE, Purpose::PasswordReset)
    };
    let with = |tail: &str| forgot(&format!("{form}{}&card_mantissa={tail}", code()));
    assert_eq!(with("000000"), "身份证后六位输入有误，请重新输入");
    let tail = crate::people::ID_NO[12..].to_lowercase();
    assert_eq!(with(&tail), "设置成功");
}

#[test]
fn customers_sign_up_and_log_in_on_sqlite() {
    check_accounts(Store::Sqlite);
}

#[test]
fn customers_sign_up_and_log_in_on_postgres() {
    check_accounts(Store::Postgres);
}

#[test]
pub(super) fn codes_are_sent_once_a_minute() {
    let bench = Bench::start_with(Store::Sqlite, &PRODUCTION);
    let app = App::new(&bench);
    let send = || app.post("/send-mobile-code/new-user", "mobile=13800000001");
    send().done("发送短信成功，请查收");
    assert_eq!(send().refused(), "发送短信过于频繁，1分钟后再试");
    // Nothing is sold yet, and visitors still see what they may have.
    assert_eq!(app.get("/home").one()["quota"], "2000");
}

#[test]
fn the_addresses_stand_at_the_root_of_an_own_port() {
    let own = [("JIEHUAN_WUKONG_LISTEN", "127.0.0.1:0")];
    let bench = Bench::start_with(Store::Sqlite, &own);
    let address = bench.printed_address("悟空 (wukong)");
    let base = address.strip_suffix("/home").unwrap();
    for path in ["/home", "/1/home"] {
        let answer = ureq::get(&format!("{base}{path}")).call().unwrap();
        let text = answer.into_body().read_to_string().unwrap();
        assert!(
            text.starts_with(r#"{"status":"SUCCESS","error_message":"","results":[{"#),
            "{text}"
        );
    }
}
