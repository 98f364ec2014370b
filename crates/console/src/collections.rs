//! Collections as answers show them: the work list, a case, the contacts.

use channel_kit::route::Method;
use kernel::Channel;
use kernel::id::{LoanId, MemberId, OperatorId};
use lending::audit::Subject;
use lending::collections::{
    self, Breach, Contact, Due, Filter, Guard, Holder, Item, Kept, Promise, Stop,
};
use lending::customers::Customer;
use lending::operators::{Operator, Right};
use lending::{Page, Tx};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_SUCH_LOAN};
use crate::loans;
use crate::operation::{Access, ID, Operation, PAGE, SIZE, WHY, query};
use crate::reply::{Reply, time};
use crate::values::{self, Sight, opt_day, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&BREACHES, breaches), route(&ONE, one)]
}

/// Contacts that stand on the page of a loan or a customer.
const NEWEST: i64 = 20;

/// What the answers show of a contact; its note only in full.
pub(crate) fn contact(contact: &Contact, sight: Sight) -> Value {
    let promise = contact.outcome.promise();
    json!({
        "id": contact.id.number().to_string(),
        "at": time(contact.happened_at),
        "loan_id": contact.loan.number(),
        "customer_id": contact.member.number(),
        "operator_id": contact.operator.number(),
        "way": contact.way.word(),
        "outcome": contact.outcome.word(),
        "promise": promise.zip(contact.kept).map(promised),
        "follow_up": opt_day(contact.follow_up),
        "breach": contact.breach.map(Breach::word),
        "note": match sight {
            Sight::Masked => None,
            Sight::Full => contact.note.as_ref().map(|note| note.expose().to_owned()),
        },
        "has_note": contact.note.is_some(),
        "logged_at": time(contact.logged_at),
    })
}

fn promised((promise, kept): (Promise, Kept)) -> Value {
    json!({
        "amount": promise.amount.to_string(),
        "by": promise.by.to_string(),
        "kept": kept.word(),
    })
}

/// What the answers show of a stop; its reason only in full.
pub(crate) fn stop(stop: &Stop, sight: Sight) -> Value {
    json!({
        "kind": stop.kind.word(),
        "reason": match sight {
            Sight::Masked => None,
            Sight::Full => Some(stop.reason.expose().to_owned()),
        },
        "until": opt_day(stop.until),
        "operator_id": stop.operator.number(),
        "set_at": time(stop.set_at),
    })
}

/// The newest contacts about a loan, as its page shows them.
pub(crate) fn of_loan(tx: &mut Tx<'_, '_>, id: LoanId) -> Result<Vec<Value>, Failure> {
    let all = collections::contacts_of_loan(tx, id, newest()?)?;
    Ok(all.iter().map(|one| contact(one, Sight::Masked)).collect())
}

/// The newest contacts with a customer, as their page shows them.
pub(crate) fn of_customer(
    tx: &mut Tx<'_, '_>,
    id: MemberId,
    sight: Sight,
) -> Result<Vec<Value>, Failure> {
    let all = collections::contacts_of_customer(tx, id, newest()?)?;
    Ok(all.iter().map(|one| contact(one, sight)).collect())
}

fn newest() -> Result<Page, Failure> {
    Page::new(1, NEWEST).ok_or_else(|| Failure::field("page"))
}

/// Whether and why a customer is not to be contacted.
pub(crate) fn stopped(
    tx: &mut Tx<'_, '_>,
    customer: &Customer,
    sight: Sight,
) -> Result<Option<Value>, Failure> {
    let Some(identity) = &customer.identity else { return Ok(None) };
    Ok(collections::stop_of(tx, identity.person)?.map(|found| stop(&found, sight)))
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/collections",
    summary: "The work list 催收工作台: late loans, what is to be done first on top",
    access: Access::With(Right::Collect),
    fields: &[
        query("bucket", "string", "M1 for up to 30 days late, M2 for up to 60, and so on"),
        query("channel", "string", "only loans of a channel"),
        query("assigned", "string", "me: those I have taken; nobody: those that nobody has"),
        query(
            "due",
            "string",
            "promise: its day has come; action: the next step is due; no_contact: none yet",
        ),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"id":7,"code":"cash20261125001","customer_id":3,"channel":"xianjindai","bucket":"M1","days_late":3,"late_today":"1012.50","holder_id":null,"last_contact_at":null,"last_outcome":null,"next_action":null,"promise":null,"stopped":false}],"size":20}"#,
    ),
};

fn listed(item: &Item) -> Value {
    json!({
        "id": item.loan.id.number(),
        "code": item.loan.code,
        "customer_id": item.loan.member.number(),
        "channel": item.channel.word(),
        "bucket": format!("M{}", item.days_late.div_ceil(30).max(1)),
        "days_late": item.days_late,
        "late_today": item.late.to_string(),
        "holder_id": item.progress.holder.map(OperatorId::number),
        "last_contact_at": opt_time(item.progress.last_contact_at),
        "last_outcome": item.last_outcome,
        "next_action": opt_day(item.progress.next_action),
        "promise": item.promise.map(promised),
        "stopped": item.is_stopped,
    })
}

