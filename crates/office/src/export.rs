//! Lists as files of comma-separated values, for spreadsheets.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use console::Operation;
use serde_json::Value;

use crate::call::filled;
use crate::command;
use crate::json::all;
use crate::labels::label;
use crate::query::{self, Pairs};
use crate::visit::Visit;
use crate::{Office, form, pages, words};

/// Rows of a page of the interface, and pages of a file: 10,000 rows, which a spreadsheet opens.
const ROWS: usize = 100;
const PAGES: u32 = 100;

/// `GET /console/export/…`.
pub(crate) async fn csv(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (visit, parts) = match command::enter(&office, request).await {
        Ok(entered) => entered,
        Err(response) => return *response,
    };
    let asked: Pairs = query::of(&visit.uri)
        .into_iter()
        .filter(|(name, value)| {
            let mut fields = operation.fields.iter();
            !value.is_empty() && fields.any(|field| field.name == name && form::is_filter(field))
        })
        .collect();
    let mut rows: Vec<Vec<(String, Value)>> = Vec::new();
    let has_pages = operation.fields.iter().any(|field| field.name == "page");
    for number in 1..=PAGES {
        let mut wanted = asked.clone();
        if has_pages {
            wanted.push(("page".to_owned(), number.to_string()));
            wanted.push(("size".to_owned(), ROWS.to_string()));
        }
        let answer = visit.get(&office, &filled(operation, &parts), &wanted).await;
        if !answer.status.is_success() {
            return pages::refused(&office, &visit, operation, &answer);
        }
        let json = answer.json();
        let items = all(&json, "items");
        rows.extend(items.iter().map(flat));
        if !has_pages || items.len() < ROWS {
            break;
        }
    }
    let name = operation.place().trim_start_matches('/').replace(['/', '{', '}'], "-");
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (StatusCode::OK, headers, written(&visit, &rows)).into_response()
}

/// The fields of a thing, those of its objects behind a dot.
fn flat(item: &Value) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    flatten("", item, &mut fields);
    fields
}

fn flatten(path: &str, value: &Value, fields: &mut Vec<(String, Value)>) {
    let Value::Object(object) = value else {
        fields.push((path.to_owned(), value.clone()));
        return;
    };
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        flatten(&path, value, fields);
    }
}

/// The file: with the mark by which spreadsheets know UTF-8, and lines as RFC 4180 has them.
fn written(visit: &Visit, rows: &[Vec<(String, Value)>]) -> String {
    let mut paths: Vec<&str> = Vec::new();
    for (path, _) in rows.iter().flatten() {
        if !paths.contains(&path.as_str()) {
            paths.push(path);
        }
    }
    let heads = paths.iter().map(|path| {
        let words = path.split('.').map(|field| label(visit.language, field));
        quoted(&words.collect::<Vec<_>>().join(" "))
    });
    let mut file = format!("\u{feff}{}\r\n", heads.collect::<Vec<_>>().join(","));
    for row in rows {
        let cells = paths.iter().map(|path| {
            let found = row.iter().find(|(known, _)| known == path);
            found.map_or_else(String::new, |(_, value)| quoted(&text(visit, path, value)))
        });
        file.push_str(&cells.collect::<Vec<_>>().join(","));
        file.push_str("\r\n");
    }
    file
}

fn text(visit: &Visit, path: &str, value: &Value) -> String {
    let field = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::Null => String::new(),
        Value::Bool(is_so) => visit.language.say(if *is_so { "yes" } else { "no" }).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if words::holds_words(field) => {
            words::read(visit.language, field, text).to_owned()
        }
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let texts = all.iter().map(|one| text(visit, path, one));
            texts.collect::<Vec<_>>().join("; ")
        }
        Value::Object(_) => value.to_string(),
    }
}

/// A cell that a spreadsheet takes for text, whatever somebody has written into it.
fn quoted(text: &str) -> String {
    let is_number = text.strip_prefix('-').unwrap_or(text);
    let is_number = !is_number.is_empty()
        && is_number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula() {
        for (text, cell) in [
            ("plain", "\"plain\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+86", "\"'+86\""),
            ("-1.50", "\"-1.50\""),
            ("-1+x", "\"'-1+x\""),
            ("@x", "\"'@x\""),
            ("a,b\nc", "\"a,b\nc\""),
        ] {
            assert_eq!(quoted(text), cell);
        }
    }

    #[test]
    fn things_are_laid_flat() {
        let item = serde_json::json!({ "a": 1, "b": { "c": null, "d": { "e": [1, 2] } } });
        let paths: Vec<_> = flat(&item).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a", "b.c", "b.d.e"]);
    }
}
