//! Whether every answer that a channel promises was given to a client: what the tests of a channel
//! have heard, against the table that its router is made of.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use crate::bench::{Answer, Bench, Store};
use crate::golden::is_like;

/// An answer: method, path, code as JSON, text.
type Told = (String, String, String, String);

static HEARD: Mutex<Option<BTreeSet<Told>>> = Mutex::new(None);

/// Keeps an answer in mind, where a test asked for it.
pub(crate) fn hear(method: &str, path: &str, answer: &Answer) {
    let mut heard = HEARD.lock().unwrap();
    let Some(heard) = heard.as_mut() else { return };
    let Ok(json) = serde_json::from_str::<Value>(&answer.text) else { return };
    let first = |names: &[&str]| names.iter().find_map(|name| json.get(name)).cloned();
    let Some(code) = first(&["status", "code", "sucessed", "success"]) else { return };
    let text = first(&["error_message", "message", "errorMessage"]);
    let text = text.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    heard.insert((method.to_lowercase(), bare(path), code.to_string(), text));
}

/// A path as the description has it: without its query, and each below one address.
fn bare(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.replacen("/wukong/1/", "/wukong/", 1).trim_end_matches('/').to_owned()
}

/// Something that no client can bring about, and why: call (or `*`), text, reason.
pub(crate) type Excused = (&'static str, &'static str, &'static str);

/// Runs the tests of a channel and asserts that every answer of its description was heard.
#[track_caller]
pub(crate) fn all_are_heard(channel: &str, tests: &[fn()], excused: &[Excused]) {
    *HEARD.lock().unwrap() = Some(BTreeSet::new());
    let waiting = Mutex::new(VecDeque::from(tests.to_vec()));
    std::thread::scope(|scope| {
        // They wait more than they work.
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(test) = waiting.lock().unwrap().pop_front() else { break };
                    test();
                }
            });
        }
    });
    let heard = HEARD.lock().unwrap().take().unwrap();
    let bench = Bench::prepare(Store::Sqlite, &[]);
    let document: Value = serde_json::from_str(&bench.cli_ok(&["openapi", channel])).unwrap();
    let promised = promised(&document);
    assert!(promised.len() > 40, "{channel} promises only {} answers", promised.len());
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    for (method, path, code, text) in &promised {
        let is_it = |(m, p, c, t): &Told| {
            (path == "*" || (m, p) == (method, path)) && c == code && fits(&promised, text, t)
        };
        let call = format!("{method} {path}");
        let excuse = excused
            .iter()
            .find(|(known, said, _)| (*known == "*" || *known == call) && said == text);
        match (heard.iter().any(is_it), excuse) {
            (true, _) => {}
            (false, Some(excuse)) => drop(used.insert(*excuse)),
            (false, None) => missing.push(format!("{call}: {code} {text}")),
        }
    }
    // What the channel can say beside its table: what became of a call that succeeds in two ways.
    for text in of_source(channel) {
        let is_it = |(.., told): &Told| fits(&promised, &text, told);
        let is_excused = excused.iter().any(|(_, said, _)| *said == text);
        if !heard.iter().any(is_it) && !is_excused {
            missing.push(format!("any call: {text}"));
        }
    }
    let count = missing.len();
    assert!(
        missing.is_empty(),
        "{count} answers of {channel} were never heard:\n{}",
        missing.join("\n")
    );
    for excuse in excused {
        assert!(used.contains(excuse), "{excuse:?} was heard, and needs no excuse");
        assert!(excuse.2.len() > 20, "{excuse:?} has no reason");
    }
}

/// Every text that a channel's source has in its table of answers.
fn of_source(channel: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../channels");
    let source = fs::read_to_string(root.join(channel).join("src/texts.rs")).unwrap();
    let (_, table) = source.split_once("\nanswers! {").expect("a table of answers");
    let rows = table.lines().filter(|line| line.ends_with("\";"));
    let texts: Vec<_> = rows.map(|row| row.split('"').nth(1).expect("a text").to_owned()).collect();
    assert!(texts.len() > 20, "{channel} has only {} texts", texts.len());
    texts
}

/// Every answer of a description. What any call can answer is to be heard once.
fn promised(document: &Value) -> Vec<Told> {
    let answers = |list: &Value| {
        let list = list.as_array().expect("a list of answers").clone();
        list.into_iter()
            .map(|answer| (answer["code"].to_string(), answer["msg"].as_str().unwrap().to_owned()))
    };
    let everywhere = answers(&document["x-answers-everywhere"]);
    let mut all: Vec<_> =
        everywhere.map(|(code, text)| ("any".to_owned(), "*".to_owned(), code, text)).collect();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let own = answers(&operation["x-answers"]);
            let protected = answers(&document["x-answers-protected"]);
            let is_protected = operation.get("security").is_some();
            let told = protected.filter(|_| is_protected).chain(own);
            all.extend(told.map(|(code, text)| (method.clone(), bare(path), code, text)));
        }
    }
    all
}

/// Whether an answer is the promised one; a text that varies as a whole is none of the fixed ones.
fn fits(promised: &[Told], text: &str, told: &str) -> bool {
    if text == "{}" {
        let fixed = |(.., known): &Told| known != "{}" && is_like(known, told);
        return !told.is_empty() && !promised.iter().any(fixed);
    }
    is_like(text, told)
}

#[test]
fn promises_are_compared_by_their_fixed_parts() {
    let told = |text: &str| ("get".to_owned(), "/a".to_owned(), "1".to_owned(), text.to_owned());
    let promised = [told("no {}."), told("{}"), told("no")];
    assert!(fits(&promised, "no {}.", "no way."));
    assert!(!fits(&promised, "no {}.", "no way"));
    assert!(fits(&promised, "{}", "somebody says so"));
    assert!(!fits(&promised, "{}", "no"));
    assert!(!fits(&promised, "{}", "no way."));
    assert!(!fits(&promised, "{}", ""));
    assert_eq!(bare("/wukong/1/home?a=/b/"), "/wukong/home");
    assert_eq!(bare("/shuaidan/loanrequest/"), "/shuaidan/loanrequest");
}
