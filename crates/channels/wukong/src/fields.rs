//! The fields of a request, whatever they were written in: a form, JSON or the query.

use channel_kit::form::decoded;
use std::collections::BTreeMap;

use channel_kit::{Decimal, Scalar};
use kernel::Money;
use serde_json::value::RawValue;

/// Fields of a request at most; the document's largest has six.
const MOST: usize = 100;

/// Names and what stands under them: a list of one for a single value.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// Reads a form or a query: `a=1&list[]=x&list[]=y`. Of a name that stands twice without
    /// brackets the last counts, as the app's own server had it. `None` if it is not well formed.
    pub(crate) fn from_form(form: &str) -> Option<Self> {
        let mut fields = Self::default();
        for pair in form.trim().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?.into_owned());
            // `list[]` and `list[2]` alike: in the order in which they come.
            match name.split_once('[') {
                Some((list, index)) if index.ends_with(']') => {
                    fields.0.entry(list.to_owned()).or_default().push(value);
                }
                Some(_) | None => {
                    fields.0.insert(name.into_owned(), vec![value]);
                }
            }
            if fields.0.len() > MOST {
                return None;
            }
        }
        fields.checked()
    }

    /// Reads a JSON object of texts, numbers and lists of them; nothing is an empty object.
    pub(crate) fn from_json(json: &str) -> Option<Self> {
        if json.trim().is_empty() {
            return Some(Self::default());
        }
        let object: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
        let mut fields = Self::default();
        for (name, raw) in object {
            if raw.get().starts_with('[') {
                let items: Vec<Box<RawValue>> = serde_json::from_str(raw.get()).ok()?;
                let items = items.iter().map(|item| text(item)).collect::<Option<Vec<_>>>()?;
                fields.0.insert(name, items);
            } else if Scalar::from(Some(&*raw)) != Scalar::Missing {
                fields.0.insert(name, vec![text(&raw)?]);
            }
        }
        fields.checked()
    }

    /// PostgreSQL cannot hold a NUL, and nobody has one to send.
    fn checked(self) -> Option<Self> {
        let mut values = self.0.values().flatten();
        let holds_nul = values.any(|value| value.contains('\0'));
        (self.0.len() <= MOST && !holds_nul).then_some(self)
    }

    /// A single value, blanks around it left out; a missing one is empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A single value as it was sent.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.list(name).first().map_or("", String::as_str)
    }

    /// A list; a single value is a list of one.
    pub(crate) fn list(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        Decimal::parse(self.text(name))?.to_i64()
    }

    /// An amount of yuan.
    pub(crate) fn yuan(&self, name: &str) -> Option<Money> {
        Decimal::parse(self.text(name))?.to_yuan()
    }
}

/// A text or number of JSON as text.
fn text(raw: &RawValue) -> Option<String> {
    match Scalar::from(Some(raw)) {
        Scalar::Text(text) => Some(text.into_owned()),
        Scalar::Number(number) => Some(number.to_owned()),
        Scalar::Bool(yes) => Some(yes.to_string()),
        Scalar::Missing => Some(String::new()),
        Scalar::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(fields: Option<Fields>, want: &[(&str, &[&str])]) {
        let fields = fields.expect("it is well formed");
        let known: Vec<_> = fields.0.iter().collect();
        let want: Vec<(String, Vec<String>)> = want
            .iter()
            .map(|(name, list)| {
                ((*name).to_owned(), list.iter().map(|item| (*item).to_owned()).collect())
            })
            .collect();
        assert_eq!(known, want.iter().map(|(name, list)| (name, list)).collect::<Vec<_>>());
    }

    #[test]
    fn forms_queries_and_json_are_the_same_fields() {
        let want: &[(&str, &[&str])] = &[("amount", &["2000"]), ("live_area", &["福建省", "a b"])];
        check(
            Fields::from_form(
                "live_area[]=%E7%A6%8F%E5%BB%BA%E7%9C%81&live_area[]=a+b&amount=2000",
            ),
            want,
        );
        check(
            Fields::from_form(
                "live_area%5B0%5D=福建省&live_area%5B1%5D=a%20b&amount=1&amount=2000",
            ),
            want,
        );
        check(Fields::from_json(r#"{"live_area":["福建省","a b"],"amount":2000,"x":null}"#), want);
        check(
            Fields::from_json(r#"{"amount":1,"live_area":["福建省","a b"],"amount":"2000"}"#),
            want,
        );
        check(Fields::from_json(" "), &[]);
        check(Fields::from_form(""), &[]);
        check(Fields::from_form("a&b=&=c\r\n"), &[("", &["c"]), ("a", &[""]), ("b", &[""])]);
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        for form in ["a=%", "a=%2", "a=%zz", "a=%00", "a=%ff"] {
            assert_eq!(Fields::from_form(form), None, "{form}");
        }
        for json in ["[]", "1", "{", r#"{"a":{}}"#, r#"{"a":[[]]}"#, r#"{"a":"\u0000"}"#] {
            assert_eq!(Fields::from_json(json), None, "{json}");
        }
        let many: Vec<_> = (0..=MOST).map(|n| format!("a{n}=1")).collect();
        assert_eq!(Fields::from_form(&many.join("&")), None);
    }

    #[test]
    fn numbers_are_read_exactly() {
        let fields = Fields::from_form("a=12.310&b=7&c=-1&d=x&e=1e2&f= 7 ").unwrap();
        assert_eq!(fields.yuan("a").map(Money::fen), Some(1231));
        assert_eq!(fields.whole("b"), Some(7));
        assert_eq!((fields.yuan("c"), fields.whole("c")), (None, Some(-1)));
        assert_eq!((fields.yuan("d"), fields.whole("d")), (None, None));
        assert_eq!(fields.whole("e"), Some(100));
        assert_eq!(fields.whole("f"), Some(7));
        assert_eq!(fields.whole("missing"), None);
    }
}
