//! What being late costs: charged for each overdue instalment, up to a day.
//!
//! An instalment has one clock for all that is due of it on one day; a fee with a day of its own
//! has its own. The penalty of a clock is rounded once, however many payments it is charged at.

use std::collections::BTreeMap;

use kernel::{Date, Money};

use super::book::{Book, Item, Origin};
use super::rules::{GraceCount, Part, Penalty, PenaltyBase, PenaltyTime};
use crate::fraction::{Fraction, round_ratio};
use crate::percent::Percent;
use crate::rounding::{Mode, Round};
use crate::terms::CheckedTerms;

/// So many days of compounding are counted for one loan, all clocks together: the longest
/// schedule, each row four years late. More is no penalty that anybody would charge.
const MOST_COMPOUNDED_DAYS: u32 = 5_000_000;
/// Days of the year by which the legal line is counted.
const LINE_DAYS: u128 = 365;
/// Units of a percentage in one whole.
const UNITS: u128 = 10_000_000_000;

/// What a penalty is computed from, besides the items.
pub(crate) struct Basis<'a> {
    pub(crate) checked: &'a CheckedTerms,
    pub(crate) penalty: &'a Penalty,
    /// Its rate.
    pub(crate) rate: Fraction,
    /// Whether overdue principal goes on bearing interest.
    pub(crate) interest_runs: bool,
    /// All principal outstanding before the day, due or not.
    pub(crate) outstanding: i64,
}

/// What has been charged so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Charged {
    clocks: BTreeMap<(Date, usize), Clock>,
    /// Up to which day the whole principal has been charged for.
    whole_until: Option<Date>,
    total: i64,
    compounded_days: u32,
    /// The last percentage that was taken apart: mostly there is only one.
    known: Option<(Percent, u128)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    until: Option<Date>,
    charged: i64,
    /// Base x days so far.
    fen_days: u128,
    /// The room below the legal line so far: principal x rate x days.
    room: u128,
    /// The item that carries the penalty.
    item: Option<usize>,
}

/// What is overdue by one clock.
#[derive(Clone, Copy, Debug, Default)]
struct Late {
    base: i64,
    principal: i64,
    counts: bool,
}

impl Clock {
    /// The most that the legal line lets be charged, so many days later.
    fn most(&mut self, line: u128, days: u32, basis: &Basis<'_>) -> Option<i64> {
        self.room = self.room.checked_add(line.checked_mul(days.into())?)?;
        let round = round_of(basis).to(Mode::Down);
        round_ratio(self.room, UNITS.checked_mul(LINE_DAYS)?, round)
    }
}

impl Charged {
    /// Charges what is overdue up to a day. To be called before anything is paid on that day.
    pub(crate) fn up_to(&mut self, day: Date, book: &mut Book, basis: &Basis<'_>) -> Option<()> {
        let penalty = basis.penalty;
        let is_one_clock =
            penalty.base == PenaltyBase::Outstanding && penalty.time == PenaltyTime::Daily;
        for ((due, row), late) in late_items(book, basis, day, is_one_clock) {
            if day <= due.plus_days(penalty.grace_days)? {
                continue;
            }
            let mut clock = self.clocks.get(&(due, row)).copied().unwrap_or_default();
            let total = match penalty.time {
                PenaltyTime::Once if clock.until.is_some() => clock.charged,
                PenaltyTime::Once => basis.rate.of(late.base, round_of(basis))?,
                PenaltyTime::Daily => {
                    let floor = self.whole_until.filter(|_| is_one_clock);
                    self.count(&mut clock, (due, day, floor), late, basis)?
                }
            };
            clock.until = Some(day);
            let amount = self.capped(penalty, total.checked_sub(clock.charged)?);
            self.total = self.total.checked_add(amount)?;
            clock.charged = clock.charged.checked_add(amount)?;
            if let Some(place) = clock.item {
                book.increase(place, amount);
            } else {
                let (part, paid, origin) = (Part::Penalty, 0, Origin::Plain);
                clock.item = book.enter(Item { row, part, due, amount, paid, origin });
            }
            self.clocks.insert((due, row), clock);
            if is_one_clock {
                self.whole_until = Some(day);
            }
        }
        Some(())
    }

    /// Counts the days since a clock was last looked at; gives its whole penalty so far.
    fn count(
        &mut self,
        clock: &mut Clock,
        (due, day, floor): (Date, Date, Option<Date>),
        late: Late,
        basis: &Basis<'_>,
    ) -> Option<i64> {
        let penalty = basis.penalty;
        let first = match penalty.grace_count {
            GraceCount::FromDue => due,
            GraceCount::FromGraceEnd => due.plus_days(penalty.grace_days)?,
        };
        let last = match penalty.cap_days {
            Some(days) => first.plus_days(days)?.min(day),
            None => day,
        };
        let begun = clock.until.unwrap_or(first).max(first);
        let begun = floor.map_or(begun, |floor| begun.max(floor));
        let days = u32::try_from(begun.days_until(last).max(0)).ok()?;
        let line = match penalty.cap_rate {
            Some(line) => {
                let units = self.units(line.above(running_rate(basis, begun, last)))?;
                Some(u128::try_from(late.principal).ok()?.checked_mul(units)?)
            }
            None => None,
        };
        if penalty.compounds {
            return self.compound(clock, late.base, (days, line), basis);
        }
        let base = u128::try_from(late.base).ok()?;
        clock.fen_days = clock.fen_days.checked_add(base.checked_mul(days.into())?)?;
        let rate = basis.rate;
        let whole = clock.fen_days.checked_mul(rate.num())?;
        let whole = round_ratio(whole, rate.den(), round_of(basis))?;
        match line {
            Some(line) => Some(whole.min(clock.most(line, days, basis)?)),
            None => Some(whole),
        }
    }

