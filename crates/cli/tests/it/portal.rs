//! The portal at `/docs`: complete, escaped, guarded, and its examples recorded from these tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::bench::{Answer, Bench, Store};

/// Every interface that a bench serves.
const BOOKS: [&str; 6] = ["futureloan", "xianjindai", "wukong", "chaojihua", "shuaidan", "console"];

/// Writes a conversation down where `JIEHUAN_RECORD` says so: the portal's examples are chosen from
/// them. Long ones and those that are no text are left out.
pub(crate) fn record(method: &str, path: &str, body: &[u8], answer: &Answer) {
    const LONGEST: usize = 6_000;
    let Ok(file) = std::env::var("JIEHUAN_RECORD") else { return };
    let Ok(request) = std::str::from_utf8(body) else { return };
    if request.len() > LONGEST || answer.text.len() > LONGEST {
        return;
    }
    let line = serde_json::json!({
        "method": method, "path": path, "request": request, "status": answer.status,
        "answer": answer.text,
    });
    let opened = fs::OpenOptions::new().append(true).create(true).open(file);
    // One write for each line: several tests write at once.
    std::io::Write::write_all(&mut opened.unwrap(), format!("{line}\n").as_bytes()).unwrap();
}

fn get(bench: &Bench, path: &str) -> Answer {
    bench.request("GET", path, &[], b"")
}

/// Method in capitals and path of every described call.
fn operations(description: &Value) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            all.push((method.to_uppercase(), path.clone()));
        }
    }
    all
}

#[test]
fn every_interface_is_shown_whole() {
    let bench = Bench::start(Store::Sqlite);
    let front = get(&bench, "/docs");
    for word in BOOKS {
        assert!(front.text.contains(&format!("href=\"/docs/{word}\"")), "{word}");
        let described = bench.cli_ok(&["openapi", word]);
        let described: Value = serde_json::from_str(&described).unwrap();
        let served = get(&bench, &format!("/docs/{word}/openapi.json"));
        assert_eq!(served.json(), described, "{word}");
        let page = get(&bench, &format!("/docs/{word}")).text;
        let all = operations(&described);
        for (method, path) in &all {
            assert!(
                page.contains(&format!("data-method=\"{method}\" data-path=\"{path}\"")),
                "{path}"
            );
        }
        assert_eq!(page.matches("<section class=\"call\"").count(), all.len(), "{word}");
        let collection = get(&bench, &format!("/docs/{word}/postman.json")).json();
        let items = collection["item"].as_array().unwrap();
        assert_eq!(items.len(), all.len(), "{word}");
        let found: BTreeSet<_> = items
            .iter()
            .map(|item| item["request"]["method"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(found, all.iter().map(|(method, _)| method.clone()).collect(), "{word}");
        // Every text that the channel can answer stands on the page.
        for methods in described["paths"].as_object().unwrap().values() {
            for operation in methods.as_object().unwrap().values() {
                for answer in operation["x-answers"].as_array().into_iter().flatten() {
                    let text = answer["msg"].as_str().unwrap_or_default();
                    let plain = !text.contains(['&', '<', '>', '"', '\'']);
                    assert!(!plain || page.contains(text), "{word}: {text}");
                }
            }
        }
    }
}

#[test]
fn pages_are_guarded_and_run_nothing_inline() {
    let bench = Bench::start(Store::Sqlite);
    let mut paths = vec!["/docs".to_owned(), "/docs/portal.css".into(), "/docs/portal.js".into()];
    paths.extend(BOOKS.iter().map(|word| format!("/docs/{word}")));
    for path in paths {
        let answer = get(&bench, &path);
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        if answer.text.starts_with("<!doctype html>") {
            let scripts = answer.text.matches("<script").count();
            assert_eq!(scripts, answer.text.matches("<script src=\"/docs/").count(), "{path}");
            for inline in [" style=\"", " onclick=", "javascript:", "src=\"http", "href=\"http"] {
                assert!(!answer.text.contains(inline), "{path}: {inline}");
            }
        }
    }
    for path in
        ["/docs/nothing", "/docs/<script>", "/docs/wukong/nothing", "/docs/%00", "/docs/a/b/c"]
    {
        let answer = get(&bench, &path.replace('<', "%3C").replace('>', "%3E"));
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text.contains("<script>"), "{path}");
    }
    let moved = get(&bench, "/docs/");
    assert!([200, 308].contains(&moved.status));
}

#[test]
fn it_can_be_switched_off() {
    let bench = Bench::start_with(Store::Sqlite, &[("JIEHUAN_DOCS_ENABLED", "false")]);
    assert_eq!(get(&bench, "/docs").status, 404);
    assert!(!get(&bench, "/").text.contains("/docs\""));
}

fn data() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../portal/data/recorded.json")
}

/// Whether a path as it was sent fits one as it is described.
fn fits(template: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (wanted, given): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let same = |(wanted, given): (&&str, &&str)| wanted == given || wanted.starts_with('{');
    wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
}

/// The members of an answer, two levels deep; lists by their first element.
fn shape(value: &Value, depth: u8) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let first = value.as_array().and_then(|list| list.first());
    let object = first.unwrap_or(value).as_object();
    for (key, value) in object.into_iter().flatten() {
        keys.insert(key.clone());
        if depth > 0 {
            keys.extend(shape(value, depth - 1).into_iter().map(|inner| format!("{key}.{inner}")));
        }
    }
    keys
}

/// The example that stands in the description of a call.
fn example(description: &Value, method: &str, path: &str) -> Option<Value> {
    let operation = &description["paths"][path][method.to_lowercase()];
    let responses = operation["responses"].as_object()?;
    let (_, success) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
    success["content"]["application/json"].get("example").cloned()
}

