//! Who a customer is, as far as it is proven, and what they owe (§19, §27, §30 to §32).

use kernel::id::MemberId;
use kernel::identity::{BankCardNo, CardBins, IdCardNo};
use kernel::{Money, RealName};
use lending::customers::{
    self, BeginBankCard, BeginRealName, CardCheckError, Check, Customer, FinishError, Finished,
    MobileCheckError, RealNameError,
};
use lending::servicing::{self, LoanState, Which};
use lending::{Fault, Route, Tx, credit};

use crate::Xianjindai;
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    ALREADY_VERIFIED, Answer, BUSY, CARD_REFUSED, CARD_RIGHT, CENTER_FOUND, FIELD_MISSING,
    FIELD_WRONG, Failure, ID_NUMBER_WRONG, IDENTITY_REFUSED, IDENTITY_TAKEN, MOBILE_REFUSED,
    MOBILE_RIGHT, MOBILE_WRONG, NAME_RIGHT, NAME_WRONG, NOT_VERIFIED, SESSION_GONE, STATUS_FOUND,
    TOO_OFTEN,
};
use crate::section::{section, text};
use crate::wire::answers::{CenterData, StatusData};
use crate::wire::values::{flag, yuan};
use crate::wire::{CardBody, NameBody, values};

section! {
    STATUS: "/appCommonApi/getAuthenticationStatus", "获取认证状态信息 (§19)", SESSION;
    fields: [];
    refusals: [];
    success: STATUS_FOUND, Plain, r#"{"realNameAuthStatus":"1","bankCardAuthStatus":"0","customerInfoStatus":"0","mobileAuthStatus":"1","isBlackList":"0","isRisk":"0","authRealName":"…","authNumber":"…","bankCardNumber":"","bankCardMobile":""}"#;
}

pub(crate) async fn status(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let customer = customer(&channel, call.member()?).await?;
    let (name, id_no) = match &customer.identity {
        Some(who) => (who.name.expose().to_owned(), who.id_no.expose().to_owned()),
        None => Default::default(),
    };
    let (card, card_mobile) = match &customer.card {
        Some(card) => (card.number.expose().to_owned(), card.mobile.expose().to_owned()),
        None => Default::default(),
    };
    Reply::of(&StatusData {
        real_name_auth_status: flag(customer.identity.is_some()),
        bank_card_auth_status: flag(customer.card.is_some()),
        customer_info_status: flag(customer.profile_complete),
        mobile_auth_status: flag(customer.mobile_verified),
        is_black_list: flag(customer.blacklisted),
        is_risk: flag(customer.risky),
        auth_real_name: name,
        auth_number: id_no,
        bank_card_number: card,
        bank_card_mobile: card_mobile,
    })
}

async fn customer(channel: &Xianjindai, member: MemberId) -> Result<Customer, Failure> {
    let found = channel.app.read(move |tx| customers::customer(tx, member)).await?;
    found.ok_or_else(|| SESSION_GONE.into())
}

section! {
    CENTER: "/appCommonApi/getUserCenterInfo", "获取个人中心统计数据 (§27)", SESSION;
    fields: [];
    refusals: [];
    success: CENTER_FOUND, Plain, r#"{"realName":"…","mobile":"13800000001","availableCredit":"3000.00","totalCredit":"5000.00","totalApplyAmount":"2000.00","totalNeedPayAmount":"2014.00"}"#;
}

pub(crate) async fn center(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let customer = customer(&channel, member).await?;
    let (line, lent, owed) = channel
        .app
        .read(move |tx| {
            let (line, lent) = (credit::line(tx, member)?, servicing::lent_to(tx, member)?);
            Ok::<_, Fault>((line, lent, owed(tx, member)?))
        })
        .await?;
    let name = customer.identity.as_ref().map(|who| who.name.expose().to_owned());
    Reply::of(&CenterData {
        real_name: name.unwrap_or_default(),
        mobile: customer.mobile.expose().to_owned(),
        // Empty without a line, as in the sample.
        available_credit: line.map(|line| yuan(line.available())).unwrap_or_default(),
        total_credit: line.map(|line| yuan(line.limit)).unwrap_or_default(),
        total_apply_amount: yuan(lent),
        total_need_pay_amount: yuan(owed),
    })
}

/// What the rows of running loans come to today, whether due or not (待还总额).
fn owed(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Money, Fault> {
    let rows = servicing::due_rows_of(tx, member, Which::All)?;
    let open = rows.iter().filter(|entry| entry.loan.state == LoanState::Repaying);
    let sum = open.map(|entry| entry.row.outstanding).try_fold(Money::ZERO, Money::plus);
    sum.ok_or_else(|| Fault::Corrupt("owed".into()))
}

section! {
    CARD: "/appCommonApi/authUserBankCard", "银行卡认证 (§30)", SESSION;
    fields: [text("bankCardNo", "银行卡号"), text("mobile", "银行卡预留手机号")];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, MOBILE_WRONG, ALREADY_VERIFIED, TOO_OFTEN, CARD_REFUSED,
        NOT_VERIFIED
    ];
    success: CARD_RIGHT, Plain, r#""""#;
}

