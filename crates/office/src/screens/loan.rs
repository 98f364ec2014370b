//! One loan: how it stands, what happened to it, what is to come, and what it takes to settle it.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Cell, Filters, Input, Kind, Link, Moment, Table, Tile};
use crate::cells::{self, cell};
use crate::json::{all, at};
use crate::pages::Page;
use crate::words::{self, Tone};
use crate::{PATH, labels, shape};

const TERMS: &[&str] = &[
    "code",
    "product",
    "terms",
    "received",
    "customer_id",
    "application_id",
    "start",
    "paid_out_at",
    "closed_at",
];
const PAID: &[&str] = &["paid.principal", "paid.interest", "paid.fee", "paid.penalty"];

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let loan = &view.answer["loan"];
    let state = loan["state"].as_str().unwrap_or_default();
    page.title = format!("{} {}", page.title, loan["code"].as_str().unwrap_or_default());
    page.badges.push(cells::badge(language, "state", state));
    if let Some(bucket) = loan["bucket"].as_str() {
        let badge = Some(Tone::Bad);
        let text = format!("{} {bucket}", words::read(language, "state", "overdue"));
        page.badges.push(Cell { text, badge, ..Cell::default() });
    }
    page.lead = cells::terms(language, &loan["terms"]);
    let is_overdue = !loan["overdue_since"].is_null();
    page.actions.retain(|action| fits(action, state, is_overdue));
    page.links.retain(|link| !link.href.ends_with("/settlement"));
    for (word, field, place) in [
        ("to_customer", "customer_id", "customers"),
        ("to_application", "application_id", "applications"),
    ] {
        if let Some(id) = loan[field].as_i64() {
            page.links.push(Link::new(view.say(word), format!("{PATH}/{place}/{id}")));
        }
    }
    // A payout is under way; the page of a running loan has a form that must not be taken away.
    page.goes_on = state == "paying_out";
    let accounts = format!("{PATH}/ledger/accounts?owners=loan&owner={}", loan["id"]);
    page.links.push(Link::new(view.say("to_accounts"), accounts));
    if is_overdue && view.visit.may(Some("collect")) {
        let href = format!("{PATH}/collections/{}", loan["id"]);
        page.links.push(Link::new(view.say("to_case"), href));
    }
    page.blocks.push(Block::Tiles(tiles(view, loan)));
    if state == "repaying" {
        page.blocks.push(Block::Filters(what_if(view)));
    }
    page.blocks.push(Block::Facts(shape::facts(visit, view.say("terms_title"), loan, TERMS)));
    page.blocks.push(Block::Timeline(view.say("timeline_title").to_owned(), moments(view, loan)));
    let array = |field: &str| view.answer[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = if array("rows").is_empty() { "plan" } else { "rows" };
    let mut plan = shape::list(visit, rows, array(rows));
    view.say("plan_title").clone_into(&mut plan.title);
    explained(view, array(rows), &mut plan);
    page.blocks.push(Block::Table(plan));
    page.blocks.push(Block::Facts(shape::facts(visit, view.say("paid_title"), loan, PAID).wide()));
    if !array("collection").is_empty() {
        page.blocks.push(Block::Table(shape::list(visit, "collection", array("collection"))));
    }
    for field in ["repayments", "payments", "documents"] {
        page.blocks.push(Block::Table(shape::list(visit, field, array(field))));
    }
    page
}

/// Each figure of a plan leads to where it comes from; before the payout there is nothing to tell.
fn explained(view: &View<'_>, rows: &[Value], plan: &mut Table) {
    if at(view.answer, "loan.start").is_null() {
        return;
    }
    for (row, told) in plan.rows.iter_mut().zip(rows) {
        let href = format!("{PATH}{}/rows/{}", view.place(), told["number"]);
        for cell in row.cells.iter_mut().filter(|cell| cell.class == "money") {
            href.clone_into(&mut cell.href);
        }
    }
}

/// What it takes to settle on a day.
pub(super) fn settlement(view: &View<'_>) -> Page {
    const FIGURES: &[&str] = &["on", "principal", "interest", "fee", "penalty", "total"];
    let mut page = headed(view);
    page.blocks.push(Block::Filters(super::filters(view, None)));
    let title = view.say("settle_title");
    let facts = shape::facts(view.visit, title, &view.answer["settlement"], FIGURES);
    page.blocks.push(Block::Facts(facts.wide()));
    page
}

