//! Applications and the plans of loans (§28, §29), and taking an application back.

use kernel::id::ApplicationId;
use lending::catalog::{self, Product};
use lending::documents::Document;
use lending::origination::{self, Application, ConfirmOfferError, State, WithdrawError};
use lending::servicing::{self, Loan, LoanState, PlanRow};
use lending::{Fault, Route, Tx};

use crate::Xianjindai;
use crate::call::Call;
use crate::contract::{self, Links};
use crate::envelope::Reply;
use crate::failure::{
    APPLICATIONS_FOUND, CONFIRMED, DISCLOSED, FIELD_MISSING, FIELD_WRONG, Failure,
    NO_SUCH_APPLICATION, NOT_CONFIRMED, NOT_WITHDRAWN, PLAN_FOUND, WITHDRAWN,
};
use crate::ids::{self, Kind};
use crate::message::page;
use crate::product::{method_word, tenor_unit_word};
use crate::repay::on_page;
use crate::section::{PAGE_NUM, PAGE_SIZE, section, text};
use crate::wire::answers::{ApplicationData, DisclosureData, PlanData};
use crate::wire::values::{fee, flag, rate, short, yuan};
use crate::wire::{PlanBody, values};

section! {
    APPLICATIONS: "/appCommonApi/getLoanApplyInfoList", "我的借款，借款信息 (§28)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE];
    refusals: [FIELD_WRONG];
    success: APPLICATIONS_FOUND, Paged, r#"[{"loanProductId":"00000000-0000-8000-8000-000000000000","id":"00000000-0000-8000-8000-000000000000","name":"…","code":"…","status":"1","actionStatus":"0","applyStatus":"1","applyAmount":"2000.00","replyAmount":"2000.00","repayType":"1","releaseDate":null,"applyTime":1795000000000,"termCount":"7","termUnit":"1","interestRate":"0.3600","penaltyRate":null,"authTermCount":"7","authTermUnit":"1","useType":"21","otherChannels":"01","contractInfoList":[]}]"#;
}

/// An application with what is shown beside it.
struct Shown {
    application: Application,
    product: Product,
    loan: Option<Loan>,
    documents: Vec<Document>,
    /// Whether what is offered now is not confirmed yet.
    to_confirm: bool,
}

pub(crate) async fn applications(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, page) = (call.member()?, page(&call)?);
    let (rows, total) = channel
        .app
        .read(move |tx| {
            let (applications, total) = origination::applications_of(tx, member, page)?;
            let rows: Result<Vec<_>, Fault> =
                applications.into_iter().map(|application| gathered(tx, application)).collect();
            Ok::<_, Fault>((rows?, total))
        })
        .await?;
    let documents = rows.iter().flat_map(|row| &row.documents);
    let documents: Vec<_> = documents.map(|document| document.id).collect();
    let links = Links::issue(&channel, &call, &documents).await?;
    let rows: Vec<_> = rows.iter().map(|row| shown(row, &links)).collect();
    Reply::page(&rows, page, total)
}

fn gathered(tx: &mut Tx<'_, '_>, application: Application) -> Result<Shown, Fault> {
    let product = catalog::version(tx, application.product, application.version)?;
    let product = product.ok_or_else(|| Fault::Corrupt("product_version".into()))?;
    let loan = match application.loan {
        Some(loan) => servicing::loan(tx, loan)?,
        None => None,
    };
    let documents = contract::all_of(tx, &application)?;
    let is_open = matches!(application.state, State::Reviewing | State::Approved);
    let disclosed = if is_open { origination::disclosure_of(tx, application.id)? } else { None };
    let to_confirm = disclosed.is_some_and(|paper| paper.document.confirmed_at.is_none());
    Ok(Shown { application, product, loan, documents, to_confirm })
}

