//! Figures as the samples print them: amounts without needless zeros, as numbers or as texts.

use kernel::{Instant, Money, Rate};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A figure that stands as a number where the sample prints one, and as a text where it prints
/// that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A JSON number.
    Number(String),
    /// A JSON string.
    Text(String),
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => {
                let raw = RawValue::from_string(number.clone());
                raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

impl Figure {
    /// A number.
    pub(crate) fn number(value: &(impl ToString + ?Sized)) -> Self {
        Self::Number(value.to_string())
    }

    /// A text.
    pub(crate) fn text(value: &(impl ToString + ?Sized)) -> Self {
        Self::Text(value.to_string())
    }
}

/// An amount in yuan: `2000`, `12.31`, `39.6`.
pub(crate) fn yuan(amount: Money) -> String {
    let (yuan, fen) = (amount.yuan_part(), amount.fen_part());
    match (fen, fen.rem_euclid(10)) {
        (0, _) => yuan.to_string(),
        (_, 0) => format!("{yuan}.{}", fen.div_euclid(10)),
        (_, _) => format!("{yuan}.{fen:02}"),
    }
}

/// A rate as a fraction with two decimals or more: `0.10`, `1.00`, `0.0003`.
pub(crate) fn fraction(rate: Rate) -> String {
    decimal(rate.ppm(), 6, 2)
}

/// A rate in percent without needless zeros: `10`, `0.03`.
pub(crate) fn percent(rate: Rate) -> String {
    decimal(rate.ppm(), 4, 0)
}

/// `value` with so many decimals, of which at least some are kept.
fn decimal(value: u32, places: usize, least: usize) -> String {
    let digits = format!("{value:0width$}", width = places.saturating_add(1));
    let (whole, behind) = digits.split_at(digits.len().saturating_sub(places));
    let mut behind = behind.to_owned();
    while behind.len() > least && behind.ends_with('0') {
        behind.pop();
    }
    if behind.is_empty() { whole.to_owned() } else { format!("{whole}.{behind}") }
}

/// Unix seconds, as a text.
pub(crate) fn seconds(at: Instant) -> String {
    at.seconds().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_rates_are_as_the_samples_print_them() {
        for (fen, text) in [(200_000, "2000"), (1231, "12.31"), (3960, "39.6"), (1, "0.01")] {
            assert_eq!(yuan(Money::from_fen(fen).unwrap()), text);
        }
        for (ppm, text, of_hundred) in [
            (100_000, "0.10", "10"),
            (1_000_000, "1.00", "100"),
            (50_000, "0.05", "5"),
            (300, "0.0003", "0.03"),
            (0, "0.00", "0"),
            (120_000, "0.12", "12"),
        ] {
            let rate = Rate::from_ppm(ppm).unwrap();
            assert_eq!((&*fraction(rate), &*percent(rate)), (text, of_hundred));
        }
    }

    #[test]
    fn figures_are_numbers_or_texts() {
        let figures = [Figure::number("39.60"), Figure::text("39")];
        assert_eq!(serde_json::to_string(&figures).unwrap(), r#"[39.60,"39"]"#);
    }
}
