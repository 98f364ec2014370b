//! Reconciliation (对账): the payment provider's statement of a day against our orders and what the
//! ledger booked of them; what differs is a list that people work through.
//!
//! No difference is mended by itself: money is never booked because of a statement.

mod sql;
#[cfg(test)]
mod tests;

use kernel::id::{DifferenceId, OperatorId, PaymentId};
use kernel::{Date, Instant, Money};
use store::Fault;

use crate::audit::{self, Actor, Subject};
use crate::ports::StatementLine;
use crate::{Page, Tx};

/// Lines that one call loads, so that it stays short.
pub const LINES_AT_ONCE: usize = 500;
/// Lines of a statement at most.
pub const MOST_LINES: usize = 200_000;
/// From when on, in milliseconds of the business day, yesterday's statement is asked for: providers
/// close their books in the night.
const ASKED_FROM_MS: i64 = 3_600_000;
/// Days that are asked for when the platform did not run, or its clock has leapt.
const MOST_DAYS_BACK: i64 = 31;
/// How long an answer may take before somebody else asks, in milliseconds.
const LEASE_MS: i64 = 5 * 60_000;
/// The first wait for a statement that is not there; each later one is twice as long.
const WAIT_MS: i64 = 60_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 6 * 3_600_000;
/// After so many attempts nobody asks any more: that is about two days.
const MOST_ATTEMPTS: i64 = 16;
/// Characters of an order number that are kept of a line.
const ORDER_NO_MOST: usize = 64;

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementState {
    /// The provider is asked for it.
    Wanted,
    /// Its lines are being written down.
    Loading,
    /// It was compared.
    Compared,
    /// The provider has not given it; an operator can ask again, or hand it in.
    GivenUp,
}

impl StatementState {
    const ALL: &[Self] = &[Self::Wanted, Self::Loading, Self::Compared, Self::GivenUp];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Loading => "loading",
            Self::Compared => "compared",
            Self::GivenUp => "given_up",
        }
    }
}

/// A day's statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The day: that of the orders' numbers.
    pub day: Date,
    /// Where it stands.
    pub state: StatementState,
    /// How often the provider was asked.
    pub attempts: i64,
    /// Its lines, and what they come to, in and out.
    pub theirs: Totals,
    /// Our orders of the day that have succeeded, likewise.
    pub ours: Totals,
    /// Differences that nobody has settled.
    pub open: i64,
    /// When it was compared.
    pub compared_at: Option<Instant>,
}

/// What orders come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count: i64,
    /// What came in.
    pub money_in: Money,
    /// What went out.
    pub money_out: Money,
}

/// How statement and order differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The provider moved money for an order that we do not know.
    NotOurs,
    /// Another amount.
    Amount,
    /// The other way.
    Direction,
    /// Our order counts as failed.
    FailedHere,
    /// Our order is still asked for.
    OpenHere,
    /// Our order has succeeded, and the ledger has booked another amount of it.
    NotBooked,
    /// Listed more than once.
    Twice,
    /// Our order has succeeded, and the provider does not list it.
    NotTheirs,
}

impl DifferenceKind {
    const ALL: &[Self] = &[
        Self::NotOurs,
        Self::Amount,
        Self::Direction,
        Self::FailedHere,
        Self::OpenHere,
        Self::NotBooked,
        Self::Twice,
        Self::NotTheirs,
    ];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotOurs => "not_ours",
            Self::Amount => "amount",
            Self::Direction => "direction",
            Self::FailedHere => "failed_here",
            Self::OpenHere => "open_here",
            Self::NotBooked => "not_booked",
            Self::Twice => "twice",
            Self::NotTheirs => "not_theirs",
        }
    }
}

/// Where a difference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceState {
    /// Somebody has to look.
    Open,
    /// Somebody has looked, and said why it is in order.
    Settled,
    /// A later look did not find it any more.
    Gone,
}

impl DifferenceState {
    const ALL: &[Self] = &[Self::Open, Self::Settled, Self::Gone];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Gone => "gone",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

/// A difference (对账差异).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number.
    pub id: DifferenceId,
    /// In which statement.
    pub day: Date,
    /// How they differ.
    pub kind: DifferenceKind,
    /// About which order.
    pub order_no: String,
    /// Our order, if there is one.
    pub payment: Option<PaymentId>,
    /// Our amount.
    pub ours: Option<Money>,
    /// The provider's.
    pub theirs: Option<Money>,
    /// Where it stands.
    pub state: DifferenceState,
    /// Why it was settled.
    pub reason: Option<String>,
    /// Who has settled it.
    pub operator: Option<OperatorId>,
    /// When it was found.
    pub found_at: Instant,
    /// When it was over.
    pub ended_at: Option<Instant>,
}

/// Whether [`due`] has anything to do, on a snapshot.
pub fn has_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    Ok(next_missing(tx)?.is_some() || !sql::due(tx, 1)?.is_empty())
}

