//! Orders: applying for a limit, and everything about each of a customer's orders.

use kernel::id::{MemberId, ProductId};
use kernel::{Instant, Money};
use lending::audit::Actor;
use lending::catalog::{self, Product};
use lending::credit::{self, Line, LineStatus};
use lending::origination::{
    self, AMOUNT_STEP, Application, Drawdown, DrawdownState, Face, PlaceOrder, QuoteError, State,
    SubmitError,
};
use lending::servicing::{self, DueRow, Loan, LoanState};
use lending::{Fault, Page, Tx};
use serde::Serialize;

use crate::call::{Call, home, unauthorised};
use crate::envelope::Reply;
use crate::fields::of_query;
use crate::numbers::{Number, month_fee, yuan};
use crate::people::{identify, read_identity};
use crate::pictures;
use crate::section::{optional, section};
use crate::status::{self, Status};
use crate::texts::{
    AMOUNT_WRONG, APPLIED, APPLIED_ALREADY, BLOCKED, DONE, FIELD_WRONG, Failure, IDENTITY_DIFFERS,
    IDENTITY_FIRST, IDENTITY_TAKEN, IDENTITY_WRONG, LINE_TOO_SMALL, NO_PRODUCT, REFUSED, TOO_OFTEN,
};
use crate::{CHANNEL, Chaojihua};

section! {
    APPLY: Post "apply", "授信申请 (ours)", TOKEN;
    fields: [
        optional("amount", "申请额度，元，100的倍数；省略为最高可申请额度"),
        optional("productId", "产品；省略为在售的第一个"),
        optional("name", "姓名；尚未实名时与 idNo 一并提供"),
        optional("idNo", "身份证号")
    ];
    refusals: [
        FIELD_WRONG, IDENTITY_DIFFERS, IDENTITY_WRONG, IDENTITY_TAKEN, TOO_OFTEN, BLOCKED,
        NO_PRODUCT, AMOUNT_WRONG, REFUSED, IDENTITY_FIRST, APPLIED_ALREADY, LINE_TOO_SMALL
    ];
    success: APPLIED, r#"{"orderNo":"202611251400165897932384","orderStatus":"200"}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Applied {
    order_no: String,
    order_status: &'static str,
}

pub(crate) async fn apply(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let fields = &call.fields;
    let amount = if fields.scalar("amount").is_empty() {
        None
    } else {
        Some(fields.yuan("amount").ok_or_else(|| Failure::with(FIELD_WRONG, "amount"))?)
    };
    let product = if fields.scalar("productId").is_empty() {
        None
    } else {
        let number = fields.whole("productId");
        let number = number.ok_or_else(|| Failure::with(FIELD_WRONG, "productId"))?;
        Some(ProductId::from_number(i64::from(number)))
    };
    if let (Some(name), Some(id_no)) = (fields.text("name"), fields.text("idNo")) {
        let (name, id_no) = read_identity(&name, &id_no, ["name", "idNo"])?;
        identify(&channel, member, name, id_no).await?;
    }
    let order =
        PlaceOrder { actor: Actor::Customer(member), member, channel: CHANNEL, product, amount };
    let placed = channel.app.write(home(member), move |tx| origination::place_order(tx, &order));
    let application = placed.await.map_err(refused)?.application;
    // Where the funding partner decides, it is told at once.
    channel.app.wake();
    let order_status = status::of_audit(&application, false).code();
    Reply::show(&Applied { order_no: application.code, order_status })
}

fn refused(error: SubmitError) -> Failure {
    match error {
        SubmitError::NoSuchCustomer => unauthorised(),
        SubmitError::Blocked => BLOCKED.into(),
        SubmitError::Quote(QuoteError::NotOffered(_)) => AMOUNT_WRONG.into(),
        SubmitError::Quote(
            QuoteError::NoSuchProduct | QuoteError::Unpriceable(_) | QuoteError::Fault(_),
        ) => NO_PRODUCT.into(),
        SubmitError::Blacklisted => REFUSED.into(),
        SubmitError::Incomplete => IDENTITY_FIRST.into(),
        SubmitError::AlreadySubmitted => APPLIED_ALREADY.into(),
        SubmitError::LineTooSmall => LINE_TOO_SMALL.into(),
        SubmitError::Fault(fault) => fault.into(),
    }
}

/// An order with everything that is shown of it.
pub(crate) struct View {
    pub(crate) application: Application,
    pub(crate) product: Product,
    pub(crate) drawdown: Option<Drawdown>,
    pub(crate) loan: Option<Loan>,
    /// The rows as they stand today, once it was paid out.
    pub(crate) rows: Vec<DueRow>,
    /// What it takes to settle it today.
    pub(crate) settlement: Money,
    face: Option<Face>,
    line: Option<Line>,
    /// When it is looked at, by the business clock.
    now: Instant,
}

