//! Limits that are drawn on later (授信, 提现): an application is approved as a limit, and the
//! customer chooses amount and tenor when they draw on it.
//!
//! The whole limit stays frozen until the drawdown becomes a loan; then what was not drawn is free.

use kernel::id::{ApplicationId, DrawdownId, MemberId, OperatorId, ProductId};
use kernel::{Channel, Instant, Money};
use store::Fault;

use super::quoting::{Quote, QuoteError, quote_for};
use super::submitting::{Gate, Submit, SubmitError, Submitted, judge, take_in};
use super::{Application, State, disclosing, drawing_sql, sql};
use crate::audit::{self, Actor, Subject};
use crate::catalog::{self, Product, Request, TenorUnit};
use crate::credit::{self, Decision, LineStatus};
use crate::notices::{self, Notice, Topic};
use crate::ports::FundingKind;
use crate::{Page, Tx, customers, funding};

/// What amounts of a drawdown are multiples of (最小变更金额). Source: document 000, `amtRange`.
pub const AMOUNT_STEP: Money = match Money::from_yuan(100) {
    Some(step) => step,
    None => Money::ZERO,
};

/// Whether applications of a channel are for a limit that is drawn on later.
pub const fn draws_later(channel: Channel) -> bool {
    match channel {
        Channel::Futureloan | Channel::Xianjindai | Channel::Wukong | Channel::Shuaidan => false,
        Channel::Chaojihua => true,
    }
}

/// Where a drawdown stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawdownState {
    /// People are to look at it (提现审批中).
    Reviewing,
    /// It can be paid out (提现审批通过).
    Approved,
    /// Refused, by a rule or by people (提现审批拒绝).
    Refused,
    /// Given up by the customer, or not paid out in its days (贷款取消).
    Cancelled,
}

impl DrawdownState {
    const ALL: &[Self] = &[Self::Reviewing, Self::Approved, Self::Refused, Self::Cancelled];

    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reviewing => "reviewing",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.word() == word)
    }
}

/// A drawdown (提现).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawdown {
    /// Its number.
    pub id: DrawdownId,
    /// What people call it by: 16 digits.
    pub withdraw_no: String,
    /// On which limit.
    pub application: ApplicationId,
    /// How much.
    pub amount: Money,
    /// For how many months.
    pub tenor: u32,
    /// Where it stands.
    pub state: DrawdownState,
    /// Why it was refused or cancelled.
    pub reason: Option<String>,
    /// Who decided, where people did.
    pub operator: Option<OperatorId>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

/// Asks for a limit.
#[derive(Clone, Copy, Debug)]
pub struct PlaceOrder {
    /// Who asks: the customer, or an operator for them.
    pub actor: Actor,
    /// Whose limit it will be.
    pub member: MemberId,
    /// On which channel.
    pub channel: Channel,
    /// Of which product; the first on sale, where it is not said.
    pub product: Option<ProductId>,
    /// How much; as much as there can be, where it is not said.
    pub amount: Option<Money>,
}

/// Takes an application for a limit in (授信申请). Who the customer is must be proven; a card and
/// a face are for the drawdown.
pub fn place_order(tx: &mut Tx<'_, '_>, order: &PlaceOrder) -> Result<Submitted, SubmitError> {
    let customer = customers::customer(tx, order.member)?;
    if customer.is_none_or(|customer| customer.channel != order.channel) {
        return Err(SubmitError::NoSuchCustomer);
    }
    let unsold = SubmitError::Quote(QuoteError::NoSuchProduct);
    let on_sale = catalog::on_sale(tx, order.channel)?;
    let mut on_sale =
        on_sale.into_iter().filter(|one| order.product.is_none_or(|product| product == one.id));
    let product = on_sale.next().filter(|_| draws_later(order.channel)).ok_or(unsold)?;
    let not_offered = |why| SubmitError::Quote(QuoteError::NotOffered(why));
    let (least, most) =
        product.version.amounts.least_and_most().unwrap_or((Money::ZERO, Money::ZERO));
    let amount = if let Some(amount) = order.amount {
        amount
    } else {
        let free = super::available(tx, order.member, Some(&product))?.min(most);
        whole_steps(free).max(least)
    };
    if !amount.is_multiple_of(AMOUNT_STEP) {
        return Err(not_offered(catalog::NotOffered::Amount));
    }
    let tenor = product.version.months_default;
    let request =
        request(&product, amount, tenor).ok_or(not_offered(catalog::NotOffered::Method))?;
    let command = Submit {
        member: order.member,
        channel: order.channel,
        product: product.id,
        request,
        purpose: String::new(),
        other_debts: String::new(),
        report_order: String::new(),
        place: String::new(),
    };
    take_in(tx, &command, Gate::Limit(order.actor))
}

