//! The twin of Aliyun's SMS: verifies the signature, and keeps the text instead of sending it.

use std::collections::{BTreeMap, VecDeque};

use kernel::{Instant, Mobile};
use lending::ports::{Sms as _, SmsOutcome};
use serde_json::json;

use super::{Act, Answer, KEY_ID, World};
use crate::aliyun::sign;
use crate::random;

/// Reports that are remembered.
const REPORTS: usize = 1_000;

/// What is remembered of a text that went out.
pub(super) struct Report {
    mobile: String,
    out_id: String,
    template: String,
    at: Instant,
}

/// The last texts that went out; forgotten when the sandbox ends.
#[derive(Default)]
pub(super) struct Sent {
    reports: VecDeque<Report>,
}

impl Sent {
    fn add(&mut self, report: Report) {
        if self.reports.len() >= REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back(report);
    }
}

impl World {
    pub(super) fn aliyun(&self, params: &BTreeMap<String, String>, now: Instant) -> Act {
        let text = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        if text("AccessKeyId") != KEY_ID {
            return said(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
        }
        if !sign::is_genuine("POST", params, &self.keys.aliyun_secret) {
            let message = "Specified signature is not matched with our calculation.";
            return said(400, "SignatureDoesNotMatch", message);
        }
        if text("Action") == "QuerySendDetails" && text("Version") == "2017-05-25" {
            return self.sent_details(text("PhoneNumber"), text("SendDate"));
        }
        if text("Action") != "SendSms" || text("Version") != "2017-05-25" {
            return said(404, "InvalidAction.NotFound", "Specified api is not found.");
        }
        let param = text("TemplateParam");
        if text("SignName").is_empty() || !text("TemplateCode").starts_with("SMS_") {
            return said(200, "isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板");
        }
        if serde_json::from_str::<BTreeMap<String, String>>(param).is_err() {
            return said(200, "isv.INVALID_JSON_PARAM", "JSON参数不合法");
        }
        let Some(mobile) = Mobile::parse(text("PhoneNumbers")) else {
            return said(200, "isv.MOBILE_NUMBER_ILLEGAL", "号码格式错误");
        };
        let sent = format!("【{}】{} {param}", text("SignName"), text("TemplateCode"));
        let before = self.sms.texts_to(&mobile).len();
        let outcome = self.sms.send(&mobile, &sent, text("OutId"));
        if self.sms.texts_to(&mobile).len() > before {
            let report = Report {
                mobile: text("PhoneNumbers").to_owned(),
                out_id: text("OutId").to_owned(),
                template: text("TemplateCode").to_owned(),
                at: now,
            };
            self.state().sent.add(report);
        }
        match outcome {
            SmsOutcome::Accepted => said(200, "OK", "OK"),
            SmsOutcome::Refused(why) => said(200, "isv.MOBILE_NUMBER_ILLEGAL", &why),
            SmsOutcome::Unknown | SmsOutcome::NoRecord => Act::Silence,
        }
    }

    /// What went out to a number on a day, the newest first.
    fn sent_details(&self, mobile: &str, day: &str) -> Act {
        let state = self.state();
        let of_day = |report: &&Report| {
            report.mobile == mobile && report.at.date().to_string().replace('-', "") == day
        };
        let row = |report: &Report| {
            let at = report.at.shanghai_text();
            json!({"SendDate": at, "ReceiveDate": at, "SendStatus": 3, "ErrCode": "DELIVERED",
                "TemplateCode": report.template, "PhoneNum": mobile, "OutId": report.out_id,
                "Content": ""})
        };
        let rows: Vec<_> = state.sent.reports.iter().rev().filter(of_day).map(row).collect();
        drop(state);
        let body = json!({"TotalCount": rows.len(), "Message": "OK", "Code": "OK",
            "RequestId": random::hex(16).unwrap_or_default(),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}});
        Act::Say(Answer::json(body.to_string()))
    }
}

fn said(status: u16, code: &str, message: &str) -> Act {
    let id = random::hex(16).unwrap_or_default();
    let body = json!({"Message": message, "RequestId": id, "BizId": id, "Code": code});
    Act::Say(Answer { status, ..Answer::json(body.to_string()) })
}
