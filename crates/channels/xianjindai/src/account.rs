//! Accounts: log-in, registration and passwords (§4, §10, §14, §15, §18).

use std::ops::RangeInclusive;

use channel_kit::Scalar;
use channel_kit::chance;
use kernel::id::MemberId;
use kernel::{Mobile, Secret};
use lending::Route;
use lending::customers::sessions::{self, Device, DeviceKind, OpenError, OpenSession, SessionKey};
use lending::customers::{self, Line, PasswordChange, ResetError, ResetPassword, SignUpError};
use lending::identity::{self, Door, LogIn, LogInOutcome, Register, Role};

use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    ACCOUNT_UNKNOWN, Answer, BUSY, FIELD_MISSING, FIELD_WRONG, Failure, LOGGED_IN, LOGGED_OUT,
    LOGIN_FAILED, LOGIN_LOCKED, LOGIN_PASSWORD, LOGIN_UNKNOWN, MOBILE_TAKEN, MOBILE_UNKNOWN,
    MOBILE_WRONG, NO_RIGHT, PASSWORD_CHANGED, PASSWORD_CURRENT, PASSWORD_NOT_CHANGED,
    PASSWORD_NOT_RESET, PASSWORD_NOT_SET, PASSWORD_RESET, PASSWORD_SET, TOO_OFTEN,
};
use crate::section::{section, text};
use crate::wire::{ChangePasswordBody, LogOutBody, LoginBody, PasswordBody, values};
use crate::{CHANNEL, Xianjindai, cipher, session};

/// Characters of a password; the document's samples have six.
const PASSWORD_CHARACTERS: RangeInclusive<usize> = 6..=32;

const MOBILE: channel_kit::Field = text("mobile", "手机号码");

section! {
    LOGIN: "/security/login", "登陆接口 (§4)", OPEN;
    fields: [
        text("username", "登录用户名，即手机号码"),
        text("password", "密码，des加密或明文"),
        text("appType", "终端类型 1 安卓 2 IOS 3 其他"),
        text("token", "终端设备token"),
    ];
    refusals: [LOGIN_FAILED, LOGIN_LOCKED, LOGIN_UNKNOWN, LOGIN_PASSWORD];
    success: LOGGED_IN, Login, r#""0123456789ABCDEF0123456789ABCDEF""#;
}

pub(crate) async fn log_in(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: LoginBody<'_> = call.read()?;
    let username = body.username().text().map(str::trim).unwrap_or_default().to_owned();
    if username.is_empty() || body.password().is_empty() {
        return Err(LOGIN_FAILED.into());
    }
    let password = typed(&channel, &body.password()).ok_or(LOGIN_FAILED)?;
    let device = device(&body);
    // What is no mobile number is no account either; nobody is locked out for it.
    let mobile = Mobile::parse(&username).ok_or(LOGIN_UNKNOWN)?;
    let (known, right) = check_password(&channel, &mobile, &call.address, password).await?;
    let proven = known.filter(|_| right);
    let attempt = attempt(mobile, call.address.clone(), proven);
    let key = SessionKey::from_random(chance::bytes()?);
    let (route, opened) = (route(&attempt.mobile), key.clone());
    let outcome = channel.app.write(route, move |tx| {
        let outcome = identity::log_in(tx, &attempt)?;
        if let LogInOutcome::In(member, _) = &outcome {
            let (key, device) = (opened.clone(), device.clone());
            sessions::open(tx, &OpenSession { member: member.id, key, device })?;
        }
        Ok::<_, OpenError>(outcome)
    });
    let outcome = outcome.await.map_err(|error| match error {
        OpenError::NoSuchCustomer => LOGIN_FAILED.into(),
        OpenError::Fault(fault) => Failure::from(fault),
    })?;
    match outcome {
        LogInOutcome::In(_, _) => {
            let cookie = session::cookie(&key, channel.settings.secure_cookie);
            let cookie = cookie.ok_or_else(|| Failure::failed(BUSY))?;
            Ok(Reply::of(&key.expose())?.with_cookie(cookie))
        }
        LogInOutcome::Locked => Err(LOGIN_LOCKED.into()),
        LogInOutcome::Refused => Err(match (known, right) {
            (None, _) => LOGIN_UNKNOWN.into(),
            (Some(_), false) => LOGIN_PASSWORD.into(),
            (Some(_), true) => LOGIN_FAILED.into(), // closed by an operator
        }),
    }
}

