//! The rows of the market.

use kernel::id::{BidId, InstalmentId, MemberId, ProjectId, TransferId};
use kernel::{Instant, Money, Rate};
use store::{Append, ColumnType, Fault, Row, params};

use super::plan::PlannedInstalment;
use super::{Bid, BidState, Instalment, Project, Status, TenorUnit};
use crate::{Page, Tx};

const PROJECTS: &str = "project";
const BIDS: &str = "bid";

/// A query for projects; all of them read the same columns.
macro_rules! select_projects {
    ($which:literal) => {
        concat!(
            "SELECT project_id, borrower_id, title, amount_fen, raised_fen, rate_ppm, tenor, ",
            "tenor_unit, bidding_days, status, terms_repaid, created_at, bidding_started_at, ",
            "bidding_ends_at, full_at FROM project ",
            $which
        )
    };
}

pub(super) use select_projects;

const ONE_PROJECT: &str = select_projects!("WHERE project_id = ?1");
const LOCKED_PROJECT: &str = select_projects!("WHERE project_id = ?1 FOR UPDATE");
const ALL_PROJECTS: &str = select_projects!("ORDER BY project_id LIMIT ?1 OFFSET ?2");

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

pub(super) fn small(row: &Row<'_>, column: &str) -> Result<u32, Fault> {
    u32::try_from(row.i64(column)?).map_err(|_| corrupt(column))
}

pub(super) fn read_project(row: &Row<'_>) -> Result<Project, Fault> {
    let status = Status::parse(&row.text("status")?);
    let unit = match row.text("tenor_unit")?.as_str() {
        "month" => TenorUnit::Month,
        "day" => TenorUnit::Day,
        _ => return Err(corrupt("tenor_unit")),
    };
    Ok(Project {
        id: ProjectId::from_number(row.i64("project_id")?),
        borrower: MemberId::from_number(row.i64("borrower_id")?),
        title: row.text("title")?,
        amount: row.money("amount_fen")?,
        raised: row.money("raised_fen")?,
        rate: Rate::from_ppm(small(row, "rate_ppm")?).ok_or_else(|| corrupt("rate_ppm"))?,
        tenor: small(row, "tenor")?,
        tenor_unit: unit,
        bidding_days: small(row, "bidding_days")?,
        status: status.ok_or_else(|| corrupt("status"))?,
        terms_repaid: small(row, "terms_repaid")?,
        created_at: row.instant("created_at")?,
        bidding_started_at: row.opt_instant("bidding_started_at")?,
        bidding_ends_at: row.opt_instant("bidding_ends_at")?,
        full_at: row.opt_instant("full_at")?,
    })
}

pub(super) fn project(tx: &mut Tx<'_, '_>, id: ProjectId) -> Result<Option<Project>, Fault> {
    tx.row(ONE_PROJECT, params![id], read_project)
}

/// The project, locked against other calls until this one is committed.
pub(super) fn lock_project(tx: &mut Tx<'_, '_>, id: ProjectId) -> Result<Option<Project>, Fault> {
    tx.row(LOCKED_PROJECT, params![id], read_project)
}

/// Locks every account that a bid which fills the project, a repayment or the return of its bids
/// moves, in the order of their numbers: each of these is several movements, and only together in
/// order do they never wait for others in a circle.
pub(super) fn lock_accounts(
    tx: &mut Tx<'_, '_>,
    project: &Project,
    bidder: MemberId,
) -> Result<(), Fault> {
    let select = "SELECT account_id FROM account WHERE account_id IN (
            SELECT member_id * 100 + 1 FROM bid WHERE project_id = ?1 AND state <> 'returned'
            UNION SELECT member_id * 100 + 2 FROM bid WHERE project_id = ?1 AND state <> 'returned'
            UNION SELECT member_id * 100 + 1 FROM member WHERE member_id IN (?2, ?3)
            UNION SELECT member_id * 100 + 2 FROM member WHERE member_id IN (?2, ?3))
        ORDER BY account_id FOR UPDATE";
    tx.rows(select, params![project.id, bidder, project.borrower], |_| Ok(())).map(|_| ())
}

