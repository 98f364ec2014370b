//! The steps of a task: claimed by a dispatcher, put to the provider after the commit, and what
//! its answer comes to.

use kernel::Secret;
use kernel::id::ReportTaskId;
use store::Fault;

use super::rules::{self, Ask, LEASE_MS, Next, TaskState};
use super::sql::{self, Held, Moved};
use super::{Task, login};
use crate::audit::{self, Actor, Subject};
use crate::ports::{
    AccountLogin, Data, DataAnswer, DataKind, DataOrder, DataReport, DataResult, Facts,
    MailboxLogin, MobileLogin,
};
use crate::{Tx, customers};

/// The code of an input that the provider has taken.
pub(super) const INPUT_TAKEN: &str = "0009";
/// Characters of a provider's code and words that are kept.
const CODE_MOST: usize = 16;
const MESSAGE_MOST: usize = 500;
/// Bytes of a picture at most, in base64; the provider's are a few thousand.
const IMAGE_MOST: usize = 256 * 1024;
/// Bytes of the name that a provider gives a task at most; theirs have 32.
const HANDLE_MOST: usize = 128;
/// What a customer is told where the provider does not answer.
const NO_ANSWER: &str = "数据服务暂时不可用，请稍后再试";
/// What a customer is told where the operator knows the number as somebody else's.
const SOMEBODY_ELSE: &str = "手机号码的实名信息与本人不一致";
/// What a customer is told where the time is over.
const TOO_LATE: &str = "认证超时，请重新认证";

/// Whose answer it is: of a claim that was given up it counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The task.
    pub task: ReportTaskId,
    serial: i64,
}

/// A step that the caller has to put to the provider, and nobody else.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// What the answer goes with.
    pub claim: Claim,
    /// The step.
    pub step: Step,
}

/// What a provider is to be asked.
#[derive(Clone, Debug)]
pub enum Step {
    /// To begin a task.
    Start(DataOrder),
    /// How a task stands.
    Status {
        /// What it is about.
        kind: DataKind,
        /// What the provider calls it.
        handle: String,
    },
    /// To take what the customer has entered.
    Input {
        /// What the task is about.
        kind: DataKind,
        /// What the provider calls it.
        handle: String,
        /// What the customer has entered.
        input: Secret,
    },
    /// To hand over what a task has brought.
    Fetch {
        /// What it is about.
        kind: DataKind,
        /// What the provider calls it.
        handle: String,
    },
}

/// What a provider says to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderAnswer {
    /// To all steps but the last.
    Said(DataAnswer),
    /// To the last.
    Result(DataResult),
}

impl Step {
    /// Puts the step to a provider. Not inside a transaction.
    pub fn ask(&self, provider: &dyn Data) -> ProviderAnswer {
        match self {
            Self::Start(order) => ProviderAnswer::Said(provider.start(order)),
            Self::Status { kind, handle } => ProviderAnswer::Said(provider.status(*kind, handle)),
            Self::Input { kind, handle, input } => {
                ProviderAnswer::Said(provider.input(*kind, handle, input))
            }
            Self::Fetch { kind: DataKind::MobileReport, handle } => {
                ProviderAnswer::Result(provider.report(handle))
            }
            Self::Fetch { kind, handle } => ProviderAnswer::Result(provider.result(*kind, handle)),
        }
    }
}

/// Whether [`claim_due`] has anything to do, on a snapshot.
pub fn has_due(tx: &mut Tx<'_, '_>) -> Result<bool, Fault> {
    sql::has_due(tx)
}

/// Claims the steps that are due, the oldest first: so many at most. Ends tasks whose time is over.
///
/// After the commit the caller asks the provider, and then calls [`advance`]. If it dies in between,
/// the step counts as not answered after two minutes, and the task goes on from there.
pub fn claim_due(tx: &mut Tx<'_, '_>, limit: u32) -> Result<Vec<Claimed>, Fault> {
    let mut claimed = Vec::new();
    for held in sql::lock_due(tx, limit)? {
        let id = held.task.id;
        if held.deadline_at <= tx.at.wall {
            end(tx, &held.task, TaskState::TimedOut, (&held.task.code, TOO_LATE))?;
            continue;
        }
        let held = if held.leased {
            // Whoever claimed it last is dead.
            settle(tx, &held, &DataAnswer::Unknown)?;
            sql::lock(tx, id)?.filter(|held| held.task.state.is_open())
        } else {
            Some(held)
        };
        if let Some(held) = held {
            claimed.extend(claim(tx, &held)?);
        }
    }
    Ok(claimed)
}