/// Whose account it is, and whether the password is right. Takes the same time without one.
async fn check_password(
    channel: &Xianjindai,
    mobile: &Mobile,
    address: &str,
    password: Secret,
) -> Result<(Option<MemberId>, bool), Failure> {
    let (asked, from) = (mobile.clone(), address.to_owned());
    let door = channel.app.read(move |tx| identity::approach(tx, CHANNEL, &asked, &from)).await?;
    let credentials = match door {
        Door::Locked => return Err(LOGIN_LOCKED.into()),
        Door::Unknown => None,
        Door::Open(credentials) => Some(credentials),
    };
    let (known, hash) = credentials.map(|c| (c.member, c.password)).unzip();
    Ok((known, channel.app.passwords().check(password, hash).await?))
}

/// Where notices go to, if the client says.
fn device(body: &LoginBody<'_>) -> Option<Device> {
    let kind = DeviceKind::from_number(values::choice(&body.app_type())?)?;
    Some(Device { kind, token: Line::parse(body.token().text()?)? })
}

fn attempt(mobile: Mobile, address: String, proven: Option<MemberId>) -> LogIn {
    // A session's life is its own; nothing here holds a token.
    LogIn { channel: CHANNEL, mobile, address, proven, token_seconds: 0 }
}

section! {
    REGISTER: "/openApi/userRegister", "设置密码，即注册 (§10)", OPEN;
    fields: [
        text("password", "密码，des加密或明文"),
        text("confirmPassword", "确认密码，des加密或明文"),
        MOBILE,
    ];
    refusals: [FIELD_MISSING, MOBILE_WRONG, PASSWORD_NOT_SET, TOO_OFTEN, MOBILE_TAKEN];
    success: PASSWORD_SET, Plain, r#""""#;
}

