//! Interest rates.

/// A rate per year in parts per million: 12.9 % is 129,000 ppm. At most 10,000 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u32);

impl Rate {
    /// No interest.
    pub const ZERO: Self = Self(0);
    /// The highest rate that can be written down; products allow far less.
    pub const MAX: Self = Self(100_000_000);

    /// A rate given in ppm a year, if it is at most [`Rate::MAX`].
    pub const fn from_ppm(ppm: u32) -> Option<Self> {
        if ppm > Self::MAX.0 { None } else { Some(Self(ppm)) }
    }

    /// The rate in ppm a year.
    pub const fn ppm(self) -> u32 {
        self.0
    }
}
