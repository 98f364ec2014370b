//! What a customer tells: home, work and contacts (§33 to §35).

use channel_kit::{Field, Scalar};
use kernel::Money;
use kernel::id::ContactId;
use lending::customers::{
    self, Contact, ContactError, Education, Industry, Line, MaritalStatus, NewContact, Phone,
    Place, Profile, ProfileError, ProfileField, RegionCode, Relation, TimeSpan,
};
use lending::{Fault, Route};

use crate::Xianjindai;
use crate::call::Call;
use crate::envelope::Reply;
use crate::failure::{
    CONTACT_OWN, CONTACT_SAVED, CONTACT_TWICE, CONTACTS_MANY, FIELD_MISSING, FIELD_WRONG, Failure,
    NO_RIGHT, NO_SUCH_CONTACT, PROFILE_FOUND, PROFILE_SAVED, SESSION_GONE,
};
use crate::ids::{self, Kind};
use crate::section::{optional, section, text};
use crate::wire::answers::{ContactData, MaritalData, ProfileData};
use crate::wire::{ContactBody, ProfileBody, values};

section! {
    PROFILE: "/appCommonApi/getPerfectUserInfo", "完善信息，查看 (§33)", SESSION;
    fields: [];
    refusals: [];
    success: PROFILE_FOUND, Plain, r#"{"education":"5","maritalStatus":"1","registry_province":"110000","registry_city":"110000","registry_detail":"…","house_address_province":"110000","house_address_city":"110000","house_address_county":"110108","house_address_detail":"…","residenceLength":"04","industryType":"3","work_address_province":"110000","work_address_city":"110000","work_address_county":"110108","work_address_detail":"…","workingHours":"04","currentWorkInfo":"…","currentPosition":"…","monthIncome":"10000","payrollDay":"10","relShipList":[{"id":"00000000-0000-8000-8000-000000000000","relType":"6","realName":"…","phoneNum":"13800000002"}]}"#;
}

pub(crate) async fn profile(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let (profile, contacts) = channel
        .app
        .read(move |tx| {
            let profile = customers::profile(tx, member)?;
            Ok::<_, Fault>((profile, customers::contacts(tx, member)?))
        })
        .await?;
    let contacts = contacts.iter().map(contact_data).collect();
    Reply::of(&profile_data(profile.as_ref(), channel.settings.spells_martial, contacts))
}

fn contact_data(contact: &Contact) -> ContactData {
    ContactData {
        id: ids::text(Kind::Contact, contact.id.number()),
        rel_type: contact.told.relation.number().to_string(),
        real_name: contact.told.name.expose().to_owned(),
        phone_num: contact.told.phone.expose().to_owned(),
    }
}

/// Before anything is told, every text is empty.
fn profile_data(
    profile: Option<&Profile>,
    spells_martial: bool,
    rel_ship_list: Vec<ContactData>,
) -> ProfileData {
    let text = |of: fn(&Profile) -> String| profile.map(of).unwrap_or_default();
    let county = |place: &Place| place.county.as_ref().map(region).unwrap_or_default();
    let marital = text(|p| p.marital_status.number().to_string());
    ProfileData {
        education: text(|p| p.education.number().to_string()),
        marital_status: if spells_martial {
            MaritalData::Client(marital)
        } else {
            MaritalData::Document(marital)
        },
        registry_province: text(|p| region(&p.registry.province)),
        registry_city: text(|p| region(&p.registry.city)),
        registry_detail: text(|p| line(&p.registry.detail)),
        house_address_province: text(|p| region(&p.home.province)),
        house_address_city: text(|p| region(&p.home.city)),
        house_address_county: profile.map(|p| county(&p.home)).unwrap_or_default(),
        house_address_detail: text(|p| line(&p.home.detail)),
        residence_length: text(|p| two_digits(p.residence)),
        industry_type: text(|p| p.industry.number().to_string()),
        work_address_province: text(|p| region(&p.work.province)),
        work_address_city: text(|p| region(&p.work.city)),
        work_address_county: profile.map(|p| county(&p.work)).unwrap_or_default(),
        work_address_detail: text(|p| line(&p.work.detail)),
        working_hours: text(|p| two_digits(p.working_time)),
        current_work_info: text(|p| line(&p.employer)),
        current_position: text(|p| line(&p.position)),
        month_income: text(|p| values::short(p.monthly_income)),
        payroll_day: text(|p| p.payroll_day.to_string()),
        rel_ship_list,
    }
}

fn region(code: &RegionCode) -> String {
    code.digits().to_owned()
}

