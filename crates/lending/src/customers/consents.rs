//! What customers agree to (授权): for which purpose, to which text, from when until when.

use kernel::Instant;
use kernel::id::MemberId;
use store::Fault;

use super::sql::told;
use super::{phone_book, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// What a consent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The registration agreement (注册协议).
    Registration,
    /// Using personal data (个人信息授权).
    PersonalData,
    /// Asking credit bureaus (征信查询授权).
    CreditEnquiry,
    /// The disclosure of what a loan costs (综合融资成本明示).
    Disclosure,
    /// Keeping the phone book (通讯录授权).
    PhoneBook,
    /// Handing data over to another lender (转介).
    HandOver,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: &[Self] = &[
        Self::Registration,
        Self::PersonalData,
        Self::CreditEnquiry,
        Self::Disclosure,
        Self::PhoneBook,
        Self::HandOver,
    ];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::PersonalData => "personal_data",
            Self::CreditEnquiry => "credit_enquiry",
            Self::Disclosure => "disclosure",
            Self::PhoneBook => "phone_book",
            Self::HandOver => "hand_over",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.word() == word)
    }
}

/// A consent as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What for.
    pub purpose: Purpose,
    /// Which version of the text was shown.
    pub text_version: String,
    /// When it was given, by the business clock.
    pub given_at: Instant,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
}

/// Why a consent was not noted.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Notes that a customer agrees to a version of a text. Agreeing again changes nothing.
pub fn give(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    purpose: Purpose,
    text_version: &str,
) -> Result<(), ConsentError> {
    sql::lock(tx, member)?.ok_or(ConsentError::NoSuchCustomer)?;
    told::insert_consent(tx, member, purpose, text_version)?;
    Ok(())
}

/// Notes that a customer agrees no more, to any version; whether they did. What was kept on the
/// strength of it, a phone book, is erased with it.
pub fn withdraw(tx: &mut Tx<'_, '_>, member: MemberId, purpose: Purpose) -> Result<bool, Fault> {
    // Locked, so that nothing is kept at the same moment on the strength of it.
    if sql::lock(tx, member)?.is_none() || !told::withdraw_consent(tx, member, purpose)? {
        return Ok(false);
    }
    if purpose == Purpose::PhoneBook {
        phone_book::erase_phone_book(tx, member)?;
    }
    let (who, whom) = (Actor::Customer(member), Subject::Member(member));
    audit::note(tx, who, "consent.withdrawn", whom, purpose.word())?;
    Ok(true)
}

/// Whether a customer agrees, to whichever version.
pub fn has(tx: &mut Tx<'_, '_>, member: MemberId, purpose: Purpose) -> Result<bool, Fault> {
    let known = list(tx, member)?;
    let in_force = |consent: &Consent| consent.withdrawn_at.is_none();
    Ok(known.iter().any(|consent| consent.purpose == purpose && in_force(consent)))
}

/// Everything that a customer has agreed to, also what was withdrawn, oldest first.
pub fn list(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Consent>, Fault> {
    told::consents(tx, member)
}
