//! Members: who they are, how they prove it, and what guards their doors.

pub(crate) mod guard;
pub mod password;
mod sql;

#[cfg(test)]
mod tests;

use kernel::id::MemberId;
use kernel::{Channel, Instant, Mobile, Money};
use store::Fault;

use guard::Doorway;
pub use guard::{Limit, Limits};
use password::PasswordHash;

use crate::ledger::{self, Account};
use crate::{Page, Tx};

/// What a member may do on the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Invests and borrows (普通会员).
    Member,
    /// Audits projects as well (管理员). No operator of the console.
    Administrator,
}

/// A member as commands and answers see them.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their number.
    pub id: MemberId,
    /// Their mobile number, which is their account name.
    pub mobile: Mobile,
    /// The name they chose to be shown by.
    pub nickname: String,
    /// What they may do.
    pub role: Role,
    /// Whether an operator has closed the account.
    pub blocked: bool,
    /// Tokens that expire at this second or before it are revoked.
    pub tokens_revoked_through: i64,
    /// When they registered, by the business clock.
    pub registered_at: Instant,
    /// What they can use.
    pub wallet: Money,
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A protocol without authentication; a hole by design, for benches.
    Anyone,
    /// The holder of a token that is genuine and not expired.
    Bearer {
        /// Whom it was given to.
        member: MemberId,
        /// When it expires, in seconds since 1970.
        expires: i64,
    },
}

/// Why a caller may not act for a member. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// There is no such member.
    #[error("no such member")]
    NoSuchMember,
    /// The caller is somebody else.
    #[error("not the caller's own")]
    NotYours,
    /// The token has been revoked, or the account closed.
    #[error("token revoked")]
    Revoked,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The member on whose behalf the caller acts, if they may.
pub fn acting_for(tx: &mut Tx<'_, '_>, caller: Caller, target: MemberId) -> Result<Member, Denied> {
    let member = sql::member(tx, target)?.ok_or(Denied::NoSuchMember)?;
    match caller {
        Caller::Anyone if member.blocked => Err(Denied::Revoked),
        Caller::Anyone => Ok(member),
        Caller::Bearer { member: id, .. } if id != target => Err(Denied::NotYours),
        Caller::Bearer { expires, .. } => {
            if member.blocked || expires <= member.tokens_revoked_through {
                Err(Denied::Revoked)
            } else {
                Ok(member)
            }
        }
    }
}

/// Counts a registration that is about to be tried from an address; whether it may be.
/// A call of its own, before the costly hash is made.
pub fn admit_registration(tx: &mut Tx<'_, '_>, address: &str) -> Result<bool, Fault> {
    guard::within_registrations(tx, address)
}

/// Registers a member.
#[derive(Clone, Debug)]
pub struct Register {
    /// The number to give them; `None` for the next one. Chosen numbers are for fixtures.
    pub id: Option<MemberId>,
    /// The door they came through.
    pub channel: Channel,
    /// Their account name.
    pub mobile: Mobile,
    /// The name to be shown by.
    pub nickname: String,
    /// What they may do.
    pub role: Role,
    /// Their password, hashed.
    pub password: PasswordHash,
}

/// Why somebody was not registered. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The mobile number, or the chosen id, is taken.
    #[error("already registered")]
    Taken,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Registers a member and opens their wallet and frozen account.
pub fn register(tx: &mut Tx<'_, '_>, command: &Register) -> Result<Member, RegisterError> {
    let id = match command.id {
        Some(id) => {
            crate::ids::check_chosen(id.number())?;
            tx.store.set_number(sql::SERIES, id.number())?;
            id
        }
        None => MemberId::from_number(tx.store.next_number(sql::SERIES)?),
    };
    if !sql::insert_member(tx, id, command)? {
        return Err(RegisterError::Taken);
    }
    ledger::open_account(tx, Account::Wallet(id))?;
    ledger::open_account(tx, Account::Frozen(id))?;
    Ok(Member {
        id,
        mobile: command.mobile.clone(),
        nickname: command.nickname.clone(),
        role: command.role,
        blocked: false,
        tokens_revoked_through: 0,
        registered_at: tx.at.business,
        wallet: Money::ZERO,
    })
}

/// What is needed to check a password outside the transaction.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub member: MemberId,
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

/// Looks at an account's door, on a snapshot, so that nothing costly is done for a locked one.
pub fn approach(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    address: &str,
) -> Result<Door, Fault> {
    let doorway = doorway(tx, channel, mobile, address);
    if guard::seems_locked(tx, &doorway)? {
        return Ok(Door::Locked);
    }
    Ok(sql::credentials(tx, channel, mobile)?.map_or(Door::Unknown, Door::Open))
}

fn doorway(tx: &Tx<'_, '_>, channel: Channel, mobile: &Mobile, address: &str) -> Doorway {
    Doorway::new(tx, &format!("{} {}", channel.word(), mobile.expose()), address)
}

