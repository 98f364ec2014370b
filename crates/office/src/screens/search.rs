//! What was found.

use serde_json::Value;

use super::{View, headed};
use crate::blocks::{Block, Form, Input, Kind};
use crate::pages::Page;
use crate::visit::PROOF;
use crate::{PATH, query, shape};

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
pub(super) fn ask(view: &View<'_>, error: Option<String>) -> Page {
    let mut page = headed(view);
    let input = Input {
        form: "find",
        name: "q".to_owned(),
        label: view.say("search_label").to_owned(),
        hint: view.say("search_placeholder").to_owned(),
        kind: Kind::Line,
        value: query::value(view.asked, "q").to_owned(),
        choices: Vec::new(),
        is_required: true,
        error,
    };
    page.blocks.push(Block::Form(Form {
        action: format!("{PATH}{}", view.place()),
        hidden: vec![(PROOF.to_owned(), view.visit.proof.clone())],
        inputs: vec![input],
        send: view.say("search").to_owned(),
        ..Form::default()
    }));
    page
}
