//! Reading what is held about somebody, and the statements that erase it.

use kernel::id::{ApplicationId, LeadId, MemberId, PersonId};
use kernel::{Instant, Mobile};
use store::{Fault, Row, Vault, params};

use super::erasing::Open;
use super::holdings::{Holding, Kind};
use super::{Held, MOST_ROWS, Section};
use crate::Tx;

/// What stands in the place of a mobile number that is erased. Source: 140 begins no number of
/// people's telephones (号段 140 is one of machines).
pub(super) const NO_MOBILE: &str = "14000000000";

fn read(vault: &Vault, row: &Row<'_>, (name, kind): (&str, Kind)) -> Result<Held, Fault> {
    let held = match kind {
        Kind::Number => row.opt_i64(name)?.map(Held::Number),
        Kind::Yuan | Kind::Change => row.opt_i64(name)?.map(Held::Fen),
        Kind::Text => row.opt_text(name)?.map(Held::Text),
        Kind::Day => row.opt_day(name)?.map(Held::Day),
        Kind::At => row.opt_instant(name)?.map(Held::At),
        Kind::Bytes => row.opt_blob(name)?.map(Held::Bytes),
        Kind::Sealed(column) => {
            let key = row.i64("row_key")?;
            let open = |sealed: Vec<u8>| vault.open(column, key, &sealed);
            row.opt_blob(name)?.map(open).transpose()?.map(Held::Text)
        }
    };
    Ok(held.unwrap_or(Held::Nothing))
}

pub(super) fn section(
    tx: &mut Tx<'_, '_>,
    holding: &'static Holding,
    member: MemberId,
) -> Result<Section, Fault> {
    let vault = tx.vault;
    let most = MOST_ROWS.saturating_add(1);
    let mut rows = tx.rows(holding.select, params![member, most], |row| {
        let columns = holding.columns.iter();
        columns
            .map(|column| Ok((column.name, read(vault, row, (column.name, column.kind))?)))
            .collect::<Result<Vec<_>, Fault>>()
    })?;
    let most = usize::try_from(MOST_ROWS).unwrap_or(usize::MAX);
    let is_cut = rows.len() > most;
    rows.truncate(most);
    Ok(Section { table: holding.table, rows, is_cut })
}

/// What forbids to erase a customer, in the order in which it is told, with how it is found.
const OPEN: &[(Open, &str)] = &[
    (
        Open::Application,
        "SELECT application_id AS n FROM application
            WHERE member_id = ?1 AND state IN ('reviewing', 'approved') LIMIT 1",
    ),
    (
        Open::Loan,
        "SELECT loan_id AS n FROM loan
            WHERE member_id = ?1 AND state <> 'settled' AND state <> 'payout_failed' LIMIT 1",
    ),
    (
        Open::Payment,
        "SELECT payment_id AS n FROM payment
            WHERE member_id = ?1 AND state IN ('requested', 'sent', 'unknown') LIMIT 1",
    ),
    (
        Open::Wallet,
        "SELECT account_id AS n FROM account
            WHERE owner_id = ?1 AND kind IN ('wallet', 'frozen') AND balance_fen <> 0 LIMIT 1",
    ),
    (
        Open::Raise,
        "SELECT raise_id AS n FROM credit_raise
            WHERE member_id = ?1 AND state = 'requested' LIMIT 1",
    ),
    (
        Open::Funding,
        "SELECT f.funding_order_id AS n FROM funding_order f
            JOIN application a ON a.application_id = f.application_id
            WHERE a.member_id = ?1 AND f.state IN ('requested', 'sent', 'unknown') LIMIT 1",
    ),
    (
        Open::Report,
        "SELECT task_id AS n FROM report_task WHERE member_id = ?1 AND step <> 'none' LIMIT 1",
    ),
    (
        Open::Lead,
        "SELECT lead_id AS n FROM lead WHERE (owner_id = ?1 OR claimer_id = ?1)
            AND state IN ('open', 'claimed', 'working') LIMIT 1",
    ),
];

