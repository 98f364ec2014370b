//! The funding partner's twin: verifies what it is told, remembers it, and decides by magic amounts.
//! `docs/sandbox.md` has the table.
//!
//! What it says at a time is a function of what it was told and of that time.

mod book;
mod wire;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use kernel::{Instant, Secret};
use serde_json::Value;

use super::Amounts;
use super::journal::JournalError;
use crate::client::CallError;
use crate::funding::sign::{self, Head, KEY, NONCE, SIGNATURE, TIMESTAMP, What};
use crate::funding::{Exchange, Exchanges};
use crate::lianlian::Now;
use book::Book;
pub use book::{Paid, Told};
use wire::Refusal;

/// What the twin knows the platform by.
pub const KEY_ID: &str = "sandbox";

/// What the headers of a call say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Who signed.
    pub key_id: String,
    /// When.
    pub timestamp: String,
    /// A text that is never used twice.
    pub nonce: String,
    /// The signature.
    pub signature: String,
}

impl Signature {
    /// From the headers of a call, by their names in lower case.
    pub fn of(header: impl Fn(&str) -> String) -> Self {
        Self {
            key_id: header(KEY),
            timestamp: header(TIMESTAMP),
            nonce: header(NONCE),
            signature: header(SIGNATURE),
        }
    }

    const fn head<'h>(&'h self, path: &'h str) -> Head<'h> {
        Head { path, timestamp: self.timestamp.as_str(), nonce: self.nonce.as_str() }
    }
}

/// What the twin answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The body.
    pub body: String,
    /// Its signature.
    pub signature: String,
    /// What it has been told just now, if that was new: its call and its number.
    pub told: Option<(String, String)>,
}

/// A callback that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What it is about: a call and a number.
    pub about: (String, String),
    /// Where it goes.
    pub url: String,
    /// Its body.
    pub body: String,
    /// The body of the callback before it, if there was one.
    pub before: Option<String>,
}

/// The twin.
#[derive(Debug)]
pub struct Twin {
    secret: Secret,
    book: Book,
    /// Nonces that were used, and when.
    nonces: BTreeMap<String, i64>,
    /// How many of its words about an order it has called back with.
    called: BTreeMap<(String, String), usize>,
}

impl Twin {
    /// A twin that remembers in a file, or forgets. Each of its words takes so many milliseconds.
    pub fn open(
        path: Option<&Path>,
        secret: Secret,
        (amounts, after_ms): (Amounts, i64),
    ) -> Result<Self, JournalError> {
        let book = Book::open(path, amounts, after_ms)?;
        Ok(Self { secret, book, nonces: BTreeMap::new(), called: BTreeMap::new() })
    }

    /// Everything that it was told, in order.
    pub fn told(&self) -> &[Told] {
        self.book.told()
    }

    /// Every withdrawal that it has paid out by now.
    pub fn paid(&self, now: Instant) -> Vec<Paid> {
        self.book.paid(now)
    }

    /// Answers a call.
    pub fn answer(&mut self, path: &str, given: &Signature, body: &str, now: Instant) -> Said {
        let call = path.rsplit('/').next().unwrap_or_default();
        let answered = self.admit(path, given, body, now);
        let answered = answered.and_then(|()| self.book.take(call, body, now));
        let (envelope, told) = match answered {
            Ok((data, told)) => (wire::envelope("0000", "", &data), told),
            Err(Refusal { code, message }) => (wire::envelope(code, message, &Value::Null), None),
        };
        let body = envelope.to_string();
        let signature = sign::sign(&self.secret, What::Answer, given.head(path), body.as_bytes());
        Said { body, signature, told }
    }

    /// Signature, time and nonce must be right.
    fn admit(
        &mut self,
        path: &str,
        given: &Signature,
        body: &str,
        now: Instant,
    ) -> Result<(), Refusal> {
        let signed = (body.as_bytes(), given.signature.as_str());
        let is_signed = sign::is_signed(&self.secret, What::Call, given.head(path), signed);
        if given.key_id != KEY_ID || !is_signed {
            return Err(Refusal::new("1001", "bad signature"));
        }
        let (now, window) = (now.millis(), sign::WINDOW_MS);
        let distance = given.timestamp.parse::<i64>().ok().map(|at| at.abs_diff(now));
        if distance.is_none_or(|distance| distance > window.unsigned_abs()) {
            return Err(Refusal::new("1002", "stale timestamp"));
        }
        let oldest = now.saturating_sub(window.saturating_mul(2));
        self.nonces.retain(|_, at| *at > oldest);
        if given.nonce.is_empty() || self.nonces.insert(given.nonce.clone(), now).is_some() {
            return Err(Refusal::new("1003", "nonce used before"));
        }
        Ok(())
    }

    /// The callbacks that are due: one for each of its words but those that were answers.
    pub fn news(&mut self, now: Instant) -> Vec<News> {
        let mut news = Vec::new();
        for told in self.book.told().to_vec() {
            let Some(url) = told.notify.clone() else { continue };
            let about = (told.call.clone(), told.number.clone());
            let words = self.book.words(&told, now);
            let from = self.called.get(&about).copied().unwrap_or(1);
            for (place, word) in words.iter().enumerate().skip(from) {
                let before = words.get(place.wrapping_sub(1)).filter(|_| place > 0);
                news.push(News {
                    about: about.clone(),
                    url: url.clone(),
                    body: wire::standing(&told, place, word).to_string(),
                    before: before.map(|word| {
                        wire::standing(&told, place.saturating_sub(1), word).to_string()
                    }),
                });
            }
            self.called.insert(about, words.len().max(1));
        }
        news
    }

    /// The headers that sign a callback.
    pub fn sign(&self, url: &str, body: &str, now: Instant) -> Signature {
        let mut signature = Signature {
            key_id: KEY_ID.to_owned(),
            timestamp: now.millis().to_string(),
            nonce: crate::random::hex(16).unwrap_or_default(),
            signature: String::new(),
        };
        let head = signature.head(sign::path_of(url));
        let signed = sign::sign(&self.secret, What::Call, head, body.as_bytes());
        signature.signature = signed;
        signature
    }
}

/// The twin in this process, as somebody who takes the adapter's calls. It calls nobody back.
pub struct InProcess {
    twin: Mutex<Twin>,
    now: Now,
}

impl InProcess {
    /// Over what a twin knows.
    pub const fn new(twin: Twin, now: Now) -> Self {
        Self { twin: Mutex::new(twin), now }
    }
}

impl Exchanges for InProcess {
    fn exchange(&self, exchange: &Exchange<'_>) -> Result<(String, String), CallError> {
        let header = |name: &str| {
            let found = exchange.headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        };
        let given = Signature::of(header);
        let mut twin = self.twin.lock().unwrap_or_else(PoisonError::into_inner);
        let path = sign::path_of(exchange.url);
        let said = twin.answer(path, &given, exchange.body, (self.now)());
        Ok((said.body, said.signature))
    }
}