fn claim(tx: &mut Tx<'_, '_>, held: &Held) -> Result<Option<Claimed>, Fault> {
    let (task, kind) = (held.task.id, held.task.kind);
    let missing = |column: &str| Fault::Corrupt(format!("report_task.{column}"));
    let handle = || held.handle.clone().ok_or_else(|| missing("handle_sealed"));
    let step = match held.ask {
        Ask::Start => match order(tx, held)? {
            Some(order) => Step::Start(order),
            // The customer is not who they were: there is nobody to log in for.
            None => return end(tx, &held.task, TaskState::Failed, ("", NO_ANSWER)).map(|()| None),
        },
        Ask::Status => Step::Status { kind, handle: handle()? },
        Ask::Input => {
            let input = sql::input(tx, task)?.ok_or_else(|| missing("input_sealed"))?;
            Step::Input { kind, handle: handle()?, input }
        }
        Ask::Fetch => Step::Fetch { kind, handle: handle()? },
        Ask::Nothing => return Ok(None),
    };
    let serial = held.claims.saturating_add(1);
    sql::take(tx, task, serial, tx.at.wall.plus_millis(LEASE_MS))?;
    Ok(Some(Claimed { claim: Claim { task, serial }, step }))
}

/// What the provider is told at the start; `None` if what is kept is not that.
fn order(tx: &mut Tx<'_, '_>, held: &Held) -> Result<Option<DataOrder>, Fault> {
    let Some(kept) = sql::login(tx, held.task.id)? else { return Ok(None) };
    let mut lines = kept.expose().split('\n').map(|line| Secret::new(line.to_owned()));
    let mut account = || {
        let (username, password) = (lines.next()?, lines.next()?);
        Some(AccountLogin { username, password })
    };
    let order = match held.task.kind {
        DataKind::Mobile => mobile(tx, &held.task, kept)?.map(DataOrder::Mobile),
        DataKind::MobileReport => mobile(tx, &held.task, kept)?.map(DataOrder::MobileReport),
        DataKind::Jd => account().map(DataOrder::Jd),
        DataKind::Taobao => Some(DataOrder::Taobao),
        DataKind::Education => account().map(DataOrder::Education),
        DataKind::Bill => {
            let address = lines.next();
            let by_qr = address.as_ref().is_some_and(|text| login::is_by_qr(text.expose()));
            let password = lines.next().filter(|_| !by_qr);
            address.map(|address| DataOrder::Bill(MailboxLogin { address, password }))
        }
        DataKind::Ebank => {
            let login = account();
            let bank = lines.next().map(|bank| bank.expose().to_owned());
            login.zip(bank).map(|(login, bank)| DataOrder::Ebank { login, bank })
        }
    };
    Ok(order)
}

fn mobile(
    tx: &mut Tx<'_, '_>,
    task: &Task,
    service_code: Secret,
) -> Result<Option<MobileLogin>, Fault> {
    let customer = customers::customer(tx, task.member)?;
    Ok(customer.and_then(|customer| {
        let known = customer.identity?;
        let (mobile, name, id_no) = (customer.mobile, known.name, known.id_no);
        Some(MobileLogin { mobile, service_code, name, id_no })
    }))
}

/// What a provider's answer comes to; whether it counted. One to a claim that was given up, that
/// was answered, or whose task is over changes nothing.
pub fn advance(tx: &mut Tx<'_, '_>, claim: Claim, answer: &ProviderAnswer) -> Result<bool, Fault> {
    let Some(held) = sql::lock(tx, claim.task)? else { return Ok(false) };
    if !held.task.state.is_open() || !held.leased || held.claims != claim.serial {
        return Ok(false);
    }
    match answer {
        ProviderAnswer::Result(DataResult::Got(report)) => receive(tx, &held, report)?,
        ProviderAnswer::Said(said) | ProviderAnswer::Result(DataResult::Not(said)) => {
            settle(tx, &held, said)?;
        }
    }
    Ok(true)
}

