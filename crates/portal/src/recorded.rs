//! Conversations that tests have had with the server, one for each call: `data/recorded.json`.
//!
//! They are recorded anew by `JIEHUAN_RECORD=FILE cargo nextest run -p jiehuan --test it`, and then
//! `jiehuan`'s test `portal::examples_are_recorded` with the same variable; see docs/portal.md.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

const FILE: &str = include_str!("../data/recorded.json");

/// What was sent and what came back.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// The path with its query, as it was sent.
    pub(crate) path: String,
    /// The body; empty where there was none.
    pub(crate) request: String,
    /// The answer.
    pub(crate) answer: String,
}

/// The conversation about an operation, by its method in capitals and its path as described.
pub(crate) fn of(method: &str, path: &str) -> Option<Recorded> {
    static ALL: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    let all = ALL.get_or_init(|| serde_json::from_str(FILE).unwrap_or_default());
    let found = all.get(&format!("{method} {path}"))?;
    let text = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Recorded { path: text("path"), request: text("request"), answer: text("answer") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read() {
        let all: BTreeMap<String, Value> = serde_json::from_str(FILE).unwrap();
        assert!(!all.is_empty());
        for (name, one) in all {
            assert!(one["answer"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
    }
}
