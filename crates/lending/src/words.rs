//! The words that stand in the database for values of the pure crates.

use pricing::Method;
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;
use store::{Fault, Row};

use crate::catalog::{IntervalUnit, TenorUnit};

/// A value that stands in the database as a word.
pub(crate) trait Word: Copy + PartialEq + 'static {
    /// Every value that can stand there.
    const ALL: &'static [Self];

    /// The word.
    fn word(self) -> &'static str;

    /// Reads the word.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }

    /// Reads a column of words.
    fn read(row: &Row<'_>, column: &str) -> Result<Self, Fault> {
        Self::parse(&row.text(column)?).ok_or_else(|| Fault::Corrupt(column.to_owned()))
    }
}

macro_rules! words {
    ($type:ty { $($value:path => $word:literal,)* }) => {
        impl Word for $type {
            const ALL: &'static [Self] = &[$($value),*];

            fn word(self) -> &'static str {
                match self {
                    $($value => $word,)*
                }
            }
        }
    };
}

words!(TenorUnit {
    TenorUnit::Day => "day",
    TenorUnit::Month => "month",
});

words!(IntervalUnit {
    IntervalUnit::Day => "day",
    IntervalUnit::Month => "month",
    IntervalUnit::Quarter => "quarter",
    IntervalUnit::Year => "year",
});

words!(Method {
    Method::OneOff => "one_off",
    Method::InterestOnly => "interest_only",
    Method::EqualInstalment => "equal_instalment",
    Method::EqualPrincipal => "equal_principal",
    Method::Flat => "flat",
});

words!(DayCount {
    DayCount::Thirty360 => "30_360",
    DayCount::ThirtyE360 => "30e_360",
    DayCount::Act360 => "act_360",
    DayCount::Act365 => "act_365",
    DayCount::Act364 => "act_364",
    DayCount::ActAct => "act_act",
    DayCount::ActActIsda => "act_act_isda",
});

words!(Lender {
    Lender::Private => "private",
    Lender::Institution => "institution",
    Lender::InstitutionByPlatform => "institution_by_platform",
});

words!(PenaltyBase {
    PenaltyBase::OverduePrincipal => "overdue_principal",
    PenaltyBase::OverduePrincipalAndInterest => "overdue_principal_and_interest",
    PenaltyBase::OverdueAmount => "overdue_amount",
    PenaltyBase::Outstanding => "outstanding",
});

/// A count that is small by its nature: a tenor, a version, a number of steps.
pub(crate) fn small(row: &Row<'_>, column: &str) -> Result<u32, Fault> {
    u32::try_from(row.i64(column)?).map_err(|_| Fault::Corrupt(column.to_owned()))
}
