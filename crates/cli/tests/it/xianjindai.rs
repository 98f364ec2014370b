//! The channel xianjindai from outside: an app of its own, made from document 001 alone.

mod accounts;
pub(crate) mod borrower;
mod hostile;
mod loans;
mod offers;
mod people;
mod samples;
mod signatures;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use kernel::Channel;
use lending::customers::codes::Purpose;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};

use crate::bench::{Answer, Bench};
use crate::lender;

/// The key of the document's test system (§3).
pub(crate) const APP_KEY: &str = "12345678";

static CALLS: AtomicU64 = AtomicU64::new(0);

/// An app on somebody's phone.
pub(crate) struct App<'b> {
    pub(crate) bench: &'b Bench,
    /// What the server has set, whole, as the document's sample keeps it.
    cookie: RefCell<Option<String>>,
}

/// The envelope of an answer whose signature has been checked.
pub(crate) struct Envelope {
    pub(crate) json: Value,
    pub(crate) answer: Answer,
}

impl Envelope {
    #[track_caller]
    fn text(&self, key: &str) -> &str {
        self.json[key].as_str().unwrap_or_else(|| panic!("{key}: {}", self.json))
    }

    /// Flag, code and text.
    #[track_caller]
    pub(crate) fn outcome(&self) -> (&str, &str, &str) {
        (self.text("exceptionFlag"), self.text("responseCode"), self.text("responseMessage"))
    }

    #[track_caller]
    pub(crate) fn expect(&self, flag: &str, code: &str, message: &str) -> &Value {
        assert_eq!(self.outcome(), (flag, code, message), "{}", self.json);
        &self.json["resultSet"]
    }
}

impl<'b> App<'b> {
    pub(crate) fn new(bench: &'b Bench) -> Self {
        Self { bench, cookie: RefCell::new(None) }
    }

    /// Calls with a good signature, and checks that of the answer.
    #[track_caller]
    pub(crate) fn call(&self, path: &str, fields: Value) -> Envelope {
        self.send(path, &[], signed(fields).to_string().as_bytes())
    }

    /// Sends a body as it is, in the session if there is one.
    #[track_caller]
    pub(crate) fn send(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Envelope {
        let cookie = self.cookie.borrow().clone();
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/json"));
        }
        if let Some(cookie) = &cookie {
            headers.push(("cookie", cookie));
        }
        let answer = self.bench.request("POST", &format!("/xianjindai{path}"), &headers, body);
        if let Some(set) = answer.header("set-cookie") {
            *self.cookie.borrow_mut() = Some(set.to_owned());
        }
        opened(answer)
    }

    pub(crate) fn forget_cookie(&self) {
        *self.cookie.borrow_mut() = None;
    }

    /// The session, for another phone that has got hold of it.
    pub(crate) fn cookie(&self) -> String {
        self.cookie.borrow().clone().expect("logged in")
    }

    pub(crate) fn use_cookie(&self, cookie: String) {
        *self.cookie.borrow_mut() = Some(cookie);
    }

    /// A captcha's text (§7).
    #[track_caller]
    pub(crate) fn captcha(&self) -> String {
        let made = self.call("/openApi/getCode", json!({}));
        made.expect("0000", "0000", "获取验证码成功").as_str().unwrap().to_owned()
    }

    /// Registers somebody: captcha, SMS code, password (§7 to §10).
    #[track_caller]
    pub(crate) fn register(&self, mobile: &str, password: &str) {
        let sent =
            self.call("/openApi/getSmsCode", json!({"code": self.captcha(), "mobile": mobile}));
        sent.expect("0000", "20001000", "短信发送成功");
        let code = sms_code(self.bench, mobile, Purpose::Registration);
        let checked =
            self.call("/openApi/checkSmsCode", json!({"smscode": code, "mobile": mobile}));
        checked.expect("0000", "20002006", "手机短信校验成功");
        let registered = self.call(
            "/openApi/userRegister",
            json!({"mobile": mobile, "password": password, "confirmPassword": password}),
        );
        assert_eq!(registered.expect("0000", "20003000", "密码设置成功"), "");
    }

