//! Codes, registering, logging in, and looking into a session (注册登录相关接口).

use std::ops::RangeInclusive;

use channel_kit::chance;
use kernel::{Mobile, Secret};
use lending::Route;
use lending::customers::codes::{RequestError, Verdict};
use lending::customers::session_codes::{self, CodeName, Place, RequestSessionCode};
use lending::customers::sessions::{self, OpenError, OpenSession, SessionKey};
use lending::customers::{self, SignUpError};
use lending::identity::{self, Door, LogIn, LogInOutcome, Register, Role};

use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{FORMAT, SIGN, asked, section, text};
use crate::texts::{
    BUSY, CAPTCHA, DONE, Failure, MAY_LOG_IN, MISSING, NO_SUCH_ADDRESS, PASSWORDS_DIFFER, REFUSED,
    SEND_FAILED, TAKEN, TOO_OFTEN, WRONG,
};
use crate::{CHANNEL, Shuaidan, session};

/// What the key of a code for registering begins with; the telephone number follows.
const REGISTRATION: &str = "regist_";
/// Characters of a password; the document's sample has six.
const PASSWORD_CHARACTERS: RangeInclusive<usize> = 6..=32;
/// The smallest code: codes are six digits, and none begins with a zero that a client could lose.
const FIRST_CODE: u64 = 100_000;
/// How many codes there are.
const CODES: u64 = 900_000;

section! {
    CHECK_MESSAGE: Get "/checkmessage", "发送验证码接口", GUEST;
    fields: [asked(text("key", "存入session的关键字")), asked(FORMAT), asked(SIGN)];
    refusals: [MISSING, WRONG, SEND_FAILED];
    success: Success DONE, "null";
}

/// Without a telephone number in the key the code is kept all the same, and nobody is told of it.
pub(crate) async fn check_message(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let name = call.form.needed("key", CodeName::parse)?;
    let mobile = name.text().strip_prefix(REGISTRATION).and_then(Mobile::parse);
    let session = match &call.session {
        Some(session) => session.clone(),
        None => SessionKey::from_random(chance::bytes()?),
    };
    let cookie = session::cookie(&session, channel.settings.secure_cookie);
    let is_told = mobile.is_some() || channel.settings.session_viewer;
    let route = mobile.as_ref().map_or(Route::home(0), route);
    let (place, address) = (Place { channel: CHANNEL, session, name }, call.address);
    let command = RequestSessionCode { place, mobile, code: new_code()?, address };
    let kept = channel.app.write(route, move |tx| session_codes::request(tx, &command)).await;
    match kept {
        Ok(()) => channel.app.wake(),
        Err(RequestError::MobileLimited | RequestError::AddressLimited) => {
            return Err(SEND_FAILED.into());
        }
        Err(RequestError::Fault(fault)) => return Err(fault.into()),
    }
    let reply = if is_told { Reply::done() } else { Reply::refused(SEND_FAILED) };
    Ok(reply.with_cookie(cookie))
}

/// A code of six digits.
pub(crate) fn new_code() -> Result<Secret, Failure> {
    let number = chance::below(CODES)?;
    Ok(Secret::new(number.saturating_add(FIRST_CODE).to_string()))
}

section! {
    bare
    /// For benches without SMS: what stands in the caller's own session under a key.
    SESSION: Get "/session", "获得session内的值（仅限测试环境）";
    fields: [asked(text("key", "存入session的关键字"))];
    refusals: [NO_SUCH_ADDRESS, MISSING, WRONG];
}

pub(crate) async fn show_session(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    if !channel.settings.session_viewer {
        return Err(Failure::with(NO_SUCH_ADDRESS, "/session"));
    }
    let name = call.form.needed("key", CodeName::parse)?;
    let session = call.session.ok_or_else(|| Failure::with(WRONG, "key"))?;
    let place = Place { channel: CHANNEL, session, name };
    let shown = channel.app.read(move |tx| session_codes::shown(tx, &place)).await?;
    let shown = shown.ok_or_else(|| Failure::with(WRONG, "key"))?;
    Ok(Reply::plain(shown.expose().to_owned()))
}

section! {
    REGISTER: Post "/register", "提交注册信息", GUEST;
    fields: [
        text("securityCode", "验证码，为六位随机数字，必须与session中 regist_<telephone> 对应值一致"),
        text("telephone", "电话号码"),
        text("password", "密码，6至32位"),
        text("confirmPassword", "确认密码"),
        FORMAT,
        SIGN,
    ];
    refusals: [MISSING, WRONG, PASSWORDS_DIFFER, TOO_OFTEN, CAPTCHA, TAKEN];
    success: Sucessed MAY_LOG_IN, "null";
}

