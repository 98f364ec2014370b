//! `jiehuan member`: what an operator does about members.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use kernel::id::MemberId;
use kernel::{Mobile, Secret};
use lending::identity::password::PasswordHash;
use lending::identity::{self, Register, Role};
use lending::{Fault, Lending, Route};

use super::print;
use crate::config::Config;
use crate::wiring;

#[derive(Subcommand)]
pub(super) enum Member {
    /// Register a market administrator; the password (8 to 16 characters) comes on standard input
    AddAdministrator(Who),
    /// End every token of a member
    Revoke(Who),
    /// Close a member's account to them
    Block(Who),
    /// Open a blocked account again
    Unblock(Who),
}

#[derive(Args)]
pub(super) struct Who {
    /// The member's mobile number
    #[arg(long)]
    mobile: String,
}

pub(super) fn run(config: &Config, command: &Member) -> anyhow::Result<ExitCode> {
    let (Member::AddAdministrator(who)
    | Member::Revoke(who)
    | Member::Block(who)
    | Member::Unblock(who)) = command;
    let mobile = Mobile::parse(&who.mobile).context("that is no mobile number")?;
    let opened = wiring::open(config, wiring::Use::Command)?;
    let done = act(config, &opened.lending, command, mobile);
    opened.lending.close();
    print(&done?)?;
    Ok(ExitCode::SUCCESS)
}

fn act(
    config: &Config,
    lending: &Lending,
    command: &Member,
    mobile: Mobile,
) -> anyhow::Result<String> {
    let longest = wiring::seconds(config.futureloan.token_life);
    match command {
        Member::AddAdministrator(_) => add_administrator(config, lending, mobile),
        Member::Revoke(_) => {
            let id = found(lending, mobile)?;
            lending.write_and_wait(Route::home(id.number()), move |tx| {
                identity::revoke_tokens(tx, id, longest)
            })?;
            Ok(format!("member {}: every token is revoked\n", id.number()))
        }
        Member::Block(_) | Member::Unblock(_) => {
            let blocked = matches!(command, Member::Block(_));
            let id = found(lending, mobile)?;
            lending.write_and_wait(Route::home(id.number()), move |tx| {
                // Or its tokens would be good again when the account is opened.
                if blocked {
                    identity::revoke_tokens(tx, id, longest)?;
                }
                identity::set_blocked(tx, id, blocked)
            })?;
            let state = if blocked { "blocked" } else { "active" };
            Ok(format!("member {}: the account is {state}\n", id.number()))
        }
    }
}

fn found(lending: &Lending, mobile: Mobile) -> anyhow::Result<MemberId> {
    let find = move |tx: &mut lending::Tx<'_, '_>| {
        identity::find(tx, channel_futureloan::CHANNEL, &mobile)
    };
    lending.read_and_wait::<_, Fault>(find)?.context("there is no member with that mobile number")
}

fn add_administrator(config: &Config, lending: &Lending, mobile: Mobile) -> anyhow::Result<String> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let password = Secret::new(password.trim_end_matches(['\r', '\n']).to_owned());
    if !(8..=16).contains(&password.expose().chars().count()) {
        bail!("a password has 8 to 16 characters; give it on standard input");
    }
    let command = Register {
        id: None,
        channel: channel_futureloan::CHANNEL,
        mobile,
        nickname: "管理员".into(),
        role: Role::Administrator,
        password: PasswordHash::make(&password, wiring::cost(config))?,
    };
    let member =
        lending.write_and_wait(Route::home(0), move |tx| identity::register(tx, &command))?;
    Ok(format!("member {} is a market administrator\n", member.id.number()))
}
