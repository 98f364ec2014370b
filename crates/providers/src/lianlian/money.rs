//! Money through LianLian: payouts, debits of instalments, and what became of them.

use kernel::Money;
use lending::ports::{self, MoneyOrder, MoneyOutcome};
use serde_json::json;

use super::cards::fine;
use super::codes::{self, Code, State};
use super::{Answer, Asked, Failure, LianLian, yuan};
use crate::client::Resend;

/// The version of the interfaces for payouts.
const PAYOUT_VERSION: &str = "1.0";
/// Characters of a memo at most.
const MEMO_MOST: usize = 24;
/// Digits of `dt_order`, with which our order numbers begin.
const TIME_DIGITS: usize = 14;
/// Where payouts live.
const PAY_OUT: &str = "paymentapi/payment.htm";
const CONFIRM: &str = "paymentapi/confirmPayment.htm";
const QUERY_PAYOUT: &str = "paymentapi/queryPayment.htm";

impl LianLian {
    /// The time of an order is the one in its number, so that every call says the same.
    fn time_of(&self, order_no: &str) -> String {
        let start = order_no.get(..TIME_DIGITS).unwrap_or_default();
        let is_time = start.len() == TIME_DIGITS && start.bytes().all(|b| b.is_ascii_digit());
        if is_time { start.to_owned() } else { self.now_text() }
    }

    fn send_payout(&self, order: &MoneyOrder) -> Result<MoneyOutcome, Failure> {
        let (time, amount) = (self.time_of(&order.order_no), yuan(order.amount));
        let memo: String = self.settings.goods.chars().take(MEMO_MOST).collect();
        let fields = [
            ("api_version", PAYOUT_VERSION),
            ("no_order", order.order_no.as_str()),
            ("dt_order", &time),
            ("money_order", &amount),
            ("card_no", order.card.expose()),
            ("acct_name", order.name.expose()),
            ("flag_card", "0"),
            ("info_order", &self.settings.goods),
            ("memo", &memo),
            ("notify_url", &self.settings.notify_url),
        ];
        let answer = self.ask_sealed(PAY_OUT, &fields, Resend::Never)?;
        if answer.code == "4002" && answer.text("no_order") == order.order_no {
            // The same card within 24 hours. Our numbers keep orders apart, so this is a second
            // loan or a refund, not a second payment.
            return self.confirm(&order.order_no, answer.text("confirm_code"));
        }
        Ok(sent(&answer))
    }

    /// Confirms a payout that waits for it, within 24 hours. Of one that waits because the name
    /// differs, a person decides.
    pub fn confirm(&self, order_no: &str, code: &str) -> Result<MoneyOutcome, Failure> {
        let fields = [
            ("api_version", PAYOUT_VERSION),
            ("no_order", order_no),
            ("confirm_code", code),
            ("notify_url", &self.settings.notify_url),
        ];
        let answer = self.ask_sealed(CONFIRM, &fields, Resend::Never)?;
        Ok(sent(&answer))
    }

    /// Authorises a plan of one row, and debits it. A plan that is authorised twice is the same.
    fn send_debit(&self, order: &MoneyOrder) -> Result<MoneyOutcome, Failure> {
        let Some(agreement) = self.agreement(&order.card)? else {
            return Ok(MoneyOutcome::Declined("银行卡未签约".to_owned()));
        };
        let (time, amount) = (self.time_of(&order.order_no), yuan(order.amount));
        let date = day(&time);
        let user = self.user_of(&order.card);
        let plan = [(date.as_str(), order.amount)];
        self.authorise(&user, &agreement.no_agree, (&order.order_no, &plan))?;
        let fields = [
            ("user_id", user.as_str()),
            ("busi_partner", &self.settings.business),
            ("no_order", &order.order_no),
            ("dt_order", &time),
            ("name_goods", &self.settings.goods),
            ("money_order", &amount),
            ("notify_url", &self.settings.notify_url),
            ("schedule_repayment_date", &date),
            ("repayment_no", &order.order_no),
            ("pay_type", "I"),
            ("no_agree", &agreement.no_agree),
        ];
        let answer = self.ask("bankcardrepayment.htm", &fields, Resend::Never)?;
        Ok(sent(&answer))
    }

