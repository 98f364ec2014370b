//! Notifications that wait to be sent, and to be sent again until they are acknowledged.

use kernel::Instant;

/// How often a notification is sent at most. Source: providers.md, LianLian.
const TIMES: u32 = 30;
/// Notifications that wait at most; more are lost, as the fault has it.
const MOST: usize = 10_000;

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub(super) id: u64,
    /// Where it goes.
    pub url: String,
    /// What it says.
    pub body: String,
    /// What is signed, where headers sign it: what it ought to say.
    pub(super) signed: String,
    /// How it is sent.
    pub manner: Manner,
}

/// How a notification is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As JSON that holds its signature: LianLian's.
    Json,
    /// As a form without one: Limu's.
    Form,
    /// As JSON that headers sign: the funding partner's.
    Funding,
}

#[derive(Debug)]
struct Waiting {
    callback: Callback,
    /// What is sent the first time instead.
    first: Option<String>,
    at: Instant,
    sent: u32,
}

#[derive(Debug, Default)]
pub(super) struct Callbacks {
    waiting: Vec<Waiting>,
    next: u64,
}

impl Callbacks {
    pub(super) fn add(&mut self, url: &str, body: String, first: Option<String>, at: Instant) {
        self.put(url, body, Manner::Json, (first, at));
    }

    /// A notification that is a form.
    pub(super) fn add_form(&mut self, url: &str, body: String, at: Instant) {
        self.put(url, body, Manner::Form, (None, at));
    }

    /// A notification of any manner, and what is sent the first time instead.
    pub(super) fn put(
        &mut self,
        url: &str,
        body: String,
        manner: Manner,
        (first, at): (Option<String>, Instant),
    ) {
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        if !is_web || self.waiting.len() >= MOST {
            return;
        }
        self.next = self.next.saturating_add(1);
        let (id, url, signed) = (self.next, url.to_owned(), body.clone());
        let callback = Callback { id, url, body, signed, manner };
        self.waiting.push(Waiting { callback, first, at, sent: 0 });
    }

    pub(super) fn due(&mut self, now: Instant, again_ms: i64) -> Vec<Callback> {
        self.waiting.retain(|waiting| waiting.sent < TIMES);
        let mut due = Vec::new();
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.at <= now) {
            waiting.at = now.plus_millis(again_ms);
            waiting.sent = waiting.sent.saturating_add(1);
            let body = waiting.first.take().unwrap_or_else(|| waiting.callback.body.clone());
            due.push(Callback { body, ..waiting.callback.clone() });
        }
        due
    }

    pub(super) fn end(&mut self, id: u64) {
        self.waiting.retain(|waiting| waiting.callback.id != id);
    }

    pub(super) const fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_comes_thirty_times_unless_it_is_acknowledged() {
        let at = |minutes: i64| Instant::from_millis(1_600_000_000_000 + minutes * 60_000);
        let mut callbacks = Callbacks::default();
        callbacks.add("http://a/", "1".into(), Some("spoilt".into()), at(0));
        callbacks.add("https://b/", "2".into(), None, at(0));
        callbacks.add("file:///etc/passwd", "3".into(), None, at(0));
        let due = callbacks.due(at(0), 120_000);
        let bodies: Vec<_> = due.iter().map(|it| it.body.as_str()).collect();
        assert_eq!(bodies, ["spoilt", "2"]);
        callbacks.end(due[1].id);
        assert!(callbacks.due(at(1), 120_000).is_empty());
        let times = (1..100).filter(|n| !callbacks.due(at(2 * n), 120_000).is_empty()).count();
        assert_eq!(times, 29);
        assert_eq!(callbacks.waiting(), 0);
    }
}
