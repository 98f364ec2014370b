//! What third parties know of customers: accounts that reports are made of (立木 in the document).
//!
//! A task runs for minutes; a call waits a few seconds for it and answers what it has come to.

use std::time::Duration;

use channel_kit::Field;
use channel_kit::chance;
use kernel::Secret;
use kernel::id::MemberId;
use lending::Route;
use lending::ports::{AccountLogin, DataKind};
use lending::reports::{self, Begin, BeginError, GiveInput, InputError, Login, Task, TaskState};
use serde::Serialize;

use crate::Wukong;
use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{optional, section, text};
use crate::texts::{
    ACCEPTED, ALREADY_PROVEN, Answer, Failure, IDENTITY_FIRST, INPUT_TAKEN, MAILBOX_UNKNOWN,
    MALFORMED, NEEDS_INPUT, NO_SUCH_TASK, NO_TOKEN, NOT_PROVEN, PROVEN, RUNNING, TOO_OFTEN,
};

/// How long a call waits for a task. Source: contract page, "at most a few seconds".
const PATIENCE: Duration = Duration::from_secs(3);

const LM_TOKEN: Field = text("token", "立木token");
const SMS_CODE: Field = text("smscode", "验证码");
const USER_NAME: Field = text("username", "用户帐号");
const PASSWORD: Field = text("password", "用户密码");
const SERVICE_CODE: Field = text("servicecode", "服务密码");

