//! One loan as the app sees it: application, review, payout and repayment are one thing to it.

use kernel::id::MemberId;
use kernel::{Instant, Money};
use lending::customers::{self, Card};
use lending::origination::{self, Application};
use lending::servicing::payments::{self, Payment, Purpose};
use lending::servicing::{self, DueRow, Loan, LoanState, Which};
use lending::{Fault, Tx, catalog};

/// Where a loan stands, in the document's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// 待初审.
    Auditing,
    /// 初审失败.
    AuditFailure,
    /// 待复审.
    Reviewing,
    /// 复审失败.
    ReviewFailure,
    /// 复审成功.
    ReviewSuccess,
    /// 放款中.
    Granting,
    /// 还款中.
    Repaying,
    /// 已还完.
    Finished,
    /// 逾期.
    Overdue,
}

impl State {
    /// The document's word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Auditing => "auditing",
            Self::AuditFailure => "audit_failure",
            Self::Reviewing => "reviewing",
            Self::ReviewFailure => "review_failure",
            Self::ReviewSuccess => "review_success",
            Self::Granting => "granting",
            Self::Repaying => "repaying",
            Self::Finished => "finished",
            Self::Overdue => "overdue",
        }
    }
}

/// A loan with what the app shows of it.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) application: Application,
    pub(crate) loan: Option<Loan>,
    /// Its one row as it stands today, once it was paid out.
    pub(crate) due: Option<DueRow>,
    /// Orders to the payment provider, newest first.
    pub(crate) payments: Vec<Payment>,
    /// Interest and fees together (借款息费).
    pub(crate) charges: Money,
    /// Where the money goes or went.
    pub(crate) card: Option<Card>,
    pub(crate) state: State,
}

impl View {
    /// Everything about an application of the caller's own.
    pub(crate) fn of(tx: &mut Tx<'_, '_>, application: Application) -> Result<Self, Fault> {
        let loan = servicing::loan_of_application(tx, application.id)?;
        let payments = match &loan {
            Some(loan) => payments::payments_of(tx, loan.id)?,
            None => Vec::new(),
        };
        let due = match &loan {
            Some(loan) if loan.start.is_some() => due_row(tx, loan)?,
            Some(_) | None => None,
        };
        let charges = match &due {
            Some(due) => due.interest.plus(due.fee),
            None => quoted(tx, &application)?,
        };
        let payout = payments.iter().find(|payment| payment.purpose == Purpose::Payout);
        let card = match payout {
            Some(payout) => customers::card(tx, payout.card)?,
            None => customers::payout_card(tx, application.member)?,
        };
        let state = state(&application, loan.as_ref(), due.as_ref());
        let charges = charges.ok_or(Fault::Corrupt("charges".into()))?;
        Ok(Self { application, loan, due, payments, charges, card, state })
    }

    /// What was lent, or is asked for (借款金额).
    pub(crate) fn quota(&self) -> Money {
        self.application.offer().amount
    }

    /// For how many days (借款期限).
    pub(crate) fn period(&self) -> u32 {
        self.application.offer().tenor
    }

    /// When it came to where it stands (当前状态的变更时间).
    pub(crate) fn state_at(&self) -> Instant {
        let decided = self.application.decided_at.unwrap_or(self.application.applied_at);
        let Some(loan) = &self.loan else { return decided };
        let overdue = self.due.as_ref().map(|due| due.row.due.start().plus_days(1));
        match self.state {
            State::Overdue => overdue.unwrap_or(loan.created_at),
            State::Finished => loan.closed_at.unwrap_or(loan.created_at),
            State::Repaying => loan.paid_out_at.unwrap_or(loan.created_at),
            State::Auditing
            | State::AuditFailure
            | State::Reviewing
            | State::ReviewFailure
            | State::ReviewSuccess
            | State::Granting => loan.created_at,
        }
    }

    /// Whether nothing will come of it any more, or nothing is owed.
    pub(crate) fn is_over(&self) -> bool {
        let is_closed = match self.application.state {
            origination::State::Lapsed | origination::State::Withdrawn => true,
            origination::State::Reviewing
            | origination::State::Approved
            | origination::State::Refused
            | origination::State::Lent => false,
        };
        is_closed || self.state == State::Finished
    }
}

/// The customer's newest loan.
pub(crate) fn newest(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<View>, Fault> {
    let Some(first) = lending::Page::new(1, 1) else { return Ok(None) };
    let (newest, _) = origination::applications_of(tx, member, first)?;
    newest.into_iter().next().map(|application| View::of(tx, application)).transpose()
}

/// How many loans of the customer are repaid (成功借款次数).
pub(crate) fn successes(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<usize, Fault> {
    let loans = servicing::loans_of(tx, member)?;
    Ok(loans.iter().filter(|loan| loan.state == LoanState::Settled).count())
}

fn due_row(tx: &mut Tx<'_, '_>, loan: &Loan) -> Result<Option<DueRow>, Fault> {
    let rows = servicing::due_rows_of(tx, loan.member, Which::All)?;
    Ok(rows.into_iter().find(|row| row.loan.id == loan.id).map(|row| row.row))
}

/// What the application would cost, by the version that it was made for.
fn quoted(tx: &mut Tx<'_, '_>, application: &Application) -> Result<Option<Money>, Fault> {
    let version = catalog::version(tx, application.product, application.version)?;
    let version = version.ok_or(Fault::Corrupt("product_version".into()))?;
    let day = application.applied_at.date();
    let quote = origination::quote_for(version, &application.offer(), day);
    Ok(quote.ok().and_then(|quote| quote.repaid.minus(quote.schedule.principal)))
}

fn state(application: &Application, loan: Option<&Loan>, due: Option<&DueRow>) -> State {
    let is_first = application.steps_passed == 0;
    match (application.state, loan.map(|loan| loan.state)) {
        (origination::State::Reviewing, _) if is_first => State::Auditing,
        (origination::State::Reviewing, _) => State::Reviewing,
        (origination::State::Refused, _) if is_first => State::AuditFailure,
        (
            origination::State::Refused
            | origination::State::Lapsed
            | origination::State::Withdrawn,
            _,
        ) => State::ReviewFailure,
        (origination::State::Approved, _) => State::ReviewSuccess,
        (origination::State::Lent, Some(LoanState::Settled)) => State::Finished,
        (origination::State::Lent, Some(LoanState::WrittenOff)) => State::Overdue,
        (origination::State::Lent, Some(LoanState::Repaying)) => {
            let is_late =
                due.is_some_and(|due| due.outstanding > Money::ZERO && due.overdue_days > 0);
            if is_late { State::Overdue } else { State::Repaying }
        }
        (origination::State::Lent, Some(LoanState::PayingOut | LoanState::PayoutFailed) | None) => {
            State::Granting
        }
    }
}