impl View {
    /// Everything about an application of the caller's own.
    pub(crate) fn of(tx: &mut Tx<'_, '_>, application: Application) -> Result<Self, Fault> {
        let product = catalog::version(tx, application.product, application.version)?;
        let loan = match application.loan {
            Some(loan) => servicing::loan(tx, loan)?,
            None => None,
        };
        let standing = match &loan {
            Some(loan) => servicing::standing_today(tx, loan)?,
            None => None,
        };
        let (rows, settlement) = standing.unwrap_or((Vec::new(), Money::ZERO));
        Ok(Self {
            product: product.ok_or(Fault::Corrupt("product_version".into()))?,
            drawdown: origination::newest_drawdown(tx, application.id)?,
            face: origination::newest_face(tx, application.id)?,
            line: credit::line(tx, application.member)?,
            now: tx.at().business,
            application,
            loan,
            rows,
            settlement,
        })
    }

    fn audit(&self) -> Status {
        let is_suspended = self.line.is_some_and(|line| line.status == LineStatus::Suspended);
        let is_frozen = is_suspended || self.application.held_at.is_some();
        status::of_audit(&self.application, is_frozen)
    }

    /// What became of drawing on it, once somebody did.
    fn drawn(&self) -> Option<Status> {
        match (&self.loan, &self.drawdown) {
            (Some(loan), _) => Some(status::of_loan(loan, &self.rows, self.now.date())),
            (None, Some(drawdown)) => Some(status::of_drawdown(drawdown.state)),
            (None, None) => None,
        }
    }

    /// When something last happened to it.
    fn changed_at(&self) -> Instant {
        let drawdown = self.drawdown.as_ref();
        let loan = self.loan.as_ref();
        let times = [
            self.application.decided_at,
            drawdown.map(|drawdown| drawdown.requested_at),
            drawdown.and_then(|drawdown| drawdown.decided_at),
            loan.map(|loan| loan.created_at),
            loan.and_then(|loan| loan.paid_out_at),
            loan.and_then(|loan| loan.closed_at),
        ];
        times.into_iter().flatten().fold(self.application.applied_at, Instant::max)
    }
}

/// Orders that are shown at most: the newest.
const MOST_ORDERS: i64 = 100;

/// Which orders a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    /// 0, 审核记录: all of them.
    Audits,
    /// 1, 去还款: those that are being repaid.
    ToRepay,
    /// 2, 借还记录: those that were drawn on.
    Borrowings,
}

impl Listed {
    fn holds(self, view: &View) -> bool {
        let is_running = view.loan.as_ref().is_some_and(|loan| loan.state == LoanState::Repaying);
        match self {
            Self::Audits => true,
            Self::ToRepay => is_running,
            Self::Borrowings => view.drawn().is_some(),
        }
    }
}

section! {
    LIST: Get "order-list", "审核记录、去还款、借还记录", TOKEN;
    fields: [channel_kit::Field {
        place: channel_kit::route::Place::Query,
        ..optional("type", "0：审核记录；1：去还款；2：借还记录")
    }];
    refusals: [FIELD_WRONG];
    success: DONE, "[]";
}

pub(crate) async fn list(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let listed = match of_query(&call.query, "type").as_deref() {
        None | Some("" | "0") => Listed::Audits,
        Some("1") => Listed::ToRepay,
        Some("2") => Listed::Borrowings,
        Some(_) => return Err(Failure::with(FIELD_WRONG, "type")),
    };
    let views = channel.app.read(move |tx| views(tx, member)).await?;
    let views = views.iter().filter(|view| listed.holds(view));
    let shown: Vec<_> = views.map(|view| Shown::of(&channel, &call.base, view)).collect();
    Reply::show(&shown)
}