/// The first thing that is open with a customer.
pub(super) fn open(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Open>, Fault> {
    for (what, select) in OPEN {
        if tx.row(select, params![member], |row| row.i64("n"))?.is_some() {
            return Ok(Some(*what));
        }
    }
    Ok(None)
}

/// A customer before an erasure.
pub(super) enum Before {
    /// There is none.
    Nobody,
    /// Nothing is erased.
    Whole,
    /// It was done then, and this was kept.
    Erased(Instant, String),
}

/// A customer as they are, locked.
pub(super) fn before(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Before, Fault> {
    let select = "SELECT erased_at, erased_kept FROM customer WHERE member_id = ?1 FOR UPDATE";
    let found = tx.row(select, params![member], |row| {
        let erased = row.opt_instant("erased_at")?.zip(row.opt_text("erased_kept")?);
        Ok(erased.map_or(Before::Whole, |(at, kept)| Before::Erased(at, kept)))
    })?;
    Ok(found.unwrap_or(Before::Nobody))
}

/// The persons behind a customer: who they are now, and who they were when they applied.
pub(super) fn persons(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<PersonId>, Fault> {
    let select = "SELECT person_id FROM customer WHERE member_id = ?1 AND person_id IS NOT NULL
        UNION SELECT person_id FROM application WHERE member_id = ?1 ORDER BY person_id";
    tx.rows(select, params![member], |row| row.i64("person_id").map(PersonId::from_number))
}

/// When the last loan of a customer was over; `None` for who was never lent anything.
pub(super) fn last_of_member(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<Instant>, Fault> {
    let select = "SELECT MAX(closed_at) AS last_at FROM loan
        WHERE member_id = ?1 AND start_day IS NOT NULL";
    Ok(tx.row(select, params![member], |row| row.opt_instant("last_at"))?.flatten())
}

/// When the last loan of a person was over, on any account, or the far future while one runs.
pub(super) fn last_of_person(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
) -> Result<Option<Instant>, Fault> {
    let select = "SELECT MAX(COALESCE(closed_at, CAST(?2 AS BIGINT))) AS last_at FROM loan
        WHERE person_id = ?1 AND start_day IS NOT NULL";
    let last = tx.row(select, params![person, Instant::MAX], |row| row.opt_instant("last_at"))?;
    Ok(last.flatten())
}

/// Leads that were made a customer of.
pub(super) fn leads(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Vec<LeadId>, Fault> {
    let select = "SELECT lead_id FROM lead
        WHERE customer_id = ?1 AND erased_at IS NULL ORDER BY lead_id";
    tx.rows(select, params![member], |row| row.i64("lead_id").map(LeadId::from_number))
}

/// Whether the person behind a customer is on the blacklist.
pub(super) fn is_listed(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<bool, Fault> {
    let select = "SELECT b.blacklist_id FROM blacklist b
        JOIN person p ON p.id_no_index = b.id_no_index WHERE p.person_id = ?1";
    Ok(tx.row(select, params![person], |row| row.i64("blacklist_id"))?.is_some())
}

/// What goes at once.
const AT_ONCE: &[&str] = &[
    "DELETE FROM customer_session WHERE member_id = ?1",
    "DELETE FROM customer_device WHERE member_id = ?1",
    "DELETE FROM customer_profile WHERE member_id = ?1",
    "DELETE FROM customer_contact WHERE member_id = ?1",
    "DELETE FROM phone_book_part WHERE member_id = ?1",
    "DELETE FROM customer_statement WHERE member_id = ?1",
    "DELETE FROM customer_sheet WHERE member_id = ?1",
    "DELETE FROM provider_report WHERE member_id = ?1",
    "DELETE FROM report_task WHERE member_id = ?1",
    "DELETE FROM message WHERE member_id = ?1",
    "DELETE FROM feedback WHERE member_id = ?1",
    "DELETE FROM member_password WHERE member_id = ?1",
    "DELETE FROM member_plain_mobile WHERE member_id = ?1",
    "DELETE FROM preview_link WHERE application_id IN
        (SELECT a.application_id FROM application a WHERE a.member_id = ?1)",
    "DELETE FROM document_link WHERE document_id IN
        (SELECT d.document_id FROM document d WHERE d.member_id = ?1)",
    "UPDATE application SET purpose = '', other_debts = '', place_sealed = NULL, refusal = NULL
        WHERE member_id = ?1",
    "UPDATE application_decision SET reason = '' WHERE application_id IN
        (SELECT a.application_id FROM application a WHERE a.member_id = ?1)",
    "UPDATE credit_line_change SET reason = '' WHERE member_id = ?1",
    "UPDATE credit_raise SET reason = NULL WHERE member_id = ?1",
    "UPDATE collection_contact SET note_sealed = NULL WHERE member_id = ?1",
    "UPDATE customer SET person_id = NULL, real_name_at = NULL, mobile_at = NULL,
        blacklist_reason_sealed = NULL, risk_note_sealed = NULL WHERE member_id = ?1",
];

/// What goes when no law asks for it any more.
const LATER: &[&str] = &[
    "DELETE FROM document_pdf WHERE document_id IN
        (SELECT d.document_id FROM document d WHERE d.member_id = ?1)",
    "DELETE FROM application_disclosure WHERE document_id IN
        (SELECT d.document_id FROM document d WHERE d.member_id = ?1)",
    "DELETE FROM document WHERE member_id = ?1",
    "DELETE FROM face_check WHERE member_id = ?1",
    "DELETE FROM card_guard WHERE card_index IN
        (SELECT k.number_index FROM customer_card k WHERE k.member_id = ?1)",
    "DELETE FROM customer_check WHERE member_id = ?1",
    "DELETE FROM customer_card WHERE member_id = ?1",
    "DELETE FROM consent WHERE member_id = ?1",
];

/// What goes of a person whom no account and no law holds any more.
const PERSON: &[&str] = &[
    "DELETE FROM contact_stop WHERE person_id = ?1",
    "DELETE FROM decision_turn WHERE person_id = ?1",
    "DELETE FROM person WHERE person_id = ?1",
];

pub(super) fn erase_at_once(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    for statement in AT_ONCE {
        tx.execute(statement, params![member])?;
    }
    let mobile = Mobile::parse(NO_MOBILE).ok_or(Fault::Corrupt("mobile".into()))?;
    let sealed = tx.vault.seal("member.mobile", member.number(), mobile.expose())?;
    // The number can be registered again; nobody finds this account by any.
    let index = tx.vault.blind_index("member.erased", &member.number().to_string());
    let update = "UPDATE member SET mobile_sealed = ?2, mobile_index = ?3, mobile_masked = ?4,
        nickname = '' WHERE member_id = ?1";
    tx.execute(update, params![member, &sealed, &index, &mobile.masked()]).map(|_| ())
}

pub(super) fn mark_erased(tx: &mut Tx<'_, '_>, member: MemberId, kept: &str) -> Result<(), Fault> {
    let update = "UPDATE customer SET erased_at = ?2, erased_kept = ?3 WHERE member_id = ?1";
    tx.execute(update, params![member, tx.at.business, kept]).map(|_| ())
}

pub(super) fn erase_later(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    for statement in LATER {
        tx.execute(statement, params![member])?;
    }
    Ok(())
}

/// Whether an account that is not erased is a person's.
pub(super) fn has_account(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<bool, Fault> {
    let select = "SELECT member_id FROM customer WHERE person_id = ?1 LIMIT 1";
    Ok(tx.row(select, params![person], |row| row.i64("member_id"))?.is_some())
}

pub(super) fn erase_person(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<(), Fault> {
    for statement in PERSON {
        tx.execute(statement, params![person])?;
    }
    Ok(())
}

/// The customer's applications, for whoever has to know that there were any.
pub(super) fn has_figures(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<bool, Fault> {
    let select = "SELECT application_id FROM application WHERE member_id = ?1 LIMIT 1";
    let found = tx.row(select, params![member], |row| {
        row.i64("application_id").map(ApplicationId::from_number)
    })?;
    Ok(found.is_some())
}
