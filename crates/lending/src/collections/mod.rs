//! Collections (催收): who works on a late loan, what came of each contact, and the guard that keeps
//! contacts to lawful hours, to a number a day, and away from people who may not be contacted.
//!
//! It knows the customer alone: whom a customer has named is no part of it.

mod contacts;
mod guard;
mod promises;
mod sql;
mod stops;
mod working;
mod worklist;

#[cfg(test)]
mod tests;

use kernel::id::{CollectionContactId, LoanId, MemberId, OperatorId, PersonId};
use kernel::{Channel, Date, Instant, Money};

pub use contacts::{
    CallError, ContactError, LogContact, breaches, call, contacts_of_customer, contacts_of_loan,
    log_contact,
};
pub use guard::{Guard, guard_of};
pub use promises::{Kept, judge};
pub use stops::{Stop, StopContact, StopError, StopKind, resume, stop, stop_of};
pub use working::{AssignError, Case, ReleaseError, assign, case, release};
pub use worklist::{Due, Filter, Holder, Item, work_list};

use crate::customers::Line;

/// What a lender decides about collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The first hour of the day in which customers are contacted, in Shanghai.
    pub from: u8,
    /// The first hour in which they are not any more.
    pub until: u8,
    /// Calls, visits and SMS of collectors to one person in a business day.
    pub per_day: u32,
}

impl Default for Rules {
    /// Source: 《互联网金融贷后催收业务指引》: none before 8 and after 22, and three calls a day.
    fn default() -> Self {
        Self { from: 8, until: 22, per_day: 3 }
    }
}

/// How somebody was contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A call (电话).
    Call,
    /// A text (短信).
    Sms,
    /// A letter (信函).
    Letter,
    /// A visit (上门).
    Visit,
    /// The customer came to us (客户来电): nobody was disturbed.
    Incoming,
}

impl Way {
    const ALL: &[Self] = &[Self::Call, Self::Sms, Self::Letter, Self::Visit, Self::Incoming];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sms => "sms",
            Self::Letter => "letter",
            Self::Visit => "visit",
            Self::Incoming => "incoming",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.word() == word)
    }
}

/// What a customer has promised to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// So much.
    pub amount: Money,
    /// On this day at the latest.
    pub by: Date,
}

/// What came of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The customer promises to pay (承诺还款).
    Promised(Promise),
    /// Nobody was reached (无人接听).
    Unreachable,
    /// The customer does not want to pay (拒绝还款).
    Refused,
    /// The number is somebody else's (号码错误).
    WrongNumber,
    /// The customer disputes the debt (有争议).
    Disputed,
    /// The customer cannot pay as agreed, or asks for another plan (困难、协商).
    Hardship,
    /// The customer says to have paid (称已还款).
    SaysPaid,
}

impl Outcome {
    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Promised(_) => "promised",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::WrongNumber => "wrong_number",
            Self::Disputed => "disputed",
            Self::Hardship => "hardship",
            Self::SaysPaid => "says_paid",
        }
    }

    /// Reads the word; a promise has to come with it, and with no other.
    pub fn parse(word: &str, promise: Option<Promise>) -> Option<Self> {
        match (word, promise) {
            ("promised", Some(promise)) => Some(Self::Promised(promise)),
            ("unreachable", None) => Some(Self::Unreachable),
            ("refused", None) => Some(Self::Refused),
            ("wrong_number", None) => Some(Self::WrongNumber),
            ("disputed", None) => Some(Self::Disputed),
            ("hardship", None) => Some(Self::Hardship),
            ("says_paid", None) => Some(Self::SaysPaid),
            (_, _) => None,
        }
    }

    /// What was promised.
    pub const fn promise(self) -> Option<Promise> {
        match self {
            Self::Promised(promise) => Some(promise),
            Self::Unreachable
            | Self::Refused
            | Self::WrongNumber
            | Self::Disputed
            | Self::Hardship
            | Self::SaysPaid => None,
        }
    }
}

/// Which rule a contact breaks, in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// Nobody may contact the person (停催).
    Stopped,
    /// It is not the time of day.
    OutsideHours,
    /// The person has been contacted often enough that day.
    TooMany,
}

impl Breach {
    const ALL: &[Self] = &[Self::Stopped, Self::OutsideHours, Self::TooMany];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::OutsideHours => "outside_hours",
            Self::TooMany => "too_many",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|breach| breach.word() == word)
    }
}

/// A contact (催收记录).
#[derive(Clone, Debug)]
pub struct Contact {
    /// Its number.
    pub id: CollectionContactId,
    /// The loan that it was about.
    pub loan: LoanId,
    /// Whose loan that is.
    pub member: MemberId,
    /// Who contacted them.
    pub operator: OperatorId,
    /// How.
    pub way: Way,
    /// What came of it.
    pub outcome: Outcome,
    /// What was promised, held against what was paid since.
    pub kept: Option<Kept>,
    /// What the collector noted.
    pub note: Option<Line>,
    /// When to look at it again.
    pub follow_up: Option<Date>,
    /// Which rule it broke.
    pub breach: Option<Breach>,
    /// When it was, by the business clock.
    pub happened_at: Instant,
    /// When it was written down, by the business clock.
    pub logged_at: Instant,
}

/// A late loan as its case knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Who works on it.
    pub holder: Option<OperatorId>,
    /// Since when.
    pub taken_at: Option<Instant>,
    /// The newest contact.
    pub last_contact_at: Option<Instant>,
    /// When there is something to do next.
    pub next_action: Option<Date>,
    /// The newest promise, and when it was made.
    pub promise: Option<(Promise, Instant)>,
}

/// Where a loan is and whose, as far as collectors have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The person who owes.
    pub person: PersonId,
    /// Where they have borrowed.
    pub channel: Channel,
}
