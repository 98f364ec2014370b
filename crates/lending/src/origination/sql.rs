//! The rows of applications and of what was decided about them.

use kernel::id::{ApplicationId, DocumentId, LoanId, MemberId, OperatorId, PersonId, ProductId};
use kernel::{Channel, Instant, Money, Rate};
use store::{Fault, Row, params};

use super::deciding::{Review, Verdict};
use super::disclosing::Figures;
use super::quoting::Quote;
use super::submitting::Submit;
use super::{Application, Approved, Decision, DrawdownState, Drawn, Order, State, numbers};
use crate::catalog::{Request, Word as _};
use crate::credit;
use crate::customers::Facts;
use crate::words::{small, word};
use crate::{Page, Tx};

const SERIES: &str = "application";
/// Where the place is sealed in which a customer applied.
const PLACE: &str = "application.place";

/// A query for applications; all of them read the same columns.
macro_rules! select_applications {
    ($($which:literal),+) => {
        concat!(
            "SELECT a.application_id, a.code, a.member_id, a.person_id, a.product_id, a.version, ",
            "a.amount_fen, a.tenor, a.tenor_unit, a.interval_count, a.interval_unit, a.method, ",
            "a.rate_ppm, a.purpose, a.other_debts, a.state, a.steps_passed, ",
            "a.approved_amount_fen, a.approved_tenor, a.refusal, a.applied_at, a.decided_at, ",
            "a.lapses_at, a.tenors, a.held_at, (SELECT l.loan_id FROM loan l WHERE l.application_id = a.application_id) ",
            "AS loan_id, d.amount_fen AS drawn_fen, d.tenor AS drawn_tenor, ",
            "d.state AS drawn_state FROM application a LEFT JOIN drawdown d ",
            "ON d.application_id = a.application_id AND d.state IN ('reviewing', 'approved') ",
            $($which),+
        )
    };
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn read(row: &Row<'_>) -> Result<Application, Fault> {
    let approved = row.opt_i64("approved_amount_fen")?.zip(row.opt_i64("approved_tenor")?);
    let approved = approved.map(|(amount, tenor)| {
        let approved = Money::from_fen(amount).zip(u32::try_from(tenor).ok());
        approved.map(|(amount, tenor)| Approved { amount, tenor }).ok_or(corrupt("approved"))
    });
    let drawn = row.opt_i64("drawn_fen")?.zip(row.opt_i64("drawn_tenor")?);
    let drawn = drawn.zip(row.opt_text("drawn_state")?).map(|((amount, tenor), state)| {
        let terms = Money::from_fen(amount).zip(u32::try_from(tenor).ok());
        let drawn = terms.zip(DrawdownState::parse(&state)).map(|((amount, tenor), state)| {
            let terms = Approved { amount, tenor };
            Drawn { terms, state }
        });
        drawn.ok_or(corrupt("drawdown"))
    });
    Ok(Application {
        id: ApplicationId::from_number(row.i64("application_id")?),
        code: row.text("code")?,
        member: MemberId::from_number(row.i64("member_id")?),
        person: PersonId::from_number(row.i64("person_id")?),
        product: ProductId::from_number(row.i64("product_id")?),
        version: small(row, "version")?,
        request: Request {
            amount: row.money("amount_fen")?,
            rate: Rate::from_ppm(small(row, "rate_ppm")?).ok_or(corrupt("rate_ppm"))?,
            tenor: small(row, "tenor")?,
            tenor_unit: word(row, "tenor_unit")?,
            interval_count: small(row, "interval_count")?,
            interval_unit: word(row, "interval_unit")?,
            method: word(row, "method")?,
        },
        purpose: row.text("purpose")?,
        other_debts: row.text("other_debts")?,
        state: State::parse(&row.text("state")?).ok_or(corrupt("state"))?,
        steps_passed: small(row, "steps_passed")?,
        approved: approved.transpose()?,
        drawn: drawn.transpose()?,
        refusal: row.opt_text("refusal")?,
        applied_at: row.instant("applied_at")?,
        decided_at: row.opt_instant("decided_at")?,
        lapses_at: row.opt_instant("lapses_at")?,
        tenors: tenors(row)?,
        held_at: row.opt_instant("held_at")?,
        loan: row.opt_i64("loan_id")?.map(LoanId::from_number),
    })
}

/// Months with commas between them.
fn tenors(row: &Row<'_>) -> Result<Option<Vec<u32>>, Fault> {
    let Some(text) = row.opt_text("tenors")? else { return Ok(None) };
    let months: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
    months.map(Some).map_err(|_| corrupt("tenors"))
}

/// Keeps the tenors that were approved.
pub(super) fn set_tenors(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
    tenors: &[u32],
) -> Result<(), Fault> {
    let text: Vec<_> = tenors.iter().map(u32::to_string).collect();
    let update = "UPDATE application SET tenors = ?2 WHERE application_id = ?1";
    tx.execute(update, params![id, &text.join(",")]).map(|_| ())
}

pub(super) fn hold(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<(), Fault> {
    let update = "UPDATE application SET held_at = ?2 WHERE application_id = ?1";
    tx.execute(update, params![id, tx.at.business]).map(|_| ())
}

pub(super) fn release(tx: &mut Tx<'_, '_>, id: ApplicationId) -> Result<(), Fault> {
    let update = "UPDATE application SET held_at = NULL WHERE application_id = ?1";
    tx.execute(update, params![id]).map(|_| ())
}

pub(super) fn application(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
) -> Result<Option<Application>, Fault> {
    tx.row(select_applications!("WHERE a.application_id = ?1"), params![id], read)
}

pub(super) fn application_by_code(
    tx: &mut Tx<'_, '_>,
    code: &str,
) -> Result<Option<Application>, Fault> {
    tx.row(select_applications!("WHERE a.code = ?1"), params![code], read)
}

/// The application, locked against other calls until this one is committed.
pub(crate) fn lock_application(
    tx: &mut Tx<'_, '_>,
    id: ApplicationId,
) -> Result<Option<Application>, Fault> {
    let lock = "SELECT application_id FROM application WHERE application_id = ?1 FOR UPDATE";
    tx.rows(lock, params![id], |_| Ok(()))?;
    application(tx, id)
}

/// Makes other calls about a customer wait that lock them too, until this one is committed.
pub(super) fn lock_member(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    let lock = "SELECT member_id FROM member WHERE member_id = ?1 FOR UPDATE";
    tx.rows(lock, params![member], |_| Ok(())).map(|_| ())
}

pub(super) fn applications_of(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    page: Page,
) -> Result<(Vec<Application>, i64), Fault> {
    let count = "SELECT COUNT(*) AS n FROM application WHERE member_id = ?1";
    let total = tx.row(count, params![member], |row| row.i64("n"))?.unwrap_or(0);
    let select = select_applications!(
        "WHERE a.member_id = ?1 ORDER BY a.application_id DESC LIMIT ?2 OFFSET ?3"
    );
    Ok((tx.rows(select, params![member, page.size(), page.offset()], read)?, total))
}

macro_rules! listed_applications {
    ($order:literal) => {
        select_applications!(
            "JOIN product p ON p.product_id = a.product_id \
             WHERE a.state = ?1 AND (CAST(?2 AS TEXT) IS NULL OR p.channel = ?2) ORDER BY ",
            $order,
            " LIMIT ?3 OFFSET ?4"
        )
    };
}

pub(super) fn applications_in_order(
    tx: &mut Tx<'_, '_>,
    (state, channel): (State, Option<Channel>),
    order: Order,
    page: Page,
) -> Result<Vec<Application>, Fault> {
    let select = match order {
        Order::Oldest => listed_applications!("a.application_id"),
        Order::Newest => listed_applications!("a.application_id DESC"),
        Order::Largest => listed_applications!("a.amount_fen DESC, a.application_id"),
    };
    let channel = channel.map(Channel::word);
    tx.rows(select, params![state.word(), channel, page.size(), page.offset()], read)
}

/// Inserts an application that waits for review; `None` if there is an open one of the customer
/// for the same product.
pub(super) fn insert_application(
    tx: &mut Tx<'_, '_>,
    command: &Submit,
    facts: &Facts,
    quote: &Quote,
) -> Result<Option<Application>, Fault> {
    let id = ApplicationId::from_number(tx.store.next_number(SERIES)?);
    let code = numbers::application(command.channel, id, tx.at.business);
    let sealed = match command.place.as_str() {
        "" => None,
        place => Some(tx.vault.seal(PLACE, id.number(), place)?),
    };
    let insert = "INSERT INTO application (application_id, code, member_id, person_id, product_id,
            version, amount_fen, tenor, tenor_unit, interval_count, interval_unit, method,
            rate_ppm, purpose, other_debts, report_order, place_sealed, state, steps_passed,
            applied_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
            'reviewing', 0, ?18) ON CONFLICT DO NOTHING";
    let request = &command.request;
    let inserted = tx.execute(
        insert,
        params![
            id,
            &code,
            command.member,
            facts.person,
            command.product,
            quote.product.number,
            request.amount,
            request.tenor,
            request.tenor_unit.word(),
            request.interval_count,
            request.interval_unit.word(),
            request.method.word(),
            request.rate.ppm(),
            &command.purpose,
            &command.other_debts,
            &command.report_order,
            sealed.as_ref(),
            tx.at.business
        ],
    )?;
    if inserted == 0 { Ok(None) } else { application(tx, id) }
}

fn keep(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    decision: (u32, &str, Option<&str>, &str, Option<OperatorId>),
) -> Result<(), Fault> {
    let (step, verdict, rule, reason, operator) = decision;
    let id = tx.ids.take(tx.at.wall, 1);
    let insert = "INSERT INTO application_decision (decision_id, application_id, step, verdict,
            rule, reason, operator_id, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let at = tx.at.business;
    tx.execute(insert, params![id, application, step, verdict, rule, reason, operator, at])
        .map(|_| ())
}

pub(super) fn keep_rule_verdict(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    verdict: &credit::Verdict,
) -> Result<(), Fault> {
    let word = verdict.decision.word();
    keep(tx, application, (0, word, Some(&verdict.rule), &verdict.reason, None))
}

pub(super) fn keep_review(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    review: &Review,
) -> Result<(), Fault> {
    let verdict = match review.verdict {
        Verdict::Approve(_) => "pass",
        Verdict::Refuse(_) => "refuse",
    };
    let step = application.steps_passed.saturating_add(1);
    keep(tx, application.id, (step, verdict, None, &review.note, Some(review.operator)))
}

/// Keeps what the funding partner has decided, as a step of review that no operator took.
pub(super) fn keep_partner_verdict(
    tx: &mut Tx<'_, '_>,
    application: &Application,
    verdict: &Verdict,
) -> Result<(), Fault> {
    let (verdict, reason) = match verdict {
        Verdict::Approve(_) => ("pass", ""),
        Verdict::Refuse(reason) => ("refuse", reason.as_str()),
    };
    let step = application.steps_passed.saturating_add(1);
    keep(tx, application.id, (step, verdict, Some("funding_partner"), reason, None))
}

pub(super) fn has_decided(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    operator: OperatorId,
) -> Result<bool, Fault> {
    let select = "SELECT COUNT(*) AS n FROM application_decision
        WHERE application_id = ?1 AND operator_id = ?2";
    Ok(tx.row(select, params![application, operator], |row| row.i64("n"))? != Some(0))
}

pub(super) fn decisions(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Vec<Decision>, Fault> {
    let select = "SELECT step, verdict, rule, reason, operator_id, decided_at
        FROM application_decision WHERE application_id = ?1 ORDER BY decision_id";
    tx.rows(select, params![application], |row| {
        Ok(Decision {
            step: small(row, "step")?,
            verdict: row.text("verdict")?,
            rule: row.opt_text("rule")?,
            reason: row.text("reason")?,
            operator: row.opt_i64("operator_id")?.map(OperatorId::from_number),
            at: row.instant("decided_at")?,
        })
    })
}

pub(super) fn refuse(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    reason: &str,
) -> Result<(), Fault> {
    let update = "UPDATE application SET state = 'refused', refusal = ?2, decided_at = ?3
        WHERE application_id = ?1 AND state = 'reviewing'";
    tx.execute(update, params![application, reason, tx.at.business]).map(|_| ())
}

pub(super) fn pass_step(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    approved: Approved,
) -> Result<(), Fault> {
    let update = "UPDATE application SET steps_passed = steps_passed + 1,
        approved_amount_fen = ?2, approved_tenor = ?3
        WHERE application_id = ?1 AND state = 'reviewing'";
    tx.execute(update, params![application, approved.amount, approved.tenor]).map(|_| ())
}

pub(super) fn approve(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    approved: Approved,
    lapses: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE application SET state = 'approved', approved_amount_fen = ?2,
        approved_tenor = ?3, decided_at = ?4, lapses_at = ?5
        WHERE application_id = ?1 AND state = 'reviewing'";
    let at = tx.at.business;
    tx.execute(update, params![application, approved.amount, approved.tenor, at, lapses])
        .map(|_| ())
}

pub(super) fn close(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    state: State,
) -> Result<(), Fault> {
    let update = "UPDATE application SET state = ?2 WHERE application_id = ?1";
    tx.execute(update, params![application, state.word()]).map(|_| ())
}

/// Notes that a loan is made of it.
pub(crate) fn lend(tx: &mut Tx<'_, '_>, application: ApplicationId) -> Result<(), Fault> {
    close(tx, application, State::Lent)
}

pub(super) fn past_approval(tx: &mut Tx<'_, '_>, most: u32) -> Result<Vec<ApplicationId>, Fault> {
    // What the funding partner may be paying out does not lapse.
    let select = "SELECT a.application_id FROM application a
        WHERE a.state = 'approved' AND a.lapses_at <= ?1 AND NOT EXISTS (
            SELECT f.funding_order_id FROM funding_order f
            WHERE f.application_id = a.application_id AND f.kind = 'withdraw'
                AND f.state IN ('requested', 'sent', 'unknown', 'accepted') AND f.attempts > 0)
        ORDER BY a.application_id LIMIT ?2";
    tx.rows(select, params![tx.at.business, most], |row| {
        row.i64("application_id").map(ApplicationId::from_number)
    })
}

pub(super) fn insert_disclosure(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
    figures: &Figures,
) -> Result<(), Fault> {
    // The same text again is the same document, and tells the same.
    let insert = "INSERT INTO application_disclosure (document_id, application_id, amount_fen,
            tenor, received_fen, interest_fen, fee_fen, start_day)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (document_id) DO NOTHING";
    let Figures { document, amount, tenor, received, interest, fees, start } = *figures;
    tx.execute(
        insert,
        params![document, application, amount, tenor, received, interest, fees, start],
    )
    .map(|_| ())
}

pub(super) fn newest_disclosure(
    tx: &mut Tx<'_, '_>,
    application: ApplicationId,
) -> Result<Option<Figures>, Fault> {
    let select = "SELECT document_id, amount_fen, tenor, received_fen, interest_fen, fee_fen,
            start_day
        FROM application_disclosure WHERE application_id = ?1
        ORDER BY document_id DESC LIMIT 1";
    tx.row(select, params![application], |row| {
        Ok(Figures {
            document: DocumentId::from_number(row.i64("document_id")?),
            amount: row.money("amount_fen")?,
            tenor: small(row, "tenor")?,
            received: row.money("received_fen")?,
            interest: row.money("interest_fen")?,
            fees: row.money("fee_fen")?,
            start: row.day("start_day")?,
        })
    })
}
