//! The rows of documents, their PDFs, links and templates.

use kernel::Instant;
use kernel::id::{ApplicationId, DocumentId, LoanId, MemberId};
use papers::{Digest, Kind};
use store::{Fault, Row, params};

use super::{Document, PdfState};
use crate::{Page, Tx};

/// Where texts, files and tokens are sealed; part of what binds them to their place.
pub(super) const TEXT: &str = "document.text";
pub(super) const PDF: &str = "document_pdf.pdf";
const TOKEN: &str = "document_link.token";

/// A query for documents; all of them read the same columns.
macro_rules! select_documents {
    ($which:literal) => {
        concat!(
            "SELECT d.document_id, d.kind, d.version, d.member_id, d.application_id, d.loan_id, ",
            "d.text_sha256, d.made_at, d.confirmed_at, d.confirmed_with_id, d.pdf FROM document d ",
            $which
        )
    };
}

const FIND: &str = select_documents!("WHERE d.document_id = ?1");
const LOCK: &str = select_documents!("WHERE d.document_id = ?1 FOR UPDATE");
const NEWEST: &str = select_documents!(
    "WHERE d.member_id = ?1 AND d.kind = ?2 AND COALESCE(d.application_id, 0) = ?3
        AND COALESCE(d.loan_id, 0) = ?4 ORDER BY d.document_id DESC LIMIT 1"
);
const OF_APPLICATION: &str =
    select_documents!("WHERE d.application_id = ?1 ORDER BY d.document_id");
const OF_LOAN: &str = select_documents!(
    "WHERE d.loan_id = ?1
        OR d.application_id = (SELECT l.application_id FROM loan l WHERE l.loan_id = ?1)
        ORDER BY d.document_id"
);
const OF_MEMBER: &str =
    select_documents!("WHERE d.member_id = ?1 ORDER BY d.document_id DESC LIMIT ?2 OFFSET ?3");
const WANTED: &str = select_documents!("WHERE d.pdf = 'wanted' ORDER BY d.document_id LIMIT ?1");

fn read(row: &Row<'_>) -> Result<Document, Fault> {
    let corrupt = |column: &str| Fault::Corrupt(column.to_owned());
    let pdf = match row.text("pdf")?.as_str() {
        "none" => PdfState::None,
        "wanted" => PdfState::Wanted,
        "made" => PdfState::Made,
        "failed" => PdfState::Failed,
        _ => return Err(corrupt("pdf")),
    };
    let digest = row.blob("text_sha256")?.try_into().map_err(|_| corrupt("text_sha256"))?;
    Ok(Document {
        id: DocumentId::from_number(row.i64("document_id")?),
        kind: Kind::from_word(&row.text("kind")?).ok_or_else(|| corrupt("kind"))?,
        version: u32::try_from(row.i64("version")?).map_err(|_| corrupt("version"))?,
        member: MemberId::from_number(row.i64("member_id")?),
        application: row.opt_i64("application_id")?.map(ApplicationId::from_number),
        loan: row.opt_i64("loan_id")?.map(LoanId::from_number),
        digest: Digest(digest),
        made_at: row.instant("made_at")?,
        confirmed_at: row.opt_instant("confirmed_at")?,
        confirmed_with: row.opt_i64("confirmed_with_id")?.map(DocumentId::from_number),
        pdf,
    })
}

pub(super) fn insert(tx: &mut Tx<'_, '_>, document: &Document, text: &str) -> Result<(), Fault> {
    let sealed = tx.vault.seal(TEXT, document.id.number(), text)?;
    let insert = "INSERT INTO document (document_id, kind, version, member_id, application_id,
            loan_id, text_sealed, text_sha256, made_at, confirmed_at, pdf)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10)";
    let digest: &[u8] = &document.digest.0;
    let Document { id, version, member, application, loan, made_at, .. } = *document;
    let (kind, pdf) = (document.kind.word(), document.pdf.word());
    let params =
        params![id, kind, version, member, application, loan, &sealed, digest, made_at, pdf];
    tx.execute(insert, params).map(|_| ())
}

