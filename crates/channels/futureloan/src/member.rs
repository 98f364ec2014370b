//! Members: registration, name, details, bids and wallet (§2.1.1, §2.1.5, §2.1.7, our additions).

use channel_kit::Scalar;
use channel_kit::route::{Field, Method, Operation, Place};
use kernel::id::MemberId;
use kernel::{Mobile, Secret};
use lending::identity::{self, Denied, Register, RegisterError, Role};
use lending::{Route, market};

use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    BAD_REQUEST, Failure, NICKNAME_LENGTH, NO_SUCH_MEMBER, NO_SUCH_USER, NOT_YOURS, PASSWORD_EMPTY,
    PASSWORD_LENGTH, PHONE_EMPTY, PHONE_MALFORMED, PHONE_TAKEN, TOO_MANY_REGISTRATIONS,
    TYPE_UNKNOWN, UNAUTHORISED, UPDATE_MALFORMED, USER_ID_EMPTY, USER_NAME_BLANK, USER_NAME_EMPTY,
};
use crate::wire::{
    FinanceLogData, InvestData, MemberData, RegisterBody, RegisteredData, UpdateBody, read,
};
use crate::{CHANNEL, Futureloan};

/// The name of members who gave none. Source: document 004 §2.1.1.
const DEFAULT_NAME: &str = "小柠檬";
/// Characters of a nickname at most. Source: document 004 §2.1.1.
const NAME_CHARACTERS: usize = 10;
/// Characters of a password. Source: document 004 §2.1.1.
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=16;

pub(crate) const ID: Field = Field {
    name: "id",
    place: Place::Path,
    kind: "integer",
    required: true,
    about: "会员或项目的id",
};
pub(crate) const PAGE_INDEX: Field = Field {
    name: "pageIndex",
    place: Place::Query,
    kind: "integer",
    required: false,
    about: "从1开始，缺省为1",
};
pub(crate) const PAGE_SIZE: Field = Field {
    name: "pageSize",
    place: Place::Query,
    kind: "integer",
    required: false,
    about: "缺省为10，最大100",
};

/// A field of the JSON body.
pub(crate) const fn body(
    name: &'static str,
    kind: &'static str,
    required: bool,
    about: &'static str,
) -> Field {
    Field { name, place: Place::Body, kind, required, about }
}

pub(crate) static REGISTER: Operation = Operation {
    method: Method::Post,
    path: "/futureloan/member/register",
    summary: "注册 (§2.1.1)",
    protected: false,
    fields: &[
        body("mobile_phone", "string", true, "手机号"),
        body("pwd", "string", true, "密码，8到16位"),
        body("type", "integer", false, "0 管理员 1 普通会员，缺省为1"),
        body("reg_name", "string", false, "昵称，最长10位"),
    ],
    refusals: &[
        PHONE_EMPTY,
        PASSWORD_EMPTY,
        PHONE_MALFORMED,
        PASSWORD_LENGTH,
        TYPE_UNKNOWN,
        NICKNAME_LENGTH,
        TOO_MANY_REGISTRATIONS,
        PHONE_TAKEN,
    ],
    example: r#"{"id":1,"reg_name":"小借","mobile_phone":"13800000001"}"#,
};

pub(crate) async fn register(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (mobile, password, nickname, role) = parse_register(&channel, &read(&call.body)?)?;
    let address = call.address;
    let admitted =
        channel.app.write(Route::home(0), move |tx| identity::admit_registration(tx, &address));
    if !admitted.await? {
        return Err(TOO_MANY_REGISTRATIONS.into());
    }
    let asked = mobile.clone();
    // A hash costs far more than this look; the write below decides.
    if channel.app.read(move |tx| identity::is_registered(tx, CHANNEL, &asked)).await? {
        return Err(PHONE_TAKEN.into());
    }
    let password = channel.app.passwords().hash(password).await?;
    let command = Register { id: None, channel: CHANNEL, mobile, nickname, role, password };
    let route = Route::home(command.mobile.expose().parse().unwrap_or(0));
    let member = channel.app.write(route, move |tx| identity::register(tx, &command)).await;
    let member = member.map_err(|error| match error {
        RegisterError::Taken => PHONE_TAKEN.into(),
        RegisterError::Fault(fault) => Failure::from(fault),
    })?;
    Reply::of(&RegisteredData::from(&member))
}

