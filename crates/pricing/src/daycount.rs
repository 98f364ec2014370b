//! Day counts: what part of a year an interest period is.

use kernel::Date;

use crate::calendar::{Frequency, Period};
use crate::fraction::Fraction;

/// How the part of a year is counted. `docs/pricing.md` has each with formula and source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayCount {
    /// 30/360 by periods: a month is a twelfth of a year, whatever its length; a part of a
    /// period is prorated by its real days; periods counted in days or weeks are days/360.
    Thirty360,
    /// 30E/360: each month counts 30 days, the 31st as the 30th.
    ThirtyE360,
    /// Real days / 360.
    Act360,
    /// Real days / 365, in leap years too.
    Act365,
    /// Real days / 364: weeks are 1/52 of a year.
    Act364,
    /// Real days / days of the year in which the interest is charged.
    ///
    /// The interest of a night is charged on the day that follows it, so the boundary between
    /// two years lies at 31 December: the night to 1 January belongs to the new year.
    /// Source: vectors `fin-ut-actact-newyear`, `fin-10000-12-actact`.
    ActAct,
    /// ACT/ACT as ISDA defines it: the night from 31 December belongs to the old year.
    ActActIsda,
}

impl DayCount {
    /// The part of a year that a whole period is, if it fits.
    pub fn years_of(self, period: &Period, frequency: Frequency) -> Option<Fraction> {
        self.years(period, frequency, (period.from, period.due))
    }

    /// The part of a year from one day of a period to another.
    pub(crate) fn years(
        self,
        period: &Period,
        frequency: Frequency,
        (from, to): (Date, Date),
    ) -> Option<Fraction> {
        let days = u128::try_from(from.days_until(to)).ok()?;
        match self {
            Self::Thirty360 => match frequency {
                Frequency::Months(months) => by_periods(period, months, (from, to)),
                Frequency::Days(_) | Frequency::Weeks(_) => Fraction::new(days, 360),
            },
            Self::ThirtyE360 => Fraction::new(u128::try_from(days_of_30(from, to)?).ok()?, 360),
            Self::Act360 => Fraction::new(days, 360),
            Self::Act365 => Fraction::new(days, 365),
            Self::Act364 => Fraction::new(days, 364),
            Self::ActAct => by_years(from, to, (12, 31)),
            Self::ActActIsda => by_years(from, to, (1, 1)),
        }
    }

    /// What, besides the number of its days, makes two periods the same part of a year; `None`
    /// where every period is computed for itself.
    pub(crate) fn likeness(self, period: &Period) -> Option<u16> {
        match self {
            Self::Act360 | Self::Act365 | Self::Act364 => Some(0),
            // All regular periods are alike, and so are those of one length.
            Self::Thirty360 => period.cut_from.is_empty().then_some(0),
            Self::ActAct | Self::ActActIsda => {
                let is_one_year = period.from.year() == period.due.year();
                let is_safe = is_one_year && (period.due.month(), period.due.day()) != (12, 31);
                is_safe.then(|| if period.from.is_in_leap_year() { 366 } else { 365 })
            }
            Self::ThirtyE360 => None,
        }
    }

    /// A period of so many months, each of 30 days, for level instalments that ignore the
    /// calendar.
    pub(crate) fn nominal_years(self, months: u32) -> Option<Fraction> {
        let days = u128::from(months).checked_mul(30)?;
        let basis = match self {
            Self::Thirty360 | Self::ThirtyE360 | Self::Act360 => 360,
            Self::Act365 | Self::ActAct | Self::ActActIsda => 365,
            Self::Act364 => 364,
        };
        Fraction::new(days, basis)
    }

    /// How the basis is written in an explanation: `360`, `365`, `ACT`.
    pub const fn basis(self) -> &'static str {
        match self {
            Self::Thirty360 | Self::ThirtyE360 | Self::Act360 => "360",
            Self::Act365 => "365",
            Self::Act364 => "364",
            Self::ActAct | Self::ActActIsda => "ACT",
        }
    }
}

/// Whole periods are months/12; parts are prorated by real days.
fn by_periods(period: &Period, months: u32, (from, to): (Date, Date)) -> Option<Fraction> {
    let whole = Fraction::new(months.into(), 12)?;
    if period.cut_from.is_empty() {
        if (from, to) == (period.from, period.due) {
            return Some(whole);
        }
        return part(whole, (period.from, period.due), (from, to));
    }
    period.cut_from.iter().try_fold(Fraction::ZERO, |sum, regular| {
        sum.plus(part(whole, *regular, (from.max(regular.0), to.min(regular.1)))?)
    })
}

