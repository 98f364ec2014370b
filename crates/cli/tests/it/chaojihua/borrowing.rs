//! An order from the application to the paid-out loan, and the golden twins of the samples.

use lending::customers::codes::Purpose;
use serde_json::{Value, json};

use super::{ALICE, App, CARD, ID_NO, NAME, card, pay_out, people, photo, review, sms_code};
use crate::bench::Store;

/// The keys of an object, sorted.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The same keys, with the same kinds of values, as a sample of the document.
#[track_caller]
fn twin(shown: &Value, sample: &Value) {
    assert_eq!(keys(shown), keys(sample));
    for (name, value) in shown.as_object().unwrap() {
        let printed = &sample[name];
        let same = match (value, printed) {
            (Value::Object(_), Value::Object(_)) => {
                twin(value, printed);
                true
            }
            (Value::Array(rows), Value::Array(printed)) => {
                rows.iter().filter(|row| row.is_object()).for_each(|row| twin(row, &printed[0]));
                true
            }
            (Value::Bool(_), Value::Bool(_))
            | (Value::Number(_), Value::Number(_))
            | (Value::String(_), Value::String(_)) => true,
            (_, _) => false,
        };
        assert!(same, "{name}: {value} instead of {printed}");
    }
}

/// 审核记录, as document 000 prints it; the figures are the document's.
fn sample_order() -> Value {
    json!({
        "id": "263", "no": "202601021030001234567891", "u_id": "4", "status": "300",
        "audit_data": {
            "status": "300", "channel": "SUISHOU01", "orderNo": "202601021030001234567891",
            "amtRange": 100, "isCustom": 0, "maxLoanAmt": 50000, "minLoanAmt": 1000,
            "amountLimit": {"totalAmount": 50000, "surplusAmount": 50000},
            "approveTime": "2020-04-21",
            "termOptions": [{"name": "现金贷-12期  超即花", "term": 12, "termId": 1333}],
            "remainTime": "6天"
        },
        "loan_status": "4002",
        "loan_data": {"orderNo": "202601021030001234567891", "loanAmount": 1000,
            "orderStatus": "4002", "userMonthFee": 1.6},
        "face_flow_id": "00000000-0000-4000-8000-000000000001",
        "withdraw_id": "1234567890123456", "create_time": "2020-04-21 14:00:16",
        "update_time": "2020-04-21 14:23:45", "order_status": "4002", "product_name": "test-cjh",
        "image": "https://example.com/product.jpg", "order_status_msg": "审批通过",
        "approveTime": "2020-04-22"
    })
}

