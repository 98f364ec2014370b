//! The words that the database keeps for what a product is made of.

use pricing::Method;
use pricing::account::PenaltyBase;
use pricing::daycount::DayCount;
use pricing::legal::Lender;

use super::{FeeTime, IntervalUnit, TenorUnit};

/// A type whose values have a word each, for columns and configuration.
pub trait Word: Sized {
    /// The word of this value.
    fn word(self) -> &'static str;

    /// The value with this word.
    fn of_word(word: &str) -> Option<Self>;
}

macro_rules! words {
    ($($kind:ty { $($value:ident $word:literal)* })*) => {$(
        impl Word for $kind {
            fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }

            fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$value),)*
                    _ => None,
                }
            }
        }
    )*};
}

words! {
    TenorUnit { Day "day" Month "month" }
    IntervalUnit { Day "day" Month "month" Quarter "quarter" Year "year" }
    FeeTime { KeptBack "kept_back" EachPeriod "each_period" }
    Method {
        OneOff "one_off"
        InterestOnly "interest_only"
        EqualInstalment "equal_instalment"
        EqualPrincipal "equal_principal"
        Flat "flat"
    }
    DayCount {
        Thirty360 "30_360"
        ThirtyE360 "30e_360"
        Act360 "act_360"
        Act365 "act_365"
        Act364 "act_364"
        ActAct "act_act"
        ActActIsda "act_act_isda"
    }
    PenaltyBase {
        OverduePrincipal "overdue_principal"
        OverduePrincipalAndInterest "overdue_principal_and_interest"
        OverdueAmount "overdue_amount"
        Outstanding "outstanding"
    }
    Lender {
        Private "private"
        Institution "institution"
        InstitutionByPlatform "platform"
    }
}
