//! Values of answers as they are shown: amounts, instants, words, and things that have a page.

use serde_json::Value;

use crate::blocks::Cell;
use crate::labels::label;
use crate::texts::Language;
use crate::words::{self, Tone};

/// Fields that hold numbers of things with a page, and where that is.
const LINKS: &[(&str, &str)] = &[
    ("account_id", "/console/ledger/accounts/"),
    ("application_id", "/console/applications/"),
    ("approval", "/console/approvals/"),
    ("borrower_id", "/console/members/"),
    ("claimer_id", "/console/customers/"),
    ("customer_id", "/console/customers/"),
    ("escrow_account_id", "/console/ledger/accounts/"),
    ("frozen_account_id", "/console/ledger/accounts/"),
    ("investor_id", "/console/members/"),
    ("lead", "/console/leads/"),
    ("loan_id", "/console/loans/"),
    ("member", "/console/customers/"),
    ("officer_id", "/console/customers/"),
    ("others", "/console/leads/"),
    ("owner_id", "/console/customers/"),
    ("payment_id", "/console/payments/"),
    ("project_id", "/console/projects/"),
    ("reversed_by", "/console/ledger/transfers/"),
    ("reverses", "/console/ledger/transfers/"),
    ("transfer_id", "/console/ledger/transfers/"),
    ("wallet_account_id", "/console/ledger/accounts/"),
];

/// Kinds of subjects that have a page.
const SUBJECTS: &[(&str, &str)] = &[
    ("application", "/console/applications/"),
    ("lead", "/console/leads/"),
    ("loan", "/console/loans/"),
    ("market_member", "/console/members/"),
    ("member", "/console/customers/"),
    ("payment", "/console/payments/"),
    ("product", "/console/products/"),
    ("project", "/console/projects/"),
];

/// Fields that hold sentences.
const LONG: &[&str] = &[
    "about",
    "answer",
    "content",
    "detail",
    "error",
    "notes",
    "parameters",
    "reason",
    "request",
    "sms_text",
    "suggestion",
    "text",
];

/// Fields that hold percent.
const PERCENTS: &[&str] = &[
    "cap_rate",
    "daily",
    "effective_percent",
    "nominal_percent",
    "percent",
    "rate",
    "rate_default",
    "rates",
    "settlement_fee",
    "share",
    "simple_percent",
];

/// Fields with the amounts on one side of an account.
const SIDES: &[&str] =
    &["closing_credit", "closing_debit", "credits", "debits", "opening_credit", "opening_debit"];

/// What it means that one of these is true.
const BAD_IF_TRUE: &[&str] =
    &["blacklisted", "blocked", "failing", "risky", "stopped", "suspended", "reversed"];

/// A value of a field.
pub(crate) fn cell(language: Language, field: &str, value: &Value) -> Cell {
    match value {
        // What was not moved on one side of an account is left blank there.
        Value::Null if SIDES.contains(&field) => Cell { class: "money faint", ..Cell::default() },
        Value::Null => faint("—"),
        Value::Bool(is_so) => truth(language, field, *is_so),
        Value::Number(number) => numbered(field, &number.to_string()),
        Value::String(text) => texted(language, field, text),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().map(|one| cell(language, field, one)).collect();
            if let [only] = all.as_slice() {
                return only.clone();
            }
            let texts: Vec<_> = all.into_iter().map(|one| one.text).collect();
            if texts.is_empty() {
                faint("—")
            } else {
                let between =
                    if field == "description" { " " } else { language.choose("、", ", ") };
                plain(texts.join(between))
            }
        }
        Value::Object(_) => thing(language, field, value),
    }
}

/// Something that is read sign by sign.
fn code(text: &str) -> Cell {
    Cell { text: text.to_owned(), class: "code", ..Cell::default() }
}

/// Words of nobody.
pub(crate) fn plain(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), ..Cell::default() }
}

fn faint(text: &str) -> Cell {
    Cell { text: text.to_owned(), class: "faint", ..Cell::default() }
}

/// A word with its colour.
pub(crate) fn badge(language: Language, field: &str, text: &str) -> Cell {
    let (reads, tone) = words::word(language, field, text)
        .map_or((text, Tone::Plain), |(reads, tone)| (reads, tone));
    Cell { text: reads.to_owned(), badge: Some(tone), ..Cell::default() }
}