pub(crate) async fn register(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (mobile, password) = new_password(&channel, &call, PASSWORD_NOT_SET)?;
    let address = call.address;
    let admitted =
        channel.app.write(Route::home(0), move |tx| identity::admit_registration(tx, &address));
    if !admitted.await? {
        return Err(TOO_OFTEN.into());
    }
    // A hash costs far more than this look; the write below decides.
    if is_registered(&channel, &mobile).await? {
        return Err(MOBILE_TAKEN.into());
    }
    let password = channel.app.passwords().hash(password).await?;
    let (nickname, role) = (mobile.masked(), Role::Member);
    let command = Register { id: None, channel: CHANNEL, mobile, nickname, role, password };
    let route = route(&command.mobile);
    let signed_up = channel.app.write(route, move |tx| customers::sign_up(tx, &command)).await;
    signed_up.map_err(|error| match error {
        SignUpError::Taken => MOBILE_TAKEN.into(),
        SignUpError::NotProven => PASSWORD_NOT_SET.into(),
        SignUpError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

/// Account and new password of §10 and §14, which must be typed twice alike.
fn new_password(
    channel: &Xianjindai,
    call: &Call,
    refused: Answer,
) -> Result<(Mobile, Secret), Failure> {
    let body: PasswordBody<'_> = call.read()?;
    for (field, name) in [
        (body.password(), "password"),
        (body.confirm_password(), "confirmPassword"),
        (body.mobile(), "mobile"),
    ] {
        if field.is_empty() {
            return Err(Failure::with(FIELD_MISSING, name));
        }
    }
    let mobile = values::mobile(&body.mobile())?;
    let password = typed(channel, &body.password()).ok_or(refused)?;
    let again = typed(channel, &body.confirm_password()).ok_or(refused)?;
    if password.expose() == again.expose() && is_long_enough(&password) {
        Ok((mobile, password))
    } else {
        Err(refused.into())
    }
}

fn is_long_enough(password: &Secret) -> bool {
    PASSWORD_CHARACTERS.contains(&password.expose().chars().count())
}

/// The password in a field, deciphered if it was encrypted.
fn typed(channel: &Xianjindai, field: &Scalar<'_>) -> Option<Secret> {
    field.text().map(|text| cipher::password(&channel.settings.app_key, text))
}

section! {
    RESET_PASSWORD: "/openApi/userResetPwd", "重置密码 (§14)", OPEN;
    fields: [text("password", "密码"), text("confirmPassword", "确认密码"), MOBILE];
    refusals: [FIELD_MISSING, MOBILE_WRONG, PASSWORD_NOT_RESET, MOBILE_UNKNOWN];
    success: PASSWORD_RESET, Plain, r#""""#;
}

pub(crate) async fn reset_password(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let (mobile, password) = new_password(&channel, &call, PASSWORD_NOT_RESET)?;
    if !is_registered(&channel, &mobile).await? {
        return Err(MOBILE_UNKNOWN.into());
    }
    let password = channel.app.passwords().hash(password).await?;
    let command = ResetPassword { channel: CHANNEL, mobile, password };
    let route = route(&command.mobile);
    let reset = channel.app.write(route, move |tx| customers::reset_password(tx, &command)).await;
    reset.map_err(|error| match error {
        ResetError::NoSuchCustomer => MOBILE_UNKNOWN.into(),
        ResetError::NotProven | ResetError::IdentityNotProven => PASSWORD_NOT_RESET.into(),
        ResetError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

section! {
    CHANGE_PASSWORD: "/appApi/modifyPwd", "修改密码 (§15)", SESSION;
    fields: [text("newPassword", "新密码"), text("oldPassword", "当前密码"), MOBILE];
    refusals: [
        FIELD_MISSING, MOBILE_WRONG, ACCOUNT_UNKNOWN, NO_RIGHT, PASSWORD_NOT_CHANGED,
        PASSWORD_CURRENT, TOO_OFTEN
    ];
    success: PASSWORD_CHANGED, Plain, r#""""#;
}

pub(crate) async fn change_password(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let body: ChangePasswordBody<'_> = call.read()?;
    for (field, name) in [
        (body.new_password(), "newPassword"),
        (body.old_password(), "oldPassword"),
        (body.mobile(), "mobile"),
    ] {
        if field.is_empty() {
            return Err(Failure::with(FIELD_MISSING, name));
        }
    }
    let mobile = values::mobile(&body.mobile())?;
    own_account(&channel, &call, &mobile).await?;
    let new = typed(&channel, &body.new_password()).filter(is_long_enough);
    let new = new.ok_or(PASSWORD_NOT_CHANGED)?;
    let old = typed(&channel, &body.old_password()).ok_or(PASSWORD_CURRENT)?;
    let (asked, from) = (mobile.clone(), call.address.clone());
    let door = channel.app.read(move |tx| identity::approach(tx, CHANNEL, &asked, &from)).await?;
    let credentials = match door {
        Door::Locked => return Err(TOO_OFTEN.into()),
        Door::Unknown => return Err(ACCOUNT_UNKNOWN.into()),
        Door::Open(credentials) => credentials,
    };
    let known = credentials.password.clone();
    let right = channel.app.passwords().check(old, Some(known.clone())).await?;
    let new = channel.app.passwords().hash(new).await?;
    let attempt = attempt(mobile, call.address.clone(), Some(credentials.member).filter(|_| right));
    let route = route(&attempt.mobile);
    let changed = channel
        .app
        .write(route, move |tx| customers::change_password(tx, &attempt, &known, &new))
        .await?;
    match changed {
        PasswordChange::Changed => Ok(Reply::done()),
        PasswordChange::Refused => Err(PASSWORD_CURRENT.into()),
        PasswordChange::Locked => Err(TOO_OFTEN.into()),
    }
}

/// Whether the mobile number in a message is that of the session; it need not be said, but is.
pub(crate) async fn own_account(
    channel: &Xianjindai,
    call: &Call,
    mobile: &Mobile,
) -> Result<MemberId, Failure> {
    let (member, asked) = (call.member()?, mobile.clone());
    let found = channel.app.read(move |tx| identity::find(tx, CHANNEL, &asked)).await?;
    match found {
        None => Err(ACCOUNT_UNKNOWN.into()),
        Some(other) if other != member => Err(NO_RIGHT.into()),
        Some(_) => Ok(member),
    }
}

pub(crate) async fn is_registered(channel: &Xianjindai, mobile: &Mobile) -> Result<bool, Failure> {
    let asked = mobile.clone();
    Ok(channel.app.read(move |tx| identity::is_registered(tx, CHANNEL, &asked)).await?)
}

/// Calls about an account that is known by its mobile number meet in the same writer.
pub(crate) fn route(mobile: &Mobile) -> Route {
    Route::home(mobile.expose().parse().unwrap_or(0))
}

section! {
    LOG_OUT: "/appApi/quitMobileLogin", "退出登录 (§18)", SESSION;
    fields: [text("sessionId", "sessionId，登录时的resultSet")];
    refusals: [FIELD_MISSING, FIELD_WRONG, NO_RIGHT];
    success: LOGGED_OUT, Plain, r#""""#;
}

pub(crate) async fn log_out(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let body: LogOutBody<'_> = call.read()?;
    let key = values::required(&body.session_id(), "sessionId")?;
    let key = SessionKey::parse(&key).ok_or_else(|| Failure::with(FIELD_WRONG, "sessionId"))?;
    let route = Route::home(member.number());
    let closed = channel.app.write(route, move |tx| sessions::close(tx, member, &key)).await?;
    if closed { Ok(Reply::done()) } else { Err(NO_RIGHT.into()) }
}
