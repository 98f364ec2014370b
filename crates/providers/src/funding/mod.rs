//! The funding partner (资金方): told of applications and drawdowns, asked about them, and heard.
//!
//! The interface is the platform's own; docs/funding.md describes it for partners.

pub mod sign;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

use std::sync::Arc;

use kernel::{Money, Secret};
use lending::ports::{
    BadNews, Funding, FundingAnswer, FundingKind, FundingNews, FundingOrder, SignedCall,
};
use serde_json::json;

use crate::client::{Body, Call, CallError, Client, Limits, Recorder, Resend, Signed};
use crate::lianlian::Now;
use crate::random;
use sign::{Head, KEY, NONCE, SIGNATURE, TIMESTAMP, What};
use wire::Standing;

/// The name in records.
pub const NAME: &str = "funding";
/// Bytes of a nonce of ours.
const NONCE_BYTES: usize = 16;
/// Characters of a nonce that is read.
const NONCE_MOST: usize = 64;

/// Who we are to the partner, and where it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where its calls begin.
    pub url: String,
    /// Where it calls back to; with nothing, it is only asked.
    pub notify_url: Option<String>,
    /// What it knows us by.
    pub key_id: String,
    /// What both sides sign with.
    pub secret: Secret,
    /// What a call costs.
    pub cost: Money,
}

/// A signed call.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'e> {
    /// The last part of its path.
    pub name: &'static str,
    /// Where it goes.
    pub url: &'e str,
    /// The headers that sign it.
    pub headers: &'e [(&'e str, &'e str)],
    /// All of it.
    pub body: &'e str,
    /// What of it records may know of.
    pub noted: &'e [(&'e str, &'e str)],
    /// What it costs.
    pub cost: Money,
}

/// Somebody who makes signed calls.
pub trait Exchanges: Send + Sync {
    /// Makes one; the text of the answer, and its signature.
    fn exchange(&self, exchange: &Exchange<'_>) -> Result<(String, String), CallError>;
}

impl Exchanges for Client {
    fn exchange(&self, exchange: &Exchange<'_>) -> Result<(String, String), CallError> {
        let call = Call {
            name: exchange.name,
            url: exchange.url,
            body: Body::Json(exchange.body),
            fields: exchange.noted,
            // A nonce is used once; whoever asks again does so later.
            resend: Resend::Never,
            cost: exchange.cost,
        };
        self.call_signed(&call, &Signed { headers: exchange.headers, answer: SIGNATURE })
    }
}

/// The partner, over HTTP or in this process.
pub struct FundingPartner {
    settings: Settings,
    way: Arc<dyn Exchanges>,
    now: Now,
}

impl std::fmt::Debug for FundingPartner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FundingPartner").field("url", &self.settings.url).finish_non_exhaustive()
    }
}

impl FundingPartner {
    /// The partner over HTTP. Nothing is called.
    pub fn new(settings: Settings, limits: Limits, recorder: Arc<dyn Recorder>, now: Now) -> Self {
        Self::by(settings, Arc::new(Client::new(NAME, limits, recorder)), now)
    }

    /// The partner by whoever carries its calls: the sandbox in this process.
    pub fn by(settings: Settings, way: Arc<dyn Exchanges>, now: Now) -> Self {
        Self { settings, way, now }
    }

    /// Makes a call; the text of the answer, if the partner has signed it.
    fn ask(
        &self,
        name: &'static str,
        (kind, number): (FundingKind, &str),
        body: &str,
    ) -> Option<String> {
        let url = format!("{}/{name}", self.settings.url.trim_end_matches('/'));
        let timestamp = (self.now)().millis().to_string();
        let nonce = random::hex(NONCE_BYTES)?;
        let head = Head { path: sign::path_of(&url), timestamp: &timestamp, nonce: &nonce };
        let secret = &self.settings.secret;
        let signature = sign::sign(secret, What::Call, head, body.as_bytes());
        let headers = [
            (KEY, self.settings.key_id.as_str()),
            (TIMESTAMP, &timestamp),
            (NONCE, &nonce),
            (SIGNATURE, &signature),
        ];
        let noted = [("kind", kind.word()), ("number", number)];
        let exchange = Exchange {
            name,
            url: &url,
            headers: &headers,
            body,
            noted: &noted,
            cost: self.settings.cost,
        };
        let (text, signature) = self.way.exchange(&exchange).ok()?;
        let signed = (text.as_bytes(), signature.as_str());
        sign::is_signed(secret, What::Answer, head, signed).then_some(text)
    }
}

impl Funding for FundingPartner {
    fn tell(&self, order: &FundingOrder) -> FundingAnswer {
        let body = wire::body_of(order, self.settings.notify_url.as_deref());
        let about = wire::about(order);
        let text = self.ask(wire::call_of(order), about, &body);
        text.map_or(FundingAnswer::Unknown, |text| wire::answer(&text, about.0, false))
    }

    fn query(&self, kind: FundingKind, number: &str) -> FundingAnswer {
        let body = json!({"kind": kind.word(), "number": number}).to_string();
        let text = self.ask("query", (kind, number), &body);
        text.map_or(FundingAnswer::Unknown, |text| wire::answer(&text, kind, true))
    }

    fn news(&self, call: &SignedCall<'_>) -> Result<FundingNews, BadNews> {
        let Some(notify_url) = &self.settings.notify_url else { return Err(BadNews::Signature) };
        let (timestamp, nonce) = (call.timestamp, call.nonce);
        let head = Head { path: sign::path_of(notify_url), timestamp, nonce };
        let signed = (call.body, call.signature);
        let is_signed = sign::is_signed(&self.settings.secret, What::Call, head, signed);
        let is_nonce = (1..=NONCE_MOST).contains(&nonce.len());
        if !is_signed || !is_nonce || call.key_id != self.settings.key_id {
            return Err(BadNews::Signature);
        }
        let distance = timestamp.parse::<i64>().ok().map(|at| at.abs_diff((self.now)().millis()));
        if distance.is_none_or(|distance| distance > sign::WINDOW_MS.unsigned_abs()) {
            return Err(BadNews::Stale);
        }
        let standing = serde_json::from_slice::<Standing>(call.body).ok();
        standing.and_then(Standing::read).ok_or(BadNews::Malformed)
    }

    fn nonce_life_ms(&self) -> i64 {
        sign::WINDOW_MS.saturating_mul(2)
    }
}
