//! The audit trail, for those who may read it.

use std::fmt::Write as _;

use channel_kit::route::Method;
use kernel::id::OperatorId;
use lending::Tx;
use lending::audit::{self, Entry, Filter, Subject};
use lending::operators::{Operator, Right};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::Failure;
use crate::operation::{Access, Operation, PAGE, SIZE, query};
use crate::reply::{Reply, time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&LIST, list), route(&HEAD, head)]
}

fn shown(entry: &Entry) -> Value {
    json!({
        "id": entry.id.number().to_string(),
        "actor": {
            "kind": entry.actor.kind,
            "id": entry.actor.number,
            "provider": entry.actor.provider,
        },
        "action": entry.action,
        "subject": { "kind": entry.subject.kind, "id": entry.subject.number },
        "detail": entry.detail,
        "at": time(entry.noted_at),
        "business_at": time(entry.business_at),
    })
}

static LIST: Operation = Operation {
    method: Method::Get,
    path: "/console/api/audit",
    summary: "The audit trail 审计日志, the newest first",
    access: Access::With(Right::SeeAudit),
    fields: &[
        query("operator", "integer", "only what this operator has done"),
        query("subject", "string", "only about this kind: member, application, loan, …"),
        query("subject_id", "integer", "with this number"),
        PAGE,
        SIZE,
    ],
    refusals: &[],
    success: (
        200,
        r#"{"items":[{"id":"11012345678901234","actor":{"kind":"operator","id":1,"provider":null},"action":"operator.logged_in","subject":{"kind":"operator","id":1},"detail":"","at":"2026-03-01T08:00:00+08:00","business_at":"2026-03-01T08:00:00+08:00"}],"size":20}"#,
    ),
};

async fn list(console: Console, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let number = call.query_number("subject_id")?;
    let filter = match (call.query_number("operator")?, call.query("subject")) {
        (None, None) => Filter::All,
        (Some(id), None) => Filter::By(OperatorId::from_number(id)),
        (None, Some(kind)) => {
            let subject = Subject::parse(kind, number);
            Filter::About(subject.ok_or_else(|| Failure::field("subject"))?)
        }
        (Some(_), Some(_)) => return Err(Failure::field("subject")),
    };
    let read = move |tx: &mut Tx<'_, '_>, _: &Operator| {
        let entries = audit::entries(tx, filter, page)?;
        Ok(Reply::list(&entries.iter().map(shown).collect::<Vec<_>>(), page))
    };
    call.read(&console, read).await
}

static HEAD: Operation = Operation {
    method: Method::Get,
    path: "/console/api/audit/head",
    summary: "The last link of the audit chain, to be written down elsewhere",
    access: Access::With(Right::SeeAudit),
    fields: &[],
    refusals: &[],
    success: (200, r#"{"head":{"sequence":1,"sha256":"00…"}}"#),
};

async fn head(console: Console, call: Call) -> Result<Reply, Failure> {
    let read = |tx: &mut Tx<'_, '_>, _: &Operator| {
        let head = audit::head(tx)?.map(|head| {
            let mut sha256 = String::new();
            for byte in &head.hash {
                let _ = write!(sha256, "{byte:02x}"); // a String takes everything
            }
            json!({ "sequence": head.sequence, "sha256": sha256 })
        });
        Ok(Reply::ok(&json!({ "head": head })))
    };
    call.read(&console, read).await
}
