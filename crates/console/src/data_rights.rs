//! A person's rights over their data: a copy of all that is held, and its deletion.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use channel_kit::route::Method;
use lending::audit::Subject;
use lending::data_rights::{self, EraseError, Erased, ExportError, Held, Section, exempt};
use lending::operators::{Operator, Right};
use lending::{Route as Home, Tx};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::customers::{self, load};
use crate::failure::{Failure, NO_SUCH_CUSTOMER, SOMETHING_OPEN};
use crate::held_labels::{column_label, table_label};
use crate::operation::{Access, ID, Operation, body};
use crate::reply::{Reply, time};
use crate::values::{self, opt_day};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&EXPORT, export), route(&ERASE, erase)]
}

static EXPORT: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/export",
    summary: "A copy of everything held about a customer 个人信息副本, for a reason; with labels",
    access: Access::With(Right::SeePersonalData),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters, noted in the audit trail")],
    refusals: &[NO_SUCH_CUSTOMER],
    success: (
        200,
        r#"{"customer_id":3,"channel":"xianjindai","made_at":"2026-11-25T10:00:00+08:00","sections":[{"table":"member","zh":"账户","en":"Account","cut":false,"rows":[{"mobile_sealed":"13800000001"}]}],"labels":{"mobile_sealed":{"zh":"手机号","en":"Mobile number"}},"not_included":[{"table":"sms","column":"*","why":"the outbox knows no account; it is emptied after weeks"}]}"#,
    ),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    reason: String,
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
    }
    text
}

fn shown(held: &Held) -> Value {
    match held {
        Held::Nothing => Value::Null,
        Held::Number(number) => json!(number),
        Held::Fen(fen) => {
            let (sign, fen) = (if *fen < 0 { "-" } else { "" }, fen.unsigned_abs());
            format!("{sign}{}.{:02}", fen / 100, fen % 100).into()
        }
        Held::Text(text) => text.as_str().into(),
        Held::Day(day) => day.to_string().into(),
        Held::At(at) => time(*at).into(),
        Held::Bytes(bytes) => hex(bytes).into(),
    }
}

fn section(section: &Section) -> Value {
    let rows = section.rows.iter().map(|row| {
        let columns = row.iter().map(|(name, held)| ((*name).to_owned(), shown(held)));
        Value::Object(columns.collect::<Map<_, _>>())
    });
    let (zh, en) = table_label(section.table);
    json!({
        "table": section.table,
        "zh": zh,
        "en": en,
        "cut": section.is_cut,
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// What each column that is told is called.
fn labels(sections: &[Section]) -> Value {
    let rows = sections.iter().flat_map(|section| section.rows.iter().flatten());
    let names: BTreeSet<&str> = rows.map(|(name, _)| *name).collect();
    let labels = names.into_iter().map(|name| {
        let (zh, en) = column_label(name);
        (name.to_owned(), json!({ "zh": zh, "en": en }))
    });
    Value::Object(labels.collect())
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NoSuchCustomer => NO_SUCH_CUSTOMER.into(),
            ExportError::Shown(error) => error.into(),
            ExportError::Fault(fault) => fault.into(),
        }
    }
}

async fn export(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = customers::id(&call)?;
    let message: ReasonBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let copy = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let sections = data_rights::export(tx, operator, (id, &reason))?;
        let exempt = exempt::EXEMPT
            .iter()
            .map(|(table, column, why)| json!({ "table": table, "column": column, "why": why }));
        Ok(Reply::ok(&json!({
            "customer_id": id.number(),
            "channel": load(tx, id)?.channel.word(),
            "made_at": time(tx.at().business),
            "sections": sections.iter().map(section).collect::<Vec<_>>(),
            "labels": labels(&sections),
            "not_included": exempt.collect::<Vec<_>>(),
        })))
    };
    // An answer with everything about somebody is not kept for an idempotency key.
    call.write_unkeyed(&console, Home::home(id.number()), copy).await
}

static ERASE: Operation = Operation {
    method: Method::Post,
    path: "/console/api/customers/{id}/erase",
    summary: "Erase a customer who asks for it 删除个人信息; what a law keeps is named in the answer",
    access: Access::With(Right::ErasePersonalData),
    fields: &[ID, body("reason", "string", "why: 4 to 200 characters, noted in the audit trail")],
    refusals: &[NO_SUCH_CUSTOMER, SOMETHING_OPEN],
    success: (
        200,
        r#"{"customer_id":3,"erased_at":"2026-11-25T10:00:00+08:00","kept":[{"why":"law","until":"2036-11-25"},{"why":"books","until":null},{"why":"empties_itself","until":null}]}"#,
    ),
};

impl From<EraseError> for Failure {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::NoSuchCustomer => NO_SUCH_CUSTOMER.into(),
            EraseError::Open(open) => Self::with(SOMETHING_OPEN, open.word()),
            EraseError::Fault(fault) => fault.into(),
        }
    }
}

fn erased(id: i64, erased: &Erased) -> Value {
    let kept = erased
        .kept
        .iter()
        .map(|kept| json!({ "why": kept.why.word(), "until": opt_day(kept.until) }));
    json!({
        "customer_id": id,
        "erased_at": time(erased.at),
        "kept": kept.collect::<Vec<_>>(),
    })
}

async fn erase(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = customers::id(&call)?;
    let message: ReasonBody = call.message()?;
    let reason = values::reason(&message.reason)?;
    let erase = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let done = data_rights::erase(tx, operator.actor(), id)?;
        values::note_reason(tx, operator, Subject::Member(id), ("customer.erased", &reason))?;
        Ok(Reply::ok(&erased(id.number(), &done)))
    };
    call.write(&console, Home::home(id.number()), erase).await
}
