//! Reading the fields of a request: amounts, rates, dates and counts, as text or as numbers.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use kernel::{Date, Money};
use pricing::{Fault, Percent, Problem};
use serde_json::{Map, Value};

/// The longest list in a request: as many parts as a total is split into.
pub(crate) const LONGEST_LIST: usize = 10_000;
/// The longest text in a request, in bytes.
const LONGEST_TEXT: usize = 2000;
/// The years in which dates lie.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// The fields of one object, which remembers those that were asked for.
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    asked: RefCell<BTreeSet<&'static str>>,
    /// Fields of objects inside that nobody asked for. They are known when those are dropped.
    inside: Rc<RefCell<BTreeSet<String>>>,
}

impl Drop for Fields<'_> {
    fn drop(&mut self) {
        if !self.path.is_empty() {
            let own = self.own_ignored();
            self.inside.borrow_mut().extend(own);
        }
    }
}

impl<'a> Fields<'a> {
    /// The fields of a request.
    pub(crate) fn of_request(map: &'a Map<String, Value>) -> Self {
        let (asked, inside) = (RefCell::default(), Rc::default());
        Self { path: String::new(), map, asked, inside }
    }

    /// The fields of an object inside this one.
    pub(crate) fn inside(&self, path: &str, map: &'a Map<String, Value>) -> Self {
        let inside = Rc::clone(&self.inside);
        Self { path: path.to_owned(), map, asked: RefCell::default(), inside }
    }

    /// The same, of a value that has to be an object.
    pub(crate) fn object_at(&self, path: &str, value: &'a Value) -> Result<Self, Problem> {
        let object = value.as_object().map(|map| self.inside(path, map));
        object.ok_or_else(|| malformed(path, "an object", "一个对象"))
    }