pub(super) fn projects(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Project>, Fault> {
    tx.rows(ALL_PROJECTS, params![page.size(), page.offset()], read_project)
}

pub(super) fn next_project(
    tx: &mut Tx<'_, '_>,
    chosen: Option<ProjectId>,
) -> Result<ProjectId, Fault> {
    match chosen {
        Some(id) => {
            crate::ids::check_chosen(id.number())?;
            tx.store.set_number(PROJECTS, id.number()).map(|()| id)
        }
        None => tx.store.next_number(PROJECTS).map(ProjectId::from_number),
    }
}

pub(super) fn next_bid(tx: &mut Tx<'_, '_>) -> Result<BidId, Fault> {
    tx.store.next_number(BIDS).map(BidId::from_number)
}

/// Inserts the project; false if its number is taken.
pub(super) fn insert_project(tx: &mut Tx<'_, '_>, project: &Project) -> Result<bool, Fault> {
    let insert = "INSERT INTO project (project_id, borrower_id, title, amount_fen, raised_fen,
            rate_ppm, tenor, tenor_unit, bidding_days, status, terms_repaid, created_at)
        VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, 0, ?10) ON CONFLICT DO NOTHING";
    let inserted = tx.execute(
        insert,
        params![
            project.id,
            project.borrower,
            &project.title,
            project.amount,
            project.rate.ppm(),
            project.tenor,
            project.tenor_unit.word(),
            project.bidding_days,
            project.status.word(),
            project.created_at
        ],
    )?;
    Ok(inserted == 1)
}

pub(super) fn open_bidding(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    ends: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE project SET status = 'bidding', bidding_started_at = ?2,
        bidding_ends_at = ?3 WHERE project_id = ?1 AND status = 'auditing'";
    tx.execute(update, params![project, tx.at.business, ends]).map(|_| ())
}

/// Lets no more bids come.
pub(super) fn end_bidding(tx: &mut Tx<'_, '_>, project: ProjectId) -> Result<(), Fault> {
    let update = "UPDATE project SET bidding_ends_at = ?2
        WHERE project_id = ?1 AND bidding_ends_at > ?2";
    tx.execute(update, params![project, tx.at.business]).map(|_| ())
}

/// Ends a project that has no money, or no more.
pub(super) fn close(tx: &mut Tx<'_, '_>, project: ProjectId, status: Status) -> Result<(), Fault> {
    let update = "UPDATE project SET status = ?2, closed_at = ?3 WHERE project_id = ?1";
    tx.execute(update, params![project, status.word(), tx.at.business]).map(|_| ())
}

pub(super) fn raise(tx: &mut Tx<'_, '_>, project: ProjectId, by: Money) -> Result<(), Fault> {
    let update = "UPDATE project SET raised_fen = raised_fen + ?2 WHERE project_id = ?1";
    tx.execute(update, params![project, by]).map(|_| ())
}

pub(super) fn fill(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    payout: TransferId,
) -> Result<(), Fault> {
    let update = "UPDATE project SET status = 'repaying', full_at = ?2, payout_transfer_id = ?3
        WHERE project_id = ?1";
    tx.execute(update, params![project, tx.at.business, payout])?;
    let update = "UPDATE bid SET state = 'lent' WHERE project_id = ?1 AND state = 'held'";
    tx.execute(update, params![project]).map(|_| ())
}

pub(super) fn insert_bid(
    tx: &mut Tx<'_, '_>,
    bid: &Bid,
    transfer: TransferId,
) -> Result<(), Fault> {
    static BID: Append = Append {
        table: "bid",
        columns: &[
            ("bid_id", ColumnType::I64),
            ("project_id", ColumnType::I64),
            ("member_id", ColumnType::I64),
            ("amount_fen", ColumnType::I64),
            ("state", ColumnType::Text),
            ("transfer_id", ColumnType::I64),
            ("made_at", ColumnType::I64),
        ],
    };
    let state = bid.state.word();
    tx.append(
        &BID,
        params![bid.id, bid.project, bid.member, bid.amount, state, transfer, bid.made_at],
    )
}

