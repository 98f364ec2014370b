//! Questions to providers about customers (认证), in two halves: what may be asked, and the answer.
//!
//! Between the halves the channel asks the port; what was asked and answered stays as evidence.

use kernel::id::{CheckId, MemberId};
use kernel::identity::{BankCardNo, CardBins, CardType, IdCardNo, IdProblem};
use kernel::{Instant, Mobile, RealName};
use store::Fault;

use super::sql::checks as rows;
use super::{Identity, rules, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::identity;
use crate::ports::{CheckOutcome, Checks};

/// A question to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Do name and id number belong together (二要素)?
    RealName {
        /// The name.
        name: RealName,
        /// The id number.
        id_no: IdCardNo,
    },
    /// Do name, id number, card and the bank's mobile number (四要素)?
    BankCard {
        /// The name.
        name: RealName,
        /// The id number.
        id_no: IdCardNo,
        /// The card.
        card: BankCardNo,
        /// The mobile number that the bank is said to know.
        mobile: Mobile,
        /// The bank's abbreviation, as the card's first digits tell it.
        bank_code: String,
        /// The bank's name.
        bank_name: String,
    },
    /// Do name, id number and the account's mobile number (运营商三要素)?
    Mobile {
        /// The name.
        name: RealName,
        /// The id number.
        id_no: IdCardNo,
        /// The mobile number.
        mobile: Mobile,
    },
}

impl Question {
    /// Asks a provider. Not inside a transaction.
    pub fn ask(&self, provider: &dyn Checks) -> CheckOutcome {
        match self {
            Self::RealName { name, id_no } => provider.real_name(name, id_no),
            Self::BankCard { name, id_no, card, mobile, .. } => {
                provider.bank_card(name, id_no, card, mobile)
            }
            Self::Mobile { name, id_no, mobile } => provider.mobile(name, id_no, mobile),
        }
    }
}

/// A question that may be asked now; its answer goes to [`finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its number.
    pub id: CheckId,
    /// What to ask.
    pub question: Question,
}

/// Says who one is (身份信息认证).
#[derive(Clone, Debug)]
pub struct BeginRealName {
    /// The customer.
    pub member: MemberId,
    /// Their name.
    pub name: RealName,
    /// Their id number.
    pub id_no: IdCardNo,
}