fn line(line: &Line) -> String {
    line.expose().to_owned()
}

fn two_digits(span: TimeSpan) -> String {
    format!("{:02}", span.number())
}

/// Spelt so by clients that were built from a print of the document.
const MARITAL_OTHERWISE: Field = optional("martialStatus", "婚姻状况，同maritalStatus");

section! {
    SAVE_PROFILE: "/appCommonApi/savePerfectUserInfo", "完善信息，保存 (§34)", SESSION;
    fields: [
        text("education", "学历 1.小学 2.初中 3.中专/高中 4.专科 5.本科 6.硕士研究生 7.博士研究生"),
        text("maritalStatus", "婚姻状况 1.未婚 2.已婚无子女 3.已婚有子女 4.其他"),
        MARITAL_OTHERWISE,
        text("registry_province", "户籍所在省"),
        text("registry_city", "户籍所在市"),
        text("registry_detail", "户籍所在详情"),
        text("house_address_province", "居住省份"),
        text("house_address_city", "居住城市"),
        text("house_address_county", "居住区"),
        text("house_address_detail", "现住址详细地址"),
        text("residenceLength", "居住时长 01：3个月及以下 02：3个月-6个月 03：6个月-1年 04：1年-3年 05：3年以上"),
        text("industryType", "行业 1至14"),
        text("work_address_province", "单位地址-省"),
        text("work_address_city", "单位地址-市"),
        text("work_address_county", "单位地址-区"),
        text("work_address_detail", "单位地址-详细"),
        text("workingHours", "工作时长 01至05"),
        text("currentWorkInfo", "单位名称"),
        text("currentPosition", "职位"),
        text("monthIncome", "月收入"),
        text("payrollDay", "工资发放日（1~31日）"),
    ];
    refusals: [FIELD_MISSING, FIELD_WRONG];
    success: PROFILE_SAVED, Plain, r#""""#;
}

