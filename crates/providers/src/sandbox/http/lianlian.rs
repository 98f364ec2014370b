//! The twin of LianLian: verifies what the platform signs, signs what it answers, and moves money
//! in the sandbox's journal.

use kernel::identity::{BankCardNo, CardBins, CardType};
use kernel::{Instant, Money};
use lending::ports::MoneyOutcome;
use serde_json::{Map, Value, json};

use super::super::Direction;
use super::super::payments::{Reception, paybill};
use super::{Act, Answer, Asked, FaultKind, PARTNER, World};
use crate::lianlian::sign::{self, Fields};
use crate::lianlian::{load, yuan};

/// How much later a notification comes that is out of date.
const STALE_MS: i64 = 50;

/// A notification of what became of an order.
pub(super) struct News<'n> {
    pub(super) order_no: &'n str,
    pub(super) amount: Money,
    pub(super) state: &'static str,
    pub(super) url: &'n str,
}

impl World {
    /// A call of the platform's; `None` if there is no such call.
    pub(super) fn lianlian(
        &self,
        call: &str,
        asked: &Asked,
        fault: Option<FaultKind>,
        now: Instant,
    ) -> Option<Act> {
        let sealed = matches!(call, "payment.htm" | "confirmPayment.htm" | "queryPayment.htm");
        let Some(fields) = self.opened(&asked.body, sealed) else {
            return Some(self.say("1004", "参数错误", &[]));
        };
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if text("oid_partner") != PARTNER || !self.merchant.is_genuine(&fields) {
            return Some(self.say("1001", "商户签名错误", &[]));
        }
        let order = Order { fields: &fields, fault, now };
        match call {
            "bankcardbin.htm" => Some(self.card_bin(text("card_no"))),
            "bankcardbindlist.htm" => Some(self.bind_list(text("user_id"), text("card_no"))),
            "bankcardunbind.htm" => Some(self.unbind(text("no_agree"))),
            "agreenoauthapply.htm" => Some(self.authorise(&fields)),
            "bankcardrepayment.htm" => Some(self.repayment(&order)),
            "payment.htm" => Some(self.payout(&order)),
            "confirmPayment.htm" => Some(self.confirm_payout(&order)),
            "queryPayment.htm" => Some(self.find(&order, Direction::PayOut)),
            "orderquery.htm" => Some(self.find(&order, Direction::Debit)),
            "statement.htm" => Some(self.statement(&fields, now)),
            _ => None,
        }
    }

    /// What stands in a request, opened where it was sealed.
    fn opened(&self, body: &str, sealed: bool) -> Option<Fields> {
        let read = |text: &str| match serde_json::from_str(text) {
            Ok(Value::Object(object)) => Some(sign::fields(&object)),
            Ok(_) | Err(_) => None,
        };
        let outer = read(body)?;
        if !sealed {
            return Some(outer);
        }
        read(&load::open(outer.get("pay_load")?, &self.signer)?)
    }

    /// An answer, signed.
    pub(super) fn say(&self, code: &str, message: &str, more: &[(&str, Value)]) -> Act {
        let mut object = Map::new();
        object.insert("ret_code".to_owned(), Value::from(code));
        object.insert("ret_msg".to_owned(), Value::from(message));
        object.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Act::Say(Answer::json(self.signed(object)))
    }

    /// A message of LianLian's.
    pub(super) fn signed(&self, mut object: Map<String, Value>) -> String {
        object.insert("oid_partner".to_owned(), Value::from(PARTNER));
        object.insert("sign_type".to_owned(), Value::from("RSA"));
        let sign = self.signer.sign(&sign::fields(&object)).unwrap_or_default();
        object.insert("sign".to_owned(), Value::from(sign));
        Value::Object(object).to_string()
    }

