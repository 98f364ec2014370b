//! Statements (对账单): every order of a day whose money has moved, a page at a time.
//!
//! LianLian itself hands its merchants a file, which operators can hand in; this call is the
//! sandbox's own, and asked for only where the settings say so.

use kernel::{Date, Money};
use lending::ports::{self, Flow, StatementLine, StatementOutcome};

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

/// A line of a statement: our number, the way, yuan, the provider's number.
pub fn line(text: &str) -> Option<StatementLine> {
    let mut parts = text.trim().split(',').map(str::trim);
    let (order_no, flow, amount, provider_no) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let amount = Money::parse_yuan(amount).ok().filter(|amount| *amount > Money::ZERO)?;
    let is_whole = parts.next().is_none() && !order_no.is_empty();
    let (order_no, provider_no) = (order_no.to_owned(), provider_no.to_owned());
    is_whole.then_some(StatementLine { order_no, flow: Flow::parse(flow)?, amount, provider_no })
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
        let lines: Option<Vec<_>> = answer.text("lines").lines().map(line).collect();
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
    fn lines_are_read_whole_or_not_at_all() {
        let whole = line("2026030108000042,in,1007.00,P2026030108000042").unwrap();
        assert_eq!((whole.flow, whole.amount.fen()), (Flow::In, 100_700));
        for broken in [
            "",
            "1,in,1.00",
            "1,in,1.00,2,3",
            ",in,1.00,2",
            "1,up,1.00,2",
            "1,in,0.00,2",
            "1,in,-1.00,2",
            "1,in,1.001,2",
            "1,in,99999999999999999999,2",
        ] {
            assert_eq!(line(broken), None, "{broken}");
        }
    }

    #[test]
    fn days_are_eight_digits() {
        assert_eq!(day("20260301"), Date::from_ymd(2026, 3, 1));
        for broken in ["", "2026031", "202603011", "20260230", "2026-3-1", "２０２６０３０１"]
        {
            assert_eq!(day(broken), None, "{broken}");
        }
    }
}
