//! The rows of the audit trail and of the chain over it.

use kernel::id::AuditEntryId;
use store::{Append, ColumnType, Fault, Row, params};

use super::{Actor, Entry, Filter, NotedActor, NotedSubject, Subject};
use crate::{Page, Tx};

/// The row of `platform_fact` that a sealer holds, so that there is one at a time.
const LOCK: &str = "audit_chain";

pub(super) fn append_entry(
    tx: &mut Tx<'_, '_>,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    detail: &str,
) -> Result<(), Fault> {
    static ENTRY: Append = Append {
        table: "audit_entry",
        columns: &[
            ("entry_id", ColumnType::I64),
            ("actor_kind", ColumnType::Text),
            ("actor_id", ColumnType::I64),
            ("provider", ColumnType::Text),
            ("action", ColumnType::Text),
            ("subject_kind", ColumnType::Text),
            ("subject_id", ColumnType::I64),
            ("detail", ColumnType::Text),
            ("noted_at", ColumnType::I64),
            ("business_at", ColumnType::I64),
        ],
    };
    let (kind, number, provider) = match actor {
        Actor::Platform => ("platform", None, None),
        Actor::Customer(id) => ("customer", Some(id.number()), None),
        Actor::Operator(id) => ("operator", Some(id.number()), None),
        Actor::Provider(name) => ("provider", None, Some(name)),
    };
    let at = tx.at;
    let id = tx.ids.take(at.wall, 1);
    let values = params![
        id,
        kind,
        number,
        provider,
        action,
        subject.kind(),
        subject.number(),
        detail,
        at.wall,
        at.business
    ];
    tx.append(&ENTRY, values)
}

/// A query for entries; all of them read the same columns.
macro_rules! select_entries {
    ($which:literal) => {
        concat!(
            "SELECT e.entry_id, e.actor_kind, e.actor_id, e.provider, e.action, e.subject_kind, ",
            "e.subject_id, e.detail, e.noted_at, e.business_at ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        id: AuditEntryId::from_number(row.i64("entry_id")?),
        actor: NotedActor {
            kind: row.text("actor_kind")?,
            number: row.opt_i64("actor_id")?,
            provider: row.opt_text("provider")?,
        },
        action: row.text("action")?,
        subject: NotedSubject {
            kind: row.text("subject_kind")?,
            number: row.opt_i64("subject_id")?,
        },
        detail: row.text("detail")?,
        noted_at: row.instant("noted_at")?,
        business_at: row.instant("business_at")?,
    })
}

pub(super) fn entries(
    tx: &mut Tx<'_, '_>,
    filter: Filter,
    page: Page,
) -> Result<Vec<Entry>, Fault> {
    let (size, offset) = (page.size(), page.offset());
    match filter {
        Filter::All => {
            let select =
                select_entries!("FROM audit_entry e ORDER BY e.entry_id DESC LIMIT ?1 OFFSET ?2");
            tx.rows(select, params![size, offset], read)
        }
        Filter::By(operator) => {
            let select = select_entries!(
                "FROM audit_entry e WHERE e.actor_kind = 'operator' AND e.actor_id = ?1
                ORDER BY e.entry_id DESC LIMIT ?2 OFFSET ?3"
            );
            tx.rows(select, params![operator, size, offset], read)
        }
        Filter::About(subject) => {
            // What is sealed by the index, and the few that are not sealed yet.
            let select = select_entries!(
                "FROM audit_entry e WHERE e.entry_id IN (
                    SELECT s.entry_id FROM audit_seal s
                    WHERE s.subject_kind = ?1 AND s.subject_id = ?2
                    UNION ALL SELECT t.entry_id FROM audit_entry t WHERE t.entry_id > ?3
                        AND t.subject_kind = ?1 AND COALESCE(t.subject_id, 0) = ?2)
                ORDER BY e.entry_id DESC LIMIT ?4 OFFSET ?5"
            );
            let newest = newest_sealed(tx)?;
            let number = subject.number().unwrap_or(0);
            tx.rows(select, params![subject.kind(), number, newest, size, offset], read)
        }
    }
}

/// The last link of the chain: its number and its hash.
pub(super) fn last_seal(tx: &mut Tx<'_, '_>) -> Result<Option<(i64, Vec<u8>)>, Fault> {
    let select = "SELECT sequence, hash FROM audit_seal ORDER BY sequence DESC LIMIT 1";
    tx.row(select, params![], |row| Ok((row.i64("sequence")?, row.blob("hash")?)))
}

