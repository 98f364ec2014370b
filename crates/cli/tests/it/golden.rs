//! Replays the golden stories on both stores, and counts that none of the promised answers is missing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Answer, Bench, PASSWORD, Store, pause};
use crate::samples;
use crate::story::{Exchange, Names, Piece, Step, Story, fits, merge, pieces};
use crate::tokens;

/// The content type of every answer of the channel.
const JSON: &str = "application/json;charset=UTF-8";

/// Answers that no story can show, and why. This list may only shrink.
const NOT_SHOWN: &[(&str, &str, i64)] = &[
    // method, path ("*" for any), code
    ("*", "*", 1005), // our own fault; hostile.rs proves that no client can bring it about
];

/// Calls that need no caller.
const PUBLIC: &[(&str, &str)] =
    &[("POST", "/member/register"), ("POST", "/member/login"), ("GET", "/loans")];

#[test]
fn stories_are_answered_as_written_on_sqlite() {
    replay_all(Store::Sqlite);
}

#[test]
fn stories_are_answered_as_written_on_postgres() {
    replay_all(Store::Postgres);
}

#[test]
fn every_golden_is_a_story_or_a_twin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders = VecDeque::from([root.clone()]);
    while let Some(folder) = folders.pop_front() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push_back(path);
                continue;
            }
            if samples::is_twin(&path) {
                continue; // samples.rs says when it was compared with nothing
            }
            let read = path.parent() == Some(&golden_folder()) && is_story(&path);
            assert!(read, "{} is read by no test", path.display());
            let story = Story::parse(&fs::read_to_string(&path).unwrap());
            assert!(story.exchanges().next().is_some(), "{} asks nothing", path.display());
        }
    }
}

#[test]
fn every_promised_answer_stands_in_a_story() {
    let bench = Bench::prepare(Store::Sqlite, &[]);
    let document: Value = serde_json::from_str(&bench.cli_ok(&["openapi", "futureloan"])).unwrap();
    let stories = story_files().into_iter().map(|path| fs::read_to_string(path).unwrap());
    let stories: Vec<_> = stories.map(|text| Story::parse(&text)).collect();
    let shown: BTreeSet<_> = stories
        .iter()
        .flat_map(Story::exchanges)
        .map(|exchange| {
            let (code, message) = code_and_message(&exchange.answer);
            (exchange.method.clone(), bare_path(&exchange.path).to_owned(), code, message)
        })
        .collect();
    let mut missing = Vec::new();
    let mut operations = 0;
    for (template, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let Some(answers) = operation["x-answers"].as_array() else { continue };
            operations += 1;
            let method = method.to_uppercase();
            let mut promised: Vec<(i64, &str)> = answers
                .iter()
                .map(|answer| (answer["code"].as_i64().unwrap(), answer["msg"].as_str().unwrap()))
                .collect();
            if !PUBLIC.contains(&(&method, bare_path(template))) {
                promised.push((1003, "未授权或token已过期"));
            }
            promised.push((0, "OK"));
            for (code, message) in promised {
                let excused = NOT_SHOWN.iter().any(|(m, p, c)| {
                    *c == code && ["*", &*method].contains(m) && ["*", &**template].contains(p)
                });
                let is_shown = shown.iter().any(|(m, path, c, msg)| {
                    (m, *c) == (&method, code)
                        && same_path(bare_path(template), path)
                        && is_like(message, msg)
                });
                if !excused && !is_shown {
                    missing.push(format!("{method} {template}: {code} {message}"));
                }
            }
        }
    }
    assert!(operations >= 14, "only {operations} operations carry x-answers");
    assert!(missing.is_empty(), "{} answers in no story:\n{}", missing.len(), missing.join("\n"));
}