fn truth(language: Language, field: &str, is_so: bool) -> Cell {
    let text = if is_so { language.say("yes") } else { language.say("no") };
    if is_so && BAD_IF_TRUE.contains(&field) {
        return Cell { text: text.to_owned(), badge: Some(Tone::Bad), ..Cell::default() };
    }
    if is_so { plain(text) } else { faint(text) }
}

fn numbered(field: &str, number: &str) -> Cell {
    let link = LINKS.iter().find(|(known, _)| *known == field);
    let href = link.map_or_else(String::new, |(_, place)| format!("{place}{number}"));
    // Numbers of orders and movements are too long to be compared.
    let class = if number.len() > 12 { "code" } else { "number" };
    Cell { text: number.to_owned(), class, href, ..Cell::default() }
}

fn texted(language: Language, field: &str, text: &str) -> Cell {
    if text.is_empty() {
        return faint("—");
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && LINKS.iter().any(|(known, _)| *known == field) {
        return numbered(field, text);
    }
    if PERCENTS.contains(&field) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Cell { text: format!("{text}%"), class: "number", ..Cell::default() };
    }
    // The code of an account may look like an amount.
    if field == "code" {
        return code(text);
    }
    if let Some(amount) = money(text) {
        return Cell { text: amount, class: "money", ..Cell::default() };
    }
    if let Some(at) = instant(text) {
        return Cell { text: at, class: "time", ..Cell::default() };
    }
    match field {
        "state" | "verdict" | "phase" | "outcome" | "last_outcome" | "breach" | "kept" => {
            badge(language, field, text)
        }
        "digest" | "order_no" | "sha256" | "withdraw_no" | "reference" | "id" => code(text),
        _ if words::holds_words(field) => plain(words::read(language, field, text)),
        _ if LONG.contains(&field) => Cell { class: "long", ..plain(text) },
        _ => plain(text),
    }
}

/// `1000.00` as `¥1,000.00`; `None` for what is no amount.
pub(crate) fn money(text: &str) -> Option<String> {
    let (whole, fen) = text.split_once('.')?;
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if fen.len() != 2 || !digits(fen) || !digits(whole) {
        return None;
    }
    Some(format!("{sign}¥{}.{fen}", grouped(whole)))
}

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An instant of the interface, to the second and without its zone, which is always Shanghai's.
pub(crate) fn instant(text: &str) -> Option<String> {
    let plain = text.strip_suffix("+08:00")?;
    let (day, time) = plain.split_once('T')?;
    let good = day.len() == 10 && time.is_ascii() && time.len() >= 8;
    good.then(|| format!("{day} {}", time.get(..8).unwrap_or(time)))
}

/// An object in a line.
fn thing(language: Language, field: &str, value: &Value) -> Cell {
    match field {
        "asked" | "terms" => plain(terms(language, value)),
        "approved" => plain(approved(value)),
        "product" => {
            let (id, version) = (&value["id"], &value["version"]);
            let href = format!("/console/products/{id}?version={version}");
            Cell { text: format!("#{id} · v{version}"), href, ..Cell::default() }
        }
        "subject" | "actor" | "owner" => subject(language, value),
        "test" => plain(test(language, value)),
        "promise" => promise(language, value),
        "paid" | "parts" => parts(language, value),
        _ => {
            let fields = value.as_object().into_iter().flatten();
            let told = fields.map(|(name, value)| {
                format!("{} {}", label(language, name), cell(language, name, value).text)
            });
            plain(told.collect::<Vec<_>>().join(" · "))
        }
    }
}

/// Amount, tenor, rate and method.
pub(crate) fn terms(language: Language, value: &Value) -> String {
    let amount = value["amount"].as_str().and_then(money).unwrap_or_default();
    let rate = value["rate"].as_str().unwrap_or("—");
    let unit =
        words::read(language, "tenor_unit", value["tenor_unit"].as_str().unwrap_or_default());
    let method = words::read(language, "method", value["method"].as_str().unwrap_or_default());
    let space = language.choose("", " ");
    format!("{amount} · {}{space}{unit} · {rate}% · {method}", value["tenor"])
}

