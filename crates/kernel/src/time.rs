//! Instants in UTC and business days in Asia/Shanghai. No clock is read here.

use std::fmt;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};

/// The zone of every business date. Asia/Shanghai has been at UTC+8 without daylight saving
/// since 1991, before any instant that this platform records, so the offset is exact.
const SHANGHAI: Offset = Offset::constant(8);

/// A point in time: milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The last instant that is accepted: the end of the year 2200.
    pub const MAX: Self = Self(7_289_625_599_999);

    /// Clamps to 1970 … 2200.
    pub const fn from_millis(millis: i64) -> Self {
        if millis < 0 {
            Self(0)
        } else if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant so many milliseconds later (earlier if negative), clamped to 1970 … 2200.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The instant so many days of 24 hours later, clamped like [`Instant::plus_millis`].
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_millis(days.saturating_mul(86_400_000))
    }

    /// The business date in Asia/Shanghai.
    pub fn date(self) -> Date {
        Date(self.civil().date())
    }

    /// `2019-08-27 17:28:30` in Asia/Shanghai.
    pub fn shanghai_text(self) -> String {
        self.civil().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn civil(self) -> civil::DateTime {
        // In range by construction; the fallback is the epoch.
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        timestamp.to_zoned(TimeZone::fixed(SHANGHAI)).datetime()
    }
}

/// A business day in Asia/Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// Reads `2024-02-29`.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// A day of the calendar, if it exists.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// The same day so many months later; the end of a short month stands in for a missing day
    /// (31 January + 1 month = 28 or 29 February).
    ///
    /// Compute every instalment from the first date, never from the one before it.
    pub fn plus_months(self, months: u32) -> Option<Self> {
        self.moved(i32::try_from(months).ok()?)
    }

    /// The same day so many months earlier, with the same stand-in for missing days.
    pub fn minus_months(self, months: u32) -> Option<Self> {
        self.moved(i32::try_from(months).ok()?.checked_neg()?)
    }

    fn moved(self, months: i32) -> Option<Self> {
        let month = i32::from(self.0.month()).checked_add(months)?.checked_sub(1)?;
        let year = i32::from(self.0.year()).checked_add(month.div_euclid(12))?;
        let month = i8::try_from(month.rem_euclid(12).checked_add(1)?).ok()?;
        let first = civil::Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
        let day = self.0.day().min(first.days_in_month());
        civil::Date::new(first.year(), month, day).ok().map(Self)
    }

    /// The day so many days later.
    pub fn plus_days(self, days: u32) -> Option<Self> {
        let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
        self.0.checked_add(span).ok().map(Self)
    }

    /// The day so many days earlier.
    pub fn minus_days(self, days: u32) -> Option<Self> {
        let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
        self.0.checked_sub(span).ok().map(Self)
    }

    /// How many days later the other day is; negative if it is earlier.
    pub fn days_until(self, other: Self) -> i32 {
        // A whole number of days of 24 hours, and far within the range of i32.
        let hours = other.0.duration_since(self.0).as_hours();
        i32::try_from(hours.div_euclid(24)).unwrap_or_default()
    }

    /// How many days the month of this day has.
    pub fn days_in_month(self) -> i8 {
        self.0.days_in_month()
    }

    /// Whether the year of this day has 366 days.
    pub fn is_in_leap_year(self) -> bool {
        self.0.in_leap_year()
    }

    /// Days since 1970-01-01, by which the database reckons; negative before.
    pub fn day_number(self) -> i64 {
        i64::from(Self(civil::date(1970, 1, 1)).days_until(self))
    }

    /// The day so many days after 1970-01-01, if it is within the calendar.
    pub fn from_day_number(number: i64) -> Option<Self> {
        let first = Self(civil::date(1970, 1, 1));
        match u32::try_from(number.unsigned_abs()).ok()? {
            days if number < 0 => first.minus_days(days),
            days => first.plus_days(days),
        }
    }

    /// Midnight in Asia/Shanghai, at which the day begins.
    pub fn start(self) -> Instant {
        let zoned = self.0.to_zoned(TimeZone::fixed(SHANGHAI));
        Instant::from_millis(zoned.map_or(0, |z| z.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// When a command runs, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the business clock: dates of business events, due dates, bidding days.
    /// On a bench it can be moved.
    pub business: Instant,
    /// By the wall: tokens, lock-outs, rate limits, time limits.
    pub wall: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_dates_are_shanghai_dates() {
        // 2024-02-28 16:00:00 UTC is midnight of the 29th in Shanghai (UTC+8).
        let instant = Instant::from_millis(1_709_136_000_000);
        assert_eq!(instant.shanghai_text(), "2024-02-29 00:00:00");
        assert_eq!(instant.date().to_string(), "2024-02-29");
        assert_eq!(instant.date().start(), instant);
        assert_eq!(instant.plus_millis(-1).date().to_string(), "2024-02-28");
    }

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let first = civil::Date::constant(1899, 12, 1);
        let mut date = first;
        for count in 0..110_700 {
            assert_eq!(Date(first).days_until(Date(date)), count);
            assert_eq!(Date(date).days_until(Date(first)), -count);
            date = date.tomorrow().unwrap();
        }
        assert!(date.year() > 2201);
    }

    #[test]
    fn months_clamp_to_the_end_of_short_months() {
        let first = Date::parse("2024-01-31").unwrap();
        let text = |n| first.plus_months(n).unwrap().to_string();
        assert_eq!([text(1), text(2), text(3)], ["2024-02-29", "2024-03-31", "2024-04-30"]);
    }
}
