//! The messages, field for field, in the document's order.

use channel_kit::Scalar;
use kernel::id::MemberId;
use lending::identity::{Member, Role};
use lending::ledger::Kind;
use lending::market::{Bid, BidState, Instalment, Movement, Project, Status, TenorUnit};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::envelope::{Percent, Yuan, time_with_tenths};
use crate::failure::{BAD_REQUEST, Failure};

/// Reads a body: one JSON object; an empty body is an empty object. Unknown fields are passed
/// over, doubled ones are refused: which of two amounts was meant, nobody can say.
pub(crate) fn read<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Failure> {
    // Checked whole: fields that are passed over would not be.
    let body = std::str::from_utf8(body).map_err(|_| BAD_REQUEST)?;
    let body = match body.trim_start().chars().next() {
        None => "{}",
        Some('{') => body,
        Some(_) => return Err(BAD_REQUEST.into()), // a list would be read field by field
    };
    serde_json::from_str(body).map_err(|_| BAD_REQUEST.into())
}

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),* })*) => {$(
        $(#[$doc])*
        #[derive(Deserialize)]
        pub(crate) struct $name<'b> {
            $(#[serde(borrow, default)] $field: Option<&'b RawValue>,)*
        }

        impl<'b> $name<'b> {
            $(pub(crate) fn $field(&self) -> Scalar<'b> {
                Scalar::from(self.$field)
            })*
        }
    )*};
}

requests! {
    /// §2.1.1
    RegisterBody { mobile_phone, pwd, r#type, reg_name }
    /// §2.1.2
    LoginBody { mobile_phone, pwd }
    /// §2.1.3 and §2.1.4
    MoveBody { member_id, amount }
    /// §2.1.5
    UpdateBody { member_id, reg_name }
    /// §2.1.6
    InvestBody { member_id, loan_id, amount }
    /// §2.2.1
    AddBody { member_id, title, amount, loan_rate, loan_term, loan_date_type, bidding_days }
    /// §2.2.2
    AuditBody { loan_id, approved_or_not }
    /// Our addition: the borrower may name themselves.
    RepayBody { member_id }
    /// What signed calls carry beside their own fields.
    SignBody { timestamp, sign }
}

/// §2.1.1, answer.
#[derive(Serialize)]
pub(crate) struct RegisteredData<'m> {
    id: i64,
    reg_name: &'m str,
    mobile_phone: &'m str,
}

impl<'m> From<&'m Member> for RegisteredData<'m> {
    fn from(member: &'m Member) -> Self {
        let mobile_phone = member.mobile.expose(); // the member's own number, in their answer
        Self { id: member.id.number(), reg_name: &member.nickname, mobile_phone }
    }
}

/// A member (§2.1.3 to §2.1.7).
#[derive(Serialize)]
pub(crate) struct MemberData<'m> {
    id: i64,
    leave_amount: Yuan,
    mobile_phone: &'m str,
    reg_name: &'m str,
    reg_time: String,
    r#type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_info: Option<TokenData>,
}

impl<'m> From<&'m Member> for MemberData<'m> {
    fn from(member: &'m Member) -> Self {
        Self {
            id: member.id.number(),
            leave_amount: Yuan(member.wallet),
            mobile_phone: member.mobile.expose(), // the member's own number, in their answer
            reg_name: &member.nickname,
            reg_time: time_with_tenths(member.registered_at),
            r#type: match member.role {
                Role::Administrator => 0,
                Role::Member => 1,
            },
            token_info: None,
        }
    }
}

impl MemberData<'_> {
    /// The answer to a log-in.
    pub(crate) fn with_token(self, token: TokenData) -> Self {
        Self { token_info: Some(token), ..self }
    }
}

/// §1.5
#[derive(Serialize)]
pub(crate) struct TokenData {
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: String,
    pub(crate) token: String,
}

/// A project (§2.2.1, §2.2.3).
#[derive(Serialize)]
pub(crate) struct LoanData<'p> {
    id: i64,
    member_id: i64,
    title: &'p str,
    amount: Yuan,
    loan_rate: Percent,
    loan_term: u32,
    loan_date_type: u8,
    bidding_days: u32,
    create_time: String,
    bidding_start_time: Option<String>,
    full_time: Option<String>,
    status: u8,
}

