//! The channel chaojihua over the wire: the real binary, on both stores.

mod borrowing;
mod funding;
mod limits;
mod office;
mod repaying;
mod way_in;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::id::{ApplicationId, OperatorId};
use kernel::{Channel, Mobile};
use lending::audit::Actor;
use lending::customers::codes::{self, Purpose};
use lending::origination::{self, Approved, Review, State, Verdict};
use lending::{Fault, Lending, Page, Route, Tx, servicing};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Store, pause};

/// Invented; the check digit is GB 11643's.
pub(crate) const ID_NO: &str = "11010119900101004X";
pub(crate) const NAME: &str = "李小明";
pub(crate) const ALICE: &str = "13800000001";
/// Invented; the last digit is Luhn's.
pub(crate) const CARD: &str = "6217000000000000012";

/// A server whose orders people decide and the cashier pays out: these tests act for them. What the
/// funding partner does in their place is in [`funding`].
pub(crate) fn people(store: Store) -> Bench {
    Bench::start_with(store, &[("JIEHUAN_CHAOJIHUA_FUNDING", "off")])
}

/// What an app has: a server, and a token once it is logged in.
pub(crate) struct App<'b> {
    pub(crate) bench: &'b Bench,
    pub(crate) token: String,
    /// Whose cards are bound.
    pub(crate) id_no: String,
}

/// An answer's envelope.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Envelope {
    #[track_caller]
    fn opened(answer: &Answer) -> Self {
        assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
        let json = answer.json();
        let keys: Vec<_> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "info", "message"]);
        Self { status: answer.status, json }
    }

    /// The text of a refusal, which shows nothing.
    #[track_caller]
    pub(crate) fn refused(&self) -> &str {
        assert_eq!((self.status, &self.json["code"]), (200, &json!(0)), "{:?}", self.json);
        assert_eq!(self.json["info"], "");
        self.json["message"].as_str().unwrap()
    }

    /// What a success with this code and text shows.
    #[track_caller]
    pub(crate) fn said(&self, code: u8, text: &str) -> &Value {
        let said = (self.status, &self.json["code"], &self.json["message"]);
        assert_eq!(said, (200, &json!(code), &json!(text)), "{:?}", self.json);
        &self.json["info"]
    }

    #[track_caller]
    pub(crate) fn done(&self) -> &Value {
        self.said(1, "Success")
    }
}

impl<'b> App<'b> {
    pub(crate) fn new(bench: &'b Bench) -> Self {
        Self { bench, token: String::new(), id_no: ID_NO.to_owned() }
    }

