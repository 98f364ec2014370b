//! Who a customer is and what they tell (用户信息).

use kernel::RealName;
use kernel::id::MemberId;
use kernel::identity::{IdCardNo, Sex};
use lending::customers::sheet::SheetError;
use lending::customers::{
    self, BeginRealName, Customer, FinishError, Finished, Line, RealNameError, sheet,
};
use lending::{Fault, Tx};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::Chaojihua;
use crate::call::{Call, home, unauthorised};
use crate::envelope::Reply;
use crate::section::{optional, section};
use crate::texts::{
    BUSY, DONE_IN_CAPITALS, FIELD_WRONG, Failure, IDENTITY_DIFFERS, IDENTITY_TAKEN, IDENTITY_WRONG,
    SAVED, TOO_OFTEN,
};

/// The fields, in the sample's order.
const FIELDS: [&str; 31] = [
    "name1",
    "name2",
    "degree",
    "mobile1",
    "mobile2",
    "marriage",
    "houseCity",
    "relation1",
    "relation2",
    "companyCity",
    "companyName",
    "verifiedIdNo",
    "houseCityCode",
    "houseDistrict",
    "houseProvince",
    "monthlyIncome",
    "preCreditScore",
    "verifiedIdName",
    "verifiedIdRace",
    "companyCityCode",
    "companyDistrict",
    "companyProvince",
    "verifiedIdGender",
    "verifiedIdIssued",
    "houseDistrictCode",
    "houseProvinceCode",
    "verifiedIdAddress",
    "houseDetailAddress",
    "verifiedIdBirthday",
    "verifiedIdValidEnd",
    "companyDistrictCode",
];
/// The last three of the sample, after those.
const LAST: [&str; 2] = ["companyProvinceCode", "verifiedIdValidBegin"];
/// What the id number tells is not told by anybody.
const BY_IDENTITY: [&str; 4] =
    ["verifiedIdNo", "verifiedIdName", "verifiedIdGender", "verifiedIdBirthday"];

fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.into_iter().chain(LAST)
}

section! {
    SHOW: Get "user-info", "用户信息", TOKEN;
    fields: [];
    refusals: [];
    success: DONE_IN_CAPITALS, r#"{"name1":"王一","verifiedIdName":"李小明"}"#;
}