#[track_caller]
fn check_order(store: Store) {
    let bench = people(store);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    assert_eq!(*app.get("order-list?type=0").done(), json!([]));
    assert_eq!(app.post("apply", &json!({})).refused(), "请先完善用户信息");
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    assert_eq!(order.len(), 24);
    assert!(order.bytes().all(|byte| byte.is_ascii_digit()));
    let shown = app.order(&order);
    assert_eq!(
        (&shown["order_status"], &shown["order_status_msg"]),
        (&json!("200"), &json!("审批中"))
    );
    assert_eq!((&shown["loan_data"], &shown["loan_status"]), (&Value::Null, &json!("")));
    assert_eq!(app.post("apply", &json!({})).refused(), "您有未完成的订单，请勿重复申请");
    let unmet = |app: &App<'_>| app.submit(&order, 1000, 3).refused().to_owned();
    assert_eq!(unmet(&app), "审批提现前置条件不符合：订单未审批通过");
    review(&core, true);
    let shown = app.wait_for(&order, "300");
    let audit = &shown["audit_data"];
    assert_eq!((&audit["maxLoanAmt"], &audit["minLoanAmt"]), (&json!(50000), &json!(1000)));
    assert_eq!((&audit["remainTime"], &audit["amtRange"]), (&json!("7天"), &json!(100)));
    let terms = audit["termOptions"].as_array().unwrap();
    assert_eq!(terms.iter().map(|term| term["term"].clone()).collect::<Vec<_>>(), [1, 2, 3, 6, 12]);
    // Everything that a drawdown needs, in its order.
    assert_eq!(unmet(&app), "审批提现前置条件不符合：未绑定银行卡");
    app.bind(&order);
    assert_eq!(unmet(&app), "审批提现前置条件不符合：未完成活体校验");
    app.verify(&order);
    assert_eq!(unmet(&app), "审批提现前置条件不符合：未确认综合融资成本，请先试算");
    let submit = |amount, period| app.submit(&order, amount, period).refused().to_owned();
    assert_eq!(submit(50_100, 3), "审批提现前置条件不符合：借款金额不在可借范围内");
    assert_eq!(submit(1050, 3), "审批提现前置条件不符合：借款金额不在可借范围内");
    assert_eq!(submit(1000, 4), "审批提现前置条件不符合：借款期数不可选");
    check_quote(&app, &order);
    // The number of the order as a JSON number: every digit counts.
    let body = format!(r#"{{"orderNo":{order},"loanAmt":"1000.00","period":"3"}}"#);
    let drawn = app.post_text("loan-submit", &body);
    let drawn = drawn.said(1, "提现申请已提交");
    assert_eq!(drawn["orderStatus"], "4002");
    assert_eq!(drawn["withdrawId"].as_str().unwrap().len(), 16);
    assert_eq!(app.submit(&order, 1000, 3).refused(), "提现申请已提交，请勿重复提交");
    let shown = app.order(&order);
    twin(&shown, &sample_order());
    assert_eq!(
        (&shown["order_status"], &shown["order_status_msg"]),
        (&json!("4002"), &json!("审批通过"))
    );
    assert_eq!((&shown["status"], &shown["withdraw_id"]), (&json!("300"), &drawn["withdrawId"]));
    let limit = json!({"totalAmount": 50000, "surplusAmount": 50000});
    assert_eq!(shown["audit_data"]["amountLimit"], limit);
    assert_eq!(
        shown["loan_data"],
        json!({"orderNo": order, "loanAmount": 1000, "orderStatus": "4002", "userMonthFee": 1})
    );
    let flow = shown["face_flow_id"].as_str().unwrap();
    assert_eq!((flow.len(), flow.matches('-').count()), (36, 4));
    pay_out(&core);
    let shown = app.wait_for(&order, "4101");
    let limit = json!({"totalAmount": 50000, "surplusAmount": 49000});
    assert_eq!(shown["audit_data"]["amountLimit"], limit);
    check_lists(&app, &order);
    // What is left of the limit is free for another order of the customer.
    let second = app.apply(&json!({"amount": "49000"}));
    assert_ne!(second, order);
    assert_eq!(app.get("order-list").done().as_array().unwrap().len(), 2);
    assert_eq!(app.get("order-list").done()[0]["no"], json!(second), "the newest first");
    core.close();
    bench.verify();
}

/// 贷款试算: 1000 at 1 % a month over three months; the last one takes the rest.
#[track_caller]
fn check_quote(app: &App<'_>, order: &str) {
    let told = app.calculate(order, 1000, 3);
    let told = told.done();
    let sample = json!({"actualAmount": 1000, "payAmount": 1037.52, "payFee": 47.52, "remark": "",
        "repayPlan": [{"payAmount": 345.84, "payCorpus": 330, "payDate": 1, "payFee": 15.84,
            "serviceCharge": 0, "tenor": 1}], "serviceFee": 0});
    twin(told, &sample);
    assert_eq!((&told["payAmount"], &told["payFee"]), (&json!(1030), &json!(30)));
    assert_eq!(told["remark"], "本金1000.00元，利息30.00元");
    let rows = told["repayPlan"].as_array().unwrap();
    let corpus: Vec<_> = rows.iter().map(|row| row["payCorpus"].to_string()).collect();
    assert_eq!(corpus, ["333.33", "333.33", "333.34"]);
    for row in rows {
        assert_eq!(row["payFee"], 10);
        // Local midnight.
        assert_eq!((row["payDate"].as_i64().unwrap() + 8 * 3_600_000).rem_euclid(86_400_000), 0);
    }
    assert_eq!(app.calculate(order, 1050, 3).refused(), "借款金额不在可借范围内");
    assert_eq!(app.calculate(order, 1000, 4).refused(), "借款期数不可选");
    assert_eq!(app.calculate("202601021030009876543210", 1000, 3).refused(), "订单不存在");
}

#[track_caller]
fn check_lists(app: &App<'_>, order: &str) {
    for (which, shown) in [("0", true), ("", true), ("1", true), ("2", true)] {
        let list = app.get(&format!("order-list?type={which}"));
        let has = list.done().as_array().unwrap().iter().any(|row| row["no"] == order);
        assert_eq!(has, shown, "{which}");
    }
    assert_eq!(app.get("order-list?type=3").refused(), "参数错误：type");
    let cards = app.get("bank-card-list");
    let sample = json!({"bankCode": "ABC", "bankName": "农业银行", "cardNo": "6217000000000000012",
        "channel": "SUISHOU01", "defaultFlag": true, "idNo": "", "name": "", "reserveMobile": "",
        "uid": "0123456789abcdef0123456789abcdef"});
    let card = &cards.done()[0];
    twin(card, &sample);
    assert_eq!((&card["cardNo"], &card["idNo"]), (&json!(CARD), &json!(ID_NO)));
    assert_eq!((&card["bankName"], &card["defaultFlag"]), (&json!("建设银行"), &json!(true)));
    assert_eq!(card["uid"].as_str().unwrap().len(), 32);
}

#[test]
fn an_order_becomes_a_loan_on_sqlite() {
    check_order(Store::Sqlite);
}

#[test]
fn an_order_becomes_a_loan_on_postgres() {
    check_order(Store::Postgres);
}

#[test]
fn cards_are_bound_with_and_without_a_code() {
    const BY_CODE: &str = "6217000000000099139";
    let bench = people(Store::Sqlite);
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    let bind =
        |number: &str, mobile: &str| app.post("bank-card-bind", &card(&order, number, mobile));
    assert_eq!(bind("6217000000000000013", ALICE).refused(), "银行卡号有误");
    assert_eq!(bind("62170000", ALICE).refused(), "参数错误：cardNo");
    assert_eq!(bind(CARD, "1380000").refused(), "参数错误：reserveMobile");
    assert_eq!(bind(CARD, "13800009911").refused(), "绑卡失败：银行预留手机号码不一致");
    let mut other = card(&order, CARD, ALICE);
    other["bankCode"] = json!("ICBC");
    assert_eq!(app.post("bank-card-bind", &other).refused(), "银行卡与所选银行不一致");
    let mut other = card(&order, CARD, ALICE);
    other["name"] = json!("王小红");
    assert_eq!(app.post("bank-card-bind", &other).refused(), "身份信息与已认证的不一致");
    let mut other = card(&order, CARD, ALICE);
    other.as_object_mut().unwrap().remove("orderNo");
    assert_eq!(app.post("bank-card-bind", &other).refused(), "缺少参数：orderNo");
    // As the sample writes it: numbers without quotes.
    let body = format!(
        r#"{{"orderNo":{order},"idNo":"{ID_NO}","name":"{NAME}","cardNo":{CARD},"bankCode":"CCB",
            "bankName":"建设银行","reserveMobile":{ALICE}}}"#
    );
    let bound = app.post_text("bank-card-bind", &body);
    assert_eq!(*bound.said(1, "绑卡成功"), json!({"status": "3001"}));
    // The provider wants a code for this one; until then the other card stays.
    let sent = bind(BY_CODE, "13800000009");
    assert_eq!(*sent.said(1, "验证码发送成功"), json!({"status": "3003"}));
    assert_eq!(app.get("bank-card-list").done().as_array().unwrap().len(), 1);
    let code = sms_code(&bench, "13800000009", Purpose::CardBinding);
    let by_code = |code: Value| {
        let mut body = card(&order, BY_CODE, "13800000009");
        body["verifyCode"] = code;
        app.post("bank-card-bind-captcha", &body)
    };
    assert_eq!(by_code(json!("")).refused(), "缺少参数：verifyCode");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(by_code(json!(wrong)).refused(), "验证码错误或已过期");
    assert_eq!(*by_code(json!(code)).said(1, "绑卡成功"), "");
    assert_eq!(by_code(json!(code)).refused(), "验证码错误或已过期", "a code is good once");
    let cards = app.get("bank-card-list");
    let cards = cards.done().as_array().unwrap();
    assert_eq!((&cards[1]["cardNo"], &cards[1]["defaultFlag"]), (&json!(BY_CODE), &json!(true)));
    assert_eq!(cards[0]["defaultFlag"], false);
}

