//! An operator's decision about a project: the audit of the market, with a reason in the trail.

use kernel::id::{OperatorId, ProjectId};
use store::Fault;

use super::{Audit, AuditError, Project, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};
use crate::identity::Caller;

/// Why a project was not decided about. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is no such project.
    #[error("no such project")]
    NoSuchProject,
    /// It has been decided about before.
    #[error("not waiting for audit")]
    NotAuditing,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AuditError> for DecideError {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NoSuchProject => Self::NoSuchProject,
            AuditError::NotAuditing => Self::NotAuditing,
            AuditError::Fault(fault) => Self::Fault(fault),
            AuditError::Revoked | AuditError::NotAdministrator => {
                Self::Fault(Fault::Corrupt("an operator has no token of a member".into()))
            }
        }
    }
}

/// Lets a project take bids (审核通过), or refuses it (审核不通过), as a channel's administrator does;
/// the reason is for the audit trail.
pub fn decide(
    tx: &mut Tx<'_, '_>,
    operator: OperatorId,
    id: ProjectId,
    (verdict, reason): (Audit, &str),
) -> Result<Project, DecideError> {
    super::audit(tx, Caller::Anyone, id, verdict)?;
    let action = match verdict {
        Audit::Approve => "project.approved",
        Audit::Reject => "project.rejected",
    };
    audit::note(tx, Actor::Operator(operator), action, Subject::Project(id), reason)?;
    sql::project(tx, id)?.ok_or(DecideError::NoSuchProject)
}
