//! One type per kind of id, so that a swapped argument does not compile.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number as it stands in the database or on the wire.
            pub const fn from_number(number: i64) -> Self {
                Self(number)
            }

            /// The number as it stands in the database and on the wire.
            pub const fn number(self) -> i64 {
                self.0
            }
        }
    )*};
}

ids! {
    /// A member (会员) of a market.
    MemberId
    /// A project (项目, 标) that asks the market for money.
    ProjectId
    /// A bid (投资) of one member on one project.
    BidId
    /// One row of an investor's plan (回款计划).
    InstalmentId
    /// A ledger account; see `lending::ledger::AccountId` for how it is made up.
    AccountNumber
    /// A balanced movement of money.
    TransferId
    /// One line of a transfer.
    PostingId
}
