//! Projects: listing, audit, the public list, repayment (§2.2, our additions).

use channel_kit::Scalar;
use channel_kit::route::{Method, Operation};
use kernel::id::{MemberId, ProjectId};
use kernel::{Money, Rate};
use lending::identity::Caller;
use lending::market::{self, Audit, AuditError, ListError, ListProject, RepayError, TenorUnit};
use lending::{Fault, Route};

use crate::Futureloan;
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    APPROVAL_EMPTY, APPROVAL_WRONG, AUDIT_MALFORMED, BAD_REQUEST, BALANCE_TOO_LARGE,
    BIDDING_DAYS_EMPTY, BIDDING_DAYS_RANGE, DATE_TYPE_EMPTY, DATE_TYPE_UNKNOWN, DAYS_RANGE,
    Failure, INSUFFICIENT, KEY_REUSED, LOAN_AMOUNT_EMPTY, LOAN_AMOUNT_RANGE, LOAN_ID_EMPTY,
    MONTHS_RANGE, NO_SUCH_LOAN, NO_SUCH_MEMBER, NOT_ADMINISTRATOR, NOT_AUDITING, NOT_REPAYING,
    NOT_YOURS, RATE_EMPTY, RATE_RANGE, TERM_EMPTY, TITLE_EMPTY, TITLE_LENGTH, UNAUTHORISED,
    USER_ID_EMPTY, USER_ID_ILLEGAL,
};
use crate::member::{ID, PAGE_INDEX, PAGE_SIZE, body, denied, member_id, stranger};
use crate::wallet::once;
use crate::wire::{AddBody, AuditBody, LoanData, RepayBody, RepaymentData, read};

/// Characters of a title at most; the document sets no limit, a database has to.
const TITLE_CHARACTERS: usize = 255;
/// Highest rate in percent a year. Source: document 004 §2.2.1.
const MOST_PERCENT: i64 = 24;

/// A project in the descriptions.
const LOAN_EXAMPLE: &str = r#"{"id":1,"member_id":1,"title":"报名学习课程","amount":6300.0,"loan_rate":12.0,"loan_term":12,"loan_date_type":1,"bidding_days":5,"create_time":"2026-01-01 08:00:00.0","bidding_start_time":null,"full_time":null,"status":1}"#;

pub(crate) static ADD: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/loan/add",
    summary: "新增项目 (§2.2.1)",
    protected: true,
    fields: &[
        body("member_id", "integer", true, "借款人 id"),
        body("title", "string", true, "标题"),
        body("amount", "number", true, "借款金额，100的正整数倍，不低于最低金额"),
        body("loan_rate", "number", true, "年利率(%)，大于0小于等于24，保留一位小数"),
        body("loan_term", "integer", true, "借款期限"),
        body("loan_date_type", "integer", true, "1 按月 2 按天"),
        body("bidding_days", "integer", true, "竞标天数，1-10"),
    ],
    refusals: &[
        USER_ID_EMPTY,
        TITLE_EMPTY,
        LOAN_AMOUNT_EMPTY,
        RATE_EMPTY,
        TERM_EMPTY,
        DATE_TYPE_EMPTY,
        BIDDING_DAYS_EMPTY,
        USER_ID_ILLEGAL,
        TITLE_LENGTH,
        NO_SUCH_MEMBER,
        NOT_YOURS,
        LOAN_AMOUNT_RANGE,
        RATE_RANGE,
        DATE_TYPE_UNKNOWN,
        MONTHS_RANGE,
        DAYS_RANGE,
        BIDDING_DAYS_RANGE,
    ],
    example: LOAN_EXAMPLE,
};

pub(crate) async fn add(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let command = parse_add(&read(&call.body)?, call.caller)?;
    let route = Route::home(command.borrower.number());
    let listed = channel.app.write(route, move |tx| market::list(tx, &command)).await;
    let project = listed.map_err(|error| match error {
        ListError::Denied(error) => denied(error, NO_SUCH_MEMBER.into()),
        ListError::AmountNotOffered => LOAN_AMOUNT_RANGE.into(),
        ListError::RateNotOffered => RATE_RANGE.into(),
        ListError::UnitNotOffered => DATE_TYPE_UNKNOWN.into(),
        ListError::TenorNotOffered(TenorUnit::Month) => MONTHS_RANGE.into(),
        ListError::TenorNotOffered(TenorUnit::Day) => DAYS_RANGE.into(),
        ListError::BiddingDaysNotOffered => BIDDING_DAYS_RANGE.into(),
        ListError::Taken => Fault::Corrupt("project_id".into()).into(),
        ListError::Fault(fault) => Failure::from(fault),
    })?;
    Reply::of(&LoanData::from(&project))
}

