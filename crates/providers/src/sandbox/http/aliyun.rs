//! The twin of Aliyun's SMS: verifies the signature, and keeps the text instead of sending it.

use std::collections::BTreeMap;

use kernel::Mobile;
use lending::ports::{Sms as _, SmsOutcome};
use serde_json::json;

use super::{Act, Answer, KEY_ID, World};
use crate::aliyun::sign;
use crate::random;

impl World {
    pub(super) fn aliyun(&self, params: &BTreeMap<String, String>) -> Act {
        let text = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        if text("AccessKeyId") != KEY_ID {
            return said(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
        }
        if !sign::is_genuine("POST", params, &self.keys.aliyun_secret) {
            let message = "Specified signature is not matched with our calculation.";
            return said(400, "SignatureDoesNotMatch", message);
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
        match self.sms.send(&mobile, &sent) {
            SmsOutcome::Accepted => said(200, "OK", "OK"),
            SmsOutcome::Refused(why) => said(200, "isv.MOBILE_NUMBER_ILLEGAL", &why),
            SmsOutcome::Unknown => Act::Silence,
        }
    }
}

fn said(status: u16, code: &str, message: &str) -> Act {
    let id = random::hex(16).unwrap_or_default();
    let body = json!({"Message": message, "RequestId": id, "BizId": id, "Code": code});
    Act::Say(Answer { status, ..Answer::json(body.to_string()) })
}
