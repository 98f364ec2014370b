//! Twins of the documents' sample answers: what an answer looks like, and the twins that are kept as
//! files below `tests/golden/samples`, one for each sample.
//!
//! A twin has the request as the document prints it and the answer's sample, both with people and
//! figures of our own:
//!
//! ```json
//! {"sample": "借款确认", "method": "POST", "path": "/loan-confirm",
//!  "headers": {"authorization": "{{token}}"}, "form": {"amount": "1000", "period": "7"},
//!  "answer": {"status": "SUCCESS", "error_message": "", "results": []}}
//! ```
//!
//! Instead of `form` there may be `json`, which is sent as it is written. Names in braces are filled
//! in by the test; so are numbers that it knows, as an order's. The order of keys counts unless
//! `any_order` is true. Where our answer differs from the document's on purpose, `differs` says why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::bench::{Answer, Bench, Store};
use crate::golden::percent_encoded;

/// The channels whose every call has a twin.
const CHANNELS: [&str; 3] = ["chaojihua", "shuaidan", "wukong"];

/// An object with its members in the order in which they stand.
struct Members<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<T>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(InOrder(std::marker::PhantomData))
    }
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What an answer looks like: keys in their order, signs of JSON, numbers and dates by their digits;
/// texts, signatures and ids by what they are. The values of some keys stay: codes, and the text
/// that goes with them. Rows of a list that look the same are one.
#[track_caller]
pub(crate) fn shape(json: &str, kept: &[&str]) -> String {
    Manner { kept, any_order: false }.shape(json)
}

/// How answers are looked at.
#[derive(Clone, Copy)]
struct Manner<'k> {
    /// The keys whose values stay.
    kept: &'k [&'k str],
    any_order: bool,
}

impl Manner<'_> {
    #[track_caller]
    fn shape(self, json: &str) -> String {
        let json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
        self.of(json, "")
    }

    #[track_caller]
    fn of(self, json: &RawValue, key: &str) -> String {
        let text = json.get();
        if text.starts_with('{') {
            let Members::<&RawValue>(members) = serde_json::from_str(text).unwrap();
            let member = |(key, value): (String, _)| format!("{key}:{}", self.of(value, &key));
            let mut members: Vec<_> = members.into_iter().map(member).collect();
            if self.any_order {
                members.sort();
            }
            return format!("{{{}}}", members.join(","));
        }
        if text.starts_with('[') {
            let rows: Vec<&RawValue> = serde_json::from_str(text).unwrap();
            let mut rows: Vec<_> = rows.into_iter().map(|row| self.of(row, key)).collect();
            rows.dedup();
            return format!("[{}]", rows.join(","));
        }
        if self.kept.contains(&key) {
            return text.to_owned();
        }
        if !text.starts_with('"') {
            return digits(text);
        }
        let text: String = serde_json::from_str(text).unwrap();
        if text.starts_with('{') { self.shape(&text) } else { format!("\"{}\"", look(&text)) }
    }
}

fn look(text: &str) -> String {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_plain = |byte: u8| byte.is_ascii_digit() || b".,: -*".contains(&byte);
    if text.starts_with("data:") {
        return text.split(',').next().unwrap_or_default().to_owned();
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return "address".to_owned();
    }
    match text.len() {
        0 => String::new(),
        36 if text.matches('-').count() == 4 => "id".to_owned(),
        40 if is_hex => "sign".to_owned(),
        32 if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => "session".to_owned(),
        _ if text.bytes().all(is_plain) => digits(text),
        _ => "text".to_owned(),
    }
}

/// Digits become nines: of a number or year one of them; of decimals, and of what stands between
/// hyphens and colons, as many as there are.
fn digits(text: &str) -> String {
    let (mut out, mut before, mut counted) = (String::new(), [' '; 2], false);
    for sign in text.chars() {
        let [earlier, last] = before;
        if !sign.is_ascii_digit() {
            out.push(sign);
        } else if !last.is_ascii_digit() {
            counted = ['.', '-', ':'].contains(&last) && earlier.is_ascii_digit();
            out.push('9');
        } else if counted {
            out.push('9');
        }
        before = [last, sign];
    }
    out
}

