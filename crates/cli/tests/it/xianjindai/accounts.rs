//! Registering, logging in, forgetting and changing passwords (§4, §7 to §15, §18).

use lending::customers::codes::Purpose;
use serde_json::json;

use super::{App, signed, sms_code};
use crate::bench::{Bench, Store};

const ALICE: &str = "13800000001";
const BOB: &str = "13800000002";
/// `111111` and `zhongkeborun`, encrypted. Source: contract page.
const SIX_ONES: &str = "gNabvKievL8=";
const LONGER: &str = "t9xLwn19WXS+d7OVW9ocKw";

#[track_caller]
fn check_accounts(store: Store) {
    let bench = Bench::start(store);
    let app = App::new(&bench);
    app.register(ALICE, SIX_ONES);
    // Encrypted or plain, it is the same password.
    let first = app.log_in(ALICE, "111111");
    assert!(first.len() == 32 && first.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')));
    let quit = |app: &App<'_>, id: &str| {
        app.call("/appApi/quitMobileLogin", json!({"sessionId": id})).outcome().1.to_owned()
    };
    // Signed, and with a form.
    let login = json!({"username": ALICE, "password": SIX_ONES, "appType": "2", "token": "x"});
    app.call("/security/login", login.clone()).expect("0000", "90000000", "登陆授权成功");
    let form = format!("username={ALICE}&password=gNabvKievL8%3D&appType=1&token=12312312312");
    let headers = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    let entered = app.send("/security/login", &headers, form.as_bytes());
    let id = entered.expect("0000", "90000000", "登陆授权成功").as_str().unwrap().to_owned();
    // §4.3: its own order of keys.
    assert!(entered.answer.text.starts_with(r#"{"timestamp":""#), "{}", entered.answer.text);
    let cookie = entered.answer.header("set-cookie").unwrap();
    assert_eq!(cookie, format!("JSESSIONID={id}; Path=/; HttpOnly; SameSite=Lax"));
    // A signature that is there is checked.
    let mut forged = signed(login);
    forged["password"] = "x".into();
    let refused = app.send("/security/login", &[], forged.to_string().as_bytes());
    assert_eq!(refused.outcome(), ("9999", "10001000", "签名错误"));

    // A second log-in has ended the first, and a session is closed by its owner alone.
    let phone = App::new(&bench);
    phone.use_cookie(format!("JSESSIONID={first}"));
    assert_eq!(quit(&phone, &first), "90003000");
    phone.register(BOB, "secret99");
    phone.log_in(BOB, "secret99");
    assert_eq!(quit(&phone, &id), "90002000");
    assert_eq!(quit(&phone, "x"), "10001000");
    assert_eq!(quit(&app, &id), "20003010");
    assert_eq!(quit(&app, &id), "90003000");

    let outcome = |username: &str, password: &str| {
        let body = json!({"username": username, "password": password}).to_string();
        app.send("/security/login", &[], body.as_bytes()).outcome().1.to_owned()
    };
    assert_eq!(outcome("13800000003", "111111"), "90001000");
    assert_eq!(outcome("admin", "admin"), "90001000");
    assert_eq!(outcome(ALICE, "111112"), "90002000");
    assert_eq!(outcome(ALICE, ""), "90009000");
    assert_eq!(outcome("", "111111"), "90009000");
    bench.verify();
}

#[test]
fn customers_register_and_log_in_on_sqlite() {
    check_accounts(Store::Sqlite);
}

#[test]
fn customers_register_and_log_in_on_postgres() {
    check_accounts(Store::Postgres);
}

#[test]
fn a_number_is_proven_before_it_is_registered() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    let get = |code: &str, mobile: &str| {
        let sent = app.call("/openApi/getSmsCode", json!({"code": code, "mobile": mobile}));
        let (_, code, message) = sent.outcome();
        format!("{code} {message}")
    };
    assert_eq!(get("", ALICE), "10001000 code不能为空");
    assert_eq!(get(&app.captcha(), ""), "10001000 mobile不能为空");
    assert_eq!(get(&app.captcha(), "12800000001"), "10001000 手机号码格式错误");
    assert_eq!(get("????", ALICE), "10002001 验证码错误");
    let captcha = app.captcha();
    assert_eq!(captcha.chars().count(), 4);
    assert_eq!(get(&captcha.to_uppercase(), ALICE), "20001000 短信发送成功");
    assert_eq!(get(&captcha, ALICE), "10002001 验证码错误", "a captcha is good once");

    let check = |code: &str| {
        let body = json!({"smscode": code, "mobile": ALICE});
        app.call("/openApi/checkSmsCode", body).outcome().1.to_owned()
    };
    let set = |mobile: &str, password: &str, again: &str| {
        let body = json!({"mobile": mobile, "password": password, "confirmPassword": again});
        let (_, code, message) = {
            let answer = app.call("/openApi/userRegister", body);
            let (flag, code, message) = answer.outcome();
            (flag.to_owned(), code.to_owned(), message.to_owned())
        };
        format!("{code} {message}")
    };
    let code = sms_code(&bench, ALICE, Purpose::Registration);
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(check(wrong), "20002005");
    assert_eq!(set(ALICE, "secret99", "secret99"), "20003001 密码设置失败", "nothing is proven");
    assert_eq!(check(&code), "20002006");
    assert_eq!(check(&code), "20002005", "a code is good once");
    assert_eq!(set(ALICE, "secret99", "secret98"), "20003001 密码设置失败");
    assert_eq!(set(ALICE, "short", "short"), "20003001 密码设置失败");
    assert_eq!(set(BOB, "secret99", "secret99"), "20003001 密码设置失败", "another's proof");
    assert_eq!(set(ALICE, "", "secret99"), "10001000 password不能为空");
    assert_eq!(set(ALICE, LONGER, "zhongkeborun"), "20003000 密码设置成功");
    assert_eq!(set(ALICE, "secret99", "secret99"), "10001000 手机号码已注册");
    assert_eq!(get(&app.captcha(), ALICE), "10001000 手机号码已注册");
    assert_eq!(check("1"), "10001000");
}

#[test]
fn forgotten_passwords_are_set_anew() {
    let bench = Bench::start(Store::Sqlite);
    let app = App::new(&bench);
    app.register(ALICE, "secret99");
    app.log_in(ALICE, "secret99");
    let call = |path: &str, body| {
        let answer = app.call(path, body);
        let (_, code, message) = answer.outcome();
        format!("{code} {message}")
    };
    let get = |mobile: &str| {
        let body = json!({"code": app.captcha(), "mobile": mobile});
        call("/openApi/forgetPwdGetSmsCode", body)
    };
    assert_eq!(get(BOB), "10001000 手机号码未注册");
    assert_eq!(get(ALICE), "20001000 短信发送成功");
    let reset = |password: &str| {
        let body = json!({"mobile": ALICE, "password": password, "confirmPassword": password});
        call("/openApi/userResetPwd", body)
    };
    assert_eq!(reset("another99"), "20003003 密码重置失败");
    let code = sms_code(&bench, ALICE, Purpose::PasswordReset);
    let check = |mobile: &str, code: &str| {
        call("/openApi/forgetPwdCheckSmsCode", json!({"smscode": code, "mobile": mobile}))
    };
    assert_eq!(check(BOB, &code), "10001000 手机号码未注册");
    assert_eq!(check(ALICE, &code), "20002006 手机短信校验成功");
    for path in ["/openApi/", "/openApi/forgetPwdCheckIdentity"] {
        let who = |mobile: &str, id: &str| {
            call(path, json!({"mobile": mobile, "realname": "王小借", "identitycode": id}))
        };
        assert_eq!(who(ALICE, "110101199003070011"), "20004001 身份认证失败");
        assert_eq!(who(ALICE, "x"), "20004001 身份认证失败");
        assert_eq!(who(BOB, "110101199003070011"), "10001000 手机号码未注册");
        assert_eq!(who("1", "110101199003070011"), "10001000 手机号码格式错误");
    }
    assert_eq!(reset("another99"), "20003002 密码重置成功");
    assert_eq!(reset("another98"), "20003003 密码重置失败", "a proof is good once");
    let gone = app.call("/appApi/quitMobileLogin", json!({"sessionId": "x"}));
    assert_eq!(gone.outcome().1, "90003000", "who took the phone is out");

    app.log_in(ALICE, "another99");
    let change = |mobile: &str, old: &str, new: &str| {
        let body = json!({"mobile": mobile, "newPassword": new, "oldPassword": old});
        call("/appApi/modifyPwd", body)
    };
    assert_eq!(change(ALICE, "wrong999", "third999"), "20003015 当前密码错误");
    assert_eq!(change(ALICE, "another99", "3"), "20003005 密码重置失败");
    assert_eq!(change(BOB, "another99", "third999"), "10001000 账号不存在");
    assert_eq!(change("1", "another99", "third999"), "10001000 手机号码格式错误");
    assert_eq!(change(ALICE, "another99", LONGER), "20003004 密码重置成功");
    let phone = App::new(&bench);
    phone.register(BOB, "secret99");
    assert_eq!(change(BOB, LONGER, "third999"), "90002000 无权限访问", "another's account");
    app.log_in(ALICE, "zhongkeborun");
}

#[test]
fn many_wrong_passwords_lock_an_account() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_LIMITS_LOGIN_FAILURES", "5")]);
    let app = App::new(&bench);
    app.register(ALICE, "secret99");
    let outcome = |password: &str| {
        let body = json!({"username": ALICE, "password": password}).to_string();
        let answer = app.send("/security/login", &[], body.as_bytes());
        let (_, code, message) = answer.outcome();
        format!("{code} {message}")
    };
    for _ in 0..5 {
        assert_eq!(outcome("wrong999"), "90002000 登陆授权失败，密码错误");
    }
    let locked = "90003000 登陆授权失败，多次密码错误，账号被锁";
    assert_eq!(outcome("wrong999"), locked);
    assert_eq!(outcome("secret99"), locked, "right, but too late");
}
