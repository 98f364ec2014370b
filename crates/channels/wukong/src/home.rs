//! The home page: what can be borrowed, and what became of the newest loan.

use kernel::id::MemberId;
use kernel::{Instant, Money, Rate};
use lending::catalog::Product;
use lending::servicing::payments::{Payment, PaymentState, Purpose};
use lending::{Fault, Tx, catalog, identity, origination};
use serde::Serialize;

use crate::call::Call;
use crate::envelope::Reply;
use crate::loan::{self, State, View};
use crate::numbers::{Figure, fraction, percent, seconds, yuan};
use crate::section::section;
use crate::texts::{DONE, Failure};
use crate::{CHANNEL, Wukong};

/// Rows of a loan's history that are shown. Source: contract page.
const SHOWN: usize = 3;
/// What a visitor sees where nothing is sold. Source: contract page.
const VISITORS_QUOTA: &str = "2000";

section! {
    HOME: Get "/home", "首页", GUEST;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"quota":"2000","overdue_rate":"0.03","min_quota":"500","max_quota":"2000","success_count":"3","id":"1","mobile":"13800000001","state":"auditing","detail":[{"title":"auditing","content":{"quota":1000,"period":14,"poundage":6.17},"time":"1795000000"}]}]"#;
}

/// One row of the history of a loan.
#[derive(Serialize)]
struct Row {
    title: &'static str,
    content: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Applied {
        quota: Figure,
        period: u32,
        poundage: Figure,
    },
    Passed {
        quota: Figure,
        period: u32,
        poundage: Figure,
        bank_name: String,
        end_bank_no: String,
    },
    Failed {
        failure_at: String,
    },
    Granting {
        end_bank_no: String,
    },
    NotGranted(String),
    Repaying {
        planned_repayment_at: String,
        repay_amount: Figure,
    },
    Paying {
        quota: Figure,
        repay_amount: Figure,
        overdue_amount: Figure,
        interest: Figure,
    },
    NotRepaid {
        reason: String,
    },
    Overdue {
        overdue_day: i32,
        overdue_principal: Figure,
        overdue_amount: Figure,
        overdue_rate: String,
        max_overdue: bool,
        limit_overdue_days: u32,
    },
}

#[derive(Serialize)]
struct Page {
    quota: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    overdue_rate: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_quota: Option<Figure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_quota: Option<Figure>,
    success_count: Figure,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Figure>,
    mobile: String,
    state: &'static str,
    detail: Vec<Row>,
}

pub(crate) async fn home(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.caller.map(|(member, _)| member);
    let page = channel.app.read(move |tx| match member {
        None => visitors(tx),
        Some(member) => customers(tx, member),
    });
    Reply::one(&page.await?)
}

/// Figures are texts, but for a loan that is overdue: the samples print the two pages so.
type Write = fn(&str) -> Figure;

fn as_text(figure: &str) -> Figure {
    Figure::text(figure)
}

fn as_number(figure: &str) -> Figure {
    Figure::number(figure)
}

fn page(product: Option<&Product>, quota: &str, write: Write) -> Page {
    let amounts = product.and_then(|product| product.version.amounts.least_and_most());
    let rate = product.and_then(daily);
    Page {
        quota: write(quota),
        overdue_rate: rate.map(|rate| write(&percent(rate))),
        min_quota: amounts.map(|(least, _)| write(&yuan(least))),
        max_quota: amounts.map(|(_, most)| write(&yuan(most))),
        success_count: write("0"),
        id: None,
        mobile: String::new(),
        state: "",
        detail: Vec::new(),
    }
}

/// What a day of being late costs.
fn daily(product: &Product) -> Option<Rate> {
    product.version.late.daily.to_rate()
}

fn visitors(tx: &mut Tx<'_, '_>) -> Result<Page, Fault> {
    let product = origination::active_product(tx, CHANNEL)?;
    let first = product.as_ref().map(|product| yuan(product.version.first_limit));
    Ok(page(product.as_ref(), first.as_deref().unwrap_or(VISITORS_QUOTA), as_text))
}

