//! Aliyun's SMS (短信服务, Dysmsapi 2017-05-25): templates that were approved beforehand.
//!
//! A call is not idempotent: what became of one that was not answered is asked for by its reference
//! (`OutId`, `QuerySendDetails`).

pub mod sign;
mod templates;

use std::sync::Arc;

use kernel::{Date, Mobile, Money, Secret};
use lending::ports::{self, SmsOutcome};
use serde_json::Value;

use crate::client::{Body, Call, CallError, Client, Limits, Recorder, Resend};
use crate::lianlian::Now;
use crate::{form, random};
use sign::Params;
pub use templates::{Template, TemplateError, Templates};

/// The name in records.
pub const NAME: &str = "aliyun";
/// The version of the interface.
const VERSION: &str = "2017-05-25";
/// Texts of one day to one number that are asked for; a number gets no more than 10.
const DETAILS: usize = 50;

/// Who we are to Aliyun, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its interface is: `https://…/`.
    pub url: String,
    /// Which of its regions.
    pub region: String,
    /// Our `AccessKeyId`.
    pub key_id: String,
    /// The secret that goes with it.
    pub key_secret: Secret,
    /// The signature that texts begin with (`SignName`).
    pub sign_name: String,
    /// The templates that were approved.
    pub templates: Templates,
    /// What one text costs.
    pub cost: Money,
    /// How it is called.
    pub limits: Limits,
}

/// Aliyun's SMS, as we know it.
pub struct Aliyun {
    settings: Settings,
    client: Client,
    now: Now,
}

impl std::fmt::Debug for Aliyun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aliyun").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl Aliyun {
    /// Makes a client. Nothing is called.
    pub fn new(settings: Settings, recorder: Arc<dyn Recorder>, now: Now) -> Self {
        let client = Client::new(NAME, settings.limits, recorder);
        Self { settings, client, now }
    }

    /// Everything that stands in a call, signed; nothing without random bytes.
    fn signed(&self, own: &[(&str, &str)]) -> Option<Params> {
        let mut params: Params =
            own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (nonce, at) = (random::hex(16)?, utc((self.now)()));
        for (name, value) in [
            ("AccessKeyId", self.settings.key_id.as_str()),
            ("Format", "JSON"),
            ("RegionId", &self.settings.region),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", &at),
            ("Version", VERSION),
        ] {
            params.insert(name.to_owned(), value.to_owned());
        }
        let signature = sign::signature("POST", &params, &self.settings.key_secret)?;
        params.insert("Signature".to_owned(), signature);
        Some(params)
    }
}

/// `2017-07-12T02:42:19Z`: eight hours behind Shanghai.
fn utc(at: kernel::Instant) -> String {
    const SHANGHAI_AHEAD_MS: i64 = 8 * 3_600_000;
    let text = at.plus_millis(SHANGHAI_AHEAD_MS.saturating_neg()).shanghai_text();
    format!("{}Z", text.replace(' ', "T"))
}

impl ports::Sms for Aliyun {
    fn send(&self, to: &Mobile, text: &str, reference: &str) -> SmsOutcome {
        let Some((template, param)) = self.settings.templates.find(text) else {
            return SmsOutcome::Refused("没有匹配的短信模板".to_owned());
        };
        let own = [
            ("Action", "SendSms"),
            ("PhoneNumbers", to.expose()),
            ("SignName", &self.settings.sign_name),
            ("TemplateCode", template),
            ("TemplateParam", &param),
            // What the text is found by in reports.
            ("OutId", reference),
        ];
        let Some(params) = self.signed(&own) else { return SmsOutcome::Unknown };
        let body = form::write(&params);
        let call = Call {
            name: "SendSms",
            url: &self.settings.url,
            body: Body::Form(&body),
            fields: &own,
            resend: Resend::Never,
            cost: self.settings.cost,
        };
        match self.client.call(&call) {
            Ok(answer) => judge(&answer),
            Err(CallError::NotSent) => SmsOutcome::Refused("短信服务暂不可用".to_owned()),
            // Errors of the interface come with a status of their own; none of them is trusted to
            // say that nothing was sent.
            Err(CallError::NotAnswered | CallError::Status(_)) => SmsOutcome::Unknown,
        }
    }

