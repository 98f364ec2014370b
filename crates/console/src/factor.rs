//! An operator's second factor, and the list of their sessions.

use channel_kit::route::Method;
use kernel::Secret;
use kernel::id::OperatorId;
use lending::operators::second_factor::{self, FactorError, GivenUp};
use lending::operators::{
    self, Code, FACTOR_BYTES, FactorSecret, Operator, Right, Session, TokenDigest,
};
use lending::{Fault, Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{
    CODE_WRONG, FACTOR_NOT_ON, FACTOR_ON, Failure, LOCKED, NO_SUCH_OPERATOR, NO_SUCH_SESSION,
    OLD_PASSWORD_WRONG, YOURSELF,
};
use crate::operation::{Access, ID, Operation, body};
use crate::operators::{OPERATOR, id, one};
use crate::reply::{Reply, time};
use crate::session::prove;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&SET_UP, set_up),
        route(&CONFIRM, confirm),
        route(&GIVE_UP, give_up),
        route(&SESSIONS, my_sessions),
        route(&END, end),
        route(&THEIRS, sessions_of),
        route(&TAKE_AWAY, take_away),
    ]
}

const MANAGE: Access = Access::With(Right::ManageOperators);

impl From<FactorError> for Failure {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::On => FACTOR_ON.into(),
            FactorError::NotOn => FACTOR_NOT_ON.into(),
            FactorError::WrongCode => CODE_WRONG.into(),
            FactorError::Fault(fault) => fault.into(),
        }
    }
}

static SET_UP: Operation = Operation {
    method: Method::Post,
    path: "/console/api/me/second-factor",
    summary: "Set up a second factor 启用两步验证: a secret for an authenticator, good once confirmed",
    access: Access::LoggedIn,
    fields: &[body("password", "string", "my password")],
    refusals: &[LOCKED, OLD_PASSWORD_WRONG, FACTOR_ON],
    success: (
        201,
        r#"{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","address":"otpauth://totp/Jiehuan:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Jiehuan"}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUpBody {
    password: String,
}

async fn set_up(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: SetUpBody = call.message()?;
    let operator = prove(&console, &call, Secret::new(message.password)).await?;
    let mut random = [0; FACTOR_BYTES];
    getrandom::fill(&mut random).map_err(|error| Fault::Engine(error.to_string()))?;
    let keep = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let secret = FactorSecret::from_random(&random);
        second_factor::set_up(tx, operator, &secret)?;
        let address = secret.address(&operator.login);
        let told = json!({ "secret": secret.expose(), "address": address.expose() });
        Ok(Reply::created(&told))
    };
    call.write_unkeyed(&console, Home::home(operator.id.number()), keep).await
}

static CONFIRM: Operation = Operation {
    method: Method::Post,
    path: "/console/api/me/second-factor/confirm",
    summary: "Turn the second factor on 确认两步验证: from then on a log-in needs a code",
    access: Access::LoggedIn,
    fields: &[body("code", "string", "the six digits that the authenticator shows")],
    refusals: &[FACTOR_NOT_ON, FACTOR_ON, CODE_WRONG],
    success: (200, "{}"),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    code: String,
}

async fn confirm(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: ConfirmBody = call.message()?;
    let code = Code::parse(&message.code).ok_or(CODE_WRONG)?;
    let confirm = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        second_factor::confirm(tx, operator, code)?;
        Ok(Reply::ok(&json!({})))
    };
    call.write_unkeyed(&console, Home::home(0), confirm).await
}

