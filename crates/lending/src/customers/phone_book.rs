//! Phone books (通讯录): kept sealed, only while their owner agrees, and only the newest.

use std::collections::BTreeSet;

use kernel::id::MemberId;
use store::Fault;

use super::consents::{self, Purpose};
use super::sql::told;
use super::{Line, Phone, sql};
use crate::Tx;

/// Entries that are kept at most: more than anybody knows people.
const MOST: usize = 5_000;
/// Entries in one sealed row: some 10 KiB.
const PART: usize = 250;

/// Why a phone book was not saved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum PhoneBookError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The customer has not agreed that it is kept, or does not any more.
    #[error("no consent to keep the phone book")]
    NoConsent,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An entry of a phone book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The number.
    pub phone: Phone,
    /// The name, where there is a usable one.
    pub name: Option<Line>,
}

/// Replaces a customer's phone book by a newer one of names and numbers, as the app has read them;
/// how many entries were kept.
///
/// Entries whose number is none and repeated entries are passed over, and of more than 5,000
/// entries the first are kept: an application does not fail by an untidy phone book.
pub fn save_phone_book(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    book: &[(String, String)],
) -> Result<usize, PhoneBookError> {
    sql::lock(tx, member)?.ok_or(PhoneBookError::NoSuchCustomer)?;
    if !consents::has(tx, member, Purpose::PhoneBook)? {
        return Err(PhoneBookError::NoConsent);
    }
    let entries = tidied(book);
    told::drop_phone_book(tx, member)?;
    for part in entries.chunks(PART) {
        told::insert_phone_book_part(tx, member, part)?;
    }
    Ok(entries.len())
}

/// A customer's phone book, in the order in which it was sent.
pub fn phone_book(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Entry>, Fault> {
    told::phone_book(tx, member)
}

/// How many entries a customer's phone book has, without opening it.
pub fn phone_book_size(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<i64, Fault> {
    told::phone_book_size(tx, member)
}

/// Forgets a customer's phone book; whether there was one.
pub fn erase_phone_book(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<bool, Fault> {
    Ok(told::drop_phone_book(tx, member)? > 0)
}

fn tidied(book: &[(String, String)]) -> Vec<Entry> {
    let (mut seen, mut entries) = (BTreeSet::new(), Vec::new());
    for (name, phone) in book {
        let Some(phone) = Phone::parse(phone) else { continue };
        let entry = Entry { phone, name: Line::parse(name) };
        if seen.insert(entry.clone()) {
            entries.push(entry);
        }
        if entries.len() == MOST {
            break;
        }
    }
    entries
}
