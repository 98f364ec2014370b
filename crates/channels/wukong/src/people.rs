//! What customers tell of themselves, and which of it is complete.

use channel_kit::Field;
use kernel::id::MemberId;
use lending::customers::statements::{
    self, Acquaintance, Elsewhere, Home, Relations, TellError, Work,
};
use lending::customers::{self, Line};
use lending::reports::{self, Progress};
use lending::{Fault, Route, Tx};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{asked, list, section, text};
use crate::texts::{DONE, Failure, MALFORMED, NO_TOKEN, PROVEN, SAVED};
use crate::{Wukong, elsewhere};

section! {
    AUTH_STATE: Get "/user-auth-state", "用户认证状态查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"is_identity_auth":1,"is_profile_auth":1,"is_bankcard_auth":0,"is_phone_auth":2}]"#;
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the document's names")]
struct AuthState {
    is_identity_auth: u8,
    is_profile_auth: u8,
    is_bankcard_auth: u8,
    is_phone_auth: u8,
}

pub(crate) async fn auth_state(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let known = channel.app.read(move |tx| {
        let customer = customers::customer(tx, member)?;
        Ok::<_, Fault>((customer, reports::auth_state(tx, member)?.phone.number()))
    });
    let (customer, phone) = known.await?;
    let customer = customer.ok_or(NO_TOKEN)?;
    Reply::one(&AuthState {
        is_identity_auth: u8::from(customer.identity.is_some()),
        is_profile_auth: u8::from(customer.profile_complete),
        is_bankcard_auth: u8::from(customer.card.is_some()),
        is_phone_auth: phone,
    })
}

section! {
    PROFILE: Get "/user-profile", "用户个人基本信息查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"live_area":["福建省","厦门市","集美区"],"live_addr":"某路1号","live_time":["2年以上"],"is_work_auth":1,"is_relation_auth":1}]"#;
}

#[derive(Serialize)]
struct ProfileShown {
    live_area: Vec<String>,
    live_addr: String,
    live_time: Vec<String>,
    is_work_auth: u8,
    is_relation_auth: u8,
}

pub(crate) async fn profile(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let told = channel.app.read(move |tx| {
        let (home, work) = (statements::home(tx, member)?, statements::work(tx, member)?);
        Ok::<_, Fault>((home, work, statements::relations(tx, member)?))
    });
    let (home, work, relations) = told.await?;
    let home = home.as_ref();
    Reply::one(&ProfileShown {
        live_area: home.map(|home| shown(&home.area)).unwrap_or_default(),
        live_addr: home.map(|home| home.address.expose().to_owned()).unwrap_or_default(),
        live_time: home.map(|home| shown(&home.since)).unwrap_or_default(),
        is_work_auth: u8::from(work.is_some()),
        is_relation_auth: u8::from(relations.is_some()),
    })
}

fn shown(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| line.expose().to_owned()).collect()
}

section! {
    SAVE_PROFILE: Post "/user-save-profile", "保存用户个人基本信息", TOKEN;
    fields: [
        list("live_area", "居住区域"),
        text("live_addr", "详细地址"),
        list("live_time", "居住时长"),
    ];
    refusals: [MALFORMED];
    success: SAVED, "null";
}

pub(crate) async fn save_profile(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let home = Home {
        area: lines(&call, "live_area")?,
        address: line(&call, "live_addr")?,
        since: lines(&call, "live_time")?,
    };
    tell(&channel, &call, move |tx, member| statements::tell_home(tx, member, &home)).await
}

section! {
    WORK: Get "/user-work", "工作信息查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"industry":"制造业","position":"职员","company_name":"某公司","company_area":["福建省","厦门市","湖里区"],"company_addr":"某路2号","company_tel":"0592-5550100"}]"#;
}

#[derive(Default, Serialize)]
struct WorkShown {
    industry: String,
    position: String,
    company_name: String,
    company_area: Vec<String>,
    company_addr: String,
    company_tel: String,
}

pub(crate) async fn work(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let work = channel.app.read(move |tx| statements::work(tx, member)).await?;
    let text = |line: Line| line.expose().to_owned();
    let shown = work.map(|work| WorkShown {
        industry: text(work.industry),
        position: text(work.position),
        company_name: text(work.employer),
        company_area: shown(&work.area),
        company_addr: text(work.address),
        company_tel: text(work.telephone),
    });
    Reply::one(&shown.unwrap_or_default())
}

section! {
    SAVE_WORK: Post "/user-save-work", "保存工作信息", TOKEN;
    fields: [
        text("industry", "从事行业"),
        text("position", "工作岗位"),
        text("company_name", "单位名称"),
        list("company_area", "单位所在地"),
        text("company_addr", "详细信息"),
        text("company_tel", "单位电话"),
    ];
    refusals: [MALFORMED];
    success: SAVED, "null";
}

pub(crate) async fn save_work(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let work = Work {
        industry: line(&call, "industry")?,
        position: line(&call, "position")?,
        employer: line(&call, "company_name")?,
        area: lines(&call, "company_area")?,
        address: line(&call, "company_addr")?,
        telephone: line(&call, "company_tel")?,
    };
    tell(&channel, &call, move |tx, member| statements::tell_work(tx, member, &work)).await
}

