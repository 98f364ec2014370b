//! The plan of repayments (还款计划) as it stands now, and repaying: row by row, or all at once.

use kernel::id::PlanRowId;
use kernel::{Date, Money};
use lending::customers::{self, Card};
use lending::origination::{self, Application};
use lending::servicing::payments::{self, Payment, PaymentState, Purpose};
use lending::servicing::{
    self, BeginError, BeginRepayment, Begun, DueRow, Loan, LoanState, Meant, Repayment,
};
use lending::{Fault, Tx};
use serde::Serialize;

use crate::Chaojihua;
use crate::call::{Call, home};
use crate::envelope::Reply;
use crate::numbers::{Number, midnight, yuan};
use crate::orders::View;
use crate::section::{ORDER_NO, optional, section};
use crate::texts::{
    DONE, DONE_WITH_ZERO, EARLIER_FIRST, FIELD_MISSING, FIELD_WRONG, Failure, NO_SUCH_ORDER,
    NO_SUCH_PERIOD, NOT_PAID_OUT, NOT_REPAID, REPAID, REPAYING, REPAYING_ALREADY, ROW_PAID,
    SETTLED,
};

/// Until when a payment counts for the day. Source: document 000, 还款计划.
const PAY_TILL: &str = "23:00:00";

section! {
    PLAN_LIST: Post "repay-plan-list", "还款计划", TOKEN;
    fields: [ORDER_NO];
    refusals: [FIELD_MISSING, NO_SUCH_ORDER, NOT_PAID_OUT];
    success: DONE_WITH_ZERO,
        r#"{"bankCode":"CCB","bankName":"中国建设银行","cardNo":"6217000000000000012","earlyRepay":0,"orderNo":"202611251400165897932384","repayPlan":[],"withdrawId":"1234567890123456","loanAmount":"1000.00","createTime":"2026-11-25","needPayAmount":1010,"allPayAmount":1010,"payedAmount":0}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    bank_code: String,
    bank_name: String,
    card_no: String,
    early_repay: u8,
    order_no: String,
    repay_plan: Vec<Row>,
    withdraw_id: String,
    loan_amount: String,
    create_time: String,
    need_pay_amount: Number,
    all_pay_amount: Number,
    payed_amount: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    all_paid_amount: Number,
    all_pay_amount: Number,
    all_pay_corpus: Number,
    all_pay_fee: Number,
    can_repay_date: i64,
    can_repay_status: bool,
    corpus_amt: Number,
    curr_tenor: u32,
    is_paid: bool,
    is_paying: bool,
    late_fee: Number,
    over_days: i32,
    pay_date: i64,
    pay_till_time: &'static str,
    pay_type: u8,
    remain_amount: Number,
}

/// A loan that was paid out, with what is shown of its plan.
struct Book {
    view: View,
    loan: Loan,
    start: Date,
    card: Option<Card>,
    repayments: Vec<Repayment>,
    payments: Vec<Payment>,
}

impl Book {
    /// `None` for an order that was not paid out.
    fn open(tx: &mut Tx<'_, '_>, application: Application) -> Result<Option<Self>, Fault> {
        let card = customers::payout_card(tx, application.member)?;
        let view = View::of(tx, application)?;
        let Some(loan) = view.loan.clone() else { return Ok(None) };
        let Some(start) = loan.start else { return Ok(None) };
        let repayments = servicing::repayments(tx, loan.id)?;
        let payments = payments::payments_of(tx, loan.id)?;
        Ok(Some(Self { view, loan, start, card, repayments, payments }))
    }

    fn is_running(&self) -> bool {
        self.loan.state == LoanState::Repaying
    }

    /// Whether a payment for a row, or for all of them, is under way.
    fn is_paying(&self, row: &DueRow) -> bool {
        self.payments.iter().any(|payment| {
            !payment.state.is_final()
                && match payment.purpose {
                    Purpose::Instalment => payment.row == Some(row.row.id),
                    Purpose::Settlement | Purpose::Amount => true,
                    Purpose::Payout | Purpose::Refund => false,
                }
        })
    }

    /// Whether nothing is owed on a row: paid, or settled with the loan.
    fn is_paid(&self, row: &DueRow) -> bool {
        row.outstanding == Money::ZERO || self.loan.state == LoanState::Settled
    }

    /// The row that is to be paid next.
    fn next(&self) -> Option<&DueRow> {
        self.view.rows.iter().find(|row| !self.is_paid(row)).filter(|_| self.is_running())
    }

    /// Whether all of it was paid before its last day.
    fn was_settled_early(&self) -> bool {
        let mut settling = self.repayments.iter().filter(|paid| !paid.reversed && paid.settles);
        self.loan.state == LoanState::Settled
            && self.view.rows.last().is_some_and(|last| settling.any(|paid| paid.on < last.row.due))
    }

