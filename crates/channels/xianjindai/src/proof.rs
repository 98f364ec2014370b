//! What proves a mobile number or an identity: captchas and SMS codes (§7 to §9, §11 to §13).

use channel_kit::Scalar;
use channel_kit::app::CodeTo;
use channel_kit::chance;
use kernel::identity::IdCardNo;
use kernel::{Mobile, RealName, Secret};
use lending::Route;
use lending::customers::captcha::{self, MakeError};
use lending::customers::codes::{self, CheckCode, Purpose};
use lending::customers::{self, IdentityProof, ProveIdentity};

use crate::account::{is_registered, route};
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    CAPTCHA_MADE, CAPTCHA_OLD, CAPTCHA_WRONG, FIELD_MISSING, Failure, IDENTITY_RIGHT,
    IDENTITY_WRONG, MOBILE_TAKEN, MOBILE_UNKNOWN, MOBILE_WRONG, SMS_OLD, SMS_RIGHT, SMS_SENT,
    SMS_WRONG, TOO_OFTEN,
};
use crate::section::{section, text};
use crate::wire::{CheckSmsCodeBody, ForgotIdentityBody, SmsCodeBody, values};
use crate::{CHANNEL, Xianjindai};

const MOBILE: channel_kit::Field = text("mobile", "手机号码");

section! {
    CODE: "/openApi/getCode", "获取验证码 (§7)", OPEN;
    fields: [];
    refusals: [TOO_OFTEN];
    success: CAPTCHA_MADE, Plain, r#""k7fm""#;
}

/// Signs of a captcha: none that looks like another.
pub(crate) const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Signs in a captcha. Source: document 001 §7.3.
const CAPTCHA_SIGNS: usize = 4;

pub(crate) async fn captcha(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    Reply::of(&new_captcha(&channel, call.address).await?)
}

