//! The market (前程贷's kind): projects ask for money, members bid, borrowers repay investors.

mod bidding;
mod browsing;
mod deciding;
mod plan;
mod queries;
mod repaying;
mod sql;

#[cfg(test)]
mod tests;

use kernel::id::{BidId, InstalmentId, MemberId, ProjectId};
use kernel::{Date, Instant, Money, Rate};
use store::Fault;

pub use bidding::{BidError, Bidding, PlaceBid, abandon, bid, fail_project, projects_past_bidding};
pub use browsing::{
    Investor, Term, bids_by, bids_on, investor, investors, projects_in, projects_of, terms_of,
};
pub use deciding::{DecideError, decide};
pub use plan::{PlannedInstalment, plan};
pub use queries::{Movement, bids_of, finance_log, instalments_of, project, projects};
pub use repaying::{RepayError, repay};

use crate::Tx;
use crate::identity::{self, Caller, Denied, Role};
use crate::ledger::{self, Account};

/// Whether a tenor counts months or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenorUnit {
    /// Interest each month, principal with the last.
    Month,
    /// One payment at the end.
    Day,
}

impl TenorUnit {
    /// The word in the database and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Day => "day",
        }
    }
}

/// Where a project stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waits for an administrator (审核中).
    Auditing,
    /// Takes bids (竞标中).
    Bidding,
    /// Full, paid out, being repaid (还款中).
    Repaying,
    /// Repaid to the last term (还款完成).
    Repaid,
    /// Refused by an administrator (审核不通过).
    Rejected,
    /// Not full when its bidding days ended; every bid was given back.
    Failed,
}

impl Status {
    /// Every one, in the order of a project's life.
    pub const ALL: &[Self] = &[
        Self::Auditing,
        Self::Bidding,
        Self::Repaying,
        Self::Repaid,
        Self::Rejected,
        Self::Failed,
    ];

    /// The word in the database and in the back office.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auditing => "auditing",
            Self::Bidding => "bidding",
            Self::Repaying => "repaying",
            Self::Repaid => "repaid",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.word() == word)
    }
}

/// A project (项目, 标).
#[derive(Clone, Debug)]
pub struct Project {
    /// Its number.
    pub id: ProjectId,
    /// Who borrows.
    pub borrower: MemberId,
    /// What for, in the borrower's words.
    pub title: String,
    /// What is asked for.
    pub amount: Money,
    /// What bids have brought so far.
    pub raised: Money,
    /// Interest a year.
    pub rate: Rate,
    /// How many months or days.
    pub tenor: u32,
    /// Months or days.
    pub tenor_unit: TenorUnit,
    /// Days for which it takes bids.
    pub bidding_days: u32,
    /// Where it stands.
    pub status: Status,
    /// Terms that have been repaid.
    pub terms_repaid: u32,
    /// When it was listed.
    pub created_at: Instant,
    /// When it was approved.
    pub bidding_started_at: Option<Instant>,
    /// When it stops taking bids.
    pub bidding_ends_at: Option<Instant>,
    /// When its last bid came.
    pub full_at: Option<Instant>,
}

impl Project {
    /// What can still be bid.
    pub fn rest(&self) -> Money {
        self.amount.minus(self.raised).unwrap_or(Money::ZERO)
    }

    /// How many payments its plan has: one a month, or a single one for a tenor in days.
    pub fn terms(&self) -> u32 {
        match self.tenor_unit {
            TenorUnit::Month => self.tenor,
            TenorUnit::Day => 1,
        }
    }
}

/// What has become of a bid's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BidState {
    /// Frozen until the project is full or fails.
    Held,
    /// Paid out to the borrower.
    Lent,
    /// Given back.
    Returned,
}

impl BidState {
    /// The word in the database and in the back office.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Lent => "lent",
            Self::Returned => "returned",
        }
    }
}

/// A bid (投资).
#[derive(Clone, Debug)]
pub struct Bid {
    /// Its number.
    pub id: BidId,
    /// On which project.
    pub project: ProjectId,
    /// By whom.
    pub member: MemberId,
    /// How much.
    pub amount: Money,
    /// What has become of the money.
    pub state: BidState,
    /// When.
    pub made_at: Instant,
}

/// One row of an investor's plan (回款计划).
#[derive(Clone, Debug)]
pub struct Instalment {
    /// Its number.
    pub id: InstalmentId,
    /// Whose bid it repays.
    pub bid: BidId,
    /// Which term, from 1.
    pub term: u32,
    /// Part of the bid that comes back.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// When it is due.
    pub due: Date,
    /// When the plan was made.
    pub planned_at: Instant,
    /// When it was paid.
    pub paid_at: Option<Instant>,
}

/// Amounts of projects and bids are whole multiples of this.
pub const STEP: Money = match Money::from_yuan(100) {
    Some(step) => step,
    None => Money::ZERO,
};
/// Highest rate a year: 24 %. Source: document 004 §2.2.1.
const MAX_RATE_PPM: u32 = 240_000;
/// Tenors in months. Source: document 004 §2.2.1.
const MONTHS: std::ops::RangeInclusive<u32> = 1..=36;
/// Tenors in days. Source: document 004 §2.2.1.
const DAYS: std::ops::RangeInclusive<u32> = 10..=45;
/// Days for which a project takes bids. Source: document 004 §2.2.1.
const BIDDING_DAYS: std::ops::RangeInclusive<u32> = 1..=10;