pub(crate) async fn bank_card(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let body: CardBody<'_> = call.read()?;
    let number = values::required(&body.bank_card_no(), "bankCardNo")?;
    values::required(&body.mobile(), "mobile")?;
    let wrong = || Failure::with(FIELD_WRONG, "bankCardNo");
    let number = BankCardNo::parse(&number).ok_or_else(wrong)?;
    let mobile = values::mobile(&body.mobile())?;
    let command = BeginBankCard { member, number, mobile };
    let route = Route::home(member.number());
    let begin =
        move |tx: &mut Tx<'_, '_>| customers::begin_bank_card(tx, &command, CardBins::shipped());
    let check = channel.app.write(route, begin).await.map_err(|error| match error {
        CardCheckError::NoSuchCustomer => SESSION_GONE.into(),
        CardCheckError::RealNameFirst => Failure::with(NOT_VERIFIED, NAME_FIRST),
        CardCheckError::WrongNumber => Failure::with(FIELD_WRONG, "bankCardNo"),
        CardCheckError::UnknownBank => Failure::with(NOT_VERIFIED, "无法识别发卡银行"),
        CardCheckError::NotDebit => Failure::with(NOT_VERIFIED, "仅支持借记卡"),
        CardCheckError::AlreadyVerified => ALREADY_VERIFIED.into(),
        CardCheckError::CardLocked { .. }
        | CardCheckError::TooManyForCard
        | CardCheckError::TooManyAttempts => TOO_OFTEN.into(),
        CardCheckError::Fault(fault) => fault.into(),
    })?;
    answered(ask(&channel, member, check).await?, CARD_REFUSED)?;
    Ok(Reply::done())
}

/// What comes before card and mobile number.
const NAME_FIRST: &str = "请先完成身份信息认证";

/// Asks the provider, and notes the answer.
async fn ask(channel: &Xianjindai, member: MemberId, check: Check) -> Result<Finished, Failure> {
    let Check { id, question } = check;
    let outcome = channel.app.check(move |provider| question.ask(provider)).await?;
    let route = Route::home(member.number());
    let finished = channel.app.write(route, move |tx| customers::finish(tx, id, &outcome)).await;
    finished.map_err(|error| match error {
        FinishError::NoSuchCheck => Failure::failed(BUSY),
        FinishError::Fault(fault) => fault.into(),
    })
}

/// What a check has come to; `refused` says that the elements do not belong together, and why.
fn answered(finished: Finished, refused: Answer) -> Result<(), Failure> {
    match finished {
        Finished::Verified => Ok(()),
        Finished::Mismatch(reason) => Err(Failure::with(refused, &reason)),
        Finished::Unknown => Err(Failure::with(NOT_VERIFIED, "暂时无法认证，请稍后再试")),
        Finished::IdentityTaken => Err(IDENTITY_TAKEN.into()),
        Finished::AlreadyVerified => Err(ALREADY_VERIFIED.into()),
    }
}

section! {
    MOBILE: "/appCommonApi/authUserMobile", "手机实名认证 (§31)", SESSION;
    fields: [];
    refusals: [ALREADY_VERIFIED, TOO_OFTEN, MOBILE_REFUSED, NOT_VERIFIED];
    success: MOBILE_RIGHT, Plain, r#""""#;
}

pub(crate) async fn mobile(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let route = Route::home(member.number());
    let check = channel.app.write(route, move |tx| customers::begin_mobile(tx, member)).await;
    let check = check.map_err(|error| match error {
        MobileCheckError::NoSuchCustomer => SESSION_GONE.into(),
        MobileCheckError::RealNameFirst => Failure::with(NOT_VERIFIED, NAME_FIRST),
        MobileCheckError::AlreadyVerified => ALREADY_VERIFIED.into(),
        MobileCheckError::TooManyAttempts => TOO_OFTEN.into(),
        MobileCheckError::Fault(fault) => Failure::from(fault),
    })?;
    answered(ask(&channel, member, check).await?, MOBILE_REFUSED)?;
    Ok(Reply::done())
}

section! {
    NAME: "/appCommonApi/authRealNameInfo", "身份信息认证，即实名认证 (§32)", SESSION;
    fields: [text("realName", "姓名"), text("idCardNo", "身份证号")];
    refusals: [
        FIELD_MISSING, NAME_WRONG, ID_NUMBER_WRONG, ALREADY_VERIFIED, IDENTITY_TAKEN, TOO_OFTEN,
        IDENTITY_REFUSED, NOT_VERIFIED
    ];
    success: NAME_RIGHT, Plain, r#""0""#;
}

pub(crate) async fn real_name(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let body: NameBody<'_> = call.read()?;
    let name = values::required(&body.real_name(), "realName")?;
    let id_no = values::required(&body.id_card_no(), "idCardNo")?;
    let name = RealName::parse(&name).ok_or(NAME_WRONG)?;
    let id_no = IdCardNo::parse(&id_no).ok_or(ID_NUMBER_WRONG)?;
    let command = BeginRealName { member, name, id_no };
    let route = Route::home(member.number());
    let check = channel.app.write(route, move |tx| customers::begin_real_name(tx, &command)).await;
    let check = check.map_err(|error| match error {
        RealNameError::NoSuchCustomer => SESSION_GONE.into(),
        RealNameError::AlreadyVerified => ALREADY_VERIFIED.into(),
        RealNameError::WrongIdNumber(_) => ID_NUMBER_WRONG.into(),
        RealNameError::IdentityTaken => IDENTITY_TAKEN.into(),
        RealNameError::TooManyAttempts => TOO_OFTEN.into(),
        RealNameError::Fault(fault) => Failure::from(fault),
    })?;
    answered(ask(&channel, member, check).await?, IDENTITY_REFUSED)?;
    // Whether the mobile number is known to be theirs.
    Reply::of(&flag(customer(&channel, member).await?.mobile_verified))
}
