//! A second implementation of schedules, written from the documentation of the terms and from
//! nothing else: exact ratios, own dates, no shortcuts. What it does not do is be fast.

mod agreement;
mod fees;
mod loan;
mod rows;

use kernel::Money;

use super::civil::Day;
use crate::Terms;
use loan::Loan;
pub(super) use loan::{often, periods};

/// One row, in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) from: Day,
    pub(super) due: Day,
    pub(super) principal: i64,
    pub(super) interest: i64,
    pub(super) fees: i64,
    pub(super) balance: i64,
}

/// A whole schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) lines: Vec<Line>,
    pub(super) charges: Vec<(Day, i64)>,
    pub(super) received: Vec<(Day, i64)>,
    pub(super) principal: i64,
    pub(super) interest: i64,
    pub(super) fee_total: i64,
}

/// The schedule, or the field that is refused. Only what cannot be seen before there are dates
/// and rows is looked for; the rest of the terms must go together.
pub(super) fn price(terms: &Terms) -> Result<Outcome, String> {
    let loan = Loan::new(terms);
    if loan.whole > Money::MAX.fen() {
        return Err("principal".to_owned());
    }
    if loan.is_cut_off() {
        return Err("n".to_owned());
    }
    if loan.down >= loan.whole {
        return Err("down_payment".to_owned());
    }
    let lines = rows::lines(&loan)?;
    fees::complete(&loan, lines)
}
