//! Codes, tokens, methods, addresses, bodies: what comes before a call.

use kernel::Mobile;
use lending::customers::codes::Purpose;
use serde_json::{Value, json};

use super::{ALICE, App, ID_NO, NAME, people, sms_code};
use crate::bench::{Bench, Store};

#[test]
fn a_code_opens_the_door_once_and_makes_the_account() {
    let bench = people(Store::Sqlite);
    let app = App::new(&bench);
    let code = |mobile: Value| app.post("get-sms-code", &json!({ "mobile": mobile }));
    assert_eq!(code(json!("")).refused(), "缺少参数：mobile");
    assert_eq!(code(json!("1380")).refused(), "参数错误：mobile");
    assert_eq!(code(json!([1])).refused(), "参数错误：mobile");
    // A number will do, here and below the host alone.
    assert_eq!(*code(json!(13_800_000_001_i64)).said(1, "获取成功"), "");
    let bare = app.send("POST", "/chaojihua/get-sms-code", r#"{"mobile":"13800000001"}"#);
    assert_eq!(*bare.said(1, "获取成功"), "");
    let right = sms_code(&bench, ALICE, Purpose::LogIn);
    let enter =
        |code: &str| app.post("get-access-token", &json!({"mobile": ALICE, "sms_code": code}));
    let wrong = if right == "000000" { "000001" } else { "000000" };
    assert_eq!(enter(wrong).refused(), "验证码错误或已过期");
    assert_eq!(enter("").refused(), "缺少参数：sms_code");
    let entered = enter(&right);
    let token = entered.done()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 32);
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(enter(&right).refused(), "验证码错误或已过期", "a code is good once");
    assert!(Mobile::parse(ALICE).is_some());
    // Whoever logs in again is the same customer, and the earlier token ends.
    let mut app = App { token, ..App::new(&bench) };
    app.tell(NAME, ID_NO);
    let earlier = App { token: app.token.clone(), ..App::new(&bench) };
    app.log_in(ALICE);
    assert_eq!(app.get("user-info").said(1, "SUCCESS")["verifiedIdName"], NAME);
    assert_eq!(earlier.get("user-info").status, 401);
}

#[test]
fn without_a_token_nothing_is_shown() {
    let bench = people(Store::Sqlite);
    let mut app = App::new(&bench);
    let calls = [
        ("GET", "order-list?type=0"),
        ("GET", "bank-list"),
        ("GET", "bank-card-list"),
        ("POST", "bank-card-bind"),
        ("POST", "bank-card-bind-captcha"),
        ("POST", "loan-calculate"),
        ("POST", "contract-show"),
        ("POST", "user-verify"),
        ("POST", "loan-submit"),
        ("GET", "user-info"),
        ("POST", "user-info"),
        ("POST", "repay-plan-list"),
        ("POST", "repay-plan"),
        ("POST", "repay-submit"),
        ("POST", "apply"),
        ("POST", "loan-cancel"),
    ];
    for token in ["", "wrong", &"0".repeat(32)] {
        token.clone_into(&mut app.token);
        for (method, call) in calls {
            let refused = app.send(method, &format!("/chaojihua/cjh-open-api/{call}"), "{}");
            assert_eq!(refused.status, 401, "{method} {call} {token}");
            let told = json!({"code": 0, "message": "登录已失效，请重新登录", "info": ""});
            assert_eq!(refused.json, told);
        }
    }
    // Nor does a token in the query help, where the operator has not allowed it.
    app.log_in(ALICE);
    let token = std::mem::take(&mut app.token);
    assert_eq!(app.get(&format!("bank-list?access_token={token}")).status, 401);
}