#[test]
fn a_face_is_looked_at_and_good_once() {
    let bench = people(Store::Sqlite);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    review(&core, true);
    app.bind(&order);
    let send = |image: &str| app.post("user-verify", &json!({"orderNo": order, "image1": image}));
    assert_eq!(send("").refused(), "缺少参数：image1");
    for bad in ["data:image/jpg;base64,/9j/....", &photo("gif", b"face"), "data:,", "AAAA"] {
        assert_eq!(send(bad).refused(), "图片格式有误，仅支持JPEG或PNG", "{bad}");
    }
    let large = format!("data:image/jpg;base64,{}", "A".repeat(5_600_000));
    assert_eq!(send(&large).refused(), "图片过大");
    let beyond =
        app.post_text("user-verify", &format!("{{\"image1\":\"{}\"}}", "A".repeat(7 << 20)));
    assert_eq!((beyond.status, beyond.json["message"].as_str()), (413, Some("请求报文过大")));
    assert_eq!(send(&photo("jpeg", b"SOMEBODY_ELSE")).refused(), "活体校验未通过");
    assert_eq!(send(&photo("png", b"NO_FACE_FOUND")).refused(), "活体校验失败，请重新拍摄");
    assert_eq!(
        send(&photo("jpg", b"CONCURRENCY_LIMIT_EXCEEDED")).refused(),
        "系统繁忙，请稍后再试"
    );
    app.calculate(&order, 1000, 1).done();
    let unmet = app.submit(&order, 1000, 1);
    assert_eq!(unmet.refused(), "审批提现前置条件不符合：未完成活体校验");
    app.verify(&order);
    app.submit(&order, 1000, 1).said(1, "提现申请已提交");
    assert_eq!(*app.post("loan-cancel", &json!({"orderNo": order})).said(1, "取消成功"), "");
    assert_eq!(app.order(&order)["order_status"], "4009");
    assert_eq!(
        app.post("loan-cancel", &json!({"orderNo": order})).refused(),
        "没有可取消的提现申请"
    );
    // The same face is not good for another drawdown.
    let unmet = app.submit(&order, 1000, 1);
    assert_eq!(unmet.refused(), "审批提现前置条件不符合：未完成活体校验");
    app.verify(&order);
    app.submit(&order, 1000, 1).said(1, "提现申请已提交");
    assert_eq!(app.order(&order)["order_status"], "4002");
    core.close();
    bench.verify();
}

