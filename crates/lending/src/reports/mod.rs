//! Data about customers from where they have accounts (认证): tasks at a provider that take minutes,
//! ask for codes, and survive a restart; and the reports that they bring.
//!
//! A customer begins a task; a dispatcher claims each of its steps, asks the provider after the
//! commit, and brings the answer back. A provider's callbacks are hints to look, never answers.

mod facts;
mod login;
mod rules;
mod sql;
mod steps;

#[cfg(test)]
mod tests;

use kernel::id::{MemberId, ReportTaskId};
use kernel::{Channel, Instant, Secret};
use store::Fault;

pub use facts::{
    AuthState, OpenReportError, Progress, auth_state, facts, open_report, prune, report_score,
};
pub use login::{EBANKS, Login};
pub use rules::{Rules, TaskState, score};
pub use steps::{Claim, Claimed, ProviderAnswer, Step, advance, claim_due, has_due, hint};

use crate::audit::{self, Actor, Subject};
use crate::ports::DataKind;
use crate::{Tx, customers};

/// A task as its customer sees it.
#[derive(Clone)]
pub struct Task {
    /// Its number.
    pub id: ReportTaskId,
    /// Whose it is.
    pub member: MemberId,
    /// What the data are about.
    pub kind: DataKind,
    /// What the customer's app calls it.
    pub token: String,
    /// Where it stands.
    pub state: TaskState,
    /// The provider's last code that says something: `0010`, `0006`, `0009`, `0100`, `0000`, or why
    /// it failed. Empty before the provider has answered, and where it never did.
    pub code: String,
    /// The provider's words; never in logs.
    pub message: String,
    /// A picture for the customer in base64, while it waits for them: a captcha, a QR code.
    pub image: Option<String>,
    /// When it began, by the wall.
    pub begun_at: Instant,
    /// When it was over, by the wall.
    pub finished_at: Option<Instant>,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Task");
        shown.field("id", &self.id).field("kind", &self.kind).field("state", &self.state);
        shown.field("code", &self.code).finish_non_exhaustive()
    }
}

/// Begins a task.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The customer.
    pub member: MemberId,
    /// What they give so that the provider can log in for them.
    pub login: Login,
    /// Random bytes, of which the app's token is made.
    pub token: [u8; 16],
}

/// Why a task was not begun. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// There is no such customer.
    #[error("no such customer")]
    NoSuchCustomer,
    /// A mobile operator is told who asks: the real name comes first.
    #[error("the real name is not verified yet")]
    RealNameFirst,
    /// A name, password or code is missing, too long, or no text.
    #[error("not a login")]
    BadLogin,
    /// The provider reads no bills in this mailbox (不支持的邮箱类型).
    #[error("no such kind of mailbox")]
    UnknownMailbox,
    /// The provider reads no accounts at this bank.
    #[error("no such bank")]
    UnknownBank,
    /// A task of the kind has succeeded today (已经认证成功).
    #[error("done today already")]
    AlreadyDone,
    /// A task of the kind is under way: the customer goes on with it.
    #[error("a task is under way")]
    UnderWay(Box<Task>),
    /// Begun too often today.
    #[error("begun too often")]
    TooManyAttempts,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Begins a task: it is written down, and a dispatcher asks the provider.
pub fn begin(tx: &mut Tx<'_, '_>, command: &Begin) -> Result<Task, BeginError> {
    let member = command.member;
    let channel = customers::hold(tx, member)?.ok_or(BeginError::NoSuchCustomer)?;
    if command.login.needs_identity() && sql::identity(tx, member)?.is_none() {
        return Err(BeginError::RealNameFirst);
    }
    command.login.check().map_err(|problem| match problem {
        login::Problem::Shape => BeginError::BadLogin,
        login::Problem::Mailbox => BeginError::UnknownMailbox,
        login::Problem::Bank => BeginError::UnknownBank,
    })?;
    let kind = command.login.kind();
    if sql::has_succeeded_on(tx, member, kind, tx.at.business.date())? {
        return Err(BeginError::AlreadyDone);
    }
    if let Some(task) = sql::open_task(tx, member, kind)? {
        return Err(BeginError::UnderWay(Box::new(task)));
    }
    let most = tx.policy.customers.checks.per_customer;
    if sql::begun_since(tx, member, kind, tx.at.wall.plus_days(-1))? >= i64::from(most) {
        return Err(BeginError::TooManyAttempts);
    }
    let task = write_down(tx, command, channel)?;
    let (who, whom) = (Actor::Customer(member), Subject::Member(member));
    audit::note(tx, who, "report.begun", whom, kind.word())?;
    Ok(task)
}

