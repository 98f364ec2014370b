//! Bids: holding their money, filling a project, giving back what failed.

use std::collections::BTreeMap;

use kernel::id::{MemberId, ProjectId};
use kernel::{Change, Money};
use store::Fault;

use super::plan::plan;
use super::{Bid, BidState, Project, STEP, Status, sql};
use crate::Tx;
use crate::identity::{self, Caller, Denied};
use crate::ledger::{self, Account, Kind, PostError, Transfer};

/// Bids that one call gives back at most: well within the time that a call may take.
const RETURNED_AT_ONCE: i64 = 500;

/// Bids on a project.
#[derive(Clone, Debug)]
pub struct PlaceBid {
    /// Who asks.
    pub caller: Caller,
    /// Whose money.
    pub member: MemberId,
    /// On what.
    pub project: ProjectId,
    /// How much; `None` where the wire's figure is no amount of money.
    pub amount: Option<Money>,
}

/// Why a bid was not taken. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum BidError {
    /// Below a hundred yuan or no whole hundreds.
    #[error("amount not allowed")]
    AmountNotAllowed,
    /// No such member, or not the caller.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such project.
    #[error("no such project")]
    NoSuchProject,
    /// The project does not take bids, or its bidding days are over.
    #[error("not taking bids")]
    NotBidding,
    /// More than the project still takes.
    #[error("more than the rest")]
    MoreThanRest {
        /// What it still takes.
        rest: Money,
    },
    /// The wallet does not hold the amount.
    #[error("insufficient balance")]
    Insufficient,
    /// The bid fills the project, and the borrower's wallet cannot take the funds.
    #[error("balance too large")]
    TooLarge,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a bid has done to its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bidding {
    /// The project still takes bids.
    GoesOn,
    /// It is full, paid out, and every investor has a plan.
    Full,
}

/// Takes a bid: freezes its money, and when the project is full pays it out and writes the plans.
pub fn bid(tx: &mut Tx<'_, '_>, command: &PlaceBid) -> Result<(Bid, Bidding), BidError> {
    let amount = command
        .amount
        .filter(|amount| *amount >= STEP && amount.is_multiple_of(STEP))
        .ok_or(BidError::AmountNotAllowed)?;
    let member = identity::acting_for(tx, command.caller, command.member)?;
    let project = sql::lock_project(tx, command.project)?.ok_or(BidError::NoSuchProject)?;
    let open = project.bidding_ends_at.is_some_and(|ends| tx.at.business < ends);
    if project.status != Status::Bidding || !open {
        return Err(BidError::NotBidding);
    }
    let rest = project.rest();
    if amount > rest {
        return Err(BidError::MoreThanRest { rest });
    }
    if amount == rest {
        sql::lock_accounts(tx, &project, member.id)?;
    }
    let id = sql::next_bid(tx)?;
    let lines = [
        (Account::Wallet(member.id), amount.debit()),
        (Account::Frozen(member.id), amount.credit()),
    ];
    let freeze = Transfer { kind: Kind::Bid, subject: id.number(), reverses: None, lines: &lines };
    let held = match ledger::post(tx, &freeze) {
        Ok(posted) => posted.id,
        Err(PostError::Insufficient(_)) => return Err(BidError::Insufficient),
        Err(error) => return Err(unexpected(error).into()),
    };
    let bid = Bid {
        id,
        project: project.id,
        member: member.id,
        amount,
        state: BidState::Held,
        made_at: tx.at.business,
    };
    sql::insert_bid(tx, &bid, held)?;
    sql::raise(tx, project.id, amount)?;
    if amount < rest {
        return Ok((bid, Bidding::GoesOn));
    }
    pay_out(tx, &project)?;
    Ok((bid, Bidding::Full))
}

/// A refusal of the ledger that cannot come about here.
pub(super) fn unexpected(error: PostError) -> Fault {
    match error {
        PostError::Fault(fault) => fault,
        PostError::Insufficient(account) | PostError::TooLarge(account) => {
            Fault::Corrupt(format!("account {}", account.number().number()))
        }
        PostError::AlreadyReversed => Fault::Corrupt("already reversed".into()),
    }
}

