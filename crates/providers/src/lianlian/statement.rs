//! Statements (对账单): every order of a day whose money has moved, a page at a time.
//!
//! LianLian itself hands its merchants a file, which operators can hand in; this call is the
//! sandbox's own, and asked for only where the settings say so.

use kernel::Date;
use lending::ports::{self, StatementLine, StatementOutcome};

use super::codes::{self, Code};
use super::{Failure, LianLian};
use crate::client::Resend;

/// The version of the call.
const VERSION: &str = "1.0";
/// Lines of a page.
pub(crate) const PAGE_LINES: usize = 5_000;
/// Pages of a statement at most.
const MOST_PAGES: usize = 40;

/// A day as `yyyyMMdd`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let is_day = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    Date::parse(&format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8))).filter(|_| is_day)
}

impl LianLian {
    /// One page, and how many lines there are in all; nothing where there is no statement yet.
    fn page(
        &self,
        day: &str,
        number: usize,
    ) -> Result<Option<(Vec<StatementLine>, usize)>, Failure> {
        let number = number.to_string();
        let fields = [("api_version", VERSION), ("settle_date", day), ("page_no", number.as_str())];
        let answer = self.ask("statement.htm", &fields, Resend::Question)?;
        if codes::of(&answer.code) == Code::NoRecord {
            return Ok(None);
        }
        let is_this = answer.text("settle_date") == day && answer.text("page_no") == number;
        if !answer.is_fine() || !is_this {
            return Err(Failure::Unknown);
        }
        let count = answer.text("total_count").parse().map_err(|_| Failure::Unknown)?;
        let lines: Option<Vec<_>> =
            answer.text("lines").lines().map(StatementLine::parse).collect();
        Ok(Some((lines.ok_or(Failure::Unknown)?, count)))
    }

    fn pages(&self, day: &str) -> Result<Option<Vec<StatementLine>>, Failure> {
        let mut all = Vec::new();
        for number in 1..=MOST_PAGES {
            let Some((lines, count)) = self.page(day, number)? else { return Ok(None) };
            let is_last = lines.is_empty();
            all.extend(lines);
            if all.len() == count {
                return Ok(Some(all));
            }
            // More lines than it counts, or fewer: nothing to compare with.
            if is_last || all.len() > count {
                break;
            }
        }
        Err(Failure::Unknown)
    }
}

impl ports::Statements for LianLian {
    fn statement(&self, day: Date) -> StatementOutcome {
        match self.pages(&day.to_string().replace('-', "")) {
            Ok(Some(lines)) => StatementOutcome::Lines(lines),
            Ok(None) => StatementOutcome::NotYet,
            Err(Failure::Unknown | Failure::Declined { .. }) => StatementOutcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_eight_digits() {
        assert_eq!(day("20260301"), Date::from_ymd(2026, 3, 1));
        for broken in ["", "2026031", "202603011", "20260230", "2026-3-1", "２０２６０３０１"]
        {
            assert_eq!(day(broken), None, "{broken}");
        }
    }
}
