//! Amounts of money. Rounding and splitting have their one home here.

use std::fmt;

/// Why an amount could not be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not digits with at most one decimal point.
    #[error("not an amount of money")]
    Malformed,
    /// More than two decimals.
    #[error("finer than one fen")]
    TooFine,
    /// Above [`Money::MAX`].
    #[error("amount too large")]
    TooLarge,
}

/// An amount of renminbi in whole fen (分, 1/100 yuan). Never negative.
///
/// Arithmetic is checked and returns `None` where the result does not exist; there are
/// deliberately no `+` and `-` operators.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Ten billion yuan; larger amounts are refused as typing errors.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// An amount given in fen, if it is neither negative nor above [`Money::MAX`].
    pub const fn from_fen(fen: i64) -> Option<Self> {
        if fen < 0 || fen > Self::MAX.0 { None } else { Some(Self(fen)) }
    }

    /// An amount given in whole yuan, for constants and tests.
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(100) {
            Some(fen) => Self::from_fen(fen),
            None => None,
        }
    }

    /// Reads yuan as written in configuration and fixtures: `5000`, `5000.5`, `5000.00`.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        let (yuan, frac) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(frac) {
            return Err(MoneyError::Malformed);
        }
        if frac.len() > 2 {
            return Err(MoneyError::TooFine);
        }
        let fen = format!("{yuan}{frac:0<2}").parse().ok();
        fen.and_then(Self::from_fen).ok_or(MoneyError::TooLarge)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The whole yuan of the amount.
    pub const fn yuan_part(self) -> i64 {
        self.0.div_euclid(100)
    }

    /// The fen beyond the whole yuan, 0 to 99.
    pub const fn fen_part(self) -> i64 {
        self.0.rem_euclid(100)
    }

    /// The sum, unless it passes [`Money::MAX`].
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Self::from_fen(fen),
            None => None,
        }
    }

    /// The difference, unless it is negative.
    pub const fn minus(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Self::from_fen(fen),
            None => None,
        }
    }

    /// Whether the amount is a whole multiple of `unit`.
    pub const fn is_multiple_of(self, unit: Self) -> bool {
        matches!(self.0.checked_rem(unit.0), Some(0))
    }

    /// `self x numerator / denominator`, rounded half up to the fen.
    ///
    /// `None` where the result does not fit or the denominator is not positive.
    pub fn share(self, numerator: i64, denominator: i64) -> Option<Self> {
        if denominator <= 0 || numerator < 0 {
            return None;
        }
        let (fen, numerator) = (i128::from(self.0), i128::from(numerator));
        let denominator = i128::from(denominator);
        let doubled = fen.checked_mul(numerator)?.checked_mul(2)?.checked_add(denominator)?;
        let rounded = doubled.checked_div(denominator.checked_mul(2)?)?;
        Self::from_fen(i64::try_from(rounded).ok()?)
    }

    /// Splits the amount by weights with the method of the largest remainder.
    ///
    /// Each part is the exact share rounded down; the fen that are left go one each to the parts
    /// with the largest remainders, ties to the earliest. The parts always sum to the whole.
    /// `None` if the weights sum to zero while the amount is not zero, or are absurdly large.
    pub fn split(self, weights: &[Self]) -> Option<Vec<Self>> {
        let total: i128 = weights.iter().map(|w| i128::from(w.0)).sum();
        if total == 0 {
            return (self == Self::ZERO).then(|| vec![Self::ZERO; weights.len()]);
        }
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut left = self.0;
        for (index, weight) in weights.iter().enumerate() {
            let exact = i128::from(self.0).checked_mul(i128::from(weight.0))?;
            let floor = i64::try_from(exact.checked_div(total)?).ok()?;
            left = left.checked_sub(floor)?;
            parts.push(floor);
            remainders.push((exact.checked_rem(total)?, index));
        }
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, index) in remainders.into_iter().take(usize::try_from(left).ok()?) {
            let part = parts.get_mut(index)?;
            *part = part.checked_add(1)?;
        }
        parts.into_iter().map(Self::from_fen).collect()
    }

    /// The amount as an addition to a balance.
    pub const fn credit(self) -> Change {
        Change(self.0)
    }

    /// The amount as a deduction from a balance.
    pub const fn debit(self) -> Change {
        Change(self.0.wrapping_neg()) // cannot wrap: never below -MAX
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.yuan_part(), self.fen_part())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A signed change of a balance, in fen: positive adds to it, negative takes from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Change(i64);

