//! The chart of accounts.

use kernel::id::{AccountNumber, LoanId, MemberId, ProjectId};

/// An account of the ledger.
///
/// Credits are positive: a member's wallet is a liability of the platform and holds a positive
/// balance; the bank's money and what borrowers owe are assets and show negative ones. All
/// balances sum to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// What a member can use (可用余额).
    Wallet(MemberId),
    /// What a member has bid and not yet lent (冻结金额).
    Frozen(MemberId),
    /// Money in passing between a project's investors and its borrower; empty at rest.
    Escrow(ProjectId),
    /// Principal that a borrower owes (应收本金).
    LoanPrincipal(LoanId),
    /// Interest that a borrower owes so far (应收利息).
    LoanInterest(LoanId),
    /// Fees that a borrower owes so far (应收费用).
    LoanFee(LoanId),
    /// Penalties that a borrower owes so far (应收罚息).
    LoanPenalty(LoanId),
    /// The platform's money at its bank, against which members recharge and withdraw.
    BankClearing,
    /// The platform's money at its payment provider, from which loans are paid out and to which
    /// they are repaid.
    ProviderClearing,
    /// What the funding partner has paid out for us and has not been given back (资金方往来).
    FundingPartner,
    /// Interest earned (利息收入).
    InterestIncome,
    /// Fees earned (手续费收入).
    FeeIncome,
    /// Penalties earned (罚息收入).
    PenaltyIncome,
    /// What came in on loans after they were written off (核销收回).
    RecoveryIncome,
    /// Coupons that paid for customers (营销费用).
    CouponExpense,
    /// Loans that were written off (核销损失).
    WriteOffLoss,
}

/// Whether an account stores its balance, and on which side of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A guarded row that is moved by each posting and is never negative.
    Stored,
    /// A guarded row of what somebody owes: never positive.
    Receivable,
    /// No row: the balance is the sum of the postings.
    Platform,
}

/// The kind of an account is the last two digits of its number.
const KINDS: i64 = 100;
const WALLET: i64 = 1;
const FROZEN: i64 = 2;
const ESCROW: i64 = 3;
const LOAN_PRINCIPAL: i64 = 11;
const LOAN_INTEREST: i64 = 12;
const LOAN_FEE: i64 = 13;
const LOAN_PENALTY: i64 = 14;

impl Account {
    /// The accounts of the platform, which have no stored balance, with their numbers.
    const PLATFORM: [(Self, i64); 9] = [
        (Self::BankClearing, 51),
        (Self::ProviderClearing, 52),
        (Self::FundingPartner, 53),
        (Self::InterestIncome, 61),
        (Self::FeeIncome, 62),
        (Self::PenaltyIncome, 63),
        (Self::RecoveryIncome, 64),
        (Self::CouponExpense, 71),
        (Self::WriteOffLoss, 72),
    ];

    /// The accounts of the platform.
    pub fn platform() -> impl Iterator<Item = Self> {
        Self::PLATFORM.into_iter().map(|(account, _)| account)
    }

    /// The four accounts of a loan.
    pub const fn of_loan(loan: LoanId) -> [Self; 4] {
        [
            Self::LoanPrincipal(loan),
            Self::LoanInterest(loan),
            Self::LoanFee(loan),
            Self::LoanPenalty(loan),
        ]
    }

    /// The account's number: its owner's number with two digits for the kind behind it.
    /// Member 42's wallet is 4201.
    pub const fn number(self) -> AccountNumber {
        let (owner, kind) = match self {
            Self::Wallet(member) => (member.number(), WALLET),
            Self::Frozen(member) => (member.number(), FROZEN),
            Self::Escrow(project) => (project.number(), ESCROW),
            Self::LoanPrincipal(loan) => (loan.number(), LOAN_PRINCIPAL),
            Self::LoanInterest(loan) => (loan.number(), LOAN_INTEREST),
            Self::LoanFee(loan) => (loan.number(), LOAN_FEE),
            Self::LoanPenalty(loan) => (loan.number(), LOAN_PENALTY),
            Self::BankClearing => (0, 51),
            Self::ProviderClearing => (0, 52),
            Self::FundingPartner => (0, 53),
            Self::InterestIncome => (0, 61),
            Self::FeeIncome => (0, 62),
            Self::PenaltyIncome => (0, 63),
            Self::RecoveryIncome => (0, 64),
            Self::CouponExpense => (0, 71),
            Self::WriteOffLoss => (0, 72),
        };
        // Owners' numbers come from series that start at 1; none comes near the limit.
        AccountNumber::from_number(owner.saturating_mul(KINDS).saturating_add(kind))
    }