pub(crate) async fn register(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let form = &call.form;
    let code = Secret::new(form.required("securityCode")?.to_owned());
    let telephone = form.required("telephone")?;
    form.required("password")?;
    form.required("confirmPassword")?;
    let password = form.raw("password");
    if !PASSWORD_CHARACTERS.contains(&password.chars().count()) {
        return Err(Failure::with(WRONG, "password"));
    }
    if password != form.raw("confirmPassword") {
        return Err(PASSWORDS_DIFFER.into());
    }
    let address = call.address.clone();
    let admitted =
        channel.app.write(Route::home(0), move |tx| identity::admit_registration(tx, &address));
    if !admitted.await? {
        return Err(TOO_OFTEN.into());
    }
    // No code was sent to what is no telephone number, so that none can be right.
    let mobile = Mobile::parse(telephone).ok_or(CAPTCHA)?;
    check_code(&channel, &call, &mobile, code).await?;
    let asked = mobile.clone();
    if channel.app.read(move |tx| identity::is_registered(tx, CHANNEL, &asked)).await? {
        return Err(TAKEN.into());
    }
    let password = channel.app.passwords().hash(Secret::new(password.to_owned())).await?;
    let (nickname, route) = (mobile.masked(), route(&mobile));
    let (id, role) = (None, Role::Member);
    let command = Register { id, channel: CHANNEL, mobile, nickname, role, password };
    let signed_up = channel.app.write(route, move |tx| customers::sign_up(tx, &command)).await;
    match signed_up {
        Ok(_) => Ok(Reply::done()),
        Err(SignUpError::Taken) => Err(TAKEN.into()),
        Err(SignUpError::NotProven) => Err(CAPTCHA.into()),
        Err(SignUpError::Fault(fault)) => Err(fault.into()),
    }
}

/// The code must be the one that this session holds for the number.
async fn check_code(
    channel: &Shuaidan,
    call: &Call,
    mobile: &Mobile,
    code: Secret,
) -> Result<(), Failure> {
    let session = call.session.clone().ok_or(CAPTCHA)?;
    let name = CodeName::parse(&format!("{REGISTRATION}{}", mobile.expose())).ok_or(CAPTCHA)?;
    let (place, mobile) = (Place { channel: CHANNEL, session, name }, mobile.clone());
    let route = route(&mobile);
    let check =
        move |tx: &mut lending::Tx<'_, '_>| session_codes::check(tx, &place, &mobile, &code);
    match channel.app.write(route, check).await? {
        Verdict::Right => Ok(()),
        Verdict::Wrong | Verdict::Expired => Err(CAPTCHA.into()),
    }
}

section! {
    LOG_IN: Post "/login", "用户登录验证", GUEST;
    fields: [text("telephone", "电话号码"), text("password", "密码"), FORMAT, SIGN];
    refusals: [MISSING, TOO_OFTEN, REFUSED];
    success: Sucessed MAY_LOG_IN, "null";
}

pub(crate) async fn log_in(channel: Shuaidan, call: Call) -> Result<Reply, Failure> {
    let telephone = call.form.required("telephone")?.to_owned();
    call.form.required("password")?;
    let password = Secret::new(call.form.raw("password").to_owned());
    // What is no telephone number is no account either; nobody is locked out for it.
    let mobile = Mobile::parse(&telephone).ok_or(REFUSED)?;
    let (asked, from) = (mobile.clone(), call.address.clone());
    let door = channel.app.read(move |tx| identity::approach(tx, CHANNEL, &asked, &from)).await?;
    let credentials = match door {
        Door::Locked => return Err(TOO_OFTEN.into()),
        Door::Unknown => None,
        Door::Open(credentials) => Some(credentials),
    };
    let (known, hash) = credentials.map(|c| (c.member, c.password)).unzip();
    let right = channel.app.passwords().check(password, hash).await?;
    let proven = known.filter(|_| right);
    // A session's life is its own; nothing here holds a token.
    let token_seconds = 0;
    let route = route(&mobile);
    let attempt = LogIn { channel: CHANNEL, mobile, address: call.address, proven, token_seconds };
    let key = SessionKey::from_random(chance::bytes()?);
    let opened = key.clone();
    let outcome = channel.app.write(route, move |tx| {
        let outcome = identity::log_in(tx, &attempt)?;
        if let LogInOutcome::In(member, _) = &outcome {
            let (member, key) = (member.id, opened.clone());
            sessions::open(tx, &OpenSession { member, key, device: None })?;
        }
        Ok::<_, OpenError>(outcome)
    });
    let outcome = outcome.await.map_err(|error| match error {
        OpenError::NoSuchCustomer => REFUSED.into(),
        OpenError::Fault(fault) => Failure::from(fault),
    })?;
    match outcome {
        LogInOutcome::In(_, _) => {
            let cookie = session::cookie(&key, channel.settings.secure_cookie);
            Ok(Reply::done().with_cookie(Some(cookie.ok_or(BUSY)?)))
        }
        LogInOutcome::Locked => Err(TOO_OFTEN.into()),
        LogInOutcome::Refused => Err(REFUSED.into()),
    }
}

/// Calls about an account that is known by its telephone number meet in the same writer.
fn route(mobile: &Mobile) -> Route {
    Route::home(mobile.expose().parse().unwrap_or(0))
}
