//! The rows of what customers tell: profiles, contacts, phone books, consents.

use kernel::id::{ContactId, MemberId};
use store::{Fault, Row, Vault, params};

use crate::Tx;
use crate::customers::consents::{Consent, Purpose};
use crate::customers::phone_book::Entry;
use crate::customers::{
    Contact, Education, Industry, Line, MaritalStatus, NewContact, Phone, Place, Profile,
    RegionCode, Relation, TimeSpan,
};

const REGISTRY: &str = "customer_profile.registry_detail";
const HOME: &str = "customer_profile.home_detail";
const WORK: &str = "customer_profile.work_detail";
const EMPLOYER: &str = "customer_profile.employer";
const POSITION: &str = "customer_profile.position";
const NAME: &str = "customer_contact.name";
const PHONE: &str = "customer_contact.phone";
const PART: &str = "phone_book_part.part";

pub(in crate::customers) fn put_profile(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    profile: &Profile,
) -> Result<(), Fault> {
    let (vault, row) = (tx.vault, member.number());
    let seal = |column, line: &Line| vault.seal(column, row, line.expose());
    let registry = seal(REGISTRY, &profile.registry.detail)?;
    let home = seal(HOME, &profile.home.detail)?;
    let work = seal(WORK, &profile.work.detail)?;
    let employer = seal(EMPLOYER, &profile.employer)?;
    let position = seal(POSITION, &profile.position)?;
    let county = |place: &Place| place.county.as_ref().map_or(String::new(), |c| c.digits().into());
    let (home_county, work_county) = (county(&profile.home), county(&profile.work));
    tx.execute("DELETE FROM customer_profile WHERE member_id = ?1", params![member])?;
    let insert = "INSERT INTO customer_profile (member_id, education, marital_status,
            registry_province, registry_city, registry_detail_sealed, home_province, home_city,
            home_county, home_detail_sealed, residence, industry, work_province, work_city,
            work_county, work_detail_sealed, working_time, employer_sealed, position_sealed,
            monthly_income_fen, payroll_day, saved_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
            ?19, ?20, ?21, ?22)";
    let params = params![
        member,
        profile.education.word(),
        profile.marital_status.word(),
        profile.registry.province.digits(),
        profile.registry.city.digits(),
        &registry,
        profile.home.province.digits(),
        profile.home.city.digits(),
        &home_county,
        &home,
        profile.residence.word(),
        profile.industry.word(),
        profile.work.province.digits(),
        profile.work.city.digits(),
        &work_county,
        &work,
        profile.working_time.word(),
        &employer,
        &position,
        profile.monthly_income,
        profile.payroll_day,
        tx.at.business
    ];
    tx.execute(insert, params).map(|_| ())
}

fn corrupt(column: &str) -> Fault {
    Fault::Corrupt(column.to_owned())
}

fn region(row: &Row<'_>, column: &str) -> Result<RegionCode, Fault> {
    RegionCode::parse(&row.text(column)?).ok_or_else(|| corrupt(column))
}

/// Opens a sealed line: `column` is where it is bound to, `from` the column that holds it.
fn line(
    vault: &Vault,
    row: &Row<'_>,
    column: &'static str,
    key: i64,
    from: &str,
) -> Result<Line, Fault> {
    let text = vault.open(column, key, &row.blob(from)?)?;
    Line::parse(&text).ok_or(Fault::Sealed(column))
}

