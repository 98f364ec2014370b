//! The core's side of the comparison: gives it the commands and asks it for everything.

use std::fmt::{Debug, Write as _};

use kernel::id::{MemberId, ProjectId};
use kernel::{Channel, Instant, Money, Rate};

use super::super::kit::{mobile, registration};
use super::{Caller, Command, Figures};
use crate::identity::{self, LogIn, LogInOutcome, Role};
use crate::ledger::{self, Account};
use crate::market::{self, Audit, ListProject, PlaceBid, TenorUnit};
use crate::wallet::{self, Move};
use crate::{Fault, Page, Tx, kept};

/// The name of a refusal, without what it is wrapped in.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

fn refused(error: &dyn Debug) -> Refused {
    let text = format!("{error:?}");
    let inner = text.strip_prefix("Denied(").and_then(|text| text.strip_suffix(')'));
    Refused(inner.unwrap_or(&text).to_owned())
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        refused(&fault)
    }
}

fn real(caller: Caller) -> identity::Caller {
    caller.map_or(identity::Caller::Anyone, |(member, expires)| {
        let member = MemberId::from_number(member);
        identity::Caller::Bearer { member, expires }
    })
}

fn shown(member: &identity::Member) -> String {
    format!("member {} {} {}", member.id.number(), member.nickname, member.wallet.fen())
}

/// Gives a command to the core; its answer, and the number that it gave to something new.
pub(super) fn give(
    tx: &mut Tx<'_, '_>,
    command: &Command,
) -> Result<(String, Option<i64>), Refused> {
    let answer = match command {
        Command::Register { n, administrator, address } => {
            return register(tx, *n, *administrator, *address);
        }
        Command::List { caller, borrower, fen, ppm, months, tenor, days } => {
            let figures = (*fen, *ppm, *months, *tenor, *days);
            let id = list(tx, *caller, *borrower, figures)?;
            return Ok((format!("project {id}"), Some(id)));
        }
        Command::Bid { caller, member, project, fen } => {
            let (caller, member) = (real(*caller), MemberId::from_number(*member));
            let (project, amount) =
                (ProjectId::from_number(*project), fen.and_then(Money::from_fen));
            let command = PlaceBid { caller, member, project, amount };
            let (bid, done) = market::bid(tx, &command).map_err(|error| refused(&error))?;
            let id = bid.id.number();
            return Ok((format!("bid {id} {done:?}"), Some(id)));
        }
        Command::LogIn { n, right, address } => log_in(tx, *n, *right, *address)?,
        Command::Rename { caller, member, name } => {
            let member = MemberId::from_number(*member);
            let member = identity::rename(tx, real(*caller), member, name);
            shown(&member.map_err(|error| refused(&error))?)
        }
        Command::Recharge { caller, member, fen } => {
            let member = wallet::recharge(tx, &moving(*caller, *member, *fen));
            shown(&member.map_err(|error| refused(&error))?)
        }
        Command::Withdraw { caller, member, fen } => {
            let member = wallet::withdraw(tx, &moving(*caller, *member, *fen));
            shown(&member.map_err(|error| refused(&error))?)
        }
        Command::Audit { caller, project, approve } => {
            let decision = if *approve { Audit::Approve } else { Audit::Reject };
            let project = ProjectId::from_number(*project);
            let done = market::audit(tx, real(*caller), project, decision);
            done.map(|()| "done".into()).map_err(|error| refused(&error))?
        }
        Command::Repay { caller, project } => {
            let paid = market::repay(tx, real(*caller), ProjectId::from_number(*project));
            let paid = paid.map_err(|error| refused(&error))?;
            format!("{} {:?}", paid.terms_repaid, paid.status)
        }
        Command::Fail { project } => {
            market::fail_project(tx, ProjectId::from_number(*project))?.to_string()
        }
        Command::Abandon { project } => {
            market::abandon(tx, ProjectId::from_number(*project))?.to_string()
        }
        Command::Revoke { member } => {
            identity::revoke_tokens(tx, MemberId::from_number(*member), 300)?.to_string()
        }
        Command::Block { member, blocked } => {
            identity::set_blocked(tx, MemberId::from_number(*member), *blocked)?.to_string()
        }
        Command::Jobs => {
            identity::prune(tx)?;
            kept::prune(tx)?;
            ledger::take_platform_balances(tx)?;
            "done".into()
        }
    };
    Ok((answer, None))
}

fn moving(caller: Caller, member: i64, fen: i64) -> Move {
    let amount = Money::from_fen(fen).unwrap();
    Move { caller: real(caller), member: MemberId::from_number(member), amount }
}

