//! The outbox of SMS (短信): what is to be sent, who is sending it, and what became of it.
//!
//! An SMS is not idempotent: where its answer was lost, its provider is asked what became of it, and
//! only what the provider has never heard of is sent again.

use kernel::id::SmsId;
use kernel::{Channel, Date, Instant, Mobile};
use store::Fault;

use super::sms_sql as sql;
use crate::ports::SmsOutcome;
use crate::{Page, Tx};

/// How long a sender may take before its row counts as unknown, in milliseconds; far longer than
/// any provider is waited for.
const LEASE_MS: i64 = 5 * 60_000;
/// How long a code is worth sending, in milliseconds.
const CODE_MS: i64 = 5 * 60_000;
/// How long a notice is worth sending, in milliseconds: what is a day late is in the app anyway.
const NOTICE_MS: i64 = 24 * 3_600_000;
/// How often a notice that was refused is tried in all.
const MOST_ATTEMPTS: i64 = 3;
/// How long after a refusal, in milliseconds for each attempt so far: providers limit texts to a
/// number by the minute and the hour.
const RETRY_MS: i64 = 20 * 60_000;
/// How long after a lost answer the provider is asked what became of it, in milliseconds: its
/// reports lag behind.
const LOOK_MS: i64 = 60_000;
/// How long after a look that told nothing, in milliseconds for each look so far.
const LOOK_AGAIN_MS: i64 = 5 * 60_000;
/// How often somebody looks; after that, nobody will ever know.
const MOST_LOOKS: i64 = 6;
/// How often the provider must have no record before that is believed.
const NO_RECORDS: i64 = 3;
/// Characters of a provider's reason that are kept.
const REASON_MOST: usize = 200;
/// Rows that one call deletes at most, so that it stays short.
const PRUNED_AT_ONCE: i64 = 1000;
/// When people may be reminded of what they owe, in milliseconds of the day: from 8:00 to 22:00,
/// as the industry's conventions on collection have it.
const DAY_FROM_MS: i64 = 8 * 3_600_000;
const DAY_TO_MS: i64 = 22 * 3_600_000;
const WHOLE_DAY_MS: i64 = 24 * 3_600_000;

/// What an SMS is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsPurpose {
    /// It carries a code: it is tried once, at once.
    Code,
    /// It tells something: it is tried again where the provider refuses it.
    Notice,
}

impl SmsPurpose {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Notice => "notice",
        }
    }
}

/// Where an SMS stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsState {
    /// To be sent.
    Queued,
    /// The provider is being called.
    Sending,
    /// The provider has accepted it.
    Sent,
    /// The provider has refused it.
    Refused,
    /// Nobody knows whether it went out.
    Unknown,
    /// It could not be sent while it was worth sending.
    Lapsed,
}

impl SmsState {
    pub(super) const ALL: &[Self] =
        &[Self::Queued, Self::Sending, Self::Sent, Self::Refused, Self::Unknown, Self::Lapsed];

    /// The word in the database and for operators.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Lapsed => "lapsed",
        }
    }
}

/// What is known of an SMS whose provider was called.
pub(super) struct Called {
    pub(super) purpose: SmsPurpose,
    pub(super) attempts: i64,
    pub(super) good_until: Instant,
    /// How often somebody has looked what became of it.
    pub(super) looks: i64,
}

/// A row that is to be put into the outbox.
pub(super) struct NewSms<'n> {
    pub(super) channel: Channel,
    pub(super) mobile: &'n Mobile,
    pub(super) text: &'n str,
    pub(super) purpose: SmsPurpose,
    pub(super) next_at: Instant,
    pub(super) good_until: Instant,
}

/// Sends a notice, which is tried again where the provider refuses it.
pub fn send_sms(
    tx: &mut Tx<'_, '_>,
    mobile: &Mobile,
    channel: Channel,
    text: &str,
) -> Result<SmsId, Fault> {
    queue_notice(tx, (channel, mobile), text, 0)
}

/// Sends a code, which is worth nothing after a few minutes.
pub fn send_code(
    tx: &mut Tx<'_, '_>,
    mobile: &Mobile,
    channel: Channel,
    text: &str,
) -> Result<SmsId, Fault> {
    let (next_at, good_until) = (tx.at.wall, tx.at.wall.plus_millis(CODE_MS));
    let purpose = SmsPurpose::Code;
    sql::append_sms(tx, &NewSms { channel, mobile, text, purpose, next_at, good_until })
}

/// Sends a notice after so many milliseconds.
pub(super) fn queue_notice(
    tx: &mut Tx<'_, '_>,
    (channel, mobile): (Channel, &Mobile),
    text: &str,
    wait_ms: i64,
) -> Result<SmsId, Fault> {
    let next_at = tx.at.wall.plus_millis(wait_ms);
    let (good_until, purpose) = (next_at.plus_millis(NOTICE_MS), SmsPurpose::Notice);
    sql::append_sms(tx, &NewSms { channel, mobile, text, purpose, next_at, good_until })
}

/// Milliseconds until people may be reminded of what they owe; 0 by day.
pub(super) fn until_day(now: Instant) -> i64 {
    let time = now.millis().saturating_sub(now.date().start().millis());
    match time {
        early if early < DAY_FROM_MS => DAY_FROM_MS.saturating_sub(early),
        day if day < DAY_TO_MS => 0,
        late => WHOLE_DAY_MS.saturating_sub(late).saturating_add(DAY_FROM_MS),
    }
}

