//! `jiehuan operator`: who works in the back office, managed from the machine itself.

use std::fmt::Write as _;
use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use kernel::Secret;
use lending::audit::Actor;
use lending::identity::password::PasswordHash;
use lending::operators::{
    self, Add, LoginName, MakeToken, PASSWORD_CHARACTERS, Role, Roles, Status, TOKEN_BYTES, Token,
};
use lending::{Fault, Lending, Page, Route, Tx};

use super::print;
use crate::config::Config;
use crate::wiring;

/// What a first run of the demo profile finds; their password is [`DEMO_PASSWORD`].
const DEMO: &[(&str, &str, &[Role])] = &[
    ("demo-reviewer", "演示审核员", &[Role::Reviewer, Role::SeniorReviewer]),
    ("demo-cashier", "演示出纳", &[Role::Cashier]),
    ("demo-admin", "演示管理员", Role::ALL),
];
const DEMO_PASSWORD: &str = "demo1234";

#[derive(Subcommand)]
pub(super) enum Operator {
    /// Add an operator; the password (8 to 64 characters) comes on standard input
    Add(AddArgs),
    /// List the operators with their roles
    List,
    /// Give an operator other roles
    Roles(RolesArgs),
    /// Close an operator's account and revoke their tokens
    Block(Who),
    /// Open a blocked account again
    Unblock(Who),
    /// Set a new password from standard input; revokes tokens and lifts a lock-out
    ResetPassword(Who),
    /// Make a bearer token for a script, and print it once
    Token(TokenArgs),
    /// Revoke every token of an operator
    RevokeTokens(Who),
}

#[derive(Args)]
pub(super) struct Who {
    /// The operator's login name
    login: String,
}

#[derive(Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    who: Who,
    /// The name to be shown by; the login name without it
    #[arg(long)]
    name: Option<String>,
    /// A role, or several with commas between them
    #[arg(long = "role", required = true, value_delimiter = ',')]
    roles: Vec<String>,
}

#[derive(Args)]
pub(super) struct RolesArgs {
    #[command(flatten)]
    who: Who,
    /// The roles, with commas between them; they replace the old ones
    #[arg(long = "role", required = true, value_delimiter = ',')]
    roles: Vec<String>,
}

#[derive(Args)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    who: Who,
    /// What it is for; shown in the audit trail
    #[arg(long)]
    label: String,
    /// How many days it is good for
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
    days: u32,
}

pub(super) fn run(config: &Config, command: &Operator) -> anyhow::Result<ExitCode> {
    let lending = wiring::open(config, wiring::Use::Command)?.lending;
    let done = act(config, &lending, command);
    lending.close();
    print(&done?)?;
    Ok(ExitCode::SUCCESS)
}

fn act(config: &Config, lending: &Lending, command: &Operator) -> anyhow::Result<String> {
    match command {
        Operator::Add(args) => add(config, lending, args),
        Operator::List => list(lending),
        Operator::Roles(args) => {
            let (id, roles) = (found(lending, &args.who)?.id, read_roles(&args.roles)?);
            let done =
                write(lending, move |tx| operators::set_roles(tx, Actor::Platform, id, &roles))?;
            Ok(format!("operator {} is {}\n", done.login.text(), done.roles.words()))
        }
        Operator::Block(who) => set_status(lending, who, Status::Blocked),
        Operator::Unblock(who) => set_status(lending, who, Status::Active),
        Operator::ResetPassword(who) => {
            let known = found(lending, who)?;
            let hash = read_password(config, &known.login)?;
            let id = known.id;
            write(lending, move |tx| operators::reset_password(tx, Actor::Platform, id, &hash))?;
            Ok(format!("operator {} has a new password\n", known.login.text()))
        }
        Operator::Token(args) => token(lending, args),
        Operator::RevokeTokens(who) => {
            let id = found(lending, who)?.id;
            let revoked =
                write(lending, move |tx| operators::revoke_tokens(tx, Actor::Platform, id))?;
            Ok(format!("{revoked} tokens are revoked\n"))
        }
    }
}

