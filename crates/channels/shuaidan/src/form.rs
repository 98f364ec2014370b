//! The fields of a request: a form, or the query of a GET.

use channel_kit::form::decoded;
use std::collections::BTreeMap;

use channel_kit::Decimal;
use kernel::Money;
use lending::customers::Line;

use crate::texts::{Failure, MISSING, WRONG};

/// Fields of a request at most; the document's largest has thirty-two.
const MOST: usize = 100;

/// Names, dots and all, and what stands under them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `a=1&b=2`; of a name that stands twice the first counts, as servlets have it. `None`
    /// if it is not well formed.
    pub(crate) fn parse(form: &str) -> Option<Self> {
        let mut fields = BTreeMap::new();
        for pair in form.trim().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?.into_owned(), decoded(value)?.into_owned());
            fields.entry(name).or_insert(value);
            if fields.len() > MOST {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// Names and values, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// A value as it was sent; a missing one is empty.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// A value, blanks around it left out; a missing one is empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A value that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        let text = self.text(name);
        if text.is_empty() { Err(Failure::with(MISSING, name)) } else { Ok(text) }
    }

    /// A value that may be left out, read; the refusal names the field.
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        match self.text(name) {
            "" => Ok(None),
            text => read(text).map(Some).ok_or_else(|| Failure::with(WRONG, name)),
        }
    }

    /// A value that must be there, read; the refusal names the field.
    pub(crate) fn needed<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        let text = self.required(name)?;
        read(text).ok_or_else(|| Failure::with(WRONG, name))
    }
}

/// A whole number.
pub(crate) fn whole(text: &str) -> Option<i64> {
    Decimal::parse(text)?.to_i64()
}

/// An amount of yuan: a decimal, not negative, not finer than a fen.
pub(crate) fn yuan(text: &str) -> Option<Money> {
    Decimal::parse(text)?.to_yuan()
}

/// A small count.
pub(crate) fn count(text: &str) -> Option<u32> {
    whole(text).and_then(|number| u32::try_from(number).ok())
}

/// 1 is yes, 2 is no.
pub(crate) fn yes_or_no(text: &str) -> Option<bool> {
    match whole(text)? {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

/// One line of text.
pub(crate) fn line(text: &str) -> Option<Line> {
    Line::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_their_dotted_names() {
        let form = "customer_info.name=%E5%91%A8+%E5%B0%8F&request_amount=100.0&a&a=2&b=%2B\r\n";
        let form = Form::parse(form).unwrap();
        assert_eq!(form.text("customer_info.name"), "周 小");
        assert_eq!(form.needed("request_amount", yuan), Ok(Money::from_fen(10_000).unwrap()));
        assert_eq!((form.raw("a"), form.text("b")), ("", "+"));
        let missing = form.required("a").unwrap_err();
        assert_eq!(missing.message, "a is required.");
        assert_eq!(form.needed("b", yuan).unwrap_err().message, "b is not available.");
        assert_eq!(form.optional("c", yuan), Ok(None));
        for wrong in ["a=%", "a=%2", "a=%zz", "a=%+1", "a=%ff"] {
            assert_eq!(Form::parse(wrong), None, "{wrong}");
        }
        let many: Vec<_> = (0..=MOST).map(|n| format!("a{n}=1")).collect();
        assert_eq!(Form::parse(&many.join("&")), None);
    }

    #[test]
    fn figures_are_read_exactly() {
        for (text, fen) in [("600.0", Some(60_000)), ("0.01", Some(1)), ("0", Some(0))] {
            assert_eq!(yuan(text).map(Money::fen), fen, "{text}");
        }
        for text in ["-1", "0.001", "x", "1e400", "NaN", "1,000"] {
            assert_eq!(yuan(text), None, "{text}");
        }
        assert_eq!(
            (yes_or_no("1"), yes_or_no("2"), yes_or_no("0")),
            (Some(true), Some(false), None)
        );
        assert_eq!(
            (count("2"), count("2.0"), count("-2"), count("2.5")),
            (Some(2), Some(2), None, None)
        );
    }
}
