//! Limu's twin: tasks that go through all their codes, and fail in every documented way.
//!
//! Pure: the same requests in the same order give the same answers. A task moves on by one code
//! whenever it is looked at, or at a [`State::tick`]. `docs/sandbox.md` has the magic values.

mod data;
mod jobs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::identity::IdCardNo;
use kernel::{RealName, Secret};
use lending::ports::{CheckOutcome, Checks as _, DataKind};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

use self::jobs::{Job, Plan};
use crate::client::CallError;
use crate::form;
use crate::hex;
use crate::limu::sign;
use crate::post::{Form, Post};

/// The id that callbacks name the platform by.
const UID: &str = "9000000000000001";
/// Tasks that are remembered; the oldest is forgotten first.
const MOST_JOBS: usize = 10_000;
/// Callbacks that wait at most.
const MOST_CALLBACKS: usize = 10_000;

/// The fields of a form.
pub type Fields = BTreeMap<String, String>;

/// A callback that is to be sent, as a POST of a form. It is not signed, as Limu's are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Where it goes.
    pub url: String,
    /// What it says, written as a form.
    pub form: String,
}

/// Everything that the twin knows.
#[derive(Debug)]
pub struct State {
    api_key: String,
    api_secret: Secret,
    jobs: BTreeMap<String, Job>,
    /// Tokens in the order in which they were made.
    order: Vec<String>,
    made: u64,
    /// Users whose first task was begun and not answered.
    lost: BTreeSet<String>,
    callbacks: Vec<Callback>,
}

/// Answers a request: the path below which Limu is mounted is cut off, so it ends in
/// `/api/gateway` or `/mobile_report/v1/…`. `None`: the answer is lost, though it has acted.
pub fn answer(state: &mut State, path: &str, fields: &Fields) -> Option<String> {
    if let Err(refusal) = state.admit(fields) {
        return Some(refusal);
    }
    let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let report = path.rsplit_once("/mobile_report/v1/").map(|(_, call)| call);
    match (report, text("method")) {
        (Some("task"), _) => state.start(DataKind::MobileReport, fields),
        (Some("task/status"), _) | (None, "api.common.getStatus") => {
            Some(state.status(text("token")))
        }
        (Some("task/input"), _) | (None, "api.common.input") => {
            Some(state.input(text("token"), text("input")))
        }
        (Some("task/report" | "task/data"), _) | (None, "api.common.getResult") => {
            Some(state.result(text("token"), report == Some("task/report")))
        }
        (None, "api.identity.idcheck") => Some(idcheck(text("name"), text("identityNo"))),
        (None, "api.mobile.area") => {
            let data = json!({"operator": "示例运营商", "province": "示例省"});
            Some(said("0000", "查询成功", "", &data))
        }
        (None, method) => match method_kind(method) {
            Some(kind) => state.start(kind, fields),
            None => Some(said("1003", "接口不存在", "", &Value::Null)),
        },
        (Some(_), _) => Some(said("1003", "接口不存在", "", &Value::Null)),
    }
}

fn method_kind(method: &str) -> Option<DataKind> {
    let word = method.strip_prefix("api.")?.strip_suffix(".get")?;
    DataKind::parse(word).filter(|kind| *kind != DataKind::MobileReport)
}

fn said(code: &str, message: &str, token: &str, data: &Value) -> String {
    json!({"code": code, "msg": message, "token": token, "data": data}).to_string()
}

/// The magic of the sandbox's other checks: R001 a match, R002 a mismatch, R003 not in the register.
fn idcheck(name: &str, id: &str) -> String {
    let (Some(name), Some(id)) = (RealName::parse(name), IdCardNo::parse(id)) else {
        return said("1101", "参数错误", "", &Value::Null);
    };
    let (code, message) = match super::Checks.real_name(&name, &id) {
        CheckOutcome::Match => ("R001", "一致"),
        CheckOutcome::Mismatch(_) => ("R002", "不一致"),
        CheckOutcome::Unknown => ("R003", "无记录"),
    };
    said("0000", "查询成功", "", &json!({"resultCode": code, "resultMsg": message}))
}

impl State {
    /// A twin that knows the platform by this key and secret.
    pub const fn new(api_key: String, api_secret: Secret) -> Self {
        Self {
            api_key,
            api_secret,
            jobs: BTreeMap::new(),
            order: Vec::new(),
            made: 0,
            lost: BTreeSet::new(),
            callbacks: Vec::new(),
        }
    }

    /// Callbacks that were not taken yet.
    pub fn take_callbacks(&mut self) -> Vec<Callback> {
        std::mem::take(&mut self.callbacks)
    }

    /// Lets every task that waits for nobody move on by one code: for a server, once a second or so.
    pub fn tick(&mut self) {
        let tokens: Vec<String> = self.order.clone();
        for token in tokens {
            if self.jobs.get(&token).is_some_and(Job::moves_by_itself) {
                self.status(&token);
            }
        }
    }

