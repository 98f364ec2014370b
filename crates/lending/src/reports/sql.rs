//! The rows of tasks at data providers and of the reports that they bring.

use kernel::id::{MemberId, ReportTaskId};
use kernel::{Channel, Date, Instant, Secret};
use store::{Fault, Row, Vault, params};

use super::Task;
use super::rules::{Ask, TaskState};
use crate::ports::{DataKind, DataReport, Facts};
use crate::{Tx, customers};

const MESSAGE: &str = "report_task.message";
const IMAGE: &str = "report_task.image";
const LOGIN: &str = "report_task.login";
const INPUT: &str = "report_task.input";
const HANDLE: &str = "report_task.handle";
const BODY: &str = "provider_report.body";
const AREA: &str = "provider_report.contact_area";

/// A query for tasks; all of them read the same columns.
macro_rules! select_tasks {
    ($which:literal) => {
        concat!(
            "SELECT task_id, member_id, kind, token, state, step, code, message_sealed, ",
            "image_sealed, handle_sealed, claims, failures, leased, begun_at, deadline_at, ",
            "finished_at FROM report_task WHERE ",
            $which
        )
    };
}

/// A task with what its customer does not see.
pub(super) struct Held {
    pub(super) task: Task,
    pub(super) ask: Ask,
    pub(super) handle: Option<String>,
    pub(super) claims: i64,
    pub(super) failures: u32,
    pub(super) leased: bool,
    pub(super) deadline_at: Instant,
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn kind(row: &Row<'_>) -> Result<DataKind, Fault> {
    DataKind::parse(&row.text("kind")?).ok_or_else(|| corrupt("kind"))
}

fn read(vault: &Vault, row: &Row<'_>) -> Result<Held, Fault> {
    let id = row.i64("task_id")?;
    let open = |column: &'static str, name: &str| {
        row.opt_blob(name)?.map(|sealed| vault.open(column, id, &sealed)).transpose()
    };
    let (state, step) = (row.text("state")?, row.text("step")?);
    let state = TaskState::ALL.iter().copied().find(|known| known.word() == state);
    let ask = Ask::ALL.iter().copied().find(|known| known.word() == step);
    Ok(Held {
        task: Task {
            id: ReportTaskId::from_number(id),
            member: MemberId::from_number(row.i64("member_id")?),
            kind: kind(row)?,
            token: row.text("token")?,
            state: state.ok_or_else(|| corrupt("state"))?,
            code: row.text("code")?,
            message: open(MESSAGE, "message_sealed")?.unwrap_or_default(),
            image: open(IMAGE, "image_sealed")?,
            begun_at: row.instant("begun_at")?,
            finished_at: row.opt_instant("finished_at")?,
        },
        ask: ask.ok_or_else(|| corrupt("step"))?,
        handle: open(HANDLE, "handle_sealed")?,
        claims: row.i64("claims")?,
        failures: crate::words::small(row, "failures")?,
        leased: row.i64("leased")? == 1,
        deadline_at: row.instant("deadline_at")?,
    })
}

/// `None` if the customer's real name is not verified.
pub(super) fn identity(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<customers::Identity>, Fault> {
    Ok(customers::customer(tx, member)?.and_then(|customer| customer.identity))
}

/// Writes a task down. `given` is the login and the deadline.
pub(super) fn insert(
    tx: &mut Tx<'_, '_>,
    task: &Task,
    channel: Channel,
    given: (&Secret, Instant),
) -> Result<(), Fault> {
    let login = tx.vault.seal(LOGIN, task.id.number(), given.0.expose())?;
    let insert = "INSERT INTO report_task (task_id, member_id, channel, kind, token, state, step,
            code, login_sealed, claims, failures, leased, next_at, begun_at, deadline_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'start', '', ?7, 0, 0, 0, ?8, ?8, ?9)";
    let params = params![
        task.id,
        task.member,
        channel.word(),
        task.kind.word(),
        &task.token,
        task.state.word(),
        &login,
        task.begun_at,
        given.1
    ];
    tx.execute(insert, params).map(|_| ())
}

pub(super) fn has_succeeded_on(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
    day: Date,
) -> Result<bool, Fault> {
    let select = "SELECT task_id FROM report_task
        WHERE member_id = ?1 AND kind = ?2 AND finished_day = ?3 AND state = 'succeeded' LIMIT 1";
    let found = tx.row(select, params![member, kind.word(), day], |row| row.i64("task_id"))?;
    Ok(found.is_some())
}

