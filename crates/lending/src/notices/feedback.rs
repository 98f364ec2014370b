//! Feedback (意见反馈): what customers and visitors think, kept for operators to read.

use kernel::id::{FeedbackId, MemberId};
use kernel::{Channel, Instant, Mobile};
use store::Fault;

use super::{sql, templates};
use crate::{Page, Tx};

/// Characters of a suggestion at most. The documents give no limit; the choice is ours.
const SUGGESTION_MOST: usize = 1000;
/// Characters of a source at most: document 001's apps send a digit, those of document 002 a word
/// that its contract takes up to 30 characters of.
const SOURCE_MOST: usize = 30;

/// What somebody thinks.
#[derive(Clone, Debug)]
pub struct LeaveFeedback {
    /// Where they said it.
    pub channel: Channel,
    /// Who they are, if they are a customer.
    pub member: Option<MemberId>,
    /// Where they can be reached.
    pub mobile: Mobile,
    /// What they say.
    pub suggestion: String,
    /// Which app they said it in, in its own word.
    pub source: String,
}

/// Why feedback was not taken. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// The suggestion is empty or too long.
    #[error("the suggestion has 1 to {most} characters")]
    Suggestion {
        /// Characters at most.
        most: usize,
    },
    /// The source is empty or too long.
    #[error("the source has 1 to {most} characters")]
    Source {
        /// Characters at most.
        most: usize,
    },
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps feedback.
pub fn leave_feedback(
    tx: &mut Tx<'_, '_>,
    command: &LeaveFeedback,
) -> Result<FeedbackId, FeedbackError> {
    if !templates::is_within(&command.suggestion, SUGGESTION_MOST) {
        return Err(FeedbackError::Suggestion { most: SUGGESTION_MOST });
    }
    if !templates::is_within(&command.source, SOURCE_MOST) {
        return Err(FeedbackError::Source { most: SOURCE_MOST });
    }
    Ok(sql::insert_feedback(tx, command)?)
}

/// Feedback as it was left.
#[derive(Clone, Debug)]
pub struct Feedback {
    /// Its number.
    pub id: FeedbackId,
    /// Where it was said.
    pub channel: Channel,
    /// Who said it, if a customer did.
    pub member: Option<MemberId>,
    /// Where they can be reached.
    pub mobile: Mobile,
    /// What they say.
    pub suggestion: String,
    /// Which app they said it in.
    pub source: String,
    /// When, by the business clock.
    pub left_at: Instant,
}

/// A page of feedback, the newest first, and how many there are; for operators.
pub fn feedback(tx: &mut Tx<'_, '_>, page: Page) -> Result<(Vec<Feedback>, i64), Fault> {
    Ok((sql::feedback(tx, page)?, sql::count_feedback(tx)?))
}
