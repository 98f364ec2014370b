//! What is known from reports: how far a customer's proofs are, and what underwriting looks at.

use std::collections::BTreeMap;

use kernel::id::{MemberId, ReportTaskId};
use store::Fault;

use super::{rules, sql};
use crate::audit::{self, Actor, Subject};
use crate::ports::{DataKind, Facts};
use crate::{Tx, customers};

/// Reports whose bodies one call forgets at most, so that it stays short.
const PRUNED_AT_ONCE: u32 = 500;

/// How far a proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Progress {
    /// It is not there.
    #[default]
    Missing,
    /// It is there.
    Done,
    /// A task is under way.
    UnderWay,
}

impl Progress {
    /// 0, 1 and 2, as document 002 writes it.
    pub const fn number(self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::Done => 1,
            Self::UnderWay => 2,
        }
    }
}

/// How far a customer's proofs are (认证状态).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AuthState {
    /// Name and id number.
    pub identity: Progress,
    /// That the mobile number is theirs, by whichever way.
    pub phone: Progress,
    kinds: BTreeMap<DataKind, Progress>,
}

impl AuthState {
    /// A kind of data.
    pub fn of(&self, kind: DataKind) -> Progress {
        self.kinds.get(&kind).copied().unwrap_or_default()
    }
}

/// How far a customer's proofs are. What was proven once stays so while it is proven again.
pub fn auth_state(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<AuthState, Fault> {
    let Some(customer) = customers::customer(tx, member)? else {
        return Ok(AuthState::default());
    };
    let known = sql::progress(tx, member)?;
    let progress = |done: bool, open: bool| match (done, open) {
        (true, _) => Progress::Done,
        (false, true) => Progress::UnderWay,
        (false, false) => Progress::Missing,
    };
    let phones = [DataKind::Mobile, DataKind::MobileReport];
    let on_phone = known.iter().any(|(kind, _, open)| phones.contains(kind) && *open);
    let kinds = known.iter().map(|(kind, done, open)| (*kind, progress(*done, *open)));
    Ok(AuthState {
        identity: progress(customer.identity.is_some(), false),
        phone: progress(customer.mobile_verified, on_phone),
        kinds: kinds.collect(),
    })
}

/// What the newest operator's report says of a customer, if it is not too old.
pub fn facts(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Facts>, Fault> {
    let today = tx.at.business.date();
    let since = today.minus_days(tx.policy.customers.reports.fresh_days).unwrap_or(today);
    sql::facts(tx, member, DataKind::MobileReport, since)
}

/// The points of that report: what the rule `report_score` looks at.
pub fn report_score(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<i64>, Fault> {
    Ok(facts(tx, member)?.and_then(|facts| rules::score(&facts)))
}

/// Why the whole of a report is not shown. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum OpenReportError {
    /// The task has brought none.
    #[error("no such report")]
    NoSuchReport,
    /// It is older than it may be kept.
    #[error("the report is forgotten")]
    Forgotten,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The whole of a report, as the provider wrote it; that it was opened goes into the audit trail.
pub fn open_report(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    task: ReportTaskId,
) -> Result<String, OpenReportError> {
    let (member, body) = sql::body(tx, task)?.ok_or(OpenReportError::NoSuchReport)?;
    let body = body.ok_or(OpenReportError::Forgotten)?;
    let detail = format!("task {}", task.number());
    audit::note(tx, actor, "report.opened", Subject::Member(member), &detail)?;
    Ok(body)
}

/// Forgets the whole of reports that are older than they may be kept; how many, a bounded number in
/// one call. What underwriting looked at stays.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    let days = i64::from(tx.policy.customers.reports.body_days.max(1));
    let before = tx.at.wall.plus_days(days.saturating_neg());
    sql::forget_bodies(tx, before, PRUNED_AT_ONCE)
}