    /// Logs in (§4) and gives the session's id.
    #[track_caller]
    pub(crate) fn log_in(&self, mobile: &str, password: &str) -> String {
        let body = json!({"username": mobile, "password": password, "appType": "1", "token": "t"});
        let entered = self.send("/security/login", &[], body.to_string().as_bytes());
        entered.expect("0000", "90000000", "登陆授权成功").as_str().unwrap().to_owned()
    }
}

/// The newest SMS code to a number; benches can look at it.
#[track_caller]
pub(crate) fn sms_code(bench: &Bench, mobile: &str, purpose: Purpose) -> String {
    lender::sms_code(bench, Channel::Xianjindai, mobile, purpose)
}

/// The envelope in an answer: HTTP 200, JSON, and a genuine signature over all of it.
#[track_caller]
pub(crate) fn opened(answer: Answer) -> Envelope {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json;charset=UTF-8"));
    let json = read(&answer.text);
    let timestamp = json["timestamp"].as_str().unwrap();
    let distance = now().abs_diff(timestamp.parse().unwrap());
    assert!(distance < 60_000, "{timestamp} is {distance} ms away");
    let nonce = json["nonce"].as_str().unwrap();
    assert!(nonce.len() == 8 && nonce.bytes().all(|b| b.is_ascii_digit()), "{nonce}");
    assert_eq!(json["sign"], sign_of_text(&answer.text), "{}", answer.text);
    Envelope { json, answer }
}

#[track_caller]
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The signature of a message: serde's maps are sorted, and their JSON is compact.
pub(crate) fn sign_of(message: &Value) -> String {
    let mut message = message.as_object().expect("an object").clone();
    message.remove("sign");
    let text = |key: &str| message[key].as_str().map(ToOwned::to_owned).unwrap_or_default();
    let (timestamp, nonce) = (text("timestamp"), text("nonce"));
    let json = Value::Object(without_nulls(&message)).to_string();
    sha1(&[APP_KEY, &timestamp, &nonce, &json])
}

/// The same from its text, with its numbers as they are written: 500.00 is not 500.0.
#[track_caller]
pub(crate) fn sign_of_text(message: &str) -> String {
    let mut fields: BTreeMap<String, &RawValue> = serde_json::from_str(message).unwrap();
    fields.remove("sign");
    let text = |key: &str| serde_json::from_str::<String>(fields[key].get()).unwrap();
    sha1(&[APP_KEY, &text("timestamp"), &text("nonce"), &written(&fields)])
}

fn written(fields: &BTreeMap<String, &RawValue>) -> String {
    let kept = fields.iter().filter(|(_, value)| value.get() != "null");
    let pairs: Vec<_> = kept.map(|(key, value)| format!("{}:{}", json!(key), one(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

fn one(value: &RawValue) -> String {
    let text = value.get();
    match text.as_bytes()[0] {
        b'{' => written(&serde_json::from_str(text).unwrap()),
        b'[' => {
            let values: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            format!("[{}]", values.into_iter().map(one).collect::<Vec<_>>().join(","))
        }
        b'"' => read(text).to_string(),
        _ => text.to_owned(),
    }
}

fn without_nulls(message: &Map<String, Value>) -> Map<String, Value> {
    let kept = message.iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key.clone(), clean(value))).collect()
}

fn clean(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(without_nulls(map)),
        Value::Array(list) => Value::Array(list.iter().map(clean).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

pub(crate) fn sha1(parts: &[&str]) -> String {
    let mut hex = String::new();
    for byte in Sha1::digest(parts.concat().as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A message with timestamp, a nonce that was not used yet, and signature.
pub(crate) fn signed(mut fields: Value) -> Value {
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    fields["timestamp"] = now().to_string().into();
    fields["nonce"] = format!("{:08}", call % 100_000_000).into();
    fields["sign"] = sign_of(&fields).into();
    fields
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "an app has a clock of its own")]
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