    fn card_bin(&self, card: &str) -> Act {
        let found = BankCardNo::parse(card).and_then(|card| CardBins::shipped().find(&card));
        let Some(bin) = found else { return self.say("5001", "卡BIN查询失败", &[]) };
        let more = [
            ("bank_code", Value::from(BANK_CODE)),
            ("bank_name", Value::from(bin.bank_name.as_str())),
            ("card_type", Value::from(if bin.card_type == CardType::Credit { "3" } else { "2" })),
        ];
        self.say("0000", "交易成功", &more)
    }

    fn bind_list(&self, user: &str, card: &str) -> Act {
        let mut state = self.state();
        let about = (!card.is_empty()).then_some(card);
        if self.options.signs_on_sight
            && about.is_some()
            && state.agreements.sign(user, card).is_err()
        {
            return self.say("9999", "系统错误", &[]);
        }
        let signed = state.agreements.of(user, about);
        drop(state);
        if signed.is_empty() {
            return self.say("3003", "用户未签约银行卡", &[]);
        }
        let row = |signed: &super::agreements::Signed| {
            let end = signed.card.get(signed.card.len().saturating_sub(4)..).unwrap_or_default();
            json!({"no_agree": signed.no_agree, "card_no": end, "bank_code": BANK_CODE,
                "bank_name": "沙箱银行", "card_type": "2", "bind_mobile": "138****0001"})
        };
        let list: Vec<_> = signed.iter().map(row).collect();
        self.say("0000", "交易成功", &[("agreement_list", Value::from(list))])
    }

    fn unbind(&self, no_agree: &str) -> Act {
        let ended = self.state().agreements.end(no_agree);
        match ended {
            Ok(true) => self.say("0000", "交易成功", &[]),
            Ok(false) => self.say("3003", "协议不存在", &[]),
            Err(_) => self.say("9999", "系统错误", &[]),
        }
    }

