//! Drawing on a limit: the face (活体校验), what it would cost (贷款试算), and the drawdown (提现申请).

use channel_kit::chance;
use lending::Fault;
use lending::origination::{
    self, BeginFace, Draw, DrawError, DrawdownError, FaceError, FaceResult, Missing, Quote,
};
use serde::Serialize;

use crate::Chaojihua;
use crate::call::{Call, home};
use crate::envelope::Reply;
use crate::numbers::{Number, midnight, yuan};
use crate::photo::{self, PhotoProblem};
use crate::section::{ORDER_NO, section, text};
use crate::texts::{
    BUSY, CANCELLED, DONE, DRAWN, DRAWN_ALREADY, FACE_DIFFERENT, FACE_REFUSED, FACE_SENT,
    FIELD_MISSING, FIELD_WRONG, Failure, LOAN_AMOUNT_WRONG, NO_SUCH_ORDER, NOT_CANCELLED,
    NOTHING_TO_DRAW, PERIOD_WRONG, PHOTO_TOO_LARGE, PHOTO_WRONG, TOO_OFTEN, UNMET,
};

section! {
    VERIFY: Post "user-verify", "活体校验", TOKEN;
    fields: [ORDER_NO, text("image1", "照片，JPEG或PNG的base64 data URL，最大4MiB")];
    refusals: [
        FIELD_MISSING, NO_SUCH_ORDER, PHOTO_WRONG, PHOTO_TOO_LARGE, NOTHING_TO_DRAW, TOO_OFTEN,
        FACE_DIFFERENT, FACE_REFUSED
    ];
    success: FACE_SENT, r#""""#;
}

pub(crate) async fn verify(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let text = call.fields.needed("image1")?;
    let application = call.order_id(&channel).await?;
    let photo = photo::read(&text).map_err(|problem| match problem {
        PhotoProblem::Wrong => PHOTO_WRONG,
        PhotoProblem::TooLarge => PHOTO_TOO_LARGE,
    })?;
    let (digest, random) = (channel_kit::digest::of(&[&photo]), chance::bytes()?);
    let begun = channel.app.write(home(member), move |tx| {
        let begin = BeginFace { member, application, digest: &digest, random };
        origination::begin_face(tx, &begin)
    });
    let check = begun.await.map_err(|error| match error {
        FaceError::NoSuchApplication => NO_SUCH_ORDER.into(),
        FaceError::NothingToDraw => NOTHING_TO_DRAW.into(),
        FaceError::TooManyAttempts => TOO_OFTEN.into(),
        FaceError::Fault(fault) => Failure::from(fault),
    })?;
    let id = check.id;
    let outcome = channel.app.face(move |provider| check.ask(provider, &photo)).await?;
    let finish =
        channel.app.write(home(member), move |tx| origination::finish_face(tx, id, &outcome));
    match finish.await? {
        FaceResult::Same => Ok(Reply::done()),
        FaceResult::Different => Err(FACE_DIFFERENT.into()),
        FaceResult::Refused => Err(FACE_REFUSED.into()),
        FaceResult::Unknown => Err(BUSY.into()),
    }
}

section! {
    CALCULATE: Post "loan-calculate", "贷款试算", TOKEN;
    fields: [
        text("amount", "借款金额，元"),
        text("period", "期数，取自订单的 termOptions"),
        ORDER_NO
    ];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, LOAN_AMOUNT_WRONG, PERIOD_WRONG];
    success: DONE,
        r#"{"actualAmount":1000,"payAmount":1010,"payFee":10,"remark":"本金1000.00元，利息10.00元","repayPlan":[{"payAmount":1010,"payCorpus":1000,"payDate":1798646400000,"payFee":10,"serviceCharge":0,"tenor":1}],"serviceFee":0}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Calculated {
    actual_amount: Number,
    pay_amount: Number,
    pay_fee: Number,
    remark: String,
    repay_plan: Vec<Planned>,
    service_fee: Number,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    pay_amount: Number,
    pay_corpus: Number,
    pay_date: i64,
    pay_fee: Number,
    service_charge: Number,
    tenor: u32,
}

