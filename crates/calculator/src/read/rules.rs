//! From the fields of a request to the rules of a running loan and what happened to it.

use kernel::{Date, Money};
use pricing::account::{
    Across, Allocation, Event, GraceCount, Part, Penalty, PenaltyBase, PenaltyTime, Prepayment,
    Recalculation, Rules, Sequence, Settlement, SettlementInterest, What,
};
use pricing::{Problem, Terms};
use serde_json::Value;

use super::fields::{Fields, amount_of, date_of, malformed, parse_percent, text_of, word};

/// What a request tells about the life of a loan.
pub(crate) struct Life {
    pub(crate) rules: Rules,
    pub(crate) events: Vec<Event>,
    /// So many of the first instalments were paid on their days.
    pub(crate) paid_instalments: u32,
    /// The day in question, where it is given.
    pub(crate) on: Option<Date>,
}

/// The life of a loan, if the request tells anything about it.
pub(crate) fn life(fields: &Fields<'_>, terms: &Terms) -> Result<Option<Life>, Problem> {
    let mut events = Vec::new();
    for field in ["payments", "events", "charges"] {
        if let Some(list) = fields.list(field)? {
            for (index, value) in list.iter().enumerate() {
                let field = format!("{field}[{index}]");
                events.extend(event(fields, &field, value, terms)?);
            }
        }
    }
    let paid_instalments = fields.count("paid_instalments")?.unwrap_or_default();
    let payoff = fields.date("payoff_date")?;
    let on = fields.date("business_date")?;
    if let (Some(_), Some(on)) = (payoff, on)
        && payoff != Some(on)
    {
        return Err(Problem::contradiction(fields.name("payoff_date"), "business_date"));
    }
    let on = on.or(payoff);
    let penalty = penalty(fields)?;
    let recalculation = recalculation(fields, terms)?;
    if recalculation == Recalculation::None && fields.has("prepayment") {
        // Where interest stands as scheduled, a prepayment pays the next rows and nothing else.
        return Err(Problem::contradiction(fields.name("prepayment"), "recalculate"));
    }
    let rules = Rules {
        allocation: allocation(fields)?,
        recalculation,
        prepayment: prepayment(fields)?,
        settlement: settlement(fields)?,
        penalty,
    };
    let is_told = !events.is_empty() || on.is_some() || paid_instalments > 0 || penalty.is_some();
    Ok(is_told.then_some(Life { rules, events, paid_instalments, on }))
}

