//! Operators (操作员): who works in the back office, how they prove it, and with which rights.
//!
//! They are no members and never become any; what they may do stands in [`Role::rights`].

pub mod approvals;
mod factor;
mod roles;
pub mod second_factor;
mod sessions;
mod sql;
mod token;

#[cfg(test)]
mod tests;

use kernel::id::OperatorId;
use kernel::{Instant, Money, Secret};
use store::Fault;

pub use factor::{Code, FACTOR_BYTES, FactorSecret};
pub use roles::{Right, Role, Roles};
pub use sessions::{Session, end_session, parse_agent, sessions};
pub use token::{TOKEN_BYTES, Token, TokenDigest};

use crate::audit::{self, Actor, Subject};
use crate::identity::guard::{self, Doorway};
use crate::identity::password::PasswordHash;
use crate::{Page, Tx};

/// What the lender has decided about its back office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Payouts above this need a second operator.
    pub payout_above: Money,
    /// Reversals of repayments above this need a second operator.
    pub reversal_above: Money,
    /// Refunds above this need a second operator.
    pub refund_above: Money,
    /// Write-offs above this need a second operator.
    pub write_off_above: Money,
    /// Changes of credit lines by more than this need a second operator.
    pub limit_change_above: Money,
    /// How long a request and the consent to it are good for, in hours.
    pub approval_hours: u32,
    /// How long a log-in is good for, in minutes.
    pub session_minutes: u32,
}

impl Default for Rules {
    /// Write-offs always need a second operator; the other figures suit a small lender.
    fn default() -> Self {
        // Zero, should a figure be none: then everything needs a second operator.
        let yuan = |yuan| Money::from_yuan(yuan).unwrap_or(Money::ZERO);
        Self {
            payout_above: yuan(50_000),
            reversal_above: yuan(1_000),
            refund_above: yuan(1_000),
            write_off_above: Money::ZERO,
            limit_change_above: yuan(20_000),
            approval_hours: 72,
            session_minutes: 480,
        }
    }
}

/// A name to log in with: 2 to 32 small letters, digits, `.`, `-` and `_`, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoginName(String);

impl LoginName {
    /// Reads a name; capital letters are taken as small ones.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_ascii_lowercase();
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
        let length = (2..=32).contains(&name.len());
        (first && length && name.bytes().all(good)).then_some(Self(name))
    }

    /// The name.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Characters that a password may have: enough against guessing through the door, whose lock-outs
/// do the rest, and few enough to hash.
pub const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=64;

/// Whether a password may be chosen. Any characters are good; the login name is none.
pub fn is_acceptable(login: &LoginName, password: &Secret) -> bool {
    let text = password.expose();
    PASSWORD_CHARACTERS.contains(&text.chars().count()) && !text.eq_ignore_ascii_case(login.text())
}

/// Reads the name that an operator is shown by: 1 to 40 characters, none of them control signs.
pub fn parse_name(text: &str) -> Option<String> {
    let name = text.trim();
    let good = (1..=40).contains(&name.chars().count()) && !name.contains(char::is_control);
    good.then(|| name.to_owned())
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Their number.
    pub id: OperatorId,
    /// What they log in with.
    pub login: LoginName,
    /// What they are shown by.
    pub name: String,
    /// What they are.
    pub roles: Roles,
    /// Whether the account is closed to them.
    pub blocked: bool,
    /// Whether their log-ins need a code of their authenticator.
    pub second_factor: bool,
    /// When the account was made.
    pub added_at: Instant,
}

impl Operator {
    /// Who they are in the audit trail.
    pub fn actor(&self) -> Actor {
        Actor::Operator(self.id)
    }
}

/// Adds an operator.
#[derive(Clone, Debug)]
pub struct Add {
    /// What they log in with.
    pub login: LoginName,
    /// What they are shown by; from [`parse_name`].
    pub name: String,
    /// What they are.
    pub roles: Roles,
    /// Their first password, hashed.
    pub password: PasswordHash,
}

/// Why an operator was not added. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Somebody has that login name.
    #[error("the login name is taken")]
    Taken,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Adds an operator.