impl Calculated {
    /// `None` for sums that are no money. Fees beside the monthly one are the service's.
    fn of(quote: &Quote) -> Option<Self> {
        let schedule = &quote.schedule;
        let rows = schedule.rows.iter().map(|row| {
            Some(Planned {
                pay_amount: yuan(row.principal.plus(row.interest)?.plus(row.fees)?),
                pay_corpus: yuan(row.principal),
                pay_date: midnight(row.due),
                pay_fee: yuan(row.interest),
                service_charge: yuan(row.fees),
                tenor: row.number,
            })
        });
        Some(Self {
            actual_amount: yuan(quote.received),
            pay_amount: yuan(quote.repaid),
            pay_fee: yuan(schedule.interest),
            remark: format!("本金{}元，利息{}元", schedule.principal, schedule.interest),
            repay_plan: rows.collect::<Option<_>>()?,
            service_fee: yuan(quote.row_fees),
        })
    }
}

pub(crate) async fn calculate(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let draw = wanted(&channel, &call, "amount").await?;
    let told = channel.app.write(home(draw.member), move |tx| origination::tell_quote(tx, &draw));
    let quote = told.await.map_err(|error| match error {
        DrawError::NoSuchApplication => NO_SUCH_ORDER.into(),
        DrawError::AlreadyDrawn => DRAWN_ALREADY.into(),
        DrawError::Missing(Missing::Amount) => LOAN_AMOUNT_WRONG.into(),
        DrawError::Missing(_) => Failure::from(PERIOD_WRONG),
        DrawError::Fault(fault) => fault.into(),
    })?;
    Reply::show(&Calculated::of(&quote).ok_or(Fault::Corrupt("quote".into()))?)
}

/// What a call wants to draw. What is there but cannot be read is outside every bound.
async fn wanted(channel: &Chaojihua, call: &Call, amount: &'static str) -> Result<Draw, Failure> {
    call.fields.needed(amount)?;
    call.fields.needed("period")?;
    let member = call.member()?;
    let application = call.order_id(channel).await?;
    let (amount, months) = (call.fields.yuan(amount), call.fields.whole("period"));
    Ok(Draw { member, application, amount, months })
}

section! {
    SUBMIT: Post "loan-submit", "提现申请", TOKEN;
    fields: [ORDER_NO, text("loanAmt", "借款金额，元"), text("period", "期数")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, DRAWN_ALREADY, UNMET];
    success: DRAWN, r#"{"withdrawId":"1234567890123456","orderStatus":"4002"}"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Drawn {
    withdraw_id: String,
    order_status: &'static str,
}

pub(crate) async fn submit(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let draw = wanted(&channel, &call, "loanAmt").await?;
    let drawn = channel.app.write(home(draw.member), move |tx| origination::draw(tx, &draw));
    let drawdown = drawn.await.map_err(|error| match error {
        DrawError::NoSuchApplication => NO_SUCH_ORDER.into(),
        DrawError::AlreadyDrawn => DRAWN_ALREADY.into(),
        DrawError::Missing(missing) => Failure::with(UNMET, missing_text(missing)),
        DrawError::Fault(fault) => fault.into(),
    })?;
    // Where the funding partner decides, it is told at once.
    channel.app.wake();
    let order_status = crate::status::of_drawdown(drawdown.state).code();
    Reply::show(&Drawn { withdraw_id: drawdown.withdraw_no, order_status })
}

/// What is missing, in words.
const fn missing_text(missing: Missing) -> &'static str {
    match missing {
        Missing::Approval => "订单未审批通过",
        Missing::Time => "授信已过期",
        Missing::OpenLine => "额度已冻结",
        Missing::Card => "未绑定银行卡",
        Missing::Face => "未完成活体校验",
        Missing::Amount => "借款金额不在可借范围内",
        Missing::Tenor => "借款期数不可选",
        Missing::Disclosure => "未确认综合融资成本，请先试算",
    }
}

section! {
    CANCEL: Post "loan-cancel", "取消尚未放款的提现申请 (ours)", TOKEN;
    fields: [ORDER_NO];
    refusals: [FIELD_MISSING, NO_SUCH_ORDER, NOT_CANCELLED];
    success: CANCELLED, r#""""#;
}

pub(crate) async fn cancel(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let (member, application) = (call.member()?, call.order_id(&channel).await?);
    let cancelled = channel
        .app
        .write(home(member), move |tx| origination::cancel_drawdown(tx, member, application));
    cancelled.await.map_err(|error| match error {
        DrawdownError::NoSuchDrawdown | DrawdownError::TooLate | DrawdownError::WithPartner => {
            NOT_CANCELLED.into()
        }
        DrawdownError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}
