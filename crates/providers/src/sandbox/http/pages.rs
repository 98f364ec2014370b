//! The pages of LianLian's twin that a browser is sent to: signing a card, and paying.

use std::collections::BTreeMap;

use kernel::html::escape;
use kernel::identity::BankCardNo;
use kernel::{Instant, Money};
use lending::ports::MoneyOutcome;
use serde_json::{Value, json};

use super::super::Direction;
use super::super::payments::Reception;
use super::lianlian::News;
use super::page::frame;
use super::{Act, Answer, PARTNER, World};
use crate::lianlian::sign::{self, Fields};
use crate::{form, random};

/// Pages that are open at most; the first in order is closed.
const OPEN_MOST: usize = 1_000;
/// The SMS code that every customer of the sandbox gets; one that ends in 9 has expired.
const CODE: &str = "123456";

/// What the twin remembers of what is under way; it forgets it at the end of the process.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages that were shown, by a token of their own, and their requests.
    open: BTreeMap<String, (Kind, Fields)>,
    /// Plans of instalments that were authorised.
    pub(super) plans: BTreeMap<String, Vec<(String, Money)>>,
    /// Payouts that wait to be confirmed, with the code for it.
    pub(super) unconfirmed: BTreeMap<String, (String, Fields)>,
    /// Where notifications of orders go that are not decided.
    pub(super) urls: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sign,
    Pay,
}

impl World {
    pub(super) fn lianlian_page(&self, call: &str, sent: &Fields, now: Instant) -> Option<Act> {
        match call {
            "signApply.htm" => Some(Act::Say(self.show(Kind::Sign, sent))),
            "authpay.htm" => Some(Act::Say(self.show(Kind::Pay, sent))),
            "done.htm" => Some(Act::Say(self.decide(sent, now))),
            _ => None,
        }
    }

    /// Shows a page for a request that the platform has signed.
    fn show(&self, kind: Kind, sent: &Fields) -> Answer {
        let data = sent.get("req_data").map(String::as_str).unwrap_or_default();
        let Ok(Value::Object(object)) = serde_json::from_str(data) else {
            return wrong("1004", "参数错误");
        };
        let fields = sign::fields(&object);
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if text("oid_partner") != PARTNER || !self.merchant.is_genuine(&fields) {
            return wrong("1001", "商户签名错误");
        }
        let Some(card) = BankCardNo::parse(text("card_no")) else {
            return wrong("1100", "银行卡号错误");
        };
        if ["user_id", "acct_name", "id_no", "url_return", "risk_item"]
            .iter()
            .any(|name| text(name).is_empty())
        {
            return wrong("1004", "参数错误");
        }
        let Some(token) = random::letters(24) else { return wrong("9999", "系统错误") };
        let (title, what, button) = match kind {
            Kind::Sign => ("签约银行卡", "同意从这张银行卡扣款".to_owned(), "同意并签约"),
            Kind::Pay => {
                let Ok(amount) = Money::parse_yuan(text("money_order")) else {
                    return wrong("1004", "金额错误");
                };
                let amount = crate::lianlian::yuan(amount);
                ("支付", format!("{} {amount} 元", escape(text("name_goods"))), "确认支付")
            }
        };
        let body = format!(
            "<p>{what}</p><p>{} {}</p><form method=\"post\" action=\"done.htm\">\
             <input type=\"hidden\" name=\"token\" value=\"{token}\">\
             <label>短信验证码 <input id=\"code\" name=\"code\" inputmode=\"numeric\"></label> \
             <small>沙箱的验证码是 {CODE}</small><p>\
             <button id=\"agree\" name=\"deed\" value=\"agree\">{button}</button> \
             <button id=\"cancel\" name=\"deed\" value=\"cancel\">取消</button></p></form>",
            escape(text("acct_name")),
            card.masked(),
        );
        let page = frame(title, &body);
        let mut state = self.state();
        let open = &mut state.pages.open;
        if open.len() >= OPEN_MOST {
            open.pop_first();
        }
        open.insert(token, (kind, fields));
        Answer::html(page)
    }

    /// What a customer has decided on a page.
    fn decide(&self, sent: &Fields, now: Instant) -> Answer {
        let text = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
        let known = self.state().pages.open.get(text("token")).cloned();
        let Some((kind, fields)) = known else { return wrong("8901", "页面已失效") };
        let agreed = text("deed") == "agree";
        if agreed && text("code") != CODE {
            let (code, why) = if text("code").ends_with('9') {
                ("1901", "已过期")
            } else {
                ("1900", "错误")
            };
            return wrong(code, &format!("短信验证码{why}"));
        }
        self.state().pages.open.remove(text("token"));
        let back = |status: &str, result: String| {
            let url = fields.get("url_return").cloned().unwrap_or_default();
            let mark = if url.contains('?') { '&' } else { '?' };
            Answer::to(format!("{url}{mark}status={status}&result={}", form::escape(&result)))
        };
        if !agreed {
            return back("1005", String::new());
        }
        match kind {
            Kind::Sign => self
                .signed_card(&fields)
                .map_or_else(|| wrong("9999", "系统错误"), |result| back("0000", result)),
            Kind::Pay => match self.paid(&fields, now) {
                Ok(result) => back("0000", result),
                Err((code, why)) => wrong(code, &why),
            },
        }
    }

    fn signed_card(&self, fields: &Fields) -> Option<String> {
        let (user, card) = (fields.get("user_id")?, fields.get("card_no")?);
        let signed = self.state().agreements.sign(user, card).ok()?;
        let result = json!({"user_id": user, "agreeno": signed.no_agree});
        let Value::Object(object) = result else { return None };
        Some(self.signed(object))
    }

    fn paid(&self, fields: &Fields, now: Instant) -> Result<String, (&'static str, String)> {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let bad = || ("1004", "金额错误".to_owned());
        let amount = Money::parse_yuan(text("money_order")).map_err(|_| bad())?;
        let no = text("no_order");
        let received = self.payments.receive((no, amount), text("card_no"), Direction::Debit);
        let state = match received {
            Reception::First(MoneyOutcome::Declined(why)) => return Err(("6001", why)),
            Reception::Again { .. } => return Err(("2007", "订单已支付".to_owned())),
            Reception::BadNumber => return Err(("1004", "订单号格式错误".to_owned())),
            Reception::Unwritten => return Err(("9999", "系统错误".to_owned())),
            Reception::First(MoneyOutcome::Done) => "SUCCESS",
            Reception::Silent | Reception::First(_) => "PROCESSING",
        };
        let url = text("notify_url");
        if self.payments.entry(no).is_some_and(|entry| entry.acted > 0) {
            let news = News { order_no: no, amount, state: "SUCCESS", url };
            self.tell(&news, None, now);
        } else {
            self.state().pages.urls.insert(no.to_owned(), url.to_owned());
        }
        let result = json!({"no_order": no, "dt_order": text("dt_order"),
            "money_order": text("money_order"), "result_pay": state});
        let Value::Object(object) = result else { return Err(bad()) };
        Ok(self.signed(object))
    }
}

fn wrong(code: &str, why: &str) -> Answer {
    Answer::html(frame("无法继续", &format!("<p id=\"wrong\">{code} {}</p>", escape(why))))
}