fn approved(value: &Value) -> String {
    let amount = value["amount"].as_str().and_then(money).unwrap_or_default();
    format!("{amount} · {}", value["tenor"])
}

/// What a decision rule looks at: its kind, then its figures.
fn test(language: Language, value: &Value) -> String {
    let kind = words::read(language, "kind", value["kind"].as_str().unwrap_or_default());
    let mut told = vec![kind.to_owned()];
    let others = value.as_object().into_iter().flatten().filter(|(name, _)| *name != "kind");
    told.extend(others.map(|(name, value)| {
        format!("{} {}", label(language, name), cell(language, name, value).text)
    }));
    told.join(" · ")
}

/// What was promised, in the colour of what became of it.
fn promise(language: Language, value: &Value) -> Cell {
    let amount = value["amount"].as_str().and_then(money).unwrap_or_default();
    let by = value["by"].as_str().unwrap_or_default();
    let kept = badge(language, "kept", value["kept"].as_str().unwrap_or_default());
    Cell { text: format!("{} · {amount} · {by}", kept.text), ..kept }
}

/// What something is about, or who did it.
fn subject(language: Language, value: &Value) -> Cell {
    let kind = value["kind"].as_str().unwrap_or_default();
    let reads = words::read(language, "kind", kind);
    let provider = value["provider"].as_str();
    if let Some(name) = value["name"].as_str() {
        return plain(name);
    }
    let Some(id) = value["id"].as_i64() else {
        return plain(provider.map_or_else(|| reads.to_owned(), |name| format!("{reads} {name}")));
    };
    let place = SUBJECTS.iter().find(|(known, _)| *known == kind);
    let href = place.map_or_else(String::new, |(_, place)| format!("{place}{id}"));
    Cell { text: format!("{reads} #{id}"), href, ..Cell::default() }
}

/// The parts of a payment that are not nothing.
fn parts(language: Language, value: &Value) -> Cell {
    let names = ["principal", "interest", "fee", "penalty"];
    let told = names.iter().filter_map(|name| {
        let text = value[*name].as_str().filter(|text| *text != "0.00")?;
        Some(format!("{} {}", label(language, name), money(text)?))
    });
    let told = told.collect::<Vec<_>>().join(" · ");
    if told.is_empty() { faint("—") } else { plain(told) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_grouped_and_others_left_alone() {
        for (text, shown) in [
            ("0.00", Some("¥0.00")),
            ("999.99", Some("¥999.99")),
            ("1000.00", Some("¥1,000.00")),
            ("-1234567.89", Some("-¥1,234,567.89")),
            ("1000", None),
            ("18", None),
            ("1.5", None),
            ("x.00", None),
            (".00", None),
            ("-.00", None),
        ] {
            assert_eq!(money(text).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn instants_lose_their_zone() {
        let shown = instant("2026-11-25T10:00:01+08:00");
        assert_eq!(shown.as_deref(), Some("2026-11-25 10:00:01"));
        assert_eq!(instant("2026-11-25"), None);
        assert_eq!(instant("借T+08:00"), None);
    }

    #[test]
    fn things_lead_to_their_pages() {
        let zh = Language::Chinese;
        assert_eq!(cell(zh, "customer_id", &json!(3)).href, "/console/customers/3");
        assert_eq!(cell(zh, "payment_id", &json!("110")).href, "/console/payments/110");
        assert_eq!(cell(zh, "payment_id", &json!("1/../x")).href, "");
        assert_eq!(cell(zh, "account_id", &json!(301)).href, "/console/ledger/accounts/301");
        assert_eq!(cell(zh, "code", &json!("1132.01")).text, "1132.01");
        assert_eq!(cell(zh, "debits", &json!(null)).text, "");
        let subject = cell(zh, "subject", &json!({ "kind": "loan", "id": 7 }));
        assert_eq!((subject.text.as_str(), subject.href.as_str()), ("借据 #7", "/console/loans/7"));
        let terms = cell(
            zh,
            "asked",
            &json!({ "amount": "1000.00", "rate": "18", "tenor": 14,
            "tenor_unit": "day", "method": "one_off" }),
        );
        assert_eq!(terms.text, "¥1,000.00 · 14天 · 18% · 一次性还本付息");
    }
}
