//! The books: trial balance, statements, an account with its lines, a movement, a period.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Cell, Column, Row, Table};
use crate::cells::{self, cell};
use crate::json::{all, at};
use crate::labels::label;
use crate::pages::Page;
use crate::words::{self, Tone};
use crate::{PATH, shape};

const ACCOUNT: &[&str] = &["id", "code", "account", "owner", "side", "balance"];
const PERIOD: &[&str] = &["id", "state", "transfers", "closed_by", "closed_at", "digest"];
const TRANSFER: &[&str] = &["id", "movement", "subject", "at", "reverses", "reversed_by"];

/// What the list of a place has beside its table.
pub(super) fn dress(view: &View<'_>, page: &mut Page) {
    fill_in(view, page);
    match view.operation.place() {
        "/ledger/trial-balance" => {
            lead_to_accounts(view, page);
            let notice = balance_notice(view, "books_balanced");
            let before_table = page.blocks.len().saturating_sub(1);
            page.blocks.insert(before_table, notice);
        }
        "/ledger/balance-sheet" => {
            page.blocks.pop();
            page.blocks.push(balance_notice(view, "sheet_balanced"));
            page.blocks.push(statement(view, &["asset"]));
            page.blocks.push(statement(view, &["liability", "equity"]));
        }
        "/ledger/income-statement" => {
            page.blocks.pop();
            page.blocks.push(statement(view, &["income"]));
            page.blocks.push(statement(view, &["expense", "profit"]));
        }
        "/ledger/accounts/{id}" => account(view, page),
        _ => {}
    }
}

/// The days that were read, where the query did not say them.
fn fill_in(view: &View<'_>, page: &mut Page) {
    let filters = page.blocks.iter_mut().filter_map(|block| match block {
        Block::Filters(filters) => Some(filters),
        Block::Facts(_)
        | Block::Table(_)
        | Block::Form(_)
        | Block::Tiles(_)
        | Block::Chart(_)
        | Block::Timeline(..)
        | Block::Notice(..)
        | Block::Picture(_) => None,
    });
    for input in filters.flat_map(|filters| filters.inputs.iter_mut()) {
        let read = view.answer[&input.name].as_str().unwrap_or_default();
        if input.value.is_empty() && matches!(input.name.as_str(), "from" | "to" | "on") {
            read.clone_into(&mut input.value);
        }
    }
}

/// Whether both sides come to the same.
fn balance_notice(view: &View<'_>, balanced: &'static str) -> Block {
    let (tone, word) = if view.answer["balanced"] == true {
        (Tone::Good, balanced)
    } else {
        (Tone::Bad, "books_unbalanced")
    };
    Block::Notice(tone, view.say(word).to_owned())
}

/// Each class of a trial balance leads to its accounts; the sum stands out.
fn lead_to_accounts(view: &View<'_>, page: &mut Page) {
    let Some(Block::Table(table)) = page.blocks.last_mut() else { return };
    for (row, item) in table.rows.iter_mut().zip(all(view.answer, "items")) {
        lead_to_class(row, item);
    }
}

fn lead_to_class(row: &mut Row, item: &Value) {
    let class = item["account"].as_str().unwrap_or_default();
    if class == "total" {
        if let Some(code) = row.cells.first_mut() {
            *code = Cell::default();
        }
        row.cells.iter_mut().for_each(stand_out);
        return;
    }
    let owners = match class {
        "wallet" | "frozen" => "member",
        "escrow" => "project",
        _ if class.starts_with("loan_") => "loan",
        _ => "platform",
    };
    if let Some(name) = row.cells.get_mut(1) {
        name.href = format!("{PATH}/ledger/accounts?owners={owners}&account={class}");
    }
}

fn stand_out(cell: &mut Cell) {
    cell.class = match cell.class {
        "money" => "money sum",
        _ => "sum",
    };
}

