//! How columns of words and of small counts are read.

use store::{Fault, Row};

use crate::catalog::Word;

/// A column that holds one of a type's words.
pub(crate) fn word<T: Word>(row: &Row<'_>, column: &str) -> Result<T, Fault> {
    T::of_word(&row.text(column)?).ok_or_else(|| Fault::Corrupt(column.to_owned()))
}

/// A count that is small by its nature: a tenor, a version, a number of steps.
pub(crate) fn small(row: &Row<'_>, column: &str) -> Result<u32, Fault> {
    u32::try_from(row.i64(column)?).map_err(|_| Fault::Corrupt(column.to_owned()))
}
