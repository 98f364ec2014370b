//! Log-in (§2.1.2).

use channel_kit::route::{Method, Operation};
use kernel::{Instant, Mobile, Secret};
use lending::Route;
use lending::identity::{self, Door, LogIn, LogInOutcome};

use crate::auth::Media;
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    ACCOUNT_LOCKED, ACCOUNT_WRONG, BUSY, Failure, LOGIN_PHONE_EMPTY, PASSWORD_EMPTY,
    PHONE_MALFORMED,
};
use crate::member::body;
use crate::wire::{LoginBody, MemberData, TokenData, read};
use crate::{CHANNEL, Futureloan, token};

pub(crate) static LOGIN: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/member/login",
    summary: "登录 (§2.1.2)",
    protected: false,
    fields: &[body("mobile_phone", "string", true, "手机号"), body("pwd", "string", true, "密码")],
    refusals: &[LOGIN_PHONE_EMPTY, PASSWORD_EMPTY, PHONE_MALFORMED, ACCOUNT_LOCKED, ACCOUNT_WRONG],
    example: r#"{"id":1,"leave_amount":0.0,"mobile_phone":"13800000001","reg_name":"小借","reg_time":"2026-01-01 08:00:00.0","type":1,"token_info":{"token_type":"Bearer","expires_in":"2026-01-01 08:05:00","token":"eyJhbGciOiJIUzUxMiJ9.eyJtZW1iZXJfaWQiOjEsImV4cCI6MX0.…"}}"#,
};

pub(crate) async fn login(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (mobile, password) = parse(&read(&call.body)?)?;
    let (asked, address) = (mobile.clone(), call.address.clone());
    let door =
        channel.app.read(move |tx| identity::approach(tx, CHANNEL, &asked, &address)).await?;
    let credentials = match door {
        Door::Locked => return Err(ACCOUNT_LOCKED.into()),
        Door::Unknown => None,
        Door::Open(credentials) => Some(credentials),
    };
    let (known, hash) = credentials.map(|c| (c.member, c.password)).unzip();
    let right = channel.app.passwords().check(password, hash).await?;
    let attempt = LogIn {
        channel: CHANNEL,
        mobile,
        address: call.address.clone(),
        proven: known.filter(|_| right),
        token_seconds: channel.settings.token_seconds,
    };
    let route = Route::home(attempt.mobile.expose().parse().unwrap_or(0));
    let outcome = channel.app.write(route, move |tx| identity::log_in(tx, &attempt)).await?;
    let (member, expires) = match outcome {
        LogInOutcome::In(member, expires) => (member, expires),
        LogInOutcome::Refused => return Err(ACCOUNT_WRONG.into()),
        LogInOutcome::Locked => return Err(ACCOUNT_LOCKED.into()),
    };
    if call.media == Media::V1 {
        return Reply::of(&MemberData::from(&*member)); // nothing there asks for a token
    }
    let token = token::issue(&channel.settings.token_key, member.id, expires).ok_or(BUSY)?;
    let expires_in = Instant::from_millis(expires.saturating_mul(1000)).shanghai_text();
    let token = TokenData { token_type: "Bearer", expires_in, token };
    Reply::of(&MemberData::from(&*member).with_token(token))
}

fn parse(wire: &LoginBody<'_>) -> Result<(Mobile, Secret), Failure> {
    let mobile = wire.mobile_phone();
    if mobile.is_empty() || mobile.text().is_some_and(|text| text.trim().is_empty()) {
        return Err(LOGIN_PHONE_EMPTY.into());
    }
    if wire.pwd().is_empty() {
        return Err(PASSWORD_EMPTY.into());
    }
    let mobile = mobile.text().and_then(Mobile::parse).ok_or(PHONE_MALFORMED)?;
    let password = wire.pwd().text().map(ToOwned::to_owned).ok_or(ACCOUNT_WRONG)?;
    Ok((mobile, Secret::new(password)))
}
