//! Contracts and cost disclosures (合同, 综合融资成本明示) as they were shown, confirmed and kept.
//!
//! A document is made from the current template of its kind and from facts, within the transaction
//! that needs it. Its whole text is kept, sealed, with its SHA-256; the customer's confirmation
//! gets its time; the PDF is rendered after the commit by a job and kept beside it.

mod figures;
mod proof;
mod sql;
mod templates;

use kernel::id::{ApplicationId, DocumentId, LoanId, MemberId};
use kernel::{Instant, Secret};
use store::Fault;

use crate::audit::{self, Actor, Subject};
use crate::{Page, Tx};

pub use figures::{
    Contingent, Contract, Cost, CostKind, DebitAuthority, Disclosure, Lender, Offer, Parties,
    PlanLine, contract, debit_authority, disclose,
};
pub(crate) use figures::{contract_facts, data_facts, debit_facts, service_facts};
pub use papers::{Digest, Facts, FillError, Kind, Paper, PdfError, Stamp};
pub use proof::verify;
pub(crate) use templates::fill;
pub use templates::{SaveError, page, save_template};

/// Whether a document has a PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PdfState {
    /// Nobody has confirmed the document, and there is none.
    None,
    /// A job will render it.
    Wanted,
    /// It is kept.
    Made,
    /// It could not be rendered: somebody must act.
    Failed,
}

impl PdfState {
    /// The word in the database and in the operators' interface.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Wanted => "wanted",
            Self::Made => "made",
            Self::Failed => "failed",
        }
    }
}

/// A document that is kept, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// What it is for.
    pub kind: Kind,
    /// The version of the template.
    pub version: u32,
    /// Whose it is.
    pub member: MemberId,
    /// The application that it belongs to.
    pub application: Option<ApplicationId>,
    /// The loan that it belongs to, if it was made for one directly.
    pub loan: Option<LoanId>,
    /// The SHA-256 of its text.
    pub digest: Digest,
    /// When it was made, by the business clock.
    pub made_at: Instant,
    /// When the customer confirmed it, by the business clock.
    pub confirmed_at: Option<Instant>,
    /// The document whose confirmation counts for this one, if the customer did not confirm it
    /// itself.
    pub confirmed_with: Option<DocumentId>,
    /// Whether there is a PDF.
    pub pdf: PdfState,
}

/// A document that is to be made.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// What it is for.
    pub kind: Kind,
    /// Whose it is.
    pub member: MemberId,
    /// The application that it belongs to.
    pub application: Option<ApplicationId>,
    /// The loan that it belongs to.
    pub loan: Option<LoanId>,
    /// What the template fills in.
    pub facts: Facts,
}