    /// Authorises a plan of instalments (分期授权): its number, and a date and an amount for each.
    pub fn authorise(
        &self,
        user: &str,
        no_agree: &str,
        (repayment_no, rows): (&str, &[(&str, Money)]),
    ) -> Result<(), Failure> {
        let rows: Vec<_> = rows
            .iter()
            .map(|(date, amount)| json!({"date": date, "amount": yuan(*amount)}))
            .collect();
        let plan = json!({ "repaymentPlan": rows }).to_string();
        let fields = [
            ("user_id", user),
            ("no_agree", no_agree),
            ("pay_type", "I"),
            ("repayment_no", repayment_no),
            ("repayment_plan", &plan),
        ];
        // It moves nothing, and the same plan again is the same plan.
        fine(&self.ask("agreenoauthapply.htm", &fields, Resend::Question)?)
    }

    /// What became of a payout.
    pub fn query_payout(&self, order_no: &str, amount: Option<Money>) -> MoneyOutcome {
        let fields = [("api_version", PAYOUT_VERSION), ("no_order", order_no)];
        self.found(order_no, amount, self.ask_sealed(QUERY_PAYOUT, &fields, Resend::Question))
    }

    /// What became of a debit, or of what a customer paid on a page.
    pub fn query_debit(&self, order_no: &str, amount: Option<Money>) -> MoneyOutcome {
        let time = self.time_of(order_no);
        let fields =
            [("no_order", order_no), ("dt_order", time.as_str()), ("query_version", "1.1")];
        self.found(order_no, amount, self.ask("orderquery.htm", &fields, Resend::Question))
    }

    /// What an answer to a query says. It must name the order, and its amount where we know it.
    fn found(&self, order_no: &str, amount: Option<Money>, answer: Asked) -> MoneyOutcome {
        let Ok(answer) = answer else { return MoneyOutcome::Unknown };
        if codes::of(&answer.code) == Code::NoRecord {
            return MoneyOutcome::NoRecord;
        }
        let is_ours = answer.is_fine() && answer.text("no_order") == order_no;
        let fits = |amount: Money| answer.text("money_order") == yuan(amount);
        if !is_ours || !amount.is_none_or(fits) {
            return MoneyOutcome::Unknown;
        }
        match codes::state(answer.text("result_pay")) {
            State::Done => MoneyOutcome::Done,
            State::Declined => MoneyOutcome::Declined(reason(&answer)),
            State::Open => MoneyOutcome::Unknown,
        }
    }

    /// An order is a payout or a debit; the number does not say which, so both are asked.
    fn find(&self, order_no: &str, amount: Option<Money>) -> MoneyOutcome {
        match self.query_payout(order_no, amount) {
            MoneyOutcome::NoRecord => self.query_debit(order_no, amount),
            found @ (MoneyOutcome::Done | MoneyOutcome::Declined(_) | MoneyOutcome::Unknown) => {
                found
            }
        }
    }
}

/// `yyyy-MM-dd` of `yyyyMMddHHmmss`.
fn day(time: &str) -> String {
    let part = |from: usize, to: usize| time.get(from..to).unwrap_or_default();
    format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8))
}

/// What an answer to an order says. Accepted is not paid: that is asked for.
fn sent(answer: &Answer) -> MoneyOutcome {
    match codes::of(&answer.code) {
        Code::Declined => MoneyOutcome::Declined(answer.message.clone()),
        Code::Accepted | Code::Confirm | Code::NoRecord | Code::Unknown => MoneyOutcome::Unknown,
    }
}

fn reason(answer: &Answer) -> String {
    let said = [answer.text("fail_reason"), answer.text("memo"), answer.message.as_str()];
    said.into_iter().find(|text| !text.is_empty()).unwrap_or("支付失败").to_owned()
}

fn outcome(sent: Result<MoneyOutcome, Failure>) -> MoneyOutcome {
    match sent {
        Ok(outcome) => outcome,
        Err(Failure::Declined { message, .. }) => MoneyOutcome::Declined(message),
        Err(Failure::Unknown) => MoneyOutcome::Unknown,
    }
}

impl ports::Payments for LianLian {
    fn pay_out(&self, order: &MoneyOrder) -> MoneyOutcome {
        outcome(self.send_payout(order))
    }

    fn debit(&self, order: &MoneyOrder) -> MoneyOutcome {
        outcome(self.send_debit(order))
    }

    fn query(&self, order_no: &str) -> MoneyOutcome {
        self.find(order_no, None)
    }

    fn query_order(&self, order: &MoneyOrder) -> MoneyOutcome {
        self.find(&order.order_no, Some(order.amount))
    }
}
