//! Who a customer is, and which cards are theirs.

use channel_kit::Field;
use kernel::RealName;
use kernel::identity::{BankCardNo, CardBins, CardType, IdCardNo};
use lending::customers::{self, BeginRealName, DefaultCardError, Finished, RealNameError};
use lending::ports::BinOutcome;
use lending::{Fault, Route};
use serde::Serialize;

use crate::Wukong;
use crate::call::Call;
use crate::envelope::Reply;
use crate::section::{asked, section, text};
use crate::texts::{
    BUSY, CARD_REFUSED, CARD_UNKNOWN, DONE, Failure, IDENTITY_AGAIN, IDENTITY_NOT_PASSED,
    IDENTITY_PASSED, MALFORMED, NO_SUCH_CARD, NO_TOKEN, SET, TOO_OFTEN,
};

section! {
    IDENTITY: Post "/lm-identity", "身份认证", TOKEN;
    fields: [text("username", "真实姓名"), text("identityno", "身份证号码")];
    refusals: [MALFORMED, IDENTITY_AGAIN, TOO_OFTEN];
    success: IDENTITY_PASSED, "null";
}

pub(crate) async fn identity(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let (name, number) = (call.fields.text("username"), call.fields.text("identityno"));
    if name.is_empty() || number.is_empty() {
        return Err(MALFORMED.into());
    }
    let not_passed = || Ok(Reply::done().saying(IDENTITY_NOT_PASSED));
    let Some((name, id_no)) = RealName::parse(name).zip(IdCardNo::parse(number)) else {
        return not_passed();
    };
    let route = Route::home(member.number());
    let command = BeginRealName { member, name, id_no };
    let begun = channel.app.write(route, move |tx| customers::begin_real_name(tx, &command));
    let check = match begun.await {
        Ok(check) => check,
        Err(RealNameError::WrongIdNumber(_) | RealNameError::IdentityTaken) => return not_passed(),
        Err(RealNameError::AlreadyVerified) => return Err(IDENTITY_AGAIN.into()),
        Err(RealNameError::TooManyAttempts) => return Err(TOO_OFTEN.into()),
        Err(RealNameError::NoSuchCustomer) => return Err(NO_TOKEN.into()),
        Err(RealNameError::Fault(fault)) => return Err(fault.into()),
    };
    let question = check.question;
    let outcome = channel.app.check(move |provider| question.ask(provider)).await?;
    let finish = channel.app.write(route, move |tx| customers::finish(tx, check.id, &outcome));
    match finish.await {
        Ok(Finished::Verified) => Ok(Reply::done()),
        Ok(Finished::Mismatch(_) | Finished::IdentityTaken) => not_passed(),
        Ok(Finished::AlreadyVerified) => Err(IDENTITY_AGAIN.into()),
        // Nobody can say now; that is no answer about the person.
        Ok(Finished::Unknown) => Err(BUSY.into()),
        Err(customers::FinishError::NoSuchCheck) => {
            Err(Fault::Corrupt("customer_check".into()).into())
        }
        Err(customers::FinishError::Fault(fault)) => Err(fault.into()),
    }
}

section! {
    GET_IDENTITY: Get "/lm-get-identity", "身份认证信息查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"real_name":"王晓明","identity_no":"11010119900101004X","state":"pass"}]"#;
}

#[derive(Serialize)]
struct IdentityShown {
    real_name: String,
    identity_no: String,
    state: &'static str,
}

pub(crate) async fn get_identity(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let customer = channel.app.read(move |tx| customers::customer(tx, member)).await?;
    let shown = match customer.ok_or(NO_TOKEN)?.identity {
        Some(identity) => IdentityShown {
            real_name: identity.name.expose().to_owned(),
            identity_no: identity.id_no.expose().to_owned(),
            state: IDENTITY_PASSED.msg,
        },
        None => IdentityShown {
            real_name: String::new(),
            identity_no: String::new(),
            state: IDENTITY_NOT_PASSED.msg,
        },
    };
    Reply::one(&shown)
}

section! {
    CARD_BIN: Get "/llpay-cardbin", "银行卡卡BIN查询", TOKEN;
    fields: [asked(text("card_no", "银行卡号"))];
    refusals: [MALFORMED, CARD_UNKNOWN, CARD_REFUSED];
    success: DONE, "null";
}