/// Why a document was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MakeError {
    /// The figures contradict each other: no such paper may be shown to anybody.
    #[error("the figures contradict each other: {0}")]
    Contradiction(&'static str),
    /// The template needs a fact that is not there, or has no room for one.
    #[error(transparent)]
    Unfilled(#[from] FillError),
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes a document. The newest one of its kind for the same member, application and loan is
/// returned instead if it says the same.
pub fn make(tx: &mut Tx<'_, '_>, new: &NewDocument) -> Result<Document, MakeError> {
    let paper = templates::current(tx, new.kind)?.fill(&new.facts)?;
    let digest = paper.digest();
    let newest = sql::newest(tx, new.kind, new.member, new.application, new.loan)?;
    if let Some(same) = newest.filter(|newest| newest.digest == digest) {
        return Ok(same);
    }
    let document = Document {
        id: DocumentId::from_number(tx.ids.take(tx.at.wall, 1)),
        kind: new.kind,
        version: paper.source().version,
        member: new.member,
        application: new.application,
        loan: new.loan,
        digest,
        made_at: tx.at.business,
        confirmed_at: None,
        confirmed_with: None,
        pdf: PdfState::None,
    };
    sql::insert(tx, &document, &paper.text())?;
    Ok(document)
}

/// Why a confirmation was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// There is no such document.
    #[error("there is no such document")]
    Unknown,
    /// It is somebody else's.
    #[error("the document is somebody else's")]
    NotYours,
    /// There is a newer one of its kind for the same application: that one must be confirmed.
    #[error("a newer document has taken its place")]
    Superseded,
    /// The platform failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes the customer's confirmation, with its time; a repeat changes nothing. From now on the
/// document is evidence, and a PDF of it is wanted.
pub fn confirm(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    id: DocumentId,
) -> Result<Document, ConfirmError> {
    let mut document = sql::lock(tx, id)?.ok_or(ConfirmError::Unknown)?;
    if document.member != member {
        return Err(ConfirmError::NotYours);
    }
    if document.confirmed_at.is_some() {
        return Ok(document);
    }
    let Document { kind, application, loan, .. } = document;
    let newest = sql::newest(tx, kind, member, application, loan)?;
    if newest.is_some_and(|newest| newest.id != id) {
        return Err(ConfirmError::Superseded);
    }
    sql::confirm(tx, id, None)?;
    (document.confirmed_at, document.pdf) = (Some(tx.at.business), PdfState::Wanted);
    note(tx, Actor::Customer(member), "document.confirmed", &document)?;
    Ok(document)
}

/// Concludes a document on the strength of another that the customer has confirmed: what they
/// have agreed to there stands here in full (docs/decisions/0023). It is evidence from now on; a
/// repeat changes nothing.
pub(crate) fn conclude(
    tx: &mut Tx<'_, '_>,
    mut document: Document,
    with: &Document,
) -> Result<Document, Fault> {
    let same = (with.member, with.application) == (document.member, document.application);
    if with.confirmed_at.is_none() || !same {
        return Err(Fault::Corrupt("a document that the customer has not agreed to".into()));
    }
    if document.confirmed_at.is_some() {
        return Ok(document);
    }
    sql::confirm(tx, document.id, Some(with.id))?;
    document.confirmed_at = Some(tx.at.business);
    (document.confirmed_with, document.pdf) = (Some(with.id), PdfState::Wanted);
    note(tx, Actor::Platform, "document.concluded", &document)?;
    Ok(document)
}

fn note(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    action: &'static str,
    document: &Document,
) -> Result<(), Fault> {
    let subject = match (document.application, document.loan) {
        (_, Some(loan)) => Subject::Loan(loan),
        (Some(application), None) => Subject::Application(application),
        (None, None) => Subject::Member(document.member),
    };
    let Document { kind, version, digest, .. } = document;
    audit::note(tx, actor, action, subject, &format!("{} v{version} {digest}", kind.word()))
}

/// A document by its number.
pub fn find(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Document>, Fault> {
    sql::find(tx, id)
}

/// The newest document of a kind for an application: the one that counts.
pub fn newest_of_application(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    member: MemberId,
    application: ApplicationId,
) -> Result<Option<Document>, Fault> {
    sql::newest(tx, kind, member, Some(application), None)
}

/// The documents of an application, oldest first.
pub fn of_application(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Vec<Document>, Fault> {
    sql::of_application(tx, application)
}

/// The documents of a loan and of the application that it was made from, oldest first.
pub fn of_loan(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Vec<Document>, Fault> {
    sql::of_loan(tx, loan)
}

/// A customer's documents, newest first.
pub fn of_member(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Document>, Fault> {
    sql::of_member(tx, member, page)
}

/// The text of a document, from which its page is written.
pub fn paper(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Paper>, Fault> {
    let Some(text) = sql::text(tx, id)? else { return Ok(None) };
    Paper::parse(&text).map(Some).map_err(|_| Fault::Corrupt("document.text".into()))
}

/// The PDF of a document, once it has been rendered.
pub fn pdf(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Vec<u8>>, Fault> {
    sql::pdf(tx, id)
}

/// What is printed under the text of a confirmed document.
pub fn stamp(document: &Document) -> Stamp {
    let Some(at) = document.confirmed_at else { return Stamp::default() };
    let at = at.shanghai_text();
    let how = match document.confirmed_with {
        None => format!("本文件由客户登录后确认，确认时间：{at}（北京时间）。"),
        Some(with) => format!(
            "本文件依据客户登录后确认的文件（编号：{}）订立，订立时间：{at}（北京时间）。",
            with.number()
        ),
    };
    let lines =
        vec![how, format!("文件编号：{}。页脚的 SHA-256 是以上正文的摘要。", document.id.number())];
    Stamp { lines }
}

/// Random bytes of a link; nobody can guess them.
pub const TOKEN_BYTES: usize = 32;

/// Makes an address by which a document can be opened without a log-in, for so many seconds by the
/// wall clock. `random` becomes its secret part. `None` if there is no such document.
pub fn issue_link(
    tx: &mut Tx<'_, '_>,
    id: DocumentId,
    random: &[u8; TOKEN_BYTES],
    life_seconds: u32,
) -> Result<Option<Secret>, Fault> {
    if sql::find(tx, id)?.is_none() {
        return Ok(None);
    }
    let token = Digest(*random).to_string();
    let life_ms = i64::from(life_seconds).saturating_mul(1000);
    sql::insert_link(tx, id, &token, tx.at.wall.plus_millis(life_ms))?;
    Ok(Some(Secret::new(token)))
}

/// The document behind a link, and its text; `None` for a wrong or an expired one.
pub fn open_link(tx: &mut Tx<'_, '_>, token: &str) -> Result<Option<(Document, Paper)>, Fault> {
    if Digest::parse(token).is_none() {
        return Ok(None);
    }
    let Some(id) = sql::linked(tx, token)? else { return Ok(None) };
    Ok(sql::find(tx, id)?.zip(paper(tx, id)?))
}

/// Forgets links that have expired; how many.
pub fn prune(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    sql::prune_links(tx)
}

/// A PDF that is to be rendered outside the transaction.
#[derive(Clone)]
pub struct PendingPdf {
    /// The document.
    pub id: DocumentId,
    /// Its text.
    pub paper: Paper,
    /// What is printed under it.
    pub stamp: Stamp,
}

impl PendingPdf {
    /// Renders it, always to the same bytes. It takes far longer than anything that belongs into
    /// a transaction.
    pub fn render(&self) -> Result<Vec<u8>, PdfError> {
        self.paper.pdf_with(&self.stamp)
    }
}

/// The next PDFs that are wanted, at most so many, oldest first.
pub fn pending_pdfs(tx: &mut Tx<'_, '_>, limit: u32) -> Result<Vec<PendingPdf>, Fault> {
    let mut pending = Vec::new();
    for document in sql::wanted(tx, limit)? {
        if let Some(paper) = paper(tx, document.id)? {
            pending.push(PendingPdf { id: document.id, paper, stamp: stamp(&document) });
        }
    }
    Ok(pending)
}

/// Keeps a PDF that was wanted. False if it is not wanted any more: another node was quicker.
pub fn store_pdf(tx: &mut Tx<'_, '_>, id: DocumentId, file: &[u8]) -> Result<bool, Fault> {
    if !sql::set_pdf(tx, id, PdfState::Made)? {
        return Ok(false);
    }
    sql::insert_pdf(tx, id, file)?;
    Ok(true)
}

/// Notes that a PDF cannot be rendered, so that it does not hold up the others.
pub fn fail_pdf(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<bool, Fault> {
    sql::set_pdf(tx, id, PdfState::Failed)
}

/// Wants the PDFs again that could not be rendered; how many.
pub fn retry_pdfs(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    sql::retry_pdfs(tx)
}

#[cfg(test)]
mod tests;
