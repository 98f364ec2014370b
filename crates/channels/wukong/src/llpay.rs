//! The payment provider's pages (连连): a card is signed on one, a loan repaid on another; the
//! browser comes back to the return addresses, the provider's news to the notify address.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use kernel::id::{ApplicationId, CouponId, MemberId};
use kernel::identity::{BankCardNo, CardBins};
use lending::credit::ReserveError;
use lending::customers::{self, BeginSigning, CardCheckError, Finished};
use lending::ports::PayPage;
use lending::servicing::payments::PAGE_MINUTES;
use lending::servicing::{self, BeginError, BeginPage, OnPage, PageBegun};
use lending::{Fault, Page, Route, Tx, credit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{asked, optional, section, text};
use crate::texts::{
    BUSY, CARD_AGAIN, CARD_UNKNOWN, COUPON_EXPIRED, COUPON_MISSING, COUPON_OTHER, COUPON_SMALL,
    COUPON_USED, DONE, Failure, IDENTITY_FIRST, LOAN_REPAID, MALFORMED, NO_CARD, NO_SUCH_LOAN,
    NO_TOKEN, NOT_SERVED, PAYING, REPAID, TOO_OFTEN,
};
use crate::{CHANNEL, PayData, Wukong};

/// Where a browser comes back to after a card was signed, or not.
pub(crate) const SIGN_RETURN: &str = "/llpay-sign-return";
/// Where a browser comes back to after a payment.
pub(crate) const PAY_RETURN: &str = "/llpay-auth-pay-return";
/// Where the provider tells what became of payments.
pub(crate) const PAY_NOTIFY: &str = "/llpay-auth-pay-notify";

section! {
    SIGN: Get "/llpay-sign", "银行卡认证", TOKEN;
    fields: [
        asked(optional("id_type", "证件类型,默认0，即身份证")),
        asked(text("card_no", "银行卡号")),
    ];
    refusals: [MALFORMED, CARD_UNKNOWN, NOT_SERVED, IDENTITY_FIRST, CARD_AGAIN, TOO_OFTEN];
    success: DONE, r#"[{"req_data":{"version":"1.1","app_request":3,"sign_type":"RSA","sign":"…"}}]"#;
}

#[derive(Serialize)]
struct Shown {
    req_data: Value,
}

pub(crate) async fn sign(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let (kind, number) = (call.fields.text("id_type"), call.fields.text("card_no"));
    if !matches!(kind, "" | "0") || number.is_empty() {
        return Err(MALFORMED.into());
    }
    let number = BankCardNo::parse(number).ok_or(CARD_UNKNOWN)?;
    let card = number.clone();
    let holder = channel.app.page(move |pages| pages.holder(&card)).await?.ok_or(NOT_SERVED)?;
    let begin = BeginSigning { member, number, holder };
    let signing = channel.app.write(Route::home(member.number()), move |tx| {
        customers::begin_signing(tx, &begin, CardBins::shipped())
    });
    let holder = signing.await.map_err(not_signed)?;
    let back = format!("{}{SIGN_RETURN}", channel.settings.public_url);
    let data = channel.app.page(move |pages| pages.sign(&holder, &back)).await?.flatten();
    let mut req_data = data.and_then(|data| serde_json::from_str(&data).ok()).ok_or(BUSY)?;
    // The sample prints this one as a number.
    if let Value::Object(fields) = &mut req_data {
        fields.insert("app_request".to_owned(), Value::from(3));
    }
    Reply::one(&Shown { req_data })
}

fn not_signed(error: CardCheckError) -> Failure {
    match error {
        CardCheckError::NoSuchCustomer => NO_TOKEN.into(),
        CardCheckError::RealNameFirst => IDENTITY_FIRST.into(),
        CardCheckError::WrongNumber | CardCheckError::UnknownBank | CardCheckError::NotDebit => {
            CARD_UNKNOWN.into()
        }
        CardCheckError::AlreadyVerified => CARD_AGAIN.into(),
        CardCheckError::CardLocked { .. }
        | CardCheckError::TooManyForCard
        | CardCheckError::TooManyAttempts => TOO_OFTEN.into(),
        CardCheckError::Fault(fault) => fault.into(),
    }
}

section! {
    AUTH_PAY: Post "/llpay-auth-pay", "用户主动还款（连连认证支付）", TOKEN;
    fields: [text("loan_id", "用户借款ID"), optional("coupon_id", "代金券ID")];
    refusals: [
        MALFORMED, NOT_SERVED, NO_SUCH_LOAN, LOAN_REPAID, NO_CARD, PAYING, COUPON_MISSING,
        COUPON_USED, COUPON_EXPIRED, COUPON_OTHER, COUPON_SMALL
    ];
    success: DONE, r#"[{"req_data":"{\"version\":\"1.1\",\"sign_type\":\"RSA\",\"sign\":\"…\"}"}]"#;
}

pub(crate) async fn auth_pay(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let application = call.fields.whole("loan_id").ok_or(MALFORMED)?;
    let application = ApplicationId::from_number(application);
    let place = match call.fields.text("coupon_id") {
        "" => None,
        _ => Some(call.fields.whole("coupon_id").ok_or(MALFORMED)?),
    };
    if channel.app.page(|_| ()).await?.is_none() {
        return Err(NOT_SERVED.into());
    }
    let begun = channel.app.write(Route::home(member.number()), move |tx| {
        let loan = servicing::loan_of_application(tx, application)?.ok_or(BeginError::NoSuchRow)?;
        let coupon = match place {
            Some(place) => Some(
                coupon_at(tx, member, place)?
                    .ok_or(BeginError::Coupon(ReserveError::NoSuchCoupon))?,
            ),
            None => None,
        };
        let begun = servicing::begin_on_page(tx, &BeginPage { member, loan: loan.id, coupon })?;
        let PageBegun::Ordered(order) = begun else { return Ok(None) };
        let holder = customers::card_holder(tx, member, &order.card.number)?;
        let holder = holder.ok_or(Fault::Corrupt("customer".into()))?;
        Ok(Some((order, holder)))
    });
    let Some((order, holder)) = begun.await.map_err(not_paid)? else {
        return Ok(Reply::done().saying(REPAID));
    };
    let OnPage { order_no, amount, .. } = *order;
    let base = &channel.settings.public_url;
    let page = PayPage {
        holder,
        order_no,
        amount,
        valid_minutes: PAGE_MINUTES,
        notify_url: format!("{base}{PAY_NOTIFY}"),
        return_url: format!("{base}{PAY_RETURN}"),
    };
    let data = channel.app.page(move |pages| pages.pay(&page)).await?.flatten().ok_or(BUSY)?;
    let req_data = match channel.settings.pay_data {
        PayData::Text => Value::String(data),
        PayData::Object => serde_json::from_str(&data).map_err(|_| BUSY)?,
    };
    Reply::one(&Shown { req_data })
}

/// The coupon at a place among the customer's own, from the oldest on.
fn coupon_at(tx: &mut Tx<'_, '_>, member: MemberId, place: i64) -> Result<Option<CouponId>, Fault> {
    let total = credit::coupon_count(tx, member)?;
    let newer = total.saturating_sub(place);
    if place < 1 || newer < 0 {
        return Ok(None);
    }
    let Some(page) = Page::from_offset(newer, 1) else { return Ok(None) };
    Ok(credit::coupons(tx, member, page)?.first().map(|coupon| coupon.id))
}

fn not_paid(error: BeginError) -> Failure {
    match error {
        BeginError::NoSuchRow | BeginError::NotYours => NO_SUCH_LOAN.into(),
        BeginError::Settled | BeginError::RowPaid => LOAN_REPAID.into(),
        BeginError::NoCard => NO_CARD.into(),
        BeginError::UnderWay | BeginError::EarlierFirst => PAYING.into(),
        BeginError::Coupon(ReserveError::NoSuchCoupon) => COUPON_MISSING.into(),
        BeginError::Coupon(ReserveError::Used | ReserveError::Reserved) => COUPON_USED.into(),
        BeginError::Coupon(ReserveError::Expired) => COUPON_EXPIRED.into(),
        BeginError::Coupon(ReserveError::OtherKind) => COUPON_OTHER.into(),
        BeginError::Coupon(ReserveError::TooSmall { .. }) => COUPON_SMALL.into(),
        BeginError::Coupon(ReserveError::Fault(fault)) | BeginError::Fault(fault) => fault.into(),
    }
}

/// What a browser brings back from the provider.
#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    status: String,
    #[serde(default)]
    result: String,
}