pub(super) fn begun_since(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
    since: Instant,
) -> Result<i64, Fault> {
    let select = "SELECT COUNT(*) AS n FROM report_task
        WHERE member_id = ?1 AND kind = ?2 AND begun_at > ?3";
    let count = tx.row(select, params![member, kind.word(), since], |row| row.i64("n"))?;
    Ok(count.unwrap_or(0))
}

pub(super) fn open_task(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
) -> Result<Option<Task>, Fault> {
    let vault = tx.vault;
    let select = select_tasks!("member_id = ?1 AND kind = ?2 AND step <> 'none'");
    let held = tx.row(select, params![member, kind.word()], |row| read(vault, row))?;
    Ok(held.map(|held| held.task))
}

pub(super) fn latest(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
) -> Result<Option<Task>, Fault> {
    let vault = tx.vault;
    let select =
        select_tasks!("member_id = ?1 AND kind = ?2 ORDER BY begun_at DESC, task_id DESC LIMIT 1");
    let held = tx.row(select, params![member, kind.word()], |row| read(vault, row))?;
    Ok(held.map(|held| held.task))
}

pub(super) fn by_token(tx: &mut Tx<'_, '_>, token: &str) -> Result<Option<Task>, Fault> {
    let vault = tx.vault;
    let held = tx.row(select_tasks!("token = ?1"), params![token], |row| read(vault, row))?;
    Ok(held.map(|held| held.task))
}

/// Locks a task until the commit.
pub(super) fn lock(tx: &mut Tx<'_, '_>, id: ReportTaskId) -> Result<Option<Held>, Fault> {
    let vault = tx.vault;
    tx.row(select_tasks!("task_id = ?1 FOR UPDATE"), params![id], |row| read(vault, row))
}

pub(super) fn has_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    let select = "SELECT task_id FROM report_task WHERE step <> 'none' AND next_at <= ?1 LIMIT 1";
    Ok(tx.row(select, params![tx.at.wall], |row| row.i64("task_id"))?.is_some())
}

/// Locks tasks that are due, the oldest first. Of two nodes that want one, the later finds that it
/// is not due any more.
pub(super) fn lock_due(tx: &mut Tx<'_, '_>, limit: u32) -> Result<Vec<Held>, Fault> {
    let vault = tx.vault;
    let select = select_tasks!(
        "step <> 'none' AND next_at <= ?1 ORDER BY next_at, task_id LIMIT ?2 FOR UPDATE"
    );
    tx.rows(select, params![tx.at.wall, limit], |row| read(vault, row))
}

/// What the customer gave for a log-in, while it is needed.
pub(super) fn login(tx: &mut Tx<'_, '_>, id: ReportTaskId) -> Result<Option<Secret>, Fault> {
    let select = "SELECT login_sealed AS sealed FROM report_task WHERE task_id = ?1";
    opened(tx, id, select, LOGIN)
}

/// What the customer has entered, while it is needed.
pub(super) fn input(tx: &mut Tx<'_, '_>, id: ReportTaskId) -> Result<Option<Secret>, Fault> {
    let select = "SELECT input_sealed AS sealed FROM report_task WHERE task_id = ?1";
    opened(tx, id, select, INPUT)
}

fn opened(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
    select: &'static str,
    column: &'static str,
) -> Result<Option<Secret>, Fault> {
    let vault = tx.vault;
    let open = |sealed: Vec<u8>| vault.open(column, id.number(), &sealed).map(Secret::new);
    let found = tx.row(select, params![id], |row| row.opt_blob("sealed")?.map(open).transpose())?;
    Ok(found.flatten())
}

/// Claims a task's step until `until`.
pub(super) fn take(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
    serial: i64,
    until: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE report_task SET claims = ?2, leased = 1, next_at = ?3 WHERE task_id = ?1";
    tx.execute(update, params![id, serial, until]).map(|_| ())
}

/// Keeps what the customer has entered. A status that is being asked for meanwhile is an old one,
/// so its claim is given up.
pub(super) fn keep_input(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
    input: &Secret,
    deadline: Instant,
) -> Result<(), Fault> {
    let sealed = tx.vault.seal(INPUT, id.number(), input.expose())?;
    let update = "UPDATE report_task SET input_sealed = ?2, step = 'input', leased = 0,
            claims = claims + 1, failures = 0, next_at = ?3, deadline_at = ?4
        WHERE task_id = ?1";
    tx.execute(update, params![id, &sealed, tx.at.wall, deadline]).map(|_| ())
}

