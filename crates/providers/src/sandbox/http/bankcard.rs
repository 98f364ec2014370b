//! The twin of the check of four elements.

use std::collections::BTreeMap;

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Mobile, RealName};
use lending::ports::{CheckOutcome, Checks as _};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::super::Checks;
use super::{Answer, World};

impl World {
    pub(super) fn bankcard(&self, fields: &BTreeMap<String, String>) -> Answer {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let key = self.keys.bankcard.expose().as_bytes();
        if !bool::from(key.ct_eq(text("key").as_bytes())) {
            return said("KEY ERROR!", None, 10_001);
        }
        let elements = (
            RealName::parse(text("realname")),
            IdCardNo::parse(text("idcard")),
            BankCardNo::parse(text("bankcard")),
            Mobile::parse(text("mobile")),
        );
        let (Some(name), Some(id), Some(card), Some(mobile)) = elements else {
            return said("参数错误", None, 220_701);
        };
        match Checks.bank_card(&name, &id, &card, &mobile) {
            CheckOutcome::Match => said("成功", Some(("1", "验证成功")), 0),
            CheckOutcome::Mismatch(why) => said("成功", Some(("2", &why)), 0),
            CheckOutcome::Unknown => said("成功", Some(("3", "无法验证")), 0),
        }
    }
}

fn said(reason: &str, result: Option<(&str, &str)>, error_code: i64) -> Answer {
    let result = result.map(|(res, message)| json!({"res": res, "message": message}));
    let body = json!({"reason": reason, "result": result, "error_code": error_code});
    Answer::json(body.to_string())
}
