//! The funding partner's twin over HTTP: its answers, its callbacks, and what goes wrong with them.

use kernel::Instant;

use super::callbacks::Manner;
use super::{Act, Answer, Asked, FaultKind, World};
use crate::funding::sign;
use crate::sandbox::funding::{News, Paid, Signature, Told};

/// How long after a callback an older one comes, where a fault has it so.
const STALE_MS: i64 = 20;

impl World {
    pub(super) fn funding(&self, asked: &Asked, fault: Option<FaultKind>, now: Instant) -> Act {
        let header = |name: &str| asked.headers.get(name).cloned().unwrap_or_default();
        let given = Signature::of(header);
        let mut state = self.state();
        let said = state.funding.answer(&asked.path, &given, &asked.body, now);
        if let Some((told, fault)) = said.told.zip(fault) {
            state.funding_faults.insert(told, fault);
        }
        let answer = Answer::json(said.body);
        Act::Say(Answer { header: Some((sign::SIGNATURE, said.signature)), ..answer })
    }

    /// Puts the callbacks that are due into the queue.
    pub(super) fn tell_funding_news(&self, now: Instant) {
        let mut state = self.state();
        for News { about, url, body, before } in state.funding.news(now) {
            let fault = state.funding_faults.get(&about).copied();
            let callbacks = &mut state.callbacks;
            let mut add = |body: String, first: Option<String>, at: Instant| {
                callbacks.put(&url, body, Manner::Funding, (first, at));
            };
            match fault {
                Some(FaultKind::NoCallback) => {}
                Some(FaultKind::TwoCallbacks) => {
                    add(body.clone(), None, now);
                    add(body, None, now);
                }
                Some(FaultKind::StaleCallback) => {
                    add(body, None, now);
                    if let Some(before) = before {
                        add(before, None, now.plus_millis(STALE_MS));
                    }
                }
                Some(FaultKind::BadSignature) => {
                    let spoilt = body.replace("\"seq\"", "\"seq\" ");
                    add(body, Some(spoilt), now);
                }
                Some(
                    FaultKind::Delay
                    | FaultKind::Lost
                    | FaultKind::Silent
                    | FaultKind::Refused
                    | FaultKind::Broken,
                )
                | None => add(body, None, now),
            }
        }
    }

    /// What signs a callback of the funding partner's.
    pub(super) fn sign_funding(&self, url: &str, body: &str, now: Instant) -> Signature {
        self.state().funding.sign(url, body, now)
    }

    /// Everything that the funding partner was told, in order.
    pub fn funding_told(&self) -> Vec<Told> {
        self.state().funding.told().to_vec()
    }

    /// Every withdrawal that the funding partner has paid out by now.
    pub fn funding_paid(&self, now: Instant) -> Vec<Paid> {
        self.state().funding.paid(now)
    }
}
