//! The refusals that no other story of the channel comes to: of applications, cards, faces and
//! repayments, and what comes too often.

use kernel::Channel;
use lending::audit::Actor;
use lending::customers::codes::Purpose;
use lending::customers::{self, Flag, Line};
use lending::{Lending, identity};
use serde_json::{Value, json};

use super::{ALICE, App, card, people, photo, review, sms_code};
use crate::bench::{Bench, PRODUCTION, Store};
use crate::lender::{broken, member, pay_out, write};
use crate::operators::on_both;
use crate::people::{CARD, ID_NO, NAME, card_no};

on_both! {
    applications_and_who_makes_them
    cards_and_faces
    repayments
    what_comes_too_often
}

const BOB: &str = "13800000002";
const TOO_OFTEN: &str = "操作过于频繁，请稍后再试";
/// A customer of theirs; the check digit is GB 11643's.
const OTHER_ID: &str = "110101199001010066";

#[track_caller]
fn flag(core: &Lending, flag: &Flag) {
    let (member, flag) = (member(core, Channel::Chaojihua, ALICE), flag.clone());
    write(core, move |tx| customers::set_flag(tx, Actor::Platform, member, &flag).map_err(broken));
}

/// What is missing, or cannot be read, is named.
#[track_caller]
fn fields(app: &App<'_>, order: &str) {
    let refused = |call: &str, body: Value| app.post(call, &body).refused().to_owned();
    for call in [
        "contract-show",
        "loan-cancel",
        "repay-plan",
        "repay-plan-list",
        "repay-submit",
        "user-verify",
    ] {
        let body = json!({"contractNo": 1, "image1": photo("jpg", b"face")});
        assert_eq!(refused(call, body), "缺少参数：orderNo", "{call}");
    }
    for call in ["contract-show", "user-verify", "bank-card-bind"] {
        let mut body = card("202601021030009876543210", CARD, ALICE);
        body["contractNo"] = json!(1);
        body["image1"] = json!(photo("jpg", b"face"));
        assert_eq!(refused(call, body), "订单不存在", "{call}");
    }
    let calculate = |body: Value| refused("loan-calculate", body);
    assert_eq!(calculate(json!({"orderNo": order})), "缺少参数：amount");
    let body = json!({"orderNo": [order], "amount": 1000, "period": 1});
    assert_eq!(calculate(body), "参数错误：orderNo");
    let mobile = json!({"mobile": "1380", "sms_code": "123456"});
    assert_eq!(refused("get-access-token", mobile), "参数错误：mobile");
    for call in ["repay-plan", "repay-plan-list", "repay-submit"] {
        assert_eq!(refused(call, json!({"orderNo": order})), "订单尚未放款", "{call}");
    }
}

pub(super) fn applications_and_who_makes_them(store: Store) {
    let bench = people(store);
    let core = bench.core();
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    let apply = |app: &App<'_>, body: Value| app.post("apply", &body).refused().to_owned();
    let who = |name: &str, id_no: &str| json!({"name": name, "idNo": id_no});
    assert_eq!(apply(&app, who(NAME, "110101199001010032")), "身份信息有误：身份证号码有误");
    app.tell(NAME, ID_NO);
    assert_eq!(apply(&app, who("王小红", ID_NO)), "身份信息与已认证的不一致");
    let mut other = App::new(&bench);
    other.log_in(BOB);
    assert_eq!(apply(&other, who(NAME, ID_NO)), "该身份信息已绑定其他账号");
    assert_eq!(apply(&app, json!({"amount": "x"})), "参数错误：amount");
    assert_eq!(apply(&app, json!({"productId": -1})), "参数错误：productId");
    assert_eq!(apply(&app, json!({"productId": 999})), "产品不存在或已下架");
    assert_eq!(apply(&app, json!({"amount": 1050})), "申请金额超出可申请范围");
    assert_eq!(apply(&app, json!({"amount": 50_100})), "申请金额超出可申请范围");
    flag(&core, &Flag::Blacklisted(Line::parse("某因").unwrap()));
    assert_eq!(apply(&app, json!({})), "暂时无法申请，敬请谅解");
    flag(&core, &Flag::NotBlacklisted);
    // Of a line of 50,000, 20,000 are lent.
    let order = app.apply(&json!({"amount": 20_000}));
    fields(&app, &order);
    review(&core, true);
    app.bind(&order);
    app.verify(&order);
    app.calculate(&order, 20_000, 3).done();
    app.submit(&order, 20_000, 3).said(1, "提现申请已提交");
    pay_out(&core);
    app.wait_for(&order, "4101");
    assert_eq!(apply(&app, json!({"amount": 30_100})), "可用额度不足");
    // Nothing to draw on any more.
    let face = json!({"orderNo": order, "image1": photo("jpg", b"face")});
    assert_eq!(app.post("user-verify", &face).refused(), "订单当前不可提现");
    // An account that is closed: no order, and no way in.
    let blocked = |is: bool| {
        let member = member(&core, Channel::Chaojihua, ALICE);
        assert!(write(&core, move |tx| identity::set_blocked(tx, member, is)));
    };
    app.post("get-sms-code", &json!({"mobile": ALICE})).said(1, "获取成功");
    let sent = sms_code(&bench, ALICE, Purpose::LogIn);
    blocked(true);
    let entered = app.post("get-access-token", &json!({"mobile": ALICE, "sms_code": sent}));
    assert_eq!(entered.refused(), "账号已被停用");
    assert_eq!(app.get("order-list").status, 401, "and its token is none");
    core.close();
    bench.verify();
}