fn shown(row: &Shown, links: &Links) -> ApplicationData {
    let Shown { application, product, loan, documents, to_confirm } = row;
    let request = &application.request;
    // What the sample shows as approved before the review: what was asked for.
    let offer = match application.state {
        State::Reviewing | State::Approved | State::Lent => Some(application.offer()),
        State::Refused | State::Lapsed | State::Withdrawn => None,
    };
    let loan = loan.as_ref();
    let is_late = loan.is_some_and(|loan| loan.overdue_since.is_some());
    let stage = stage(application, loan);
    let released = loan.and_then(|loan| loan.paid_out_at);
    ApplicationData {
        loan_product_id: ids::text(Kind::Product, application.product.number()),
        id: ids::text(Kind::Application, application.id.number()),
        name: product.version.name.clone(),
        code: product.code.clone(),
        status: stage,
        // Whether the customer has something to do.
        action_status: flag(is_late || *to_confirm),
        apply_status: stage,
        apply_amount: yuan(request.amount),
        reply_amount: offer.map(|offer| yuan(offer.amount)),
        repay_type: method_word(request.method),
        release_date: released.map(values::millis),
        apply_time: values::millis(application.applied_at),
        term_count: request.tenor.to_string(),
        term_unit: tenor_unit_word(request.tenor_unit),
        interest_rate: rate(request.rate),
        penalty_rate: product.version.late.daily.to_rate().filter(|r| r.ppm() > 0).map(rate),
        auth_term_count: offer.map(|offer| offer.tenor.to_string()),
        auth_term_unit: offer.map(|offer| tenor_unit_word(offer.tenor_unit)),
        use_type: Some(application.purpose.clone()),
        other_channels: Some(application.other_debts.clone()),
        contract_info_list: documents.iter().filter_map(|paper| links.data(paper)).collect(),
    }
}

/// Source: document 001 §28.2 (借款状态). A loan that was given up is still owed.
fn stage(application: &Application, loan: Option<&Loan>) -> &'static str {
    match application.state {
        State::Reviewing if application.steps_passed == 0 => "0",
        State::Reviewing => "1",
        State::Approved => "2",
        State::Refused | State::Lapsed | State::Withdrawn => "3",
        State::Lent => match loan.map(|loan| loan.state) {
            None | Some(LoanState::PayingOut | LoanState::PayoutFailed) => "2",
            Some(LoanState::Repaying | LoanState::WrittenOff) => "4",
            Some(LoanState::Settled) => "5",
        },
    }
}

section! {
    PLAN: "/appCommonApi/getLoanApplyRepayList", "我的借款，每期还款 (§29)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE, text("loanProductApplyId", "申请借款id")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION];
    success: PLAN_FOUND, Paged, r#"[{"repayId":"00000000-0000-8000-8000-000000000000","periodNum":"1","dueRepayDate":"1795000000000","duePrincipal":"500.00","dueInterest":"7.00","fee":"0","dueAmount":"507.00","loanProductApplyId":"00000000-0000-8000-8000-000000000000"}]"#;
}

pub(crate) async fn plan(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, page) = (call.member()?, page(&call)?);
    let id = application_id(&call)?;
    let rows = channel.app.read(move |tx| {
        let application = origination::application(tx, id)?.filter(|own| own.member == member);
        let Some(application) = application else { return Err(NO_SUCH_APPLICATION.into()) };
        match application.loan {
            Some(loan) => Ok::<_, Failure>(servicing::plan(tx, loan)?),
            None => Ok(Vec::new()),
        }
    });
    let rows = rows.await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let rows = on_page(rows, page).into_iter().map(|row| plan_data(&row, id));
    let rows: Option<Vec<_>> = rows.collect();
    let rows = rows.ok_or_else(|| Failure::from(Fault::Corrupt("plan_row".into())))?;
    Reply::page(&rows, page, total)
}

fn application_id(call: &Call) -> Result<ApplicationId, Failure> {
    let body: PlanBody<'_> = call.read()?;
    let id = values::required(&body.loan_product_apply_id(), "loanProductApplyId")?;
    let id = ids::number(Kind::Application, &id).map(ApplicationId::from_number);
    id.ok_or_else(|| NO_SUCH_APPLICATION.into())
}

