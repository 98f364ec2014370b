//! The audit trail (审计): who did what to what, in rows that are only ever added.
//!
//! Entries are noted in the transaction of what they tell of. A job seals them a little later into
//! a chain of hashes, so that no entry can be changed, taken out or slipped in unseen.

mod chain;
mod sql;

#[cfg(test)]
mod tests;

use kernel::Instant;
use kernel::id::{
    ApplicationId, AuditEntryId, LeadId, LoanId, MemberId, OperatorId, PaymentId, ProductId,
    ProjectId,
};
use store::Fault;

pub(crate) use chain::verify;
pub use chain::{Head, Reach, has_settled, head, seal};

use crate::{Page, Tx};

/// Characters of a detail at most; a longer one is cut.
const DETAIL_CHARACTERS: usize = 500;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The platform itself: a job, a rule.
    Platform,
    /// A customer.
    Customer(MemberId),
    /// Somebody in the back office.
    Operator(OperatorId),
    /// A provider, by an answer or a callback.
    Provider(&'static str),
}

/// What it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The platform as a whole.
    Platform,
    /// A customer.
    Member(MemberId),
    /// An application.
    Application(ApplicationId),
    /// A loan.
    Loan(LoanId),
    /// An order to a payment provider.
    Payment(PaymentId),
    /// A product.
    Product(ProductId),
    /// An operator's account.
    Operator(OperatorId),
    /// A lead of the exchange.
    Lead(LeadId),
    /// A project of the market.
    Project(ProjectId),
}

impl Subject {
    /// The word for this kind of subject, as in the database and on the wire.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Member(_) => "member",
            Self::Application(_) => "application",
            Self::Loan(_) => "loan",
            Self::Payment(_) => "payment",
            Self::Product(_) => "product",
            Self::Operator(_) => "operator",
            Self::Lead(_) => "lead",
            Self::Project(_) => "project",
        }
    }

    /// Its number; the platform has none.
    pub const fn number(self) -> Option<i64> {
        match self {
            Self::Platform => None,
            Self::Member(id) => Some(id.number()),
            Self::Application(id) => Some(id.number()),
            Self::Loan(id) => Some(id.number()),
            Self::Payment(id) => Some(id.number()),
            Self::Product(id) => Some(id.number()),
            Self::Operator(id) => Some(id.number()),
            Self::Lead(id) => Some(id.number()),
            Self::Project(id) => Some(id.number()),
        }
    }

    /// The subject with this word and number.
    pub fn parse(kind: &str, number: Option<i64>) -> Option<Self> {
        match (kind, number) {
            ("platform", None) => Some(Self::Platform),
            ("member", Some(id)) => Some(Self::Member(MemberId::from_number(id))),
            ("application", Some(id)) => Some(Self::Application(ApplicationId::from_number(id))),
            ("loan", Some(id)) => Some(Self::Loan(LoanId::from_number(id))),
            ("payment", Some(id)) => Some(Self::Payment(PaymentId::from_number(id))),
            ("product", Some(id)) => Some(Self::Product(ProductId::from_number(id))),
            ("operator", Some(id)) => Some(Self::Operator(OperatorId::from_number(id))),
            ("lead", Some(id)) => Some(Self::Lead(LeadId::from_number(id))),
            ("project", Some(id)) => Some(Self::Project(ProjectId::from_number(id))),
            (_, _) => None,
        }
    }
}

/// Who did it, as read from the trail: a provider's name is a text there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedActor {
    /// `platform`, `customer`, `operator` or `provider`.
    pub kind: String,
    /// The customer's or operator's number.
    pub number: Option<i64>,
    /// The provider's name.
    pub provider: Option<String>,
}

/// What it was done to, as read from the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedSubject {
    /// The word of [`Subject::kind`].
    pub kind: String,
    /// Its number.
    pub number: Option<i64>,
}

/// An entry of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; ids rise with the time.
    pub id: AuditEntryId,
    /// Who did it.
    pub actor: NotedActor,
    /// What was done, such as `application.approved`.
    pub action: String,
    /// To what.
    pub subject: NotedSubject,
    /// The rest.
    pub detail: String,
    /// When, by the wall clock.
    pub noted_at: Instant,
    /// When, by the business clock.
    pub business_at: Instant,
}

/// Which entries to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// What one operator has done.
    By(OperatorId),
    /// What was done to one subject.
    About(Subject),
}

/// Notes that something was done. `action` is a word such as `application.approved`; `detail` says
/// the rest and holds nothing personal. It is cut at 500 characters and has no line breaks.
pub fn note(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    detail: &str,
) -> Result<(), Fault> {
    let clean: String =
        detail.chars().filter(|sign| !sign.is_control()).take(DETAIL_CHARACTERS).collect();
    sql::append_entry(tx, actor, action, subject, &clean)
}

/// Entries, the newest first. Pages are cut by id, which is the order of time to the second where
/// several nodes are at work; within a page the order is exact.
pub fn entries(tx: &mut Tx<'_, '_>, filter: Filter, page: Page) -> Result<Vec<Entry>, Fault> {
    let mut entries = sql::entries(tx, filter, page)?;
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.noted_at, entry.id)));
    Ok(entries)
}
