//! Templates: what is said about each topic, as shipped or as operators have written it instead.

use kernel::Channel;
use store::Fault;

use super::{Topic, sql};
use crate::Tx;
use crate::audit::{self, Actor, Subject};

/// What a template can fill in, as `{product}`; see [`super::Notice::facts`].
const FACTS: &[&str] = &["product", "amount", "due", "days", "reason"];
/// Characters of a title at most: one line on a phone.
const TITLE_MOST: usize = 40;
/// Characters of a message at most.
const TEXT_MOST: usize = 1000;
/// Characters of an SMS at most; providers send longer ones in parts of 67 and charge for each.
const SMS_MOST: usize = 300;

/// What is said about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// About what.
    pub topic: Topic,
    /// 0 for the shipped one; the operators' count from 1.
    pub version: i64,
    /// The title of the message, with facts in braces.
    pub title: String,
    /// The message.
    pub text: String,
    /// The SMS that goes with it, if one does.
    pub sms_text: Option<String>,
}

/// A template that takes the place of the one before it.
#[derive(Clone, Debug)]
pub struct SetTemplate {
    /// Who writes it.
    pub by: Actor,
    /// On which channel.
    pub channel: Channel,
    /// About what.
    pub topic: Topic,
    /// The title of the message, with facts in braces.
    pub title: String,
    /// The message.
    pub text: String,
    /// The SMS that goes with it, if one does.
    pub sms_text: Option<String>,
}

/// Why a template was not taken. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The title is empty or too long.
    #[error("the title has 1 to {most} characters")]
    Title {
        /// Characters at most.
        most: usize,
    },
    /// The message is empty or too long.
    #[error("the text has 1 to {most} characters")]
    Text {
        /// Characters at most.
        most: usize,
    },
    /// The SMS is empty or too long.
    #[error("the sms has 1 to {most} characters")]
    Sms {
        /// Characters at most.
        most: usize,
    },
    /// Braces hold something that is no fact, or do not close.
    #[error("no such fact: {0}")]
    UnknownFact(String),
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Puts a template in force; its version.
pub fn set_template(tx: &mut Tx<'_, '_>, command: &SetTemplate) -> Result<i64, TemplateError> {
    if !is_within(&command.title, TITLE_MOST) {
        return Err(TemplateError::Title { most: TITLE_MOST });
    }
    if !is_within(&command.text, TEXT_MOST) {
        return Err(TemplateError::Text { most: TEXT_MOST });
    }
    if command.sms_text.as_ref().is_some_and(|text| !is_within(text, SMS_MOST)) {
        return Err(TemplateError::Sms { most: SMS_MOST });
    }
    let texts = [Some(&command.title), Some(&command.text), command.sms_text.as_ref()];
    for text in texts.into_iter().flatten() {
        if let Some(unknown) = unknown_fact(text) {
            return Err(TemplateError::UnknownFact(unknown.to_owned()));
        }
    }
    let version = sql::insert_template(tx, command)?;
    let (channel, topic) = (command.channel.word(), command.topic.word());
    let detail = format!("{channel} {topic} version {version}");
    audit::note(tx, command.by, "notice.template", Subject::Platform, &detail)?;
    Ok(version)
}

/// The templates in force on a channel, one for each topic.
pub fn templates(tx: &mut Tx<'_, '_>, channel: Channel) -> Result<Vec<Template>, Fault> {
    Topic::ALL.iter().map(|topic| in_force(tx, channel, *topic)).collect()
}

pub(super) fn in_force(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    topic: Topic,
) -> Result<Template, Fault> {
    Ok(sql::newest_template(tx, channel, topic)?.unwrap_or_else(|| shipped(topic)))
}

