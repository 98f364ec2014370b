//! What can be looked up on the market.

use kernel::id::{BidId, MemberId, ProjectId};
use kernel::{Change, Money};
use store::Fault;

use super::{Bid, Instalment, Project, sql};
use crate::identity::{self, Caller, Denied};
use crate::ledger::{self, Account, Kind, StatementLine};
use crate::{Page, Tx};

/// One page of all projects, in the order of their numbers. Everybody may look.
pub fn projects(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Project>, Fault> {
    sql::projects(tx, page)
}

/// One project.
pub fn project(tx: &mut Tx<'_, '_>, id: ProjectId) -> Result<Option<Project>, Fault> {
    sql::project(tx, id)
}

/// One page of a project's plans, term by term: for its borrower and its investors.
pub fn instalments_of(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    project: ProjectId,
    page: Page,
) -> Result<Option<Vec<Instalment>>, Denied> {
    let Some(project) = sql::project(tx, project)? else { return Ok(None) };
    if let Caller::Bearer { member, .. } = caller {
        identity::acting_for(tx, caller, member)?;
        if member != project.borrower && !sql::has_bid_on(tx, member, project.id)? {
            return Err(Denied::NotYours);
        }
    }
    Ok(Some(sql::instalments(tx, project.id, page)?))
}

/// One page of a member's bids, in the order of their numbers.
pub fn bids_of(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    member: MemberId,
    page: Page,
) -> Result<Vec<Bid>, Denied> {
    identity::acting_for(tx, caller, member)?;
    Ok(sql::bids_of(tx, member, page)?)
}

/// One line of a member's wallet, with the two sides that the movement had.
#[derive(Clone, Debug)]
pub struct Movement {
    /// The posting on the member's wallet.
    pub line: StatementLine,
    /// Who paid, if a member did.
    pub payer: Option<MemberId>,
    /// Who received, if a member did.
    pub payee: Option<MemberId>,
    /// The bid whose money it is, for bids and their return.
    pub bid: Option<Bid>,
    /// How much moved.
    pub amount: Money,
}

/// One page of a member's wallet, newest first.
pub fn finance_log(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    member: MemberId,
    page: Page,
) -> Result<Vec<Movement>, Denied> {
    let member = identity::acting_for(tx, caller, member)?;
    let lines = ledger::statement(tx, Account::Wallet(member.id), page)?;
    let movements = lines.into_iter().map(|line| movement(tx, member.id, line));
    Ok(movements.collect::<Result<_, _>>()?)
}

fn movement(tx: &mut Tx<'_, '_>, member: MemberId, line: StatementLine) -> Result<Movement, Fault> {
    let me = Some(member);
    let fen = line.change.fen().saturating_abs();
    let amount = Money::from_fen(fen).ok_or(Fault::Corrupt("amount_fen".into()))?;
    let mut bid = None;
    let (from, to) = match line.kind {
        Kind::Bid | Kind::BidReturn => {
            bid = sql::bid(tx, BidId::from_number(line.subject))?;
            let borrower = match &bid {
                Some(bid) => sql::project(tx, bid.project)?.map(|project| project.borrower),
                None => None,
            };
            if line.kind == Kind::Bid { (me, borrower) } else { (None, me) }
        }
        Kind::Distribution => {
            let project = sql::project(tx, ProjectId::from_number(line.subject))?;
            (project.map(|project| project.borrower), me)
        }
        Kind::Withdrawal | Kind::Repayment | Kind::Collection => (me, None),
        Kind::Recharge | Kind::Payout => (None, me),
        // By people, or a lender's: no project and no other member stands behind it.
        Kind::Reversal
        | Kind::LoanPayout
        | Kind::Accrual
        | Kind::LoanRepayment
        | Kind::WriteOff
        | Kind::Recovery
        | Kind::Refund
        | Kind::Coupon
        | Kind::LeadHold
        | Kind::LeadReturn
        | Kind::LeadFee => {
            if line.change < Change::ZERO {
                (me, None)
            } else {
                (None, me)
            }
        }
    };
    Ok(Movement { line, payer: from, payee: to, bid, amount })
}