pub(super) fn read_bid(row: &Row<'_>) -> Result<Bid, Fault> {
    let state = match row.text("state")?.as_str() {
        "held" => BidState::Held,
        "lent" => BidState::Lent,
        "returned" => BidState::Returned,
        _ => return Err(corrupt("state")),
    };
    Ok(Bid {
        id: BidId::from_number(row.i64("bid_id")?),
        project: ProjectId::from_number(row.i64("project_id")?),
        member: MemberId::from_number(row.i64("member_id")?),
        amount: row.money("amount_fen")?,
        state,
        made_at: row.instant("made_at")?,
    })
}

/// The held bids of a project, earliest first, with the movements that hold their money.
pub(super) fn held_bids(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    most: i64,
) -> Result<Vec<(Bid, TransferId)>, Fault> {
    let select = "SELECT bid_id, project_id, member_id, amount_fen, state, made_at, transfer_id
        FROM bid WHERE project_id = ?1 AND state = 'held' ORDER BY bid_id LIMIT ?2";
    tx.rows(select, params![project, most], |row| {
        Ok((read_bid(row)?, TransferId::from_number(row.i64("transfer_id")?)))
    })
}

pub(super) fn bids_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Bid>, Fault> {
    let select = "SELECT bid_id, project_id, member_id, amount_fen, state, made_at
        FROM bid WHERE member_id = ?1 ORDER BY bid_id LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![member, page.size(), page.offset()], read_bid)
}

/// A bid's project, amount and state, for statements.
pub(super) fn bid(tx: &mut Tx<'_, '_>, id: BidId) -> Result<Option<Bid>, Fault> {
    let select = "SELECT bid_id, project_id, member_id, amount_fen, state, made_at
        FROM bid WHERE bid_id = ?1";
    tx.row(select, params![id], read_bid)
}

pub(super) fn give_back(tx: &mut Tx<'_, '_>, bid: &Bid) -> Result<(), Fault> {
    tx.execute("UPDATE bid SET state = 'returned' WHERE bid_id = ?1", params![bid.id])?;
    let update = "UPDATE project SET raised_fen = raised_fen - ?2 WHERE project_id = ?1";
    tx.execute(update, params![bid.project, bid.amount]).map(|_| ())
}

/// Projects whose bidding days have ended at or before an instant, earliest end first.
pub(super) fn past_bidding(
    tx: &mut Tx<'_, '_>,
    at: Instant,
    most: i64,
) -> Result<Vec<ProjectId>, Fault> {
    let select = "SELECT project_id FROM project WHERE status = 'bidding' AND bidding_ends_at <= ?1
        ORDER BY bidding_ends_at LIMIT ?2";
    tx.rows(select, params![at, most], |row| row.i64("project_id").map(ProjectId::from_number))
}

/// The number of an instalment: its bid's with the two digits of the term behind it.
const fn instalment_id(bid: BidId, term: u32) -> InstalmentId {
    #[expect(clippy::as_conversions, reason = "u32 to i64 is lossless; From is not const")]
    InstalmentId::from_number(bid.number().saturating_mul(100).saturating_add(term as i64))
}

pub(super) fn insert_instalment(
    tx: &mut Tx<'_, '_>,
    bid: &Bid,
    row: &PlannedInstalment,
) -> Result<(), Fault> {
    static INSTALMENT: Append = Append {
        table: "instalment",
        columns: &[
            ("instalment_id", ColumnType::I64),
            ("project_id", ColumnType::I64),
            ("bid_id", ColumnType::I64),
            ("term", ColumnType::I64),
            ("principal_fen", ColumnType::I64),
            ("interest_fen", ColumnType::I64),
            ("due_on", ColumnType::Text),
            ("planned_at", ColumnType::I64),
        ],
    };
    let (id, due) = (instalment_id(bid.id, row.term), row.due.to_string());
    let (principal, interest) = (row.principal, row.interest);
    tx.append(
        &INSTALMENT,
        params![id, bid.project, bid.id, row.term, principal, interest, &due, tx.at.business],
    )
}

