//! Accounts: signing up, logging in and out, SMS codes, feedback.

use channel_kit::Field;
use channel_kit::app::CodeTo;
use channel_kit::chance;
use kernel::{Mobile, Secret};
use lending::Route;
use lending::customers::codes::{self, CheckCode, Purpose};
use lending::customers::sessions::{self, OpenError, OpenSession, SessionKey};
use lending::customers::{self, SignUpError};
use lending::identity::password::PasswordHash;
use lending::identity::{self, Door, LogIn, LogInOutcome, Register, Role};
use lending::notices::{self, FeedbackError, LeaveFeedback};
use serde::Serialize;

use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{section, text};
use crate::texts::{
    CODE_MISSING, CODE_SENT, CODE_TOO_OFTEN, CODE_WRONG, DONE, FEEDBACK_LEFT, Failure, LOGGED_OUT,
    LOGIN_WRONG, MALFORMED, MOBILE_MISSING, MOBILE_TAKEN, MOBILE_WRONG, PASSWORD_MISSING,
    PASSWORD_SHAPE, TOO_OFTEN,
};
use crate::{CHANNEL, Wukong, password};

const MOBILE: Field = text("mobile", "手机号");
const PASSWORD: Field = text("password", "密码");
const CODE: Field = text("code", "验证码");

/// What signing up and logging in answer.
#[derive(Serialize)]
struct Entered {
    mobile: String,
    token: String,
    expiry_timestamp: i64,
}

section! {
    SIGN_UP: Post "/signup", "用户注册", GUEST;
    fields: [MOBILE, CODE, PASSWORD];
    refusals: [
        MOBILE_MISSING, MOBILE_WRONG, MOBILE_TAKEN, PASSWORD_MISSING, PASSWORD_SHAPE,
        CODE_MISSING, TOO_OFTEN, CODE_WRONG
    ];
    success: DONE,
        r#"[{"mobile":"13800000001","token":"0123456789ABCDEF0123456789ABCDEF","expiry_timestamp":1795000000}]"#;
}

pub(crate) async fn sign_up(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let mobile = typed_mobile(&call)?;
    if is_registered(&channel, &mobile).await? {
        return Err(MOBILE_TAKEN.into());
    }
    let password = new_password(&call)?;
    if call.fields.text("code").is_empty() {
        return Err(CODE_MISSING.into());
    }
    let address = call.address.clone();
    let admitted =
        channel.app.write(Route::home(0), move |tx| identity::admit_registration(tx, &address));
    if !admitted.await? {
        return Err(TOO_OFTEN.into());
    }
    check_code(&channel, &call, &mobile, Purpose::Registration).await?;
    let password = channel.app.passwords().hash(password).await?;
    register(&channel, mobile, password).await
}

/// The account and its first token, in one go.
async fn register(
    channel: &Wukong,
    mobile: Mobile,
    password: PasswordHash,
) -> Result<Reply, Failure> {
    let (nickname, role) = (mobile.masked(), Role::Member);
    let route = route(&mobile);
    let command =
        Register { id: None, channel: CHANNEL, mobile: mobile.clone(), nickname, role, password };
    let key = SessionKey::from_random(chance::bytes()?);
    let opened = key.clone();
    let signed_up = channel.app.write(route, move |tx| {
        let member = customers::sign_up(tx, &command)?.id;
        let session = OpenSession { member, key: opened.clone(), device: None };
        match sessions::open(tx, &session) {
            Ok(()) => Ok(sessions::expiry(tx).seconds()),
            Err(OpenError::NoSuchCustomer) => Err(SignUpError::NotProven),
            Err(OpenError::Fault(fault)) => Err(fault.into()),
        }
    });
    let expires = signed_up.await.map_err(|error| match error {
        SignUpError::Taken => MOBILE_TAKEN.into(),
        SignUpError::NotProven => CODE_WRONG.into(),
        SignUpError::Fault(fault) => Failure::from(fault),
    })?;
    entered(&mobile, &key, expires)
}

fn entered(mobile: &Mobile, key: &SessionKey, expires: i64) -> Result<Reply, Failure> {
    let (mobile, token) = (mobile.expose().to_owned(), key.expose().to_owned());
    Reply::one(&Entered { mobile, token, expiry_timestamp: expires })
}

section! {
    LOG_IN: Post "/login", "用户登录", GUEST;
    fields: [MOBILE, PASSWORD];
    refusals: [LOGIN_WRONG];
    success: DONE,
        r#"[{"mobile":"13800000001","token":"0123456789ABCDEF0123456789ABCDEF","expiry_timestamp":1795000000}]"#;
}

pub(crate) async fn log_in(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let mobile = Mobile::parse(call.fields.text("mobile")).ok_or(LOGIN_WRONG)?;
    let password = Secret::new(call.fields.raw("password").to_owned());
    let (asked, from) = (mobile.clone(), call.address.clone());
    let door = channel.app.read(move |tx| identity::approach(tx, CHANNEL, &asked, &from)).await?;
    let credentials = match door {
        Door::Locked => return Err(LOGIN_WRONG.into()),
        Door::Unknown => None,
        Door::Open(credentials) => Some(credentials),
    };
    let (known, hash) = credentials.map(|c| (c.member, c.password)).unzip();
    let right = channel.app.passwords().check(password, hash).await?;
    let attempt = LogIn {
        channel: CHANNEL,
        mobile: mobile.clone(),
        address: call.address,
        proven: known.filter(|_| right),
        // A session's life is its own; nothing here holds a token.
        token_seconds: 0,
    };
    let key = SessionKey::from_random(chance::bytes()?);
    let (route, opened) = (route(&mobile), key.clone());
    let outcome = channel.app.write(route, move |tx| {
        let LogInOutcome::In(member, _) = identity::log_in(tx, &attempt)? else { return Ok(None) };
        let session = OpenSession { member: member.id, key: opened.clone(), device: None };
        sessions::open(tx, &session)?;
        Ok::<_, OpenError>(Some(sessions::expiry(tx).seconds()))
    });
    let expires = outcome.await.map_err(|error| match error {
        OpenError::NoSuchCustomer => LOGIN_WRONG.into(),
        OpenError::Fault(fault) => Failure::from(fault),
    })?;
    entered(&mobile, &key, expires.ok_or(LOGIN_WRONG)?)
}

