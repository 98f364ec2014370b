//! The check of four elements (银行卡四要素): name, id number, card and mobile number.
//!
//! UnionPay allows five checks of a card in 24 hours, and locks it for twelve after three
//! mismatches in a row; what would go beyond is not asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Instant, Mobile, Money, RealName, Secret};
use lending::ports::{CheckOutcome, Checks};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::{Body, Call, Client, Limits, Recorder, Resend};
use crate::form;
use crate::lianlian::Now;

/// The name in records.
pub const NAME: &str = "bankcard";
/// Checks of a card in [`DAY_MS`]. Source: UnionPay's limits, providers.md.
const CHECKS_A_DAY: usize = 5;
const DAY_MS: i64 = 24 * 3_600_000;
/// Mismatches in a row that lock a card for [`LOCK_MS`].
const MISMATCHES: usize = 3;
const LOCK_MS: i64 = 12 * 3_600_000;
/// Cards that are remembered; the one that came first is forgotten first.
const CARDS: usize = 10_000;

/// Nobody who could check anything: every question stays open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Checks for Nobody {
    fn real_name(&self, _name: &RealName, _id: &IdCardNo) -> CheckOutcome {
        CheckOutcome::Unknown
    }

    fn bank_card(
        &self,
        _name: &RealName,
        _id: &IdCardNo,
        _card: &BankCardNo,
        _mobile: &Mobile,
    ) -> CheckOutcome {
        CheckOutcome::Unknown
    }

    fn mobile(&self, _name: &RealName, _id: &IdCardNo, _mobile: &Mobile) -> CheckOutcome {
        CheckOutcome::Unknown
    }
}

/// Who we are to the service, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its interface is.
    pub url: String,
    /// Our key.
    pub key: Secret,
    /// What one check costs.
    pub cost: Money,
    /// How it is called.
    pub limits: Limits,
}

/// The service, and somebody else for the checks that it does not make.
pub struct FourElements {
    settings: Settings,
    client: Client,
    now: Now,
    others: Arc<dyn Checks>,
    cards: Mutex<Cards>,
}

impl std::fmt::Debug for FourElements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FourElements").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl FourElements {
    /// Makes a client. Nothing is called.
    pub fn new(
        settings: Settings,
        recorder: Arc<dyn Recorder>,
        now: Now,
        others: Arc<dyn Checks>,
    ) -> Self {
        let client = Client::new(NAME, settings.limits, recorder);
        Self { settings, client, now, others, cards: Mutex::default() }
    }

    fn cards<T>(&self, work: impl FnOnce(&mut Cards) -> T) -> T {
        work(&mut self.cards.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Checks for FourElements {
    fn real_name(&self, name: &RealName, id: &IdCardNo) -> CheckOutcome {
        self.others.real_name(name, id)
    }

    fn bank_card(
        &self,
        name: &RealName,
        id: &IdCardNo,
        card: &BankCardNo,
        mobile: &Mobile,
    ) -> CheckOutcome {
        let (key, now) = (digest(card), (self.now)());
        if !self.cards(|cards| cards.begin(key, now)) {
            return CheckOutcome::Unknown;
        }
        let own = [
            ("realname", name.expose()),
            ("idcard", id.expose()),
            ("bankcard", card.expose()),
            ("mobile", mobile.expose()),
        ];
        let mut fields: BTreeMap<String, String> =
            own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        fields.insert("key".to_owned(), self.settings.key.expose().to_owned());
        let body = form::write(&fields);
        let call = Call {
            name: "verifybankcard4",
            url: &self.settings.url,
            body: Body::Form(&body),
            fields: &own,
            // It is a question, but each one counts against the card.
            resend: Resend::Never,
            cost: self.settings.cost,
        };
        let outcome = self.client.call(&call).map_or(CheckOutcome::Unknown, |text| judge(&text));
        self.cards(|cards| cards.end(key, &outcome, now));
        outcome
    }

    fn wants_code(&self, card: &BankCardNo, mobile: &Mobile) -> bool {
        self.others.wants_code(card, mobile)
    }

    fn mobile(&self, name: &RealName, id: &IdCardNo, mobile: &Mobile) -> CheckOutcome {
        self.others.mobile(name, id, mobile)
    }
}

/// `res` 1 is a match, 2 a mismatch; 3 cannot be verified, 4 is a time-out of theirs.
fn judge(answer: &str) -> CheckOutcome {
    let value: Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
            String::new()
        }
    };
    let result = value.get("result");
    let res = text(result.and_then(|result| result.get("res")));
    match (text(value.get("error_code")).as_str(), res.as_str()) {
        ("0", "1") => CheckOutcome::Match,
        ("0", "2") => {
            let message = text(result.and_then(|result| result.get("message")));
            let said = (!message.is_empty()).then_some(message);
            CheckOutcome::Mismatch(said.unwrap_or_else(|| "持卡人信息不一致".to_owned()))
        }
        (_, _) => CheckOutcome::Unknown,
    }
}

