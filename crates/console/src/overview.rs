//! The lender at a glance, and finding things by what people know of them.

use channel_kit::route::Method;
use kernel::id::{ApplicationId, LoanId, MemberId};
use kernel::identity::IdCardNo;
use kernel::{Channel, Mobile};
use lending::audit::{self, Subject};
use lending::customers::Customer;
use lending::operators::{Operator, Right};
use lending::overview::{self, Overview};
use lending::servicing::{self, payments};
use lending::{Tx, customers, identity, origination};
use serde_json::{Value, json};

use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation, query};
use crate::reply::Reply;
use crate::values::{Sight, opt_time};
use crate::{Console, day_ends, people};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&OVERVIEW, show), route(&SEARCH, search)]
}

static OVERVIEW: Operation = Operation {
    method: Method::Get,
    path: "/console/api/overview",
    summary: "The lender at a glance 总览: queues, orders, loans by bucket, the last thirty days",
    access: Access::With(Right::SeeRecords),
    fields: &[],
    refusals: &[],
    success: (
        200,
        r#"{"today":"2026-11-25","queues":{"to_review":3,"to_pay_out":1,"drawdowns":0,"raises":0,"approvals":1,"consents":0,"failed_payouts":0},"orders":{"requested":0,"sent":1,"unknown":0,"oldest":"2026-11-25T10:00:00+08:00"},"running":{"loans":12,"principal":"36000.00"},"buckets":[{"bucket":"M1","loans":1,"principal":"1000.00"}],"days":[{"day":"2026-11-25","paid_out":"3000.00","repaid":"0.00"}],"channels":[{"channel":"xianjindai","loans":1,"principal":"3000.00"}],"decided":{"approved":2,"refused":1},"day_end":{"day":"2026-11-25","phase":"done","loans":12,"worked":12,"failed":0}}"#,
    ),
};

async fn show(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = |tx: &mut Tx<'_, '_>, _: &Operator| Ok(Reply::ok(&shown(&overview::overview(tx)?)));
    call.read(&console, read).await
}

fn shown(overview: &Overview) -> Value {
    let (queues, orders) = (&overview.queues, &overview.orders);
    let buckets = overview.buckets.iter().map(|bucket| {
        json!({
            "bucket": format!("M{}", bucket.number),
            "loans": bucket.standing.loans,
            "principal": bucket.standing.principal.to_string(),
        })
    });
    let days = overview.days.iter().map(|day| {
        json!({
            "day": day.day.to_string(),
            "paid_out": day.paid_out.to_string(),
            "repaid": day.repaid.to_string(),
        })
    });
    let channels = overview.channels.iter().map(|share| {
        json!({
            "channel": share.channel.word(),
            "loans": share.loans,
            "principal": share.principal.to_string(),
        })
    });
    json!({
        "today": overview.today.to_string(),
        "queues": {
            "to_review": queues.to_review,
            "to_pay_out": queues.to_pay_out,
            "drawdowns": queues.drawdowns,
            "raises": queues.raises,
            "approvals": queues.approvals,
            "consents": queues.consents,
            "failed_payouts": queues.failed_payouts,
        },
        "orders": {
            "requested": orders.requested,
            "sent": orders.sent,
            "unknown": orders.unknown,
            "oldest": opt_time(orders.oldest),
        },
        "running": {
            "loans": overview.running.loans,
            "principal": overview.running.principal.to_string(),
        },
        "buckets": buckets.collect::<Vec<_>>(),
        "days": days.collect::<Vec<_>>(),
        "channels": channels.collect::<Vec<_>>(),
        "decided": {
            "approved": overview.decided.approved,
            "refused": overview.decided.refused,
        },
        "day_end": overview.day_end.as_ref().map(day_ends::shown),
    })
}

