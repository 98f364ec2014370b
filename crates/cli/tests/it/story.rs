//! Golden stories: their format, the comparison of answers, and how an update keeps placeholders.
//!
//! ```text
//! # a comment
//! ! NAME=value                     a setting of the server that the whole story runs on
//! @ header: value                  a header of every request from here on (`@ - header` ends it)
//! $ fixture load {…}               a command of the binary; the JSON may run on to an empty line
//! $ login alice 13800000001        logs in (password1) and keeps the token as `alice`
//! > POST /path                     a request (`?` instead: again and again until the answer fits)
//! > header: value                  its own headers (`> - header` leaves one out)
//! {"the":"body"}
//! < 200
//! {"the":"answer","id":{{id as loan}}}
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

/// Names that a story has given to values.
pub(crate) type Names = BTreeMap<String, String>;

/// A story, read.
pub(crate) struct Story {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) steps: Vec<Step>,
    pub(crate) lines: Vec<String>,
}

/// One thing that happens in a story.
pub(crate) enum Step {
    Default { name: String, value: Option<String> },
    Command(String),
    Exchange(Exchange),
}

/// A request and the answer that is expected.
pub(crate) struct Exchange {
    pub(crate) patient: bool,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) body: String,
    pub(crate) status: String,
    pub(crate) answer: String,
    /// Where the `<` line stands, counted from 0.
    pub(crate) status_line: usize,
    pub(crate) answer_lines: Range<usize>,
}

impl Story {
    /// Reads a story.
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        let mut story = Self { settings: Vec::new(), steps: Vec::new(), lines };
        let mut at = 0;
        while let Some(line) = story.lines.get(at) {
            let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
            match mark {
                "" | "#" => at += 1,
                "!" => {
                    let (name, value) = rest.split_once('=').expect("! NAME=value");
                    story.settings.push((name.to_owned(), value.to_owned()));
                    at += 1;
                }
                "@" => {
                    let (name, value) = header(rest);
                    story.steps.push(Step::Default { name, value });
                    at += 1;
                }
                "$" => {
                    let end = block_end(&story.lines, at);
                    let mut command = rest.to_owned();
                    for line in &story.lines[at + 1..end] {
                        command.push('\n');
                        command.push_str(line);
                    }
                    story.steps.push(Step::Command(command));
                    at = end;
                }
                ">" | "?" => {
                    let exchange = exchange(&story.lines, at);
                    at = exchange.answer_lines.end;
                    story.steps.push(Step::Exchange(exchange));
                }
                _ => panic!("line {}: not a line of a story: {line}", at + 1),
            }
        }
        story
    }

    /// The exchanges alone.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.steps.iter().filter_map(|step| match step {
            Step::Exchange(exchange) => Some(exchange),
            Step::Default { .. } | Step::Command(_) => None,
        })
    }

    /// Whether the story needs a server that no other story uses.
    pub(crate) fn wants_its_own_server(&self) -> bool {
        let moves_the_clock =
            |step: &Step| matches!(step, Step::Command(text) if text.starts_with("clock "));
        !self.settings.is_empty() || self.steps.iter().any(moves_the_clock)
    }
}

/// A request begins at `at`; read it to the end of its answer.
#[track_caller]
fn exchange(lines: &[String], at: usize) -> Exchange {
    let (mark, first) = lines[at].split_once(' ').expect("> METHOD path");
    let (method, path) = first.split_once(' ').expect("> METHOD path");
    let mut next = at + 1;
    let mut headers = Vec::new();
    while let Some(line) = lines.get(next).and_then(|line| line.strip_prefix("> ")) {
        headers.push(header(line));
        next += 1;
    }
    let body_from = next;
    while !lines.get(next).unwrap_or_else(|| panic!("line {}: no answer", at + 1)).starts_with("< ")
    {
        next += 1;
    }
    let end = block_end(lines, next);
    Exchange {
        patient: mark == "?",
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: lines[body_from..next].join("\n"),
        status: lines[next]["< ".len()..].to_owned(),
        answer: lines[next + 1..end].join("\n"),
        status_line: next,
        answer_lines: next + 1..end,
    }
}