fn plan_data(row: &PlanRow, application: ApplicationId) -> Option<PlanData> {
    let due = row.principal.plus(row.interest)?.plus(row.fee)?;
    Some(PlanData {
        repay_id: ids::text(Kind::PlanRow, row.id.number()),
        period_num: row.number.to_string(),
        due_repay_date: values::due_millis(row.due),
        due_principal: yuan(row.principal),
        due_interest: yuan(row.interest),
        fee: fee(row.fee),
        due_amount: yuan(due),
        loan_product_apply_id: ids::text(Kind::Application, application.number()),
    })
}

section! {
    /// The document has no way back; ours.
    WITHDRAW: "/appCommonApi/cancelLoanApply", "撤销借贷申请 (ours)", SESSION;
    fields: [text("loanProductApplyId", "申请借款id")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION, NOT_WITHDRAWN];
    success: WITHDRAWN, Plain, r#""""#;
}

pub(crate) async fn withdraw(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, id) = (call.member()?, application_id(&call)?);
    let route = Route::home(member.number());
    let withdrawn = channel.app.write(route, move |tx| origination::withdraw(tx, member, id)).await;
    withdrawn.map_err(|error| match error {
        WithdrawError::NoSuchApplication => NO_SUCH_APPLICATION.into(),
        WithdrawError::TooLate => NOT_WITHDRAWN.into(),
        WithdrawError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

section! {
    /// The document has no disclosure; the law does.
    DISCLOSURE: "/appCommonApi/getCostDisclosure", "综合融资成本明示 (ours)", SESSION;
    fields: [text("loanProductApplyId", "申请借款id")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION];
    success: DISCLOSED, Plain, r#"{"applyAmount":"5000","replyAmount":"5000.00","totalDueInterest":"10.42","totalFee":"0","termCount":"5","confirmed":"1","contractName":"综合融资成本明示表","contractPath":"https://example.cn/xianjindai/contract/…"}"#;
}

pub(crate) async fn disclosure(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, id) = (call.member()?, application_id(&call)?);
    let found = channel.app.read(move |tx| {
        let own = origination::application(tx, id)?.is_some_and(|known| known.member == member);
        if own { origination::disclosure_of(tx, id) } else { Ok(None) }
    });
    let disclosed = found.await?.ok_or(NO_SUCH_APPLICATION)?;
    let links = Links::issue(&channel, &call, &[disclosed.document.id]).await?;
    let paper = links.data(&disclosed.document).ok_or(NO_SUCH_APPLICATION)?;
    Reply::of(&DisclosureData {
        apply_amount: short(disclosed.amount),
        reply_amount: yuan(disclosed.received),
        total_due_interest: yuan(disclosed.interest),
        total_fee: fee(disclosed.fees),
        term_count: disclosed.tenor.to_string(),
        confirmed: flag(disclosed.document.confirmed_at.is_some()),
        paper,
    })
}

section! {
    /// What somebody has approved otherwise than it was asked for is to be confirmed.
    CONFIRM: "/appCommonApi/confirmLoanApply", "确认批复的借款条件 (ours)", SESSION;
    fields: [text("loanProductApplyId", "申请借款id")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_APPLICATION, NOT_CONFIRMED];
    success: CONFIRMED, Plain, r#""""#;
}

pub(crate) async fn confirm(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, id) = (call.member()?, application_id(&call)?);
    let route = Route::home(member.number());
    let confirmed =
        channel.app.write(route, move |tx| origination::confirm_offer(tx, member, id)).await;
    confirmed.map_err(|error| match error {
        ConfirmOfferError::NoSuchApplication => NO_SUCH_APPLICATION.into(),
        ConfirmOfferError::TooLate => NOT_CONFIRMED.into(),
        ConfirmOfferError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}
