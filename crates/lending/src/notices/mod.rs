//! Messages (消息) to customers and to everybody, and the SMS that go with them.
//!
//! No provider is called here: an SMS is a row of the outbox, which a dispatcher sends.

mod feedback;
mod messages;
mod sms;
mod sms_sql;
mod sql;
mod templates;
mod versions;

#[cfg(test)]
mod tests;

use kernel::id::MemberId;
use store::Fault;

pub use feedback::{Feedback, FeedbackError, LeaveFeedback, feedback, leave_feedback};
pub use messages::{
    Message, Publish, PublishError, SystemKind, SystemMessage, all_system_messages, mark_read,
    messages_of, publish, system_messages, withdraw,
};
pub use sms::{
    DueSms, SmsEntry, SmsPurpose, SmsState, SmsStep, due_sms, finish_sms, has_due_sms, prune_sms,
    send_code, send_sms, sms_log,
};
pub use templates::{SetTemplate, Template, TemplateError, set_template, shipped, templates};
pub use versions::{AppVersion, PublishVersion, VersionError, latest, publish_version, versions};

use crate::{Tx, identity};

/// What a message is about. The numbers are those of document 001, §24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// 11: an application was submitted (提交审核).
    Submitted,
    /// 12: it was approved (审核通过).
    Approved,
    /// 13: it was refused (审核拒绝).
    Refused,
    /// 14: the loan was paid out (放款).
    PaidOut,
    /// 15: a payment is due soon or today (还款提醒).
    DueSoon,
    /// 16: something was repaid (已还款).
    Repaid,
    /// 17: a payment is late (逾期催收).
    Overdue,
    /// 99: anything else (其它).
    Other,
}

impl Topic {
    /// Every topic there is.
    pub const ALL: &[Self] = &[
        Self::Submitted,
        Self::Approved,
        Self::Refused,
        Self::PaidOut,
        Self::DueSoon,
        Self::Repaid,
        Self::Overdue,
        Self::Other,
    ];

    /// The topic with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|topic| topic.word() == word)
    }

    /// The word in the database and for operators.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::PaidOut => "paid_out",
            Self::DueSoon => "due_soon",
            Self::Repaid => "repaid",
            Self::Overdue => "overdue",
            Self::Other => "other",
        }
    }

    /// Whether its SMS keeps to the hours in which people may be reminded: all that asks for money.
    const fn keeps_hours(self) -> bool {
        match self {
            Self::DueSoon | Self::Overdue => true,
            Self::Submitted
            | Self::Approved
            | Self::Refused
            | Self::PaidOut
            | Self::Repaid
            | Self::Other => false,
        }
    }
}

/// A message that is to be written.
#[derive(Clone, Debug)]
pub struct Notice<'n> {
    /// To whom.
    pub member: MemberId,
    /// About what.
    pub topic: Topic,
    /// What the template of the topic fills in: `product`, `amount`, `due`, `days`, `reason`.
    pub facts: &'n [(&'static str, String)],
}

/// Texts a day that a customer gets about late payments, however many of them there are; the
/// messages in the app are all written.
const OVERDUE_SMS_A_DAY: i64 = 3;

/// Writes a message by the topic's template, and sends an SMS where the template asks for one.
///
/// Reminders and collection texts wait for the next morning when they are written at night.
pub fn tell(tx: &mut Tx<'_, '_>, notice: &Notice<'_>) -> Result<(), Fault> {
    let contact = identity::contact(tx, notice.member)?;
    let (channel, mobile) = contact.ok_or_else(|| Fault::Corrupt("message.member_id".into()))?;
    let template = templates::in_force(tx, channel, notice.topic)?;
    let title = templates::fill(&template.title, notice.facts);
    let content = templates::fill(&template.text, notice.facts);
    if let Some(text) = &template.sms_text
        && may_text(tx, notice)?
    {
        let text = templates::fill(text, notice.facts);
        let wait = if notice.topic.keeps_hours() { sms::until_day(tx.at.business) } else { 0 };
        sms::queue_notice(tx, (channel, &mobile), &text, wait)?;
    }
    sql::append_message(tx, notice, &title, &content)
}

/// Forgets what was said to and by people, for a bench that is emptied; templates, messages to
/// everybody and app versions are the operators' and stay.
pub(crate) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    sql::wipe(tx)
}

fn may_text(tx: &mut Tx<'_, '_>, notice: &Notice<'_>) -> Result<bool, Fault> {
    if notice.topic != Topic::Overdue {
        return Ok(true);
    }
    let today = tx.at.business.date().start();
    Ok(sql::told_since(tx, notice.member, notice.topic, today)? < OVERDUE_SMS_A_DAY)
}