    /// Key, version and signature must be right.
    fn admit(&self, fields: &Fields) -> Result<(), String> {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if text("apiKey") != self.api_key {
            return Err(said("1001", "apiKey不存在", "", &Value::Null));
        }
        if text("version") != "1.2.0" {
            return Err(said("1004", "版本号错误", "", &Value::Null));
        }
        let wanted = sign::sign(fields, self.api_secret.expose());
        let right = bool::from(wanted.as_bytes().ct_eq(text(sign::SIGN).as_bytes()));
        if right { Ok(()) } else { Err(said("1002", "签名错误", "", &Value::Null)) }
    }

    fn start(&mut self, kind: DataKind, fields: &Fields) -> Option<String> {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let missing = wanted(kind, text("loginType")).iter().find(|name| text(name).is_empty());
        if missing.is_some() {
            return Some(said("1101", "参数错误", "", &Value::Null));
        }
        let Some(password) = STANDARD.decode(text("password")).ok().map(String::from_utf8) else {
            return Some(said("1103", "密码格式错误", "", &Value::Null));
        };
        let (username, password) = (text("username"), password.unwrap_or_default());
        // Who scans a QR code gives no password: the mailbox's name chooses.
        let is_qr = text("loginType").starts_with("qr");
        let name = username.split_once('@').map_or(username, |(name, _)| name);
        let plan = Plan::of(if is_qr { name } else { &password });
        if let Plan::Refuse(code) = &plan {
            return Some(said(code, jobs::words(code), "", &Value::Null));
        }
        let token = self.remember(Job::new(kind, &plan, is_qr, text("callBackUrl")));
        let is_lost = plan == Plan::LoseStart && self.lost.insert(username.to_owned());
        (!is_lost).then(|| said("0010", "受理成功", &token, &Value::Null))
    }

    fn remember(&mut self, job: Job) -> String {
        self.made = self.made.saturating_add(1);
        let digest = Sha1::digest(format!("{} {}", self.made, self.api_secret.expose()));
        let token = hex::lower(digest.get(..16).unwrap_or_default());
        if self.order.len() >= MOST_JOBS {
            let oldest = self.order.remove(0);
            self.jobs.remove(&oldest);
        }
        self.order.push(token.clone());
        self.jobs.insert(token.clone(), job);
        token
    }

    fn status(&mut self, token: &str) -> String {
        let Some(job) = self.jobs.get_mut(token) else {
            return said("1105", "token不存在", token, &Value::Null);
        };
        let step = job.look();
        let calls = step.callbacks;
        let (kind, url) = (job.kind(), job.callback().to_owned());
        let message = jobs::words(&step.code);
        for _ in 0..calls {
            let own = [
                ("uid", UID),
                ("bizType", kind.word()),
                ("code", step.code.as_str()),
                ("msg", message),
                ("token", token),
            ];
            let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
            if !url.is_empty() && self.callbacks.len() < MOST_CALLBACKS {
                let form = form::write(&own.into());
                self.callbacks.push(Callback { url: url.clone(), form });
            }
        }
        let mut body = json!({
            "code": step.code, "msg": message, "token": token, "data": null,
        });
        if let (Some(image), Some(body)) = (step.image, body.as_object_mut()) {
            body.insert("input".to_owned(), json!({"type": "image", "value": image}));
        }
        body.to_string()
    }

    fn input(&mut self, token: &str, input: &str) -> String {
        let Some(job) = self.jobs.get_mut(token) else {
            return said("1105", "token不存在", token, &Value::Null);
        };
        let code = job.take(input);
        said(&code, jobs::words(&code), token, &Value::Null)
    }

    fn result(&mut self, token: &str, as_report: bool) -> String {
        let Some(job) = self.jobs.get_mut(token) else {
            return said("1105", "token不存在", token, &Value::Null);
        };
        if !job.may_be_fetched() {
            return said("", "数据准备中", token, &Value::Null);
        }
        let data = if as_report { data::report(job.plan()) } else { data::of(job.kind()) };
        said("0000", "成功", token, &data)
    }
}

/// The fields that a kind must name.
const fn wanted(kind: DataKind, login: &str) -> &'static [&'static str] {
    match kind {
        DataKind::Mobile | DataKind::MobileReport => {
            &["username", "password", "identityCardNo", "identityName"]
        }
        DataKind::Jd | DataKind::Education => &["username", "password"],
        DataKind::Taobao => &["loginType"],
        DataKind::Bill if login.len() == 6 => {
            &["billType", "bankCode", "loginType", "username", "password"]
        }
        DataKind::Bill => &["billType", "bankCode", "loginType", "username"],
        DataKind::Ebank => &["bankCode", "username", "password"],
    }
}

/// The twin in this process, as somebody who takes the adapter's forms.
#[derive(Debug)]
pub struct InProcess(Mutex<State>);

impl InProcess {
    /// Over what a twin knows.
    pub const fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    /// Works with what the twin knows.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Post for InProcess {
    fn post(&self, form: &Form<'_>) -> Result<String, CallError> {
        let answered = self.with(|state| answer(state, form.url, form.fields));
        answered.ok_or(CallError::NotAnswered)
    }
}
