//! Whether promises were kept (承诺兑现): a function of what was repaid, never stored.

use kernel::{Date, Instant, Money};

use super::Promise;
use crate::servicing::Repayment;

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// So much as was promised has been paid in time (已兑现).
    Kept,
    /// The day is not over (待兑现).
    Open,
    /// The day is over, and less was paid (未兑现).
    Broken,
}

impl Kept {
    /// The word in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Open => "open",
            Self::Broken => "broken",
        }
    }
}

/// Holds a promise against what was paid after it was made, on its day at the latest, and not
/// taken back since.
pub fn judge(
    (promise, made_at): (Promise, Instant),
    repayments: &[Repayment],
    today: Date,
) -> Kept {
    let counts = |repayment: &&Repayment| {
        !repayment.reversed && repayment.at >= made_at && repayment.on <= promise.by
    };
    let amounts = repayments.iter().filter(counts).map(|repayment| repayment.amount);
    // What cannot be added up is more than anybody promises.
    let paid = amounts.into_iter().try_fold(Money::ZERO, Money::plus).unwrap_or(Money::MAX);
    if paid >= promise.amount {
        Kept::Kept
    } else if today > promise.by {
        Kept::Broken
    } else {
        Kept::Open
    }
}
