//! Answers of the operator API as parts of a page, whatever they hold.

use console::Operation;
use serde_json::{Map, Value};

use crate::blocks::{Block, Column, Facts, Link, Pager, Row, Table};
use crate::cells::cell;
use crate::json::all as items;
use crate::labels::{label, label_at};
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::visit::Visit;
use crate::{PATH, columns, places};

/// Objects that read in a line.
const IN_A_LINE: &[&str] = &["actor", "approved", "asked", "paid", "parts", "subject", "terms"];

/// Everything in an object: its plain fields, its objects, its lists.
pub(crate) fn sections(visit: &Visit, title: &str, object: &Map<String, Value>) -> Vec<Block> {
    let language = visit.language;
    let mut facts = Facts { title: title.to_owned(), ..Facts::default() };
    let mut others = Vec::new();
    for (field, value) in object {
        match value {
            Value::Object(inner) if !reads_in_a_line(field, inner) => {
                others.extend(sections(visit, label(language, field), inner));
            }
            Value::Array(all) if all.iter().any(Value::is_object) || is_list(field, all) => {
                others.push(Block::Table(list(visit, field, all)));
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                facts.rows.push((label(language, field).to_owned(), cell(language, field, value)));
            }
        }
    }
    let mut blocks = Vec::new();
    if !facts.rows.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    blocks.extend(others);
    blocks
}

fn reads_in_a_line(field: &str, object: &Map<String, Value>) -> bool {
    IN_A_LINE.contains(&field)
        || (field == "product" && object.contains_key("id") && object.len() == 2)
        || (object.len() <= 2 && object.values().all(|value| !value.is_object()))
}

/// Whether an empty list is one of things.
fn is_list(field: &str, all: &[Value]) -> bool {
    all.is_empty() && columns::of(field).is_some()
}

/// Labels and values of chosen fields.
pub(crate) fn facts(visit: &Visit, title: &str, value: &Value, fields: &[&str]) -> Facts {
    let language = visit.language;
    let rows = fields.iter().map(|path| {
        let (field, value) = at(value, path);
        (label_at(language, path).to_owned(), cell(language, field, value))
    });
    Facts { title: title.to_owned(), rows: rows.collect(), is_wide: false }
}

/// The value at a path, and the field that names it.
fn at<'v, 'p>(value: &'v Value, path: &'p str) -> (&'p str, &'v Value) {
    let mut value = value;
    let mut field = path;
    for part in path.split('.') {
        value = &value[part];
        field = part;
    }
    (field, value)
}

/// A list that stands in an answer under a field.
pub(crate) fn list(visit: &Visit, field: &str, all: &[Value]) -> Table {
    let place = match field {
        "applications" => "/applications",
        "customers" | "/customers" => "/customers",
        "documents" => "/documents",
        "loans" => "/loans",
        "payments" => "/payments",
        "repayments" => "/repayments",
        _ => "",
    };
    let mut table = table(visit, (field, place), all);
    label(visit.language, field).clone_into(&mut table.title);
    table
}

/// The page of a list.
pub(crate) fn page(
    visit: &Visit,
    operation: &Operation,
    place: &str,
    (asked, answer): (&Pairs, &Value),
) -> Table {
    let all = items(answer, "items");
    let mut table = table(visit, (operation.place(), place), all);
    sortable(&mut table, (operation.place(), place), asked);
    let number = query::value(asked, "page").parse::<u32>().unwrap_or(1).max(1);
    let size = answer["size"].as_u64();
    let is_full = size.is_some_and(|size| u64::try_from(all.len()).is_ok_and(|have| have >= size));
    let to = |number: u32| {
        let mut pairs: Pairs = asked.iter().filter(|(name, _)| name != "page").cloned().collect();
        pairs.push(("page".to_owned(), number.to_string()));
        format!("{PATH}{place}?{}", query::written(&pairs))
    };
    if number > 1 || is_full {
        table.pager = Some(Pager {
            here: visit.language.say("page_number").replace("{}", &number.to_string()),
            previous: (number > 1).then(|| to(number - 1)),
            next: is_full.then(|| to(number.saturating_add(1))),
        });
    }
    table
}

/// Heads of columns lead to the list in their order.
fn sortable(table: &mut Table, (list, place): (&str, &str), asked: &Pairs) {
    let now = query::value(asked, "order");
    let fields = columns::of(list).unwrap_or_default();
    for (column, field) in table.columns.iter_mut().zip(fields) {
        let Some((first, second)) = columns::orders(list, field) else { continue };
        let mut pairs: Pairs =
            asked.iter().filter(|(name, _)| name != "page" && name != "order").cloned().collect();
        let next = if now == first { second } else { first };
        pairs.push(("order".to_owned(), next.to_owned()));
        column.href = format!("{PATH}{place}?{}", query::written(&pairs));
        column.is_order = now == first || (now == second && second != "oldest");
    }
}

