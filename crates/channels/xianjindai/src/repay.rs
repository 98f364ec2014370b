//! What is due, and paying it (§26, §36).

use channel_kit::Scalar;
use kernel::Money;
use kernel::id::{DocumentId, PlanRowId};
use lending::servicing::payments::PaymentState;
use lending::servicing::{self, BeginError, BeginRepayment, Begun, DueList, Meant, Which};
use lending::{Fault, Page, Route};

use crate::Xianjindai;
use crate::call::Call;
use crate::contract::{self, Links};
use crate::envelope::Reply;
use crate::failure::{
    ALL_REPAID, EARLIER_FIRST, FIELD_MISSING, FIELD_WRONG, Failure, NO_SUCH_PLAN, NOT_REPAID,
    PLAN_NOT_YOURS, REPAID, REPAYING, REPAYMENTS_FOUND, ROW_REPAID,
};
use crate::ids::{self, Kind};
use crate::message::page;
use crate::section::{PAGE_NUM, PAGE_SIZE, section, text};
use crate::wire::answers::RepaymentData;
use crate::wire::values::{fee, flag, yuan};
use crate::wire::{RepayBody, RepaymentsBody, values};

section! {
    REPAYMENTS: "/appCommonApi/getRepayInfoList", "获取还款信息 (§26)", SESSION;
    fields: [PAGE_NUM, PAGE_SIZE, text("condition", "查询条件 0：全部 1：已还 2：未还 3：逾期 4：主动")];
    refusals: [FIELD_MISSING, FIELD_WRONG];
    success: REPAYMENTS_FOUND, Paged, r#"[{"id":"00000000-0000-8000-8000-000000000000","productName":"…","code":"…","periodNum":"1","dueRepayDate":"2026-11-13 23:59:59.0","repayStatus":"0","applyAmount":"500.00","duePrincipal":"500.00","dueInterest":"7.00","duePenalty":"100.00","dueFeeAmount":"0","dueTotalAmount":"607.00","needPayTotalAmount":"607.00"}]"#;
}

pub(crate) async fn repayments(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (member, page) = (call.member()?, page(&call)?);
    let body: RepaymentsBody<'_> = call.read()?;
    values::required(&body.condition(), "condition")?;
    let which = which(&body.condition()).ok_or_else(|| Failure::with(FIELD_WRONG, "condition"))?;
    let (rows, total) = channel
        .app
        .read(move |tx| {
            let rows = servicing::due_rows_of(tx, member, which)?;
            let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let mut shown = Vec::new();
            for entry in on_page(rows, page) {
                let contract = contract::of_loan(tx, entry.loan.id)?;
                shown.push((entry, contract));
            }
            Ok::<_, Fault>((shown, total))
        })
        .await?;
    let documents: Vec<_> = rows.iter().filter_map(|(_, contract)| *contract).collect();
    let links = Links::issue(&channel, &call, &documents).await?;
    let shown = rows.iter().map(|(entry, contract)| shown(entry, *contract, which, &links));
    let shown: Option<Vec<_>> = shown.collect();
    let shown = shown.ok_or_else(|| Failure::from(Fault::Corrupt("plan_row".into())))?;
    Reply::page(&shown, page, total)
}

/// Source: document 001 §26.1; its sample sends 0, which stands for all.
fn which(condition: &Scalar<'_>) -> Option<Which> {
    match values::choice(condition)? {
        0 => Some(Which::All),
        1 => Some(Which::Repaid),
        2 => Some(Which::NotDue),
        3 => Some(Which::Overdue),
        4 => Some(Which::Settleable),
        _ => None,
    }
}

/// The rows of one page.
pub(crate) fn on_page<T>(rows: Vec<T>, page: Page) -> Vec<T> {
    let before = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let most = usize::try_from(page.size()).unwrap_or(usize::MAX);
    rows.into_iter().skip(before).take(most).collect()
}

/// What is to be paid is what §36 would take: the row, or the whole loan where that is asked for.
fn shown(
    entry: &DueList,
    contract: Option<DocumentId>,
    which: Which,
    links: &Links,
) -> Option<RepaymentData> {
    let (loan, row) = (&entry.loan, &entry.row);
    let to_pay = if which == Which::Settleable { entry.settlement } else { row.outstanding };
    let is_running = loan.state == servicing::LoanState::Repaying;
    Some(RepaymentData {
        id: ids::text(Kind::PlanRow, row.row.id.number()),
        product_name: entry.product.clone(),
        code: loan.code.clone(),
        period_num: row.row.number.to_string(),
        due_repay_date: values::due_text(row.row.due),
        repay_status: flag(row.outstanding == Money::ZERO || !is_running),
        apply_amount: yuan(loan.terms.amount),
        due_principal: yuan(row.principal),
        due_interest: yuan(row.interest),
        due_penalty: fee(row.penalty),
        due_fee_amount: fee(row.fee),
        due_total_amount: yuan(row.total()?),
        need_pay_total_amount: yuan(to_pay),
        contract_url: contract.and_then(|id| links.of(id)),
    })
}

section! {
    REPAY: "/appCommonApi/gotoRepayment", "还款，按期还款或一次性还清 (§36)", SESSION;
    fields: [text("id", "还款计划id"), text("repayType", "current：按期还款 all：一次性还清")];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_PLAN, PLAN_NOT_YOURS, ALL_REPAID, ROW_REPAID,
        EARLIER_FIRST, REPAYING, NOT_REPAID
    ];
    success: REPAID, Plain, r#""""#;
}

pub(crate) async fn repay(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let body: RepayBody<'_> = call.read()?;
    let id = values::required(&body.id(), "id")?;
    let meant = match &*values::required(&body.repay_type(), "repayType")? {
        "current" => Meant::Row,
        "all" => Meant::Settlement,
        _ => return Err(Failure::with(FIELD_WRONG, "repayType")),
    };
    let row = ids::number(Kind::PlanRow, &id).ok_or(NO_SUCH_PLAN)?;
    let row = PlanRowId::from_number(row);
    let command = BeginRepayment { member, row, meant, coupon: None };
    let route = Route::home(member.number());
    let begun = channel.app.write(route, move |tx| servicing::begin_repayment(tx, &command)).await;
    let begun = begun.map_err(|error| match error {
        BeginError::NoSuchRow => NO_SUCH_PLAN.into(),
        BeginError::NotYours => PLAN_NOT_YOURS.into(),
        BeginError::Settled => ALL_REPAID.into(),
        BeginError::RowPaid => ROW_REPAID.into(),
        BeginError::EarlierFirst => EARLIER_FIRST.into(),
        BeginError::NoCard => Failure::with(NOT_REPAID, "未绑定银行卡"),
        BeginError::UnderWay => REPAYING.into(),
        // The document knows no coupons, and none was given.
        BeginError::Coupon(_) => Failure::with(NOT_REPAID, "代金券不可用"),
        BeginError::Fault(fault) => fault.into(),
    })?;
    let payment = match begun {
        Begun::Ordered(payment) => channel.app.settled(payment).await?,
        Begun::Paid(_) => return Ok(Reply::done()),
    };
    match payment.state {
        PaymentState::Succeeded => Ok(Reply::done()),
        PaymentState::Failed => {
            let reason = payment.reason.as_deref().unwrap_or("银行未受理");
            Err(Failure::with(NOT_REPAID, reason))
        }
        PaymentState::Requested | PaymentState::Sent | PaymentState::Unknown => {
            Err(REPAYING.into())
        }
    }
}