fn views(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<View>, Fault> {
    let page = Page::new(1, MOST_ORDERS).ok_or(Fault::Corrupt("page".into()))?;
    let (orders, _) = origination::applications_of(tx, member, page)?;
    orders.into_iter().map(|application| View::of(tx, application)).collect()
}

#[derive(Serialize)]
struct Shown {
    id: String,
    no: String,
    u_id: String,
    status: &'static str,
    audit_data: Audit,
    loan_status: &'static str,
    loan_data: Option<Drawing>,
    face_flow_id: String,
    withdraw_id: String,
    create_time: String,
    update_time: String,
    order_status: &'static str,
    product_name: String,
    image: String,
    order_status_msg: &'static str,
    #[serde(rename = "approveTime")]
    approve_time: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Audit {
    status: &'static str,
    channel: String,
    order_no: String,
    amt_range: Number,
    is_custom: u8,
    max_loan_amt: Number,
    min_loan_amt: Number,
    amount_limit: Limit,
    approve_time: String,
    term_options: Vec<Tenor>,
    remain_time: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limit {
    total_amount: Number,
    surplus_amount: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tenor {
    name: String,
    term: u32,
    term_id: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Drawing {
    order_no: String,
    loan_amount: Number,
    order_status: &'static str,
    user_month_fee: Number,
}

impl Shown {
    fn of(channel: &Chaojihua, base: &str, view: &View) -> Self {
        let application = &view.application;
        let (audit, drawn) = (view.audit(), view.drawn());
        let shown = drawn.unwrap_or(audit);
        let approved_on =
            view.drawdown.as_ref().filter(|drawdown| drawdown.state == DrawdownState::Approved);
        let approved_on = approved_on.and_then(|drawdown| drawdown.decided_at);
        let approve_time =
            approved_on.map_or_else(|| audited_on(application), |at| at.date().to_string());
        let drawing = |status: Status, drawdown: &Drawdown| Drawing {
            order_no: application.code.clone(),
            loan_amount: yuan(drawdown.amount),
            order_status: status.code(),
            user_month_fee: month_fee(application.request.rate),
        };
        Self {
            id: application.id.number().to_string(),
            no: application.code.clone(),
            u_id: application.member.number().to_string(),
            status: audit.code(),
            audit_data: Audit::of(channel, view),
            loan_status: drawn.map_or("", Status::code),
            loan_data: drawn.zip(view.drawdown.as_ref()).map(|(s, d)| drawing(s, d)),
            face_flow_id: view.face.as_ref().map_or_else(String::new, |face| face.flow_no.clone()),
            withdraw_id: view
                .drawdown
                .as_ref()
                .map_or_else(String::new, |drawdown| drawdown.withdraw_no.clone()),
            create_time: application.applied_at.shanghai_text(),
            update_time: view.changed_at().shanghai_text(),
            order_status: shown.code(),
            product_name: view.product.version.name.clone(),
            image: pictures::address(base, pictures::PRODUCT),
            order_status_msg: shown.words(),
            approve_time,
        }
    }
}

/// The day of the approval; empty without one.
fn audited_on(application: &Application) -> String {
    let approved = application.decided_at.filter(|_| application.approved.is_some());
    approved.map_or_else(String::new, |at| at.date().to_string())
}

impl Audit {
    fn of(channel: &Chaojihua, view: &View) -> Self {
        let (application, version) = (&view.application, &view.product.version);
        let least = version.amounts.least_and_most().map_or(Money::ZERO, |(least, _)| least);
        Self {
            status: view.audit().code(),
            channel: channel.settings.channel_code.clone(),
            order_no: application.code.clone(),
            amt_range: yuan(AMOUNT_STEP),
            is_custom: 0,
            max_loan_amt: yuan(application.limit()),
            min_loan_amt: yuan(least),
            amount_limit: Limit::of(view),
            approve_time: audited_on(application),
            term_options: terms(&view.product, application),
            remain_time: format!("{}天", days_left(application, view.now)),
        }
    }
}

impl Limit {
    /// The customer's whole line, and what is left of it for this order: what is kept for the
    /// order counts as left until it is paid out.
    fn of(view: &View) -> Self {
        let line = view.line;
        let kept = match view.application.state {
            State::Reviewing | State::Approved => view.application.limit(),
            State::Lent => match &view.loan {
                Some(loan) if loan.start.is_none() && loan.closed_at.is_none() => loan.terms.amount,
                Some(_) | None => Money::ZERO,
            },
            State::Refused | State::Lapsed | State::Withdrawn => Money::ZERO,
        };
        let free = line.map_or(Money::ZERO, |line| line.available());
        Self {
            total_amount: yuan(line.map_or(Money::ZERO, |line| line.limit)),
            surplus_amount: yuan(free.plus(kept).unwrap_or(free)),
        }
    }
}

/// Tenors of a product, as far as they were approved: each has a number of its own, the product's with three digits behind it.
fn terms(product: &Product, application: &Application) -> Vec<Tenor> {
    let name = &product.version.name;
    let months: Vec<u32> = match &product.version.months {
        catalog::Choice::List(months) => months.clone(),
        catalog::Choice::Range { least, most } => (*least..=*most).collect(),
    };
    let term = |term: u32| {
        let term_id = product.id.number().saturating_mul(1000).saturating_add(i64::from(term));
        Tenor { name: format!("{name}-{term}期"), term, term_id }
    };
    let approved = months.into_iter().filter(|months| application.approves_tenor(*months));
    approved.map(term).collect()
}

/// Days until an approval lapses, begun ones counted whole.
fn days_left(application: &Application, now: Instant) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    let lapses = application.lapses_at.filter(|_| application.state == State::Approved);
    let left = lapses.map_or(0, |lapses| lapses.millis().saturating_sub(now.millis()));
    left.max(0).saturating_add(DAY_MS - 1).div_euclid(DAY_MS)
}
