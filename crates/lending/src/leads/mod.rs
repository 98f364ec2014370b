//! Leads (甩单): loan officers tell each other of people who want a loan, one of them claims a lead,
//! works it, and pays its owner a fee when it is won.
//!
//! A lead is about somebody who is no user: what it tells of them is sealed as a whole, shown to
//! its owner and its holder alone, and erased after a time unless an application was made of it.

mod details;
mod erasing;
mod handing;
mod purses;
mod rules;
mod sql;
mod submitting;
mod working;

#[cfg(test)]
pub(crate) mod tests;

use kernel::id::{ApplicationId, LeadId, MemberId, TransferId};
use kernel::{Channel, Instant, Money};
use store::Fault;

pub use details::{
    CompanyKind, CustomerKind, Details, HouseKind, HouseStatus, LoanKind, Masked, PayKind, Term,
};
pub(crate) use erasing::erase_of_customer;
pub use erasing::{EraseError, erase, expire, has_expired};
pub(crate) use handing::note_application;
pub use handing::{
    AskConsent, ConsentError, HandOver, HandOverError, HandedOver, ask_consent, hand_over,
    last_consent_code,
};
pub use purses::{BankTransfer, Direction, TransferError, purse, transfer};
pub use rules::Rules;
pub use submitting::{Submit, SubmitError, Submitted, submit};
pub use working::{ClaimError, Ending, HeldError, claim, close, release, withdraw, work};

use crate::customers::{Line, windows};
use crate::{Page, Tx};

/// Whose members exchange leads.
const EXCHANGE: Channel = Channel::Shuaidan;

/// Where a lead stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Anybody but its owner may claim it (待接单).
    Open,
    /// Somebody holds it (已接单).
    Claimed,
    /// And has noted work on it (跟进中).
    Working,
    /// It came to a loan, and its fee was paid (成单).
    Won,
    /// It did not (失单).
    Lost,
    /// Its owner took it back (已撤回).
    Withdrawn,
    /// Nothing came of it in its days (已过期).
    Expired,
}

impl State {
    /// Every state, in the order of a lead's life.
    pub const ALL: &[Self] = &[
        Self::Open,
        Self::Claimed,
        Self::Working,
        Self::Won,
        Self::Lost,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The word in the database and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Working => "working",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

/// A lead, as far as it names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Its number.
    pub id: LeadId,
    /// The officer who told it.
    pub owner: MemberId,
    /// Where it stands.
    pub state: State,
    /// 请求贷款金额.
    pub amount: Money,
    /// 用户类型.
    pub customer_kind: CustomerKind,
    /// 贷款类型.
    pub loan_kind: LoanKind,
    /// For how long.
    pub term: Term,
    /// What whoever wins it pays its owner.
    pub fee: Money,
    /// When it was submitted, by the business clock.
    pub submitted_at: Instant,
    /// The officer who holds it, or held it in the end.
    pub claimer: Option<MemberId>,
    /// Since when.
    pub claimed_at: Option<Instant>,
    /// When it came to its end.
    pub closed_at: Option<Instant>,
    /// The person's account at the lending channel that the lead was handed over to.
    pub customer: Option<MemberId>,
    /// When it was.
    pub handed_over_at: Option<Instant>,
    /// The application that was made of it.
    pub application: Option<ApplicationId>,
    /// When it was.
    pub applied_at: Option<Instant>,
    /// When what it told of the person was erased.
    pub erased_at: Option<Instant>,
    /// The movement that holds the fee.
    hold: Option<TransferId>,
}

impl Lead {
    /// Whether an officer is shown the person in full: its owner, and who holds it or has won it.
    pub fn is_shown_to(&self, officer: MemberId) -> bool {
        let is_held = matches!(self.state, State::Claimed | State::Working | State::Won);
        self.owner == officer || (is_held && self.claimer == Some(officer))
    }
}

/// What of the person behind a lead is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Everything.
    Full(Box<Details>),
    /// What anybody on the exchange may see.
    Masked(Masked),
    /// Nothing any more.
    Erased,
}

/// What happened to a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It was submitted.
    Submitted,
    /// It was claimed.
    Claimed,
    /// Its holder noted what they did.
    Noted,
    /// Its holder gave it up.
    Released,
    /// It was closed as won.
    Won,
    /// It was closed as lost.
    Lost,
    /// Its owner took it back.
    Withdrawn,
    /// The person was asked whether they agree to being handed over.
    ConsentAsked,
    /// They do, and were.
    HandedOver,
    /// They applied for a loan.
    Applied,
    /// What it told was erased.
    Expired,
}

impl EventKind {
    const ALL: &[Self] = &[
        Self::Submitted,
        Self::Claimed,
        Self::Noted,
        Self::Released,
        Self::Won,
        Self::Lost,
        Self::Withdrawn,
        Self::ConsentAsked,
        Self::HandedOver,
        Self::Applied,
        Self::Expired,
    ];