pub fn add(tx: &mut Tx<'_, '_>, by: Actor, command: &Add) -> Result<Operator, AddError> {
    let id = OperatorId::from_number(tx.store.next_number(sql::SERIES)?);
    if !sql::insert(tx, id, command)? {
        return Err(AddError::Taken);
    }
    let roles = command.roles.words();
    audit::note(tx, by, "operator.added", Subject::Operator(id), &roles)?;
    Ok(Operator {
        id,
        login: command.login.clone(),
        name: command.name.clone(),
        roles: command.roles.clone(),
        blocked: false,
        second_factor: false,
        added_at: tx.at.wall,
    })
}

/// Why an operator's account was not changed. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Nobody changes what they themselves may do.
    #[error("nobody changes their own account so")]
    Yourself,
    /// There is no such operator.
    #[error("no such operator")]
    NoSuchOperator,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An operator whose account somebody else is about to change; their row is locked.
fn changing(tx: &mut Tx<'_, '_>, by: Actor, id: OperatorId) -> Result<Operator, ChangeError> {
    if by == Actor::Operator(id) {
        return Err(ChangeError::Yourself);
    }
    sql::operator_locked(tx, id)?.ok_or(ChangeError::NoSuchOperator)
}

/// Gives an operator other roles, from their next call on.
pub fn set_roles(
    tx: &mut Tx<'_, '_>,
    by: Actor,
    id: OperatorId,
    roles: &Roles,
) -> Result<Operator, ChangeError> {
    let before = changing(tx, by, id)?;
    sql::set_roles(tx, id, roles)?;
    let detail = format!("{} -> {}", before.roles.words(), roles.words());
    audit::note(tx, by, "operator.roles", Subject::Operator(id), &detail)?;
    Ok(Operator { roles: roles.clone(), ..before })
}

/// Whether an account is open to its operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// They may log in.
    Active,
    /// They may not, and their tokens are revoked.
    Blocked,
}

/// Closes an account to its operator, or opens it again.
pub fn set_status(
    tx: &mut Tx<'_, '_>,
    by: Actor,
    id: OperatorId,
    status: Status,
) -> Result<Operator, ChangeError> {
    let before = changing(tx, by, id)?;
    let action = match status {
        Status::Active => "operator.unblocked",
        Status::Blocked => {
            sql::revoke_all(tx, id)?;
            "operator.blocked"
        }
    };
    sql::set_status(tx, id, status)?;
    audit::note(tx, by, action, Subject::Operator(id), "")?;
    Ok(Operator { blocked: status == Status::Blocked, ..before })
}

/// Gives somebody else a new password: their tokens are revoked and a lock-out is lifted.
pub fn reset_password(
    tx: &mut Tx<'_, '_>,
    by: Actor,
    id: OperatorId,
    password: &PasswordHash,
) -> Result<Operator, ChangeError> {
    let operator = changing(tx, by, id)?;
    sql::set_password(tx, id, password)?;
    sql::revoke_all(tx, id)?;
    let doorway = doorway(tx, &operator.login, "");
    guard::forget_failures(tx, &doorway)?;
    audit::note(tx, by, "operator.password_reset", Subject::Operator(id), "")?;
    Ok(operator)
}

/// Gives the caller a new password of their own; every token is revoked, also the one that this
/// was asked with. The old password has been checked.
pub fn change_password(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    password: &PasswordHash,
) -> Result<(), Fault> {
    sql::set_password(tx, operator.id, password)?;
    sql::revoke_all(tx, operator.id)?;
    let subject = Subject::Operator(operator.id);
    audit::note(tx, operator.actor(), "operator.password_changed", subject, "")
}

/// Counts a wrong old password like a wrong log-in, so that a stolen token is no way around the
/// lock-out.
pub fn count_wrong_password(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    address: &str,
) -> Result<(), Fault> {
    let doorway = doorway(tx, &operator.login, address);
    guard::count_failure(tx, &doorway)?;
    let subject = Subject::Operator(operator.id);
    audit::note(tx, operator.actor(), "operator.log_in_refused", subject, "old password")
}

