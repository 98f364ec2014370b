//! What a call carries: one object of JSON, whose numbers are read as they were written.

use std::collections::BTreeMap;

use channel_kit::Scalar;
use kernel::Money;
use serde_json::value::RawValue;

use crate::texts::{FIELD_MISSING, FIELD_WRONG, Failure};

/// The fields of a call: of the body, or of the query.
#[derive(Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, Box<RawValue>>);

/// What a body is that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Not JSON.
    NotJson,
    /// JSON, but no object.
    NotObject,
}

impl Fields {
    /// Reads a body.
    pub(crate) fn parse(text: &str) -> Result<Self, Unreadable> {
        let is_json = serde_json::from_str::<&RawValue>(text);
        let raw = is_json.map_err(|_| Unreadable::NotJson)?;
        if !raw.get().starts_with('{') {
            return Err(Unreadable::NotObject);
        }
        serde_json::from_str(text).map(Self).map_err(|_| Unreadable::NotJson)
    }

    /// What stands in a field.
    pub(crate) fn scalar(&self, name: &str) -> Scalar<'_> {
        Scalar::from(self.0.get(name).map(|raw| &**raw))
    }

    /// The characters of a field, blanks around them passed over; `None` where it is missing,
    /// empty, or no text and no number.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let scalar = self.scalar(name);
        let text = scalar.text()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The same, where the call needs it.
    pub(crate) fn needed(&self, name: &'static str) -> Result<String, Failure> {
        if self.scalar(name).is_empty() {
            return Err(Failure::with(FIELD_MISSING, name));
        }
        self.text(name).ok_or_else(|| Failure::with(FIELD_WRONG, name))
    }

    /// A field with a value that is read; what cannot be read is told.
    pub(crate) fn read<T>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        read(&self.needed(name)?).ok_or_else(|| Failure::with(FIELD_WRONG, name))
    }

    /// An amount of yuan, if it is one.
    pub(crate) fn yuan(&self, name: &str) -> Option<Money> {
        self.scalar(name).decimal()?.to_yuan()
    }

    /// A whole number, if it is one.
    pub(crate) fn whole(&self, name: &str) -> Option<u32> {
        self.scalar(name).decimal()?.to_i64().and_then(|number| u32::try_from(number).ok())
    }
}

/// A field of the query.
pub(crate) fn of_query(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.into_iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let body = r#"{"orderNo":202601021030009876543210,"cardNo":"6217000000000000012",
            "loanAmt":1000.00,"period":"3","verifyCode":0123}"#;
        assert_eq!(Fields::parse(body).unwrap_err(), Unreadable::NotJson, "no leading zeros");
        let fields = Fields::parse(&body.replace("0123", "1234")).unwrap();
        assert_eq!(fields.text("orderNo").unwrap(), "202601021030009876543210");
        assert_eq!(fields.text("cardNo").unwrap(), "6217000000000000012");
        assert_eq!(fields.yuan("loanAmt"), Money::from_yuan(1000));
        assert_eq!(fields.whole("period"), Some(3));
        assert_eq!(fields.text("verifyCode").unwrap(), "1234");
        assert_eq!(fields.text("name"), None);
        assert_eq!(Fields::parse("[]").unwrap_err(), Unreadable::NotObject);
        assert_eq!(Fields::parse("").unwrap_err(), Unreadable::NotJson);
        assert_eq!(of_query("a=1&type=2", "type").as_deref(), Some("2"));
    }
}
