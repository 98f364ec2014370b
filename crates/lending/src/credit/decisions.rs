//! Decision rules (决策规则) as data: kept by operators, applied to every application.

use kernel::id::{ProductId, RuleId};
use kernel::{Channel, Money};
use store::Fault;

use super::rules::{Applicant, History, Offer, Outcome, Test, Verdict, judge};
use super::sql;
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// A rule of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub id: RuleId,
    /// The channel whose applications it looks at.
    pub channel: Channel,
    /// The operators' own short name; decisions name it.
    pub code: String,
    /// The product that it is for; `None` for all of the channel.
    pub product: Option<ProductId>,
    /// What it looks at.
    pub test: Test,
    /// What it does.
    pub outcome: Outcome,
    /// Whether it is applied.
    pub enabled: bool,
}

/// Saves a rule: a new code makes a new one.
#[derive(Clone, Debug)]
pub struct SaveRule {
    /// Who does.
    pub actor: Actor,
    /// The channel.
    pub channel: Channel,
    /// The operators' own short name.
    pub code: String,
    /// The product, or `None` for all.
    pub product: Option<ProductId>,
    /// What it looks at.
    pub test: Test,
    /// What it does.
    pub outcome: Outcome,
    /// Whether it is applied.
    pub enabled: bool,
}

/// Why a rule was not saved. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The code is not 1 to 32 letters, digits, `-` or `_`.
    #[error("not a code")]
    BadCode,
    /// The channel has no such product.
    #[error("no such product")]
    NoSuchProduct,
    /// A region that is not 2 to 6 digits, or no days to look back.
    #[error("not a bound")]
    BadBound,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The most rules that a channel's application meets; far more than anybody keeps.
pub(super) const MOST_RULES: u32 = 500;
/// The most earlier applications that a velocity counts.
pub(super) const MOST_APPLICATIONS: u32 = 1000;
/// The longest that a velocity looks back: a year.
const LONGEST_LOOK: u32 = 366;

/// Saves a rule.
pub fn save_rule(tx: &mut Tx<'_, '_>, command: &SaveRule) -> Result<Rule, RuleError> {
    check(tx, command)?;
    let id = sql::save_rule(tx, command)?;
    let detail = format!("{} {}", command.channel.word(), command.code);
    audit::note(tx, command.actor, "decision_rule.saved", Subject::Platform, &detail)?;
    let SaveRule { channel, product, outcome, enabled, .. } = *command;
    let (code, test) = (command.code.clone(), command.test.clone());
    Ok(Rule { id, channel, code, product, test, outcome, enabled })
}

fn check(tx: &mut Tx<'_, '_>, command: &SaveRule) -> Result<(), RuleError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !(1..=32).contains(&command.code.len()) || !command.code.bytes().all(fits) {
        return Err(RuleError::BadCode);
    }
    if let Some(product) = command.product {
        let product = crate::catalog::product(tx, product)?;
        if product.is_none_or(|product| product.channel != command.channel) {
            return Err(RuleError::NoSuchProduct);
        }
    }
    let is_bound = match &command.test {
        Test::Region(prefix) => {
            (2..=6).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit())
        }
        Test::Velocity { days, .. } => (1..=LONGEST_LOOK).contains(days),
        Test::MinimumAge(_)
        | Test::MaximumAge(_)
        | Test::IncomeRatio(_)
        | Test::Blacklist
        | Test::RiskFlag
        | Test::Exposure(_)
        | Test::Overdue(_)
        | Test::ReportScore(_) => true,
    };
    if is_bound { Ok(()) } else { Err(RuleError::BadBound) }
}

