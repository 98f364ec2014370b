//! The rows of collections.

use kernel::id::{CollectionContactId, LoanId, MemberId, OperatorId, PersonId};
use kernel::{Channel, Date};
use store::{Fault, Row, Vault, params};

use super::guard::Used;
use super::stops::{Stop, StopKind};
use super::worklist::Listed;
use super::{Breach, Contact, Due, Filter, Holder, Outcome, Progress, Promise, Way};
use crate::customers::Line;
use crate::servicing::Loan;
use crate::{Page, Tx};

const NOTE: &str = "collection_contact.note";
const REASON: &str = "contact_stop.reason";

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn channel(row: &Row<'_>) -> Result<Channel, Fault> {
    Channel::parse(&row.text("channel")?).ok_or_else(|| corrupt("channel"))
}

fn read_promise(row: &Row<'_>) -> Result<Option<Promise>, Fault> {
    let Some(by) = row.opt_day("promise_day")? else { return Ok(None) };
    Ok(Some(Promise { amount: row.money("promise_fen")?, by }))
}

fn read_progress(row: &Row<'_>) -> Result<Progress, Fault> {
    Ok(Progress {
        holder: row.opt_i64("operator_id")?.map(OperatorId::from_number),
        taken_at: row.opt_instant("taken_at")?,
        last_contact_at: row.opt_instant("last_contact_at")?,
        next_action: row.opt_day("next_action_day")?,
        promise: read_promise(row)?.zip(row.opt_instant("promised_at")?),
    })
}