pub(in crate::customers) fn profile(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Option<Profile>, Fault> {
    let vault = tx.vault;
    let select = "SELECT education, marital_status, registry_province, registry_city,
            registry_detail_sealed, home_province, home_city, home_county, home_detail_sealed,
            residence, industry, work_province, work_city, work_county, work_detail_sealed,
            working_time, employer_sealed, position_sealed, monthly_income_fen, payroll_day
        FROM customer_profile WHERE member_id = ?1";
    tx.row(select, params![member], |row| read_profile(vault, row, member.number()))
}

fn read_profile(vault: &Vault, row: &Row<'_>, key: i64) -> Result<Profile, Fault> {
    let span =
        |column: &str| TimeSpan::from_word(&row.text(column)?).ok_or_else(|| corrupt(column));
    let marital_status = MaritalStatus::from_word(&row.text("marital_status")?);
    Ok(Profile {
        education: Education::from_word(&row.text("education")?)
            .ok_or_else(|| corrupt("education"))?,
        marital_status: marital_status.ok_or_else(|| corrupt("marital_status"))?,
        registry: Place {
            province: region(row, "registry_province")?,
            city: region(row, "registry_city")?,
            county: None,
            detail: line(vault, row, REGISTRY, key, "registry_detail_sealed")?,
        },
        home: Place {
            province: region(row, "home_province")?,
            city: region(row, "home_city")?,
            county: Some(region(row, "home_county")?),
            detail: line(vault, row, HOME, key, "home_detail_sealed")?,
        },
        residence: span("residence")?,
        industry: Industry::from_word(&row.text("industry")?).ok_or_else(|| corrupt("industry"))?,
        work: Place {
            province: region(row, "work_province")?,
            city: region(row, "work_city")?,
            county: Some(region(row, "work_county")?),
            detail: line(vault, row, WORK, key, "work_detail_sealed")?,
        },
        working_time: span("working_time")?,
        employer: line(vault, row, EMPLOYER, key, "employer_sealed")?,
        position: line(vault, row, POSITION, key, "position_sealed")?,
        monthly_income: row.money("monthly_income_fen")?,
        payroll_day: u32::try_from(row.i64("payroll_day")?).map_err(|_| corrupt("payroll_day"))?,
    })
}

pub(in crate::customers) fn contacts(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Vec<Contact>, Fault> {
    let vault = tx.vault;
    let select = "SELECT contact_id, relation, name_sealed, phone_sealed FROM customer_contact
        WHERE member_id = ?1 ORDER BY contact_id";
    tx.rows(select, params![member], |row| {
        let id = row.i64("contact_id")?;
        let relation = Relation::from_word(&row.text("relation")?);
        let phone = vault.open(PHONE, id, &row.blob("phone_sealed")?)?;
        let told = NewContact {
            relation: relation.ok_or_else(|| corrupt("relation"))?,
            name: line(vault, row, NAME, id, "name_sealed")?,
            phone: Phone::parse(&phone).ok_or(Fault::Sealed(PHONE))?,
        };
        Ok(Contact { id: ContactId::from_number(id), told })
    })
}

pub(in crate::customers) fn owner_of_contact(
    tx: &mut Tx<'_, '_>,
    id: ContactId,
) -> Result<Option<MemberId>, Fault> {
    let select = "SELECT member_id FROM customer_contact WHERE contact_id = ?1";
    tx.row(select, params![id], |row| row.i64("member_id").map(MemberId::from_number))
}

pub(in crate::customers) fn insert_contact(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    contact: &NewContact,
) -> Result<ContactId, Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let phone = contact.phone.expose();
    let name = tx.vault.seal(NAME, id, contact.name.expose())?;
    let (sealed, index) = (tx.vault.seal(PHONE, id, phone)?, tx.vault.blind_index(PHONE, phone));
    let insert = "INSERT INTO customer_contact (contact_id, member_id, relation, name_sealed,
            phone_sealed, phone_index, added_at, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
    let word = contact.relation.word();
    tx.execute(insert, params![id, member, word, &name, &sealed, &index, tx.at.business])?;
    Ok(ContactId::from_number(id))
}

pub(in crate::customers) fn update_contact(
    tx: &mut Tx<'_, '_>,
    id: ContactId,
    contact: &NewContact,
) -> Result<(), Fault> {
    let (row, phone) = (id.number(), contact.phone.expose());
    let name = tx.vault.seal(NAME, row, contact.name.expose())?;
    let (sealed, index) = (tx.vault.seal(PHONE, row, phone)?, tx.vault.blind_index(PHONE, phone));
    let update = "UPDATE customer_contact SET relation = ?2, name_sealed = ?3, phone_sealed = ?4,
        phone_index = ?5, changed_at = ?6 WHERE contact_id = ?1";
    let word = contact.relation.word();
    tx.execute(update, params![id, word, &name, &sealed, &index, tx.at.business]).map(|_| ())
}

/// How many rows were forgotten.
pub(in crate::customers) fn drop_phone_book(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<u64, Fault> {
    tx.execute("DELETE FROM phone_book_part WHERE member_id = ?1", params![member])
}

/// Seals some entries: one on each line, number, tab, name. Neither can hold either sign.
pub(in crate::customers) fn insert_phone_book_part(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    entries: &[Entry],
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let line = |entry: &Entry| {
        let name = entry.name.as_ref().map_or("", Line::expose);
        format!("{}\t{name}\n", entry.phone.expose())
    };
    let text: String = entries.iter().map(line).collect();
    let sealed = tx.vault.seal(PART, id, &text)?;
    let count = i64::try_from(entries.len()).map_err(|_| corrupt("entries"))?;
    let insert = "INSERT INTO phone_book_part (part_id, member_id, entries, part_sealed, saved_at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(insert, params![id, member, count, &sealed, tx.at.business]).map(|_| ())
}

pub(in crate::customers) fn phone_book(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Vec<Entry>, Fault> {
    let vault = tx.vault;
    let select = "SELECT part_id, part_sealed FROM phone_book_part WHERE member_id = ?1
        ORDER BY part_id";
    let parts = tx.rows(select, params![member], |row| {
        vault.open(PART, row.i64("part_id")?, &row.blob("part_sealed")?)
    })?;
    let mut entries = Vec::new();
    for text in parts.iter().flat_map(|part| part.lines()) {
        let (phone, name) = text.split_once('\t').ok_or(Fault::Sealed(PART))?;
        let phone = Phone::parse(phone).ok_or(Fault::Sealed(PART))?;
        entries.push(Entry { phone, name: Line::parse(name) });
    }
    Ok(entries)
}

pub(in crate::customers) fn phone_book_size(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<i64, Fault> {
    let select = "SELECT CAST(COALESCE(SUM(entries), 0) AS BIGINT) AS entries
        FROM phone_book_part WHERE member_id = ?1";
    Ok(tx.row(select, params![member], |row| row.i64("entries"))?.unwrap_or(0))
}

pub(in crate::customers) fn insert_consent(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    purpose: Purpose,
    version: &str,
) -> Result<(), Fault> {
    let id = tx.ids.take(tx.at.wall, 1);
    let insert = "INSERT INTO consent (consent_id, member_id, purpose, text_version, given_at)
        VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let params = params![id, member, purpose.word(), version, tx.at.business];
    tx.execute(insert, params).map(|_| ())
}

/// Whether there was one in force.
pub(in crate::customers) fn withdraw_consent(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    purpose: Purpose,
) -> Result<bool, Fault> {
    let update = "UPDATE consent SET withdrawn_at = ?3
        WHERE member_id = ?1 AND purpose = ?2 AND withdrawn_at IS NULL";
    Ok(tx.execute(update, params![member, purpose.word(), tx.at.business])? > 0)
}

pub(in crate::customers) fn consents(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
) -> Result<Vec<Consent>, Fault> {
    let select = "SELECT purpose, text_version, given_at, withdrawn_at FROM consent
        WHERE member_id = ?1 ORDER BY consent_id";
    tx.rows(select, params![member], |row| {
        let purpose = Purpose::from_word(&row.text("purpose")?);
        Ok(Consent {
            purpose: purpose.ok_or_else(|| corrupt("purpose"))?,
            text_version: row.text("text_version")?,
            given_at: row.instant("given_at")?,
            withdrawn_at: row.opt_instant("withdrawn_at")?,
        })
    })
}