/// As many whole steps as an amount holds.
fn whole_steps(amount: Money) -> Money {
    let beyond = amount.fen().checked_rem(AMOUNT_STEP.fen()).and_then(Money::from_fen);
    beyond.and_then(|beyond| amount.minus(beyond)).unwrap_or(amount)
}

/// The request that an amount and months come to; everything else is what the product offers first.
fn request(product: &Product, amount: Money, months: u32) -> Option<Request> {
    let version = &product.version;
    Some(Request {
        amount,
        rate: version.rate_default,
        tenor: months,
        tenor_unit: TenorUnit::Month,
        interval_count: version.interval_default,
        interval_unit: version.interval_unit_default,
        method: version.methods.first().copied()?,
    })
}

/// The newest drawdown on a limit.
pub fn newest_drawdown(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Drawdown>, Fault> {
    drawing_sql::newest_drawdown(tx, application)
}

/// A drawdown by its number.
pub fn drawdown(tx: &mut Tx<'_, '_>, id: DrawdownId) -> Result<Option<Drawdown>, Fault> {
    drawing_sql::drawdown(tx, id)
}

/// Drawdowns in a state, the oldest first, for those who decide.
pub fn drawdowns_in(
    tx: &mut Tx<'_, '_>,
    state: DrawdownState,
    page: Page,
) -> Result<Vec<Drawdown>, Fault> {
    drawing_sql::drawdowns_in(tx, state, page)
}

/// What a customer wants to draw; what was typed may be no amount and no number of months.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Who.
    pub member: MemberId,
    /// On which limit.
    pub application: ApplicationId,
    /// How much.
    pub amount: Option<Money>,
    /// For how many months.
    pub months: Option<u32>,
}

/// What is missing for a drawdown, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The limit is not approved, or not any more.
    Approval,
    /// The days of the approval are over.
    Time,
    /// The credit line is suspended (额度冻结).
    OpenLine,
    /// No card is bound.
    Card,
    /// No face has been compared, or it was somebody else's.
    Face,
    /// The amount is outside the limit, or not on the step.
    Amount,
    /// The tenor is not offered.
    Tenor,
    /// The customer was not told what exactly this costs (综合融资成本).
    Disclosure,
}

/// Why nothing was drawn or told. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// There is no such application, or it is another customer's.
    #[error("no such application")]
    NoSuchApplication,
    /// There is a drawdown that is not over.
    #[error("already drawn on")]
    AlreadyDrawn,
    /// Something is missing.
    #[error("missing: {0:?}")]
    Missing(Missing),
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Prices a drawdown (贷款试算), to the fen as it is booked, and notes that the customer was told.
pub fn tell_quote(tx: &mut Tx<'_, '_>, draw: &Draw) -> Result<Quote, DrawError> {
    let application = own(tx, draw)?;
    let quote = price(tx, &application, draw)?;
    if application.state == State::Approved {
        drawing_sql::put_told(tx, application.id, &quote)?;
    }
    Ok(quote)
}