/// Takes statements that the provider is to be asked for now: those of the days that are over, and
/// those that somebody has asked for.
pub fn due(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<Date>, Fault> {
    while let Some(day) = next_missing(tx)? {
        if !sql::want(tx, day)? {
            break;
        }
    }
    let days = sql::due(tx, most)?;
    let until = tx.at.wall.plus_millis(LEASE_MS);
    for day in &days {
        sql::claim(tx, *day, until)?;
    }
    Ok(days)
}

/// The first day that is over and has no statement, not even a wanted one.
fn next_missing(tx: &mut Tx<'_, '_>) -> Result<Option<Date>, Fault> {
    let (now, today) = (tx.at.business, tx.at.business.date());
    if now < today.start().plus_millis(ASKED_FROM_MS) {
        return Ok(None);
    }
    let Some(yesterday) = today.minus_days(1) else { return Ok(None) };
    let number = match sql::last_day(tx)? {
        // From the first day on that the platform knows statements.
        None => yesterday.day_number(),
        Some(last) => {
            let oldest = yesterday.day_number().saturating_sub(MOST_DAYS_BACK);
            last.day_number().saturating_add(1).max(oldest)
        }
    };
    Ok(Date::from_day_number(number).filter(|day| *day <= yesterday))
}

/// Why a statement cannot be asked for or handed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WantError {
    /// The day has not begun yet.
    #[error("the day has not begun yet")]
    NotBegun,
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Asks for a day's statement, anew where there was one.
pub fn want(tx: &mut Tx<'_, '_>, actor: Actor, day: Date) -> Result<(), WantError> {
    if day > tx.at.business.date() {
        return Err(WantError::NotBegun);
    }
    if !sql::want(tx, day)? {
        sql::want_again(tx, day)?;
    }
    let detail = day.to_string();
    audit::note(tx, actor, "statement.wanted", Subject::Platform, &detail)?;
    Ok(())
}

/// The provider has no statement of the day, or nobody could say: somebody asks later.
pub fn not_given(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    let Some(statement) = sql::statement(tx, day)? else { return Ok(()) };
    let doubled = WAIT_MS.checked_shl(u32::try_from(statement.attempts.clamp(0, 20)).unwrap_or(20));
    let wait = doubled.unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS);
    let state = if statement.attempts >= MOST_ATTEMPTS {
        StatementState::GivenUp
    } else {
        StatementState::Wanted
    };
    sql::postpone(tx, day, state, tx.at.wall.plus_millis(wait))
}

/// Begins to write a statement down: what was there of it is forgotten.
pub fn begin(tx: &mut Tx<'_, '_>, day: Date) -> Result<(), Fault> {
    sql::want(tx, day)?;
    sql::begin(tx, day, tx.at.wall.plus_millis(LEASE_MS))
}

/// Writes lines of a statement down, the first of which has this number; a call takes
/// [`LINES_AT_ONCE`] of them.
pub fn load(
    tx: &mut Tx<'_, '_>,
    day: Date,
    first: usize,
    lines: &[StatementLine],
) -> Result<(), Fault> {
    for (place, line) in lines.iter().enumerate() {
        let number = i64::try_from(first.saturating_add(place)).unwrap_or(i64::MAX);
        let order_no: String = line.order_no.chars().take(ORDER_NO_MOST).collect();
        let provider_no: String = line.provider_no.chars().take(ORDER_NO_MOST).collect();
        sql::append_line(
            tx,
            day,
            number,
            &StatementLine { order_no, provider_no, ..line.clone() },
        )?;
    }
    Ok(())
}

/// Compares a statement that was written down, and looks again at what was open before. What was
/// found now.
pub fn compare(tx: &mut Tx<'_, '_>, actor: Actor, day: Date) -> Result<Statement, Fault> {
    let found = sql::differences_now(tx, day)?;
    let mut open = sql::open_of(tx, day)?;
    for difference in &found {
        open.retain(|(kind, order_no, _)| {
            !(*kind == difference.kind && *order_no == difference.order_no)
        });
        sql::insert_difference(tx, day, difference)?;
    }
    for (_, _, id) in open {
        sql::end_difference(tx, id, DifferenceState::Gone, None)?;
    }
    sql::end_found_elsewhere(tx)?;
    sql::end_decided(tx)?;
    sql::compared(tx, day)?;
    let statement = sql::statement(tx, day)?.ok_or(Fault::Corrupt("statement".into()))?;
    let detail = format!("{day}: {} lines, {} open", statement.theirs.count, statement.open);
    audit::note(tx, actor, "statement.compared", Subject::Platform, &detail)?;
    Ok(statement)
}

/// A day's statement.
pub fn statement(tx: &mut Tx<'_, '_>, day: Date) -> Result<Option<Statement>, Fault> {
    sql::statement(tx, day)
}

/// A page of the statements, the latest day first.
pub fn statements(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Statement>, Fault> {
    sql::statements(tx, page)
}

/// A page of the differences in a state, the oldest first.
pub fn differences(
    tx: &mut Tx<'_, '_>,
    state: DifferenceState,
    page: Page,
) -> Result<Vec<Difference>, Fault> {
    sql::differences(tx, state, page)
}

/// A difference by its number.
pub fn difference(tx: &mut Tx<'_, '_>, id: DifferenceId) -> Result<Option<Difference>, Fault> {
    sql::difference(tx, id)
}

/// Why a difference cannot be settled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleError {
    /// There is no such difference, or it is over.
    #[error("no such difference is open")]
    NotOpen,
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Settles a difference: somebody has looked at both sides, and says why it is in order. Money that
/// has to move is moved by the command for it, not by this.
pub fn settle(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    id: DifferenceId,
    reason: &str,
) -> Result<Difference, SettleError> {
    if !sql::end_difference(tx, id, DifferenceState::Settled, Some((operator, reason)))? {
        return Err(SettleError::NotOpen);
    }
    let difference = sql::difference(tx, id)?.ok_or(SettleError::NotOpen)?;
    let subject = difference.payment.map_or(Subject::Platform, Subject::Payment);
    let detail = format!("{} {}: {reason}", difference.kind.word(), difference.order_no);
    audit::note(tx, Actor::Operator(operator), "difference.settled", subject, &detail)?;
    Ok(difference)
}
