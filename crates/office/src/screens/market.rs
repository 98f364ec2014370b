//! The market: one project, one member with their money.

use serde_json::Value;

use super::{View, detail, headed};
use crate::blocks::{Block, Tile};
use crate::cells::{self, cell};
use crate::json::all;
use crate::labels::label;
use crate::pages::Page;
use crate::words::{self, Tone};
use crate::{PATH, shape};

/// A project: how far it has come, the borrower's plan, the bids.
pub(super) fn project(view: &View<'_>) -> Page {
    const FACTS: &[&str] = &[
        "borrower_id",
        "bidding_days",
        "rest",
        "created_at",
        "bidding_started_at",
        "bidding_ends_at",
        "full_at",
    ];
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let project = &view.answer["project"];
    let state = project["state"].as_str().unwrap_or_default();
    page.title = format!("{} #{}", page.title, project["id"]);
    project["title"].as_str().unwrap_or_default().clone_into(&mut page.lead);
    page.badges.push(cells::badge(language, "state", state));
    page.actions.retain(|action| state == "auditing" || !action.href.ends_with("/audit"));
    page.blocks.push(Block::Tiles(tiles(view, project)));
    let mut facts = shape::facts(visit, view.say("details"), project, FACTS);
    let unit = project["tenor_unit"].as_str().unwrap_or_default();
    let unit = words::read(language, "tenor_unit", unit);
    let tenor = format!("{}{}{unit}", project["tenor"], language.choose("", " "));
    facts.rows.insert(1, (label(language, "tenor").to_owned(), cells::plain(tenor)));
    let escrow = "escrow_account_id";
    let name = label(language, escrow).to_owned();
    facts.rows.push((name, cell(language, escrow, &view.answer[escrow])));
    page.blocks.push(Block::Facts(facts.wide()));
    let mut plan = shape::list(visit, "project_terms", all(view.answer, "terms"));
    view.say("plan_title").clone_into(&mut plan.title);
    page.blocks.push(Block::Table(plan));
    let mut bids = shape::list(visit, "/projects/{id}/bids", all(view.answer, "bids"));
    label(language, "bids").clone_into(&mut bids.title);
    page.blocks.push(Block::Table(bids));
    page
}

fn tile(view: &View<'_>, field: &str, value: &Value) -> Tile {
    Tile {
        label: label(view.language(), field).to_owned(),
        value: cell(view.language(), field, value).text,
        note: String::new(),
        href: String::new(),
        tone: Tone::Plain,
    }
}

fn tiles(view: &View<'_>, project: &Value) -> Vec<Tile> {
    let mut raised = tile(view, "raised", &project["raised"]);
    if let Some(share) = share(project) {
        raised.note = format!("{share}%");
    }
    let mut repaid = tile(view, "terms_repaid", &project["terms_repaid"]);
    repaid.note = format!("/ {}", project["terms_all"]);
    vec![
        tile(view, "amount", &project["amount"]),
        raised,
        tile(view, "rate", &project["rate"]),
        repaid,
    ]
}

/// How much of the amount was raised, in whole percent, rounded down.
fn share(project: &Value) -> Option<i64> {
    let yuan = |field: &str| project[field].as_str()?.split_once('.')?.0.parse::<i64>().ok();
    yuan("raised")?.checked_mul(100)?.checked_div(yuan("amount")?)
}

/// A member: their money, with the ways to its lines, their projects and bids.
pub(super) fn member(view: &View<'_>) -> Page {
    const FACTS: &[&str] = &[
        "id",
        "mobile_phone",
        "nickname",
        "registered_at",
        "blocked",
        "wallet_account_id",
        "frozen_account_id",
    ];
    let mut page = headed(view);
    let visit = view.visit;
    let member = &view.answer["member"];
    page.title = format!("{} #{}", page.title, member["id"]);
    let money = [("wallet", "wallet_account_id"), ("frozen_money", "frozen_account_id")];
    let tiles = money.map(|(field, account)| Tile {
        note: view.say("to_lines").to_owned(),
        href: format!("{PATH}/ledger/accounts/{}", member[account]),
        ..tile(view, field, &member[field])
    });
    page.blocks.push(Block::Tiles(tiles.to_vec()));
    let facts = shape::facts(visit, view.say("account_title"), member, FACTS);
    page.blocks.push(Block::Facts(facts.wide()));
    page.blocks.push(Block::Table(shape::list(visit, "projects", all(view.answer, "projects"))));
    let mut bids = shape::list(visit, "member_bids", all(view.answer, "bids"));
    label(view.language(), "bids").clone_into(&mut bids.title);
    page.blocks.push(Block::Table(bids));
    detail::masked(view, &mut page);
    page
}
