//! Invented people and cards whose check digits are right; real ones never come in here.

use kernel::identity::{BankCardNo, IdCardNo};

/// The id number of [`NAME`].
pub(crate) const ID_NO: &str = "11010119900101004X";
pub(crate) const NAME: &str = "李小明";
/// A debit card of theirs.
pub(crate) const CARD: &str = "6217000000000000012";

/// An id number by its first 17 digits.
pub(crate) fn id_no_with(body: &str) -> String {
    let mut good = "0123456789X".chars().map(|last| format!("{body}{last}"));
    good.find(|text| IdCardNo::parse(text).unwrap().check().is_ok()).unwrap()
}

/// An id number of somebody born on 7 March of that year.
pub(crate) fn id_no_of(year: u32, n: u32) -> String {
    id_no_with(&format!("110101{year}0307{n:03}"))
}

/// A debit card of 19 digits by the others.
pub(crate) fn card_no_with(body: &str) -> String {
    let mut good = (0..10).map(|last| format!("{body}{last}"));
    good.find(|text| BankCardNo::parse(text).unwrap().passes_luhn()).unwrap()
}

/// A debit card with these last five digits before the check digit; the sandbox looks at four.
pub(crate) fn card_no(tail: u32) -> String {
    card_no_with(&format!("6217000000000{tail:05}"))
}

#[test]
fn invented_numbers_are_right() {
    for text in [ID_NO, &id_no_of(1990, 1), &id_no_of(2008, 999)] {
        assert!(IdCardNo::parse(text).unwrap().check().is_ok(), "{text}");
    }
    assert_eq!(card_no(1), CARD);
}