    /// The name of a field as the client knows it: `fees[0].share`.
    pub(crate) fn name(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// Fields that nobody asked for, here and in the objects inside.
    pub(crate) fn ignored(&self) -> Vec<String> {
        let mut ignored = self.own_ignored();
        ignored.extend(self.inside.borrow().iter().cloned());
        ignored
    }

    fn own_ignored(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        let unknown = self.map.keys().filter(|key| !asked.contains(key.as_str()));
        unknown.map(|key| self.name(key)).collect()
    }

    /// Whether the field is there, without asking for it.
    pub(crate) fn is_there(&self, field: &str) -> bool {
        self.map.get(field).is_some_and(|value| !value.is_null())
    }

    /// Whether the field is there.
    pub(crate) fn has(&self, field: &'static str) -> bool {
        self.value(field).is_some()
    }

    /// Whether a field is an object that has a field itself.
    pub(crate) fn object_has(&self, field: &'static str, inner: &str) -> bool {
        self.value(field).and_then(|value| value.get(inner)).is_some_and(|value| !value.is_null())
    }

    /// The value, unless it is missing or null.
    pub(crate) fn value(&self, field: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(field);
        self.map.get(field).filter(|value| !value.is_null())
    }

    /// The first of several names that is there.
    pub(crate) fn first_of(&self, fields: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        let found: Vec<_> = fields.iter().filter_map(|f| Some((*f, self.value(f)?))).collect();
        found.first().copied()
    }

    /// A text, or a number as it is written.
    pub(crate) fn text(&self, field: &'static str) -> Result<Option<String>, Problem> {
        self.value(field).map(|value| text_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn amount(&self, field: &'static str) -> Result<Option<Money>, Problem> {
        self.value(field).map(|value| amount_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn percent(&self, field: &'static str) -> Result<Option<Percent>, Problem> {
        self.value(field).map(|value| percent_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn date(&self, field: &'static str) -> Result<Option<Date>, Problem> {
        self.value(field).map(|value| date_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn count(&self, field: &'static str) -> Result<Option<u32>, Problem> {
        self.value(field).map(|value| count_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn flag(&self, field: &'static str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.value(field) else { return Ok(None) };
        match value.as_bool() {
            Some(flag) => Ok(Some(flag)),
            None => Err(malformed(&self.name(field), "true or false", "true 或 false")),
        }
    }

    pub(crate) fn list(&self, field: &'static str) -> Result<Option<&'a Vec<Value>>, Problem> {
        self.value(field).map(|value| list_of(&self.name(field), value)).transpose()
    }

    pub(crate) fn object(&self, field: &'static str) -> Result<Option<Fields<'a>>, Problem> {
        let Some(value) = self.value(field) else { return Ok(None) };
        self.object_at(&self.name(field), value).map(Some)
    }

    /// A text as a word, see [`word`].
    pub(crate) fn word(&self, field: &'static str) -> Result<Option<String>, Problem> {
        Ok(self.text(field)?.map(|text| word(&text)))
    }

    /// A field that is needed.
    pub(crate) fn needed<T>(&self, field: &'static str, value: Option<T>) -> Result<T, Problem> {
        value.ok_or_else(|| Problem::new(self.name(field), Fault::Missing))
    }
}

/// A value that is not what is expected.
pub(crate) fn malformed(field: &str, expected: &'static str, expected_zh: &'static str) -> Problem {
    Problem::new(field.to_owned(), Fault::Malformed { expected, expected_zh })
}

pub(crate) fn list_of<'a>(field: &str, value: &'a Value) -> Result<&'a Vec<Value>, Problem> {
    let list = value.as_array().ok_or_else(|| malformed(field, "a list", "一个列表"))?;
    if list.len() > LONGEST_LIST {
        return Err(Problem::range(field.to_owned(), "0", LONGEST_LIST.to_string()));
    }
    Ok(list)
}

pub(crate) fn text_of(field: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(text) if text.len() <= LONGEST_TEXT => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(malformed(field, "a text of at most 2000 bytes", "不超过 2000 字节的文本"))
        }
    }
}

pub(crate) fn amount_of(field: &str, value: &Value) -> Result<Money, Problem> {
    parse_amount(field, &text_of(field, value)?)
}

/// Yuan with at most two decimals; thousands may be parted by commas, spaces or underscores.
pub(crate) fn parse_amount(field: &str, text: &str) -> Result<Money, Problem> {
    let too_large = || Problem::range(field.to_owned(), "0", Money::MAX.to_string());
    let wrong = || malformed(field, "an amount like \"1000.00\"", "形如 \"1000.00\" 的金额");
    if text.starts_with('-') {
        return Err(too_large());
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    if decimals.is_empty() {
        return Err(wrong());
    }
    // Idle zeros are no finer than a fen.
    let fen = if decimals.len() > 2 { decimals.trim_end_matches('0') } else { decimals };
    let plain = format!("{}.{fen:0<2}", without_thousands(whole).ok_or_else(wrong)?);
    Money::parse_yuan(&plain).map_err(|problem| match problem {
        kernel::MoneyError::TooLarge => too_large(),
        kernel::MoneyError::Malformed | kernel::MoneyError::TooFine => wrong(),
    })
}

/// Digits without the marks between groups of three. `1,5` is neither 15 nor one and a half.
fn without_thousands(whole: &str) -> Option<String> {
    let mut groups = whole.split([',', ' ', '_']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !(1..=3).contains(&first.len()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

pub(crate) fn percent_of(field: &str, value: &Value) -> Result<Percent, Problem> {
    parse_percent(field, &text_of(field, value)?)
}

/// Percent, with or without a sign: `8.4`, `8.4%`.
pub(crate) fn parse_percent(field: &str, text: &str) -> Result<Percent, Problem> {
    let plain = text.trim_end_matches('%').trim();
    Percent::parse(plain).ok_or_else(|| {
        let number = plain.strip_prefix('-').unwrap_or(plain);
        let is_number = !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && number.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 8);
        if is_number {
            Problem::range(field.to_owned(), "0", "10000")
        } else {
            malformed(
                field,
                "percent like \"8.4\", with at most 8 decimals",
                "形如 \"8.4\" 的百分数，最多 8 位小数",
            )
        }
    })
}

pub(crate) fn date_of(field: &str, value: &Value) -> Result<Date, Problem> {
    parse_date(field, &text_of(field, value)?)
}

pub(crate) fn parse_date(field: &str, text: &str) -> Result<Date, Problem> {
    let is_shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = is_shaped.then(|| Date::parse(text)).flatten();
    let date =
        date.ok_or_else(|| malformed(field, "a date like 2024-02-29", "形如 2024-02-29 的日期"))?;
    if !YEARS.contains(&date.year()) {
        return Err(Problem::range(field.to_owned(), "1900-01-01", "2200-12-31"));
    }
    Ok(date)
}

pub(crate) fn count_of(field: &str, value: &Value) -> Result<u32, Problem> {
    let text = text_of(field, value)?;
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(count) if is_number => Ok(count),
        _ if is_number || text.starts_with('-') => {
            Err(Problem::range(field.to_owned(), "0", u32::MAX.to_string()))
        }
        _ => Err(malformed(field, "a whole number", "整数")),
    }
}

/// A word without its case, and with one kind of separator: `EQUAL_INSTALLMENTS` and
/// `equal installments` are `equal-installments`. What stands in brackets is a remark.
pub(crate) fn word(text: &str) -> String {
    let plain = text.split(['(', '（']).next().unwrap_or(text).trim();
    plain.to_lowercase().replace(['_', ' '], "-")
}
