//! The twin's statements: what money has moved on a day, a page at a time.

use kernel::{Date, Instant};
use serde_json::Value;

use super::{Act, World};
use crate::lianlian::sign::Fields;
use crate::lianlian::{statement, yuan};

impl World {
    pub(super) fn statement(&self, fields: &Fields, now: Instant) -> Act {
        let text = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let (day, page) = (statement::day(text("settle_date")), text("page_no").parse().ok());
        let Some((day, page)) = day.zip(page.filter(|page: &usize| *page >= 1)) else {
            return self.say("1004", "参数错误", &[]);
        };
        if !self.has_statement(day, now) {
            return self.say("8901", "没有记录", &[]);
        }
        let Ok(lines) = self.payments.statement_of(day) else {
            return self.say("9999", "系统错误", &[]);
        };
        let first = page.saturating_sub(1).saturating_mul(statement::PAGE_LINES);
        let shown = lines.iter().skip(first).take(statement::PAGE_LINES);
        let shown: Vec<_> = shown
            .map(|line| {
                let (flow, amount) = (line.flow.word(), yuan(line.amount));
                format!("{},{flow},{amount},{}\n", line.order_no, line.provider_no)
            })
            .collect();
        let more = [
            ("settle_date", Value::from(text("settle_date"))),
            ("page_no", Value::from(text("page_no"))),
            ("total_count", Value::from(lines.len().to_string())),
            ("lines", Value::from(shown.concat())),
        ];
        self.say("0000", "交易成功", &more)
    }

    /// A day that nobody has ordered anything on has a statement once it is over. The days are
    /// those of the orders, which on a bench may be later than today.
    fn has_statement(&self, day: Date, now: Instant) -> bool {
        day <= now.date()
            || self.payments.journal().is_ok_and(|all| {
                let begin = day.to_string().replace('-', "");
                all.iter().any(|entry| entry.order_no.get(..8) >= Some(begin.as_str()))
            })
    }
}
