//! Vintage curves: the chart of the home page, and the page with the figures.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Cell, Column, Row, Table};
use crate::cells;
use crate::charts::{self, Chart, Curve};
use crate::json::all;
use crate::labels;
use crate::pages::Page;
use crate::texts::Language;
use crate::words::Tone;

/// Months on book that are drawn and listed.
const ON_BOOK: usize = 12;

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    page.blocks.push(Block::Notice(Tone::Plain, view.say("vintage_says").to_owned()));
    page.blocks.push(Block::Chart(chart(view.language(), view.answer)));
    page.blocks.push(Block::Table(table(view)));
    page
}

/// A row for each month, a column for each month on book.
fn table(view: &View<'_>) -> Table {
    let language = view.language();
    let column =
        |label: String, class| Column { label, class, href: String::new(), is_order: false };
    let mut columns = vec![
        column(labels::label(language, "month").to_owned(), ""),
        column(labels::label(language, "loans").to_owned(), "number"),
        column(labels::label(language, "principal").to_owned(), "money"),
    ];
    columns.extend((1..=ON_BOOK).map(|month| column(format!("MOB {month}"), "number")));
    let rows = all(view.answer, "months").iter().map(|month| {
        let mut cells: Vec<Cell> = ["month", "loans", "principal"]
            .iter()
            .map(|field| cells::cell(language, field, &month[*field]))
            .collect();
        let shares = all(month, "late");
        cells.extend((0..ON_BOOK).map(|place| match shares.get(place).and_then(Value::as_str) {
            Some(share) => Cell { class: "number", ..cells::plain(format!("{share}%")) },
            None => cells::plain(""),
        }));
        Row { cells, links: Vec::new() }
    });
    Table {
        title: view.say("vintage_table").to_owned(),
        columns,
        rows: rows.collect(),
        empty: (view.say("empty").to_owned(), String::new()),
        ..Table::default()
    }
}

/// Hundredths of a percent, for the height of a point.
fn hundredths(share: &Value) -> Option<i64> {
    let (whole, part) = share.as_str()?.split_once('.')?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)
}

/// A curve for each month of payout that has a month on book.
pub(super) fn chart(language: Language, answer: &Value) -> Chart {
    let months = all(answer, "months").iter();
    let curves: Vec<_> = months
        .filter_map(|month| {
            let name = month["month"].as_str()?.to_owned();
            let points: Vec<_> = all(month, "late").iter().filter_map(hundredths).collect();
            let last = all(month, "late").last()?.as_str()?;
            let said = format!("{name} {last}%");
            (!points.is_empty()).then_some(Curve { name, points, said })
        })
        .collect();
    let title = language.say("chart_vintage").to_owned();
    let mut chart = charts::curved(title, language.say("vintage_axis"), &curves, ON_BOOK);
    let said = curves.iter().map(|curve| curve.said.clone());
    chart.summary = said.collect::<Vec<_>>().join(", ");
    if curves.is_empty() {
        chart.empty = Some(language.say("vintage_empty").to_owned());
    }
    chart
}
