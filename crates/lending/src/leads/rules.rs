//! What operators decide about leads, and what one may do with a lead in which state: pure.

use kernel::Money;

use super::State;
use crate::identity::Limit;

/// What operators decide about leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What whoever wins a lead pays its owner; copied into each lead when it is submitted.
    pub fee: Money,
    /// After so many days what a lead tells about a person is erased, unless an application was
    /// made of it.
    pub kept_days: u32,
    /// Leads that one officer may hold at once.
    pub held_at_once: u32,
    /// Leads that one officer submits.
    pub submitted: [Limit; 2],
    /// Lists that one officer looks at: masked, but whoever looks at all of them harvests.
    pub looked: [Limit; 2],
    /// People whom one officer is shown in full.
    pub shown: [Limit; 2],
    /// Leads that one officer claims.
    pub claimed: [Limit; 2],
}

const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

const fn windows(hour: u32, day: u32) -> [Limit; 2] {
    [Limit { attempts: hour, window_seconds: HOUR }, Limit { attempts: day, window_seconds: DAY }]
}

impl Default for Rules {
    /// What an exchange starts with: more than an officer does in a day, less than a machine.
    fn default() -> Self {
        Self {
            fee: Money::from_yuan(20).unwrap_or(Money::ZERO),
            kept_days: 90,
            held_at_once: 20,
            submitted: windows(60, 200),
            looked: windows(300, 1_000),
            shown: windows(60, 200),
            claimed: windows(20, 60),
        }
    }
}

impl Rules {
    /// What a bench starts with: the same rules, but limits that a test suite does not meet.
    pub fn bench() -> Self {
        let many = windows(100_000, 100_000);
        Self { submitted: many, looked: many, shown: many, claimed: many, ..Self::default() }
    }
}

/// What is done to a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Claim,
    Work,
    Release,
    Win,
    Lose,
    Withdraw,
    Expire,
}

/// The state that a step leads to; `None` where it may not be done.
pub(super) const fn next(state: State, step: Step) -> Option<State> {
    match (state, step) {
        (State::Open, Step::Claim) => Some(State::Claimed),
        (State::Open, Step::Withdraw) => Some(State::Withdrawn),
        (State::Claimed | State::Working, Step::Work) => Some(State::Working),
        (State::Claimed | State::Working, Step::Release) => Some(State::Open),
        (State::Claimed | State::Working, Step::Win) => Some(State::Won),
        (State::Claimed | State::Working, Step::Lose) => Some(State::Lost),
        (State::Open | State::Claimed | State::Working, Step::Expire) => Some(State::Expired),
        (State::Open, Step::Work | Step::Release | Step::Win | Step::Lose)
        | (State::Claimed | State::Working, Step::Claim | Step::Withdraw)
        | (
            State::Won | State::Lost | State::Withdrawn | State::Expired,
            Step::Claim
            | Step::Work
            | Step::Release
            | Step::Win
            | Step::Lose
            | Step::Withdraw
            | Step::Expire,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_goes_from_open_over_one_holder_to_its_end() {
        let end = |steps: &[Step]| steps.iter().try_fold(State::Open, |state, s| next(state, *s));
        assert_eq!(end(&[Step::Claim, Step::Work, Step::Work, Step::Win]), Some(State::Won));
        assert_eq!(end(&[Step::Claim, Step::Lose]), Some(State::Lost));
        assert_eq!(end(&[Step::Claim, Step::Release, Step::Claim]), Some(State::Claimed));
        assert_eq!(end(&[Step::Withdraw]), Some(State::Withdrawn));
        assert_eq!(end(&[Step::Claim, Step::Expire]), Some(State::Expired));
        for wrong in [
            &[Step::Claim, Step::Claim][..],
            &[Step::Win],
            &[Step::Work],
            &[Step::Withdraw, Step::Claim],
            &[Step::Claim, Step::Withdraw],
            &[Step::Claim, Step::Win, Step::Lose],
            &[Step::Claim, Step::Lose, Step::Release],
            &[Step::Expire, Step::Expire],
        ] {
            assert_eq!(end(wrong), None, "{wrong:?}");
        }
    }
}
