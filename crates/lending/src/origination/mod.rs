//! From the quote to the approved application: what a customer asks for, and what is made of it.

mod by_partner;
mod deciding;
mod disclosing;
mod drawing;
mod drawing_sql;
mod faces;
mod numbers;
pub(crate) mod phrases;
mod quoting;
mod single;
mod sql;
mod submitting;

#[cfg(test)]
mod tests;

use kernel::id::{ApplicationId, LoanId, MemberId, OperatorId, PersonId, ProductId};
use kernel::{Channel, Instant, Money};
use store::Fault;

pub(crate) use by_partner::{
    Grant, approve_by_partner, approve_drawdown_by_partner, hold, refuse_by_partner,
    refuse_drawdown_by_partner, release,
};
pub(crate) use deciding::close;
pub use deciding::{
    DecideError, Review, Verdict, WithdrawError, lapse, past_approval, review, right_to_review,
    withdraw,
};
pub use disclosing::{ConfirmOfferError, Disclosed, confirm_offer, disclosure_of};
pub(crate) use disclosing::{confirmed_disclosure, offer, parties, unmade};
pub use drawing::{
    AMOUNT_STEP, DecideDrawdown, Draw, DrawError, Drawdown, DrawdownError, DrawdownState, Missing,
    PlaceOrder, cancel_drawdown, decide_drawdown, draw, drawdown, drawdowns_in, draws_later,
    newest_drawdown, place_order, tell_quote,
};
pub(crate) use drawing::{last_told, may_be_paid_out};
pub use faces::{
    BeginFace, Face, FaceCheck, FaceError, FaceResult, begin_face, finish_face, newest_face,
};
pub use quoting::{AnnualCost, Quote, QuoteError, quote, quote_for};
pub use single::{
    Ask, AskError, Confirmed, Outside, active_product, available, confirm, frozen_until, submit_one,
};
pub(crate) use sql::{lend, lock_application};
pub use submitting::{Submit, SubmitError, Submitted, submit};

use crate::catalog::Request;
use crate::{Page, Tx};

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for review by people (审核中).
    Reviewing,
    /// Approved, and can be paid out until it lapses (审核通过).
    Approved,
    /// Refused, by a rule or by people (审核拒绝).
    Refused,
    /// Approved, and not paid out in its days (已失效).
    Lapsed,
    /// Taken back by the customer or given up by the lender (已撤销).
    Withdrawn,
    /// A loan was made of it (已放款).
    Lent,
}

impl State {
    const ALL: &[Self] = &[
        Self::Reviewing,
        Self::Approved,
        Self::Refused,
        Self::Lapsed,
        Self::Withdrawn,
        Self::Lent,
    ];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reviewing => "reviewing",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Lapsed => "lapsed",
            Self::Withdrawn => "withdrawn",
            Self::Lent => "lent",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

/// An application (进件).
#[derive(Clone, Debug)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// What people call it by: `cash20261125001`.
    pub code: String,
    /// Who applies.
    pub member: MemberId,
    /// Which person that is.
    pub person: PersonId,
    /// For which product.
    pub product: ProductId,
    /// And which version of it.
    pub version: u32,
    /// What is asked for.
    pub request: Request,
    /// What for, by the channel's table.
    pub purpose: String,
    /// What is owed elsewhere, by the channel's table.
    pub other_debts: String,
    /// Where it stands.
    pub state: State,
    /// Steps of review by people that it has passed.
    pub steps_passed: u32,
    /// What was approved.
    pub approved: Option<Approved>,
    /// What of it is being drawn or was, on channels that draw later.
    pub drawn: Option<Drawn>,
    /// Why it was refused.
    pub refusal: Option<String>,
    /// When it was submitted.
    pub applied_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// When the approval lapses.
    pub lapses_at: Option<Instant>,
    /// The tenors that the funding partner has approved, in months; as the product offers them,
    /// where it did not say.
    pub tenors: Option<Vec<u32>>,
    /// Since when the funding partner has frozen the limit (额度冻结).
    pub held_at: Option<Instant>,
    /// The loan that was made of it.
    pub loan: Option<LoanId>,
}

/// What was approved: as much as was asked for, or less, or for another tenor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The amount.
    pub amount: Money,
    /// The tenor, in the unit that was asked for.
    pub tenor: u32,
}

/// What is drawn on an approved limit: the open drawdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Amount and tenor.
    pub terms: Approved,
    /// Reviewing or approved.
    pub state: DrawdownState,
}

impl Application {
    /// What the loan will be, as far as it is decided.
    pub fn offer(&self) -> Request {
        match self.drawn.map(|drawn| drawn.terms).or(self.approved) {
            Some(Approved { amount, tenor }) => Request { amount, tenor, ..self.request },
            None => self.request,
        }
    }

    /// Whether it can be drawn on for so many months, by what was approved.
    pub fn approves_tenor(&self, months: u32) -> bool {
        self.tenors.as_ref().is_none_or(|approved| approved.contains(&months))
    }

    /// What was asked for, or as much of it as was approved.
    pub fn limit(&self) -> Money {
        self.approved.map_or(self.request.amount, |approved| approved.amount)
    }

    /// What of the customer's credit line is kept for it, or for the loan that was made of it.
    pub(crate) fn frozen(&self) -> Money {
        match self.state {
            State::Lent => self.offer().amount,
            State::Reviewing
            | State::Approved
            | State::Refused
            | State::Lapsed
            | State::Withdrawn => self.limit(),
        }
    }
}

/// A decision about an application, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// 0 for the automatic rules, then the steps of review.
    pub step: u32,
    /// `pass`, `refer` or `refuse`.
    pub verdict: String,
    /// The rule, if it was one.
    pub rule: Option<String>,
    /// Why.
    pub reason: String,
    /// Who, if it was somebody.
    pub operator: Option<OperatorId>,
    /// When.
    pub at: Instant,
}

/// An application, for those who may see all.
pub fn application(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Option<Application>, Fault> {
    sql::application(tx, id)
}

/// A customer's own applications, newest first, and how many there are.
pub fn applications_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<(Vec<Application>, i64), Fault> {
    sql::applications_of(tx, member, page)
}

/// A customer's own application by what people call it by.
pub fn application_by_code(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    code: &str,
) -> Result<Option<Application>, Fault> {
    Ok(sql::application_by_code(tx, code)?.filter(|found| found.member == member))
}

/// Anybody's application by what people call it by, for operators.
pub fn application_called(tx: &mut Tx<'_, '_>, code: &str) -> Result<Option<Application>, Fault> {
    sql::application_by_code(tx, code)
}

/// Applications in a state, oldest first, for the queue of those who decide.
pub fn applications_in(
    tx: &mut Tx<'_, '_>,
    state: State,
    page: Page,
) -> Result<Vec<Application>, Fault> {
    sql::applications_in_order(tx, (state, None), Order::Oldest, page)
}

/// The same of one channel or of all, in an order.
pub fn applications_in_order(
    tx: &mut Tx<'_, '_>,
    (state, channel): (State, Option<Channel>),
    order: Order,
    page: Page,
) -> Result<Vec<Application>, Fault> {
    sql::applications_in_order(tx, (state, channel), order, page)
}

/// What a list of applications is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The oldest first: who has waited longest.
    #[default]
    Oldest,
    /// The newest first.
    Newest,
    /// The largest amount first.
    Largest,
}

/// Everything that was decided about an application, in order.
pub fn decisions(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<Vec<Decision>, Fault> {
    sql::decisions(tx, id)
}
