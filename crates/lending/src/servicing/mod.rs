//! From the payout to the settled loan: payments, repayment, overdue, day-end, write-off.
//!
//! What is owed on a day is a function of the terms, the repayments and the day; what stands in
//! the rows beside that is kept so that it can be searched, and `verify` proves it.

mod accrual;
mod agreeing;
mod book;
pub mod day_end;
mod ending;
mod explaining;
mod on_page;
mod paying_out;
mod payment_sql;
pub mod payments;
mod previewing;
mod repaying;
mod sql;
mod taking_back;
mod transfers;

#[cfg(test)]
mod tests;

use kernel::id::{
    ApplicationId, LoanId, MemberId, PaymentId, PersonId, PlanRowId, ProductId, RepaymentId,
};
use kernel::{Channel, Date, Instant, Money};
use store::Fault;

pub use accrual::earned;
pub(crate) use book::stands_as_booked;
pub use book::{Book, DueRow};
pub use ending::{RecoverError, WriteOffError, recover, write_off};
pub use explaining::{ExplainError, Explained, Lateness, explain};
pub use on_page::{BeginPage, OnPage, PageBegun, begin_on_page};
pub(crate) use paying_out::pay_out_by_partner;
pub use paying_out::{PayOutError, abandon_payout, request_payout, retry_payout};
pub use previewing::{PREVIEW_BYTES, Preview, open_preview, preview_link, prune_previews};
pub use repaying::{
    BeginError, BeginRepayment, Begun, DueList, Meant, Which, begin_repayment, due_rows_of,
    pay_by_wallet,
};
pub(crate) use sql::lock_loan;
pub use taking_back::{RefundError, ReverseError, refund, reverse_repayment};
pub use transfers::{
    RedeemError, TransferError, Transferred, receive_transfer, redeem_cash_coupon,
};

use crate::catalog::Request;
use crate::{Page, Tx};

/// What operators decide about running loans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether what is due is debited without being asked for (代扣).
    pub auto_debit: bool,
    /// So many days after the due date a debit is tried.
    pub debit_days: Vec<u32>,
    /// So many days before the due date a reminder is sent; 0 is the due date itself.
    pub remind_before: Vec<u32>,
    /// So many days after the due date a reminder is sent.
    pub remind_after: Vec<u32>,
    /// Hours of the day in which customers may be reminded: from the first, before the second.
    pub contact_hours: (u8, u8),
    /// When and how often collectors may contact people.
    pub collections: crate::collections::Rules,
    /// How long a provider may take before its answer counts as lost, in seconds.
    pub answer_seconds: u32,
    /// What is done with a loan whose product is above a legal line on the day of its contract.
    pub beyond_lines: BeyondLines,
}

/// What is done with a loan above a legal line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeyondLines {
    /// It is not paid out.
    Refused,
    /// It is, and the audit trail says so: for benches that replay what a document shows.
    PaidOut,
}

impl Default for Rules {
    /// The contact hours are those of 《互联网金融贷后催收业务指引》: none before 8 and after 22;
    /// ours are narrower.
    fn default() -> Self {
        Self {
            auto_debit: true,
            debit_days: vec![0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60],
            remind_before: vec![3, 1, 0],
            remind_after: vec![1, 3, 7, 15, 30, 60, 90],
            contact_hours: (9, 20),
            collections: crate::collections::Rules::default(),
            answer_seconds: 60,
            beyond_lines: BeyondLines::Refused,
        }
    }
}

/// Where a loan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoanState {
    /// The payout is under way (放款中).
    PayingOut,
    /// The provider declined the payout (放款失败).
    PayoutFailed,
    /// Is being repaid; overdue, where [`Loan::overdue_since`] says so (还款中, 逾期).
    Repaying,
    /// Nothing is owed any more (已结清).
    Settled,
    /// Given up (已核销).
    WrittenOff,
}