type CardKey = [u8; 32];

fn digest(card: &BankCardNo) -> CardKey {
    Sha256::digest(card.expose()).into()
}

/// How often cards were checked, by a digest of their numbers.
#[derive(Debug, Default)]
struct Cards {
    by_card: BTreeMap<CardKey, Checked>,
    order: VecDeque<CardKey>,
}

#[derive(Debug, Default)]
struct Checked {
    at: VecDeque<Instant>,
    mismatches: usize,
    last_mismatch: Option<Instant>,
}

impl Cards {
    /// Whether the card may be checked now; if so, that counts.
    fn begin(&mut self, key: CardKey, now: Instant) -> bool {
        if !self.by_card.contains_key(&key) {
            if self.by_card.len() >= CARDS
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_card.remove(&oldest);
            }
            self.order.push_back(key);
        }
        let card = self.by_card.entry(key).or_default();
        card.at.retain(|at| at.plus_millis(DAY_MS) > now);
        let locked = card.mismatches >= MISMATCHES
            && card.last_mismatch.is_some_and(|at| at.plus_millis(LOCK_MS) > now);
        if locked || card.at.len() >= CHECKS_A_DAY {
            return false;
        }
        if card.mismatches >= MISMATCHES {
            card.mismatches = 0;
        }
        card.at.push_back(now);
        true
    }

    fn end(&mut self, key: CardKey, outcome: &CheckOutcome, now: Instant) {
        let Some(card) = self.by_card.get_mut(&key) else { return };
        match outcome {
            CheckOutcome::Match => card.mismatches = 0,
            CheckOutcome::Mismatch(_) => {
                card.mismatches = card.mismatches.saturating_add(1);
                card.last_mismatch = Some(now);
            }
            CheckOutcome::Unknown => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_judged_as_documented() {
        let of = |code: &str, res: &str| {
            judge(&format!(
                r#"{{"reason":"x","result":{{"res":"{res}","message":"m"}},"error_code":{code}}}"#
            ))
        };
        assert_eq!(of("0", "1"), CheckOutcome::Match);
        assert_eq!(of("0", "2"), CheckOutcome::Mismatch("m".into()));
        for (code, res) in [("0", "3"), ("0", "4"), ("0", ""), ("10001", "1"), ("10001", "2")] {
            assert_eq!(of(code, res), CheckOutcome::Unknown, "{code} {res}");
        }
        for text in ["", "{}", r#"{"error_code":0,"result":null}"#] {
            assert_eq!(judge(text), CheckOutcome::Unknown, "{text}");
        }
    }

    /// Five checks in 24 hours; three mismatches in a row lock a card for twelve.
    #[test]
    fn unionpays_limits_are_kept_by_card() {
        let hour = |n: i64| Instant::from_millis(1_600_000_000_000 + n * 3_600_000);
        let mut cards = Cards::default();
        for check in 0..5 {
            assert!(cards.begin([1; 32], hour(check)));
            cards.end([1; 32], &CheckOutcome::Match, hour(check));
        }
        assert!(!cards.begin([1; 32], hour(5)));
        assert!(cards.begin([2; 32], hour(5)), "another card");
        assert!(!cards.begin([1; 32], hour(23)));
        assert!(cards.begin([1; 32], hour(24)));
        let wrong = CheckOutcome::Mismatch("m".into());
        for check in 0..3 {
            assert!(cards.begin([3; 32], hour(check)));
            cards.end([3; 32], &wrong, hour(check));
        }
        assert!(!cards.begin([3; 32], hour(13)));
        assert!(cards.begin([3; 32], hour(14)));
    }
}
