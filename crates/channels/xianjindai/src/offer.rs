//! From the quote to the application (§22, §23).

use channel_kit::{Field, Scalar};
use kernel::id::ProductId;
use kernel::{Money, Rate};
use lending::catalog::{self, IntervalUnit, Method, NotOffered, Request, TenorUnit};
use lending::customers::consents::{self, ConsentError, Purpose};
use lending::customers::{self, PhoneBookError};
use lending::origination::{self, Quote, QuoteError, Submit, SubmitError};
use lending::{Route, Tx};

use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    ACCOUNT_CLOSED, ALREADY_APPLIED, AMOUNT_RANGE, AMOUNT_WRONG, APPLIED, Answer, BLACKLISTED,
    DAYS_IN_EQUAL_PARTS, FIELD_MISSING, FIELD_WRONG, Failure, INTERVAL_RANGE, INTERVAL_UNIT_RANGE,
    INTERVAL_UNIT_WRONG, INTERVAL_WRONG, LIMIT_TOO_LOW, METHOD_RANGE, METHOD_WRONG, MONTHS_BY_DAYS,
    NO_SUCH_PRODUCT, NOT_APPLIED, PRODUCT_OFF, PROFILE_INCOMPLETE, QUOTED, RATE_RANGE, RATE_WRONG,
    SESSION_GONE, TERM_RANGE, TERM_UNIT_RANGE, TERM_UNIT_WRONG, TERM_WRONG, UNPRICEABLE,
};
use crate::ids::{self, Kind};
use crate::section::{PHONE_BOOK, optional, section, text};
use crate::wire::answers::{OTHER_CHANNELS, PURPOSES, QuoteData};
use crate::wire::{self, ApplyBody, OfferBody, PhonebookBody, values};
use crate::{CHANNEL, Xianjindai};

const PRODUCT_ID: Field = text("productId", "产品id");
const AMOUNT: Field = text("amount", "借贷金额");
const TERM_COUNT: Field = text("termCount", "借贷期限");
const TERM_UNIT: Field = text("termUnit", "借贷期限单位 1：日 2：月");
const INTERVAL: Field = text("repayTermCount", "还款间隔期限");
const INTERVAL_UNIT: Field = text("repayTermUnit", "还款间隔期限单位 1：日 2：月 3：季 4：年");
const METHOD: Field =
    text("repayType", "还款方式 1：一次性还本付息 2：按期还息到期还本 3：等额本息 4：等本等息");
const RATE: Field = text("interestRate", "年化利率，如0.12");
const CONTACTS: Field = Field {
    kind: "array",
    ..optional(PHONE_BOOK, "手机通讯录集合：contactName、contactPhone、remark")
};

section! {
    QUOTE: "/appCommonApi/getLoanApplyConfirmInfo", "获取申请确认页面信息 (§22)", SESSION;
    fields: [
        PRODUCT_ID, AMOUNT, TERM_COUNT, TERM_UNIT, INTERVAL, INTERVAL_UNIT, METHOD, RATE
    ];
    refusals: [
        FIELD_MISSING, AMOUNT_WRONG, RATE_WRONG, TERM_WRONG, TERM_UNIT_WRONG, INTERVAL_WRONG,
        INTERVAL_UNIT_WRONG, METHOD_WRONG, NO_SUCH_PRODUCT, PRODUCT_OFF, AMOUNT_RANGE, RATE_RANGE,
        TERM_UNIT_RANGE, TERM_RANGE, INTERVAL_UNIT_RANGE, INTERVAL_RANGE, MONTHS_BY_DAYS,
        METHOD_RANGE, DAYS_IN_EQUAL_PARTS, UNPRICEABLE
    ];
    success: QUOTED, Plain, r#"{"applyAmount":"5000","repayTime":"2026-11-26","replyAmount":"4500.00","totalAmount":"5010.42","totalDueFee":"0","totalDueInterest":"10.42","totalDuePrincipal":"5000"}"#;
}

