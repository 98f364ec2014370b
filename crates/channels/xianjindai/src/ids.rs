//! Ids as the apps see them: texts in the shape of a UUID, and back to the core's numbers.
//!
//! The shape is all that the document asks for. An id tells neither how many loans there are nor
//! what its neighbours are called; that it may be used is the core's to decide.

use sha1::{Digest as _, Sha1};

/// What an id names; the id of one kind is none of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A product (§20).
    Product,
    /// An application for a loan (§28).
    Application,
    /// A row of a repayment plan (§26, §29).
    PlanRow,
    /// A message to a customer (§24).
    Message,
    /// A message to everybody (§25).
    SystemMessage,
    /// A contact of a customer (§33).
    Contact,
}

impl Kind {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Product => b"product",
            Self::Application => b"application",
            Self::PlanRow => b"plan row",
            Self::Message => b"message",
            Self::SystemMessage => b"system message",
            Self::Contact => b"contact",
        }
    }
}

/// Bits of the check that stands before the number.
const CHECK_BITS: u32 = 58;

/// The wire's id of a number: a UUID of version 8 that holds a check over kind and number, and
/// the number mixed with it.
pub(crate) fn text(kind: Kind, number: i64) -> String {
    let number = number.to_be_bytes();
    let check = digest(&[kind.tag(), &number]) >> (64 - CHECK_BITS);
    let mixed = u64::from_be_bytes(number) ^ mask(kind, check);
    let payload = (u128::from(check) << 64) | u128::from(mixed);
    // RFC 9562 §5.8: 48 bits, version 8, 12 bits, variant 2, 62 bits.
    let (high, middle, low) = (payload >> 74, (payload >> 62) & 0xfff, payload & (u128::MAX >> 66));
    let uuid = (high << 80) | (8 << 76) | (middle << 64) | (2 << 62) | low;
    let hex = format!("{uuid:032x}");
    let mut text = String::with_capacity(36);
    for (place, sign) in hex.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(sign);
    }
    text
}

/// The number in an id of this kind; `None` for anything else, another kind's id included.
pub(crate) fn number(kind: Kind, text: &str) -> Option<i64> {
    if text.len() != 36 || !text.is_ascii() {
        return None;
    }
    let uuid = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    let (high, middle, low) = (uuid >> 80, (uuid >> 64) & 0xfff, uuid & (u128::MAX >> 66));
    let payload = (high << 74) | (middle << 62) | low;
    let check = u64::try_from(payload >> 64).ok()?;
    let mixed = u64::try_from(payload & u128::from(u64::MAX)).ok()?;
    let number = i64::from_be_bytes((mixed ^ mask(kind, check)).to_be_bytes());
    // Made again, it must be the same: check, version, variant and hyphens.
    self::text(kind, number).eq_ignore_ascii_case(text).then_some(number)
}

fn mask(kind: Kind, check: u64) -> u64 {
    digest(&[b"mask ", kind.tag(), &check.to_be_bytes()])
}

fn digest(parts: &[&[u8]]) -> u64 {
    let mut hasher = Sha1::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KINDS: [Kind; 6] = [
        Kind::Product,
        Kind::Application,
        Kind::PlanRow,
        Kind::Message,
        Kind::SystemMessage,
        Kind::Contact,
    ];

    #[test]
    fn every_number_comes_back_and_only_in_its_kind() {
        let mut seen = BTreeSet::new();
        for kind in KINDS {
            for number_in in [0, 1, 2, 3, 1000, 10_001, 7_000_000_000_000_000_001, i64::MAX] {
                let id = text(kind, number_in);
                assert!(seen.insert(id.clone()), "{id} twice");
                assert_eq!(number(kind, &id), Some(number_in), "{id}");
                assert_eq!(number(kind, &id.to_ascii_uppercase()), Some(number_in));
                let others = KINDS.into_iter().filter(|other| *other != kind);
                assert!(others.into_iter().all(|other| number(other, &id).is_none()), "{id}");
                let shape: String =
                    id.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
                assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
                assert_eq!(id.as_bytes()[14], b'8');
                assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
            }
        }
    }

    #[test]
    fn no_other_text_is_an_id() {
        let id = text(Kind::Product, 1);
        for place in 0..id.len() {
            let mut other = id.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(number(Kind::Product, &other), None, "{other}");
        }
        for text in [
            "",
            "1",
            "c4493fbc-23f7-4904-bac1-ff0266b36e2f",
            "------------------------------------",
            "+0000000000000000000000000000000000+",
            "００００００００００００",
        ] {
            assert_eq!(number(Kind::Product, text), None, "{text}");
        }
        assert_eq!(number(Kind::Product, &id.replace('-', "")), None);
    }
}