    /// A row as it stands now; `None` for sums that are no money.
    fn row(&self, row: &DueRow) -> Option<Row> {
        let total = row.total()?;
        let is_paid = self.is_paid(row);
        let outstanding = if is_paid { Money::ZERO } else { row.outstanding };
        let is_next = self.next().is_some_and(|next| next.row.id == row.row.id);
        let is_paying = self.is_paying(row);
        Some(Row {
            all_paid_amount: yuan(total.minus(outstanding)?),
            all_pay_amount: yuan(total),
            all_pay_corpus: yuan(row.principal),
            all_pay_fee: yuan(row.interest.plus(row.fee)?),
            can_repay_date: midnight(self.start),
            can_repay_status: is_next && !is_paying,
            corpus_amt: yuan(row.principal),
            curr_tenor: row.row.number,
            is_paid,
            is_paying,
            late_fee: yuan(row.penalty),
            over_days: if is_paid { 0 } else { row.overdue_days.max(0) },
            pay_date: midnight(row.row.due),
            pay_till_time: PAY_TILL,
            pay_type: match (is_paid || !self.is_running(), is_next) {
                (true, _) => 0,
                // Either way of `repay-submit` (1 and 2), or only all at once.
                (false, true) => 3,
                (false, false) => 2,
            },
            remain_amount: yuan(outstanding),
        })
    }

    fn plan(&self) -> Option<Shown> {
        let rows = &self.view.rows;
        let all = rows.iter().try_fold(Money::ZERO, |sum, row| sum.plus(row.total()?))?;
        let open = rows.iter().filter(|row| !self.is_paid(row));
        let open = open.map(|row| row.outstanding).try_fold(Money::ZERO, Money::plus)?;
        let card = self.card.as_ref();
        let drawdown = self.view.drawdown.as_ref();
        Some(Shown {
            bank_code: card.map_or_else(String::new, |card| card.bank_code.clone()),
            bank_name: card.map_or_else(String::new, |card| card.bank_name.clone()),
            card_no: card.map_or_else(String::new, |card| card.number.expose().to_owned()),
            early_repay: u8::from(self.was_settled_early()),
            order_no: self.view.application.code.clone(),
            repay_plan: rows.iter().map(|row| self.row(row)).collect::<Option<_>>()?,
            withdraw_id: drawdown.map_or_else(String::new, |drawn| drawn.withdraw_no.clone()),
            loan_amount: self.loan.terms.amount.to_string(),
            create_time: self.start.to_string(),
            need_pay_amount: yuan(open),
            all_pay_amount: yuan(all),
            payed_amount: yuan(all.minus(open)?),
        })
    }
}

async fn book(channel: &Chaojihua, call: &Call) -> Result<Book, Failure> {
    let application = call.order_id(channel).await?;
    let found = channel.app.read(move |tx| {
        let Some(application) = origination::application(tx, application)? else { return Ok(None) };
        Book::open(tx, application)
    });
    found.await?.ok_or_else(|| NOT_PAID_OUT.into())
}

pub(crate) async fn plan_list(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let book = book(&channel, &call).await?;
    Reply::show(&book.plan().ok_or(Fault::Corrupt("plan_row".into()))?)
}

section! {
    PLAN: Post "repay-plan", "本次还款试算：按期或提前结清 (s)", TOKEN;
    fields: [ORDER_NO, PAY_TYPE, PERIOD];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, NOT_PAID_OUT, SETTLED, NO_SUCH_PERIOD, ROW_PAID
    ];
    success: DONE,
        r#"{"orderNo":"202611251400165897932384","payType":1,"period":1,"payAmount":1010,"payCorpus":1000,"payFee":10,"lateFee":0,"repayPlan":[]}"#;
}

const PAY_TYPE: channel_kit::Field = optional("payType", "1：正常还款（默认）；2：提前结清");
const PERIOD: channel_kit::Field = optional("period", "期数；省略为当前应还的一期");

/// What is to be paid, and how much of what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Due {
    order_no: String,
    pay_type: u8,
    period: u32,
    pay_amount: Number,
    pay_corpus: Number,
    pay_fee: Number,
    late_fee: Number,
    repay_plan: Vec<Row>,
}

/// How a call means to repay.
fn meant(call: &Call) -> Result<Meant, Failure> {
    if call.fields.scalar("payType").is_empty() {
        return Ok(Meant::Row);
    }
    match call.fields.whole("payType") {
        Some(1) => Ok(Meant::Row),
        Some(2) => Ok(Meant::Settlement),
        Some(_) | None => Err(Failure::with(FIELD_WRONG, "payType")),
    }
}

