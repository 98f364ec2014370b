//! One person on three channels: what they owe in 现金贷 and in 悟空 counts in 超即花, and nobody
//! else's does. Customers and the lender's people speak HTTP, and nothing else is done.

use serde_json::{Value, json};

use crate::bench::Store;
use crate::lender::{eventually, free_port};
use crate::office::Office;
use crate::operators::on_both;
use crate::people::card_no;
use crate::wukong::pages::Browser;
use crate::xianjindai::borrower::{self, BY_DAYS, id_no, mobile};
use crate::{chaojihua, wukong, xianjindai};

on_both! {
    debts_elsewhere_limit_what_is_lent
}

/// The name of everybody that the helpers of 现金贷 make.
const NAME: &str = "周小舟";

/// What 超即花 may lend with all that the person owes anywhere: 10,000 beside either debt, of 5,000
/// and of 1,000, but not beside both.
const MOST: &str = "15999.99";

fn debts_elsewhere_limit_what_is_lent(store: Store) {
    let port = free_port();
    let listen = format!("127.0.0.1:{port}");
    let settings = [
        ("JIEHUAN_PROVIDERS_MODE", "http"),
        ("JIEHUAN_PROVIDERS_SANDBOX_LISTEN", &*listen),
        ("JIEHUAN_CHAOJIHUA_FUNDING", "off"),
    ];
    let office = Office::open(store, &settings, &Value::Null);
    let rule = json!({"channel": "chaojihua", "code": "EXPOSURE", "outcome": "refuse",
        "test": {"kind": "exposure", "amount": MOST}, "enabled": true});
    office.post("risk", "/rules", &rule, 200);

    // Debts in 现金贷 alone: 5,000 and 10,000 are within the limit.
    in_xianjindai(&office, 1);
    let first = apply(&office, 1, 10_000);
    assert_eq!(first.orders(), ["200"]);
    office.review(first.newest(), false);
    assert_eq!(first.orders(), ["400"], "by a person");
    // And in 悟空: 16,000 is not, whoever looks.
    in_wukong(&office, 1, port);
    let refused = json!({"code": 1, "orderStatus": "400"});
    assert_eq!(first.ask(10_000), refused);
    assert_eq!(first.orders(), ["400", "400"]);
    let why = office.get("senior", &format!("/applications/{}", first.newest()));
    let reasons = why.to_string();
    assert!(reasons.contains("全渠道授信余额 16000.00 元"), "{why}");
    // Less is lent to them, as much as the rule leaves.
    assert_eq!(first.ask(9_900), json!({"code": 1, "orderStatus": "200"}));
    office.review(first.newest(), true);
    assert_eq!(first.orders(), ["300", "400", "400"]);

    // Somebody else with the same figures and no debts.
    let second = apply(&office, 2, 10_000);
    assert_eq!(second.orders(), ["200"]);
    office.review(second.newest(), true);
    assert_eq!(second.orders(), ["300"]);
    office.bench.verify();
}

impl Office {
    /// A senior reviewer decides.
    #[track_caller]
    fn review(&self, application: i64, yes: bool) {
        let path = format!("/applications/{application}/review");
        let no = json!({"verdict": "refuse", "reason": "资料不符"});
        let verdict = if yes { json!({"verdict": "approve"}) } else { no };
        self.post("senior", &path, &verdict, 200);
    }

    /// The newest application, whatever its channel.
    #[track_caller]
    fn newest_application(&self, state: &str) -> i64 {
        let list = self.get("senior", &format!("/applications?state={state}"));
        let ids = list["items"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap());
        ids.max().unwrap_or_else(|| panic!("{list}"))
    }

    #[track_caller]
    fn pay_out(&self, application: i64) {
        self.post("cashier", &format!("/applications/{application}/payout"), &json!({}), 201);
    }
}

/// 5,000 yuan for a week.
#[track_caller]
fn in_xianjindai(office: &Office, n: u32) {
    let app = xianjindai::App::new(&office.bench);
    app.borrower(n);
    let asked = borrower::by_days(&app.product(BY_DAYS), "5000.00", 7);
    let asked = borrower::application(&asked);
    assert_eq!(app.done("/appCommonApi/loanProductApply", asked), "20005000");
    let application = office.newest_application("reviewing");
    office.review(application, true);
    office.pay_out(application);
    let is_paid_out = || app.applications()[0]["applyStatus"] == "4";
    assert!(eventually(is_paid_out), "{:?}", app.applications());
}

/// 1,000 yuan for two weeks.
#[track_caller]
fn in_wukong(office: &Office, n: u32, port: u16) {
    let mut app = wukong::App::new(&office.bench);
    app.sign_up(&mobile(n), "secret99");
    app.prove(NAME, &id_no(n));
    let signing = app.get(&format!("/llpay-sign?card_no={}", card_no(n)));
    let data = signing.one()["req_data"].to_string();
    let browser = Browser::new(port);
    let back = browser.get(&browser.decide("signApply.htm", &data, "agree"));
    assert!(back.body.contains("银行卡签约成功"), "{}", back.body);
    wukong::pages::prove_phone(&app);
    app.post("/loan-submit", "amount=1000&period=14").done("提交成功");
    let page = wukong::borrowing::wait_for(&app, "auditing");
    let application: i64 = page["id"].as_str().unwrap().parse().unwrap();
    let path = format!("/applications/{application}/review");
    office.post("reviewer", &path, &json!({"verdict": "approve"}), 200);
    office.review(application, true);
    office.pay_out(application);
    wukong::borrowing::wait_for(&app, "repaying");
}

/// A customer of 超即花.
struct Applicant<'o> {
    office: &'o Office,
    app: chaojihua::App<'o>,
}

#[track_caller]
fn apply(office: &Office, n: u32, amount: i64) -> Applicant<'_> {
    let mut app = chaojihua::App::new(&office.bench);
    app.log_in(&mobile(n));
    app.tell(NAME, &id_no(n));
    let applicant = Applicant { office, app };
    assert_eq!(applicant.ask(amount), json!({"code": 1, "orderStatus": "200"}));
    applicant
}

impl Applicant<'_> {
    /// Asks for a limit; whether it was taken in, and as what.
    #[track_caller]
    fn ask(&self, amount: i64) -> Value {
        let answer = self.app.post("apply", &json!({ "amount": amount })).json;
        json!({"code": answer["code"], "orderStatus": answer["info"]["orderStatus"]})
    }

    /// The statuses of all orders, the newest first.
    #[track_caller]
    fn orders(&self) -> Vec<Value> {
        let list = self.app.get("order-list?type=0").done().clone();
        list.as_array().unwrap().iter().map(|row| row["order_status"].clone()).collect()
    }

    #[track_caller]
    fn newest(&self) -> i64 {
        let list = self.app.get("order-list?type=0").done().clone();
        let id = list[0]["id"].as_str().unwrap().parse().unwrap();
        let one = self.office.get("senior", &format!("/applications/{id}"));
        assert_eq!(one["application"]["id"], json!(id));
        id
    }
}
