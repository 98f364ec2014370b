//! What was found.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Filters};
use crate::pages::Page;
use crate::{PATH, form, query, shape};

/// The lists of an answer, and the pages of what is in them.
const FOUND: &[(&str, &str)] = &[
    ("customers", "/customers"),
    ("applications", "/applications"),
    ("loans", "/loans"),
    ("payments", "/payments"),
];

/// The page of the only thing that was found.
pub(crate) fn only(answer: &Value) -> Option<String> {
    let all = FOUND.iter().flat_map(|(field, place)| {
        let found = answer[*field].as_array().map(Vec::as_slice).unwrap_or_default();
        found.iter().map(move |item| (*place, item))
    });
    let mut all = all.take(2);
    let (place, item) = all.next()?;
    let id = shape::id_of(item)?;
    if all.next().is_some() {
        return None;
    }
    Some(format!("{PATH}{place}/{}", query::escaped(&id)))
}

/// Everything that was found.
pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    query::value(view.asked, "q").clone_into(&mut page.lead);
    let mut is_empty = true;
    for (field, place) in FOUND {
        let found = view.answer[*field].as_array().map(Vec::as_slice).unwrap_or_default();
        if found.is_empty() {
            continue;
        }
        is_empty = false;
        let list = if *field == "customers" { place } else { field };
        let mut table = shape::list(view.visit, list, found);
        crate::labels::label(view.language(), field).clone_into(&mut table.title);
        page.blocks.push(Block::Table(table));
    }
    if is_empty {
        page.blocks.push(Block::Table(shape::list(view.visit, "customers", &[])));
    }
    page
}

/// The page before anything is looked for, or with what is wrong with it.
pub(super) fn ask(view: &View<'_>, wrong: Option<&(String, String)>) -> Page {
    let mut page = headed(view);
    let inputs = form::filters(view.language(), view.operation, view.asked, wrong);
    page.blocks.push(Block::Filters(Filters {
        action: format!("{PATH}{}", view.place()),
        inputs,
        send: view.say("search").to_owned(),
        ..Filters::default()
    }));
    page
}
