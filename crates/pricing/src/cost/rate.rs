//! Rates as results: per period and per year, with their text in decimals.

use kernel::Rate;

use super::CostProblem;

/// The lowest rate that is reported: of the money received, one ten-thousandth comes back.
const LOWEST: f64 = -0.9999;
/// The highest; above it a double has no whole hundredths of a percent left.
const HIGHEST: f64 = 1e15;

/// A rate per year, finite, as a fraction: 0.12 is 12 %.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct AnnualRate(f64);

impl AnnualRate {
    /// The invariant (finite) is the caller's.
    pub(super) const fn new(fraction: f64) -> Self {
        Self(fraction)
    }

    /// The rate of a contract.
    pub fn from_rate(rate: Rate) -> Self {
        Self(f64::from(rate.ppm()) / 1e6)
    }

    /// As a fraction: 0.12 is 12 %.
    pub const fn fraction(self) -> f64 {
        self.0
    }

    /// In percent: 12.0 is 12 %.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }

    /// The percent in so many decimals (at most 12), rounded half away from zero: `21.46`.
    ///
    /// The figure is taken at thirteen significant digits, so that the last bits of a double
    /// cannot turn 12.345 into 12.34.
    pub fn percent_text(self, decimals: usize) -> String {
        percent_text(self.0, decimals)
    }

    /// To whole ppm, rounded half up, where a [`Rate`] can hold it (0 to 10,000 %).
    pub fn to_rate(self) -> Option<Rate> {
        let ppm = percent_text(self.0, 4).replace('.', "").parse().ok();
        ppm.and_then(Rate::from_ppm)
    }
}

/// A rate per period, greater than −1 and finite, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct PeriodRate(f64);

impl PeriodRate {
    /// The invariant (finite, above −1) is the caller's.
    pub(super) const fn new(fraction: f64) -> Self {
        Self(fraction)
    }

    /// As a fraction: 0.01 is 1 % a period.
    pub const fn fraction(self) -> f64 {
        self.0
    }

    /// In percent.
    pub fn percent(self) -> f64 {
        self.0 * 100.0
    }

    /// The percent in so many decimals; see [`AnnualRate::percent_text`].
    pub fn percent_text(self, decimals: usize) -> String {
        percent_text(self.0, decimals)
    }

    /// The nominal annual rate (名义年利率): `i × periods a year`, no interest on interest.
    pub fn nominal(self, periods_per_year: u32) -> AnnualRate {
        AnnualRate(self.0 * f64::from(periods_per_year))
    }

    /// The effective annual rate (有效年利率, 复利): `(1 + i)^(periods a year) − 1`.
    pub fn effective(self, periods_per_year: u32) -> Result<AnnualRate, CostProblem> {
        fraction_of(f64::from(periods_per_year) * self.0.ln_1p()).map(AnnualRate)
    }
}

/// The fraction that belongs to a logarithm of growth: `e^growth − 1`.
pub(super) fn fraction_of(growth: f64) -> Result<f64, CostProblem> {
    let fraction = growth.exp_m1();
    // A hair of room, so that exactly −99.99 % is not lost to the last bit of a double.
    let within = (LOWEST - 1e-12..=HIGHEST).contains(&fraction);
    if within { Ok(fraction) } else { Err(CostProblem::RateOutOfRange) }
}

/// A fraction as percent in decimals, half away from zero, from thirteen significant digits.
pub(super) fn percent_text(fraction: f64, decimals: usize) -> String {
    decimal_text(fraction * 100.0, decimals)
}

/// Digits after the first one that are looked at: 13 significant digits in all.
const LOOKED_AT: usize = 12;

fn decimal_text(value: f64, decimals: usize) -> String {
    let decimals = decimals.min(LOOKED_AT);
    let scientific = format!("{:.LOOKED_AT$e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or(("0", "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i64 = exponent.parse().unwrap_or(0);
    // The digits stand for digits × 10^(exponent − 12); wanted is a whole number of 10^−decimals.
    let places = i64::try_from(decimals).unwrap_or(0);
    let shift = exponent.saturating_add(places).saturating_sub(12);
    let whole = match usize::try_from(shift) {
        Ok(zeros) => digits + &"0".repeat(zeros),
        Err(_) => rounded(&digits, usize::try_from(shift.saturating_neg()).unwrap_or(usize::MAX)),
    };
    let trimmed = whole.trim_start_matches('0');
    let padded = format!("{trimmed:0>width$}", width = decimals.saturating_add(1));
    let sign = if value < 0.0 && !trimmed.is_empty() { "-" } else { "" };
    let (whole, rest) = padded.split_at(padded.len().saturating_sub(decimals));
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

/// The number without its last digits, the first of them deciding: 5 and above rounds up.
fn rounded(digits: &str, dropped: usize) -> String {
    let Some(kept) = digits.len().checked_sub(dropped) else { return String::new() };
    let (head, tail) = digits.split_at(kept);
    let head: u64 = head.parse().unwrap_or(0);
    let up = u64::from(tail.bytes().next().is_some_and(|digit| digit >= b'5'));
    head.saturating_add(up).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_rounds_half_away_from_zero() {
        // percent, decimals, text
        for (percent, decimals, want) in [
            (12.345, 2, "12.35"), // as a double 12.3450000000000006394…
            (1.005, 2, "1.01"),   // as a double 1.00499999999999989…
            (-1.005, 2, "-1.01"),
            (0.004, 2, "0.00"),
            (-0.004, 2, "0.00"),
            (0.0, 2, "0.00"),
            (0.5, 0, "1"),
            (9.999, 2, "10.00"),
            (99.95, 1, "100.0"),
            (828.014_666_666, 2, "828.01"),
            (1e17, 2, "100000000000000000.00"),
            (1e-9, 9, "0.000000001"),
            (0.000_4, 3, "0.000"),
            (0.000_5, 3, "0.001"),
            (123_456.789, 1, "123456.8"),
        ] {
            assert_eq!(decimal_text(percent, decimals), want, "{percent} in {decimals}");
        }
    }

    #[test]
    fn rates_go_to_ppm_and_back() {
        let rate = Rate::from_ppm(154_000).unwrap();
        assert_eq!(AnnualRate::from_rate(rate).percent_text(2), "15.40");
        assert_eq!(AnnualRate::from_rate(rate).to_rate(), Some(rate));
        assert_eq!(AnnualRate(-0.1).to_rate(), None);
        assert_eq!(AnnualRate(1e6).to_rate(), None);
    }
}
