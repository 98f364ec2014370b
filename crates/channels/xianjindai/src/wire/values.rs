//! How amounts, rates and times look in this protocol, and how they are read.

use channel_kit::Scalar;
use kernel::{Date, Instant, Mobile, Money, Rate};
use lending::Page;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::failure::{FIELD_MISSING, FIELD_WRONG, Failure, MOBILE_WRONG};

/// Rows of a page when the client does not say. Source: document 001 §24.2.
const PAGE_SIZE: i64 = 10;
/// Characters of any text at most; the document has no longer field.
pub(crate) const MOST_CHARACTERS: usize = 1000;

/// An amount in yuan as a text with two decimals: "2000.00" (§21, §26).
pub(crate) fn yuan(amount: Money) -> String {
    format!("{}.{:02}", amount.yuan_part(), amount.fen_part())
}

/// An amount in yuan as a text, with decimals only where there are fen: "5000" (§21, §22, §33).
pub(crate) fn short(amount: Money) -> String {
    if amount.fen_part() == 0 { amount.yuan_part().to_string() } else { yuan(amount) }
}

/// Several choices as one text: "7,14" (§20.3).
pub(crate) fn several<T: Copy>(values: &[T], text: fn(T) -> String) -> String {
    values.iter().copied().map(text).collect::<Vec<_>>().join(",")
}

/// "1" for yes and "0" for no (§19.3).
pub(crate) const fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

/// A fee or penalty: "0" where there is none (§22.4, §26.2, §29.2), otherwise like any amount.
pub(crate) fn fee(amount: Money) -> String {
    if amount == Money::ZERO { "0".to_owned() } else { yuan(amount) }
}

/// An amount in yuan as a JSON number with two decimals: 500.00 (§20.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct YuanNumber(pub(crate) Money);

impl Serialize for YuanNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(yuan(self.0)).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// A rate a year as a fraction with four decimals, or six where four would round: "0.3600" (§21.4).
pub(crate) fn rate(rate: Rate) -> String {
    let ppm = rate.ppm();
    let (whole, part) = (ppm / 1_000_000, ppm % 1_000_000);
    if part % 100 == 0 {
        format!("{whole}.{:04}", part / 100)
    } else {
        format!("{whole}.{part:06}")
    }
}

/// `2017-11-13 23:59:59.0`, the end of the day until which can be paid (§26.2).
pub(crate) fn due_text(day: Date) -> String {
    format!("{day} 23:59:59.0")
}

/// The same instant in milliseconds, as a text (§29.2).
pub(crate) fn due_millis(day: Date) -> String {
    // The sample's last second, without its milliseconds: 1513180799000.
    day.start().plus_days(1).plus_millis(-1000).millis().to_string()
}

/// Milliseconds as a JSON number (§28.2).
pub(crate) fn millis(instant: Instant) -> i64 {
    instant.millis()
}

/// The text of a field that must be there.
pub(crate) fn required(field: &Scalar<'_>, name: &str) -> Result<String, Failure> {
    if field.is_empty() {
        return Err(Failure::with(FIELD_MISSING, name));
    }
    let text = field.text().map(str::trim).filter(|text| text.chars().count() <= MOST_CHARACTERS);
    match text {
        Some("") => Err(Failure::with(FIELD_MISSING, name)),
        Some(text) => Ok(text.to_owned()),
        None => Err(Failure::with(FIELD_WRONG, name)),
    }
}

/// A mobile number: eleven digits, also as a JSON number.
pub(crate) fn mobile(field: &Scalar<'_>) -> Result<Mobile, Failure> {
    Ok(field.text().and_then(|text| Mobile::parse(text.trim())).ok_or(MOBILE_WRONG)?)
}

