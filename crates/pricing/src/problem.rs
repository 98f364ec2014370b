//! What is wrong with terms that cannot be priced: which field, and why, in two languages.

use std::borrow::Cow;
use std::fmt;

/// A field of the terms that cannot be as it is.
///
/// The field has the name under which the calculator reads it (`principal`, `fees[1].share`), so
/// that it can be shown next to where it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which field.
    pub field: Cow<'static, str>,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is needed and not there.
    Missing,
    /// It is not what is expected, which is said in both languages.
    Malformed {
        /// What is expected, in English.
        expected: &'static str,
        /// What is expected, in Chinese.
        expected_zh: &'static str,
    },
    /// It is below or above what is taken.
    OutOfRange {
        /// The least that is taken.
        least: Cow<'static, str>,
        /// The most that is taken.
        most: Cow<'static, str>,
    },
    /// It does not go with another field.
    Contradicts {
        /// The other field.
        other: &'static str,
    },
    /// With it the loan would never be repaid.
    NeverRepaid,
    /// A figure that follows from it is too large to be an amount of money.
    TooLarge,
}

impl Problem {
    /// A problem of a field.
    pub fn new(field: impl Into<Cow<'static, str>>, fault: Fault) -> Self {
        Self { field: field.into(), fault }
    }

    /// A field that is needed.
    pub fn missing(field: &'static str) -> Self {
        Self::new(field, Fault::Missing)
    }

    /// A field beyond its bounds.
    pub fn range(
        field: impl Into<Cow<'static, str>>,
        least: impl Into<Cow<'static, str>>,
        most: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(field, Fault::OutOfRange { least: least.into(), most: most.into() })
    }

    /// Two fields that do not go together.
    pub fn contradiction(field: impl Into<Cow<'static, str>>, other: &'static str) -> Self {
        Self::new(field, Fault::Contradicts { other })
    }

    /// The problem in English.
    pub fn en(&self) -> String {
        let field = &self.field;
        match &self.fault {
            Fault::Missing => format!("{field} is missing"),
            Fault::Malformed { expected, .. } => format!("{field} must be {expected}"),
            Fault::OutOfRange { least, most } => {
                format!("{field} must be between {least} and {most}")
            }
            Fault::Contradicts { other } => format!("{field} does not go with {other}"),
            Fault::NeverRepaid => format!("with this {field} the loan is never repaid"),
            Fault::TooLarge => format!("{field} leads to amounts that are too large"),
        }
    }

    /// The problem in Chinese.
    pub fn zh(&self) -> String {
        let field = &self.field;
        match &self.fault {
            Fault::Missing => format!("缺少 {field}"),
            Fault::Malformed { expected_zh, .. } => format!("{field} 应为{expected_zh}"),
            Fault::OutOfRange { least, most } => format!("{field} 应在 {least} 与 {most} 之间"),
            Fault::Contradicts { other } => format!("{field} 与 {other} 不能同时使用"),
            Fault::NeverRepaid => format!("按此 {field} 借款永远无法还清"),
            Fault::TooLarge => format!("{field} 导致金额过大"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for Problem {}
