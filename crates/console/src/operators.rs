//! Operators, as those who manage them see them.

use channel_kit::route::Method;
use kernel::Secret;
use kernel::id::OperatorId;
use lending::operators::{
    self, Add, AddError, ChangeError, LoginName, Operator, Right, Role, Roles, Status,
};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, LOGIN_TAKEN, NO_SUCH_OPERATOR, YOURSELF};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, body};
use crate::reply::Reply;
use crate::session::shown;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&LIST, list),
        route(&NAMES, names),
        route(&ADD, add),
        route(&SET_ROLES, set_roles),
        route(&BLOCK, block),
        route(&UNBLOCK, unblock),
        route(&RESET_PASSWORD, reset_password),
        route(&REVOKE_TOKENS, revoke_tokens),
    ]
}

const MANAGE: Access = Access::With(Right::ManageOperators);
pub(crate) const OPERATOR: &str = r#"{"operator":{"id":2,"login":"bo","name":"Bo","roles":["reviewer"],"blocked":false,"second_factor":false,"added_at":"2026-03-01T08:00:00+08:00"}}"#;
const ROLES: &str = "roles: reviewer, senior-reviewer, cashier, collector, risk-manager, \
                     product-manager, auditor, administrator";

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Yourself => YOURSELF.into(),
            ChangeError::NoSuchOperator => NO_SUCH_OPERATOR.into(),
            ChangeError::Fault(fault) => fault.into(),
        }
    }
}

impl From<AddError> for Failure {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Taken => LOGIN_TAKEN.into(),
            AddError::Fault(fault) => fault.into(),
        }
    }
}

pub(crate) fn one(operator: &Operator) -> serde_json::Value {
    json!({ "operator": shown(operator) })
}

pub(crate) fn id(call: &Call) -> Result<OperatorId, Failure> {
    Ok(call.id().map(OperatorId::from_number).ok_or(NO_SUCH_OPERATOR)?)
}

fn read_roles(words: &[String]) -> Result<Roles, Failure> {
    let roles: Option<Vec<_>> = words.iter().map(|word| Role::parse(word)).collect();
    roles.and_then(Roles::new).ok_or_else(|| Failure::field("roles"))
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/operators",
    summary: "Operators 操作员",
    access: MANAGE,
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = operators::operators(tx, page)?;
        Ok(Reply::list(&all.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

/// Names that are told at most: of the operators with the lowest numbers.
const MOST_NAMES: i64 = 1000;

static NAMES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/operators/names",
    summary: "Numbers and names of operators 操作员姓名, so that who did something can be read",
    access: Access::LoggedIn,
    fields: &[],
    refusals: &[],
    success: (200, r#"{"items":[{"id":1,"name":"Anna"}],"size":1000}"#),
};

async fn names(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = operators::names(tx, MOST_NAMES)?;
        let items: Vec<_> =
            all.iter().map(|(id, name)| json!({ "id": id.number(), "name": name })).collect();
        Ok(Reply::ok(&json!({ "items": items, "size": MOST_NAMES })))
    };
    call.read(&console, read).await
}

static ADD: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators",
    summary: "Add an operator 新增操作员",
    access: MANAGE,
    fields: &[
        body("login", "string", "login name: 2 to 32 small letters, digits and .-_"),
        body("name", "string", "name to be shown by, at most 40 characters"),
        body("roles", "array", ROLES),
        body("password", "string", "first password, 8 to 64 characters"),
    ],
    refusals: &[LOGIN_TAKEN],
    success: (201, OPERATOR),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddBody {
    login: String,
    name: String,
    roles: Vec<String>,
    password: String,
}

async fn add(console: Console, call: Call) -> Result<Reply, Failure> {
    let message: AddBody = call.message()?;
    let password = Secret::new(message.password);
    let login = LoginName::parse(&message.login).ok_or_else(|| Failure::field("login"))?;
    let name = operators::parse_name(&message.name).ok_or_else(|| Failure::field("name"))?;
    let roles = read_roles(&message.roles)?;
    if !operators::is_acceptable(&login, &password) {
        return Err(Failure::field("password"));
    }
    let password = console.app.passwords().hash(password).await?;
    let command = Add { login, name, roles, password };
    let add = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        Ok(Reply::created(&one(&operators::add(tx, by.actor(), &command)?)))
    };
    call.write_unkeyed(&console, Home::home(0), add).await
}

static SET_ROLES: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/roles",
    summary: "Give other roles 变更角色",
    access: MANAGE,
    fields: &[ID, body("roles", "array", ROLES)],
    refusals: &[YOURSELF, NO_SUCH_OPERATOR],
    success: (200, OPERATOR),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesBody {
    roles: Vec<String>,
}

async fn set_roles(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: RolesBody = call.message()?;
    let roles = read_roles(&message.roles)?;
    let set = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        Ok(Reply::ok(&one(&operators::set_roles(tx, by.actor(), id, &roles)?)))
    };
    call.write(&console, Home::home(id.number()), set).await
}

