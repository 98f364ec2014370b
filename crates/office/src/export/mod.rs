//! Lists as files for spreadsheets: comma-separated values, or a workbook.

mod csv;
mod xlsx;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use console::Operation;
use serde_json::Value;

use crate::call::filled;
use crate::json::all;
use crate::labels::label;
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::visit::Visit;
use crate::{Office, command, form, pages, places, words};

/// Rows of a page of the interface, and pages of a file: 10,000 rows, which a spreadsheet opens.
const ROWS: usize = 100;
const PAGES: u32 = 100;
/// The field of the address that says which file is wanted, and the word for a workbook.
pub(crate) const KIND: &str = "as";
/// A workbook for Excel.
pub(crate) const XLSX: &str = "xlsx";

/// A row: the path of each field, and what it holds.
type Fields = Vec<(String, Value)>;

/// What a file is made of: the heads of the columns, and the rows below them.
struct Sheet {
    language: Language,
    title: &'static str,
    paths: Vec<String>,
    rows: Vec<Fields>,
}

impl Sheet {
    fn new(language: Language, title: &'static str, rows: Vec<Fields>) -> Self {
        let mut paths: Vec<String> = Vec::new();
        for (path, _) in rows.iter().flatten() {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        Self { language, title, paths, rows }
    }

    /// What the columns are called.
    fn heads(&self) -> impl Iterator<Item = String> {
        self.paths.iter().map(|path| {
            let words = path.split('.').map(|field| label(self.language, field));
            words.collect::<Vec<_>>().join(" ")
        })
    }

    /// The cells of a row in the order of the columns, each with its path.
    fn cells<'s>(&'s self, row: &'s Fields) -> impl Iterator<Item = (&'s str, Option<&'s Value>)> {
        self.paths.iter().map(|path| {
            let found = row.iter().find(|(known, _)| known == path);
            (path.as_str(), found.map(|(_, value)| value))
        })
    }

    /// A value as people read it.
    fn text(&self, path: &str, value: &Value) -> String {
        let field = path.rsplit('.').next().unwrap_or(path);
        match value {
            Value::Null => String::new(),
            Value::Bool(is_so) => self.language.say(if *is_so { "yes" } else { "no" }).to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) if words::holds_words(field) => {
                words::read(self.language, field, text).to_owned()
            }
            Value::String(text) => text.clone(),
            Value::Array(all) => {
                let texts = all.iter().map(|one| self.text(path, one));
                texts.collect::<Vec<_>>().join("; ")
            }
            Value::Object(_) => value.to_string(),
        }
    }
}

/// `GET /console/export/…`.
pub(crate) async fn file(
    State(office): State<Office>,
    operation: &'static Operation,
    request: Request,
) -> Response {
    let (visit, parts) = match command::enter(&office, request).await {
        Ok(entered) => entered,
        Err(response) => return *response,
    };
    let pairs = query::of(&visit.uri);
    let rows = match gathered(&office, &visit, (operation, &parts), &pairs).await {
        Ok(rows) => rows,
        Err(response) => return *response,
    };
    let sheet = Sheet::new(visit.language, places::title(visit.language, operation), rows);
    let name = operation.place().trim_start_matches('/').replace(['/', '{', '}'], "-");
    if query::value(&pairs, KIND) != XLSX {
        return sent("text/csv; charset=utf-8", &format!("{name}.csv"), csv::written(&sheet));
    }
    // Ten thousand rows take a while to pack: elsewhere than where requests are answered.
    match tokio::task::spawn_blocking(move || xlsx::written(&sheet)).await {
        Ok(Ok(book)) => sent(xlsx::MEDIA, &format!("{name}.xlsx"), book),
        Ok(Err(error)) => {
            tracing::error!(%error, "a workbook could not be written");
            pages::busy(visit.language)
        }
        Err(_) => pages::busy(visit.language),
    }
}

fn sent(media: &'static str, name: &str, body: impl Into<axum::body::Body>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, media.to_owned()), (CONTENT_DISPOSITION, disposition)];
    (StatusCode::OK, headers, body.into()).into_response()
}

/// The rows of a list, page by page.
async fn gathered(
    office: &Office,
    visit: &Visit,
    (operation, parts): (&'static Operation, &Pairs),
    pairs: &Pairs,
) -> Result<Vec<Fields>, Box<Response>> {
    let known = |(name, value): &&(String, String)| {
        let mut fields = operation.fields.iter();
        !value.is_empty() && fields.any(|field| field.name == name && form::is_filter(field))
    };
    let asked: Pairs = pairs.iter().filter(known).cloned().collect();
    let mut rows = Vec::new();
    let has_pages = operation.fields.iter().any(|field| field.name == "page");
    for number in 1..=PAGES {
        let mut wanted = asked.clone();
        if has_pages {
            wanted.push(("page".to_owned(), number.to_string()));
            wanted.push(("size".to_owned(), ROWS.to_string()));
        }
        let answer = visit.get(office, &filled(operation, parts), &wanted).await;
        if !answer.status.is_success() {
            return Err(Box::new(pages::refused(office, visit, operation, &answer)));
        }
        let json = answer.json();
        let items = all(&json, "items");
        rows.extend(items.iter().map(flat));
        if !has_pages || items.len() < ROWS {
            break;
        }
    }
    Ok(rows)
}

/// The fields of a thing, those of its objects behind a dot.
fn flat(item: &Value) -> Fields {
    let mut fields = Vec::new();
    flatten("", item, &mut fields);
    fields
}

fn flatten(path: &str, value: &Value, fields: &mut Fields) {
    let Value::Object(object) = value else {
        fields.push((path.to_owned(), value.clone()));
        return;
    };
    for (name, value) in object {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        flatten(&path, value, fields);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_laid_flat() {
        let item = serde_json::json!({ "a": 1, "b": { "c": null, "d": { "e": [1, 2] } } });
        let paths: Vec<_> = flat(&item).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["a", "b.c", "b.d.e"]);
    }
}