section! {
    MOBILE: Post "/lm-mobile", "手机认证", TOKEN;
    fields: [SERVICE_CODE];
    refusals: [IDENTITY_FIRST, MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    MOBILE_INPUT: Post "/lm-mobile-input", "手机认证输入验证码", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [NO_SUCH_TASK, MALFORMED, NOT_PROVEN];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    MOBILE_CONTINUE: Post "/lm-mobile-continue", "手机认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [NO_SUCH_TASK, NOT_PROVEN];
    success: RUNNING, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    REPORT: Post "/lm-mobile-report", "手机认证（运营商报告采集）", TOKEN;
    fields: [SERVICE_CODE];
    refusals: [IDENTITY_FIRST, MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    REPORT_INPUT: Post "/lm-mobile-report-input", "手机认证输入验证码（运营商报告）", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [NO_SUCH_TASK, MALFORMED, NOT_PROVEN];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    JD: Post "/lm-jd", "京东认证", TOKEN;
    fields: [USER_NAME, PASSWORD];
    refusals: [MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    JD_INPUT: Post "/lm-jd-input", "京东认证输入验证码", TOKEN;
    fields: [LM_TOKEN, SMS_CODE];
    refusals: [NO_SUCH_TASK, MALFORMED, NOT_PROVEN];
    success: INPUT_TAKEN, r#"{"token":"0123456789abcdef0123456789abcdef"}"#;
}

section! {
    JD_CONTINUE: Post "/lm-jd-continue", "京东认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [NO_SUCH_TASK, NOT_PROVEN];
    success: RUNNING, "null";
}

section! {
    TAOBAO: Post "/lm-taobao", "淘宝认证", TOKEN;
    fields: [];
    refusals: [MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef","input":"data:image/png;base64,"}]"#;
}

section! {
    TAOBAO_CONTINUE: Post "/lm-taobao-continue", "淘宝认证轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [NO_SUCH_TASK, NOT_PROVEN];
    success: RUNNING, "null";
}

section! {
    EDUCATION: Post "/lm-education", "学历认证", TOKEN;
    fields: [USER_NAME, PASSWORD];
    refusals: [MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: PROVEN, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

section! {
    BILL: Post "/lm-bill", "信用卡账单查询", TOKEN;
    fields: [USER_NAME, optional("password", "邮箱密码（QQ邮箱时可不填）")];
    refusals: [MALFORMED, MAILBOX_UNKNOWN, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: NEEDS_INPUT, r#"[{"token":"0123456789abcdef0123456789abcdef","input":"data:image/png;base64,"}]"#;
}

section! {
    BILL_CONTINUE: Post "/lm-bill-continue", "信用卡账单轮询状态", TOKEN;
    fields: [LM_TOKEN];
    refusals: [NO_SUCH_TASK, NOT_PROVEN];
    success: RUNNING, "null";
}

section! {
    BILL_CONTINUE_AS_PRINTED: Post "//lm-bill-continue", "信用卡账单轮询状态 (as the document prints it)", TOKEN;
    fields: [LM_TOKEN];
    refusals: [NO_SUCH_TASK, NOT_PROVEN];
    success: RUNNING, "null";
}

section! {
    EBANK: Post "/lm-ebank", "网银流水查询", TOKEN;
    fields: [USER_NAME, PASSWORD, text("bank", "银行编号")];
    refusals: [MALFORMED, ALREADY_PROVEN, TOO_OFTEN, NOT_PROVEN];
    success: PROVEN, r#"[{"token":"0123456789abcdef0123456789abcdef"}]"#;
}

/// What stands under `results`.
#[derive(Serialize)]
struct Shown {
    token: String,
    /// A picture for the customer, as a data URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
}

impl Shown {
    fn of(task: &Task) -> Self {
        let input = task.image.as_ref().map(|image| format!("data:image/png;base64,{image}"));
        Self { token: task.token.clone(), input }
    }
}

fn typed(call: &Call, name: &str) -> Secret {
    Secret::new(call.fields.raw(name).to_owned())
}

fn account(call: &Call) -> AccountLogin {
    let username = Secret::new(call.fields.text("username").to_owned());
    AccountLogin { username, password: typed(call, "password") }
}

pub(crate) async fn mobile(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::Mobile(typed(&call, "servicecode"))).await
}

pub(crate) async fn mobile_report(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::MobileReport(typed(&call, "servicecode"))).await
}

pub(crate) async fn jd(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::Jd(account(&call))).await
}

pub(crate) async fn taobao(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::Taobao).await
}

pub(crate) async fn education(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::Education(account(&call))).await
}

pub(crate) async fn bill(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    begin(&channel, &call, Login::Bill(account(&call))).await
}

pub(crate) async fn ebank(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let (login, bank) = (account(&call), call.fields.text("bank").to_owned());
    begin(&channel, &call, Login::Ebank { login, bank }).await
}

async fn begin(channel: &Wukong, call: &Call, login: Login) -> Result<Reply, Failure> {
    let member = call.member()?;
    let command = Begin { member, login, token: chance::bytes()? };
    let route = Route::home(member.number());
    let begun = channel.app.write(route, move |tx| reports::begin(tx, &command)).await;
    let task = match begun {
        Ok(task) => task,
        // The customer goes on with it.
        Err(BeginError::UnderWay(task)) => *task,
        Err(BeginError::NoSuchCustomer) => return Err(NO_TOKEN.into()),
        Err(BeginError::RealNameFirst) => return Err(IDENTITY_FIRST.into()),
        Err(BeginError::BadLogin | BeginError::UnknownBank) => return Err(MALFORMED.into()),
        Err(BeginError::UnknownMailbox) => return Err(MAILBOX_UNKNOWN.into()),
        Err(BeginError::AlreadyDone) => return Err(ALREADY_PROVEN.into()),
        Err(BeginError::TooManyAttempts) => return Err(TOO_OFTEN.into()),
        Err(BeginError::Fault(fault)) => return Err(fault.into()),
    };
    channel.app.wake();
    let task = settled(channel, member, task).await?;
    let said = said(&task)?;
    Ok(Reply::one(&Shown::of(&task))?.saying(said))
}

/// The task when it waits for the customer or is over, or as it is when the patience is.
async fn settled(channel: &Wukong, member: MemberId, task: Task) -> Result<Task, Failure> {
    let token = task.token.clone();
    let look = move |tx: &mut lending::Tx<'_, '_>| {
        let task = reports::find(tx, member, &token)?;
        Ok(task.filter(|task| match task.state {
            TaskState::Started | TaskState::Running => false,
            TaskState::WaitingInput
            | TaskState::Succeeded
            | TaskState::Failed
            | TaskState::TimedOut => true,
        }))
    };
    if let Some(task) = channel.app.until(PATIENCE, look).await? {
        return Ok(task);
    }
    let token = task.token.clone();
    let newest = channel.app.read(move |tx| reports::find(tx, member, &token)).await?;
    Ok(newest.unwrap_or(task))
}

/// What a task has come to, in the document's codes.
fn said(task: &Task) -> Result<Answer, Failure> {
    match task.state {
        TaskState::WaitingInput => Ok(NEEDS_INPUT),
        TaskState::Running if task.code == RUNNING.msg => Ok(RUNNING),
        TaskState::Started | TaskState::Running => Ok(ACCEPTED),
        TaskState::Succeeded => Ok(PROVEN),
        TaskState::Failed | TaskState::TimedOut if task.code.is_empty() => {
            Err(Failure::with(NOT_PROVEN, &task.message))
        }
        TaskState::Failed | TaskState::TimedOut => {
            let text = format!("{}[{}]", task.message, task.code);
            Err(Failure::with(NOT_PROVEN, &text))
        }
    }
}

pub(crate) async fn input(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let token = call.fields.text("token").to_owned();
    let input = Secret::new(call.fields.text("smscode").to_owned());
    let command = GiveInput { member, token, input };
    let route = Route::home(member.number());
    let given = channel.app.write(route, move |tx| reports::give_input(tx, &command)).await;
    let task = match given {
        Ok(task) => task,
        Err(InputError::AlreadyGiven) => {
            let token = call.fields.text("token").to_owned();
            return Reply::object(&Shown { token, input: None });
        }
        Err(InputError::Over(task)) => {
            let answer = said(&task)?;
            return Ok(Reply::object(&Shown::of(&task))?.saying(answer));
        }
        Err(InputError::NoSuchTask | InputError::NotYours) => return Err(NO_SUCH_TASK.into()),
        Err(InputError::NotWaiting | InputError::BadInput) => return Err(MALFORMED.into()),
        Err(InputError::Fault(fault)) => return Err(fault.into()),
    };
    channel.app.wake();
    Reply::object(&Shown { token: task.token, input: None })
}

/// Where a task stands; the calls of the document that show its token.
pub(crate) async fn go_on_shown(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let task = asked_for(&channel, &call).await?;
    let said = said(&task)?;
    Ok(Reply::one(&Shown::of(&task))?.saying(said))
}

/// Where a task stands; the calls that show a code alone, unless the customer has to do something.
pub(crate) async fn go_on(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let task = asked_for(&channel, &call).await?;
    let said = said(&task)?;
    if task.state == TaskState::WaitingInput {
        return Ok(Reply::one(&Shown::of(&task))?.saying(said));
    }
    Ok(Reply::done().saying(said))
}

async fn asked_for(channel: &Wukong, call: &Call) -> Result<Task, Failure> {
    let member = call.member()?;
    let token = call.fields.text("token").to_owned();
    let task = channel.app.read(move |tx| reports::find(tx, member, &token)).await?;
    let task = task.ok_or(NO_SUCH_TASK)?;
    settled(channel, member, task).await
}

/// What is proven by a report, by the document's words.
pub(crate) fn source(word: &str) -> Option<DataKind> {
    let shown =
        [DataKind::Taobao, DataKind::Jd, DataKind::Education, DataKind::Bill, DataKind::Ebank];
    shown.into_iter().find(|kind| kind.word() == word)
}