    /// A percentage in whole units, so that rooms at different rates can be added.
    fn units(&mut self, percent: Percent) -> Option<u128> {
        if let Some((_, units)) = self.known.filter(|(known, _)| *known == percent) {
            return Some(units);
        }
        let fraction = percent.fraction();
        let units = UNITS.checked_div(fraction.den())?.checked_mul(fraction.num())?;
        self.known = Some((percent, units));
        Some(units)
    }

    /// What a base grows by, day by day, and each day within the caps.
    fn compound(
        &mut self,
        clock: &mut Clock,
        base: i64,
        (days, line): (u32, Option<u128>),
        basis: &Basis<'_>,
    ) -> Option<i64> {
        let (rate, round) = (basis.rate, round_of(basis));
        let room = basis.penalty.cap_amount.map_or(i64::MAX, Money::fen);
        let most = room.saturating_sub(self.total).saturating_add(clock.charged);
        let (mut grown, mut total) = (base, clock.charged);
        for _ in 0..days {
            let whole = total.checked_add(rate.of(grown, round)?)?.min(most);
            let whole = match line {
                Some(line) => whole.min(clock.most(line, 1, basis)?),
                None => whole,
            };
            let more = whole.checked_sub(total)?.max(0);
            // Where no day changes anything, no later day does.
            if more == 0 && line.is_none() {
                break;
            }
            (grown, total) = (grown.checked_add(more)?, total.checked_add(more)?);
            Money::from_fen(grown)?;
            self.compounded_days = self.compounded_days.checked_add(1)?;
            if self.compounded_days > MOST_COMPOUNDED_DAYS {
                return None;
            }
        }
        Some(total)
    }

    fn capped(&self, penalty: &Penalty, amount: i64) -> i64 {
        let amount = amount.max(0);
        let room = penalty.cap_amount.map(|cap| cap.fen().saturating_sub(self.total).max(0));
        room.map_or(amount, |room| amount.min(room))
    }
}

fn round_of(basis: &Basis<'_>) -> Round {
    basis.checked.terms.rounding.interest
}

/// The highest yearly rate that the principal bears between two days while it is late.
fn running_rate(basis: &Basis<'_>, from: Date, to: Date) -> Percent {
    if !basis.interest_runs && basis.penalty.base != PenaltyBase::Outstanding {
        return Percent::ZERO;
    }
    let before = basis.checked.changes.iter().rfind(|(day, _)| *day <= from);
    let begin = before.map_or(basis.checked.terms.rate, |(_, rate)| *rate);
    let inside = basis.checked.changes.iter().filter(|(day, _)| from < *day && *day < to);
    inside.fold(begin, |most, (_, rate)| most.max(*rate))
}

/// What is overdue on a day by each clock, the oldest first, and what its penalty is charged on.
fn late_items(
    book: &Book,
    basis: &Basis<'_>,
    day: Date,
    is_one_clock: bool,
) -> Vec<((Date, usize), Late)> {
    let base = basis.penalty.base;
    let counts = |part: Part| match (base, part) {
        (_, Part::Penalty) => basis.penalty.compounds,
        (PenaltyBase::OverduePrincipal, Part::Interest | Part::Fee)
        | (PenaltyBase::OverduePrincipalAndInterest, Part::Fee) => false,
        (_, Part::Principal | Part::Interest | Part::Fee) => true,
    };
    let mut late: Vec<((Date, usize), Late)> = Vec::new();
    for item in book.items() {
        let is_overdue = item.due < day && item.unpaid() > 0 && item.origin != Origin::AfterEnd;
        if is_overdue && counts(item.part) {
            let is_base = base != PenaltyBase::Outstanding || item.part == Part::Penalty;
            let is_principal = item.part == Part::Principal;
            let own = Late {
                base: if is_base { item.unpaid() } else { 0 },
                principal: if is_principal { item.unpaid() } else { 0 },
                counts: base != PenaltyBase::Outstanding || item.part != Part::Penalty,
            };
            late.push(((item.due, item.row), own));
        }
    }
    // Nearly in order already, which the stable sort makes use of.
    late.sort_by_key(|(clock, _)| *clock);
    late.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1.base = kept.1.base.saturating_add(next.1.base);
            kept.1.principal = kept.1.principal.saturating_add(next.1.principal);
            kept.1.counts |= next.1.counts;
        }
        is_same
    });
    late.retain(|(_, late)| late.counts);
    if base == PenaltyBase::Outstanding {
        // One clock at a time for the whole loan: that of what is overdue for longest.
        late.truncate(if is_one_clock { 1 } else { usize::MAX });
        for (_, late) in &mut late {
            late.base = late.base.saturating_add(basis.outstanding);
            late.principal = basis.outstanding;
        }
    }
    late
}
