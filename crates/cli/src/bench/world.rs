//! The members and projects that a measurement runs on.

use std::sync::Arc;

use anyhow::Context as _;
use kernel::id::MemberId;
use kernel::{Mobile, Money, Rate, Secret};
use lending::identity::password::PasswordHash;
use lending::identity::{self, Caller, Register, RegisterError, Role};
use lending::market::{self, Audit, ListProject, TenorUnit};
use lending::wallet::{self, Move};
use lending::{Fault, Lending, Page, Route, Tx};

use super::server::Launch;
use crate::config::Config;
use crate::wiring;

/// Every member's password.
pub(super) const PASSWORD: &str = "password1";
/// Members that are made in one transaction.
const AT_ONCE: u32 = 500;
/// Projects that take bids.
const PROJECTS: i64 = 64;

/// What clients need to know; clones share it.
#[derive(Clone)]
pub(super) struct World {
    /// Members are numbered from 1 to this.
    pub(super) members: u32,
    /// Projects are numbered from 1 to this.
    pub(super) projects: i64,
    /// The key of the tokens, and the second at which they expire.
    tokens: Arc<(Vec<u8>, i64)>,
}

/// Why the world was not made.
#[derive(Debug, thiserror::Error)]
enum MakeError {
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn refused(error: impl std::fmt::Display) -> MakeError {
    MakeError::Refused(error.to_string())
}

/// The mobile number of a member; 139 and their number.
pub(super) fn mobile(member: u64) -> String {
    format!("139{member:08}")
}

impl World {
    /// Fills the database, unless it has the members already, and issues tokens.
    pub(super) fn make(config: &Config, launch: &Launch, members: u32) -> anyhow::Result<Self> {
        let config = launch.config(config)?;
        let opened = wiring::open(&config, wiring::Use::Command)?;
        let lending = &opened.lending;
        let first = Page::new(1, 1).context("page")?;
        let there = lending.read_and_wait::<_, Fault>(move |tx| identity::members(tx, first))?;
        if there.is_empty() {
            fill(lending, &config, members)?;
        }
        let expires = lending.clock().now().wall.seconds().saturating_add(86_400);
        let tokens = Arc::new((opened.keys.tokens.to_vec(), expires));
        lending.close();
        Ok(Self { members, projects: PROJECTS, tokens })
    }

    /// A token of a member.
    pub(super) fn token(&self, member: u64) -> String {
        let member = MemberId::from_number(i64::try_from(member).unwrap_or(0));
        channel_futureloan::issue_token(&self.tokens.0, member, self.tokens.1).unwrap_or_default()
    }
}

fn fill(lending: &Lending, config: &Config, members: u32) -> anyhow::Result<()> {
    let password = PasswordHash::make(&Secret::new(PASSWORD.into()), wiring::cost(config))?;
    let mut next = 1_u32;
    while next <= members {
        let last = next.saturating_add(AT_ONCE).saturating_sub(1).min(members);
        let password = password.clone();
        lending.write_and_wait(Route::home(0), move |tx| {
            (next..=last).try_for_each(|member| add_member(tx, member, &password))
        })?;
        next = last.saturating_add(1);
    }
    lending.write_and_wait(Route::home(0), |tx| (0..PROJECTS).try_for_each(|_| add_project(tx)))?;
    Ok(())
}

fn add_member(tx: &mut Tx<'_, '_>, member: u32, password: &PasswordHash) -> Result<(), MakeError> {
    let mobile =
        Mobile::parse(&mobile(u64::from(member))).ok_or_else(|| refused("too many members"))?;
    let register = Register {
        id: None,
        channel: channel_futureloan::CHANNEL,
        mobile,
        nickname: "bench".into(),
        role: Role::Member,
        password: password.clone(),
    };
    let member = identity::register(tx, &register).map_err(|error| match error {
        RegisterError::Taken => refused("the database is in use"),
        RegisterError::Fault(fault) => fault.into(),
    })?;
    let amount = Money::from_yuan(10_000_000).ok_or_else(|| refused("amount"))?;
    let paid_in = Move { caller: Caller::Anyone, member: member.id, amount };
    wallet::recharge(tx, &paid_in).map_err(refused)?;
    Ok(())
}

fn add_project(tx: &mut Tx<'_, '_>) -> Result<(), MakeError> {
    let list = ListProject {
        id: None,
        caller: Caller::Anyone,
        borrower: MemberId::from_number(1),
        title: "bench".into(),
        amount: Money::from_yuan(5_000_000_000),
        rate: Rate::from_ppm(120_000),
        tenor_unit: Some(TenorUnit::Month),
        tenor: Some(12),
        bidding_days: Some(10),
    };
    let project = market::list(tx, &list).map_err(refused)?;
    market::audit(tx, Caller::Anyone, project.id, Audit::Approve).map_err(refused)
}
