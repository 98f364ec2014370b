//! Statements (会计报表) out of the figures of the accounts: what was earned, and what there is.

use kernel::Date;
use store::Fault;

use super::classes::{Class, Section};
use super::totals::{Days, Figures, figures};
use crate::Tx;

/// A line of a statement: a class and its amount in fen, as its section counts it: assets and
/// expenses by debits, liabilities and income by credits. Below zero where it stands on the other
/// side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The class.
    pub class: Class,
    /// The amount in fen.
    pub amount_fen: i64,
}

/// What was earned and spent over some days (利润表).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomeStatement {
    /// Every class of income and expense, in the order of the codes.
    pub entries: Vec<Entry>,
    /// All income, in fen.
    pub income_fen: i64,
    /// All expenses, in fen.
    pub expense_fen: i64,
}

impl IncomeStatement {
    /// Profit before tax (利润总额), in fen; the books have no tax.
    pub const fn profit_fen(&self) -> i64 {
        self.income_fen.saturating_sub(self.expense_fen)
    }
}

/// What there is at the end of a day, and whose it is (资产负债表).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceSheet {
    /// Every class of asset and liability, in the order of the codes.
    pub entries: Vec<Entry>,
    /// All assets, in fen.
    pub asset_fen: i64,
    /// All liabilities, in fen.
    pub liability_fen: i64,
    /// What was earned before this year (年初未分配利润), in fen.
    pub earlier_profit_fen: i64,
    /// What has been earned this year (本年利润), in fen.
    pub year_profit_fen: i64,
}

impl BalanceSheet {
    /// Equity (所有者权益), in fen: the books know of no other than what was earned.
    pub const fn equity_fen(&self) -> i64 {
        self.earlier_profit_fen.saturating_add(self.year_profit_fen)
    }

    /// Whether assets are liabilities and equity, as they must be.
    pub const fn is_balanced(&self) -> bool {
        self.asset_fen == self.liability_fen.saturating_add(self.equity_fen())
    }
}

/// What was earned and spent over some days.
pub fn income_statement(tx: &mut Tx<'_, '_>, days: Days) -> Result<IncomeStatement, Fault> {
    let found = figures(tx, days)?;
    let entries = entries(&[Section::Income, Section::Expense], &found, of_the_days);
    let (income_fen, expense_fen) =
        (sum(&entries, Section::Income), sum(&entries, Section::Expense));
    Ok(IncomeStatement { entries, income_fen, expense_fen })
}

/// What there is at the end of a day.
pub fn balance_sheet(tx: &mut Tx<'_, '_>, on: Date) -> Result<BalanceSheet, Fault> {
    let from = Date::from_ymd(on.year(), 1, 1).unwrap_or(on);
    let found = figures(tx, Days { from, to: on })?;
    let closing = |figures: &Figures| figures.closing_fen();
    let entries = entries(&[Section::Asset, Section::Liability], &found, closing);
    let (asset_fen, liability_fen) =
        (sum(&entries, Section::Asset), sum(&entries, Section::Liability));
    // Income and expenses by credits: what was earned, less what was spent.
    let earned = found.iter().filter(|figures| is_of_profit(figures.class.section));
    let (mut earlier_profit_fen, mut year_profit_fen) = (0_i64, 0_i64);
    for figures in earned {
        earlier_profit_fen = earlier_profit_fen.saturating_add(figures.opening_fen);
        year_profit_fen = year_profit_fen.saturating_add(of_the_days(figures));
    }
    Ok(BalanceSheet { entries, asset_fen, liability_fen, earlier_profit_fen, year_profit_fen })
}

const fn is_of_profit(section: Section) -> bool {
    matches!(section, Section::Income | Section::Expense)
}

/// What the days have brought, by credits.
const fn of_the_days(figures: &Figures) -> i64 {
    figures.credit_fen.saturating_sub(figures.debit_fen)
}

/// Every class of some sections, also where nothing was posted to it.
fn entries(
    sections: &[Section],
    found: &[Figures],
    amount: impl Fn(&Figures) -> i64,
) -> Vec<Entry> {
    let classes = Class::ALL.iter().filter(|class| sections.contains(&class.section));
    classes
        .map(|class| {
            let figures = found.iter().find(|figures| figures.class == *class);
            let amount_fen = class.section.natural(figures.map_or(0, &amount));
            Entry { class: *class, amount_fen }
        })
        .collect()
}

fn sum(entries: &[Entry], section: Section) -> i64 {
    let of = entries.iter().filter(|entry| entry.class.section == section);
    of.fold(0, |sum: i64, entry| sum.saturating_add(entry.amount_fen))
}