    fn authorise(&self, fields: &Fields) -> Act {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let plan: Value = serde_json::from_str(text("repayment_plan")).unwrap_or_default();
        let rows = plan.get("repaymentPlan").and_then(Value::as_array);
        let row = |row: &Value| {
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            Some((text("date")?.to_owned(), Money::parse_yuan(text("amount")?).ok()?))
        };
        let rows: Option<Vec<_>> = rows.into_iter().flatten().map(row).collect();
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
            return self.say("1004", "还款计划错误", &[]);
        };
        let mut state = self.state();
        let known = state.agreements.get(text("no_agree"));
        if known.is_none_or(|signed| signed.user != text("user_id")) {
            drop(state);
            return self.say("3003", "协议不存在", &[]);
        }
        state.pages.plans.insert(text("repayment_no").to_owned(), rows);
        drop(state);
        self.say("0000", "交易成功", &[("repayment_no", Value::from(text("repayment_no")))])
    }

    fn repayment(&self, order: &Order<'_>) -> Act {
        let state = self.state();
        let known = state.agreements.get(order.text("no_agree")).cloned();
        let plan = state.pages.plans.get(order.text("repayment_no")).cloned();
        drop(state);
        let Some(signed) = known.filter(|signed| signed.user == order.text("user_id")) else {
            return self.say("3003", "协议不存在", &[]);
        };
        let row = (order.text("schedule_repayment_date").to_owned(), order.amount());
        let planned = plan.unwrap_or_default();
        if !planned.iter().any(|(date, amount)| *date == row.0 && Some(*amount) == row.1) {
            return self.say("3001", "还款计划不存在", &[]);
        }
        self.receive(order, &signed.card, Direction::Debit)
    }

    fn payout(&self, order: &Order<'_>) -> Act {
        let card = order.text("card_no");
        if BankCardNo::parse(card).is_none() || order.text("acct_name").is_empty() {
            return self.say("1004", "收款人参数错误", &[]);
        }
        let waits = match super::super::card_code(card) {
            "9908" => Some(("4002", "疑似重复提交订单")),
            "9909" => Some(("4003", "收款人姓名不一致")),
            _ => None,
        };
        let (no, is_new) = (order.text("no_order"), self.payments.entry(order.text("no_order")));
        if let (Some((code, message)), None) = (waits, is_new) {
            let confirm = crate::random::below(900_000).saturating_add(100_000).to_string();
            let kept = (confirm.clone(), order.fields.clone());
            self.state().pages.unconfirmed.insert(no.to_owned(), kept);
            let more = [("no_order", Value::from(no)), ("confirm_code", Value::from(confirm))];
            return self.say(code, message, &more);
        }
        self.receive(order, card, Direction::PayOut)
    }

    fn confirm_payout(&self, order: &Order<'_>) -> Act {
        let no = order.text("no_order");
        let mut state = self.state();
        let right = state.pages.unconfirmed.get(no);
        if right.is_none_or(|(code, _)| code != order.text("confirm_code")) {
            drop(state);
            return self.say("1004", "验证码错误", &[]);
        }
        let kept = state.pages.unconfirmed.remove(no);
        drop(state);
        let Some((_, fields)) = kept else { return self.say("8901", "没有记录", &[]) };
        let first = Order { fields: &fields, ..*order };
        self.receive(&first, first.text("card_no"), Direction::PayOut)
    }

    /// Moves the money of an order, if its number is new.
    fn receive(&self, order: &Order<'_>, card: &str, direction: Direction) -> Act {
        let no = order.text("no_order");
        let Some(amount) = order.amount().filter(|amount| *amount > Money::ZERO) else {
            return self.say("1004", "金额错误", &[]);
        };
        let received = self.payments.receive((no, amount), card, direction);
        let url = order.text("notify_url");
        if matches!(received, Reception::First(MoneyOutcome::Unknown)) {
            self.state().pages.urls.insert(no.to_owned(), url.to_owned());
        }
        let acted = self.payments.entry(no).is_some_and(|entry| entry.acted > 0);
        let is_first = matches!(received, Reception::First(_) | Reception::Silent);
        if acted && is_first {
            let news = News { order_no: no, amount, state: "SUCCESS", url };
            self.tell(&news, order.fault, order.now);
        }
        let known = [("no_order", Value::from(no)), ("oid_paybill", Value::from(paybill(no)))];
        match received {
            Reception::BadNumber => self.say("1004", "订单号格式错误", &[]),
            Reception::Again { .. } => self.say("1002", "商户订单号重复", &known),
            Reception::Unwritten => self.say("9999", "系统错误", &[]),
            Reception::Silent => Act::Silence,
            Reception::First(MoneyOutcome::Declined(why)) => {
                self.say(decline_code(&why, direction), &why, &known)
            }
            Reception::First(
                MoneyOutcome::Done | MoneyOutcome::Unknown | MoneyOutcome::NoRecord,
            ) => self.say("0000", "交易成功", &known),
        }
    }

    fn find(&self, order: &Order<'_>, direction: Direction) -> Act {
        let no = order.text("no_order");
        if direction == Direction::PayOut
            && let Some((_, fields)) = self.state().pages.unconfirmed.get(no)
        {
            let amount = fields.get("money_order").cloned().unwrap_or_default();
            let more = [
                ("no_order", Value::from(no)),
                ("money_order", Value::from(amount)),
                ("result_pay", Value::from("CHECK")),
            ];
            return self.say("0000", "交易成功", &more);
        }
        let Some(entry) = self.payments.entry(no).filter(|entry| entry.direction == direction)
        else {
            return self.say("8901", "没有记录", &[]);
        };
        let (state, why) = match lending::ports::Payments::query(&self.payments, no) {
            MoneyOutcome::Done => ("SUCCESS", String::new()),
            MoneyOutcome::Declined(why) => ("FAILURE", why),
            MoneyOutcome::Unknown | MoneyOutcome::NoRecord => ("PROCESSING", String::new()),
        };
        let amount = entry.amount;
        let url = (state != "PROCESSING").then(|| self.state().pages.urls.remove(no)).flatten();
        if let Some(url) = url {
            let news = News { order_no: no, amount, state, url: &url };
            self.tell(&news, order.fault, order.now);
        }
        let more = [
            ("no_order", Value::from(no)),
            ("dt_order", Value::from(no.get(..14).unwrap_or_default())),
            ("money_order", Value::from(yuan(amount))),
            ("result_pay", Value::from(state)),
            ("oid_paybill", Value::from(paybill(no))),
            ("settle_date", Value::from(no.get(..8).unwrap_or_default())),
            ("fail_reason", Value::from(why)),
        ];
        self.say("0000", "交易成功", &more)
    }

    /// Sends a notification, or does wrong with it what it was told to.
    pub(super) fn tell(&self, news: &News<'_>, fault: Option<FaultKind>, now: Instant) {
        let body = self.notice(news, news.state);
        let at = now.plus_millis(self.options.callback_after_ms);
        let mut state = self.state();
        let callbacks = &mut state.callbacks;
        match fault {
            Some(FaultKind::NoCallback) => {}
            Some(FaultKind::TwoCallbacks) => {
                callbacks.add(news.url, body.clone(), None, at);
                callbacks.add(news.url, body, None, at);
            }
            Some(FaultKind::StaleCallback) => {
                callbacks.add(news.url, body, None, at);
                let late = self.notice(news, "PROCESSING");
                callbacks.add(news.url, late, None, at.plus_millis(STALE_MS));
            }
            Some(FaultKind::BadSignature) => {
                let first = Some(spoilt(&body));
                callbacks.add(news.url, body, first, at);
            }
            Some(
                FaultKind::Delay
                | FaultKind::Lost
                | FaultKind::Silent
                | FaultKind::Refused
                | FaultKind::Broken,
            )
            | None => callbacks.add(news.url, body, None, at),
        }
    }

    fn notice(&self, news: &News<'_>, state: &str) -> String {
        let no = news.order_no;
        let object = json!({
            "dt_order": no.get(..14).unwrap_or_default(),
            "no_order": no,
            "oid_paybill": paybill(no),
            "money_order": yuan(news.amount),
            "result_pay": state,
            "settle_date": no.get(..8).unwrap_or_default(),
        });
        let Value::Object(object) = object else { return String::new() };
        self.signed(object)
    }
}