fn header(text: &str) -> (String, Option<String>) {
    if let Some(name) = text.strip_prefix("- ") {
        return (name.to_owned(), None);
    }
    let (name, value) = text.split_once(':').expect("name: value");
    (name.to_owned(), Some(value.trim_start().to_owned()))
}

/// The first line after `at` that is empty or begins something new.
fn block_end(lines: &[String], at: usize) -> usize {
    let ends = |line: &String| {
        line.is_empty() || ["> ", "? ", "$ ", "@ ", "# "].iter().any(|mark| line.starts_with(mark))
    };
    let rest = lines.iter().skip(at + 1);
    at + 1 + rest.take_while(|line| !ends(line)).count()
}

/// A piece of a text with placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// What stands between `{{` and `}}`, and the name after ` as `.
    Hole(&'a str, Option<&'a str>),
}

/// Cuts a text at its placeholders.
#[track_caller]
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (hole, behind) = after.split_once("}}").expect("a placeholder ends");
        found.push(Piece::Text(before));
        let (what, name) = hole.split_once(" as ").map_or((hole, None), |(w, n)| (w, Some(n)));
        found.push(Piece::Hole(what, name));
        rest = behind;
    }
    found.push(Piece::Text(rest));
    found
}

/// Whether an actual text fits an expected one. If so, its named parts are kept.
pub(crate) fn fits(expected: &str, actual: &str, names: &mut Names) -> bool {
    let mut taken = Names::new();
    let mut rest = actual;
    for piece in pieces(expected) {
        let (kind, name) = match piece {
            Piece::Text(text) => {
                let Some(behind) = rest.strip_prefix(text) else { return false };
                rest = behind;
                continue;
            }
            Piece::Hole(kind, name) => (kind, name),
        };
        let length = match kind {
            "time" => shape(rest, "0000-00-00 00:00:00"),
            "time.0" => shape(rest, "0000-00-00 00:00:00.0"),
            "date" => shape(rest, "0000-00-00"),
            "id" => Some(rest.bytes().take_while(u8::is_ascii_digit).count()),
            "token" => token(rest),
            known => names.get(known).filter(|value| rest.starts_with(*value)).map(String::len),
        };
        let Some(length) = length.filter(|length| *length > 0) else { return false };
        let (value, behind) = rest.split_at(length);
        if let Some(name) = name {
            taken.insert(name.to_owned(), value.to_owned());
        }
        rest = behind;
    }
    let whole = rest.is_empty();
    if whole {
        names.append(&mut taken);
    }
    whole
}

/// The length of `pattern` if the text begins with something of its shape; `0` is any digit.
fn shape(text: &str, pattern: &str) -> Option<usize> {
    let head = text.as_bytes().get(..pattern.len())?;
    // The `.0` of the document's times is that very text.
    let literal_from = if pattern.ends_with(".0") { pattern.len() - 2 } else { pattern.len() };
    let same = head.iter().zip(pattern.as_bytes()).enumerate().all(|(at, (have, want))| {
        if at < literal_from && *want == b'0' { have.is_ascii_digit() } else { have == want }
    });
    same.then_some(pattern.len())
}

/// The length of the JWT at the start of the text.
fn token(text: &str) -> Option<usize> {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let length = text.bytes().take_while(allowed).count();
    let token = text.get(..length)?;
    (token.split('.').count() == 3 && length > 60).then_some(length)
}

