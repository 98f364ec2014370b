//! Work for people (待处理事项): what the partner said that does not fit what we know.

use kernel::Instant;
use kernel::id::{FundingIssueId, FundingOrderId, OperatorId};
use store::Fault;

use super::{Order, PARTNER, sql};
use crate::audit::{self, Actor, Subject};
use crate::ports::FundingStatus;
use crate::{Page, Tx};

/// Something that a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub id: FundingIssueId,
    /// What it is about.
    pub order: FundingOrderId,
    /// What the partner said, if it said something.
    pub status: Option<FundingStatus>,
    /// Why that does not fit.
    pub detail: String,
    /// When it was noted.
    pub noted_at: Instant,
    /// When somebody was done with it.
    pub closed_at: Option<Instant>,
    /// Who.
    pub closed_by: Option<OperatorId>,
    /// What came of it.
    pub note: Option<String>,
}

/// Notes something for people; once, as long as it is open.
pub(super) fn note(
    tx: &mut Tx<'_, '_>,
    order: &Order,
    status: Option<FundingStatus>,
    detail: &str,
) -> Result<(), Fault> {
    if !sql::insert_issue(tx, order.id, status, detail)? {
        return Ok(());
    }
    let subject = Subject::Application(order.application);
    let detail = format!("{} {}: {detail}", order.kind.word(), order.number);
    audit::note(tx, PARTNER, "funding.issue", subject, &detail)
}

/// What people have to look at, the oldest first.
pub fn open_issues(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Issue>, Fault> {
    sql::open_issues(tx, page)
}

/// Why an issue was not closed. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum CloseIssueError {
    /// There is no such issue.
    #[error("no such issue")]
    NoSuchIssue,
    /// Somebody is done with it already.
    #[error("already closed")]
    AlreadyClosed,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Somebody has looked at an issue, and is done with it; what came of it.
pub fn close_issue(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    id: FundingIssueId,
    note: &str,
) -> Result<Issue, CloseIssueError> {
    let issue = sql::lock_issue(tx, id)?.ok_or(CloseIssueError::NoSuchIssue)?;
    if issue.closed_at.is_some() {
        return Err(CloseIssueError::AlreadyClosed);
    }
    sql::close_issue(tx, id, (operator, note))?;
    let order = sql::order(tx, issue.order)?.ok_or(Fault::Corrupt("funding_order".into()))?;
    let subject = Subject::Application(order.application);
    audit::note(tx, Actor::Operator(operator), "funding.issue_closed", subject, note)?;
    Ok(Issue {
        closed_at: Some(tx.at.business),
        closed_by: Some(operator),
        note: Some(note.to_owned()),
        ..issue
    })
}