/// The row that a call names, or the next one.
fn named<'b>(book: &'b Book, call: &Call) -> Result<&'b DueRow, Failure> {
    if call.fields.scalar("period").is_empty() {
        return book.next().ok_or_else(|| SETTLED.into());
    }
    let period = call.fields.whole("period").ok_or_else(|| Failure::with(FIELD_WRONG, "period"))?;
    let row = book.view.rows.iter().find(|row| row.row.number == period);
    row.ok_or_else(|| NO_SUCH_PERIOD.into())
}

pub(crate) async fn plan(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let meant = meant(&call)?;
    let book = book(&channel, &call).await?;
    if !book.is_running() {
        return Err(SETTLED.into());
    }
    let row = named(&book, &call)?;
    if meant == Meant::Row && book.is_paid(row) {
        return Err(ROW_PAID.into());
    }
    Reply::show(&due(&book, row, meant).ok_or(Fault::Corrupt("plan_row".into()))?)
}

/// What settling takes beyond principal and penalties is the fee for the days used.
fn due(book: &Book, row: &DueRow, meant: Meant) -> Option<Due> {
    let rows: Vec<&DueRow> = match meant {
        Meant::Row => vec![row],
        Meant::Settlement => book.view.rows.iter().filter(|row| !book.is_paid(row)).collect(),
    };
    let sum = |part: fn(&DueRow) -> Money| {
        rows.iter().map(|row| part(row)).try_fold(Money::ZERO, Money::plus)
    };
    let late = sum(|row| row.penalty.min(row.outstanding))?;
    let amount = match meant {
        Meant::Row => row.outstanding,
        Meant::Settlement => book.view.settlement,
    };
    let corpus = match meant {
        Meant::Row => row.principal.min(amount),
        Meant::Settlement => book.loan.terms.amount.minus(book.loan.paid.principal)?.min(amount),
    };
    let late = late.min(amount.minus(corpus)?);
    Some(Due {
        order_no: book.view.application.code.clone(),
        pay_type: match meant {
            Meant::Row => 1,
            Meant::Settlement => 2,
        },
        period: row.row.number,
        pay_amount: yuan(amount),
        pay_corpus: yuan(corpus),
        pay_fee: yuan(amount.minus(corpus)?.minus(late)?),
        late_fee: yuan(late),
        repay_plan: rows.iter().map(|row| book.row(row)).collect::<Option<_>>()?,
    })
}

section! {
    SUBMIT: Post "repay-submit", "还款：按期或提前结清 (s)", TOKEN;
    fields: [ORDER_NO, PAY_TYPE, PERIOD];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, NOT_PAID_OUT, NO_SUCH_PERIOD, SETTLED,
        ROW_PAID, EARLIER_FIRST, REPAYING_ALREADY, NOT_REPAID
    ];
    success: REPAID, r#"{"orderNo":"202611251400165897932384","payAmount":1010,"status":"success"}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Repaid {
    order_no: String,
    pay_amount: Number,
    status: &'static str,
}

pub(crate) async fn submit(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let (member, meant) = (call.member()?, meant(&call)?);
    let book = book(&channel, &call).await?;
    if !book.is_running() {
        return Err(SETTLED.into());
    }
    let row: PlanRowId = named(&book, &call)?.row.id;
    let command = BeginRepayment { member, row, meant, coupon: None };
    let begun =
        channel.app.write(home(member), move |tx| servicing::begin_repayment(tx, &command)).await;
    let begun = begun.map_err(|error| match error {
        BeginError::NoSuchRow => NO_SUCH_PERIOD.into(),
        BeginError::NotYours => NO_SUCH_ORDER.into(),
        BeginError::Settled => SETTLED.into(),
        BeginError::RowPaid => ROW_PAID.into(),
        BeginError::EarlierFirst => EARLIER_FIRST.into(),
        BeginError::NoCard => Failure::with(NOT_REPAID, "未绑定银行卡"),
        BeginError::UnderWay => REPAYING_ALREADY.into(),
        // The document knows no coupons, and none was given.
        BeginError::Coupon(_) => Failure::with(NOT_REPAID, "代金券不可用"),
        BeginError::Fault(fault) => fault.into(),
    })?;
    let order_no = book.view.application.code.clone();
    let said =
        |amount: Money, status| Reply::show(&Repaid { order_no, pay_amount: yuan(amount), status });
    let payment = match begun {
        Begun::Ordered(payment) => channel.app.settled(payment).await?,
        Begun::Paid(repayment) => return said(repayment.amount, "success"),
    };
    match payment.state {
        PaymentState::Succeeded => said(payment.amount, "success"),
        PaymentState::Failed => {
            let reason = payment.reason.as_deref().unwrap_or("银行未受理");
            Err(Failure::with(NOT_REPAID, reason))
        }
        PaymentState::Requested | PaymentState::Sent | PaymentState::Unknown => {
            Ok(said(payment.amount, "paying")?.saying(REPAYING))
        }
    }
}
