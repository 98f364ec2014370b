//! A calendar of its own: days as numbers, by counting years and months.

use kernel::Date;

use crate::calendar::{Frequency, MonthEnd};

/// A day, counted from 1 January of the year 1, which is day 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(pub(super) i64);

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    pub(super) fn of(date: Date) -> Self {
        Self::ymd(date.year().into(), date.month().into(), date.day().into())
    }

    pub(super) fn ymd(year: i64, month: i64, day: i64) -> Self {
        let before = year - 1;
        let years = 365 * before + before / 4 - before / 100 + before / 400;
        let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
        Self(years + months + day)
    }

    /// Year, month, day.
    pub(super) fn parts(self) -> (i64, i64, i64) {
        // At most one too small: 146,097 days are 400 years.
        let mut year = (self.0 * 400 / 146_097).max(1);
        while Self::ymd(year + 1, 1, 1) <= self {
            year += 1;
        }
        let mut month = 1;
        while month < 12 && Self::ymd(year, month + 1, 1) <= self {
            month += 1;
        }
        (year, month, self.0 - Self::ymd(year, month, 1).0 + 1)
    }

    pub(super) fn year(self) -> i64 {
        self.parts().0
    }

    pub(super) fn date(self) -> Date {
        let (year, month, day) = self.parts();
        Date::parse(&format!("{year:04}-{month:02}-{day:02}")).unwrap()
    }

    pub(super) fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    pub(super) fn until(self, other: Self) -> i64 {
        other.0 - self.0
    }

    /// So many months later, or earlier; a day that the month does not have becomes its last one
    /// or the first of the next.
    pub(super) fn plus_months(self, months: i64, month_end: MonthEnd) -> Self {
        let (year, month, day) = self.parts();
        let months = year * 12 + (month - 1) + months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let longest = days_in(year, month);
        match month_end {
            MonthEnd::Roll if day > longest => Self::ymd(year, month, longest).plus(1),
            MonthEnd::Roll | MonthEnd::Clamp => Self::ymd(year, month, day.min(longest)),
        }
    }

    /// So many periods later, or earlier.
    pub(super) fn plus_periods(self, count: i64, often: Frequency, month_end: MonthEnd) -> Self {
        match often {
            Frequency::Days(days) => self.plus(count * i64::from(days)),
            Frequency::Weeks(weeks) => self.plus(count * i64::from(weeks) * 7),
            Frequency::Months(months) => self.plus_months(count * i64::from(months), month_end),
        }
    }
}

#[test]
fn the_calendar_agrees_with_the_usual_one() {
    let mut date = Date::from_ymd(1899, 12, 28).unwrap();
    let first = Day::of(date);
    for count in 0..112_000 {
        assert_eq!(first.plus(count), Day::of(date));
        if count % 37 == 0 {
            assert_eq!(first.plus(count).date(), date);
        }
        date = date.plus_days(1).unwrap();
    }
}