/// What one member gets of a term.
pub(super) fn shares_of_term(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    term: u32,
) -> Result<Vec<(MemberId, Money)>, Fault> {
    let select = "SELECT b.member_id,
            CAST(SUM(i.principal_fen + i.interest_fen) AS BIGINT) AS share_fen
        FROM instalment i JOIN bid b ON b.bid_id = i.bid_id
        WHERE i.project_id = ?1 AND i.term = ?2 GROUP BY b.member_id ORDER BY b.member_id";
    tx.rows(select, params![project, term], |row| {
        Ok((MemberId::from_number(row.i64("member_id")?), row.money("share_fen")?))
    })
}

pub(super) fn pay_term(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    term: u32,
    status: Status,
) -> Result<(), Fault> {
    let update = "UPDATE instalment SET paid_at = ?3 WHERE project_id = ?1 AND term = ?2";
    tx.execute(update, params![project, term, tx.at.business])?;
    let update = "UPDATE project SET terms_repaid = ?2, status = ?3 WHERE project_id = ?1";
    tx.execute(update, params![project, term, status.word()])?;
    if status == Status::Repaid {
        let update = "UPDATE project SET closed_at = ?2 WHERE project_id = ?1";
        tx.execute(update, params![project, tx.at.business])?;
    }
    Ok(())
}

pub(super) fn instalments(
    tx: &mut Tx<'_, '_>,
    project: ProjectId,
    page: Page,
) -> Result<Vec<Instalment>, Fault> {
    let select = "SELECT instalment_id, bid_id, term, principal_fen, interest_fen, due_on,
            planned_at, paid_at
        FROM instalment WHERE project_id = ?1 ORDER BY term, instalment_id LIMIT ?2 OFFSET ?3";
    tx.rows(select, params![project, page.size(), page.offset()], |row| {
        Ok(Instalment {
            id: InstalmentId::from_number(row.i64("instalment_id")?),
            bid: BidId::from_number(row.i64("bid_id")?),
            term: small(row, "term")?,
            principal: row.money("principal_fen")?,
            interest: row.money("interest_fen")?,
            due: row.date("due_on")?,
            planned_at: row.instant("planned_at")?,
            paid_at: row.opt_instant("paid_at")?,
        })
    })
}

/// Whether a member has money in a project.
pub(super) fn has_bid_on(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    project: ProjectId,
) -> Result<bool, Fault> {
    let select = "SELECT bid_id FROM bid WHERE project_id = ?1 AND member_id = ?2 LIMIT 1";
    let found = tx.row(select, params![project, member], |row| row.i64("bid_id"))?;
    Ok(found.is_some())
}

/// Every table that a bench fills, children first.
pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    crate::notices::wipe(tx)?;
    for delete in [
        "DELETE FROM instalment",
        "DELETE FROM bid",
        "DELETE FROM project",
        "DELETE FROM posting",
        "DELETE FROM transfer",
        "DELETE FROM platform_balance",
        "DELETE FROM ledger_period_line",
        "DELETE FROM ledger_period",
        "DELETE FROM ledger_total",
        "DELETE FROM ledger_day",
        "UPDATE ledger_through SET through_id = 0",
        "DELETE FROM account",
        "DELETE FROM kept_answer",
        "DELETE FROM used_signature",
        "DELETE FROM attempt_guard",
        "DELETE FROM member_plain_mobile",
        "DELETE FROM member_password",
        "DELETE FROM member",
        "DELETE FROM platform_fact WHERE name = 'clock_offset_ms'",
    ] {
        tx.execute(delete, params![])?;
    }
    for series in ["member", PROJECTS, BIDS] {
        tx.store.set_number(series, 0)?;
    }
    Ok(())
}
