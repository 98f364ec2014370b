//! A value of a JSON body as it was written: protocols differ in what they make of it.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::Decimal;

/// What stands in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar<'b> {
    /// The field is missing, or null.
    Missing,
    /// A string, unescaped.
    Text(Cow<'b, str>),
    /// A number, as written.
    Number(&'b str),
    /// true or false.
    Bool(bool),
    /// A list, an object, or a string that is no text (unpaired surrogates, a NUL character,
    /// which PostgreSQL cannot hold).
    Other,
}

impl<'b> From<Option<&'b RawValue>> for Scalar<'b> {
    fn from(raw: Option<&'b RawValue>) -> Self {
        let Some(raw) = raw.map(RawValue::get) else { return Self::Missing };
        match raw.as_bytes().first() {
            Some(b'"') => match serde_json::from_str::<Cow<'b, str>>(raw) {
                Ok(text) if !text.contains('\0') => Self::Text(text),
                Ok(_) | Err(_) => Self::Other,
            },
            Some(b'-' | b'0'..=b'9') => Self::Number(raw),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') | None => Self::Missing,
            Some(_) => Self::Other,
        }
    }
}

impl Scalar<'_> {
    /// Missing, null or an empty string.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => text.is_empty(),
            Self::Number(_) | Self::Bool(_) | Self::Other => false,
        }
    }

    /// Missing or null.
    pub fn is_missing(&self) -> bool {
        *self == Self::Missing
    }

    /// The characters of a string or a number, as written.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(text),
            Self::Missing | Self::Bool(_) | Self::Other => None,
        }
    }

    /// The number in a number or a numeric string; blanks around the string are passed over.
    pub fn decimal(&self) -> Option<Decimal> {
        Decimal::parse(self.text()?.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, want: &Scalar<'_>) {
        let raw: Option<&RawValue> = serde_json::from_str(json).unwrap();
        assert_eq!(Scalar::from(raw), *want, "{json}");
    }

    #[test]
    fn values_are_told_apart() {
        check("null", &Scalar::Missing);
        check("\"\"", &Scalar::Text("".into()));
        check("\"a\\u4e00\"", &Scalar::Text("a一".into()));
        check("1.50", &Scalar::Number("1.50"));
        check("-1e400", &Scalar::Number("-1e400"));
        check("true", &Scalar::Bool(true));
        check("[1]", &Scalar::Other);
        check("\"a\\u0000\"", &Scalar::Other);
        check("\"\\ud800\"", &Scalar::Other);
    }
}
