//! The port of the funding partner (资金方): who decides about limits and drawdowns in our place,
//! and pays them out.
//!
//! What the partner is told and what it says is described in docs/funding.md.

use std::fmt;

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Date, Instant, Mobile, Money, RealName};

/// Where an order stands at the partner, by the numbers of document 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FundingStatus {
    /// 200, 审批中.
    Reviewing,
    /// 300, 审批通过.
    Approved,
    /// 400, 审批拒绝.
    Refused,
    /// 500, 额度冻结.
    Frozen,
    /// 4001, 提现审批中.
    DrawReviewing,
    /// 4002, 提现审批通过.
    DrawApproved,
    /// 4003, 提现审批拒绝.
    DrawRefused,
    /// 4101, 放款成功.
    PaidOut,
    /// 4102, 放款失败.
    PayoutFailed,
    /// 4201, 还款中.
    Repaying,
    /// 4202, 已逾期.
    Overdue,
    /// 4203, 贷款结清.
    Settled,
}

impl FundingStatus {
    /// Every status there is.
    pub const ALL: &[Self] = &[
        Self::Reviewing,
        Self::Approved,
        Self::Refused,
        Self::Frozen,
        Self::DrawReviewing,
        Self::DrawApproved,
        Self::DrawRefused,
        Self::PaidOut,
        Self::PayoutFailed,
        Self::Repaying,
        Self::Overdue,
        Self::Settled,
    ];

    /// The document's number.
    pub const fn code(self) -> u32 {
        match self {
            Self::Reviewing => 200,
            Self::Approved => 300,
            Self::Refused => 400,
            Self::Frozen => 500,
            Self::DrawReviewing => 4001,
            Self::DrawApproved => 4002,
            Self::DrawRefused => 4003,
            Self::PaidOut => 4101,
            Self::PayoutFailed => 4102,
            Self::Repaying => 4201,
            Self::Overdue => 4202,
            Self::Settled => 4203,
        }
    }

    /// The status with this number.
    pub fn of_code(code: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }

    /// Whether it is said of an application; the others are said of a withdrawal.
    pub const fn is_audit(self) -> bool {
        matches!(self, Self::Reviewing | Self::Approved | Self::Refused | Self::Frozen)
    }
}

/// What the partner is told, or asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FundingKind {
    /// An application for a limit (进件).
    Apply,
    /// A withdrawal on an approved limit (提现).
    Withdraw,
    /// The plan by which a loan is repaid (还款计划).
    Plan,
    /// A repayment that we have received (还款).
    Repay,
    /// A repayment that was taken back (冲正).
    Reversal,
}

impl FundingKind {
    /// Every kind there is.
    pub const ALL: &[Self] =
        &[Self::Apply, Self::Withdraw, Self::Plan, Self::Repay, Self::Reversal];

    /// The word in the database, in the operators' interface and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Withdraw => "withdraw",
            Self::Plan => "plan",
            Self::Repay => "repay",
            Self::Reversal => "reversal",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// An application as the partner is told of it.
#[derive(Clone, Debug)]
pub struct FundingApplication {
    /// The order's number.
    pub order_no: String,
    /// The product's name.
    pub product: String,
    /// How much is asked for.
    pub amount: Money,
    /// The tenors that the product offers, in months.
    pub tenors: Vec<u32>,
    /// What a year costs, in millionths of the principal.
    pub rate_ppm: u32,
    /// Whose it is.
    pub name: RealName,
    /// Their id number.
    pub id_no: IdCardNo,
    /// Their mobile number.
    pub mobile: Mobile,
    /// When it was placed.
    pub applied_at: Instant,
}

/// A withdrawal as the partner is told of it.
#[derive(Clone, Debug)]
pub struct FundingWithdrawal {
    /// The order's number.
    pub order_no: String,
    /// The withdrawal's number.
    pub withdraw_no: String,
    /// How much is drawn.
    pub amount: Money,
    /// For how many months.
    pub tenor: u32,
    /// Whose card it goes to.
    pub name: RealName,
    /// The card.
    pub card: BankCardNo,
    /// The mobile number that the bank knows.
    pub mobile: Mobile,
}

/// A row of a plan as the partner is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundingRow {
    /// Its place, from 1.
    pub number: u32,
    /// When it is due.
    pub due: Date,
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fee: Money,
}

