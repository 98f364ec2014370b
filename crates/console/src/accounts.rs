//! Accounts of the ledger with their lines, and movements with their postings.

use channel_kit::route::Method;
use kernel::id::TransferId;
use kernel::{Channel, Date};
use lending::Tx;
use lending::ledger::browsing::{
    self, About, AccountLine, Listed, MOST_DAYS, Movement, Owners, Posting, Sought, Standing,
    Wanted,
};
use lending::ledger::{Account, Class, Days, Kind, Side};
use lending::operators::{Operator, Right};
use serde_json::{Value, json};

use crate::Console;
use crate::books::{Asked, FROM, TO, some, yuan};
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_ACCOUNT, NO_SUCH_TRANSFER, TOO_MANY_DAYS};
use crate::operation::{Access, ID, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        route(&ACCOUNTS, accounts),
        route(&ACCOUNT, account),
        route(&TRANSFERS, transfers),
        route(&TRANSFER, transfer),
    ]
}

/// Days that are looked at where a query names none: a week.
fn a_week(to: Date) -> Date {
    to.minus_days(6).unwrap_or(to)
}

/// The days of a look that reads the movements of all of them; a week where none is said.
fn few(tx: &Tx<'_, '_>, asked: Asked) -> Result<Days, Failure> {
    let days = asked.at_most(MOST_DAYS, tx.at().business.date()).days(tx, a_week)?;
    if days.count() > MOST_DAYS {
        return Err(Failure::with(TOO_MANY_DAYS, &MOST_DAYS.to_string()));
    }
    Ok(days)
}

/// A member by the page that they have: members of the market have one of their own.
fn member(id: i64, channel: Option<Channel>) -> Value {
    let is_of_market = channel == Some(Channel::Futureloan);
    json!({ "kind": if is_of_market { "market_member" } else { "member" }, "id": id })
}

fn owner(account: Account, channel: Option<Channel>) -> Value {
    match Owners::of(account) {
        Owners::Members => member(account.owner(), channel),
        Owners::Platform => json!({ "kind": "platform", "id": null }),
        other @ (Owners::Projects | Owners::Loans) => {
            json!({ "kind": other.word(), "id": account.owner() })
        }
    }
}

/// What a movement is about. A bid is shown by its project.
fn subject(movement: &Movement) -> Value {
    match movement.about {
        Some(About::Member(id, channel)) => member(id.number(), Some(channel)),
        Some(About::Bid(_, project) | About::Project(project)) => {
            json!({ "kind": "project", "id": project.number() })
        }
        Some(About::Loan(id)) => json!({ "kind": "loan", "id": id.number() }),
        Some(About::Lead(id)) => json!({ "kind": "lead", "id": id.number() }),
        None => json!({ "kind": "platform", "id": null }),
    }
}

/// The side that a balance stands on, and how much it is.
fn side(credits_fen: i64) -> (&'static str, String) {
    let side = match credits_fen {
        0 => "flat",
        1.. => "credit",
        _ => "debit",
    };
    (side, yuan(credits_fen.saturating_abs()))
}

fn shown(standing: &Standing) -> Value {
    let account = standing.account;
    let (side, balance) = side(standing.balance_fen);
    json!({
        "id": account.number().number(),
        "code": account.class().map(|class| class.code),
        "account": account.word(),
        "owner": owner(account, standing.channel),
        "side": side,
        "balance": balance,
    })
}

/// An amount as accountants write it: `debit`, `credit`, and the balance on its side.
fn written(change_fen: i64, balance_fen: Option<i64>) -> (Value, Value, Value, Value) {
    let debit = some(change_fen.min(0).saturating_neg());
    let credit = some(change_fen.max(0));
    let balance = balance_fen.map(side);
    let (side, balance) = balance.unzip();
    (json!(debit), json!(credit), json!(side), json!(balance))
}

fn line(line: &AccountLine) -> Value {
    let (debit, credit, side, balance) = written(line.change.fen(), line.balance_fen);
    json!({
        "at": time(line.movement.at),
        "transfer_id": line.movement.id.number().to_string(),
        "movement": line.movement.kind.word(),
        "subject": subject(&line.movement),
        "debits": debit,
        "credits": credit,
        "side": side,
        "balance": balance,
    })
}

fn posting(posting: &Posting) -> Value {
    let (debit, credit, side, balance) = written(posting.change.fen(), posting.balance_fen);
    let account = posting.account;
    json!({
        "account_id": account.number().number(),
        "code": account.class().map(|class| class.code),
        "account": account.word(),
        "owner": owner(account, posting.channel),
        "debits": debit,
        "credits": credit,
        "side": side,
        "balance": balance,
    })
}

/// A movement, and something more about it.
fn movement(movement: &Movement, (more, value): (&str, Value)) -> Value {
    json!({
        "id": movement.id.number().to_string(),
        "movement": movement.kind.word(),
        "subject": subject(movement),
        "at": time(movement.at),
        "reverses": movement.reverses.map(|id| id.number().to_string()),
        more: value,
    })
}

fn listed(listed: &Listed) -> Value {
    movement(&listed.movement, ("amount", yuan(listed.amount_fen).into()))
}

static ACCOUNTS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/accounts",
    summary: "Accounts of the ledger 账户 with what they hold now, by number",
    access: Access::With(Right::SeeRecords),
    fields: &[
        query("owners", "string", "whose: platform (the default), member, project or loan"),
        query("account", "string", "only those of this class"),
        query("owner", "integer", "only those of the member, project or loan with this number"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"id":51,"code":"1002","account":"bank_clearing","owner":{"kind":"platform","id":null},"side":"debit","balance":"105.00"}],"size":20}"#,
    ),
};

