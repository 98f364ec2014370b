//! What the back office looks up on the market: projects by state, their bids and terms, members
//! with their money.

use kernel::id::{MemberId, ProjectId};
use kernel::{Channel, Date, Instant, Money};
use store::{Fault, Row, params};

use super::sql::{read_bid, read_project, select_projects, small};
use super::{Bid, Project, Status};
use crate::identity::{self, Member};
use crate::ledger::{self, Account};
use crate::{Page, Tx};

/// A page of projects, the newest first: in a state, or all.
pub fn projects_in(
    tx: &mut Tx<'_, '_>,
    status: Option<Status>,
    page: Page,
) -> Result<Vec<Project>, Fault> {
    let (size, offset) = (page.size(), page.offset());
    let Some(status) = status else {
        let select = select_projects!("ORDER BY project_id DESC LIMIT ?1 OFFSET ?2");
        return tx.rows(select, params![size, offset], read_project);
    };
    let select = select_projects!("WHERE status = ?1 ORDER BY project_id DESC LIMIT ?2 OFFSET ?3");
    tx.rows(select, params![status.word(), size, offset], read_project)
}

/// A page of the projects of one borrower, the newest first.
pub fn projects_of(
    tx: &mut Tx<'_, '_>,
    borrower: MemberId,
    page: Page,
) -> Result<Vec<Project>, Fault> {
    let select =
        select_projects!("WHERE borrower_id = ?1 ORDER BY project_id DESC LIMIT ?2 OFFSET ?3");
    tx.rows(select, params![borrower, page.size(), page.offset()], read_project)
}

/// A page of the bids on a project, in the order of their numbers.
pub fn bids_on(tx: &mut Tx<'_, '_>, project: ProjectId, page: Page) -> Result<Vec<Bid>, Fault> {
    let select = "SELECT bid_id, project_id, member_id, amount_fen, state, made_at
        FROM bid WHERE project_id = ?1 ORDER BY bid_id LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![project, page.size(), page.offset()], read_bid)
}

/// A page of a member's bids, the newest first.
pub fn bids_by(tx: &mut Tx<'_, '_>, member: MemberId, page: Page) -> Result<Vec<Bid>, Fault> {
    let select = "SELECT bid_id, project_id, member_id, amount_fen, state, made_at
        FROM bid WHERE member_id = ?1 ORDER BY bid_id DESC LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![member, page.size(), page.offset()], read_bid)
}

/// One term of a borrower's plan: what all instalments of it come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Which one, from 1.
    pub number: u32,
    /// When it is due.
    pub due: Date,
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Investors' instalments.
    pub instalments: i64,
    /// When it was repaid.
    pub paid_at: Option<Instant>,
}

/// The terms of a project that was paid out (还款计划): 36 at most.
pub fn terms_of(tx: &mut Tx<'_, '_>, project: ProjectId) -> Result<Vec<Term>, Fault> {
    let select = "SELECT term, MIN(due_on) AS due_on, COUNT(*) AS n,
            CAST(SUM(principal_fen) AS BIGINT) AS principal_fen,
            CAST(SUM(interest_fen) AS BIGINT) AS interest_fen, MIN(paid_at) AS paid_at
        FROM instalment WHERE project_id = ?1 GROUP BY term ORDER BY term";
    tx.rows(select, params![project], |row| {
        Ok(Term {
            number: small(row, "term")?,
            due: row.date("due_on")?,
            principal: row.money("principal_fen")?,
            interest: row.money("interest_fen")?,
            instalments: row.i64("n")?,
            paid_at: row.opt_instant("paid_at")?,
        })
    })
}

/// A member of the market and their money.
#[derive(Clone, Debug)]
pub struct Investor {
    /// The member; their wallet is in it.
    pub member: Member,
    /// What is held for their bids.
    pub frozen: Money,
}

/// A page of the market's members, in the order of their numbers.
pub fn investors(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Investor>, Fault> {
    let members = identity::members_on(tx, Channel::Futureloan, page)?;
    let select = "SELECT m.member_id, f.balance_fen
        FROM member m JOIN account f ON f.account_id = m.member_id * 100 + 2
        WHERE m.channel = ?1 ORDER BY m.member_id LIMIT ?2 OFFSET ?3";
    let params = params![Channel::Futureloan.word(), page.size(), page.offset()];
    let frozen = tx.rows(select, params, |row| {
        Ok((MemberId::from_number(row.i64("member_id")?), row.money("balance_fen")?))
    })?;
    let with_frozen = |member: Member| {
        let found = frozen.iter().find(|(id, _)| *id == member.id);
        Investor { frozen: found.map_or(Money::ZERO, |(_, frozen)| *frozen), member }
    };
    Ok(members.into_iter().map(with_frozen).collect())
}

/// One member of the market; nobody where a number is a customer's of another channel.
pub fn investor(tx: &mut Tx<'_, '_>, id: MemberId) -> Result<Option<Investor>, Fault> {
    let select = "SELECT channel FROM member WHERE member_id = ?1";
    let channel = tx.row(select, params![id], |row: &Row<'_>| row.text("channel"))?;
    if channel.as_deref() != Some(Channel::Futureloan.word()) {
        return Ok(None);
    }
    let Some(member) = identity::member(tx, id)? else { return Ok(None) };
    let frozen = ledger::balance(tx, Account::Frozen(id))?.unwrap_or(Money::ZERO);
    Ok(Some(Investor { member, frozen }))
}