pub(super) fn cards_and_faces(store: Store) {
    const BY_CODE: &str = "6217000000000099139";
    const BANK_MOBILE: &str = "13800000009";
    let bench = people(store);
    let mut app = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    let order = app.apply(&json!({}));
    // A card that wants a code gets one sent; with it, another card may be named.
    let by_code = |body: Value| {
        let sent = app.post("bank-card-bind", &card(&order, BY_CODE, BANK_MOBILE));
        sent.said(1, "验证码发送成功");
        let mut body = body;
        body["verifyCode"] = json!(sms_code(&bench, BANK_MOBILE, Purpose::CardBinding));
        app.post("bank-card-bind-captcha", &body).refused().to_owned()
    };
    let with = |name: &str, value: Value| {
        let mut body = card(&order, BY_CODE, BANK_MOBILE);
        body[name] = value;
        by_code(body)
    };
    assert_eq!(with("orderNo", json!("202601021030009876543210")), "订单不存在");
    assert_eq!(with("busiType", json!(3)), "参数错误：busiType");
    assert_eq!(with("cardNo", json!("6217000000000000013")), "银行卡号有误");
    // No bank has cards that begin so; the digit is Luhn's.
    assert_eq!(with("cardNo", json!("1000000000000008")), "不支持该银行卡");
    assert_eq!(with("bankCode", json!("ICBC")), "银行卡与所选银行不一致");
    assert_eq!(with("name", json!("王小红")), "身份信息与已认证的不一致");
    let unknown = card(&order, "1000000000000008", ALICE);
    assert_eq!(app.post("bank-card-bind", &unknown).refused(), "不支持该银行卡");
    // Three mismatches lock a card. The sandbox looks at the four digits before the last one.
    let wrong = card_no(9911);
    let first = with("cardNo", json!(wrong));
    assert!(first.starts_with("绑卡失败："), "{first}");
    let bind = |body: &Value| app.post("bank-card-bind", body).refused().to_owned();
    let body = card(&order, &wrong, BANK_MOBILE);
    for _ in 0..2 {
        assert_eq!(bind(&body), first);
    }
    let locked = "该银行卡验证失败次数过多，请稍后再试";
    assert_eq!(bind(&body), locked);
    assert_eq!(with("cardNo", json!(wrong)), locked);
    bench.verify();
}

/// A loan of 3,000 over three months, to a card that the sandbox knows things about.
#[track_caller]
fn lend<'b>(bench: &'b Bench, core: &Lending, mobile: &str, tail: u32) -> (App<'b>, String) {
    let mut app = App::new(bench);
    app.log_in(mobile);
    let id_no = if mobile == ALICE { ID_NO } else { OTHER_ID };
    app.tell(NAME, id_no);
    let order = app.apply(&json!({"amount": 3000}));
    review(core, true);
    let mut body = card(&order, &card_no(tail), mobile);
    body["idNo"] = json!(id_no);
    app.post("bank-card-bind", &body).said(1, "绑卡成功");
    app.verify(&order);
    app.calculate(&order, 3000, 3).done();
    app.submit(&order, 3000, 3).said(1, "提现申请已提交");
    pay_out(core);
    app.wait_for(&order, "4101");
    (app, order)
}