static GIVE_UP: Operation = Operation {
    method: Method::Post,
    path: "/console/api/me/second-factor/off",
    summary: "Turn the second factor off 关闭两步验证",
    access: Access::LoggedIn,
    fields: &[
        body("password", "string", "my password"),
        body("code", "string", "the six digits that the authenticator shows"),
    ],
    refusals: &[LOCKED, OLD_PASSWORD_WRONG, FACTOR_NOT_ON, CODE_WRONG],
    success: (200, "{}"),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GiveUpBody {
    password: String,
    code: String,
}

async fn give_up(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: GiveUpBody = call.message()?;
    let code = Code::parse(&message.code).ok_or(CODE_WRONG)?;
    let operator = prove(&console, &call, Secret::new(message.password)).await?;
    let (home, address) = (Home::home(operator.id.number()), call.address.clone());
    let give_up = move |tx: &mut Tx<'_, '_>| {
        second_factor::give_up(tx, &operator, code, &address).map_err(Failure::from)
    };
    // A wrong code is counted, so that this is no place to guess one.
    match console.app.write(home, give_up).await? {
        GivenUp::Off => Ok(Reply::ok(&json!({}))),
        GivenUp::WrongCode => Err(CODE_WRONG.into()),
    }
}

const SESSION_LIST: &str = r#"{"items":[{"id":"557df069af3ec8f4","label":null,"address":"192.0.2.1","agent":"Mozilla/5.0","made_at":"2026-03-01T08:00:00+08:00","expires_at":"2026-03-01T16:00:00+08:00","current":true}],"size":100}"#;

static SESSIONS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/me/sessions",
    summary: "My log-ins and tokens that are good 登录会话",
    access: Access::LoggedIn,
    fields: &[],
    refusals: &[],
    success: (200, SESSION_LIST),
};

async fn my_sessions(console: Console, call: Call) -> Result<Reply, Failure> {
    let own = call.token()?;
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        Ok(told(&operators::sessions(tx, operator.id)?, &own))
    };
    call.read(&console, read).await
}

fn told(all: &[Session], own: &TokenDigest) -> Reply {
    let items: Vec<Value> = all
        .iter()
        .map(|session| {
            json!({
                "id": session.id,
                "label": session.label,
                "address": session.address,
                "agent": session.agent,
                "made_at": time(session.made_at),
                "expires_at": time(session.expires_at),
                "current": session.digest == *own,
            })
        })
        .collect();
    Reply::ok(&json!({ "items": items, "size": 100 }))
}

static END: Operation = Operation {
    method: Method::Post,
    path: "/console/api/me/sessions/{id}/end",
    summary: "End one of my sessions 结束会话",
    access: Access::LoggedIn,
    fields: &[ID],
    refusals: &[NO_SUCH_SESSION],
    success: (200, "{}"),
};

async fn end(console: Console, call: Call) -> Result<Reply, Failure> {
    let session = call.path("id").unwrap_or_default().to_owned();
    let end = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        if !operators::end_session(tx, operator, &session)? {
            return Err(NO_SUCH_SESSION.into());
        }
        Ok(Reply::ok(&json!({})))
    };
    call.write(&console, Home::home(0), end).await
}

static THEIRS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/operators/{id}/sessions",
    summary: "An operator's log-ins and tokens that are good 登录会话",
    access: MANAGE,
    fields: &[ID],
    refusals: &[NO_SUCH_OPERATOR],
    success: (200, SESSION_LIST),
};

async fn sessions_of(console: Console, call: Call) -> Result<Reply, Failure> {
    let (id, own): (OperatorId, _) = (id(&call)?, call.token()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        operators::operator(tx, id)?.ok_or(NO_SUCH_OPERATOR)?;
        Ok(told(&operators::sessions(tx, id)?, &own))
    };
    call.read(&console, read).await
}

static TAKE_AWAY: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/second-factor/off",
    summary: "Take the second factor away 重置两步验证, of who lost their authenticator: ends their sessions",
    access: MANAGE,
    fields: &[ID],
    refusals: &[YOURSELF, NO_SUCH_OPERATOR],
    success: (200, OPERATOR),
};

async fn take_away(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let take = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        Ok(Reply::ok(&one(&second_factor::take_away(tx, by.actor(), id)?)))
    };
    call.write(&console, Home::home(id.number()), take).await
}
