//! Banks and cards: which there are, and binding one, with or without a code by SMS.

use channel_kit::Field;
use kernel::Mobile;
use kernel::identity::{BankCardNo, CardBins, CardType};
use lending::Fault;
use lending::customers::codes::Purpose;
use lending::customers::{self, BeginBankCard, CardCheckError, FinishError, Finished, Identity};
use serde::Serialize;

use crate::Chaojihua;
use crate::account::{check_code, send_code};
use crate::call::{Call, home, unauthorised};
use crate::envelope::Reply;
use crate::people::{identify, read_identity};
use crate::pictures;
use crate::section::{ORDER_NO, optional, section, text};
use crate::texts::{
    BOUND, BUSY, CARD_CODE_SENT, CARD_LOCKED, CARD_OTHER_BANK, CARD_REFUSED, CARD_UNKNOWN,
    CARD_WRONG, CODE_TOO_OFTEN, CODE_WRONG, DONE, FIELD_MISSING, FIELD_WRONG, Failure,
    IDENTITY_DIFFERS, IDENTITY_FIRST, IDENTITY_TAKEN, IDENTITY_WRONG, NO_SUCH_ORDER, TOO_OFTEN,
};

/// Banks by their codes, called as the sample calls them.
pub(crate) const BANKS: [(&str, &str); 15] = [
    ("ICBC", "工商银行"),
    ("ABC", "农业银行"),
    ("BOC", "中国银行"),
    ("CCB", "建设银行"),
    ("COMM", "交通银行"),
    ("PSBC", "邮储银行"),
    ("CMB", "招商银行"),
    ("CITIC", "中信银行"),
    ("CEB", "光大银行"),
    ("CMBC", "民生银行"),
    ("SPDB", "浦发银行"),
    ("CIB", "兴业银行"),
    ("SPABANK", "平安银行"),
    ("GDB", "广发银行"),
    ("HXBANK", "华夏银行"),
];

/// What a bank is called.
fn bank_name<'b>(code: &str, stored: &'b str) -> &'b str {
    BANKS.iter().find(|(known, _)| *known == code).map_or(stored, |(_, name)| *name)
}

section! {
    BANK_LIST: Get "bank-list", "银行列表", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"bankCode":"ICBC","bankName":"工商银行","icon":"http://host/chaojihua/cjh-open-api/icons/ICBC.svg"}]"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    bank_code: &'static str,
    bank_name: &'static str,
    icon: String,
}

pub(crate) async fn bank_list(_: Chaojihua, call: Call) -> Result<Reply, Failure> {
    call.member()?;
    let bank = |(bank_code, bank_name)| Listed {
        bank_code,
        bank_name,
        icon: pictures::address(&call.base, bank_code),
    };
    Reply::show(&BANKS.map(bank))
}

section! {
    CARD_LIST: Get "bank-card-list", "银行卡列表", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"bankCode":"CCB","bankName":"建设银行","cardNo":"6217000000000000012","channel":"SUISHOU01","defaultFlag":true,"idNo":"11010119900101004X","name":"李小明","reserveMobile":"13800000001","uid":"0000000000000000000000000000000b"}]"#;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CardShown {
    bank_code: String,
    bank_name: String,
    card_no: String,
    channel: String,
    default_flag: bool,
    id_no: String,
    name: String,
    reserve_mobile: String,
    uid: String,
}

pub(crate) async fn card_list(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let known = channel.app.read(move |tx| {
        Ok::<_, Fault>((customers::customer(tx, member)?, customers::cards(tx, member)?))
    });
    let (customer, cards) = known.await?;
    let identity = customer.ok_or_else(unauthorised)?.identity;
    let id_no = identity.map(|Identity { id_no, .. }| id_no.expose().to_owned());
    let id_no = id_no.unwrap_or_default();
    let shown = cards.into_iter().map(|card| CardShown {
        bank_name: bank_name(&card.bank_code, &card.bank_name).to_owned(),
        card_no: card.number.expose().to_owned(),
        channel: channel.settings.channel_code.clone(),
        default_flag: card.replaced_at.is_none(),
        id_no: id_no.clone(),
        name: card.name.expose().to_owned(),
        reserve_mobile: card.mobile.expose().to_owned(),
        uid: format!("{:032x}", card.id.number()),
        bank_code: card.bank_code,
    });
    Reply::show(&shown.collect::<Vec<_>>())
}

const ID_NO: Field = text("idNo", "身份证号");
const NAME: Field = text("name", "姓名");
const CARD_NO: Field = text("cardNo", "银行卡号");
const BANK_CODE: Field = optional("bankCode", "银行编码，见银行列表");
const BANK_NAME: Field = optional("bankName", "银行名称");
const MOBILE: Field = text("reserveMobile", "银行预留手机号");
const BUSI_TYPE: Field = optional("busiType", "1：绑卡；2：换卡");

section! {
    BIND: Post "bank-card-bind", "银行卡绑卡", TOKEN;
    fields: [ORDER_NO, ID_NO, NAME, CARD_NO, BANK_CODE, BANK_NAME, MOBILE, BUSI_TYPE];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, CARD_WRONG, CARD_UNKNOWN, CARD_OTHER_BANK,
        IDENTITY_DIFFERS, IDENTITY_WRONG, IDENTITY_TAKEN, CODE_TOO_OFTEN, CARD_LOCKED, TOO_OFTEN,
        CARD_REFUSED
    ];
    success: BOUND, r#"{"status":"3001"}"#;
}