fn own(tx: &mut Tx<'_, '_>, draw: &Draw) -> Result<Application, DrawError> {
    let application = sql::lock_application(tx, draw.application)?;
    let application = application.filter(|own| own.member == draw.member);
    application.ok_or(DrawError::NoSuchApplication)
}

/// What is wanted, priced under the version that the limit was approved under.
fn price(tx: &mut Tx<'_, '_>, application: &Application, draw: &Draw) -> Result<Quote, DrawError> {
    let missing = |what| DrawError::Missing(what);
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let amount = draw.amount.filter(|amount| {
        let within = *amount <= application.limit() && product.version.amounts.offers(*amount);
        within && amount.is_multiple_of(AMOUNT_STEP)
    });
    let amount = amount.ok_or(missing(Missing::Amount))?;
    let months = draw.months.filter(|months| {
        product.version.months.offers(*months) && application.approves_tenor(*months)
    });
    let months = months.ok_or(missing(Missing::Tenor))?;
    let request = request(&product, amount, months).ok_or(missing(Missing::Tenor))?;
    match quote_for(product, &request, tx.at.business.date()) {
        Ok(quote) => Ok(quote),
        Err(QuoteError::Fault(fault)) => Err(fault.into()),
        Err(QuoteError::NoSuchProduct | QuoteError::NotOffered(_) | QuoteError::Unpriceable(_)) => {
            Err(missing(Missing::Tenor))
        }
    }
}

/// Draws on a limit (提现申请): a card is bound, a face compared, and the customer draws what they
/// were told the cost of, which confirms it. The rules decide again; where they refer, people do.
pub fn draw(tx: &mut Tx<'_, '_>, draw: &Draw) -> Result<Drawdown, DrawError> {
    let application = own(tx, draw)?;
    if application.state == State::Lent || application.drawn.is_some() {
        return Err(DrawError::AlreadyDrawn);
    }
    let missing = |what| Err(DrawError::Missing(what));
    if application.state != State::Approved {
        return missing(Missing::Approval);
    }
    if application.lapses_at.is_some_and(|at| at <= tx.at.business) {
        return missing(Missing::Time);
    }
    let line = credit::line(tx, draw.member)?;
    let is_frozen = line.is_none_or(|line| line.status == LineStatus::Suspended);
    if is_frozen || application.held_at.is_some() {
        return missing(Missing::OpenLine);
    }
    if customers::payout_card(tx, draw.member)?.is_none() {
        return missing(Missing::Card);
    }
    let face = drawing_sql::decisive_face(tx, application.id)?
        .filter(|face| face.result == Some(super::FaceResult::Same) && face.used_for.is_none());
    let Some(face) = face else { return missing(Missing::Face) };
    let quote = price(tx, &application, draw)?;
    let wanted = (quote.request.amount, quote.request.tenor);
    let costs = (quote.received, quote.schedule.interest, quote.schedule.fee_total);
    if drawing_sql::told(tx, application.id, wanted)? != Some(costs) {
        return missing(Missing::Disclosure);
    }
    let drawdown = request_drawdown(tx, &application, &quote)?;
    drawing_sql::use_face(tx, face.id, drawdown.id)?;
    decide_by_rules(tx, &drawdown, &quote)?;
    let decided = drawing_sql::drawdown(tx, drawdown.id)?;
    Ok(decided.ok_or(Fault::Corrupt("drawdown".into()))?)
}