/// Sections of a statement: code, class, amount.
fn statement(view: &View<'_>, sections: &[&str]) -> Block {
    let language = view.language();
    let items = all(view.answer, "items").iter();
    let items = items.filter(|item| sections.iter().any(|section| item["section"] == **section));
    let rows = items.map(|item| {
        let mut cells: Vec<_> = ["code", "account", "amount"]
            .iter()
            .map(|field| cell(language, field, &item[*field]))
            .collect();
        if item["code"].is_null() {
            if let Some(code) = cells.first_mut() {
                *code = Cell::default();
            }
            let name = item["account"].as_str().unwrap_or_default();
            if name.starts_with("total") || name == "profit" {
                cells.iter_mut().for_each(stand_out);
            }
        }
        Row { cells, links: Vec::new() }
    });
    let names = sections.iter().map(|section| words::read(language, "section", section));
    let titles: Vec<_> = names.collect();
    let head = |field: &str, class| Column {
        label: label(language, field).to_owned(),
        class,
        href: String::new(),
        is_order: false,
    };
    Block::Table(Table {
        title: titles.join(language.choose("和", " and ")),
        columns: vec![head("code", ""), head("account", ""), head("amount", "money")],
        rows: rows.collect(),
        is_statement: true,
        ..Table::default()
    })
}

/// An account above its lines.
fn account(view: &View<'_>, page: &mut Page) {
    let language = view.language();
    let account = &view.answer["account"];
    let name = words::read(language, "account", account["account"].as_str().unwrap_or_default());
    let code = account["code"].as_str().unwrap_or_default();
    page.title = format!("{code} {name}");
    let number = at(account, "owner.id").as_i64();
    if let Some(number) = number {
        page.title = format!("{} #{number}", page.title);
    }
    let title = view.say("account_now");
    let facts = shape::facts(view.visit, title, account, ACCOUNT);
    page.blocks.insert(0, Block::Facts(facts.wide()));
    let word = if number.is_some() { "account_lines" } else { "account_lines_platform" };
    page.blocks.push(Block::Notice(Tone::Plain, view.say(word).to_owned()));
}

/// One movement with its postings.
pub(super) fn transfer(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let transfer = &view.answer["transfer"];
    let movement = transfer["movement"].as_str().unwrap_or_default();
    page.title = format!("{} · {}", page.title, words::read(language, "movement", movement));
    if !transfer["reversed_by"].is_null() {
        let text = view.say("taken_back").to_owned();
        page.badges.push(Cell { text, badge: Some(Tone::Bad), ..Cell::default() });
    }
    let facts = shape::facts(visit, view.say("details"), transfer, TRANSFER);
    page.blocks.push(Block::Facts(facts.wide()));
    page.blocks.push(Block::Table(shape::list(visit, "postings", all(view.answer, "postings"))));
    page
}

/// One period with its trial balance.
pub(super) fn period(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let visit = view.visit;
    let period = &view.answer["period"];
    let state = period["state"].as_str().unwrap_or_default();
    page.title = format!("{} {}", page.title, period["id"].as_str().unwrap_or_default());
    page.badges.push(cells::badge(view.language(), "state", state));
    page.actions.retain(|action| state == "over" || !action.href.ends_with("/close"));
    let facts = shape::facts(visit, view.say("details"), period, PERIOD);
    page.blocks.push(Block::Facts(facts.wide()));
    let hint = match state {
        "closed" => "period_closed",
        "over" => "period_over",
        _ => "period_running",
    };
    page.blocks.push(Block::Notice(Tone::Plain, view.say(hint).to_owned()));
    page.blocks.push(balance_notice(view, "books_balanced"));
    let lines = all(view.answer, "trial_balance");
    let mut table = shape::list(visit, "trial_balance", lines);
    for (row, item) in table.rows.iter_mut().zip(lines) {
        lead_to_class(row, item);
    }
    page.blocks.push(Block::Table(table));
    page
}
