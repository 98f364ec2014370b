//! The templates that come with the platform; operators may put others in their place.

use crate::template::{Template, TemplateError};

/// What a paper is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The loan contract (借款合同).
    LoanContract,
    /// The authority to debit a card (委托扣款授权书).
    DebitAuthority,
    /// The authority to handle personal data and to ask credit bureaus (个人信息与征信查询授权书).
    DataAuthority,
    /// The registration agreement (注册协议).
    RegistrationAgreement,
    /// The page that helps with repaying (还款帮助).
    RepaymentHelp,
    /// The cost disclosure (综合融资成本明示表).
    CostDisclosure,
    /// The agreement on the lender's services (居间服务协议).
    ServiceAgreement,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::LoanContract,
        Self::DebitAuthority,
        Self::DataAuthority,
        Self::RegistrationAgreement,
        Self::RepaymentHelp,
        Self::CostDisclosure,
        Self::ServiceAgreement,
    ];

    /// The word for it in the database, and the name that its templates have.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LoanContract => "loan-contract",
            Self::DebitAuthority => "debit-authority",
            Self::DataAuthority => "data-authority",
            Self::RegistrationAgreement => "registration-agreement",
            Self::RepaymentHelp => "repayment-help",
            Self::CostDisclosure => "cost-disclosure",
            Self::ServiceAgreement => "service-agreement",
        }
    }

    /// The kind with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The text of the template that comes with the platform.
    pub const fn shipped_text(self) -> &'static str {
        match self {
            Self::LoanContract => include_str!("../data/templates/loan_contract.txt"),
            Self::DebitAuthority => include_str!("../data/templates/debit_authority.txt"),
            Self::DataAuthority => include_str!("../data/templates/data_authority.txt"),
            Self::RegistrationAgreement => {
                include_str!("../data/templates/registration_agreement.txt")
            }
            Self::RepaymentHelp => include_str!("../data/templates/repayment_help.txt"),
            Self::CostDisclosure => include_str!("../data/templates/cost_disclosure.txt"),
            Self::ServiceAgreement => include_str!("../data/templates/service_agreement.txt"),
        }
    }

    /// That template; a test reads all of them.
    pub fn shipped(self) -> Result<Template, TemplateError> {
        Template::parse(self.shipped_text())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Facts, Paper};

    /// A paper of the kind, whose facts are their own names and whose lists have `rows` rows.
    pub(crate) fn sample(kind: Kind, rows: usize) -> Paper {
        let template = kind.shipped().unwrap();
        let mut facts = Facts::new();
        let fields = template.fields();
        for field in &fields {
            match field.split_once('.') {
                None => facts.set(field, format!("〈{field}〉")),
                Some((list, _)) => facts.list(list),
            }
        }
        let lists: std::collections::BTreeSet<_> =
            fields.iter().filter_map(|field| Some(field.split_once('.')?.0)).collect();
        for list in lists {
            let names = fields.iter().filter_map(|field| field.split_once('.'));
            let names: Vec<_> = names.filter(|(of, _)| *of == list).map(|(_, name)| name).collect();
            for row in 1..=rows {
                let row: Vec<_> =
                    names.iter().map(|name| (*name, format!("{name} {row}"))).collect();
                facts.row(list, &row);
            }
        }
        template.fill(&facts).unwrap()
    }

    #[test]
    fn every_shipped_template_is_one_and_shows_every_fact() {
        for kind in Kind::ALL {
            let template = kind.shipped().unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert_eq!(template.source().template, kind.word());
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
            let paper = sample(kind, 2);
            let text = paper.text();
            for field in template.fields() {
                let shown = match field.split_once('.') {
                    None => format!("〈{field}〉"),
                    Some((_, name)) => format!("{name} 2"),
                };
                assert!(text.contains(&shown), "{kind:?}: {field}");
            }
            assert!(!text.contains("{{") && !text.contains("}}"), "{kind:?}");
            assert!(Paper::parse(&text).unwrap() == paper, "{kind:?}");
        }
    }

    #[test]
    fn the_font_has_every_character_of_every_template() {
        for kind in Kind::ALL {
            let missing = sample(kind, 1).unprintable();
            assert!(missing.is_empty(), "{kind:?}: {missing:?}");
        }
    }
}