/// Lists a project for audit. A figure is `None` where the wire's one is no possible value.
#[derive(Clone, Debug)]
pub struct ListProject {
    /// The number to give it; `None` for the next one. Chosen numbers are for fixtures.
    pub id: Option<ProjectId>,
    /// Who asks.
    pub caller: Caller,
    /// Who borrows.
    pub borrower: MemberId,
    /// What for.
    pub title: String,
    /// How much.
    pub amount: Option<Money>,
    /// At which rate a year.
    pub rate: Option<Rate>,
    /// Months or days.
    pub tenor_unit: Option<TenorUnit>,
    /// How many of them.
    pub tenor: Option<u32>,
    /// Days for which it takes bids.
    pub bidding_days: Option<u32>,
}

/// Why a project was not listed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The borrower is no member, or not the caller.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not positive, no whole hundreds, or below the market's minimum.
    #[error("amount not offered")]
    AmountNotOffered,
    /// Not above 0 and at most 24 %.
    #[error("rate not offered")]
    RateNotOffered,
    /// Neither months nor days.
    #[error("no such unit of tenor")]
    UnitNotOffered,
    /// Outside 1 to 36 months or 10 to 45 days.
    #[error("tenor not offered")]
    TenorNotOffered(TenorUnit),
    /// Outside 1 to 10 days.
    #[error("bidding days not offered")]
    BiddingDaysNotOffered,
    /// The chosen id is taken.
    #[error("the project's number is taken")]
    Taken,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Lists a project for audit.
pub fn list(tx: &mut Tx<'_, '_>, command: &ListProject) -> Result<Project, ListError> {
    let borrower = identity::acting_for(tx, command.caller, command.borrower)?;
    let minimum = tx.policy.minimum_project;
    let amount = command
        .amount
        .filter(|amount| *amount >= minimum && *amount > Money::ZERO)
        .filter(|amount| amount.is_multiple_of(STEP))
        .ok_or(ListError::AmountNotOffered)?;
    let rate = command
        .rate
        .filter(|rate| (1..=MAX_RATE_PPM).contains(&rate.ppm()))
        .ok_or(ListError::RateNotOffered)?;
    let tenor_unit = command.tenor_unit.ok_or(ListError::UnitNotOffered)?;
    let tenors = match tenor_unit {
        TenorUnit::Month => MONTHS,
        TenorUnit::Day => DAYS,
    };
    let tenor = command.tenor.filter(|tenor| tenors.contains(tenor));
    let tenor = tenor.ok_or(ListError::TenorNotOffered(tenor_unit))?;
    let bidding_days = command.bidding_days.filter(|days| BIDDING_DAYS.contains(days));
    let bidding_days = bidding_days.ok_or(ListError::BiddingDaysNotOffered)?;
    let project = Project {
        id: sql::next_project(tx, command.id)?,
        borrower: borrower.id,
        title: command.title.clone(),
        amount,
        raised: Money::ZERO,
        rate,
        tenor,
        tenor_unit,
        bidding_days,
        status: Status::Auditing,
        terms_repaid: 0,
        created_at: tx.at.business,
        bidding_started_at: None,
        bidding_ends_at: None,
        full_at: None,
    };
    if !sql::insert_project(tx, &project)? {
        return Err(ListError::Taken);
    }
    ledger::open_account(tx, Account::Escrow(project.id))?;
    Ok(project)
}

/// What an administrator decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// The project takes bids from now on.
    Approve,
    /// The project is over.
    Reject,
}

/// Why an audit was not done. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The caller's token is revoked, or they are no member any more.
    #[error("token revoked")]
    Revoked,
    /// The caller is no administrator.
    #[error("not an administrator")]
    NotAdministrator,
    /// There is no such project.
    #[error("no such project")]
    NoSuchProject,
    /// The project has been audited before.
    #[error("not waiting for audit")]
    NotAuditing,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Approves or rejects a project. Of two administrators at once, one wins.
pub fn audit(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    project: ProjectId,
    audit: Audit,
) -> Result<(), AuditError> {
    if let Caller::Bearer { member, .. } = caller {
        let member = match identity::acting_for(tx, caller, member) {
            Ok(member) => member,
            Err(Denied::Fault(fault)) => return Err(fault.into()),
            Err(Denied::NoSuchMember | Denied::NotYours | Denied::Revoked) => {
                return Err(AuditError::Revoked);
            }
        };
        if member.role != Role::Administrator {
            return Err(AuditError::NotAdministrator);
        }
    }
    let found = sql::lock_project(tx, project)?.ok_or(AuditError::NoSuchProject)?;
    if found.status != Status::Auditing {
        return Err(AuditError::NotAuditing);
    }
    match audit {
        Audit::Approve => {
            let ends = tx.at.business.plus_days(i64::from(found.bidding_days));
            sql::open_bidding(tx, project, ends)?;
        }
        Audit::Reject => sql::close(tx, project, Status::Rejected)?,
    }
    Ok(())
}

/// Empties the whole market, the ledger and the members: for fixtures on a bench, whose caller
/// sees to that. Numbers start again at 1 and the business clock returns to the wall clock.
pub fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    crate::reports::wipe(tx)?;
    crate::funding::wipe(tx)?;
    crate::leads::wipe(tx)?;
    crate::customers::wipe(tx)?;
    sql::wipe(tx)
}
