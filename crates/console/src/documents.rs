//! Contracts and disclosures, as they were shown to customers and kept.

use channel_kit::route::Method;
use kernel::id::{ApplicationId, DocumentId, LoanId};
use lending::Route as Home;
use lending::Tx;
use lending::audit::Subject;
use lending::documents::{self, Document};
use lending::operators::{Operator, Right};
use serde_json::{Value, json};

use crate::Console;
use crate::call::{Call, Route, route};
use crate::failure::{Failure, NO_PDF, NO_SUCH_DOCUMENT};
use crate::operation::{Access, ID, Operation, WHY};
use crate::reply::{Reply, time};
use crate::values::{self, opt_time};

pub(crate) fn routes() -> Vec<Route> {
    vec![route(&PAGE, page), route(&PDF, pdf)]
}

/// What lists show of a document.
pub(crate) fn shown(document: &Document) -> Value {
    json!({
        "id": document.id.number().to_string(),
        "kind": document.kind.word(),
        "version": document.version,
        "customer_id": document.member.number(),
        "application_id": document.application.map(ApplicationId::number),
        "loan_id": document.loan.map(LoanId::number),
        "sha256": document.digest.to_string(),
        "made_at": time(document.made_at),
        "confirmed_at": opt_time(document.confirmed_at),
        "pdf": document.pdf.word(),
    })
}

fn id(call: &Call) -> Result<DocumentId, Failure> {
    Ok(call.id().map(DocumentId::from_number).ok_or(NO_SUCH_DOCUMENT)?)
}

/// The document, after the reason for seeing it has been noted.
fn open(
    tx: &mut Tx<'_, '_>,
    operator: &Operator,
    id: DocumentId,
    reason: Option<&str>,
) -> Result<Document, Failure> {
    let document = documents::find(tx, id)?.ok_or(NO_SUCH_DOCUMENT)?;
    let what = format!("document {}", id.number());
    let reason = Some(reason.unwrap_or_default());
    values::sight(tx, operator, Subject::Member(document.member), (&what, reason))?;
    Ok(document)
}

static PAGE: Operation = Operation {
    method: Method::Get,
    path: "/console/api/documents/{id}",
    summary: "The text of a document 合同, as a page; the reason is needed",
    access: Access::With(Right::SeePersonalData),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_DOCUMENT],
    success: (200, "text/html"),
};

async fn page(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let document = open(tx, operator, id, reason.as_deref())?;
        let paper = documents::paper(tx, id)?.ok_or(NO_SUCH_DOCUMENT)?;
        Ok(Reply::html(paper.html_with(&documents::stamp(&document))))
    };
    call.write_unkeyed(&console, Home::home(id.number()), read).await
}

static PDF: Operation = Operation {
    method: Method::Get,
    path: "/console/api/documents/{id}/pdf",
    summary: "The PDF of a confirmed document; the reason is needed",
    access: Access::With(Right::SeePersonalData),
    fields: &[ID, WHY],
    refusals: &[NO_SUCH_DOCUMENT, NO_PDF],
    success: (200, "application/pdf"),
};

async fn pdf(console: Console, call: Call) -> Result<Reply, Failure> {
    let id = id(&call)?;
    let reason = call.query("reason").map(ToOwned::to_owned);
    let read = move |tx: &mut Tx<'_, '_>, operator: &Operator| {
        let document = open(tx, operator, id, reason.as_deref())?;
        let file = documents::pdf(tx, id)?;
        Ok(Reply::pdf(file.ok_or_else(|| Failure::with(NO_PDF, document.pdf.word()))?))
    };
    call.write_unkeyed(&console, Home::home(id.number()), read).await
}
