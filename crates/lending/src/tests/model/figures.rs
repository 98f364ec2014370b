//! Parts and dates, the way they are told at school.

/// The method of the largest remainder as it is told: everybody the whole part, and the rest one
/// by one to whoever has the largest fraction left, the first of equals.
pub(super) fn largest_remainder(whole: i128, weights: &[i128]) -> Vec<i128> {
    let total: i128 = weights.iter().sum();
    let mut parts: Vec<_> = weights.iter().map(|weight| whole * weight / total).collect();
    let mut fractions: Vec<_> = weights.iter().map(|weight| whole * weight % total).collect();
    let mut left = whole - parts.iter().sum::<i128>();
    while left > 0 {
        let largest = *fractions.iter().max().unwrap();
        let first = fractions.iter().position(|fraction| *fraction == largest).unwrap();
        parts[first] += 1;
        fractions[first] = -1;
        left -= 1;
    }
    parts
}

/// Days of a month, in the calendar as everybody knows it.
fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date of a day counted from 1970-01-01, by walking there from 2026-01-01 (day 20,454).
fn walk(day: i64) -> (i64, i64, i64) {
    let (mut year, mut month, mut left) = (2026, 1, day - 20_454);
    while left >= days_of(year, month) {
        left -= days_of(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    (year, month, left + 1)
}

pub(super) fn date(day: i64) -> String {
    let (year, month, day) = walk(day);
    format!("{year}-{month:02}-{day:02}")
}

pub(super) fn months_later(day: i64, months: i64) -> String {
    let (mut year, mut month, day) = walk(day);
    for _ in 0..months {
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    format!("{year}-{month:02}-{:02}", day.min(days_of(year, month)))
}

#[test]
fn the_calendar_is_the_known_one() {
    // 2026-03-01 is 59 days after 2026-01-01; 2028 is a leap year, 730 days on.
    assert_eq!(date(20_454 + 59), "2026-03-01");
    assert_eq!(months_later(20_454 + 30, 1), "2026-02-28");
    assert_eq!(date(20_454 + 730 + 59), "2028-02-29");
}
