//! The home page: what waits today, and how the business goes.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::pages::Page;
use crate::visit::Visit;
use crate::{Office, pages};

/// `GET /console`.
pub(crate) async fn page(State(office): State<Office>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let visit = match Visit::open(&office, &parts).await {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let page = Page::new(visit.language.say("home"));
    pages::shown(&office, &visit, StatusCode::OK, &page)
}