/// A provider's callback names a task of its own: it is looked at now. Nothing else in a callback
/// is believed. Whether there is such a task, and nobody is looking already.
pub fn hint(tx: &mut Tx<'_, '_>, handle: &str) -> Result<bool, Fault> {
    sql::hurry(tx, handle)
}

/// What was said, cut to what is kept.
#[derive(Default)]
struct Said<'s> {
    code: &'s str,
    message: String,
    handle: Option<&'s str>,
    image: Option<&'s str>,
}

fn said(answer: &DataAnswer) -> Said<'_> {
    match answer {
        DataAnswer::Unknown => Said::default(),
        DataAnswer::Said { code, message, handle, image } => Said {
            code: cut(code, CODE_MOST),
            message: cut(message, MESSAGE_MOST).to_owned(),
            handle: handle.as_deref().filter(|text| (1..=HANDLE_MOST).contains(&text.len())),
            image: image.as_deref().filter(|text| (1..=IMAGE_MOST).contains(&text.len())),
        },
    }
}

fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn settle(tx: &mut Tx<'_, '_>, held: &Held, answer: &DataAnswer) -> Result<(), Fault> {
    let (task, heard) = (&held.task, said(answer));
    let handle = held.handle.as_deref().or(heard.handle);
    let failures = if *answer == DataAnswer::Unknown { held.failures } else { 0 };
    let now = tx.at.wall;
    match rules::next(held.ask, answer, held.failures, handle.is_some()) {
        Next::Fail => end(tx, task, TaskState::Failed, (heard.code, &heard.message)),
        Next::GiveUp => end(tx, task, TaskState::Failed, ("", NO_ANSWER)),
        Next::Again => {
            let pause = rules::pause_ms(&tx.policy.customers.reports, held.failures);
            sql::again(tx, task.id, held.failures.saturating_add(1), now.plus_millis(pause))
        }
        Next::Go(state, ask) => {
            let rules = &tx.policy.customers.reports;
            let deadline_at = if state == task.state {
                held.deadline_at
            } else {
                rules::deadline(rules, task.begun_at, state, now)
            };
            // What is ready is fetched at once.
            let pause = if ask == Ask::Fetch { 0 } else { rules::pause_ms(rules, failures) };
            let kept = if heard.code.is_empty() {
                (task.code.as_str(), task.message.as_str())
            } else {
                (heard.code, heard.message.as_str())
            };
            let image = heard.image.or(task.image.as_deref());
            let moved = Moved {
                state,
                ask,
                code: kept.0,
                message: kept.1,
                image: image.filter(|_| state == TaskState::WaitingInput),
                handle: handle.filter(|_| held.handle.is_none()),
                deadline_at,
                next_at: now.plus_millis(pause),
            };
            sql::go(tx, task.id, &moved)
        }
    }
}

/// Keeps what a task has brought.
fn receive(tx: &mut Tx<'_, '_>, held: &Held, report: &DataReport) -> Result<(), Fault> {
    let task = &held.task;
    sql::keep_report(tx, task, report)?;
    if is_somebody_else(&report.facts) {
        return end(tx, task, TaskState::Failed, (&task.code, SOMEBODY_ELSE));
    }
    match task.kind {
        DataKind::Mobile | DataKind::MobileReport => customers::note_mobile(tx, task.member)?,
        DataKind::Jd
        | DataKind::Taobao
        | DataKind::Education
        | DataKind::Bill
        | DataKind::Ebank => {}
    }
    end(tx, task, TaskState::Succeeded, (&task.code, &task.message))
}

fn is_somebody_else(facts: &Facts) -> bool {
    facts.id_matches == Some(false) || facts.name_matches == Some(false)
}

fn end(
    tx: &mut Tx<'_, '_>,
    task: &Task,
    state: TaskState,
    (code, message): (&str, &str),
) -> Result<(), Fault> {
    sql::end(tx, task.id, state, (code, message))?;
    let (actor, action) = match state {
        TaskState::Succeeded => (Actor::Provider("data"), "report.succeeded"),
        TaskState::TimedOut => (Actor::Platform, "report.timed_out"),
        TaskState::Failed | TaskState::Started | TaskState::WaitingInput | TaskState::Running => {
            (Actor::Provider("data"), "report.failed")
        }
    };
    let detail = format!("{} {code}", task.kind.word());
    audit::note(tx, actor, action, Subject::Member(task.member), detail.trim_end())
}