    /// The word in the database and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Claimed => "claimed",
            Self::Noted => "noted",
            Self::Released => "released",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Withdrawn => "withdrawn",
            Self::ConsentAsked => "consent_asked",
            Self::HandedOver => "handed_over",
            Self::Applied => "applied",
            Self::Expired => "expired",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// A line in a lead's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Whose doing it was; nobody's for what the platform does by itself.
    pub officer: Option<MemberId>,
    /// What was noted; gone once the lead is erased.
    pub note: Option<Line>,
    /// When, by the business clock.
    pub at: Instant,
}

/// Which leads an officer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that can be claimed, of this kind or of any.
    Open(Option<LoanKind>),
    /// Those that the officer told.
    Told,
    /// Those that the officer holds or has brought to an end.
    Held,
}

/// Counts a look at a list; whether the officer may have it. A call of its own, whose count stays.
pub fn admit_look(tx: &mut Tx<'_, '_>, officer: MemberId) -> Result<bool, Fault> {
    let limits = tx.policy.customers.leads.looked;
    within(tx, "rate.lead_looked", officer, &limits)
}

/// Counts a look at a person in full; whether the officer may have it.
pub fn admit_sight(tx: &mut Tx<'_, '_>, officer: MemberId) -> Result<bool, Fault> {
    let limits = tx.policy.customers.leads.shown;
    within(tx, "rate.lead_shown", officer, &limits)
}

fn within(
    tx: &mut Tx<'_, '_>,
    what: &'static str,
    officer: MemberId,
    limits: &[crate::identity::Limit],
) -> Result<bool, Fault> {
    let subject = tx.vault.blind_index(what, &officer.number().to_string());
    windows::count_all(tx, &subject, limits)
}

/// A part of a list, the newest first, and how many there are; people are masked on every list.
pub fn list(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    which: Which,
    page: Page,
) -> Result<(Vec<(Lead, Person)>, i64), Fault> {
    let (leads, total) = match which {
        Which::Open(kind) => sql::open(tx, kind, page)?,
        Which::Told => sql::of_owner(tx, officer, page)?,
        Which::Held => sql::of_claimer(tx, officer, page)?,
    };
    let masked = leads.into_iter().map(|(lead, details)| (lead, masked(details)));
    Ok((masked.collect(), total))
}

fn masked(details: Option<Details>) -> Person {
    details.map_or(Person::Erased, |details| Person::Masked(details.masked()))
}

/// One lead as an officer sees it: in full for its owner and its holder, masked for who has lost it,
/// and for others while it can be claimed. `None` for one that is not theirs to see.
pub fn seen_by(
    tx: &mut Tx<'_, '_>,
    officer: MemberId,
    id: LeadId,
) -> Result<Option<(Lead, Person)>, Fault> {
    let Some((lead, details)) = sql::lead(tx, id)? else { return Ok(None) };
    if lead.is_shown_to(officer) {
        let full = details.map_or(Person::Erased, |details| Person::Full(Box::new(details)));
        return Ok(Some((lead, full)));
    }
    let may_look = lead.state == State::Open || lead.claimer == Some(officer);
    Ok(may_look.then(|| (lead, masked(details))))
}

/// One lead with everything that it tells, for operators; the caller sees to who may.
pub fn lead(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Option<(Lead, Option<Details>)>, Fault> {
    sql::lead(tx, id)
}

/// Leads in a state, or in any, the newest first, for operators.
pub fn leads(
    tx: &mut Tx<'_, '_>,
    state: Option<State>,
    page: Page,
) -> Result<Vec<(Lead, Option<Details>)>, Fault> {
    sql::in_state(tx, state, page)
}

/// What happened to a lead, the oldest first.
pub fn events(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Vec<Event>, Fault> {
    sql::events(tx, id)
}

/// Other leads about the same person, whoever told them, the newest first.
pub fn others(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Vec<LeadId>, Fault> {
    sql::others(tx, id)
}

/// How many leads got how far (漏斗).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// How many stand in each state.
    pub states: Vec<(State, i64)>,
    /// How many were ever submitted.
    pub submitted: i64,
    /// How many were handed over to a lending channel.
    pub handed_over: i64,
    /// Of how many an application was made.
    pub applied: i64,
    /// Of how many a loan was made.
    pub lent: i64,
    /// How many have nothing personal left.
    pub erased: i64,
    /// What is held for leads that are being worked.
    pub fees_held: Money,
    /// What was paid for leads that were won.
    pub fees_paid: Money,
}

/// The whole funnel.
pub fn funnel(tx: &mut Tx<'_, '_>) -> Result<Funnel, Fault> {
    sql::funnel(tx)
}

/// Whether somebody is a loan officer of the exchange, locked until the commit.
fn hold_officer(tx: &mut Tx<'_, '_>, officer: MemberId) -> Result<bool, Fault> {
    Ok(crate::customers::hold(tx, officer)? == Some(EXCHANGE))
}

/// Empties both tables; for benches.
pub(crate) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    sql::wipe(tx)
}
