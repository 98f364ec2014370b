//! Which word of the partner's leads where. Pure: every pair of what is and what is said.

use crate::origination::State;
use crate::ports::FundingStatus;

/// What a word about an application comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audited {
    /// Nothing.
    Nothing,
    /// It is approved.
    Approve,
    /// It is refused.
    Refuse,
    /// The limit is frozen.
    Hold,
    /// The limit is free again.
    Release,
    /// It cannot be, by what we know.
    Contradicts,
}

/// What a word about an application comes to, by where that stands here. An application that has
/// ended here without a loan is none of the partner's any more.
pub(super) const fn audited(state: State, said: FundingStatus) -> Audited {
    use FundingStatus as Said;
    match (state, said) {
        (
            _,
            Said::DrawReviewing
            | Said::DrawApproved
            | Said::DrawRefused
            | Said::PaidOut
            | Said::PayoutFailed
            | Said::Repaying
            | Said::Overdue
            | Said::Settled,
        )
        | (State::Approved | State::Lent, Said::Reviewing | Said::Refused)
        | (State::Refused, Said::Reviewing | Said::Approved | Said::Frozen) => Audited::Contradicts,
        (State::Reviewing, Said::Reviewing)
        | (State::Refused, Said::Refused)
        | (
            State::Lapsed | State::Withdrawn,
            Said::Reviewing | Said::Approved | Said::Refused | Said::Frozen,
        ) => Audited::Nothing,
        (State::Reviewing, Said::Approved) => Audited::Approve,
        (State::Reviewing, Said::Refused) => Audited::Refuse,
        (State::Reviewing | State::Approved | State::Lent, Said::Frozen) => Audited::Hold,
        (State::Approved | State::Lent, Said::Approved) => Audited::Release,
    }
}

/// What a word about a withdrawal comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Withdrawn {
    /// Nothing.
    Nothing,
    /// It is approved: the loan is made, and its payout awaited.
    Approve,
    /// It is refused, and nothing is paid out.
    Refuse,
    /// It was paid out.
    PaidOut,
    /// It was paid out, and the loan stands so at the partner.
    PaidOutAndStands,
    /// It could not be paid out.
    PayoutFailed,
    /// The loan stands so at the partner.
    Stands,
    /// It cannot be, by what was said before.
    Contradicts,
}

/// What a word about a withdrawal comes to, by what was said of it before. Words that were
/// overtaken by later ones do not come here.
pub(super) const fn withdrawn(heard: Option<FundingStatus>, said: FundingStatus) -> Withdrawn {
    use FundingStatus as Said;
    match (heard, said) {
        (_, Said::Reviewing | Said::Approved | Said::Refused | Said::Frozen)
        | (Some(Said::Reviewing | Said::Approved | Said::Refused | Said::Frozen), _)
        | (Some(Said::DrawApproved), Said::DrawReviewing | Said::DrawRefused)
        | (
            Some(Said::DrawRefused),
            Said::DrawReviewing
            | Said::DrawApproved
            | Said::PaidOut
            | Said::PayoutFailed
            | Said::Repaying
            | Said::Overdue
            | Said::Settled,
        )
        | (
            Some(Said::PayoutFailed),
            Said::DrawReviewing
            | Said::DrawApproved
            | Said::DrawRefused
            | Said::PaidOut
            | Said::Repaying
            | Said::Overdue
            | Said::Settled,
        )
        | (
            Some(Said::PaidOut | Said::Repaying | Said::Overdue | Said::Settled),
            Said::DrawReviewing | Said::DrawApproved | Said::DrawRefused | Said::PayoutFailed,
        ) => Withdrawn::Contradicts,
        (None | Some(Said::DrawReviewing), Said::DrawReviewing)
        | (Some(Said::DrawApproved), Said::DrawApproved)
        | (Some(Said::DrawRefused), Said::DrawRefused)
        | (Some(Said::PayoutFailed), Said::PayoutFailed)
        | (Some(Said::PaidOut | Said::Repaying | Said::Overdue | Said::Settled), Said::PaidOut) => {
            Withdrawn::Nothing
        }
        (None | Some(Said::DrawReviewing), Said::DrawApproved) => Withdrawn::Approve,
        (None | Some(Said::DrawReviewing), Said::DrawRefused) => Withdrawn::Refuse,
        (None | Some(Said::DrawReviewing | Said::DrawApproved), Said::PaidOut) => {
            Withdrawn::PaidOut
        }
        (None | Some(Said::DrawReviewing | Said::DrawApproved), Said::PayoutFailed) => {
            Withdrawn::PayoutFailed
        }
        (
            None | Some(Said::DrawReviewing | Said::DrawApproved),
            Said::Repaying | Said::Overdue | Said::Settled,
        ) => Withdrawn::PaidOutAndStands,
        (
            Some(Said::PaidOut | Said::Repaying | Said::Overdue | Said::Settled),
            Said::Repaying | Said::Overdue | Said::Settled,
        ) => Withdrawn::Stands,
    }
}

/// Whether a word about a withdrawal is the last that anything is done upon.
pub(super) const fn is_last(said: FundingStatus) -> bool {
    match said {
        FundingStatus::Reviewing
        | FundingStatus::Frozen
        | FundingStatus::DrawReviewing
        | FundingStatus::DrawApproved => false,
        FundingStatus::Approved
        | FundingStatus::Refused
        | FundingStatus::DrawRefused
        | FundingStatus::PaidOut
        | FundingStatus::PayoutFailed
        | FundingStatus::Repaying
        | FundingStatus::Overdue
        | FundingStatus::Settled => true,
    }
}

/// The longest wait between two questions about an order.
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// How long an order is left alone after so many attempts: a second, then twice as long each time,
/// an hour at most.
pub(super) fn wait_ms(attempts: i64) -> i64 {
    let doubled = 1000_i64.checked_shl(u32::try_from(attempts.clamp(0, 20)).unwrap_or(20));
    doubled.unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS)
}