/// The actual text, with the placeholders of the expected text where they still fit.
pub(crate) fn merge(expected: &str, actual: &str, names: &mut Names) -> String {
    let (old, new) = (words(expected), words(actual));
    // Longest common subsequence: `table[i][j]` for what follows old[i] and new[j].
    let mut table = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] = if fits(old[i], new[j], names) {
                table[i + 1][j + 1] + 1
            } else {
                table[i + 1][j].max(table[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut merged) = (0, 0, String::new());
    while j < new.len() {
        if i < old.len() && fits(old[i], new[j], names) {
            merged.push_str(old[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && table[i + 1][j] >= table[i][j + 1] {
            i += 1;
        } else {
            merged.push_str(&generalise(new[j]));
            j += 1;
        }
    }
    merged
}

/// What can never be the same twice becomes a placeholder.
fn generalise(word: &str) -> String {
    ["\"{{time}}\"", "\"{{time.0}}\"", "\"{{token}}\""]
        .into_iter()
        .find(|kind| fits(kind, word, &mut Names::new()))
        .unwrap_or(word)
        .to_owned()
}

/// Cuts a JSON text into strings, placeholders, signs and the rest.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("{{") {
            rest.find("}}").map_or(rest.len(), |at| at + 2)
        } else if first == '"' {
            string_length(rest)
        } else if "{}[],:".contains(first) {
            1
        } else {
            rest.find(['{', '}', '[', ']', ',', ':', '"']).unwrap_or(rest.len())
        };
        let (word, behind) = rest.split_at(length);
        found.push(word);
        rest = behind;
    }
    found
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn placeholders_fit_by_kind_and_keep_names() {
    //     expected                       actual                               fits
    let table = [
        (r#"{"id":{{id}}}"#, r#"{"id":42}"#, true),
        (r#"{"id":{{id}}}"#, r#"{"id":"42"}"#, false),
        (r#"{"id":{{id}}}"#, r#"{"id":}"#, false),
        (r#""{{time}}""#, r#""2026-11-22 10:00:00""#, true),
        (r#""{{time}}""#, r#""2026-11-22 10:00:00.0""#, false),
        (r#""{{time.0}}""#, r#""2026-11-22 10:00:00.0""#, true),
        (r#""{{time.0}}""#, r#""2026-11-22 10:00:00.5""#, false),
        (r#""{{date}}""#, r#""2026-11-22""#, true),
        ("6300.0", "6300", false),
        ("{{known}}", "7", true),
        ("{{known}}", "8", false),
        ("{{unknown}}", "8", false),
    ];
    for (expected, actual, want) in table {
        let mut names = Names::from([("known".to_owned(), "7".to_owned())]);
        assert_eq!(fits(expected, actual, &mut names), want, "{expected} {actual}");
    }
    let mut names = Names::new();
    assert!(fits(r#"{"id":{{id as loan}},"again":1}"#, r#"{"id":42,"again":1}"#, &mut names));
    assert_eq!(names["loan"], "42");
}

#[test]
fn an_update_keeps_the_placeholders_that_still_fit() {
    let merged = merge(
        r#"{"id":{{id as loan}},"amount":1.0,"gone":1,"time":"{{time}}"}"#,
        r#"{"id":42,"amount":2.0,"time":"2026-11-22 10:00:00","full":"2026-11-22 10:00:00.0"}"#,
        &mut Names::new(),
    );
    let want = r#"{"id":{{id as loan}},"amount":2.0,"time":"{{time}}","full":"{{time.0}}"}"#;
    assert_eq!(merged, want);
}

#[test]
fn a_story_is_read_step_by_step() {
    let story = Story::parse(concat!(
        "# why\n! JIEHUAN_X=1\n@ content-type: application/json\n$ fixture load {\n\"a\":1}\n\n",
        "> POST /p\n> - content-type\n{\"b\":1}\n< 200\n{\"c\":1}\n\n? GET /q\n< 200\n{}\n",
    ));
    assert_eq!(story.settings, [("JIEHUAN_X".to_owned(), "1".to_owned())]);
    assert!(story.wants_its_own_server());
    assert!(matches!(&story.steps[1], Step::Command(c) if c == "fixture load {\n\"a\":1}"));
    let exchanges: Vec<_> = story.exchanges().collect();
    assert_eq!(exchanges[0].headers, [("content-type".to_owned(), None)]);
    assert_eq!((&*exchanges[0].body, &*exchanges[0].answer), ("{\"b\":1}", "{\"c\":1}"));
    assert!(exchanges[1].patient && exchanges[1].body.is_empty());
}