/// The template that the platform comes with.
///
/// Which topics send an SMS: those that document 001, §24 calls 短信, and collection.
pub fn shipped(topic: Topic) -> Template {
    let (title, text, sms) = match topic {
        Topic::Submitted => (
            "申请已提交",
            "您的{product}申请已收到，申请金额{amount}元。审核结果会在消息中心和短信里通知您。",
            Some("您的{product}申请已收到，申请金额{amount}元，审核结果将另行通知。"),
        ),
        Topic::Approved => (
            "审核通过",
            "您的{product}申请已通过审核，批准金额{amount}元。请核对费用说明并确认合同，随后为您放款。",
            Some("您的{product}申请已通过审核，批准金额{amount}元，请登录应用确认。"),
        ),
        Topic::Refused => (
            "审核未通过",
            "很抱歉，您的{product}申请未通过审核。原因：{reason}。",
            Some("很抱歉，您的{product}申请未通过审核，详情请登录应用查看。"),
        ),
        Topic::PaidOut => (
            "放款成功",
            "您的{product}已放款，金额{amount}元，首次还款日为{due}。请以银行到账为准。",
            Some("您的{product}已放款{amount}元，首次还款日为{due}，请以银行到账为准。"),
        ),
        Topic::DueSoon => (
            "还款提醒",
            "您的{product}将于{due}到期，应还{amount}元。请保证还款银行卡余额充足。",
            Some("您的{product}将于{due}到期，应还{amount}元，请保证还款银行卡余额充足。"),
        ),
        Topic::Repaid => ("还款成功", "您的{product}已还款{amount}元，感谢您按约还款。", None),
        Topic::Overdue => (
            "逾期提醒",
            "您的{product}已逾期{days}天，截至今日应还{amount}元。逾期会产生罚息，请尽快还款；如有困难，请联系客服协商。",
            Some(
                "您的{product}已逾期{days}天，截至今日应还{amount}元，请尽快还款；如有困难，请联系客服协商。",
            ),
        ),
        Topic::Other => ("通知", "{reason}", None),
    };
    let (title, text) = (title.to_owned(), text.to_owned());
    Template { topic, version: 0, title, text, sms_text: sms.map(str::to_owned) }
}

/// Fills in the facts, in one pass: what a fact says is not read as a template. A fact that is not
/// given leaves nothing.
pub(super) fn fill(template: &str, facts: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        filled.push_str(before);
        let fact = facts.iter().find(|(known, _)| *known == name);
        filled.push_str(fact.map_or("", |(_, text)| text));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// What stands in braces and is no fact.
fn unknown_fact(template: &str) -> Option<&str> {
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { return Some(after) };
        if !FACTS.contains(&name) {
            return Some(name);
        }
        rest = behind;
    }
    None
}

/// Whether a text has at least one character that is no blank, and so many characters at most.
pub(super) fn is_within(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_filled_in_once() {
        let facts = [("product", "{amount}".to_owned()), ("amount", "500.00".to_owned())];
        for (template, filled) in [
            ("{product}申请{amount}元", "{amount}申请500.00元"),
            ("{days}天", "天"),
            ("{amount", "{amount"),
            ("}{amount}{", "}500.00{"),
            ("无", "无"),
        ] {
            assert_eq!(fill(template, &facts), filled, "{template}");
        }
    }

    #[test]
    fn unknown_facts_are_found() {
        for (template, unknown) in [
            ("{product}{amount}{due}{days}{reason}", None),
            ("{name}", Some("name")),
            ("{}", Some("")),
            ("{due}{amount", Some("amount")),
            ("}", None),
        ] {
            assert_eq!(unknown_fact(template), unknown, "{template}");
        }
    }

    #[test]
    fn shipped_templates_keep_the_rules_for_operators() {
        for topic in Topic::ALL {
            let template = shipped(*topic);
            assert!(is_within(&template.title, TITLE_MOST), "{topic:?}");
            assert!(is_within(&template.text, TEXT_MOST), "{topic:?}");
            assert!(unknown_fact(&template.text).is_none(), "{topic:?}");
            let sms = template.sms_text.unwrap_or_default();
            assert!(sms.chars().count() <= SMS_MOST && unknown_fact(&sms).is_none(), "{topic:?}");
            assert_eq!(Topic::parse(topic.word()), Some(*topic));
        }
    }
}
