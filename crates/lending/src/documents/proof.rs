//! Proof of the documents: every text and every PDF still has the digest that it was kept with.

use papers::{Digest, Paper};
use store::{Fault, Row, Vault, params};

use super::sql::{PDF, TEXT};
use crate::Tx;
use crate::ledger::{Difference, Verified};

/// Rows that are opened at once: their texts are in memory together on PostgreSQL.
const CHUNK: i64 = 200;

const TEXTS: &str = "every document's text has its digest and its template's version";
const PDFS: &str = "every PDF has its digest";
const MADE: &str = "every document that has a PDF is confirmed and has one";

/// Opens every text and every PDF; stops at the first that is not what was kept.
pub fn verify(tx: &mut Tx<'_, '_>) -> Result<Result<Verified, Difference>, Fault> {
    let mut verified = Verified::default();
    let texts = "SELECT document_id, kind, version, text_sealed, text_sha256 FROM document
        WHERE document_id > ?1 ORDER BY document_id LIMIT ?2";
    let pdfs = "SELECT document_id, pdf_sealed, pdf_sha256 FROM document_pdf
        WHERE document_id > ?1 ORDER BY document_id LIMIT ?2";
    let opened: [(_, _, Holds); 2] = [(TEXTS, texts, text_holds), (PDFS, pdfs, pdf_holds)];
    for (check, select, holds) in opened {
        match walk(tx, select, holds)? {
            Ok(count) => verified.checks.push((check, count)),
            Err(row) => return Ok(Err(Difference { check, row })),
        }
    }
    let wrong = "SELECT d.document_id FROM document d
        LEFT JOIN document_pdf p ON p.document_id = d.document_id
        WHERE (d.pdf = 'made') <> (p.document_id IS NOT NULL)
            OR (d.pdf = 'none') <> (d.confirmed_at IS NULL)
        ORDER BY d.document_id LIMIT 1";
    if let Some(row) = tx.row(wrong, params![], |row| row.i64("document_id"))? {
        return Ok(Err(Difference { check: MADE, row }));
    }
    let count = "SELECT COUNT(*) AS n FROM document";
    let count = tx.row(count, params![], |row| row.i64("n"))?;
    verified.checks.push((MADE, count.unwrap_or(0)));
    Ok(Ok(verified))
}

type Holds = fn(&Vault, i64, &Row<'_>) -> Result<bool, Fault>;

/// How many rows hold, or the number of the first that does not.
fn walk(
    tx: &mut Tx<'_, '_>,
    select: &'static str,
    holds: Holds,
) -> Result<Result<i64, i64>, Fault> {
    let vault = tx.vault;
    let (mut after, mut count) = (0, 0_i64);
    loop {
        let rows = tx.rows(select, params![after, CHUNK], |row| {
            let id = row.i64("document_id")?;
            Ok((id, holds(vault, id, row)?))
        })?;
        let Some((last, _)) = rows.last() else { return Ok(Ok(count)) };
        after = *last;
        if let Some((id, _)) = rows.iter().find(|(_, holds)| !holds) {
            return Ok(Err(*id));
        }
        count = count.saturating_add(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    }
}

/// A value that does not open has been changed too.
fn text_holds(vault: &Vault, id: i64, row: &Row<'_>) -> Result<bool, Fault> {
    let Ok(text) = vault.open(TEXT, id, &row.blob("text_sealed")?) else { return Ok(false) };
    let Ok(paper) = Paper::parse(&text) else { return Ok(false) };
    let source = paper.source();
    Ok(Digest::of(text.as_bytes()).0.as_slice() == row.blob("text_sha256")?
        && source.template == row.text("kind")?
        && i64::from(source.version) == row.i64("version")?)
}

fn pdf_holds(vault: &Vault, id: i64, row: &Row<'_>) -> Result<bool, Fault> {
    let Ok(file) = vault.open_bytes(PDF, id, &row.blob("pdf_sealed")?) else { return Ok(false) };
    Ok(Digest::of(&file).0.as_slice() == row.blob("pdf_sha256")?)
}