/// The rules of a channel in the order in which they are applied, enabled or not.
pub fn rules(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Vec<Rule>, Fault> {
    sql::rules(tx, channel)
}

/// What the rules say to an application, each in its order; see [`super::outcome`] for what comes
/// of them. Two decisions about one person wait for each other, on whatever channels: only in a
/// writing transaction, and in the one that writes the application.
pub fn decide(
    tx: &mut Tx<'_, '_>,
    applicant: &Applicant,
    offer: &Offer,
) -> Result<Vec<Verdict>, Fault> {
    let mut rules = sql::rules(tx, offer.channel)?;
    rules.retain(|rule| rule.enabled && rule.product.is_none_or(|id| id == offer.product));
    let history = history(tx, applicant, offer, &rules)?;
    Ok(judge(&rules, applicant, offer, &history, tx.at.business))
}

fn history(
    tx: &mut Tx<'_, '_>,
    applicant: &Applicant,
    offer: &Offer,
    rules: &[Rule],
) -> Result<History, Fault> {
    sql::take_turn(tx, applicant.person)?;
    let looks = rules.iter().map(|rule| match rule.test {
        Test::Velocity { days, .. } => days,
        Test::MinimumAge(_)
        | Test::MaximumAge(_)
        | Test::Region(_)
        | Test::IncomeRatio(_)
        | Test::Blacklist
        | Test::RiskFlag
        | Test::Exposure(_)
        | Test::Overdue(_)
        | Test::ReportScore(_) => 0,
    });
    let longest = looks.max().unwrap_or(0);
    let since = tx.at.business.plus_days(i64::from(longest).saturating_neg());
    let (person, application) = (applicant.person, offer.application);
    Ok(History {
        exposure_fen: sql::exposure_fen(tx, person, application)?,
        applied_at: sql::applied_at(tx, person, application, since)?,
        overdue_loans: sql::overdue_loans(tx, person)?,
    })
}

/// The rules that a channel comes with; none for a channel that lends no money of the platform's.
///
/// Minors cannot borrow (民法典 第十八条). The limit for one person is the 200,000 yuan up to which
/// a micro-lender may lend to a consumer online.
pub fn default_rules(channel: Channel) -> Vec<SaveRule> {
    let limit = Money::from_yuan(200_000).unwrap_or(Money::MAX);
    let rules = match channel {
        Channel::Futureloan | Channel::Shuaidan => Vec::new(),
        // Their customers do not tell what they earn, or by a table of their own.
        Channel::Wukong | Channel::Chaojihua => vec![
            ("BLACKLIST", Test::Blacklist, Outcome::Refuse, true),
            ("AGE-MIN", Test::MinimumAge(18), Outcome::Refuse, true),
            ("AGE-MAX", Test::MaximumAge(60), Outcome::Refer, true),
            ("OVERDUE", Test::Overdue(0), Outcome::Refuse, true),
            ("EXPOSURE", Test::Exposure(limit), Outcome::Refuse, true),
            ("VELOCITY", Test::Velocity { most: 5, days: 7 }, Outcome::Refer, true),
            ("RISK", Test::RiskFlag, Outcome::Refer, true),
            ("SCORE", Test::ReportScore(500), Outcome::Refer, false),
        ],
        Channel::Xianjindai => vec![
            ("BLACKLIST", Test::Blacklist, Outcome::Refuse, true),
            ("AGE-MIN", Test::MinimumAge(18), Outcome::Refuse, true),
            ("AGE-MAX", Test::MaximumAge(60), Outcome::Refer, true),
            ("OVERDUE", Test::Overdue(0), Outcome::Refuse, true),
            ("EXPOSURE", Test::Exposure(limit), Outcome::Refuse, true),
            ("VELOCITY", Test::Velocity { most: 5, days: 7 }, Outcome::Refer, true),
            ("INCOME", Test::IncomeRatio(500_000), Outcome::Refer, true),
            ("RISK", Test::RiskFlag, Outcome::Refer, true),
            ("SCORE", Test::ReportScore(500), Outcome::Refer, false),
        ],
    };
    let command = |(code, test, outcome, enabled): (&str, Test, Outcome, bool)| {
        let (actor, code) = (Actor::Platform, code.to_owned());
        SaveRule { actor, channel, code, product: None, test, outcome, enabled }
    };
    rules.into_iter().map(command).collect()
}

/// Makes the rules that a channel comes with, as far as it has none of that code; how many.
pub fn seed_rules(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<u32, RuleError> {
    let known = sql::rules(tx, channel)?;
    let mut made: u32 = 0;
    for command in default_rules(channel) {
        if known.iter().all(|rule| rule.code != command.code) {
            save_rule(tx, &command)?;
            made = made.saturating_add(1);
        }
    }
    Ok(made)
}
