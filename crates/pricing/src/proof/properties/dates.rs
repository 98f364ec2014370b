//! What the calendar does to a schedule when all of it moves.

use kernel::Date;
use proptest::prelude::*;

use super::super::draw::{self, DAY_COUNTS, Dice};
use super::{price, rows};
use crate::calendar::{MAX_PERIODS, MonthEnd, Rhythm};
use crate::fees::FeeTime;
use crate::terms::Terms;

fn later(date: Date, years: i16) -> Option<Date> {
    Date::from_ymd(date.year().checked_add(years)?, date.month(), date.day())
}

/// All dates of the terms so many years later.
fn shifted(terms: &Terms, years: i16) -> Option<Terms> {
    let mut terms = terms.clone();
    terms.start = later(terms.start, years)?;
    for (date, _) in &mut terms.advances {
        *date = later(*date, years)?;
    }
    for (date, _) in &mut terms.rate_changes {
        *date = later(*date, years)?;
    }
    if let Some(first) = &mut terms.first_due {
        *first = later(*first, years)?;
    }
    for fee in &mut terms.fees {
        if let FeeTime::On(date) = &mut fee.time {
            *date = later(*date, years)?;
        }
    }
    Some(terms)
}

proptest! {
    // By every day count, not by 30/360 alone: within 1901 to 2099 each fourth year is a leap
    // year.
    #[test]
    fn four_years_later_every_schedule_is_the_same(seed: u64, cycles in 1_i16..4) {
        let terms = draw::terms(&mut Dice::new(seed));
        let Some(moved) = shifted(&terms, cycles * 4) else { return Ok(()) };
        let Some(old) = price(&terms) else { return Ok(()) };
        let last = old.rows.last().unwrap().due;
        if terms.start.year() < 1902 || last.year() > 2086 {
            return Ok(());
        }
        // A change of the rate may have left the calendar.
        let Some(new) = price(&moved) else { return Ok(()) };
        prop_assert_eq!(rows(&old), rows(&new));
        prop_assert_eq!(old.fee_total, new.fee_total);
        for (old, new) in old.rows.iter().zip(&new.rows) {
            prop_assert_eq!(later(old.due, cycles * 4), Some(new.due));
        }
    }

    // Loans end by 2200, so this is about the calendar beneath them.
    #[test]
    fn four_hundred_years_later_every_period_is_the_same(seed: u64, number in 1_u32..30) {
        let terms = draw::terms(&mut Dice::new(seed));
        let rhythm = |terms: &Terms| Rhythm {
            start: terms.start,
            first_due: terms.first_due,
            frequency: terms.frequency,
            month_end: terms.month_end,
        };
        let moved = shifted(&terms, 400).unwrap();
        let old = rhythm(&terms).period(number, terms.start).unwrap();
        let new = rhythm(&moved).period(number, moved.start).unwrap();
        prop_assert_eq!(later(old.due, 400), Some(new.due));
        for day_count in DAY_COUNTS {
            let years = day_count.years(&old, terms.frequency, (old.from, old.due));
            let same = day_count.years(&new, terms.frequency, (new.from, new.due));
            prop_assert_eq!(years, same);
        }
    }

    #[test]
    fn a_month_end_rule_moves_no_day_that_every_month_has(seed: u64) {
        let terms = draw::plain(&mut Dice::new(seed));
        if terms.start.day() > 28 {
            return Ok(());
        }
        let by = |month_end| price(&Terms { month_end, ..terms.clone() });
        prop_assert_eq!(by(MonthEnd::Clamp), by(MonthEnd::Roll));
    }

    #[test]
    fn regular_due_dates_are_counted_from_the_first_and_not_from_the_last(seed: u64) {
        let terms = draw::plain(&mut Dice::new(seed));
        let Ok(checked) = terms.clone().check() else { return Ok(()) };
        let crate::calendar::Frequency::Months(months) = checked.terms().frequency else {
            return Ok(());
        };
        for (number, period) in (1_u32..).zip(&checked.periods) {
            let due = terms.start.plus_months(months * number).unwrap();
            let rolled = due.day() < terms.start.day() && terms.month_end == MonthEnd::Roll;
            let due = if rolled { due.plus_days(1).unwrap() } else { due };
            prop_assert_eq!(period.due, due);
        }
        prop_assert!(checked.periods.len() <= usize::try_from(MAX_PERIODS).unwrap());
    }
}
