//! The two-person rule around a command: one operator is enough, or an approval is used, or asked
//! for.

use kernel::id::ApprovalId;
use lending::Tx;
use lending::operators::Operator;
use lending::operators::approvals::{self, Asked, ConsumeError, RequestError, Second, SecondError};
use serde_json::json;

use crate::approvals::shown;
use crate::failure::{Failure, NO_SUCH_APPROVAL, NOT_APPROVED, OTHER_COMMAND};
use crate::operation::Refusal;
use crate::reply::Reply;

/// What the rule can refuse a command with.
pub(crate) const REFUSALS: [Refusal; 3] = [NO_SUCH_APPROVAL, OTHER_COMMAND, NOT_APPROVED];

impl From<ConsumeError> for Failure {
    fn from(error: ConsumeError) -> Self {
        match error {
            ConsumeError::NoSuchApproval => NO_SUCH_APPROVAL.into(),
            ConsumeError::NoRight(right) => Self::no_right(right),
            ConsumeError::AnotherCommand => OTHER_COMMAND.into(),
            ConsumeError::NotApproved(state) => Self::with(NOT_APPROVED, state.word()),
            ConsumeError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SecondError> for Failure {
    fn from(error: SecondError) -> Self {
        match error {
            SecondError::NoRight(right) | SecondError::Request(RequestError::NoRight(right)) => {
                Self::no_right(right)
            }
            SecondError::Consume(error) => error.into(),
            SecondError::Request(RequestError::TooLong) => Self::field("reason"),
            SecondError::Request(RequestError::Fault(fault)) | SecondError::Fault(fault) => {
                fault.into()
            }
        }
    }
}

/// The approval that a body shows.
pub(crate) fn read(text: Option<&str>) -> Result<Option<ApprovalId>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().ok().filter(|_| digits).map(ApprovalId::from_number);
    Ok(Some(id.ok_or(NO_SUCH_APPROVAL)?))
}

/// `None` where the command may be carried out, in this transaction; otherwise the answer that says
/// whom it waits for.
pub(crate) fn ask(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    asked: &Asked,
    shown_id: Option<ApprovalId>,
    reason: &str,
) -> Result<Option<Reply>, Failure> {
    match approvals::second(tx, operator, asked, shown_id, reason)? {
        Second::NotNeeded | Second::Given(_) => Ok(None),
        Second::Awaited(approval) => {
            Ok(Some(Reply::awaited(&json!({ "approval": shown(&approval) }))))
        }
    }
}