fn parse_register(
    channel: &Futureloan,
    wire: &RegisterBody<'_>,
) -> Result<(Mobile, Secret, String, Role), Failure> {
    if wire.mobile_phone().is_empty() {
        return Err(PHONE_EMPTY.into());
    }
    if wire.pwd().is_empty() {
        return Err(PASSWORD_EMPTY.into());
    }
    let mobile = wire.mobile_phone();
    let mobile = mobile.text().and_then(Mobile::parse).ok_or(PHONE_MALFORMED)?;
    let password = wire.pwd().text().map(ToOwned::to_owned).ok_or(PASSWORD_LENGTH)?;
    if !PASSWORD_CHARACTERS.contains(&password.chars().count()) {
        return Err(PASSWORD_LENGTH.into());
    }
    let role = match wire.r#type() {
        empty if empty.is_empty() => Role::Member,
        other => match other.text() {
            Some("1") => Role::Member,
            Some("0") if channel.settings.public_administrators => Role::Administrator,
            Some(_) | None => return Err(TYPE_UNKNOWN.into()),
        },
    };
    let nickname = match wire.reg_name() {
        empty if empty.is_empty() => DEFAULT_NAME.to_owned(),
        given => nickname(&given)?,
    };
    Ok((mobile, Secret::new(password), nickname, role))
}

fn nickname(given: &Scalar<'_>) -> Result<String, Failure> {
    let text = given.text().ok_or(BAD_REQUEST)?;
    if text.chars().count() > NAME_CHARACTERS {
        return Err(NICKNAME_LENGTH.into());
    }
    Ok(text.to_owned())
}

pub(crate) static UPDATE: Operation = Operation {
    method: Method::Patch,
    path: "/futureloan/member/update",
    summary: "更新昵称 (§2.1.5)",
    protected: true,
    fields: &[
        body("member_id", "integer", true, "会员 id"),
        body("reg_name", "string", true, "昵称，最长10位"),
    ],
    refusals: &[
        USER_ID_EMPTY,
        USER_NAME_EMPTY,
        UPDATE_MALFORMED,
        USER_NAME_BLANK,
        NICKNAME_LENGTH,
        NO_SUCH_MEMBER,
        NOT_YOURS,
    ],
    example: MEMBER_EXAMPLE,
};

/// A member in the descriptions.
pub(crate) const MEMBER_EXAMPLE: &str = r#"{"id":1,"leave_amount":6300.0,"mobile_phone":"13800000001","reg_name":"小借","reg_time":"2026-01-01 08:00:00.0","type":1}"#;

pub(crate) async fn update(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (member, nickname) = parse_update(&read(&call.body)?)?;
    let (route, caller) = (Route::home(member.number()), call.caller);
    let renamed =
        channel.app.write(route, move |tx| identity::rename(tx, caller, member, &nickname)).await;
    let member = renamed.map_err(|error| denied(error, NO_SUCH_MEMBER.into()))?;
    Reply::of(&MemberData::from(&member))
}

fn parse_update(wire: &UpdateBody<'_>) -> Result<(MemberId, String), Failure> {
    if wire.member_id().is_empty() {
        return Err(USER_ID_EMPTY.into());
    }
    if wire.reg_name().is_missing() {
        return Err(USER_NAME_EMPTY.into());
    }
    let member = member_id(&wire.member_id()).ok_or(UPDATE_MALFORMED)?;
    let name = wire.reg_name();
    if name.text().is_some_and(|text| text.trim().is_empty()) {
        return Err(USER_NAME_BLANK.into());
    }
    Ok((member, nickname(&name)?))
}