    /// The account with this number, if there is such a kind.
    pub fn from_number(number: i64) -> Option<Self> {
        let owner = number.div_euclid(KINDS);
        let loan = LoanId::from_number(owner);
        match number.rem_euclid(KINDS) {
            WALLET => Some(Self::Wallet(MemberId::from_number(owner))),
            FROZEN => Some(Self::Frozen(MemberId::from_number(owner))),
            ESCROW => Some(Self::Escrow(ProjectId::from_number(owner))),
            LOAN_PRINCIPAL => Some(Self::LoanPrincipal(loan)),
            LOAN_INTEREST => Some(Self::LoanInterest(loan)),
            LOAN_FEE => Some(Self::LoanFee(loan)),
            LOAN_PENALTY => Some(Self::LoanPenalty(loan)),
            _ => Self::PLATFORM.into_iter().find(|(_, own)| *own == number).map(|(own, _)| own),
        }
    }

    /// Whether the balance is stored, and on which side of zero.
    pub const fn side(self) -> Side {
        match self {
            Self::Wallet(_) | Self::Frozen(_) | Self::Escrow(_) => Side::Stored,
            Self::LoanPrincipal(_)
            | Self::LoanInterest(_)
            | Self::LoanFee(_)
            | Self::LoanPenalty(_) => Side::Receivable,
            Self::BankClearing
            | Self::ProviderClearing
            | Self::FundingPartner
            | Self::InterestIncome
            | Self::FeeIncome
            | Self::PenaltyIncome
            | Self::RecoveryIncome
            | Self::CouponExpense
            | Self::WriteOffLoss => Side::Platform,
        }
    }

    /// The number of the member, project or loan that it belongs to; 0 for the platform.
    pub const fn owner(self) -> i64 {
        self.number().number().div_euclid(KINDS)
    }

    /// The word for its kind, in the database and in the trial balance.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wallet(_) => "wallet",
            Self::Frozen(_) => "frozen",
            Self::Escrow(_) => "escrow",
            Self::LoanPrincipal(_) => "loan_principal",
            Self::LoanInterest(_) => "loan_interest",
            Self::LoanFee(_) => "loan_fee",
            Self::LoanPenalty(_) => "loan_penalty",
            Self::BankClearing => "bank_clearing",
            Self::ProviderClearing => "provider_clearing",
            Self::FundingPartner => "funding_partner",
            Self::InterestIncome => "interest_income",
            Self::FeeIncome => "fee_income",
            Self::PenaltyIncome => "penalty_income",
            Self::RecoveryIncome => "recovery_income",
            Self::CouponExpense => "coupon_expense",
            Self::WriteOffLoss => "write_off_loss",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_read_back() {
        let (member, project) = (MemberId::from_number(42), ProjectId::from_number(7));
        let loan = LoanId::from_number(5);
        for (account, number) in [
            (Account::Wallet(member), 4201),
            (Account::Frozen(member), 4202),
            (Account::Escrow(project), 703),
            (Account::LoanPrincipal(loan), 511),
            (Account::LoanInterest(loan), 512),
            (Account::LoanFee(loan), 513),
            (Account::LoanPenalty(loan), 514),
            (Account::BankClearing, 51),
            (Account::WriteOffLoss, 72),
        ] {
            assert_eq!(account.number().number(), number);
            assert_eq!(Account::from_number(number), Some(account));
        }
        for account in Account::platform() {
            assert_eq!(Account::from_number(account.number().number()), Some(account));
            assert_eq!(account.owner(), 0);
        }
        assert_eq!(Account::from_number(4299), None);
        assert_eq!(Account::from_number(151), None, "bank clearing has no owner");
    }
}