impl<'p> From<&'p Project> for LoanData<'p> {
    fn from(project: &'p Project) -> Self {
        Self {
            id: project.id.number(),
            member_id: project.borrower.number(),
            title: &project.title,
            amount: Yuan(project.amount),
            loan_rate: Percent(project.rate),
            loan_term: project.tenor,
            loan_date_type: match project.tenor_unit {
                TenorUnit::Month => 1,
                TenorUnit::Day => 2,
            },
            bidding_days: project.bidding_days,
            create_time: time_with_tenths(project.created_at),
            bidding_start_time: project.bidding_started_at.map(time_with_tenths),
            full_time: project.full_at.map(time_with_tenths),
            status: match project.status {
                Status::Auditing => 1,
                Status::Bidding => 2,
                Status::Repaying => 3,
                Status::Repaid => 4,
                Status::Rejected | Status::Failed => 5,
            },
        }
    }
}

/// A bid (§2.1.6).
#[derive(Serialize)]
pub(crate) struct InvestData {
    id: i64,
    member_id: i64,
    loan_id: i64,
    amount: Yuan,
    create_time: String,
    is_valid: u8,
}

impl From<&Bid> for InvestData {
    fn from(bid: &Bid) -> Self {
        Self {
            id: bid.id.number(),
            member_id: bid.member.number(),
            loan_id: bid.project.number(),
            amount: Yuan(bid.amount),
            create_time: bid.made_at.shanghai_text(),
            is_valid: match bid.state {
                BidState::Held | BidState::Lent => 1,
                BidState::Returned => 0,
            },
        }
    }
}

/// A row of a plan, as the table `repayment` shows it (contract page).
#[derive(Serialize)]
pub(crate) struct RepaymentData {
    id: i64,
    invest_id: i64,
    create_time: String,
    terms: u32,
    unfinished_principal: Yuan,
    unfinished_interest: Yuan,
    repayment_date: String,
    actual_repayment_date: Option<String>,
    status: u8,
}

impl From<&Instalment> for RepaymentData {
    fn from(row: &Instalment) -> Self {
        let open = row.paid_at.is_none();
        let left = |amount| Yuan(if open { amount } else { kernel::Money::ZERO });
        Self {
            id: row.id.number(),
            invest_id: row.bid.number(),
            create_time: row.planned_at.shanghai_text(),
            terms: row.term,
            unfinished_principal: left(row.principal),
            unfinished_interest: left(row.interest),
            repayment_date: row.due.to_string(),
            actual_repayment_date: row.paid_at.map(|at| at.date().to_string()),
            status: if open { 0 } else { 2 },
        }
    }
}

/// A line of a member's wallet, in the columns of the table `financelog` (contract page). The
/// other side's balance is not the member's business and stays null.
#[derive(Serialize)]
pub(crate) struct FinanceLogData {
    id: i64,
    create_time: String,
    pay_member_id: Option<i64>,
    income_member_id: Option<i64>,
    amount: Yuan,
    income_member_money: Option<Yuan>,
    pay_member_money: Option<Yuan>,
    status: u8,
}

impl From<&Movement> for FinanceLogData {
    fn from(movement: &Movement) -> Self {
        let line = &movement.line;
        let paid = line.change.fen() < 0;
        let balance = || Yuan(line.balance);
        let held = movement.bid.as_ref().filter(|_| line.kind == Kind::Bid).map(|bid| bid.state);
        Self {
            id: line.posting.number(),
            create_time: line.at.shanghai_text(),
            pay_member_id: movement.payer.map(MemberId::number),
            income_member_id: movement.payee.map(MemberId::number),
            amount: Yuan(movement.amount),
            income_member_money: (!paid).then(balance),
            pay_member_money: paid.then(balance),
            status: match held {
                Some(BidState::Held) => 0,
                Some(BidState::Returned) => 2,
                Some(BidState::Lent) | None => 1,
            },
        }
    }
}