/// Why a real name is not asked about. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RealNameError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The customer is verified, and stays who they are (已通过身份认证).
    #[error("already verified")]
    AlreadyVerified,
    /// The id number cannot be true.
    #[error("the id number cannot be true")]
    WrongIdNumber(#[source] IdProblem),
    /// Another account of the channel is this person (已有账号绑定了该身份信息).
    #[error("another account has this identity")]
    IdentityTaken,
    /// Asked too often today.
    #[error("asked too often")]
    TooManyAttempts,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The first half of verifying a real name.
pub fn begin_real_name(
    tx: &mut Tx<'_, '_>,
    command: &BeginRealName,
) -> Result<Check, RealNameError> {
    let held = sql::lock(tx, command.member)?.ok_or(RealNameError::NoSuchCustomer)?;
    if held.person.is_some() {
        return Err(RealNameError::AlreadyVerified);
    }
    command.id_no.check().map_err(RealNameError::WrongIdNumber)?;
    if sql::is_taken(tx, held.channel, &command.id_no)? {
        return Err(RealNameError::IdentityTaken);
    }
    if !may_ask(tx, command.member, rows::Kind::RealName)? {
        return Err(RealNameError::TooManyAttempts);
    }
    let (name, id_no) = (command.name.clone(), command.id_no.clone());
    Ok(write_down(tx, command.member, Question::RealName { name, id_no })?)
}

/// Names one's card (银行卡认证).
#[derive(Clone, Debug)]
pub struct BeginBankCard {
    /// The customer.
    pub member: MemberId,
    /// The card.
    pub number: BankCardNo,
    /// The mobile number that the bank knows.
    pub mobile: Mobile,
}

/// Why a card is not asked about. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum CardCheckError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The real name comes first.
    #[error("the real name is not verified yet")]
    RealNameFirst,
    /// The card number cannot be true.
    #[error("the card number cannot be true")]
    WrongNumber,
    /// No bank is known for the card's first digits.
    #[error("no bank is known for the card")]
    UnknownBank,
    /// Money is neither paid to nor taken from cards other than debit cards.
    #[error("not a debit card")]
    NotDebit,
    /// This card with this mobile number is the customer's already.
    #[error("already verified")]
    AlreadyVerified,
    /// Too many mismatches in a row: nobody can try the card until then.
    #[error("the card is locked")]
    CardLocked {
        /// When it opens again, by the wall.
        until: Instant,
    },
    /// The card was asked about too often today.
    #[error("the card was asked about too often")]
    TooManyForCard,
    /// The customer has asked too often today.
    #[error("asked too often")]
    TooManyAttempts,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The first half of verifying a card.
pub fn begin_bank_card(
    tx: &mut Tx<'_, '_>,
    command: &BeginBankCard,
    bins: &CardBins,
) -> Result<Check, CardCheckError> {
    let held = sql::lock(tx, command.member)?.ok_or(CardCheckError::NoSuchCustomer)?;
    let person = held.person.ok_or(CardCheckError::RealNameFirst)?;
    if !command.number.passes_luhn() {
        return Err(CardCheckError::WrongNumber);
    }
    let bin = bins.find(&command.number).ok_or(CardCheckError::UnknownBank)?;
    if bin.card_type != CardType::Debit {
        return Err(CardCheckError::NotDebit);
    }
    let active = rows::active_card(tx, command.member)?;
    let same = |card: super::Card| card.number == command.number && card.mobile == command.mobile;
    if active.is_some_and(same) {
        return Err(CardCheckError::AlreadyVerified);
    }
    let guard = rows::hold_card(tx, &command.number)?;
    if tx.at.wall < guard.locked_until {
        return Err(CardCheckError::CardLocked { until: guard.locked_until });
    }
    let (since, most) = (a_day_ago(tx), tx.policy.customers.checks.per_card);
    if rows::count_of_card(tx, &command.number, since)? >= i64::from(most) {
        return Err(CardCheckError::TooManyForCard);
    }
    if !may_ask(tx, command.member, rows::Kind::BankCard)? {
        return Err(CardCheckError::TooManyAttempts);
    }
    let Identity { name, id_no, .. } = sql::identity_of(tx, person)?;
    let (bank_code, bank_name) = (bin.bank_code.clone(), bin.bank_name.clone());
    let (card, mobile) = (command.number.clone(), command.mobile.clone());
    let question = Question::BankCard { name, id_no, card, mobile, bank_code, bank_name };
    Ok(write_down(tx, command.member, question)?)
}

/// Why the mobile number is not asked about. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum MobileCheckError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The real name comes first.
    #[error("the real name is not verified yet")]
    RealNameFirst,
    /// The number is known to be the customer's.
    #[error("already verified")]
    AlreadyVerified,
    /// Asked too often today.
    #[error("asked too often")]
    TooManyAttempts,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The first half of verifying that the account's mobile number is the customer's (手机实名认证).
pub fn begin_mobile(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Check, MobileCheckError> {
    let held = sql::lock(tx, member)?.ok_or(MobileCheckError::NoSuchCustomer)?;
    let person = held.person.ok_or(MobileCheckError::RealNameFirst)?;
    if held.mobile_verified {
        return Err(MobileCheckError::AlreadyVerified);
    }
    if !may_ask(tx, member, rows::Kind::Mobile)? {
        return Err(MobileCheckError::TooManyAttempts);
    }
    let account = identity::member(tx, member)?.ok_or(MobileCheckError::NoSuchCustomer)?;
    let Identity { name, id_no, .. } = sql::identity_of(tx, person)?;
    let question = Question::Mobile { name, id_no, mobile: account.mobile };
    Ok(write_down(tx, member, question)?)
}

pub(super) fn a_day_ago(tx: &Tx<'_, '_>) -> Instant {
    tx.at.wall.plus_millis(i64::from(rules::DAY).saturating_mul(-1000))
}

/// Whether one more question of this kind may be asked about the customer, whose row is locked.
fn may_ask(tx: &mut Tx<'_, '_>, member: MemberId, kind: rows::Kind) -> Result<bool, Fault> {
    let (since, most) = (a_day_ago(tx), tx.policy.customers.checks.per_customer);
    Ok(rows::count_of(tx, member, kind, since)? < i64::from(most))
}

fn write_down(tx: &mut Tx<'_, '_>, member: MemberId, question: Question) -> Result<Check, Fault> {
    let id = CheckId::from_number(tx.ids.take(tx.at.wall, 1));
    rows::insert(tx, id, member, &question)?;
    Ok(Check { id, question })
}

/// What a provider's answer has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is noted as verified.
    Verified,
    /// The elements do not belong together; why, in words for the customer.
    Mismatch(String),
    /// Nobody can say; the customer may try later.
    Unknown,
    /// They do, but another account of the channel was quicker to be this person.
    IdentityTaken,
    /// They do, but the customer has been verified as somebody else meanwhile.
    AlreadyVerified,
}

/// Why an answer could not be noted.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// Nobody has asked such a question.
    #[error("no such question")]
    NoSuchCheck,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The second half of every check: notes the answer, and what follows from it. The first answer
/// to a question stays; a repeat gets what came of it.
pub fn finish(
    tx: &mut Tx<'_, '_>,
    id: CheckId,
    outcome: &CheckOutcome,
) -> Result<Finished, FinishError> {
    let asked = rows::lock(tx, id)?.ok_or(FinishError::NoSuchCheck)?;
    if let Some(finished) = asked.finished {
        return Ok(finished);
    }
    let finished = match outcome {
        CheckOutcome::Match => note_match(tx, asked.member, &asked.question)?,
        CheckOutcome::Mismatch(reason) => Finished::Mismatch(reason.clone()),
        CheckOutcome::Unknown => Finished::Unknown,
    };
    if let Question::BankCard { card, .. } = &asked.question {
        note_on_card(tx, card, outcome)?;
    }
    rows::finish(tx, id, &finished)?;
    let detail = format!("{} {}", rows::Kind::of(&asked.question).word(), rows::word(&finished));
    audit::note(
        tx,
        Actor::Customer(asked.member),
        "customer.checked",
        Subject::Member(asked.member),
        &detail,
    )?;
    Ok(finished)
}

fn note_match(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    question: &Question,
) -> Result<Finished, Fault> {
    let held = sql::lock(tx, member)?.ok_or(Fault::Corrupt("customer".into()))?;
    match question {
        Question::RealName { name, id_no } => {
            if let Some(person) = held.person {
                let same = sql::find_person(tx, id_no)? == Some(person);
                return Ok(if same { Finished::Verified } else { Finished::AlreadyVerified });
            }
            let facts = id_no.check().map_err(|_| Fault::Corrupt("customer_check".into()))?;
            let person = sql::hold_person(tx, name, id_no, &facts)?;
            if !sql::bind(tx, member, held.channel, person)? {
                return Ok(Finished::IdentityTaken);
            }
            if let Some(reason) = sql::take_listed(tx, member)? {
                sql::list(tx, id_no, &reason)?;
            }
        }
        Question::BankCard { card, mobile, bank_code, bank_name, .. } => {
            let bank = (bank_code.as_str(), bank_name.as_str());
            rows::replace_card(tx, member, card, mobile, bank)?;
        }
        Question::Mobile { .. } => sql::set_mobile_verified(tx, member)?,
    }
    Ok(Finished::Verified)
}

/// Counts a mismatch in a row on a card, or ends the row.
fn note_on_card(
    tx: &mut Tx<'_, '_>,
    card: &BankCardNo,
    outcome: &CheckOutcome,
) -> Result<(), Fault> {
    let rules = tx.policy.customers.checks.clone();
    let guard = rows::hold_card(tx, card)?;
    match outcome {
        CheckOutcome::Unknown => Ok(()),
        CheckOutcome::Match => rows::set_card_guard(tx, card, 0, guard.locked_until),
        CheckOutcome::Mismatch(_) => {
            let row = guard.mismatches.saturating_add(1);
            if row < i64::from(rules.card_mismatches) {
                return rows::set_card_guard(tx, card, row, guard.locked_until);
            }
            let lock = i64::from(rules.card_lock_seconds).saturating_mul(1000);
            let until = tx.at.wall.plus_millis(lock);
            rows::set_card_guard(tx, card, 0, until)
        }
    }
}
