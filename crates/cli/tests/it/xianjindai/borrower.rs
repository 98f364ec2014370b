//! Somebody who borrows by the app, and the lender's people behind the door.

use kernel::Channel;
use kernel::id::OperatorId;
use lending::audit::Actor;
use lending::catalog::{self, SaveProduct, Version};
use lending::origination::{self, Approved, Review, State, Verdict};
use lending::{Fault, Route, Tx};
use serde_json::{Value, json};

use super::App;
use crate::bench::{Bench, pause};
use crate::lender::{self, first};
use crate::people::{card_no, id_no_of};

pub(crate) const PASSWORD: &str = "secret99";
/// A product that comes with the channel: 500.00 to 5000.00, days, 18 %.
pub(crate) const BY_DAYS: &str = "周转金";

pub(crate) fn mobile(n: u32) -> String {
    format!("138{n:08}")
}

pub(crate) fn id_no(n: u32) -> String {
    id_no_of(1990, n)
}

pub(crate) fn profile() -> Value {
    json!({
        "education": "5", "maritalStatus": "1", "registry_province": "110000",
        "registry_city": "110100", "registry_detail": "某街道 1 号",
        "house_address_province": "110000", "house_address_city": "110100",
        "house_address_county": "110101", "house_address_detail": "某街道 2 号",
        "residenceLength": "05", "industryType": "5", "work_address_province": "110000",
        "work_address_city": "110100", "work_address_county": "110101",
        "work_address_detail": "某街道 3 号", "workingHours": "04", "currentWorkInfo": "某公司",
        "currentPosition": "职员", "monthIncome": "12000", "payrollDay": "10"
    })
}

pub(crate) fn contact(phone: &str) -> Value {
    json!({"operType": "add", "relType": "6", "realName": "周大舟", "phoneNum": phone})
}

impl App<'_> {
    /// Code and text of a call's answer.
    #[track_caller]
    pub(crate) fn told(&self, path: &str, body: Value) -> String {
        let answer = self.call(path, body);
        let (_, code, message) = answer.outcome();
        format!("{code} {message}")
    }

    /// What stands under `resultSet` of a call that succeeds with 0000.
    #[track_caller]
    pub(crate) fn done(&self, path: &str, body: Value) -> Value {
        let answer = self.call(path, body);
        let (flag, code, _) = answer.outcome();
        assert_eq!((flag, code), ("0000", "0000"), "{path}: {}", answer.json);
        answer.json["resultSet"].clone()
    }

    /// Registers customer `n` and logs in.
    #[track_caller]
    pub(crate) fn customer(&self, n: u32) {
        self.register(&mobile(n), PASSWORD);
        self.log_in(&mobile(n), PASSWORD);
    }

    /// Customer `n`, with everything proven that a loan needs.
    #[track_caller]
    pub(crate) fn borrower(&self, n: u32) {
        self.borrower_with(n, &id_no(n), &card_no(n));
    }

    #[track_caller]
    pub(crate) fn borrower_with(&self, n: u32, id_no: &str, card: &str) {
        self.customer(n);
        let name = json!({"realName": "周小舟", "idCardNo": id_no});
        self.done("/appCommonApi/authRealNameInfo", name);
        let card = json!({"bankCardNo": card, "mobile": mobile(n)});
        self.done("/appCommonApi/authUserBankCard", card);
        self.done("/appCommonApi/authUserMobile", json!({}));
        self.done("/appCommonApi/savePerfectUserInfo", profile());
        for phone in ["13900000001", "13900000002"] {
            self.done("/appCommonApi/saveOrUpdateRelShip", contact(phone));
        }
    }

    /// The id of the product with this name.
    #[track_caller]
    pub(crate) fn product(&self, name: &str) -> String {
        let products = self.done("/openCommonApi/getLoanProductList", json!({}));
        let mut products = products.as_array().unwrap().iter();
        let found = products.find(|product| product["name"] == name);
        found.unwrap_or_else(|| panic!("no product {name}"))["id"].as_str().unwrap().to_owned()
    }

    /// Borrows by days: application, review, payout. The application's id.
    #[track_caller]
    pub(crate) fn borrow(&self, amount: &str, days: u32) -> String {
        let asked = application(&by_days(&self.product(BY_DAYS), amount, days));
        assert_eq!(self.done("/appCommonApi/loanProductApply", asked), "20005000");
        approve(self.bench);
        pay_out(self.bench);
        for _ in 0..400 {
            let newest = self.applications()[0].clone();
            if newest["applyStatus"] == "4" {
                return newest["id"].as_str().unwrap().to_owned();
            }
            pause(25);
        }
        panic!("not paid out: {:?}", self.applications());
    }

    /// §28.
    #[track_caller]
    pub(crate) fn applications(&self) -> Vec<Value> {
        let page = self.done("/appCommonApi/getLoanApplyInfoList", json!({}));
        page.as_array().unwrap().clone()
    }

    /// §26.
    #[track_caller]
    pub(crate) fn due(&self, condition: &str) -> Vec<Value> {
        let asked = json!({"pageNum": 1, "pageSize": 100, "condition": condition});
        let page = self.done("/appCommonApi/getRepayInfoList", asked);
        page.as_array().unwrap().clone()
    }

    /// §36.
    #[track_caller]
    pub(crate) fn repay(&self, row: &Value, how: &str) -> String {
        self.told("/appCommonApi/gotoRepayment", json!({"id": row, "repayType": how}))
    }
}