/// Two servers take the stories in turn; a story with settings of its own gets a server of its own.
fn replay_all(store: Store) {
    let waiting = Mutex::new(VecDeque::from(story_files()));
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut shared = None;
                loop {
                    let Some(path) = waiting.lock().unwrap().pop_front() else { break };
                    let text = fs::read_to_string(&path).unwrap();
                    let tale = Story::parse(&text);
                    let mut own = None;
                    let bench = if tale.wants_its_own_server() {
                        let settings: Vec<(&str, &str)> =
                            tale.settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                        own.insert(Bench::start_with(store, &settings))
                    } else if let Some(bench) = &mut shared {
                        Bench::cli_ok(bench, &["fixture", "reset"]);
                        bench
                    } else {
                        shared.insert(Bench::start(store))
                    };
                    let found = replay(bench, &path, &tale);
                    bench.verify();
                    problems.lock().unwrap().extend(found);
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(
        problems.is_empty(),
        "{} answers differ (UPDATE_GOLDEN=1 rewrites them)\n\n{}",
        problems.len(),
        problems.join("\n\n")
    );
}

/// Plays one story and gives what was not as written.
fn replay(bench: &Bench, path: &Path, story: &Story) -> Vec<String> {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut names = Names::new();
    let mut defaults = BTreeMap::new();
    let mut problems = Vec::new();
    let mut rewritten: Vec<String> = Vec::new();
    let mut copied = 0;
    for step in &story.steps {
        match step {
            Step::Default { name, value } => {
                defaults.insert(name.clone(), value.clone());
            }
            Step::Command(text) => command(bench, text, &mut names),
            Step::Exchange(exchange) => {
                let answer = play(bench, exchange, &defaults, &mut names);
                rewritten.extend_from_slice(&story.lines[copied..exchange.status_line]);
                rewritten.push(format!("< {}", answer.status));
                copied = exchange.answer_lines.end;
                let right = answer.status.to_string() == exchange.status
                    && answer.header("content-type") == Some(JSON)
                    && fits(&exchange.answer, &answer.text, &mut names);
                if right {
                    rewritten.extend_from_slice(&story.lines[exchange.answer_lines.clone()]);
                } else {
                    problems.push(difference(path, exchange, &answer));
                    rewritten.push(merge(&exchange.answer, &answer.text, &mut names));
                }
            }
        }
    }
    rewritten.extend_from_slice(&story.lines[copied..]);
    if update && !problems.is_empty() {
        fs::write(path, rewritten.join("\n") + "\n").unwrap();
    }
    problems
}

/// Sends the request of an exchange; a patient one until the answer fits or ten seconds are over.
fn play(
    bench: &Bench,
    exchange: &Exchange,
    defaults: &BTreeMap<String, Option<String>>,
    names: &mut Names,
) -> Answer {
    let since = Instant::now();
    loop {
        let path = fill(&exchange.path, names, percent_encoded);
        let body = fill(&exchange.body, names, str::to_owned);
        let mut headers = defaults.clone();
        headers.extend(exchange.headers.iter().cloned());
        let headers: Vec<(String, String)> = headers
            .into_iter()
            .filter_map(|(name, value)| Some((name, fill(&value?, names, str::to_owned))))
            .collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (&**k, &**v)).collect();
        let answer = bench.request(&exchange.method, &path, &headers, body.as_bytes());
        let over = since.elapsed() > Duration::from_secs(10);
        if !exchange.patient || over || fits(&exchange.answer, &answer.text, &mut names.clone()) {
            return answer;
        }
        pause(50);
    }
}

/// Runs a `$` line.
fn command(bench: &Bench, text: &str, names: &mut Names) {
    if let Some(json) = text.strip_prefix("fixture load ") {
        bench.load(json);
        return;
    }
    let words: Vec<_> = text.split_whitespace().collect();
    match words[..] {
        ["login", name, mobile] => {
            names.insert(name.to_owned(), bench.login(mobile, PASSWORD));
        }
        ["login", name, mobile, password] => {
            names.insert(name.to_owned(), bench.login(mobile, password));
        }
        _ => {
            bench.cli_ok(&words);
        }
    }
}

