//! Exact decimal numbers as they stand on the wire, never through a float.

use kernel::Money;

/// A number of any size that was written down: sign, digits without needless zeros, and how many
/// of them stand behind the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// No leading zeros, and no trailing ones behind the point; empty for zero.
    digits: Vec<u8>,
    /// Digits behind the point; negative where zeros stand before it (1e400).
    scale: i64,
}

/// Longest text that is read as a number; beyond it there is no sensible figure.
const MOST_CHARACTERS: usize = 4096;

impl Decimal {
    /// Reads `12`, `-0.5`, `.5`, `5.`, `+7`, `1e400`, `1.5E-3`. `None` for everything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_CHARACTERS {
            return None;
        }
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction)
        {
            return None;
        }
        let mut digits: Vec<u8> =
            whole.bytes().chain(fraction.bytes()).skip_while(|digit| *digit == b'0').collect();
        let mut scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        while digits.last() == Some(&b'0') {
            digits.pop();
            scale = scale.checked_sub(1)?;
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits, scale: 0 });
        }
        Some(Self { negative, digits, scale })
    }

    /// Whether it is zero or below.
    pub fn is_not_positive(&self) -> bool {
        self.negative || self.digits.is_empty()
    }

    /// How many digits stand behind the point, needless zeros not counted.
    pub fn decimals(&self) -> i64 {
        self.scale.max(0)
    }

    /// The number times ten to the power of `places`, if that is a whole number that fits.
    pub fn scaled(&self, places: i64) -> Option<i64> {
        let zeros = places.checked_sub(self.scale)?;
        if self.digits.is_empty() {
            return Some(0);
        }
        let length = i64::try_from(self.digits.len()).ok()?.checked_add(zeros)?;
        if zeros < 0 || length > 19 {
            return None;
        }
        let mut value = 0_i64;
        let padding = std::iter::repeat_n(&b'0', usize::try_from(zeros).ok()?);
        for digit in self.digits.iter().chain(padding) {
            let digit = i64::from(digit.checked_sub(b'0')?);
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        if self.negative { value.checked_neg() } else { Some(value) }
    }

    /// The whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.scaled(0)
    }

    /// The number with everything behind the point cut off, if it fits.
    pub fn truncated(&self) -> Option<i64> {
        self.cut(0)?.scaled(0)
    }

    /// The number with so many decimals kept and the rest cut off, towards zero.
    fn cut(&self, places: i64) -> Option<Self> {
        let excess = self.scale.checked_sub(places)?;
        if excess <= 0 {
            return Some(self.clone());
        }
        let keep = self.digits.len().saturating_sub(usize::try_from(excess).unwrap_or(usize::MAX));
        let kept = self.digits.get(..keep)?.to_vec();
        if kept.is_empty() {
            return Some(Self { negative: false, digits: kept, scale: 0 });
        }
        Some(Self { negative: self.negative, digits: kept, scale: places })
    }

    /// An amount of yuan, if it is not negative, not finer than a fen and not too large.
    pub fn to_yuan(&self) -> Option<Money> {
        Money::from_fen(self.scaled(2)?)
    }

    /// The number times ten to the power of `places`, rounded half up (away from zero), if it
    /// fits.
    pub fn rounded(&self, places: i64) -> Option<i64> {
        let cut = self.cut(places)?.scaled(places)?;
        let next = self.cut(places.checked_add(1)?)?.scaled(places.checked_add(1)?)?;
        let digit = next.checked_rem(10)?;
        let up = if digit.abs() >= 5 { digit.signum() } else { 0 };
        cut.checked_add(up)
    }

    /// Whether it is above a whole number.
    pub fn is_above(&self, limit: i64) -> bool {
        // Cut off, a number is above the limit unless it equals it or is below; then the part
        // that was cut off decides.
        match self.truncated() {
            Some(whole) if whole == limit => !self.negative && self.decimals() > 0,
            Some(whole) => whole > limit,
            None => !self.negative,
        }
    }
}

fn read_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Beyond a million the figure is absurd either way; the sign is all that matters.
    let value = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
    Some(if negative { value.saturating_neg() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, whole: Option<i64>, fen: Option<i64>, decimals: i64) {
        let decimal = Decimal::parse(text).unwrap();
        assert_eq!(decimal.to_i64(), whole, "{text} whole");
        assert_eq!(decimal.to_yuan().map(Money::fen), fen, "{text} fen");
        assert_eq!(decimal.decimals(), decimals, "{text} decimals");
    }

    #[test]
    fn numbers_are_read_exactly() {
        //    text          whole        fen            decimals
        check("0", Some(0), Some(0), 0);
        check("-0.0", Some(0), Some(0), 0);
        check("6300", Some(6300), Some(630_000), 0);
        check("6300.00", Some(6300), Some(630_000), 0);
        check("0.1", None, Some(10), 1);
        check(".5", None, Some(50), 1);
        check("5.", Some(5), Some(500), 0);
        check("+7", Some(7), Some(700), 0);
        check("1.5e3", Some(1500), Some(150_000), 0);
        check("1e-2", None, Some(1), 2);
        check("0.001", None, None, 3);
        check("-5", Some(-5), None, 0);
        check("1e400", None, None, 0);
        check("1e-400", None, None, 400);
        check("99999999999999999999", None, None, 0);
        check("9223372036854775807", Some(i64::MAX), None, 0);
    }

    #[test]
    fn texts_that_are_no_numbers_are_refused() {
        for text in [
            "", " ", "-", ".", "5万", "10%", "8d88", "0x1f", "1e", "e5", "1_000", "NaN", "1.2.3",
            "--1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse(&"9".repeat(5000)), None);
    }

    #[test]
    fn rounding_is_half_up_and_cutting_goes_to_zero() {
        let of = |text| Decimal::parse(text).unwrap();
        assert_eq!(of("12.85").rounded(1), Some(129));
        assert_eq!(of("12.84999").rounded(1), Some(128));
        assert_eq!(of("0.04").rounded(1), Some(0));
        assert_eq!(of("0.05").rounded(1), Some(1));
        assert_eq!(of("12").rounded(1), Some(120));
        assert_eq!(of("12.8").truncated(), Some(12));
        assert_eq!(of("-12.8").truncated(), Some(-12));
        assert_eq!(of("0.9").truncated(), Some(0));
    }

    #[test]
    fn limits_are_compared_exactly() {
        let above = |text, limit| Decimal::parse(text).unwrap().is_above(limit);
        assert!(!above("500000", 500_000));
        assert!(!above("500000.00", 500_000));
        assert!(above("500000.001", 500_000));
        assert!(above("1e400", 500_000));
        assert!(!above("-1e400", 500_000));
        assert!(!above("1e-400", 500_000));
        assert!(above("1e-400", 0));
        assert!(!above("0", 0));
    }
}