fn parse_add(wire: &AddBody<'_>, caller: Caller) -> Result<ListProject, Failure> {
    let empty = [
        (wire.member_id(), USER_ID_EMPTY),
        (wire.title(), TITLE_EMPTY),
        (wire.amount(), LOAN_AMOUNT_EMPTY),
        (wire.loan_rate(), RATE_EMPTY),
        (wire.loan_term(), TERM_EMPTY),
        (wire.loan_date_type(), DATE_TYPE_EMPTY),
        (wire.bidding_days(), BIDDING_DAYS_EMPTY),
    ];
    for (field, answer) in empty {
        if field.is_empty() {
            return Err(answer.into());
        }
    }
    let borrower = wire.member_id().decimal().and_then(|number| number.to_i64());
    let borrower = borrower.filter(|id| *id >= 0).ok_or(USER_ID_ILLEGAL)?;
    let title = wire.title().text().map(ToOwned::to_owned).ok_or(BAD_REQUEST)?;
    if title.chars().count() > TITLE_CHARACTERS {
        return Err(TITLE_LENGTH.into());
    }
    Ok(ListProject {
        id: None,
        caller,
        borrower: MemberId::from_number(borrower),
        title,
        amount: yuan(&wire.amount()),
        rate: percent(&wire.loan_rate()),
        tenor_unit: match whole(&wire.loan_date_type()) {
            Some(1) => Some(TenorUnit::Month),
            Some(2) => Some(TenorUnit::Day),
            Some(_) | None => None,
        },
        tenor: whole(&wire.loan_term()),
        bidding_days: whole(&wire.bidding_days()),
    })
}

fn yuan(scalar: &Scalar<'_>) -> Option<Money> {
    scalar.decimal()?.to_yuan()
}

/// A whole number; what stands behind the point is cut off (12.8 is 12).
fn whole(scalar: &Scalar<'_>) -> Option<u32> {
    u32::try_from(scalar.decimal()?.truncated()?).ok()
}

/// A rate above 0 and at most 24 %, then rounded half up to one decimal.
fn percent(scalar: &Scalar<'_>) -> Option<Rate> {
    let percent = scalar.decimal()?;
    if percent.is_not_positive() || percent.is_above(MOST_PERCENT) {
        return None;
    }
    let tenths = u32::try_from(percent.rounded(1)?).ok()?;
    Rate::from_ppm(tenths.checked_mul(1000)?)
}

pub(crate) static AUDIT: Operation = Operation {
    method: Method::Patch,
    path: "/futureloan/loan/audit",
    summary: "审核项目 (§2.2.2)",
    protected: true,
    fields: &[
        body("loan_id", "integer", true, "项目 id"),
        body("approved_or_not", "boolean", true, "true 通过 false 不通过"),
    ],
    refusals: &[
        LOAN_ID_EMPTY,
        APPROVAL_EMPTY,
        AUDIT_MALFORMED,
        APPROVAL_WRONG,
        NOT_ADMINISTRATOR,
        NO_SUCH_LOAN,
        NOT_AUDITING,
    ],
    example: "null",
};

pub(crate) async fn audit(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (project, decision) = parse_audit(&read(&call.body)?)?;
    let caller = call.caller;
    let route = Route::project(project.number());
    let audited =
        channel.app.write(route, move |tx| market::audit(tx, caller, project, decision)).await;
    audited.map_err(|error| match error {
        AuditError::Revoked => UNAUTHORISED.into(),
        AuditError::NotAdministrator => NOT_ADMINISTRATOR.into(),
        AuditError::NoSuchProject => NO_SUCH_LOAN.into(),
        AuditError::NotAuditing => NOT_AUDITING.into(),
        AuditError::Fault(fault) => Failure::from(fault),
    })?;
    Reply::of(&())
}

