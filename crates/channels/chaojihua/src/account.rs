//! Accounts: a code by SMS, and a token for it; the first one registers.

use channel_kit::Field;
use channel_kit::app::CodeTo;
use channel_kit::chance;
use kernel::{Mobile, Secret};
use lending::Route;
use lending::customers;
use lending::customers::codes::{self, CheckCode, Purpose, Verdict};
use lending::customers::sessions::{self, OpenError, OpenSession, SessionKey};
use lending::identity::password::PasswordHash;
use lending::identity::{self, Register, RegisterError, Role};
use serde::Serialize;

use crate::call::{Call, at};
use crate::envelope::Reply;
use crate::section::{section, text};
use crate::texts::{
    BLOCKED, CODE_SENT, CODE_TOO_OFTEN, CODE_WRONG, DONE, FIELD_MISSING, FIELD_WRONG, Failure,
    TOO_OFTEN,
};
use crate::{CHANNEL, Chaojihua};

const MOBILE: Field = text("mobile", "手机号");

section! {
    SMS_CODE: Post "get-sms-code", "获取登录验证码", GUEST;
    fields: [MOBILE];
    refusals: [FIELD_MISSING, FIELD_WRONG, CODE_TOO_OFTEN];
    success: CODE_SENT, r#""""#;
}

pub(crate) async fn sms_code(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let mobile = call.fields.read("mobile", Mobile::parse)?;
    send_code(&channel, &call, mobile, Purpose::LogIn).await?;
    Ok(Reply::done())
}

/// Sends a code to a number.
pub(crate) async fn send_code(
    channel: &Chaojihua,
    call: &Call,
    mobile: Mobile,
    purpose: Purpose,
) -> Result<(), Failure> {
    let (route, address) = (at(&mobile), call.address.clone());
    let to = CodeTo { channel: CHANNEL, mobile, purpose, address };
    Ok(channel.app.send_code(route, to).await?)
}

/// Compares a code that was typed, and uses up what it proves.
pub(crate) async fn check_code(
    channel: &Chaojihua,
    (mobile, code): (&Mobile, String),
    purpose: Purpose,
) -> Result<(), Failure> {
    let guess =
        CheckCode { channel: CHANNEL, mobile: mobile.clone(), purpose, code: Secret::new(code) };
    let number = mobile.clone();
    let checked = channel.app.write(at(mobile), move |tx| {
        Ok::<_, lending::Fault>(match codes::check(tx, &guess)? {
            Verdict::Right => codes::take_proof(tx, CHANNEL, &number, purpose)?,
            Verdict::Wrong | Verdict::Expired => false,
        })
    });
    if checked.await? { Ok(()) } else { Err(CODE_WRONG.into()) }
}

section! {
    ACCESS_TOKEN: Post "get-access-token", "验证码登录，首次登录即注册", GUEST;
    fields: [MOBILE, text("sms_code", "短信验证码")];
    refusals: [FIELD_MISSING, FIELD_WRONG, CODE_WRONG, TOO_OFTEN, BLOCKED];
    success: DONE, r#"{"access_token":"0123456789ABCDEF0123456789ABCDEF"}"#;
}

#[derive(Serialize)]
struct Entered {
    access_token: String,
}

pub(crate) async fn access_token(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let mobile = call.fields.read("mobile", Mobile::parse)?;
    let code = call.fields.needed("sms_code")?;
    check_code(&channel, (&mobile, code), Purpose::LogIn).await?;
    let password = new_password(&channel, &call, &mobile).await?;
    let key = SessionKey::from_random(chance::bytes()?);
    let (opened, number) = (key.clone(), mobile.clone());
    let entered = channel.app.write(at(&mobile), move |tx| {
        let known = identity::find(tx, CHANNEL, &number)?;
        let member = match (known, &password) {
            (Some(member), _) => member,
            (None, Some(password)) => register(tx, &number, password)?,
            (None, None) => return Ok(false),
        };
        let customer = customers::customer(tx, member)?;
        if customer.is_none_or(|customer| customer.blocked) {
            return Ok(false);
        }
        let session = OpenSession { member, key: opened.clone(), device: None };
        sessions::open(tx, &session).map(|()| true)
    });
    let entered = entered.await.map_err(|error| match error {
        OpenError::NoSuchCustomer => BLOCKED.into(),
        OpenError::Fault(fault) => Failure::from(fault),
    })?;
    if !entered {
        return Err(BLOCKED.into());
    }
    Reply::show(&Entered { access_token: key.expose().to_owned() })
}

fn register(
    tx: &mut lending::Tx<'_, '_>,
    mobile: &Mobile,
    password: &PasswordHash,
) -> Result<kernel::id::MemberId, OpenError> {
    let (nickname, role) = (mobile.masked(), Role::Member);
    let (mobile, password) = (mobile.clone(), password.clone());
    let command = Register { id: None, channel: CHANNEL, mobile, nickname, role, password };
    match customers::register_customer(tx, &command) {
        Ok(member) => Ok(member.id),
        Err(RegisterError::Taken) => Err(OpenError::NoSuchCustomer),
        Err(RegisterError::Fault(fault)) => Err(fault.into()),
    }
}

/// A password that nobody knows, for an account that is about to be made: who comes back shows a
/// code again. `None` for an account that there is.
async fn new_password(
    channel: &Chaojihua,
    call: &Call,
    mobile: &Mobile,
) -> Result<Option<PasswordHash>, Failure> {
    let number = mobile.clone();
    let known = channel.app.read(move |tx| identity::is_registered(tx, CHANNEL, &number));
    if known.await? {
        return Ok(None);
    }
    let address = call.address.clone();
    let admitted =
        channel.app.write(Route::home(0), move |tx| identity::admit_registration(tx, &address));
    if !admitted.await? {
        return Err(TOO_OFTEN.into());
    }
    let secret = SessionKey::from_random(chance::bytes()?);
    let password = Secret::new(secret.expose().to_owned());
    Ok(Some(channel.app.passwords().hash(password).await?))
}
