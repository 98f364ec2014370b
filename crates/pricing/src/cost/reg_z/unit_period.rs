//! Unit periods from dates: Appendix J (b)(3) to (b)(5).

use std::collections::BTreeMap;

use kernel::{Change, Date};

use super::At;
use crate::cost::calendar::{Day, months_back};
use crate::cost::{CostProblem, MAX_FLOWS, YearFraction};

/// The interval of time to which the periodic rate belongs, at most a year long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitPeriod {
    /// So many days; 365 days a year.
    Days(u32),
    /// So many weeks; 52 weeks a year.
    Weeks(u32),
    /// Half a month, 24 a year.
    Semimonth,
    /// So many months, 1 to 11; 12 months a year.
    Months(u32),
    /// A year.
    Year,
}

impl UnitPeriod {
    /// The length as a fraction of a year; the unit periods in a year are its reciprocal.
    pub const fn length(self) -> YearFraction {
        match self {
            Self::Days(days) => YearFraction::days(days),
            Self::Weeks(weeks) => YearFraction::weeks(weeks),
            Self::Semimonth => YearFraction::months(1).halved(),
            Self::Months(months) => YearFraction::months(months),
            Self::Year => YearFraction::years(1),
        }
    }

    /// From a number of days: weeks where they are whole.
    const fn of_days(days: u32) -> Self {
        match days {
            365.. => Self::Year,
            _ if days.is_multiple_of(7) && days > 0 => Self::Weeks(days.div_euclid(7)),
            0 => Self::Days(1),
            _ => Self::Days(days),
        }
    }

    const fn of_months(months: u32) -> Self {
        if months >= 12 { Self::Year } else { Self::Months(months) }
    }

    /// Days, for comparing lengths only.
    const fn about_days(self) -> u32 {
        match self {
            Self::Days(days) => days,
            Self::Weeks(weeks) => weeks.saturating_mul(7),
            Self::Semimonth => 15,
            Self::Months(months) => months.saturating_mul(30),
            Self::Year => 365,
        }
    }

    /// Whole unit periods and the odd part of one between two dates: (b)(5).
    fn place(self, from: Date, to: Date, anchor: i32) -> Option<At> {
        let days = Day::of(from).days_until(Day::of(to));
        let (months, rest) = months_back(from, to, anchor);
        let by_thirty = months.saturating_mul(30).saturating_add(rest);
        match self {
            Self::Days(unit) => At::new(0, days, unit),
            Self::Weeks(unit) => At::new(0, days, unit.saturating_mul(7)),
            Self::Semimonth => At::new(0, by_thirty, 15),
            Self::Months(1) => At::new(months, rest, 30),
            Self::Months(unit) => At::new(0, by_thirty, unit.saturating_mul(30)),
            Self::Year => {
                let (years, over) = (months.div_euclid(12), months.rem_euclid(12));
                if rest == 0 {
                    return At::new(years, over, 12);
                }
                let back =
                    i16::try_from(years).ok().and_then(|years| to.year().checked_sub(years))?;
                let same_day = Date::from_ymd(back, to.month(), to.day());
                let then = same_day.or_else(|| Date::from_ymd(back, to.month(), 28))?;
                let odd = Day::of(from).days_until(Day::of(then));
                At::new(years, odd, 365)
            }
        }
    }
}

/// The unit period of dated flows, and each flow in its place.
pub(super) fn placed(
    flows: &[(Date, Change)],
) -> Result<(UnitPeriod, Vec<(At, Change)>), CostProblem> {
    if flows.len() > MAX_FLOWS {
        return Err(CostProblem::TooManyFlows);
    }
    let mut flows = flows.to_vec();
    flows.sort_by_key(|(date, _)| *date);
    let mut net: Vec<(Date, i64)> = Vec::with_capacity(flows.len());
    for (date, amount) in flows {
        match net.last_mut() {
            Some((last, sum)) if *last == date => *sum = sum.saturating_add(amount.fen()),
            _ => net.push((date, amount.fen())),
        }
    }
    net.retain(|(_, fen)| *fen != 0);
    let start = net.first().ok_or(CostProblem::NotEnoughFlows)?.0;
    let dates = Dates::new(&net);
    let unit = dates.unit_period(start).ok_or(CostProblem::NotEnoughFlows)?;
    let place = |(date, fen): &(Date, i64)| {
        let at = unit.place(start, *date, dates.anchor).ok_or(CostProblem::BadArgument)?;
        let amount = Change::from_fen(*fen).ok_or(CostProblem::BadArgument)?;
        Ok((at, amount))
    };
    let placed = net.iter().map(place).collect::<Result<_, CostProblem>>()?;
    Ok((unit, placed))
}

/// The dates on which money goes each way.
struct Dates {
    advances: Vec<Date>,
    payments: Vec<Date>,
    /// The day of the month of the series, for months that are too short for it.
    anchor: i32,
}

impl Dates {
    fn new(net: &[(Date, i64)]) -> Self {
        let side = |received: bool| {
            let one = net.iter().filter(|(_, fen)| (*fen > 0) == received);
            one.map(|(date, _)| *date).collect::<Vec<_>>()
        };
        // Money that goes the first way is an advance, so that a lender may ask as well.
        let first_received = net.first().is_none_or(|(_, fen)| *fen > 0);
        let (advances, payments) = (side(first_received), side(!first_received));
        let anchor = payments.iter().map(|date| i32::from(date.day())).max().unwrap_or(31);
        Self { advances, payments, anchor }
    }

