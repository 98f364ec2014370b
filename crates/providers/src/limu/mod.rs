//! Limu (立木征信): data about customers from where they have accounts, and the check of name and
//! id number.

mod answer;
pub(crate) mod sign;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::identity::IdCardNo;
use kernel::{Mobile, Money, RealName, Secret};
use lending::ports::{
    AccountLogin, CheckOutcome, Data, DataAnswer, DataKind, DataOrder, DataResult, MailboxLogin,
    MobileLogin,
};

use crate::client::{Client, Limits, Recorder, Resend};
use crate::post::{Form, Post};

/// The name in records.
pub const NAME: &str = "limu";
/// The version of the interface. Source: providers.md, Limu.
const VERSION: &str = "1.2.0";

/// Who we are to Limu, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its gateway is: ends in `/api/gateway`.
    pub gateway: String,
    /// Where its operators' reports are: ends in `/mobile_report/v1`.
    pub reports: String,
    /// Our key.
    pub api_key: String,
    /// What we sign with.
    pub api_secret: Secret,
    /// Where it calls back to, if it can reach us. A callback is a hint, so none is needed.
    pub callback: Option<String>,
    /// What a task or a check costs.
    pub cost: Money,
}

/// How Limu is called, unless its operator knows better: reports are long.
pub fn limits() -> Limits {
    Limits { answer_bytes: 8 * 1024 * 1024, ..Limits::default() }
}

/// Limu, over HTTP or in this process.
pub struct Limu {
    settings: Settings,
    way: Arc<dyn Post>,
}

impl std::fmt::Debug for Limu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limu").field("gateway", &self.settings.gateway).finish_non_exhaustive()
    }
}

/// The fields of a call.
type Fields = BTreeMap<String, String>;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Passwords go in base64.
fn hidden(password: &Secret) -> String {
    STANDARD.encode(password.expose())
}

impl Limu {
    /// Limu over HTTP. Nothing is called.
    pub fn new(settings: Settings, limits: Limits, recorder: Arc<dyn Recorder>) -> Self {
        Self::by(settings, Arc::new(Client::new(NAME, limits, recorder)))
    }

    /// Limu by whoever sends its forms: the sandbox in this process.
    pub fn by(settings: Settings, way: Arc<dyn Post>) -> Self {
        Self { settings, way }
    }

    /// Whether name and id number belong together (二要素): `api.identity.idcheck`.
    pub fn real_name(&self, name: &RealName, id: &IdCardNo) -> CheckOutcome {
        let own = fields(&[("name", name.expose()), ("identityNo", id.expose())]);
        let answer = self.method("api.identity.idcheck", own, Resend::Never);
        let code = answer.as_deref().and_then(answer::result_code);
        match code.as_deref() {
            Some("R001") => CheckOutcome::Match,
            Some("R002") => CheckOutcome::Mismatch("姓名与身份证号码不一致".to_owned()),
            // R003: the number is not in the register. That is no mismatch.
            Some(_) | None => CheckOutcome::Unknown,
        }
    }

    /// Which operator and province a mobile number is of, as the provider writes it:
    /// `api.mobile.area`.
    pub fn mobile_area(&self, mobile: &Mobile) -> Option<String> {
        let own = fields(&[("mobileNo", mobile.expose())]);
        let answer = self.method("api.mobile.area", own, Resend::Question)?;
        match answer::result(&answer) {
            DataResult::Got(report) => Some(report.body),
            DataResult::Not(_) => None,
        }
    }

    /// Calls a method of the gateway.
    fn method(&self, method: &'static str, mut own: Fields, resend: Resend) -> Option<String> {
        own.insert("method".to_owned(), method.to_owned());
        self.send(method, &self.settings.gateway, own, resend)
    }

    /// Signs and sends; `None` where there is no answer.
    fn send(
        &self,
        name: &'static str,
        url: &str,
        mut own: Fields,
        resend: Resend,
    ) -> Option<String> {
        own.insert("apiKey".to_owned(), self.settings.api_key.clone());
        own.insert("version".to_owned(), VERSION.to_owned());
        let signature = sign::sign(&own, self.settings.api_secret.expose());
        own.insert(sign::SIGN.to_owned(), signature);
        let biz = own.get("bizType").map(String::as_str).unwrap_or_default();
        let cost = if resend == Resend::Never { self.settings.cost } else { Money::ZERO };
        let noted = [("bizType", biz)];
        self.way.post(&Form { name, url, fields: &own, noted: &noted, resend, cost }).ok()
    }