/// A twin, as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Twin {
    /// The document's heading.
    #[serde(rename = "sample")]
    _sample: String,
    method: String,
    path: String,
    #[serde(default)]
    headers: Members<String>,
    #[serde(default)]
    query: Members<Values>,
    form: Option<Members<Values>>,
    json: Option<Box<RawValue>>,
    #[serde(default)]
    any_order: bool,
    differs: Option<String>,
    answer: Box<RawValue>,
}

/// What stands in a field of a form, once or several times.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Some(Vec<String>),
}

/// The twins of a channel, on a server.
pub(crate) struct Twins<'b> {
    bench: &'b Bench,
    channel: &'static str,
    /// The keys whose values must be the sample's own.
    kept: &'static [&'static str],
    waiting: BTreeMap<String, Twin>,
    known: Vec<(String, String)>,
}

impl<'b> Twins<'b> {
    pub(crate) fn of(
        bench: &'b Bench,
        channel: &'static str,
        kept: &'static [&'static str],
    ) -> Self {
        Self { bench, channel, kept, waiting: files(channel), known: Vec::new() }
    }

    /// Goes on with another server.
    pub(crate) fn on(self, bench: &Bench) -> Twins<'_> {
        let Self { channel, kept, waiting, .. } = self;
        Twins { bench, channel, kept, waiting, known: Vec::new() }
    }

    /// What a name in braces, or a number, stands for from here on.
    pub(crate) fn know(&mut self, name: &str, value: &str) {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let name = if is_number { name.to_owned() } else { format!("{{{{{name}}}}}") };
        self.known.retain(|(known, _)| *known != name);
        self.known.push((name, value.to_owned()));
    }

    /// Sends the request of a twin; the answer must look like the sample.
    #[track_caller]
    pub(crate) fn play(&mut self, name: &str) -> Value {
        self.play_while(name, || ()).json()
    }

    /// The same, with something that happens while the server answers.
    #[track_caller]
    pub(crate) fn play_while(&mut self, name: &str, happens: impl FnOnce()) -> Answer {
        let twin = self.waiting.remove(name).unwrap_or_else(|| panic!("no twin {name}"));
        let path = format!("/{}{}", self.channel, twin.path);
        let query = self.form(&twin.query);
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        let mut headers: Vec<_> =
            twin.headers.0.iter().map(|(key, value)| (&**key, self.filled(value))).collect();
        let (kind, body) = match (&twin.form, &twin.json) {
            (Some(form), _) => ("application/x-www-form-urlencoded", self.form(form)),
            (None, Some(json)) => ("application/json", self.filled(json.get())),
            (None, None) => ("", String::new()),
        };
        if !kind.is_empty() {
            headers.push(("content-type", kind.to_owned()));
        }
        let headers: Vec<_> = headers.iter().map(|(key, value)| (*key, &**value)).collect();
        let bench = self.bench;
        let answer = std::thread::scope(|scope| {
            let sent =
                scope.spawn(|| bench.request(&twin.method, &path, &headers, body.as_bytes()));
            happens();
            sent.join().unwrap()
        });
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let manner = Manner { kept: self.kept, any_order: twin.any_order };
        let (have, want) = (manner.shape(&answer.text), manner.shape(twin.answer.get()));
        assert_eq!(have, want, "{name}: {path}\n{body}\n{}", answer.text);
        answer
    }

    /// No sample may be left.
    #[track_caller]
    pub(crate) fn all_played(self) {
        let left: Vec<_> = self.waiting.keys().collect();
        assert!(left.is_empty(), "twins that nothing was compared with: {left:?}");
    }

    #[track_caller]
    fn form(&self, fields: &Members<Values>) -> String {
        let mut pairs = Vec::new();
        for (name, values) in &fields.0 {
            let values = match values {
                Values::One(value) => std::slice::from_ref(value),
                Values::Some(values) => values,
            };
            let pair = |value: &String| {
                format!("{}={}", percent_encoded(name), percent_encoded(&self.filled(value)))
            };
            pairs.extend(values.iter().map(pair));
        }
        pairs.join("&")
    }

    #[track_caller]
    fn filled(&self, text: &str) -> String {
        let fill = |text: String, (name, value): &(String, String)| text.replace(name, value);
        let filled = self.known.iter().fold(text.to_owned(), fill);
        assert!(!filled.contains("{{"), "nobody knows a name in {filled}");
        filled
    }
}