/// Whether a mobile number is taken on a channel.
pub fn is_registered(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<bool, Fault> {
    Ok(sql::find(tx, channel, mobile)?.is_some())
}

/// The end of a log-in, after the password has been checked.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// The door.
    pub channel: Channel,
    /// The account name that was given.
    pub mobile: Mobile,
    /// Where the call came from.
    pub address: String,
    /// The member whose password was right; `None` if it was wrong or there is no such account.
    pub proven: Option<MemberId>,
    /// Life of the token, in seconds.
    pub token_seconds: u32,
}

/// What came of a log-in. All are outcomes, not errors: failures are counted and must stay.
#[derive(Clone, Debug)]
pub enum LogInOutcome {
    /// In: the member, and the second at which their token expires.
    In(Box<Member>, i64),
    /// Wrong, or unknown, or closed: not told apart.
    Refused,
    /// Too many failures, for this account or from this address; right passwords are refused too.
    Locked,
}

/// Counts the attempt and decides it. Guesses that were checked side by side come here one after
/// the other, so that no burst gets more tries than the limit.
pub fn log_in(tx: &mut Tx<'_, '_>, command: &LogIn) -> Result<LogInOutcome, Fault> {
    let doorway = doorway(tx, command.channel, &command.mobile, &command.address);
    if guard::is_locked(tx, &doorway)? {
        return Ok(LogInOutcome::Locked);
    }
    let member = match command.proven {
        Some(id) => sql::member(tx, id)?.filter(|member| !member.blocked),
        None => None,
    };
    let Some(member) = member else {
        let within = guard::count_failure(tx, &doorway)?;
        return Ok(if within { LogInOutcome::Refused } else { LogInOutcome::Locked });
    };
    guard::forget_failures(tx, &doorway)?;
    let expires = tx.at.wall.seconds().saturating_add(i64::from(command.token_seconds));
    // A token must outlive what has been revoked, or it would be dead at once.
    let expires = expires.max(member.tokens_revoked_through.saturating_add(1));
    Ok(LogInOutcome::In(Box::new(member), expires))
}

/// Ends every token that a member holds. `longest_token_seconds` is the longest life of a token.
/// Whether there is such a member.
pub fn revoke_tokens(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    longest_token_seconds: u32,
) -> Result<bool, Fault> {
    let through = tx.at.wall.seconds().saturating_add(i64::from(longest_token_seconds));
    sql::revoke_through(tx, member, through)
}

/// Gives a member a new password, whatever the old one was. Whether there is such a member.
pub fn set_password(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    password: &PasswordHash,
) -> Result<bool, Fault> {
    sql::set_password(tx, member, password)
}

/// Gives a member a new password if the old one is still what it was when it was checked.
pub fn change_password(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<bool, Fault> {
    sql::change_password(tx, member, old, new)
}

/// Forgets an account's failed log-ins, after its owner has proven themselves in another way.
pub fn forget_failures(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<(), Fault> {
    let doorway = doorway(tx, channel, mobile, "");
    guard::forget_failures(tx, &doorway)
}

/// Closes an account to its owner, or opens it again. Whether there is such a member.
pub fn set_blocked(tx: &mut Tx<'_, '_>, member: MemberId, blocked: bool) -> Result<bool, Fault> {
    sql::set_blocked(tx, member, blocked)
}

/// A page of a channel's members, in the order of their numbers.
pub fn members_on(tx: &mut Tx<'_, '_>, channel: Channel, page: Page) -> Result<Vec<Member>, Fault> {
    sql::members_on(tx, channel, page)
}

/// The member with this mobile number on a channel.
pub fn find(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
) -> Result<Option<MemberId>, Fault> {
    sql::find(tx, channel, mobile)
}

/// Members whose mobile number looks so when it is masked (`138****0001`), the oldest first.
pub fn find_masked(tx: &mut Tx<'_, '_>, masked: &str, most: u32) -> Result<Vec<MemberId>, Fault> {
    sql::find_masked(tx, masked, most)
}

/// Where a member can be reached: their channel and mobile number.
pub fn contact(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<(Channel, Mobile)>, Fault> {
    sql::contact(tx, member)
}

/// Gives a member another name to be shown by.
pub fn rename(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    member: MemberId,
    nickname: &str,
) -> Result<Member, Denied> {
    let mut member = acting_for(tx, caller, member)?;
    sql::set_nickname(tx, member.id, nickname)?;
    nickname.clone_into(&mut member.nickname);
    Ok(member)
}

/// Notes a one-time signature. False if it has been used before, by anybody.
pub fn use_signature(tx: &mut Tx<'_, '_>, digest: &[u8], expires: Instant) -> Result<bool, Fault> {
    sql::use_signature(tx, digest, expires)
}

/// Forgets what no longer guards anything: old signatures and counted attempts.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let signatures = sql::prune_signatures(tx)?;
    Ok(signatures.saturating_add(guard::prune(tx)?))
}

/// A member by number.
pub fn member(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Option<Member>, Fault> {
    sql::member(tx, id)
}

/// Members by number, for commands of the operator.
pub fn members(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Member>, Fault> {
    sql::members(tx, page)
}
