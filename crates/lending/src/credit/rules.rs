//! What a rule says to an application: pure, over facts that were gathered before.

use std::fmt;

use kernel::id::{ApplicationId, MemberId, PersonId, ProductId};
use kernel::{Channel, Date, Instant, Money};

use super::decisions::Rule;

/// What is known about somebody who applies.
#[derive(Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Who they are, across channels.
    pub person: PersonId,
    /// The customer that applies.
    pub member: MemberId,
    /// When they were born.
    pub born: Date,
    /// The region that they live in or were registered in, by its six-digit code.
    pub region: String,
    /// What they earn a month, where they told.
    pub monthly_income: Option<Money>,
    /// Whether they are on the black list (黑名单).
    pub blacklisted: bool,
    /// Whether they carry a flag of risk (风险标识).
    pub risky: bool,
    /// The score of a provider's report, where there is one.
    pub report_score: Option<i64>,
}

impl fmt::Debug for Applicant {
    /// Numbers only: the rest is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Applicant");
        shown.field("person", &self.person).field("member", &self.member).finish_non_exhaustive()
    }
}

/// What is applied for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The channel.
    pub channel: Channel,
    /// The product.
    pub product: ProductId,
    /// How much.
    pub amount: Money,
    /// The most that falls due within a month; see [`crate::catalog::heaviest_month`].
    pub heaviest_month: Money,
    /// The application, where it is in the database already: it is not counted twice.
    pub application: Option<ApplicationId>,
}

/// What the platform knows about a person from all channels, without the application itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Open applications and the principal that is outstanding, in fen: the sum of many amounts
    /// may be more than one amount can be.
    pub exposure_fen: i64,
    /// When they applied before, as far as any rule looks back.
    pub applied_at: Vec<Instant>,
    /// Loans that are overdue or written off.
    pub overdue_loans: u32,
}

/// What a rule looks at, and from where on it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Younger than so many years.
    MinimumAge(u32),
    /// Older than so many years.
    MaximumAge(u32),
    /// In a region whose code begins so.
    Region(String),
    /// The heaviest month is more than so many ppm of the monthly income.
    IncomeRatio(u32),
    /// On the black list.
    Blacklist,
    /// Flagged as a risk.
    RiskFlag,
    /// With this application, the person's exposure over all channels is more than this.
    Exposure(Money),
    /// With this application, the person has applied more than `most` times in `days` days.
    Velocity {
        /// So many are well.
        most: u32,
        /// The days, counted back from now.
        days: u32,
    },
    /// The person has more than so many loans that are overdue or written off.
    Overdue(u32),
    /// The provider's score is below this.
    ReportScore(i64),
}

/// What a rule does when it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// People are to look (转人工).
    Refer,
    /// The application is refused.
    Refuse,
}

/// What comes of a rule, or of all; in order of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Nothing against it.
    Pass,
    /// People are to look.
    Refer,
    /// Refused.
    Refuse,
}

impl Decision {
    /// The word that the database keeps.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refer => "refer",
            Self::Refuse => "refuse",
        }
    }
}

/// What one rule says to an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's code.
    pub rule: String,
    /// What comes of it.
    pub decision: Decision,
    /// Why, in Chinese, with the figures.
    pub reason: String,
}

/// What comes of all verdicts: the severest.
pub fn outcome(verdicts: &[Verdict]) -> Decision {
    verdicts.iter().map(|verdict| verdict.decision).max().unwrap_or(Decision::Pass)
}

/// What every rule says, in their order.
pub(super) fn judge(
    rules: &[Rule],
    applicant: &Applicant,
    offer: &Offer,
    history: &History,
    now: Instant,
) -> Vec<Verdict> {
    let verdicts = rules.iter().map(|rule| {
        let (finding, reason) = look(&rule.test, applicant, offer, history, now);
        let decision = match (finding, rule.outcome) {
            (Finding::Well, _) => Decision::Pass,
            (Finding::Unknown, _) | (Finding::Speaks, Outcome::Refer) => Decision::Refer,
            (Finding::Speaks, Outcome::Refuse) => Decision::Refuse,
        };
        Verdict { rule: rule.code.clone(), decision, reason }
    });
    verdicts.collect()
}