/// One operator.
pub fn operator(tx: &mut Tx<'_, '_>, id: OperatorId) -> Result<Option<Operator>, Fault> {
    sql::operator(tx, id)
}

/// The operator with this login name.
pub fn find(tx: &mut Tx<'_, '_>, login: &LoginName) -> Result<Option<Operator>, Fault> {
    sql::find(tx, login)
}

/// Operators by number.
pub fn operators(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Operator>, Fault> {
    sql::operators(tx, page)
}

/// What operators are shown by, for lists of what they did; the lowest numbers first.
pub fn names(tx: &mut Tx<'_, '_>, most: i64) -> Result<Vec<(OperatorId, String)>, Fault> {
    sql::names(tx, most)
}

/// What is needed to check a password outside the transaction.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub operator: OperatorId,
    /// What the password is checked against.
    pub password: PasswordHash,
}

/// What stands at a door before the password is checked.
#[derive(Clone, Debug)]
pub enum Door {
    /// Too many failures: the password need not be checked. [`log_in`] will say the same.
    Locked,
    /// No such account.
    Unknown,
    /// What to check the password against.
    Open(Credentials),
}

fn doorway(tx: &Tx<'_, '_>, login: &LoginName, address: &str) -> Doorway {
    Doorway::new(tx, &format!("operator {}", login.text()), address)
}

/// Looks at an account's door, on a snapshot, so that nothing costly is done for a locked one.
pub fn approach(tx: &mut Tx<'_, '_>, login: &LoginName, address: &str) -> Result<Door, Fault> {
    let doorway = doorway(tx, login, address);
    if guard::seems_locked(tx, &doorway)? {
        return Ok(Door::Locked);
    }
    Ok(sql::credentials(tx, login)?.map_or(Door::Unknown, Door::Open))
}

/// The end of a log-in, after the password has been checked.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// The account name that was given.
    pub login: LoginName,
    /// Where the call came from.
    pub address: String,
    /// What the browser says it is; from [`parse_agent`].
    pub agent: Option<String>,
    /// The code of an authenticator, where one was given.
    pub code: Option<Code>,
    /// The operator whose password was right; `None` if it was wrong or there is no such account.
    pub proven: Option<OperatorId>,
    /// What is kept of the token that they get.
    pub token: TokenDigest,
}

/// What came of a log-in. All are outcomes, not errors: failures are counted and must stay.
#[derive(Clone, Debug)]
pub enum LogInOutcome {
    /// In: the operator, and when their token expires.
    In(Box<Operator>, Instant),
    /// Wrong password or code, or unknown, or blocked: not told apart.
    Refused,
    /// Too many failures, for this account or from this address; right passwords are refused too.
    Locked,
}

/// Counts the attempt and decides it.
pub fn log_in(tx: &mut Tx<'_, '_>, command: &LogIn) -> Result<LogInOutcome, Fault> {
    let doorway = doorway(tx, &command.login, &command.address);
    if guard::is_locked(tx, &doorway)? {
        return Ok(LogInOutcome::Locked);
    }
    let known = sql::find(tx, &command.login)?;
    let account = known.as_ref().map(|known| Subject::Operator(known.id));
    let mut proven = known.filter(|known| command.proven == Some(known.id) && !known.blocked);
    if let Some(operator) = &proven
        && !second_factor::passes(tx, operator, command.code)?
    {
        proven = None;
    }
    let Some(operator) = proven else {
        let within = guard::count_failure(tx, &doorway)?;
        // Lock-outs bound how many of these there are.
        if let Some(subject) = account {
            audit::note(tx, Actor::Platform, "operator.log_in_refused", subject, "")?;
        }
        return Ok(if within { LogInOutcome::Refused } else { LogInOutcome::Locked });
    };
    guard::forget_failures(tx, &doorway)?;
    let life = i64::from(tx.policy.operators.session_minutes).saturating_mul(60_000);
    let expires = tx.at.wall.plus_millis(life);
    sql::thin_out_sessions(tx, operator.id)?;
    let origin = (command.address.as_str(), command.agent.as_deref());
    let origin = sessions::sealed_origin(tx, operator.id, origin)?;
    sql::insert_token(tx, operator.id, &command.token, sql::Origin::LogIn(&origin), expires)?;
    audit::note(tx, operator.actor(), "operator.logged_in", Subject::Operator(operator.id), "")?;
    Ok(LogInOutcome::In(Box::new(operator), expires))
}

