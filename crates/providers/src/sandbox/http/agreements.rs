//! Cards that were signed in the sandbox, remembered in a journal of their own.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::journal::{Journal, JournalError};

/// A card that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) no_agree: String,
    pub(super) user: String,
    pub(super) card: String,
}

#[derive(Debug)]
pub(super) struct Agreements {
    signed: BTreeMap<String, Signed>,
    journal: Option<Journal>,
}

impl Agreements {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, JournalError> {
        let mut signed = BTreeMap::new();
        let journal = match path {
            None => None,
            Some(path) => {
                let mut journal = Journal::open(path)?;
                drop(journal.lock(|line| apply(&mut signed, line))?);
                Some(journal)
            }
        };
        Ok(Self { signed, journal })
    }

    /// Signs a card; of one that is signed already, its number.
    pub(super) fn sign(&mut self, user: &str, card: &str) -> Result<Signed, JournalError> {
        if let Some(known) = self.of(user, Some(card)).into_iter().next() {
            return Ok(known);
        }
        let number = self.signed.len().saturating_add(1);
        let line = format!("signed A{number:012} {user} {card}");
        self.note(&line)?;
        self.of(user, Some(card))
            .into_iter()
            .next()
            .ok_or(JournalError::Damaged { path: "agreements.journal".into(), line: number })
    }

    /// Ends an agreement; false if there is none.
    pub(super) fn end(&mut self, no_agree: &str) -> Result<bool, JournalError> {
        if !self.signed.get(no_agree).is_some_and(|signed| !signed.card.is_empty()) {
            return Ok(false);
        }
        self.note(&format!("ended {no_agree}")).map(|()| true)
    }

    pub(super) fn get(&self, no_agree: &str) -> Option<&Signed> {
        self.signed.get(no_agree).filter(|signed| !signed.card.is_empty())
    }

    /// The agreements of a user, about one card or about all.
    pub(super) fn of(&self, user: &str, card: Option<&str>) -> Vec<Signed> {
        let theirs = self.signed.values().filter(|signed| signed.user == user);
        let about = theirs.filter(|signed| !signed.card.is_empty());
        about.filter(|signed| card.is_none_or(|card| signed.card == card)).cloned().collect()
    }

    fn note(&mut self, line: &str) -> Result<(), JournalError> {
        let signed = &mut self.signed;
        if let Some(journal) = &mut self.journal {
            let mut locked = journal.lock(|line| apply(signed, line))?;
            locked.append(line)?;
        }
        apply(signed, line);
        Ok(())
    }
}

/// An agreement that has ended keeps its number, and has no card.
fn apply(signed: &mut BTreeMap<String, Signed>, line: &str) -> bool {
    match line.split(' ').collect::<Vec<_>>()[..] {
        ["signed", no_agree, user, card] => {
            let new = Signed { no_agree: no_agree.into(), user: user.into(), card: card.into() };
            signed.insert(no_agree.to_owned(), new);
            true
        }
        ["ended", no_agree] => signed.get_mut(no_agree).is_some_and(|signed| {
            signed.card.clear();
            true
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::journal::tests::Folder;
    use super::*;

    #[test]
    fn agreements_outlive_the_process_and_end_once() {
        let folder = Folder::new("agreements");
        let path = folder.0.join("agreements.journal");
        let open = || Agreements::open(Some(&path)).unwrap();
        let first = open().sign("u1", "6222020200000000012").unwrap();
        assert_eq!(open().sign("u1", "6222020200000000012").unwrap(), first, "signed already");
        let second = open().sign("u2", "6222020200000000020").unwrap();
        assert_ne!(first.no_agree, second.no_agree);
        assert_eq!(open().of("u1", None), std::slice::from_ref(&first));
        assert!(open().end(&first.no_agree).unwrap());
        assert!(!open().end(&first.no_agree).unwrap());
        assert!(open().of("u1", None).is_empty() && open().get(&first.no_agree).is_none());
        let third = open().sign("u1", "6222020200000000012").unwrap();
        assert_ne!(third.no_agree, first.no_agree);
    }
}
