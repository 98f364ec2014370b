//! The payment provider's pages, as a browser and the provider use them: the sandbox over HTTP.

use kernel::{Channel, Mobile, Money};
use lending::audit::Actor;
use lending::credit::{self, CouponKind, Issue};
use lending::{Fault, identity};
use serde_json::{Value, json};

use super::App;
use super::borrowing::{review, wait_for};
use crate::bench::{Bench, Store, pause};
use crate::lender::{free_port, write};
use crate::people::{CARD, ID_NO};

const ALICE: &str = "13800000001";

/// A browser: it posts forms, and follows nothing by itself.
pub(crate) struct Browser {
    agent: ureq::Agent,
    pages: String,
}

pub(crate) struct Seen {
    status: u16,
    location: String,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(sandbox: u16) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None);
        let pages = format!("http://127.0.0.1:{sandbox}/sandbox/lianlian-pages");
        Self { agent: config.build().into(), pages }
    }

    fn post(&self, page: &str, fields: &[(&str, &str)]) -> Seen {
        let url = format!("{}/{page}", self.pages);
        seen(self.agent.post(url).send_form(fields.iter().copied()).unwrap())
    }

    pub(crate) fn get(&self, url: &str) -> Seen {
        seen(self.agent.get(url).call().unwrap())
    }

    /// Opens a page with what the channel gave, and decides there; where the browser goes then.
    #[track_caller]
    pub(crate) fn decide(&self, page: &str, req_data: &str, deed: &str) -> String {
        let shown = self.post(page, &[("req_data", req_data)]);
        let (_, rest) = shown.body.split_once("name=\"token\" value=\"").expect(&shown.body);
        let (token, _) = rest.split_once('"').unwrap();
        let decided =
            self.post("done.htm", &[("token", token), ("code", "123456"), ("deed", deed)]);
        assert_eq!(decided.status, 303, "{}", decided.body);
        decided.location
    }
}

fn seen(mut answer: ureq::http::Response<ureq::Body>) -> Seen {
    let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
    Seen {
        status: answer.status().as_u16(),
        location: location.unwrap_or_default(),
        body: answer.body_mut().read_to_string().unwrap(),
    }
}

#[track_caller]
pub(super) fn check(store: Store) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let bench = Bench::start_with(
        store,
        &[
            ("JIEHUAN_PROVIDERS_MODE", "http"),
            ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &listen),
            ("JIEHUAN_WUKONG_APP_URL", "http://127.0.0.1:9/app?from=\"llpay\""),
        ],
    );
    let browser = Browser::new(port);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    signs(&mut app, &browser);
    let id = borrows(&bench, &app);
    repays(&bench, &app, &browser, id);
    bench.verify();
}

