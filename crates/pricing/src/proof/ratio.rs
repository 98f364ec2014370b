//! Exact ratios of whole numbers without a bound: slow, and too simple to be wrong.

use num_bigint::BigInt;

use crate::percent::Percent;
use crate::rounding::{Mode, Round};

/// A ratio; the denominator is positive. It is reduced only when asked for.
#[derive(Clone, Debug)]
pub(super) struct Ratio {
    num: BigInt,
    den: BigInt,
}

impl Ratio {
    pub(super) fn new(num: i64, den: i64) -> Self {
        Self { num: num.into(), den: den.into() }
    }

    pub(super) fn whole(number: i64) -> Self {
        Self::new(number, 1)
    }

    /// A percentage, from the text that it is written as.
    pub(super) fn percent(percent: Percent) -> Self {
        let text = percent.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let digits: BigInt = format!("{whole}{decimals}").parse().unwrap();
        let places = u32::try_from(decimals.len()).unwrap();
        Self { num: digits, den: BigInt::from(100) * BigInt::from(10).pow(places) }.reduced()
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let num = &self.num * &other.den + &other.num * &self.den;
        Self { num, den: &self.den * &other.den }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self { num: &self.num * &other.num, den: &self.den * &other.den }
    }

    /// Divided by a ratio above zero.
    pub(super) fn over(&self, other: &Self) -> Self {
        Self { num: &self.num * &other.den, den: &self.den * &other.num }
    }

    /// In lowest terms, by Euclid.
    pub(super) fn reduced(&self) -> Self {
        let (mut a, mut b) = (self.num.clone(), self.den.clone());
        while b != BigInt::ZERO {
            (a, b) = (b.clone(), a % b);
        }
        Self { num: &self.num / &a, den: &self.den / a }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.num == BigInt::ZERO
    }

    /// The next multiple of half a step, if that is nearer than 2^-48: instalments so near to a
    /// half or a whole step are taken to be exactly there.
    pub(super) fn by_a_hair(self, step: i64) -> Self {
        let (unit, twice) = (&self.den * BigInt::from(step), &self.num * BigInt::from(2));
        let halves = (&twice + &twice + &unit) / (&unit + &unit);
        // Twice the difference is no more than twice a hair.
        let near = &halves * unit;
        let difference = if near > twice { &near - &twice } else { &twice - &near };
        if (difference << 47_u8) > self.den {
            return self;
        }
        Self { num: halves * BigInt::from(step), den: BigInt::from(2) }
    }

    /// The multiple of the step next to it, for ratios that are not negative. `None` if that is
    /// more than a machine word.
    pub(super) fn rounded(&self, round: Round) -> Option<i64> {
        let unit = &self.den * BigInt::from(round.step());
        let (below, rest) = (&self.num / &unit, &self.num % &unit);
        let twice = &rest + &rest;
        let up = match round.mode {
            Mode::Down => false,
            Mode::Up => rest > BigInt::ZERO,
            Mode::HalfUp => twice >= unit,
            Mode::HalfEven => {
                let is_odd = &below % BigInt::from(2) == BigInt::from(1);
                twice > unit || (twice == unit && is_odd)
            }
        };
        let steps = if up { below + BigInt::from(1) } else { below };
        i64::try_from(steps * BigInt::from(round.step())).ok()
    }
}

#[test]
fn ratios_are_rounded_by_hand() {
    let check = |num, den, mode, step, want| {
        let round = Round::new(mode, step).unwrap();
        assert_eq!(Ratio::new(num, den).rounded(round), Some(want), "{num}/{den} {mode:?} {step}");
    };
    check(5, 2, Mode::HalfUp, 1, 3);
    check(5, 2, Mode::HalfEven, 1, 2);
    check(7, 2, Mode::HalfEven, 1, 4);
    check(150, 1, Mode::HalfEven, 100, 200);
    check(250, 1, Mode::HalfEven, 100, 200);
    check(1, 1000, Mode::Up, 5, 5);
    check(9999, 1000, Mode::Down, 3, 9);
    let rate = Ratio::percent(Percent::parse("9.4822").unwrap());
    assert_eq!(rate.times(&Ratio::whole(1_000_000)).rounded(Round::FEN), Some(94_822));
}