/// Fills the placeholders of a request.
#[track_caller]
fn fill(text: &str, names: &mut Names, encode: fn(&str) -> String) -> String {
    let now = tokens::now();
    let mut filled = String::new();
    for piece in pieces(text) {
        let (what, name) = match piece {
            Piece::Text(text) => {
                filled.push_str(text);
                continue;
            }
            Piece::Hole(what, name) => (what, name),
        };
        let known = |name: &str| names.get(name).cloned();
        let value = match what.split_once(' ') {
            Some(("sign", token)) => known(token).map(|token| tokens::sign(&token, now)),
            Some(("forged", token)) => known(token).map(|token| tokens::forged(&token)),
            Some(("expired", member)) => Some(tokens::expired(member)),
            Some(("pad", length)) => Some("a".repeat(length.parse().unwrap())),
            None if what == "timestamp" => Some(now.to_string()),
            _ => known(what),
        };
        // A name that an earlier, wrong answer did not give stays visible in the request.
        let value = value.unwrap_or_else(|| format!("<no {what}>"));
        if let Some(name) = name {
            names.insert(name.to_owned(), value.clone());
            names.insert(format!("{name}.timestamp"), now.to_string());
        }
        filled.push_str(&encode(&value));
    }
    filled
}

/// For a value inside a path or a query.
pub(crate) fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn difference(path: &Path, exchange: &Exchange, answer: &Answer) -> String {
    let (file, line) = (path.file_name().unwrap_or_default().display(), exchange.status_line + 1);
    let kind = answer.header("content-type").filter(|kind| *kind != JSON);
    let kind = kind.map_or_else(String::new, |kind| format!("\n  content-type {kind}"));
    let body: String = exchange.body.chars().take(300).collect();
    format!(
        "{file}:{line} {} {} {body}\n  want {} {}\n  have {} {}{kind}",
        exchange.method,
        exchange.path,
        exchange.status,
        exchange.answer,
        answer.status,
        answer.text,
    )
}

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/futureloan")
}

fn is_story(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "http")
}

fn story_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(golden_folder()).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| is_story(path));
    files.sort();
    files
}

/// `code` and `msg` of an expected answer, which stand first in it.
#[track_caller]
fn code_and_message(answer: &str) -> (i64, String) {
    let rest = answer.strip_prefix(r#"{"code":"#).unwrap_or_else(|| panic!("no code: {answer}"));
    let (code, rest) = rest.split_once(r#","msg":""#).expect("msg follows code");
    let (message, _) = rest.split_once('"').expect("msg ends");
    (code.parse().expect("a code"), message.to_owned())
}

/// A path without the channel's prefix and without its query.
fn bare_path(path: &str) -> &str {
    let path = path.strip_prefix("/futureloan").unwrap_or(path);
    path.split('?').next().unwrap_or(path)
}

/// Whether a path fits a template: `/member/{id}/info`.
fn same_path(template: &str, path: &str) -> bool {
    let (want, have): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    want.len() == have.len()
        && want.iter().zip(&have).all(|(want, have)| want.starts_with('{') || want == have)
}

/// Whether a message fits a promised one, in which `{}` stands for what varies.
pub(crate) fn is_like(promised: &str, message: &str) -> bool {
    match promised.split_once("{}") {
        Some((head, tail)) => message.starts_with(head) && message.ends_with(tail),
        None => promised == message,
    }
}

#[test]
fn promises_are_compared_with_their_wildcards() {
    assert!(same_path("/member/{member_id}/info", "/member/1/info"));
    assert!(!same_path("/member/{member_id}/info", "/member/1/invests"));
    assert!(is_like("该标可投金额不足,可投金额：{}", "该标可投金额不足,可投金额：1700.0"));
    assert!(!is_like("余额不足", "余额不足！"));
    assert_eq!(percent_encoded("a+/="), "a%2B%2F%3D");
}