#[derive(Serialize)]
struct Bound {
    status: &'static str,
}

pub(crate) async fn bind(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let (number, mobile) = read_card(&channel, &call).await?;
    let asked = (number.clone(), mobile.clone());
    if channel.app.wants_code(move |provider| provider.wants_code(&asked.0, &asked.1)).await? {
        send_code(&channel, &call, mobile, Purpose::CardBinding).await?;
        return Ok(Reply::show(&Bound { status: "3003" })?.saying(CARD_CODE_SENT));
    }
    check_card(&channel, &call, number, mobile).await?;
    Reply::show(&Bound { status: "3001" })
}

section! {
    BIND_BY_CODE: Post "bank-card-bind-captcha", "银行卡验证码绑卡", TOKEN;
    fields: [
        ORDER_NO, ID_NO, NAME, CARD_NO, BANK_CODE, BANK_NAME, MOBILE, BUSI_TYPE,
        text("verifyCode", "短信验证码")
    ];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_ORDER, CARD_WRONG, CARD_UNKNOWN, CARD_OTHER_BANK,
        IDENTITY_DIFFERS, IDENTITY_WRONG, IDENTITY_TAKEN, CODE_WRONG, CARD_LOCKED, TOO_OFTEN,
        CARD_REFUSED
    ];
    success: BOUND, r#""""#;
}

pub(crate) async fn bind_by_code(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let code = call.fields.needed("verifyCode")?;
    let (number, mobile) = read_card(&channel, &call).await?;
    check_code(&channel, (&mobile, code), Purpose::CardBinding).await?;
    check_card(&channel, &call, number, mobile).await?;
    Ok(Reply::done())
}

/// The card in a call, and that its owner is the caller; an order that is named is theirs.
async fn read_card(channel: &Chaojihua, call: &Call) -> Result<(BankCardNo, Mobile), Failure> {
    let member = call.member()?;
    call.order_id(channel).await?;
    let fields = &call.fields;
    let (id_no, name) = (fields.needed("idNo")?, fields.needed("name")?);
    let (name, id_no) = read_identity(&name, &id_no, ["name", "idNo"])?;
    if let Some("1" | "2") | None = fields.text("busiType").as_deref() {
    } else {
        return Err(Failure::with(FIELD_WRONG, "busiType"));
    }
    let number = fields.read("cardNo", BankCardNo::parse)?;
    let mobile = fields.read("reserveMobile", Mobile::parse)?;
    if !number.passes_luhn() {
        return Err(CARD_WRONG.into());
    }
    let bin = CardBins::shipped().find(&number);
    let bin = bin.filter(|bin| bin.card_type == CardType::Debit).ok_or(CARD_UNKNOWN)?;
    if fields.text("bankCode").is_some_and(|code| !code.eq_ignore_ascii_case(&bin.bank_code)) {
        return Err(CARD_OTHER_BANK.into());
    }
    identify(channel, member, name, id_no).await?;
    Ok((number, mobile))
}

/// Asks the provider whether the four elements belong together; a card that is bound stays so.
async fn check_card(
    channel: &Chaojihua,
    call: &Call,
    number: BankCardNo,
    mobile: Mobile,
) -> Result<(), Failure> {
    let member = call.member()?;
    let command = BeginBankCard { member, number, mobile };
    let begun = channel.app.write(home(member), move |tx| {
        customers::begin_bank_card(tx, &command, CardBins::shipped())
    });
    let check = match begun.await {
        Ok(check) => check,
        Err(CardCheckError::AlreadyVerified) => return Ok(()),
        Err(error) => return Err(refused(error)),
    };
    let question = check.question;
    let outcome = channel.app.check(move |provider| question.ask(provider)).await?;
    let finish =
        channel.app.write(home(member), move |tx| customers::finish(tx, check.id, &outcome));
    match finish.await {
        Ok(Finished::Verified | Finished::AlreadyVerified) => Ok(()),
        Ok(Finished::Mismatch(why)) => Err(Failure::with(CARD_REFUSED, &why)),
        Ok(Finished::IdentityTaken) => Err(IDENTITY_TAKEN.into()),
        Ok(Finished::Unknown) => Err(BUSY.into()),
        Err(FinishError::NoSuchCheck) => Err(Fault::Corrupt("customer_check".into()).into()),
        Err(FinishError::Fault(fault)) => Err(fault.into()),
    }
}

fn refused(error: CardCheckError) -> Failure {
    match error {
        CardCheckError::NoSuchCustomer => unauthorised(),
        CardCheckError::RealNameFirst => IDENTITY_FIRST.into(),
        CardCheckError::WrongNumber => CARD_WRONG.into(),
        CardCheckError::UnknownBank | CardCheckError::NotDebit => CARD_UNKNOWN.into(),
        CardCheckError::AlreadyVerified => BOUND.into(),
        CardCheckError::CardLocked { .. } => CARD_LOCKED.into(),
        CardCheckError::TooManyForCard | CardCheckError::TooManyAttempts => TOO_OFTEN.into(),
        CardCheckError::Fault(fault) => fault.into(),
    }
}