pub(crate) async fn save_profile(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let profile = told(&call)?;
    let route = Route::home(member.number());
    let saved =
        channel.app.write(route, move |tx| customers::save_profile(tx, member, &profile)).await;
    saved.map_err(|error| match error {
        ProfileError::NoSuchCustomer => SESSION_GONE.into(),
        ProfileError::Invalid(field) => Failure::with(FIELD_WRONG, name_of(field)),
        ProfileError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

fn told(call: &Call) -> Result<Profile, Failure> {
    let body: ProfileBody<'_> = call.read()?;
    let (marital, otherwise) = (body.marital_status(), body.martial_status());
    let marital = if marital.is_missing() { otherwise } else { marital };
    let registry = Place {
        province: region_of(&body.registry_province(), "registry_province")?,
        city: region_of(&body.registry_city(), "registry_city")?,
        county: None,
        detail: line_of(&body.registry_detail(), "registry_detail")?,
    };
    let home = Place {
        province: region_of(&body.house_address_province(), "house_address_province")?,
        city: region_of(&body.house_address_city(), "house_address_city")?,
        county: Some(region_of(&body.house_address_county(), "house_address_county")?),
        detail: line_of(&body.house_address_detail(), "house_address_detail")?,
    };
    let work = Place {
        province: region_of(&body.work_address_province(), "work_address_province")?,
        city: region_of(&body.work_address_city(), "work_address_city")?,
        county: Some(region_of(&body.work_address_county(), "work_address_county")?),
        detail: line_of(&body.work_address_detail(), "work_address_detail")?,
    };
    Ok(Profile {
        education: chosen(&body.education(), "education", Education::from_number)?,
        marital_status: chosen(&marital, "maritalStatus", MaritalStatus::from_number)?,
        registry,
        home,
        residence: chosen(&body.residence_length(), "residenceLength", TimeSpan::from_number)?,
        industry: chosen(&body.industry_type(), "industryType", Industry::from_number)?,
        work,
        working_time: chosen(&body.working_hours(), "workingHours", TimeSpan::from_number)?,
        employer: line_of(&body.current_work_info(), "currentWorkInfo")?,
        position: line_of(&body.current_position(), "currentPosition")?,
        monthly_income: read(&body.month_income(), "monthIncome", income)?,
        payroll_day: read(&body.payroll_day(), "payrollDay", values::choice)?,
    })
}

/// Reads a field that must be there.
fn read<T>(
    field: &Scalar<'_>,
    name: &str,
    parse: impl Fn(&Scalar<'_>) -> Option<T>,
) -> Result<T, Failure> {
    values::required(field, name)?;
    parse(field).ok_or_else(|| Failure::with(FIELD_WRONG, name))
}

fn chosen<T>(field: &Scalar<'_>, name: &str, row: fn(u32) -> Option<T>) -> Result<T, Failure> {
    read(field, name, |field| values::choice(field).and_then(row))
}

fn region_of(field: &Scalar<'_>, name: &str) -> Result<RegionCode, Failure> {
    read(field, name, |field| RegionCode::parse(field.text()?.trim()))
}

fn line_of(field: &Scalar<'_>, name: &str) -> Result<Line, Failure> {
    read(field, name, |field| Line::parse(field.text()?))
}

fn income(field: &Scalar<'_>) -> Option<Money> {
    field.decimal()?.to_yuan()
}

const fn name_of(field: ProfileField) -> &'static str {
    match field {
        ProfileField::Education => "education",
        ProfileField::MaritalStatus => "maritalStatus",
        ProfileField::RegistryProvince => "registry_province",
        ProfileField::RegistryCity => "registry_city",
        ProfileField::RegistryDetail => "registry_detail",
        ProfileField::HomeProvince => "house_address_province",
        ProfileField::HomeCity => "house_address_city",
        ProfileField::HomeCounty => "house_address_county",
        ProfileField::HomeDetail => "house_address_detail",
        ProfileField::Residence => "residenceLength",
        ProfileField::Industry => "industryType",
        ProfileField::WorkProvince => "work_address_province",
        ProfileField::WorkCity => "work_address_city",
        ProfileField::WorkCounty => "work_address_county",
        ProfileField::WorkDetail => "work_address_detail",
        ProfileField::WorkingTime => "workingHours",
        ProfileField::Employer => "currentWorkInfo",
        ProfileField::Position => "currentPosition",
        ProfileField::MonthlyIncome => "monthIncome",
        ProfileField::PayrollDay => "payrollDay",
    }
}

section! {
    CONTACT: "/appCommonApi/saveOrUpdateRelShip", "新增、修改联系人信息 (§35)", SESSION;
    fields: [
        optional("id", "联系人记录ID，操作类型为update时必填"),
        text("operType", "操作类型 add：新建联系人 update：修改联系人"),
        text("relType", "1：父母 2：子女 3：兄弟姐妹 7：配偶 9：祖父母 4：同事 6：朋友"),
        text("realName", "姓名"),
        text("phoneNum", "联系电话"),
    ];
    refusals: [
        FIELD_MISSING, FIELD_WRONG, NO_SUCH_CONTACT, NO_RIGHT, CONTACT_OWN, CONTACT_TWICE,
        CONTACTS_MANY
    ];
    success: CONTACT_SAVED, Plain, r#""""#;
}

pub(crate) async fn save_contact(channel: Xianjindai, call: Call) -> Result<Reply, Failure> {
    let member = call.member()?;
    let (known, contact) = contact(&call)?;
    let route = Route::home(member.number());
    let saved = channel.app.write(route, move |tx| match known {
        None => customers::add_contact(tx, member, &contact).map(|_| ()),
        Some(id) => customers::update_contact(tx, member, id, &contact),
    });
    saved.await.map_err(|error| match error {
        ContactError::NoSuchCustomer => SESSION_GONE.into(),
        ContactError::NoSuchContact => NO_SUCH_CONTACT.into(),
        ContactError::NotYours => NO_RIGHT.into(),
        ContactError::OwnNumber => CONTACT_OWN.into(),
        ContactError::Duplicate => CONTACT_TWICE.into(),
        ContactError::TooMany => CONTACTS_MANY.into(),
        ContactError::Fault(fault) => Failure::from(fault),
    })?;
    Ok(Reply::done())
}

/// The contact, and which one it is to take the place of.
fn contact(call: &Call) -> Result<(Option<ContactId>, NewContact), Failure> {
    let body: ContactBody<'_> = call.read()?;
    let known = match &*values::required(&body.oper_type(), "operType")? {
        "add" => None,
        "update" => Some(values::required(&body.id(), "id")?),
        _ => return Err(Failure::with(FIELD_WRONG, "operType")),
    };
    let contact = NewContact {
        relation: chosen(&body.rel_type(), "relType", Relation::from_number)?,
        name: line_of(&body.real_name(), "realName")?,
        phone: read(&body.phone_num(), "phoneNum", |field| Phone::parse(field.text()?))?,
    };
    let number = |id: String| ids::number(Kind::Contact, &id).ok_or(NO_SUCH_CONTACT);
    let known = known.map(number).transpose()?.map(ContactId::from_number);
    Ok((known, contact))
}
