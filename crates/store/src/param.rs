//! Values that go into statements.

use kernel::{Date, Instant, Money};

/// A value bound to `?1`, `?2`, … of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    /// NULL of any type.
    Null,
    /// A BIGINT.
    I64(i64),
    /// A TEXT.
    Text(&'a str),
    /// A BYTEA.
    Blob(&'a [u8]),
}

/// Builds the parameter list of a statement: `params![id, amount, "held"]`.
#[macro_export]
macro_rules! params {
    () => { &[] };
    ($($value:expr),+ $(,)?) => { &[$($crate::Param::from($value)),+] };
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::I64(value)
    }
}

impl From<u32> for Param<'_> {
    fn from(value: u32) -> Self {
        Self::I64(i64::from(value))
    }
}

impl From<Money> for Param<'_> {
    fn from(value: Money) -> Self {
        Self::I64(value.fen())
    }
}

impl From<Instant> for Param<'_> {
    fn from(value: Instant) -> Self {
        Self::I64(value.millis())
    }
}

/// A column `*_day`: days since 1970, so that both engines can reckon with it.
impl From<Date> for Param<'_> {
    fn from(value: Date) -> Self {
        Self::I64(value.day_number())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! ids {
    ($($name:ident)*) => {$(
        impl From<kernel::id::$name> for Param<'_> {
            fn from(value: kernel::id::$name) -> Self {
                Self::I64(value.number())
            }
        }
    )*};
}

ids!(MemberId ProjectId BidId InstalmentId AccountNumber TransferId PostingId);
ids!(PersonId CardId ProductId ApplicationId LoanId PlanRowId PaymentId RepaymentId DocumentId);
ids!(RaiseId LeadId CollectionContactId);
ids!(OperatorId MessageId RuleId CouponId CheckId ContactId AuditEntryId ApprovalId);
ids!(SmsId FeedbackId ReportTaskId DrawdownId FaceCheckId FundingOrderId FundingIssueId);