impl LoanState {
    const ALL: &[Self] =
        &[Self::PayingOut, Self::PayoutFailed, Self::Repaying, Self::Settled, Self::WrittenOff];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PayingOut => "paying_out",
            Self::PayoutFailed => "payout_failed",
            Self::Repaying => "repaying",
            Self::Settled => "settled",
            Self::WrittenOff => "written_off",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

/// What has been paid on a loan, by parts; payments that were reversed do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fee: Money,
    /// Penalties.
    pub penalty: Money,
}

/// A loan (借据).
#[derive(Clone, Debug)]
pub struct Loan {
    /// Its number.
    pub id: LoanId,
    /// The application that it was made of.
    pub application: ApplicationId,
    /// What people call that by, and the loan too.
    pub code: String,
    /// Who owes.
    pub member: MemberId,
    /// Which person that is.
    pub person: PersonId,
    /// The product.
    pub product: ProductId,
    /// And which version of it.
    pub version: u32,
    /// The terms as they were agreed; `amount` is the principal.
    pub terms: Request,
    /// What the customer receives: the principal less what is kept back.
    pub received: Money,
    /// Where it stands.
    pub state: LoanState,
    /// When it was made.
    pub created_at: Instant,
    /// When it was paid out.
    pub paid_out_at: Option<Instant>,
    /// The day from which interest runs.
    pub start: Option<Date>,
    /// The row of the plan that the last day-end was in.
    pub current_row: u32,
    /// When the oldest row is due that is not paid.
    pub next_due: Option<Date>,
    /// Since when it is overdue: the due date of the oldest overdue row.
    pub overdue_since: Option<Date>,
    /// What has been paid.
    pub paid: Paid,
    /// When it was settled or given up.
    pub closed_at: Option<Instant>,
}

impl Loan {
    /// The loan's bucket (M1, M2, …) on a day: M1 up to 30 days late, M2 up to 60, and so on.
    pub fn bucket(&self, on: Date) -> Option<u32> {
        bucket(self.overdue_since?, on)
    }
}

/// The bucket, on a day, of what is overdue since another; `None` before it is late.
pub(crate) fn bucket(since: Date, on: Date) -> Option<u32> {
    let late = u32::try_from(since.days_until(on)).ok()?;
    (late > 0).then(|| late.saturating_add(29).div_euclid(30))
}

/// A row of a loan's plan (还款计划) as agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Its number, the loan's with its own four digits behind it.
    pub id: PlanRowId,
    /// The loan.
    pub loan: LoanId,
    /// Its place, from 1 (期数).
    pub number: u32,
    /// The first day of its period.
    pub from: Date,
    /// When it is due.
    pub due: Date,
    /// Principal.
    pub principal: Money,
    /// Interest.
    pub interest: Money,
    /// Fees.
    pub fee: Money,
    /// Interest of all rows before it.
    pub interest_before: Money,
}

/// The number of a row: four digits behind the loan's.
pub(crate) const ROWS_PER_LOAN: i64 = 10_000;

/// The loan that a row belongs to.
pub fn loan_of_row(row: PlanRowId) -> LoanId {
    LoanId::from_number(row.number().div_euclid(ROWS_PER_LOAN))
}

/// Where the money of a repayment came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The customer's card, through the provider.
    Card,
    /// The customer's credit with the platform (溢缴款).
    Wallet,
    /// A transfer to the platform's bank that an operator has booked (线下还款).
    Bank,
    /// What came in after the loan was written off.
    Recovery,
}

impl Source {
    const ALL: &[Self] = &[Self::Card, Self::Wallet, Self::Bank, Self::Recovery];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Wallet => "wallet",
            Self::Bank => "bank",
            Self::Recovery => "recovery",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.word() == word)
    }
}

/// What was paid on a loan at once, and used for what (还款记录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repayment {
    /// Its number.
    pub id: RepaymentId,
    /// The loan.
    pub loan: LoanId,
    /// Whether it was meant to settle the loan.
    pub settles: bool,
    /// Where the money came from.
    pub source: Source,
    /// The business day.
    pub on: Date,
    /// All of it.
    pub amount: Money,
    /// By parts.
    pub parts: Paid,
    /// What was left over and went to the customer's credit.
    pub excess: Money,
    /// What of it a coupon has paid.
    pub coupon: Money,
    /// The order to the provider, if it was one.
    pub payment: Option<PaymentId>,
    /// Whether it was taken back.
    pub reversed: bool,
    /// When.
    pub at: Instant,
}