/// Makes a token for a script.
#[derive(Clone, Debug)]
pub struct MakeToken {
    /// Whom it acts for, with all their rights.
    pub operator: OperatorId,
    /// What it is for; shown in the audit trail.
    pub label: String,
    /// How long it is good for.
    pub days: u32,
    /// What is kept of it.
    pub token: TokenDigest,
}

/// Makes a token for a script; when it expires.
pub fn make_token(
    tx: &mut Tx<'_, '_>,
    by: Actor,
    command: &MakeToken,
) -> Result<Instant, ChangeError> {
    let id = command.operator;
    if sql::operator_locked(tx, id)?.is_none() {
        return Err(ChangeError::NoSuchOperator);
    }
    let expires = tx.at.wall.plus_days(i64::from(command.days));
    sql::insert_token(tx, id, &command.token, sql::Origin::Script(&command.label), expires)?;
    let detail = format!("{} for {} days", command.label, command.days);
    audit::note(tx, by, "operator.token_made", Subject::Operator(id), &detail)?;
    Ok(expires)
}

/// Revokes every token of an operator: of log-ins and of scripts. How many there were.
pub fn revoke_tokens(tx: &mut Tx<'_, '_>, by: Actor, id: OperatorId) -> Result<u64, Fault> {
    let revoked = sql::revoke_all(tx, id)?;
    let detail = format!("{revoked} tokens");
    audit::note(tx, by, "operator.tokens_revoked", Subject::Operator(id), &detail)?;
    Ok(revoked)
}

/// Revokes one token: that of a log-out.
pub fn log_out(tx: &mut Tx<'_, '_>, token: &TokenDigest) -> Result<(), Fault> {
    sql::revoke(tx, token)
}

/// Why a caller may not do something in the back office. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// No such token; expired, revoked, or its operator is blocked.
    #[error("not logged in")]
    NotLoggedIn,
    /// The operator's roles do not give this right.
    #[error("without the right {}", .0.word())]
    NoRight(Right),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The operator who holds a token. For a command in the command's own transaction, so that a
/// token that was revoked before it does nothing.
pub fn authenticate(tx: &mut Tx<'_, '_>, token: &TokenDigest) -> Result<Operator, Denied> {
    let holder = sql::holder(tx, token)?.filter(|operator| !operator.blocked);
    holder.ok_or(Denied::NotLoggedIn)
}

/// Whether an operator's roles give a right.
pub fn require(operator: &Operator, right: Right) -> Result<(), Denied> {
    if operator.roles.give(right) { Ok(()) } else { Err(Denied::NoRight(right)) }
}

/// Why personal data is not shown. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The operator may not.
    #[error("without the right to see personal data")]
    NoRight,
    /// A reason is missing, or is too short to be one.
    #[error("a reason is needed")]
    NoReason,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Characters of the shortest reason: `核实身份`, "dispute".
const REASON_CHARACTERS: usize = 4;

/// Lets an operator see personal data in full, and notes it with the reason. To be called in the
/// transaction that reads the data, before it does; `what` says which, such as `id_card`.
pub fn show_personal(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    subject: Subject,
    what: &str,
    reason: &str,
) -> Result<(), ShowError> {
    if !operator.roles.give(Right::SeePersonalData) {
        return Err(ShowError::NoRight);
    }
    let reason = reason.trim();
    if reason.chars().count() < REASON_CHARACTERS {
        return Err(ShowError::NoReason);
    }
    let detail = format!("{what}: {reason}");
    audit::note(tx, operator.actor(), "personal.shown", subject, &detail)?;
    Ok(())
}

/// Forgets tokens that have expired; how many.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    sql::prune_tokens(tx)
}