/// What is to be done about an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsStep {
    /// Send it.
    Send,
    /// Ask what became of it.
    Look {
        /// The day on which the provider was called.
        called_on: Date,
    },
}

/// An SMS that is the caller's to work on, and nobody else's.
#[derive(Clone, Debug)]
pub struct DueSms {
    /// Its number.
    pub id: SmsId,
    /// Where it was ordered.
    pub channel: Channel,
    /// To whom.
    pub mobile: Mobile,
    /// What it says; never in logs. Empty where it is only looked for.
    pub text: String,
    /// What is to be done.
    pub step: SmsStep,
}

/// Whether [`due_sms`] has anything to do, on a snapshot.
pub fn has_due_sms(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    sql::has_due_sms(tx)
}

/// Claims what is to be sent now, the oldest first, and what is to be looked for: so many of each at
/// most.
///
/// After the commit the caller calls the provider, and then [`finish_sms`]. If it dies in between,
/// the row is found by a later call, and counts as unknown.
pub fn due_sms(tx: &mut Tx<'_, '_>, limit: u32) -> Result<Vec<DueSms>, Fault> {
    sql::give_up_senders(tx)?;
    sql::lapse_sms(tx)?;
    let until = tx.at.wall.plus_millis(LEASE_MS);
    let mut claimed = sql::claim_sms(tx, limit, until)?;
    claimed.extend(sql::claim_looks(tx, limit, until)?);
    Ok(claimed)
}

/// What became of an SMS; a second answer about the same call changes nothing.
pub fn finish_sms(tx: &mut Tx<'_, '_>, id: SmsId, outcome: &SmsOutcome) -> Result<(), Fault> {
    let Some(called) = sql::lock_called_sms(tx, id)? else { return Ok(()) };
    match outcome {
        SmsOutcome::Accepted => sql::end_sms(tx, id, SmsState::Sent, None),
        SmsOutcome::Unknown => look_later(tx, id, &called),
        SmsOutcome::NoRecord if called.looks < NO_RECORDS => look_later(tx, id, &called),
        SmsOutcome::NoRecord => match again_at(tx, &called) {
            Some(at) => sql::queue_again(tx, id, NO_RECORD, at),
            None => sql::end_sms(tx, id, SmsState::Lapsed, Some(NO_RECORD)),
        },
        SmsOutcome::Refused(reason) => {
            let reason: String = reason.chars().take(REASON_MOST).collect();
            match again_at(tx, &called) {
                Some(at) => sql::queue_again(tx, id, &reason, at),
                None => sql::end_sms(tx, id, SmsState::Refused, Some(&reason)),
            }
        }
    }
}

/// Why an SMS is sent again or lapses that its provider has never heard of.
const NO_RECORD: &str = "no record";

/// When an SMS is tried again, if it is still worth it.
fn again_at(tx: &Tx<'_, '_>, called: &Called) -> Option<Instant> {
    let again = tx.at.wall.plus_millis(called.attempts.saturating_mul(RETRY_MS));
    let is_worth_it = called.purpose == SmsPurpose::Notice
        && called.attempts < MOST_ATTEMPTS
        && again < called.good_until;
    is_worth_it.then_some(again)
}

fn look_later(tx: &mut Tx<'_, '_>, id: SmsId, called: &Called) -> Result<(), Fault> {
    let wait = match called.looks {
        0 => Some(LOOK_MS),
        looks if looks < MOST_LOOKS => Some(looks.saturating_mul(LOOK_AGAIN_MS)),
        _ => None,
    };
    sql::leave_unknown(tx, id, wait.map(|wait| tx.at.wall.plus_millis(wait)))
}

/// Forgets texts that are older than so many days, at least one; how many, a bounded number in one
/// call.
pub fn prune_sms(tx: &mut Tx<'_, '_>, days: u32) -> Result<u64, Fault> {
    let before = tx.at.wall.plus_days(i64::from(days.max(1)).saturating_neg());
    sql::delete_sms(tx, before, PRUNED_AT_ONCE)
}

/// An SMS as operators see it: never what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsEntry {
    /// Its number.
    pub id: SmsId,
    /// Where it was ordered.
    pub channel: Channel,
    /// To whom, masked.
    pub mobile: String,
    /// Where it stands.
    pub state: SmsState,
    /// The provider's reason, where it refused.
    pub reason: Option<String>,
    /// How often the provider was called.
    pub attempts: i64,
    /// When it was ordered.
    pub written_at: Instant,
    /// When it was over.
    pub finished_at: Option<Instant>,
}

/// A page of the outbox, the newest first.
pub fn sms_log(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<SmsEntry>, Fault> {
    sql::sms_log(tx, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_wait_for_the_morning() {
        // 2026-03-01 00:00:00 in Shanghai is 2026-02-28 16:00:00 UTC.
        let midnight = 1_772_294_400_000;
        let hour = 3_600_000;
        // time of day -> how long to wait
        for (time, wait) in [
            (0, 8 * hour),
            (5 * 60_000, 8 * hour - 5 * 60_000),
            (8 * hour - 1, 1),
            (8 * hour, 0),
            (22 * hour - 1, 0),
            (22 * hour, 10 * hour),
            (24 * hour - 1, 8 * hour + 1),
        ] {
            assert_eq!(until_day(Instant::from_millis(midnight + time)), wait, "{time}");
        }
    }
}
