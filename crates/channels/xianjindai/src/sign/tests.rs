//! Signatures printed in document 001, and what must not pass.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::*;
use crate::json::Written;

/// Samples of document 001 with their signatures (contract page, `signatures.json`); none of them
/// holds anything of a person.
const SAMPLES: &str = include_str!("../../testdata/signatures.json");

#[derive(Deserialize)]
struct Sample {
    name: String,
    scheme: String,
    message: Box<RawValue>,
    sign: String,
}

#[derive(Deserialize)]
struct Stamped {
    timestamp: String,
    nonce: String,
}

const PAGED: Documented<'_> = Documented {
    fields: &[
        ("nonce", Written::Text),
        ("timestamp", Written::Text),
        ("pageNum", Written::Number("1")),
        ("pageSize", Written::Number("10")),
    ],
    nested: &[],
};

fn key() -> Secret {
    Secret::new("12345678".to_owned())
}

fn check_with(json: &str, sign: &str, documented: &Documented<'_>, old: bool) -> Option<Scheme> {
    let stamped: Stamped = serde_json::from_str(json).unwrap();
    let stamp = Stamp { timestamp: &stamped.timestamp, nonce: &stamped.nonce };
    check(&key(), &Claim { sign, stamp, json, documented }, old)
}

#[test]
fn the_documents_own_samples_are_genuine() {
    let samples: Vec<Sample> = serde_json::from_str(SAMPLES).unwrap();
    assert_eq!(samples.len(), 8);
    for sample in samples {
        let json = sample.message.get();
        let stamped: Stamped = serde_json::from_str(json).unwrap();
        let stamp = Stamp { timestamp: &stamped.timestamp, nonce: &stamped.nonce };
        let scheme = if sample.scheme == "v1" { Scheme::Old } else { Scheme::Whole };
        let made = make(&key(), scheme, stamp, json).unwrap();
        assert_eq!(made, sample.sign, "{}", sample.name);
        // With the signature in its place, as on the wire.
        let json = format!(r#"{{"sign":"{}",{}"#, sample.sign, json.get(1..).unwrap());
        let none = Documented { fields: &[], nested: &[] };
        let found = check_with(&json, &sample.sign, &none, true);
        assert_eq!(found, Some(scheme), "{}", sample.name);
        let upper = sample.sign.to_ascii_uppercase();
        assert_eq!(check_with(&json, &upper, &none, true), Some(scheme), "{}", sample.name);
        let without = check_with(&json, &sample.sign, &none, false);
        assert_eq!(without, Some(scheme).filter(|s| *s == Scheme::Whole), "{}", sample.name);
    }
}

#[test]
fn nothing_can_be_changed_under_a_signature() {
    let json = r#"{"nonce":"12345678","pageNum":2,"pageSize":10,"timestamp":"1511758907184"}"#;
    // The document's own (§24.2), over page 2.
    let sign = "26565737c178fd2c27cd88bbbcfed248235e9aea";
    assert_eq!(check_with(json, sign, &PAGED, false), Some(Scheme::Whole));
    for (from, to) in [
        ("\"pageNum\":2", "\"pageNum\":1"),
        ("\"pageSize\":10", "\"pageSize\":10.0"),
        ("12345678", "12345679"),
        ("1511758907184", "1511758907185"),
    ] {
        let json = json.replace(from, to);
        assert_eq!(check_with(&json, sign, &PAGED, false), None, "{json}");
    }
    for sign in
        ["", "26565737c178fd2c27cd88bbbcfed248235e9ae", "26565737c178fd2c27cd88bbbcfed248235e9aeb"]
    {
        assert_eq!(check_with(json, sign, &PAGED, true), None, "{sign}");
    }
}

#[test]
fn a_message_is_also_read_as_the_original_server_read_it() {
    // Signed by the client over what the document knows, sent with more, or with less.
    let sign = "26565737c178fd2c27cd88bbbcfed248235e9aea";
    let sent = r#"{"nonce":"12345678","pageNum":"2","deviceId":"x","timestamp":1511758907184}"#;
    let stamp = Stamp { timestamp: "1511758907184", nonce: "12345678" };
    let claim = |json| Claim { sign, stamp, json, documented: &PAGED };
    assert_eq!(check(&key(), &claim(sent), false), Some(Scheme::Whole));
    let other_page = sent.replace("\"2\"", "\"3\"");
    assert_eq!(check(&key(), &claim(&other_page), false), None);
}