fn list(
    tx: &mut Tx<'_, '_>,
    caller: Caller,
    borrower: i64,
    (fen, ppm, months, tenor, days): Figures,
) -> Result<i64, Refused> {
    let command = ListProject {
        id: None,
        caller: real(caller),
        borrower: MemberId::from_number(borrower),
        title: "t".into(),
        amount: fen.and_then(Money::from_fen),
        rate: ppm.and_then(Rate::from_ppm),
        tenor_unit: months.map(|months| if months { TenorUnit::Month } else { TenorUnit::Day }),
        tenor,
        bidding_days: days,
    };
    let listed = market::list(tx, &command).map_err(|error| refused(&error))?;
    Ok(listed.id.number())
}

/// Two calls in a channel: what the first one counts stays.
fn register(
    tx: &mut Tx<'_, '_>,
    n: u32,
    administrator: bool,
    address: u32,
) -> Result<(String, Option<i64>), Refused> {
    if !identity::admit_registration(tx, &address.to_string())? {
        return Ok(("not admitted".into(), None));
    }
    let role = if administrator { Role::Administrator } else { Role::Member };
    match tx.nested(|tx| identity::register(tx, &registration(n, role)))? {
        Ok(member) => Ok((shown(&member), Some(member.id.number()))),
        Err(error) => Ok((refused(&error).0, None)),
    }
}

fn log_in(tx: &mut Tx<'_, '_>, n: u32, right: bool, address: u32) -> Result<String, Fault> {
    let found = identity::find(tx, Channel::Futureloan, &mobile(n))?;
    let command = LogIn {
        channel: Channel::Futureloan,
        mobile: mobile(n),
        address: address.to_string(),
        proven: found.filter(|_| right),
        token_seconds: 300,
    };
    Ok(match identity::log_in(tx, &command)? {
        LogInOutcome::In(member, expires) => format!("in {} until {expires}", member.id.number()),
        LogInOutcome::Refused => "refused".into(),
        LogInOutcome::Locked => "locked".into(),
    })
}

/// All rows of a list.
fn pages<T>(
    tx: &mut Tx<'_, '_>,
    mut page: impl FnMut(&mut Tx<'_, '_>, Page) -> Result<Vec<T>, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut all = Vec::new();
    for number in 1.. {
        let mut rows = page(tx, Page::new(number, Page::MOST).unwrap())?;
        if rows.is_empty() {
            break;
        }
        all.append(&mut rows);
    }
    Ok(all)
}

/// What the core says of everything, one line each, as the model does.
pub(super) fn state(tx: &mut Tx<'_, '_>) -> Result<Vec<String>, Fault> {
    let anyone = identity::Caller::Anyone;
    let millis = |instant: Option<Instant>| instant.map(Instant::millis);
    let mut lines = Vec::new();
    let members = pages(tx, identity::members)?;
    for m in &members {
        let frozen = ledger::balance(tx, Account::Frozen(m.id))?.unwrap();
        let mobile: u32 = m.mobile.expose()[3..].parse().unwrap();
        lines.push(format!(
            "member {} {mobile} {} {} {} {} {} {} {}",
            m.id.number(),
            m.nickname,
            m.role == Role::Administrator,
            m.blocked,
            m.tokens_revoked_through,
            m.registered_at.millis(),
            m.wallet.fen(),
            frozen.fen()
        ));
    }
    for p in pages(tx, market::projects)? {
        lines.push(format!(
            "project {} {} {} {} {} {:?} {} {:?} {} {:?} {:?} {:?}",
            p.id.number(),
            p.borrower.number(),
            p.amount.fen(),
            p.raised.fen(),
            p.rate.ppm(),
            p.tenor_unit,
            p.tenor,
            p.status,
            p.terms_repaid,
            millis(p.bidding_started_at),
            millis(p.bidding_ends_at),
            millis(p.full_at)
        ));
        let rows = pages(tx, |tx, page| {
            Ok(market::instalments_of(tx, anyone, p.id, page).unwrap().unwrap())
        })?;
        for i in rows {
            let (principal, interest) = (i.principal.fen(), i.interest.fen());
            let (bid, term, due) = (i.bid.number(), i.term, i.due);
            let paid = millis(i.paid_at);
            lines.push(format!("instalment {bid} {term} {principal} {interest} {due} {paid:?}"));
        }
    }
    for m in &members {
        if m.blocked {
            continue;
        }
        let bids = pages(tx, |tx, page| Ok(market::bids_of(tx, anyone, m.id, page).unwrap()))?;
        for b in bids {
            let (id, member) = (b.id.number(), b.member.number());
            lines.push(format!("bid {id} {member} {} {:?}", b.amount.fen(), b.state));
        }
    }
    let mut trial = String::from("trial");
    for line in ledger::trial_balance(tx)? {
        let name = line.account.trim_end_matches("_clearing").to_owned();
        let _ = write!(trial, " {name} {}", line.balance_fen); // a String takes everything
    }
    lines.push(trial);
    Ok(lines)
}