pub(crate) async fn card_bin(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    call.member()?;
    let number = call.fields.text("card_no");
    if number.is_empty() {
        return Err(MALFORMED.into());
    }
    let card = BankCardNo::parse(number).filter(BankCardNo::passes_luhn).ok_or(CARD_UNKNOWN)?;
    let asked = card.clone();
    match channel.app.page(move |pages| pages.bin(&asked)).await? {
        Some(BinOutcome::Debit) => Ok(Reply::done()),
        Some(BinOutcome::Refused(why)) => Err(Failure::with(CARD_REFUSED, &why)),
        // Without an answer, what the shipped table knows: money goes to debit cards alone.
        Some(BinOutcome::Unknown) | None => {
            let found = CardBins::shipped().find(&card);
            let is_debit = found.is_some_and(|bin| bin.card_type == CardType::Debit);
            if is_debit { Ok(Reply::done()) } else { Err(CARD_UNKNOWN.into()) }
        }
    }
}

section! {
    CARDS: Get "/auth-bankcard-get", "已认证银行卡列表查询", TOKEN;
    fields: [];
    refusals: [];
    success: DONE,
        r#"[{"id":1,"bank_name":"中国建设银行","bank_no":"6217********0000","bank_code":"01050000","is_default":1}]"#;
}

#[derive(Serialize)]
struct CardShown {
    /// Its place among the customer's cards: the core's own number is larger than a number of
    /// JavaScript can be.
    id: usize,
    bank_name: String,
    bank_no: String,
    bank_code: String,
    is_default: u8,
}

pub(crate) async fn cards(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let cards = channel.app.read(move |tx| customers::cards(tx, member)).await?;
    let shown = (1..).zip(cards).map(|(id, card)| CardShown {
        id,
        bank_no: masked(&card.number),
        bank_name: card.bank_name,
        bank_code: digits_of(&card.bank_code).map_or(card.bank_code, ToOwned::to_owned),
        is_default: u8::from(card.replaced_at.is_none()),
    });
    Reply::list(&shown.collect::<Vec<_>>())
}

/// The eight digits of a bank. Source: document 002, 网银流水查询 lists them and
/// 已认证银行卡列表查询 prints one; other banks keep the letters of the table of cards.
const BANKS: [(&str, &str); 16] = [
    ("BOC", "01040000"),
    ("ICBC", "01020000"),
    ("CCB", "01050000"),
    ("ABC", "01030000"),
    ("COMM", "03010000"),
    ("CMB", "03080000"),
    ("CIB", "03090000"),
    ("GDB", "03060000"),
    ("SPDB", "03100000"),
    ("SPABANK", "03070000"),
    ("SHBANK", "04012900"),
    ("CITIC", "03020000"),
    ("HXBANK", "03040000"),
    ("CMBC", "03050000"),
    ("CEB", "03030000"),
    ("PSBC", "01000000"),
];

fn digits_of(letters: &str) -> Option<&'static str> {
    BANKS.iter().find(|(known, _)| *known == letters).map(|(_, digits)| *digits)
}

/// `6217********0000`: eight stars for any number of digits, as the sample prints it.
fn masked(card: &BankCardNo) -> String {
    let number = card.expose();
    let (head, tail) = (number.get(..4), number.get(number.len().saturating_sub(4)..));
    format!("{}********{}", head.unwrap_or_default(), tail.unwrap_or_default())
}

const ID: Field = text("id", "用户银行卡ID");

section! {
    SET_DEFAULT: Put "/set-bankcard-default", "设置默认银行卡", TOKEN;
    fields: [ID];
    refusals: [MALFORMED, NO_SUCH_CARD];
    success: SET, "null";
}

pub(crate) async fn set_default(channel: Wukong, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let place = call.fields.whole("id").ok_or(MALFORMED)?;
    let place = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
    let place = place.ok_or(NO_SUCH_CARD)?;
    let set = channel.app.write(Route::home(member.number()), move |tx| {
        let card = customers::cards(tx, member)?.into_iter().nth(place);
        let card = card.ok_or(DefaultCardError::NoSuchCard)?;
        customers::set_default_card(tx, member, card.id)
    });
    set.await.map_err(|error| match error {
        DefaultCardError::NoSuchCard => NO_SUCH_CARD.into(),
        DefaultCardError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}
