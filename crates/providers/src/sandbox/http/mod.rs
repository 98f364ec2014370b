//! The sandbox over HTTP: the same wires as the providers, with real signatures. This is what it
//! answers; the server that carries it is the binary's.
//!
//! What it knows of payments is the journal that the sandbox in the process has too.

mod agreements;
mod aliyun;
mod bankcard;
mod callbacks;
mod caller;
mod faults;
mod funding;
mod lianlian;
mod page;
mod pages;
mod statement;
mod trace;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::{Instant, Secret};

use super::{Amounts, JournalError, Payments, Sms, face, funding as partner, limu};
use crate::form;
use crate::lianlian::sign::{KeyError, Signer, Verifier};
use agreements::Agreements;
use callbacks::Callbacks;
pub use callbacks::{Callback, Manner};
pub use caller::call_back;
pub use faults::{Fault, FaultKind, Faults};
use pages::Pages;
use trace::Trace;
pub use trace::{Entry, Way};

/// The number that LianLian's twin knows the platform by.
pub const PARTNER: &str = "201900000000000001";
/// The key that Limu's twin knows the platform by.
pub const LIMU_KEY: &str = "sandbox";
/// How often tasks of Limu's twin move on by themselves, in milliseconds.
const TICK_MS: i64 = 1_000;

/// The id that Aliyun's twin knows the platform by.
pub const KEY_ID: &str = "sandboxKeyId";

/// What the twins sign and verify with.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The platform's public key at LianLian.
    pub merchant_public: String,
    /// LianLian's private key.
    pub lianlian_private: Secret,
    /// The secret that the platform signs for Aliyun with.
    pub aliyun_secret: Secret,
    /// The key of the check of four elements.
    pub bankcard: Secret,
    /// The secret that the platform signs for Limu with.
    pub limu: Secret,
    /// The key and the secret at `FaceID`.
    pub face: (Secret, Secret),
    /// What the platform and the funding partner sign with.
    pub funding: Secret,
}

/// How the sandbox behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it remembers; nothing for one that forgets.
    pub folder: Option<PathBuf>,
    /// Whether amounts can be magic.
    pub amounts: Amounts,
    /// Whether texts are kept in a file, in the clear.
    pub shows_texts: bool,
    /// Whether every card counts as signed, for channels that have no page to sign it on.
    pub signs_on_sight: bool,
    /// How long after an order its notification comes, in milliseconds.
    pub callback_after_ms: i64,
    /// How long after a notification that was not acknowledged it comes again, in milliseconds;
    /// LianLian takes two minutes.
    pub callback_again_ms: i64,
}

/// A request, as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its path.
    pub path: String,
    /// Its query.
    pub query: String,
    /// What kind of body it has.
    pub kind: String,
    /// Its body, as text.
    pub body: String,
    /// Its body, as it came.
    pub bytes: Vec<u8>,
    /// Headers that say something to a twin, by their names in lower case.
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    /// What faults name it by: the last part of its path, or the method of a gateway.
    fn call(&self) -> String {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        let method = || form::read(&self.body).remove("method");
        if last == "gateway" { method().unwrap_or_default() } else { last.to_owned() }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What kind of text it is.
    pub kind: &'static str,
    /// The text.
    pub body: String,
    /// Where a browser goes instead.
    pub location: Option<String>,
    /// A header more.
    pub header: Option<(&'static str, String)>,
}

impl Answer {
    pub(super) const fn json(body: String) -> Self {
        Self {
            status: 200,
            kind: "application/json; charset=utf-8",
            body,
            location: None,
            header: None,
        }
    }

    pub(super) const fn html(body: String) -> Self {
        Self { status: 200, kind: "text/html; charset=utf-8", body, location: None, header: None }
    }

    pub(super) const fn plain(status: u16, body: String) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", body, location: None, header: None }
    }

    fn to(location: String) -> Self {
        Self { location: Some(location), ..Self::plain(303, String::new()) }
    }
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The answer; nothing where it is lost on its way.
    pub answer: Option<Answer>,
    /// How long it takes.
    pub delay: Duration,
}

