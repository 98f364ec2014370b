//! The channel wukong over the wire: the real binary, on both stores.

mod accounts;
pub(crate) mod borrowing;
mod elsewhere;
mod outage;
mod pages;
mod statements;

use kernel::{Channel, Mobile};
use lending::customers::codes::{self, Purpose};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

/// What an app has: a server, and a token once it is logged in.
pub(crate) struct App<'b> {
    pub(crate) bench: &'b Bench,
    pub(crate) token: String,
}

/// An answer's envelope.
#[derive(Debug)]
pub(crate) struct Envelope(pub(crate) Value);

impl Envelope {
    #[track_caller]
    fn opened(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
        Self(answer.json())
    }

    /// Status and text.
    #[track_caller]
    pub(crate) fn said(&self) -> (&str, &str) {
        let text = |name: &str| self.0[name].as_str().unwrap_or_else(|| panic!("{:?}", self.0));
        (text("status"), text("error_message"))
    }

    /// The text of a refusal, which shows nothing.
    #[track_caller]
    pub(crate) fn refused(&self) -> &str {
        let (status, text) = self.said();
        assert_eq!(status, "FAILURE", "{:?}", self.0);
        assert_eq!(self.0.get("results"), None);
        assert_eq!(self.0.get("has_more"), None);
        text
    }

    /// What a success with this text shows; null where it shows nothing.
    #[track_caller]
    pub(crate) fn done(&self, text: &str) -> &Value {
        assert_eq!(self.said(), ("SUCCESS", text), "{:?}", self.0);
        &self.0["results"]
    }

    /// The one thing that a success shows.
    #[track_caller]
    pub(crate) fn one(&self) -> &Value {
        let list = self.done("").as_array().expect("a list");
        assert_eq!(list.len(), 1, "{list:?}");
        &list[0]
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

impl<'b> App<'b> {
    pub(crate) fn new(bench: &'b Bench) -> Self {
        Self { bench, token: String::new() }
    }

    #[track_caller]
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Envelope {
        let mut headers = headers.to_vec();
        if !self.token.is_empty() {
            headers.push(("authorization", &self.token));
        }
        let path = format!("/wukong{path}");
        Envelope::opened(&self.bench.request(method, &path, &headers, body.as_bytes()))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Envelope {
        self.send("GET", path, &[], "")
    }

    /// As the app posts: a form.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, form: &str) -> Envelope {
        self.send("POST", path, &[FORM], form)
    }

    #[track_caller]
    pub(crate) fn post_json(&self, path: &str, json: &Value) -> Envelope {
        self.send("POST", path, &[JSON], &json.to_string())
    }

    #[track_caller]
    pub(crate) fn put(&self, path: &str, form: &str) -> Envelope {
        self.send("PUT", path, &[FORM], form)
    }

    /// Signs somebody up, and keeps the token.
    #[track_caller]
    pub(crate) fn sign_up(&mut self, mobile: &str, password: &str) {
        let sent = self.post("/1/send-mobile-code/new-user", &format!("mobile={mobile}"));
        assert_eq!(*sent.done("发送短信成功，请查收"), Value::Null);
        let code = sms_code(self.bench, mobile, Purpose::Registration);
        let form = format!("mobile={mobile}&code={code}&password={password}");
        let entered = self.post("/signup", &form).one().clone();
        assert_eq!(entered["mobile"], mobile);
        entered["token"].as_str().unwrap().clone_into(&mut self.token);
    }

    /// Tells and proves everything that a loan needs; the card and the phone beside the wire.
    #[track_caller]
    pub(crate) fn prove(&self, name: &str, id_no: &str) {
        let form = format!("username={name}&identityno={id_no}");
        assert_eq!(*self.post("/lm-identity", &form).done("pass"), Value::Null);
        self.tell();
    }

    #[track_caller]
    pub(crate) fn tell(&self) {
        let saved = |answer: Envelope| assert_eq!(*answer.done("保存成功"), Value::Null);
        saved(self.post(
            "/user-save-profile",
            "live_area[]=福建省&live_area[]=厦门市&live_addr=某路1号&live_time[]=2年以上",
        ));
        saved(self.post_json(
            "/user-save-work",
            &json!({"industry": "制造业", "position": "职员", "company_name": "某公司",
                "company_area": ["福建省", "厦门市", "湖里区"], "company_addr": "某路2号",
                "company_tel": "0592-5550100"}),
        ));
        saved(self.post(
            "/user-save-relation",
            "linkman_relation_fir[]=朋友&linkman_name_fir=王一&linkman_tel_fir=13900000001&\
             linkman_relation_sec[]=同事&linkman_name_sec=王二&linkman_tel_sec=13900000002",
        ));
    }
}

/// The newest SMS code to a number; benches can look at it.
#[track_caller]
pub(crate) fn sms_code(bench: &Bench, mobile: &str, purpose: Purpose) -> String {
    let (core, mobile) = (bench.core(), Mobile::parse(mobile).unwrap());
    let newest =
        core.read_and_wait(move |tx| codes::last_code(tx, Channel::Wukong, &mobile, purpose));
    core.close();
    newest.unwrap().expect("a code was sent").expose().to_owned()
}
