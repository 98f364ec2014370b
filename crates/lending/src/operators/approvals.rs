//! The two-person rule (双人复核): what one operator asks for, another consents to, and the command
//! uses once.

mod sql;

use kernel::id::{ApprovalId, OperatorId};
use kernel::{Instant, Money};
use store::Fault;

use super::{Operator, Right, Rules};
use crate::audit::{self, NotedSubject, Subject};
use crate::{Page, Tx};

/// What can need a second operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Paying a loan out (放款).
    Payout,
    /// Taking a repayment back by a contra entry (冲正).
    Reversal,
    /// Paying money back to a customer (退款).
    Refund,
    /// Writing a loan off (核销).
    WriteOff,
    /// Raising or lowering a credit line (额度调整).
    LimitChange,
}

impl Action {
    /// Every action.
    pub const ALL: &[Self] =
        &[Self::Payout, Self::Reversal, Self::Refund, Self::WriteOff, Self::LimitChange];

    /// The word in the database and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payout => "payout",
            Self::Reversal => "reversal",
            Self::Refund => "refund",
            Self::WriteOff => "write_off",
            Self::LimitChange => "limit_change",
        }
    }

    /// The action with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.word() == word)
    }

    /// The right that both operators need.
    pub const fn right(self) -> Right {
        match self {
            Self::Payout => Right::PayOut,
            Self::Reversal | Self::Refund => Right::Reverse,
            Self::WriteOff => Right::WriteOff,
            Self::LimitChange => Right::ChangeLimit,
        }
    }

    const fn most_alone(self, rules: &Rules) -> Money {
        match self {
            Self::Payout => rules.payout_above,
            Self::Reversal => rules.reversal_above,
            Self::Refund => rules.refund_above,
            Self::WriteOff => rules.write_off_above,
            Self::LimitChange => rules.limit_change_above,
        }
    }
}

/// Whether an action about so much money needs a second operator. For a change of a credit line
/// the amount is the difference, whichever way it goes.
pub fn needs_second(rules: &Rules, action: Action, amount: Money) -> bool {
    amount > action.most_alone(rules)
}

/// How far an approval has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for a second operator.
    Requested,
    /// A second operator has consented; the command may be carried out, once.
    Approved,
    /// It was refused, or taken back.
    Rejected,
    /// The command was carried out.
    Used,
    /// Its time was up before that.
    Expired,
}

impl State {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }
}

/// A command as the two operators agree on it. Nothing of it may change between the request and
/// its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is to be done.
    pub action: Action,
    /// To what.
    pub subject: Subject,
    /// About how much money.
    pub amount: Money,
    /// The rest of the command, in a form that is always the same for the same command.
    pub parameters: String,
}

/// A request for a second operator's consent, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What is to be done.
    pub action: Action,
    /// To what.
    pub subject: NotedSubject,
    /// About how much money.
    pub amount: Money,
    /// The rest of the command.
    pub parameters: String,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Who asked.
    pub requested_by: OperatorId,
    /// When, by the wall clock.
    pub requested_at: Instant,
    /// Until when it can be consented to and used.
    pub expires_at: Instant,
    /// How far it has come, now.
    pub state: State,
    /// Who consented or refused.
    pub decided_by: Option<OperatorId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Who carried the command out.
    pub used_by: Option<OperatorId>,
    /// When.
    pub used_at: Option<Instant>,
}

/// Why a request was not taken. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Who asks needs the right themselves.
    #[error("without the right {}", .0.word())]
    NoRight(Right),
    /// Parameters or reason are too long.
    #[error("the request is too long")]
    TooLong,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Bytes of parameters and of a reason at most: what a command of the back office needs.
const MOST_BYTES: usize = 4_000;

/// Asks for a second operator's consent.
pub fn request(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    asked: &Asked,
    reason: &str,
) -> Result<Approval, RequestError> {
    let right = asked.action.right();
    if !operator.roles.give(right) {
        return Err(RequestError::NoRight(right));
    }
    if asked.parameters.len() > MOST_BYTES || reason.len() > MOST_BYTES {
        return Err(RequestError::TooLong);
    }
    let at = tx.at.wall;
    let hours = i64::from(tx.policy.operators.approval_hours);
    let approval = Approval {
        id: ApprovalId::from_number(tx.ids.take(at, 1)),
        action: asked.action,
        subject: NotedSubject {
            kind: asked.subject.kind().to_owned(),
            number: asked.subject.number(),
        },
        amount: asked.amount,
        parameters: asked.parameters.clone(),
        reason: reason.to_owned(),
        requested_by: operator.id,
        requested_at: at,
        expires_at: at.plus_millis(hours.saturating_mul(3_600_000)),
        state: State::Requested,
        decided_by: None,
        decided_at: None,
        used_by: None,
        used_at: None,
    };
    sql::insert(tx, &approval)?;
    note(tx, operator, "approval.requested", &approval, asked.subject)?;
    Ok(approval)
}

/// Why an approval was not decided. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such request.
    #[error("no such approval")]
    NoSuchApproval,
    /// Who decides needs the right of the action.
    #[error("without the right {}", .0.word())]
    NoRight(Right),
    /// It waits for nobody: it has been decided, used, or its time is up.
    #[error("the approval is {}", .0.word())]
    NotWaiting(State),
    /// Nobody consents to what they have asked for.
    #[error("nobody approves their own request")]
    Yourself,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a second operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be done.
    Approve,
    /// It may not. Who asked may take the request back so.
    Reject,
}