/// A whole number in a field, as a member's number.
pub(crate) fn member_id(scalar: &Scalar<'_>) -> Option<MemberId> {
    scalar.decimal()?.to_i64().map(MemberId::from_number)
}

/// A caller who may not: the text for a member that does not exist differs from call to call.
pub(crate) fn denied(error: Denied, no_such_member: Failure) -> Failure {
    match error {
        Denied::NoSuchMember => no_such_member,
        Denied::NotYours => NOT_YOURS.into(),
        Denied::Revoked => UNAUTHORISED.into(),
        Denied::Fault(fault) => fault.into(),
    }
}

/// A member who does not exist, where the text is the one for a stranger's.
pub(crate) fn stranger(error: Denied) -> Failure {
    denied(error, NOT_YOURS.into())
}

pub(crate) static INFO: Operation = Operation {
    method: Method::Get,
    path: "/futureloan/member/{id}/info",
    summary: "用户信息 (§2.1.7)",
    protected: true,
    fields: &[ID],
    refusals: &[NO_SUCH_USER, NOT_YOURS],
    example: MEMBER_EXAMPLE,
};

pub(crate) async fn info(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let member = call.id().map(MemberId::from_number).ok_or(NO_SUCH_USER)?;
    let caller = call.caller;
    let found = channel.app.read(move |tx| identity::acting_for(tx, caller, member)).await;
    let member = found.map_err(|error| denied(error, NO_SUCH_USER.into()))?;
    Reply::of(&MemberData::from(&member))
}

pub(crate) static INVESTS: Operation = Operation {
    method: Method::Get,
    path: "/futureloan/member/{id}/invests",
    summary: "会员的投资记录 (our addition)",
    protected: true,
    fields: &[ID, PAGE_INDEX, PAGE_SIZE],
    refusals: &[BAD_REQUEST, NO_SUCH_USER, NOT_YOURS],
    example: r#"[{"id":1,"member_id":1,"loan_id":1,"amount":400.0,"create_time":"2026-01-01 08:00:00","is_valid":1}]"#,
};

pub(crate) async fn invests(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (page, caller) = (call.page()?, call.caller);
    let member = call.id().map(MemberId::from_number).ok_or(NO_SUCH_USER)?;
    let bids = channel.app.read(move |tx| market::bids_of(tx, caller, member, page)).await;
    let bids = bids.map_err(|error| denied(error, NO_SUCH_USER.into()))?;
    Reply::of(&bids.iter().map(InvestData::from).collect::<Vec<_>>())
}

pub(crate) static FINANCE_LOG: Operation = Operation {
    method: Method::Get,
    path: "/futureloan/member/{id}/finance-log",
    summary: "会员的资金流水，最新的在前 (our addition)",
    protected: true,
    fields: &[ID, PAGE_INDEX, PAGE_SIZE],
    refusals: &[BAD_REQUEST, NO_SUCH_USER, NOT_YOURS],
    example: r#"[{"id":1,"create_time":"2026-01-01 08:00:00","pay_member_id":null,"income_member_id":1,"amount":500.0,"income_member_money":6300.0,"pay_member_money":null,"status":1}]"#,
};

pub(crate) async fn finance_log(channel: Futureloan, call: Call) -> Result<Reply, Failure> {
    let (page, caller) = (call.page()?, call.caller);
    let member = call.id().map(MemberId::from_number).ok_or(NO_SUCH_USER)?;
    let log = channel.app.read(move |tx| market::finance_log(tx, caller, member, page)).await;
    let log = log.map_err(|error| denied(error, NO_SUCH_USER.into()))?;
    Reply::of(&log.iter().map(FinanceLogData::from).collect::<Vec<_>>())
}