#[test]
fn addresses_bodies_and_methods_are_forgiving_only_where_it_is_said() {
    let bench = people(Store::Sqlite);
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    // As the document slips: no slash, two slashes, one at the end.
    for path in [
        "/chaojihua/cjh-open-api/bank-list",
        "/chaojihua/cjh-open-api/bank-list/",
        "/chaojihuacjh-open-api/bank-list",
        "/chaojihua//cjh-open-api/bank-list",
    ] {
        let banks = app.send("GET", path, "");
        let banks = banks.done().as_array().unwrap();
        assert_eq!(
            (&banks[0]["bankCode"], &banks[0]["bankName"]),
            (&json!("ICBC"), &json!("工商银行"))
        );
        assert_eq!(
            (&banks[1]["bankCode"], &banks[1]["bankName"]),
            (&json!("ABC"), &json!("农业银行"))
        );
        let icon = banks[0]["icon"].as_str().unwrap();
        let at = icon.find("/chaojihua/").unwrap();
        let picture = bench.request("GET", &icon[at..], &[], b"");
        assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")));
    }
    let gone = app.send("GET", "/chaojihua/cjh-open-api/nothing", "");
    assert_eq!((gone.status, &gone.json["code"]), (404, &json!(0)));
    let method = app.send("DELETE", "/chaojihua/cjh-open-api/bank-list", "");
    assert_eq!((method.status, &method.json["message"]), (405, &json!("请求方式不支持：DELETE")));
    assert_eq!(app.post("bank-list", &json!({})).status, 405);
    for body in ["", "{", "orderNo=1", "{\"orderNo\":01}", "\u{0}"] {
        let refused = app.post_text("loan-submit", body);
        assert_eq!((refused.status, &refused.json["code"]), (400, &json!(0)), "{body:?}");
    }
    assert_eq!(app.post_text("loan-submit", "[]").refused(), "参数错误");
    assert_eq!(app.post_text("loan-submit", "{}").refused(), "缺少参数：loanAmt");
    let list = r#"{"orderNo":[1],"loanAmt":1000,"period":1}"#;
    assert_eq!(app.post_text("loan-submit", list).refused(), "参数错误：orderNo");
    for order in ["1", "2e23", "-5", "202601021030009876543210", "\"' OR 1=1\""] {
        let body = format!(r#"{{"orderNo":{order},"loanAmt":1000,"period":1}}"#);
        assert_eq!(app.post_text("loan-submit", &body).refused(), "订单不存在", "{order}");
    }
}

#[test]
fn switches_change_codes_and_where_tokens_may_stand() {
    let settings = [
        ("JIEHUAN_CHAOJIHUA_UNIFORM_CODES", "true"),
        ("JIEHUAN_CHAOJIHUA_TOKEN_IN_QUERY", "true"),
        ("JIEHUAN_CHAOJIHUA_FUNDING", "off"),
    ];
    let bench = Bench::start_with(Store::Sqlite, &settings);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    let token = app.token.clone();
    let visitor = App::new(&bench);
    visitor.get(&format!("bank-list?access_token={token}")).done();
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    super::review(&core, true);
    let body = json!({"orderNo": order, "image1": super::photo("jpg", b"face")});
    assert_eq!(*app.post("user-verify", &body).said(1, "提交成功"), "");
    core.close();
}

#[test]
fn what_a_customer_tells_is_kept_and_who_they_are_is_proven() {
    let bench = people(Store::Sqlite);
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    let shown = app.get("user-info").said(1, "SUCCESS").clone();
    assert_eq!(shown.as_object().unwrap().len(), 33);
    assert!(shown.as_object().unwrap().values().all(|value| value == ""));
    let tell = |body: Value| app.post("user-info", &body);
    let identity = |name: &str, number: &str| {
        tell(json!({"verifiedIdName": name, "verifiedIdNo": number})).refused().to_owned()
    };
    assert_eq!(identity("李小明", "110101199001010032"), "身份信息有误：身份证号码有误");
    assert_eq!(identity("龘小明", ID_NO), "身份信息有误：姓名与身份证号码不一致");
    assert_eq!(identity("靐小明", ID_NO), "系统繁忙，请稍后再试");
    assert_eq!(identity("李小明", "1"), "参数错误：verifiedIdNo");
    assert_eq!(tell(json!({"name1": "一\n二"})).refused(), "参数错误：name1");
    tell(json!({"name1": "王一", "mobile1": 110, "degree": "40", "houseCity": "北京市",
        "verifiedIdName": NAME, "verifiedIdNo": ID_NO, "verifiedIdGender": "?"}))
    .said(1, "保存成功");
    tell(json!({"name1": "王二", "nobody": "asks"})).said(1, "保存成功");
    let shown = app.get("user-info").said(1, "SUCCESS").clone();
    for (name, value) in [
        ("name1", "王二"),
        ("mobile1", "110"),
        ("degree", "40"),
        ("houseCity", "北京市"),
        ("verifiedIdName", NAME),
        ("verifiedIdNo", ID_NO),
        ("verifiedIdGender", "女"),
        ("verifiedIdBirthday", "19900101"),
        ("name2", ""),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(identity("王小红", ID_NO), "身份信息与已认证的不一致");
    // Another account is not the same person.
    let mut other = App::new(&bench);
    other.log_in("13800000002");
    let taken = other.post("user-info", &json!({"verifiedIdName": NAME, "verifiedIdNo": ID_NO}));
    assert_eq!(taken.refused(), "该身份信息已绑定其他账号");
}