/// Whether a command can be meant for a loan in a state; the interface decides.
fn fits(action: &Link, state: &str, is_overdue: bool) -> bool {
    let place = action.href.rsplit('/').next().unwrap_or_default();
    match place {
        "payments" => state == "repaying",
        "retry" | "abandon" => state == "payout_failed",
        "write-off" => state == "repaying" && is_overdue,
        "recoveries" => state == "written_off",
        _ => true,
    }
}

fn tiles(view: &View<'_>, loan: &Value) -> Vec<Tile> {
    let language = view.language();
    let rows = all(view.answer, "rows");
    let late = rows.iter().filter_map(|row| row["overdue_days"].as_i64()).max().unwrap_or(0);
    let tile = |field: &str, value: &Value, tone: Tone| Tile {
        label: labels::label(language, field).to_owned(),
        value: cell(language, field, value).text,
        note: String::new(),
        href: String::new(),
        tone,
    };
    vec![
        tile("settlement", &view.answer["settlement"], Tone::Plain),
        tile("next_due", &loan["next_due"], Tone::Plain),
        tile("overdue_days", &late.into(), if late > 0 { Tone::Bad } else { Tone::Faint }),
        tile("received", &loan["received"], Tone::Plain),
    ]
}

/// The field in which a day is asked about.
fn what_if(view: &View<'_>) -> Filters {
    let day = Input {
        form: "filter",
        name: "on".to_owned(),
        label: view.say("what_if").to_owned(),
        hint: String::new(),
        kind: Kind::Day,
        value: String::new(),
        choices: Vec::new(),
        is_required: true,
        error: None,
    };
    Filters {
        action: format!("{PATH}{}/settlement", view.place()),
        inputs: vec![day],
        exports: Vec::new(),
        send: view.say("what_if_send").to_owned(),
        target: "settlement".to_owned(),
    }
}

/// What happened, the oldest first.
fn moments(view: &View<'_>, loan: &Value) -> Vec<Moment> {
    let language = view.language();
    let mut moments: Vec<(String, Moment)> = Vec::new();
    let mut add = |at: &Value, text: &str, detail: String, tone: Tone| {
        let Some(at) = at.as_str() else { return };
        let shown = cells::instant(at).unwrap_or_else(|| at.to_owned());
        let moment = Moment { at: shown, text: text.to_owned(), detail, tone };
        moments.push((at.to_owned(), moment));
    };
    add(&loan["created_at"], view.say("moment_created"), String::new(), Tone::Plain);
    let array = |field: &str| view.answer[field].as_array().map(Vec::as_slice).unwrap_or_default();
    for order in array("payments").iter().filter(|order| order["state"] != "succeeded") {
        let purpose =
            words::read(language, "purpose", order["purpose"].as_str().unwrap_or_default());
        let (state, tone) =
            words::word(language, "state", order["state"].as_str().unwrap_or_default())
                .unwrap_or_default();
        let amount = cell(language, "amount", &order["amount"]).text;
        let reason = order["reason"].as_str().unwrap_or_default();
        add(
            &order["requested_at"],
            &format!("{purpose} · {state}"),
            format!("{amount} {reason}"),
            tone,
        );
    }
    let received = cell(language, "received", &loan["received"]).text;
    add(&loan["paid_out_at"], view.say("moment_paid_out"), received, Tone::Running);
    for repayment in array("repayments") {
        let amount = cell(language, "amount", &repayment["amount"]).text;
        let is_back = repayment["reversed"] == true;
        let word = if is_back { "moment_reversed" } else { "moment_repaid" };
        let detail = format!("{amount} · {}", cell(language, "parts", &repayment["parts"]).text);
        add(&repayment["at"], view.say(word), detail, if is_back { Tone::Bad } else { Tone::Good });
    }
    let closed = words::read(language, "state", loan["state"].as_str().unwrap_or_default());
    add(&loan["closed_at"], closed, String::new(), Tone::Good);
    moments.sort_by(|(one, _), (other, _)| one.cmp(other));
    moments.into_iter().map(|(_, moment)| moment).collect()
}
