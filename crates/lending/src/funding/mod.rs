//! The funding partner (资金方): what it is told of limits and drawdowns, and what becomes of them
//! when it speaks.
//!
//! What it is to be told is written down first, told by a dispatcher after the commit, and asked
//! for by its number where an answer is lost. The rules about applications, drawdowns and money are
//! those of their contexts; here stands only which word of the partner's leads where.

mod hearing;
mod issues;
mod pushing;
mod rules;
mod sql;
mod telling;

#[cfg(test)]
pub(crate) mod tests;

use kernel::Instant;
use kernel::id::{ApplicationId, CardId, DrawdownId, FundingOrderId, PaymentId, RepaymentId};
use store::Fault;

pub use hearing::{Heard, answered, hear};
pub use issues::{CloseIssueError, Issue, close_issue, open_issues};
pub use pushing::{AgainError, tell_again};
pub(crate) use pushing::{
    decides_drawdowns, is_deciding, let_go, push_application, push_plan, push_repayment,
    push_reversal, push_withdrawal, push_withdrawal_again,
};
pub use telling::{Claimed, Step, claim_due, has_due};

use crate::audit::Actor;
use crate::ports::{FundingKind, FundingStatus};
use crate::{Page, Tx};

/// The partner in the audit trail.
pub(crate) const PARTNER: Actor = Actor::Provider("funding");

/// Whether a partner decides about limits and pays drawdowns out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partner {
    /// People review, and the cashier pays out.
    #[default]
    Off,
    /// The partner does, where our rules do not refuse.
    On,
}

/// Where something stands that the partner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Written down, not told.
    Requested,
    /// Told, and not answered yet.
    Sent,
    /// The answer was lost, or said nothing: it is being asked for.
    Unknown,
    /// The partner has it, and has not said its last word.
    Accepted,
    /// It has.
    Settled,
    /// The partner takes it for a mistake, or has said of it what cannot be: people see to it.
    Refused,
    /// It was never told, and need not be any more.
    Dropped,
}

impl OrderState {
    const ALL: &[Self] = &[
        Self::Requested,
        Self::Sent,
        Self::Unknown,
        Self::Accepted,
        Self::Settled,
        Self::Refused,
        Self::Dropped,
    ];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Settled => "settled",
            Self::Refused => "refused",
            Self::Dropped => "dropped",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }

    /// Whether the partner is still to do something about it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Sent | Self::Unknown | Self::Accepted)
    }
}

/// Something that the partner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number here.
    pub id: FundingOrderId,
    /// What it is.
    pub kind: FundingKind,
    /// Its number at the partner.
    pub number: String,
    /// The application that it is about.
    pub application: ApplicationId,
    /// Of a withdrawal: the drawdown.
    pub drawdown: Option<DrawdownId>,
    /// Of a withdrawal: the card that it goes to.
    pub card: Option<CardId>,
    /// Of a withdrawal that was approved: the order that it pays out.
    pub payment: Option<PaymentId>,
    /// The repayment that is reported.
    pub repayment: Option<RepaymentId>,
    /// Where it stands.
    pub state: OrderState,
    /// What the partner has said last.
    pub heard: Option<FundingStatus>,
    /// The place of that among all that it says of this order.
    pub heard_place: i64,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When the next attempt is due, by the wall.
    pub attempt_at: Instant,
    /// How many attempts there were: to tell it, and to ask for it.
    pub attempts: i64,
    /// When it was written down.
    pub requested_at: Instant,
    /// When it was over.
    pub settled_at: Option<Instant>,
}

/// An order by its number here.
pub fn order(tx: &mut Tx<'_, '_>, id: FundingOrderId) -> Result<Option<Order>, Fault> {
    sql::order(tx, id)
}

/// Everything that the partner is told about an application, in order.
pub fn orders_of(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Vec<Order>, Fault> {
    sql::orders_of(tx, id)
}

/// What the partner is still to answer, the oldest first: what an operator looks at when it is
/// silent.
pub fn open_orders(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Order>, Fault> {
    sql::open_orders(tx, page)
}

/// Empties every table about the partner; for benches.
pub(crate) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    sql::wipe(tx)
}
