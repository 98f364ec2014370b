//! The portal at `/docs`: every interface as pages for people, as OpenAPI and as a Postman
//! collection, and a page that makes calls from the browser.
//!
//! It knows no channel: it is given descriptions, and shows what stands in them.

mod book;
mod page;
mod postman;
mod recorded;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

pub use book::{Book, Signing};

/// This door's name in log and metrics.
pub const NAME: &str = "docs";
/// Where its addresses begin.
pub const PATH: &str = "/docs";

/// Nothing from elsewhere, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const STYLE: &str = include_str!("../static/portal.css");
const SCRIPT: &str = include_str!("../static/portal.js");

/// The portal; clones share it.
#[derive(Clone)]
pub struct Portal(Arc<Shown>);

struct Shown {
    books: Vec<Book>,
    /// The rendered pages, by the word of their interface; the front page has none.
    pages: BTreeMap<String, String>,
    front: String,
}

impl Portal {
    /// Renders all pages, once.
    pub fn new(books: Vec<Book>) -> Self {
        let page = |book: &Book| (book.word.to_owned(), page::of(book, &books));
        let pages = books.iter().map(page).collect();
        let front = page::front(&books);
        Self(Arc::new(Shown { books, pages, front }))
    }

    /// The router, with full paths.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/docs", get(front))
            .route("/docs/", get(|| async { Redirect::permanent(PATH) }))
            .route("/docs/portal.css", get(|| async { asset("text/css; charset=utf-8", STYLE) }))
            .route(
                "/docs/portal.js",
                get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }),
            )
            .route("/docs/{word}", get(one))
            .route("/docs/{word}/{file}", get(file))
            .with_state(self.clone())
    }

    fn book(&self, word: &str) -> Option<&Book> {
        self.0.books.iter().find(|book| book.word == word)
    }
}

async fn front(State(portal): State<Portal>) -> Response {
    html(StatusCode::OK, portal.0.front.clone())
}

async fn one(State(portal): State<Portal>, Path(word): Path<String>) -> Response {
    match portal.0.pages.get(&word) {
        Some(page) => html(StatusCode::OK, page.clone()),
        None => nothing(),
    }
}

async fn file(
    State(portal): State<Portal>,
    Path((word, file)): Path<(String, String)>,
) -> Response {
    let Some(book) = portal.book(&word) else { return nothing() };
    match file.as_str() {
        "openapi.json" => download(&format!("{word}-openapi.json"), book.description.to_string()),
        "postman.json" => {
            download(&format!("{word}-postman.json"), postman::collection(book).to_string())
        }
        _ => nothing(),
    }
}

/// The answer when the platform cannot answer.
pub fn busy() -> Response {
    html(StatusCode::SERVICE_UNAVAILABLE, page::message("系统繁忙，请稍后再试 · busy"))
}

fn nothing() -> Response {
    html(StatusCode::NOT_FOUND, page::message("没有这一页 · there is no such page"))
}

fn html(status: StatusCode, page: String) -> Response {
    guarded((status, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response())
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    guarded(([(CONTENT_TYPE, kind)], text).into_response())
}

fn download(name: &str, text: String) -> Response {
    let named = format!("attachment; filename=\"{name}\"");
    let mut response = ([(CONTENT_TYPE, "application/json")], text).into_response();
    if let Ok(named) = HeaderValue::try_from(named) {
        response.headers_mut().insert(CONTENT_DISPOSITION, named);
    }
    guarded(response)
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