impl Change {
    /// No change.
    pub const ZERO: Self = Self(0);

    /// A change given in fen, if its size is an amount of money.
    pub const fn from_fen(fen: i64) -> Option<Self> {
        if fen > Money::MAX.0 || fen < -Money::MAX.0 { None } else { Some(Self(fen)) }
    }

    /// The change in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The opposite change.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self(self.0.wrapping_neg()) // cannot wrap: never beyond MAX
    }

    /// Both changes together, unless the result is beyond [`Money::MAX`].
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Self::from_fen(fen),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn yuan(text: &str) -> Money {
        Money::parse_yuan(text).unwrap()
    }

    #[test]
    fn amounts_are_read_exactly() {
        assert_eq!(yuan("5000.5").fen(), 500_050);
        assert_eq!(yuan("0.07").fen(), 7);
        assert_eq!(Money::parse_yuan("1e3"), Err(MoneyError::Malformed));
        assert_eq!(Money::parse_yuan("-1"), Err(MoneyError::Malformed));
        assert_eq!(Money::parse_yuan("1.005"), Err(MoneyError::TooFine));
        assert_eq!(Money::parse_yuan("10000000000.01"), Err(MoneyError::TooLarge));
        assert_eq!(Money::parse_yuan("10000000000"), Ok(Money::MAX));
    }

    #[test]
    fn shares_round_half_up() {
        // By hand: 1000 yuan x 12.8 % / 12 = 10.6666… → 10.67; 0.05 x 1/10 = 0.005 → 0.01.
        assert_eq!(yuan("1000").share(128, 12_000), Some(yuan("10.67")));
        assert_eq!(yuan("0.05").share(1, 10), Some(yuan("0.01")));
        assert_eq!(yuan("0.04").share(1, 10), Some(Money::ZERO));
        assert_eq!(yuan("1").share(1, 0), None);
    }

    #[track_caller]
    fn check_split(whole: &str, weights: &[&str], want: &str) {
        let weights: Vec<_> = weights.iter().map(|w| yuan(w)).collect();
        let parts = yuan(whole).split(&weights).unwrap();
        let text: Vec<_> = parts.iter().map(ToString::to_string).collect();
        assert_eq!(text.join(" "), want);
    }

    #[test]
    fn splits_by_largest_remainder() {
        //          whole    weights                  parts; by hand
        check_split("0.10", &["100", "100", "100"], "0.04 0.03 0.03"); // tie → earliest
        check_split("63.00", &["300", "2000", "4000"], "3.00 20.00 40.00");
        check_split("10.67", &["333", "333", "334"], "3.55 3.55 3.57"); // .555 .555 .5638: up, up? no: 3.5531 3.5531 3.5638
        check_split("0.01", &["1", "1"], "0.01 0.00");
        check_split("0.00", &["0", "0"], "0.00 0.00");
    }

    #[test]
    fn ten_thousand_parts_sum_to_the_whole() {
        // By hand: 10,000 equal parts of 123,456.78 yuan are 12.345678 each; rounded down they
        // leave 0.5678 fen of each, 5,678 fen in all, which go to the first 5,678.
        let parts = yuan("123456.78").split(&vec![yuan("1"); 10_000]).unwrap();
        assert!(parts[..5_678].iter().all(|part| *part == yuan("12.35")));
        assert!(parts[5_678..].iter().all(|part| *part == yuan("12.34")));
        assert_eq!(parts.iter().map(|part| part.fen()).sum::<i64>(), 12_345_678);
        // Parts of every size: 1, 2, … 10,000 of 50,005,000 yuan, which divide without a rest.
        let weights: Vec<_> = (1..=10_000).map(|n| Money::from_fen(n).unwrap()).collect();
        let parts = yuan("50005000").split(&weights).unwrap();
        for (part, weight) in parts.iter().zip(&weights) {
            assert_eq!(part.fen(), weight.fen() * 100);
        }
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(
            whole in 0_i64..=1_000_000_000_000,
            weights in proptest::collection::vec(1_i64..=1_000_000_000, 1..300),
        ) {
            let weights: Vec<_> = weights.into_iter().filter_map(Money::from_fen).collect();
            let whole = Money::from_fen(whole).unwrap();
            let parts = whole.split(&weights).unwrap();
            let sum = parts.iter().try_fold(Money::ZERO, |sum, part| sum.plus(*part));
            prop_assert_eq!(sum, Some(whole));
        }
    }
}
