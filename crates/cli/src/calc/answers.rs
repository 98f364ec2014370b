//! From the body of a request to the bytes of its answer: one request or several, JSON or CSV.

use std::io;
use std::time::{Duration, Instant};

use axum::extract::Query;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, StatusCode, Uri};
use calculator::Options;
use serde::Serialize;
use serde_json::Value;

use super::Refusal;
use super::lane::Asker;

/// The most requests of one array: a screen of variants to compare. Whoever has more can ask
/// again, or use `jiehuan calc`.
const MOST_REQUESTS: usize = 100;
/// The longest answer: a schedule of 3650 rows that is explained comes to 2 MiB, and the whole is
/// held in memory.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
/// How long one call may compute, well below the time limit of a request.
const LONGEST_WORK: Duration = Duration::from_secs(5);

/// How the answer is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// As CSV, not as JSON.
    pub(super) csv: bool,
    /// With an explanation of each figure.
    pub(super) explain: bool,
}

impl Wanted {
    /// What the query says, and where it does not, the header `Accept`.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Result<Self, Refusal> {
        let refused = |field: &str, en: &str, zh: &str| {
            let (en, zh) = (format!("{field} must be {en}"), format!("{field} 应为 {zh}"));
            Refusal::new(StatusCode::BAD_REQUEST, field, en, zh)
        };
        let pairs = pairs(uri).ok_or_else(|| refused("query", "name=value", "name=value"))?;
        let mut wanted = Self { csv: prefers_csv(headers), explain: false };
        for (name, value) in &pairs {
            match (name.as_str(), value.as_str()) {
                ("format", "csv") => wanted.csv = true,
                ("format", "json") => wanted.csv = false,
                ("format", _) => return Err(refused("format", "json or csv", "json 或 csv")),
                ("explain", "1" | "true") => wanted.explain = true,
                ("explain", "0" | "false" | "") => wanted.explain = false,
                ("explain", _) => return Err(refused("explain", "1 or 0", "1 或 0")),
                _ => {}
            }
        }
        Ok(wanted)
    }
}

/// The pairs of a query.
pub(super) fn pairs(uri: &Uri) -> Option<Vec<(String, String)>> {
    Query::try_from_uri(uri).ok().map(|Query(pairs)| pairs)
}

/// Whether CSV is named before JSON.
fn prefers_csv(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(','));
    let mut types = ranges.filter_map(|range| range.split(';').next()).map(str::trim);
    types.find(|name| matches!(*name, "text/csv" | "application/json")) == Some("text/csv")
}

/// The answer to the body of a request, as bytes.
pub(super) fn answer(
    body: &[u8],
    wanted: Wanted,
    options: &Options,
    asker: &Asker,
) -> Result<Vec<u8>, Refusal> {
    let request: Value = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
    match request.as_array() {
        Some(_) if wanted.csv => Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "format",
            "csv is for a single request".to_owned(),
            "csv 只用于单个请求".to_owned(),
        )),
        Some(requests) => several(requests, options, asker),
        None => one(&request, options, wanted),
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "request",
        format!("request is not JSON: {error}"),
        format!("请求不是有效的 JSON：第 {line} 行第 {column} 列"),
    )
}

fn one(request: &Value, options: &Options, wanted: Wanted) -> Result<Vec<u8>, Refusal> {
    let answer = priced(request, options)?;
    let mut told = Told::default();
    if wanted.csv {
        told.bytes = calculator::csv(&answer).into_bytes();
    } else if !told.write(&answer) {
        return Err(too_long());
    }
    if told.bytes.len() > LONGEST_ANSWER { Err(too_long()) } else { Ok(told.bytes) }
}

/// The answer of the calculator, its problems as refusals.
pub(super) fn priced(request: &Value, options: &Options) -> Result<calculator::Answer, Refusal> {
    calculator::answer(request, options).map_err(|problem| {
        let (en, zh) = (problem.en(), problem.zh());
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, &problem.field, en, zh)
    })
}

/// Each answer at the place of its request; a refusal too. Requests for which neither time nor
/// room is left are refused at their places.
fn several(requests: &[Value], options: &Options, asker: &Asker) -> Result<Vec<u8>, Refusal> {
    if requests.len() > MOST_REQUESTS {
        return Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "request",
            format!("request must be at most {MOST_REQUESTS} requests in one array"),
            format!("一个数组最多 {MOST_REQUESTS} 个请求"),
        ));
    }
    let since = Instant::now();
    let mut told = Told::default();
    told.bytes.push(b'[');
    for (place, request) in requests.iter().enumerate() {
        if asker.has_left() {
            break;
        }
        if place > 0 {
            told.bytes.push(b',');
        }
        let answer =
            if since.elapsed() < LONGEST_WORK { priced(request, options) } else { Err(too_slow()) };
        let refusal = match answer {
            Ok(answer) if told.write(&answer) => continue,
            Ok(_) => too_long(),
            Err(refusal) => refusal,
        };
        told.bytes.extend_from_slice(refusal.told().to_string().as_bytes());
    }
    told.bytes.push(b']');
    Ok(told.bytes)
}

fn too_long() -> Refusal {
    Refusal::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "request",
        "request leads to answers that are too long; ask for less at once".to_owned(),
        "请求的结果过长，请分次提交".to_owned(),
    )
}

fn too_slow() -> Refusal {
    Refusal::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "request",
        "request comes after others that took all the time; ask for less at once".to_owned(),
        "前面的请求已用完计算时间，请分次提交".to_owned(),
    )
}

/// What is told so far, never much longer than an answer may be.
#[derive(Default)]
struct Told {
    bytes: Vec<u8>,
}

impl Told {
    /// Adds an answer, if there is room for it.
    fn write(&mut self, answer: &impl Serialize) -> bool {
        let before = self.bytes.len();
        let is_written = serde_json::to_writer(&mut *self, answer).is_ok();
        if !is_written {
            self.bytes.truncate(before);
        }
        is_written
    }
}

impl io::Write for Told {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(part.len()) > LONGEST_ANSWER {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, accept: Option<&str>, wanted: Result<(bool, bool), &str>) {
        let uri: Uri = format!("/calc?{query}").parse().unwrap();
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(ACCEPT, accept.parse().unwrap());
        }
        let found = Wanted::of(&uri, &headers);
        let found = found.map(|w| (w.csv, w.explain)).map_err(|refusal| refusal.field);
        assert_eq!(found, wanted.map_err(str::to_owned));
    }

    #[test]
    fn query_and_header_say_how_to_answer() {
        //    query                  Accept                           (csv, explain) or the field
        check("", None, Ok((false, false)));
        check("", Some("*/*"), Ok((false, false)));
        check("", Some("text/csv"), Ok((true, false)));
        check("", Some("application/json, text/csv;q=0.5"), Ok((false, false)));
        check("", Some("text/html, text/csv; header=present"), Ok((true, false)));
        check("format=json", Some("text/csv"), Ok((false, false)));
        check("format=csv&explain=1", None, Ok((true, true)));
        check("explain=true&x=y", None, Ok((false, true)));
        check("explain=0", None, Ok((false, false)));
        check("format=xml", None, Err("format"));
        check("explain=yes", None, Err("explain"));
    }
}