/// What §22 asks for: a loan for so many days at 18 %.
pub(crate) fn by_days(product: &str, amount: &str, days: u32) -> Value {
    json!({
        "productId": product, "amount": amount, "termCount": days.to_string(), "termUnit": "01",
        "repayTermCount": "1", "repayTermUnit": "01", "repayType": "01", "interestRate": "0.18"
    })
}

/// What §23 asks for beside it.
pub(crate) fn application(offer: &Value) -> Value {
    let mut asked = offer.clone();
    let more = json!({
        "longitude": "12306.11", "latitude": "12579.66", "orderId": "202611250001",
        "purpose": "21", "otherChannels": "01",
        "phonebookList": [{"contactName": "周大舟", "contactPhone": "13900000001", "remark": ""}]
    });
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    asked
}

/// Something that the lender's people do, in the core beside the running server.
#[track_caller]
pub(crate) fn inside<T: Send + 'static>(
    bench: &Bench,
    mut work: impl FnMut(&mut Tx<'_, '_>) -> T + Send + 'static,
) -> T {
    let core = bench.core();
    let done = core.write_and_wait(Route::home(0), move |tx| Ok::<_, Fault>(work(tx)));
    core.close();
    done.unwrap()
}

/// A reviewer approves what waits, as it was asked for.
#[track_caller]
pub(crate) fn approve(bench: &Bench) {
    inside(bench, |tx| {
        let waiting = origination::applications_in(tx, State::Reviewing, first()).unwrap();
        assert!(!waiting.is_empty(), "something waits for review");
        for application in waiting {
            let (amount, tenor) = (application.request.amount, application.request.tenor);
            let verdict = Verdict::Approve(Approved { amount, tenor });
            let operator = OperatorId::from_number(1);
            let note = "资料齐全".to_owned();
            let review = Review { operator, application: application.id, verdict, note };
            origination::review(tx, &review).unwrap();
        }
    });
}

/// A cashier orders the payout of what is approved.
#[track_caller]
pub(crate) fn pay_out(bench: &Bench) {
    let core = bench.core();
    lender::pay_out(&core);
    core.close();
}

/// Puts a product on sale that may be above the legal lines, as the document's examples are.
#[track_caller]
pub(crate) fn sell(bench: &Bench, name: &'static str, change: fn(&mut Version)) {
    inside(bench, move |tx| {
        let mut seeds = catalog::seeds(Channel::Xianjindai).into_iter();
        let mut version = seeds.find(|seed| seed.code == "DAYS-RANGE").unwrap().version;
        name.clone_into(&mut version.name);
        change(&mut version);
        let (actor, channel) = (Actor::Platform, Channel::Xianjindai);
        let command = SaveProduct { actor, channel, code: "EXAMPLE".to_owned(), version };
        catalog::save_beyond_lines(tx, &command).unwrap();
    });
}
