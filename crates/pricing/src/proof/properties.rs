//! What holds for every schedule. The terms are drawn as for the oracle; a failure prints the
//! seed, which `draw` turns into the same terms again.

mod combinations;
mod cost;
mod dates;
mod hostile;
mod less_and_more;
mod same;
mod shape;

use kernel::Money;

use super::draw::{self, Dice};
use crate::calendar::Frequency;
use crate::daycount::DayCount;
use crate::rounding::{Absorb, Mode, Round, Rounding};
use crate::terms::{CheckedTerms, Terms};
use crate::{Percent, Schedule};

/// Terms with everything, if they go together.
fn any(seed: u64) -> Option<(CheckedTerms, Schedule)> {
    let checked = draw::terms(&mut Dice::new(seed)).check().ok()?;
    let schedule = checked.schedule().ok()?;
    Some((checked, schedule))
}

/// Terms without fees, grace, odd periods, later disbursements or rate changes.
fn plain(seed: u64) -> Terms {
    draw::plain(&mut Dice::new(seed))
}

/// The same by months of 30 days, of at most so much a year, everything rounded to the fen.
fn regular(seed: u64, most: i64) -> Terms {
    let mut dice = Dice::new(seed);
    let (mode, rate) = (dice.pick(&[Mode::HalfUp, Mode::HalfEven]), dice.between(1, most * 100));
    let rate = Percent::parse(&format!("{}.{:02}", rate / 100, rate % 100)).unwrap();
    let periods = dice.count(2, 60);
    Terms {
        rounding: Rounding { absorb: Absorb::Last, ..Rounding::all(mode) },
        frequency: Frequency::MONTHLY,
        day_count: DayCount::Thirty360,
        periods: Some(periods),
        rate,
        ..draw::plain(&mut dice)
    }
}

fn price(terms: &Terms) -> Option<Schedule> {
    terms.clone().check().ok()?.schedule().ok()
}

/// Principal, interest and balance of each row.
fn rows(schedule: &Schedule) -> Vec<(Money, Money, Money)> {
    schedule.rows.iter().map(|row| (row.principal, row.interest, row.balance)).collect()
}

/// Steps of one fen, in the modes that there are.
fn to_the_fen(rounding: Rounding) -> Rounding {
    let fine = |round: Round| Round::FEN.to(round.mode);
    Rounding {
        interest: fine(rounding.interest),
        instalment: fine(rounding.instalment),
        ..rounding
    }
}

/// What the dates' own rate makes of one fen each period, in fen: `s = ((1 + i)^n − 1) / i`, from
/// above. A rounding error of one fen in each period has grown to so much at the end.
fn grown_fen(rate: Percent, years: f64, periods: usize) -> f64 {
    let growth = percent(rate) / 100.0 * years;
    (0..periods).fold(0.0, |sum, _| sum * (1.0 + growth) + 1.0)
}

fn percent(rate: Percent) -> f64 {
    rate.to_string().parse().unwrap()
}

fn float(amount: Money) -> f64 {
    amount.fen().to_string().parse().unwrap()
}
