//! Legal lines (利率红线) for the annual cost of a loan: dated parameters, checked by date.
//!
//! The lines and the one-year LPR are data (`data/legal_lines.csv`, `data/lpr.csv`) that an
//! operator may replace; nothing about a particular law is in the code.
//!
//! Which annual figure is held against a line is the caller's choice. The judicial
//! interpretations speak of a plain 年利率 on the principal outstanding and reckon the most that
//! may be owed without interest on interest (法释〔2020〕17号 第二十七条), so that the nominal
//! figure, [`crate::cost::china::IrrRates::nominal`] or the simple one, is the one that answers
//! to them; the effective figure is higher and thereby the stricter test.

mod file;
mod finding;

#[cfg(test)]
mod tests;

use kernel::{Date, Money, Rate};

use crate::cost::AnnualRate;
pub use file::{LegalFile, LegalFileError, LegalFileProblem};
pub use finding::{Finding, Verdict};

/// The text of the lines that come with the platform.
pub const SHIPPED_LINES: &str = include_str!("../data/legal_lines.csv");
/// The text of the LPR that comes with the platform.
pub const SHIPPED_LPR: &str = include_str!("../data/lpr.csv");

/// Who lends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lender {
    /// Persons and companies that are no financial institutions (民间借贷).
    Private,
    /// A financial institution, or one of the seven kinds of local financial organisations,
    /// such as a micro-lender, by 法释〔2020〕27号 (金融机构, 七类地方金融组织).
    Institution,
    /// A financial institution through an internet platform (互联网助贷).
    InstitutionByPlatform,
}

/// Whose loans a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// Private lending.
    Private,
    /// Institutions, by whatever way they lend.
    Institution,
    /// Institutions that lend through platforms.
    Platform,
    /// Everybody.
    All,
}

impl AppliesTo {
    const fn covers(self, lender: Lender) -> bool {
        match self {
            Self::All => true,
            Self::Private => matches!(lender, Lender::Private),
            Self::Institution => !matches!(lender, Lender::Private),
            Self::Platform => matches!(lender, Lender::InstitutionByPlatform),
        }
    }
}

/// The figure of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So much a year.
    Fixed(Rate),
    /// So many times the one-year LPR that was last published when the contract was made.
    LprMultiple(u32),
}

/// What the law does above a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A court does not help to collect the excess (不予支持).
    Unprotected,
    /// The agreement is void, and what was paid can be claimed back (约定无效).
    Void,
    /// A court reduces the excess if the borrower asks for it (予以调减).
    ReducedOnRequest,
    /// The supervision forbids to lend above it (监管禁止).
    Forbidden,
}

/// One line, for contracts made from one day to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalLine {
    /// Its short name, unique.
    pub id: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// Its figure.
    pub limit: Limit,
    /// The first day.
    pub valid_from: Date,
    /// The last day; `None` while it is in force.
    pub valid_to: Option<Date>,
    /// Whose loans it is for.
    pub applies_to: AppliesTo,
    /// What happens above it.
    pub effect: Effect,
    /// Document number and article.
    pub source: String,
}

/// A published one-year LPR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lpr {
    /// The rate.
    pub rate: Rate,
    /// The day of publication.
    pub published_on: Date,
}

/// The LPR that a limit was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LprUsed {
    /// The last one published on the day in question or before, as far as it is known.
    pub lpr: Lpr,
    /// How many times it was taken.
    pub times: u32,
    /// If the day is later than the table is known to be right: the last day for which it is.
    pub carried_from: Option<Date>,
}

/// A line on a certain day, with its limit in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InForce<'a> {
    /// The line.
    pub line: &'a LegalLine,
    /// Its limit on that day, exact.
    pub limit: Rate,
    /// Where the limit comes from, if it is a multiple of the LPR.
    pub lpr: Option<LprUsed>,
}

/// Why a line has no figure on a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LegalProblem {
    /// The line needs an LPR from before the first one in the table.
    #[error("line {line} needs the LPR of {on}, which is earlier than the table")]
    LprUnknown {
        /// The line.
        line: String,
        /// The day.
        on: Date,
    },
    /// A multiple of the LPR above 10,000 %.
    #[error("line {line} is beyond any rate")]
    LimitTooHigh {
        /// The line.
        line: String,
    },
}

