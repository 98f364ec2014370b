//! The page `/calc` and its files: from one template, in the language that is asked for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::form::Form;
use super::texts::{self, Language};
use super::{Desk, NO_STORE, answers, busy, lane, shown};
use kernel::html::escape;

const TEMPLATE: &str = include_str!("static/page.html");
/// A browser asks again each time; the answer is 304 as long as nothing changed.
const ASK_AGAIN: &str = "no-cache";
/// An address that holds the version of its content never changes.
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

/// The files of the page.
pub(super) static ASSETS: &[Asset] = &[
    Asset {
        path: "/calc/calc.js",
        content_type: "text/javascript; charset=utf-8",
        text: include_str!("static/calc.js"),
    },
    Asset {
        path: "/calc/calc.css",
        content_type: "text/css; charset=utf-8",
        text: include_str!("static/calc.css"),
    },
];

/// A file of the page.
pub(super) struct Asset {
    pub(super) path: &'static str,
    content_type: &'static str,
    text: &'static str,
}

impl Asset {
    /// The file, unless the client has it already.
    pub(super) fn answer(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let version = version(self.text);
        let is_this = uri.query().and_then(|query| query.strip_prefix("v=")) == Some(&version);
        let kept = if is_this { FOR_A_YEAR } else { ASK_AGAIN };
        let (has_it, told) = tagged(headers, &version, kept);
        if has_it {
            return (StatusCode::NOT_MODIFIED, told).into_response();
        }
        (told, [(CONTENT_TYPE, self.content_type)], self.text).into_response()
    }

    /// Its address with the version of its content.
    fn address(&self) -> String {
        format!("{}?v={}", self.path, version(self.text))
    }
}

/// Sixteen digits that change with the text.
fn version(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

type Tagged = [(axum::http::HeaderName, String); 2];

/// Whether the client has the text already, and the headers of a text that may be kept.
fn tagged(headers: &HeaderMap, version: &str, kept: &str) -> (bool, Tagged) {
    let tag = format!("\"{version}\"");
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = known.flat_map(|line| line.split(',')).map(str::trim);
    let has_it = known.any(|known| known == "*" || known.trim_start_matches("W/") == tag);
    (has_it, [(ETAG, tag), (CACHE_CONTROL, kept.to_owned())])
}

/// `GET /calc`. With `show` in the query the figures stand in the page, for browsers without
/// script; otherwise the script asks for them.
pub(super) async fn page(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap) -> Response {
    let query = answers::pairs(&uri).unwrap_or_default();
    let asked = query.iter().find(|(name, _)| name == "lang").map(|(_, value)| value.as_str());
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok());
    let language = Language::of(asked, accepted);
    let options = desk.options(false);
    let form = Form::of(&query, options.today);
    let is_shown = query.iter().any(|(name, _)| name == "show");
    let mut blocks = shown::empty();
    if is_shown {
        let request = form.request();
        let explain = !form.value("explain").is_empty();
        let options = calculator::Options { explain, ..options };
        let work = move |_: &lane::Asker| answers::priced(&request, &options);
        let priced = desk.lane.run(work).await.unwrap_or_else(|lane::Busy| Err(busy()));
        shown::fill(&mut blocks, &priced, language);
    }
    let text = filled(language, &form, &blocks);
    let told = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_LANGUAGE, language.tag()),
        (VARY, "accept-language"),
    ];
    if is_shown {
        return (told, [(CACHE_CONTROL, NO_STORE)], text).into_response();
    }
    let (has_it, tagged) = tagged(&headers, &version(&text), ASK_AGAIN);
    if has_it {
        return (StatusCode::NOT_MODIFIED, told, tagged).into_response();
    }
    (told, tagged, text).into_response()
}