/// The same question again, at `next_at`.
pub(super) fn again(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
    failures: u32,
    next_at: Instant,
) -> Result<(), Fault> {
    let update = "UPDATE report_task SET failures = ?2, leased = 0, next_at = ?3
        WHERE task_id = ?1";
    tx.execute(update, params![id, failures, next_at]).map(|_| ())
}

/// How a task goes on.
pub(super) struct Moved<'m> {
    pub(super) state: TaskState,
    pub(super) ask: Ask,
    pub(super) code: &'m str,
    pub(super) message: &'m str,
    pub(super) image: Option<&'m str>,
    /// What the provider calls it, if that is new.
    pub(super) handle: Option<&'m str>,
    pub(super) deadline_at: Instant,
    pub(super) next_at: Instant,
}

/// Moves a task on. Whatever was given for the step before is wiped.
pub(super) fn go(tx: &mut Tx<'_, '_>, id: ReportTaskId, moved: &Moved<'_>) -> Result<(), Fault> {
    let (vault, row) = (tx.vault, id.number());
    let message = vault.seal(MESSAGE, row, moved.message)?;
    let image = moved.image.map(|image| vault.seal(IMAGE, row, image)).transpose()?;
    if let Some(handle) = moved.handle {
        let (sealed, index) = (vault.seal(HANDLE, row, handle)?, vault.blind_index(HANDLE, handle));
        let update = "UPDATE report_task SET handle_sealed = ?2, handle_index = ?3
            WHERE task_id = ?1";
        tx.execute(update, params![id, &sealed, &index])?;
    }
    let update = "UPDATE report_task SET state = ?2, step = ?3, code = ?4, message_sealed = ?5,
            image_sealed = ?6, login_sealed = NULL, input_sealed = NULL, failures = 0, leased = 0,
            deadline_at = ?7, next_at = ?8
        WHERE task_id = ?1";
    let params = params![
        id,
        moved.state.word(),
        moved.ask.word(),
        moved.code,
        &message,
        image.as_ref(),
        moved.deadline_at,
        moved.next_at
    ];
    tx.execute(update, params).map(|_| ())
}

/// Ends a task, with the last code and words. Everything secret of it is wiped.
pub(super) fn end(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
    state: TaskState,
    (code, message): (&str, &str),
) -> Result<(), Fault> {
    let message = tx.vault.seal(MESSAGE, id.number(), message)?;
    let update = "UPDATE report_task SET state = ?2, step = 'none', code = ?3, message_sealed = ?4,
            image_sealed = NULL, login_sealed = NULL, input_sealed = NULL, leased = 0,
            finished_at = ?5, finished_day = ?6
        WHERE task_id = ?1";
    let (at, day) = (tx.at.wall, tx.at.business.date());
    tx.execute(update, params![id, state.word(), code, &message, at, day]).map(|_| ())
}

/// Lets the task that a provider calls so be looked at now.
pub(super) fn hurry(tx: &mut Tx<'_, '_>, handle: &str) -> Result<bool, Fault> {
    let index = tx.vault.blind_index(HANDLE, handle);
    let update = "UPDATE report_task SET next_at = ?2
        WHERE handle_index = ?1 AND step <> 'none' AND leased = 0 AND next_at > ?2";
    Ok(tx.execute(update, params![&index, tx.at.wall])? > 0)
}

