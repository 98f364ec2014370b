//! What can go wrong with the store itself, as opposed to a refusal of the business.

/// A failure of the platform. A caller's mistake is never a fault.
///
/// Every variant but [`Fault::CommitUnknown`] guarantees that the call had no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The queue is full; nothing was tried.
    #[error("too many calls are waiting")]
    Busy,
    /// The call's time was up before it could finish.
    #[error("the call's time limit has passed")]
    Expired,
    /// The store is shutting down and takes no new calls.
    #[error("the store is closed")]
    Closed,
    /// Other transactions got in the way more often than the store retries.
    #[error("gave up after conflicts with other transactions: {0}")]
    Conflict(String),
    /// The connection broke while the commit was under way: it may or may not have happened.
    #[error("the connection was lost during commit: {0}")]
    CommitUnknown(String),
    /// A constraint of the schema refused the row; a rule should have caught it before.
    #[error("constraint violated: {0}")]
    Constraint(String),
    /// The engine failed: disk, network, a statement it does not understand.
    #[error("database: {0}")]
    Engine(String),
    /// A statement failed earlier in this call and its error was passed over.
    #[error("an earlier statement of this call failed")]
    Broken,
    /// The closure panicked.
    #[error("a call panicked")]
    Panicked,
    /// A row does not hold what its type promises.
    #[error("unexpected value in column {0}")]
    Corrupt(String),
    /// A sealed value does not open with this key at this place.
    #[error("a sealed value does not open: {0}")]
    Sealed(&'static str),
}