/// The template with its places filled:
/// `{{word}}` a text, `{{=field}}` a value, `{{?field=value}}` whether it is selected, `{{!block}}`
/// markup.
fn filled(language: Language, form: &Form, blocks: &BTreeMap<&'static str, String>) -> String {
    let mut page = String::with_capacity(TEMPLATE.len().saturating_mul(2));
    let mut rest = TEMPLATE;
    while let Some((before, from)) = rest.split_once("{{") {
        page.push_str(before);
        let (place, after) = from.split_once("}}").unwrap_or((from, ""));
        page.push_str(&content(place, language, form, blocks));
        rest = after;
    }
    page.push_str(rest);
    page
}

fn content(
    place: &str,
    language: Language,
    form: &Form,
    blocks: &BTreeMap<&'static str, String>,
) -> String {
    if let Some(field) = place.strip_prefix('=') {
        return escape(form.value(field));
    }
    if let Some((field, value)) = place.strip_prefix('?').and_then(|p| p.split_once('=')) {
        return if form.value(field) == value { " selected".to_owned() } else { String::new() };
    }
    let Some(block) = place.strip_prefix('!') else {
        return escape(language.say(place));
    };
    let open = |names: &[&str]| if form.is_changed(names) { " open" } else { "" }.to_owned();
    match block {
        "js" => ASSETS.first().map(Asset::address).unwrap_or_default(),
        "css" => ASSETS.get(1).map(Asset::address).unwrap_or_default(),
        "words" => escape(&texts::for_script(language).to_string()),
        "offered" => {
            let mut told = String::new();
            for (name, offered) in Form::offered().filter(|(_, offered)| !offered.is_empty()) {
                let _ = write!(told, " data-offered_{name}=\"{offered}\"");
            }
            told
        }
        "fees_open" => open(&["upfront_fee", "period_fee", "down_payment"]),
        "grace_open" => open(&["grace_principal", "grace_interest", "interest_free"]),
        "dates_open" => open(&["first", "daycount", "month_end", "signed_on", "lender"]),
        "rounding_open" => open(&["mode", "step", "absorb", "instalment"]),
        "explain_checked" if form.is_changed(&["explain"]) => " checked".to_owned(),
        block => blocks.get(block).cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(language: Language, query: &[(&str, &str)]) -> String {
        let query: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let form = Form::of(&query, kernel::Date::parse("2026-11-23").unwrap());
        filled(language, &form, &shown::empty())
    }

    #[test]
    fn every_place_of_the_template_is_filled_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            let page = made(language, &[]);
            assert!(!page.contains("{{") && !page.contains("}}"));
            let places = TEMPLATE.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
            for (place, _) in places {
                match place.chars().next().unwrap() {
                    '=' | '?' => {
                        let field = place[1..].split('=').next().unwrap();
                        assert!(Form::offered().any(|(name, _)| name == field), "{place}");
                    }
                    '!' => {}
                    _ => assert!(!language.say(place).is_empty(), "no text for {place}"),
                }
            }
        }
    }

    #[test]
    fn every_field_and_every_text_is_used() {
        for (field, _) in Form::offered() {
            assert!(TEMPLATE.contains(&format!("name=\"{field}\"")), "{field}");
        }
        let script = ASSETS[0].text;
        for word in texts::words() {
            let is_used = TEMPLATE.contains(&format!("{{{{{word}}}}}"))
                || script.contains(word)
                || word.starts_with("explain_");
            assert!(is_used, "{word}");
        }
    }

    #[test]
    fn values_are_escaped_and_choices_selected() {
        let page = made(
            Language::English,
            &[("principal", "\"><script>x"), ("method", "flat"), ("upfront_fee", "1%")],
        );
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;x\""));
        assert!(page.contains("<option value=\"flat\" selected>"));
        assert!(page.contains("<details open>"), "a group with something in it is open");
        assert!(!page.contains("<script>x"));
    }

    #[test]
    fn nothing_stands_in_line() {
        for language in [Language::Chinese, Language::English] {
            let page = made(language, &[]);
            assert_eq!(page.matches("<script").count(), 1);
            for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
                assert!(!page.contains(inline), "{inline}");
            }
        }
    }
}
