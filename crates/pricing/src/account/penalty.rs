//! What being late costs: charged for each overdue instalment, up to a day.
//!
//! An instalment has one clock for all that is due of it on one day; a fee with a day of its own
//! has its own. The penalty of a clock is rounded once, however many payments it is charged at.

use std::collections::BTreeMap;

use kernel::{Date, Money};

use super::book::{Book, Item, Origin};
use super::line::{self, Room};
use super::rules::{GraceCount, Part, Penalty, PenaltyBase, PenaltyTime};
use crate::fraction::{Fraction, round_ratio};
use crate::rounding::Round;
use crate::terms::CheckedTerms;

/// So many days of compounding are counted for one loan, all clocks together: the longest
/// schedule, each row four years late. More is no penalty that anybody would charge.
const MOST_COMPOUNDED_DAYS: u32 = 5_000_000;

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
    /// All clocks together, and what was told by its day.
    total: i64,
    /// Penalties that were told for days that have not come yet, the next one last.
    told: Vec<(Date, i64)>,
    compounded_days: u32,
    /// The days that were last looked at, and what one fen grows by in them: mostly all clocks
    /// have the same.
    known: Option<((Date, Date), Fraction)>,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    until: Option<Date>,
    charged: i64,
    /// Base x days so far.
    fen_days: u128,
    /// The room below the legal line so far.
    room: Room,
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
    const NEW: Self = Self { until: None, charged: 0, fen_days: 0, room: Room::EMPTY, item: None };
}

impl Charged {
    /// Takes note of penalties that were told, in the order of their days: from its day on, each
    /// leaves less room below the cap of the amount.
    pub(crate) fn tell(&mut self, told: impl DoubleEndedIterator<Item = (Date, i64)>) {
        self.told.extend(told.rev());
    }

    /// Days of penalties that were told, after which the room is another.
    pub(crate) fn told_days(&self) -> impl Iterator<Item = Date> {
        self.told.iter().map(|(day, _)| *day)
    }

    /// Charges what is overdue up to a day. To be called before anything is paid on that day.
    pub(crate) fn up_to(&mut self, day: Date, book: &mut Book, basis: &Basis<'_>) -> Option<()> {
        let penalty = basis.penalty;
        while let Some((_, amount)) = self.told.pop_if(|(told, _)| *told <= day) {
            self.total = self.total.checked_add(amount)?;
        }
        let is_one_clock =
            penalty.base == PenaltyBase::Outstanding && penalty.time == PenaltyTime::Daily;
        for ((due, row), late) in late_items(book, basis, day, is_one_clock) {
            if day <= due.plus_days(penalty.grace_days)? {
                continue;
            }
            let mut clock = self.clocks.get(&(due, row)).copied().unwrap_or(Clock::NEW);
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
        let most = match penalty.cap_rate {
            Some(line) => {
                let growth = self.running(basis, begun, last)?;
                clock.room.add(late.principal, days, growth)?;
                clock.room.below(line, round_of(basis))?
            }
            None => i64::MAX,
        };
        if penalty.compounds {
            return self.compound(clock, late.base, (days, most), basis);
        }
        let base = u128::try_from(late.base).ok()?;
        clock.fen_days = clock.fen_days.checked_add(base.checked_mul(days.into())?)?;
        let rate = basis.rate;
        let whole = clock.fen_days.checked_mul(rate.num())?;
        Some(round_ratio(whole, rate.den(), round_of(basis))?.min(most))
    }

    /// What one fen of the principal grows by between two days while it is late.
    fn running(&mut self, basis: &Basis<'_>, from: Date, to: Date) -> Option<Fraction> {
        if !basis.interest_runs && basis.penalty.base != PenaltyBase::Outstanding {
            return Some(Fraction::ZERO);
        }
        if let Some((_, growth)) = self.known.filter(|(days, _)| *days == (from, to)) {
            return Some(growth);
        }
        let growth = line::running(basis.checked, from, to)?;
        self.known = Some(((from, to), growth));
        Some(growth)
    }

    /// What a base grows by, day by day, up to the caps.
    fn compound(
        &mut self,
        clock: &Clock,
        base: i64,
        (days, most): (u32, i64),
        basis: &Basis<'_>,
    ) -> Option<i64> {
        let (rate, round) = (basis.rate, round_of(basis));
        let room = basis.penalty.cap_amount.map_or(i64::MAX, Money::fen);
        let most = room.saturating_sub(self.total).saturating_add(clock.charged).min(most);
        let (mut grown, mut total) = (base, clock.charged);
        for _ in 0..days {
            let whole = total.checked_add(rate.of(grown, round)?)?.min(most);
            let more = whole.checked_sub(total)?.max(0);
            // Where no day changes anything, no later day does.
            if more == 0 {
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
