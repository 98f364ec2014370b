//! What a provider's answer makes of a task, until when it may go on, and what a report is worth:
//! pure.

use kernel::Instant;

use crate::ports::{DataAnswer, Facts};

/// What operators decide about tasks at data providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The pause between two looks at a task, in milliseconds. Source: the provider asks for 5 to
    /// 10 seconds.
    pub poll_ms: u32,
    /// How long a task may take, in seconds.
    pub life_seconds: u32,
    /// How long a customer may take to enter what they are asked for, in seconds.
    pub input_seconds: u32,
    /// For how many days the facts of a report are used; people change.
    pub fresh_days: u32,
    /// For how many days the whole of a report is kept.
    pub body_days: u32,
}

impl Default for Rules {
    /// What a lender starts with.
    fn default() -> Self {
        Self {
            poll_ms: 5_000,
            life_seconds: 1_800,
            input_seconds: 300,
            fresh_days: 30,
            body_days: 180,
        }
    }
}

impl Rules {
    /// What a bench starts with: the same rules, but impatient with a sandbox that can bear it.
    pub fn bench() -> Self {
        Self { poll_ms: 500, ..Self::default() }
    }
}

/// How often a provider is asked to begin a task while it does not answer. A start that was lost
/// may have been heard, and then two tasks are paid for.
pub(super) const MOST_STARTS: u32 = 3;
/// How long the caller of a provider may take before somebody else takes its place, in
/// milliseconds; longer than any call to a provider is waited for.
pub(super) const LEASE_MS: i64 = 120_000;
/// How often a growing pause doubles.
const MOST_DOUBLINGS: u32 = 4;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// The provider has not taken it yet.
    Started,
    /// The customer has to enter something, or to scan a QR code.
    WaitingInput,
    /// The provider is at work.
    Running,
    /// The data are here.
    Succeeded,
    /// There will be none.
    Failed,
    /// It took too long.
    TimedOut,
}

impl TaskState {
    /// Every state there is.
    pub const ALL: &[Self] = &[
        Self::Started,
        Self::WaitingInput,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
    ];

    /// The word in the database and for operators.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::WaitingInput => "waiting_input",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
        }
    }

    /// Whether anything can still come of it.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Started | Self::WaitingInput | Self::Running => true,
            Self::Succeeded | Self::Failed | Self::TimedOut => false,
        }
    }
}

/// What the provider is to be asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Start,
    Status,
    Input,
    Fetch,
    Nothing,
}

impl Ask {
    pub(super) const ALL: &[Self] =
        &[Self::Start, Self::Status, Self::Input, Self::Fetch, Self::Nothing];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Status => "status",
            Self::Input => "input",
            Self::Fetch => "fetch",
            Self::Nothing => "none",
        }
    }
}

/// What a provider's code says of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    NeedsInput,
    AtWork,
    Ready,
    Failed,
}

/// Source: the provider's page. `0010` accepted, `0006` waiting for input, `0009` input accepted,
/// `0100` logged in, `0000` finished, empty or any other `0xxx` still at work.
fn meaning(code: &str) -> Meaning {
    match code {
        "0006" => Meaning::NeedsInput,
        "0000" => Meaning::Ready,
        "" => Meaning::AtWork,
        code if code.len() == 4 && code.starts_with('0') => Meaning::AtWork,
        _ => Meaning::Failed,
    }
}

/// What an answer makes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes on so.
    Go(TaskState, Ask),
    /// The same question again, later.
    Again,
    /// It is over, by what the provider says.
    Fail,
    /// It is over, for the provider does not answer.
    GiveUp,
}

