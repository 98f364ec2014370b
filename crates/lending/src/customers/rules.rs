//! What operators decide about customers: how often doors may be tried, and how long things live.

use crate::identity::Limit;

/// Limits and lives around customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How often providers are asked about one customer or card.
    pub checks: CheckRules,
    /// SMS codes.
    pub codes: CodeRules,
    /// Captchas.
    pub captchas: CaptchaRules,
    /// Sessions.
    pub sessions: SessionRules,
    /// Contacts (联系人) that a complete profile needs.
    pub contacts_needed: u32,
    /// Tasks at data providers.
    pub reports: crate::reports::Rules,
    /// Years after the last loan for which laws ask who somebody was. Source: 反洗钱法（2024 修订）
    /// 第三十四条: ten.
    pub kept_years: u32,
    /// Leads of loan officers.
    pub leads: crate::leads::Rules,
}

/// How often providers are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRules {
    /// Questions of one kind about one customer in 24 hours.
    pub per_customer: u32,
    /// Questions about one card in 24 hours, whoever names it. Source: the limits of 银联.
    pub per_card: u32,
    /// Mismatches in a row that lock a card. Source: the limits of 银联.
    pub card_mismatches: u32,
    /// For how long they lock it. Source: the limits of 银联.
    pub card_lock_seconds: u32,
    /// Tries to prove one's identity for a forgotten password, per account in 24 hours.
    pub identity_proofs: u32,
}

/// SMS codes (短信验证码).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRules {
    /// Codes that are sent to one mobile number, whatever for.
    pub per_mobile: [Limit; 3],
    /// Codes that are asked for from one address.
    pub per_address: [Limit; 3],
    /// How long a code is good.
    pub life_seconds: u32,
    /// Wrong guesses that end a code.
    pub guesses: u32,
    /// How long the proof that a right code gives may wait to be used.
    pub proof_seconds: u32,
    /// Keep codes so that they can be shown: benches only.
    pub shown: bool,
    /// Keep codes of sessions so that their owners can look at them: benches only.
    pub shown_in_session: bool,
}

/// Captchas (图形验证码).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptchaRules {
    /// How long a captcha is good. Source: the contract of document 001, § 7.
    pub life_seconds: u32,
    /// Captchas that are made for one address.
    pub made: Limit,
    /// Wrong texts from one address.
    pub missed: Limit,
}

/// Sessions (会话).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// A session ends when it has not been used for so long.
    pub idle_seconds: u32,
    /// A session ends so long after the log-in, however much it is used.
    pub life_seconds: u32,
}

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
/// A day in seconds, the longest window of a limit.
pub(super) const DAY: u32 = 86_400;

const fn within(attempts: u32, window_seconds: u32) -> Limit {
    Limit { attempts, window_seconds }
}

const fn windows(minute: u32, hour: u32, day: u32) -> [Limit; 3] {
    [within(minute, MINUTE), within(hour, HOUR), within(day, DAY)]
}

impl Default for Rules {
    /// What a lender starts with.
    fn default() -> Self {
        Self {
            checks: CheckRules {
                per_customer: 5,
                per_card: 5,
                card_mismatches: 3,
                card_lock_seconds: 12 * HOUR,
                identity_proofs: 5,
            },
            codes: CodeRules {
                // What SMS providers let through to one number.
                per_mobile: windows(1, 5, 10),
                // Mobile carriers put many phones behind one address.
                per_address: windows(10, 60, 300),
                life_seconds: 15 * MINUTE,
                guesses: 5,
                proof_seconds: 10 * MINUTE,
                shown: false,
                shown_in_session: false,
            },
            captchas: CaptchaRules {
                life_seconds: 2 * MINUTE,
                made: within(60, MINUTE),
                missed: within(20, MINUTE),
            },
            sessions: SessionRules { idle_seconds: 30 * MINUTE, life_seconds: 30 * DAY },
            contacts_needed: 2,
            kept_years: 10,
            reports: crate::reports::Rules::default(),
            leads: crate::leads::Rules::default(),
        }
    }
}

impl Rules {
    /// What a bench starts with: the same rules, but limits that a test suite does not meet, and
    /// codes that can be shown.
    pub fn bench() -> Self {
        let usual = Self::default();
        let many = 100_000;
        Self {
            checks: CheckRules {
                per_customer: many,
                per_card: many,
                identity_proofs: many,
                ..usual.checks
            },
            codes: CodeRules {
                per_mobile: windows(many, many, many),
                per_address: windows(many, many, many),
                shown: true,
                shown_in_session: true,
                ..usual.codes
            },
            captchas: CaptchaRules {
                made: within(many, MINUTE),
                missed: within(many, MINUTE),
                ..usual.captchas
            },
            reports: crate::reports::Rules::bench(),
            leads: crate::leads::Rules::bench(),
            ..usual
        }
    }
}
