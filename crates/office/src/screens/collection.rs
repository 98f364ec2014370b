//! A late loan as its collector works on it: whether to call, what was said, what is next.

use console::Operation;
use serde_json::Value;

use super::{View, detail, headed};
use crate::blocks::{Block, Cell, Facts, Link, Tile};
use crate::cells::{self, cell};
use crate::json::all;
use crate::pages::Page;
use crate::query::Pairs;
use crate::visit::Visit;
use crate::words::{self, Tone};
use crate::{PATH, command, labels, places, shape};

/// The form in which a contact is written down.
const CONTACTS: &str = "/collections/{id}/contacts";

pub(super) fn page(view: &View<'_>) -> Page {
    let mut page = headed(view);
    let (visit, language) = (view.visit, view.language());
    let case = &view.answer["case"];
    let is_mine = case["mine"] == true;
    page.title = format!("{} {}", page.title, case["code"].as_str().unwrap_or_default());
    if let Some(bucket) = case["bucket"].as_str() {
        let text = format!("{} {bucket}", words::read(language, "state", "overdue"));
        page.badges.push(Cell { text, badge: Some(Tone::Bad), ..Cell::default() });
    }
    page.badges.push(holder(view, case));
    view.say("case_rules").clone_into(&mut page.lead);
    page.actions.retain(|action| fits(action, case, is_mine));
    for (word, field, place) in
        [("to_loan", "id", "loans"), ("to_customer", "customer_id", "customers")]
    {
        page.links.push(Link::new(view.say(word), format!("{PATH}/{place}/{}", case[field])));
    }
    page.blocks.push(Block::Tiles(tiles(view, case)));
    page.blocks.extend(stop_notice(view, &view.answer["stop"]));
    if is_mine {
        let form = command::form_of(visit, (CONTACTS, view.parts));
        page.blocks.extend(form.map(Block::Form));
    } else {
        let text = view.say("case_take_first").to_owned();
        page.blocks.push(Block::Notice(Tone::Plain, text));
    }
    let contacts = all(view.answer, "contacts");
    page.blocks.push(Block::Table(shape::list(visit, "collection", contacts)));
    if !is_mine {
        detail::masked(view, &mut page);
    }
    page
}

/// Who works on it.
fn holder(view: &View<'_>, case: &Value) -> Cell {
    let holder = &case["holder_id"];
    let (text, tone) = if holder.is_null() {
        (view.say("case_nobody").to_owned(), Tone::Waiting)
    } else if case["mine"] == true {
        (view.say("case_mine").to_owned(), Tone::Good)
    } else {
        let name = cell(view.language(), "holder_id", holder).text;
        (view.say("case_other").replace("{}", &name), Tone::Plain)
    };
    Cell { text, badge: Some(tone), ..Cell::default() }
}

/// Whether a command can be meant for a case as it is; the interface decides.
fn fits(action: &Link, case: &Value, is_mine: bool) -> bool {
    let place = action.href.rsplit('/').next().unwrap_or_default();
    match place {
        "assign" => case["state"] == "repaying",
        "release" | "call" => is_mine,
        // Its form stands on the page.
        "contacts" => false,
        _ => true,
    }
}

fn tiles(view: &View<'_>, case: &Value) -> Vec<Tile> {
    let (language, guard) = (view.language(), &view.answer["guard"]);
    let tile = |label: &str, value: String, note: String, tone: Tone| Tile {
        label: label.to_owned(),
        value,
        note,
        href: String::new(),
        tone,
    };
    let shown = |field: &str| cell(language, field, &case[field]).text;
    let named = |field: &str| labels::label(language, field).to_owned();
    let may = match guard["breach"].as_str() {
        None => (view.say("case_guard_yes").to_owned(), Tone::Good),
        Some(word) => (words::read(language, "breach", word).to_owned(), Tone::Bad),
    };
    let hours = view.say("case_hours").replacen("{}", &guard["from"].to_string(), 1);
    let hours = hours.replacen("{}", &guard["until"].to_string(), 1);
    let is_full = guard["used"].as_i64() >= guard["most"].as_i64();
    let used = format!("{} / {}", guard["used"], guard["most"]);
    vec![
        tile(&named("late_today"), shown("late_today"), shown("overdue_since"), Tone::Bad),
        tile(&named("next_action"), shown("next_action"), String::new(), Tone::Plain),
        tile(
            view.say("case_contacts_today"),
            used,
            shown("last_contact_at"),
            if is_full { Tone::Bad } else { Tone::Plain },
        ),
        tile(view.say("case_guard"), may.0, hours, may.1),
    ]
}

/// That a customer is not to be contacted, and until when.
pub(super) fn stop_notice(view: &View<'_>, stop: &Value) -> Option<Block> {
    let kind = stop["kind"].as_str()?;
    let language = view.language();
    let until = match stop["until"].as_str() {
        Some(day) => view.say("stop_until").replace("{}", day),
        None => view.say("stop_no_end").to_owned(),
    };
    let mut why = words::read(language, "kind", kind).to_owned();
    if let Some(reason) = stop["reason"].as_str() {
        why = format!("{why} ({reason})");
    }
    let (before, after) = view.say("stop_notice").split_once("{}")?;
    let text = format!("{before}{why}{}", after.replacen("{}", &until, 1));
    Some(Block::Notice(Tone::Bad, text))
}

/// The number that was asked for, and the form for what comes of the call.
pub(crate) fn called(
    visit: &Visit,
    (operation, parts): (&'static Operation, &Pairs),
    answer: &Value,
) -> Page {
    let language = visit.language;
    let mut page = Page::new(places::title(language, operation));
    page.crumbs = super::crumbs(language, operation, parts);
    let number = answer["mobile_phone"].as_str().unwrap_or_default();
    let facts = Facts {
        title: language.say("call_number").to_owned(),
        rows: vec![
            (
                labels::label(language, "mobile_phone").to_owned(),
                Cell { class: "code", ..cells::plain(number) },
            ),
            (
                language.say("case_contacts_today").to_owned(),
                cells::plain(format!("{} / {}", answer["used"], answer["most"])),
            ),
        ],
        is_wide: true,
    };
    let noted = language.say("call_noted").to_owned();
    page.blocks.push(Block::Notice(Tone::Waiting, noted));
    page.blocks.push(Block::Facts(facts));
    page.blocks.extend(command::form_of(visit, (CONTACTS, parts)).map(Block::Form));
    page
}
