//! Accounts of the ledger with their lines, and movements with their postings.

use channel_kit::route::Method;
use kernel::Date;
use kernel::id::{MemberId, TransferId};
use lending::Tx;
use lending::ledger::browsing::{
    self, About, AccountLine, Listed, MOST_DAYS, Movement, Owners, Posting, Sought, Standing,
    Wanted,
};
use lending::ledger::{Account, Class, Days, Kind, Side};
use lending::market;
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
fn member(tx: &mut Tx<'_, '_>, id: i64) -> Result<Value, Failure> {
    let found = market::investor(tx, MemberId::from_number(id))?;
    Ok(json!({ "kind": if found.is_some() { "market_member" } else { "member" }, "id": id }))
}

fn owner(tx: &mut Tx<'_, '_>, account: Account) -> Result<Value, Failure> {
    match Owners::of(account) {
        Owners::Members => member(tx, account.owner()),
        Owners::Platform => Ok(json!({ "kind": "platform", "id": null })),
        other @ (Owners::Projects | Owners::Loans) => {
            Ok(json!({ "kind": other.word(), "id": account.owner() }))
        }
    }
}

/// What a movement is about. A bid is shown by its project.
fn subject(tx: &mut Tx<'_, '_>, movement: &Movement) -> Result<Value, Failure> {
    let id = movement.subject;
    match movement.about {
        Some(About::Member) => member(tx, id),
        Some(About::Bid) => {
            let bid = market::bid_of(tx, kernel::id::BidId::from_number(id))?;
            let project = bid.map(|bid| bid.project.number());
            Ok(json!({ "kind": "project", "id": project }))
        }
        Some(About::Project) => Ok(json!({ "kind": "project", "id": id })),
        Some(About::Loan) => Ok(json!({ "kind": "loan", "id": id })),
        Some(About::Lead) => Ok(json!({ "kind": "lead", "id": id })),
        None => Ok(json!({ "kind": "platform", "id": null })),
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

fn shown(tx: &mut Tx<'_, '_>, standing: &Standing) -> Result<Value, Failure> {
    let account = standing.account;
    let (side, balance) = side(standing.balance_fen);
    Ok(json!({
        "id": account.number().number(),
        "code": account.class().map(|class| class.code),
        "account": account.word(),
        "owner": owner(tx, account)?,
        "side": side,
        "balance": balance,
    }))
}

/// An amount as accountants write it: `debit`, `credit`, and the balance on its side.
fn written(change_fen: i64, balance_fen: Option<i64>) -> (Value, Value, Value, Value) {
    let debit = some(change_fen.min(0).saturating_neg());
    let credit = some(change_fen.max(0));
    let balance = balance_fen.map(side);
    let (side, balance) = balance.unzip();
    (json!(debit), json!(credit), json!(side), json!(balance))
}

fn line(tx: &mut Tx<'_, '_>, line: &AccountLine) -> Result<Value, Failure> {
    let (debit, credit, side, balance) = written(line.change.fen(), line.balance_fen);
    Ok(json!({
        "at": time(line.movement.at),
        "transfer_id": line.movement.id.number().to_string(),
        "movement": line.movement.kind.word(),
        "subject": subject(tx, &line.movement)?,
        "debits": debit,
        "credits": credit,
        "side": side,
        "balance": balance,
    }))
}

fn posting(tx: &mut Tx<'_, '_>, posting: &Posting) -> Result<Value, Failure> {
    let (debit, credit, side, balance) = written(posting.change.fen(), posting.balance_fen);
    let account = posting.account;
    Ok(json!({
        "account_id": account.number().number(),
        "code": account.class().map(|class| class.code),
        "account": account.word(),
        "owner": owner(tx, account)?,
        "debits": debit,
        "credits": credit,
        "side": side,
        "balance": balance,
    }))
}

fn movement(tx: &mut Tx<'_, '_>, movement: &Movement) -> Result<Value, Failure> {
    Ok(json!({
        "id": movement.id.number().to_string(),
        "movement": movement.kind.word(),
        "subject": subject(tx, movement)?,
        "at": time(movement.at),
        "reverses": movement.reverses.map(|id| id.number().to_string()),
    }))
}

fn listed(tx: &mut Tx<'_, '_>, listed: &Listed) -> Result<Value, Failure> {
    let mut shown = movement(tx, &listed.movement)?;
    shown["amount"] = yuan(listed.amount_fen).into();
    Ok(shown)
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
        let items: Result<Vec<_>, _> = found.iter().map(|one| shown(tx, one)).collect();
        Ok(Reply::list(&items?, page))
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
        let items: Result<Vec<_>, _> = lines.iter().map(|one| line(tx, one)).collect();
        Ok(Reply::ok(&json!({
            "items": items?,
            "size": page.size(),
            "account": shown(tx, &standing)?,
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
        let items: Result<Vec<_>, _> = found.iter().map(|one| listed(tx, one)).collect();
        Ok(Reply::ok(&json!({
            "items": items?,
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
        let postings: Result<Vec<_>, _> =
            whole.postings.iter().map(|one| posting(tx, one)).collect();
        let mut shown = movement(tx, &whole.movement)?;
        shown["reversed_by"] = json!(whole.reversed_by.map(|id| id.number().to_string()));
        Ok(Reply::ok(&json!({ "transfer": shown, "postings": postings? })))
    };
    call.read(&console, read).await
}
