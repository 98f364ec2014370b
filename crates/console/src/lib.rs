//! The back office: the JSON interface for operators and scripts, at `/console/api`.
//!
//! It turns requests into commands of the core; it holds no rule about money, states or people.
//! One file per resource, one row of the table of routes per call.

mod accounts;
mod app_texts;
mod applications;
mod approvals;
mod audit;
mod books;
mod call;
mod choices;
mod collecting;
mod collections;
mod corrections;
mod customers;
mod data_rights;
mod day_ends;
mod describe;
mod documents;
mod drawdowns;
mod explained;
mod factor;
mod failure;
mod funding;
mod held_labels;
mod jobs;
mod leads;
mod lines;
mod loans;
mod messages;
mod operation;
mod operators;
mod overview;
mod payments;
mod people;
mod periods;
mod product_form;
mod products;
mod projects;
mod providers;
mod raises;
mod reply;
mod rules;
mod second;
mod session;
mod settings;
mod statements;
mod transfers;
mod values;
mod vintage;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use channel_kit::App;

pub use choices::choices;
pub use describe::{openapi, refusals};
pub use failure::part_of;
pub use operation::{Access, BASE, Operation, Refusal};

use call::Route;
use failure::Failure;

/// This door's name in log and metrics.
pub const NAME: &str = "console";

/// What the lender has decided about this door.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Longest body that is read, in bytes.
    pub body_limit: usize,
    /// Whether the business clock may be moved: benches only.
    pub movable_clock: bool,
    /// The version that the description tells.
    pub version: &'static str,
    /// Where the providers' sandbox has its pages, if it stands in for them over HTTP.
    pub sandbox: Option<String>,
    /// Every setting of the platform as it takes effect, passwords masked.
    pub shown: Vec<Setting>,
}

/// A setting of the platform, as operators see it.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its dotted name.
    pub name: &'static str,
    /// Its value; passwords are masked.
    pub value: String,
    /// Where the value comes from, in words.
    pub origin: String,
    /// Whether nobody has set it.
    pub is_default: bool,
    /// What it is for, in a sentence.
    pub about: &'static str,
}

/// The back office as its calls see it; clones share it.
#[derive(Clone)]
pub struct Console {
    app: App,
    settings: Arc<Settings>,
}

impl Console {
    /// Opens the door over the core.
    pub fn new(app: App, settings: Settings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }

    /// The router, with full paths from `/console/api` on.
    pub fn router(&self) -> Router {
        let mut router = Router::new();
        for route in routes() {
            router = router.route(route.operation.path, route.handler);
        }
        router
            .route("/console/api/openapi.json", axum::routing::get(describe::serve))
            .route("/console/api", axum::routing::any(call::no_such_call))
            .route("/console/api/{*rest}", axum::routing::any(call::no_such_call))
            .method_not_allowed_fallback(call::wrong_method)
            .with_state(self.clone())
    }

    /// The answer when the platform cannot answer.
    pub fn busy(&self) -> Response {
        reply::respond(Err(Failure::from(failure::BUSY)))
    }
}

/// What can be called, resource by resource.
pub fn operations() -> Vec<&'static Operation> {
    routes().iter().map(|route| route.operation).collect()
}

/// Every call, resource by resource.
fn routes() -> Vec<Route> {
    let mut routes = session::routes();
    routes.extend(factor::routes());
    routes.extend(overview::routes());
    routes.extend(vintage::routes());
    routes.extend(operators::routes());
    routes.extend(approvals::routes());
    routes.extend(audit::routes());
    routes.extend(applications::routes());
    routes.extend(drawdowns::routes());
    routes.extend(funding::routes());
    routes.extend(loans::routes());
    routes.extend(explained::routes());
    routes.extend(corrections::routes());
    routes.extend(collections::routes());
    routes.extend(collecting::routes());
    routes.extend(transfers::routes());
    routes.extend(payments::routes());
    routes.extend(statements::routes());
    routes.extend(providers::routes());
    routes.extend(documents::routes());
    routes.extend(customers::routes());
    routes.extend(data_rights::routes());
    routes.extend(lines::routes());
    routes.extend(raises::routes());
    routes.extend(leads::routes());
    routes.extend(products::routes());
    routes.extend(rules::routes());
    routes.extend(messages::routes());
    routes.extend(app_texts::routes());
    routes.extend(books::routes());
    routes.extend(periods::routes());
    routes.extend(accounts::routes());
    routes.extend(projects::routes());
    routes.extend(day_ends::routes());
    routes.extend(settings::routes());
    routes.extend(jobs::routes());
    routes
}
