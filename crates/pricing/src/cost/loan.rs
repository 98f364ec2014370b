//! The annual rates of a whole loan: which convention its flows are counted by, and what comes out.

use kernel::{Change, Date, Money};

use super::china::{IrrRates, SimpleRate, irr_rates_by_days, irr_rates_by_years, simple_rate};
use super::{CostProblem, PeriodRate, YearFraction, period_rate};
use crate::calendar::Frequency;
use crate::schedule::Schedule;
use crate::terms::CheckedTerms;

/// How the time between the flows of a loan was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedBy {
    /// By equal periods: a month is a twelfth of a year.
    Periods,
    /// By days over 365.
    Days,
}

impl CountedBy {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Periods => "periods",
            Self::Days => "days",
        }
    }
}

/// The internal rate of return of a loan.
#[derive(Clone, Debug, PartialEq)]
pub struct LoanRates {
    /// How time was counted.
    pub by: CountedBy,
    /// The rate of a period, where all flows stand between equal periods.
    pub period: Option<PeriodRate>,
    /// The rates of a year, or why there are none. The nominal one is what legal lines are for.
    pub yearly: Result<IrrRates, CostProblem>,
}

/// The internal rate of return of a loan with this schedule and its flows, by equal periods where
/// they are equal parts of a year, by days otherwise.
pub fn rates(checked: &CheckedTerms, schedule: &Schedule, flows: &[(Date, Change)]) -> LoanRates {
    let length = length(checked.terms().frequency);
    if let Some((flows, per_year)) = by_periods(checked, schedule, flows) {
        let rate = period_rate(&flows);
        let yearly = rate.clone().and_then(|rate| {
            Ok(IrrRates { effective: rate.effective(per_year)?, nominal: rate.nominal(per_year) })
        });
        LoanRates { by: CountedBy::Periods, period: rate.ok(), yearly }
    } else if let Some(flows) = within_periods(checked, schedule, flows) {
        let yearly = irr_rates_by_years(&flows, length);
        LoanRates { by: CountedBy::Periods, period: None, yearly }
    } else {
        LoanRates { by: CountedBy::Days, period: None, yearly: irr_rates_by_days(flows, length) }
    }
}

/// The length of a period as a part of a year.
const fn length(frequency: Frequency) -> YearFraction {
    match frequency {
        Frequency::Days(days) => YearFraction::days(days),
        Frequency::Weeks(weeks) => YearFraction::weeks(weeks),
        Frequency::Months(months) => YearFraction::months(months),
    }
}

/// How many periods make a year, and the ends of all of them, where they are equal parts of one.
fn grid(checked: &CheckedTerms, schedule: &Schedule) -> Option<(u32, Vec<Date>)> {
    let terms = checked.terms();
    let (num, den) = match terms.frequency {
        Frequency::Months(_) | Frequency::Weeks(_) => terms.frequency.per_year(),
        Frequency::Days(_) => return None,
    };
    let is_whole = num.checked_rem(den)? == 0 && terms.first_due.is_none();
    let dues = schedule.rows.iter().map(|row| row.due).filter(|due| *due > terms.start);
    let ends = std::iter::once(terms.start).chain(dues).collect();
    is_whole.then_some((num.checked_div(den)?, ends))
}

/// Flows by the number of their period, where they all fall between equal periods, and how many
/// of these make a year.
fn by_periods(
    checked: &CheckedTerms,
    schedule: &Schedule,
    flows: &[(Date, Change)],
) -> Option<(Vec<(u32, Change)>, u32)> {
    let (per_year, ends) = grid(checked, schedule)?;
    let placed = flows.iter().map(|(date, change)| {
        let place = ends.binary_search(date).ok()?;
        Some((u32::try_from(place).ok()?, *change))
    });
    Some((placed.collect::<Option<_>>()?, per_year))
}

/// Flows by parts of a year, where some fall inside equal periods: a day inside is that part of
/// its period, so that a fee on such a day does not change how all others are counted.
fn within_periods(
    checked: &CheckedTerms,
    schedule: &Schedule,
    flows: &[(Date, Change)],
) -> Option<Vec<(YearFraction, Change)>> {
    let (per_year, ends) = grid(checked, schedule)?;
    let placed = flows.iter().map(|(date, change)| {
        let place = ends.partition_point(|end| end <= date).checked_sub(1)?;
        let (begin, end) = (*ends.get(place)?, ends.get(place.checked_add(1)?));
        let (part, of) = match end {
            Some(end) => (begin.days_until(*date), begin.days_until(*end)),
            None => (0, 1),
        };
        let (part, of) = (u32::try_from(part).ok()?, u32::try_from(of).ok()?);
        let parts = u32::try_from(place).ok()?.checked_mul(of)?.checked_add(part)?;
        Some((YearFraction::new(parts, of.checked_mul(per_year)?)?, *change))
    });
    placed.collect()
}

/// The simple method (单利): all interest and fees over the principal that was really received, for the
/// days for which it was outstanding. A fee that is kept back lowers every balance in proportion.
pub fn simple(checked: &CheckedTerms, schedule: &Schedule) -> Result<SimpleRate, CostProblem> {
    let too_many = || CostProblem::BadArgument;
    let received = schedule.received.iter().map(|(_, amount)| *amount);
    let received = received.into_iter().try_fold(Money::ZERO, Money::plus).ok_or_else(too_many)?;
    let owed = checked.principal();
    let cost = schedule.interest.plus(schedule.fee_total).ok_or_else(too_many)?;
    let mut days: Vec<(Date, i64)> =
        checked.terms().advances.iter().map(|(date, amount)| (*date, amount.fen())).collect();
    days.extend(schedule.rows.iter().map(|row| (row.due, row.principal.debit().fen())));
    days.sort_by_key(|(date, _)| *date);
    let mut occupied = Vec::with_capacity(days.len());
    let (mut balance, mut since) = (0_i64, checked.terms().start);
    for (date, change) in days {
        let used = u32::try_from(since.days_until(date)).unwrap_or_default();
        let real = Money::from_fen(balance).and_then(|b| b.share(received.fen(), owed.fen()));
        occupied.push((real.ok_or_else(too_many)?, used));
        balance = balance.saturating_add(change);
        since = date;
    }
    simple_rate(cost, &occupied)
}