/// The browser is back from signing a card.
pub(crate) async fn sign_return(
    State(channel): State<Wukong>,
    Query(Back { status, result }): Query<Back>,
) -> Response {
    let read = channel.app.page(move |pages| pages.signed(&status, &result)).await;
    let holder = match read {
        Ok(holder) => holder.flatten(),
        Err(fault) => return broken(&fault),
    };
    let Some(holder) = holder else { return channel.lead_back("银行卡未签约", "failure") };
    let signed = channel.app.write(Route::home(0), move |tx| customers::signed(tx, &holder)).await;
    match signed {
        Ok(Some(Finished::Verified)) => channel.lead_back("银行卡签约成功", "success"),
        Ok(_) => channel.lead_back("签约已失效，请重新认证银行卡", "failure"),
        Err(fault) => broken(&fault),
    }
}

/// The browser is back from paying; what became of the order is the provider's to tell.
pub(crate) async fn pay_return(
    State(channel): State<Wukong>,
    Query(Back { status, .. }): Query<Back>,
) -> Response {
    channel.app.wake();
    if status == "0000" {
        channel.lead_back("付款已提交，到账后借款状态会自动更新", "success")
    } else {
        channel.lead_back("付款未完成", "failure")
    }
}

/// News of the provider about a payment: acknowledged once it is booked.
pub(crate) async fn pay_notify(State(channel): State<Wukong>, body: String) -> Response {
    let lending = channel.app.lending().clone();
    let heard = channel.app.page(move |pages| channel_kit::news::hear(&lending, pages, &body));
    let said = match heard.await {
        Ok(Some(said)) => said,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(fault) => return broken(&fault),
    };
    channel.app.wake();
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], said).into_response()
}

fn broken(fault: &Fault) -> Response {
    channel_kit::app::log_fault(CHANNEL.word(), fault);
    (StatusCode::SERVICE_UNAVAILABLE, BUSY.msg).into_response()
}

impl Wukong {
    /// A page that says what came of it and leads back to the app, where one is known.
    fn lead_back(&self, said: &str, outcome: &str) -> Response {
        let app = &self.settings.app_url;
        let (refresh, link) = if app.is_empty() {
            (String::new(), String::new())
        } else {
            let mark = if app.contains('?') { '&' } else { '?' };
            let url = kernel::html::escape(&format!("{app}{mark}llpay={outcome}"));
            (
                format!("<meta http-equiv=\"refresh\" content=\"3;url={url}\">"),
                format!("<p><a href=\"{url}\">返回</a></p>"),
            )
        };
        Html(format!(
            "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">{refresh}<title>{said}</title>\
             </head><body data-outcome=\"{outcome}\"><h1>{said}</h1>{link}</body></html>\n"
        ))
        .into_response()
    }
}