/// A loan, for those who may see all.
pub fn loan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Option<Loan>, Fault> {
    sql::loan(tx, id)
}

/// The loan that was made of an application.
pub fn loan_of_application(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Option<Loan>, Fault> {
    sql::loan_of_application(tx, id)
}

/// A customer's loans that were paid out, oldest first.
pub fn loans_of(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<Loan>, Fault> {
    sql::loans_of(tx, member)
}

/// What a customer has been lent so far, repaid or not (成功借款总额).
pub fn lent_to(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Money, Fault> {
    sql::lent_to(tx, member)
}

/// Loans for the operators: in a state, or the overdue ones, by number.
pub fn loans(tx: &mut Tx<'_, '_>, which: Listed, page: Page) -> Result<Vec<Loan>, Fault> {
    sql::loans_in_order(tx, (which, None), Order::Oldest, page)
}

/// The same of one channel or of all, in an order.
pub fn loans_in_order(
    tx: &mut Tx<'_, '_>,
    (which, channel): (Listed, Option<Channel>),
    order: Order,
    page: Page,
) -> Result<Vec<Loan>, Fault> {
    sql::loans_in_order(tx, (which, channel), order, page)
}

/// What a list of loans is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest first.
    #[default]
    Oldest,
    /// The newest first.
    Newest,
    /// The largest principal first.
    Largest,
    /// What falls due next, first; loans that owe nothing more come last.
    NextDue,
    /// What has been overdue for longest, first; then the others.
    LongestOverdue,
}

/// Which loans a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Those in a state.
    In(LoanState),
    /// Those that are overdue.
    Overdue,
}

/// The plan of a loan as agreed, in order.
pub fn plan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Vec<PlanRow>, Fault> {
    sql::plan(tx, id)
}

/// Every row of a loan as it stands today, and what it takes to settle it today; nothing for a
/// loan that was not paid out.
pub fn standing_today(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
) -> Result<Option<(Vec<DueRow>, Money)>, Fault> {
    if loan.start.is_none() {
        return Ok(None);
    }
    let today = tx.at.business.date();
    let book = Book::open(tx, loan.clone())?;
    let standing = book.standing(today)?;
    Ok(Some((book.rows_in(&standing), standing.settlement.total)))
}

/// How many days ahead a settlement can be asked for: a year is further than anybody plans.
pub const SETTLEMENT_DAYS: u32 = 366;

/// Why a settlement was not reckoned. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// There is no such loan.
    #[error("no such loan")]
    NotFound,
    /// It takes no payments.
    #[error("the loan takes no payments")]
    NotRunning,
    /// The day is before today or the last payment, or more than [`SETTLEMENT_DAYS`] ahead.
    #[error("the day is out of reach")]
    OutOfReach,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What it takes to settle a loan on a day (结清试算), if nothing is paid until then.
pub fn settlement_on(
    tx: &mut Tx<'_, '_>,
    id: LoanId,
    on: Date,
) -> Result<pricing::account::Quote, SettlementError> {
    let loan = sql::loan(tx, id)?.ok_or(SettlementError::NotFound)?;
    if loan.state != LoanState::Repaying {
        return Err(SettlementError::NotRunning);
    }
    let today = tx.at.business.date();
    let book = Book::open(tx, loan)?;
    let first = book.last_paid_on().map_or(today, |paid| paid.max(today));
    let last = today.plus_days(SETTLEMENT_DAYS).unwrap_or(today);
    if !(first..=last).contains(&on) {
        return Err(SettlementError::OutOfReach);
    }
    Ok(book.standing(on)?.settlement)
}

/// One repayment, reversed or not.
pub fn repayment(tx: &mut Tx<'_, '_>, id: RepaymentId) -> Result<Option<Repayment>, Fault> {
    sql::repayment(tx, id)
}

/// What was paid on a loan, in order; reversed payments too.
pub fn repayments(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Vec<Repayment>, Fault> {
    sql::repayments(tx, id)
}
