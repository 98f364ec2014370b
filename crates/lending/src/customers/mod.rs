//! Customers of a lender (客户): what is known of them, and what of it is proven.
//!
//! A customer is a member (`identity`) of a lending channel; a person is known across channels.

pub mod captcha;
mod cards;
mod checks;
pub mod codes;
pub mod consents;
mod contacts;
mod flags;
pub mod phone_book;
mod profile;
mod rules;
pub mod session_codes;
pub mod sessions;
pub mod sheet;
mod signing;
mod sql;
pub mod statements;
mod text;
pub(crate) mod windows;

#[cfg(test)]
mod tests;

use kernel::id::{MemberId, PersonId};
use kernel::identity::{IdCardNo, Sex, full_years};
use kernel::{Channel, Date, Instant, Mobile, Money, RealName};
use store::Fault;

pub use cards::{Card, DefaultCardError, card, cards, payout_card, set_default_card};
pub use checks::{
    BeginBankCard, BeginRealName, CardCheckError, Check, FinishError, Finished, MobileCheckError,
    Question, RealNameError, begin_bank_card, begin_mobile, begin_real_name, finish,
};
pub use contacts::{
    Contact, ContactError, NewContact, Relation, add_contact, contacts, update_contact,
};
pub use flags::{Flag, FlagError, blacklist_person, set_flag, unlist_person};
pub use phone_book::{
    PhoneBookError, erase_phone_book, phone_book, phone_book_size, save_phone_book,
};
pub use profile::{
    Education, Industry, MaritalStatus, Place, Profile, ProfileError, ProfileField, RegionCode,
    TimeSpan, profile, save_profile,
};
pub use rules::{CaptchaRules, CheckRules, CodeRules, Rules, SessionRules};
pub use signing::{BeginSigning, begin_signing, card_holder, signed};
pub use text::{Line, Phone};

use crate::identity::password::PasswordHash;
use crate::identity::{self, LogIn, LogInOutcome, Member, Register, RegisterError};
use crate::{Page, Tx};

/// A customer as commands and answers see them.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, each shown as it is")]
pub struct Customer {
    /// Their number, which is their member's.
    pub member: MemberId,
    /// Where they registered.
    pub channel: Channel,
    /// Their account name.
    pub mobile: Mobile,
    /// Who they are, once their real name is verified (身份信息认证).
    pub identity: Option<Identity>,
    /// Their verified card (银行卡认证).
    pub card: Option<Card>,
    /// Whether their mobile number is known to be theirs (手机认证).
    pub mobile_verified: bool,
    /// Whether home, work and enough contacts are told (完善个人信息).
    pub profile_complete: bool,
    /// Whether they, as an account or as a person, are on the blacklist (黑名单).
    pub blacklisted: bool,
    /// Whether operators think them risky (风险客户).
    pub risky: bool,
    /// Why.
    pub risk_note: Option<Line>,
    /// Whether the account is closed to its owner.
    pub blocked: bool,
    /// When they registered, by the business clock.
    pub registered_at: Instant,
    /// Since when what was known of them is erased.
    pub erased_at: Option<Instant>,
}

/// Who somebody is, as a provider has confirmed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The person.
    pub person: PersonId,
    /// Their name.
    pub name: RealName,
    /// Their id number.
    pub id_no: IdCardNo,
}

/// Registers a customer of a lending channel, whoever asks: for commands and fixtures. Doors use
/// [`sign_up`].
pub fn register_customer(tx: &mut Tx<'_, '_>, command: &Register) -> Result<Member, RegisterError> {
    let member = identity::register(tx, command)?;
    sql::insert_customer(tx, member.id, command.channel)?;
    Ok(member)
}

/// Why somebody could not sign up. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The mobile number is taken.
    #[error("already registered")]
    Taken,
    /// Nobody has lately shown to hold the mobile number.
    #[error("the mobile number is not proven")]
    NotProven,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Registers the customer who has just shown, by an SMS code, to hold the mobile number.
