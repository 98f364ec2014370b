//! The calculator over HTTP: `POST /calc`, its description, and the page for people.
//!
//! Stateless: nothing is read from the store and nothing is kept. No figure is computed here.

mod answers;
mod form;
mod lane;
mod openapi;
mod page;
mod shown;
mod tables;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use calculator::{Options, Tables};
use channel_kit::body::{self, BodyError};

use crate::edge::Door;
use answers::Wanted;
use lane::Lane;

pub use openapi::describe;
pub use tables::TableFiles;

/// Where the calculator is.
pub const PATH: &str = "/calc";
/// Its word in log and metrics.
const NAME: &str = "calc";
/// The version of the binary, and of the description.
const VERSION: &str = env!("CARGO_PKG_VERSION");

const JSON: &str = "application/json";
/// Answers depend on the request alone, but belong to whoever asked.
const NO_STORE: &str = "no-store";
/// Everything comes from here; no inline script or style, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// What every request needs.
struct Desk {
    lane: Lane,
    /// The longest body in bytes.
    body_limit: usize,
    tables: Arc<Tables>,
}

impl Desk {
    /// Loans begin today by the wall clock, in Asia/Shanghai: a bench's business clock means
    /// nothing here.
    fn options(&self, explain: bool) -> Options {
        let today = lending::Clock::real().now().wall.date();
        Options { today, explain, tables: Arc::clone(&self.tables) }
    }
}

/// The calculator as a door. `body_limit` is in bytes.
pub fn door(body_limit: usize, tables: Arc<Tables>) -> Door {
    let desk = Arc::new(Desk { lane: Lane::new(), body_limit, tables });
    let calc = methods(get(page::page).post(post), "GET, HEAD, POST, OPTIONS");
    let mut router = Router::new().route(PATH, calc);
    let description = describe(VERSION).to_string();
    let openapi = get(async move || ([(CONTENT_TYPE, JSON)], description.clone()));
    router = router.route("/calc/openapi.json", reading(openapi));
    for asset in page::ASSETS {
        let serve = get(async move |uri: Uri, headers: HeaderMap| asset.answer(&uri, &headers));
        router = router.route(asset.path, reading(serve));
    }
    let router = router.layer(from_fn(guarded)).with_state(desk);
    Door { name: NAME, router, busy: Arc::new(|| protected(busy().into_response())) }
}

/// A route that is only read.
fn reading(route: MethodRouter<Arc<Desk>>) -> MethodRouter<Arc<Desk>> {
    methods(route, "GET, HEAD, OPTIONS")
}

/// Tells the methods of a route to those who ask, and to those who take a wrong one.
fn methods(route: MethodRouter<Arc<Desk>>, allowed: &'static str) -> MethodRouter<Arc<Desk>> {
    let told = async move || (StatusCode::NO_CONTENT, [(ALLOW, allowed)]);
    let refused = async move || {
        let refusal = Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            format!("this address takes {allowed}"),
            format!("此地址只接受 {allowed}"),
        );
        ([(ALLOW, allowed)], refusal)
    };
    route.options(told).fallback(refused)
}

async fn guarded(request: Request, next: Next) -> Response {
    protected(next.run(request).await)
}

/// What a browser is told about every answer.
fn protected(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(NO_STORE));
    response
}

/// `POST /calc`.
async fn post(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let wanted = Wanted::of(&uri, &headers)?;
    let body = body::read(body, desk.body_limit).await.map_err(|error| match error {
        BodyError::TooLarge => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "request",
            format!("request must be at most {} KiB", desk.body_limit / 1024),
            format!("请求不得超过 {} KiB", desk.body_limit / 1024),
        ),
        BodyError::Broken => Refusal::new(
            StatusCode::BAD_REQUEST,
            "request",
            "request did not arrive as a whole".to_owned(),
            "请求未完整到达".to_owned(),
        ),
    })?;
    let options = desk.options(wanted.explain);
    let work = move |asker: &lane::Asker| answers::answer(&body, wanted, &options, asker);
    let told = desk.lane.run(work).await.map_err(|lane::Busy| busy())??;
    let content_type = if wanted.csv { "text/csv; charset=utf-8" } else { JSON };
    let headers = [(CONTENT_TYPE, content_type), (VARY, "accept")];
    Ok((headers, told).into_response())
}

/// A request that is not answered, as the calculator tells its own problems.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    field: String,
    en: String,
    zh: String,
}

impl Refusal {
    fn new(status: StatusCode, field: &str, en: String, zh: String) -> Self {
        Self { status, field: field.to_owned(), en, zh }
    }

    /// The body.
    fn told(&self) -> serde_json::Value {
        serde_json::json!({ "error": { "field": self.field, "en": self.en, "zh": self.zh } })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response =
            (self.status, [(CONTENT_TYPE, JSON)], self.told().to_string()).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// When more is asked than the lane takes.
fn busy() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "request",
        "the calculator is busy; try again in a moment".to_owned(),
        "计算器繁忙，请稍后再试".to_owned(),
    )
}
