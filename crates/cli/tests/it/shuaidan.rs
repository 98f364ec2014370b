//! The channel shuaidan over the wire: the real binary, on both stores.

mod accounts;
mod exchange;
mod handing;
mod refusals;
mod requests;
mod samples;
mod texts;

use serde_json::{Value, json};

use crate::bench::{Answer, Bench};
use crate::office::id_no;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// What every call of the document carries.
const MANNER: &str = "format=json&sign=1111111111";
pub(crate) const PASSWORD: &str = "123456";

/// What an app has: a server, and a session once it has one.
pub(crate) struct App<'b> {
    bench: &'b Bench,
    cookie: String,
}

impl<'b> App<'b> {
    pub(crate) fn new(bench: &'b Bench) -> Self {
        Self { bench, cookie: String::new() }
    }

    /// Sends a call, and keeps the session that it may get.
    #[track_caller]
    fn send(&mut self, method: &str, path: &str, body: &str) -> Answer {
        let mut headers = vec![FORM];
        let cookie = self.cookie.clone();
        if !cookie.is_empty() {
            headers.push(("cookie", &cookie));
        }
        let path = format!("/shuaidan{path}");
        let answer = self.bench.request(method, &path, &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        if let Some(set) = answer.header("set-cookie") {
            set.split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        answer
    }

    /// A GET of the document.
    #[track_caller]
    fn get(&mut self, path: &str) -> String {
        let sign = if path.contains('?') { '&' } else { '?' };
        self.send("GET", &format!("{path}{sign}{MANNER}"), "").text
    }

    /// A POST of the document.
    #[track_caller]
    fn post(&mut self, path: &str, form: &str) -> String {
        self.send("POST", path, &format!("{form}&{MANNER}")).text
    }

    /// A code for registering, as benches without SMS look at it.
    #[track_caller]
    fn code(&mut self, telephone: &str) -> String {
        let key = format!("regist_{telephone}");
        let sent = self.get(&format!("/checkmessage?key={key}"));
        assert_eq!(sent, r#"{"success":true}"#);
        let code = self.send("GET", &format!("/session?key={key}"), "").text;
        assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        code
    }

    /// An officer who has registered and logged in.
    #[track_caller]
    pub(crate) fn officer(bench: &'b Bench, telephone: &str) -> Self {
        let mut app = Self::new(bench);
        let code = app.code(telephone);
        let done = r#"{"sucessed":true,"message":"LoanOfficeUser exist, allows to Login"}"#;
        let form = format!(
            "securityCode={code}&telephone={telephone}&password={PASSWORD}&confirmPassword={PASSWORD}"
        );
        assert_eq!(app.post("/register", &form), done);
        assert_eq!(app.log_in(telephone, PASSWORD), done);
        app
    }

    #[track_caller]
    fn log_in(&mut self, telephone: &str, password: &str) -> String {
        self.post("/login", &format!("telephone={telephone}&password={password}"))
    }

    /// What one of our own calls shows.
    #[track_caller]
    pub(crate) fn shown(&mut self, method: &str, path: &str, form: &str) -> Value {
        let answer = self.send(method, path, form).json();
        assert_eq!(answer["sucessed"], true, "{path}: {answer}");
        answer["data"].clone()
    }

    /// The text of a refusal.
    #[track_caller]
    fn refused(&mut self, method: &str, path: &str, form: &str) -> String {
        refusal(&self.send(method, path, form).text)
    }

    /// Tells a lead about invented person `n`, whose telephone number this is.
    #[track_caller]
    pub(crate) fn tell(&mut self, n: u32, telephone: &str) -> i64 {
        assert_eq!(self.post("/loanrequest/", &lead(n, telephone)), r#"{"sucessed":true}"#);
        self.shown("GET", "/leads/mine?limit=1", "")[0]["id"].as_i64().unwrap()
    }
}

/// A lead of which every text is this one, which is escaped for a form.
#[track_caller]
pub(crate) fn tell_hostile(app: &mut App<'_>, n: u32, telephone: &str, text: &str) {
    let mut form = lead(n, telephone);
    for told in ["京户", "北京", "京Q00000", "某贷;某某贷;", "周末联系"] {
        form = form.replace(told, text);
    }
    assert_eq!(app.post("/loanrequest/", &form), r#"{"sucessed":true}"#);
}

/// The text of a refusal.
#[track_caller]
fn refusal(text: &str) -> String {
    let answer: Value = serde_json::from_str(text).unwrap();
    assert_eq!(answer["sucessed"], false, "{text}");
    let said = answer["errorMessage"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned();
    assert_eq!(answer, json!({ "sucessed": false, "errorMessage": said }));
    said
}

/// The document's own example of a lead, about an invented person.
fn lead(n: u32, telephone: &str) -> String {
    let id_no = id_no(n);
    format!(
        "request_amount=100.0&customerType=2&loan_type=2&loan_term=2\
         &customer_info.name=周小舟&customer_info.sex=1&customer_info.id_no={id_no}\
         &customer_info.telephone={telephone}&customer_info.company_type=2\
         &customer_info.house_hold=京户&customer_info.income=600.0\
         &customer_info.income_pay_type=2&customer_info.have_secure=1\
         &customer_info.have_house_fund=1&customer_info.debit_card_limit=10000.0\
         &customer_info.loaned_amount=100000.0&customer_info.have_house=1\
         &customer_info.house_location=北京&customer_info.house_amount=2\
         &customer_info.house_type=2&customer_info.house_status=2&customer_info.house_loan=2\
         &customer_info.have_house_cert=1&customer_info.accept_house_mortgage=1\
         &customer_info.have_car=2&customer_info.car_licence=京Q00000&customer_info.car_amount=2\
         &customer_info.accept_car_mortgage=1&customer_info.loaned_from_company=某贷;某某贷;\
         &customer_info.remark=周末联系"
    )
}