/// Every field, empty where nothing is known.
struct Shown(Vec<(&'static str, String)>);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

pub(crate) async fn show(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let known = channel.app.read(move |tx| known(tx, member)).await?;
    Reply::show(&known.ok_or_else(unauthorised)?)
}

fn known(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Shown>, Fault> {
    let Some(customer) = customers::customer(tx, member)? else { return Ok(None) };
    let told = sheet::told(tx, member)?;
    let proven = proven(&customer);
    let shown = names().map(|name| {
        let own = proven.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        let value = own.or_else(|| told.get(name).map(|line| line.expose().to_owned()));
        (name, value.unwrap_or_default())
    });
    Ok(Some(Shown(shown.collect())))
}

/// What the verified identity says.
fn proven(customer: &Customer) -> Vec<(&'static str, String)> {
    let Some(identity) = &customer.identity else { return Vec::new() };
    let mut proven = vec![
        ("verifiedIdNo", identity.id_no.expose().to_owned()),
        ("verifiedIdName", identity.name.expose().to_owned()),
    ];
    if let Ok(facts) = identity.id_no.check() {
        let sex = match facts.sex {
            Sex::Male => "男",
            Sex::Female => "女",
        };
        proven.push(("verifiedIdGender", sex.to_owned()));
        proven.push(("verifiedIdBirthday", facts.born.to_string().replace('-', "")));
    }
    proven
}

section! {
    TELL: Post "user-info", "完善用户信息，并以姓名与身份证号实名 (ours)", TOKEN;
    fields: [
        optional("verifiedIdName", "姓名"),
        optional("verifiedIdNo", "身份证号"),
        optional("name1", "联系人姓名；其余字段同用户信息，均可省略"),
    ];
    refusals: [
        FIELD_WRONG, IDENTITY_DIFFERS, IDENTITY_WRONG, IDENTITY_TAKEN, TOO_OFTEN
    ];
    success: SAVED, r#""""#;
}

pub(crate) async fn tell(channel: Chaojihua, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let mut lines = Vec::new();
    for name in names().filter(|name| !BY_IDENTITY.contains(name)) {
        if call.fields.scalar(name).is_empty() {
            continue;
        }
        let line = call.fields.text(name).as_deref().and_then(Line::parse);
        lines.push((name, line.ok_or_else(|| Failure::with(FIELD_WRONG, name))?));
    }
    let said = (call.fields.text("verifiedIdName"), call.fields.text("verifiedIdNo"));
    if let (Some(name), Some(id_no)) = said {
        let (name, id_no) = read_identity(&name, &id_no, ["verifiedIdName", "verifiedIdNo"])?;
        identify(&channel, member, name, id_no).await?;
    }
    let told = channel.app.write(home(member), move |tx| sheet::tell(tx, member, &lines));
    told.await.map_err(|error| match error {
        SheetError::NoSuchCustomer => unauthorised(),
        SheetError::TooMany => Failure::from(BUSY),
        SheetError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

/// A name and an id number as they were typed; the fields' names are told where they are none.
pub(crate) fn read_identity(
    name: &str,
    id_no: &str,
    [name_field, id_field]: [&'static str; 2],
) -> Result<(RealName, IdCardNo), Failure> {
    let name = RealName::parse(name).ok_or_else(|| Failure::with(FIELD_WRONG, name_field))?;
    let id_no = IdCardNo::parse(id_no).ok_or_else(|| Failure::with(FIELD_WRONG, id_field))?;
    Ok((name, id_no))
}

/// Sees to it that the customer is this person: asks the provider, unless it is known.
pub(crate) async fn identify(
    channel: &Chaojihua,
    member: MemberId,
    name: RealName,
    id_no: IdCardNo,
) -> Result<(), Failure> {
    let customer = channel.app.read(move |tx| customers::customer(tx, member)).await?;
    if let Some(known) = customer.ok_or_else(unauthorised)?.identity {
        let is_same = (known.name, known.id_no) == (name, id_no);
        return if is_same { Ok(()) } else { Err(IDENTITY_DIFFERS.into()) };
    }
    let command = BeginRealName { member, name, id_no };
    let begun = channel.app.write(home(member), move |tx| customers::begin_real_name(tx, &command));
    let check = begun.await.map_err(|error| match error {
        RealNameError::WrongIdNumber(_) => Failure::with(IDENTITY_WRONG, "身份证号码有误"),
        RealNameError::IdentityTaken => IDENTITY_TAKEN.into(),
        RealNameError::AlreadyVerified => IDENTITY_DIFFERS.into(),
        RealNameError::TooManyAttempts => TOO_OFTEN.into(),
        RealNameError::NoSuchCustomer => unauthorised(),
        RealNameError::Fault(fault) => fault.into(),
    })?;
    let question = check.question;
    let outcome = channel.app.check(move |provider| question.ask(provider)).await?;
    let finish =
        channel.app.write(home(member), move |tx| customers::finish(tx, check.id, &outcome));
    match finish.await {
        Ok(Finished::Verified) => Ok(()),
        Ok(Finished::Mismatch(why)) => Err(Failure::with(IDENTITY_WRONG, &why)),
        Ok(Finished::IdentityTaken) => Err(IDENTITY_TAKEN.into()),
        Ok(Finished::AlreadyVerified) => Err(IDENTITY_DIFFERS.into()),
        // Nobody can say now; that is no answer about the person.
        Ok(Finished::Unknown) => Err(BUSY.into()),
        Err(FinishError::NoSuchCheck) => Err(Fault::Corrupt("customer_check".into()).into()),
        Err(FinishError::Fault(fault)) => Err(fault.into()),
    }
}
