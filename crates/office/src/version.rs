//! The version of a product as fields of a form, in both directions; what is right, the interface
//! says.

use serde_json::{Map, Value, json};

use crate::blocks::{Choice, Input, Kind};
use crate::json::at;
use crate::labels::label;
use crate::query::{self, Pairs};
use crate::texts::Language;
use crate::words;

/// How a part of a version is written in its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is.
    Text,
    /// A whole number.
    Whole,
    /// A whole number, or nothing.
    WholeOrNull,
    /// A text, or nothing.
    TextOrNull,
    /// A text on each line.
    Lines,
    /// `least-most`, or values with commas.
    Texts,
    /// The same of whole numbers.
    Wholes,
    /// One of these words.
    One(&'static [&'static str]),
    /// Some of these words.
    Some(&'static [&'static str]),
    /// A fee on each line.
    Fees,
}

const UNITS: &[&str] = &["day", "month"];
const INTERVALS: &[&str] = &["day", "month", "quarter", "year"];
const METHODS: &[&str] =
    &["one_off", "interest_only", "equal_instalment", "equal_principal", "flat"];
const DAY_COUNTS: &[&str] =
    &["30_360", "30e_360", "act_360", "act_365", "act_364", "act_act", "act_act_isda"];
const BASES: &[&str] =
    &["overdue_principal", "overdue_principal_and_interest", "overdue_amount", "outstanding"];
const LENDERS: &[&str] = &["private", "institution", "platform"];

/// Path in the version, and how it is written; in the order of the form.
const FIELDS: &[(&str, Form)] = &[
    ("name", Form::Text),
    ("lender", Form::One(LENDERS)),
    ("description", Form::Lines),
    ("amounts", Form::Texts),
    ("amount_default", Form::Text),
    ("rates", Form::Texts),
    ("rate_default", Form::Text),
    ("tenor_units", Form::Some(UNITS)),
    ("days", Form::Wholes),
    ("days_default", Form::Whole),
    ("months", Form::Wholes),
    ("months_default", Form::Whole),
    ("methods", Form::Some(METHODS)),
    ("interval_units", Form::Some(INTERVALS)),
    ("intervals", Form::Wholes),
    ("interval_default", Form::Whole),
    ("interval_unit_default", Form::One(INTERVALS)),
    ("day_count", Form::One(DAY_COUNTS)),
    ("late.daily", Form::Text),
    ("late.base", Form::One(BASES)),
    ("late.grace_days", Form::Whole),
    ("late.cap_days", Form::WholeOrNull),
    ("late.cap_rate", Form::TextOrNull),
    ("settlement_fee", Form::Text),
    ("fees", Form::Fees),
    ("services", Form::Lines),
    ("review_steps", Form::Whole),
    ("approval_days", Form::Whole),
    ("first_limit", Form::Text),
];

/// The field of a path in a form.
fn name(path: &str) -> String {
    format!("version.{path}")
}

/// Whether something that is wrong is a part of a version, and which.
pub(crate) fn field_of(wrong: &str) -> Option<String> {
    let whole = wrong.split('.').next().unwrap_or(wrong);
    let mut known = FIELDS.iter().map(|(path, _)| *path);
    let path = known.find(|path| *path == wrong || *path == whole)?;
    Some(name(path))
}

/// What a version says, as it stands in the fields.
pub(crate) fn typed(version: &Value) -> Pairs {
    let mut pairs = Pairs::new();
    for (path, form) in FIELDS {
        let value = at(version, path);
        match form {
            Form::Some(_) => {
                let all = value.as_array().into_iter().flatten();
                pairs.extend(all.map(|word| (name(path), plain(word))));
            }
            Form::Lines => pairs.push((name(path), joined(value, "\n"))),
            Form::Texts | Form::Wholes => pairs.push((name(path), choice(value))),
            Form::Fees => {
                let all = value.as_array().into_iter().flatten();
                pairs.push((name(path), all.map(fee_line).collect::<Vec<_>>().join("\n")));
            }
            Form::Text | Form::Whole | Form::WholeOrNull | Form::TextOrNull | Form::One(_) => {
                pairs.push((name(path), plain(value)));
            }
        }
    }
    pairs
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn joined(value: &Value, between: &str) -> String {
    let all = value.as_array().into_iter().flatten();
    all.map(plain).collect::<Vec<_>>().join(between)
}

/// A range or a list.
fn choice(value: &Value) -> String {
    if value.is_object() {
        return format!("{}-{}", plain(&value["least"]), plain(&value["most"]));
    }
    joined(value, ", ")
}

/// A fee in a line: name, collector, when, how much.
fn fee_line(fee: &Value) -> String {
    let much = match fee["share"].as_str() {
        Some(share) => format!("{share}%"),
        None => plain(&fee["amount"]),
    };
    format!(
        "{}, {}, {}, {much}",
        plain(&fee["name"]),
        plain(&fee["collector"]),
        plain(&fee["time"])
    )
}

/// The version that the fields say, or the field that cannot be read.
pub(crate) fn read(language: Language, typed: &Pairs) -> Result<Value, (String, String)> {
    let mut version = Map::new();
    let mut late = Map::new();
    for (path, form) in FIELDS {
        let wrong = |text: &'static str| (name(path), language.say(text).to_owned());
        let value = value(*form, &name(path), typed).map_err(wrong)?;
        match path.strip_prefix("late.") {
            Some(part) => late.insert(part.to_owned(), value),
            None => version.insert((*path).to_owned(), value),
        };
    }
    version.insert("late".to_owned(), Value::Object(late));
    Ok(Value::Object(version))
}

fn value(form: Form, name: &str, typed: &Pairs) -> Result<Value, &'static str> {
    let text = query::value(typed, name).trim();
    let whole = |text: &str| text.parse::<u32>().map(Value::from).map_err(|_| "wrong_number");
    let parts = || text.split([',', '，', '、']).map(str::trim).filter(|part| !part.is_empty());
    Ok(match form {
        Form::WholeOrNull | Form::TextOrNull if text.is_empty() => Value::Null,
        Form::Text | Form::TextOrNull | Form::One(_) => text.into(),
        Form::Whole | Form::WholeOrNull => whole(text)?,
        Form::Lines => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
        Form::Texts => match text.split_once('-') {
            Some((least, most)) => json!({ "least": least.trim(), "most": most.trim() }),
            None => parts().collect(),
        },
        Form::Wholes => match text.split_once('-') {
            Some((least, most)) => {
                json!({ "least": whole(least.trim())?, "most": whole(most.trim())? })
            }
            None => parts().map(whole).collect::<Result<_, _>>()?,
        },
        Form::Some(_) => {
            let all = typed.iter().filter(|(known, _)| known == name);
            all.map(|(_, word)| word.as_str()).collect()
        }
        Form::Fees => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(fee)
            .collect::<Result<_, _>>()?,
    })
}

