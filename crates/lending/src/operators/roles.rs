//! Roles (角色) and the rights that they give: one table, nothing else decides who may do what.

/// What somebody in the back office may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// See customers with masked numbers, applications, loans, payments and products.
    SeeRecords,
    /// See personal data in full, each time with a reason.
    SeePersonalData,
    /// Pass, refer or refuse an application at the first step of review (初审).
    ReviewApplications,
    /// Decide at the last step of review (终审).
    ReviewFinal,
    /// Have money paid out, and ask again for payouts in doubt.
    PayOut,
    /// Reverse repayments and refund money.
    Reverse,
    /// Work on overdue loans: notes, reminders, recoveries.
    Collect,
    /// Write loans off.
    WriteOff,
    /// Raise, lower and freeze credit lines.
    ChangeLimit,
    /// Keep the rules, the blacklist and the risk flags.
    ManageRisk,
    /// Save products and their versions.
    ManageProducts,
    /// Write messages to customers and keep the templates.
    ManageMessages,
    /// Start and watch the day-end.
    RunDayEnd,
    /// Close periods of the books.
    ClosePeriods,
    /// Read the audit trail.
    SeeAudit,
    /// Erase customers who ask for it.
    ErasePersonalData,
    /// Add operators, give roles, block, reset passwords.
    ManageOperators,
}

impl Right {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SeeRecords => "see_records",
            Self::SeePersonalData => "see_personal_data",
            Self::ReviewApplications => "review_applications",
            Self::ReviewFinal => "review_final",
            Self::PayOut => "pay_out",
            Self::Reverse => "reverse",
            Self::Collect => "collect",
            Self::WriteOff => "write_off",
            Self::ChangeLimit => "change_limit",
            Self::ManageRisk => "manage_risk",
            Self::ManageProducts => "manage_products",
            Self::ManageMessages => "manage_messages",
            Self::RunDayEnd => "run_day_end",
            Self::ClosePeriods => "close_periods",
            Self::SeeAudit => "see_audit",
            Self::ErasePersonalData => "erase_personal_data",
            Self::ManageOperators => "manage_operators",
        }
    }
}

/// What somebody is in the back office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// First step of review (初审员).
    Reviewer,
    /// Last step of review, and credit lines (终审员).
    SeniorReviewer,
    /// Money out and back (出纳).
    Cashier,
    /// Overdue loans (催收员).
    Collector,
    /// Rules, blacklist, write-offs (风控经理).
    RiskManager,
    /// Products and messages (产品经理).
    ProductManager,
    /// The books: closes periods (会计).
    Accountant,
    /// Reads everything but people's data (审计员).
    Auditor,
    /// Operators and the day-end (系统管理员).
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[
        Self::Reviewer,
        Self::SeniorReviewer,
        Self::Cashier,
        Self::Collector,
        Self::RiskManager,
        Self::ProductManager,
        Self::Accountant,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The word in the database, on the wire and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::SeniorReviewer => "senior-reviewer",
            Self::Cashier => "cashier",
            Self::Collector => "collector",
            Self::RiskManager => "risk-manager",
            Self::ProductManager => "product-manager",
            Self::Accountant => "accountant",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == word)
    }

    /// What it lets its holders do.
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Reviewer => {
                &[Right::SeeRecords, Right::SeePersonalData, Right::ReviewApplications]
            }
            Self::SeniorReviewer => &[
                Right::SeeRecords,
                Right::SeePersonalData,
                Right::ReviewApplications,
                Right::ReviewFinal,
                Right::ChangeLimit,
            ],
            Self::Cashier => &[Right::SeeRecords, Right::PayOut, Right::Reverse],
            Self::Collector => &[Right::SeeRecords, Right::SeePersonalData, Right::Collect],
            Self::RiskManager => {
                &[Right::SeeRecords, Right::ManageRisk, Right::ChangeLimit, Right::WriteOff]
            }
            Self::ProductManager => {
                &[Right::SeeRecords, Right::ManageProducts, Right::ManageMessages]
            }
            Self::Accountant => &[Right::SeeRecords, Right::ClosePeriods],
            Self::Auditor => &[Right::SeeRecords, Right::SeeAudit],
            Self::Administrator => &[
                Right::SeeRecords,
                Right::RunDayEnd,
                Right::SeeAudit,
                Right::ErasePersonalData,
                Right::ManageOperators,
            ],
        }
    }
}

/// The roles of one operator: at least one, each once, in the order of [`Role::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// A set of roles; `None` if it is empty.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Option<Self> {
        let mut roles: Vec<_> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        (!roles.is_empty()).then_some(Self(roles))
    }

    /// Reads words with blanks between them; `None` if one is unknown or there is none.
    pub(super) fn parse(words: &str) -> Option<Self> {
        let roles: Option<Vec<_>> = words.split_whitespace().map(Role::parse).collect();
        Self::new(roles?)
    }

    /// The words with blanks between them.
    pub fn words(&self) -> String {
        self.0.iter().map(|role| role.word()).collect::<Vec<_>>().join(" ")
    }

    /// The roles in their order.
    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }

    /// Whether one of them gives this right.
    pub fn give(&self, right: Right) -> bool {
        self.0.iter().any(|role| role.rights().contains(&right))
    }

    /// Every right that they give, each once, in order.
    pub fn rights(&self) -> Vec<Right> {
        let mut rights: Vec<_> = self.iter().flat_map(Role::rights).copied().collect();
        rights.sort_unstable();
        rights.dedup();
        rights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_back_as_they_were_written() {
        let roles = Roles::new([Role::Cashier, Role::Reviewer, Role::Cashier]).unwrap();
        assert_eq!(roles.words(), "reviewer cashier");
        assert_eq!(Roles::parse("reviewer cashier"), Some(roles));
        assert_eq!(Roles::parse("reviewer king"), None);
        assert_eq!(Roles::parse(""), None);
        for role in Role::ALL {
            assert_eq!(Role::parse(role.word()), Some(*role));
        }
    }

    /// Who keeps the accounts of operators moves no money and sees no personal data.
    #[test]
    fn duties_are_separated() {
        let may = |role: Role, right| role.rights().contains(&right);
        for right in [Right::PayOut, Right::Reverse, Right::WriteOff, Right::SeePersonalData] {
            assert!(!may(Role::Administrator, right), "{right:?}");
            assert!(!may(Role::Auditor, right), "{right:?}");
            assert!(!may(Role::Accountant, right), "{right:?}");
        }
        // Who closes the books has not moved the money in them.
        for role in Role::ALL {
            assert_eq!(may(*role, Right::ClosePeriods), *role == Role::Accountant, "{role:?}");
        }
        assert!(!may(Role::Reviewer, Right::PayOut) && !may(Role::Cashier, Right::ReviewFinal));
        assert!(!may(Role::Reviewer, Right::ReviewFinal));
        for role in Role::ALL {
            let managed = may(*role, Right::ManageOperators);
            assert_eq!(managed, *role == Role::Administrator, "{role:?}");
        }
    }
}
