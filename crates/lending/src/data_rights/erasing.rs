//! Erasing a customer: what goes at once, what a law keeps and until when, and what stays as figures.

use kernel::id::{MemberId, PersonId};
use kernel::{Date, Instant};
use store::Fault;

use super::sql::{self, Before};
use crate::audit::{self, Actor, Subject};
use crate::{Tx, identity, leads};

/// The longest life of any token of a door, and longer: none is good after the erasure.
const ALL_TOKENS_SECONDS: u32 = u32::MAX;

/// What forbids to erase a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// An application is under review, or approved and not lent (进件).
    Application,
    /// A loan is not settled; one that was written off is owed too (借据).
    Loan,
    /// An order to a provider is under way (支付订单).
    Payment,
    /// There is money in the wallet (余额).
    Wallet,
    /// A request for a higher limit waits (提额申请).
    Raise,
    /// The funding partner has not answered (资金方订单).
    Funding,
    /// A task at a data provider runs (采集任务).
    Report,
    /// A lead that the customer has told or claimed is not at its end (甩单).
    Lead,
}

impl Open {
    /// The word in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Loan => "loan",
            Self::Payment => "payment",
            Self::Wallet => "wallet",
            Self::Raise => "raise",
            Self::Funding => "funding",
            Self::Report => "report",
            Self::Lead => "lead",
        }
    }
}

/// Why something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Who the customer is, with cards, checks and contracts: laws ask for it after a loan
    /// (反洗钱法第三十四条).
    Law,
    /// Another account of the same person is open.
    OtherAccount,
    /// Amounts, days and states under a number that names nobody: the books (会计法第二十三条).
    Books,
    /// The person is on the blacklist: the digest of the number, and why.
    Blacklist,
    /// The outbox of SMS, counters and answers to repeated calls, which empty themselves within
    /// weeks and know no account.
    EmptiesItself,
}

impl Why {
    const ALL: &[Self] =
        &[Self::Law, Self::OtherAccount, Self::Books, Self::Blacklist, Self::EmptiesItself];

    /// Reads the word.
    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|why| why.word() == word)
    }

    /// The word in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::OtherAccount => "other_account",
            Self::Books => "books",
            Self::Blacklist => "blacklist",
            Self::EmptiesItself => "empties_itself",
        }
    }
}

/// Something that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Why.
    pub why: Why,
    /// Until when, where that is known.
    pub until: Option<Date>,
}

/// What came of an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When it was done first.
    pub at: Instant,
    /// What is kept.
    pub kept: Vec<Kept>,
}

/// Why a customer was not erased. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// Something is open still.
    #[error("something is open still: {}", .0.word())]
    Open(Open),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Erases what is held about a customer, as far as no law asks that it be kept; ends their sessions,
/// closes the account, and frees its mobile number. Done again it erases what no law asks for any
/// more, and answers the same otherwise.
pub fn erase(tx: &mut Tx<'_, '_>, by: Actor, member: MemberId) -> Result<Erased, EraseError> {
    let before = match sql::before(tx, member)? {
        Before::Nobody => return Err(EraseError::NoSuchCustomer),
        Before::Whole => None,
        Before::Erased(at, words) => Some((at, words)),
    };
    if let Some(open) = sql::open(tx, member)? {
        return Err(EraseError::Open(open));
    }
    let persons = sql::persons(tx, member)?;
    if before.is_none() {
        for lead in sql::leads(tx, member)? {
            leads::erase_of_customer(tx, by, lead)?;
        }
        sql::erase_at_once(tx, member)?;
        identity::set_blocked(tx, member, true)?;
        identity::revoke_tokens(tx, member, ALL_TOKENS_SECONDS)?;
    }
    let last = sql::last_of_member(tx, member)?;
    let law = until(tx, last);
    if law.is_none() {
        sql::erase_later(tx, member)?;
    }
    let of_law = |day| Kept { why: Why::Law, until: Some(day) };
    let mut kept: Vec<_> = law.into_iter().map(of_law).collect();
    for person in persons {
        kept_of_person(tx, person, &mut kept)?;
    }
    if let Some((at, words)) = before {
        let today = tx.at.business.date();
        return Ok(Erased { at, kept: still_kept(&words, today)? });
    }
    if sql::has_figures(tx, member)? {
        kept.push(Kept { why: Why::Books, until: None });
    }
    kept.push(Kept { why: Why::EmptiesItself, until: None });
    sql::mark_erased(tx, member, &written(&kept))?;
    audit::note(tx, by, "customer.erased", Subject::Member(member), "")?;
    Ok(Erased { at: tx.at.business, kept })
}

/// What is kept, as the row of the customer has it.
fn written(kept: &[Kept]) -> String {
    let words = kept.iter().map(|kept| match kept.until {
        Some(day) => format!("{}:{day}", kept.why.word()),
        None => kept.why.word().to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The same read back, without what no law asks for any more.
fn still_kept(words: &str, today: Date) -> Result<Vec<Kept>, Fault> {
    let corrupt = || Fault::Corrupt("erased_kept".into());
    let mut kept = Vec::new();
    for word in words.split_whitespace() {
        let (word, day) = match word.split_once(':') {
            Some((word, day)) => (word, Some(Date::parse(day).ok_or_else(corrupt)?)),
            None => (word, None),
        };
        if day.is_none_or(|day| day > today) {
            kept.push(Kept { why: Why::parse(word).ok_or_else(corrupt)?, until: day });
        }
    }
    Ok(kept)
}

/// Until when a law asks for what belongs to loans of which the last was over then; nothing where
/// that has passed or nothing was lent.
fn until(tx: &Tx<'_, '_>, last: Option<Instant>) -> Option<Date> {
    let years = tx.policy.customers.kept_years;
    let day = last?.date().plus_months(years.saturating_mul(12))?;
    (day > tx.at.business.date()).then_some(day)
}

/// Erases a person whom nothing holds; otherwise says what does.
fn kept_of_person(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    kept: &mut Vec<Kept>,
) -> Result<(), Fault> {
    if sql::is_listed(tx, person)? {
        kept.push(Kept { why: Why::Blacklist, until: None });
    }
    let last = sql::last_of_person(tx, person)?;
    if sql::has_account(tx, person)? {
        kept.push(Kept { why: Why::OtherAccount, until: None });
    } else if let Some(day) = until(tx, last) {
        let law = Kept { why: Why::Law, until: Some(day) };
        if !kept.contains(&law) {
            kept.push(law);
        }
    } else {
        sql::erase_person(tx, person)?;
    }
    Ok(())
}