    /// Calls the interface of operators' reports, which has paths of its own.
    fn report_call(
        &self,
        name: &'static str,
        path: &str,
        own: Fields,
        resend: Resend,
    ) -> Option<String> {
        let url = format!("{}/{path}", self.settings.reports);
        self.send(name, &url, own, resend)
    }

    fn start_method(&self, method: &'static str, mut own: Fields) -> Option<String> {
        if let Some(callback) = &self.settings.callback {
            own.insert("callBackUrl".to_owned(), callback.clone());
        }
        self.method(method, own, Resend::Never)
    }
}

fn mobile_fields(login: &MobileLogin) -> Fields {
    fields(&[
        ("identityCardNo", login.id_no.expose()),
        ("identityName", login.name.expose()),
        ("username", login.mobile.expose()),
        ("password", &hidden(&login.service_code)),
    ])
}

fn account_fields(login: &AccountLogin) -> Fields {
    fields(&[("username", login.username.expose()), ("password", &hidden(&login.password))])
}

/// A mailbox: by its password, or by a QR code.
fn mailbox_fields(login: &MailboxLogin) -> Fields {
    let kind = if login.password.is_some() { "normal" } else { "qr|qq" };
    let own = [("billType", "email"), ("bankCode", "ALL"), ("loginType", kind)];
    let mut own = fields(&own);
    own.insert("username".to_owned(), login.address.expose().to_owned());
    if let Some(password) = &login.password {
        own.insert("password".to_owned(), hidden(password));
    }
    own
}

fn heard(answer: Option<String>) -> DataAnswer {
    answer.map_or(DataAnswer::Unknown, |body| answer::said(&body))
}

fn brought(answer: Option<String>) -> DataResult {
    answer.map_or(DataResult::Not(DataAnswer::Unknown), |body| answer::result(&body))
}

impl Data for Limu {
    fn start(&self, order: &DataOrder) -> DataAnswer {
        heard(match order {
            DataOrder::Mobile(login) => self.start_method("api.mobile.get", mobile_fields(login)),
            DataOrder::MobileReport(login) => {
                self.report_call("mobile_report.task", "task", mobile_fields(login), Resend::Never)
            }
            DataOrder::Jd(login) => self.start_method("api.jd.get", account_fields(login)),
            DataOrder::Taobao => {
                self.start_method("api.taobao.get", fields(&[("loginType", "qr")]))
            }
            DataOrder::Education(login) => {
                self.start_method("api.education.get", account_fields(login))
            }
            DataOrder::Bill(login) => self.start_method("api.bill.get", mailbox_fields(login)),
            DataOrder::Ebank { login, bank } => {
                let mut own = account_fields(login);
                own.insert("bankCode".to_owned(), bank.clone());
                self.start_method("api.ebank.get", own)
            }
        })
    }

    fn status(&self, kind: DataKind, handle: &str) -> DataAnswer {
        heard(if kind == DataKind::MobileReport {
            let own = fields(&[("token", handle)]);
            self.report_call("mobile_report.status", "task/status", own, Resend::Question)
        } else {
            let own = fields(&[("token", handle), ("bizType", kind.word())]);
            self.method("api.common.getStatus", own, Resend::Question)
        })
    }

    fn input(&self, kind: DataKind, handle: &str, input: &Secret) -> DataAnswer {
        let own = fields(&[("token", handle), ("input", input.expose())]);
        heard(if kind == DataKind::MobileReport {
            self.report_call("mobile_report.input", "task/input", own, Resend::Never)
        } else {
            self.method("api.common.input", own, Resend::Never)
        })
    }

    fn result(&self, kind: DataKind, handle: &str) -> DataResult {
        brought(if kind == DataKind::MobileReport {
            let own = fields(&[("token", handle)]);
            self.report_call("mobile_report.data", "task/data", own, Resend::Question)
        } else {
            let own = fields(&[("token", handle), ("bizType", kind.word())]);
            self.method("api.common.getResult", own, Resend::Question)
        })
    }

    fn report(&self, handle: &str) -> DataResult {
        let own = fields(&[("token", handle)]);
        brought(self.report_call("mobile_report.report", "task/report", own, Resend::Question))
    }
}

/// What a callback names: the task, by Limu's word for it. It is not signed, so nothing else in it
/// is read; `None` if it is no callback. It is acknowledged by the plain text [`ACKNOWLEDGED`].
pub fn called_back(form: &str) -> Option<String> {
    let token = crate::form::read(form).remove("token")?;
    (!token.is_empty() && token.len() <= 128).then_some(token)
}

/// The answer to a callback.
pub const ACKNOWLEDGED: &str = "success";
