//! The rows of leads.

use kernel::id::{ApplicationId, LeadId, MemberId, TransferId};
use kernel::{Instant, Money};
use store::{Fault, Row, Vault, params};

use super::submitting::Submit;
use super::{CustomerKind, Details, Event, EventKind, Funnel, Lead, LoanKind, State, Term};
use crate::customers::Line;
use crate::{Page, Tx};

const SERIES: &str = "lead";
const DETAILS: &str = "lead.details";
const NOTE: &str = "lead_event.note";

/// A query for leads; all of them read the same columns.
macro_rules! select_leads {
    ($which:literal) => {
        concat!(
            "SELECT lead_id, owner_id, state, amount_fen, customer_kind, loan_kind, term, fee_fen, ",
            "details_sealed, submitted_at, claimer_id, claimed_at, hold_transfer_id, closed_at, ",
            "customer_id, handed_over_at, application_id, applied_at, erased_at FROM lead ",
            $which
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn read_lead(row: &Row<'_>) -> Result<Lead, Fault> {
    let word = |column: &str| row.text(column);
    let state = State::parse(&word("state")?);
    let customer_kind = CustomerKind::parse(&word("customer_kind")?);
    let loan_kind = LoanKind::parse(&word("loan_kind")?);
    let term = Term::parse(&word("term")?);
    Ok(Lead {
        id: LeadId::from_number(row.i64("lead_id")?),
        owner: MemberId::from_number(row.i64("owner_id")?),
        state: state.ok_or_else(|| corrupt("lead.state"))?,
        amount: row.money("amount_fen")?,
        customer_kind: customer_kind.ok_or_else(|| corrupt("customer_kind"))?,
        loan_kind: loan_kind.ok_or_else(|| corrupt("loan_kind"))?,
        term: term.ok_or_else(|| corrupt("lead.term"))?,
        fee: row.money("fee_fen")?,
        submitted_at: row.instant("submitted_at")?,
        claimer: row.opt_i64("claimer_id")?.map(MemberId::from_number),
        claimed_at: row.opt_instant("claimed_at")?,
        closed_at: row.opt_instant("closed_at")?,
        customer: row.opt_i64("customer_id")?.map(MemberId::from_number),
        handed_over_at: row.opt_instant("handed_over_at")?,
        application: row.opt_i64("application_id")?.map(ApplicationId::from_number),
        applied_at: row.opt_instant("applied_at")?,
        erased_at: row.opt_instant("erased_at")?,
        hold: row.opt_i64("hold_transfer_id")?.map(TransferId::from_number),
    })
}

fn read_whole(vault: &Vault, row: &Row<'_>) -> Result<(Lead, Option<Details>), Fault> {
    let lead = read_lead(row)?;
    let Some(sealed) = row.opt_blob("details_sealed")? else { return Ok((lead, None)) };
    let text = vault.open(DETAILS, lead.id.number(), &sealed)?;
    let details = Details::from_text(&text).ok_or_else(|| corrupt("lead.details"))?;
    Ok((lead, Some(details)))
}

pub(super) fn next_lead(tx: &mut Tx<'_, '_>) -> Result<LeadId, Fault> {
    Ok(LeadId::from_number(tx.store.next_number(SERIES)?))
}

/// What finds the leads about one person.
pub(super) fn person_index(tx: &Tx<'_, '_>, details: &Details) -> Vec<u8> {
    tx.vault.blind_index("lead.id_no", details.id_no.expose())
}

pub(super) fn insert(
    tx: &mut Tx<'_, '_>,
    lead: &Lead,
    details: &Details,
    person: &[u8],
) -> Result<(), Fault> {
    let sealed = tx.vault.seal(DETAILS, lead.id.number(), &details.to_text())?;
    let insert = "INSERT INTO lead (lead_id, owner_id, state, amount_fen, customer_kind, loan_kind,
            term, fee_fen, id_no_index, details_sealed, submitted_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let values = params![
        lead.id,
        lead.owner,
        lead.state.word(),
        lead.amount,
        lead.customer_kind.word(),
        lead.loan_kind.word(),
        lead.term.word(),
        lead.fee,
        person,
        &sealed,
        lead.submitted_at,
    ];
    tx.execute(insert, values).map(|_| ())
}

/// Writes everything of a lead that changes; what it tells is erased apart.
pub(super) fn update(tx: &mut Tx<'_, '_>, lead: &Lead) -> Result<(), Fault> {
    let update = "UPDATE lead SET state = ?2, claimer_id = ?3, claimed_at = ?4,
            hold_transfer_id = ?5, closed_at = ?6, customer_id = ?7, handed_over_at = ?8,
            application_id = ?9, applied_at = ?10
        WHERE lead_id = ?1";
    let values = params![
        lead.id,
        lead.state.word(),
        lead.claimer,
        lead.claimed_at,
        lead.hold,
        lead.closed_at,
        lead.customer,
        lead.handed_over_at,
        lead.application,
        lead.applied_at,
    ];
    tx.execute(update, values).map(|_| ())
}

/// Erases everything personal of a lead.
pub(super) fn erase(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<(), Fault> {
    let update = "UPDATE lead SET details_sealed = NULL, id_no_index = NULL, erased_at = ?2
        WHERE lead_id = ?1";
    tx.execute(update, params![id, tx.at.business])?;
    let update = "UPDATE lead_event SET note_sealed = NULL WHERE lead_id = ?1";
    tx.execute(update, params![id]).map(|_| ())
}

/// The lead that the same officer has told since then, about the same person, of the same amount,
/// kind and term.
pub(super) fn twin(
    tx: &mut Tx<'_, '_>,
    command: &Submit,
    person: &[u8],
    since: Instant,
) -> Result<Option<LeadId>, Fault> {
    let select = "SELECT lead_id FROM lead WHERE id_no_index = ?1 AND owner_id = ?2
            AND amount_fen = ?3 AND customer_kind = ?4 AND loan_kind = ?5 AND term = ?6
            AND submitted_at > ?7
        ORDER BY lead_id LIMIT 1";
    let values = params![
        person,
        command.owner,
        command.amount,
        command.customer_kind.word(),
        command.loan_kind.word(),
        command.term.word(),
        since,
    ];
    tx.row(select, values, |row| Ok(LeadId::from_number(row.i64("lead_id")?)))
}

/// The lead, locked against other calls until this one is committed.
pub(super) fn lock(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Option<Lead>, Fault> {
    tx.row(select_leads!("WHERE lead_id = ?1 FOR UPDATE"), params![id], read_lead)
}

pub(super) fn lead(
    tx: &mut Tx<'_, '_>,
    id: LeadId,
) -> Result<Option<(Lead, Option<Details>)>, Fault> {
    let vault = tx.vault;
    tx.row(select_leads!("WHERE lead_id = ?1"), params![id], |row| read_whole(vault, row))
}

/// The newest lead by which a customer came and has not applied yet, locked.
pub(super) fn lock_handed_over(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<(Lead, Option<Details>)>, Fault> {
    let vault = tx.vault;
    let select = select_leads!(
        "WHERE customer_id = ?1 AND application_id IS NULL AND erased_at IS NULL
         ORDER BY handed_over_at DESC, lead_id DESC LIMIT 1 FOR UPDATE"
    );
    tx.row(select, params![member], |row| read_whole(vault, row))
}

type Part = (Vec<(Lead, Option<Details>)>, i64);

pub(super) fn open(tx: &mut Tx<'_, '_>, kind: Option<LoanKind>, page: Page) -> Result<Part, Fault> {
    let vault = tx.vault;
    let kind = kind.map_or("", LoanKind::word);
    let select = select_leads!(
        "WHERE state = 'open' AND (?1 = '' OR loan_kind = ?1)
         ORDER BY lead_id DESC LIMIT ?2 OFFSET ?3"
    );
    let values = params![kind, page.size(), page.offset()];
    let leads = tx.rows(select, values, |row| read_whole(vault, row))?;
    let count = "SELECT COUNT(*) AS n FROM lead
        WHERE state = 'open' AND (?1 = '' OR loan_kind = ?1)";
    let total = tx.row(count, params![kind], |row| row.i64("n"))?;
    Ok((leads, total.unwrap_or(0)))
}

pub(super) fn of_owner(tx: &mut Tx<'_, '_>, owner: MemberId, page: Page) -> Result<Part, Fault> {
    let vault = tx.vault;
    let select = select_leads!("WHERE owner_id = ?1 ORDER BY lead_id DESC LIMIT ?2 OFFSET ?3");
    let values = params![owner, page.size(), page.offset()];
    let leads = tx.rows(select, values, |row| read_whole(vault, row))?;
    let count = "SELECT COUNT(*) AS n FROM lead WHERE owner_id = ?1";
    let total = tx.row(count, params![owner], |row| row.i64("n"))?;
    Ok((leads, total.unwrap_or(0)))
}

pub(super) fn of_claimer(
    tx: &mut Tx<'_, '_>,
    claimer: MemberId,
    page: Page,
) -> Result<Part, Fault> {
    let vault = tx.vault;
    let select = select_leads!("WHERE claimer_id = ?1 ORDER BY lead_id DESC LIMIT ?2 OFFSET ?3");
    let values = params![claimer, page.size(), page.offset()];
    let leads = tx.rows(select, values, |row| read_whole(vault, row))?;
    let count = "SELECT COUNT(*) AS n FROM lead WHERE claimer_id = ?1";
    let total = tx.row(count, params![claimer], |row| row.i64("n"))?;
    Ok((leads, total.unwrap_or(0)))
}

pub(super) fn in_state(
    tx: &mut Tx<'_, '_>,
    state: Option<State>,
    page: Page,
) -> Result<Vec<(Lead, Option<Details>)>, Fault> {
    let vault = tx.vault;
    let state = state.map_or("", State::word);
    let select =
        select_leads!("WHERE (?1 = '' OR state = ?1) ORDER BY lead_id DESC LIMIT ?2 OFFSET ?3");
    let values = params![state, page.size(), page.offset()];
    tx.rows(select, values, |row| read_whole(vault, row))
}

/// Leads that an officer holds now.
pub(super) fn held_by(tx: &mut Tx<'_, '_>, officer: MemberId) -> Result<i64, Fault> {
    let count = "SELECT COUNT(*) AS n FROM lead
        WHERE claimer_id = ?1 AND state IN ('claimed', 'working')";
    Ok(tx.row(count, params![officer], |row| row.i64("n"))?.unwrap_or(0))
}

/// Leads about one person at most that [`others`] finds.
const OTHERS: i64 = 20;

pub(super) fn others(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Vec<LeadId>, Fault> {
    let select = "SELECT o.lead_id FROM lead l JOIN lead o ON o.id_no_index = l.id_no_index
        WHERE l.lead_id = ?1 AND o.lead_id <> ?1 ORDER BY o.lead_id DESC LIMIT ?2";
    tx.rows(select, params![id, OTHERS], |row| Ok(LeadId::from_number(row.i64("lead_id")?)))
}

pub(super) fn has_older(tx: &mut Tx<'_, '_>, before: Instant) -> Result<bool, Fault> {
    let select = "SELECT lead_id FROM lead WHERE submitted_at <= ?1 AND erased_at IS NULL
            AND application_id IS NULL LIMIT 1";
    Ok(tx.row(select, params![before], |row| row.i64("lead_id"))?.is_some())
}

/// Leads that were submitted by then and of which no application was made, locked.
pub(super) fn lock_older(
    tx: &mut Tx<'_, '_>,
    before: Instant,
    most: i64,
) -> Result<Vec<Lead>, Fault> {
    let select = select_leads!(
        "WHERE submitted_at <= ?1 AND erased_at IS NULL AND application_id IS NULL
         ORDER BY lead_id LIMIT ?2 FOR UPDATE"
    );
    tx.rows(select, params![before, most], read_lead)
}

pub(super) fn add_event(
    tx: &mut Tx<'_, '_>,
    lead: LeadId,
    kind: EventKind,
    officer: Option<MemberId>,
    note: Option<&Line>,
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let sealed = note.map(|note| tx.vault.seal(NOTE, id, note.expose())).transpose()?;
    let insert = "INSERT INTO lead_event (event_id, lead_id, kind, officer_id, note_sealed,
            happened_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![id, lead, kind.word(), officer, sealed.as_ref(), tx.at.business];
    tx.execute(insert, values).map(|_| ())
}

/// Events of a lead at most that are read.
const EVENTS: i64 = 200;

pub(super) fn events(tx: &mut Tx<'_, '_>, id: LeadId) -> Result<Vec<Event>, Fault> {
    let vault = tx.vault;
    let select = "SELECT event_id, kind, officer_id, note_sealed, happened_at FROM lead_event
        WHERE lead_id = ?1 ORDER BY event_id LIMIT ?2";
    tx.rows(select, params![id, EVENTS], |row| {
        let event = row.i64("event_id")?;
        let note = row.opt_blob("note_sealed")?;
        let note = note.map(|sealed| vault.open(NOTE, event, &sealed)).transpose()?;
        let kind = EventKind::parse(&row.text("kind")?);
        Ok(Event {
            kind: kind.ok_or_else(|| corrupt("lead_event.kind"))?,
            officer: row.opt_i64("officer_id")?.map(MemberId::from_number),
            note: note.as_deref().and_then(Line::parse),
            at: row.instant("happened_at")?,
        })
    })
}

pub(super) fn funnel(tx: &mut Tx<'_, '_>) -> Result<Funnel, Fault> {
    let select = "SELECT state, COUNT(*) AS n FROM lead GROUP BY state";
    let counted = tx.rows(select, params![], |row| {
        let state = State::parse(&row.text("state")?);
        Ok((state.ok_or_else(|| corrupt("lead.state"))?, row.i64("n")?))
    })?;
    let count = |state: State| counted.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
    let states: Vec<_> = State::ALL.iter().map(|state| (*state, count(*state))).collect();
    let select = "SELECT COUNT(*) AS n, COUNT(l.customer_id) AS handed_over,
            COUNT(l.application_id) AS applied, COUNT(o.loan_id) AS lent,
            COUNT(l.erased_at) AS erased,
            CAST(COALESCE(SUM(CASE WHEN l.state IN ('claimed', 'working') THEN l.fee_fen END), 0)
                AS BIGINT) AS held_fen,
            CAST(COALESCE(SUM(CASE WHEN l.state = 'won' THEN l.fee_fen END), 0) AS BIGINT)
                AS paid_fen
        FROM lead l LEFT JOIN loan o ON o.application_id = l.application_id";
    let funnel = tx.row(select, params![], |row| {
        Ok(Funnel {
            states: states.clone(),
            submitted: row.i64("n")?,
            handed_over: row.i64("handed_over")?,
            applied: row.i64("applied")?,
            lent: row.i64("lent")?,
            erased: row.i64("erased")?,
            fees_held: sum(row, "held_fen")?,
            fees_paid: sum(row, "paid_fen")?,
        })
    })?;
    funnel.ok_or_else(|| corrupt("lead"))
}

fn sum(row: &Row<'_>, column: &str) -> Result<Money, Fault> {
    Money::from_fen(row.i64(column)?).ok_or_else(|| corrupt(column))
}

pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    for delete in ["DELETE FROM lead_event", "DELETE FROM lead"] {
        tx.execute(delete, params![])?;
    }
    tx.store.set_number(SERIES, 0)
}