fn folder(channel: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/samples").join(channel)
}

/// The twins of a channel by the names of their files.
fn files(channel: &str) -> BTreeMap<String, Twin> {
    let paths = fs::read_dir(folder(channel)).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let twin = serde_json::from_str::<Twin>(&text);
        let twin = twin.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let is_told = !twin.any_order || twin.differs.as_ref().is_some_and(|why| why.len() > 20);
        assert!(is_told, "{} does not say why its order does not count", path.display());
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), twin)
    };
    paths.map(read).collect()
}

/// Whether a file is a twin that a test plays.
pub(crate) fn is_twin(path: &Path) -> bool {
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    is_json && CHANNELS.iter().any(|channel| path.parent() == Some(&folder(channel)))
}

#[test]
fn every_call_has_a_twin() {
    let bench = Bench::prepare(Store::Sqlite, &[]);
    for channel in CHANNELS {
        let twins: BTreeSet<_> = files(channel)
            .into_values()
            .map(|twin| (twin.method.to_lowercase(), format!("/{channel}{}", twin.path)))
            .collect();
        let document: Value = serde_json::from_str(&bench.cli_ok(&["openapi", channel])).unwrap();
        let mut missing = Vec::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for method in methods.as_object().expect("methods").keys() {
                if !twins.contains(&(method.clone(), path.clone())) {
                    missing.push(format!("{method} {path}"));
                }
            }
        }
        assert!(missing.is_empty(), "calls without a twin: {missing:?}");
        assert!(twins.len() >= 10, "{channel}");
    }
}

#[test]
fn the_shape_of_an_answer_is_what_a_client_relies_on() {
    let shape = |json| shape(json, &["code"]);
    assert_eq!(
        shape(r#"{"a":"5000","b":12.50,"c":[null,true]}"#),
        r#"{a:"9",b:9.99,c:[null,true]}"#
    );
    assert_eq!(
        shape(r#"{"a":"周","b":"2026-11-09 01:03:14"}"#),
        r#"{a:"text",b:"9-99-99 9:99:99"}"#
    );
    assert_ne!(shape(r#"{"a":"5000"}"#), shape(r#"{"a":"5000.00"}"#));
    assert_ne!(shape(r#"{"a":"5000"}"#), shape(r#"{"a":5000}"#));
    assert_ne!(shape(r#"{"a":1,"b":2}"#), shape(r#"{"b":2,"a":1}"#));
    assert_ne!(shape(r#"{"code":"0000"}"#), shape(r#"{"code":"9999"}"#));
    assert_ne!(shape(r#"{"code":0}"#), shape(r#"{"code":1}"#));
    assert_ne!(shape(r#"{"a":[]}"#), shape(r#"{"a":[1]}"#));
    assert_eq!(shape(r#"{"a":[1,22]}"#), shape(r#"{ "a": [ 333 ] }"#));
    assert_eq!(shape(r#"{"a":""}"#), r#"{a:""}"#);
    assert_eq!(shape(r#"{"a":"6217********0000"}"#), r#"{a:"9********9"}"#);
    assert_eq!(shape(r#"{"a":"{\"b\":\"x\"}"}"#), r#"{a:{b:"text"}}"#);
    assert_eq!(shape(r#"{"a":"data:image/png;base64,AAAA"}"#), r#"{a:"data:image/png;base64"}"#);
}