impl LegalProblem {
    /// The problem in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::LprUnknown { line, on } => {
                format!("利率线 {line} 需要 {on} 的 LPR，早于 LPR 表的起始日")
            }
            Self::LimitTooHigh { line } => format!("利率线 {line} 的上限超出可表示的范围"),
        }
    }
}

/// A contract to be held against the lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contract {
    /// Its annual cost, by the convention of the caller's choice.
    pub figure: AnnualRate,
    /// The principal that was really received; see [`law_principal`].
    pub received: Money,
    /// The day on which it was made (合同成立).
    pub signed_on: Date,
    /// Who lends.
    pub lender: Lender,
}

/// The lines and the LPR they refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalLines {
    lines: Vec<LegalLine>,
    /// In order of publication, at least one.
    lpr: Vec<Lpr>,
    known_until: Date,
}

impl LegalLines {
    /// The lines and the LPR that come with the platform.
    ///
    /// An error here is a mistake in the shipped data, which a test excludes.
    pub fn shipped() -> Result<Self, LegalFileError> {
        Self::parse(SHIPPED_LINES, SHIPPED_LPR)
    }

    /// Reads an operator's own texts, in the form of the shipped ones.
    pub fn parse(lines_csv: &str, lpr_csv: &str) -> Result<Self, LegalFileError> {
        let (lpr, known_until) = file::lpr_table(lpr_csv)?;
        Ok(Self { lines: file::legal_lines(lines_csv)?, lpr, known_until })
    }

    /// All lines, as they stand in the file.
    pub fn lines(&self) -> &[LegalLine] {
        &self.lines
    }

    /// The last day for which the LPR table is known to be right.
    pub const fn lpr_known_until(&self) -> Date {
        self.known_until
    }

    /// The one-year LPR in force on a day: the last one published on it or before.
    ///
    /// 「合同成立时一年期贷款市场报价利率」: a contract made before the 20th goes by the rate of
    /// the month before.
    pub fn lpr_on(&self, day: Date) -> Option<Lpr> {
        self.lpr.iter().rev().find(|lpr| lpr.published_on <= day).copied()
    }

    /// The lines in force for a contract made on a day, in the order of the file.
    ///
    /// Empty where no line is known: before 2015-09-01 for private lending, before 2017-08-04
    /// for institutions, as shipped.
    pub fn on(&self, day: Date, lender: Lender) -> Result<Vec<InForce<'_>>, LegalProblem> {
        let valid = self.lines.iter().filter(|line| {
            let ended = line.valid_to.is_some_and(|last| last < day);
            line.applies_to.covers(lender) && line.valid_from <= day && !ended
        });
        valid.map(|line| self.in_force(line, day)).collect()
    }

    /// Holds a contract against every line in force on the day it was made.
    ///
    /// The figure is rounded half up to 0.0001 % before it is compared; a figure on the line is
    /// within it.
    pub fn check(&self, contract: &Contract) -> Result<Vec<Finding<'_>>, LegalProblem> {
        let in_force = self.on(contract.signed_on, contract.lender)?;
        Ok(in_force.into_iter().map(|line| Finding::new(line, contract)).collect())
    }

    fn in_force<'a>(&'a self, line: &'a LegalLine, day: Date) -> Result<InForce<'a>, LegalProblem> {
        let times = match line.limit {
            Limit::Fixed(limit) => return Ok(InForce { line, limit, lpr: None }),
            Limit::LprMultiple(times) => times,
        };
        let name = || line.id.clone();
        let lpr =
            self.lpr_on(day).ok_or_else(|| LegalProblem::LprUnknown { line: name(), on: day })?;
        let limit = lpr.rate.ppm().checked_mul(times).and_then(Rate::from_ppm);
        let limit = limit.ok_or_else(|| LegalProblem::LimitTooHigh { line: name() })?;
        let carried_from = (day > self.known_until).then_some(self.known_until);
        Ok(InForce { line, limit, lpr: Some(LprUsed { lpr, times, carried_from }) })
    }
}

/// The principal in law: what was received, where interest was kept back in advance (砍头息).
///
/// 民法典 第六百七十条: 「借款的利息不得预先在本金中扣除。利息预先在本金中扣除的，应当按照实际借款
/// 数额返还借款并计算利息。」 `None` if more was kept back than lent.
pub const fn law_principal(contract: Money, kept_back: Money) -> Option<Money> {
    contract.minus(kept_back)
}