/// What came in on a loan, as the partner is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundingRepayment {
    /// The order's number.
    pub order_no: String,
    /// Our number of the repayment.
    pub repay_no: String,
    /// The business day.
    pub on: Date,
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fee: Money,
    /// Penalties.
    pub penalty: Money,
}

/// Something that the partner is to be told.
#[derive(Clone, Debug)]
pub enum FundingOrder {
    /// [`FundingKind::Apply`].
    Apply(Box<FundingApplication>),
    /// [`FundingKind::Withdraw`].
    Withdraw(Box<FundingWithdrawal>),
    /// [`FundingKind::Plan`].
    Plan {
        /// The order's number.
        order_no: String,
        /// The rows, in order.
        rows: Vec<FundingRow>,
    },
    /// [`FundingKind::Repay`].
    Repay(FundingRepayment),
    /// [`FundingKind::Reversal`]: of the repayment with this number.
    Reversal(FundingRepayment),
}

/// What the partner says of an application or a withdrawal, in an answer or by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct FundingNews {
    /// What it is about: an application or a withdrawal.
    pub kind: FundingKind,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: FundingStatus,
    /// Its place among all that is said of this order: what has a lower one is older.
    pub place: u32,
    /// How much: of an approval, what was approved; of a withdrawal, what is drawn.
    pub amount: Option<Money>,
    /// The tenors that were approved, in months; all that were asked for, where nothing is said.
    pub tenors: Option<Vec<u32>>,
    /// Why it was refused, or could not be paid out.
    pub reason: Option<String>,
}

impl fmt::Debug for FundingNews {
    /// What it is about and where it stands: reasons may be about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("FundingNews");
        shown.field("kind", &self.kind).field("number", &self.number);
        shown.field("status", &self.status).field("place", &self.place).finish_non_exhaustive()
    }
}

/// What the partner answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FundingAnswer {
    /// Where the application or the withdrawal stands.
    Says(FundingNews),
    /// It has what it was told: of plans and repayments.
    Taken,
    /// It takes it for a mistake, has not taken it, and will not; why.
    Refused(String),
    /// It has never heard of it: only an answer to a query. It may be told again.
    NoRecord,
    /// Nobody can say: ask later.
    Unknown,
}

/// What a callback comes with.
#[derive(Clone, Copy, Debug)]
pub struct SignedCall<'c> {
    /// Who signed it.
    pub key_id: &'c str,
    /// When it was signed, in milliseconds since 1970.
    pub timestamp: &'c str,
    /// A text that is never used twice.
    pub nonce: &'c str,
    /// The signature.
    pub signature: &'c str,
    /// The body, as it came.
    pub body: &'c [u8],
}

/// Why a callback is not listened to. Checked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNews {
    /// Somebody else has signed it, or nobody has.
    #[error("bad signature")]
    Signature,
    /// It was signed too long ago, or in the future.
    #[error("stale timestamp")]
    Stale,
    /// It does not say what it has to.
    #[error("not a message of this interface")]
    Malformed,
}

/// Somebody who decides about limits and drawdowns, and pays them out.
pub trait Funding: Send + Sync {
    /// Tells the partner something; the same number again is the same thing.
    fn tell(&self, order: &FundingOrder) -> FundingAnswer;
    /// Asks what became of something, by its number.
    fn query(&self, kind: FundingKind, number: &str) -> FundingAnswer;
    /// Reads a callback; nothing unless the partner has signed it, lately.
    fn news(&self, call: &SignedCall<'_>) -> Result<FundingNews, BadNews>;
    /// How long the partner's nonces have to be remembered, in milliseconds.
    fn nonce_life_ms(&self) -> i64;
}