pub fn sign_up(tx: &mut Tx<'_, '_>, command: &Register) -> Result<Member, SignUpError> {
    if identity::is_registered(tx, command.channel, &command.mobile)? {
        return Err(SignUpError::Taken);
    }
    let purpose = codes::Purpose::Registration;
    if !codes::take_proof(tx, command.channel, &command.mobile, purpose)? {
        return Err(SignUpError::NotProven);
    }
    match register_customer(tx, command) {
        Ok(member) => Ok(member),
        Err(RegisterError::Taken) => Err(SignUpError::Taken),
        Err(RegisterError::Fault(fault)) => Err(fault.into()),
    }
}

/// Everything about a customer that their status shows.
pub fn customer(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Customer>, Fault> {
    sql::customer(tx, member)
}

/// The customers of a channel by number, for operators.
pub fn customers(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<Vec<Customer>, Fault> {
    let mut found = Vec::new();
    for member in sql::members_of(tx, channel, page)? {
        found.extend(customer(tx, member)?);
    }
    Ok(found)
}

/// The person with this id number, if a customer of any channel has been verified as such.
pub fn find_person(tx: &mut Tx<'_, '_>, id_no: &IdCardNo) -> Result<Option<PersonId>, Fault> {
    sql::find_person(tx, id_no)
}

/// The accounts of a person over all channels, by number.
pub fn accounts_of(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<MemberId>, Fault> {
    sql::accounts_of(tx, person)
}

/// What rules of decision want to know about a verified customer.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The person.
    pub person: PersonId,
    /// The day of birth.
    pub born: Date,
    /// The sex, as the id number tells it.
    pub sex: Sex,
    /// The first six digits of the id number: where the person was first registered.
    pub region: String,
    /// What the customer says to earn a month; `None` while the profile is missing.
    pub monthly_income: Option<Money>,
    /// How long the customer says to have worked there.
    pub working_time: Option<TimeSpan>,
    /// Whether the person or the account is on the blacklist.
    pub blacklisted: bool,
    /// Whether operators think the customer risky.
    pub risky: bool,
    /// When the account was registered, by the business clock.
    pub registered_at: Instant,
}

impl Facts {
    /// The age in full years (周岁) on a day; `None` before birth.
    pub fn age_on(&self, day: Date) -> Option<u16> {
        full_years(self.born, day)
    }
}

/// What is known for rules of decision; `None` for who is no customer or not verified.
pub fn facts(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Facts>, Fault> {
    sql::facts(tx, member)
}

/// Whether name and id number are those of the account (忘记密码身份认证).
#[derive(Clone, Debug)]
pub struct ProveIdentity {
    /// The door.
    pub channel: Channel,
    /// The account name.
    pub mobile: Mobile,
    /// The name that was given.
    pub name: RealName,
    /// The id number that was given.
    pub id_no: IdCardNo,
}

/// What came of proving an identity. Failures are counted and must stay, so none is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityProof {
    /// They are; noted for [`reset_password`].
    Right,
    /// They are not, or the account has no verified identity.
    Wrong,
    /// There is no such account.
    Unknown,
    /// Tried too often.
    Limited,
}

/// Compares name and id number with those of an account.
pub fn prove_identity(
    tx: &mut Tx<'_, '_>,
    command: &ProveIdentity,
) -> Result<IdentityProof, Fault> {
    let found = identity::find(tx, command.channel, &command.mobile)?;
    let Some(customer) = found.map_or(Ok(None), |member| customer(tx, member))? else {
        return Ok(IdentityProof::Unknown);
    };
    if !within_proofs(tx, command.channel, &command.mobile)? {
        return Ok(IdentityProof::Limited);
    }
    let known = customer.identity.map(|known| (known.name, known.id_no));
    if known != Some((command.name.clone(), command.id_no.clone())) {
        return Ok(IdentityProof::Wrong);
    }
    codes::note_identity(tx, command.channel, &command.mobile)?;
    Ok(IdentityProof::Right)
}

/// Whether the last characters of an account's id number are these, a letter small or large
/// (身份证后六位). Counted and noted like [`prove_identity`]; right for an account without a
/// verified identity, which has nothing to prove.
pub fn prove_id_tail(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    mobile: &Mobile,
    tail: &str,
) -> Result<IdentityProof, Fault> {
    let found = identity::find(tx, channel, mobile)?;
    let Some(customer) = found.map_or(Ok(None), |member| customer(tx, member))? else {
        return Ok(IdentityProof::Unknown);
    };
    let Some(known) = customer.identity else { return Ok(IdentityProof::Right) };
    if !within_proofs(tx, channel, mobile)? {
        return Ok(IdentityProof::Limited);
    }
    let number = known.id_no.expose();
    let start = number.len().checked_sub(ID_TAIL).filter(|_| tail.len() == ID_TAIL);
    let right = start.and_then(|start| number.get(start..));
    if !right.is_some_and(|right| right.eq_ignore_ascii_case(tail)) {
        return Ok(IdentityProof::Wrong);
    }
    codes::note_identity(tx, channel, mobile)?;
    Ok(IdentityProof::Right)
}

/// Characters of an id number that [`prove_id_tail`] compares. Source: document 002.
const ID_TAIL: usize = 6;

/// Counts one more try to prove an identity; whether it is still within the limit.
fn within_proofs(tx: &mut Tx<'_, '_>, channel: Channel, mobile: &Mobile) -> Result<bool, Fault> {
    let limit = identity::Limit {
        attempts: tx.policy.customers.checks.identity_proofs,
        window_seconds: rules::DAY,
    };
    let subject = format!("{} {}", channel.word(), mobile.expose());
    let subject = tx.vault.blind_index("rate.identity", &subject);
    windows::count(tx, &subject, limit)
}

/// Gives an account a new password where the old one is forgotten.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// The door.
    pub channel: Channel,
    /// The account name.
    pub mobile: Mobile,
    /// The new password, hashed.
    pub password: PasswordHash,
}

/// Why a password was not reset. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// Nobody has lately shown to hold the mobile number.
    #[error("the mobile number is not proven")]
    NotProven,
    /// The account has a verified identity, and it was not proven.
    #[error("the identity is not proven")]
    IdentityNotProven,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Sets a new password on proof of the mobile number, and of the identity where one is verified.
/// Ends the session, and forgets failed log-ins.
pub fn reset_password(
    tx: &mut Tx<'_, '_>,
    command: &ResetPassword,
) -> Result<MemberId, ResetError> {
    let found = identity::find(tx, command.channel, &command.mobile)?;
    let customer = found.map_or(Ok(None), |member| customer(tx, member))?;
    let customer = customer.ok_or(ResetError::NoSuchCustomer)?;
    let purpose = codes::Purpose::PasswordReset;
    if !codes::take_proof(tx, command.channel, &command.mobile, purpose)? {
        return Err(ResetError::NotProven);
    }
    let proven = codes::take_identity(tx, command.channel, &command.mobile)?;
    if customer.identity.is_some() && !proven {
        return Err(ResetError::IdentityNotProven);
    }
    identity::set_password(tx, customer.member, &command.password)?;
    identity::forget_failures(tx, command.channel, &command.mobile)?;
    sessions::close_all(tx, customer.member)?;
    Ok(customer.member)
}

/// What came of changing a password. Failures are counted and must stay, so none is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// The new one holds from now on.
    Changed,
    /// The old one was wrong, or it was changed meanwhile.
    Refused,
    /// Too many failures.
    Locked,
}

/// Changes a password. `log_in` is the log-in with the old one, as checked outside the transaction
/// against `old`; a failure counts as one of a log-in.
pub fn change_password(
    tx: &mut Tx<'_, '_>,
    log_in: &LogIn,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<PasswordChange, Fault> {
    match identity::log_in(tx, log_in)? {
        LogInOutcome::Locked => Ok(PasswordChange::Locked),
        LogInOutcome::Refused => Ok(PasswordChange::Refused),
        LogInOutcome::In(member, _) => {
            let changed = identity::change_password(tx, member.id, old, new)?;
            Ok(if changed { PasswordChange::Changed } else { PasswordChange::Refused })
        }
    }
}

/// Forgets what guards nothing any more: windows, codes, proofs, captchas, sessions. How much.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    sql::doors::prune(tx)
}

/// Notes that the account's mobile number is its owner's, as an operator's own records show.
pub(crate) fn note_mobile(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    sql::set_mobile_verified(tx, member)
}

/// Locks a customer until the commit; the channel where they registered.
pub(crate) fn hold(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Channel>, Fault> {
    Ok(sql::lock(tx, member)?.map(|held| held.channel))
}

/// Empties every table of customers; for benches.
pub(crate) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    sql::wipe(tx)
}