/// Of each kind that there are tasks of: whether one has succeeded, and whether one is open.
pub(super) fn progress(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Vec<(DataKind, bool, bool)>, Fault> {
    let select = "SELECT kind, MAX(CASE WHEN state = 'succeeded' THEN 1 ELSE 0 END) AS done,
            MAX(CASE WHEN step <> 'none' THEN 1 ELSE 0 END) AS going
        FROM report_task WHERE member_id = ?1 GROUP BY kind";
    tx.rows(select, params![member], |row| {
        Ok((kind(row)?, row.i64("done")? == 1, row.i64("going")? == 1))
    })
}

pub(super) fn keep_report(
    tx: &mut Tx<'_, '_>,
    task: &Task,
    report: &DataReport,
) -> Result<(), Fault> {
    let (vault, id, facts) = (tx.vault, task.id.number(), &report.facts);
    let body = vault.seal(BODY, id, &report.body)?;
    let area = facts.contact_area.as_ref().map(|area| vault.seal(AREA, id, area)).transpose()?;
    let insert = "INSERT INTO provider_report (task_id, member_id, kind, body_sealed, id_matches,
            name_matches, risk_lists, overdue_loans, multi_lending, risk_calls, contacts,
            mutual_contacts, contact_area_sealed, average_calls, average_call_seconds, silent_days,
            night_calls, night_call_seconds, average_fee_fen, received_at, received_day)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20, ?21)";
    let params = params![
        task.id,
        task.member,
        task.kind.word(),
        &body,
        facts.id_matches.map(i64::from),
        facts.name_matches.map(i64::from),
        facts.risk_lists,
        facts.overdue_loans,
        facts.multi_lending,
        facts.risk_calls,
        facts.contacts,
        facts.mutual_contacts,
        area.as_ref(),
        facts.average_calls,
        facts.average_call_seconds,
        facts.silent_days,
        facts.night_calls,
        facts.night_call_seconds,
        facts.average_fee,
        tx.at.wall,
        tx.at.business.date()
    ];
    tx.execute(insert, params).map(|_| ())
}

/// The facts of the newest report of a kind since a day.
pub(super) fn facts(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
    since: Date,
) -> Result<Option<Facts>, Fault> {
    let vault = tx.vault;
    let select = "SELECT task_id, id_matches, name_matches, risk_lists, overdue_loans,
            multi_lending, risk_calls, contacts, mutual_contacts, contact_area_sealed,
            average_calls, average_call_seconds, silent_days, night_calls, night_call_seconds,
            average_fee_fen
        FROM provider_report WHERE member_id = ?1 AND kind = ?2 AND received_day >= ?3
        ORDER BY received_at DESC, task_id DESC LIMIT 1";
    tx.row(select, params![member, kind.word(), since], |row| read_facts(vault, row))
}

fn read_facts(vault: &Vault, row: &Row<'_>) -> Result<Facts, Fault> {
    let flag = |name: &str| Ok::<_, Fault>(row.opt_i64(name)?.map(|flag| flag == 1));
    let count =
        |name: &str| row.opt_i64(name)?.map(u32::try_from).transpose().map_err(|_| corrupt(name));
    let fee = row.opt_i64("average_fee_fen")?.map(|_| row.money("average_fee_fen")).transpose()?;
    let (id, area) = (row.i64("task_id")?, row.opt_blob("contact_area_sealed")?);
    Ok(Facts {
        id_matches: flag("id_matches")?,
        name_matches: flag("name_matches")?,
        risk_lists: count("risk_lists")?,
        overdue_loans: count("overdue_loans")?,
        multi_lending: count("multi_lending")?,
        risk_calls: count("risk_calls")?,
        contacts: count("contacts")?,
        mutual_contacts: count("mutual_contacts")?,
        contact_area: area.map(|sealed| vault.open(AREA, id, &sealed)).transpose()?,
        average_calls: count("average_calls")?,
        average_call_seconds: count("average_call_seconds")?,
        silent_days: count("silent_days")?,
        night_calls: count("night_calls")?,
        night_call_seconds: count("night_call_seconds")?,
        average_fee: fee,
    })
}

/// Whose report a task has brought, and the whole of it while it is kept.
pub(super) fn body(
    tx: &mut Tx<'_, '_>,
    id: ReportTaskId,
) -> Result<Option<(MemberId, Option<String>)>, Fault> {
    let vault = tx.vault;
    let select = "SELECT member_id, body_sealed FROM provider_report WHERE task_id = ?1";
    tx.row(select, params![id], |row| {
        let sealed = row.opt_blob("body_sealed")?;
        let body = sealed.map(|sealed| vault.open(BODY, id.number(), &sealed)).transpose()?;
        Ok((MemberId::from_number(row.i64("member_id")?), body))
    })
}

pub(super) fn forget_bodies(
    tx: &mut Tx<'_, '_>,
    before: Instant,
    limit: u32,
) -> Result<u64, Fault> {
    let update = "UPDATE provider_report SET body_sealed = NULL WHERE task_id IN
        (SELECT task_id FROM provider_report WHERE body_sealed IS NOT NULL AND received_at < ?1
            ORDER BY received_at LIMIT ?2)";
    tx.execute(update, params![before, limit])
}

/// Both tables, the child first.
pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    for delete in ["DELETE FROM provider_report", "DELETE FROM report_task"] {
        tx.execute(delete, params![])?;
    }
    Ok(())
}
