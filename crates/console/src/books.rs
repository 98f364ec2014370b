//! The books as accountants read them: trial balance and statements over days.

use channel_kit::route::{Field, Method};
use kernel::Date;
use lending::Tx;
use lending::ledger::{self, Class, Days, Entry, Figures};
use lending::operators::{Operator, Right};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation, query};
use crate::reply::Reply;

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&TRIAL, trial), route(&SHEET, sheet), route(&INCOME, income)]
}

pub(crate) const FROM: Field = query("from", "string", "the first day, as 2026-11-01");
pub(crate) const TO: Field = query("to", "string", "the last day; today if not said");
const ON: Field = query("on", "string", "the day at whose end; today if not said");

/// A day of the query.
fn day(call: &Call, name: &str) -> Result<Option<Date>, Failure> {
    let read = |text| Date::parse(text).ok_or_else(|| Failure::field(name));
    call.query(name).map(read).transpose()
}

/// The days that a query asks for. What is not said is reckoned when the business day is known.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    from: Option<Date>,
    to: Option<Date>,
}

impl Asked {
    /// The days of the query.
    pub(crate) fn read(call: &Call) -> Result<Self, Failure> {
        let asked = Self { from: day(call, "from")?, to: day(call, "to")? };
        match (asked.from, asked.to) {
            (Some(from), Some(to)) if from > to => Err(Failure::field("to")),
            (_, _) => Ok(asked),
        }
    }

    /// Whether the query names any day.
    pub(crate) fn is_some(self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The same, but no more than so many from the first day on, where the last is not said.
    pub(crate) fn at_most(self, most: i32, today: Date) -> Self {
        let rest = u32::try_from(most.saturating_sub(1)).unwrap_or(0);
        let end = |from: Date| from.plus_days(rest).map(|end| end.min(today).max(from));
        Self { to: self.to.or_else(|| self.from.and_then(end)), ..self }
    }

    /// The days up to the last one that is said, or today; from the first that is said, or one that
    /// goes with the last.
    pub(crate) fn days(
        self,
        tx: &Tx<'_, '_>,
        first: impl Fn(Date) -> Date,
    ) -> Result<Days, Failure> {
        let today = tx.at().business.date();
        let to = self.to.unwrap_or_else(|| today.max(self.from.unwrap_or(today)));
        let from = self.from.unwrap_or_else(|| first(to));
        if from > to { Err(Failure::field("from")) } else { Ok(Days { from, to }) }
    }
}

/// The first day of a day's month.
pub(crate) fn month_of(day: Date) -> Date {
    Date::from_ymd(day.year(), day.month(), 1).unwrap_or(day)
}

/// An amount in fen as yuan, whatever its sign and size.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

/// An amount that is there.
pub(crate) fn some(fen: i64) -> Option<String> {
    (fen != 0).then(|| yuan(fen))
}

/// A balance on the side it stands on: debits, credits.
fn sides(credits_fen: i64) -> (i64, i64) {
    (credits_fen.saturating_neg().max(0), credits_fen.max(0))
}

/// The lines of a trial balance, and their sum at the end.
pub(crate) fn trial_lines(figures: &[Figures]) -> (Vec<Value>, bool) {
    let mut sums = [0_i64; 6];
    let mut lines = Vec::with_capacity(figures.len().saturating_add(1));
    for line in figures {
        let (opening, closing) = (sides(line.opening_fen), sides(line.closing_fen()));
        let row = [opening.0, opening.1, line.debit_fen, line.credit_fen, closing.0, closing.1];
        for (sum, amount) in sums.iter_mut().zip(row) {
            *sum = sum.saturating_add(amount);
        }
        lines.push(trial_line((line.class.code.into(), line.class.word), row.map(some)));
    }
    lines.push(trial_line((Value::Null, "total"), sums.map(|sum| Some(yuan(sum)))));
    let [opening_debit, opening_credit, debit, credit, closing_debit, closing_credit] = sums;
    let is_balanced =
        opening_debit == opening_credit && debit == credit && closing_debit == closing_credit;
    (lines, is_balanced)
}

fn trial_line((code, account): (Value, &str), row: [Option<String>; 6]) -> Value {
    let [opening_debit, opening_credit, debit, credit, closing_debit, closing_credit] = row;
    json!({
        "code": code,
        "account": account,
        "opening_debit": opening_debit,
        "opening_credit": opening_credit,
        "debits": debit,
        "credits": credit,
        "closing_debit": closing_debit,
        "closing_credit": closing_credit,
    })
}

static TRIAL: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/trial-balance",
    summary: "Trial balance 试算平衡表 over some days: opening, debits, credits and closing by class",
    access: Access::With(Right::SeeRecords),
    fields: &[FROM, TO],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"code":"1002","account":"bank_clearing","opening_debit":"100.00","opening_credit":null,"debits":"5.00","credits":null,"closing_debit":"105.00","closing_credit":null},{"code":"2241.01","account":"wallet","opening_debit":null,"opening_credit":"100.00","debits":null,"credits":"5.00","closing_debit":null,"closing_credit":"105.00"},{"code":null,"account":"total","opening_debit":"100.00","opening_credit":"100.00","debits":"5.00","credits":"5.00","closing_debit":"105.00","closing_credit":"105.00"}],"from":"2026-11-01","to":"2026-11-25","balanced":true}"#,
    ),
};

