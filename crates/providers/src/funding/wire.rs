//! The messages of the funding partner's interface, field for field as docs/funding.md has them.

use kernel::Money;
use lending::ports::{
    FundingAnswer, FundingKind, FundingNews, FundingOrder, FundingRepayment, FundingStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Digits of a number at most, and characters of a reason that are read.
const NUMBER_MOST: usize = 64;
const REASON_MOST: usize = 200;
/// Tenors of an approval at most.
const TENORS_MOST: usize = 60;

/// The code of a success.
pub(crate) const DONE: &str = "0000";
/// The partner has no record of what it is asked about.
pub(crate) const NO_RECORD: &str = "2001";
/// What it takes for a mistake: a message that is none, a number that was another's, something
/// that it does not do.
pub(crate) const MISTAKES: [&str; 3] = ["1004", "2002", "2003"];

/// An answer.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Envelope {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) data: Value,
}

/// Where an application or a withdrawal stands: in answers, and in callbacks.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Standing {
    pub(crate) kind: String,
    pub(crate) number: String,
    pub(crate) status: u32,
    pub(crate) seq: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenors: Option<Vec<u32>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl Standing {
    /// What it says; nothing where it says what there is not.
    pub(crate) fn read(self) -> Option<FundingNews> {
        let kind = FundingKind::parse(&self.kind)?;
        let status = FundingStatus::of_code(self.status)?;
        let fits = match kind {
            FundingKind::Apply => status.is_audit(),
            FundingKind::Withdraw => !status.is_audit(),
            FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => false,
        };
        let amount = self.amount.map(|text| Money::parse_yuan(&text)).transpose().ok()?;
        let tenors_fit = self
            .tenors
            .as_ref()
            .is_none_or(|tenors| (1..=TENORS_MOST).contains(&tenors.len()) && !tenors.contains(&0));
        let number_fits = (1..=NUMBER_MOST).contains(&self.number.len());
        if !fits || !tenors_fit || !number_fits || self.seq == 0 {
            return None;
        }
        Some(FundingNews {
            kind,
            number: self.number,
            status,
            place: self.seq,
            amount,
            tenors: self.tenors,
            reason: self.reason.map(|text| line(&text)).filter(|text| !text.is_empty()),
        })
    }
}

/// A text without line ends and other signs that are not to be seen, and not too long.
fn line(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_control()).take(REASON_MOST).collect()
}

/// The last part of the path of a call that tells something.
pub(crate) const fn call_of(order: &FundingOrder) -> &'static str {
    match order {
        FundingOrder::Apply(_) => "apply",
        FundingOrder::Withdraw(_) => "withdraw",
        FundingOrder::Plan { .. } => "repay-plan",
        FundingOrder::Repay(_) => "repay",
        FundingOrder::Reversal(_) => "repay-reversal",
    }
}

/// The kind and the number of what is told.
pub(crate) fn about(order: &FundingOrder) -> (FundingKind, &str) {
    match order {
        FundingOrder::Apply(told) => (FundingKind::Apply, &told.order_no),
        FundingOrder::Withdraw(told) => (FundingKind::Withdraw, &told.withdraw_no),
        FundingOrder::Plan { order_no, .. } => (FundingKind::Plan, order_no),
        FundingOrder::Repay(told) => (FundingKind::Repay, &told.repay_no),
        FundingOrder::Reversal(told) => (FundingKind::Reversal, &told.repay_no),
    }
}

/// The body of a call that tells something.
pub(crate) fn body_of(order: &FundingOrder, notify_url: Option<&str>) -> String {
    let value = match order {
        FundingOrder::Apply(told) => json!({
            "orderNo": told.order_no,
            "product": told.product,
            "amount": told.amount.to_string(),
            "tenors": told.tenors,
            "yearRatePpm": told.rate_ppm,
            "name": told.name.expose(),
            "idNo": told.id_no.expose(),
            "mobile": told.mobile.expose(),
            "applyTime": told.applied_at.millis(),
            "notifyUrl": notify_url,
        }),
        FundingOrder::Withdraw(told) => json!({
            "orderNo": told.order_no,
            "withdrawNo": told.withdraw_no,
            "amount": told.amount.to_string(),
            "tenor": told.tenor,
            "name": told.name.expose(),
            "cardNo": told.card.expose(),
            "reserveMobile": told.mobile.expose(),
            "notifyUrl": notify_url,
        }),
        FundingOrder::Plan { order_no, rows } => {
            let rows = rows.iter().map(|row| {
                json!({
                    "tenor": row.number,
                    "payDate": row.due.to_string(),
                    "principal": row.principal.to_string(),
                    "interest": row.interest.to_string(),
                    "fee": row.fee.to_string(),
                })
            });
            json!({"orderNo": order_no, "rows": rows.collect::<Vec<_>>()})
        }
        FundingOrder::Repay(told) | FundingOrder::Reversal(told) => repayment(told),
    };
    value.to_string()
}

fn repayment(told: &FundingRepayment) -> Value {
    json!({
        "orderNo": told.order_no,
        "repayNo": told.repay_no,
        "payDate": told.on.to_string(),
        "principal": told.principal.to_string(),
        "interest": told.interest.to_string(),
        "fee": told.fee.to_string(),
        "penalty": told.penalty.to_string(),
    })
}

/// What an answer says that the partner has signed; `asks` where it was asked, and not told.
pub(crate) fn answer(text: &str, kind: FundingKind, asks: bool) -> FundingAnswer {
    let Ok(envelope) = serde_json::from_str::<Envelope>(text) else {
        return FundingAnswer::Unknown;
    };
    if envelope.code == NO_RECORD && asks {
        return FundingAnswer::NoRecord;
    }
    if MISTAKES.contains(&envelope.code.as_str()) || envelope.code == NO_RECORD {
        let reason = format!("{} {}", envelope.code, line(&envelope.message));
        // A question that was a mistake says nothing about what was asked.
        return if asks { FundingAnswer::Unknown } else { FundingAnswer::Refused(reason) };
    }
    if envelope.code != DONE {
        return FundingAnswer::Unknown;
    }
    match kind {
        FundingKind::Plan | FundingKind::Repay | FundingKind::Reversal => FundingAnswer::Taken,
        FundingKind::Apply | FundingKind::Withdraw => {
            let standing = serde_json::from_value::<Standing>(envelope.data).ok();
            let news = standing.and_then(Standing::read);
            news.map_or(FundingAnswer::Unknown, FundingAnswer::Says)
        }
    }
}