/// The part of a regular period that lies between two days.
fn part(whole: Fraction, regular: (Date, Date), (from, to): (Date, Date)) -> Option<Fraction> {
    let days = u128::try_from(from.days_until(to).max(0)).ok()?;
    let all = u128::try_from(regular.0.days_until(regular.1)).ok()?;
    whole.times(Fraction::new(days, all)?)
}

/// Days of each year / days of that year, the years parted at a day of December or January.
fn by_years(from: Date, to: Date, (month, day): (i8, i8)) -> Option<Fraction> {
    let mut sum = Fraction::ZERO;
    let mut begin = from;
    while begin < to {
        // The last day of the part of the same year, and a day that lies in that year for sure.
        let mut year = begin.year();
        let mut end = Date::from_ymd(year, month, day)?;
        if end <= begin {
            year = year.checked_add(1)?;
            end = Date::from_ymd(year, month, day)?;
        }
        let counted = if month == 1 { year.checked_sub(1)? } else { year };
        let is_leap = Date::from_ymd(counted, 1, 1)?.is_in_leap_year();
        let end = end.min(to);
        let days = u128::try_from(begin.days_until(end)).ok()?;
        sum = sum.plus(Fraction::new(days, if is_leap { 366 } else { 365 })?)?;
        begin = end;
    }
    Some(sum)
}

/// Days between two dates when every month has 30.
fn days_of_30(from: Date, to: Date) -> Option<i32> {
    let count = |date: Date| {
        let months = i32::from(date.year()).checked_mul(12)?.checked_add(date.month().into())?;
        months.checked_mul(30)?.checked_add(i32::from(date.day()).min(30))
    };
    count(to)?.checked_sub(count(from)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(day_count: DayCount, from: &str, to: &str, want: (u128, u128)) {
        let (from, due) = (Date::parse(from).unwrap(), Date::parse(to).unwrap());
        let period = Period::regular(from, due);
        let years = day_count.years(&period, Frequency::MONTHLY, (from, due)).unwrap();
        assert_eq!(Some(years), Fraction::new(want.0, want.1), "{day_count:?} {from} {due}");
    }

    #[test]
    fn parts_of_a_year_by_hand() {
        check(DayCount::Thirty360, "2024-01-01", "2024-02-01", (1, 12));
        check(DayCount::ThirtyE360, "2024-01-31", "2024-02-29", (29, 360));
        check(DayCount::ThirtyE360, "2024-01-30", "2024-03-31", (60, 360));
        check(DayCount::Act360, "2024-01-01", "2024-02-01", (31, 360));
        check(DayCount::Act365, "2024-02-01", "2024-03-01", (29, 365));
        check(DayCount::Act364, "2024-01-01", "2024-01-15", (14, 364));
        // 12 December to 31 December is 19 days of 2023, to 12 January 12 days of 2024.
        check(DayCount::ActAct, "2023-12-12", "2024-01-12", (19 * 366 + 12 * 365, 365 * 366));
        // ISDA: 20 days of 2023, 11 of 2024.
        check(DayCount::ActActIsda, "2023-12-12", "2024-01-12", (20 * 366 + 11 * 365, 365 * 366));
        check(DayCount::ActAct, "2023-12-31", "2024-12-31", (1, 1));
        check(DayCount::ActActIsda, "2024-01-01", "2026-01-01", (2, 1));
        check(DayCount::ActAct, "2023-12-31", "2024-01-01", (1, 366));
        check(DayCount::ActActIsda, "2023-12-31", "2024-01-01", (1, 365));
    }

    #[test]
    fn odd_periods_are_prorated_within_their_months() {
        let date = |text| Date::parse(text).unwrap();
        let (from, due) = (date("2024-01-15"), date("2024-03-01"));
        let cut_from = vec![(date("2024-02-01"), due), (date("2024-01-01"), date("2024-02-01"))];
        let period = Period::cut(from, due, cut_from);
        let years = DayCount::Thirty360.years(&period, Frequency::MONTHLY, (from, due)).unwrap();
        // One month and 17 of 31 days: 48/31 of a twelfth.
        assert_eq!(Some(years), Fraction::new(48, 31 * 12));
    }
}