static BLOCK: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/block",
    summary: "Block an operator 停用: revokes their tokens",
    access: MANAGE,
    fields: &[ID],
    refusals: &[YOURSELF, NO_SUCH_OPERATOR],
    success: (200, OPERATOR),
};

async fn block(console: Console, call: Call) -> Result<Reply, Failure> {
    set_status(console, call, Status::Blocked).await
}

static UNBLOCK: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/unblock",
    summary: "Let a blocked operator in again 启用",
    access: MANAGE,
    fields: &[ID],
    refusals: &[YOURSELF, NO_SUCH_OPERATOR],
    success: (200, OPERATOR),
};

async fn unblock(console: Console, call: Call) -> Result<Reply, Failure> {
    set_status(console, call, Status::Active).await
}

async fn set_status(console: Console, call: Call, status: Status) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let set = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        Ok(Reply::ok(&one(&operators::set_status(tx, by.actor(), id, status)?)))
    };
    call.write(&console, Home::home(id.number()), set).await
}

static RESET_PASSWORD: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/password",
    summary: "Reset a password 重置密码: revokes their tokens and lifts a lock-out",
    access: MANAGE,
    fields: &[ID, body("password", "string", "8 to 64 characters")],
    refusals: &[YOURSELF, NO_SUCH_OPERATOR],
    success: (200, OPERATOR),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    password: String,
}

async fn reset_password(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let message: PasswordBody = call.message()?;
    let password = Secret::new(message.password);
    let known = console.app.read(move |tx| operators::operator(tx, id)).await?;
    let known = known.ok_or_else(|| Failure::from(NO_SUCH_OPERATOR))?;
    if !operators::is_acceptable(&known.login, &password) {
        return Err(Failure::field("password"));
    }
    let hash = console.app.passwords().hash(password).await?;
    let reset = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        Ok(Reply::ok(&one(&operators::reset_password(tx, by.actor(), id, &hash)?)))
    };
    call.write_unkeyed(&console, Home::home(id.number()), reset).await
}

static REVOKE_TOKENS: Operation = Operation {
    method: Method::Post,
    path: "/console/api/operators/{id}/revoke-tokens",
    summary: "Revoke every token of an operator 注销全部令牌: of log-ins and of scripts",
    access: MANAGE,
    fields: &[ID],
    refusals: &[NO_SUCH_OPERATOR],
    success: (200, r#"{"revoked":2}"#),
};

async fn revoke_tokens(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let revoke = move |tx: &mut Tx<'_, '_>, by: &Operator| {
        operators::operator(tx, id)?.ok_or(NO_SUCH_OPERATOR)?;
        let revoked = operators::revoke_tokens(tx, by.actor(), id)?;
        Ok(Reply::ok(&json!({ "revoked": revoked })))
    };
    call.write(&console, Home::home(id.number()), revoke).await
}
