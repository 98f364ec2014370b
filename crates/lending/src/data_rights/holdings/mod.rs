//! What is held about a customer: each table with its columns, and what becomes of each when it is to
//! be erased.

mod account;
mod gathered;
mod lent;

/// How a column is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number that is no amount.
    Number,
    /// An amount in fen.
    Yuan,
    /// An amount in fen that may be below zero.
    Change,
    /// A text.
    Text,
    /// A business day.
    Day,
    /// An instant.
    At,
    /// Bytes.
    Bytes,
    /// A text that is sealed for this column.
    Sealed(&'static str),
}

/// What becomes of a column when somebody is to be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It goes at once.
    Erased,
    /// It goes when no law asks any more that it be kept; at once, where nothing was ever lent.
    Law,
    /// It stays, as a figure or word under a number that names nobody any more: the books.
    Figures,
    /// It stays, so that the lender can go on refusing a person that it must not lend to.
    Guard,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the database.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
    /// What becomes of it.
    pub ending: Ending,
}

/// A table that holds something about customers.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    /// Its name in the database.
    pub table: &'static str,
    /// The rows about the member `?1`, so many at most: the columns, and the number that they are
    /// sealed for as `row_key`.
    pub(super) select: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// Everything that holds something about customers.
pub fn all() -> impl Iterator<Item = &'static Holding> {
    account::ACCOUNT.iter().chain(lent::LENT).chain(gathered::GATHERED)
}
