//! The rows of customers and persons.

pub(super) mod checks;
pub(super) mod doors;
pub(super) mod sheet;
pub(super) mod statements;
pub(super) mod told;

use kernel::id::{MemberId, PersonId};
use kernel::identity::{IdCardNo, IdFacts, Sex};
use kernel::{Channel, Instant, RealName};
use store::{Fault, Row, Vault, params};

use super::{Customer, Facts, Identity, Line, TimeSpan};
use crate::{Page, Tx, identity};

/// The series of person numbers.
const SERIES: &str = "person";
const ID_NO: &str = "person.id_no";
const NAME: &str = "person.name";
const RISK: &str = "customer.risk_note";
const LISTED: &str = "customer.blacklist_reason";
const REASON: &str = "blacklist.reason";

pub(super) fn insert_customer(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    channel: Channel,
) -> Result<(), Fault> {
    let insert = "INSERT INTO customer (member_id, channel, registered_at) VALUES (?1, ?2, ?3)";
    tx.execute(insert, params![member, channel.word(), tx.at.business]).map(|_| ())
}

/// A customer as their own row has them.
pub(super) struct Held {
    pub(super) channel: Channel,
    pub(super) person: Option<PersonId>,
    pub(super) mobile_verified: bool,
}

/// Locks a customer until the commit.
pub(super) fn lock(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Held>, Fault> {
    let select = "SELECT channel, person_id, mobile_at FROM customer WHERE member_id = ?1
        FOR UPDATE";
    tx.row(select, params![member], |row| {
        Ok(Held {
            channel: channel(row)?,
            person: row.opt_i64("person_id")?.map(PersonId::from_number),
            mobile_verified: row.opt_instant("mobile_at")?.is_some(),
        })
    })
}

fn channel(row: &Row<'_>) -> Result<Channel, Fault> {
    Channel::parse(&row.text("channel")?).ok_or(Fault::Corrupt("channel".into()))
}

fn read_identity(vault: &Vault, row: &Row<'_>, person: i64) -> Result<Identity, Fault> {
    let name = vault.open(NAME, person, &row.blob("name_sealed")?)?;
    let id_no = vault.open(ID_NO, person, &row.blob("id_no_sealed")?)?;
    Ok(Identity {
        person: PersonId::from_number(person),
        name: RealName::parse(&name).ok_or(Fault::Sealed(NAME))?,
        id_no: IdCardNo::parse(&id_no).ok_or(Fault::Sealed(ID_NO))?,
    })
}

/// What the row of a customer, their person and their counts say.
struct Known {
    channel: Channel,
    identity: Option<Identity>,
    mobile_verified: bool,
    listed: bool,
    risk_note: Option<Line>,
    contacts: i64,
    profiles: i64,
    statements: i64,
    sheets: i64,
    registered_at: Instant,
    erased_at: Option<Instant>,
}

const KNOWN: &str = "SELECT c.member_id, c.channel, c.person_id, c.mobile_at,
        c.blacklist_reason_sealed, c.risk_note_sealed, c.registered_at, c.erased_at,
        p.name_sealed, p.id_no_sealed,
        (SELECT COUNT(*) FROM blacklist b WHERE b.id_no_index = p.id_no_index) AS listed,
        (SELECT COUNT(*) FROM customer_contact k WHERE k.member_id = c.member_id) AS contacts,
        (SELECT COUNT(*) FROM customer_profile f WHERE f.member_id = c.member_id) AS profiles,
        (SELECT COUNT(*) FROM customer_statement s WHERE s.member_id = c.member_id
            AND s.section IN ('home', 'work', 'relations')) AS statements,
        (SELECT COUNT(*) FROM customer_sheet t WHERE t.member_id = c.member_id) AS sheets
    FROM customer c LEFT JOIN person p ON p.person_id = c.person_id WHERE c.member_id = ?1";

fn read_known(vault: &Vault, row: &Row<'_>) -> Result<Known, Fault> {
    let member = row.i64("member_id")?;
    let person = row.opt_i64("person_id")?;
    let identity = person.map(|person| read_identity(vault, row, person)).transpose()?;
    let open = |sealed: Vec<u8>| {
        Line::parse(&vault.open(RISK, member, &sealed)?).ok_or(Fault::Sealed(RISK))
    };
    let listed = row.opt_blob("blacklist_reason_sealed")?.is_some() || row.i64("listed")? > 0;
    Ok(Known {
        channel: channel(row)?,
        identity,
        mobile_verified: row.opt_instant("mobile_at")?.is_some(),
        listed,
        risk_note: row.opt_blob("risk_note_sealed")?.map(open).transpose()?,
        contacts: row.i64("contacts")?,
        profiles: row.i64("profiles")?,
        statements: row.i64("statements")?,
        sheets: row.i64("sheets")?,
        registered_at: row.instant("registered_at")?,
        erased_at: row.opt_instant("erased_at")?,
    })
}

pub(super) fn customer(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Customer>, Fault> {
    let vault = tx.vault;
    let Some(known) = tx.row(KNOWN, params![member], |row| read_known(vault, row))? else {
        return Ok(None);
    };
    let account = identity::member(tx, member)?.ok_or(Fault::Corrupt("customer".into()))?;
    let needed = i64::from(tx.policy.customers.contacts_needed);
    Ok(Some(Customer {
        member,
        channel: known.channel,
        mobile: account.mobile,
        identity: known.identity,
        card: checks::active_card(tx, member)?,
        mobile_verified: known.mobile_verified,
        profile_complete: match known.channel {
            Channel::Futureloan | Channel::Xianjindai | Channel::Shuaidan => {
                known.profiles > 0 && known.contacts >= needed
            }
            Channel::Wukong => known.statements == 3,
            Channel::Chaojihua => known.sheets > 0,
        },
        blacklisted: known.listed,
        risky: known.risk_note.is_some(),
        risk_note: known.risk_note,
        blocked: account.blocked,
        registered_at: known.registered_at,
        erased_at: known.erased_at,
    }))
}

pub(super) fn members_of(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    page: Page,
) -> Result<Vec<MemberId>, Fault> {
    let select = "SELECT member_id FROM customer WHERE channel = ?1
        ORDER BY member_id LIMIT ?2 OFFSET ?3";
    let params = params![channel.word(), page.size(), page.offset()];
    tx.rows(select, params, |row| row.i64("member_id").map(MemberId::from_number))
}

pub(super) fn accounts_of(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<MemberId>, Fault> {
    let select = "SELECT member_id FROM customer WHERE person_id = ?1 ORDER BY member_id";
    tx.rows(select, params![person], |row| row.i64("member_id").map(MemberId::from_number))
}

pub(super) fn find_person(
    tx: &mut Tx<'_, '_>,
    id_no: &IdCardNo,
) -> Result<Option<PersonId>, Fault> {
    let index = tx.vault.blind_index(ID_NO, id_no.expose());
    let select = "SELECT person_id FROM person WHERE id_no_index = ?1";
    let found = tx.row(select, params![&index], |row| row.i64("person_id"))?;
    Ok(found.map(PersonId::from_number))
}

pub(super) fn identity_of(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Identity, Fault> {
    let vault = tx.vault;
    let select = "SELECT name_sealed, id_no_sealed FROM person WHERE person_id = ?1";
    let found =
        tx.row(select, params![person], |row| read_identity(vault, row, person.number()))?;
    found.ok_or(Fault::Corrupt("person".into()))
}

/// Whether another customer of the channel is this person.
pub(super) fn is_taken(
    tx: &mut Tx<'_, '_>,
    channel: Channel,
    id_no: &IdCardNo,
) -> Result<bool, Fault> {
    let index = tx.vault.blind_index(ID_NO, id_no.expose());
    let select = "SELECT c.member_id FROM customer c JOIN person p ON p.person_id = c.person_id
        WHERE p.id_no_index = ?1 AND c.channel = ?2";
    let params = params![&index, channel.word()];
    Ok(tx.row(select, params, |row| row.i64("member_id"))?.is_some())
}

/// The person with this id number, who is written down where they are new, locked until the
/// commit. The name becomes the one that was confirmed last.
pub(super) fn hold_person(
    tx: &mut Tx<'_, '_>,
    name: &RealName,
    id_no: &IdCardNo,
    facts: &IdFacts,
) -> Result<PersonId, Fault> {
    let index = tx.vault.blind_index(ID_NO, id_no.expose());
    let select = "SELECT person_id FROM person WHERE id_no_index = ?1 FOR UPDATE";
    let read = |row: &Row<'_>| row.i64("person_id");
    let mut person = tx.row(select, params![&index], read)?;
    if person.is_none() {
        let fresh = tx.store.next_number(SERIES)?;
        let number = tx.vault.seal(ID_NO, fresh, id_no.expose())?;
        let sealed = tx.vault.seal(NAME, fresh, name.expose())?;
        let sex = match facts.sex {
            Sex::Female => "female",
            Sex::Male => "male",
        };
        let region = id_no.expose().get(..6).unwrap_or_default();
        let insert = "INSERT INTO person (person_id, id_no_sealed, id_no_index, name_sealed,
                born_day, sex, region, known_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (id_no_index) DO NOTHING";
        let (born, now) = (facts.born, tx.at.business);
        tx.execute(insert, params![fresh, &number, &index, &sealed, born, sex, region, now])?;
        // A rival may have been quicker.
        person = tx.row(select, params![&index], read)?;
    }
    let person = person.ok_or(Fault::Corrupt("person".into()))?;
    let sealed = tx.vault.seal(NAME, person, name.expose())?;
    let update = "UPDATE person SET name_sealed = ?2 WHERE person_id = ?1";
    tx.execute(update, params![person, &sealed])?;
    Ok(PersonId::from_number(person))
}

/// Binds a customer to a person whose row is locked; false if another customer of the channel is
/// that person, or this one is somebody already.
pub(super) fn bind(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    channel: Channel,
    person: PersonId,
) -> Result<bool, Fault> {
    let update = "UPDATE customer SET person_id = ?2, real_name_at = ?4
        WHERE member_id = ?1 AND person_id IS NULL AND NOT EXISTS
        (SELECT 1 FROM customer o WHERE o.channel = ?3 AND o.person_id = ?2)";
    let params = params![member, person, channel.word(), tx.at.business];
    Ok(tx.execute(update, params)? == 1)
}

pub(super) fn set_mobile_verified(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<(), Fault> {
    let update = "UPDATE customer SET mobile_at = ?2 WHERE member_id = ?1 AND mobile_at IS NULL";
    tx.execute(update, params![member, tx.at.business]).map(|_| ())
}

/// Puts a person on the blacklist, or renews the reason.
pub(super) fn list(tx: &mut Tx<'_, '_>, id_no: &IdCardNo, reason: &Line) -> Result<(), Fault> {
    let index = tx.vault.blind_index(ID_NO, id_no.expose());
    let delete = "DELETE FROM blacklist WHERE id_no_index = ?1";
    tx.execute(delete, params![&index])?;
    let id = tx.ids.take(tx.at.wall, 1);
    let sealed = tx.vault.seal(REASON, id, reason.expose())?;
    let insert = "INSERT INTO blacklist (blacklist_id, id_no_index, reason_sealed, listed_at)
        VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id_no_index) DO NOTHING";
    tx.execute(insert, params![id, &index, &sealed, tx.at.business]).map(|_| ())
}

/// Takes a person off the blacklist, with all their accounts; whether they were on it.
pub(super) fn unlist(tx: &mut Tx<'_, '_>, id_no: &IdCardNo) -> Result<bool, Fault> {
    let index = tx.vault.blind_index(ID_NO, id_no.expose());
    let delete = "DELETE FROM blacklist WHERE id_no_index = ?1";
    Ok(tx.execute(delete, params![&index])? == 1)
}

/// Notes on an account why it is blacklisted, or that it is not.
pub(super) fn set_listed(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    reason: Option<&Line>,
) -> Result<(), Fault> {
    let seal = |reason: &Line| tx.vault.seal(LISTED, member.number(), reason.expose());
    let sealed = reason.map(seal).transpose()?;
    let update = "UPDATE customer SET blacklist_reason_sealed = ?2 WHERE member_id = ?1";
    tx.execute(update, params![member, sealed.as_ref()]).map(|_| ())
}

/// Why an account is blacklisted, taken from it: for the person that it turns out to be.
pub(super) fn take_listed(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Line>, Fault> {
    let vault = tx.vault;
    let select = "SELECT blacklist_reason_sealed FROM customer
        WHERE member_id = ?1 AND blacklist_reason_sealed IS NOT NULL";
    let reason = tx.row(select, params![member], |row| {
        vault.open(LISTED, member.number(), &row.blob("blacklist_reason_sealed")?)
    })?;
    let Some(reason) = reason else { return Ok(None) };
    set_listed(tx, member, None)?;
    Line::parse(&reason).map(Some).ok_or(Fault::Sealed(LISTED))
}

pub(super) fn set_risk(
    tx: &mut Tx<'_, '_>,
    member: MemberId,
    note: Option<&Line>,
) -> Result<(), Fault> {
    let seal = |note: &Line| tx.vault.seal(RISK, member.number(), note.expose());
    let sealed = note.map(seal).transpose()?;
    let update = "UPDATE customer SET risk_note_sealed = ?2 WHERE member_id = ?1";
    tx.execute(update, params![member, sealed.as_ref()]).map(|_| ())
}

pub(super) fn facts(tx: &mut Tx<'_, '_>, member: MemberId) -> Result<Option<Facts>, Fault> {
    let select = "SELECT c.person_id, c.blacklist_reason_sealed, c.risk_note_sealed,
            c.registered_at, p.born_day, p.sex, p.region, f.monthly_income_fen, f.working_time,
            (SELECT COUNT(*) FROM blacklist b WHERE b.id_no_index = p.id_no_index) AS listed
        FROM customer c JOIN person p ON p.person_id = c.person_id
        LEFT JOIN customer_profile f ON f.member_id = c.member_id WHERE c.member_id = ?1";
    tx.row(select, params![member], |row| {
        let sex = match row.text("sex")?.as_str() {
            "female" => Sex::Female,
            "male" => Sex::Male,
            _ => return Err(Fault::Corrupt("sex".into())),
        };
        let earns = row.opt_i64("monthly_income_fen")?.is_some();
        let time = row.opt_text("working_time")?;
        let time = time.map(|word| TimeSpan::from_word(&word).ok_or(Fault::Corrupt(word)));
        let account = row.opt_blob("blacklist_reason_sealed")?.is_some();
        Ok(Facts {
            person: PersonId::from_number(row.i64("person_id")?),
            born: row.day("born_day")?,
            sex,
            region: row.text("region")?,
            monthly_income: if earns { Some(row.money("monthly_income_fen")?) } else { None },
            working_time: time.transpose()?,
            blacklisted: account || row.i64("listed")? > 0,
            risky: row.opt_blob("risk_note_sealed")?.is_some(),
            registered_at: row.instant("registered_at")?,
        })
    })
}

/// Every table of customers, children first.
pub(super) fn wipe(tx: &mut Tx<'_, '_>) -> Result<(), Fault> {
    for delete in [
        "DELETE FROM consent",
        "DELETE FROM phone_book_part",
        "DELETE FROM customer_contact",
        "DELETE FROM customer_profile",
        "DELETE FROM customer_statement",
        "DELETE FROM customer_sheet",
        "DELETE FROM customer_device",
        "DELETE FROM customer_session",
        "DELETE FROM captcha",
        "DELETE FROM door_proof",
        "DELETE FROM sms_code",
        "DELETE FROM rate_window",
        "DELETE FROM card_guard",
        "DELETE FROM customer_check",
        "DELETE FROM customer_card",
        "DELETE FROM customer",
        "DELETE FROM blacklist",
        "DELETE FROM person",
    ] {
        tx.execute(delete, params![])?;
    }
    tx.store.set_number(SERIES, 0)
}