/// 银行卡认证: the sample's fields, the page, and back.
#[track_caller]
fn signs(app: &mut App<'_>, browser: &Browser) {
    let sign = |card: &str| app.get(&format!("/llpay-sign?id_type=0&card_no={card}"));
    assert_eq!(sign(CARD).refused(), "请先完成身份认证");
    app.prove("李小明", ID_NO);
    assert_eq!(sign("").refused(), "参数错误");
    let passport = app.get(&format!("/llpay-sign?id_type=1&card_no={CARD}"));
    assert_eq!(passport.refused(), "参数错误");
    assert_eq!(sign("6217000000000000011").refused(), "银行卡号有误或不支持该银行卡");
    assert_eq!(*app.get(&format!("/llpay-cardbin?card_no={CARD}")).done(""), Value::Null);
    let data = sign(CARD).one()["req_data"].clone();
    for name in [
        "acct_name",
        "card_no",
        "id_no",
        "id_type",
        "oid_partner",
        "pay_type",
        "risk_item",
        "sign_type",
        "url_return",
        "user_id",
        "version",
        "sign",
    ] {
        assert!(data[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {data}");
    }
    assert_eq!((&data["app_request"], &data["card_no"]), (&json!(3), &json!(CARD)));
    let risk: Value = serde_json::from_str(data["risk_item"].as_str().unwrap()).unwrap();
    assert_eq!(risk["user_info_bind_phone"], ALICE);
    let back = data["url_return"].as_str().unwrap();
    assert!(back.ends_with("/wukong/llpay-sign-return"), "{back}");
    // Cancelled, and made up.
    let cancelled = browser.get(&browser.decide("signApply.htm", &data.to_string(), "cancel"));
    assert!(cancelled.body.contains("银行卡未签约") && cancelled.body.contains("failure"));
    let forged = browser.get(&format!("{back}?status=0000&result=%7B%7D"));
    assert!(forged.body.contains("银行卡未签约"), "{}", forged.body);
    assert_eq!(*app.get("/auth-bankcard-get").done(""), json!([]));
    let to = browser.decide("signApply.htm", &data.to_string(), "agree");
    assert!(to.starts_with(&format!("{back}?status=0000&result=")), "{to}");
    for _ in 0..2 {
        let signed = browser.get(&to);
        assert!(signed.body.contains("银行卡签约成功"), "{}", signed.body);
        let link = "http://127.0.0.1:9/app?from=&quot;llpay&quot;&amp;llpay=success";
        assert!(signed.body.contains(link), "{}", signed.body);
    }
    let cards = app.get("/auth-bankcard-get").done("").clone();
    assert_eq!(cards[0]["bank_no"], "6217********0012");
    assert_eq!((&cards[0]["is_default"], cards.as_array().unwrap().len()), (&json!(1), 1));
    assert_eq!(sign(CARD).refused(), "该银行卡已经认证");
    prove_phone(app);
}

/// The phone by an operator's task, whose input a customer gives.
#[track_caller]
pub(crate) fn prove_phone(app: &App<'_>) {
    let begun = app.post("/lm-mobile", "servicecode=314159");
    assert_eq!(begun.said(), ("SUCCESS", "0006"));
    let token = begun.0["results"][0]["token"].as_str().unwrap().to_owned();
    let given = app.post("/lm-mobile-input", &format!("token={token}&smscode=271828"));
    assert_eq!(given.said(), ("SUCCESS", "0009"));
    for _ in 0..100 {
        let task = app.post("/lm-mobile-continue", &format!("token={token}"));
        if task.said() == ("SUCCESS", "认证成功") {
            return;
        }
        pause(100);
    }
    panic!("the phone was not proven: {}", app.bench.log());
}

/// 1000 for 14 days: 1006.17 on the day that it is due.
#[track_caller]
fn borrows(bench: &Bench, app: &App<'_>) -> i64 {
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let id: i64 = wait_for(app, "auditing")["id"].as_str().unwrap().parse().unwrap();
    let core = bench.core();
    review(&core, 1, id, true);
    review(&core, 2, id, true);
    let application = kernel::id::ApplicationId::from_number(id);
    let unpaid = app.post("/llpay-auth-pay", &format!("loan_id={id}"));
    assert_eq!(unpaid.refused(), "借款记录不存在");
    write(&core, move |tx| lending::servicing::request_payout(tx, Actor::Platform, application));
    wait_for(app, "repaying");
    write(&core, |tx| {
        let mobile = Mobile::parse(ALICE).unwrap();
        let member = identity::find(tx, Channel::Wukong, &mobile)?.unwrap();
        let issue = Issue {
            actor: Actor::Platform,
            member,
            kind: CouponKind::Deduction,
            amount: Money::from_yuan(10).unwrap(),
            min_repayment: Money::from_yuan(400).unwrap(),
            min_withdrawal: Money::ZERO,
            last_day: tx.at().business.date().plus_days(60).unwrap(),
        };
        credit::issue(tx, &issue).map_err(|error| Fault::Engine(error.to_string()))
    });
    core.close();
    id
}

/// 用户主动还款: six days late, with a coupon of 10 yuan; 1006.17 + 1.80 - 10.
#[track_caller]
fn repays(bench: &Bench, app: &App<'_>, browser: &Browser, id: i64) {
    bench.cli_ok(&["clock", "advance", "20d"]);
    wait_for(app, "overdue");
    let pay = |form: &str| app.post("/llpay-auth-pay", form);
    assert_eq!(pay("").refused(), "参数错误");
    assert_eq!(pay("loan_id=x").refused(), "参数错误");
    assert_eq!(pay(&format!("loan_id={}", id + 1)).refused(), "借款记录不存在");
    assert_eq!(pay(&format!("loan_id={id}&coupon_id=2")).refused(), "代金券不存在");
    let mut other = App::new(bench);
    other.sign_up("13800000002", "secret99");
    let foreign = other.post("/llpay-auth-pay", &format!("loan_id={id}"));
    assert_eq!(foreign.refused(), "借款记录不存在");
    let form = format!("loan_id={id}&coupon_id=1");
    let text = pay(&form).one()["req_data"].as_str().unwrap().to_owned();
    let data: Value = serde_json::from_str(&text).unwrap();
    for name in [
        "acct_name",
        "app_request",
        "busi_partner",
        "dt_order",
        "id_no",
        "id_type",
        "info_order",
        "money_order",
        "name_goods",
        "no_order",
        "notify_url",
        "oid_partner",
        "risk_item",
        "sign_type",
        "url_return",
        "user_id",
        "version",
        "sign",
    ] {
        assert!(data[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {data}");
    }
    assert_eq!(data["money_order"], "997.97");
    assert!(data["notify_url"].as_str().unwrap().ends_with("/wukong/llpay-auth-pay-notify"));
    // Begun again it is the same order.
    let again = pay(&form).one()["req_data"].as_str().unwrap().to_owned();
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["no_order"], data["no_order"]);
    let cancelled = browser.get(&browser.decide("authpay.htm", &text, "cancel"));
    assert!(cancelled.body.contains("付款未完成"), "{}", cancelled.body);
    // News that nobody has signed books nothing.
    let news = json!({"oid_partner": data["oid_partner"], "sign_type": "RSA", "sign": "AAAA",
        "no_order": data["no_order"], "money_order": "997.97", "result_pay": "SUCCESS"});
    let json = [("content-type", "application/json")];
    let path = "/wukong/llpay-auth-pay-notify";
    let refused = bench.request("POST", path, &json, news.to_string().as_bytes());
    assert_eq!(refused.json()["ret_code"], "9999");
    assert_eq!(app.get("/home").one()["state"], "overdue");
    let paid = browser.get(&browser.decide("authpay.htm", &text, "agree"));
    assert!(paid.body.contains("付款已提交"), "{}", paid.body);
    let page = wait_for(app, "");
    assert_eq!((&page["quota"], &page["success_count"]), (&json!("2000"), &json!("1")));
    let coupon = app.get("/cash-coupon-get").done("")[0].clone();
    assert_eq!((&coupon["state"], &coupon["coupon_amount"]), (&json!(1), &json!(10)));
    assert_eq!(pay(&form).refused(), "借款已还清");
    // The document's record shows all that was repaid, whoever paid it.
    assert_eq!(app.get("/repayments-record").done("")[0]["quota"], json!(1007.97));
}

#[test]
fn cards_are_signed_and_loans_repaid_on_pages_on_sqlite() {
    check(Store::Sqlite);
}

#[test]
fn cards_are_signed_and_loans_repaid_on_pages_on_postgres() {
    check(Store::Postgres);
}

#[test]
pub(super) fn without_pages_the_calls_say_so() {
    let bench = Bench::start(Store::Sqlite);
    let mut app = App::new(&bench);
    app.sign_up(ALICE, "secret99");
    let signed = app.get(&format!("/llpay-sign?card_no={CARD}"));
    assert_eq!(signed.refused(), "服务暂未开放");
    assert_eq!(app.post("/llpay-auth-pay", "loan_id=1").refused(), "服务暂未开放");
    let news = bench.request("POST", "/wukong/llpay-auth-pay-notify", &[], b"{}");
    assert_eq!(news.status, 404);
}
