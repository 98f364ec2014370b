//! Classes of accounts as accountants group them: by kind, with a code and a side.

use super::Account;

/// Which part of the statements (会计报表) a class stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What the lender has and is owed (资产). Grows by debits.
    Asset,
    /// What the lender owes (负债). Grows by credits.
    Liability,
    /// What was earned (收入). Grows by credits.
    Income,
    /// What was spent or lost (支出). Grows by debits.
    Expense,
}

impl Section {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }

    /// A balance as this side of the books counts it: credits are positive in the ledger, and
    /// assets and expenses grow by debits.
    pub const fn natural(self, credits_fen: i64) -> i64 {
        match self {
            Self::Asset | Self::Expense => credits_fen.saturating_neg(),
            Self::Liability | Self::Income => credits_fen,
        }
    }
}

/// A class of accounts (科目): all those of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// The two digits of the kind in an account's number.
    pub number: i64,
    /// The word of the kind.
    pub word: &'static str,
    /// Its code (科目代码). The first four digits are those of the standard chart where that has
    /// such an account; source: 企业会计准则应用指南, 附录 会计科目和主要账务处理.
    pub code: &'static str,
    /// Where it stands in the statements.
    pub section: Section,
}

/// Every class, in the order of the codes.
const CLASSES: [Class; 16] = [
    class(51, "bank_clearing", "1002", Section::Asset),
    class(52, "provider_clearing", "1012", Section::Asset),
    class(13, "loan_fee", "1122", Section::Asset),
    class(12, "loan_interest", "1132.01", Section::Asset),
    class(14, "loan_penalty", "1132.02", Section::Asset),
    class(11, "loan_principal", "1303", Section::Asset),
    class(1, "wallet", "2241.01", Section::Liability),
    class(2, "frozen", "2241.02", Section::Liability),
    class(3, "escrow", "2241.03", Section::Liability),
    class(53, "funding_partner", "2241.04", Section::Liability),
    class(61, "interest_income", "6011.01", Section::Income),
    class(63, "penalty_income", "6011.02", Section::Income),
    class(62, "fee_income", "6021", Section::Income),
    class(64, "recovery_income", "6301", Section::Income),
    class(71, "coupon_expense", "6601", Section::Expense),
    class(72, "write_off_loss", "6701", Section::Expense),
];

const fn class(number: i64, word: &'static str, code: &'static str, section: Section) -> Class {
    Class { number, word, code, section }
}

impl Class {
    /// Every class, in the order of the codes.
    pub const ALL: &'static [Self] = &CLASSES;

    /// The class with this number.
    pub fn from_number(number: i64) -> Option<Self> {
        CLASSES.into_iter().find(|class| class.number == number)
    }

    /// The class with this word.
    pub fn parse(word: &str) -> Option<Self> {
        CLASSES.into_iter().find(|class| class.word == word)
    }

    /// Whether it is one account of the platform, not one for each owner.
    pub const fn is_platform(self) -> bool {
        self.number > 50
    }
}

impl Account {
    /// The class that it belongs to.
    pub fn class(self) -> Option<Class> {
        Class::from_number(self.number().number().rem_euclid(100))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::id::{LoanId, MemberId, ProjectId};

    use super::*;

    #[test]
    fn every_account_has_its_class() {
        let (member, project) = (MemberId::from_number(42), ProjectId::from_number(7));
        let mut all: Vec<_> = Account::platform().collect();
        all.extend([Account::Wallet(member), Account::Frozen(member), Account::Escrow(project)]);
        all.extend(Account::of_loan(LoanId::from_number(5)));
        assert_eq!(all.len(), Class::ALL.len());
        for account in all {
            let class = account.class().unwrap();
            assert_eq!(class.word, account.word());
            assert_eq!(class.is_platform(), account.owner() == 0, "{}", class.word);
            assert_eq!(Class::parse(class.word), Some(class));
        }
        let codes: BTreeSet<_> = Class::ALL.iter().map(|class| class.code).collect();
        assert_eq!(codes.len(), Class::ALL.len());
        assert!(Class::ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