    fn unit_period(&self, start: Date) -> Option<UnitPeriod> {
        if let ([advance], [payment]) = (self.advances.as_slice(), self.payments.as_slice()) {
            return self.single(*advance, *payment);
        }
        let mut votes: BTreeMap<Common, u32> = BTreeMap::new();
        let mut periods = Vec::new();
        for side in [&self.advances, &self.payments] {
            let before = std::iter::once(&start).filter(|start| side.first() != Some(start));
            let dates: Vec<_> = before.chain(side.iter()).copied().collect();
            for (from, to) in dates.iter().zip(dates.iter().skip(1)) {
                let days = Day::of(*from).days_until(Day::of(*to));
                periods.push(u64::from(days));
                for common in self.commons(*from, *to, days) {
                    let count = votes.entry(common).or_insert(0);
                    *count = count.saturating_add(1);
                }
            }
            let halves = self.half_months(side);
            let count = votes.entry(Common::semimonth()).or_insert(0);
            *count = count.saturating_add(halves);
        }
        // The most votes; among equals the first, which is the shortest.
        let most = votes.values().copied().max().filter(|most| *most > 1);
        let common = most.and_then(|most| votes.iter().find(|(_, count)| **count == most));
        common.map_or_else(|| average(&periods), |(common, _)| Some(common.unit()))
    }

    /// The term itself if it is at most a year: (b)(4)(ii), (b)(5)(vi).
    fn single(&self, advance: Date, payment: Date) -> Option<UnitPeriod> {
        let (months, rest) = months_back(advance, payment, self.anchor);
        match (months, rest) {
            (0, 0) => None,
            (12.., _) => Some(UnitPeriod::Year),
            (months, 0) => Some(UnitPeriod::Months(months)),
            _ => {
                let days = Day::of(advance).days_until(Day::of(payment));
                Some(UnitPeriod::Days(days))
            }
        }
    }

    /// What an interval counts as: a number of days and, where it is whole, of months.
    fn commons(&self, from: Date, to: Date, days: u32) -> impl Iterator<Item = Common> {
        let by_months = match months_back(from, to, self.anchor) {
            (months @ 1..=12, 0) => Some(Common::months(months)),
            _ => None,
        };
        let by_days = (days < 366).then(|| Common::days(days));
        by_months.into_iter().chain(by_days)
    }

    /// How many intervals are one of two that make a month together.
    fn half_months(&self, dates: &[Date]) -> u32 {
        let pairs = dates.iter().zip(dates.iter().skip(1)).zip(dates.iter().skip(2));
        let halves = pairs.filter(|((one, two), three)| {
            let first = Day::of(**one).days_until(Day::of(**two));
            (13..=17).contains(&first) && months_back(**one, **three, self.anchor) == (1, 0)
        });
        // Two intervals make one pair, three make two.
        match u32::try_from(halves.count()) {
            Ok(0) | Err(_) => 0,
            Ok(pairs) => pairs.saturating_add(1),
        }
    }
}

/// A period that may occur more than once, ordered so that the shortest comes first and months
/// before the days that a month may have: days of 28 to 31 stand for the month they are in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Common {
    rank: u32,
    by_days: bool,
    length: u32,
}

impl Common {
    fn days(days: u32) -> Self {
        // 28 to 31 days rank with one month, 56 to 62 with two, and so on, but after them.
        let months = (1..=12_u32)
            .find(|months| (months.saturating_mul(28)..=months.saturating_mul(31)).contains(&days));
        let rank = months.map_or(days, |months| months.saturating_mul(28));
        Self { rank, by_days: true, length: days }
    }

    const fn months(months: u32) -> Self {
        Self { rank: months.saturating_mul(28), by_days: false, length: months }
    }

    /// Half a month, told by the length zero.
    const fn semimonth() -> Self {
        Self { rank: 15, by_days: false, length: 0 }
    }

    const fn unit(self) -> UnitPeriod {
        match (self.by_days, self.length) {
            (true, days) => UnitPeriod::of_days(days),
            (false, 0) => UnitPeriod::Semimonth,
            (false, months) => UnitPeriod::of_months(months),
        }
    }
}

/// No period occurs twice: the average of all, to the nearest standard interval, the lower of
/// two that are equally near; (b)(4)(i)(B). Months count 30 days here, as in (b)(5).
fn average(periods: &[u64]) -> Option<UnitPeriod> {
    let count = u64::try_from(periods.len()).ok().filter(|count| *count > 0)?;
    let total: u64 = periods.iter().fold(0, |sum, days| sum.saturating_add(*days));
    let weeks = (1..=52).map(UnitPeriod::Weeks);
    let months = (1..=11).map(UnitPeriod::Months);
    let rest = [UnitPeriod::Days(1), UnitPeriod::Semimonth, UnitPeriod::Year];
    let standard = months.chain(weeks).chain(rest);
    // |total / count − days| compared without a division.
    let far =
        |unit: &UnitPeriod| total.abs_diff(u64::from(unit.about_days()).saturating_mul(count));
    standard.min_by_key(|unit| (far(unit), unit.about_days()))
}