async fn trial(console: Console, call: Call) -> Result<Reply, Failure> {
    let asked = Asked::read(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let days = asked.days(tx, month_of)?;
        let (items, balanced) = trial_lines(&ledger::figures(tx, days)?);
        Ok(Reply::ok(&json!({
            "items": items,
            "from": days.from.to_string(),
            "to": days.to.to_string(),
            "balanced": balanced,
        })))
    };
    call.read(&console, read).await
}

/// A line of a statement.
fn line(section: &str, code: Option<&str>, account: &str, fen: i64) -> Value {
    json!({ "section": section, "code": code, "account": account, "amount": yuan(fen) })
}

/// The entries of a section, and their sum.
fn section(entries: &[Entry], word: &'static str, total: (&str, i64)) -> Vec<Value> {
    let is_of = |class: Class| class.section.word() == word;
    let of = entries.iter().filter(|entry| is_of(entry.class));
    let shown = of.map(|entry| {
        let class = entry.class;
        line(word, Some(class.code), class.word, entry.amount_fen)
    });
    let mut lines: Vec<_> = shown.collect();
    lines.push(line(word, None, total.0, total.1));
    lines
}

static SHEET: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/balance-sheet",
    summary: "Balance sheet 资产负债表 at the end of a day",
    access: Access::With(Right::SeeRecords),
    fields: &[ON],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"section":"asset","code":"1002","account":"bank_clearing","amount":"105.00"},{"section":"asset","code":null,"account":"total_asset","amount":"105.00"},{"section":"equity","code":null,"account":"year_profit","amount":"0.00"}],"on":"2026-11-25","balanced":true}"#,
    ),
};

async fn sheet(console: Console, call: Call) -> Result<Reply, Failure> {
    let on = day(&call, "on")?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let on = on.unwrap_or_else(|| tx.at().business.date());
        let sheet = ledger::balance_sheet(tx, on)?;
        let mut items = section(&sheet.entries, "asset", ("total_asset", sheet.asset_fen));
        let liabilities = ("total_liability", sheet.liability_fen);
        items.extend(section(&sheet.entries, "liability", liabilities));
        let equity = sheet.equity_fen();
        let both = sheet.liability_fen.saturating_add(equity);
        items.extend([
            line("equity", None, "earlier_profit", sheet.earlier_profit_fen),
            line("equity", None, "year_profit", sheet.year_profit_fen),
            line("equity", None, "total_equity", equity),
            line("equity", None, "total_liability_and_equity", both),
        ]);
        Ok(Reply::ok(&json!({
            "items": items,
            "on": on.to_string(),
            "balanced": sheet.is_balanced(),
        })))
    };
    call.read(&console, read).await
}

static INCOME: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/income-statement",
    summary: "Income statement 利润表 over some days",
    access: Access::With(Right::SeeRecords),
    fields: &[FROM, TO],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"section":"income","code":"6011.01","account":"interest_income","amount":"12.34"},{"section":"income","code":null,"account":"total_income","amount":"12.34"},{"section":"expense","code":null,"account":"total_expense","amount":"0.00"},{"section":"profit","code":null,"account":"profit","amount":"12.34"}],"from":"2026-11-01","to":"2026-11-25"}"#,
    ),
};

async fn income(console: Console, call: Call) -> Result<Reply, Failure> {
    let asked = Asked::read(&call)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let days = asked.days(tx, month_of)?;
        let statement = ledger::income_statement(tx, days)?;
        let income = ("total_income", statement.income_fen);
        let mut items = section(&statement.entries, "income", income);
        let expense = ("total_expense", statement.expense_fen);
        items.extend(section(&statement.entries, "expense", expense));
        items.push(line("profit", None, "profit", statement.profit_fen()));
        Ok(Reply::ok(&json!({
            "items": items,
            "from": days.from.to_string(),
            "to": days.to.to_string(),
        })))
    };
    call.read(&console, read).await
}