pub(super) fn repayments(store: Store) {
    let bench = people(store);
    let core = bench.core();
    // A card without money.
    let (app, order) = lend(&bench, &core, ALICE, 9901);
    let repay = |body: Value| app.post("repay-submit", &body).refused().to_owned();
    assert_eq!(repay(json!({"orderNo": order})), "还款失败：余额不足");
    let plan = |body: Value| app.post("repay-plan", &body).refused().to_owned();
    assert_eq!(plan(json!({"orderNo": order, "period": 4})), "期数不存在");
    assert_eq!(plan(json!({"orderNo": order, "period": "x"})), "参数错误：period");
    // Another card pays.
    app.bind(&order);
    let first = json!({"orderNo": order, "payType": 1, "period": 1});
    app.post("repay-submit", &first).said(1, "还款成功");
    assert_eq!(plan(first), "当期已还清");
    let all = json!({"orderNo": order, "payType": 2});
    app.post("repay-submit", &all).said(1, "还款成功");
    assert_eq!(plan(all), "借款已结清");
    // A card that takes its time.
    let (app, order) = lend(&bench, &core, BOB, 9903);
    let all = json!({"orderNo": order, "payType": 2});
    app.post("repay-submit", &all).said(1, "还款处理中");
    assert_eq!(app.post("repay-submit", &all).refused(), "还款处理中，请勿重复提交");
    core.close();
    bench.verify();
}

pub(super) fn what_comes_too_often(store: Store) {
    let mut bench = people(store);
    let mut app = App::new(&bench);
    let mut other = App::new(&bench);
    app.log_in(ALICE);
    app.tell(NAME, ID_NO);
    other.log_in(BOB);
    let order = app.apply(&json!({}));
    let code = |mobile: &str, purpose| {
        app.post("get-sms-code", &json!({ "mobile": mobile })).said(1, "获取成功");
        sms_code(&bench, mobile, purpose)
    };
    let new = ["13800000011", "13800000012"].map(|mobile| (mobile, code(mobile, Purpose::LogIn)));
    app.post("bank-card-bind", &card(&order, "6217000000000099139", "13800000009"))
        .said(1, "验证码发送成功");
    let card_code = sms_code(&bench, "13800000009", Purpose::CardBinding);
    let (first, second) = (app.token, other.token);
    let limits =
        [PRODUCTION.as_slice(), &[("JIEHUAN_LIMITS_REGISTRATIONS_PER_ADDRESS_PER_HOUR", "1")]];
    bench.restart_with(&limits.concat());
    let [app, other] = [first, second].map(|token| App { token, ..App::new(&bench) });
    // Nobody checks anything here; five tries a day are counted all the same.
    let five_times = |app: &App<'_>, call: &str, body: &Value| {
        let tried: Vec<_> = (0..6).map(|_| app.post(call, body).refused().to_owned()).collect();
        let busy = "系统繁忙，请稍后再试";
        assert_eq!(tried, [busy, busy, busy, busy, busy, TOO_OFTEN], "{call}");
    };
    five_times(&other, "user-info", &json!({"verifiedIdName": NAME, "verifiedIdNo": OTHER_ID}));
    let asked = other.post("apply", &json!({"name": NAME, "idNo": OTHER_ID}));
    assert_eq!(asked.refused(), TOO_OFTEN);
    let face = json!({"orderNo": order, "image1": photo("jpg", b"face")});
    five_times(&app, "user-verify", &face);
    let mut body = card(&order, CARD, "13800000009");
    five_times(&app, "bank-card-bind", &body);
    body["verifyCode"] = json!(card_code);
    assert_eq!(app.post("bank-card-bind-captcha", &body).refused(), TOO_OFTEN);
    let enter = |(mobile, code): &(&str, String)| {
        let body = json!({"mobile": mobile, "sms_code": code});
        app.post("get-access-token", &body).json["message"].as_str().unwrap().to_owned()
    };
    let told: Vec<_> = new.iter().map(enter).collect();
    assert_eq!(told[1], TOO_OFTEN, "{told:?}");
    let codes = (0..2).map(|_| app.post("get-sms-code", &json!({"mobile": "13800000013"})));
    let codes: Vec<_> = codes.map(|answer| answer.json["message"].clone()).collect();
    assert_eq!(codes, ["获取成功", "获取验证码过于频繁，请稍后再试"]);
    bench.verify();
}