/// What the examples of a description and what tests have recorded are the same in: every member
/// that the example has at its top is in the answer. With `JIEHUAN_RECORD`, the file of a run of all
/// tests, the examples are chosen anew.
#[test]
fn examples_are_recorded() {
    let bench = Bench::prepare(Store::Sqlite, &[]);
    let books: BTreeMap<_, Value> = BOOKS
        .iter()
        .map(|word| (*word, serde_json::from_str(&bench.cli_ok(&["openapi", word])).unwrap()))
        .collect();
    if let Ok(file) = std::env::var("JIEHUAN_RECORD") {
        choose(&books, &file);
    }
    let recorded: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(data()).unwrap()).unwrap();
    let known: BTreeMap<_, _> = books
        .values()
        .flat_map(|book| operations(book).into_iter().map(move |it| (it, book)))
        .map(|((method, path), book)| (format!("{method} {path}"), (method, path, book)))
        .collect();
    for (name, one) in &recorded {
        let Some((method, path, book)) = known.get(name) else {
            panic!("{name} is gone: record anew")
        };
        assert!(fits(path, one["path"].as_str().unwrap()), "{name}");
        let Some(example) = example(book, method, path) else { continue };
        let Ok(answer) = serde_json::from_str::<Value>(one["answer"].as_str().unwrap()) else {
            continue;
        };
        let missing: Vec<_> = shape(&example, 0).difference(&shape(&answer, 0)).cloned().collect();
        assert!(missing.is_empty(), "{name} has no {missing:?}: record anew");
    }
    let share = recorded.len() * 100 / known.len();
    assert!(share >= 85, "only {share} % of the calls have a recorded example");
}

/// Of all conversations of a run, the one for each call that shows most of what its example shows;
/// a call that the run did not make keeps the one that it had.
fn choose(books: &BTreeMap<&str, Value>, file: &str) {
    let lines = fs::read_to_string(file).unwrap();
    let talks: Vec<Value> =
        lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut kept: BTreeMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(data()).unwrap()).unwrap();
    let mut chosen: BTreeMap<String, Value> = BTreeMap::new();
    for book in books.values() {
        for (method, path) in operations(book) {
            let wanted = example(book, &method, &path).map(|it| shape(&it, 1)).unwrap_or_default();
            let own: Vec<_> = talks
                .iter()
                .filter(|talk| {
                    talk["method"] == *method && fits(&path, talk["path"].as_str().unwrap())
                })
                .filter(|talk| {
                    // A path with a word in it may fit the template of another call.
                    !path.contains('{') || !is_plain(book, &method, talk["path"].as_str().unwrap())
                })
                .collect();
            let score = |talk: &&&Value| {
                let answer = serde_json::from_str::<Value>(talk["answer"].as_str().unwrap());
                let found = answer.map(|it| shape(&it, 1)).unwrap_or_default();
                let is_fine = is_success(book, &method, &path, talk);
                (is_fine, found.intersection(&wanted).count(), usize::MAX - talk.to_string().len())
            };
            let best = own.iter().max_by_key(score);
            let name = format!("{method} {path}");
            chosen.extend(kept.remove(&name).map(|before| (name.clone(), before)));
            if let Some(best) = best.filter(|talk| is_success(book, &method, &path, talk)) {
                chosen.insert(
                    name,
                    serde_json::json!({
                        "path": best["path"], "request": short(&best["request"]),
                            "answer": short(&best["answer"]),
                    }),
                );
            }
        }
    }
    fs::write(data(), format!("{}\n", serde_json::to_string_pretty(&chosen).unwrap())).unwrap();
}

/// Whether another call of the book has exactly this path.
fn is_plain(book: &Value, method: &str, path: &str) -> bool {
    let bare = path.split('?').next().unwrap_or_default();
    book["paths"].get(bare).is_some_and(|methods| methods.get(method.to_lowercase()).is_some())
}

/// Whether an answer is a success of its call: the members that say so are those of the example.
fn is_success(book: &Value, method: &str, path: &str, talk: &Value) -> bool {
    let Ok(answer) = serde_json::from_str::<Value>(talk["answer"].as_str().unwrap()) else {
        return false;
    };
    let status = talk["status"].as_i64().unwrap_or(0).to_string();
    let operation = &book["paths"][path][method.to_lowercase()];
    let mut statuses = operation["responses"].as_object().unwrap().keys();
    if statuses.find(|status| status.starts_with('2')) != Some(&status) {
        return false;
    }
    let Some(example) = example(book, method, path) else { return true };
    let says = ["code", "responseCode", "status", "sucessed", "success"];
    let agrees =
        |name: &&str| example.get(*name).is_none_or(|wanted| answer.get(*name) == Some(wanted));
    answer.get("error").is_none() && says.iter().all(agrees)
}

/// JSON with long words cut, as it was written otherwise: tokens and pictures are nobody's business,
/// and many lines.
fn short(text: &Value) -> String {
    const LONGEST: usize = 48;
    let (mut written, mut word, mut inside, mut escaped) =
        (String::new(), String::new(), false, false);
    for sign in text.as_str().unwrap().chars() {
        if !inside {
            inside = sign == '"';
            written.push(sign);
        } else if sign == '"' && !escaped {
            let is_word = !word.contains([' ', '，', '。', '\\']) && !word.starts_with("http");
            if is_word && word.chars().count() > LONGEST {
                word = word.chars().take(12).chain("…".chars()).collect();
            }
            written.push_str(&std::mem::take(&mut word));
            written.push(sign);
            inside = false;
        } else {
            escaped = sign == '\\' && !escaped;
            word.push(sign);
        }
    }
    written + &word
}
