//! How figures become whole amounts: mode, step, and which row takes what is left over.

use kernel::Money;

/// The direction of rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// To the nearest; halves away from zero (四舍五入).
    #[default]
    HalfUp,
    /// To the nearest; halves to the even neighbour (银行家舍入).
    HalfEven,
    /// Away from zero (进一法).
    Up,
    /// Towards zero (去尾法).
    Down,
}

/// A mode and the step whose multiples are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// The direction.
    pub mode: Mode,
    step: i64,
}

impl Round {
    /// To the fen, halves up.
    pub const FEN: Self = Self { mode: Mode::HalfUp, step: 1 };

    /// To multiples of so many fen, from one fen to ten thousand yuan.
    pub fn new(mode: Mode, step_fen: i64) -> Option<Self> {
        (1..=1_000_000).contains(&step_fen).then_some(Self { mode, step: step_fen })
    }

    /// The same step in another direction.
    #[must_use]
    pub const fn to(self, mode: Mode) -> Self {
        Self { mode, step: self.step }
    }

    /// The step in fen.
    pub const fn step(self) -> i64 {
        self.step
    }
}

impl Default for Round {
    fn default() -> Self {
        Self::FEN
    }
}

/// Which row takes what rounding leaves over (尾差).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Absorb {
    /// The last row.
    #[default]
    Last,
    /// The first row with a part of principal, as far as whole fen allow; what then remains, the
    /// last. Of two amounts that bring the last row equally near, the first row takes the smaller.
    First,
    /// The level instalment is moved so that the last row differs as little as possible, and the
    /// last row takes the rest.
    ///
    /// While the difference in fen is more than half the number of rows, the instalment is moved
    /// by the difference divided by the number of rows; a move that does not bring the last row
    /// nearer is undone; at most three moves, each rounded half up to the step. Later rates and
    /// disbursements are not foreseen. Source: the vectors `fin-331.77-smoothing` and
    /// `fin-ut-15.678-act365`.
    Smooth,
}

/// What is rounded as one figure, where the balance moves or the rate changes inside a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Per {
    /// The interest of a row, the exact sum of its stretches.
    #[default]
    Row,
    /// The interest of each stretch of unchanged balance and rate. Source: vector
    /// `fin-rp10-late-excess`, 6.58 + 31.51 = 38.09 where the exact sum is 38.08.
    Stretch,
}

/// All rounding of a schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounding {
    /// Interest and fees.
    pub interest: Round,
    /// What of the interest is rounded as one figure.
    pub interest_per: Per,
    /// The level instalment, or the level part of principal.
    pub instalment: Round,
    /// Where the rest goes.
    pub absorb: Absorb,
}

impl Rounding {
    /// The same mode for everything, to the fen.
    pub fn all(mode: Mode) -> Self {
        let round = Round { mode, ..Round::FEN };
        Self { interest: round, instalment: round, ..Self::default() }
    }

    /// The step of instalments as an amount.
    pub fn instalment_step(self) -> Money {
        Money::from_fen(self.instalment.step).unwrap_or(Money::ZERO)
    }
}
