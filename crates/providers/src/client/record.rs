//! What is kept of each call: who, how long, for how much, and the texts without what is personal.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kernel::Money;
use serde_json::Value;

use super::CallError;

/// Fields whose values may be shown; of everything else only the length is.
const OPEN: &[&str] = &[
    "Action",
    "BizId",
    "Code",
    "Format",
    "Message",
    "OutId",
    "RegionId",
    "RequestId",
    "SignatureMethod",
    "TemplateCode",
    "Timestamp",
    "Version",
    "agreement_list",
    "api_version",
    "bank_code",
    "bank_name",
    "busi_partner",
    "card_type",
    "code",
    "dt_order",
    "error_code",
    "flag_card",
    "id_type",
    "info_order",
    "memo",
    "money_order",
    "name_goods",
    "kind",
    "number",
    "no_order",
    "oid_partner",
    "oid_paybill",
    "pay_type",
    "query_version",
    "reason",
    "repayment_no",
    "res",
    "result",
    "result_pay",
    "ret_code",
    "ret_msg",
    "schedule_repayment_date",
    "settle_date",
    "sign_type",
    "status",
];
/// Characters of a text that are kept at most.
const LONGEST: usize = 4_000;
/// Records that [`Kept`] holds.
const KEPT: usize = 1_000;

/// How a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is an answer; what it says is in it.
    Answered,
    /// There is none.
    Failed(CallError),
}

/// One attempt at a call.
#[derive(Clone, Debug)]
pub struct Record {
    /// Whom.
    pub provider: &'static str,
    /// Which call.
    pub call: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// How long it took, the wait for a place with it.
    pub latency: Duration,
    /// What the provider charges for it.
    pub cost: Money,
    /// What was sent, masked.
    pub request: String,
    /// What came back, masked.
    pub answer: String,
}

/// Whoever keeps the records. It is called outside of any transaction, on the thread of the call.
pub trait Recorder: Send + Sync {
    /// Takes one.
    fn record(&self, record: &Record);
}

/// The last records, in memory.
#[derive(Debug, Default)]
pub struct Kept(Mutex<VecDeque<Record>>);

impl Kept {
    /// The last of them, the newest first.
    pub fn last(&self, most: usize) -> Vec<Record> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().take(most).cloned().collect()
    }
}

impl Recorder for Kept {
    fn record(&self, record: &Record) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(record.clone());
    }
}

/// Fields as they may be kept.
pub(crate) fn masked_fields(fields: &[(&str, &str)]) -> String {
    let shown = |(name, value): &(&str, &str)| {
        if OPEN.contains(name) { format!("{name}={value}") } else { hidden(name, value) }
    };
    cut(fields.iter().map(shown).collect::<Vec<_>>().join("&"))
}

fn hidden(name: &str, value: &str) -> String {
    format!("{name}=*{}", value.chars().count())
}

/// An answer as it may be kept: the open fields of JSON; of anything else, its length.
pub(crate) fn masked(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            mask("", &mut value);
            cut(value.to_string())
        }
        Err(_) => format!("*{}", text.chars().count()),
    }
}

/// Lists and objects are looked into; a plain value is shown if its name is open.
fn mask(name: &str, value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                mask(name, value);
            }
        }
        Value::Array(list) => {
            for value in list {
                mask(name, value);
            }
        }
        Value::String(text) if !OPEN.contains(&name) => {
            *text = format!("*{}", text.chars().count());
        }
        Value::Number(_) if !OPEN.contains(&name) => *value = Value::from("*"),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

fn cut(text: String) -> String {
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_open_is_shown() {
        let fields = [("no_order", "P1"), ("card_no", "6222020200000000012"), ("new", "周小满")];
        assert_eq!(masked_fields(&fields), "no_order=P1&card_no=*19&new=*3");
        let answer = r#"{"ret_code":"0000","agreement_list":[{"no_agree":"2019","card_no":"0012",
            "bank_name":"某银行"}],"n":7,"ok":true}"#;
        let expected = r#"{"agreement_list":[{"bank_name":"某银行","card_no":"*4","no_agree":"*4"}],"n":"*","ok":true,"ret_code":"0000"}"#;
        assert_eq!(masked(answer), expected);
        assert_eq!(masked("<html>周小满</html>"), "*16");
        assert_eq!(masked("\"周小满\""), "\"*3\"");
    }
}