fn write_down(tx: &mut Tx<'_, '_>, command: &Begin, channel: Channel) -> Result<Task, Fault> {
    let (state, begun_at) = (TaskState::Started, tx.at.wall);
    let rules = &tx.policy.customers.reports;
    let deadline = rules::deadline(rules, begun_at, state, begun_at);
    let task = Task {
        id: ReportTaskId::from_number(tx.ids.take(begun_at, 1)),
        member: command.member,
        kind: command.login.kind(),
        token: hex(command.token),
        state,
        code: String::new(),
        message: String::new(),
        image: None,
        begun_at,
        finished_at: None,
    };
    sql::insert(tx, &task, channel, (&command.login.text(), deadline))?;
    Ok(task)
}

/// 32 characters, as the provider's own tokens have.
fn hex(bytes: [u8; 16]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Enters what a task waits for: an SMS code, the text of a picture.
#[derive(Clone, Debug)]
pub struct GiveInput {
    /// The customer.
    pub member: MemberId,
    /// What their app calls the task.
    pub token: String,
    /// What they enter.
    pub input: Secret,
}

/// Why an input was not taken. Checked in this order.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is no such task.
    #[error("no such task")]
    NoSuchTask,
    /// It is another customer's.
    #[error("another customer's task")]
    NotYours,
    /// The task is over.
    #[error("the task is over")]
    Over(Box<Task>),
    /// An input was taken, and the provider has not asked for another.
    #[error("an input was taken already")]
    AlreadyGiven,
    /// The task waits for nothing.
    #[error("the task waits for nothing")]
    NotWaiting,
    /// Nothing, or too much.
    #[error("not an input")]
    BadInput,
    /// The platform is at fault.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes what a task waits for; a dispatcher passes it on.
pub fn give_input(tx: &mut Tx<'_, '_>, command: &GiveInput) -> Result<Task, InputError> {
    let task = sql::by_token(tx, &command.token)?.ok_or(InputError::NoSuchTask)?;
    if task.member != command.member {
        return Err(InputError::NotYours);
    }
    let held = sql::lock(tx, task.id)?.ok_or(InputError::NoSuchTask)?;
    if !held.task.state.is_open() {
        return Err(InputError::Over(Box::new(held.task)));
    }
    if held.ask == rules::Ask::Input {
        return Err(InputError::AlreadyGiven);
    }
    if held.task.state != TaskState::WaitingInput {
        let given = held.task.code == steps::INPUT_TAKEN;
        return Err(if given { InputError::AlreadyGiven } else { InputError::NotWaiting });
    }
    if !login::is_line(command.input.expose()) {
        return Err(InputError::BadInput);
    }
    let rules = &tx.policy.customers.reports;
    let (begun, now) = (held.task.begun_at, tx.at.wall);
    let deadline = rules::deadline(rules, begun, TaskState::Running, now);
    sql::keep_input(tx, task.id, &command.input, deadline)?;
    Ok(held.task)
}

/// The customer's task with this token; `None` also where it is another customer's.
pub fn find(tx: &mut Tx<'_, '_>, member: MemberId, token: &str) -> Result<Option<Task>, Fault> {
    Ok(sql::by_token(tx, token)?.filter(|task| task.member == member))
}

/// The customer's newest task of a kind.
pub fn latest(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    kind: DataKind,
) -> Result<Option<Task>, Fault> {
    sql::latest(tx, member, kind)
}

/// Empties every table of tasks and reports; for benches.
pub(crate) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    sql::wipe(tx)
}
