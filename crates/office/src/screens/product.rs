//! A product: what its version says, and the way to the next one.

use console::Operation;
use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Link};
use crate::json::{all, at};
use crate::pages::Page;
use crate::query::{self, Pairs};
use crate::visit::Visit;
use crate::{Office, cells, shape, version};

const PRODUCT: &[&str] = &["id", "code", "channel", "number", "on_sale"];
/// What a version says, in groups: the text of a title, and fields.
const VERSION: &[(&str, &[&str])] = &[
    ("version_what", &["name", "lender", "description", "services"]),
    (
        "version_amounts",
        &["amounts", "amount_default", "first_limit", "rates", "rate_default", "settlement_fee"],
    ),
    (
        "version_tenor",
        &[
            "tenor_units",
            "days",
            "days_default",
            "months",
            "months_default",
            "methods",
            "interval_units",
            "intervals",
            "interval_default",
            "interval_unit_default",
            "day_count",
        ],
    ),
    (
        "version_late",
        &["late.daily", "late.base", "late.grace_days", "late.cap_days", "late.cap_rate"],
    ),
    ("version_review", &["review_steps", "approval_days"]),
];

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let product = &view.answer["product"];
    let name = at(product, "version.name").as_str().unwrap_or_default();
    page.title = format!("{name} · v{}", product["number"]);
    page.badges.push(cells::plain(product["code"].as_str().unwrap_or_default()));
    if view.visit.may(Some("manage_products")) {
        let href = format!("/console/do/products?from={}", product["id"]);
        let class = "primary";
        page.actions.insert(0, Link { class, ..Link::new(view.say("next_version"), href) });
    }
    if let Some(number) = product["number"].as_i64().filter(|number| *number > 1) {
        let href = format!("{}?version={}", view.visit.uri.path(), number - 1);
        page.links.push(Link::new(view.say("version_before"), href));
    }
    let title = view.say("details");
    page.blocks.push(Block::Facts(shape::facts(view.visit, title, product, PRODUCT)));
    for (title, fields) in VERSION {
        let facts = shape::facts(view.visit, view.say(title), &product["version"], fields);
        page.blocks.push(Block::Facts(facts));
    }
    let fees = all(product, "version.fees");
    page.blocks.push(Block::Table(shape::list(view.visit, "fees", fees)));
    page
}

/// A form is filled in with the thing that its address names: a product that is to be changed.
pub(crate) async fn prefill(
    office: &Office,
    visit: &Visit,
    operation: &Operation,
    typed: Pairs,
) -> Pairs {
    let from = query::value(&typed, "from");
    if !matches!(operation.place(), "/products" | "/products/preview") || from.is_empty() {
        return typed;
    }
    let answer = visit.get(office, &format!("/products/{}", query::escaped(from)), &[]).await;
    let answer = answer.json();
    let product = at(&answer, "product");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if product["version"].is_null() {
        return typed;
    }
    let mut pairs = vec![
        ("channel".to_owned(), text(&product["channel"])),
        ("code".to_owned(), text(&product["code"])),
    ];
    pairs.extend(version::typed(&product["version"]));
    pairs
}

/// What a version would be, beside the form that was filled in.
pub(crate) fn preview(visit: &Visit, answer: &Value) -> Vec<Block> {
    let offer = &answer["offer"];
    if offer.is_null() {
        return Vec::new();
    }
    let title = visit.language.say("preview_title");
    let mut plan = shape::list(visit, "offer_rows", all(offer, "rows"));
    visit.language.say("plan_title").clone_into(&mut plan.title);
    let facts = shape::facts(visit, title, offer, super::application::OFFER);
    vec![Block::Facts(facts.wide()), Block::Table(plan)]
}