fn customers(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Page, Fault> {
    let product = origination::active_product(tx, CHANNEL)?;
    let quota = origination::available(tx, member, product.as_ref())?;
    let account = identity::member(tx, member)?.ok_or(Fault::Corrupt("member".into()))?;
    let newest = loan::newest(tx, member)?.filter(|loan| !loan.is_over());
    let is_overdue = newest.as_ref().is_some_and(|loan| loan.state == State::Overdue);
    let write: Write = if is_overdue { as_number } else { as_text };
    let successes = loan::successes(tx, member)?.to_string();
    let mut page = page(product.as_ref(), &yuan(quota), write);
    page.success_count = write(&successes);
    account.mobile.expose().clone_into(&mut page.mobile);
    let Some(view) = newest else { return Ok(page) };
    page.id = Some(write(&view.application.id.number().to_string()));
    page.state = view.state.word();
    page.detail = if is_overdue { overdue(tx, &view)? } else { history(&view) };
    Ok(page)
}

fn money(amount: Money) -> Figure {
    Figure::Number(yuan(amount))
}

/// The one row of a loan that is overdue.
fn overdue(tx: &mut Tx<'_, '_>, view: &View) -> Result<Vec<Row>, Fault> {
    let broken = || Fault::Corrupt("overdue".into());
    let due = view.due.as_ref().ok_or_else(broken)?;
    let application = &view.application;
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or_else(broken)?;
    let principal = due.principal.plus(due.interest).and_then(|sum| sum.plus(due.fee));
    let limit = product.version.late.cap_days.unwrap_or(0);
    let reached = limit > 0 && u32::try_from(due.overdue_days).is_ok_and(|days| days >= limit);
    let content = Content::Overdue {
        overdue_day: due.overdue_days,
        overdue_principal: money(principal.ok_or_else(broken)?),
        overdue_amount: money(due.penalty),
        overdue_rate: fraction(daily(&product).ok_or_else(broken)?),
        max_overdue: reached,
        limit_overdue_days: limit,
    };
    Ok(vec![Row { title: State::Overdue.word(), content, time: None }])
}

/// The last rows of a loan's history, the newest first.
fn history(view: &View) -> Vec<Row> {
    let mut rows = Vec::new();
    review(view, &mut rows);
    if let Some(loan) = &view.loan {
        let end_bank_no = bank_tail(view);
        rows.push((loan.created_at, "granting", Content::Granting { end_bank_no }));
        for payment in view.payments.iter().rev() {
            of_payment(view, payment, &mut rows);
        }
    }
    rows.reverse();
    rows.truncate(SHOWN);
    let row = |(at, title, content)| Row { title, content, time: Some(seconds(at)) };
    rows.into_iter().map(row).collect()
}

type Happened = (Instant, &'static str, Content);

fn review(view: &View, rows: &mut Vec<Happened>) {
    let application = &view.application;
    let asked = |title| {
        let (quota, period) = (money(application.request.amount), application.request.tenor);
        let poundage = money(view.charges);
        (application.applied_at, title, Content::Applied { quota, period, poundage })
    };
    rows.push(asked("submit_success"));
    rows.push(asked("auditing"));
    let Some(at) = application.decided_at else { return };
    match application.state {
        origination::State::Reviewing => {}
        origination::State::Refused => {
            rows.push((at, "audit_failure", Content::Failed { failure_at: seconds(at) }));
        }
        origination::State::Approved
        | origination::State::Lent
        | origination::State::Lapsed
        | origination::State::Withdrawn => {
            let bank_name = view.card.as_ref().map(|card| card.bank_name.clone());
            let content = Content::Passed {
                quota: money(view.quota()),
                period: view.period(),
                poundage: money(view.charges),
                bank_name: bank_name.unwrap_or_default(),
                end_bank_no: bank_tail(view),
            };
            rows.push((at, "audit_success", content));
        }
    }
}

fn of_payment(view: &View, payment: &Payment, rows: &mut Vec<Happened>) {
    let at = payment.settled_at.unwrap_or(payment.requested_at);
    let reason = payment.reason.clone().unwrap_or_default();
    match (payment.purpose, payment.state) {
        (Purpose::Payout, PaymentState::Failed) => {
            rows.push((at, "grant_failure", Content::NotGranted(reason)));
        }
        (Purpose::Payout, PaymentState::Succeeded) => {
            let due = view.due.as_ref();
            let planned = due.map_or(at, |due| due.row.due.start());
            let (planned_repayment_at, amount) = (seconds(planned), view.quota());
            let repay_amount = money(amount.plus(view.charges).unwrap_or(amount));
            let content = Content::Repaying { planned_repayment_at, repay_amount };
            rows.push((at, "repaying", content));
        }
        (
            Purpose::Instalment | Purpose::Settlement | Purpose::Amount,
            PaymentState::Requested | PaymentState::Sent | PaymentState::Unknown,
        ) => {
            let content = Content::Paying {
                quota: money(view.quota()),
                repay_amount: money(payment.amount),
                overdue_amount: money(view.due.as_ref().map_or(Money::ZERO, |due| due.penalty)),
                interest: money(view.charges),
            };
            rows.push((payment.requested_at, "paying", content));
        }
        (Purpose::Instalment | Purpose::Settlement | Purpose::Amount, PaymentState::Failed) => {
            rows.push((at, "repay_failure", Content::NotRepaid { reason }));
        }
        (Purpose::Payout, PaymentState::Requested | PaymentState::Sent | PaymentState::Unknown)
        | (Purpose::Instalment | Purpose::Settlement | Purpose::Amount, PaymentState::Succeeded)
        | (Purpose::Refund, _) => {}
    }
}

/// The last four digits of the card.
fn bank_tail(view: &View) -> String {
    view.card.as_ref().map(tail).unwrap_or_default()
}

/// The last four digits of a card.
pub(crate) fn tail(card: &lending::customers::Card) -> String {
    let number = card.number.expose();
    number.get(number.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}
