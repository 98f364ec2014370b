//! Figures as the samples print them: money as JSON numbers without needless zeros.

use kernel::{Date, Money, Rate};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON number, written digit by digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number(String);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.clone());
        raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// An amount in yuan: `330`, `15.84`, `39.6`.
pub(crate) fn yuan(amount: Money) -> Number {
    let (yuan, fen) = (amount.yuan_part(), amount.fen_part());
    Number(match (fen, fen.rem_euclid(10)) {
        (0, _) => yuan.to_string(),
        (_, 0) => format!("{yuan}.{}", fen.div_euclid(10)),
        (_, _) => format!("{yuan}.{fen:02}"),
    })
}

/// A yearly rate as percent a month (月费率): `1.6` for 19.2 % a year; six decimals at most.
pub(crate) fn month_fee(rate: Rate) -> Number {
    // Percent a month is ppm / 12 / 10000; here in millionths of a percent, rounded half up.
    let millionths = u64::from(rate.ppm()).saturating_mul(100).saturating_add(6).div_euclid(12);
    let (whole, part) = (millionths.div_euclid(1_000_000), millionths.rem_euclid(1_000_000));
    let part = format!("{part:06}");
    let part = part.trim_end_matches('0');
    Number(if part.is_empty() { whole.to_string() } else { format!("{whole}.{part}") })
}

/// A day as milliseconds since 1970 at local midnight.
pub(crate) fn midnight(day: Date) -> i64 {
    day.start().millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_as_the_samples_print_them() {
        for (fen, text) in [(33_000, "330"), (1584, "15.84"), (103_752, "1037.52"), (3960, "39.6")]
        {
            assert_eq!(yuan(Money::from_fen(fen).unwrap()), Number(text.into()));
        }
        for (ppm, text) in
            [(192_000, "1.6"), (216_000, "1.8"), (120_000, "1"), (100_000, "0.833333")]
        {
            assert_eq!(month_fee(Rate::from_ppm(ppm).unwrap()), Number(text.into()), "{ppm}");
        }
        // 2020-08-06 in Shanghai, the first day of the document's plan.
        assert_eq!(midnight(Date::from_ymd(2020, 8, 6).unwrap()), 1_596_643_200_000);
    }
}