fn write<T, E>(
    lending: &Lending,
    work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Fault> + Send + 'static,
{
    lending.write_and_wait(Route::home(0), work)
}

fn read_login(text: &str) -> anyhow::Result<LoginName> {
    LoginName::parse(text)
        .context("a login name has 2 to 32 small letters, digits, `.`, `-` or `_`, a letter first")
}

fn read_roles(words: &[String]) -> anyhow::Result<Roles> {
    let known = || Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
    let mut roles = Vec::new();
    for word in words {
        let role = Role::parse(word.trim());
        let role = role.with_context(|| format!("there is no role {word}; there are: {}", known()));
        roles.push(role?);
    }
    Roles::new(roles).with_context(|| format!("a role is needed: {}", known()))
}

fn read_password(config: &Config, login: &LoginName) -> anyhow::Result<PasswordHash> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let password = Secret::new(password.trim_end_matches(['\r', '\n']).to_owned());
    if !operators::is_acceptable(login, &password) {
        let (least, most) = (PASSWORD_CHARACTERS.start(), PASSWORD_CHARACTERS.end());
        bail!(
            "a password has {least} to {most} characters and is not the login name; give it on \
             standard input"
        );
    }
    Ok(PasswordHash::make(&password, wiring::cost(config))?)
}

fn found(lending: &Lending, who: &Who) -> anyhow::Result<operators::Operator> {
    let login = read_login(&who.login)?;
    let find = move |tx: &mut Tx<'_, '_>| operators::find(tx, &login);
    lending.read_and_wait::<_, Fault>(find)?.context("there is no operator with that login name")
}

fn add(config: &Config, lending: &Lending, args: &AddArgs) -> anyhow::Result<String> {
    let login = read_login(&args.who.login)?;
    let name = operators::parse_name(args.name.as_deref().unwrap_or(login.text()));
    let name = name.context("a name has 1 to 40 characters")?;
    let roles = read_roles(&args.roles)?;
    let password = read_password(config, &login)?;
    let command = Add { login, name, roles, password };
    let added = write(lending, move |tx| operators::add(tx, Actor::Platform, &command))?;
    let (number, login, roles) = (added.id.number(), added.login.text(), added.roles.words());
    Ok(format!("operator {number}, {login}, is {roles}\n"))
}

fn list(lending: &Lending) -> anyhow::Result<String> {
    let mut text = String::new();
    for number in 1.. {
        let page = Page::new(number, Page::MOST).context("page")?;
        let some = lending.read_and_wait::<_, Fault>(move |tx| operators::operators(tx, page))?;
        if some.is_empty() {
            break;
        }
        for operator in some {
            let state = if operator.blocked { "blocked" } else { "active" };
            let (id, login) = (operator.id.number(), operator.login.text());
            let roles = operator.roles.words();
            let _ =
                writeln!(text, "{id:>4}  {login:<32}  {state:<7}  {roles}  ({})", operator.name);
        }
    }
    if text.is_empty() {
        text.push_str("there is no operator yet: jiehuan operator add\n");
    }
    Ok(text)
}

fn set_status(lending: &Lending, who: &Who, status: Status) -> anyhow::Result<String> {
    let id = found(lending, who)?.id;
    let done = write(lending, move |tx| operators::set_status(tx, Actor::Platform, id, status))?;
    let state = if done.blocked { "blocked" } else { "active" };
    Ok(format!("operator {}: the account is {state}\n", done.login.text()))
}

fn token(lending: &Lending, args: &TokenArgs) -> anyhow::Result<String> {
    let label = operators::parse_name(&args.label).context("a label has 1 to 40 characters")?;
    let known = found(lending, &args.who)?;
    if known.blocked {
        bail!("the account is blocked");
    }
    let mut random = [0; TOKEN_BYTES];
    getrandom::fill(&mut random).context("there is no randomness")?;
    let token = Token::from_random(&random);
    let command = MakeToken { operator: known.id, label, days: args.days, token: token.digest() };
    let expires = write(lending, move |tx| operators::make_token(tx, Actor::Platform, &command))?;
    super::complain(&format!("good until {}; it is not shown again", expires.shanghai_text()));
    Ok(format!("{}\n", token.expose()))
}

/// The operators of the demo, on the first run only.
pub(super) fn fill_demo(config: &Config, lending: &Lending) -> anyhow::Result<()> {
    let first = Page::new(1, 1).context("page")?;
    let known = lending.read_and_wait::<_, Fault>(move |tx| operators::operators(tx, first))?;
    if !known.is_empty() {
        return Ok(());
    }
    let password = Secret::new(DEMO_PASSWORD.to_owned());
    for (login, name, roles) in DEMO {
        let command = Add {
            login: read_login(login)?,
            name: (*name).to_owned(),
            roles: Roles::new(roles.iter().copied()).context("roles")?,
            password: PasswordHash::make(&password, wiring::cost(config))?,
        };
        write(lending, move |tx| operators::add(tx, Actor::Platform, &command))?;
    }
    Ok(())
}
