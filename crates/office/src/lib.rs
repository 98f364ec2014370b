//! The back office as pages, at `/console`: HTML for people over the calls of the operator API.
//!
//! It holds no rule and reaches no core: each page and each form is a call of [`console`]'s own
//! router in this process, with the operator's token, so that rights, the two-person rule, the
//! audit trail and refusals are exactly those of the interface.

mod assets;
mod blocks;
mod call;
mod cells;
mod charts;
mod columns;
mod command;
mod door;
mod export;
mod form;
mod json;
mod labels;
mod names;
mod pages;
mod places;
mod query;
mod refusals;
mod respond;
mod screens;
mod shape;
mod texts;
mod version;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use channel_kit::route::Method;
use console::{Console, Operation};
use zeroize::Zeroizing;

/// This door's name in log and metrics.
pub const NAME: &str = "office";
/// Where the pages are.
pub const PATH: &str = "/console";

/// What the lender has decided about the pages.
#[derive(Clone)]
pub struct Settings {
    /// A secret of the platform, the same on every node: what browsers bring back is signed with a
    /// key that is made of it.
    pub key: Zeroizing<Vec<u8>>,
    /// Whether browsers come over TLS, so that cookies are for TLS alone.
    pub secure: bool,
    /// Longest form that is read, in bytes.
    pub body_limit: usize,
    /// Said on the log-in page: on a demo, who can log in.
    pub hint: &'static str,
}

/// The pages; clones share everything.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
}

struct Inner {
    api: Router,
    settings: Settings,
}

impl Office {
    /// The pages over the operator API.
    pub fn new(console: &Console, settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { api: console.router(), settings }) }
    }

    fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The router, with full paths from `/console` on.
    pub fn router(&self) -> Router {
        let mut router = Router::new()
            .route(PATH, get(screens::home::page))
            .route("/console/", get(door::to_home))
            .route("/console/login", get(door::page).post(door::log_in))
            .route("/console/logout", post(door::log_out))
            .route("/console/language", post(door::language))
            .route("/console/static/{file}", get(assets::serve))
            .route("/console/{*rest}", axum::routing::any(pages::nowhere));
        for operation in console::operations() {
            router = place(router, operation);
        }
        router
            .method_not_allowed_fallback(pages::nowhere)
            .layer(axum::middleware::from_fn(respond::guarded))
            .with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        respond::protected(pages::busy(texts::Language::Chinese))
    }
}

/// The page of a query, or the form of a command.
fn place(router: Router<Office>, operation: &'static Operation) -> Router<Office> {
    if places::is_at_the_door(operation) {
        return router;
    }
    let place = operation.place();
    if operation.method != Method::Get {
        let form = get(move |office: State<Office>, request: Request| {
            command::show(office, operation, request)
        })
        .post(move |office: State<Office>, request: Request| {
            command::send(office, operation, request)
        });
        return router.route(&format!("{PATH}/do{place}"), form);
    }
    let show = get(move |office: State<Office>, request: Request| {
        screens::show(office, operation, request)
    });
    let show = if operation.shows_people() {
        show.post(move |office: State<Office>, request: Request| {
            screens::reveal(office, operation, request)
        })
    } else if place == screens::SEARCH {
        show.post(move |office: State<Office>, request: Request| {
            screens::find(office, operation, request)
        })
    } else {
        show
    };
    let router = router.route(&format!("{PATH}{place}"), show);
    if !places::is_list(operation) {
        return router;
    }
    let export = get(move |office: State<Office>, request: Request| {
        export::file(office, operation, request)
    });
    router.route(&format!("{PATH}/export{place}"), export)
}