pub(crate) async fn quote(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    call.member()?;
    let (product, request) = asked(&call)?;
    let product = product.ok_or(NO_SUCH_PRODUCT)?;
    let quote = channel.app.read(move |tx| {
        let quoted = origination::quote(tx, CHANNEL, product, &request);
        quoted.map_err(|error| unquoted(tx, product, error))
    });
    Reply::of(&shown(&quote.await?))
}

fn shown(quote: &Quote) -> QuoteData {
    QuoteData {
        apply_amount: values::short(quote.request.amount),
        repay_time: quote.last_due().map(|day| day.to_string()).unwrap_or_default(),
        reply_amount: values::yuan(quote.received),
        total_amount: values::yuan(quote.repaid),
        total_due_fee: values::fee(quote.row_fees),
        total_due_interest: values::yuan(quote.schedule.interest),
        total_due_principal: values::short(quote.schedule.principal),
    }
}

/// Product and request of §22 and §23: first every field is there, then each is well formed, in
/// the order of the document's table of codes. A text that is no product's id is no product.
fn asked(call: &Call) -> Result<(Option<ProductId>, Request), Failure> {
    let body: OfferBody<'_> = call.read()?;
    for (field, name) in [
        (body.product_id(), "productId"),
        (body.amount(), "amount"),
        (body.term_count(), "termCount"),
        (body.term_unit(), "termUnit"),
        (body.repay_term_count(), "repayTermCount"),
        (body.repay_term_unit(), "repayTermUnit"),
        (body.repay_type(), "repayType"),
        (body.interest_rate(), "interestRate"),
    ] {
        if field.is_empty() {
            return Err(Failure::with(FIELD_MISSING, name));
        }
    }
    let request = Request {
        amount: amount(&body.amount()).ok_or(AMOUNT_WRONG)?,
        rate: rate(&body.interest_rate()).ok_or(RATE_WRONG)?,
        tenor: count(&body.term_count()).ok_or(TERM_WRONG)?,
        tenor_unit: tenor_unit(&body.term_unit()).ok_or(TERM_UNIT_WRONG)?,
        interval_count: count(&body.repay_term_count()).ok_or(INTERVAL_WRONG)?,
        interval_unit: interval_unit(&body.repay_term_unit()).ok_or(INTERVAL_UNIT_WRONG)?,
        method: method(&body.repay_type()).ok_or(METHOD_WRONG)?,
    };
    let product = body.product_id();
    let product = product.text().and_then(|text| ids::number(Kind::Product, text.trim()));
    Ok((product.map(ProductId::from_number), request))
}

/// An amount that is too large to be one is well formed, and on offer nowhere.
fn amount(field: &Scalar<'_>) -> Option<Money> {
    let amount = field.decimal()?;
    let too_large = amount.is_above(Money::MAX.yuan_part());
    if too_large { Some(Money::MAX) } else { amount.to_yuan() }
}

/// A fraction a year: 0.12.
fn rate(field: &Scalar<'_>) -> Option<Rate> {
    let rate = field.decimal()?;
    if rate.is_above(i64::from(Rate::MAX.ppm() / 1_000_000)) {
        return Some(Rate::MAX);
    }
    Rate::from_ppm(u32::try_from(rate.scaled(6)?).ok()?)
}

fn count(field: &Scalar<'_>) -> Option<u32> {
    let count = field.decimal()?;
    if count.is_above(u32::MAX.into()) && count.decimals() == 0 {
        return Some(u32::MAX);
    }
    u32::try_from(count.to_i64()?).ok()
}

fn tenor_unit(field: &Scalar<'_>) -> Option<TenorUnit> {
    match values::choice(field)? {
        1 => Some(TenorUnit::Day),
        2 => Some(TenorUnit::Month),
        _ => None,
    }
}

fn interval_unit(field: &Scalar<'_>) -> Option<IntervalUnit> {
    match values::choice(field)? {
        1 => Some(IntervalUnit::Day),
        2 => Some(IntervalUnit::Month),
        3 => Some(IntervalUnit::Quarter),
        4 => Some(IntervalUnit::Year),
        _ => None,
    }
}