/// Consents to a request, or refuses it.
pub fn decide(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    id: ApprovalId,
    verdict: Verdict,
) -> Result<Approval, DecideError> {
    let approval = sql::approval_locked(tx, id)?.ok_or(DecideError::NoSuchApproval)?;
    let right = approval.action.right();
    let own = approval.requested_by == operator.id;
    let takes_back = own && verdict == Verdict::Reject;
    if !operator.roles.give(right) && !takes_back {
        return Err(DecideError::NoRight(right));
    }
    if approval.state != State::Requested {
        return Err(DecideError::NotWaiting(approval.state));
    }
    let (state, action) = match verdict {
        Verdict::Approve if own => return Err(DecideError::Yourself),
        Verdict::Approve => (State::Approved, "approval.approved"),
        Verdict::Reject => (State::Rejected, "approval.rejected"),
    };
    sql::decide(tx, id, state, operator.id)?;
    let (decided_by, decided_at) = (Some(operator.id), Some(tx.at.wall));
    let approval = Approval { state, decided_by, decided_at, ..approval };
    let subject = subject(&approval)?;
    note(tx, operator, action, &approval, subject)?;
    Ok(approval)
}

/// Why an approval does not let a command be carried out. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// There is no such request.
    #[error("no such approval")]
    NoSuchApproval,
    /// Who carries it out needs the right themselves.
    #[error("without the right {}", .0.word())]
    NoRight(Right),
    /// It was given for another command.
    #[error("the approval is for another command")]
    AnotherCommand,
    /// It is not approved, has been used, or its time is up.
    #[error("the approval is {}", .0.word())]
    NotApproved(State),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Uses an approval for exactly the command it was given for, in that command's own transaction:
/// if the command is refused, the approval is as it was. At most once.
pub fn consume(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    id: ApprovalId,
    asked: &Asked,
) -> Result<Approval, ConsumeError> {
    let approval = sql::approval_locked(tx, id)?.ok_or(ConsumeError::NoSuchApproval)?;
    let right = approval.action.right();
    if !operator.roles.give(right) {
        return Err(ConsumeError::NoRight(right));
    }
    let same = approval.action == asked.action
        && approval.subject.kind == asked.subject.kind()
        && approval.subject.number == asked.subject.number()
        && approval.amount == asked.amount
        && approval.parameters == asked.parameters;
    if !same {
        return Err(ConsumeError::AnotherCommand);
    }
    if approval.state != State::Approved {
        return Err(ConsumeError::NotApproved(approval.state));
    }
    sql::consume(tx, id, operator.id)?;
    let (used_by, used_at) = (Some(operator.id), Some(tx.at.wall));
    let approval = Approval { state: State::Used, used_by, used_at, ..approval };
    note(tx, operator, "approval.used", &approval, asked.subject)?;
    Ok(approval)
}

/// What came of the two-person rule for a command that is about to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// One operator is enough: carry it out.
    NotNeeded,
    /// The approval was used just now: carry it out, in this transaction.
    Given(Box<Approval>),
    /// A second operator was asked: do nothing yet.
    Awaited(Box<Approval>),
}

/// Why the two-person rule does not let a command be carried out. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum SecondError {
    /// Whether or not it needs a second operator, this one may not do it.
    #[error("without the right {}", .0.word())]
    NoRight(Right),
    /// The approval that was shown does not do.
    #[error(transparent)]
    Consume(ConsumeError),
    /// A second operator could not be asked.
    #[error(transparent)]
    Request(RequestError),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The two-person rule, to be called first by every command that stands in [`Action`]: asks for a
/// second operator where one is needed and no approval is shown, and uses the one that is.
pub fn second(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    asked: &Asked,
    shown: Option<ApprovalId>,
    reason: &str,
) -> Result<Second, SecondError> {
    let right = asked.action.right();
    if !operator.roles.give(right) {
        return Err(SecondError::NoRight(right));
    }
    match shown {
        Some(id) => match consume(tx, operator, id, asked) {
            Ok(approval) => Ok(Second::Given(Box::new(approval))),
            Err(ConsumeError::Fault(fault)) => Err(fault.into()),
            Err(refused) => Err(SecondError::Consume(refused)),
        },
        None if needs_second(&tx.policy.operators, asked.action, asked.amount) => {
            match request(tx, operator, asked, reason) {
                Ok(approval) => Ok(Second::Awaited(Box::new(approval))),
                Err(RequestError::Fault(fault)) => Err(fault.into()),
                Err(refused) => Err(SecondError::Request(refused)),
            }
        }
        None => Ok(Second::NotNeeded),
    }
}

/// One approval.
pub fn approval(tx: &mut Tx<'_, '_>, id: ApprovalId) -> Result<Option<Approval>, Fault> {
    sql::approval(tx, id)
}

/// Which approvals to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them, the newest first.
    All,
    /// Those that wait for a second operator or to be used, the oldest first.
    Open,
}

/// Approvals, a page of them.
pub fn approvals(tx: &mut Tx<'_, '_>, which: Which, page: Page) -> Result<Vec<Approval>, Fault> {
    sql::approvals(tx, which, page)
}

fn subject(approval: &Approval) -> Result<Subject, Fault> {
    let subject = Subject::parse(&approval.subject.kind, approval.subject.number);
    subject.ok_or_else(|| Fault::Corrupt("approval.subject_kind".into()))
}

fn note(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    action: &'static str,
    approval: &Approval,
    subject: Subject,
) -> Result<(), Fault> {
    let (id, what, fen) = (approval.id.number(), approval.action.word(), approval.amount.fen());
    let detail = format!("approval {id}: {what} of {fen} fen");
    audit::note(tx, operator.actor(), action, subject, &detail)
}