/// What a test finds. What is not known is never held against somebody alone: people look.
enum Finding {
    Well,
    Unknown,
    Speaks,
}

impl Finding {
    const fn when(speaks: bool) -> Self {
        if speaks { Self::Speaks } else { Self::Well }
    }
}

fn look(
    test: &Test,
    applicant: &Applicant,
    offer: &Offer,
    history: &History,
    now: Instant,
) -> (Finding, String) {
    match test {
        Test::MinimumAge(least) => {
            let age = age(applicant.born, now.date());
            (Finding::when(age < i32_of(*least)), format!("年龄 {age} 岁，下限 {least} 岁"))
        }
        Test::MaximumAge(most) => {
            let age = age(applicant.born, now.date());
            (Finding::when(age > i32_of(*most)), format!("年龄 {age} 岁，上限 {most} 岁"))
        }
        Test::Region(prefix) => {
            let is_there = applicant.region.starts_with(prefix.as_str());
            (Finding::when(is_there), format!("限制地区 {prefix}"))
        }
        Test::IncomeRatio(most) => income(*most, applicant, offer),
        Test::Blacklist => (Finding::when(applicant.blacklisted), "黑名单".to_owned()),
        Test::RiskFlag => (Finding::when(applicant.risky), "风险标识".to_owned()),
        Test::Exposure(most) => {
            let fen = history.exposure_fen.saturating_add(offer.amount.fen());
            let reason = format!("全渠道授信余额 {} 元，上限 {most} 元", yuan_text(fen));
            (Finding::when(fen > most.fen()), reason)
        }
        Test::Velocity { most, days } => {
            let since = now.plus_days(i64::from(*days).saturating_neg());
            let before = history.applied_at.iter().filter(|at| **at > since).count();
            let count = before.saturating_add(1);
            let reason = format!("近 {days} 日申请 {count} 次，上限 {most} 次");
            (Finding::when(count > usize_of(*most)), reason)
        }
        Test::Overdue(most) => {
            let count = history.overdue_loans;
            (Finding::when(count > *most), format!("逾期或核销借款 {count} 笔，上限 {most} 笔"))
        }
        Test::ReportScore(least) => match applicant.report_score {
            None => (Finding::Unknown, format!("无报告评分，下限 {least} 分")),
            Some(score) => {
                (Finding::when(score < *least), format!("报告评分 {score} 分，下限 {least} 分"))
            }
        },
    }
}

fn income(most_ppm: u32, applicant: &Applicant, offer: &Offer) -> (Finding, String) {
    let share = most_ppm.div_euclid(10_000);
    let due = offer.heaviest_month;
    let Some(income) = applicant.monthly_income else {
        return (Finding::Unknown, format!("月收入未知，单月应还上限为收入的 {share} %"));
    };
    let owed = i128::from(due.fen()).saturating_mul(1_000_000);
    let bearable = i128::from(income.fen()).saturating_mul(i128::from(most_ppm));
    let reason = format!("单月应还 {due} 元，月收入 {income} 元，上限 {share} %");
    (Finding::when(owed > bearable), reason)
}

/// Whole years from a birth to a day. Who was born on 29 February is a year older on 1 March of
/// a year without it.
fn age(born: Date, on: Date) -> i32 {
    let years = i32::from(on.year()).saturating_sub(i32::from(born.year()));
    let is_before = (on.month(), on.day()) < (born.month(), born.day());
    years.saturating_sub(i32::from(is_before))
}

fn i32_of(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn yuan_text(fen: i64) -> String {
    format!("{}.{:02}", fen.div_euclid(100), fen.rem_euclid(100))
}