/// The text of a captcha that is good for this address from now on.
pub(crate) async fn new_captcha(channel: &Xianjindai, address: String) -> Result<String, Failure> {
    let random: [u8; CAPTCHA_SIGNS] = chance::bytes()?;
    let sign = |byte: u8| SIGNS.get(usize::from(byte % 32)).copied().map_or('a', char::from);
    let text: String = random.into_iter().map(sign).collect();
    let shown = text.clone();
    let made = channel
        .app
        .write(Route::home(0), move |tx| captcha::make(tx, CHANNEL, &shown, &address))
        .await;
    made.map_err(|error| match error {
        MakeError::Limited => TOO_OFTEN.into(),
        MakeError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(text)
}

section! {
    SMS_CODE: "/openApi/getSmsCode", "获取手机验证码 (§8)", OPEN;
    fields: [text("code", "校验码，见§7"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, CAPTCHA_WRONG, CAPTCHA_OLD, MOBILE_TAKEN, TOO_OFTEN
    ];
    success: SMS_SENT, Plain, r#""""#;
}

pub(crate) async fn sms_code(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    send_code(&channel, &call, Purpose::Registration).await
}

async fn send_code(channel: &Xianjindai, call: &Call, purpose: Purpose) -> Result<Reply, Failure> {
    let body: SmsCodeBody<'_> = call.read()?;
    let shown = values::required(&body.code(), "code")?;
    let mobile = mobile_of(&body.mobile())?;
    let address = call.address.clone();
    let taken = channel
        .app
        .write(route(&mobile), move |tx| captcha::take(tx, CHANNEL, &shown, &address))
        .await?;
    match taken {
        captcha::Verdict::Right => {}
        captcha::Verdict::Wrong => return Err(CAPTCHA_WRONG.into()),
        captcha::Verdict::Expired => return Err(CAPTCHA_OLD.into()),
        captcha::Verdict::Limited => return Err(TOO_OFTEN.into()),
    }
    suits(channel, &mobile, purpose).await?;
    let (route, address) = (route(&mobile), call.address.clone());
    let to = CodeTo { channel: CHANNEL, mobile, purpose, address };
    channel.app.send_code(route, to).await?;
    Ok(Reply::done())
}

/// A code for registering is for numbers without an account, one for a new password for others.
async fn suits(channel: &Xianjindai, mobile: &Mobile, purpose: Purpose) -> Result<(), Failure> {
    match (purpose, is_registered(channel, mobile).await?) {
        (Purpose::Registration, true) => Err(MOBILE_TAKEN.into()),
        (Purpose::PasswordReset, false) => Err(MOBILE_UNKNOWN.into()),
        (Purpose::Registration | Purpose::LogIn | Purpose::CardBinding, false)
        | (Purpose::PasswordReset | Purpose::LogIn | Purpose::CardBinding, true) => Ok(()),
    }
}

fn mobile_of(field: &Scalar<'_>) -> Result<Mobile, Failure> {
    if field.is_empty() {
        return Err(Failure::with(FIELD_MISSING, "mobile"));
    }
    values::mobile(field)
}

section! {
    CHECK_SMS_CODE: "/openApi/checkSmsCode", "校验手机验证码 (§9)", OPEN;
    fields: [text("smscode", "手机短信验证码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_TAKEN, SMS_OLD, SMS_WRONG];
    success: SMS_RIGHT, Plain, r#""""#;
}

pub(crate) async fn check_sms_code(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    check_code(&channel, &call, Purpose::Registration).await
}

async fn check_code(channel: &Xianjindai, call: &Call, purpose: Purpose) -> Result<Reply, Failure> {
    let body: CheckSmsCodeBody<'_> = call.read()?;
    let code = Secret::new(values::required(&body.smscode(), "smscode")?);
    let mobile = mobile_of(&body.mobile())?;
    suits(channel, &mobile, purpose).await?;
    let route = route(&mobile);
    let guess = CheckCode { channel: CHANNEL, mobile, purpose, code };
    match channel.app.write(route, move |tx| codes::check(tx, &guess)).await? {
        codes::Verdict::Right => Ok(Reply::done()),
        codes::Verdict::Wrong => Err(SMS_WRONG.into()),
        codes::Verdict::Expired => Err(SMS_OLD.into()),
    }
}

section! {
    FORGOT_SMS_CODE: "/openApi/forgetPwdGetSmsCode", "忘记密码请求手机验证码 (§11)", OPEN;
    fields: [text("code", "校验码，见§7"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, CAPTCHA_WRONG, CAPTCHA_OLD, MOBILE_UNKNOWN, TOO_OFTEN
    ];
    success: SMS_SENT, Plain, r#""""#;
}

pub(crate) async fn forgot_sms_code(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    send_code(&channel, &call, Purpose::PasswordReset).await
}

section! {
    FORGOT_CHECK_SMS_CODE: "/openApi/forgetPwdCheckSmsCode", "忘记密码校验手机验证码 (§12)", OPEN;
    fields: [text("smscode", "手机短信验证码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, SMS_OLD, SMS_WRONG];
    success: SMS_RIGHT, Plain, r#""""#;
}

pub(crate) async fn forgot_check_sms_code(
    channel: Xianjindai,
    call: Call,
) -> Result<Reply, Failure> {
    check_code(&channel, &call, Purpose::PasswordReset).await
}

section! {
    /// The document prints only the folder as its address.
    FORGOT_IDENTITY: "/openApi/", "忘记密码身份认证 (§13)", OPEN;
    fields: [MOBILE, text("realname", "真实姓名"), text("identitycode", "身份证号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, TOO_OFTEN, IDENTITY_WRONG];
    success: IDENTITY_RIGHT, Plain, r#""""#;
}

section! {
    /// The same under a name like its neighbours'.
    FORGOT_IDENTITY_NAMED: "/openApi/forgetPwdCheckIdentity", "忘记密码身份认证 (§13, our address)", OPEN;
    fields: [MOBILE, text("realname", "真实姓名"), text("identitycode", "身份证号码")];
    refusals: [FIELD_MISSING, MOBILE_WRONG, MOBILE_UNKNOWN, TOO_OFTEN, IDENTITY_WRONG];
    success: IDENTITY_RIGHT, Plain, r#""""#;
}

pub(crate) async fn forgot_identity(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: ForgotIdentityBody<'_> = call.read()?;
    let name = values::required(&body.realname(), "realname")?;
    let id_no = values::required(&body.identitycode(), "identitycode")?;
    let mobile = mobile_of(&body.mobile())?;
    suits(&channel, &mobile, Purpose::PasswordReset).await?;
    let name = RealName::parse(&name).ok_or(IDENTITY_WRONG)?;
    let id_no = IdCardNo::parse(&id_no).ok_or(IDENTITY_WRONG)?;
    let route = route(&mobile);
    let command = ProveIdentity { channel: CHANNEL, mobile, name, id_no };
    match channel.app.write(route, move |tx| customers::prove_identity(tx, &command)).await? {
        IdentityProof::Right => Ok(Reply::done()),
        IdentityProof::Wrong => Err(IDENTITY_WRONG.into()),
        IdentityProof::Unknown => Err(MOBILE_UNKNOWN.into()),
        IdentityProof::Limited => Err(TOO_OFTEN.into()),
    }
}