fn method(field: &Scalar<'_>) -> Option<Method> {
    match values::choice(field)? {
        1 => Some(Method::OneOff),
        2 => Some(Method::InterestOnly),
        3 => Some(Method::EqualInstalment),
        4 => Some(Method::Flat),
        _ => None,
    }
}

/// Why there is no quote. A product that is not sold any more is told from one that never was.
fn unquoted(tx: &mut Tx<'_, '_>, product: ProductId, error: QuoteError) -> Failure {
    match error {
        QuoteError::NoSuchProduct => match catalog::product(tx, product) {
            Ok(Some(product)) if product.channel == CHANNEL => PRODUCT_OFF.into(),
            Ok(_) => NO_SUCH_PRODUCT.into(),
            Err(fault) => fault.into(),
        },
        QuoteError::NotOffered(refusal) => not_offered(refusal).into(),
        QuoteError::Unpriceable(_) => UNPRICEABLE.into(),
        QuoteError::Fault(fault) => fault.into(),
    }
}

/// Source: document 001 §22.4.
const fn not_offered(refusal: NotOffered) -> Answer {
    match refusal {
        NotOffered::Amount => AMOUNT_RANGE,
        NotOffered::Rate => RATE_RANGE,
        NotOffered::TenorUnit => TERM_UNIT_RANGE,
        NotOffered::Tenor => TERM_RANGE,
        NotOffered::IntervalUnit => INTERVAL_UNIT_RANGE,
        NotOffered::Interval | NotOffered::IntervalDoesNotFit => INTERVAL_RANGE,
        NotOffered::MonthsByDays => MONTHS_BY_DAYS,
        NotOffered::Method => METHOD_RANGE,
        NotOffered::DaysInEqualInstalments => DAYS_IN_EQUAL_PARTS,
    }
}

section! {
    APPLY: "/appCommonApi/loanProductApply", "提交贷款申请 (§23)", SESSION;
    fields: [
        PRODUCT_ID, AMOUNT, TERM_COUNT, TERM_UNIT, INTERVAL, INTERVAL_UNIT, METHOD, RATE,
        text("longitude", "所在经度"),
        text("latitude", "所在纬度"),
        text("orderId", "运营商授权验证订单号"),
        text("purpose", "借款用途 15：租房 16：购物 17：教育/培训 18：医美 19：旅游 20：日常娱乐 21：短期资金周转 22：偿还信用卡"),
        text("otherChannels", "其他渠道借款信息 01：无借款 02：有，已结清 03：有，未结清"),
        CONTACTS,
        optional("remark", "备注"),
    ];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, AMOUNT_WRONG, RATE_WRONG, TERM_WRONG, TERM_UNIT_WRONG,
        INTERVAL_WRONG, INTERVAL_UNIT_WRONG, METHOD_WRONG, ACCOUNT_CLOSED, NO_SUCH_PRODUCT,
        PRODUCT_OFF, AMOUNT_RANGE, RATE_RANGE, TERM_UNIT_RANGE, TERM_RANGE, INTERVAL_UNIT_RANGE,
        INTERVAL_RANGE, MONTHS_BY_DAYS, METHOD_RANGE, DAYS_IN_EQUAL_PARTS, UNPRICEABLE,
        BLACKLISTED, PROFILE_INCOMPLETE, ALREADY_APPLIED, LIMIT_TOO_LOW, NOT_APPLIED
    ];
    success: APPLIED, Plain, r#""20005000""#;
}

/// The text that a customer agrees to by sending the phone book; the app shows it.
const PHONE_BOOK_TEXT: &str = "xianjindai-1";
/// What the document's sample sends as purpose, though its table does not have it.
const SAMPLE_PURPOSE: u32 = 1;
/// Characters of a place or order number at most; the document's have fifteen.
const SHORT: usize = 64;