#[test]
fn contracts_open_behind_addresses_that_tell_nothing() {
    let bench = people(Store::Sqlite);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    let address = |paper: Value| {
        let shown = app.post("contract-show", &json!({"orderNo": order, "contractNo": paper}));
        shown.done()["contractUrl"].as_str().unwrap().to_owned()
    };
    let open = |url: &str| {
        assert!(!url.contains(ID_NO) && !url.contains(&order), "{url}");
        let path = &url[url.find("/chaojihua").unwrap()..];
        bench.request("GET", path, &[], b"")
    };
    for (paper, title) in [
        (json!(1), "委托扣款授权书"),
        (json!("2"), "居间服务协议"),
        (json!(3), "借款合同"),
        (json!("4"), "个人信息处理与征信查询授权书"),
    ] {
        let page = open(&address(paper));
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html;charset=UTF-8"));
        for text in [title, NAME, ID_NO, "本页为预览"] {
            assert!(page.text.contains(text), "{title}: {text}");
        }
    }
    let wrong = app.post("contract-show", &json!({"orderNo": order, "contractNo": 5}));
    assert_eq!(wrong.refused(), "参数错误：contractNo");
    let guessed = open(&format!("http://host/chaojihua/cjh-open-api/contract/{}", "0".repeat(64)));
    assert_eq!(
        (guessed.status, guessed.json()["message"].as_str()),
        (404, Some("页面不存在或已过期"))
    );
    // Once it is drawn and paid out, the contract is the one that was concluded.
    review(&core, true);
    app.bind(&order);
    app.verify(&order);
    app.calculate(&order, 2000, 6).done();
    assert!(open(&address(json!(3))).text.contains("2,000.00"), "the price that was asked last");
    app.submit(&order, 2000, 6).said(1, "提现申请已提交");
    pay_out(&core);
    app.wait_for(&order, "4101");
    let page = open(&address(json!(3)));
    assert!(page.text.contains("2,000.00") && page.text.contains(&order));
    assert!(!page.text.contains("本页为预览") && page.text.contains("订立时间"));
    core.close();
    bench.verify();
}