/// A choice that comes as "1" or "01".
pub(crate) fn choice(field: &Scalar<'_>) -> Option<u32> {
    let text = field.text()?;
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// The page that is asked for.
pub(crate) fn page(number: &Scalar<'_>, size: &Scalar<'_>) -> Result<Page, Failure> {
    let read = |field: &Scalar<'_>, name: &str, default: i64| {
        if field.is_empty() {
            return Ok(default);
        }
        let whole = field.decimal().and_then(|number| number.to_i64());
        whole.filter(|number| *number >= 1).ok_or_else(|| Failure::with(FIELD_WRONG, name))
    };
    let (number, size) = (read(number, "pageNum", 1)?, read(size, "pageSize", PAGE_SIZE)?);
    Page::new(number, size).ok_or_else(|| Failure::with(FIELD_WRONG, "pageNum"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(json: &str) -> Scalar<'_> {
        Scalar::from(serde_json::from_str::<Option<&RawValue>>(json).unwrap())
    }

    #[test]
    fn values_look_as_in_the_samples() {
        let money = |fen| Money::from_fen(fen).unwrap();
        assert_eq!(yuan(money(60_700)), "607.00"); // §26.2
        assert_eq!(yuan(money(501_042)), "5010.42"); // §22.4
        assert_eq!(fee(Money::ZERO), "0"); // §22.4
        assert_eq!(short(money(500_000)), "5000"); // §22.4
        assert_eq!(short(money(500_050)), "5000.50");
        assert_eq!(several(&[7, 14], |days: u32| days.to_string()), "7,14"); // §20.3
        assert_eq!(fee(money(50_000)), "500.00");
        assert_eq!(serde_json::to_string(&YuanNumber(money(50_000))).unwrap(), "500.00"); // §20.3
        assert_eq!(rate(Rate::from_ppm(360_000).unwrap()), "0.3600"); // §21.4
        assert_eq!(rate(Rate::from_ppm(120_050).unwrap()), "0.120050");
        let day = Date::parse("2017-11-13").unwrap();
        assert_eq!(due_text(day), "2017-11-13 23:59:59.0"); // §26.2
        let day = Date::parse("2017-12-13").unwrap();
        assert_eq!(due_millis(day), "1513180799000"); // §29.2
    }

    #[test]
    fn fields_are_read_leniently_where_clients_differ() {
        for (json, want) in [
            ("\"1\"", Some(1)),
            ("\"01\"", Some(1)),
            ("1", Some(1)),
            ("\"0022\"", Some(22)),
            ("\"\"", None),
            ("\"-1\"", None),
            ("1.0", None),
            ("\"00001\"", None),
            ("null", None),
            ("[1]", None),
            ("true", None),
        ] {
            assert_eq!(choice(&scalar(json)), want, "{json}");
        }
        for (json, want) in [
            ("\" a \"", Some("a")),
            ("5000.00", Some("5000.00")),
            ("\"\"", None),
            ("\" \"", None),
            ("null", None),
            ("[]", None),
            ("true", None),
            ("\"a\\u0000\"", None),
        ] {
            assert_eq!(required(&scalar(json), "x").ok().as_deref(), want, "{json}");
        }
        let long = format!("\"{}\"", "a".repeat(1001));
        assert_eq!(required(&scalar(&long), "x"), Err(Failure::with(FIELD_WRONG, "x")));
    }

    #[test]
    fn pages_are_whole_numbers_from_one() {
        for (number, size, want) in [
            ("1", "10", Some((1, 10))),
            ("\"2\"", "\"5\"", Some((2, 5))),
            ("null", "null", Some((1, 10))),
            ("\"\"", "1000", Some((1, 100))),
            ("0", "10", None),
            ("1", "0", None),
            ("-1", "10", None),
            ("1.5", "10", None),
            ("\"a\"", "10", None),
            ("1e99", "10", None),
            ("[]", "10", None),
        ] {
            let page = page(&scalar(number), &scalar(size)).ok();
            assert_eq!(page.map(|page| (page.number(), page.size())), want, "{number} {size}");
        }
    }
}