/// Collects the held bids into escrow, pays them out to the borrower, and writes the plans.
fn pay_out(tx: &mut Tx<'_, '_>, project: &Project) -> Result<(), BidError> {
    let held = sql::held_bids(tx, project.id, i64::MAX)?;
    let bids: Vec<_> = held.into_iter().map(|(bid, _)| bid).collect();
    let mut by_member: BTreeMap<i64, Change> = BTreeMap::new();
    for bid in &bids {
        let sum = by_member.entry(bid.member.number()).or_insert(Change::ZERO);
        *sum = sum.plus(bid.amount.debit()).ok_or(Fault::Corrupt("amount_fen".into()))?;
    }
    let frozen = |(member, change)| (Account::Frozen(MemberId::from_number(member)), change);
    let mut lines: Vec<_> = by_member.into_iter().map(frozen).collect();
    let escrow = Account::Escrow(project.id);
    lines.push((escrow, project.amount.credit()));
    let subject = project.id.number();
    let collection = Transfer { kind: Kind::Collection, subject, reverses: None, lines: &lines };
    ledger::post(tx, &collection).map_err(unexpected)?;
    let wallet = Account::Wallet(project.borrower);
    let lines = [(escrow, project.amount.debit()), (wallet, project.amount.credit())];
    let payout = Transfer { kind: Kind::Payout, subject, reverses: None, lines: &lines };
    let payout = match ledger::post(tx, &payout) {
        Ok(posted) => posted.id,
        Err(PostError::TooLarge(_)) => return Err(BidError::TooLarge),
        Err(error) => return Err(unexpected(error).into()),
    };

    let amounts: Vec<_> = bids.iter().map(|bid| bid.amount).collect();
    let rows = plan(project, &amounts, tx.at.business.date());
    for row in rows.ok_or(Fault::Corrupt("plan".into()))? {
        let bid = bids.get(row.bid).ok_or(Fault::Corrupt("plan".into()))?;
        sql::insert_instalment(tx, bid, &row)?;
    }
    Ok(sql::fill(tx, project.id, payout)?)
}

/// Projects whose bidding days are over, for the job that ends them; at most `most`.
pub fn projects_past_bidding(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<ProjectId>, Fault> {
    let now = tx.at.business;
    sql::past_bidding(tx, now, i64::from(most))
}

/// Ends a project whose bidding days are over and gives every bid back by a contra entry; of very
/// many only some, and the next call more. False if there is nothing to do: it was filled or ended
/// in the meantime.
pub fn fail_project(tx: &mut Tx<'_, '_>, id: ProjectId) -> Result<bool, Fault> {
    let Some(project) = sql::lock_project(tx, id)? else { return Ok(false) };
    let over = project.bidding_ends_at.is_some_and(|ends| ends <= tx.at.business);
    if project.status != Status::Bidding || !over {
        return Ok(false);
    }
    give_back(tx, &project)?;
    Ok(true)
}

/// Ends a project that takes bids before its time (流标), by the operator's decision; every bid is
/// given back, of very many the rest by [`fail_project`]. False if it does not take bids.
pub fn abandon(tx: &mut Tx<'_, '_>, id: ProjectId) -> Result<bool, Fault> {
    let Some(project) = sql::lock_project(tx, id)? else { return Ok(false) };
    if project.status != Status::Bidding {
        return Ok(false);
    }
    sql::end_bidding(tx, id)?;
    give_back(tx, &project)?;
    Ok(true)
}

/// Gives back as many bids as fit into one call, and closes the project with the last of them.
/// Until then it counts as taking bids, but its bidding days are over.
fn give_back(tx: &mut Tx<'_, '_>, project: &Project) -> Result<(), Fault> {
    sql::lock_accounts(tx, project, project.borrower)?;
    let held = sql::held_bids(tx, project.id, RETURNED_AT_ONCE)?;
    for (bid, hold) in &held {
        ledger::reverse(tx, Kind::BidReturn, bid.id.number(), *hold).map_err(unexpected)?;
        sql::give_back(tx, bid)?;
    }
    if held.len() < usize::try_from(RETURNED_AT_ONCE).unwrap_or(usize::MAX) {
        sql::close(tx, project.id, Status::Failed)?;
    }
    Ok(())
}