/// What comes after an answer to `asked`; `failures` calls before it had none in a row, and
/// `has_handle` is whether the provider's name for the task is known by now.
pub(super) fn next(asked: Ask, answer: &DataAnswer, failures: u32, has_handle: bool) -> Next {
    let code = match answer {
        DataAnswer::Unknown => return unanswered(asked, failures),
        DataAnswer::Said { code, .. } => code.as_str(),
    };
    match (asked, meaning(code)) {
        (_, Meaning::Failed) => Next::Fail,
        // Nobody can go on with a task that has no name.
        (Ask::Start, _) if !has_handle => unanswered(asked, failures),
        (Ask::Fetch, Meaning::NeedsInput | Meaning::AtWork | Meaning::Ready)
        | (Ask::Nothing, _) => Next::Again,
        (Ask::Start | Ask::Status | Ask::Input, Meaning::NeedsInput) => {
            Next::Go(TaskState::WaitingInput, Ask::Status)
        }
        (Ask::Start | Ask::Status | Ask::Input, Meaning::AtWork) => {
            Next::Go(TaskState::Running, Ask::Status)
        }
        (Ask::Start | Ask::Status | Ask::Input, Meaning::Ready) => {
            Next::Go(TaskState::Running, Ask::Fetch)
        }
    }
}

/// A status may be asked for as often as one likes. What was entered is never sent twice, for it
/// may have arrived: if the provider still waits for it, the customer is asked again.
fn unanswered(asked: Ask, failures: u32) -> Next {
    match asked {
        Ask::Start if failures.saturating_add(1) >= MOST_STARTS => Next::GiveUp,
        Ask::Input => Next::Go(TaskState::Running, Ask::Status),
        Ask::Start | Ask::Status | Ask::Fetch | Ask::Nothing => Next::Again,
    }
}

/// When a task in a state has to be over, by the wall. `now` is when it came into the state.
pub(super) fn deadline(rules: &Rules, begun: Instant, state: TaskState, now: Instant) -> Instant {
    let life = begun.plus_millis(millis(rules.life_seconds));
    match state {
        TaskState::WaitingInput => life.min(now.plus_millis(millis(rules.input_seconds))),
        TaskState::Started
        | TaskState::Running
        | TaskState::Succeeded
        | TaskState::Failed
        | TaskState::TimedOut => life,
    }
}

const fn millis(seconds: u32) -> i64 {
    i64_of(seconds).saturating_mul(1000)
}

#[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
const fn i64_of(number: u32) -> i64 {
    number as i64
}

/// The pause before the next look: it doubles with every call that was not answered.
pub(super) fn pause_ms(rules: &Rules, failures: u32) -> i64 {
    let times = 2_i64.saturating_pow(failures.min(MOST_DOUBLINGS));
    i64_of(rules.poll_ms).saturating_mul(times)
}

