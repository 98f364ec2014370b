//! Exact fractions, and their one way to whole amounts: rounding by mode and step.

use std::cmp::Ordering;

use crate::rounding::{Mode, Round};

/// An exact fraction that is not negative, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    num: u128,
    den: u128,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// `num / den`, if the denominator is not zero.
    pub fn new(num: u128, den: u128) -> Option<Self> {
        let divisor = gcd(num, den);
        Some(Self { num: num.checked_div(divisor)?, den: den.checked_div(divisor)? })
            .filter(|fraction| fraction.den != 0)
    }

    /// The numerator, in lowest terms.
    pub const fn num(self) -> u128 {
        self.num
    }

    /// The denominator, in lowest terms.
    pub const fn den(self) -> u128 {
        self.den
    }

    /// The sum, if it fits.
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.den == other.den {
            return Self::new(self.num.checked_add(other.num)?, self.den);
        }
        // Over the least common denominator, so that sums of many parts of years still fit.
        let shared = gcd(self.den, other.den);
        let (own, theirs) = (self.den.checked_div(shared)?, other.den.checked_div(shared)?);
        let left = self.num.checked_mul(theirs)?;
        let right = other.num.checked_mul(own)?;
        Self::new(left.checked_add(right)?, self.den.checked_mul(theirs)?)
    }

    /// The product, if it fits.
    pub fn times(self, other: Self) -> Option<Self> {
        // Crosswise first, so that what cancels never has to fit.
        let (a, b) = (gcd(self.num, other.den), gcd(other.num, self.den));
        let num = self.num.checked_div(a)?.checked_mul(other.num.checked_div(b)?)?;
        let den = self.den.checked_div(b)?.checked_mul(other.den.checked_div(a)?)?;
        Some(Self { num, den })
    }

    /// The fraction itself as a whole amount, rounded.
    pub fn whole(self, round: Round) -> Option<i64> {
        round_ratio(self.num, self.den, round)
    }

    /// `amount x self`, rounded; the amount is not negative.
    pub fn of(self, amount: i64, round: Round) -> Option<i64> {
        let num = u128::try_from(amount).ok()?.checked_mul(self.num)?;
        round_ratio(num, self.den, round)
    }
}

/// `num / den` as a multiple of the step.
pub(crate) fn round_ratio(num: u128, den: u128, round: Round) -> Option<i64> {
    let step = u128::try_from(round.step()).ok()?;
    let unit = den.checked_mul(step)?;
    let (down, rest) = divide(num, unit)?;
    let is_up = match round.mode {
        Mode::Down => false,
        Mode::Up => rest > 0,
        Mode::HalfUp => rest >= unit.checked_sub(rest)?,
        Mode::HalfEven => match rest.cmp(&unit.checked_sub(rest)?) {
            Ordering::Less => false,
            Ordering::Equal => down.checked_rem(2)? == 1,
            Ordering::Greater => true,
        },
    };
    let steps = down.checked_add(u128::from(is_up))?;
    i64::try_from(steps.checked_mul(step)?).ok()
}

/// Quotient and rest; most divisions fit a machine word, which is several times faster.
fn divide(num: u128, den: u128) -> Option<(u128, u128)> {
    if let (Ok(num), Ok(den)) = (u64::try_from(num), u64::try_from(den)) {
        return Some((num.checked_div(den)?.into(), num.checked_rem(den)?.into()));
    }
    Some((num.checked_div(den)?, num.checked_rem(den)?))
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    if let (Ok(mut a), Ok(mut b)) = (u64::try_from(a), u64::try_from(b)) {
        while let Some(rest) = a.checked_rem(b) {
            (a, b) = (b, rest);
        }
        return a.max(1).into();
    }
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(num: u128, den: u128, mode: Mode, step: i64, want: i64) {
        let round = Round::new(mode, step).unwrap();
        assert_eq!(round_ratio(num, den, round), Some(want), "{num}/{den} {mode:?} {step}");
    }

    #[test]
    fn ratios_round_by_mode_and_step() {
        //    ratio      mode          step  by hand
        check(5, 2, Mode::HalfUp, 1, 3);
        check(5, 2, Mode::HalfEven, 1, 2);
        check(7, 2, Mode::HalfEven, 1, 4);
        check(5, 2, Mode::Up, 1, 3);
        check(5, 2, Mode::Down, 1, 2);
        check(4, 2, Mode::Up, 1, 2);
        check(150, 1, Mode::HalfUp, 100, 200);
        check(250, 1, Mode::HalfEven, 100, 200);
        check(1_505_172, 1, Mode::Up, 100, 1_505_200);
        check(149, 1, Mode::HalfUp, 100, 100);
        check(1, 1000, Mode::Up, 5, 5);
        check(u128::MAX / 4, u128::MAX / 2, Mode::HalfUp, 1, 0);
    }

    #[test]
    fn fractions_stay_in_lowest_terms() {
        let half = Fraction::new(2, 4).unwrap();
        assert_eq!((half.num(), half.den()), (1, 2));
        assert_eq!(half.plus(Fraction::new(1, 3).unwrap()), Fraction::new(5, 6));
        assert_eq!(half.times(Fraction::new(4, 3).unwrap()), Fraction::new(2, 3));
        assert_eq!(Fraction::new(1, 0), None);
        assert_eq!(Fraction::new(0, 5), Some(Fraction::ZERO));
    }
}
