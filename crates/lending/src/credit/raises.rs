//! Requests for a higher limit (提额申请): a customer asks, somebody in the back office decides.

use kernel::id::{MemberId, OperatorId, RaiseId};
use kernel::{Instant, Money};
use store::Fault;

use super::lines::{ChangeError, change_limit, open_line};
use super::sql::raises as sql;
use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx, catalog, customers};

/// Accounts elsewhere that must be proven besides education and Taobao. Source: contract of
/// document 002.
const OTHERS_NEEDED: u32 = 2;

/// What of a customer is proven elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Their education (学历).
    pub education: bool,
    /// Their account with Taobao.
    pub taobao: bool,
    /// How many of JD, credit card bills, e-bank, QQ, 微信 and bank account.
    pub others: u32,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RaiseState {
    /// It waits.
    Requested,
    /// The limit was raised.
    Granted,
    /// It was not.
    Refused,
}

impl RaiseState {
    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }
}

/// A request for a higher limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raise {
    /// Its number.
    pub id: RaiseId,
    /// Whose.
    pub member: MemberId,
    /// Where it stands.
    pub state: RaiseState,
    /// The limit when it was asked for.
    pub before: Money,
    /// The limit that was granted.
    pub after: Option<Money>,
    /// Who decided.
    pub operator: Option<OperatorId>,
    /// Why so.
    pub reason: Option<String>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

/// Why a request was not taken. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RaiseError {
    /// There is no such customer, or the channel has nothing to lend.
    #[error("no such customer")]
    NoSuchCustomer,
    /// Education or Taobao are not proven (请先完成提额的基础认证).
    #[error("education and taobao come first")]
    BasicsFirst,
    /// Too little else is proven (提额的更多认证请至少完成2项).
    #[error("two more are needed")]
    MoreFirst,
    /// One is waiting (您的提额申请正在审核中).
    #[error("a request is waiting")]
    Waiting,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Asks for a higher limit; one request waits at a time.
pub fn request_raise(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    proven: Proven,
) -> Result<Raise, RaiseError> {
    let customer = customers::customer(tx, member)?.ok_or(RaiseError::NoSuchCustomer)?;
    if !(proven.education && proven.taobao) {
        return Err(RaiseError::BasicsFirst);
    }
    if proven.others < OTHERS_NEEDED {
        return Err(RaiseError::MoreFirst);
    }
    let product = catalog::on_sale(tx, customer.channel)?.into_iter().next();
    let first = product.map(|product| product.version.first_limit);
    let line = open_line(tx, member, first.ok_or(RaiseError::NoSuchCustomer)?)?;
    let raise = Raise {
        id: RaiseId::from_number(tx.ids.take(tx.at.wall, 1)),
        member,
        state: RaiseState::Requested,
        before: line.limit,
        after: None,
        operator: None,
        reason: None,
        requested_at: tx.at.business,
        decided_at: None,
    };
    if !sql::insert(tx, &raise)? {
        return Err(RaiseError::Waiting);
    }
    let (actor, subject) = (Actor::Customer(member), Subject::Member(member));
    audit::note(tx, actor, "credit_raise.requested", subject, "")?;
    Ok(raise)
}

/// Decides a request.
#[derive(Clone, Debug)]
pub struct DecideRaise {
    /// Who decides.
    pub operator: OperatorId,
    /// Which.
    pub raise: RaiseId,
    /// The new limit, or nothing where it stays as it is.
    pub limit: Option<Money>,
    /// Why.
    pub reason: String,
}

/// Why a request was not decided. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum DecideRaiseError {
    /// There is no such request that waits.
    #[error("no such request that waits")]
    NotWaiting,
    /// What was granted is no higher than the limit.
    #[error("no higher than the limit")]
    NotHigher,
    /// The limit cannot be changed so.
    #[error(transparent)]
    Change(ChangeError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Grants a request or refuses it.
pub fn decide_raise(tx: &mut Tx<'_, '_>, command: &DecideRaise) -> Result<Raise, DecideRaiseError> {
    let raise = sql::lock(tx, command.raise)?;
    let raise = raise.filter(|raise| raise.state == RaiseState::Requested);
    let raise = raise.ok_or(DecideRaiseError::NotWaiting)?;
    let (actor, subject) = (Actor::Operator(command.operator), Subject::Member(raise.member));
    let state = match command.limit {
        None => RaiseState::Refused,
        Some(limit) => {
            let line = super::line(tx, raise.member)?;
            if line.is_none_or(|line| limit <= line.limit) {
                return Err(DecideRaiseError::NotHigher);
            }
            let changed = change_limit(tx, actor, raise.member, limit, &command.reason);
            changed.map_err(|error| match error {
                ChangeError::Fault(fault) => DecideRaiseError::Fault(fault),
                refusal @ (ChangeError::NoReason
                | ChangeError::NoLine
                | ChangeError::BelowUse { .. }) => DecideRaiseError::Change(refusal),
            })?;
            RaiseState::Granted
        }
    };
    let decided = Raise {
        state,
        after: command.limit,
        operator: Some(command.operator),
        reason: Some(command.reason.clone()),
        decided_at: Some(tx.at.business),
        ..raise
    };
    sql::decide(tx, &decided)?;
    let action = match state {
        RaiseState::Granted => "credit_raise.granted",
        RaiseState::Refused | RaiseState::Requested => "credit_raise.refused",
    };
    audit::note(tx, actor, action, subject, "")?;
    Ok(decided)
}

/// A request by its number, locked against other decisions until the commit.
pub fn raise(tx: &mut Tx<'_, '_>, id: RaiseId) -> Result<Option<Raise>, Fault> {
    sql::lock(tx, id)
}

/// Requests that wait, the oldest first.
pub fn waiting_raises(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Raise>, Fault> {
    sql::waiting(tx, page)
}