/// What is known of a late loan; `None` where nobody has done anything about it.
pub(super) fn progress(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Option<Progress>, Fault> {
    let select = "SELECT operator_id, taken_at, last_contact_at, next_action_day, promised_at,
            promise_day, promise_fen FROM collection_case WHERE loan_id = ?1";
    tx.row(select, params![loan], read_progress)
}

/// Writes who works on a loan.
pub(super) fn keep_holder(
    tx: &mut Tx<'_, '_>,
    loan: LoanId,
    progress: &Progress,
) -> Result<(), Fault> {
    let insert = "INSERT INTO collection_case (loan_id, operator_id, taken_at)
        VALUES (?1, ?2, ?3) ON CONFLICT (loan_id) DO UPDATE
        SET operator_id = excluded.operator_id, taken_at = excluded.taken_at";
    tx.execute(insert, params![loan, progress.holder, progress.taken_at]).map(|_| ())
}

/// Writes what the newest contact came to; somebody has taken the loan, so that it has a row.
pub(super) fn keep_contact(
    tx: &mut Tx<'_, '_>,
    contact: &Contact,
    progress: &Progress,
) -> Result<(), Fault> {
    let update = "UPDATE collection_case SET last_contact_at = ?2, last_outcome = ?3,
            next_action_day = ?4, promised_at = ?5, promise_day = ?6, promise_fen = ?7
        WHERE loan_id = ?1";
    let promise = progress.promise;
    let params = params![
        contact.loan,
        progress.last_contact_at,
        contact.outcome.word(),
        progress.next_action,
        promise.map(|(_, at)| at),
        promise.map(|(promise, _)| promise.by),
        promise.map(|(promise, _)| promise.amount),
    ];
    tx.execute(update, params).map(|_| ())
}

/// The channel that a loan's product is of.
pub(super) fn channel_of(tx: &mut Tx<'_, '_>, loan: LoanId) -> Result<Channel, Fault> {
    let select = "SELECT p.channel FROM loan l JOIN product p ON p.product_id = l.product_id
        WHERE l.loan_id = ?1";
    tx.row(select, params![loan], channel)?.ok_or_else(|| corrupt("channel"))
}

/// Locks a person until the commit.
pub(super) fn lock_person(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<(), Fault> {
    let lock = "SELECT person_id FROM person WHERE person_id = ?1 FOR UPDATE";
    tx.rows(lock, params![person], |_| Ok(())).map(|_| ())
}

/// What a person has been contacted with on a business day.
pub(super) fn used(tx: &mut Tx<'_, '_>, person: PersonId, on: Date) -> Result<Used, Fault> {
    let (from, until) = (on.start(), on.start().plus_days(1));
    let select = "SELECT COUNT(*) AS n FROM collection_call
        WHERE person_id = ?1 AND opened_at >= ?2 AND opened_at < ?3";
    let opened = tx.row(select, params![person, from, until], |row| row.i64("n"))?.unwrap_or(0);
    let select = "SELECT way, COUNT(*) AS n FROM collection_contact
        WHERE person_id = ?1 AND happened_at >= ?2 AND happened_at < ?3
            AND way IN ('call', 'sms', 'visit') GROUP BY way";
    let mut used = Used { opened, ..Used::default() };
    let counts =
        tx.rows(select, params![person, from, until], |row| Ok((row.text("way")?, row.i64("n")?)))?;
    for (way, count) in counts {
        match way.as_str() {
            "call" => used.calls = count,
            _ => used.others = used.others.saturating_add(count),
        }
    }
    Ok(used)
}

/// Notes that a number was shown.
pub(super) fn insert_call(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
    operator: OperatorId,
) -> Result<(), Fault> {
    let insert = "INSERT INTO collection_call (call_id, loan_id, person_id, operator_id, opened_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let id = tx.ids.take(tx.at.wall, 1);
    let params = params![id, loan.id, loan.person, operator, tx.at.business];
    tx.execute(insert, params).map(|_| ())
}

pub(super) fn insert_contact(
    tx: &mut Tx<'_, '_>,
    loan: &Loan,
    contact: &Contact,
) -> Result<(), Fault> {
    let insert = "INSERT INTO collection_contact (contact_id, loan_id, member_id, person_id,
            operator_id, way, outcome, promise_day, promise_fen, note_sealed, follow_up_day,
            breach, happened_at, logged_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let seal = |note: &Line| tx.vault.seal(NOTE, contact.id.number(), note.expose());
    let note = contact.note.as_ref().map(seal).transpose()?;
    let promise = contact.outcome.promise();
    let params = params![
        contact.id,
        loan.id,
        loan.member,
        loan.person,
        contact.operator,
        contact.way.word(),
        contact.outcome.word(),
        promise.map(|promise| promise.by),
        promise.map(|promise| promise.amount),
        note.as_ref(),
        contact.follow_up,
        contact.breach.map(Breach::word),
        contact.happened_at,
        contact.logged_at,
    ];
    tx.execute(insert, params).map(|_| ())
}

/// A query for contacts; all of them read the same columns.
macro_rules! select_contacts {
    ($which:literal) => {
        concat!(
            "SELECT contact_id, loan_id, member_id, operator_id, way, outcome, promise_day, ",
            "promise_fen, note_sealed, follow_up_day, breach, happened_at, logged_at ",
            "FROM collection_contact ",
            $which
        )
    };
}

fn read_contact(vault: &Vault, row: &Row<'_>) -> Result<Contact, Fault> {
    let id = row.i64("contact_id")?;
    let open =
        |sealed: Vec<u8>| Line::parse(&vault.open(NOTE, id, &sealed)?).ok_or(Fault::Sealed(NOTE));
    let breach = row.opt_text("breach")?;
    let breach = breach.map(|word| Breach::parse(&word).ok_or_else(|| corrupt("breach")));
    let outcome = Outcome::parse(&row.text("outcome")?, read_promise(row)?);
    Ok(Contact {
        id: CollectionContactId::from_number(id),
        loan: LoanId::from_number(row.i64("loan_id")?),
        member: MemberId::from_number(row.i64("member_id")?),
        operator: OperatorId::from_number(row.i64("operator_id")?),
        way: Way::parse(&row.text("way")?).ok_or_else(|| corrupt("way"))?,
        outcome: outcome.ok_or_else(|| corrupt("outcome"))?,
        kept: None,
        note: row.opt_blob("note_sealed")?.map(open).transpose()?,
        follow_up: row.opt_day("follow_up_day")?,
        breach: breach.transpose()?,
        happened_at: row.instant("happened_at")?,
        logged_at: row.instant("logged_at")?,
    })
}

pub(super) fn contacts_of_loan(
    tx: &mut Tx<'_, '_>,
    loan: LoanId,
    page: Page,
) -> Result<Vec<Contact>, Fault> {
    let select = select_contacts!(
        "WHERE loan_id = ?1 ORDER BY happened_at DESC, contact_id DESC LIMIT ?2 OFFSET ?3"
    );
    let vault = tx.vault;
    tx.rows(select, params![loan, page.size(), page.offset()], |row| read_contact(vault, row))
}

pub(super) fn contacts_of_member(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<Vec<Contact>, Fault> {
    let select = select_contacts!(
        "WHERE member_id = ?1 ORDER BY happened_at DESC, contact_id DESC LIMIT ?2 OFFSET ?3"
    );
    let vault = tx.vault;
    tx.rows(select, params![member, page.size(), page.offset()], |row| read_contact(vault, row))
}

pub(super) fn breaches(tx: &mut Tx<'_, '_>, page: Page) -> Result<Vec<Contact>, Fault> {
    let select =
        select_contacts!("WHERE breach IS NOT NULL ORDER BY contact_id DESC LIMIT ?1 OFFSET ?2");
    let vault = tx.vault;
    tx.rows(select, params![page.size(), page.offset()], |row| read_contact(vault, row))
}

pub(super) fn stop(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Option<Stop>, Fault> {
    let select = "SELECT kind, reason_sealed, until_day, operator_id, set_at FROM contact_stop
        WHERE person_id = ?1";
    let vault = tx.vault;
    tx.row(select, params![person], |row| {
        let reason = vault.open(REASON, person.number(), &row.blob("reason_sealed")?)?;
        Ok(Stop {
            kind: StopKind::parse(&row.text("kind")?).ok_or_else(|| corrupt("kind"))?,
            reason: Line::parse(&reason).ok_or(Fault::Sealed(REASON))?,
            until: row.opt_day("until_day")?,
            operator: OperatorId::from_number(row.i64("operator_id")?),
            set_at: row.instant("set_at")?,
        })
    })
}

pub(super) fn set_stop(tx: &mut Tx<'_, '_>, person: PersonId, stop: &Stop) -> Result<(), Fault> {
    let insert = "INSERT INTO contact_stop (person_id, kind, reason_sealed, until_day, operator_id,
            set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (person_id) DO UPDATE SET kind = excluded.kind,
            reason_sealed = excluded.reason_sealed, until_day = excluded.until_day,
            operator_id = excluded.operator_id, set_at = excluded.set_at";
    let reason = tx.vault.seal(REASON, person.number(), stop.reason.expose())?;
    let params = params![person, stop.kind.word(), &reason, stop.until, stop.operator, stop.set_at];
    tx.execute(insert, params).map(|_| ())
}

pub(super) fn lift_stop(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<bool, Fault> {
    let delete = "DELETE FROM contact_stop WHERE person_id = ?1";
    Ok(tx.execute(delete, params![person])? == 1)
}

/// Late loans in the order of the work list.
///
/// The number of late loans bounds what is sorted: they come from the index over them.
pub(super) fn work_list(
    tx: &mut Tx<'_, '_>,
    (filter, (from, until)): (Filter, (i64, i64)),
    page: Page,
) -> Result<Vec<Listed>, Fault> {
    let select = "SELECT l.loan_id, p.channel, c.operator_id, c.taken_at, c.last_contact_at,
            c.last_outcome, c.next_action_day, c.promised_at, c.promise_day, c.promise_fen,
            CASE WHEN s.person_id IS NULL THEN 0 ELSE 1 END AS stopped
        FROM loan l
        JOIN product p ON p.product_id = l.product_id
        LEFT JOIN collection_case c ON c.loan_id = l.loan_id
        LEFT JOIN contact_stop s ON s.person_id = l.person_id
            AND (s.until_day IS NULL OR s.until_day >= ?1)
        WHERE l.overdue_since_day IS NOT NULL AND l.state = 'repaying'
            AND l.overdue_since_day >= ?2 AND l.overdue_since_day <= ?3
            AND (?4 = '' OR p.channel = ?4)
            AND (?5 <> 'nobody' OR c.operator_id IS NULL)
            AND (?5 <> 'one' OR c.operator_id = ?6)
            AND (?7 <> 'promise' OR c.promise_day <= ?1)
            AND (?7 <> 'action' OR c.next_action_day <= ?1)
            AND (?7 <> 'no_contact' OR c.last_contact_at IS NULL)
        ORDER BY CASE WHEN s.person_id IS NOT NULL THEN 3
                WHEN c.next_action_day <= ?1 THEN 0
                WHEN c.last_contact_at IS NULL THEN 1 ELSE 2 END,
            l.overdue_since_day, l.loan_id
        LIMIT ?8 OFFSET ?9";
    let (holder, operator) = match filter.holder {
        Holder::Any => ("", 0),
        Holder::Nobody => ("nobody", 0),
        Holder::Of(operator) => ("one", operator.number()),
    };
    let due = match filter.due {
        None => "",
        Some(Due::Promise) => "promise",
        Some(Due::Action) => "action",
        Some(Due::NoContact) => "no_contact",
    };
    let params = params![
        tx.at.business.date(),
        from,
        until,
        filter.channel.map_or("", Channel::word),
        holder,
        operator,
        due,
        page.size(),
        page.offset(),
    ];
    tx.rows(select, params, |row| {
        Ok(Listed {
            loan: LoanId::from_number(row.i64("loan_id")?),
            channel: channel(row)?,
            progress: read_progress(row)?,
            last_outcome: row.opt_text("last_outcome")?,
            is_stopped: row.i64("stopped")? != 0,
        })
    })
}