/// `M1` to `M99`.
fn bucket(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('M').filter(|digits| (1..=2).contains(&digits.len()))?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?.filter(|bucket| *bucket > 0)
}

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let wrong = |name: &'static str| move || Failure::field(name);
    let bucket = call.query("bucket").map(|text| bucket(text).ok_or_else(wrong("bucket")));
    let due = match call.query("due") {
        None => None,
        Some("promise") => Some(Due::Promise),
        Some("action") => Some(Due::Action),
        Some("no_contact") => Some(Due::NoContact),
        Some(_) => return Err(Failure::field("due")),
    };
    let is_mine = match call.query("assigned") {
        None => None,
        Some("me") => Some(true),
        Some("nobody") => Some(false),
        Some(_) => return Err(Failure::field("assigned")),
    };
    let bucket = bucket.transpose()?;
    let channel: Option<Channel> = call.query("channel").map(values::channel).transpose()?;
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let holder = match is_mine {
            None => Holder::Any,
            Some(false) => Holder::Nobody,
            Some(true) => Holder::Of(operator.id),
        };
        let all = collections::work_list(tx, Filter { bucket, channel, holder, due }, page)?;
        Ok(Reply::list(&all.iter().map(listed).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static BREACHES: Operation = Operation {
    method: Method::Get,
    path: "/console/api/collections/breaches",
    summary: "Contacts that broke a rule 违规催收记录: the hours, the number a day, a stop",
    access: Access::With(Right::SeeAudit),
    fields: &[PAGE, SIZE],
    refusals: &[],
    success: (200, r#"{"items":[],"size":20}"#),
};

async fn breaches(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let all = collections::breaches(tx, page)?;
        let all: Vec<_> = all.iter().map(|one| contact(one, Sight::Masked)).collect();
        Ok(Reply::list(&all, page))
    };
    call.read(&console, read).await
}

/// A case as an example.
pub(crate) const CASE: &str = r#"{"case":{"id":7,"code":"cash20261125001","customer_id":3,"channel":"xianjindai","bucket":"M1","overdue_since":"2026-12-09","late_today":"1012.50","holder_id":2,"taken_at":"2026-12-12T09:00:00+08:00","last_contact_at":null,"next_action":null},"guard":{"allowed":true,"breach":null,"used":0,"most":3,"from":8,"until":22},"stop":null,"contacts":[]}"#;

fn guarded(guard: &Guard) -> Value {
    json!({
        "allowed": guard.breach.is_none(),
        "breach": guard.breach.map(Breach::word),
        "used": guard.used,
        "most": guard.rules.per_day,
        "from": guard.rules.from,
        "until": guard.rules.until,
    })
}

/// A case for who has taken it, who sees its notes, or masked for others.
pub(crate) fn shown(
    tx: &mut Tx<'_, '_>,
    (id, sight): (LoanId, Sight),
    operator: &Operator,
) -> Result<Value, Failure> {
    let today = tx.at().business.date();
    let case = collections::case(tx, id)?.ok_or(NO_SUCH_LOAN)?;
    let is_theirs = case.progress.holder == Some(operator.id);
    let sight = if is_theirs { Sight::Full } else { sight };
    let loan = &case.loan;
    Ok(json!({
        "case": {
            "id": loan.id.number(),
            "code": loan.code,
            "state": loan.state.word(),
            "customer_id": loan.member.number(),
            "channel": case.about.channel.word(),
            "bucket": loan.bucket(today).map(|bucket| format!("M{bucket}")),
            "overdue_since": opt_day(loan.overdue_since),
            "late_today": case.late.to_string(),
            "holder_id": case.progress.holder.map(OperatorId::number),
            "mine": is_theirs,
            "taken_at": opt_time(case.progress.taken_at),
            "last_contact_at": opt_time(case.progress.last_contact_at),
            "next_action": opt_day(case.progress.next_action),
        },
        "guard": guarded(&case.guard),
        "stop": case.stop.as_ref().map(|found| stop(found, sight)),
        "contacts": case.contacts.iter().map(|one| contact(one, sight)).collect::<Vec<_>>(),
    }))
}

static ONE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/collections/{id}",
    summary: "A late loan for its collector 催收案件: whether to call, and every contact with notes",
    access: Access::With(Right::Collect),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_LOAN],
    success: (200, CASE),
};

async fn one(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = loans::id(&call)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        loans::load(tx, id)?;
        let subject = Subject::Loan(id);
        let sight = values::sight(tx, operator, subject, ("contacts", reason.as_deref()))?;
        Ok(Reply::ok(&shown(tx, (id, sight), operator)?))
    };
    call.show(&console, read).await
}
