//! Answers as a table for eyes and as CSV for spreadsheets.

use std::fmt::Write as _;

use serde_json::Value;

use crate::Answer;
use crate::answer::{LoanAnswer, RowAnswer};

const HEADS: [&str; 9] =
    ["n", "due", "days", "instalment", "principal", "interest", "fees", "penalties", "balance"];

fn cells(row: &RowAnswer) -> [String; 9] {
    [
        row.n.to_string(),
        row.due.clone(),
        row.days.to_string(),
        row.instalment.clone(),
        row.principal.clone(),
        row.interest.clone(),
        row.fees.clone(),
        row.penalties.clone(),
        row.balance.clone(),
    ]
}

/// The answer as a table with totals and rates, for a terminal.
pub fn table(answer: &Answer) -> String {
    let Answer::Loan(loan) = answer else { return pairs(answer) };
    let rows: Vec<_> = loan.rows.iter().map(cells).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(String::len);
        let head = HEADS.get(column).map_or(0, |head| head.len());
        cells.chain(std::iter::once(head)).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..HEADS.len()).map(width).collect();
    let mut text = String::new();
    let heads: Vec<String> = HEADS.iter().map(|head| (*head).to_owned()).collect();
    line(&mut text, &heads, &widths);
    for row in &rows {
        line(&mut text, row, &widths);
    }
    text.push('\n');
    for (name, value) in summary(loan) {
        let _ = writeln!(text, "{name:28} {value}");
    }
    for law in &loan.legal {
        let _ = writeln!(text, "{}", law.en);
    }
    for line in &loan.explain {
        let _ = writeln!(text, "{line}");
    }
    if !loan.ignored.is_empty() {
        let _ = writeln!(text, "{:28} {}", "ignored", loan.ignored.join(", "));
    }
    text
}

fn line(text: &mut String, cells: &[String], widths: &[usize]) {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}"));
    let _ = writeln!(text, "{}", padded.collect::<Vec<_>>().join("  "));
}

/// Totals and rates by name.
fn summary(loan: &LoanAnswer) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("principal", loan.principal.clone()),
        ("received", loan.received.clone()),
        ("interest", loan.total_interest.clone()),
        ("fees", loan.total_fees.clone()),
        ("penalties", loan.total_penalties.clone()),
        ("cost", loan.total_cost.clone()),
    ];
    let cost = &loan.cost;
    let rates = [
        ("nominal rate (IRR) %", &cost.nominal_percent),
        ("effective rate (IRR) %", &cost.effective_percent),
        ("APR, Regulation Z %", &cost.reg_z_apr_percent),
        ("APR, 2008/48/EC %", &cost.eu_apr_percent),
        ("disclosure, IRR %", &cost.disclosure_irr_percent),
        ("disclosure, IRR compound %", &cost.disclosure_irr_compound_percent),
        ("disclosure, simple (单利) %", &cost.disclosure_simple_percent),
    ];
    all.extend(rates.into_iter().filter_map(|(name, rate)| Some((name, rate.clone()?))));
    if let Some(standing) = &loan.standing {
        all.extend([
            ("on", standing.on.clone()),
            ("due", standing.due.clone()),
            ("overdue", standing.overdue.clone()),
            ("to settle", standing.payoff_total.clone()),
        ]);
    }
    all
}

/// Fields of an answer without rows, one on a line.
fn pairs(answer: &Answer) -> String {
    let value = serde_json::to_value(answer).unwrap_or_default();
    let fields = value.as_object().into_iter().flatten();
    let mut text = String::new();
    for (name, value) in fields {
        let _ = writeln!(text, "{name:28} {}", plain(value));
    }
    text
}

/// The answer as CSV: the rows of a loan, an empty line, and then, as for every other answer, its
/// single figures as field and value.
pub fn csv(answer: &Answer) -> String {
    let mut text = String::new();
    if let Answer::Loan(loan) = answer {
        let _ = writeln!(text, "{}", HEADS.join(","));
        for row in &loan.rows {
            let _ = writeln!(text, "{}", cells(row).join(","));
        }
        text.push('\n');
    }
    text.push_str("field,value\n");
    figures(&mut text, "", &serde_json::to_value(answer).unwrap_or_default());
    text
}

/// The figures of an object and of the objects in it. Lists are left to the rows, but for the
/// sentences of an explanation.
fn figures(text: &mut String, place: &str, value: &Value) {
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => figures(text, &format!("{place}{name}."), value),
            Value::Array(list) if list.iter().any(Value::is_object) => {}
            Value::Array(list) if name == "explain" => {
                for line in list {
                    field(text, name, line);
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => field(text, &format!("{place}{name}"), value),
        }
    }
}

fn field(text: &mut String, name: &str, value: &Value) {
    let _ = writeln!(text, "{name},\"{}\"", plain(value).replace('"', "\"\""));
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