/// Rows of things; `place` is where each has its page, by its id.
fn table(visit: &Visit, (list, place): (&str, &str), all: &[Value]) -> Table {
    let language = visit.language;
    let fields: Vec<&str> = match columns::of(list) {
        Some(fields) => fields.to_vec(),
        None => keys(all),
    };
    let place = if place.is_empty() { list } else { place };
    let of_day = format!("{place}/{{day}}");
    let has_day = places::query_at(&of_day).is_some();
    let one = if has_day { of_day } else { format!("{place}/{{id}}") };
    let has_page = places::query_at(&one).is_some();
    let commands = row_commands(visit, &one, has_page);
    let rows: Vec<_> = all
        .iter()
        .map(|item| {
            let mut cells: Vec<_> = fields
                .iter()
                .map(|path| {
                    let (field, value) = at(item, path);
                    cell(language, field, value)
                })
                .collect();
            let id = id_of(item);
            if let (true, Some(id), Some(first)) = (has_page, &id, cells.first_mut()) {
                let id = query::escaped(id);
                first.href = format!("{PATH}{}", one.replace("{id}", &id).replace("{day}", &id));
            }
            let mut links = row_links(language, item, id.as_deref(), &commands);
            links.extend(edit_link(visit, list, item));
            Row { cells, links }
        })
        .collect();
    let columns = fields.iter().map(|path| column(language, path, all)).collect();
    Table {
        title: String::new(),
        columns,
        has_links: rows.iter().any(|row| !row.links.is_empty()),
        rows,
        empty: (language.say("empty").to_owned(), language.say("empty_hint").to_owned()),
        pager: None,
    }
}

/// Everything that items of a list have, ids first.
fn keys(all: &[Value]) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    for item in all.iter().take(20) {
        for key in item.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys.sort_by_key(|key| (*key != "id", *key != "code"));
    keys
}

fn column(language: Language, path: &str, all: &[Value]) -> Column {
    let (field, _) = at(&Value::Null, path);
    let shown = all.iter().map(|item| cell(language, field, at(item, path).1));
    let class = shown.map(|cell| cell.class).find(|class| *class != "faint").unwrap_or_default();
    Column {
        label: label_at(language, path).to_owned(),
        class,
        href: String::new(),
        is_order: false,
    }
}

/// The id of a thing: a number, or one as text; days for what is of a day.
pub(crate) fn id_of(item: &Value) -> Option<String> {
    let id = if item["id"].is_null() { &item["day"] } else { &item["id"] };
    id.as_str().map(ToOwned::to_owned).or_else(|| id.as_i64().map(|id| id.to_string()))
}

/// Commands about the things of a list that have no page of their own to stand on.
fn row_commands(visit: &Visit, one: &str, has_page: bool) -> Vec<&'static Operation> {
    let below = format!("{one}/");
    let day = one.replace("{id}", "{day}/");
    let all = console::operations().into_iter();
    all.filter(|known| {
        let place = known.place();
        let is_about = (!has_page && place.starts_with(&below)) || place.starts_with(&day);
        is_about && visit.may(known.right())
    })
    .collect()
}

fn row_links(
    language: Language,
    item: &Value,
    id: Option<&str>,
    commands: &[&'static Operation],
) -> Vec<Link> {
    let Some(id) = id else { return Vec::new() };
    let fits = commands.iter().filter(|command| fits(command.place(), item));
    fits.map(|command| command_link(language, command, id)).collect()
}

/// The form that a thing of some lists was saved by, filled in with it.
fn edit_link(visit: &Visit, list: &str, item: &Value) -> Option<Link> {
    let (right, fields) = match list {
        "/rules" => ("manage_risk", ["channel", "code", "product", "test", "outcome", "enabled"]),
        "/templates" => {
            ("manage_messages", ["channel", "topic", "title", "text", "sms_text", "version"])
        }
        _ => return None,
    };
    if !visit.may(Some(right)) {
        return None;
    }
    let known = fields.iter().filter(|field| !item[**field].is_null() && **field != "version");
    let pairs: Pairs = known
        .map(|field| {
            let value = &item[*field];
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            ((*field).to_owned(), text)
        })
        .collect();
    let href = format!("{PATH}/do{list}?{}", query::written(&pairs));
    Some(Link::new(visit.language.say("edit"), href))
}

/// Whether a command can be meant for a thing, as far as the thing says so itself.
fn fits(place: &str, item: &Value) -> bool {
    match place {
        "/operators/{id}/block" => item["blocked"] == false,
        "/operators/{id}/unblock" => item["blocked"] == true,
        "/drawdowns/{id}/review" => item["state"] == "reviewing",
        "/messages/{id}/withdraw" => item["withdrawn_at"].is_null(),
        "/repayments/{id}/reverse" => item["reversed"] == false,
        "/differences/{id}/settle" => item["state"] == "open",
        "/day-ends/{day}/failures" => item["failed"] != 0,
        _ => true,
    }
}

/// The way to a command or a query about one thing.
pub(crate) fn command_link(language: Language, operation: &Operation, id: &str) -> Link {
    let id = query::escaped(id);
    let place = operation.place().replace("{id}", &id).replace("{day}", &id);
    let text = places::title(language, operation);
    let class = if places::is_grave(operation) { "grave" } else { "" };
    let is_query = operation.method == channel_kit::route::Method::Get;
    let href = if is_query { format!("{PATH}{place}") } else { format!("{PATH}/do{place}") };
    Link { class, ..Link::new(text, href) }
}
