//! The chart of accounts.

use kernel::id::{AccountNumber, MemberId, ProjectId};

/// An account of the ledger.
///
/// Credits are positive: a member's wallet is a liability of the platform and holds a positive
/// balance; the bank's money is an asset and shows a negative one. All balances sum to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// What a member can use (可用余额).
    Wallet(MemberId),
    /// What a member has bid and not yet lent (冻结金额).
    Frozen(MemberId),
    /// Money in passing between a project's investors and its borrower; empty at rest.
    Escrow(ProjectId),
    /// The platform's money at its bank, against which members recharge and withdraw.
    BankClearing,
}

/// Whether an account stores its balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A guarded row that is moved by each posting.
    Stored,
    /// No row: the balance is the sum of the postings.
    Platform,
}

/// The kind of an account is the last two digits of its number.
const KINDS: i64 = 100;
const WALLET: i64 = 1;
const FROZEN: i64 = 2;
const ESCROW: i64 = 3;
const BANK_CLEARING: i64 = 51;

impl Account {
    /// The account's number: its owner's number with two digits for the kind behind it.
    /// Member 42's wallet is 4201.
    pub const fn number(self) -> AccountNumber {
        let (owner, kind) = match self {
            Self::Wallet(member) => (member.number(), WALLET),
            Self::Frozen(member) => (member.number(), FROZEN),
            Self::Escrow(project) => (project.number(), ESCROW),
            Self::BankClearing => (0, BANK_CLEARING),
        };
        // Owners' numbers come from series that start at 1; none comes near the limit.
        AccountNumber::from_number(owner.saturating_mul(KINDS).saturating_add(kind))
    }

    /// The account with this number, if there is such a kind.
    pub const fn from_number(number: i64) -> Option<Self> {
        let owner = number.div_euclid(KINDS);
        match number.rem_euclid(KINDS) {
            WALLET => Some(Self::Wallet(MemberId::from_number(owner))),
            FROZEN => Some(Self::Frozen(MemberId::from_number(owner))),
            ESCROW => Some(Self::Escrow(ProjectId::from_number(owner))),
            BANK_CLEARING if owner == 0 => Some(Self::BankClearing),
            _ => None,
        }
    }

    /// Whether the balance is stored.
    pub const fn side(self) -> Side {
        match self {
            Self::Wallet(_) | Self::Frozen(_) | Self::Escrow(_) => Side::Stored,
            Self::BankClearing => Side::Platform,
        }
    }

    /// The number of the member or project that it belongs to; 0 for the platform.
    pub const fn owner(self) -> i64 {
        match self {
            Self::Wallet(member) | Self::Frozen(member) => member.number(),
            Self::Escrow(project) => project.number(),
            Self::BankClearing => 0,
        }
    }

    /// The word for its kind, in the database and in the trial balance.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wallet(_) => "wallet",
            Self::Frozen(_) => "frozen",
            Self::Escrow(_) => "escrow",
            Self::BankClearing => "bank_clearing",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_read_back() {
        let (member, project) = (MemberId::from_number(42), ProjectId::from_number(7));
        for (account, number) in [
            (Account::Wallet(member), 4201),
            (Account::Frozen(member), 4202),
            (Account::Escrow(project), 703),
            (Account::BankClearing, 51),
        ] {
            assert_eq!(account.number().number(), number);
            assert_eq!(Account::from_number(number), Some(account));
        }
        assert_eq!(Account::from_number(4299), None);
        assert_eq!(Account::from_number(151), None, "bank clearing has no owner");
    }
}