section! {
    /// Whoever calls it is out afterwards.
    LOG_OUT: Get "/logout", "退出登录", GUEST;
    fields: [];
    refusals: [];
    success: LOGGED_OUT, "null";
}

pub(crate) async fn log_out(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    if let Some((member, key)) = call.caller {
        let route = Route::home(member.number());
        channel.app.write(route, move |tx| sessions::close(tx, member, &key)).await?;
    }
    Ok(Reply::done())
}

section! {
    CODE_NEW_USER: Post "/send-mobile-code/new-user", "用户注册：请求验证码", GUEST;
    fields: [MOBILE];
    refusals: [MOBILE_WRONG, CODE_TOO_OFTEN];
    success: CODE_SENT, "null";
}

pub(crate) async fn code_new_user(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    send_code(&channel, &call, Purpose::Registration).await
}

section! {
    CODE_FORGOTTEN: Post "/send-mobile-code/forget-password", "用户忘记密码：请求验证码", GUEST;
    fields: [MOBILE];
    refusals: [MOBILE_WRONG, CODE_TOO_OFTEN];
    success: CODE_SENT, "null";
}

pub(crate) async fn code_forgotten(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    send_code(&channel, &call, Purpose::PasswordReset).await
}

async fn send_code(channel: &Wukong, call: &Call, purpose: Purpose) -> Result<Reply, Failure> {
    let mobile = Mobile::parse(call.fields.text("mobile")).ok_or(MOBILE_WRONG)?;
    let is_registered = is_registered(channel, &mobile).await?;
    let fits = match purpose {
        Purpose::Registration => !is_registered,
        Purpose::PasswordReset | Purpose::LogIn | Purpose::CardBinding => is_registered,
    };
    if !fits {
        return Err(MOBILE_WRONG.into());
    }
    let (route, address) = (route(&mobile), call.address.clone());
    let to = CodeTo { channel: CHANNEL, mobile, purpose, address };
    channel.app.send_code(route, to).await?;
    Ok(Reply::done())
}

/// Checks the code in a call and notes what it proves.
pub(crate) async fn check_code(
    channel: &Wukong,
    call: &Call,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<(), Failure> {
    let code = Secret::new(call.fields.text("code").to_owned());
    let guess = CheckCode { channel: CHANNEL, mobile: mobile.clone(), purpose, code };
    match channel.app.write(route(mobile), move |tx| codes::check(tx, &guess)).await? {
        codes::Verdict::Right => Ok(()),
        codes::Verdict::Wrong | codes::Verdict::Expired => Err(CODE_WRONG.into()),
    }
}

/// The mobile number in a call that names an account.
pub(crate) fn typed_mobile(call: &Call) -> Result<Mobile, Failure> {
    match call.fields.text("mobile") {
        "" => Err(MOBILE_MISSING.into()),
        mobile => Mobile::parse(mobile).ok_or_else(|| MOBILE_WRONG.into()),
    }
}

/// The new password in a call.
pub(crate) fn new_password(call: &Call) -> Result<Secret, Failure> {
    match call.fields.raw("password") {
        "" => Err(PASSWORD_MISSING.into()),
        password if password::has_shape(password) => Ok(Secret::new(password.to_owned())),
        _ => Err(PASSWORD_SHAPE.into()),
    }
}

pub(crate) async fn is_registered(channel: &Wukong, mobile: &Mobile) -> Result<bool, Failure> {
    let asked = mobile.clone();
    Ok(channel.app.read(move |tx| identity::is_registered(tx, CHANNEL, &asked)).await?)
}

/// Calls about an account that is known by its mobile number meet in the same writer.
pub(crate) fn route(mobile: &Mobile) -> Route {
    Route::home(mobile.expose().parse().unwrap_or(0))
}

section! {
    FEEDBACK: Post "/feedback", "意见反馈", TOKEN;
    fields: [
        text("type", "credit:信用不足,info:资料填写,loan:借款,repayment:还款,func:功能建议,other:其他"),
        text("content", "内容"),
    ];
    refusals: [MALFORMED];
    success: FEEDBACK_LEFT, "null";
}

pub(crate) async fn feedback(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let source = call.fields.text("type").to_owned();
    let suggestion = call.fields.text("content").to_owned();
    let left = channel.app.write(Route::home(member.number()), move |tx| {
        let account = identity::member(tx, member)?;
        let mobile = account.ok_or(lending::Fault::Corrupt("member".into()))?.mobile;
        let (suggestion, source) = (suggestion.clone(), source.clone());
        let command =
            LeaveFeedback { channel: CHANNEL, member: Some(member), mobile, suggestion, source };
        notices::leave_feedback(tx, &command)
    });
    left.await.map_err(|error| match error {
        FeedbackError::Suggestion { .. } | FeedbackError::Source { .. } => MALFORMED.into(),
        FeedbackError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}
