//! A lead becomes an application of a lending channel (转介): the person agrees by a code that is
//! sent to their telephone, gets an account there, and applies for themselves.
//!
//! The platform applies for nobody: who applies has seen what the loan costs, and says so there.

use kernel::id::{ApplicationId, LeadId, MemberId};
use kernel::{Channel, Mobile, Secret};
use store::Fault;

use super::details::Details;
use super::working::{HeldError, lock_held, win};
use super::{EventKind, Lead, State, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::customers;
use crate::customers::codes::{self, NewCode, RequestError, Verdict};
use crate::customers::consents::{self, ConsentError as GiveError, Purpose};
use crate::identity::password::PasswordHash;
use crate::identity::{self, Register, RegisterError, Role};

/// The version of the text that a person agrees to: [`text`].
const TEXT_VERSION: &str = "lead-2026-11";

/// Asks the person behind a lead whether they agree to being handed over.
#[derive(Clone, Debug)]
pub struct AskConsent {
    /// The officer who holds the lead.
    pub officer: MemberId,
    /// The lead.
    pub lead: LeadId,
    /// The lending channel.
    pub to: Channel,
    /// The code: random digits.
    pub code: Secret,
    /// Where the call came from.
    pub address: String,
}

/// Why the person was not asked. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The lead cannot be handed over by this officer.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// The channel lends nothing.
    #[error("not a lending channel")]
    NoLender,
    /// The lead tells no telephone number.
    #[error("no telephone number")]
    NoTelephone,
    /// Too many codes.
    #[error("too many codes")]
    Limited,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What people know a lending channel by; `None` for one that lends nothing of the platform's.
const fn title(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Xianjindai => Some("现金贷"),
        Channel::Wukong => Some("悟空"),
        Channel::Chaojihua => Some("超即花"),
        Channel::Futureloan | Channel::Shuaidan => None,
    }
}

/// What the person agrees to by telling the code.
fn text(title: &str, lead: &Lead, code: &Secret, minutes: u32) -> String {
    let (amount, code) = (lead.amount, code.expose());
    format!(
        "信贷员正为您向{title}转介{amount}元借款需求。如同意将您的姓名、身份证号、手机号提供给{title}并开立账户，\
         请将验证码{code}告知信贷员，{minutes}分钟内有效；不同意请忽略。借款须由您本人在{title}申请。"
    )
}

/// Sends a code to the person behind a lead, who agrees to being handed over by telling it.
pub fn ask_consent(tx: &mut Tx<'_, '_>, command: &AskConsent) -> Result<(), ConsentError> {
    let (lead, details) = to_hand_over(tx, command.officer, command.lead)?;
    let title = title(command.to).ok_or(ConsentError::NoLender)?;
    let mobile = details.telephone.ok_or(ConsentError::NoTelephone)?;
    let subject = subject(tx, lead.id, command.to, &mobile);
    let rules = &tx.policy.customers.codes;
    let shown = rules.shown;
    let text = text(title, &lead, &command.code, rules.life_seconds.div_ceil(60));
    let new = NewCode {
        subject: &subject,
        mobile: Some(&mobile),
        code: &command.code,
        shown,
        text: &text,
    };
    match codes::put(tx, super::EXCHANGE, &command.address, &new) {
        Ok(_) => {}
        Err(RequestError::MobileLimited | RequestError::AddressLimited) => {
            return Err(ConsentError::Limited);
        }
        Err(RequestError::Fault(fault)) => return Err(fault.into()),
    }
    sql::add_event(tx, lead.id, EventKind::ConsentAsked, Some(command.officer), None)?;
    Ok(())
}

/// The lead that an officer holds or has won, which is not handed over yet, and what it tells.
fn to_hand_over(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    id: LeadId,
) -> Result<(Lead, Details), HeldError> {
    let lead = lock_held(tx, officer, id)?;
    let fits = matches!(lead.state, State::Claimed | State::Working | State::Won);
    if !fits {
        return Err(HeldError::WrongState(lead.state));
    }
    if lead.customer.is_some() {
        return Err(HeldError::HandedOver);
    }
    let details = sql::lead(tx, id)?.and_then(|(_, details)| details);
    Ok((lead, details.ok_or(HeldError::WrongState(State::Expired))?))
}

/// What a code is bound to.
fn subject(tx: &Tx<'_, '_>, lead: LeadId, to: Channel, mobile: &Mobile) -> Vec<u8> {
    let name = format!("lead {} to {} {}", lead.number(), to.word(), mobile.expose());
    tx.vault.blind_index("sms_code.subject", &name)
}

/// The newest code that the person behind a lead was sent, where the policy has codes shown:
/// benches only.
pub fn last_consent_code(
    tx: &mut Tx<'_, '_>,
    id: LeadId,
    to: Channel,
) -> Result<Option<Secret>, Fault> {
    let details = sql::lead(tx, id)?.and_then(|(_, details)| details);
    let mobile = details.and_then(|details| details.telephone);
    let Some(mobile) = mobile.filter(|_| tx.policy.customers.codes.shown) else { return Ok(None) };
    let subject = subject(tx, id, to, &mobile);
    codes::shown_under(tx, &subject)
}