/// The newest entry that is sealed; 0 if none is.
pub(super) fn newest_sealed(tx: &mut Tx<'_, '_>) -> Result<i64, Fault> {
    let select = "SELECT COALESCE(MAX(entry_id), 0) AS newest FROM audit_seal";
    Ok(tx.row(select, params![], |row| row.i64("newest"))?.unwrap_or(0))
}

/// Makes this transaction the only one that seals, until its commit.
pub(super) fn hold_chain(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    let insert = "INSERT INTO platform_fact (name, value) VALUES (?1, 'held by its sealer')
        ON CONFLICT (name) DO NOTHING";
    tx.execute(insert, params![LOCK])?;
    let select = "SELECT value FROM platform_fact WHERE name = ?1 FOR UPDATE";
    tx.row(select, params![LOCK], |row| row.text("value")).map(|_| ())
}

/// Entries above one id and below another that are not sealed, in their order.
pub(super) fn unsealed(
    tx: &mut Tx<'_, '_>,
    above: i64,
    below: i64,
    limit: u32,
) -> Result<Vec<Entry>, Fault> {
    let select = select_entries!(
        "FROM audit_entry e WHERE e.entry_id > ?1 AND e.entry_id < ?2
            AND NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.entry_id = e.entry_id)
        ORDER BY e.entry_id LIMIT ?3"
    );
    tx.rows(select, params![above, below, limit], read)
}

pub(super) fn append_seal(
    tx: &mut Tx<'_, '_>,
    sequence: i64,
    entry: &Entry,
    hash: &[u8],
) -> Result<(), Fault> {
    static SEAL: Append = Append {
        table: "audit_seal",
        columns: &[
            ("sequence", ColumnType::I64),
            ("entry_id", ColumnType::I64),
            ("subject_kind", ColumnType::Text),
            ("subject_id", ColumnType::I64),
            ("hash", ColumnType::Blob),
        ],
    };
    let subject = &entry.subject;
    let values = params![sequence, entry.id, &subject.kind, subject.number.unwrap_or(0), hash];
    tx.append(&SEAL, values)
}

/// A link of the chain with its entry, if that is still there.
pub(super) struct Link {
    pub(super) sequence: i64,
    pub(super) entry_id: i64,
    pub(super) hash: Vec<u8>,
    /// Kind and number of the subject, as the index knows it.
    pub(super) subject: (String, i64),
    pub(super) entry: Option<Entry>,
}

/// Links after a number, in their order.
pub(super) fn links(tx: &mut Tx<'_, '_>, after: i64, limit: u32) -> Result<Vec<Link>, Fault> {
    let select = select_entries!(
        ", s.sequence, s.entry_id AS sealed_id, s.hash, s.subject_kind AS sealed_kind,
            s.subject_id AS sealed_subject_id
        FROM audit_seal s LEFT JOIN audit_entry e ON e.entry_id = s.entry_id
        WHERE s.sequence > ?1 ORDER BY s.sequence LIMIT ?2"
    );
    tx.rows(select, params![after, limit], |row| {
        let there = row.opt_i64("entry_id")?.is_some();
        Ok(Link {
            sequence: row.i64("sequence")?,
            entry_id: row.i64("sealed_id")?,
            hash: row.blob("hash")?,
            subject: (row.text("sealed_kind")?, row.i64("sealed_subject_id")?),
            entry: if there { Some(read(row)?) } else { None },
        })
    })
}

/// The first entry below an id that is not sealed.
pub(super) fn first_unsealed(tx: &mut Tx<'_, '_>, below: i64) -> Result<Option<i64>, Fault> {
    let select = "SELECT MIN(e.entry_id) AS entry_id FROM audit_entry e
        LEFT JOIN audit_seal s ON s.entry_id = e.entry_id
        WHERE s.entry_id IS NULL AND e.entry_id < ?1";
    Ok(tx.row(select, params![below], |row| row.opt_i64("entry_id"))?.flatten())
}

pub(super) fn count(tx: &mut Tx<'_, '_>) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM audit_entry";
    Ok(tx.row(select, params![], |row| row.i64("n"))?.unwrap_or(0))
}