static SEARCH: Operation = Operation {
    method: Method::Get,
    path: "/console/api/search",
    summary: "Find 查找: customers by mobile or id number on every channel, and what has such a number",
    access: Access::With(Right::SeeRecords),
    fields: &[query(
        "q",
        "string",
        "a whole mobile or id number, a masked mobile number, a code, or a number; needed",
    )],
    refusals: &[],
    success: (200, r#"{"customers":[],"applications":[],"loans":[],"payments":[]}"#),
};

/// Characters that are looked for at most; every number of ours is shorter.
const MOST: usize = 64;

async fn search(console: Console, call: Call) -> Result<Reply, Failure> {
    let text = call.query("q").filter(|text| text.chars().count() <= MOST);
    let text = text.ok_or_else(|| Failure::field("q"))?.to_owned();
    crate::values::storable("q", &text)?;
    // Who looks for a person by a whole number knows it from elsewhere; that they looked is noted.
    let sought = match (Mobile::parse(&text), IdCardNo::parse(&text)) {
        (Some(_), _) => Some("mobile"),
        (None, Some(_)) => Some("id_no"),
        (None, None) => None,
    };
    let find = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let today = tx.at().business.date();
        let number = text.parse::<i64>().ok().filter(|number| *number > 0);
        let people = people_with(tx, &text, number)?;
        if let Some(what) = sought {
            let found = people.iter().map(|customer| Subject::Member(customer.member));
            let about = if people.is_empty() { vec![Subject::Platform] } else { found.collect() };
            for subject in about {
                audit::note(tx, operator.actor(), "personal.sought", subject, what)?;
            }
        }
        let customers: Vec<_> =
            people.iter().map(|customer| people::shown(customer, Sight::Masked)).collect();
        let mut applications = Vec::from_iter(origination::application_called(tx, &text)?);
        if let (true, Some(number)) = (applications.is_empty(), number) {
            let id = ApplicationId::from_number(number);
            applications.extend(origination::application(tx, id)?);
        }
        let mut loans = Vec::new();
        if let Some(number) = number {
            loans.extend(servicing::loan(tx, LoanId::from_number(number))?);
        }
        for application in applications.iter().filter_map(|known| known.loan) {
            if loans.iter().all(|loan: &servicing::Loan| loan.id != application) {
                loans.extend(servicing::loan(tx, application)?);
            }
        }
        let mut orders = Vec::new();
        if let Some(id) = payments::id_of(&text) {
            orders.extend(payments::payment(tx, id)?);
        }
        let applications: Vec<_> = applications.iter().map(crate::applications::shown).collect();
        let loans: Vec<_> = loans.iter().map(|loan| crate::loans::shown(loan, today)).collect();
        let orders: Vec<_> = orders.iter().map(crate::payments::shown).collect();
        Ok(Reply::ok(&json!({
            "customers": customers,
            "applications": applications,
            "loans": loans,
            "payments": orders,
        })))
    };
    match sought {
        Some(_) => call.write_unkeyed(&console, lending::Route::home(0), find).await,
        None => call.read(&console, find).await,
    }
}

/// Accounts that a masked number is looked for in at most.
const MOST_MASKED: u32 = 20;

/// Whether a text is a mobile number as it is shown: `138****0001`.
fn is_masked(text: &str) -> bool {
    let shape = |(place, byte): (usize, u8)| match place {
        3..=6 => byte == b'*',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 11 && text.bytes().enumerate().all(shape)
}

/// Customers with a mobile number, whole or masked, of a person with an id number, or with a number
/// of ours.
fn people_with(
    tx: &mut Tx<'_, '_>,
    text: &str,
    number: Option<i64>,
) -> Result<Vec<Customer>, Failure> {
    let mut members: Vec<MemberId> = Vec::new();
    if let Some(mobile) = Mobile::parse(text) {
        for channel in Channel::ALL.iter().copied() {
            members.extend(identity::find(tx, channel, &mobile)?);
        }
    } else if let Some(id_no) = IdCardNo::parse(text) {
        if let Some(person) = customers::find_person(tx, &id_no)? {
            members.extend(customers::accounts_of(tx, person)?);
        }
    } else if is_masked(text) {
        members.extend(identity::find_masked(tx, text, MOST_MASKED)?);
    } else if let Some(number) = number {
        members.push(MemberId::from_number(number));
    }
    let mut found = Vec::new();
    for member in members {
        found.extend(customers::customer(tx, member)?);
    }
    Ok(found)
}