/// What a report is worth in points, 0 to 1000: 600 and what its facts add and take away.
///
/// `None` where the report says nothing of all that. `docs/reports.md` has the table.
pub fn score(facts: &Facts) -> Option<i64> {
    if facts.id_matches == Some(false) || facts.name_matches == Some(false) {
        return Some(0);
    }
    let each = |count: Option<u32>, points: i64, most: i64| {
        count.map(|count| i64_of(count).saturating_mul(points).min(most).saturating_neg())
    };
    let between = |count: Option<u32>, low: u32, high: u32, less: i64, more: i64| {
        count.map(|count| match count {
            count if count < low => less.saturating_neg(),
            count if count >= high => more,
            _ => 0,
        })
    };
    let parts = [
        each(facts.risk_lists, 100, 300),
        each(facts.overdue_loans, 80, 240),
        each(facts.multi_lending, 20, 200),
        each(facts.risk_calls, 10, 100),
        between(facts.contacts, 10, 50, 60, 40),
        between(facts.mutual_contacts, 5, 20, 40, 40),
        between(facts.silent_days, 0, 11, 0, -40),
        between(facts.night_calls, 0, 60, 0, -30),
    ];
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let sum = parts.into_iter().flatten().fold(600_i64, i64::saturating_add);
    Some(sum.clamp(0, 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str) -> DataAnswer {
        let (code, message) = (code.to_owned(), String::new());
        DataAnswer::Said { code, message, handle: None, image: None }
    }

    #[test]
    fn every_answer_has_its_consequence() {
        use Ask::{Fetch, Input, Start, Status};
        use TaskState::{Running, WaitingInput};
        let check = |asked, code: &str, wanted: Next| {
            assert_eq!(next(asked, &said(code), 0, true), wanted, "{asked:?} {code:?}");
        };
        for asked in [Start, Status, Input] {
            check(asked, "0006", Next::Go(WaitingInput, Status));
            for code in ["", "0010", "0009", "0100", "0001", "0999"] {
                check(asked, code, Next::Go(Running, Status));
            }
            check(asked, "0000", Next::Go(Running, Fetch));
        }
        for code in ["", "0010", "0006", "0000"] {
            check(Fetch, code, Next::Again);
        }
        for asked in [Start, Status, Input, Fetch] {
            for code in ["1001", "1102", "2008", "1107", "3001", "1119", "00", "00000", "R001"] {
                check(asked, code, Next::Fail);
            }
        }
    }

    #[test]
    fn what_is_not_answered_is_asked_again_but_for_what_was_entered() {
        let check = |asked, failures, wanted| {
            assert_eq!(next(asked, &DataAnswer::Unknown, failures, true), wanted);
        };
        check(Ask::Start, 0, Next::Again);
        check(Ask::Start, 1, Next::Again);
        check(Ask::Start, 2, Next::GiveUp);
        check(Ask::Status, 1000, Next::Again);
        check(Ask::Fetch, 1000, Next::Again);
        check(Ask::Input, 0, Next::Go(TaskState::Running, Ask::Status));
        // An accepted task without a name is as good as no answer; a refused one needs none.
        assert_eq!(next(Ask::Start, &said("0010"), 0, false), Next::Again);
        assert_eq!(next(Ask::Start, &said("0010"), 2, false), Next::GiveUp);
        assert_eq!(next(Ask::Start, &said("1102"), 0, false), Next::Fail);
    }

    #[test]
    fn customers_have_five_minutes_of_the_half_hour() {
        let (rules, begun) = (Rules::default(), Instant::from_millis(1_000_000));
        let at = |state, ms| deadline(&rules, begun, state, begun.plus_millis(ms));
        assert_eq!(at(TaskState::Running, 60_000), begun.plus_millis(1_800_000));
        assert_eq!(at(TaskState::WaitingInput, 60_000), begun.plus_millis(360_000));
        assert_eq!(at(TaskState::WaitingInput, 1_700_000), begun.plus_millis(1_800_000));
    }

    #[test]
    fn pauses_double_up_to_sixteen_fold() {
        let pauses = [0, 1, 2, 4, 5, 63, 64, u32::MAX].map(|n| pause_ms(&Rules::default(), n));
        assert_eq!(pauses, [5_000, 10_000, 20_000, 80_000, 80_000, 80_000, 80_000, 80_000]);
    }

    #[test]
    fn scores_follow_the_table() {
        assert_eq!(score(&Facts::default()), None);
        let good = Facts {
            id_matches: Some(true),
            name_matches: Some(true),
            risk_lists: Some(0),
            contacts: Some(50),
            mutual_contacts: Some(20),
            silent_days: Some(10),
            night_calls: Some(59),
            ..Facts::default()
        };
        // 600 + 40 + 40
        assert_eq!(score(&good), Some(680));
        // 600 - 2 x 100 - 1 x 80 - 3 x 20 - 4 x 10 - 60 - 40 - 40 - 30 = 50
        let poor = Facts {
            risk_lists: Some(2),
            overdue_loans: Some(1),
            multi_lending: Some(3),
            risk_calls: Some(4),
            contacts: Some(9),
            mutual_contacts: Some(4),
            silent_days: Some(11),
            night_calls: Some(60),
            ..good.clone()
        };
        assert_eq!(score(&poor), Some(50));
        // 600 - 300 - 240 - 200 - 100 + 40 + 40 is less than nothing.
        let many = Some(u32::MAX);
        let (risk_lists, overdue_loans) = (many, many);
        let worst = Facts {
            risk_lists,
            overdue_loans,
            multi_lending: many,
            risk_calls: many,
            ..good.clone()
        };
        assert_eq!(score(&worst), Some(0));
        // Whose number it is not, is not scored.
        assert_eq!(score(&Facts { id_matches: Some(false), ..good.clone() }), Some(0));
        assert_eq!(score(&Facts { name_matches: Some(false), ..good }), Some(0));
    }
}
