//! LianLian Pay (连连支付): signing cards, taking instalments, paying out.
//!
//! What its codes mean for the core is in [`codes`]: whatever is not known to be an answer is
//! unknown, and is asked for, never guessed.

mod cards;
pub mod codes;
pub(crate) mod load;
mod money;
mod notice;
mod pages;
pub mod sign;
pub mod statement;

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::identity::BankCardNo;
use kernel::{Instant, Money, Secret};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::client::{Body, Call, CallError, Client, Limits, Recorder, Resend};
use codes::Code;
use sign::{Fields, KeyError, Signer, Verifier};

pub use cards::{Agreement, Bin, CardKind};
pub use notice::{acknowledgement, refusal};
pub use pages::{PAY_PATH, Returned, SIGN_PATH};

/// The name in records.
pub const NAME: &str = "lianlian";
/// The version of the interfaces for cards.
const API_VERSION: &str = "1.0";

/// Who we are to LianLian, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its interfaces begin: `https://…`, without the last slash.
    pub url: String,
    /// Where it tells us what became of orders.
    pub notify_url: String,
    /// Our number (`oid_partner`).
    pub partner: String,
    /// Our private key.
    pub private_key: Secret,
    /// LianLian's public key.
    pub public_key: String,
    /// What names of users are made with; it must never change, agreements hang on it.
    pub user_key: Secret,
    /// The product code of ours (`busi_partner`).
    pub business: String,
    /// What is lent, in words for statements (`name_goods`, `info_order`).
    pub goods: String,
    /// What one order costs.
    pub cost: Money,
    /// How it is called.
    pub limits: Limits,
}

/// Where the time comes from.
pub type Now = Arc<dyn Fn() -> Instant + Send + Sync>;

/// LianLian, as we know it.
pub struct LianLian {
    settings: Settings,
    signer: Signer,
    verifier: Verifier,
    client: Client,
    now: Now,
}

impl std::fmt::Debug for LianLian {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LianLian").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

/// Why there is no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// LianLian says no.
    #[error("declined with {code}: {message}")]
    Declined {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// Nobody can say: no answer, or none that LianLian has signed.
    #[error("unknown")]
    Unknown,
}

impl From<CallError> for Failure {
    fn from(_: CallError) -> Self {
        Self::Unknown
    }
}

/// What LianLian answered, and has signed.
#[derive(Debug)]
struct Answer {
    object: Map<String, Value>,
    code: String,
    message: String,
}

impl Answer {
    fn text(&self, name: &str) -> &str {
        self.object.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    const fn is_fine(&self) -> bool {
        matches!(self.code.as_bytes(), b"0000")
    }

    /// What it says, where nothing else can be made of it.
    fn failure(&self) -> Failure {
        match codes::of(&self.code) {
            Code::Declined => {
                Failure::Declined { code: self.code.clone(), message: self.message.clone() }
            }
            Code::Accepted | Code::Confirm | Code::NoRecord | Code::Unknown => Failure::Unknown,
        }
    }
}

impl LianLian {
    /// Reads the keys, and makes a client. Nothing is called.
    pub fn new(
        settings: Settings,
        recorder: Arc<dyn Recorder>,
        now: Now,
    ) -> Result<Self, KeyError> {
        let signer = Signer::read(&settings.private_key)?;
        let verifier = Verifier::read(&settings.public_key)?;
        let client = Client::new(NAME, settings.limits, recorder);
        Ok(Self { settings, signer, verifier, client, now })
    }

    /// What a cardholder is called there: one user for each card, whoever asks, so that an
    /// agreement is found by its card.
    pub fn user_of(&self, card: &BankCardNo) -> String {
        let key = self.settings.user_key.expose().as_bytes();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
        mac.update(card.expose().as_bytes());
        let digest = mac.finalize().into_bytes();
        crate::random::hex_of(digest.get(..16).unwrap_or_default())
    }

    /// `yyyyMMddHHmmss` now.
    fn now_text(&self) -> String {
        digits((self.now)())
    }

    /// A message with our number and our signature.
    fn signed(&self, fields: &[(&str, &str)]) -> Option<Fields> {
        let mut all: Fields =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.retain(|_, value| !value.is_empty());
        all.insert("oid_partner".to_owned(), self.settings.partner.clone());
        all.insert("sign_type".to_owned(), "RSA".to_owned());
        let sign = self.signer.sign(&all)?;
        all.insert("sign".to_owned(), sign);
        Some(all)
    }

    /// Sends a signed message.
    fn ask(&self, name: &'static str, fields: &[(&str, &str)], resend: Resend) -> Asked {
        let signed = self.signed(fields).ok_or(Failure::Unknown)?;
        self.post(name, &json(&signed), fields, resend)
    }

    /// Sends a message sealed for LianLian alone.
    fn ask_sealed(&self, name: &'static str, fields: &[(&str, &str)], resend: Resend) -> Asked {
        let signed = self.signed(fields).ok_or(Failure::Unknown)?;
        let sealed = load::seal(&json(&signed), &self.verifier).ok_or(Failure::Unknown)?;
        let partner = self.settings.partner.clone();
        let outer =
            Fields::from([("oid_partner".to_owned(), partner), ("pay_load".to_owned(), sealed)]);
        self.post(name, &json(&outer), fields, resend)
    }

    fn post(
        &self,
        name: &'static str,
        body: &str,
        fields: &[(&str, &str)],
        resend: Resend,
    ) -> Asked {
        let url = format!("{}/{name}", self.settings.url);
        let cost = match resend {
            Resend::Never => self.settings.cost,
            Resend::Question => Money::ZERO,
        };
        let call = Call { name, url: &url, body: Body::Json(body), fields, resend, cost };
        let text = self.client.call(&call)?;
        self.read(&text)
    }

    /// Reads an answer; one that LianLian has not signed is none.
    fn read(&self, text: &str) -> Asked {
        let value = serde_json::from_str(text).map_err(|_| Failure::Unknown)?;
        let Value::Object(object) = value else { return Err(Failure::Unknown) };
        let fields = sign::fields(&object);
        let partner = fields.get("oid_partner").map(String::as_str).unwrap_or_default();
        if !self.verifier.is_genuine(&fields) || partner != self.settings.partner {
            return Err(Failure::Unknown);
        }
        let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let (code, message) = (text("ret_code"), text("ret_msg"));
        Ok(Answer { object, code, message })
    }
}

type Asked = Result<Answer, Failure>;

/// `yyyyMMddHHmmss` in Shanghai.
fn digits(at: Instant) -> String {
    at.shanghai_text().chars().filter(char::is_ascii_digit).collect()
}

/// Yuan with two decimals, as every amount is written there.
pub(crate) fn yuan(amount: Money) -> String {
    format!("{}.{:02}", amount.yuan_part(), amount.fen_part())
}

fn json(fields: &Fields) -> String {
    let object = fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    Value::Object(object.collect()).to_string()
}