/// Writes the drawdown down; drawing what was told confirms its disclosure.
fn request_drawdown(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    quote: &Quote,
) -> Result<Drawdown, DrawError> {
    let id = drawing_sql::next_drawdown(tx, application.id)?;
    let id = id.ok_or(DrawError::AlreadyDrawn)?;
    let drawdown = Drawdown {
        id,
        withdraw_no: super::numbers::withdrawal(id),
        application: application.id,
        amount: quote.request.amount,
        tenor: quote.request.tenor,
        state: DrawdownState::Reviewing,
        reason: None,
        operator: None,
        requested_at: tx.at.business,
        decided_at: None,
    };
    if !drawing_sql::insert_drawdown(tx, &drawdown)? {
        return Err(DrawError::AlreadyDrawn);
    }
    let days = i64::from(quote.product.version.approval_days);
    drawing_sql::set_lapse(tx, application.id, tx.at.business.plus_days(days))?;
    let who = Actor::Customer(application.member);
    let subject = Subject::Application(application.id);
    let detail = format!("{} {}", drawdown.withdraw_no, drawdown.amount);
    audit::note(tx, who, "drawdown.requested", subject, &detail)?;
    let drawn =
        sql::application(tx, application.id)?.ok_or(Fault::Corrupt("application".into()))?;
    let disclosed = disclosing::disclose(tx, &drawn, quote)?;
    disclosing::confirm(tx, &disclosed)?;
    Ok(drawdown)
}

fn decide_by_rules(tx: &mut Tx<'_, '_>, drawdown: &Drawdown, quote: &Quote) -> Result<(), Fault> {
    let application = sql::application(tx, drawdown.application)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    let facts = customers::facts(tx, application.member)?;
    let facts = facts.ok_or(Fault::Corrupt("customer.person_id".into()))?;
    match judge(tx, &application, &facts, quote)? {
        Decision::Refuse => {
            let reason = super::submitting::REFUSED_BY_RULES;
            decide(tx, Actor::Platform, drawdown, Word::No(reason))
        }
        Decision::Pass | Decision::Refer if funding::decides_drawdowns(tx, application.id)? => {
            funding::push_withdrawal(tx, &application, drawdown)?;
            tell(tx, &application, drawdown.amount, (Topic::Submitted, ""))
        }
        Decision::Pass => decide(tx, Actor::Platform, drawdown, Word::Yes),
        Decision::Refer => tell(tx, &application, drawdown.amount, (Topic::Submitted, "")),
    }
}

/// What is said to a drawdown.
#[derive(Clone, Copy)]
pub(super) enum Word<'w> {
    Yes,
    No(&'w str),
}

/// Decides a drawdown that waits.
pub(super) fn decide(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    drawdown: &Drawdown,
    word: Word<'_>,
) -> Result<(), Fault> {
    let application = sql::application(tx, drawdown.application)?;
    let application = application.ok_or(Fault::Corrupt("application".into()))?;
    let operator = match actor {
        Actor::Operator(operator) => Some(operator),
        Actor::Platform | Actor::Customer(_) | Actor::Provider(_) => None,
    };
    let (state, action, topic, reason) = match word {
        Word::Yes => (DrawdownState::Approved, "drawdown.approved", Topic::Approved, None),
        Word::No(reason) => {
            (DrawdownState::Refused, "drawdown.refused", Topic::Refused, Some(reason))
        }
    };
    drawing_sql::decide_drawdown(tx, drawdown.id, state, (reason, operator))?;
    let subject = Subject::Application(application.id);
    audit::note(tx, actor, action, subject, &drawdown.withdraw_no)?;
    tell(tx, &application, drawdown.amount, (topic, reason.unwrap_or_default()))
}

fn tell(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    amount: Money,
    (topic, reason): (Topic, &str),
) -> Result<(), Fault> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or(Fault::Corrupt("product_version".into()))?;
    let facts = [
        ("product", product.version.name),
        ("amount", amount.to_string()),
        ("reason", reason.to_owned()),
    ];
    notices::tell(tx, &Notice { member: application.member, topic, facts: &facts })
}

/// What an operator says to a drawdown.
#[derive(Clone, Debug)]
pub struct DecideDrawdown {
    /// Who.
    pub operator: OperatorId,
    /// To which.
    pub drawdown: DrawdownId,
    /// What the customer is told where it is a no; `None` for a yes.
    pub refusal: Option<String>,
}

