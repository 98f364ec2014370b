//! The days of a schedule: how often, from when, and what a missing day of a month becomes.

use kernel::Date;

/// The most rows of a schedule: ten years of days.
pub const MAX_PERIODS: u32 = 3650;

/// How often is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Every so many days.
    Days(u32),
    /// Every so many weeks.
    Weeks(u32),
    /// Every so many months.
    Months(u32),
}

impl Frequency {
    /// Once a month.
    pub const MONTHLY: Self = Self::Months(1);

    /// How many periods make a year, as a fraction: 12, 52, 26, 365/15.
    pub const fn per_year(self) -> (u32, u32) {
        match self {
            Self::Days(days) => (365, days),
            Self::Weeks(weeks) => (52, weeks),
            Self::Months(months) => (12, months),
        }
    }

    /// The frequency of one payment after so many periods.
    pub(crate) fn times(self, periods: u32) -> Option<Self> {
        Some(match self {
            Self::Days(days) => Self::Days(days.checked_mul(periods)?),
            Self::Weeks(weeks) => Self::Weeks(weeks.checked_mul(periods)?),
            Self::Months(months) => Self::Months(months.checked_mul(periods)?),
        })
    }

    /// The count, whatever the unit.
    pub(crate) const fn count(self) -> u32 {
        match self {
            Self::Days(count) | Self::Weeks(count) | Self::Months(count) => count,
        }
    }
}

/// What stands in for a day that a month does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MonthEnd {
    /// The last day of that month: 31 January + 1 month = 28 February.
    #[default]
    Clamp,
    /// The first day of the next month: 31 January + 1 month = 1 March.
    Roll,
}

/// The days between two due dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day on which this period's interest begins to run.
    pub from: Date,
    /// The due date.
    pub due: Date,
    /// Where the first period is longer or shorter than the rest: the regular periods that it
    /// is cut from, latest first.
    pub(crate) cut_from: Vec<(Date, Date)>,
    days: i32,
}

impl Period {
    /// A period like all others.
    pub fn regular(from: Date, due: Date) -> Self {
        Self::cut(from, due, Vec::new())
    }

    pub(crate) fn cut(from: Date, due: Date, cut_from: Vec<(Date, Date)>) -> Self {
        Self { from, due, cut_from, days: from.days_until(due) }
    }

    /// How many days it has.
    pub const fn days(&self) -> i32 {
        self.days
    }
}

/// Which dates a schedule has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rhythm {
    pub(crate) start: Date,
    pub(crate) first_due: Option<Date>,
    pub(crate) frequency: Frequency,
    pub(crate) month_end: MonthEnd,
}

impl Rhythm {
    /// The period with this number, from 1, that follows after `from`. `None` past the calendar.
    pub(crate) fn period(&self, number: u32, from: Date) -> Option<Period> {
        let due = self.due(number)?;
        let cut_from = match self.first_due {
            Some(first) if number == 1 && self.is_stub(first) => self.cut_from(first)?,
            _ => Vec::new(),
        };
        Some(Period::cut(from, due, cut_from))
    }

    /// The due date with this number, from 1, computed from the first date, never from the last.
    fn due(&self, number: u32) -> Option<Date> {
        match self.first_due.filter(|first| self.is_stub(*first)) {
            Some(first) => self.after(first, number.checked_sub(1)?),
            None => self.after(self.start, number),
        }
    }

    fn is_stub(&self, first: Date) -> bool {
        self.after(self.start, 1) != Some(first)
    }

    /// So many periods after a day.
    fn after(&self, day: Date, periods: u32) -> Option<Date> {
        match self.frequency.times(periods)? {
            Frequency::Days(days) => day.plus_days(days),
            Frequency::Weeks(weeks) => day.plus_days(weeks.checked_mul(7)?),
            Frequency::Months(months) => self.stand_in(day.plus_months(months)?, day),
        }
    }

    /// What stands in for a day of which the end of a month, or the day itself, was found.
    fn stand_in(&self, found: Date, day: Date) -> Option<Date> {
        match self.month_end {
            MonthEnd::Roll if found.day() != day.day() => found.plus_days(1),
            MonthEnd::Roll | MonthEnd::Clamp => Some(found),
        }
    }

    /// The regular periods before the first due date, back to the start.
    fn cut_from(&self, first: Date) -> Option<Vec<(Date, Date)>> {
        let mut whole = Vec::new();
        let mut end = first;
        for back in 1..=MAX_PERIODS {
            let begin = match self.frequency.times(back)? {
                Frequency::Days(days) => first.minus_days(days)?,
                Frequency::Weeks(weeks) => first.minus_days(weeks.checked_mul(7)?)?,
                Frequency::Months(months) => self.stand_in(first.minus_months(months)?, first)?,
            };
            whole.push((begin, end));
            if begin <= self.start {
                return Some(whole);
            }
            end = begin;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[track_caller]
    fn check(start: &str, first: &str, frequency: Frequency, month_end: MonthEnd, want: &str) {
        let first_due = (!first.is_empty()).then(|| date(first));
        let rhythm = Rhythm { start: date(start), first_due, frequency, month_end };
        let due: Vec<_> = (1..=4).map(|n| rhythm.due(n).unwrap().to_string()).collect();
        assert_eq!(due.join(" "), want);
    }

    #[test]
    fn due_dates_follow_the_first_date() {
        use Frequency::{Days, Weeks};
        const MONTHLY: Frequency = Frequency::MONTHLY;
        use MonthEnd::{Clamp, Roll};
        //    start         first due     often     month end  due dates, from a calendar
        check("2024-01-31", "", MONTHLY, Clamp, "2024-02-29 2024-03-31 2024-04-30 2024-05-31");
        check("2024-01-31", "", MONTHLY, Roll, "2024-03-01 2024-03-31 2024-05-01 2024-05-31");
        check(
            "2024-01-15",
            "2024-02-01",
            MONTHLY,
            Clamp,
            "2024-02-01 2024-03-01 2024-04-01 2024-05-01",
        );
        check(
            "2025-01-31",
            "2025-02-28",
            MONTHLY,
            Clamp,
            "2025-02-28 2025-03-31 2025-04-30 2025-05-31",
        );
        check("2024-01-01", "", Days(15), Clamp, "2024-01-16 2024-01-31 2024-02-15 2024-03-01");
        check("2024-01-01", "", Weeks(2), Clamp, "2024-01-15 2024-01-29 2024-02-12 2024-02-26");
        check(
            "2023-11-30",
            "",
            Frequency::Months(3),
            Clamp,
            "2024-02-29 2024-05-30 2024-08-30 2024-11-30",
        );
    }

    #[test]
    fn odd_first_periods_are_cut_from_regular_ones() {
        let rhythm = Rhythm {
            start: date("2024-01-15"),
            first_due: Some(date("2024-03-01")),
            frequency: Frequency::MONTHLY,
            month_end: MonthEnd::Clamp,
        };
        let period = rhythm.period(1, rhythm.start).unwrap();
        let want = vec![
            (date("2024-02-01"), date("2024-03-01")),
            (date("2024-01-01"), date("2024-02-01")),
        ];
        assert_eq!((period.cut_from.clone(), period.days()), (want, 46));
    }
}