/// A fee from its line.
fn fee(line: &str) -> Result<Value, &'static str> {
    let parts: Vec<_> = line.split([',', '，']).map(str::trim).collect();
    let &[name, collector, time, much] = parts.as_slice() else { return Err("wrong_fee") };
    let (field, much) = match much.strip_suffix('%') {
        Some(share) => ("share", share),
        None => ("amount", much),
    };
    Ok(json!({ "name": name, "collector": collector, "time": time, field: much }))
}

/// The fields of a form.
pub(crate) fn inputs(
    language: Language,
    typed: &[(String, String)],
    wrong: Option<&(String, String)>,
) -> Vec<Input> {
    let fields = FIELDS.iter().map(|(path, form)| {
        let name = name(path);
        let own = path.rsplit('.').next().unwrap_or(path);
        let (kind, words) = match form {
            Form::Text | Form::TextOrNull | Form::Texts | Form::Wholes => (Kind::Line, &[][..]),
            Form::Whole | Form::WholeOrNull => (Kind::Whole, &[][..]),
            Form::Lines | Form::Fees => (Kind::Text, &[][..]),
            Form::One(words) => (Kind::Select, *words),
            Form::Some(words) => (Kind::Boxes, *words),
        };
        let is_typed =
            |word: &str| typed.iter().any(|(known, value)| *known == name && value == word);
        let choices = words.iter().map(|word| Choice {
            value: (*word).to_owned(),
            text: words::read(language, own, word).trim().to_owned(),
            is_chosen: is_typed(word),
        });
        let is_free =
            matches!(form, Form::Lines | Form::Fees | Form::WholeOrNull | Form::TextOrNull);
        Input {
            form: "field",
            label: label(language, own).to_owned(),
            hint: hint(language, *form).to_owned(),
            kind,
            value: query::value(typed, &name).to_owned(),
            choices: choices.collect(),
            is_required: !is_free && !matches!(form, Form::Some(_)),
            error: wrong.filter(|(known, _)| *known == name).map(|(_, text)| text.clone()),
            name,
        }
    });
    fields.collect()
}

fn hint(language: Language, form: Form) -> &'static str {
    match form {
        Form::Texts | Form::Wholes => language.say("hint_choice"),
        Form::Lines => language.say("hint_lines"),
        Form::Fees => language.say("hint_fees"),
        Form::Text
        | Form::Whole
        | Form::WholeOrNull
        | Form::TextOrNull
        | Form::One(_)
        | Form::Some(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the interface: everything that it says comes back as it was.
    #[test]
    fn a_version_comes_back_from_its_fields() {
        let all = console::operations();
        let save = all.iter().find(|known| known.place() == "/products/{id}").unwrap();
        let example: Value = serde_json::from_str(save.success.1).unwrap();
        let mut version = at(&example, "product.version").clone();
        version["services"] = json!(["one", "two"]);
        version["fees"] = json!([
            { "name": "服务费", "collector": "平台", "time": "each_period", "amount": "1.00" },
            { "name": "手续费", "collector": "平台", "time": "kept_back", "share": "2" },
        ]);
        assert_eq!(read(Language::Chinese, &typed(&version)), Ok(version.clone()));
        let known = version.as_object().unwrap().keys().filter(|key| *key != "late");
        for key in known {
            assert!(field_of(key).is_some(), "{key} has no field");
        }
        assert_eq!(field_of("late.daily").as_deref(), Some("version.late.daily"));
        assert_eq!(field_of("fees.share").as_deref(), Some("version.fees"));
        assert_eq!(field_of("channel"), None);
    }

    #[test]
    fn what_cannot_be_read_is_told_by_field() {
        let mut pairs = vec![("version.days".to_owned(), "7, many".to_owned())];
        let wrong = read(Language::English, &pairs).unwrap_err();
        assert_eq!(wrong.0, "version.days");
        pairs = vec![("version.fees".to_owned(), "only, three, parts".to_owned())];
        pairs.extend(
            FIELDS
                .iter()
                .filter(|(_, form)| *form == Form::Whole)
                .map(|(path, _)| (name(path), "1".to_owned())),
        );
        assert_eq!(read(Language::English, &pairs).unwrap_err().0, "version.fees");
    }
}