pub(super) fn find(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Document>, Fault> {
    tx.row(FIND, params![id], read)
}

pub(super) fn lock(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Document>, Fault> {
    tx.row(LOCK, params![id], read)
}

pub(super) fn newest(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    member: MemberId,
    application: Option<ApplicationId>,
    loan: Option<LoanId>,
) -> Result<Option<Document>, Fault> {
    let application = application.map_or(0, ApplicationId::number);
    let loan = loan.map_or(0, LoanId::number);
    tx.row(NEWEST, params![member, kind.word(), application, loan], read)
}

pub(super) fn of_application(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Vec<Document>, Fault> {
    tx.rows(OF_APPLICATION, params![application], read)
}

pub(super) fn of_loan(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Vec<Document>, Fault> {
    tx.rows(OF_LOAN, params![loan], read)
}

pub(super) fn of_member(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Document>, Fault> {
    tx.rows(OF_MEMBER, params![member, page.size(), page.offset()], read)
}

pub(super) fn wanted(tx: &mut Tx<'_, '_>, limit: u32) -> Result<Vec<Document>, Fault> {
    tx.rows(WANTED, params![limit], read)
}

pub(super) fn text(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<String>, Fault> {
    let vault = tx.vault;
    let select = "SELECT text_sealed FROM document WHERE document_id = ?1";
    tx.row(select, params![id], |row| vault.open(TEXT, id.number(), &row.blob("text_sealed")?))
}

pub(super) fn confirm(
    tx: &mut Tx<'_, '_>,
    id: DocumentId,
    with: Option<DocumentId>,
) -> Result<(), Fault> {
    let update = "UPDATE document SET confirmed_at = ?2, confirmed_with_id = ?3, pdf = 'wanted'
        WHERE document_id = ?1";
    tx.execute(update, params![id, tx.at.business, with]).map(|_| ())
}

pub(super) fn pdf(tx: &mut Tx<'_, '_>, id: DocumentId) -> Result<Option<Vec<u8>>, Fault> {
    let vault = tx.vault;
    let select = "SELECT pdf_sealed FROM document_pdf WHERE document_id = ?1";
    tx.row(select, params![id], |row| vault.open_bytes(PDF, id.number(), &row.blob("pdf_sealed")?))
}

/// Ends the wanting of a PDF; false if it had ended already.
pub(super) fn set_pdf(tx: &mut Tx<'_, '_>, id: DocumentId, state: PdfState) -> Result<bool, Fault> {
    let update = "UPDATE document SET pdf = ?2 WHERE document_id = ?1 AND pdf = 'wanted'";
    Ok(tx.execute(update, params![id, state.word()])? == 1)
}

pub(super) fn insert_pdf(tx: &mut Tx<'_, '_>, id: DocumentId, file: &[u8]) -> Result<(), Fault> {
    let sealed = tx.vault.seal_bytes(PDF, id.number(), file)?;
    let digest = Digest::of(file);
    let insert = "INSERT INTO document_pdf (document_id, pdf_sealed, pdf_sha256, made_at)
        VALUES (?1, ?2, ?3, ?4)";
    let digest: &[u8] = &digest.0;
    tx.execute(insert, params![id, &sealed, digest, tx.at.wall]).map(|_| ())
}

pub(super) fn retry_pdfs(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    tx.execute("UPDATE document SET pdf = 'wanted' WHERE pdf = 'failed'", params![])
}

pub(super) fn insert_link(
    tx: &mut Tx<'_, '_>,
    id: DocumentId,
    token: &str,
    expires: Instant,
) -> Result<(), Fault> {
    let index = tx.vault.blind_index(TOKEN, token);
    let insert = "INSERT INTO document_link (token_index, document_id, expires_at)
        VALUES (?1, ?2, ?3)";
    tx.execute(insert, params![&index, id, expires]).map(|_| ())
}

pub(super) fn linked(tx: &mut Tx<'_, '_>, token: &str) -> Result<Option<DocumentId>, Fault> {
    let index = tx.vault.blind_index(TOKEN, token);
    let select = "SELECT document_id FROM document_link WHERE token_index = ?1 AND expires_at > ?2";
    let found = tx.row(select, params![&index, tx.at.wall], |row| row.i64("document_id"))?;
    Ok(found.map(DocumentId::from_number))
}

pub(super) fn prune_links(tx: &mut Tx<'_, '_>) -> Result<u64, Fault> {
    tx.execute("DELETE FROM document_link WHERE expires_at <= ?1", params![tx.at.wall])
}

/// The text of the newest template that was saved for a kind.
pub(super) fn template(tx: &mut Tx<'_, '_>, kind: Kind) -> Result<Option<String>, Fault> {
    let select = "SELECT text FROM document_template WHERE kind = ?1
        ORDER BY version DESC LIMIT 1";
    tx.row(select, params![kind.word()], |row| row.text("text"))
}

/// Saves a version of a template; false if there is one of this number.
pub(super) fn insert_template(
    tx: &mut Tx<'_, '_>,
    kind: Kind,
    version: u32,
    text: &str,
) -> Result<bool, Fault> {
    let insert = "INSERT INTO document_template (kind, version, text, saved_at)
        VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, version) DO NOTHING";
    let inserted = tx.execute(insert, params![kind.word(), version, text, tx.at.wall])?;
    Ok(inserted == 1)
}
