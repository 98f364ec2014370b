//! Loans and repayments of the past and of today (借还记录).

use kernel::Money;
use kernel::id::ApplicationId;
use lending::origination;
use lending::{Fault, Page, Tx, servicing};
use serde::Serialize;

use crate::Wukong;
use crate::call::Call;
use crate::envelope::Reply;
use crate::home::tail;
use crate::loan::{State, View};
use crate::numbers::{Figure, seconds, yuan};
use crate::section::{LIMIT, OFFSET, asked, section, text};
use crate::texts::{DONE, Failure, MALFORMED, NO_SUCH_LOAN};

section! {
    LOANS: Get "/loan-record", "借款记录查询", TOKEN;
    fields: [OFFSET, LIMIT];
    refusals: [];
    success: DONE,
        r#"[{"loan_id":19,"quota":1000,"period":14,"state_time":"1795000000","state":"auditing"}]"#;
}

#[derive(Serialize)]
struct LoanRow {
    loan_id: i64,
    quota: Figure,
    period: u32,
    state_time: String,
    state: &'static str,
}

pub(crate) async fn loans(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let (member, part) = (call.member()?, call.part()?);
    let (rows, total) = channel
        .app
        .read(move |tx| {
            let (applications, total) = origination::applications_of(tx, member, part)?;
            let rows = applications.into_iter().map(|application| loan_row(tx, application));
            Ok::<_, Fault>((rows.collect::<Result<Vec<_>, _>>()?, total))
        })
        .await?;
    Reply::part(&rows, has_more(part, total))
}

fn has_more(part: Page, total: i64) -> bool {
    part.offset().saturating_add(part.size()) < total
}

fn loan_row(tx: &mut Tx<'_, '_>, application: origination::Application) -> Result<LoanRow, Fault> {
    let view = View::of(tx, application)?;
    Ok(LoanRow {
        loan_id: view.application.id.number(),
        quota: Figure::Number(yuan(view.quota())),
        period: view.period(),
        state_time: seconds(view.state_at()),
        state: view.state.word(),
    })
}

section! {
    REPAYMENTS: Get "/repayments-record", "还款记录查询", TOKEN;
    fields: [OFFSET, LIMIT];
    refusals: [];
    success: DONE,
        r#"[{"loan_id":"19","quota":1006.17,"state_time":"1795000000","state":"finished"}]"#;
}

#[derive(Serialize)]
struct RepaymentRow {
    loan_id: String,
    quota: Figure,
    state_time: String,
    state: &'static str,
}

pub(crate) async fn repayments(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let (member, part) = (call.member()?, call.part()?);
    let (rows, total) = channel
        .app
        .read(move |tx| {
            let mut loans = servicing::loans_of(tx, member)?;
            loans.reverse();
            let total = i64::try_from(loans.len()).unwrap_or(i64::MAX);
            let bounded = |count: i64| usize::try_from(count).unwrap_or(usize::MAX);
            let loans = loans.into_iter().skip(bounded(part.offset())).take(bounded(part.size()));
            let mut rows = Vec::new();
            for loan in loans {
                let application = origination::application(tx, loan.application)?;
                let application = application.ok_or(Fault::Corrupt("application".into()))?;
                rows.push(repayment_row(&View::of(tx, application)?));
            }
            Ok::<_, Fault>((rows, total))
        })
        .await?;
    Reply::part(&rows, has_more(part, total))
}

/// What was repaid, or what is due now.
fn repayment_row(view: &View) -> RepaymentRow {
    let paid = view.loan.as_ref().and_then(|loan| loan.paid.total());
    let due = view.due.as_ref().map(|due| due.outstanding);
    let quota = if view.state == State::Finished { paid } else { due };
    RepaymentRow {
        loan_id: view.application.id.number().to_string(),
        quota: Figure::Number(yuan(quota.unwrap_or(Money::ZERO))),
        state_time: seconds(view.state_at()),
        state: view.state.word(),
    }
}

section! {
    DETAIL: Get "/loan-record-detail", "借款详情", TOKEN;
    fields: [asked(text("loan_id", "借款Id"))];
    refusals: [MALFORMED, NO_SUCH_LOAN];
    success: DONE,
        r#"[{"quota":1000,"period":14,"bank":"招商银行（尾号0000）","lending_at":"1795000000","planned_repayment_at":"1796209600","state":"repaying"}]"#;
}

#[derive(Serialize)]
struct Detail {
    quota: Figure,
    period: u32,
    bank: String,
    lending_at: String,
    planned_repayment_at: String,
    state: &'static str,
}

pub(crate) async fn detail(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let id = ApplicationId::from_number(call.fields.whole("loan_id").ok_or(MALFORMED)?);
    let view = channel.app.read(move |tx| {
        let own = origination::application(tx, id)?.filter(|own| own.member == member);
        own.map(|application| View::of(tx, application)).transpose()
    });
    // Another customer's loan is no loan at all.
    let view = view.await?.ok_or(NO_SUCH_LOAN)?;
    let paid_out_at = view.loan.as_ref().and_then(|loan| loan.paid_out_at);
    let due = view.due.as_ref().map(|due| due.row.due.start());
    let bank = view.card.as_ref().map(|card| format!("{}（尾号{}）", card.bank_name, tail(card)));
    Reply::one(&Detail {
        quota: Figure::Number(yuan(view.quota())),
        period: view.period(),
        bank: bank.unwrap_or_default(),
        lending_at: paid_out_at.map(seconds).unwrap_or_default(),
        planned_repayment_at: due.map(seconds).unwrap_or_default(),
        state: view.state.word(),
    })
}