async fn accounts(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let class = match call.query("account") {
        Some(word) => Some(Class::parse(word).ok_or_else(|| Failure::field("account"))?),
        None => None,
    };
    let owners = match call.query("owners") {
        Some(word) => Owners::parse(word).ok_or_else(|| Failure::field("owners"))?,
        None => Owners::Platform,
    };
    let wanted = Wanted { owners, owner: call.query_number("owner")?, class };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let found = browsing::accounts(tx, &wanted, page)?;
        Ok(Reply::list(&found.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static ACCOUNT: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/accounts/{id}",
    summary: "One account with its lines 明细账, the newest first",
    access: Access::With(Right::SeeRecords),
    fields: &[ID, FROM, TO, PAGE, SIZE],
    refusals: &[NO_SUCH_ACCOUNT, TOO_MANY_DAYS],
    success: (
        200,
        r#"{"items":[{"at":"2026-11-25T10:00:00+08:00","transfer_id":"11012345678901234","movement":"recharge","subject":{"kind":"member","id":3},"debits":null,"credits":"5.00","side":"credit","balance":"105.00"}],"size":20,"account":{"id":301,"code":"2241.01","account":"wallet","owner":{"kind":"member","id":3},"side":"credit","balance":"105.00"},"from":null,"to":null}"#,
    ),
};

async fn account(console: Console, call: Call) -> Result<Reply, Failure> {
    let account = call.id().and_then(Account::from_number).ok_or(NO_SUCH_ACCOUNT)?;
    let (asked, page) = (Asked::read(&call)?, call.page()?);
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let standing = browsing::standing(tx, account)?.ok_or(NO_SUCH_ACCOUNT)?;
        let is_platform = account.side() == Side::Platform;
        let days = match (is_platform, asked.is_some()) {
            (true, _) => Some(few(tx, asked)?),
            (false, true) => Some(asked.days(tx, |_| before_everything())?),
            (false, false) => None,
        };
        let lines = browsing::account_lines(tx, account, days, page)?;
        Ok(Reply::ok(&json!({
            "items": lines.iter().map(line).collect::<Vec<_>>(),
            "size": page.size(),
            "account": shown(&standing),
            "from": days.map(|days| days.from.to_string()),
            "to": days.map(|days| days.to.to_string()),
        })))
    };
    call.read(&console, read).await
}

/// A day before anything was booked.
fn before_everything() -> Date {
    kernel::Instant::from_millis(0).date()
}

static TRANSFERS: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/transfers",
    summary: "Movements of money 凭证 of some business days, the last booked first",
    access: Access::With(Right::SeeRecords),
    fields: &[
        FROM,
        TO,
        query("movement", "string", "only those of this kind"),
        query("subject", "integer", "only those about the thing with this number"),
        PAGE,
        SIZE,
    ],
    refusals: &[TOO_MANY_DAYS],
    success: (
        200,
        r#"{"items":[{"id":"11012345678901234","movement":"recharge","subject":{"kind":"member","id":3},"at":"2026-11-25T10:00:00+08:00","reverses":null,"amount":"5.00"}],"size":20,"from":"2026-11-19","to":"2026-11-25"}"#,
    ),
};

async fn transfers(console: Console, call: Call) -> Result<Reply, Failure> {
    let (asked, page) = (Asked::read(&call)?, call.page()?);
    let kind = match call.query("movement") {
        Some(word) => Some(Kind::parse(word).ok_or_else(|| Failure::field("movement"))?),
        None => None,
    };
    let subject = call.query_number("subject")?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let days = few(tx, asked)?;
        let found = browsing::movements(tx, &Sought { days, kind, subject }, page)?;
        Ok(Reply::ok(&json!({
            "items": found.iter().map(listed).collect::<Vec<_>>(),
            "size": page.size(),
            "from": days.from.to_string(),
            "to": days.to.to_string(),
        })))
    };
    call.read(&console, read).await
}

static TRANSFER: Operation = Operation {
    method: Method::Get,
    path: "/console/api/ledger/transfers/{id}",
    summary: "One movement with its postings 分录, and what it takes back or is taken back by",
    access: Access::With(Right::SeeRecords),
    fields: &[ID],
    refusals: &[NO_SUCH_TRANSFER],
    success: (
        200,
        r#"{"transfer":{"id":"11012345678901234","movement":"recharge","subject":{"kind":"member","id":3},"at":"2026-11-25T10:00:00+08:00","reverses":null,"reversed_by":null},"postings":[{"account_id":51,"code":"1002","account":"bank_clearing","owner":{"kind":"platform","id":null},"debits":"5.00","credits":null,"side":null,"balance":null}]}"#,
    ),
};

async fn transfer(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = call.id().map(TransferId::from_number).ok_or(NO_SUCH_TRANSFER)?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let whole = browsing::movement(tx, id)?.ok_or(NO_SUCH_TRANSFER)?;
        let postings: Vec<_> = whole.postings.iter().map(posting).collect();
        let reversed_by = whole.reversed_by.map(|id| id.number().to_string());
        let shown = movement(&whole.movement, ("reversed_by", json!(reversed_by)));
        Ok(Reply::ok(&json!({ "transfer": shown, "postings": postings })))
    };
    call.read(&console, read).await
}