/// Hands a lead over to a lending channel.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// The officer who holds the lead.
    pub officer: MemberId,
    /// The lead.
    pub lead: LeadId,
    /// The lending channel.
    pub to: Channel,
    /// What the person has told the officer.
    pub code: Secret,
    /// A password that nobody knows, for a new account: the person sets one of their own by the
    /// channel's way for a forgotten password.
    pub password: PasswordHash,
}

/// Why a lead was not handed over. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The lead cannot be handed over by this officer.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// The channel lends nothing.
    #[error("not a lending channel")]
    NoLender,
    /// The lead tells no telephone number.
    #[error("no telephone number")]
    NoTelephone,
    /// The account with this telephone number belongs to somebody else.
    #[error("the telephone number is somebody else's")]
    SomebodyElse,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What became of handing a lead over. Wrong guesses are counted and must stay, so they are no
/// errors.
#[derive(Clone, Debug)]
pub enum HandedOver {
    /// The person has an account at the channel, and a consent that says why.
    Done(Box<Lead>),
    /// The code is wrong, or there is none.
    WrongCode,
    /// The code is too old, or was guessed at too often.
    ExpiredCode,
}

/// Hands a lead over: the person's consent is noted with the account that they have, or get, at the
/// channel.
pub fn hand_over(tx: &mut Tx<'_, '_>, command: &HandOver) -> Result<HandedOver, HandOverError> {
    let (lead, details) = to_hand_over(tx, command.officer, command.lead)?;
    title(command.to).ok_or(HandOverError::NoLender)?;
    let mobile = details.telephone.clone().ok_or(HandOverError::NoTelephone)?;
    let subject = subject(tx, lead.id, command.to, &mobile);
    match codes::guess(tx, &subject, &command.code)? {
        Verdict::Right => {}
        Verdict::Wrong => return Ok(HandedOver::WrongCode),
        Verdict::Expired => return Ok(HandedOver::ExpiredCode),
    }
    let member = account(tx, command, &details, &mobile)?;
    consents::give(tx, member, Purpose::HandOver, TEXT_VERSION).map_err(|error| match error {
        GiveError::NoSuchCustomer => Fault::Corrupt("customer".into()),
        GiveError::Fault(fault) => fault,
    })?;
    let at = Some(tx.at.business);
    let lead = Lead { customer: Some(member), handed_over_at: at, ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, lead.id, EventKind::HandedOver, Some(command.officer), None)?;
    let (who, what) = (Actor::Customer(command.officer), Subject::Lead(lead.id));
    audit::note(tx, who, "lead.handed_over", what, command.to.word())?;
    Ok(HandedOver::Done(Box::new(lead)))
}

/// The person's account at the channel; a new one where there is none.
fn account(
    tx: &mut Tx<'_, '_>,
    command: &HandOver,
    details: &Details,
    mobile: &Mobile,
) -> Result<MemberId, HandOverError> {
    if let Some(member) = identity::find(tx, command.to, mobile)? {
        let customer = customers::customer(tx, member)?;
        let known = customer.and_then(|customer| customer.identity);
        let other = known.is_some_and(|known| known.id_no != details.id_no);
        return if other { Err(HandOverError::SomebodyElse) } else { Ok(member) };
    }
    let register = Register {
        id: None,
        channel: command.to,
        mobile: mobile.clone(),
        nickname: mobile.masked(),
        role: Role::Member,
        password: command.password.clone(),
    };
    match customers::register_customer(tx, &register) {
        Ok(member) => Ok(member.id),
        Err(RegisterError::Taken) => Err(Fault::Conflict("member".into()).into()),
        Err(RegisterError::Fault(fault)) => Err(fault.into()),
    }
}

/// Notes that a customer has applied: the lead by which they came, if they did, is won by that, and
/// what it tells stays.
pub(crate) fn note_application(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    application: ApplicationId,
) -> Result<(), Fault> {
    let Some((lead, details)) = sql::lock_handed_over(tx, member)? else { return Ok(()) };
    let known = customers::customer(tx, member)?.and_then(|customer| customer.identity);
    let same = known.zip(details).is_some_and(|(known, told)| known.id_no == told.id_no);
    if !same {
        return Ok(());
    }
    let at = Some(tx.at.business);
    let lead = Lead { application: Some(application), applied_at: at, ..lead };
    sql::update(tx, &lead)?;
    sql::add_event(tx, lead.id, EventKind::Applied, None, None)?;
    let what = Subject::Lead(lead.id);
    audit::note(tx, Actor::Customer(member), "lead.applied", what, "")?;
    win(tx, lead, Actor::Platform).map(|_| ())
}
