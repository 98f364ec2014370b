//! Annuity factors in fixed point: exact far beyond a fen, without a float.

use crate::fraction::Fraction;
use crate::rounding::{Mode, Round};

/// Binary places of discount factors and their sums.
const PLACES: u32 = 112;
/// Binary places of present values, in fen.
const VALUE_PLACES: u32 = 64;
/// Binary places of an instalment before it is rounded.
const QUOTIENT_PLACES: u32 = 56;
/// So near to a half or a whole step a quotient is taken to be exactly there. The error of the
/// arithmetic is below 2^-54 fen, so only such figures are, or figures that no eye can tell apart.
const HAIR: u128 = 1 << 8;

/// A discount factor, at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Discount(u128);

impl Discount {
    pub(crate) const ONE: Self = Self(1 << PLACES);

    /// `1 / (1 + growth)`.
    pub(crate) fn of(growth: Fraction) -> Option<Self> {
        let whole = growth.num().checked_add(growth.den())?;
        long_division(growth.den(), whole, PLACES).map(Self)
    }

    /// One discount after another.
    pub(crate) fn times(self, other: Self) -> Option<Self> {
        mul_shifted(self.0, other.0).map(Self)
    }
}

/// A sum of discount factors: what one fen at each due date is worth today.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Annuity(u128);

impl Annuity {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn plus(self, discount: Discount) -> Option<Self> {
        self.0.checked_add(discount.0).map(Self)
    }
}

/// What flows are worth today, in fen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentValue(u128);

impl PresentValue {
    /// An amount that flows today.
    pub(crate) fn of(amount: i64) -> Option<Self> {
        u128::try_from(amount).ok()?.checked_shl(VALUE_PLACES).map(Self)
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// An amount that grows by a fraction until the day that is discounted.
    pub(crate) fn grown(amount: i64, growth: Fraction, discount: Discount) -> Option<Self> {
        let whole = growth.num().checked_add(growth.den())?;
        let grown = u128::try_from(amount).ok()?.checked_mul(whole)?;
        mul_shifted(long_division(grown, growth.den(), VALUE_PLACES)?, discount.0).map(Self)
    }

    /// The level instalment that is worth this, rounded.
    pub(crate) fn level(self, annuity: Annuity, round: Round) -> Option<i64> {
        // value / 2^64 : annuity / 2^112 = value x 2^48 / annuity
        let places = PLACES.checked_sub(VALUE_PLACES)?.checked_add(QUOTIENT_PLACES)?;
        let exact = long_division(self.0, annuity.0, places)?;
        let step = u128::try_from(round.step()).ok()?;
        let unit = step.checked_shl(QUOTIENT_PLACES)?;
        let (mut steps, mut rest) = (exact.checked_div(unit)?, exact.checked_rem(unit)?);
        if unit.checked_sub(rest)? <= HAIR {
            (steps, rest) = (steps.checked_add(1)?, 0);
        } else if rest <= HAIR {
            rest = 0;
        }
        let half = unit.checked_div(2)?;
        let is_half = rest.abs_diff(half) <= HAIR;
        let is_up = match round.mode {
            Mode::Down => false,
            Mode::Up => rest > 0,
            Mode::HalfUp => is_half || rest > half,
            Mode::HalfEven if is_half => steps.checked_rem(2)? == 1,
            Mode::HalfEven => rest > half,
        };
        let steps = steps.checked_add(u128::from(is_up))?;
        i64::try_from(steps.checked_mul(step)?).ok()
    }
}

/// `num x 2^places / den`, rounded down. The denominator must stay below 2^127.
fn long_division(num: u128, den: u128, places: u32) -> Option<u128> {
    if den >= 1 << 127 {
        return None;
    }
    let (mut quotient, mut rest) = (num.checked_div(den)?, num.checked_rem(den)?);
    if quotient.leading_zeros() < places {
        return None;
    }
    for _ in 0..places {
        rest = rest.checked_shl(1)?;
        let bit = rest >= den;
        if bit {
            rest = rest.checked_sub(den)?;
        }
        quotient = quotient.checked_shl(1)? | u128::from(bit);
    }
    Some(quotient)
}

/// `a x b / 2^112`, rounded down.
fn mul_shifted(a: u128, b: u128) -> Option<u128> {
    const LOW: u128 = (1 << 64) - 1;
    let (a1, a0) = (a >> 64, a & LOW);
    let (b1, b0) = (b >> 64, b & LOW);
    // Each product of two halves fits; their sum is carried through by hand.
    let low = a0.checked_mul(b0)?;
    let (cross, other) = (a1.checked_mul(b0)?, a0.checked_mul(b1)?);
    let middle = (low >> 64).checked_add(cross & LOW)?.checked_add(other & LOW)?;
    let high = a1.checked_mul(b1)?.checked_add(cross >> 64)?.checked_add(other >> 64)?;
    let high = high.checked_add(middle >> 64)?;
    // The whole is high x 2^128 + (middle & LOW) x 2^64 + …, of which 112 places go.
    if high.leading_zeros() < 16 {
        return None;
    }
    let low = ((middle & LOW) << 64) | (low & LOW);
    Some((high << 16) | (low >> PLACES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annuity(growth: (u128, u128), periods: u32) -> Annuity {
        let step = Discount::of(Fraction::new(growth.0, growth.1).unwrap()).unwrap();
        let mut discount = Discount::ONE;
        let mut sum = Annuity::NONE;
        for _ in 0..periods {
            discount = discount.times(step).unwrap();
            sum = sum.plus(discount).unwrap();
        }
        sum
    }

    #[track_caller]
    fn check(amount: i64, growth: (u128, u128), periods: u32, mode: Mode, want: i64) {
        let round = Round::new(mode, 1).unwrap();
        let level = PresentValue::of(amount).unwrap().level(annuity(growth, periods), round);
        assert_eq!(level, Some(want));
    }

    #[test]
    fn level_instalments_are_exact_at_ties() {
        //    fen     growth      periods  mode            by hand
        check(100, (1, 200), 1, Mode::HalfUp, 101); // 100.5
        check(100, (1, 200), 1, Mode::HalfEven, 100);
        check(100, (1, 100), 1, Mode::Up, 101); // exactly 101
        check(100, (1, 100), 1, Mode::Down, 101);
        check(100, (0, 1), 8, Mode::HalfUp, 13); // 12.5
        check(100, (0, 1), 8, Mode::HalfEven, 12);
        check(28_000_000, (7, 1000), 20, Mode::Up, 1_505_173); // vector frappe-emi-ceil: 15051.7226
        check(1_500_000, (8, 1200), 60, Mode::HalfUp, 30_415); // vector np-pmt: 304.1459
    }

    #[test]
    fn nothing_overflows_silently() {
        assert_eq!(long_division(1, 0, 4), None);
        assert_eq!(long_division(u128::MAX, 1, 1), None);
        assert_eq!(mul_shifted(u128::MAX, u128::MAX), None);
        assert_eq!(mul_shifted(1 << PLACES, 12345), Some(12345));
    }
}