pub(crate) async fn apply(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let (product, request) = asked(&call)?;
    let body: ApplyBody<'_> = call.read()?;
    let longitude = short(&body.longitude(), "longitude")?;
    let latitude = short(&body.latitude(), "latitude")?;
    let report_order = short(&body.order_id(), "orderId")?;
    let purpose = coded(&body.purpose(), "purpose", |text| {
        PURPOSES.has(text) || text.parse() == Ok(SAMPLE_PURPOSE)
    })?;
    let other_debts = coded(&body.other_channels(), "otherChannels", |t| OTHER_CHANNELS.has(t))?;
    let book = phone_book(&call)?;
    let product = product.ok_or(NO_SUCH_PRODUCT)?;
    let place = format!("{longitude},{latitude}");
    let command = Submit {
        member,
        channel: CHANNEL,
        product,
        request,
        purpose,
        other_debts,
        report_order,
        place,
    };
    let route = Route::home(member.number());
    channel.app.write(route, move |tx| submit(tx, &command, book.as_deref())).await?;
    channel.app.wake();
    Reply::of(&"20005000") // the business code, as in the sample
}

/// Consent, application and phone book: all of them or nothing. The application itself is the
/// consent to what §22 has shown.
fn submit(
    tx: &mut Tx<'_, '_>,
    command: &Submit,
    book: Option<&[(String, String)]>,
) -> Result<(), Failure> {
    if book.is_some() {
        let agreed = consents::give(tx, command.member, Purpose::PhoneBook, PHONE_BOOK_TEXT);
        agreed.map_err(|error| match error {
            ConsentError::NoSuchCustomer => SESSION_GONE.into(),
            ConsentError::Fault(fault) => Failure::from(fault),
        })?;
    }
    let submitted = origination::submit(tx, command);
    submitted.map_err(|error| match error {
        SubmitError::NoSuchCustomer => SESSION_GONE.into(),
        SubmitError::Blocked => ACCOUNT_CLOSED.into(),
        SubmitError::Quote(refusal) => unquoted(tx, command.product, refusal),
        SubmitError::Blacklisted => BLACKLISTED.into(),
        SubmitError::Incomplete => PROFILE_INCOMPLETE.into(),
        SubmitError::AlreadySubmitted => ALREADY_APPLIED.into(),
        SubmitError::LineTooSmall => LIMIT_TOO_LOW.into(),
        SubmitError::Fault(fault) => Failure::from(fault),
    })?;
    let Some(book) = book else { return Ok(()) };
    let kept = customers::save_phone_book(tx, command.member, book);
    kept.map_err(|error| match error {
        PhoneBookError::NoSuchCustomer | PhoneBookError::NoConsent => NOT_APPLIED.into(),
        PhoneBookError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(())
}

fn short(field: &Scalar<'_>, name: &str) -> Result<String, Failure> {
    let text = values::required(field, name)?;
    let fits = text.chars().count() <= SHORT && !text.contains(char::is_control);
    if fits { Ok(text) } else { Err(Failure::with(FIELD_WRONG, name)) }
}

/// A code of one of the document's dictionaries, as it was sent.
fn coded(
    field: &Scalar<'_>,
    name: &str,
    is_known: impl Fn(&str) -> bool,
) -> Result<String, Failure> {
    let text = values::required(field, name)?;
    let is_code = values::choice(field).is_some() && is_known(&text);
    if is_code { Ok(text) } else { Err(Failure::with(FIELD_WRONG, name)) }
}

/// Names and numbers of the phone book. The table wants one, the sample has none: both are taken.
fn phone_book(call: &Call) -> Result<Option<Vec<(String, String)>>, Failure> {
    let body: PhonebookBody<'_> = call.read()?;
    let Some(list) = body.phonebook_list else { return Ok(None) };
    let entries = wire::contacts(list).ok_or_else(|| Failure::with(FIELD_WRONG, PHONE_BOOK))?;
    let text = |field: &Scalar<'_>| field.text().unwrap_or_default().to_owned();
    let pair = |entry: wire::PhonebookEntry<'_>| {
        (text(&entry.contact_name()), text(&entry.contact_phone()))
    };
    Ok(Some(entries.into_iter().map(pair).collect()))
}