/// Why a drawdown was not decided or cancelled. Checked, and reported, in this order.
#[derive(Debug, thiserror::Error)]
pub enum DrawdownError {
    /// There is no such drawdown, or it is another customer's.
    #[error("no such drawdown")]
    NoSuchDrawdown,
    /// It is decided, or was paid out.
    #[error("too late")]
    TooLate,
    /// The funding partner decides about it.
    #[error("the funding partner decides")]
    WithPartner,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Decides a drawdown that the rules referred to people.
pub fn decide_drawdown(
    tx: &mut Tx<'_, '_>,
    command: &DecideDrawdown,
) -> Result<Drawdown, DrawdownError> {
    let drawdown = drawing_sql::drawdown(tx, command.drawdown)?;
    let drawdown = drawdown.ok_or(DrawdownError::NoSuchDrawdown)?;
    // The application first, as every other call does; then it is looked at again.
    sql::lock_application(tx, drawdown.application)?;
    let drawdown = drawing_sql::drawdown(tx, command.drawdown)?;
    let drawdown = drawdown.ok_or(DrawdownError::NoSuchDrawdown)?;
    if drawdown.state != DrawdownState::Reviewing {
        return Err(DrawdownError::TooLate);
    }
    if funding::is_deciding(tx, drawdown.application, FundingKind::Withdraw)? {
        return Err(DrawdownError::WithPartner);
    }
    let word = command.refusal.as_deref().map_or(Word::Yes, Word::No);
    decide(tx, Actor::Operator(command.operator), &drawdown, word)?;
    let decided = drawing_sql::drawdown(tx, drawdown.id)?;
    Ok(decided.ok_or(Fault::Corrupt("drawdown".into()))?)
}

/// A customer gives a drawdown up that has not been paid out (贷款取消); the limit stays theirs.
pub fn cancel_drawdown(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    application: ApplicationId,
) -> Result<Drawdown, DrawdownError> {
    let own = sql::lock_application(tx, application)?.filter(|own| own.member == member);
    let own = own.ok_or(DrawdownError::NoSuchDrawdown)?;
    let drawdown = drawing_sql::newest_drawdown(tx, application)?;
    let drawdown = drawdown.ok_or(DrawdownError::NoSuchDrawdown)?;
    if own.state != State::Approved || own.drawn.is_none() {
        return Err(DrawdownError::TooLate);
    }
    // What the funding partner was told of it may be paying out.
    if !funding::let_go(tx, application)? {
        return Err(DrawdownError::WithPartner);
    }
    cancel_open(tx, Actor::Customer(member), &drawdown, "客户取消")?;
    let cancelled = drawing_sql::drawdown(tx, drawdown.id)?;
    Ok(cancelled.ok_or(Fault::Corrupt("drawdown".into()))?)
}

/// Cancels the open drawdown of an application that ends without a loan.
pub(super) fn end(tx: &mut Tx<'_, '_>, application: &Application) -> Result<(), Fault> {
    if application.drawn.is_none() {
        return Ok(());
    }
    let drawdown = drawing_sql::newest_drawdown(tx, application.id)?;
    let drawdown = drawdown.ok_or(Fault::Corrupt("drawdown".into()))?;
    cancel_open(tx, Actor::Platform, &drawdown, "额度已失效")
}

fn cancel_open(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    drawdown: &Drawdown,
    reason: &str,
) -> Result<(), Fault> {
    let word = (Some(reason), None);
    drawing_sql::decide_drawdown(tx, drawdown.id, DrawdownState::Cancelled, word)?;
    let subject = Subject::Application(drawdown.application);
    audit::note(tx, actor, "drawdown.cancelled", subject, &drawdown.withdraw_no)
}

/// Amount and tenor of the price that was told last.
pub(crate) fn last_told(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<(Money, u32)>, Fault> {
    drawing_sql::last_told(tx, application)
}

/// Whether an application of a channel that draws later has been drawn on, and may be paid out.
pub(crate) fn may_be_paid_out(channel: Channel, application: &Application) -> bool {
    !draws_later(channel)
        || application.drawn.is_some_and(|drawn| drawn.state == DrawdownState::Approved)
}