section! {
    RELATION: Get "/user-relation", "人际关系查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"linkman_relation_fir":["朋友"],"linkman_name_fir":"王一","linkman_tel_fir":"13900000001","linkman_relation_sec":["同事"],"linkman_name_sec":"王二","linkman_tel_sec":"13900000002"}]"#;
}

#[derive(Default, Serialize)]
struct RelationsShown {
    #[serde(rename = "linkman_relation_fir")]
    first_relation: Vec<String>,
    #[serde(rename = "linkman_name_fir")]
    first_name: String,
    #[serde(rename = "linkman_tel_fir")]
    first_telephone: String,
    #[serde(rename = "linkman_relation_sec")]
    second_relation: Vec<String>,
    #[serde(rename = "linkman_name_sec")]
    second_name: String,
    #[serde(rename = "linkman_tel_sec")]
    second_telephone: String,
}

pub(crate) async fn relation(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let relations = channel.app.read(move |tx| statements::relations(tx, member)).await?;
    let text = |line: &Line| line.expose().to_owned();
    let shown = relations.map(|Relations { first, second }| RelationsShown {
        first_relation: shown(&first.relation),
        first_name: text(&first.name),
        first_telephone: text(&first.telephone),
        second_relation: shown(&second.relation),
        second_name: text(&second.name),
        second_telephone: text(&second.telephone),
    });
    Reply::one(&shown.unwrap_or_default())
}

section! {
    SAVE_RELATION: Post "/user-save-relation", "保存人际关系", TOKEN;
    fields: [
        list("linkman_relation_fir", "1号联系人与本人关系"),
        text("linkman_name_fir", "1号联系人姓名"),
        text("linkman_tel_fir", "1号联系人电话"),
        list("linkman_relation_sec", "2号联系人与本人关系"),
        text("linkman_name_sec", "2号联系人姓名"),
        text("linkman_tel_sec", "2号联系人电话"),
    ];
    refusals: [MALFORMED];
    success: SAVED, "null";
}

pub(crate) async fn save_relation(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let first = Acquaintance {
        relation: lines(&call, "linkman_relation_fir")?,
        name: line(&call, "linkman_name_fir")?,
        telephone: line(&call, "linkman_tel_fir")?,
    };
    let second = Acquaintance {
        relation: lines(&call, "linkman_relation_sec")?,
        name: line(&call, "linkman_name_sec")?,
        telephone: line(&call, "linkman_tel_sec")?,
    };
    let relations = Relations { first, second };
    tell(&channel, &call, move |tx, member| statements::tell_relations(tx, member, &relations))
        .await
}

fn line(call: &Call, name: &str) -> Result<Line, Failure> {
    Line::parse(call.fields.text(name)).ok_or_else(|| MALFORMED.into())
}

fn lines(call: &Call, name: &str) -> Result<Vec<Line>, Failure> {
    let items = call.fields.list(name).iter().map(|item| Line::parse(item));
    items.collect::<Option<_>>().ok_or_else(|| MALFORMED.into())
}

async fn tell(
    channel: &Wukong,
    call: &Call,
    mut tell: impl FnMut(&mut Tx<'_, '_>, MemberId) -> Result<(), TellError> + Send + 'static,
) -> Result<Reply, Failure> {
    let member = call.member()?;
    let told = channel.app.write(Route::home(member.number()), move |tx| tell(tx, member)).await;
    told.map_err(|error| match error {
        TellError::NoSuchCustomer => NO_TOKEN.into(),
        TellError::Items => MALFORMED.into(),
        TellError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

const AUTH_TYPE: Field = text("auth_type", "认证类型");

section! {
    AUTH_COMMON: Post "/auth-common", "通用认证(QQ/微信/银行卡号)", TOKEN;
    fields: [AUTH_TYPE, text("accounts", "账号")];
    refusals: [MALFORMED];
    success: PROVEN, "null";
}

pub(crate) async fn auth_common(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let kind = Elsewhere::parse(call.fields.text("auth_type")).ok_or(MALFORMED)?;
    let account = line(&call, "accounts")?;
    let work =
        move |tx: &mut Tx<'_, '_>, member| statements::tell_account(tx, member, kind, &account);
    tell(&channel, &call, work).await
}

section! {
    AUTH_COMMON_GET: Get "/auth-common-get", "通用认证查询", TOKEN;
    fields: [asked(AUTH_TYPE)];
    refusals: [MALFORMED];
    success: DONE, r#"[{"education":1}]"#;
}

pub(crate) async fn auth_common_get(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let word = call.fields.text("auth_type");
    let (word, value) = if let Some(kind) = Elsewhere::parse(word) {
        let account = channel.app.read(move |tx| statements::account(tx, member, kind)).await?;
        let account = account.map(|account| account.expose().to_owned());
        (kind.word(), Value::from(account.unwrap_or_default()))
    } else {
        let kind = elsewhere::source(word).ok_or(MALFORMED)?;
        let state = channel.app.read(move |tx| reports::auth_state(tx, member)).await?;
        (kind.word(), Value::from(u8::from(state.of(kind) == Progress::Done)))
    };
    Reply::one(&Map::from_iter([(word.to_owned(), value)]))
}
