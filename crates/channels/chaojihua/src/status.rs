//! Where an order stands, in the document's numbers: one table from the core's states.

use lending::origination::{Application, DrawdownState, State};
use lending::servicing::{DueRow, Loan, LoanState};

use kernel::{Date, Money};

/// `order_status` of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// 审批中.
    Reviewing,
    /// 审批通过.
    Approved,
    /// 审批拒绝.
    Refused,
    /// 额度冻结: the line is suspended, the funding partner has frozen the limit, or the approval
    /// is over.
    Frozen,
    /// 提现审批中.
    DrawReviewing,
    /// 提现审批通过.
    DrawApproved,
    /// 提现审批拒绝.
    DrawRefused,
    /// 贷款取消.
    Cancelled,
    /// 放款成功.
    PaidOut,
    /// 放款失败.
    PayoutFailed,
    /// 还款中.
    Repaying,
    /// 已逾期.
    Overdue,
    /// 贷款结清.
    Settled,
}

impl Status {
    /// The number, as a text.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Reviewing => "200",
            Self::Approved => "300",
            Self::Refused => "400",
            Self::Frozen => "500",
            Self::DrawReviewing => "4001",
            Self::DrawApproved => "4002",
            Self::DrawRefused => "4003",
            Self::Cancelled => "4009",
            Self::PaidOut => "4101",
            Self::PayoutFailed => "4102",
            Self::Repaying => "4201",
            Self::Overdue => "4202",
            Self::Settled => "4203",
        }
    }

    /// `order_status_msg`: the words of the document's list, but 4002, for which its sample prints
    /// 审批通过.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Reviewing => "审批中",
            Self::Approved | Self::DrawApproved => "审批通过",
            Self::Refused => "审批拒绝",
            Self::Frozen => "额度冻结",
            Self::DrawReviewing => "提现审批中",
            Self::DrawRefused => "提现审批拒绝",
            Self::Cancelled => "贷款取消",
            Self::PaidOut => "放款成功",
            Self::PayoutFailed => "放款失败",
            Self::Repaying => "还款中",
            Self::Overdue => "已逾期",
            Self::Settled => "贷款结清",
        }
    }
}

/// The audit's status.
pub(crate) fn of_audit(application: &Application, is_frozen: bool) -> Status {
    match application.state {
        State::Reviewing if application.held_at.is_some() => Status::Frozen,
        State::Reviewing => Status::Reviewing,
        State::Approved if is_frozen => Status::Frozen,
        State::Approved | State::Lent => Status::Approved,
        State::Refused => Status::Refused,
        State::Lapsed | State::Withdrawn => Status::Frozen,
    }
}

/// A drawdown's, before there is a loan.
pub(crate) const fn of_drawdown(state: DrawdownState) -> Status {
    match state {
        DrawdownState::Reviewing => Status::DrawReviewing,
        DrawdownState::Approved => Status::DrawApproved,
        DrawdownState::Refused => Status::DrawRefused,
        DrawdownState::Cancelled => Status::Cancelled,
    }
}

/// A loan's, with its rows as they stand today: 放款成功 until the day after the payout or the
/// first repayment, whichever comes first.
pub(crate) fn of_loan(loan: &Loan, rows: &[DueRow], today: Date) -> Status {
    match loan.state {
        LoanState::PayingOut => Status::DrawApproved,
        LoanState::PayoutFailed if loan.closed_at.is_some() => Status::Cancelled,
        LoanState::PayoutFailed => Status::PayoutFailed,
        LoanState::Settled => Status::Settled,
        LoanState::WrittenOff => Status::Overdue,
        LoanState::Repaying => {
            let is_late = |row: &DueRow| row.outstanding > Money::ZERO && row.overdue_days > 0;
            let is_fresh = loan.start == Some(today) && loan.paid.total() == Some(Money::ZERO);
            if rows.iter().any(is_late) {
                Status::Overdue
            } else if is_fresh {
                Status::PaidOut
            } else {
                Status::Repaying
            }
        }
    }
}
