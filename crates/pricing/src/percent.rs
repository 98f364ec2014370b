//! Exact percentages: yearly rates, daily penalty rates, shares of a base.

use std::fmt;

use kernel::Rate;

use crate::fraction::Fraction;

/// Units per whole: one ten-thousand-millionth.
const UNITS: u64 = 10_000_000_000;
/// Units per percent.
const PER_CENT: u64 = UNITS / 100;

/// A percentage, exact to eight decimals of a percent, from 0 to 10,000 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u64);

impl Percent {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 10,000 %: more is a typing error.
    pub const MAX: Self = Self(UNITS * 100);

    /// A rate of a product, in ppm a year.
    pub fn from_rate(rate: Rate) -> Self {
        // 1 ppm is 10,000 units; the largest rate is exactly the largest percentage.
        Self(u64::from(rate.ppm()).saturating_mul(UNITS / 1_000_000))
    }

    /// In ppm, where it is a whole number of them and no more than a rate can be.
    pub fn to_rate(self) -> Option<Rate> {
        let per_ppm = UNITS / 1_000_000;
        let whole = self.0.checked_rem(per_ppm)? == 0;
        let ppm = u32::try_from(self.0.checked_div(per_ppm)?).ok()?;
        whole.then(|| Rate::from_ppm(ppm)).flatten()
    }

    /// Reads percent: `9.4822`, `0`, `12.0`. `None` for anything else, for more than eight
    /// decimals that are not zero, and above [`Percent::MAX`].
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return None;
        }
        let decimals = decimals.trim_end_matches('0');
        if decimals.len() > 8 || whole.len() > 8 {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let decimals: u64 = format!("{decimals:0<8}").parse().ok()?;
        let units = whole.checked_mul(PER_CENT)?.checked_add(decimals)?;
        Some(Self(units)).filter(|percent| *percent <= Self::MAX)
    }

    /// So many times the percentage, if it is not above [`Percent::MAX`].
    pub fn times(self, factor: u32) -> Option<Self> {
        self.0.checked_mul(factor.into()).map(Self).filter(|percent| *percent <= Self::MAX)
    }

    /// What is left above another percentage, or nothing.
    #[must_use]
    pub const fn above(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// As a fraction of one.
    pub fn fraction(self) -> Fraction {
        Fraction::new(self.0.into(), UNITS.into()).unwrap_or(Fraction::ZERO)
    }
}

impl fmt::Display for Percent {
    /// `9.4822`, without a percent sign and without idle zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.div_euclid(PER_CENT), self.0.rem_euclid(PER_CENT));
        let decimals = format!("{rest:08}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            decimals => write!(f, "{whole}.{decimals}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_and_written_exactly() {
        for (text, want) in
            [("9.4822", "9.4822"), ("12.0", "12"), ("0", "0"), ("0.00000001", "0.00000001")]
        {
            assert_eq!(Percent::parse(text).unwrap().to_string(), want);
        }
        assert_eq!(Percent::parse("10000"), Some(Percent::MAX));
        assert_eq!(Percent::parse("1.500000000000"), Percent::parse("1.5"));
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "10000.1",
            "99999999999999999999",
            "1.000000001",
            "１",
        ] {
            assert_eq!(Percent::parse(bad), None, "{bad}");
        }
        assert_eq!(
            Percent::from_rate(Rate::from_ppm(94_822).unwrap()),
            Percent::parse("9.4822").unwrap()
        );
        assert_eq!(Percent::from_rate(Rate::MAX), Percent::MAX);
        assert_eq!(Percent::parse("9.4822").unwrap().to_rate(), Rate::from_ppm(94_822));
        assert_eq!(Percent::MAX.to_rate(), Some(Rate::MAX));
        assert_eq!(Percent::parse("9.48221").unwrap().to_rate(), None);
    }
}
