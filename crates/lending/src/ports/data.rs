//! The port of who collects data about customers where customers have accounts (数据采集).
//!
//! A task takes minutes and may ask its customer for codes: see [`crate::reports`].

use std::fmt;

use kernel::identity::IdCardNo;
use kernel::{Mobile, Money, RealName, Secret};

/// What data are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataKind {
    /// The bills of the customer's mobile number (手机认证).
    Mobile,
    /// A report about how the number is used (运营商报告).
    MobileReport,
    /// An account at JD (京东认证).
    Jd,
    /// An account at Taobao (淘宝认证).
    Taobao,
    /// The register of degrees (学历认证).
    Education,
    /// Bills of credit cards in a mailbox (信用卡账单).
    Bill,
    /// An account at a bank (网银流水).
    Ebank,
}

impl DataKind {
    /// Every kind there is.
    pub const ALL: &[Self] = &[
        Self::Mobile,
        Self::MobileReport,
        Self::Jd,
        Self::Taobao,
        Self::Education,
        Self::Bill,
        Self::Ebank,
    ];

    /// The word in the database, and what the providers call it but for the report.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::MobileReport => "mobile_report",
            Self::Jd => "jd",
            Self::Taobao => "taobao",
            Self::Education => "education",
            Self::Bill => "bill",
            Self::Ebank => "ebank",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// How a mobile operator is asked about its customer.
#[derive(Clone, Debug)]
pub struct MobileLogin {
    /// The number.
    pub mobile: Mobile,
    /// The operator's own password for it (服务密码).
    pub service_code: Secret,
    /// The customer's name.
    pub name: RealName,
    /// The customer's id number.
    pub id_no: IdCardNo,
}

/// An account with its password.
#[derive(Clone, Debug)]
pub struct AccountLogin {
    /// The account's name.
    pub username: Secret,
    /// The password.
    pub password: Secret,
}

/// A mailbox.
#[derive(Clone, Debug)]
pub struct MailboxLogin {
    /// The address.
    pub address: Secret,
    /// The password; none where the customer logs in by scanning a QR code.
    pub password: Option<Secret>,
}

/// A task that a provider is to begin.
#[derive(Clone, Debug)]
pub enum DataOrder {
    /// [`DataKind::Mobile`].
    Mobile(MobileLogin),
    /// [`DataKind::MobileReport`].
    MobileReport(MobileLogin),
    /// [`DataKind::Jd`].
    Jd(AccountLogin),
    /// [`DataKind::Taobao`]: by QR code.
    Taobao,
    /// [`DataKind::Education`].
    Education(AccountLogin),
    /// [`DataKind::Bill`].
    Bill(MailboxLogin),
    /// [`DataKind::Ebank`].
    Ebank {
        /// The account.
        login: AccountLogin,
        /// The bank, by its eight digits.
        bank: String,
    },
}

impl DataOrder {
    /// What the data are about.
    pub const fn kind(&self) -> DataKind {
        match self {
            Self::Mobile(_) => DataKind::Mobile,
            Self::MobileReport(_) => DataKind::MobileReport,
            Self::Jd(_) => DataKind::Jd,
            Self::Taobao => DataKind::Taobao,
            Self::Education(_) => DataKind::Education,
            Self::Bill(_) => DataKind::Bill,
            Self::Ebank { .. } => DataKind::Ebank,
        }
    }
}

/// What a provider says about a task.
#[derive(Clone, PartialEq, Eq)]
pub enum DataAnswer {
    /// It has answered.
    Said {
        /// Its code: `0006` and the like; see [`crate::reports`]. Empty while it works.
        code: String,
        /// Its words.
        message: String,
        /// What it calls the task, where it says so.
        handle: Option<String>,
        /// A picture for the customer in base64, where there is one.
        image: Option<String>,
    },
    /// It has not, or not in its own words.
    Unknown,
}

impl fmt::Debug for DataAnswer {
    /// The code alone: words and pictures may be a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said { code, .. } => write!(f, "Said({code:?})"),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// What underwriting looks at in an operator's report. Whatever the report does not say is `None`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the operator knows the customer by this id number.
    pub id_matches: Option<bool>,
    /// Whether it knows the customer by this name.
    pub name_matches: Option<bool>,
    /// Lists of risky people that the customer stands in.
    pub risk_lists: Option<u32>,
    /// Overdue loans at other lenders.
    pub overdue_loans: Option<u32>,
    /// Lenders that the customer borrows from at once (多头借贷).
    pub multi_lending: Option<u32>,
    /// Calls with risky numbers.
    pub risk_calls: Option<u32>,
    /// People that the customer has called or been called by.
    pub contacts: Option<u32>,
    /// Those of them with calls both ways.
    pub mutual_contacts: Option<u32>,
    /// Where most of them are.
    pub contact_area: Option<String>,
    /// Calls a month on average.
    pub average_calls: Option<u32>,
    /// Seconds of calls a month on average.
    pub average_call_seconds: Option<u32>,
    /// Days without any call.
    pub silent_days: Option<u32>,
    /// Calls at night.
    pub night_calls: Option<u32>,
    /// Seconds of them.
    pub night_call_seconds: Option<u32>,
    /// What the number costs a month on average.
    pub average_fee: Option<Money>,
}

impl fmt::Debug for Facts {
    /// Nothing of it: it is all about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Facts(..)")
    }
}

/// What a task has brought.
#[derive(Clone, PartialEq, Eq)]
pub struct DataReport {
    /// All of it, as the provider wrote it.
    pub body: String,
    /// What underwriting looks at.
    pub facts: Facts,
}

impl fmt::Debug for DataReport {
    /// Its length alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataReport({} bytes)", self.body.len())
    }
}

/// What came of fetching what a task has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataResult {
    /// It is here.
    Got(Box<DataReport>),
    /// The provider has something else to say, or nothing.
    Not(DataAnswer),
}

/// A provider that collects data.
pub trait Data: Send + Sync {
    /// Begins a task.
    fn start(&self, order: &DataOrder) -> DataAnswer;
    /// How a task stands.
    fn status(&self, kind: DataKind, handle: &str) -> DataAnswer;
    /// Passes on what the customer has entered.
    fn input(&self, kind: DataKind, handle: &str, input: &Secret) -> DataAnswer;
    /// The data that a task has brought.
    fn result(&self, kind: DataKind, handle: &str) -> DataResult;
    /// The report that was made of them: of [`DataKind::MobileReport`] alone.
    fn report(&self, handle: &str) -> DataResult;
}