/// All twins together.
pub struct World {
    options: Options,
    signer: Signer,
    merchant: Verifier,
    keys: Keys,
    payments: Payments,
    sms: Sms,
    state: Mutex<State>,
}

struct State {
    limu: limu::State,
    ticked: Instant,
    agreements: Agreements,
    funding: partner::Twin,
    /// What goes wrong with the callbacks about an order.
    funding_faults: BTreeMap<(String, String), FaultKind>,
    callbacks: Callbacks,
    pages: Pages,
    sent: aliyun::Sent,
    faults: Faults,
    trace: Trace,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Why the sandbox cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Its memory cannot.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl World {
    /// Opens the memory, and reads the keys.
    pub fn open(options: Options, keys: Keys) -> Result<Self, OpenError> {
        let signer = Signer::read(&keys.lianlian_private)?;
        let merchant = Verifier::read(&keys.merchant_public)?;
        let file = |name: &str| options.folder.as_ref().map(|folder| folder.join(name));
        let payments = match file("payments.journal") {
            Some(path) => Payments::open(&path, options.amounts)?,
            None => Payments::in_memory(options.amounts),
        };
        let sms = match file("sms.journal").filter(|_| options.shows_texts) {
            Some(path) => Sms::open(&path)?,
            None => Sms::in_memory(),
        };
        let agreements = Agreements::open(file("agreements.journal").as_deref())?;
        let funding = partner::Twin::open(
            file("funding.journal").as_deref(),
            keys.funding.clone(),
            (options.amounts, options.callback_after_ms),
        )?;
        let state = State {
            funding,
            funding_faults: BTreeMap::new(),
            limu: limu::State::new(LIMU_KEY.to_owned(), keys.limu.clone()),
            ticked: Instant::from_millis(0),
            agreements,
            callbacks: Callbacks::default(),
            pages: Pages::default(),
            sent: aliyun::Sent::default(),
            faults: Faults::default(),
            trace: Trace::default(),
        };
        let state = Mutex::new(state);
        Ok(Self { options, signer, merchant, keys, payments, sms, state })
    }

    /// What the sandbox knows of payments.
    pub const fn payments(&self) -> &Payments {
        &self.payments
    }

    /// The texts that were sent.
    pub const fn sms(&self) -> &Sms {
        &self.sms
    }

    /// What it is to do wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// What it is to do wrong next.
    pub fn faults(&self) -> Faults {
        self.state().faults.clone()
    }

    /// What it received and sent last, the newest first.
    pub fn trace(&self, most: usize) -> Vec<Entry> {
        self.state().trace.last(most)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request.
    pub fn answer(&self, asked: &Asked, now: Instant) -> Reply {
        let call = asked.call();
        let fault = self.state().faults.take(&call);
        let reply = self.with_fault(asked, &call, fault, now);
        let said = reply.answer.as_ref().map_or("(nothing)", |answer| answer.body.as_str());
        let body = if asked.body.is_empty() { &asked.query } else { &asked.body };
        let entry = Entry {
            at: now,
            way: Way::In,
            call,
            fault,
            asked: body.clone(),
            said: said.to_owned(),
        };
        self.state().trace.note(entry);
        reply
    }

    fn with_fault(
        &self,
        asked: &Asked,
        call: &str,
        fault: Option<FaultKind>,
        now: Instant,
    ) -> Reply {
        let at_once = |answer| Reply { answer, delay: Duration::ZERO };
        match fault {
            Some(FaultKind::Lost) => return at_once(None),
            Some(FaultKind::Refused) => {
                return at_once(Some(Answer::plain(503, "busy".to_owned())));
            }
            Some(
                FaultKind::Delay
                | FaultKind::Silent
                | FaultKind::Broken
                | FaultKind::BadSignature
                | FaultKind::NoCallback
                | FaultKind::TwoCallbacks
                | FaultKind::StaleCallback,
            )
            | None => {}
        }
        let done = self.dispatch(asked, call, fault, now);
        let answer = done.unwrap_or(Act::Say(Answer::plain(404, "no such call".to_owned())));
        let Act::Say(answer) = answer else { return at_once(None) };
        match fault {
            Some(FaultKind::Delay) => Reply { answer: Some(answer), delay: faults::DELAY },
            Some(FaultKind::Silent) => at_once(None),
            Some(FaultKind::Broken) => at_once(Some(Answer::plain(502, "broken".to_owned()))),
            Some(FaultKind::BadSignature) => {
                let turned = |(name, text): (_, String)| (name, text.chars().rev().collect());
                let header = answer.header.map(turned);
                at_once(Some(Answer { body: lianlian::spoilt(&answer.body), header, ..answer }))
            }
            Some(
                FaultKind::Lost
                | FaultKind::Refused
                | FaultKind::NoCallback
                | FaultKind::TwoCallbacks
                | FaultKind::StaleCallback,
            )
            | None => at_once(Some(answer)),
        }
    }

    /// To the twin that the path belongs to; `None` where it belongs to nobody.
    fn dispatch(
        &self,
        asked: &Asked,
        call: &str,
        fault: Option<FaultKind>,
        now: Instant,
    ) -> Option<Act> {
        let (_, path) = asked.path.split_once("/sandbox/")?;
        let (provider, _) = path.split_once('/')?;
        match provider {
            "lianlian" => self.lianlian(call, asked, fault, now),
            "lianlian-pages" => self.lianlian_page(call, &form::read(&asked.body), now),
            "aliyun" => Some(self.aliyun(&form::read(&asked.body), now)),
            "bankcard" => Some(Act::Say(self.bankcard(&form::read(&asked.body)))),
            "limu" => Some(self.limu(&asked.path, &form::read(&asked.body))),
            "face" => Some(Act::Say(self.face(asked))),
            "funding" => Some(self.funding(asked, fault, now)),
            _ => None,
        }
    }

    fn limu(&self, path: &str, fields: &limu::Fields) -> Act {
        let answered = limu::answer(&mut self.state().limu, path, fields);
        answered.map_or(Act::Silence, |text| Act::Say(Answer::json(text)))
    }

    fn face(&self, asked: &Asked) -> Answer {
        let (api_key, api_secret) = self.keys.face.clone();
        let mut twin = face::State { api_key, api_secret };
        let (status, text) = face::answer(&mut twin, &asked.kind, &asked.bytes);
        Answer { status, ..Answer::json(text) }
    }

    /// Takes the notifications that are due; each comes again unless [`World::called`] says that
    /// it was acknowledged.
    pub fn due(&self, now: Instant) -> Vec<Callback> {
        let again = self.options.callback_again_ms;
        self.tell_funding_news(now);
        let mut state = self.state();
        if state.ticked.plus_millis(TICK_MS) <= now {
            state.ticked = now;
            state.limu.tick();
        }
        for limu::Callback { url, form } in state.limu.take_callbacks() {
            state.callbacks.add_form(&url, form, now);
        }
        state.callbacks.due(now, again)
    }

    /// How many notifications wait.
    pub fn waiting(&self) -> usize {
        self.state().callbacks.waiting()
    }

    /// What a notification was answered; nothing if nobody answered.
    pub fn called(&self, callback: &Callback, answer: Option<&str>, now: Instant) {
        let acknowledged = answer.is_some_and(|text| match callback.manner {
            Manner::Form => text.trim() == "success",
            Manner::Json => lianlian::acknowledges(text),
            // The client hands on nothing but what came with status 200.
            Manner::Funding => true,
        });
        let mut state = self.state();
        if acknowledged {
            state.callbacks.end(callback.id);
        }
        state.trace.note(Entry {
            at: now,
            way: Way::Out,
            call: callback.url.clone(),
            fault: None,
            asked: callback.body.clone(),
            said: answer.unwrap_or("(nothing)").to_owned(),
        });
    }

    /// The page for people: what came in and went out, and what it is to do wrong.
    pub fn page(&self) -> String {
        let state = self.state();
        page::overview(&state.trace.last(page::ENTRIES), &state.faults)
    }
}

/// What a twin does.
enum Act {
    Say(Answer),
    /// The request or the answer is lost.
    Silence,
}