    #[track_caller]
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Envelope {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("content-type", "application/json")];
        if !self.token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        Envelope::opened(&self.bench.request(method, path, &headers, body.as_bytes()))
    }

    #[track_caller]
    pub(crate) fn get(&self, call: &str) -> Envelope {
        self.send("GET", &format!("/chaojihua/cjh-open-api/{call}"), "")
    }

    #[track_caller]
    pub(crate) fn post(&self, call: &str, body: &Value) -> Envelope {
        self.post_text(call, &body.to_string())
    }

    #[track_caller]
    pub(crate) fn post_text(&self, call: &str, body: &str) -> Envelope {
        self.send("POST", &format!("/chaojihua/cjh-open-api/{call}"), body)
    }

    /// Logs in by a code, and keeps the token.
    #[track_caller]
    pub(crate) fn log_in(&mut self, mobile: &str) {
        assert_eq!(
            *self.post("get-sms-code", &json!({ "mobile": mobile })).said(1, "获取成功"),
            ""
        );
        let code = sms_code(self.bench, mobile, Purpose::LogIn);
        let entered = self.post("get-access-token", &json!({"mobile": mobile, "sms_code": code}));
        entered.done()["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Tells who one is.
    #[track_caller]
    pub(crate) fn tell(&self, name: &str, id_no: &str) {
        let told = self.post("user-info", &json!({"verifiedIdName": name, "verifiedIdNo": id_no}));
        assert_eq!(*told.said(1, "保存成功"), "");
    }

    /// Applies for a limit; the order's number.
    #[track_caller]
    pub(crate) fn apply(&self, body: &Value) -> String {
        let applied = self.post("apply", body);
        applied.said(1, "申请已提交")["orderNo"].as_str().unwrap().to_owned()
    }

    /// One order, as the list shows it.
    #[track_caller]
    pub(crate) fn order(&self, order: &str) -> Value {
        let list = self.get("order-list?type=0");
        let list = list.done().as_array().unwrap();
        list.iter().find(|row| row["no"] == order).unwrap_or_else(|| panic!("{list:?}")).clone()
    }

    /// Looks at an order until it has a status.
    #[track_caller]
    pub(crate) fn wait_for(&self, order: &str, status: &str) -> Value {
        for _ in 0..200 {
            let shown = self.order(order);
            if shown["order_status"] == status {
                return shown;
            }
            pause(50);
        }
        panic!("{status} did not come: {:?}", self.order(order));
    }

    #[track_caller]
    pub(crate) fn bind(&self, order: &str) {
        let mut card = card(order, CARD, ALICE);
        card["idNo"] = json!(self.id_no);
        let bound = self.post("bank-card-bind", &card);
        assert_eq!(*bound.said(1, "绑卡成功"), json!({"status": "3001"}));
    }

    /// A photograph that shows the customer.
    #[track_caller]
    pub(crate) fn verify(&self, order: &str) {
        let body = json!({"orderNo": order, "image1": photo("jpg", b"face")});
        assert_eq!(*self.post("user-verify", &body).said(0, "提交成功"), "");
    }

    #[track_caller]
    pub(crate) fn calculate(&self, order: &str, amount: i64, period: i64) -> Envelope {
        self.post("loan-calculate", &json!({"amount": amount, "period": period, "orderNo": order}))
    }

    #[track_caller]
    pub(crate) fn submit(&self, order: &str, amount: i64, period: i64) -> Envelope {
        self.post("loan-submit", &json!({"orderNo": order, "loanAmt": amount, "period": period}))
    }

    /// An approved order whose owner has a card and has shown their face.
    #[track_caller]
    pub(crate) fn ready(&self, core: &Lending) -> String {
        let order = self.apply(&json!({}));
        review(core, true);
        self.bind(&order);
        self.verify(&order);
        order
    }

    /// A loan that was paid out today.
    #[track_caller]
    pub(crate) fn borrow(&self, core: &Lending, amount: i64, period: i64) -> String {
        let order = self.ready(core);
        self.calculate(&order, amount, period).done();
        self.submit(&order, amount, period).said(1, "提现申请已提交");
        pay_out(core);
        self.wait_for(&order, "4101");
        order
    }
}

/// What binds a card.
pub(crate) fn card(order: &str, number: &str, mobile: &str) -> Value {
    json!({"orderNo": order, "idNo": ID_NO, "name": NAME, "cardNo": number, "bankCode": "CCB",
        "bankName": "建设银行", "reserveMobile": mobile})
}

/// The head of a JPEG of 4 by 3 dots behind a comment, as a data URL.
pub(crate) fn photo(kind: &str, comment: &[u8]) -> String {
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    let frame = b"\xff\xc0\x00\x0b\x08\x00\x03\x00\x04\x01\x01\x11\x00\xff\xd9";
    let jpeg = [b"\xff\xd8\xff\xfe".as_slice(), &length, comment, frame].concat();
    format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(jpeg))
}

#[track_caller]
pub(crate) fn write<T: Send + 'static, E: From<Fault> + std::fmt::Debug + Send + 'static>(
    core: &Lending,
    work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
) -> T {
    core.write_and_wait(Route::home(0), work).unwrap()
}

pub(crate) fn first() -> Page {
    Page::new(1, 100).unwrap()
}

fn waiting(core: &Lending, state: State) -> Vec<ApplicationId> {
    let all = write(core, move |tx| origination::applications_in(tx, state, first()));
    all.iter().map(|application| application.id).collect()
}

/// A reviewer looks at everything that waits.
#[track_caller]
pub(crate) fn review(core: &Lending, yes: bool) {
    for application in waiting(core, State::Reviewing) {
        write(core, move |tx| {
            let offer = origination::application(tx, application)?.unwrap().offer();
            let approved = Approved { amount: offer.amount, tenor: offer.tenor };
            let verdict =
                if yes { Verdict::Approve(approved) } else { Verdict::Refuse("不符".into()) };
            let (operator, note) = (OperatorId::from_number(1), "looked at".to_owned());
            origination::review(tx, &Review { operator, application, verdict, note })
        });
    }
}

/// A cashier pays out everything that is drawn.
#[track_caller]
pub(crate) fn pay_out(core: &Lending) {
    for application in waiting(core, State::Approved) {
        write(core, move |tx| servicing::request_payout(tx, Actor::Platform, application));
    }
}

/// The newest SMS code to a number; benches can look at it.
#[track_caller]
pub(crate) fn sms_code(bench: &Bench, mobile: &str, purpose: Purpose) -> String {
    let (core, mobile) = (bench.core(), Mobile::parse(mobile).unwrap());
    let newest =
        core.read_and_wait(move |tx| codes::last_code(tx, Channel::Chaojihua, &mobile, purpose));
    core.close();
    newest.unwrap().expect("a code was sent").expose().to_owned()
}
