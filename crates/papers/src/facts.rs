//! What a template is filled with.

use std::collections::BTreeMap;
use std::fmt;

use kernel::{Date, Money};

use crate::amounts::{capitals, grouped};

/// Values by name, and lists of rows. They are about people: `Debug` shows the names only.
#[derive(Clone, Default)]
pub struct Facts {
    values: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<BTreeMap<String, String>>>,
}

impl Facts {
    /// No facts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Sets `name` to the amount with commas, and `name_capitals` to its capital numerals.
    pub fn set_money(&mut self, name: &str, amount: Money) {
        self.set(name, grouped(amount));
        self.set(&format!("{name}_capitals"), capitals(amount));
    }

    /// Sets a value to a day: `2026年3月1日`.
    pub fn set_date(&mut self, name: &str, day: Date) {
        self.set(name, format!("{}年{}月{}日", day.year(), day.month(), day.day()));
    }

    /// Makes a list, with no rows yet: a list that is there and empty is not a missing one.
    pub fn list(&mut self, list: &str) {
        self.lists.entry(list.to_owned()).or_default();
    }

    /// Adds a row to a list.
    pub fn row(&mut self, list: &str, row: &[(&str, String)]) {
        let row = row.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.lists.entry(list.to_owned()).or_default().push(row);
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(crate) fn rows(&self, list: &str) -> Option<&[BTreeMap<String, String>]> {
        self.lists.get(list).map(Vec::as_slice)
    }
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.values.keys().chain(self.lists.keys());
        f.debug_set().entries(names).finish()
    }
}
