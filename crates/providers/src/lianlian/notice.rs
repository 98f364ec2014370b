//! What LianLian tells us by itself (异步通知), and what it is answered.

use kernel::Money;
use lending::ports::{MoneyOutcome, News};
use serde_json::Value;

use super::codes::{self, State};
use super::{LianLian, sign};

impl LianLian {
    /// Reads a notification; `None` if LianLian has not signed it, or it says nothing we know.
    pub fn read_notice(&self, body: &str) -> Option<News> {
        let Value::Object(object) = serde_json::from_str(body).ok()? else { return None };
        let fields = sign::fields(&object);
        let ours = fields.get("oid_partner").is_some_and(|it| *it == self.settings.partner);
        if !ours || !self.verifier.is_genuine(&fields) {
            return None;
        }
        let outcome = match codes::state(fields.get("result_pay")?) {
            State::Done => MoneyOutcome::Done,
            State::Declined => MoneyOutcome::Declined("支付失败".to_owned()),
            State::Open => MoneyOutcome::Unknown,
        };
        let amount = Money::parse_yuan(fields.get("money_order")?).ok()?;
        Some(News { order_no: fields.get("no_order")?.clone(), amount, outcome })
    }
}

/// What stops LianLian from telling it again.
pub const fn acknowledgement() -> &'static str {
    r#"{"ret_code":"0000","ret_msg":"交易成功"}"#
}

/// What makes it come again.
pub const fn refusal() -> &'static str {
    r#"{"ret_code":"9999","ret_msg":"处理失败"}"#
}