fn parse_audit(wire: &AuditBody<'_>) -> Result<(ProjectId, Audit), Failure> {
    if wire.loan_id().is_empty() {
        return Err(LOAN_ID_EMPTY.into());
    }
    if wire.approved_or_not().is_empty() {
        return Err(APPROVAL_EMPTY.into());
    }
    let project = wire.loan_id().decimal().and_then(|number| number.to_i64());
    let project = project.map(ProjectId::from_number).ok_or(AUDIT_MALFORMED)?;
    let decision = match wire.approved_or_not() {
        Scalar::Bool(true) => Audit::Approve,
        Scalar::Bool(false) => Audit::Reject,
        Scalar::Text(text) if text == "true" => Audit::Approve,
        Scalar::Text(text) if text == "false" => Audit::Reject,
        Scalar::Missing | Scalar::Text(_) | Scalar::Number(_) | Scalar::Other => {
            return Err(APPROVAL_WRONG.into());
        }
    };
    Ok((project, decision))
}

pub(crate) static LIST: Operation = Operation {
    method: Method::Get,
    path: "/futureloan/loans",
    summary: "项目列表 (§2.2.3)",
    protected: false,
    fields: &[PAGE_INDEX, PAGE_SIZE],
    refusals: &[BAD_REQUEST],
    example: r#"[{"id":1,"member_id":1,"title":"报名学习课程","amount":6300.0,"loan_rate":12.0,"loan_term":3,"loan_date_type":1,"bidding_days":5,"create_time":"2026-01-01 08:00:00.0","bidding_start_time":null,"full_time":null,"status":1}]"#,
};

pub(crate) async fn list(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let page = call.page()?;
    let projects = channel.app.read(move |tx| market::projects(tx, page)).await?;
    Reply::of(&projects.iter().map(LoanData::from).collect::<Vec<_>>())
}

pub(crate) static REPAY: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/loan/{id}/repay",
    summary: "借款人偿还下一期 (our addition)",
    protected: true,
    fields: &[ID, body("member_id", "integer", false, "借款人 id，缺省为token的会员")],
    refusals: &[
        BAD_REQUEST,
        NO_SUCH_LOAN,
        NOT_YOURS,
        NOT_REPAYING,
        INSUFFICIENT,
        BALANCE_TOO_LARGE,
        KEY_REUSED,
    ],
    example: LOAN_EXAMPLE,
};

pub(crate) async fn repay(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let named: RepayBody<'_> = read(&call.body)?;
    if !named.member_id().is_empty() {
        let member = member_id(&named.member_id()).ok_or(BAD_REQUEST)?;
        if matches!(call.caller, Caller::Bearer { member: own, .. } if own != member) {
            return Err(NOT_YOURS.into());
        }
    }
    let project = call.id().map(ProjectId::from_number).ok_or(NO_SUCH_LOAN)?;
    let (route, caller) = (Route::project(project.number()), call.caller);
    let said = format!("repay {}", project.number());
    once(&channel, &call, &said, route, move |tx| {
        let repaid = market::repay(tx, caller, project).map_err(|error| match error {
            RepayError::NoSuchProject => NO_SUCH_LOAN.into(),
            RepayError::Denied(error) => stranger(error),
            RepayError::NotRepaying => NOT_REPAYING.into(),
            RepayError::Insufficient => INSUFFICIENT.into(),
            RepayError::TooLarge => BALANCE_TOO_LARGE.into(),
            RepayError::Fault(fault) => Failure::from(fault),
        })?;
        Reply::of(&LoanData::from(&repaid))
    })
    .await
}

pub(crate) static REPAYMENTS: Operation = Operation {
    method: Method::Get,
    path: "/futureloan/loan/{id}/repayments",
    summary: "项目的回款计划，借款人和投资人可见 (our addition)",
    protected: true,
    fields: &[ID, PAGE_INDEX, PAGE_SIZE],
    refusals: &[BAD_REQUEST, NO_SUCH_LOAN, NOT_YOURS],
    example: r#"[{"id":101,"invest_id":1,"create_time":"2026-01-01 08:00:00","terms":1,"unfinished_principal":0.0,"unfinished_interest":63.0,"repayment_date":"2026-02-01","actual_repayment_date":null,"status":0}]"#,
};

pub(crate) async fn repayments(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (page, caller) = (call.page()?, call.caller);
    let project = call.id().map(ProjectId::from_number).ok_or(NO_SUCH_LOAN)?;
    let rows = channel.app.read(move |tx| market::instalments_of(tx, caller, project, page)).await;
    let rows = rows.map_err(stranger)?.ok_or(NO_SUCH_LOAN)?;
    Reply::of(&rows.iter().map(RepaymentData::from).collect::<Vec<_>>())
}