/// `[day, amount]`, `[kind, day, amount]` or `{"kind", "on", "amount"}`.
fn event<'a>(
    fields: &Fields<'a>,
    field: &str,
    value: &'a Value,
    terms: &Terms,
) -> Result<Option<Event>, Problem> {
    let wrong = || {
        let expected = "like [\"repayment\", \"2024-02-01\", \"100.00\"]";
        malformed(field, expected, "形如 [\"repayment\", \"2024-02-01\", \"100.00\"]")
    };
    let (kind, on, amount) = match value {
        Value::Array(parts) => match parts.as_slice() {
            [on, amount] => (None, on, amount),
            [kind, on, amount] => (Some(text_of(field, kind)?), on, amount),
            [] | [_] | [_, _, _, _, ..] => return Err(wrong()),
        },
        Value::Object(map) => {
            let own = fields.inside(field, map);
            let on = own.first_of(&["on", "date"]).map(|(_, on)| on);
            let (on, amount) = on.zip(own.value("amount")).ok_or_else(wrong)?;
            (own.text("kind")?, on, amount)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(wrong()),
    };
    let (on, amount) = (date_of(field, on)?, amount_of(field, amount)?);
    if on < terms.start {
        return Err(Problem::range(field.to_owned(), terms.start.to_string(), "2200-12-31"));
    }
    let what = match kind.as_deref().map(word).as_deref() {
        None | Some("repayment" | "payment" | "还款") => What::Paid(amount),
        Some("settlement" | "payoff" | "结清") => What::Settled(amount),
        Some("fee" | "费用") => What::Fee(amount),
        Some("penalty" | "罚息") => What::Penalty(amount),
        // The terms have it already, or it would be forgotten here.
        Some("disbursement" | "放款") if terms.advances.contains(&(on, amount)) => {
            return Ok(None);
        }
        Some("disbursement" | "放款") => {
            return Err(Problem::contradiction(field.to_owned(), "disbursements"));
        }
        Some(_) => {
            let expected = "repayment, settlement, fee, penalty or disbursement";
            let expected_zh = "repayment、settlement、fee、penalty 或 disbursement";
            return Err(malformed(field, expected, expected_zh));
        }
    };
    Ok(Some(Event { on, what }))
}

/// `DUE_PENALTY_…_IN_ADVANCE_PRINCIPAL_…`, `PENALTIES_FEES_INTEREST_PRINCIPAL_ORDER`, a list, or
/// an object with `due`, `in_advance`, `across`, `sequence`.
fn allocation(fields: &Fields<'_>) -> Result<Allocation, Problem> {
    let names = ["allocation", "strategy", "payment_strategy"];
    let Some((field, value)) = fields.first_of(&names) else { return Ok(Allocation::default()) };
    let field = fields.name(field);
    match value {
        Value::Object(map) => {
            let own = fields.inside(&field, map);
            let due = parts_of(&own, "due")?.unwrap_or(Allocation::default().due);
            Ok(Allocation {
                due,
                in_advance: parts_of(&own, "in_advance")?.unwrap_or(due),
                across: across(&own)?,
                sequence: sequence(&own)?,
            })
        }
        Value::Array(list) => {
            let due = parts(&field, &joined(&field, list)?)?;
            Ok(Allocation { due, in_advance: due, ..Allocation::default() })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let text = word(&text_of(&field, value)?);
            let (due, in_advance) = match text.split_once("in-advance-") {
                Some((due, in_advance)) => (parts(&field, due)?, parts(&field, in_advance)?),
                None => (parts(&field, &text)?, parts(&field, &text)?),
            };
            Ok(Allocation { due, in_advance, ..Allocation::default() })
        }
    }
}

fn parts_of(own: &Fields<'_>, field: &'static str) -> Result<Option<[Part; 4]>, Problem> {
    let Some(list) = own.list(field)? else { return Ok(None) };
    let name = own.name(field);
    parts(&name, &joined(&name, list)?).map(Some)
}

fn joined(field: &str, list: &[Value]) -> Result<String, Problem> {
    let words = list.iter().map(|value| Ok(word(&text_of(field, value)?)));
    Ok(words.collect::<Result<Vec<_>, Problem>>()?.join("-"))
}

/// The parts in the order in which they stand in the text.
fn parts(field: &str, text: &str) -> Result<[Part; 4], Problem> {
    let mut found = Vec::new();
    let mut is_known = true;
    for word in text.split('-') {
        match word {
            "penalty" | "penalties" | "罚息" => found.push(Part::Penalty),
            "fee" | "fees" | "费用" => found.push(Part::Fee),
            "interest" | "利息" => found.push(Part::Interest),
            "principal" | "本金" => found.push(Part::Principal),
            "" | "due" | "order" => {}
            _ => is_known = false,
        }
    }
    let mut unique = found.clone();
    unique.sort_unstable();
    unique.dedup();
    let parts = <[Part; 4]>::try_from(found).ok().filter(|_| is_known && unique.len() == 4);
    parts.ok_or_else(|| {
        let expected = "each of penalty, fee, interest, principal once";
        malformed(field, expected, "罚息、费用、利息、本金各一次")
    })
}

fn across(own: &Fields<'_>) -> Result<Across, Problem> {
    match own.word("across")?.as_deref() {
        None | Some("instalments") => Ok(Across::Instalments),
        Some("parts") => Ok(Across::Parts),
        Some(_) => {
            Err(malformed(&own.name("across"), "instalments or parts", "instalments 或 parts"))
        }
    }
}

fn sequence(own: &Fields<'_>) -> Result<Sequence, Problem> {
    match own.word("sequence")?.as_deref() {
        None | Some("oldest" | "oldest-first") => Ok(Sequence::OldestFirst),
        Some("newest" | "newest-first" | "last") => Ok(Sequence::NewestFirst),
        Some(_) => Err(malformed(&own.name("sequence"), "oldest or newest", "oldest 或 newest")),
    }
}

/// By days where the terms can be recalculated, unless the request says otherwise.
fn recalculation(fields: &Fields<'_>, terms: &Terms) -> Result<Recalculation, Problem> {
    let is_daily = match fields.value("recalculate") {
        None => terms.bars_recalculation().is_none(),
        Some(Value::Bool(flag)) => *flag,
        Some(value) => match word(&text_of("recalculate", value)?).as_str() {
            "daily" => true,
            "none" => false,
            _ => return Err(malformed("recalculate", "daily or none", "daily 或 none")),
        },
    };
    Ok(if is_daily { Recalculation::Daily } else { Recalculation::None })
}

fn prepayment(fields: &Fields<'_>) -> Result<Prepayment, Problem> {
    match fields.word("prepayment")?.as_deref() {
        None | Some("smaller" | "reduce-emi" | "smaller-instalments") => {
            Ok(Prepayment::SmallerInstalments)
        }
        Some("fewer" | "fewer-periods") => Ok(Prepayment::FewerPeriods),
        Some("next" | "reschedule-next" | "next-instalments") => Ok(Prepayment::NextInstalments),
        Some(_) => {
            let field = fields.name("prepayment");
            Err(malformed(&field, "smaller, fewer or next", "smaller、fewer 或 next"))
        }
    }
}

fn settlement(fields: &Fields<'_>) -> Result<Settlement, Problem> {
    let names = ["settlement_interest", "preclose"];
    let interest = match fields.first_of(&names) {
        None => SettlementInterest::ToDay,
        Some((field, value)) => match word(&text_of(field, value)?).as_str() {
            "to-day" | "till-preclose" => SettlementInterest::ToDay,
            "to-period-end" | "till-rest-frequency-date" => SettlementInterest::ToPeriodEnd,
            _ => {
                return Err(malformed(field, "to-day or to-period-end", "to-day 或 to-period-end"));
            }
        },
    };
    Ok(Settlement { interest, fee: fields.percent("settlement_fee")? })
}

/// An object, or words: `1.5% of overdue principal+interest, once`; `0.05% of overdue principal a
/// day`.
fn penalty(fields: &Fields<'_>) -> Result<Option<Penalty>, Problem> {
    let Some(value) = fields.value("penalty") else { return Ok(None) };
    let field = fields.name("penalty");
    let Value::Object(map) = value else {
        return worded_penalty(&field, &text_of(&field, value)?).map(Some);
    };
    let own = fields.inside(&field, map);
    let base = match own.text("base")? {
        Some(text) => penalty_base(&own.name("base"), &text)?,
        None => PenaltyBase::OverduePrincipal,
    };
    let time = match own.word("per")?.as_deref() {
        None | Some("day") => PenaltyTime::Daily,
        Some("once") => PenaltyTime::Once,
        Some(_) => return Err(malformed(&own.name("per"), "day or once", "day 或 once")),
    };
    let grace_count = match own.word("grace_count")?.as_deref() {
        None | Some("from-due") => GraceCount::FromDue,
        Some("from-grace-end") => GraceCount::FromGraceEnd,
        Some(_) => {
            let (field, expected) = (own.name("grace_count"), "from-due or from-grace-end");
            return Err(malformed(&field, expected, "from-due 或 from-grace-end"));
        }
    };
    let share = own.percent("rate")?;
    Ok(Some(Penalty {
        grace_days: own.count("grace_days")?.unwrap_or_default(),
        grace_count,
        cap_days: own.count("cap_days")?,
        cap_amount: own.amount("cap_amount")?,
        cap_rate: own.percent("cap_rate")?,
        compounds: own.flag("compounds")?.unwrap_or_default(),
        ..Penalty::new(own.needed("rate", share)?, base, time)
    }))
}

fn worded_penalty(field: &str, text: &str) -> Result<Penalty, Problem> {
    let (share, rest) = text.split_once(" of ").unwrap_or((text, "overdue principal"));
    let times = [
        ("once", PenaltyTime::Once),
        ("a day", PenaltyTime::Daily),
        ("per day", PenaltyTime::Daily),
        ("daily", PenaltyTime::Daily),
    ];
    let told = times.into_iter().find_map(|(end, time)| Some((rest.strip_suffix(end)?, time)));
    let (base, time) = told.unwrap_or((rest, PenaltyTime::Daily));
    let base = penalty_base(field, base.trim_end_matches([',', ' ']))?;
    Ok(Penalty::new(parse_percent(field, share.trim())?, base, time))
}

fn penalty_base(field: &str, text: &str) -> Result<PenaltyBase, Problem> {
    let plain = word(text).replace("-+-", "+").replace("-and-", "+");
    Ok(match plain.trim_end_matches('-') {
        "overdue-principal" | "principal" => PenaltyBase::OverduePrincipal,
        "overdue-principal+interest" | "principal+interest" => {
            PenaltyBase::OverduePrincipalAndInterest
        }
        "overdue-amount" | "overdue" => PenaltyBase::OverdueAmount,
        "outstanding" | "outstanding-principal" => PenaltyBase::Outstanding,
        _ => {
            return Err(malformed(
                field,
                "overdue principal, overdue principal+interest, overdue amount or outstanding",
                "overdue principal、overdue principal+interest、overdue amount 或 outstanding",
            ));
        }
    })
}

/// The day in question where none is given: the last event, or the day after the last row.
pub(crate) fn day_in_question(life: &Life, last_due: Date) -> Date {
    let is_payment = |event: &&Event| matches!(event.what, What::Paid(_) | What::Settled(_));
    let last = life.events.iter().filter(is_payment).map(|event| event.on).max();
    let after = last_due.plus_days(1).unwrap_or(last_due);
    life.on.or(last).unwrap_or(after)
}

/// Payments of the first instalments on their days.
pub(crate) fn instalments(rows: &[pricing::Row], count: u32) -> Vec<Event> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let paid = |row: &pricing::Row| {
        let amount = row.instalment().filter(|amount| *amount > Money::ZERO)?;
        Some(Event { on: row.due, what: What::Paid(amount) })
    };
    rows.iter().take(count).filter_map(paid).collect()
}