    fn find(&self, to: &Mobile, reference: &str, called_on: Date) -> SmsOutcome {
        let (day, most) = (called_on.to_string().replace('-', ""), DETAILS.to_string());
        let own = [
            ("Action", "QuerySendDetails"),
            ("PhoneNumber", to.expose()),
            ("SendDate", &day),
            ("PageSize", &most),
            ("CurrentPage", "1"),
        ];
        let Some(params) = self.signed(&own) else { return SmsOutcome::Unknown };
        let body = form::write(&params);
        let call = Call {
            name: "QuerySendDetails",
            url: &self.settings.url,
            body: Body::Form(&body),
            fields: &own,
            resend: Resend::Question,
            cost: Money::ZERO,
        };
        self.client.call(&call).map_or(SmsOutcome::Unknown, |answer| find(&answer, reference))
    }
}

/// What a list of texts says of the one with this reference.
fn find(answer: &str, reference: &str) -> SmsOutcome {
    let value: Value = serde_json::from_str(answer).unwrap_or_default();
    if value.get("Code").and_then(Value::as_str) != Some("OK") {
        return SmsOutcome::Unknown;
    }
    let texts = value.pointer("/SmsSendDetailDTOs/SmsSendDetailDTO").and_then(Value::as_array);
    let Some(texts) = texts else { return SmsOutcome::Unknown };
    let is_it = |text: &&Value| text.get("OutId").and_then(Value::as_str) == Some(reference);
    let Some(text) = texts.iter().find(is_it) else {
        // On another page there may be more of the day.
        let is_all = texts.len() < DETAILS;
        return if is_all { SmsOutcome::NoRecord } else { SmsOutcome::Unknown };
    };
    match text.get("SendStatus").and_then(Value::as_i64) {
        // Under way to the telephone, or arrived there.
        Some(1 | 3) => SmsOutcome::Accepted,
        Some(2) => {
            let code = text.get("ErrCode").and_then(Value::as_str).unwrap_or_default();
            SmsOutcome::Refused(code.to_owned())
        }
        Some(_) | None => SmsOutcome::Unknown,
    }
}

fn judge(answer: &str) -> SmsOutcome {
    let value: Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match (text("Code"), text("Message")) {
        ("", _) => SmsOutcome::Unknown,
        ("OK", _) => SmsOutcome::Accepted,
        (code, "") => SmsOutcome::Refused(code.to_owned()),
        (code, message) => SmsOutcome::Refused(format!("{code}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_by_their_code() {
        let limit = r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控"}"#;
        let refused = SmsOutcome::Refused("isv.BUSINESS_LIMIT_CONTROL: 触发分钟级流控".into());
        let accepted = r#"{"Message":"OK","RequestId":"1","BizId":"2","Code":"OK"}"#;
        assert_eq!(judge(accepted), SmsOutcome::Accepted);
        assert_eq!(judge(limit), refused);
        for nothing in ["", "{}", "[]", "<html>", r#"{"Code":null}"#] {
            assert_eq!(judge(nothing), SmsOutcome::Unknown, "{nothing}");
        }
    }

    #[test]
    fn texts_are_found_by_their_reference() {
        let list = |status: &str| {
            format!(
                r#"{{"TotalCount":2,"Message":"OK","Code":"OK","SmsSendDetailDTOs":{{
                "SmsSendDetailDTO":[{{"SendStatus":3,"OutId":"6"}},
                {{"SendStatus":{status},"ErrCode":"MOBILE_SHUTDOWN","OutId":"7"}}]}}}}"#
            )
        };
        assert_eq!(find(&list("1"), "7"), SmsOutcome::Accepted);
        assert_eq!(find(&list("3"), "7"), SmsOutcome::Accepted);
        assert_eq!(find(&list("2"), "7"), SmsOutcome::Refused("MOBILE_SHUTDOWN".into()));
        assert_eq!(find(&list("9"), "7"), SmsOutcome::Unknown);
        assert_eq!(find(&list("3"), "8"), SmsOutcome::NoRecord);
        for nothing in ["", "{}", r#"{"Code":"OK"}"#, r#"{"Code":"isv.X","TotalCount":0}"#] {
            assert_eq!(find(nothing, "7"), SmsOutcome::Unknown, "{nothing}");
        }
    }

    /// The first vector was signed at 10:42:19 in Shanghai.
    #[test]
    fn times_are_utc() {
        let at = kernel::Instant::from_millis(1_499_827_339_000);
        assert_eq!(at.shanghai_text(), "2017-07-12 10:42:19");
        assert_eq!(utc(at), "2017-07-12T02:42:19Z");
    }
}
