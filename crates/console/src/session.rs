//! Log-in, log-out, and what operators do about their own account.

use channel_kit::route::Method;
use kernel::Secret;
use lending::operators::{
    self, Code, Door, LogIn, LogInOutcome, LoginName, Operator, TOKEN_BYTES, Token,
};
use lending::{Fault, Route as Home};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, LOCKED, LOG_IN_REFUSED, OLD_PASSWORD_WRONG};
use crate::operation::{Access, Operation, body, optional};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LOG_IN, log_in),
        route(&LOG_OUT, log_out),
        route(&ME, me),
        route(&CHANGE_PASSWORD, change_password),
    ]
}

static LOG_IN: Operation = Operation {
    method: Method::Post,
    path: "/console/api/login",
    summary: "Log in 登录: gives a bearer token",
    access: Access::Open,
    fields: &[
        body("login", "string", "login name"),
        body("password", "string", "password"),
        optional("code", "string", "the six digits of the authenticator, where it is on"),
    ],
    refusals: &[LOCKED, LOG_IN_REFUSED],
    success: (
        200,
        r#"{"token":"jho_…","expires_at":"2026-03-01T16:00:00+08:00","operator":{"id":1,"login":"anna","name":"Anna","roles":["cashier"],"blocked":false,"second_factor":false,"added_at":"2026-03-01T08:00:00+08:00"}}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogInBody {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
}

/// What the answers show of an operator.
pub(crate) fn shown(operator: &Operator) -> Value {
    let roles: Vec<_> = operator.roles.iter().map(operators::Role::word).collect();
    json!({
        "id": operator.id.number(),
        "login": operator.login.text(),
        "name": operator.name,
        "roles": roles,
        "blocked": operator.blocked,
        "second_factor": operator.second_factor,
        "added_at": time(operator.added_at),
    })
}

async fn log_in(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: LogInBody = call.message()?;
    let password = Secret::new(message.password);
    let login = LoginName::parse(&message.login).ok_or(LOG_IN_REFUSED)?;
    let (asked, address) = (login.clone(), call.address.clone());
    let door = console.app.read(move |tx| operators::approach(tx, &asked, &address)).await?;
    let credentials = match door {
        Door::Locked => return Err(LOCKED.into()),
        Door::Unknown => None,
        Door::Open(credentials) => Some(credentials),
    };
    let (known, hash) = credentials.map(|c| (c.operator, c.password)).unzip();
    let right = console.app.passwords().check(password, hash).await?;
    let mut random = [0; TOKEN_BYTES];
    getrandom::fill(&mut random).map_err(|error| Fault::Engine(error.to_string()))?;
    let token = Token::from_random(&random);
    let attempt = LogIn {
        login,
        address: call.address.clone(),
        agent: call.agent.as_deref().and_then(operators::parse_agent),
        code: Code::parse(&message.code),
        proven: known.filter(|_| right),
        token: token.digest(),
    };
    let home = Home::home(known.map_or(0, kernel::id::OperatorId::number));
    match console.app.write(home, move |tx| operators::log_in(tx, &attempt)).await? {
        LogInOutcome::In(operator, expires) => Ok(Reply::ok(&json!({
            "token": token.expose(),
            "expires_at": time(expires),
            "operator": shown(&operator),
        }))),
        LogInOutcome::Refused => Err(LOG_IN_REFUSED.into()),
        LogInOutcome::Locked => Err(LOCKED.into()),
    }
}

static LOG_OUT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/logout",
    summary: "Log out 退出: revokes the token of this call",
    access: Access::LoggedIn,
    fields: &[],
    refusals: &[],
    success: (200, "{}"),
};

async fn log_out(console: Console, call: Call) -> Result<Reply, Failure> {
    let token = call.token()?;
    console.app.write(Home::home(0), move |tx| operators::log_out(tx, &token)).await?;
    Ok(Reply::ok(&json!({})))
}

static ME: Operation = Operation {
    method: Method::Get,
    path: "/console/api/me",
    summary: "Who I am and what I may do 我的账号",
    access: Access::LoggedIn,
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"operator":{"id":1,"login":"anna","name":"Anna","roles":["cashier"],"blocked":false,"second_factor":false,"added_at":"2026-03-01T08:00:00+08:00"},"rights":["see_records","pay_out","reverse"],"business_day":"2026-03-01","clock_moved":false}"#,
    ),
};

async fn me(console: Console, call: Call) -> Result<Reply, Failure> {
    let tell = |tx: &mut lending::Tx<'_, '_>, operator: &Operator| {
        let rights = operator.roles.rights();
        let rights: Vec<_> = rights.into_iter().map(operators::Right::word).collect();
        let (business, wall) = (tx.at().business.date(), tx.at().wall.date());
        Ok(Reply::ok(&json!({
            "operator": shown(operator),
            "rights": rights,
            "business_day": business.to_string(),
            "clock_moved": business != wall,
        })))
    };
    call.read(&console, tell).await
}

static CHANGE_PASSWORD: Operation = Operation {
    method: Method::Post,
    path: "/console/api/me/password",
    summary: "Change my password 修改密码: revokes every token of mine",
    access: Access::LoggedIn,
    fields: &[body("old", "string", "the old one"), body("new", "string", "8 to 64 characters")],
    refusals: &[LOCKED, OLD_PASSWORD_WRONG],
    success: (200, "{}"),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePasswordBody {
    old: String,
    new: String,
}

async fn change_password(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: ChangePasswordBody = call.message()?;
    let (old, new) = (Secret::new(message.old), Secret::new(message.new));
    let operator = known(&console, &call).await?;
    if !operators::is_acceptable(&operator.login, &new) {
        return Err(Failure::field("new"));
    }
    let home = Home::home(prove(&console, &call, old).await?.id.number());
    let hash = console.app.passwords().hash(new).await?;
    let change = move |tx: &mut lending::Tx<'_, '_>, operator: &Operator| {
        operators::change_password(tx, operator, &hash)?;
        Ok(Reply::ok(&json!({})))
    };
    call.write_unkeyed(&console, home, change).await
}

/// Who makes a call.
async fn known(console: &Console, call: &Call) -> Result<Operator, Failure> {
    let token = call.token()?;
    Ok(console.app.read(move |tx| operators::authenticate(tx, &token)).await?)
}

/// Who makes a call, and has their password right; a wrong one counts like a wrong log-in, so that
/// a stolen token is no way around the lock-out.
pub(crate) async fn prove(
    console: &Console,
    call: &Call,
    password: Secret,
) -> Result<Operator, Failure> {
    let operator = known(console, call).await?;
    let (login, address) = (operator.login.clone(), call.address.clone());
    let door = console.app.read(move |tx| operators::approach(tx, &login, &address)).await?;
    let Door::Open(credentials) = door else { return Err(LOCKED.into()) };
    if console.app.passwords().check(password, Some(credentials.password)).await? {
        return Ok(operator);
    }
    let address = call.address.clone();
    let home = Home::home(operator.id.number());
    let count = move |tx: &mut lending::Tx<'_, '_>| {
        operators::count_wrong_password(tx, &operator, &address)
    };
    console.app.write(home, count).await?;
    Err(OLD_PASSWORD_WRONG.into())
}
