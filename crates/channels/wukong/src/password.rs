//! Passwords: changing one, and replacing a forgotten one.

use kernel::Secret;
use lending::customers::codes::Purpose;
use lending::customers::{self, IdentityProof, PasswordChange, ResetError, ResetPassword};
use lending::identity::{self, Door, LogIn};

use crate::account::{check_code, is_registered, new_password, route, typed_mobile};
use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{optional, section, text};
use crate::texts::{
    CODE_MISSING, CODE_WRONG, Failure, ID_TAIL_MISSING, ID_TAIL_WRONG, MOBILE_MISSING,
    MOBILE_WRONG, NEW_PASSWORD_MISSING, NO_TOKEN, OLD_PASSWORD_MISSING, OLD_PASSWORD_WRONG,
    PASSWORD_CHANGED, PASSWORD_MISSING, PASSWORD_SHAPE, PASSWORDS_DIFFER,
    REPEATED_PASSWORD_MISSING, SET, TOO_OFTEN,
};
use crate::{CHANNEL, Wukong};

/// Characters of a password. Source: contract page, 请使用6~15位….
const CHARACTERS: std::ops::RangeInclusive<usize> = 6..=15;

/// Whether a password is 6 to 15 letters, digits and signs of ASCII.
pub(crate) fn has_shape(password: &str) -> bool {
    CHARACTERS.contains(&password.len()) && password.bytes().all(|byte| byte.is_ascii_graphic())
}

section! {
    CHANGE: Put "/password", "修改密码", TOKEN;
    fields: [
        text("old_password", "原登录密码"),
        text("new_password", "新密码"),
        text("repeat_password", "确认密码"),
    ];
    refusals: [
        OLD_PASSWORD_MISSING, NEW_PASSWORD_MISSING, REPEATED_PASSWORD_MISSING, PASSWORD_SHAPE,
        PASSWORDS_DIFFER, TOO_OFTEN, OLD_PASSWORD_WRONG
    ];
    success: PASSWORD_CHANGED, "null";
}

pub(crate) async fn change(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let field = |name: &str| call.fields.raw(name);
    let (old, new, again) =
        (field("old_password"), field("new_password"), field("repeat_password"));
    for (password, missing) in [
        (old, OLD_PASSWORD_MISSING),
        (new, NEW_PASSWORD_MISSING),
        (again, REPEATED_PASSWORD_MISSING),
    ] {
        if password.is_empty() {
            return Err(missing.into());
        }
    }
    if !has_shape(new) {
        return Err(PASSWORD_SHAPE.into());
    }
    if new != again {
        return Err(PASSWORDS_DIFFER.into());
    }
    let (old, new) = (Secret::new(old.to_owned()), Secret::new(new.to_owned()));
    let from = call.address.clone();
    let door = channel.app.read(move |tx| {
        let Some(account) = identity::member(tx, member)? else { return Ok(None) };
        let door = identity::approach(tx, CHANNEL, &account.mobile, &from)?;
        Ok::<_, lending::Fault>(Some((account.mobile, door)))
    });
    let (mobile, door) = door.await?.ok_or(NO_TOKEN)?;
    let credentials = match door {
        Door::Locked => return Err(TOO_OFTEN.into()),
        Door::Unknown => return Err(NO_TOKEN.into()),
        Door::Open(credentials) => credentials,
    };
    let known = credentials.password.clone();
    let right = channel.app.passwords().check(old, Some(known.clone())).await?;
    let new = channel.app.passwords().hash(new).await?;
    let attempt = LogIn {
        channel: CHANNEL,
        mobile,
        address: call.address,
        proven: Some(credentials.member).filter(|_| right),
        token_seconds: 0,
    };
    let route = route(&attempt.mobile);
    let changed = channel
        .app
        .write(route, move |tx| customers::change_password(tx, &attempt, &known, &new))
        .await?;
    match changed {
        PasswordChange::Changed => Ok(Reply::done()),
        PasswordChange::Refused => Err(OLD_PASSWORD_WRONG.into()),
        PasswordChange::Locked => Err(TOO_OFTEN.into()),
    }
}

section! {
    FORGOT: Put "/forget-password", "忘记密码", GUEST;
    fields: [
        text("mobile", "手机号"),
        text("code", "验证码"),
        text("password", "新密码"),
        optional("card_mantissa", "身份证后六位，用户已通过身份认证时非空"),
    ];
    refusals: [
        MOBILE_MISSING, MOBILE_WRONG, CODE_MISSING, PASSWORD_MISSING, PASSWORD_SHAPE,
        ID_TAIL_MISSING, CODE_WRONG, ID_TAIL_WRONG, TOO_OFTEN
    ];
    success: SET, "null";
}

pub(crate) async fn forgot(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let mobile = typed_mobile(&call)?;
    if !is_registered(&channel, &mobile).await? {
        return Err(MOBILE_WRONG.into());
    }
    if call.fields.text("code").is_empty() {
        return Err(CODE_MISSING.into());
    }
    let password = new_password(&call)?;
    let asked = mobile.clone();
    let is_verified = channel.app.read(move |tx| {
        let found = identity::find(tx, CHANNEL, &asked)?;
        let customer = found.map_or(Ok(None), |member| customers::customer(tx, member))?;
        Ok::<_, lending::Fault>(customer.is_some_and(|customer| customer.identity.is_some()))
    });
    let tail = call.fields.text("card_mantissa").to_owned();
    if is_verified.await? && tail.is_empty() {
        return Err(ID_TAIL_MISSING.into());
    }
    // Who does not hold the phone learns nothing about the id number.
    check_code(&channel, &call, &mobile, Purpose::PasswordReset).await?;
    let asked = mobile.clone();
    let proven = channel
        .app
        .write(route(&mobile), move |tx| customers::prove_id_tail(tx, CHANNEL, &asked, &tail));
    match proven.await? {
        IdentityProof::Right => {}
        IdentityProof::Wrong => return Err(ID_TAIL_WRONG.into()),
        IdentityProof::Unknown => return Err(MOBILE_WRONG.into()),
        IdentityProof::Limited => return Err(TOO_OFTEN.into()),
    }
    let password = channel.app.passwords().hash(password).await?;
    let route = route(&mobile);
    let command = ResetPassword { channel: CHANNEL, mobile, password };
    let reset = channel.app.write(route, move |tx| customers::reset_password(tx, &command)).await;
    reset.map_err(|error| match error {
        ResetError::NoSuchCustomer => MOBILE_WRONG.into(),
        ResetError::NotProven => CODE_WRONG.into(),
        ResetError::IdentityNotProven => ID_TAIL_WRONG.into(),
        ResetError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}