/// The bank of every card in the sandbox.
const BANK_CODE: &str = "01020000";

/// A request about an order.
#[derive(Clone, Copy)]
struct Order<'o> {
    fields: &'o Fields,
    fault: Option<FaultKind>,
    now: Instant,
}

impl Order<'_> {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }

    fn amount(&self) -> Option<Money> {
        Money::parse_yuan(self.text("money_order")).ok()
    }
}

fn decline_code(why: &str, direction: Direction) -> &'static str {
    match (why, direction) {
        ("余额不足", Direction::PayOut) => "5006",
        ("余额不足", Direction::Debit) => "6001",
        (_, _) => "1100",
    }
}

/// A message whose signature is not LianLian's any more.
pub(super) fn spoilt(body: &str) -> String {
    match serde_json::from_str(body) {
        Ok(Value::Object(mut object)) => {
            let sign = object.get("sign").and_then(Value::as_str).unwrap_or_default();
            let turned: String = sign.chars().rev().collect();
            object.insert("sign".to_owned(), Value::from(turned));
            Value::Object(object).to_string()
        }
        Ok(_) | Err(_) => body.to_owned(),
    }
}

/// Whether an answer to a notification stops it from coming again.
pub(super) fn acknowledges(answer: &str) -> bool {
    let value: Value = serde_json::from_str(answer).unwrap_or_default();
    value.get("ret_code").and_then(Value::as_str) == Some("0000")
}
