//! Days and months between dates, for the equations.

use kernel::Date;

use super::moment::Moment;

/// A date as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i32);

impl Day {
    /// The number of a date, by the Gregorian calendar.
    pub(super) fn of(date: Date) -> Self {
        let (year, month) = (i32::from(date.year()), i32::from(date.month()));
        // Years begin in March here, so that the leap day is the last of its year, and are moved
        // by 4000 years, so that everything is positive.
        let year = year.saturating_add(if month <= 2 { 3_999 } else { 4_000 });
        let month_from_march = month.saturating_add(9).rem_euclid(12);
        // 153 days in each five months from March on.
        let day_of_year = month_from_march.saturating_mul(153).saturating_add(2).div_euclid(5);
        let leap_days = year
            .div_euclid(4)
            .saturating_sub(year.div_euclid(100))
            .saturating_add(year.div_euclid(400));
        let days = year.saturating_mul(365).saturating_add(leap_days).saturating_add(day_of_year);
        // Counted from 1970-01-01.
        Self(days.saturating_add(i32::from(date.day())).saturating_sub(EPOCH))
    }

    /// Days until a later one; zero if it is not later.
    pub(super) fn days_until(self, later: Self) -> u32 {
        u32::try_from(later.0.saturating_sub(self.0)).unwrap_or(0)
    }
}

/// What the sum in [`Day::of`] gives for 1970-01-01.
const EPOCH: i32 = 2_180_439;

impl Moment for Day {
    fn until(self, later: Self) -> f64 {
        f64::from(self.days_until(later)) / 365.0
    }
}

/// The days of a date's month.
fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if year.rem_euclid(4) == 0
            && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) =>
        {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whole months and odd days between two dates, counted back from the later one.
///
/// `anchor` is the day of the month on which the series of payments falls when months are long
/// enough: a payment on the last day of February belongs to a series on the 31st, 30th or 29th
/// (Reg Z, Appendix J (b)(3)(iv)).
pub(super) fn months_back(earlier: Date, later: Date, anchor: i32) -> (u32, u32) {
    let (year, month) = (i32::from(earlier.year()), i32::from(earlier.month()));
    let (day, last) = (i32::from(earlier.day()), i32::from(later.day()));
    let later_month = i32::from(later.month());
    let ends = last == month_length(i32::from(later.year()), later_month);
    let last = if ends { last.max(anchor) } else { last };
    let years = i32::from(later.year()).saturating_sub(year);
    let months = years.saturating_mul(12).saturating_add(later_month.saturating_sub(month));
    let length = month_length(year, month);
    let landed = last.min(length);
    if landed >= day {
        return (count(months), count(landed.saturating_sub(day)));
    }
    let (next_year, next_month) =
        if month == 12 { (year.saturating_add(1), 1) } else { (year, month.saturating_add(1)) };
    let landed = last.min(month_length(next_year, next_month));
    (count(months.saturating_sub(1)), count(length.saturating_sub(day).saturating_add(landed)))
}

fn count(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn days_are_counted_by_the_calendar() {
        for (text, want) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("1900-01-01", -25_567),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2100-03-01", 47_541),
            ("2200-12-31", 84_370),
        ] {
            assert_eq!(Day::of(date(text)).0, want, "{text}");
        }
        let mut day = date("1899-12-30");
        for _ in 0..110_000 {
            let next = day.plus_days(1).unwrap();
            assert_eq!(Day::of(day).days_until(Day::of(next)), 1, "{day}");
            day = next;
        }
    }

    #[test]
    fn months_are_counted_back_from_the_later_date() {
        // earlier, later, anchor, months, days; the first three are Appendix J (c)
        for (earlier, later, anchor, months, days) in [
            ("1978-02-10", "1978-04-01", 1, 1, 19),
            ("1978-05-23", "1978-10-01", 1, 4, 9),
            ("1978-01-10", "1978-03-01", 1, 1, 22),
            ("2024-01-31", "2024-02-29", 31, 1, 0),
            ("2024-01-31", "2024-02-29", 29, 0, 29),
            ("2023-12-31", "2024-04-30", 31, 4, 0),
            ("2024-01-10", "2024-01-10", 10, 0, 0),
            ("2023-12-20", "2024-01-10", 10, 0, 21),
        ] {
            let found = months_back(date(earlier), date(later), anchor);
            assert_eq!(found, (months, days), "{earlier} to {later}");
        }
    }
}
